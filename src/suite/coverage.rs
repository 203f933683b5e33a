//! Which case shows what of which clause: the static half of the proof that a suite is complete.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Step;
use super::model::Suite;
use super::request::PathChange;
use crate::contract::{AS_STATED, Clause, ClauseId, Contract, Polarity};

/// How many case rows are named for a clause and polarity.
const NAMED: usize = 1_000;

/// Case rows that have something in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// How many.
    pub count: u64,
    /// Their ids, in the suite's order; at most 1,000.
    pub rows: Vec<String>,
}

impl Shown {
    fn add(&mut self, row: &str) {
        self.count += 1;
        if self.rows.len() < NAMED {
            self.rows.push(row.to_owned());
        }
    }
}

/// Per clause and polarity the case rows that show it.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    shown: BTreeMap<(String, Polarity), Shown>,
    /// The statuses that cases expect.
    expected: BTreeSet<(String, u16)>,
    undocumented: BTreeMap<Unlisted, Shown>,
}

/// Statuses that cases expect of an operation, none of which its document lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    /// The operation.
    pub operation: String,
    /// The statuses, as they are written.
    pub statuses: Vec<u16>,
}

impl Unlisted {
    /// What a step expects, where that is so. A step with a method or a path of its own may ask something else.
    fn of(step: &Step, statuses: Vec<u16>) -> Option<Self> {
        let operation = &step.operation.documented;
        let asks_it = step.overrides.method.is_none() && !matches!(step.overrides.path, Some(PathChange::Written(_)));
        let is_unlisted = !statuses.is_empty() && statuses.iter().all(|status| operation.response(*status).is_none());
        (asks_it && is_unlisted).then(|| Self { operation: step.operation.id().to_owned(), statuses })
    }
}

/// A side of a clause that no case shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The clause.
    pub clause: ClauseId,
    /// The side.
    pub polarity: Polarity,
}

impl Coverage {
    /// Goes through all rows of a suite.
    pub fn of(suite: &Suite) -> Self {
        let mut coverage = Self::default();
        for case in &suite.cases {
            for row in case.rows.iter() {
                let id = suite.row_id(case, &row);
                let mut covers: Vec<_> = (0..case.steps.len()).flat_map(|step| case.covers_of(&row, step)).collect();
                covers.sort_unstable();
                covers.dedup();
                for (number, step) in case.steps.iter().enumerate() {
                    let expected: Vec<u16> = case.expected_of(&row, number).collect();
                    coverage.expected.extend(expected.iter().map(|status| (step.operation.id().to_owned(), *status)));
                    if let Some(unlisted) = Unlisted::of(step, expected) {
                        coverage.undocumented.entry(unlisted).or_default().add(&id);
                    }
                }
                for cover in covers {
                    coverage.shown.entry((cover.clause.clone(), cover.polarity)).or_default().add(&id);
                }
            }
        }
        coverage
    }

    /// What shows this side of a clause.
    pub fn shown(&self, clause: &ClauseId, polarity: Polarity) -> Shown {
        self.shown.get(&(clause.as_str().to_owned(), polarity)).cloned().unwrap_or_default()
    }

    /// What cases expect that the document doesn't list: of such an answer, nothing but what the case says is judged.
    pub fn undocumented(&self) -> impl Iterator<Item = (&Unlisted, &Shown)> {
        self.undocumented.iter()
    }

    /// Whether cases may show every side of a derived clause. What holds of answers, any that a case expects may show.
    pub fn may_show(&self, contract: &Contract, clause: &Clause) -> bool {
        let is_answered = || {
            self.expected.iter().any(|(operation, status)| contract.may_show(operation, *status, clause.id.as_str()))
        };
        clause.polarities.iter().all(|polarity| {
            self.shown(&clause.id, *polarity).count > 0 || (*polarity == Polarity::Hold && is_answered())
        })
    }

    /// The sides that have to be shown, can be tested, and aren't.
    pub fn gaps(&self, contract: &Contract) -> Vec<Gap> {
        let due = |clause: &Clause| -> Vec<Gap> {
            let testable = clause.polarities.iter().filter(|polarity| !clause.untestable.contains_key(polarity));
            testable.map(|polarity| Gap { clause: clause.id.clone(), polarity: *polarity }).collect()
        };
        // Nobody has to write a case without covers, or name the clause of one.
        let all = contract.clauses().iter().filter(|clause| clause.id.as_str() != AS_STATED).flat_map(due);
        all.filter(|gap| self.shown(&gap.clause, gap.polarity).count == 0).collect()
    }
}
