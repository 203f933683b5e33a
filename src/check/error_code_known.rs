//! An error code stands in the catalogue, or is one that the gateway in front may give for that status
//! (`error.code-documented`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("error-code-known"), says: "the error code is documented", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let catalogue = subject.contract.catalogue();
    let Some((body, response)) = subject.body().filter(|(_, response)| !response.accepted()) else { return };
    let Some(code) = catalogue.code_in(body) else { return };
    findings.examine_for(&CHECK.id);
    if catalogue.get(&code).is_none() && !catalogue.is_gateway(&code, response.status) {
        let expected = catalogue.codes_of(response.status).map(str::to_owned).collect();
        findings.broken(
            CHECK.id,
            Place::Body(catalogue.pointer().to_owned()),
            expected,
            super::subject::shown(&code.into_owned().into(), subject.secrets),
        );
    }
}
