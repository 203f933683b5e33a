//! A success carries no error body (`response.not-error`).

use super::{Check, Findings, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("error-on-success"), says: "a 2xx carries no error body", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((body, _)) = subject.body().filter(|(_, spec)| spec.is_success()) else { return };
    let error =
        subject.operation.refusals().filter_map(|spec| spec.schema.as_ref()).any(|schema| schema.is_valid(body));
    if error {
        findings.broken(CHECK.id, Place::BODY, vec!["the documented success".to_owned()], "an error body");
    }
}
