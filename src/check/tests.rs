use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use secrecy::SecretString;
use serde_json::json;

use serde_json::Value;

use super::subject::Subject;
use super::*;
use crate::contract::Contract;
use crate::contract::Polarity;
use crate::http::{Answer, ConnectionUse, Defect, HeaderCase, Irregularity, Request, WireRule};
use crate::http::{Exchange, Response};
use crate::secret::Secrets;
use crate::suite::{Cover, Shape};
use crate::verdict::{CheckId, Finding, FindingKind, Place};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::load("contract.yaml", include_str!("../../cases/connections/contract.yaml")).unwrap());
const REQUEST_ID: &str = "0123456789abcdef0123456789abcdef-1639040400000-host1";

pub(super) fn contract() -> &'static Contract {
    &CONTRACT
}

/// An answer with a JSON media type and the request id that a success has to carry.
pub(super) fn response(status: u16, body: &str) -> Response {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if status == 200 {
        headers.push(("x-request-id".to_owned(), REQUEST_ID.to_owned()));
    }
    Response::new(status, "HTTP/1.1".to_owned(), headers, Bytes::from(body.to_owned()))
}

pub(super) fn exchange(answer: Answer) -> Exchange {
    let request = Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:1/v1/p/connections".to_owned(),
        headers: Vec::new(),
        body: Some(Bytes::from_static(br#"{"name":"Orders"}"#)),
        header_case: HeaderCase::default(),
        connection: ConnectionUse::Shared,
    };
    Exchange::new(Arc::new(request), answer, Duration::ZERO)
}

pub(super) fn covers(list: &[(&str, Polarity)]) -> Vec<Cover> {
    list.iter().map(|(clause, polarity)| Cover { clause: (*clause).to_owned(), polarity: *polarity }).collect()
}

fn created() -> Value {
    json!({ "id": "1", "name": "n", "vpc_id": "v", "subnet_id": "s" })
}

fn refusal(code: &str) -> String {
    json!({ "error_code": code, "error_msg": "no" }).to_string()
}

/// What a case says of the exchange.
#[derive(Default)]
struct Said<'a> {
    declared: &'a [u16],
    covers: &'a [(&'a str, Polarity)],
    shape: Shape,
}

fn judged_by(answer: Answer, said: &Said<'_>) -> Vec<Finding> {
    judged(&exchange(answer), said)
}

fn judged(exchange: &Exchange, said: &Said<'_>) -> Vec<Finding> {
    let mut secrets = Secrets::new();
    secrets.register("token", SecretString::from("hunter2-hunter2")).unwrap();
    let subject = Subject {
        contract: contract(),
        operation: contract().operation("createConnection").unwrap(),
        exchange,
        declared: said.declared,
        covers: &covers(said.covers),
        shape: said.shape,
        secrets: &secrets,
    };
    let mut findings = Findings::new(contract(), 3);
    run_all(&subject, &mut findings).unwrap();
    findings.into_list()
}

/// Check, clause and place of each.
fn brief(findings: &[Finding]) -> Vec<[String; 3]> {
    findings.iter().map(|found| [found.check.to_string(), found.clause.to_string(), found.place.to_string()]).collect()
}

fn judge(response: Response) -> Vec<Finding> {
    judged_by(Answer::Complete(response), &Said::default())
}

/// The only finding on an answer: its check, clause and place as told, and what it expected and observed.
fn only(findings: Vec<Finding>, told: [&str; 3]) -> (Vec<String>, String) {
    assert_eq!(brief(&findings), [told]);
    let finding = findings.into_iter().next().unwrap();
    assert_eq!(finding.exchange, 3);
    (finding.expected, finding.observed)
}

fn pair(expected: &[&str], observed: &str) -> (Vec<String>, String) {
    (expected.iter().map(|&text| text.to_owned()).collect(), observed.to_owned())
}

fn with_header(mut response: Response, name: &str, value: Option<&str>) -> Response {
    response.headers.retain(|(known, _)| known != name);
    response.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    response
}

#[test]
fn every_check_has_a_name_of_its_own_and_all_but_two_are_about_a_clause_of_the_contract() {
    let mut names = ids();
    let bare: Vec<&str> =
        names.iter().map(CheckId::as_str).filter(|name| contract().check_clause(name).is_none()).collect();
    assert_eq!(bare, ["schema", "headers"]);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), names.contains(&CheckId::FITS_REQUEST)), (count, true));
}

