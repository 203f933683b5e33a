//! What the reports remember of a run: filled once, event by event, and read by every renderer.
//!
//! Its size is bounded: it depends on the number of clauses and on fixed limits, never on the number of cases.

use std::collections::BTreeMap;

use super::cases::{ClauseCases, Reasons};
use super::clauses::{ClauseRow, Coverage};
use super::gate;
use super::groups::FindingGroups;
use super::snapshots::SnapshotChanges;
use super::testcase::Status;
use crate::contract::ClauseId;
use crate::verdict::{
    CaseResult, ClauseOutcome, ClauseResult, ClauseStatement, Event, FindingKind, Footer, Gate, Header, MaskedEvent,
    Outcome, Verdict,
};

/// What is remembered of a run.
#[derive(Debug, Default)]
pub struct Summary {
    /// What the run began with.
    pub(super) header: Header,
    /// What it ended with; undetermined before.
    pub(super) footer: Footer,
    pub(super) violations: FindingGroups,
    pub(super) deviations: FindingGroups,
    /// Cases in which the harness failed.
    pub(super) errors: Reasons,
    /// Cases that came to no conclusion.
    pub(super) inconclusive: Reasons,
    /// Cases that were not fired.
    pub(super) skipped: Reasons,
    /// Cases that passed only after a retry, by what they were answered before.
    pub(super) flaky: Reasons,
    /// Snapshots that fail the gate.
    pub(super) changes: SnapshotChanges,
    /// How many cases a test runner would fail for.
    pub(super) failed: usize,
    clauses: BTreeMap<ClauseId, ClauseCases>,
    /// What the suites of the run came to that are over, this one among them.
    pub(super) ends: Vec<SuiteEnd>,
}

/// What one of several suites came to.
#[derive(Debug)]
pub(super) struct SuiteEnd {
    pub(super) suite: String,
    pub(super) verdict: Verdict,
    pub(super) gate: Gate,
    /// How many cases there were.
    pub(super) total: usize,
    /// How many cases had each outcome.
    pub(super) counts: String,
    /// Why the suite is undetermined, or what a pipeline is told beside the verdict.
    pub(super) why: Option<String>,
}

impl Summary {
    /// Takes in the next event of the run.
    pub fn take(&mut self, event: &MaskedEvent) {
        match &**event {
            Event::Started(header) => {
                let clauses = header.clauses.iter();
                // Nothing is kept of the suites before but what each came to.
                *self = Self {
                    header: (**header).clone(),
                    clauses: clauses.map(|clause| (clause.id.clone(), ClauseCases::default())).collect(),
                    ends: std::mem::take(&mut self.ends),
                    ..Self::default()
                };
            }
            Event::Case(result) => self.record(result),
            Event::Finished(footer) => {
                self.footer = (**footer).clone();
                self.ends.push(SuiteEnd {
                    suite: self.header.suite.clone(),
                    verdict: footer.verdict,
                    gate: footer.gate,
                    total: self.total(),
                    counts: self.counts(),
                    why: gate::differs(footer).map(|gate| format!("gate {gate}")).or_else(|| footer.reason.clone()),
                });
            }
        }
    }

    /// Whether the last suite of the run is over.
    pub fn is_over(&self) -> bool {
        self.header.is_last() && self.ends.len() >= self.suites()
    }

    /// The verdict on all suites that are over.
    pub(super) fn verdict_on_all(&self) -> Verdict {
        Verdict::worst(self.ends.iter().map(|end| end.verdict))
    }

    /// What a pipeline is told of all suites that are over.
    pub(super) fn gate_of_all(&self) -> Gate {
        Gate::worst(self.ends.iter().map(|end| end.gate))
    }

    /// How many suites the run has.
    pub(super) fn suites(&self) -> usize {
        self.header.suites.len().max(1)
    }

    /// What to call what the report is about: the suite, or all suites of the run.
    pub(super) fn about(&self) -> String {
        if self.header.is_of_several() { self.header.suites.join(", ") } else { self.header.suite.clone() }
    }

