//! Which general checks derived clauses are about.

use super::super::status::DocumentedStatus;

/// The general checks that are about an operation as a whole, each with the row of the clause that it breaks.
pub(super) const CHECKS: &[(&str, &str)] =
    &[("documented-status", "a documented status"), ("answer", "an answer"), ("server-error", "no 5xx")];

/// The check of ours that is about the body of an answer with a documented status.
pub(in super::super) fn body_check(status: DocumentedStatus) -> &'static str {
    if status.is_refusal() { "error-body" } else { "body" }
}