#[test]
fn documented_answers_break_nothing() {
    assert_eq!(judge(response(200, &created().to_string())), []);
    for (status, code) in [(400, "EG.00014000"), (401, "EG.00014010"), (403, "EG.00514003"), (404, "EG.00014040")] {
        assert_eq!(judge(response(status, &refusal(code))), [], "{status}");
    }
}

#[test]
fn an_unusable_answer_is_a_broken_answer_with_its_cause() {
    let unusable = |cause: &str| Answer::Unusable { defect: Defect::Truncated, cause: cause.to_owned(), partial: None };
    let told = ["answer", "transport.answer", "/answer"];
    let right = &["one complete, well-formed answer"];
    let found = judged_by(unusable("12 of 40 bytes"), &Said::default());
    assert_eq!(found[0].kind, FindingKind::Violation);
    assert_eq!(only(found, told), pair(right, "an answer that breaks off: 12 of 40 bytes"));
    assert_eq!(only(judged_by(unusable(""), &Said::default()), told), pair(right, "an answer that breaks off"));
}

#[test]
fn a_205_has_no_content() {
    let found = |body| {
        let found = judge(response(205, body)).into_iter().find(|finding| finding.check == CheckId::ANSWER);
        found.map(|finding| finding.observed)
    };
    assert_eq!(found(""), None);
    assert_eq!(found("{}").as_deref(), Some("2 bytes of content with a 205"));
}

#[test]
fn a_target_that_is_not_there_breaks_no_clause() {
    assert_eq!(judged_by(Answer::Unreachable { cause: "refused".to_owned() }, &Said::default()), []);
}

#[test]
fn an_undocumented_status_is_reported_unless_the_case_declares_it() {
    let told = ["documented-status", "status.documented", "/status"];
    for status in [201, 302, 409, 429] {
        let documented = &["200", "400", "401", "403", "404", "500"];
        assert_eq!(only(judge(response(status, "{}")), told), pair(documented, &status.to_string()));
    }
    let said = Said { declared: &[409], ..Said::default() };
    assert_eq!(judged_by(Answer::Complete(response(409, "{}")), &said), []);
    assert_eq!(judged_by(Answer::Complete(response(429, "{}")), &said).len(), 1);
}

#[test]
fn a_documented_500_is_a_server_error_and_nothing_else_whatever_it_looks_like() {
    let told = ["server-error", "status.no-server-error", "/status"];
    assert_eq!(only(judge(response(500, "oops")), told), pair(&["a status below 500"], "500"));
}

#[test]
fn an_undocumented_5xx_is_both_undocumented_and_a_server_error() {
    let found = judge(response(502, "oops"));
    assert_eq!(
        found.iter().map(|found| found.check.as_str()).collect::<Vec<_>>(),
        ["documented-status", "server-error"]
    );
    assert_eq!(judge(response(499, "{}")).len(), 1);
}

#[test]
fn a_5xx_that_the_case_declares_is_no_server_error() {
    let said = Said { declared: &[501], ..Said::default() };
    assert_eq!(judged_by(Answer::Complete(response(501, "oops")), &said), []);
    assert_eq!(judged_by(Answer::Complete(response(503, "oops")), &said).len(), 2);
}

#[test]
fn a_secret_in_a_header_or_body_is_reported_without_being_shown() {
    let body = json!({ "error_code": "EG.00014010", "error_msg": "hunter2-hunter2 is wrong" }).to_string();
    let (expected, observed) = only(judge(response(401, &body)), ["secret-echo", "secret.no-echo", "/body"]);
    assert_eq!(expected, ["no secret"]);
    assert!(observed.starts_with("the secret token, ") && !observed.contains("hunter2"), "{observed}");
    let header = with_header(response(401, &refusal("EG.00014010")), "x-trace", Some("hunter2-hunter2"));
    only(judge(header), ["secret-echo", "secret.no-echo", "/headers/x-trace"]);
}

#[test]
fn a_secret_in_an_answer_that_breaks_off_is_reported_too() {
    let partial = Some(Box::new(response(200, "hunter2-hunter2")));
    let answer = Answer::Unusable { defect: Defect::Truncated, cause: String::new(), partial };
    let found = judged_by(answer, &Said::default());
    let clauses: Vec<&str> = found.iter().map(|found| found.clause.as_str()).collect();
    assert_eq!(clauses, ["transport.answer", "secret.no-echo"]);
}

