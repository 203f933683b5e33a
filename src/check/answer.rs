//! The target took the connection: then it owes one complete, well-formed answer in time (`transport.answer`).

use super::{Check, Findings, Subject};
use crate::http::Answer;
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::new("answer"),
    says: "every request gets one complete, well-formed answer in time",
    always: true,
    run,
};

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if let Answer::Unusable { defect, cause, .. } = &subject.exchange.answer {
        let observed = if cause.is_empty() { defect.says().to_owned() } else { format!("{}: {cause}", defect.says()) };
        findings.broken(CHECK.id, Place::Answer, vec!["one complete, well-formed answer".to_owned()], observed);
    }
}
