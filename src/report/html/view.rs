//! What the HTML page shows besides causes, as its template takes it: nothing to be reckoned there.

use std::collections::BTreeMap;

use serde::Serialize;
use strum::VariantArray as _;

use super::causes::Causes;
use crate::contract::{ClauseId, Level, Polarity};
use crate::report::cases::{CaseRef, ClauseCases};
use crate::report::clauses::{ClauseRow, Coverage};
use crate::report::diff::DiffLine;
use crate::report::gate::{self, Notice};
use crate::report::snapshots;
use crate::report::summary::Summary;
use crate::verdict::{ClauseOutcome, Footer, LeftBehind, SnapshotState};

/// How many waivers are shown.
const WAIVERS: usize = 1_000;
/// How many things left behind.
const LEFT: usize = 200;
/// How many readings of a clause.
const READINGS: usize = 20;

/// A number with its share of a bar, in percent.
#[derive(Serialize)]
pub(super) struct Share {
    word: String,
    count: usize,
    from: String,
    width: String,
}

/// Numbers with their shares of the whole, one after the other.
fn shares(numbers: Vec<(String, usize)>) -> Vec<Share> {
    let total = numbers.iter().map(|(_, count)| count).sum::<usize>();
    let mut before = 0;
    let mut shares = Vec::new();
    for (word, count) in numbers {
        shares.push(Share { word, count, from: percent(before, total), width: percent(count, total) });
        before += count;
    }
    shares
}

/// `part` of `whole` in percent, with two digits after the point.
fn percent(part: usize, whole: usize) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// How many cases had which outcome.
pub(super) fn counts(footer: &Footer) -> Vec<Share> {
    shares(footer.counts.iter().map(|(outcome, count)| (outcome.to_string(), *count)).collect())
}

/// How many clauses had which outcome.
pub(super) fn outcomes(coverage: &Coverage<'_>) -> Vec<Share> {
    let count = |outcome: &ClauseOutcome| (outcome.to_string(), coverage.with(*outcome).count());
    shares(ClauseOutcome::VARIANTS.iter().map(count).collect())
}

/// How many clauses got how far.
pub(super) fn funnel(coverage: &Coverage<'_>) -> Vec<Share> {
    let funnel = coverage.funnel();
    let stage = |(word, count): (&str, usize)| Share {
        word: word.to_owned(),
        count,
        from: "0".to_owned(),
        width: percent(count, funnel.stated),
    };
    funnel.stages().into_iter().map(stage).collect()
}

/// What the page's head says of the run.
pub(super) fn facts(run: &Summary) -> Vec<(&'static str, String)> {
    let (header, footer) = (&run.header, &run.footer);
    vec![
        ("target", header.target.clone()),
        ("begun", header.started.clone()),
        ("seed", header.seed.clone()),
        ("suite digest", header.digest.clone()),
        ("requests", footer.requests.to_string()),
        ("time", format!("{:.2} s", footer.elapsed_s)),
    ]
}

/// The first of a list, and how many more there are.
#[derive(Serialize)]
pub(super) struct First<T> {
    list: Vec<T>,
    more: usize,
}

#[derive(Serialize)]
pub(super) struct Waiver {
    word: &'static str,
    says: String,
}

/// The waivers that were met.
pub(super) fn waivers(footer: &Footer) -> First<Waiver> {
    let notices = gate::waivers(footer);
    let more = notices.len().saturating_sub(WAIVERS);
    let waiver = |Notice { word, says, .. }| Waiver { word, says };
    First { list: notices.into_iter().take(WAIVERS).map(waiver).collect(), more }
}

/// What was left behind on the target.
pub(super) fn left_behind(run: &Summary) -> First<&LeftBehind> {
    let list: Vec<&LeftBehind> = run.footer.left_behind.iter().take(LEFT).collect();
    First { more: run.left_behind() - list.len(), list }
}

/// What became of the snapshots.
#[derive(Serialize)]
pub(super) struct Snapshots<'a> {
    sum: String,
    failing: usize,
    untidy: Vec<(&'static str, String)>,
    list: Vec<Change<'a>>,
    more: usize,
}

