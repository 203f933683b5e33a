//! A cover is earned by what looked at an answer, never claimed.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::binary::conformant;
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200':
          description: fine
          content:
            application/json:
              schema: { type: object, properties: { note: { type: string }, kind: { type: string } } }
        '400': { description: no, content: { application/json: { schema: { type: object } } } }
x-checks: { body: answer.body, error-body: answer.body }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
  answer.body: { level: must, says: an answer is an object, source: the page, polarities: [hold] }
  page.number: { level: must, says: a page is a number, source: the page, polarities: [accept, refuse] }
  thing.colour: { level: must, says: a thing has a colour, source: the page, polarities: [hold] }
  thing.note:
    level: must
    says: a note is a text
    source: the page
    polarities: [hold]
    schema: [/paths/~1things/get/responses/200/content/application~1json/schema/properties/note/type]
  thing.kind:
    level: must
    says: a kind is a text
    source: the page
    polarities: [hold]
    schema: [/paths/~1things/get/responses/200/content/application~1json/schema/properties/kind/type]
  open.page: { level: ambiguous, says: what an unknown page is, source: the page, polarities: [observe] }
";

/// A suite with these cases.
fn suite(cases: &str) -> (TempDir, String) {
    things::suite(CONTRACT, &format!("title: Pages\ncases:\n{cases}"))
}

/// Judges a server that answers 400 to the page `x`, and else 200 with this.
fn judged(body: Value, cases: &str) -> Run {
    let server = Server::start(move |request: &Request| {
        if request.query() == Some("page=x") { Message::json(400, &json!({})) } else { Message::json(200, &body) }
    });
    let (_folder, suite) = suite(cases);
    run(&["--suite", &suite, "--target", &server.url()])
}

