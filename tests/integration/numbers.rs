//! Numbers keep their digits: as they are written in a case, sent, answered, captured, compared and recorded.

use std::fs;
use std::sync::{Arc, Mutex};

use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

/// A contract whose answers have these properties.
fn contract(properties: &str) -> String {
    format!(
        r"openapi: 3.1.0
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {{ type: object, properties: {properties} }} }} }} }}
x-checks: {{ body: answer.schema, error-body: answer.schema }}
x-clauses:
  answer.schema: {{ level: must, says: answers are as documented, source: the page, polarities: [hold] }}
  answer.steady: {{ level: must, says: answers are what they are, source: the page, polarities: [hold] }}
"
    )
}

fn cases(cases: &str) -> String {
    format!("title: Numbers\ncases:\n{cases}")
}

/// Judges a server that gives this body to every request; the run, and the bodies that were sent.
fn judged_by(properties: &str, body: &str, cases: &str) -> (Run, Vec<String>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (body, kept) = (body.to_owned(), Arc::clone(&sent));
    let server = Server::start(move |request: &Request| {
        kept.lock().unwrap().push(format!("{} {}", request.target, String::from_utf8_lossy(&request.body)));
        Message::new(200).with_header("Content-Type", "application/json").with_body(body.clone())
    });
    let (_folder, suite) = things::suite(&contract(properties), cases);
    let run = run(&["--suite", &suite, "--target", &server.url()]);
    let sent = sent.lock().unwrap().clone();
    (run, sent)
}

fn judged(body: &str, cases: &str) -> (Run, Vec<String>) {
    judged_by("{}", body, cases)
}

