//! The checks: pure functions from an exchange to findings.
//!
//! One file a check, one line each in [`CHECKS`]. These run on every answer to the operation without a case
//! asking for them; which clause each is about is said by the contract (`x-checks`), and a check whose clause
//! the contract doesn't state does not run. What a case asks for besides is judged in [`expect`] and
//! [`statement`]. No check does I/O, and none shares code with the reference server.

mod answer;
mod documented_status;
mod error_code_cause;
mod error_code_known;
mod error_code_status;
mod error_on_success;
pub mod expect;
mod headers;
mod json_body;
mod media_type;
mod schema;
mod secret_echo;
mod server_error;
pub mod statement;
mod success_on_error;
mod time;
pub mod value;
mod wire;

pub use error_on_success::is_error_on_success;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::contract::{ClauseId, Contract, Level, Operation, ResponseSpec};
use crate::http::{Exchange, Response};
use crate::secret::Secrets;
use crate::suite::{Cover, Shape};
use crate::verdict::{CheckId, Finding, FindingKind, Place};

/// One general check.
pub struct Check {
    /// Its name, as the contract's `x-checks` uses it.
    pub id: CheckId,
    /// What it looks at, for people.
    pub says: &'static str,
    /// Whether it binds also where the answer may come from a layer in front of the API.
    pub always: bool,
    /// Looks at the subject and reports what is broken.
    pub run: fn(&Subject<'_>, &mut Findings<'_>),
}

/// The moment that a text tells, as the checks read it; none where it tells none.
pub fn moment(text: &str) -> Option<Timestamp> {
    time::read(text).moment()
}

/// Every general check, in the order in which they are run; an earlier finding is the more telling one.
pub static CHECKS: &[Check] = &[
    answer::CHECK,
    documented_status::CHECK,
    server_error::CHECK,
    secret_echo::CHECK,
    media_type::CHECK,
    media_type::SUFFIX,
    json_body::SUCCESS,
    json_body::REFUSAL,
    error_on_success::CHECK,
    success_on_error::CHECK,
    schema::CHECK,
    headers::CHECK,
    error_code_status::CHECK,
    error_code_known::CHECK,
    error_code_cause::CHECK,
];

/// Ids that the contract's `x-checks` may use: the general checks and those that only a case's expectation raises.
pub fn ids() -> Vec<CheckId> {
    CHECKS.iter().map(|check| check.id.clone()).chain([CheckId::FITS_REQUEST]).collect()
}

/// What a check looks at.
pub struct Subject<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The operation that was asked.
    pub operation: &'a Operation,
    /// What was sent and what came back.
    pub exchange: &'a Exchange,
    /// Statuses that the case itself declares as possible here, documented or not.
    pub declared: &'a [u16],
    /// What the case wants to show with this exchange.
    pub covers: &'a [Cover],
    /// Whether the case wants to show of any clause that it holds.
    pub holds: bool,
    /// How hard the documented shape binds this answer.
    pub shape: Shape,
    /// What must not come back.
    pub secrets: &'a Secrets,
}

impl<'a> Subject<'a> {
    /// The complete answer, if there is one.
    pub fn response(&self) -> Option<&'a Response> {
        self.exchange.answer.response()
    }

    /// The complete answer and what is documented for its status. None for a 5xx: that it came at all is the
    /// finding, and what it looks like adds nothing.
    pub fn documented(&self) -> Option<(&'a Response, &'a ResponseSpec)> {
        let response = self.response().filter(|response| response.status < 500)?;
        let spec = self.operation.response(response.status)?;
        Some((response, spec))
    }

    /// The answer's body where it is well-formed JSON, with what is documented for its status.
    pub fn body(&self) -> Option<(&'a Value, &'a ResponseSpec)> {
        let (response, spec) = self.documented()?;
        response.json().ok().map(|body| (body, spec))
    }
}

/// Collects findings on one exchange, and of which clauses something was examined.
pub struct Findings<'a> {
    contract: &'a Contract,
    exchange: usize,
    lenient: bool,
    list: Vec<Finding>,
    examined: BTreeSet<ClauseId>,
}

impl<'a> Findings<'a> {
    /// An empty collection for the exchange with this index in its case.
    pub fn new(contract: &'a Contract, exchange: usize) -> Self {
        Self { contract, exchange, lenient: false, list: Vec::new(), examined: BTreeSet::new() }
    }

    /// Reports that the clause which a check is about is broken; without such a clause nothing is reported.
    pub fn broken(&mut self, check: CheckId, place: Place, expected: Vec<String>, observed: impl Into<String>) {
        if let Some(clause) = self.contract.check_clause(check.as_str()) {
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
        let Some(clause) = self.contract.check_clause(check.as_str()) else { return };
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
        let finding =
            Finding { clause, kind, check, place, expected, observed: observed.into(), exchange: self.exchange };
        if !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    /// Notes that something of the exchange was held against this clause.
    pub fn examine(&mut self, clause: &ClauseId) {
        if !self.examined.contains(clause) {
            self.examined.insert(clause.clone());
        }
    }

    /// The same for a clause that a suite names.
    pub fn examine_named(&mut self, clause: &str) {
        if let Some(clause) = self.contract.clause(clause) {
            self.examine(&clause.id);
        }
    }

    /// Notes that something of the exchange was held against the clause that a check is about.
    pub fn examine_for(&mut self, check: &CheckId) {
        if let Some(clause) = self.contract.check_clause(check.as_str()) {
            self.examine(clause);
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
            finding.check != CheckId::STATEMENT
                && place.strip_prefix(&told).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether a violation was reported by this check so far.
    pub fn any_of(&self, check: &CheckId) -> bool {
        self.list.iter().any(|finding| finding.check == *check)
    }

    /// The findings, in the order of reporting.
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }
}

/// Runs every general check over an exchange.
pub fn run_all(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for check in CHECKS {
        findings.lenient = !check.always && subject.shape == Shape::Should;
        if check.always || subject.shape != Shape::Free {
            (check.run)(subject, findings);
        }
    }
    findings.lenient = false;
}

/// A value as it is shown in a finding: JSON, masked and shortened to 120 characters.
fn shown(value: &Value, secrets: &Secrets) -> String {
    secrets.mask(&crate::http::written(value)).short(120).into_owned()
}

#[cfg(test)]
mod tests;