#[test]
fn the_media_type_is_compared_without_case_and_parameters() {
    let with = |value| with_header(response(400, &refusal("EG.00014000")), "content-type", value);
    for right in ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y"] {
        assert_eq!(judge(with(Some(right))), [], "{right}");
    }
    let told = ["media-type", "response.media-type", "/headers/content-type"];
    for wrong in ["text/html", "application/json5", "", "text/plain; a=application/json"] {
        assert_eq!(only(judge(with(Some(wrong))), told), pair(&["application/json"], wrong));
    }
    assert_eq!(only(judge(with(None)), told), pair(&["application/json"], "no such header"));
}

#[test]
fn a_refusal_of_another_type_that_is_json_only_deviates_and_a_success_of_one_breaks_its_clause() {
    for media_type in ["application/problem+json", "Application/Vnd.Example.V1+JSON; charset=utf-8"] {
        let refused = response(400, &refusal("EG.00014000"));
        let findings = judge(with_header(refused, "content-type", Some(media_type)));
        assert_eq!(findings[0].kind, FindingKind::Deviation);
        let told = ["json-suffix", "ambiguity.error-media-type", "/headers/content-type"];
        assert_eq!(only(findings, told), pair(&["application/json"], media_type));
        let success = response(200, &created().to_string());
        let findings = judge(with_header(success, "content-type", Some(media_type)));
        assert_eq!(only(findings, ["media-type", "response.media-type", "/headers/content-type"]).1, media_type);
    }
    let page = with_header(response(400, &refusal("EG.00014000")), "content-type", Some("text/json"));
    only(judge(page), ["media-type", "response.media-type", "/headers/content-type"]);
}

#[test]
fn a_body_that_is_no_json_breaks_the_clause_of_its_family() {
    let right = &["one well-formed JSON text"];
    let success = ["body", "response.body", "/body"];
    let refused = ["error-body", "error.body", "/body"];
    assert_eq!(only(judge(response(200, "")), success), pair(right, "no body"));
    assert_eq!(only(judge(response(400, "")), refused), pair(right, "no body"));
    for broken in ["{", r#"{"a":1,"a":2}"#, "<html>", "{} x"] {
        assert!(only(judge(response(200, broken)), success).1.contains(" at "));
        assert!(only(judge(response(404, broken)), refused).1.contains(" at "));
    }
}

#[test]
fn the_other_familys_body_is_one_finding_and_not_one_for_each_member() {
    let told = ["error-on-success", "response.not-error", "/body"];
    let found = judge(response(200, &refusal("EG.00014000")));
    assert_eq!(only(found, told), pair(&["the documented success"], "an error body"));
    let told = ["success-on-error", "error.not-success", "/body"];
    let found = judge(response(400, &created().to_string()));
    assert_eq!(only(found, told), pair(&["the documented error"], "a created resource"));
}

