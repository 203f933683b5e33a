//! What the HTML page shows, as the template takes it: printable text and numbers, nothing to be reckoned there.

use std::collections::BTreeMap;

use serde::Serialize;

use super::causes::Causes;
use crate::report::coverage::{self, Coverage, Row};
use crate::report::diff::DiffLine;
use crate::report::snapshots::{self, Change};
use crate::report::summary::{Reasons, Summary};
use crate::report::{flaky, gate, waivers, without_commands};
use crate::text::shorten;
use crate::verdict::{ClauseOutcome, Footer, Outcome, Verdict};

/// How many characters of a title, statement or value.
const LINE: usize = 1_000;
/// How many waivers are told of.
const WAIVERS: usize = 1_000;

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    suite: String,
    title: String,
    verdict: Word,
    reason: Option<String>,
    interrupted: Option<String>,
    gate: Option<String>,
    waivers: Vec<WaiverView>,
    more_waivers: usize,
    flaky: ReasonList,
    flaky_says: Option<String>,
    /// What cases were chosen by, where not all were.
    only: Option<String>,
    strict: bool,
    facts: Vec<(&'static str, String)>,
    total: usize,
    counts: Vec<Count>,
    funnel: Vec<Count>,
    ambiguous: usize,
    read: usize,
    outcomes: Vec<Count>,
    groups: Vec<ClauseGroup>,
    violations: Causes,
    deviations: Causes,
    snapshots: Option<Snapshots>,
    readings: Vec<Reading>,
    errors: ReasonList,
    inconclusive: ReasonList,
    skipped: ReasonList,
    left: Vec<[String; 3]>,
    left_more: usize,
    version: String,
}

/// A word with what marks it: a class for its colour and a sign for those who don't see that.
#[derive(Debug, Serialize)]
struct Word {
    word: &'static str,
    class: &'static str,
    sign: char,
}

/// A waiver that was met.
#[derive(Debug, Serialize)]
struct WaiverView {
    word: Word,
    says: String,
}

