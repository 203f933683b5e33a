//! Which case shows what of which clause: the static half of the proof that a suite is complete.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Suite;
use crate::contract::{Clause, ClauseId, Contract, Polarity};

/// How many case rows are named for a clause and polarity.
const NAMED: usize = 1_000;

/// The case rows that show something of a clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// How many.
    pub count: u64,
    /// Their ids, in the suite's order; at most 1,000.
    pub rows: Vec<String>,
}

/// Per clause and polarity the case rows that show it.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    shown: BTreeMap<(String, Polarity), Shown>,
    /// The statuses that cases expect.
    expected: BTreeSet<(String, u16)>,
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
                    let expected =
                        case.expected_of(&row, number).map(|status| (step.operation.id().to_owned(), status));
                    coverage.expected.extend(expected);
                }
                for cover in covers {
                    let shown = coverage.shown.entry((cover.clause.clone(), cover.polarity)).or_default();
                    shown.count += 1;
                    if shown.rows.len() < NAMED {
                        shown.rows.push(id.clone());
                    }
                }
            }
        }
        coverage
    }

    /// What shows this side of a clause.
    pub fn shown(&self, clause: &ClauseId, polarity: Polarity) -> Shown {
        self.shown.get(&(clause.as_str().to_owned(), polarity)).cloned().unwrap_or_default()
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
        let all = contract.clauses().iter().flat_map(due);
        all.filter(|gap| self.shown(&gap.clause, gap.polarity).count == 0).collect()
    }
}