#[test]
fn each_violated_schema_keyword_breaks_its_clause_at_its_place() {
    let mut body = created();
    body["status"] = json!("DONE");
    body["agency"] = json!(1);
    let found = judge(response(200, &body.to_string()));
    let agency = ["schema", "response.agency", "/body/agency"];
    assert_eq!(brief(&found), [agency, ["schema", "response.status", "/body/status"]]);
    assert!(found.iter().all(|found| found.kind == FindingKind::Violation));
    let found = judge(response(400, r#"{"error_code":"EG.00014000"}"#));
    assert_eq!(only(found, ["schema", "error.msg", "/body/error_msg"]).1, "nothing");
}

#[test]
fn a_missing_header_and_a_misshapen_one_break_their_own_clauses() {
    let with = |value| with_header(response(200, &created().to_string()), "x-request-id", value);
    let place = "/headers/x-request-id";
    let missing = only(judge(with(None)), ["headers", "response.request-id", place]);
    assert_eq!(missing, pair(&["this header"], "no such header"));
    only(judge(with(Some("abc"))), ["headers", "response.request-id-format", place]);
    let empty: Vec<String> = judge(with(Some(""))).iter().map(|found| found.clause.to_string()).collect();
    assert!(empty.contains(&"response.request-id".to_owned()), "{empty:?}");
}

#[test]
fn a_documented_header_that_comes_twice_is_reported_even_where_both_are_well_formed() {
    let mut twice = response(200, &created().to_string());
    twice.headers.push(("x-request-id".to_owned(), REQUEST_ID.to_owned()));
    let found = only(judge(twice), ["headers", "response.request-id", "/headers/x-request-id"]);
    assert_eq!(found, pair(&["this header once"], "2 of them"));
}

#[test]
fn a_body_that_is_declared_as_encoded_breaks_the_clause_of_its_family_whatever_it_is() {
    for body in [created().to_string().as_str(), "\u{1f}\u{8b}"] {
        let coded = with_header(response(200, body), "content-encoding", Some("gzip"));
        let found = only(judge(coded), ["body", "response.body", "/headers/content-encoding"]);
        assert_eq!(found, pair(&["no coding"], "gzip"));
    }
    let coded = with_header(response(400, &refusal("EG.00014000")), "content-encoding", Some("br"));
    let found = only(judge(coded), ["error-body", "error.body", "/headers/content-encoding"]);
    assert_eq!(found, pair(&["no coding"], "br"));
    let plain = with_header(response(200, &created().to_string()), "content-encoding", Some("Identity"));
    assert!(judge(plain).is_empty());
}

#[test]
fn a_refusal_needs_no_header_of_a_success() {
    assert_eq!(judge(with_header(response(400, &refusal("EG.00014000")), "x-request-id", None)), []);
}

#[test]
fn a_code_of_another_status_is_reported_with_the_codes_that_would_fit() {
    let told = ["error-code-status", "error.code-fits-status", "/body/error_code"];
    let found = judge(response(401, &refusal("EG.00014000")));
    assert_eq!(only(found, told), pair(&["EG.00014010"], "EG.00014000, which belongs to 400"));
}

#[test]
fn an_unknown_code_is_a_deviation_unless_the_gateway_may_give_it_there() {
    let told = ["error-code-known", "error.code-documented", "/body/error_code"];
    let found = judge(response(401, &refusal("EG.9")));
    assert_eq!(found[0].kind, FindingKind::Deviation);
    assert_eq!(only(found, told), pair(&["EG.00014010"], "\"EG.9\""));
    assert_eq!(judge(response(401, &refusal("APIGW.0301"))), []);
    only(judge(response(400, &refusal("APIGW.0301"))), told);
}

#[test]
fn a_code_of_one_cause_is_reported_only_where_the_case_is_about_another() {
    let taken = || Answer::Complete(response(400, &refusal("EG.00513001")));
    let about = |covers| judged_by(taken(), &Said { covers, ..Said::default() });
    assert_eq!(about(&[]), []);
    assert_eq!(about(&[("name.unique", Polarity::Refuse)]), []);
    assert_eq!(about(&[("name.type", Polarity::Refuse), ("name.unique-concurrently", Polarity::Refuse)]), []);
    let found = about(&[("name.type", Polarity::Refuse)]);
    let told = ["error-code-cause", "error.code-fits-cause", "/body/error_code"];
    let right = &["EG.00014000", "EG.00513000"];
    assert_eq!(only(found, told), pair(right, "EG.00513001, which means that the name is taken"));
    let general = Answer::Complete(response(400, &refusal("EG.00513000")));
    assert_eq!(judged_by(general, &Said { covers: &[("name.type", Polarity::Refuse)], ..Said::default() }), []);
}

#[test]
fn codes_are_not_looked_for_in_a_success() {
    let mut body = created();
    body["error_code"] = json!("EG.9");
    assert_eq!(judge(response(200, &body.to_string())), []);
}

#[test]
fn an_answer_that_may_come_from_a_layer_in_front_only_deviates_in_shape() {
    let html = with_header(response(404, "<html>"), "content-type", Some("text/html"));
    let found = judged_by(Answer::Complete(html), &Said { shape: Shape::Should, ..Said::default() });
    let checks: Vec<&str> = found.iter().map(|found| found.check.as_str()).collect();
    assert_eq!(checks, ["media-type", "error-body"]);
    assert!(found.iter().all(|found| found.kind == FindingKind::Deviation));
}

#[test]
fn a_free_shape_leaves_only_the_checks_that_always_bind() {
    for (shape, kinds) in [(Shape::Free, 2), (Shape::Should, 3)] {
        let answer = Answer::Complete(response(502, "hunter2-hunter2"));
        let found = judged_by(answer, &Said { shape, ..Said::default() });
        assert_eq!(found.len(), kinds);
        for found in found {
            let always = matches!(found.check.as_str(), "server-error" | "secret-echo");
            assert_eq!(found.kind == FindingKind::Violation, always, "{}", found.check);
        }
    }
    assert_eq!(
        judged_by(Answer::Complete(response(404, "<html>")), &Said { shape: Shape::Free, ..Said::default() }),
        []
    );
}

#[test]
fn the_level_of_a_clause_decides_the_kind_of_finding() {
    let mut findings = Findings::new(contract(), 0);
    for clause in ["name.type", "response.fields-present", "ambiguity.order", "no.such-clause"] {
        findings.break_clause(clause, CheckId::new("x"), Place::BODY, Vec::new(), "z");
    }
    let kinds: Vec<FindingKind> = findings.into_list().iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::Violation, FindingKind::Deviation, FindingKind::Observation]);
}

