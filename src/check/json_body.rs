//! A body that is documented as JSON is one well-formed JSON text without duplicate keys (`response.body` for
//! successes, `error.body` for refusals).

use super::{Check, Findings, Subject};

pub(super) const SUCCESS: Check = Check {
    name: "body",
    says: "a success carries one well-formed JSON text",
    always: false,
    run: |subject, findings| run("body", true, subject, findings),
};

pub(super) const REFUSAL: Check = Check {
    name: "error-body",
    says: "a refusal carries one well-formed JSON text",
    always: false,
    run: |subject, findings| run("error-body", false, subject, findings),
};

fn run(name: &str, accepted: bool, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((response, spec)) = subject.documented() else { return };
    if response.accepted() != accepted || spec.schema.is_none() {
        return;
    }
    // No request asks for a coding. Whoever undoes one that isn't there gets no JSON, whoever doesn't undo one that is, neither.
    if let Some(coding) = response.header("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        let observed = crate::text::shorten(coding, 120).into_owned();
        findings.broken(name, "/headers/content-encoding", vec!["no coding".to_owned()], observed);
        return;
    }
    if let Err(defect) = response.json() {
        let observed = if response.body.is_empty() {
            "no body".to_owned()
        } else {
            format!("{} at {}", defect.says, defect.place)
        };
        findings.broken(name, "/body", vec!["one well-formed JSON text".to_owned()], observed);
    }
}
