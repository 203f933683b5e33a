//! A success, documented or not, carries no error body (`response.not-error`). No layer in front, and no other operation, has a
//! reason to answer with one either.

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::Operation;
use crate::http::Response;
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::ERROR_ON_SUCCESS, says: "a 2xx carries no error body", always: true, run };

/// Whether an answer with a 2xx carries the documented error body.
pub fn is_error_on_success(operation: &Operation, response: &Response) -> bool {
    let Ok(body) = response.json() else { return false };
    response.accepted() && operation.is_error_body(body)
}

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(response) = subject.response().filter(|response| response.accepted()) else { return };
    if subject.operation.has_error_body() {
        findings.examine_for(&CHECK.id);
    }
    if is_error_on_success(subject.operation, response) {
        findings.broken(CHECK.id, Place::BODY, vec!["the documented success".to_owned()], "an error body");
    }
}
