//! The tally of a run: from case results, one after the other, to the footer.
//!
//! Its size depends on the number of clauses alone, so a million cases need no more than a hundred.

use std::collections::BTreeMap;

use super::case::CaseResult;
use super::finding::FindingKind;
use super::outcome::{ClauseOutcome, Gate, Outcome, Verdict};
use super::snapshots::{SnapshotState, SnapshotTally};
use super::stop::StopReason;
use super::stream::{ClauseResult, ClauseStatement, Footer, Header, LeftBehind};
use super::waiver::Waiver;
use crate::contract::{ClauseId, Level, Polarity};

/// The reason of an open case that gives none.
const NO_REASON: &str = "its cases were inconclusive";

/// What one clause has met so far.
#[derive(Debug, Default, Clone)]
struct ClauseTally {
    tried: BTreeMap<Polarity, usize>,
    shown: BTreeMap<Polarity, usize>,
    /// Of a derived clause: the cases whose answers were held against it, and those of them in which it held.
    examined: usize,
    held: usize,
    /// Per side that a case left open: the reason of the first.
    open: BTreeMap<Polarity, String>,
    /// Per side that a case was to show and didn't, since it was skipped or nothing came that shows it: why.
    skipped: BTreeMap<Polarity, String>,
    violations: usize,
    deviations: usize,
    waived: usize,
    readings: BTreeMap<String, usize>,
}

/// Counts that grow with each case result and end in a [`Footer`].
#[derive(Debug, Default, Clone)]
pub struct Tally {
    statements: Vec<ClauseStatement>,
    /// Whether the run is no shard of another one.
    is_whole: bool,
    /// Whether it is of the whole suite, so that what it doesn't show, nothing shows.
    is_unfiltered: bool,
    strict: bool,
    clauses: BTreeMap<ClauseId, ClauseTally>,
    /// Without the verdict, and what follows from the whole run.
    footer: Footer,
    /// The reason of the first inconclusive case.
    blocked: Option<String>,
    /// The first control, or case about something that has to hold, that was inconclusive, or case with an answer that a limit of
    /// ours kept from being judged, and why. No clause need be open for it: a control is about none, and another case may
    /// have shown those of a case, which says nothing of what this one was to show.
    unjudged: Option<String>,
    /// The reason of the first error.
    failed: Option<String>,
    /// Cases that fail the gate.
    failing: usize,
    snapshots: BTreeMap<SnapshotState, usize>,
}

impl Tally {
    /// An empty tally for the run that begins with this header.
    pub fn of(header: &Header) -> Self {
        let footer = Footer { allow_flaky: header.allow_flaky, ..Footer::default() };
        let (statements, is_whole) = (header.clauses.clone(), header.shard.is_none());
        let is_unfiltered = is_whole && header.filters.is_empty();
        Self { statements, strict: header.strict, is_whole, is_unfiltered, footer, ..Self::default() }
    }

    /// Takes in one case result.
    pub fn record(&mut self, result: &CaseResult) {
        *self.footer.counts.entry(result.outcome).or_default() += 1;
        self.footer.requests += result.requests;
        self.footer.flaky += usize::from(result.is_flaky());
        self.failing += usize::from(result.fails(self.strict));
        match result.outcome {
            Outcome::Error if self.failed.is_none() => self.failed.clone_from(&result.reason),
            Outcome::Inconclusive if self.blocked.is_none() => self.blocked.clone_from(&result.reason),
            _ => {}
        }
        if self.unjudged.is_none() {
            let is_inconclusive = result.outcome == Outcome::Inconclusive;
            if result.unread || (is_inconclusive && (result.at.is_none() || self.is_about_a_must(result))) {
                let what = if is_inconclusive { "inconclusive" } else { "not judged in full" };
                self.unjudged = Some(format!("{} was {what}: {}", result.id, reason(result)));
            }
        }
        for snapshot in &result.snapshots {
            *self.snapshots.entry(snapshot.state).or_default() += 1;
        }
        self.record_findings(result);
        self.record_covers(result);
        self.record_examined(result);
    }

    /// Whether a case is to show something that has to hold.
    fn is_about_a_must(&self, result: &CaseResult) -> bool {
        let is_must = |statement: &&ClauseStatement| statement.level == Level::Must;
        self.statements.iter().filter(is_must).any(|statement| result.covers.contains_key(&statement.id))
    }

    /// Takes in which derived clauses the answers of a case show. One that came to no conclusion shows none.
    fn record_examined(&mut self, result: &CaseResult) {
        if !result.outcome.is_conclusive() {
            return;
        }
        let mut next = 0;
        for (from, to) in &result.examined {
            // Whatever a stream says, each clause is looked at once.
            for number in next.max(*from)..self.statements.len().min(to.saturating_add(1)) {
                let Some(statement) = self.statements.get(number).filter(|statement| statement.derived) else {
                    continue;
                };
                let tally = self.clauses.entry(statement.id.clone()).or_default();
                tally.examined += 1;
                tally.held += usize::from(!result.broken().any(|finding| finding.clause == statement.id));
            }
            next = next.max(to.saturating_add(1));
        }
    }