/// A snapshot that is changed or missing.
#[derive(Serialize)]
struct Change<'a> {
    case: &'a CaseRef,
    state: SnapshotState,
    says: String,
    diff: Vec<DiffLine>,
}

pub(super) fn snapshots(run: &Summary) -> Option<Snapshots<'_>> {
    let tally = run.footer.snapshots.as_ref()?;
    let changes = run.changes.list.iter().map(|change| Change {
        case: &change.case,
        state: change.snapshot.state,
        says: snapshots::says(&change.snapshot),
        diff: snapshots::difference(&change.snapshot),
    });
    Some(Snapshots {
        sum: snapshots::sum(&run.footer)?,
        failing: tally.failing(),
        untidy: snapshots::untidy(tally),
        list: changes.collect(),
        more: run.changes.more,
    })
}

/// The readings of an ambiguous clause.
#[derive(Serialize)]
pub(super) struct Reading<'a> {
    clause: &'a ClauseId,
    says: &'a str,
    readings: Vec<(&'a str, usize)>,
}

pub(super) fn readings(run: &Summary) -> Vec<Reading<'_>> {
    let readings = run.readings().into_iter().map(|clause| Reading {
        clause: &clause.id,
        says: run.says(&clause.id),
        readings: words(&clause.readings),
    });
    readings.collect()
}

fn words(readings: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    readings.iter().take(READINGS).map(|(reading, count)| (reading.as_str(), *count)).collect()
}

/// Clauses whose ids begin with the same word.
#[derive(Serialize)]
pub(super) struct ClauseGroup<'a> {
    word: &'a str,
    clauses: Vec<Clause<'a>>,
}

#[derive(Serialize)]
struct Clause<'a> {
    id: &'a ClauseId,
    short: &'a str,
    level: Level,
    outcome: ClauseOutcome,
    says: &'a str,
    source: &'a str,
    sides: Vec<Side<'a>>,
    violations: usize,
    deviations: usize,
    waived: usize,
    /// The numbers of the first causes that are about it.
    violation: Option<usize>,
    deviation: Option<usize>,
    readings: Vec<(&'a str, usize)>,
    mutants: &'a [String],
    cases: Option<&'a ClauseCases>,
}

#[derive(Serialize)]
struct Side<'a> {
    polarity: Polarity,
    shown: usize,
    untestable: Option<&'a str>,
}

pub(super) fn groups<'a>(
    coverage: &Coverage<'a>,
    violations: &Causes<'_>,
    deviations: &Causes<'_>,
) -> Vec<ClauseGroup<'a>> {
    let (violations, deviations) = (violations.first(), deviations.first());
    let mut groups: Vec<ClauseGroup<'_>> = Vec::new();
    for row in &coverage.0 {
        let id = row.statement.id.as_str();
        let (word, short) = id.split_once('.').unwrap_or((id, id));
        let (violation, deviation) = (violations.get(id).copied(), deviations.get(id).copied());
        let clause = Clause { violation, deviation, ..clause(row, short) };
        match groups.iter_mut().find(|group| group.word == word) {
            Some(group) => group.clauses.push(clause),
            None => groups.push(ClauseGroup { word, clauses: vec![clause] }),
        }
    }
    groups
}

fn clause<'a>(row: &ClauseRow<'a>, short: &'a str) -> Clause<'a> {
    let (statement, result) = (row.statement, row.result);
    let sides = row.sides().into_iter();
    Clause {
        id: &statement.id,
        short,
        level: statement.level,
        outcome: row.outcome(),
        says: &statement.says,
        source: &statement.source,
        sides: sides
            .map(|side| Side { polarity: side.polarity, shown: side.shown, untestable: side.untestable })
            .collect(),
        violations: result.map_or(0, |result| result.violations),
        deviations: result.map_or(0, |result| result.deviations),
        waived: result.map_or(0, |result| result.waived),
        violation: None,
        deviation: None,
        readings: result.map(|result| words(&result.readings)).unwrap_or_default(),
        mutants: &statement.mutants,
        cases: row.cases,
    }
}
