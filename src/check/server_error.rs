//! Nothing that a client can send is answered with a server error (`status.no-server-error`), but for those that a case
//! declares as tolerable: 501 is what HTTP has for a method that a server doesn't know.

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::SERVER_ERROR, says: "no request is answered with a 5xx", always: true, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let failed = |status: u16| status >= 500 && !subject.declared.contains(&status);
    let Some(response) = subject.exchange.answer.head() else { return };
    findings.examine_for(&CHECK.id);
    if failed(response.status) {
        findings.broken(CHECK.id, Place::Status, vec!["a status below 500".to_owned()], response.status.to_string());
    }
}