    fn record_findings(&mut self, result: &CaseResult) {
        let mut counted: Vec<(&ClauseId, FindingKind)> = Vec::new();
        for finding in &result.findings {
            let clause = self.clauses.entry(finding.clause.clone()).or_default();
            if finding.kind == FindingKind::Observation {
                *clause.readings.entry(finding.observed.clone()).or_default() += 1;
            } else if !counted.contains(&(&finding.clause, finding.kind)) {
                counted.push((&finding.clause, finding.kind));
                clause.waived += usize::from(result.waives(finding));
                match finding.kind {
                    FindingKind::Violation => clause.violations += 1,
                    FindingKind::Deviation | FindingKind::Observation => clause.deviations += 1,
                }
            }
        }
    }

    fn record_covers(&mut self, result: &CaseResult) {
        for (clause, polarity) in &result.covers {
            let tally = self.clauses.entry(clause.clone()).or_default();
            if matches!(result.outcome, Outcome::Error | Outcome::Inconclusive) {
                tally.open.entry(*polarity).or_insert_with(|| reason(result).to_owned());
            } else if result.outcome == Outcome::Skipped {
                tally.skipped.entry(*polarity).or_insert_with(|| reason(result).to_owned());
            } else if let Some(why) = result.vacuous.get(clause) {
                tally.skipped.entry(*polarity).or_insert_with(|| why.clone());
            } else if result.outcome.is_conclusive() {
                *tally.tried.entry(*polarity).or_default() += 1;
                if !result.violations().any(|finding| finding.clause == *clause) {
                    *tally.shown.entry(*polarity).or_default() += 1;
                }
            }
        }
    }

    /// Takes in what became of the waivers of the run, all at once.
    pub fn waivers(&mut self, waivers: Vec<Waiver>) {
        self.footer.waivers = waivers;
    }

    /// Takes in whose snapshots the run compares with, and what is known of them besides what became of each: its counts
    /// are those of the recorded cases.
    pub fn snapshots(&mut self, snapshots: SnapshotTally) {
        self.footer.snapshots = Some(snapshots);
    }

    /// Takes in the places of statements at which nothing was in any answer.
    pub fn idle(&mut self, places: Vec<String>) {
        self.footer.idle = places;
    }

    /// Notes something that the run created and could not remove; the first `listed` are named, the rest counted.
    pub fn leave_behind(&mut self, resource: LeftBehind, listed: usize) {
        if self.footer.left_behind.len() < listed {
            self.footer.left_behind.push(resource);
        } else {
            self.footer.left_more += 1;
        }
    }

    /// Notes so many more things that could not be removed, without naming them.
    pub fn leave_more(&mut self, count: usize) {
        self.footer.left_more = self.footer.left_more.saturating_add(count);
    }

