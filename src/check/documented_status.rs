//! Only documented statuses appear, but for those that a case declares as tolerable (`status.documented`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::DocumentedStatus;
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::new("documented-status"),
    says: "the status is documented for the operation",
    always: false,
    run,
};

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(response) = subject.exchange.answer.head() else { return };
    let documented = subject.operation.response(response.status);
    // That everything else is documented shows of no status that it was meant.
    if documented.is_some_and(|spec| spec.status == DocumentedStatus::Default) {
        return;
    }
    let is_documented = documented.is_some();
    if !is_documented && subject.declared.contains(&response.status) {
        return;
    }
    findings.examine_for(&CHECK.id);
    if is_documented {
        return;
    }
    let documented = subject.operation.statuses().map(|status| status.to_string()).collect();
    findings.broken(CHECK.id, Place::Status, documented, response.status.to_string());
}
