//! An answer's media type is the documented one, whatever its parameters (`response.media-type`). Where the contract says so, a
//! refusal of another type that is JSON (`application/problem+json`) only deviates (`json-suffix`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::{MediaType, ResponseSpec};
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
    if subject.content_spec().is_some() {
        findings.examine_for(&CHECK.id);
    }
    let Some((response, spec)) = other_type(subject) else { return };
    if suffix_clause(subject, response, spec).is_none() {
        findings.broken_or(CHECK.id, spec.clause.as_ref(), place(), documented(spec), observed(response));
    }
}

fn run_suffix(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.content_spec().is_some_and(|(response, _)| !response.accepted()) {
        findings.examine_for(&SUFFIX.id);
    }
    let Some((response, spec)) = other_type(subject) else { return };
    if let Some(clause) = suffix_clause(subject, response, spec) {
        findings.add(FindingKind::Deviation, clause, SUFFIX.id, place(), documented(spec), observed(response));
    }
}

/// The answer, where its media type is none of the documented ones.
fn other_type<'a>(subject: &Subject<'a>) -> Option<(&'a Response, &'a ResponseSpec)> {
    let (response, spec) = subject.content_spec()?;
    let observed = response.header("content-type");
    // What isn't there needn't say what it would be.
    let is_absent = subject.exchange.request.method == "HEAD" && observed.is_none();
    let is_known = is_absent || observed.is_some_and(|observed| spec.content(observed).is_some());
    (!is_known).then_some((response, spec))
}

/// The clause from which it deviates, where it is a refusal of another type that is JSON.
fn suffix_clause<'a>(subject: &Subject<'a>, response: &Response, spec: &ResponseSpec) -> Option<&'a str> {
    let json = spec.content.iter().any(|content| content.media_type.essence() == "application/json");
    let observed = MediaType::parse(response.header("content-type").unwrap_or_default());
    let suffixed = observed.essence().ends_with("+json");
    let clause = subject.contract.check_clause(SUFFIX.id.as_str()).filter(|_| json && suffixed && !response.accepted());
    clause.map(|clause| clause.as_str())
}

fn documented(spec: &ResponseSpec) -> Vec<String> {
    spec.content.iter().map(|content| content.media_type.to_string()).collect()
}

fn place() -> Place {
    Place::Header("content-type".to_owned())
}

fn observed(response: &Response) -> String {
    response.header("content-type").map_or_else(|| "no such header".to_owned(), str::to_owned)
}
