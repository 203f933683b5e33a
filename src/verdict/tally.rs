//! The tally of a run: from case results, one after the other, to the footer.
//!
//! Its size depends on the number of clauses alone, so a million cases need no more than a hundred.

use std::collections::BTreeMap;

use super::{
    CaseResult, ClauseOutcome, ClauseResult, ClauseStatement, FindingKind, Footer, Gate, Header, LeftBehind, Outcome,
    SnapshotState, SnapshotTally, Verdict, WaiverResult, WaiverState,
};
use crate::contract::{ClauseId, Level, Polarity};

/// What is said of a case that stayed open and doesn't say why.
const UNTOLD: &str = "its cases were inconclusive";

/// What one clause has seen so far.
#[derive(Debug, Default, Clone)]
struct Seen {
    tried: BTreeMap<Polarity, usize>,
    shown: BTreeMap<Polarity, usize>,
    /// Per side that a case left open: why the first did.
    open: BTreeMap<Polarity, String>,
    /// Per side that a case was to show and was skipped: why the first was.
    skipped: BTreeMap<Polarity, String>,
    violations: usize,
    deviations: usize,
    waived: usize,
    readings: BTreeMap<String, usize>,
}

/// Counts that grow with each case result and end in a [`Footer`].
#[derive(Debug, Clone)]
pub struct Tally {
    statements: Vec<ClauseStatement>,
    seen: BTreeMap<ClauseId, Seen>,
    counts: BTreeMap<Outcome, usize>,
    requests: usize,
    strict: bool,
    left_behind: Vec<LeftBehind>,
    left_more: usize,
    /// Why the first inconclusive case was inconclusive.
    blocked: Option<String>,
    /// The first control that was inconclusive, and why. It is about no clause, so no clause is open for it.
    uncontrolled: Option<String>,
    /// Why the first error was one.
    failed: Option<String>,
    /// Cases that fail the gate.
    failing: usize,
    /// Cases that passed only when they were sent again, and whether they may.
    flaky: usize,
    allow_flaky: bool,
    waivers: Vec<WaiverResult>,
    snapshots: Option<SnapshotTally>,
    snapshot_states: BTreeMap<SnapshotState, usize>,
}

impl Tally {
    /// An empty tally over the clauses that the contract states. With `strict`, deviations count as violations. Flaky cases
    /// fail the gate.
    pub fn new(statements: Vec<ClauseStatement>, strict: bool) -> Self {
        Self {
            statements,
            seen: BTreeMap::new(),
            counts: BTreeMap::new(),
            requests: 0,
            strict,
            left_behind: Vec::new(),
            left_more: 0,
            blocked: None,
            uncontrolled: None,
            failed: None,
            failing: 0,
            flaky: 0,
            allow_flaky: false,
            waivers: Vec::new(),
            snapshots: None,
            snapshot_states: BTreeMap::new(),
        }
    }

    /// An empty tally for the run that begins so.
    pub fn of(header: &Header) -> Self {
        Self { allow_flaky: header.allow_flaky, ..Self::new(header.clauses.clone(), header.strict) }
    }

    /// Takes one case result in.
    pub fn record(&mut self, result: &CaseResult) {
        *self.counts.entry(result.outcome).or_default() += 1;
        self.requests += result.requests;
        self.failing += usize::from(result.fails(self.strict));
        self.flaky += usize::from(result.is_flaky());
        match result.outcome {
            Outcome::Error if self.failed.is_none() => self.failed.clone_from(&result.reason),
            Outcome::Inconclusive if self.blocked.is_none() => self.blocked.clone_from(&result.reason),
            _ => {}
        }
        if result.at.is_none() && result.outcome == Outcome::Inconclusive && self.uncontrolled.is_none() {
            self.uncontrolled = Some(format!("{} was inconclusive: {}", result.id, why(result)));
        }
        self.record_findings(result);
        for snapshot in &result.snapshots {
            *self.snapshot_states.entry(snapshot.state).or_default() += 1;
        }
        for (clause, polarity) in &result.covers {
            let seen = self.seen.entry(clause.clone()).or_default();
            match result.outcome {
                Outcome::Error | Outcome::Inconclusive => {
                    seen.open.entry(*polarity).or_insert_with(|| why(result).to_owned());
                }
                Outcome::Skipped => {
                    seen.skipped.entry(*polarity).or_insert_with(|| why(result).to_owned());
                }
                _ => {
                    *seen.tried.entry(*polarity).or_default() += 1;
                    if !result.violations().any(|finding| finding.clause == *clause) {
                        *seen.shown.entry(*polarity).or_default() += 1;
                    }
                }
            }
        }
    }

    /// Takes in what became of the waivers of the run, all at once.
    pub fn waivers(&mut self, waivers: Vec<WaiverResult>) {
        self.waivers = waivers;
    }

    /// Takes in whose snapshots the target is held to, and what is known of them besides what became of each: its counts
    /// are those of the recorded cases.
    pub fn snapshots(&mut self, snapshots: SnapshotTally) {
        self.snapshots = Some(snapshots);
    }

    fn record_findings(&mut self, result: &CaseResult) {
        let mut counted: Vec<(&ClauseId, FindingKind)> = Vec::new();
        for finding in &result.findings {
            let seen = self.seen.entry(finding.clause.clone()).or_default();
            if finding.kind == FindingKind::Observation {
                *seen.readings.entry(finding.observed.clone()).or_default() += 1;
            } else if !counted.contains(&(&finding.clause, finding.kind)) {
                counted.push((&finding.clause, finding.kind));
                seen.waived += usize::from(result.waives(finding));
                match finding.kind {
                    FindingKind::Violation => seen.violations += 1,
                    FindingKind::Deviation | FindingKind::Observation => seen.deviations += 1,
                }
            }
        }
    }

