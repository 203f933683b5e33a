//! An error code that the catalogue gives to another status is wrong (`error.code-fits-status`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("error-code-status"), says: "the error code belongs to the status", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let catalogue = subject.contract.catalogue();
    let Some((body, response)) = subject.body().filter(|(_, response)| !response.accepted()) else { return };
    let Some(code) = catalogue.code_in(body) else { return };
    findings.examine_for(&CHECK.id);
    if let Some(status) = catalogue.status_of(&code).filter(|status| *status != response.status) {
        let expected = catalogue.codes_of(response.status).map(str::to_owned).collect();
        let observed = format!("{code}, which belongs to {status}");
        findings.broken(CHECK.id, Place::Body(catalogue.pointer().to_owned()), expected, observed);
    }
}