#[test]
fn the_same_finding_is_kept_once_and_a_check_without_a_clause_says_nothing() {
    let mut findings = Findings::new(contract(), 0);
    let (answer, other) = (CheckId::new("answer"), CheckId::new("no-such-check"));
    assert!(!findings.any_of(&answer));
    for (check, observed) in [(&answer, "a"), (&answer, "a"), (&answer, "b"), (&other, "a")] {
        findings.broken(check.clone(), Place::Answer, Vec::new(), observed);
    }
    assert!(findings.any_of(&answer) && !findings.any_of(&other));
    assert_eq!(findings.into_list().len(), 2);
}

/// What the check of the answer says where these rules were broken: kind, expected and observed.
fn told_of(answer: Answer, broken: &[(WireRule, &str)]) -> Vec<(FindingKind, String, String)> {
    let irregularity =
        |(rule, observed): &(WireRule, &str)| Irregularity { rule: *rule, observed: (*observed).to_owned() };
    let irregularities = broken.iter().map(irregularity).collect();
    let exchange = Exchange { irregularities, ..exchange(answer) };
    let findings = judged(&exchange, &Said::default()).into_iter().filter(|finding| finding.check == CheckId::ANSWER);
    findings.map(|mut finding| (finding.kind, finding.expected.remove(0), finding.observed)).collect()
}

#[test]
fn what_the_rules_forbid_is_a_violation_and_what_they_let_a_client_read_a_deviation() {
    let complete = || Answer::Complete(response(200, &created().to_string()));
    let broken = [(WireRule::LineEnd, "a bare line feed"), (WireRule::BytesBehind, "17 bytes behind the body")];
    let told = [
        (FindingKind::Deviation, "lines that end with CR and LF (RFC 9112, 2.2)".into(), "a bare line feed".into()),
        (FindingKind::Violation, "nothing behind the answer (RFC 9112, 9.2)".into(), "17 bytes behind the body".into()),
    ];
    assert_eq!(told_of(complete(), &broken), told);
    assert_eq!(told_of(complete(), &[]), []);
}

#[test]
fn a_cause_of_an_unusable_answer_is_told_once() {
    let answer = || Answer::Unusable { defect: Defect::Malformed, cause: "a second length".into(), partial: None };
    let one = [(WireRule::UnequalContentLengths, "a second length")];
    let expected = "one Content-Length (RFC 9112, 6.3)".to_owned();
    assert_eq!(told_of(answer(), &one), [(FindingKind::Violation, expected, "a second length".to_owned())]);
    let [(_, deviation, _), (kind, expected, observed)] =
        told_of(answer(), &[(WireRule::LineEnd, "x")]).try_into().unwrap();
    assert_eq!(deviation, "lines that end with CR and LF (RFC 9112, 2.2)");
    assert_eq!((kind, expected.as_str()), (FindingKind::Violation, "one complete, well-formed answer"));
    assert_eq!(observed, "an answer that is not well-formed HTTP: a second length");
}

#[test]
fn a_secret_in_what_departs_from_the_rules_is_masked_before_it_is_cut() {
    let line = format!("a line \"{}\"", "hunter2-hunter2".repeat(100));
    let told = told_of(Answer::Complete(response(200, "{}")), &[(WireRule::FieldColon, &line)]);
    assert!(!told[0].2.contains("hunter2") && told[0].2.chars().count() <= 160, "{}", told[0].2);
}