    /// Notes something that the run created and could not remove; the first `listed` are named, the rest counted.
    pub fn leave_behind(&mut self, resource: LeftBehind, listed: usize) {
        if self.left_behind.len() < listed {
            self.left_behind.push(resource);
        } else {
            self.left_more += 1;
        }
    }

    /// Notes so many more things that could not be removed, without naming them.
    pub fn leave_more(&mut self, count: usize) {
        self.left_more = self.left_more.saturating_add(count);
    }

    /// How many cases have had this outcome so far.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }

    /// How many cases have been recorded.
    pub fn cases(&self) -> usize {
        self.counts.values().sum()
    }

    /// The readings recorded for a clause so far.
    pub fn readings(&self, clause: &ClauseId) -> BTreeMap<String, usize> {
        self.seen.get(clause).map(|seen| seen.readings.clone()).unwrap_or_default()
    }

    /// The footer for all that was recorded. `elapsed_s` is in seconds; `interrupted` names what stopped the run early.
    pub fn finish(self, elapsed_s: f64, interrupted: Option<String>) -> Footer {
        let clauses: Vec<ClauseResult> = self
            .statements
            .iter()
            .map(|statement| clause_result(statement, self.seen.get(&statement.id).cloned().unwrap_or_default()))
            .collect();
        let open = self.open(&clauses, interrupted.as_deref());
        let verdict = self.verdict(&clauses, open.is_some());
        let gate = self.gate(open.is_some());
        let told = verdict == Verdict::Undetermined || gate == Gate::Undetermined;
        Footer {
            verdict,
            gate,
            reason: open.filter(|_| told),
            counts: self.counts,
            flaky: self.flaky,
            allow_flaky: self.allow_flaky,
            clauses,
            waivers: self.waivers,
            snapshots: self.snapshots.map(|known| SnapshotTally { counts: self.snapshot_states, ..known }),
            requests: self.requests,
            elapsed_s,
            left_behind: self.left_behind,
            left_more: self.left_more,
            interrupted,
        }
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

    /// What a pipeline is told: what is broken and not waived first, waivers to be dealt with, and what is flaky.
    fn gate(&self, open: bool) -> Gate {
        let due = |waiver: &WaiverResult| matches!(waiver.state, WaiverState::Expired | WaiverState::Stale);
        let flaky = self.flaky > 0 && !self.allow_flaky;
        if self.failing > 0 || flaky || self.waivers.iter().any(due) {
            Gate::Failed
        } else if open {
            Gate::Undetermined
        } else {
            Gate::Passed
        }
    }

    /// What stayed open, if it keeps a run in which nothing is broken from a verdict.
    fn open(&self, clauses: &[ClauseResult], interrupted: Option<&str>) -> Option<String> {
        if let Some(what) = interrupted {
            return Some(format!("the run was stopped before its end: {what}"));
        }
        if self.count(Outcome::Error) > 0 {
            return Some(self.failed.clone().unwrap_or_else(|| UNTOLD.to_owned()));
        }
        let open = self.statements.iter().zip(clauses).find(|(statement, clause)| {
            statement.level == Level::Must && clause.outcome == ClauseOutcome::Undetermined
        });
        if let Some((statement, clause)) = open {
            let seen = self.seen.get(&statement.id);
            let missing = |polarity: &&Polarity| clause.shown.get(polarity).copied().unwrap_or(0) == 0;
            let why = seen.and_then(|seen| seen.open.iter().find(|(polarity, _)| missing(polarity)));
            let why = why.map_or(UNTOLD, |(_, why)| why.as_str());
            return Some(format!("{} could not be tested: {why}", statement.id));
        }
        if self.conclusive() == 0 {
            let why = self.blocked.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            return Some(format!("no case came to a conclusion{why}"));
        }
        self.uncontrolled.clone()
    }

    fn conclusive(&self) -> usize {
        [Outcome::Violates, Outcome::Deviates, Outcome::Observed, Outcome::Conforms]
            .into_iter()
            .map(|outcome| self.count(outcome))
            .sum()
    }
}

/// Why a case that stayed open did.
fn why(result: &CaseResult) -> &str {
    result.reason.as_deref().unwrap_or(UNTOLD)
}

fn clause_result(statement: &ClauseStatement, seen: Seen) -> ClauseResult {
    let due = |polarity: &&Polarity| !statement.untestable.contains_key(polarity);
    let missing: Vec<&Polarity> = statement
        .polarities
        .iter()
        .filter(due)
        .filter(|polarity| seen.shown.get(polarity).copied().unwrap_or(0) == 0)
        .collect();
    let untested = missing.iter().filter(|polarity| !seen.tried.contains_key(polarity));
    let untested = untested.filter_map(|polarity| Some((**polarity, seen.skipped.get(polarity)?.clone()))).collect();
    let outcome = if seen.violations > 0 {
        ClauseOutcome::Violated
    } else if missing.iter().any(|polarity| seen.open.contains_key(polarity)) {
        ClauseOutcome::Undetermined
    } else if seen.deviations > 0 {
        ClauseOutcome::Deviated
    } else if !seen.readings.is_empty() {
        ClauseOutcome::Observed
    } else if statement.level != Level::Ambiguous && missing.is_empty() && !seen.shown.is_empty() {
        ClauseOutcome::Proven
    } else {
        ClauseOutcome::Untested
    };
    ClauseResult {
        id: statement.id.clone(),
        outcome,
        tried: seen.tried,
        shown: seen.shown,
        violations: seen.violations,
        deviations: seen.deviations,
        waived: seen.waived,
        readings: seen.readings,
        untested,
    }
}