    fn record(&mut self, result: &CaseResult) {
        self.violations.record(FindingKind::Violation, result);
        self.deviations.record(FindingKind::Deviation, result);
        self.changes.record(result);
        self.failed += usize::from(Status::of(result, self.header.strict).fails());
        if let Some(before) = gate::before(result) {
            self.flaky.record(&before, result);
        }
        let reason = result.reason.as_deref().unwrap_or("no reason was given");
        match result.outcome {
            Outcome::Error => self.errors.record(reason, result),
            Outcome::Inconclusive => self.inconclusive.record(reason, result),
            Outcome::Skipped => self.skipped.record(reason, result),
            _ => {}
        }
        let mut about: BTreeMap<&ClauseId, _> = result.broken().map(|finding| (&finding.clause, None)).collect();
        about.extend(result.covers.iter().map(|(clause, polarity)| (clause, Some(*polarity))));
        for (clause, polarity) in about {
            if let Some(cases) = self.clauses.get_mut(clause) {
                cases.record(polarity, result);
            }
        }
    }

    /// What the contract says for a clause.
    pub(super) fn says(&self, id: &ClauseId) -> &str {
        self.statement(id).map_or("", |clause| clause.says.as_str())
    }

    /// Where nothing at all was found out, and for one reason: that.
    pub(super) fn blocked_by(&self) -> Option<&str> {
        let is_conclusive = self.footer.counts.keys().any(|outcome| outcome.is_conclusive());
        let more = self.errors.more + self.inconclusive.more;
        let mut reasons = self.errors.list.iter().chain(&self.inconclusive.list).map(|reason| reason.why.as_str());
        let first = reasons.next().filter(|_| !is_conclusive && more == 0)?;
        reasons.all(|why| why == first).then_some(first)
    }

    /// Where the documentation says it.
    pub(super) fn source(&self, id: &ClauseId) -> &str {
        self.statement(id).map_or("", |clause| clause.source.as_str())
    }

    fn statement(&self, id: &ClauseId) -> Option<&ClauseStatement> {
        self.header.clauses.iter().find(|clause| clause.id == *id)
    }

    /// How many cases there were.
    pub(super) fn total(&self) -> usize {
        self.footer.counts.values().sum()
    }

    /// How many cases had each outcome, worst first: `3 violates, 9 conforms`.
    pub(super) fn counts(&self) -> String {
        let counts: Vec<String> =
            self.footer.counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let flaky = if self.footer.flaky > 0 { format!("; {} flaky", self.footer.flaky) } else { String::new() };
        format!("{}{flaky}", counts.join(", "))
    }

    /// Every clause that somebody wrote with what was found out about it.
    pub(super) fn coverage<'a>(&'a self) -> Coverage<'a> {
        self.rows(false)
    }

    /// Every derived clause with what was found out about it.
    pub(super) fn derived<'a>(&'a self) -> Coverage<'a> {
        self.rows(true)
    }

    /// The clauses that somebody wrote, and those of the derived ones that a case is about, or that are broken or open. A
    /// document may be the source of thousands, and what answers show of them by the way is only counted.
    pub(super) fn told<'a>(&'a self) -> Coverage<'a> {
        let mut told = self.rows(false);
        let is_told = |row: &ClauseRow<'_>| {
            let is_quiet = matches!(row.outcome(), ClauseOutcome::Proven | ClauseOutcome::Untested);
            !is_quiet || row.cases.is_some_and(|cases| !cases.by_polarity().is_empty())
        };
        told.0.extend(self.rows(true).0.into_iter().filter(is_told));
        told
    }

    fn rows<'a>(&'a self, derived: bool) -> Coverage<'a> {
        let results: BTreeMap<_, _> = self.footer.clauses.iter().map(|clause| (&clause.id, clause)).collect();
        let row = |statement: &'a ClauseStatement| {
            ClauseRow::new(statement, results.get(&statement.id).copied(), self.clauses.get(&statement.id))
        };
        Coverage(self.header.clauses.iter().filter(|statement| statement.derived == derived).map(row).collect())
    }

    /// The clauses of which readings were recorded.
    pub(super) fn readings(&self) -> Vec<&ClauseResult> {
        self.footer.clauses.iter().filter(|clause| !clause.readings.is_empty()).collect()
    }

    /// How many things were left behind on the target.
    pub(super) fn left_behind(&self) -> usize {
        self.footer.left_behind.len() + self.footer.left_more
    }
}
