//! An answer's media type is the documented one, whatever its parameters (`response.media-type`). Where the contract says so, a
//! refusal of another type that is JSON (`application/problem+json`) only deviates (`json-suffix`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::ResponseSpec;
use crate::http::Response;
use crate::verdict::{CheckId, FindingKind, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("media-type"), says: "the media type is the documented one", always: false, run };

pub(super) const SUFFIX: Check = Check {
    id: CheckId::new("json-suffix"),
    says: "a refusal's media type is not another one of JSON's",
    always: false,
    run: run_suffix,
};

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.documented().is_some_and(|(_, spec)| !spec.media_types.is_empty()) {
        findings.examine_for(&CHECK.id);
    }
    let Some((response, spec)) = other_type(subject) else { return };
    if suffix_clause(subject, response, spec).is_none() {
        findings.broken(CHECK.id, place(), spec.media_types.clone(), observed(response));
    }
}

fn run_suffix(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.documented().is_some_and(|(_, spec)| !spec.media_types.is_empty() && !spec.is_success()) {
        findings.examine_for(&SUFFIX.id);
    }
    let Some((response, spec)) = other_type(subject) else { return };
    if let Some(clause) = suffix_clause(subject, response, spec) {
        let (kind, expected) = (FindingKind::Deviation, spec.media_types.clone());
        findings.add(kind, clause, SUFFIX.id, place(), expected, observed(response));
    }
}

/// The answer, where its media type is none of the documented ones.
fn other_type<'a>(subject: &Subject<'a>) -> Option<(&'a Response, &'a ResponseSpec)> {
    let (response, spec) = subject.documented()?;
    let essence = essence(response);
    let known = spec.media_types.iter().any(|documented| documented.eq_ignore_ascii_case(essence));
    (!known && !spec.media_types.is_empty()).then_some((response, spec))
}

/// The clause from which it deviates, where it is a refusal of another type that is JSON.
fn suffix_clause<'a>(subject: &Subject<'a>, response: &Response, spec: &ResponseSpec) -> Option<&'a str> {
    let json = spec.media_types.iter().any(|documented| documented.eq_ignore_ascii_case("application/json"));
    let suffixed = essence(response).to_ascii_lowercase().ends_with("+json");
    let clause = subject.contract.check_clause(SUFFIX.id.as_str()).filter(|_| json && suffixed && !spec.is_success());
    clause.map(|clause| clause.as_str())
}

fn place() -> Place {
    Place::Header("content-type".to_owned())
}

fn essence(response: &Response) -> &str {
    response.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

fn observed(response: &Response) -> String {
    response.header("content-type").map_or_else(|| "no such header".to_owned(), str::to_owned)
}
