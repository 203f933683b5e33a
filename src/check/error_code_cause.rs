//! An error code that is documented for one cause alone is not given for another (`error.code-fits-cause`).
//!
//! The catalogue names the clauses whose breach alone may be answered so (`only_for`); whoever sends something else
//! and gets this code is told something untrue.

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::ClauseId;
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::new("error-code-cause"),
    says: "the error code belongs to what was wrong",
    always: false,
    run,
};

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let catalogue = subject.contract.catalogue();
    let Some((body, response)) = subject.body().filter(|(_, response)| !response.accepted()) else { return };
    let Some(entry) = catalogue.code_in(body).and_then(|code| catalogue.get(&code)) else { return };
    let about = |clause: &ClauseId| subject.covers.iter().any(|cover| cover.clause == clause.as_str());
    if !subject.covers.is_empty() {
        findings.examine_for(&CHECK.id);
    }
    if subject.covers.is_empty() || entry.only_for.is_empty() || entry.only_for.iter().any(about) {
        return;
    }
    let allowed = catalogue.codes().iter().filter(|other| other.status == response.status && other.only_for.is_empty());
    let expected = allowed.map(|other| other.code.clone()).collect();
    let observed = format!("{}, which means that {}", entry.code, entry.meaning);
    findings.broken(CHECK.id, Place::Body(catalogue.pointer().to_owned()), expected, observed);
}
