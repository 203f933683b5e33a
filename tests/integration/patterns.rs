//! Patterns are those of ECMA-262, in contracts and in statements alike, and to match one always ends.

use std::process::Output;

use crate::support::binary::{conformant, stderr};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

/// A contract whose answers have this schema.
fn contract(schema: &str) -> String {
    format!(
        r"openapi: 3.1.0
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {schema} }} }} }}
x-checks: {{ body: answer.schema, error-body: answer.schema }}
x-clauses:
  answer.schema: {{ level: must, says: answers are as documented, source: the page, polarities: [hold] }}
  answer.steady: {{ level: must, says: answers are what they are, source: the page, polarities: [hold] }}
"
    )
}

fn judged(schema: &str, body: &serde_json::Value, cases: &str) -> Run {
    let body = body.clone();
    let server = Server::start(move |_: &Request| Message::json(200, &body));
    let (_folder, suite) = things::suite(&contract(schema), &format!("title: Patterns\ncases:\n{cases}"));
    run(&["--suite", &suite, "--target", &server.url()])
}

const PLAIN: &str = "  - { id: one, expect: 200 }\n";

fn stated(pattern: &str) -> String {
    format!(
        "  - id: one\n    expect: 200\n    statements: [{{ clause: answer.steady, at: /body/n, matches: '{pattern}' }}]\n"
    )
}

#[test]
fn contract_and_statements_have_one_dialect() {
    for (pattern, text, exit) in [
        (r"^\d+$", "123", 0),
        (r"^\d+$", "\u{661}\u{662}", 1),
        (r"^\w+$", "name_1", 0),
        (r"^\w+$", "größe", 1),
        (r"^\S+$", "a\u{a0}b", 1),
        (r"\bx\b", "é-x", 0),
        (r"\bx\b", "ax", 1),
        ("b", "abc", 0),
        (r"^(?!default$)[a-z]+$", "defaults", 0),
        (r"^(?!default$)[a-z]+$", "default", 1),
        (r"^(?=.*\d)(?=.*[A-Z]).{3,}$", "aB3", 0),
        (r"^(?=.*\d)(?=.*[A-Z]).{3,}$", "aB\u{663}", 1),
        (r"^(a|b)\1$", "aa", 0),
        (r"^(a|b)\1$", "ab", 1),
        (r"^.$", "\u{2028}", 1),
        (r"^\u{1f980}$", "🦀", 0),
    ] {
        let body = serde_json::json!({ "n": text });
        let schema = format!("{{ type: object, properties: {{ n: {{ pattern: '{pattern}' }} }} }}");
        let documented = judged(&schema, &body, PLAIN);
        assert_eq!(documented.exit, exit, "{pattern} {text}: {}{}", documented.terminal, documented.trouble);
        let stated = judged("{}", &body, &stated(pattern));
        assert_eq!(stated.exit, exit, "{pattern} {text}: {}{}", stated.terminal, stated.trouble);
    }
}

#[test]
fn a_broken_pattern_is_shown_as_it_is_written() {
    let schema = r"{ type: object, properties: { n: { pattern: '^\d(?!0)' } } }";
    let run = judged(schema, &serde_json::json!({ "n": "x" }), PLAIN);
    assert!(run.terminal.contains(r"expected  a string that matches ^\d(?!0)"), "{}", run.terminal);
}

#[test]
fn names_of_members_are_matched_with_look_around_too() {
    let schema =
        "{ type: object, patternProperties: { '^(?!x-)': { type: string } }, additionalProperties: { type: integer } }";
    for (body, exit) in [
        (serde_json::json!({ "a": "t", "x-b": 1 }), 0),
        (serde_json::json!({ "a": 1 }), 1),
        (serde_json::json!({ "x-b": "t" }), 1),
    ] {
        let run = judged(schema, &body, PLAIN);
        assert_eq!(run.exit, exit, "{body}: {}{}", run.terminal, run.trouble);
    }
}

#[test]
fn a_pattern_that_takes_forever_ends_and_is_no_fault_of_the_target() {
    let text = "a".repeat(5_000) + "!";
    let body = serde_json::json!({ "n": text });
    let pattern = r"^(?=a)(a|a)*\1?\d$";
    let schema = format!("{{ type: object, properties: {{ n: {{ pattern: '{pattern}' }} }} }}");
    for run in [judged(&schema, &body, PLAIN), judged("{}", &body, &stated(pattern))] {
        assert_eq!((run.exit, run.violated().len()), (3, 0), "{}{}", run.terminal, run.trouble);
        let reason = format!("to match it by {pattern} takes more work than --max-pattern-work allows");
        assert!(
            run.events.iter().any(|event| event["reason"].as_str().is_some_and(|why| why.contains(&reason))),
            "{}",
            run.terminal
        );
    }
}

#[test]
fn a_pattern_that_takes_forever_is_no_fault_of_the_target_under_not_and_one_of_either() {
    let body = serde_json::json!({ "n": "a".repeat(5_000) + "!" });
    let pattern = r"{ pattern: '^(?=a)(a|a)*\1?\d$' }";
    for schema in [
        format!("{{ type: object, properties: {{ n: {{ not: {pattern} }} }} }}"),
        format!("{{ type: object, properties: {{ n: {{ oneOf: [{pattern}, {{ type: string }}] }} }} }}"),
        format!("{{ type: object, properties: {{ n: {{ anyOf: [{pattern}, {{ type: integer }}] }} }} }}"),
    ] {
        let run = judged(&schema, &body, PLAIN);
        assert_eq!((run.exit, run.violated().len()), (3, 0), "{schema}: {}{}", run.terminal, run.trouble);
    }
}

#[test]
fn a_catastrophic_pattern_of_the_regular_kind_takes_linear_time() {
    let body = serde_json::json!({ "n": "a".repeat(100_000) + "!" });
    let schema = r"{ type: object, properties: { n: { pattern: '^(a+)+\d$' } } }";
    assert_eq!(judged(schema, &body, PLAIN).exit, 1);
    assert_eq!(judged("{}", &body, &stated(r"^(a+)+\d$")).exit, 1);
}

fn checked(schema: &str, cases: &str) -> Output {
    let (folder, _) = things::suite(&contract(schema), &format!("title: Patterns\ncases:\n{cases}"));
    conformant().current_dir(folder.path()).args(["check", "things"]).output().unwrap()
}

#[test]
fn what_is_no_pattern_is_told_at_its_place() {
    let cases = r"  - id: one
    expect: 200
    statements:
      - { clause: answer.steady, at: /body/n, matches: '^\d+\Z' }
      - { clause: answer.steady, at: /body/n, matches: 'a(b' }
      - { clause: answer.steady, at: /body/n, matches: '[z-a]' }
      - { clause: answer.steady, at: /body/n, matches: 'a**' }
      - { clause: answer.steady, at: /body/n, matches: '(?>a)' }
      - { clause: answer.steady, at: /body/n, matches: '\2(a)' }
      - { clause: answer.steady, at: /body/n, matches: '\p{Klingon}' }
";
    let output = checked("{}", cases);
    insta::assert_snapshot!("cases", stderr(&output));
    let schema = r"{ type: object, properties: { n: { pattern: '^[a-z' } }, patternProperties: { 'x**': true } }";
    insta::assert_snapshot!("contract", stderr(&checked(schema, PLAIN)));
}
