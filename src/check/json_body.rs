//! A body that is documented as JSON is one well-formed JSON text without duplicate keys (`response.body` for
//! successes, `error.body` for refusals).

use super::findings::Findings;
use super::subject::{Check, Documented, Subject};
use crate::contract::{BodyKind, note_undecided};
use crate::verdict::{CheckId, Place};

/// How many characters of what is wrong are shown: a key and the way to it may be long.
const SHOWN: usize = 300;

pub(super) const SUCCESS: Check = Check {
    id: CheckId::new("body"),
    says: "a success carries one well-formed JSON text",
    always: false,
    run: |subject, findings| run(SUCCESS.id, true, subject, findings),
};

pub(super) const REFUSAL: Check = Check {
    id: CheckId::new("error-body"),
    says: "a refusal carries one well-formed JSON text",
    always: false,
    run: |subject, findings| run(REFUSAL.id, false, subject, findings),
};

fn run(id: CheckId, accepted: bool, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(Documented { response, content, kind }) = subject.content() else { return };
    if response.accepted() != accepted {
        return;
    }
    let otherwise = content.clause.as_ref();
    if let Some(clause) = otherwise {
        findings.examine(clause);
    }
    if kind != BodyKind::Json {
        return;
    }
    if let Some(why) = subject.unreadable(response) {
        return note_undecided(why);
    }
    findings.examine_for(&id);
    // No request asks for it. Whoever undoes one that isn't there gets no JSON, whoever doesn't undo one that is, neither.
    if let Some(coding) = response.coding() {
        let observed = subject.secrets.shortened(coding, 120);
        let place = Place::Header("content-encoding".to_owned());
        findings.broken_or(id, otherwise, place, vec!["no coding".to_owned()], observed);
        return;
    }
    if let Err(defect) = response.json()
        && !defect.is_limit
    {
        let observed = if response.body.is_empty() {
            "no body".to_owned()
        } else {
            subject.secrets.shortened(&defect.to_string(), SHOWN)
        };
        findings.broken_or(id, otherwise, Place::BODY, vec!["one well-formed JSON text".to_owned()], observed);
    }
}
