//! What the reports that are written at the end remember of a run: causes, the cases of each clause, and the cases that
//! told nothing, put together by reason.
//!
//! Its size is bounded: it depends on the number of clauses and on fixed limits, never on the number of cases.

use std::collections::BTreeMap;

use super::snapshots::Changes;
use super::{Groups, flaky};
use crate::contract::{ClauseId, Polarity};
use crate::verdict::{CaseResult, FindingKind, Header, Outcome};

/// How many cases are named for one clause.
const CASES: usize = 40;
/// How many reasons are kept.
const REASONS: usize = 100;
/// How many cases are named for one reason.
const NAMED: usize = 20;

/// Collects what a report at the end needs.
#[derive(Debug)]
pub(super) struct Summary {
    /// What the run began with.
    pub(super) header: Option<Header>,
    /// Violations, grouped.
    pub(super) violations: Groups,
    /// Deviations, grouped.
    pub(super) deviations: Groups,
    /// Cases in which the harness failed.
    pub(super) errors: Reasons,
    /// Cases that came to no conclusion.
    pub(super) inconclusive: Reasons,
    /// Cases that were not fired.
    pub(super) skipped: Reasons,
    /// Snapshots that fail the gate.
    pub(super) changes: Changes,
    /// Cases that passed only when they were sent again, by what they were answered before.
    pub(super) flaky: Reasons,
    clauses: BTreeMap<ClauseId, ClauseCases>,
}

/// The cases of one clause.
#[derive(Debug, Default)]
pub(super) struct ClauseCases {
    /// How many cases are about it, or broke it.
    pub(super) count: usize,
    /// The first cases, the worst outcomes before the others.
    pub(super) listed: Vec<Listed>,
}

/// A case in a clause's list.
#[derive(Debug)]
pub(super) struct Listed {
    /// The case's id.
    pub(super) id: String,
    /// Its outcome.
    pub(super) outcome: Outcome,
    /// Which side of the clause it shows; none where it only broke it.
    pub(super) polarity: Option<Polarity>,
}

/// Case ids by reason.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    /// In the order of first appearance.
    pub(super) list: Vec<Reason>,
    /// Cases with reasons that came after the limit.
    pub(super) more: usize,
}

/// One reason and the cases that have it.
#[derive(Debug)]
pub(super) struct Reason {
    /// The reason.
    pub(super) why: String,
    /// How many cases have it.
    pub(super) count: usize,
    /// The first of their ids.
    pub(super) ids: Vec<String>,
    /// The file and the line of the first.
    pub(super) at: (String, usize),
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            header: None,
            violations: Groups::new(FindingKind::Violation),
            deviations: Groups::new(FindingKind::Deviation),
            errors: Reasons::default(),
            inconclusive: Reasons::default(),
            skipped: Reasons::default(),
            changes: Changes::default(),
            flaky: Reasons::default(),
            clauses: BTreeMap::new(),
        }
    }
}

impl Summary {
    /// Takes in what the run begins with.
    pub(super) fn start(&mut self, header: &Header) {
        self.header = Some(header.clone());
        self.clauses = header.clauses.iter().map(|clause| (clause.id.clone(), ClauseCases::default())).collect();
    }

    /// Takes a case in.
    pub(super) fn record(&mut self, result: &CaseResult) {
        self.violations.record(result);
        self.deviations.record(result);
        self.changes.record(result);
        if let Some(before) = flaky::before(result) {
            self.flaky.record_as(&before, result);
        }
        match result.outcome {
            Outcome::Error => self.errors.record(result),
            Outcome::Inconclusive => self.inconclusive.record(result),
            Outcome::Skipped => self.skipped.record(result),
            _ => {}
        }
        for (clause, polarity) in &result.covers {
            self.list(clause, Some(*polarity), result);
        }
        let mut listed: Vec<&ClauseId> = Vec::new();
        for finding in result.findings.iter().filter(|finding| finding.kind != FindingKind::Observation) {
            if !result.covers.contains_key(&finding.clause) && !listed.contains(&&finding.clause) {
                listed.push(&finding.clause);
                self.list(&finding.clause, None, result);
            }
        }
    }

    /// The cases of a clause; nothing for a clause that the contract doesn't state.
    pub(super) fn cases(&self, clause: &ClauseId) -> Option<&ClauseCases> {
        self.clauses.get(clause)
    }

    /// What the contract says for a clause.
    pub(super) fn says(&self, id: &ClauseId) -> &str {
        let clauses = self.header.iter().flat_map(|header| &header.clauses);
        clauses.into_iter().find(|clause| clause.id == *id).map_or("", |clause| clause.says.as_str())
    }

    /// Whether deviations count as violations.
    pub(super) fn strict(&self) -> bool {
        self.header.as_ref().is_some_and(|header| header.strict)
    }

    fn list(&mut self, clause: &ClauseId, polarity: Option<Polarity>, result: &CaseResult) {
        let Some(cases) = self.clauses.get_mut(clause) else { return };
        cases.count += 1;
        let place = cases.listed.partition_point(|listed| listed.outcome <= result.outcome);
        if place < CASES {
            cases.listed.insert(place, Listed { id: result.id.clone(), outcome: result.outcome, polarity });
            cases.listed.truncate(CASES);
        }
    }
}

impl ClauseCases {
    /// The cases that are named, by the side of the clause that each is about.
    pub(super) fn by_polarity(&self) -> BTreeMap<Polarity, Vec<&str>> {
        let mut sides: BTreeMap<Polarity, Vec<&str>> = BTreeMap::new();
        for listed in &self.listed {
            if let Some(polarity) = listed.polarity {
                sides.entry(polarity).or_default().push(&listed.id);
            }
        }
        sides
    }
}

impl Reasons {
    /// How many cases there are in all.
    pub(super) fn count(&self) -> usize {
        self.list.iter().map(|reason| reason.count).sum::<usize>() + self.more
    }

    fn record(&mut self, result: &CaseResult) {
        self.record_as(result.reason.as_deref().unwrap_or("no reason was given"), result);
    }

    fn record_as(&mut self, why: &str, result: &CaseResult) {
        let full = self.list.len() >= REASONS;
        match self.list.iter_mut().find(|reason| reason.why == why) {
            Some(reason) => {
                reason.count += 1;
                if reason.ids.len() < NAMED {
                    reason.ids.push(result.id.clone());
                }
            }
            None if !full => self.list.push(Reason {
                why: why.to_owned(),
                count: 1,
                ids: vec![result.id.clone()],
                at: (result.file.clone(), result.line),
            }),
            None => self.more += 1,
        }
    }
}