    /// How many cases have had this outcome so far.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.footer.counts.get(&outcome).copied().unwrap_or(0)
    }

    /// The readings recorded for a clause so far.
    pub fn readings(&self, clause: &ClauseId) -> BTreeMap<String, usize> {
        self.clauses.get(clause).map(|clause| clause.readings.clone()).unwrap_or_default()
    }

    /// The footer for all that was recorded. `elapsed_s` is in seconds; `interrupted` is what stopped the run early.
    pub fn finish(self, elapsed_s: f64, interrupted: Option<StopReason>) -> Footer {
        let result = |statement| clause_result(statement, self.clauses.get(&statement.id).cloned().unwrap_or_default());
        let clauses: Vec<ClauseResult> = self.statements.iter().map(result).collect();
        let open = self.open(&clauses, interrupted.as_ref());
        let verdict = self.verdict(&clauses, open.is_some());
        let gate = self.gate(open.is_some());
        let undetermined = verdict == Verdict::Undetermined || gate == Gate::Undetermined;
        let reason = open.filter(|_| undetermined);
        let snapshots = self.footer.snapshots.map(|known| SnapshotTally { counts: self.snapshots, ..known });
        Footer { verdict, gate, reason, clauses, snapshots, elapsed_s, interrupted, ..self.footer }
    }

    /// The verdict: what is broken first, then what stayed open, then what deviates.
    fn verdict(&self, clauses: &[ClauseResult], open: bool) -> Verdict {
        let deviates = self.count(Outcome::Deviates) > 0 || clauses.iter().any(|clause| clause.deviations > 0);
        if self.count(Outcome::Violates) > 0 || (self.strict && deviates) {
            Verdict::NonConformant
        } else if open {
            Verdict::Undetermined
        } else if deviates {
            Verdict::ConformantWithDeviations
        } else {
            Verdict::Conformant
        }
    }

    /// What a pipeline is told: what is broken and not waived first, then waivers that fail it, and what is flaky.
    fn gate(&self, open: bool) -> Gate {
        let waivers = &self.footer.waivers;
        if self.failing > 0 || self.footer.failing_flaky() > 0 || waivers.iter().any(|waiver| waiver.state.fails()) {
            Gate::Failed
        } else if open {
            Gate::Undetermined
        } else {
            Gate::Passed
        }
    }

    /// What stayed open, if it keeps a run in which nothing is broken from a verdict.
    fn open(&self, clauses: &[ClauseResult], interrupted: Option<&StopReason>) -> Option<String> {
        if let Some(reason) = interrupted {
            return Some(format!("the run was stopped before its end: {reason}"));
        }
        if self.count(Outcome::Error) > 0 {
            return Some(self.failed.clone().unwrap_or_else(|| NO_REASON.to_owned()));
        }
        let open = self.statements.iter().zip(clauses).find(|(statement, clause)| {
            statement.level == Level::Must && clause.outcome == ClauseOutcome::Undetermined
        });
        if let Some((ClauseStatement { id, .. }, clause)) = open {
            let missing = |polarity: &&Polarity| !clause.shown.contains_key(polarity);
            let mut open = self.clauses.get(id).into_iter().flat_map(|tally| &tally.open);
            let reason = open.find(|(polarity, _)| missing(polarity)).map_or(NO_REASON, |(_, reason)| reason);
            return Some(format!("{id} could not be tested: {reason}"));
        }
        if !self.footer.counts.keys().any(|outcome| outcome.is_conclusive()) {
            let reason = self.blocked.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Some(format!("no case was conclusive{reason}"));
        }
        // One of several shards may have nothing to show; all together have. That answers fit the document is no proof by itself:
        // a derived clause counts where a case is about it.
        let shown = |id: &ClauseId| self.clauses.get(id).is_some_and(|tally| !tally.shown.is_empty());
        let must = self.statements.iter().zip(clauses).filter(|(statement, _)| statement.level == Level::Must);
        let must: Vec<(&ClauseStatement, &ClauseResult)> = must.collect();
        if self.is_whole && must.iter().all(|(_, clause)| !shown(&clause.id) && clause.violations == 0) {
            return Some("nothing that has to hold was shown to hold".to_owned());
        }
        // A part of a suite may be one side of a clause. Of a whole suite that is no proof: whoever accepts everything accepts
        // what is right, too.
        if self.is_unfiltered && !must.iter().any(|(statement, _)| self.is_settled(statement)) {
            let first = must.iter().find_map(|(statement, _)| {
                let missing = self.missing(statement).next().filter(|_| shown(&statement.id))?;
                Some(format!(": no case shows {} to {missing}", statement.id))
            });
            return Some(format!("nothing that has to hold was shown from every side{}", first.unwrap_or_default()));
        }
        self.unjudged.clone()
    }

    /// Whether cases about a clause showed every side of it that can be tested, or broke it. What answers showed of themselves
    /// doesn't count.
    fn is_settled(&self, statement: &ClauseStatement) -> bool {
        let tally = self.clauses.get(&statement.id);
        let is_shown = tally.is_some_and(|tally| !tally.shown.is_empty()) && self.missing(statement).next().is_none();
        is_shown || tally.is_some_and(|tally| tally.violations > 0)
    }

    /// The sides of a clause that can be tested and that no case showed.
    fn missing<'s>(&'s self, statement: &'s ClauseStatement) -> impl Iterator<Item = Polarity> + 's {
        let shown =
            |side: &Polarity| self.clauses.get(&statement.id).is_some_and(|tally| tally.shown.contains_key(side));
        testable(statement).filter(move |side| !shown(side))
    }
}

/// The sides of a clause that can be tested.
fn testable(statement: &ClauseStatement) -> impl Iterator<Item = Polarity> + '_ {
    statement.polarities.iter().filter(|side| !statement.untestable.contains_key(side)).copied()
}

fn reason(result: &CaseResult) -> &str {
    result.reason.as_deref().unwrap_or(NO_REASON)
}

fn clause_result(statement: &ClauseStatement, mut tally: ClauseTally) -> ClauseResult {
    if statement.polarities.contains(&Polarity::Hold) && tally.examined > 0 {
        *tally.tried.entry(Polarity::Hold).or_default() += tally.examined;
        if tally.held > 0 {
            *tally.shown.entry(Polarity::Hold).or_default() += tally.held;
        }
    }
    let missing: Vec<Polarity> = testable(statement).filter(|side| !tally.shown.contains_key(side)).collect();
    let untested = missing.iter().filter(|polarity| !tally.tried.contains_key(polarity));
    let untested = untested.filter_map(|polarity| Some((*polarity, tally.skipped.get(polarity)?.clone()))).collect();
    let outcome = if tally.violations > 0 {
        ClauseOutcome::Violated
    } else if missing.iter().any(|polarity| tally.open.contains_key(polarity)) {
        ClauseOutcome::Undetermined
    } else if tally.deviations > 0 {
        ClauseOutcome::Deviated
    } else if !tally.readings.is_empty() {
        ClauseOutcome::Observed
    } else if statement.level != Level::Ambiguous && missing.is_empty() && !tally.shown.is_empty() {
        ClauseOutcome::Proven
    } else {
        ClauseOutcome::Untested
    };
    let ClauseTally { tried, shown, violations, deviations, waived, readings, .. } = tally;
    let id = statement.id.clone();
    ClauseResult { id, outcome, tried, shown, violations, deviations, waived, readings, untested }
}
