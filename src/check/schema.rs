//! The body is valid against the schema documented for its status; each violated keyword breaks the clause that
//! stands for it.
//!
//! Says nothing where the body is the other family's altogether: that is one finding of `error-on-success` or
//! `success-on-error`, not one for each missing member.

use super::findings::Findings;
use super::subject::{Check, Subject};
use super::{error_on_success, success_on_error};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("schema"), says: "the body is valid against the documented schema", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((body, spec)) = subject.body() else { return };
    if findings.any_of(&error_on_success::CHECK.id) || findings.any_of(&success_on_error::CHECK.id) {
        return;
    }
    let Some(schema) = &spec.schema else { return };
    if findings.asks_of_schemas() {
        schema.applied_clauses(body).iter().for_each(|clause| findings.examine(clause));
    }
    for violation in schema.violations(body, subject.secrets) {
        let place = Place::Body(violation.place);
        let clause = violation.clause.as_str();
        findings.break_clause(clause, CHECK.id, place, vec![violation.expected], violation.observed);
    }
}
