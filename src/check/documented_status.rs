//! Only documented statuses appear, but for those that a case declares as tolerable (`status.documented`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::DocumentedStatus;
use crate::verdict::{CheckId, FindingKind, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::new("documented-status"),
    says: "the status is documented for the operation",
    always: false,
    run,
};

/// Statuses that often come from in front of an API, documented or not.
const IN_FRONT: [u16; 11] = [405, 406, 408, 413, 414, 415, 429, 431, 501, 503, 504];

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(response) = subject.exchange.answer.head() else { return };
    let documented = subject.operation.response(response.status);
    if let Some(clause) = documented.and_then(|spec| spec.clause.as_ref()) {
        findings.examine(clause);
    }
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
    let clause = findings.clause_of(&CHECK.id).and_then(|id| subject.contract.clause(id.as_str()));
    // Nobody has said here that no layer in front of the API answers for it.
    let is_tolerated = clause.is_some_and(|clause| clause.derived) && IN_FRONT.contains(&response.status);
    let kind = if is_tolerated { FindingKind::Deviation } else { FindingKind::Violation };
    findings.report(CHECK.id, kind, Place::Status, documented, response.status.to_string());
}