/// The exit code of a run with one statement about `/body/n` of an answer in which that is `n`.
fn stated(n: &str, statement: &str) -> i32 {
    let case = format!(
        "  - id: one\n    expect: 200\n    statements: [{{ clause: answer.steady, at: /body/n, {statement} }}]\n"
    );
    judged(&format!(r#"{{"n":{n}}}"#), &cases(&case)).0.exit
}

/// The exit code of a run against a server whose answer has `n`, of which the contract says this.
fn documented(n: &str, schema: &str) -> i32 {
    let (run, _) =
        judged_by(&format!("{{ n: {schema} }}"), &format!(r#"{{"n":{n}}}"#), &cases("  - { id: one, expect: 200 }\n"));
    assert!(matches!(run.exit, 0 | 1), "{n} {schema}: {}{}", run.terminal, run.trouble);
    run.exit
}

#[test]
fn what_is_written_in_a_case_is_what_is_sent() {
    let written = "[99999999999999999.99, 340282366920938463463374607431768211455, 1e400, -0, 1.50, 1.0, 1E5]";
    let case = format!(
        "  - id: one\n    method: POST\n    undocumented: true\n    json: {{ a: {written}, b: '{{{{ n }}}}', c: 'x{{{{ n }}}}' }}\n    \
         each: [{{ id: long, n: 99999999999999999.99 }}, {{ id: even, n: 1.50 }}, {{ id: large, n: 1e400 }}]\n    expect: 200\n"
    );
    let (run, sent) = judged("{}", &cases(&case));
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    for n in ["99999999999999999.99", "1.50", "1e400"] {
        let body = format!(r#"/things {{"a":{},"b":{n},"c":"x{n}"}}"#, written.replace(", ", ","));
        assert!(sent.contains(&body), "{body}: {sent:#?}");
    }
}

#[test]
fn a_captured_number_comes_back_digit_for_digit() {
    let numbers = ["340282366920938463463374607431768211455", "99999999999999999.99", "1.50", "-0", "1e+400"];
    let body = format!(r#"{{"n":[{}]}}"#, numbers.join(","));
    for (index, number) in numbers.into_iter().enumerate() {
        let case = format!(
            "  - id: one\n    steps:\n      - {{ save: first, expect: 200 }}\n      - path: '/things/{{{{ first.response.body.n[{index}] | urlencode }}}}'\n        \
             undocumented: true\n        method: POST\n        json: {{ n: '{{{{ first.response.body.n[{index}] }}}}', all: '{{{{ first.response.body.n }}}}' }}\n        expect: 200\n"
        );
        let (run, sent) = judged(&body, &cases(&case));
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        let start = format!(r#"{{"n":{number},"all":["#);
        assert!(sent.iter().any(|sent| sent.contains(&start)), "{number}: {sent:#?}");
        assert!(sent.iter().any(|sent| sent.contains(numbers[0]) && sent.contains(numbers[1])), "{sent:#?}");
    }
}

#[test]
fn a_captured_number_in_a_path_is_spelt_as_it_came() {
    for number in ["340282366920938463463374607431768211455", "99999999999999999.99", "1.50"] {
        let case = "  - id: one\n    steps:\n      - { save: first, expect: 200 }\n      \
                    - { path: '/things/{{ first.response.body.n }}', undocumented: true, expect: 200 }\n";
        let (run, sent) = judged(&format!(r#"{{"n":{number}}}"#), &cases(case));
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        assert!(sent.iter().any(|sent| sent.trim() == format!("/things/{number}")), "{number}: {sent:#?}");
    }
}

#[test]
fn five_large_ids_are_told_apart_and_an_id_that_comes_twice_is_found() {
    let step = "  - id: one\n    repeat: 5\n    expect: 200\n    distinct: [{ clause: answer.steady, at: /body/id }]\n";
    for (repeated, exit) in [(false, 0), (true, 1)] {
        let number = Mutex::new(0);
        let server = Server::start(move |_: &Request| {
            let mut number = number.lock().unwrap();
            *number += 1;
            let last = if repeated { 0 } else { *number };
            let body = format!(r#"{{"id":3402823669209384634633746074317682114{last:02}}}"#);
            Message::new(200).with_header("Content-Type", "application/json").with_body(body)
        });
        let (_folder, suite) = things::suite(&contract("{}"), &cases(step));
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        assert_eq!(run.exit, exit, "{}{}", run.terminal, run.trouble);
    }
}

#[test]
fn statements_compare_numbers_by_what_they_mean() {
    for (n, equal) in [
        ("1", "1.0"),
        ("1.0", "1"),
        ("10e-1", "1"),
        ("-0", "0"),
        ("0.0", "-0"),
        ("1e400", "10e399"),
        ("99999999999999999.99", "99999999999999999.990"),
        ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
        ("1e999999999", "1e999999999"),
    ] {
        assert_eq!(stated(n, &format!("equals: {equal}")), 0, "{n} {equal}");
        assert_eq!(stated(n, &format!("not_equals: {equal}")), 1, "{n} {equal}");
    }
    for (n, other) in [
        ("99999999999999999.99", "100000000000000000"),
        ("100000000000000000", "99999999999999999.99"),
        ("340282366920938463463374607431768211455", "340282366920938463463374607431768211454"),
        ("1e400", "1e401"),
        ("0.1", "0.10000000000000000001"),
        ("1e-400", "0"),
        ("1e999999999", "1e999999998"),
    ] {
        assert_eq!(stated(n, &format!("equals: {other}")), 1, "{n} {other}");
        assert_eq!(stated(n, &format!("one_of: [{other}, 7]")), 1, "{n} {other}");
    }
    for (n, kind, exit) in
        [("1.0", "integer", 0), ("1e400", "integer", 0), ("99999999999999999.99", "integer", 1), ("-0", "number", 0)]
    {
        assert_eq!(stated(n, &format!("type: {kind}")), exit, "{n} {kind}");
    }
}

#[test]
fn templates_tell_large_numbers_apart() {
    for (n, other) in [
        ("99999999999999999.99", "99999999999999999.98"),
        ("340282366920938463463374607431768211455", "340282366920938463463374607431768211454"),
        ("3402823669209384634633746074317682114550", "3402823669209384634633746074317682114551"),
        ("1e400", "1e401"),
    ] {
        for (name, exit) in [("n", 0), ("m", 1)] {
            let case = format!(
                "  - id: one\n    steps:\n      - {{ save: first, expect: 200 }}\n      - expect: 200\n        statements: \
                 [{{ clause: answer.steady, at: /body/n, equals: '{{{{ response.body.n if response.body.n == first.response.body.{name} else 0 }}}}' }}]\n"
            );
            let (run, _) = judged(&format!(r#"{{"n":{n},"m":{other}}}"#), &cases(&case));
            assert_eq!(run.exit, exit, "{n} {name}: {}{}", run.terminal, run.trouble);
        }
    }
}

#[test]
fn schema_keywords_judge_numbers_by_all_their_digits() {
    for (n, schema, exit) in [
        ("99999999999999999.99", "{ maximum: 99999999999999999.99 }", 0),
        ("100000000000000000", "{ maximum: 99999999999999999.99 }", 1),
        ("99999999999999999.98", "{ minimum: 99999999999999999.99 }", 1),
        ("100000000000000000", "{ exclusiveMinimum: 99999999999999999.99 }", 0),
        ("340282366920938463463374607431768211456", "{ maximum: 340282366920938463463374607431768211455 }", 1),
        ("340282366920938463463374607431768211455", "{ maximum: 340282366920938463463374607431768211455 }", 0),
        ("340282366920938463463374607431768211454", "{ const: 340282366920938463463374607431768211455 }", 1),
        ("340282366920938463463374607431768211455", "{ const: 340282366920938463463374607431768211455 }", 0),
        ("99999999999999999.99", "{ enum: [100000000000000000, 1] }", 1),
        ("99999999999999999.99", "{ enum: [99999999999999999.99, 1] }", 0),
        ("1.0", "{ type: integer }", 0),
        ("1.0", "{ const: 1 }", 0),
        ("1", "{ enum: [1.0] }", 0),
        ("-0", "{ const: 0 }", 0),
        ("-0", "{ minimum: 0 }", 0),
        ("1.5", "{ type: integer }", 1),
        ("1e400", "{ type: integer }", 0),
        ("1e400", "{ type: number, minimum: 1e399 }", 0),
        ("1e400", "{ maximum: 1e399 }", 1),
        ("1e400", "{ const: 10e399 }", 0),
        ("1e400", "{ const: 1e401 }", 1),
        ("0.3", "{ multipleOf: 0.1 }", 0),
        ("0.35", "{ multipleOf: 0.1 }", 1),
        ("99999999999999999.99", "{ multipleOf: 0.01 }", 0),
        ("99999999999999999.99", "{ multipleOf: 0.1 }", 1),
        ("340282366920938463463374607431768211455", "{ multipleOf: 5 }", 0),
        ("340282366920938463463374607431768211456", "{ multipleOf: 5 }", 1),
        ("[1, 1.0]", "{ uniqueItems: true }", 1),
        (
            "[340282366920938463463374607431768211455, 340282366920938463463374607431768211454]",
            "{ uniqueItems: true }",
            0,
        ),
        ("1e999999999", "{ minimum: 1, multipleOf: 3 }", 1),
        ("1e999999999", "{ minimum: 1, multipleOf: 5 }", 0),
        ("1e-999999999", "{ exclusiveMinimum: 0, maximum: 1 }", 0),
        ("1e-999999999", "{ minimum: 1 }", 1),
        ("1e999999999", "{ const: 1e999999999 }", 0),
    ] {
        assert_eq!(documented(n, schema), exit, "{n} {schema}");
    }
}

#[test]
fn a_message_shows_the_digits_of_both_numbers() {
    let case = cases(
        "  - id: one\n    expect: 200\n    statements: [{ clause: answer.steady, at: /body/n, equals: 100000000000000000 }]\n",
    );
    let (run, _) = judged(r#"{"n":99999999999999999.99}"#, &case);
    for line in ["expected  100000000000000000", "observed  99999999999999999.99"] {
        assert!(run.terminal.contains(line), "{}", run.terminal);
    }
    let (run, _) = judged_by("{ n: { maximum: 1e399 } }", r#"{"n":1e400}"#, &cases("  - { id: one, expect: 200 }\n"));
    assert!(run.terminal.contains("the number 1e+400"), "{}", run.terminal);
}

#[test]
fn what_was_created_is_removed_by_the_id_that_it_was_given_digit_for_digit() {
    for id in
        ["340282366920938463463374607431768211455", "3402823669209384634633746074317682114550", "99999999999999999.99"]
    {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (kept, body) = (Arc::clone(&sent), format!(r#"{{"id":{id}}}"#));
        let server = Server::start(move |request: &Request| {
            kept.lock().unwrap().push(format!("{} {}", request.method, request.target));
            Message::new(200).with_header("Content-Type", "application/json").with_body(body.clone())
        });
        let (_folder, suite) = things::suite(
            &contract("{}"),
            &cases("  - { id: one, method: POST, undocumented: true, json: {}, expect: 200 }\n"),
        );
        let path = format!("{suite}/suite.yaml");
        let cleanup = "cleanup: { method: DELETE, path: '/things/{{ response.body.id | urlencode }}', done: [200], absent: [404] }";
        let accepted = "accepted: { status: 200, clause: answer.steady }";
        let text = fs::read_to_string(&path).unwrap().replace(accepted, &format!("{accepted}, {cleanup}"));
        fs::write(&path, text).unwrap();
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        let sent = sent.lock().unwrap();
        assert!(sent.contains(&format!("DELETE /things/{id}")), "{id}: {sent:#?}");
    }
}