/// What became of the snapshots.
#[derive(Debug, Serialize)]
struct Snapshots {
    sum: String,
    failing: usize,
    untidy: Vec<(&'static str, String)>,
    list: Vec<ChangeView>,
    more: usize,
}

/// A snapshot that is changed or missing.
#[derive(Debug, Serialize)]
struct ChangeView {
    state: Word,
    id: String,
    title: String,
    says: String,
    diff: Vec<DiffLine>,
}

/// A number with its share of a bar, in percent.
#[derive(Debug, Serialize)]
struct Count {
    word: &'static str,
    class: &'static str,
    sign: char,
    count: usize,
    from: String,
    width: String,
}

/// Clauses whose ids begin with the same word.
#[derive(Debug, Serialize)]
struct ClauseGroup {
    word: String,
    clauses: Vec<Clause>,
}

#[derive(Debug, Serialize)]
struct Clause {
    id: String,
    short: String,
    level: &'static str,
    outcome: Word,
    says: String,
    source: String,
    sides: Vec<SideView>,
    violations: usize,
    deviations: usize,
    waived: usize,
    violation: Option<usize>,
    deviation: Option<usize>,
    readings: Vec<(String, usize)>,
    /// The mutants that break it.
    mutants: Vec<String>,
    cases: Vec<CaseLine>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct SideView {
    polarity: &'static str,
    shown: usize,
    untestable: Option<String>,
    untested: Option<String>,
}

#[derive(Debug, Serialize)]
struct CaseLine {
    id: String,
    polarity: Option<&'static str>,
    outcome: Word,
}

#[derive(Debug, Serialize)]
struct Reading {
    clause: String,
    says: String,
    readings: Vec<(String, usize)>,
}

#[derive(Debug, Serialize)]
struct ReasonList {
    count: usize,
    list: Vec<ReasonView>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct ReasonView {
    why: String,
    count: usize,
    ids: Vec<String>,
    more: usize,
}

impl Page {
    /// The page for a run, with at most about `limit` bytes of its causes and exchanges.
    pub(super) fn new(ledger: &Summary, footer: &Footer, limit: usize) -> Self {
        let coverage = Coverage::new(ledger, footer);
        let header = ledger.header.as_ref();
        let of = |text: Option<&String>| text.map(|text| line(text)).unwrap_or_default();
        // Two thirds are for the violations; what they leave goes to the deviations.
        let mut room = limit / 3 * 2;
        let violations = Causes::new(ledger, &ledger.violations, &mut room);
        room += limit / 3;
        let deviations = Causes::new(ledger, &ledger.deviations, &mut room);
        let (ambiguous, read) = coverage.readings();
        let mut waivers: Vec<WaiverView> = waivers::lines(footer).into_iter().map(waiver).collect();
        let more_waivers = waivers.len().saturating_sub(WAIVERS);
        waivers.truncate(WAIVERS);
        Self {
            suite: of(header.map(|header| &header.suite)),
            title: of(header.map(|header| &header.title)),
            verdict: verdict(footer.verdict),
            reason: footer.reason.as_deref().map(line),
            interrupted: footer.interrupted.as_deref().map(line),
            gate: gate::told(footer),
            flaky: ReasonList::new(&ledger.flaky),
            flaky_says: flaky::line(footer).map(|line| line.says),
            more_waivers,
            waivers,
            only: header.filter(|header| !header.filters.is_empty()).map(|header| line(&header.filters.join(", "))),
            strict: ledger.strict(),
            facts: facts(ledger, footer),
            total: footer.counts.values().sum(),
            counts: counts(footer),
            funnel: funnel(&coverage),
            ambiguous,
            read,
            outcomes: outcomes(&coverage),
            groups: groups(&coverage, &violations, &deviations),
            violations,
            deviations,
            snapshots: snapshots(ledger, footer),
            readings: readings(ledger, footer),
            errors: ReasonList::new(&ledger.errors),
            inconclusive: ReasonList::new(&ledger.inconclusive),
            skipped: ReasonList::new(&ledger.skipped),
            left: footer
                .left_behind
                .iter()
                .take(200)
                .map(|left| [&left.resource, &left.case, &left.why].map(|text| line(text)))
                .collect(),
            left_more: footer.left_more + footer.left_behind.len().saturating_sub(200),
            version: of(header.map(|header| &header.version)),
        }
    }
}

impl ReasonList {
    fn new(reasons: &Reasons) -> Self {
        let view = |reason: &crate::report::summary::Reason| ReasonView {
            why: line(&reason.why),
            count: reason.count,
            ids: reason.ids.iter().map(|id| line(id)).collect(),
            more: reason.count.saturating_sub(reason.ids.len()),
        };
        Self { count: reasons.count(), list: reasons.list.iter().map(view).collect(), more: reasons.more }
    }
}

fn verdict(verdict: Verdict) -> Word {
    let (class, sign) = match verdict {
        Verdict::Conformant => ("good", '✓'),
        Verdict::ConformantWithDeviations => ("fair", '≠'),
        Verdict::NonConformant => ("bad", '✗'),
        Verdict::Undetermined => ("open", '?'),
    };
    Word { word: verdict.words(), class, sign }
}

fn waiver(line: waivers::WaiverLine) -> WaiverView {
    let (class, sign) = if line.due { ("bad", '✗') } else { ("none", '○') };
    WaiverView { word: Word { word: line.word, class, sign }, says: line.says }
}

fn snapshots(ledger: &Summary, footer: &Footer) -> Option<Snapshots> {
    let tally = footer.snapshots.as_ref()?;
    let change = |change: &Change| ChangeView {
        state: Word { word: change.snapshot.state.word(), class: "bad", sign: '≠' },
        id: line(&change.id),
        title: line(&change.title),
        says: change.says(),
        diff: change.lines(),
    };
    Some(Snapshots {
        sum: snapshots::sum(footer)?,
        failing: tally.failing(),
        untidy: snapshots::untidy(tally),
        list: ledger.changes.list.iter().map(change).collect(),
        more: ledger.changes.more,
    })
}

fn case_word(outcome: Outcome) -> Word {
    let (class, sign) = match outcome {
        Outcome::Error => ("bad", '!'),
        Outcome::Violates => ("bad", '✗'),
        Outcome::Inconclusive => ("open", '?'),
        Outcome::Skipped => ("none", '○'),
        Outcome::Deviates => ("fair", '≠'),
        Outcome::Observed => ("read", '◇'),
        Outcome::Conforms => ("good", '✓'),
    };
    Word { word: outcome.word(), class, sign }
}

fn clause_word(outcome: ClauseOutcome) -> Word {
    let class = match outcome {
        ClauseOutcome::Violated => "bad",
        ClauseOutcome::Deviated => "fair",
        ClauseOutcome::Undetermined => "open",
        ClauseOutcome::Untested => "none",
        ClauseOutcome::Observed => "read",
        ClauseOutcome::Proven => "good",
    };
    let (word, sign) = coverage::word(outcome);
    Word { word, class, sign }
}

fn facts(ledger: &Summary, footer: &Footer) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(header) = &ledger.header {
        facts.push(("target", line(&header.target)));
        facts.push(("begun", line(&header.started)));
        facts.push(("seed", line(&header.seed)));
        facts.push(("suite digest", line(&header.digest)));
    }
    facts.push(("requests", footer.requests.to_string()));
    facts.push(("time", format!("{:.2} s", footer.elapsed_s)));
    facts
}

fn counts(footer: &Footer) -> Vec<Count> {
    let numbers = Outcome::ALL.map(|outcome| (case_word(outcome), footer.counts.get(&outcome).copied().unwrap_or(0)));
    let numbers: Vec<_> = numbers.into_iter().filter(|(_, count)| *count > 0).collect();
    shares(numbers)
}

fn outcomes(coverage: &Coverage<'_>) -> Vec<Count> {
    shares(coverage::OUTCOMES.map(|outcome| (clause_word(outcome), coverage.with(outcome).count())).into())
}

/// Numbers with their shares of the whole, one after the other.
fn shares(numbers: Vec<(Word, usize)>) -> Vec<Count> {
    let total = numbers.iter().map(|(_, count)| count).sum::<usize>();
    let mut before = 0;
    let mut shares = Vec::new();
    for (Word { word, class, sign }, count) in numbers {
        shares.push(Count { word, class, sign, count, from: percent(before, total), width: percent(count, total) });
        before += count;
    }
    shares
}

fn funnel(coverage: &Coverage<'_>) -> Vec<Count> {
    let funnel = coverage.funnel();
    let stage = |word, class, count| Count {
        word,
        class,
        sign: ' ',
        count,
        from: "0".to_owned(),
        width: percent(count, funnel.stated),
    };
    let stages = funnel.stages();
    let last = stages.len() - 1;
    let class = |index: usize| match index {
        0 | 1 => "none",
        _ if index == last => "good",
        _ => "read",
    };
    stages.into_iter().enumerate().map(|(index, (word, count))| stage(word, class(index), count)).collect()
}

/// `part` of `whole` in percent, with two digits after the point.
fn percent(part: usize, whole: usize) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn groups(coverage: &Coverage<'_>, violations: &Causes, deviations: &Causes) -> Vec<ClauseGroup> {
    let (violations, deviations) = (violations.first(), deviations.first());
    let mut groups: Vec<ClauseGroup> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for row in &coverage.rows {
        let id = row.statement.id.as_str();
        let (word, short) = id.split_once('.').unwrap_or((id, id));
        let place = *index.entry(word.to_owned()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(ClauseGroup { word: word.to_owned(), clauses: Vec::new() });
        }
        if let Some(group) = groups.get_mut(place) {
            let (violation, deviation) = (violations.get(id).copied(), deviations.get(id).copied());
            group.clauses.push(Clause { violation, deviation, ..clause(row, short) });
        }
    }
    groups
}

fn clause(row: &Row<'_>, short: &str) -> Clause {
    let listed = row.cases.map(|cases| cases.listed.as_slice()).unwrap_or_default();
    let case = |listed: &crate::report::summary::Listed| CaseLine {
        id: line(&listed.id),
        polarity: listed.polarity.map(|polarity| polarity.name()),
        outcome: case_word(listed.outcome),
    };
    let side = |side: coverage::Side<'_>| SideView {
        polarity: side.polarity.name(),
        shown: side.shown,
        untestable: side.untestable.map(line),
        untested: side.untested.map(line),
    };
    Clause {
        id: row.statement.id.to_string(),
        short: short.to_owned(),
        level: row.statement.level.name(),
        outcome: clause_word(row.outcome()),
        says: line(&row.statement.says),
        source: line(&row.statement.source),
        sides: row.sides().into_iter().map(side).collect(),
        violations: row.result.map_or(0, |result| result.violations),
        deviations: row.result.map_or(0, |result| result.deviations),
        waived: row.result.map_or(0, |result| result.waived),
        violation: None,
        deviation: None,
        readings: row.result.map(|result| words(&result.readings)).unwrap_or_default(),
        mutants: row.statement.mutants.iter().map(|id| line(id)).collect(),
        cases: listed.iter().map(case).collect(),
        more: row.cases.map_or(0, |cases| cases.count.saturating_sub(cases.listed.len())),
    }
}

fn readings(ledger: &Summary, footer: &Footer) -> Vec<Reading> {
    let with = footer.clauses.iter().filter(|clause| !clause.readings.is_empty());
    with.map(|clause| Reading {
        clause: clause.id.to_string(),
        says: line(ledger.says(&clause.id)),
        readings: words(&clause.readings),
    })
    .collect()
}

fn words(readings: &BTreeMap<String, usize>) -> Vec<(String, usize)> {
    readings.iter().take(20).map(|(reading, count)| (line(reading), *count)).collect()
}

pub(super) fn line(text: &str) -> String {
    without_commands(&shorten(text, LINE))
}