/// What `check` says of cases.
fn checked(cases: &str) -> String {
    let (_folder, suite) = suite(cases);
    let output = conformant().args(["check", &suite]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn clause(run: &Run, id: &str) -> Value {
    let clauses = run.footer()["clauses"].as_array().unwrap();
    clauses.iter().find(|clause| clause["id"] == id).unwrap().clone()
}

#[test]
fn a_cover_that_nothing_in_its_case_can_earn_is_a_mistake_at_its_place() {
    let told = checked(
        "  - { id: a, covers: { page.number: accept }, expect: 400 }
  - { id: b, covers: { page.number: refuse }, expect: 200 }
  - { id: c, covers: { thing.colour: hold }, expect: 200 }
  - { id: d, covers: { open.page: observe }, expect: 200 }
  - id: e
    each:
      - { n: 1, expect: 400, covers: { page.number: refuse } }
      - { n: 2, expect: 400, covers: { page.number: accept } }
    query: { page: '{{ n }}' }
",
    );
    for (line, what) in [
        ("pages.yaml:3:24", "nothing here expects that the request is accepted"),
        ("pages.yaml:4:24", "nothing here expects that the request is refused"),
        ("pages.yaml:5:24", "nothing in the case can show that `thing.colour` holds"),
        ("pages.yaml:6:24", "nothing in the case tells the readings of `open.page` apart"),
        ("pages.yaml:10:40", "nothing here expects that the request is accepted"),
    ] {
        let error = told.split("error: ").find(|error| error.starts_with(what) && error.contains(line));
        assert!(error.is_some(), "{line}: {told}");
    }
    assert!(!told.contains("pages.yaml:9:"), "{told}");
}

#[test]
fn a_cover_that_something_in_its_case_can_earn_is_none() {
    let told = checked(
        "  - { id: a, covers: { page.number: accept, answer.body: hold, thing.note: hold }, expect: 200 }
  - { id: b, covers: { page.number: refuse }, query: { page: x }, expect: [400, 422] }
  - { id: c, covers: { thing.colour: hold }, statements: [{ clause: thing.colour, at: /body/colour, present: true }] }
  - { id: d, covers: { thing.colour: hold }, expect: 200, repeat: 2, distinct: [{ clause: thing.colour, at: /body/colour }] }
  - { id: m, covers: { thing.colour: hold }, expect: 200, distinct: [{ clause: thing.colour, at: /body/*/colour }] }
  - id: s
    covers: { thing.colour: hold }
    steps:
      - { expect: 200, distinct: [{ clause: thing.colour, at: /body/colour }] }
      - { expect: 200, distinct: [{ clause: thing.colour, at: /body/colour }] }
  - { id: e, covers: { open.page: observe }, expect: { readings: { taken: 200, refused: 400 } } }
",
    );
    assert!(!told.contains("nothing here") && !told.contains("nothing in the case"), "{told}");
}

#[test]
fn a_clause_of_which_nothing_came_is_not_proven_and_the_count_says_so() {
    let cases = "  - { id: all, covers: { thing.note: hold, thing.kind: hold }, expect: 200 }\n";
    let run = judged(json!({ "kind": "small" }), cases);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.terminal);
    assert_eq!(clause(&run, "thing.kind")["outcome"], "proven");
    let note = clause(&run, "thing.note");
    assert_eq!((&note["outcome"], &note["shown"]), (&json!("untested"), &json!({})), "{note}");
    let line = "thing.note: hold not tested: no answer had anything that it speaks of";
    assert!(run.terminal.contains(line), "{}", run.terminal);
    assert!(run.terminal.contains("clauses  1 of 6 proven\n"), "{}", run.terminal);
}

#[test]
fn an_acceptance_needs_a_request_that_was_accepted_and_a_refusal_one_that_was_refused() {
    let cases = "  - { id: in, covers: { page.number: accept }, query: { page: x }, expect: [200, 400] }
  - { id: out, covers: { page.number: refuse }, query: { page: '2' }, expect: [200, 400] }
";
    let run = judged(json!({}), cases);
    let page = clause(&run, "page.number");
    assert_eq!((&page["outcome"], &page["shown"]), (&json!("untested"), &json!({})), "{page}");
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
    let vacuous = run.cases("conforms").filter(|result| !result["vacuous"].is_null()).map(|result| &result["id"]);
    assert_eq!(vacuous.collect::<Vec<_>>(), ["things/pages/in", "things/pages/out"], "{}", run.terminal);
}

#[test]
fn a_case_without_a_statement_proves_no_clause_that_nothing_looks_at() {
    let cases = "  - { id: in, covers: { page.number: accept }, query: { page: '2' }, expect: 200 }
  - { id: out, covers: { page.number: refuse }, query: { page: x }, expect: 400 }
";
    let run = judged(json!({ "note": "n", "kind": "k" }), cases);
    let proven = |id: &str| clause(&run, id)["outcome"] == "proven";
    assert!(proven("page.number") && !proven("thing.note") && !proven("thing.colour"), "{}", run.terminal);
}

#[test]
fn a_target_that_fails_refuses_nothing() {
    let case = |expect: &str| {
        format!("  - {{ id: out, covers: {{ page.number: refuse }}, query: {{ page: x }}, expect: {expect} }}\n")
    };
    for status in [500, 502, 503, 504] {
        let told = checked(&case(&status.to_string()));
        assert!(told.contains("nothing here expects that the request is refused"), "{status} {told}");
        let server = Server::start(move |request: &Request| {
            Message::json(if request.query() == Some("page=x") { status } else { 200 }, &json!({}))
        });
        let (_folder, suite) = suite(&case(&format!("[400, {status}]")));
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        assert_ne!(run.exit, 0, "{status} {}", run.terminal);
        assert!(clause(&run, "page.number")["shown"].get("refuse").is_none(), "{status} {}", run.terminal);
    }
}

#[test]
fn a_value_that_there_is_one_of_differs_from_none() {
    let told = checked(
        "  - { id: a, covers: { thing.colour: hold }, expect: 200, distinct: [{ clause: thing.colour, at: /body/note }] }\n",
    );
    assert!(told.contains("can show that `thing.colour` holds: one value differs from none"), "{told}");
    assert!(told.contains("`repeat` the step"), "{told}");
    let cases = "  - { id: a, covers: { thing.colour: hold }, expect: 200, distinct: [{ clause: thing.colour, at: /body/*/id }] }\n";
    let shown = |body: Value| {
        (judged(body.clone(), cases).exit, clause(&judged(body, cases), "thing.colour")["outcome"].clone())
    };
    assert_eq!(shown(json!({ "a": { "id": 1 } })), (3, json!("untested")));
    assert_eq!(shown(json!({ "a": { "id": 1 }, "b": { "id": 2 } })), (0, json!("proven")));
    assert_eq!(shown(json!({ "a": { "id": 1 }, "b": { "id": 1 } })), (1, json!("violated")));
}

#[test]
fn filters_that_leave_nothing_out_prove_no_less_than_none() {
    let (_folder, suite) =
        suite("  - { id: in, covers: { page.number: accept }, query: { page: '2' }, expect: 200 }\n");
    let server = Server::start(|_: &Request| Message::json(200, &json!({})));
    let judged = |words: &[&str]| {
        let run = run(&[&["--suite", suite.as_str(), "--target", &server.url()], words].concat());
        let reason = run.footer()["reason"].as_str().unwrap_or_default().to_owned();
        (run.exit, reason.contains("no case shows page.number to refuse"))
    };
    for words in [&[][..], &["things"], &["page.number"], &["!out"]] {
        assert_eq!(judged(words), (3, true), "{words:?}");
    }
}
