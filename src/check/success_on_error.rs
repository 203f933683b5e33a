//! A refusal carries no created resource (`error.not-success`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("success-on-error"), says: "a 4xx carries no created resource", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((body, _)) = subject.body().filter(|(_, response)| !response.accepted()) else { return };
    if subject.operation.has_success_body() {
        findings.examine_for(&CHECK.id);
    }
    if subject.operation.is_success_body(body) {
        findings.broken(CHECK.id, Place::BODY, vec!["the documented error".to_owned()], "a created resource");
    }
}
