//! Cases as the reports at the end remember them: by reason, and by clause. Bounded, whatever the number of cases.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::contract::Polarity;
use crate::verdict::{CaseResult, ExchangeRecord, Outcome};

/// How many cases are named for one clause.
const OF_CLAUSE: usize = 40;
/// How many reasons are kept.
const REASONS: usize = 100;
/// How many cases are named for one reason.
const OF_REASON: usize = 20;

/// Which case, and where it stands.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CaseRef {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) file: String,
    pub(super) line: usize,
}

impl From<&CaseResult> for CaseRef {
    fn from(result: &CaseResult) -> Self {
        let (id, title, file) = (result.id.clone(), result.title.clone(), result.file.clone());
        Self { id, title, file, line: result.line }
    }
}

/// The cases of one clause.
#[derive(Debug, Default, Serialize)]
pub(super) struct ClauseCases {
    /// How many cases are about it, or broke it.
    pub(super) count: usize,
    /// The first cases, the worst outcomes before the others.
    pub(super) list: Vec<ClauseCase>,
}

/// A case in a clause's list.
#[derive(Debug, Serialize)]
pub(super) struct ClauseCase {
    pub(super) id: String,
    pub(super) outcome: Outcome,
    /// Which side of the clause it shows; none where it only broke it.
    pub(super) polarity: Option<Polarity>,
}

impl ClauseCases {
    pub(super) fn record(&mut self, polarity: Option<Polarity>, result: &CaseResult) {
        self.count += 1;
        let place = self.list.partition_point(|listed| listed.outcome <= result.outcome);
        if place < OF_CLAUSE {
            self.list.insert(place, ClauseCase { id: result.id.clone(), outcome: result.outcome, polarity });
            self.list.truncate(OF_CLAUSE);
        }
    }

    /// The cases that are named, by the side of the clause that each is about.
    pub(super) fn by_polarity(&self) -> BTreeMap<Polarity, Vec<&str>> {
        let mut sides: BTreeMap<Polarity, Vec<&str>> = BTreeMap::new();
        for case in &self.list {
            if let Some(polarity) = case.polarity {
                sides.entry(polarity).or_default().push(&case.id);
            }
        }
        sides
    }
}

/// Cases by reason.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reasons {
    /// How many cases there are in all.
    pub(super) count: usize,
    /// In the order of first appearance.
    pub(super) list: Vec<Reason>,
    /// Cases with reasons that came after the limit.
    pub(super) more: usize,
}

/// One reason and the cases that have it.
#[derive(Debug, Serialize)]
pub(super) struct Reason {
    pub(super) why: String,
    /// How many cases have it.
    pub(super) count: usize,
    /// The first of their ids.
    pub(super) ids: Vec<String>,
    /// The first of them.
    #[serde(skip)]
    pub(super) first: CaseRef,
    /// Where the first is no row but a control or a probe, what was sent and answered.
    #[serde(skip)]
    pub(super) exchange: Option<ExchangeRecord>,
}

impl Reasons {
    pub(super) fn record(&mut self, why: &str, result: &CaseResult) {
        self.count += 1;
        let full = self.list.len() >= REASONS;
        match self.list.iter_mut().find(|reason| reason.why == why) {
            Some(reason) => {
                reason.count += 1;
                if reason.ids.len() < OF_REASON {
                    reason.ids.push(result.id.clone());
                }
            }
            None if full => self.more += 1,
            None => {
                let (why, ids, first) = (why.to_owned(), vec![result.id.clone()], CaseRef::from(result));
                let exchange = result.exchanges.first().filter(|_| result.at.is_none()).cloned();
                self.list.push(Reason { why, count: 1, ids, first, exchange });
            }
        }
    }
}
