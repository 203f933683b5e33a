//! Places of statements, and error codes, through the binary: what isn't there is broken, unless a statement says otherwise.

use serde_json::{Value, json};

use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: {}, text/plain: {}, application/octet-stream: {} } }
        '404': { description: no, content: { application/json: {} } }
x-error-code-pointer: /code
x-error-codes:
  - { status: 404, code: 4041, meaning: there is none }
  - { status: 404, code: gone, meaning: there was one }
x-checks: { body: answer.steady, error-body: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
  open.kind: { level: ambiguous, says: what a kind is, source: the page, polarities: [observe] }
  thing.is: { level: must, says: a thing is what it is, source: the page, polarities: [hold] }
";

/// Judges a server that answers this to the page 2, and else an empty object.
fn judged(answer: Message, cases: &str, more: &[&str]) -> Run {
    let server = Server::start(
        move |request: &Request| {
            if request.query().is_some() { answer.clone() } else { Message::json(200, &json!({})) }
        },
    );
    let (_folder, suite) = things::suite(CONTRACT, cases);
    let run = run(&[&["--suite", &suite, "--target", &server.url()], more].concat());
    assert_ne!(run.exit, 2, "{}", run.trouble);
    run
}

/// A case about the page 2 with this statement.
fn stating(statement: &str) -> String {
    format!(
        "title: Pages\ncases:\n  - id: page\n    query: {{ page: '2' }}\n    expect: 200\n    statements: [{{ clause: thing.is, {statement} }}]\n"
    )
}

/// What a statement comes to where this is answered: nothing, or what was expected and observed.
fn broken(answer: &Message, statement: &str) -> Option<(Value, Value)> {
    let run = judged(answer.clone(), &stating(statement), &[]);
    let finding = run.cases("violates").next().map(|case| case["findings"][0].clone());
    assert_eq!(run.exit, i32::from(finding.is_some()), "{statement} {}", run.gist());
    finding.map(|finding| (finding["expected"].clone(), finding["observed"].clone()))
}

#[test]
fn what_is_not_there_is_broken_unless_the_statement_is_optional_or_does_not_apply() {
    let answer = Message::json(200, &json!({ "kind": "a", "empty": [], "items": [{ "id": 1 }, {}] }));
    let nothing = |expected: &str| Some((json!([expected]), json!("nothing there")));
    assert_eq!(broken(&answer, "at: /body/kidn, equals: a"), nothing("\"a\""));
    assert_eq!(broken(&answer, "at: /body/kidn, matches: a"), nothing("text that matches a"));
    assert_eq!(broken(&answer, "at: /body/kidn, present: true"), Some((json!(["something"]), json!("nothing"))));
    assert_eq!(broken(&answer, "at: /headers/x-kind, equals: a"), nothing("\"a\""));
    for right in [
        "at: /body/kidn, equals: a, optional: true",
        "at: /body/kidn, present: false",
        "at: /body/kidn, equals: a, when: '{{ response.status != 200 }}'",
        "at: /body/kind, equals: a, when: '{{ response.status == 200 }}'",
    ] {
        assert_eq!(broken(&answer, right), None, "{right}");
    }
    assert!(broken(&answer, "at: /body/kind, equals: b, optional: true").is_some());
}

#[test]
fn a_star_is_every_item_and_one_at_least() {
    let answer =
        Message::json(200, &json!({ "empty": [], "some": [{ "id": 1 }, {}], "all": [{ "id": 1 }, { "id": 1 }] }));
    assert_eq!(broken(&answer, "at: '/body/all/*/id', equals: 1"), None);
    for wrong in
        ["at: '/body/some/*/id', equals: 1", "at: '/body/empty/*/id', equals: 1", "at: '/body/none/*/id', equals: 1"]
    {
        assert_eq!(broken(&answer, wrong).map(|(_, observed)| observed), Some(json!("nothing there")), "{wrong}");
    }
    assert_eq!(broken(&answer, "at: '/body/empty/*/id', equals: 1, optional: true"), None);
}

#[test]
fn a_body_of_text_or_of_bytes_can_be_spoken_of() {
    let text = Message::new(200).with_header("Content-Type", "text/plain").with_body("héllo");
    let bytes = Message::new(200).with_header("Content-Type", "application/octet-stream").with_body(vec![0, 255, 1]);
    let (of_text, of_bytes) = (
        "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179",
        "47ffa3ea45a70b8a41c2c0825df323c00a8b7a01c1ea06083cc41dddcc001123",
    );
    for right in ["matches: ^h.llo$", "equals: héllo", "length: 6", "present: true", &format!("sha256: {of_text}")] {
        assert_eq!(broken(&text, &format!("at: /body, {right}")), None, "{right}");
    }
    for wrong in ["matches: ^x", "equals: hello", "length: 5", "present: false", &format!("sha256: {of_bytes}")] {
        assert!(broken(&text, &format!("at: /body, {wrong}")).is_some(), "{wrong}");
    }
    for right in ["length: 3", "present: true", &format!("sha256: {of_bytes}")] {
        assert_eq!(broken(&bytes, &format!("at: /body, {right}")), None, "{right}");
    }
    for wrong in ["length: 4", "matches: a", "equals: a", "present: false", &format!("sha256: {of_text}")] {
        assert!(broken(&bytes, &format!("at: /body, {wrong}")).is_some(), "{wrong}");
    }
}

#[test]
fn an_idle_place_is_told_of_in_a_whole_run_alone() {
    let answer = Message::json(200, &json!({}));
    let cases = stating("at: /body/kind, readings: { one: 1, two: 2 }").replace("thing.is", "open.kind");
    let cases = cases + "  - { id: other, expect: 200 }\n";
    let whole = judged(answer.clone(), &cases, &[]);
    assert_eq!(whole.footer()["idle"], json!(["things/pages.yaml:6: /body/kind"]), "{}", whole.terminal);
    let filtered = judged(answer, &cases, &["!other"]);
    assert!(filtered.footer().get("idle").is_none(), "{}", filtered.terminal);
}

/// The clause that a refusal with this body breaks where this code is expected.
fn code(expected: &str, body: &Value) -> Option<(Value, Value)> {
    let cases = format!(
        "title: Pages\ncases:\n  - {{ id: page, query: {{ page: '2' }}, expect: {{ status: 404, code: {expected} }} }}\n"
    );
    let run = judged(Message::json(404, body), &cases, &[]);
    let finding = run.cases("violates").next().map(|case| case["findings"][0].clone());
    finding.map(|finding| (finding["expected"].clone(), finding["observed"].clone()))
}

#[test]
fn an_expected_code_is_compared_whatever_the_catalogue_lists_and_may_be_a_number() {
    assert_eq!(code("4041", &json!({ "code": 4041 })), None);
    assert_eq!(code("'4041'", &json!({ "code": "4041" })), None);
    assert_eq!(code("[gone, 4041]", &json!({ "code": 4041 })), None);
    assert_eq!(code("unlisted", &json!({ "code": "unlisted" })), None);
    assert_eq!(code("4041", &json!({ "code": "gone" })), Some((json!(["4041"]), json!("gone"))));
    assert_eq!(code("gone", &json!({ "code": 4041 })), Some((json!(["gone"]), json!("4041"))));
    assert_eq!(code("unlisted", &json!({ "code": "gone" })), Some((json!(["unlisted"]), json!("gone"))));
    assert_eq!(code("gone", &json!({ "code": "unlisted" })), Some((json!(["gone"]), json!("unlisted"))));
    for body in [json!({}), json!({ "code": null }), json!([])] {
        assert_eq!(code("gone", &body), Some((json!(["gone"]), json!("nothing there"))), "{body}");
    }
}
