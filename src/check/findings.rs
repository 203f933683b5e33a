//! What is found out about one exchange.

use std::collections::BTreeSet;

use crate::contract::{ClauseId, Contract, Level};
use crate::pointer;
use crate::text::hidden_difference;
use crate::verdict::{CheckId, Finding, FindingKind, Place};

/// Collects findings on one exchange, and of which clauses something was examined.
pub struct Findings<'a> {
    contract: &'a Contract,
    exchange: usize,
    /// The id of the operation that was asked, where it is one.
    operation: Option<&'a str>,
    /// Whether what must hold is only a deviation where it doesn't.
    pub(super) lenient: bool,
    list: Vec<Finding>,
    /// The clauses that it is asked of whether anything was examined for them.
    asked: &'a [&'a str],
    examined: BTreeSet<ClauseId>,
}

impl<'a> Findings<'a> {
    /// An empty collection for the exchange with this index in its case.
    pub fn new(contract: &'a Contract, exchange: usize) -> Self {
        Self {
            contract,
            exchange,
            operation: None,
            lenient: false,
            list: Vec::new(),
            asked: &[],
            examined: BTreeSet::new(),
        }
    }

    /// The same for an answer of an operation.
    #[must_use]
    pub fn of(self, operation: &'a str) -> Self {
        Self { operation: Some(operation), ..self }
    }

    /// The clause that a check is about here.
    pub(super) fn clause_of(&self, check: &CheckId) -> Option<&'a ClauseId> {
        match self.operation {
            Some(operation) => self.contract.check_clause_of(check.as_str(), operation),
            None => self.contract.check_clause(check.as_str()),
        }
    }

    /// The same, which keeps of these clauses whether anything was examined for them.
    #[must_use]
    pub fn asking(self, asked: &'a [&'a str]) -> Self {
        Self { asked, ..self }
    }

    /// Whether one of the clauses that it is asked of stands for keywords of a schema, or any is derived.
    pub fn asks_of_schemas(&self) -> bool {
        let mut clauses = self.asked.iter().filter_map(|clause| self.contract.clause(clause));
        !self.contract.derived().is_empty() || clauses.any(|clause| !clause.schema.is_empty())
    }

    /// Reports that the clause which a check is about is broken; without such a clause nothing is reported.
    pub fn broken(&mut self, check: CheckId, place: Place, expected: Vec<String>, observed: impl Into<String>) {
        if let Some(clause) = self.clause_of(&check) {
            let clause = clause.clone();
            self.break_clause(clause.as_str(), check, place, expected, observed);
        }
    }

    /// Reports that the clause which a check is about is broken, or another one where the check is about none.
    pub fn broken_or(
        &mut self,
        check: CheckId,
        otherwise: Option<&ClauseId>,
        place: Place,
        expected: Vec<String>,
        observed: impl Into<String>,
    ) {
        if let Some(clause) = self.clause_of(&check).or(otherwise) {
            let clause = clause.clone();
            self.break_clause(clause.as_str(), check, place, expected, observed);
        }
    }

    /// Reports a finding of a given kind on the clause that a check is about; but none that is worse than the clause's
    /// level allows. Without such a clause nothing is reported.
    pub fn report(
        &mut self,
        check: CheckId,
        kind: FindingKind,
        place: Place,
        expected: Vec<String>,
        observed: impl Into<String>,
    ) {
        let Some(clause) = self.clause_of(&check) else { return };
        let clause = clause.clone();
        match kind {
            FindingKind::Violation => self.break_clause(clause.as_str(), check, place, expected, observed),
            _ => self.add(kind, clause.as_str(), check, place, expected, observed),
        }
    }

    /// Reports that a clause is broken. Its level decides what kind of finding that is; an ambiguous clause can't
    /// be broken, what came is then recorded as the reading.
    pub fn break_clause(
        &mut self,
        clause: &str,
        check: CheckId,
        place: Place,
        expected: Vec<String>,
        observed: impl Into<String>,
    ) {
        let kind = match self.contract.clause(clause).map(|clause| clause.level) {
            Some(Level::Must) if !self.lenient => FindingKind::Violation,
            Some(Level::Must | Level::Should) => FindingKind::Deviation,
            Some(Level::Ambiguous) | None => FindingKind::Observation,
        };
        self.add(kind, clause, check, place, expected, observed);
    }

    /// Reports a finding of a given kind.
    pub fn add(
        &mut self,
        kind: FindingKind,
        clause: &str,
        check: CheckId,
        place: Place,
        expected: Vec<String>,
        observed: impl Into<String>,
    ) {
        // The loader has refused every clause that the contract doesn't state.
        let Some(clause) = self.contract.clause(clause).map(|clause| clause.id.clone()) else { return };
        let mut observed = observed.into();
        let mut hidden = expected.iter().filter(|_| kind != FindingKind::Observation);
        if let Some(difference) = hidden.find_map(|expected| hidden_difference(expected, &observed)) {
            observed = format!("{observed}, which has {difference}");
        }
        let finding = Finding { clause, kind, check, place, expected, observed, exchange: self.exchange };
        if !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    /// Notes that something of the exchange was held against this clause. Of those that somebody wrote, only those that it is
    /// asked of are kept; of the derived ones all, for no case names them.
    pub fn examine(&mut self, clause: &ClauseId) {
        let is_asked = || self.asked.contains(&clause.as_str()) || self.contract.derived_at(clause.as_str()).is_some();
        if !self.examined.contains(clause) && is_asked() {
            self.examined.insert(clause.clone());
        }
    }

    /// The same for a clause that a suite names.
    pub fn examine_named(&mut self, clause: &str) {
        if self.asked.contains(&clause)
            && let Some(clause) = self.contract.clause(clause)
        {
            self.examine(&clause.id);
        }
    }

    /// Notes that something of the exchange was held against the clause that a check is about.
    pub fn examine_for(&mut self, check: &CheckId) {
        if let Some(clause) = self.clause_of(check).cloned() {
            self.examine(&clause);
        }
    }

    /// The clauses against which something was held.
    pub fn take_examined(&mut self) -> BTreeSet<ClauseId> {
        std::mem::take(&mut self.examined)
    }

    /// Whether it is told already that there is nothing at a place, or that what is around it is something else.
    pub fn tell_of(&self, place: &Place) -> bool {
        let place = place.to_string();
        self.list.iter().filter(|finding| finding.kind != FindingKind::Observation).any(|finding| {
            let told = finding.place.to_string();
            finding.check != CheckId::STATEMENT && pointer::behind(&place, &told).is_some()
        })
    }

    /// Whether a violation was reported by this check so far.
    pub fn any_of(&self, check: &CheckId) -> bool {
        self.list.iter().any(|finding| finding.check == *check)
    }

    /// How many findings there are.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Takes back all findings but the first so many.
    pub(super) fn forget_after(&mut self, count: usize) {
        self.list.truncate(count);
    }

    /// The findings, in the order of reporting.
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
