//! Answers beyond a limit of this program: nothing that a target did wrong, and nothing that it did right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::other::{Other, Rules, TOKEN};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, judge_with, run};
use crate::support::server::Server;
use crate::support::things;

/// A contract of a list of lists, and what is in them.
const NESTED: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: { schema: { $ref: '#/components/schemas/N' } }, \
                       application/x-ndjson: { schema: { $ref: '#/components/schemas/N' } } } }
components:
  schemas:
    N: { anyOf: [{ type: array, items: { $ref: '#/components/schemas/N' } }, { type: integer }] }
x-checks: { body: answer.body, error-body: answer.body, answer: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
  answer.body: { level: must, says: a body is as it is documented, source: the page, polarities: [hold], \
                 schema: [/components/schemas/N/anyOf] }
";

const ALL: &str = "title: Things\ncases:\n  - { id: all, expect: 200, covers: { answer.steady: hold } }\n";

/// Judges a server that always answers this, with more arguments.
fn judged(cases: &str, answer: Message, more: &[&str]) -> Run {
    let server = Server::start(move |_: &Request| answer.clone());
    let (_folder, suite) = things::suite(NESTED, cases);
    run(&[&["--suite", &suite, "--target", &server.url()], more].concat())
}

/// An array in an array, so many times, around a value.
fn nested(levels: usize, innermost: &str) -> String {
    format!("{}{innermost}{}", "[".repeat(levels), "]".repeat(levels))
}

fn of_json(body: String) -> Message {
    Message::new(200).with_header("Content-Type", "application/json").with_body(body)
}

/// A run that says nothing of the target, and why.
#[track_caller]
fn assert_undetermined(run: &Run, why: &str) {
    assert_eq!((run.exit, run.verdict(), run.violated().len()), (3, "undetermined", 0), "{}", run.gist());
    let reason = run.footer()["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(why), "{reason}");
    assert!(run.terminal.contains(why), "{}", run.terminal);
}

#[test]
fn an_answer_beyond_a_limit_leaves_its_case_inconclusive_and_names_the_option() {
    let server = accepting(|message| message.with_header("X-Long", "h".repeat(2_000)));
    for (option, limit) in [
        ("--max-body", "100"),
        ("--max-head", "1000"),
        ("--max-headers", "1"),
        ("--max-json-values", "5"),
        ("--max-json-depth", "1"),
    ] {
        // With so little, not even the control is read.
        let run = judge_with(&server.url(), &["name.max-length", option, limit]);
        assert_undetermined(&run, &format!("the limit of {option}"));
        assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
    }
    let run = judge_with(&server.url(), &["name.max-length"]);
    assert_eq!(run.cases("inconclusive").count(), 0, "{}", run.gist());
}

/// The second implementation, whose accepted answers are changed.
fn accepting(change: impl Fn(Message) -> Message + Send + Sync + 'static) -> Server {
    let other = Other::new(Rules::default());
    Server::start(move |request| {
        let message = other.answer(request);
        if request.method == "POST" && message.status == 200 { change(message) } else { message }
    })
}

/// The second implementation, whose answer to a request for a name of 129 characters is changed.
fn refusing(change: impl Fn(Message) -> Message + Send + Sync + 'static) -> Server {
    let other = Other::new(Rules::default());
    Server::start(move |request| {
        let message = other.answer(request);
        let body = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let is_over = body["name"].as_str().is_some_and(|name| name.chars().count() == 129);
        if is_over { change(message) } else { message }
    })
}

const LONG: usize = (1 << 20) + 1;

#[test]
fn one_refusal_beyond_a_limit_proves_nothing_of_its_clause_and_the_run_is_undetermined() {
    let server = refusing(|message| message.with_json(|body| body["more"] = "x".repeat(LONG).into()));
    let run = judge_with(&server.url(), &["name.max-length"]);
    assert_undetermined(&run, "goes on after 1048576 bytes, the limit of --max-body");
    assert!(run.cases("inconclusive").all(|case| case["unread"] == true), "{}", run.gist());
    let raised = judge_with(&server.url(), &["name.max-length", "--max-body", "2000000"]);
    assert_eq!(raised.cases("inconclusive").count(), 0, "{}", raised.gist());
}

#[test]
fn what_was_read_of_an_answer_beyond_a_limit_is_judged() {
    let long = |message: Message| message.with_json(|body| body["more"] = "x".repeat(LONG).into());
    let failed = refusing(move |message| long(Message { status: 500, ..message }));
    let echoed = refusing(move |message| long(message).with_header("X-Token", TOKEN));
    let undocumented = refusing(move |message| long(Message { status: 418, ..message }));
    let many = refusing(|message| {
        message.with_header("X-Token", TOKEN).with_json(|body| body["more"] = json!(vec![0; 60_000]))
    });
    for (server, clause) in [
        (failed, "status.no-server-error"),
        (echoed, "secret.no-echo"),
        (undocumented, "status.documented"),
        (many, "secret.no-echo"),
    ] {
        let run = judge_with(&server.url(), &["name.max-length"]);
        assert_eq!((run.exit, run.violated().len(), run.first_violated()), (1, 1, Some(clause)), "{}", run.gist());
    }
}

#[test]
fn a_control_whose_answer_is_beyond_a_limit_lets_no_case_be_sent() {
    let requests = Arc::new(AtomicUsize::new(0));
    let (count, other) = (Arc::clone(&requests), Other::new(Rules::default()));
    let server = Server::start(move |request| {
        count.fetch_add(1, Ordering::SeqCst);
        let message = other.answer(request);
        if message.status == 200 { message.with_json(|body| body["more"] = "x".repeat(LONG).into()) } else { message }
    });
    let run = judge_with(&server.url(), &["name.max-length"]);
    assert_undetermined(&run, "the limit of --max-body");
    assert_eq!(run.blocks(), 1, "{}", run.terminal);
    // The control, and what looks it up and removes it.
    assert!(requests.load(Ordering::SeqCst) <= 4, "{}", run.terminal);
}

#[test]
fn a_target_that_answers_everything_beyond_a_limit_is_undetermined() {
    let server = Server::start(|_: &Request| of_json(format!("[{}]", "1,".repeat(LONG))));
    let run = judge_with(&server.url(), &[]);
    assert_undetermined(&run, "the limit of --max-body");
}

#[test]
fn nesting_is_read_and_judged_as_deep_as_is_asked_for() {
    for (levels, innermost, exit) in [(127, "1", 0), (127, "\"x\"", 1)] {
        let run = judged(ALL, of_json(nested(levels, innermost)), &[]);
        assert_eq!(run.exit, exit, "{levels} {}", run.gist());
    }
    let told = "more than 127 levels of nesting, the limit of --max-json-depth";
    assert_undetermined(&judged(ALL, of_json(nested(128, "1")), &[]), told);
    for (innermost, exit) in [("1", 0), ("\"x\"", 1)] {
        let run = judged(ALL, of_json(nested(1_000, innermost)), &["--max-json-depth", "1000"]);
        assert_eq!(run.exit, exit, "{}", run.gist());
    }
    let run = judged(ALL, of_json(nested(1_001, "1")), &["--max-json-depth", "1000"]);
    assert_undetermined(&run, "more than 1000 levels of nesting");
}

#[test]
fn json_lines_have_the_limits_of_json_together() {
    let lines = |body: String| Message::new(200).with_header("Content-Type", "application/x-ndjson").with_body(body);
    assert_eq!(judged(ALL, lines("[1]\n\n[2]\n".to_owned()), &[]).exit, 0);
    let deep = judged(ALL, lines(format!("[1]\n{}\n", nested(128, "1"))), &[]);
    assert_undetermined(&deep, "more than 127 levels of nesting, the limit of --max-json-depth");
    let many = judged(ALL, lines("[1]\n".repeat(10)), &["--max-json-values", "19"]);
    assert_undetermined(&many, "more than 19 JSON values, the limit of --max-json-values");
    assert_eq!(judged(ALL, lines("[1]\n".repeat(10)), &["--max-json-values", "20"]).exit, 0);
}

#[test]
fn a_pattern_that_takes_too_much_work_leaves_its_case_inconclusive() {
    let cases = "title: Things\ncases:\n  - id: all\n    expect: 200\n    covers: { answer.steady: hold }\n    statements: \
                 [{ clause: answer.steady, at: /headers/x-text, matches: '^(?=a)(a|a)*\\1?\\d$' }]\n";
    let answer = |text: String| of_json("1".to_owned()).with_header("X-Text", text);
    let costly = format!("{}!", "a".repeat(12));
    let run = judged(cases, answer(costly.clone()), &["--max-pattern-work", "1"]);
    assert_undetermined(&run, "takes more work than --max-pattern-work allows");
    let run = judged(cases, answer(costly), &[]);
    assert_eq!(run.exit, 1, "{}{}", run.terminal, run.trouble);
    assert_undetermined(&judged(cases, answer(format!("{}!", "a".repeat(40))), &[]), "--max-pattern-work");
}
