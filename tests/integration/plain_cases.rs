//! Cases that name no clause: what they expect is judged all the same.

use crate::support::binary::{conformant, stderr, stdout};
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
        '200': { description: fine, content: { application/json: { schema: { type: object } } } }
        '401': { description: no, content: { application/json: { schema: { type: object } } } }
x-checks: { body: answer.steady, error-body: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
  open.page: { level: ambiguous, says: what an unknown page is, source: the page, polarities: [observe] }
";

/// Judges a server that answers 200, but this to requests for a page.
fn judged(status: u16, cases: &str) -> Run {
    let server = Server::start(move |request: &Request| {
        Message::json(if request.query().is_some() { status } else { 200 }, &serde_json::json!({}))
    });
    let (_folder, suite) = things::suite(CONTRACT, cases);
    run(&["--suite", &suite, "--target", &server.url()])
}

const PLAIN: &str = "title: Pages\ncases:\n  - { id: second, query: { page: '2' }, expect: 200 }\n";

#[test]
fn a_case_that_expects_a_status_and_names_no_clause_fails_where_another_one_comes() {
    let run = judged(401, PLAIN);
    assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.terminal);
    assert_eq!(run.first_violated(), Some("case.as-stated"), "{}", run.terminal);
    for line in ["case.as-stated", "expected  200", "observed  401"] {
        assert!(run.terminal.contains(line), "{}", run.terminal);
    }
}

#[test]
fn a_case_that_names_no_clause_and_holds_proves_that_it_does() {
    let run = judged(200, PLAIN);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.terminal);
    let clauses = run.footer()["clauses"].as_array().unwrap();
    let stated = clauses.iter().find(|clause| clause["id"] == "case.as-stated").unwrap();
    assert_eq!((&stated["outcome"], &stated["shown"]["hold"]), (&"proven".into(), &1.into()), "{}", run.terminal);
}

#[test]
fn check_asks_nobody_for_a_case_that_names_no_clause() {
    let cases = "title: Pages\ncases:\n  - { id: second, query: { page: '2' }, covers: { answer.steady: hold }, expect: 200 }\n";
    let (_folder, suite) = things::suite(CONTRACT, cases);
    // What accepts has no clause of its own there, so the suite's is stated.
    let path = std::path::Path::new(&suite).join("suite.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let without = text.replace("accepted: { status: 200, clause: answer.steady }", "accepted: 200");
    assert_ne!(text, without);
    std::fs::write(&path, without).unwrap();
    let output = conformant().args(["check", &suite]).output().unwrap();
    let told = format!("{}{}", stdout(&output), stderr(&output));
    assert!(!told.contains("not covered case.as-stated"), "{told}");
}

#[test]
fn every_step_of_a_case_that_names_no_clause_is_judged() {
    let steps = "title: Pages\ncases:\n  - id: pages\n    steps:\n      - { query: { page: '2' }, expect: 200 }\n      - { expect: 200 }\n";
    let run = judged(401, steps);
    assert_eq!((run.exit, run.first_violated()), (1, Some("case.as-stated")), "{}", run.terminal);
}

#[test]
fn a_run_that_shows_nothing_that_has_to_hold_is_undetermined() {
    let reading = "title: Pages\ncases:\n  - id: unknown\n    query: { page: '2' }\n    covers: { open.page: observe }\n    \
                   expect: { readings: { refused: 401, taken: 200 } }\n";
    let run = judged(401, reading);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
    assert!(run.terminal.contains("nothing that has to hold was shown to hold"), "{}", run.terminal);
}

/// Judges a server that answers this to everything.
fn judged_everywhere(status: u16, cases: &str) -> Run {
    let server = Server::start(move |_: &Request| Message::json(status, &serde_json::json!({})));
    let (_folder, suite) = things::suite(CONTRACT, cases);
    run(&["--suite", &suite, "--target", &server.url()])
}

#[test]
fn where_no_case_names_a_clause_a_target_that_refuses_everything_fails_what_they_expect() {
    let run = judged_everywhere(401, "title: Pages\ncases:\n  - { id: first, expect: 200 }\n");
    assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.terminal);
    assert_eq!((run.first_violated(), run.blocks()), (Some("case.as-stated"), 2), "{}", run.terminal);
    for line in ["violates case.as-stated", "expected  200", "observed  401", "the control was refused"] {
        assert!(run.terminal.contains(line), "{}", run.terminal);
    }
}

#[test]
fn where_a_case_names_a_clause_a_refused_control_is_no_verdict() {
    let cases = "title: Pages\ncases:\n  - { id: first, expect: 200 }\n  \
                 - { id: second, covers: { answer.steady: hold }, expect: 200 }\n";
    let run = judged_everywhere(401, cases);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
}

#[test]
fn a_refused_control_is_never_conformant_even_where_every_case_expects_a_refusal() {
    let run = judged_everywhere(401, "title: Pages\ncases:\n  - { id: first, expect: 401 }\n");
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
    assert!(run.terminal.contains("the control was refused"), "{}", run.terminal);
}

#[test]
fn what_a_step_broke_stands_where_a_template_of_a_later_step_fails() {
    let cases = "title: Pages\ncases:\n  - id: pages\n    steps:\n      - save: first\n        expect: 200\n        statements: \
                 [{ clause: answer.steady, at: /body/name, equals: n }]\n      \
                 - { query: { page: '{{ first.response.body.none.deeper }}' }, expect: 200 }\n";
    let run = judged(200, cases);
    assert_eq!((run.exit, run.first_violated()), (1, Some("answer.steady")), "{}", run.terminal);
    let result = run.cases("violates").next().unwrap();
    assert_eq!((&result["requests"], result["exchanges"].as_array().map(Vec::len)), (&1.into(), Some(1)), "{result}");
    assert!(result["reason"].as_str().unwrap().contains("fails"), "{result}");
}

#[test]
fn what_was_sent_is_counted_and_shown_where_a_statement_about_it_fails() {
    let cases = "title: Pages\ncases:\n  - id: page\n    query: { page: '2' }\n    expect: 200\n    statements: \
                 [{ clause: answer.steady, at: /status, equals: '{{ response.body.none.deeper }}' }]\n";
    let run = judged(200, cases);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
    let result = run.cases("error").next().unwrap();
    assert_eq!((&result["requests"], result["exchanges"].as_array().map(Vec::len)), (&1.into(), Some(1)), "{result}");
}

#[test]
fn a_place_that_was_never_there_is_told_of_as_idle() {
    let cases = "title: Pages\ncases:\n  - id: page\n    expect: 200\n    statements:\n      \
                 - { clause: open.page, at: /body/kind, readings: { one: 1, two: 2 } }\n      \
                 - { clause: open.page, at: /body/sort, optional: true, equals: 1 }\n";
    let run = judged(200, cases);
    assert_eq!(run.footer()["idle"], serde_json::json!(["things/pages.yaml:6: /body/kind"]), "{}", run.terminal);
    let line = "idle things/pages.yaml:6: /body/kind: no answer had anything there; fix or remove it";
    assert!(run.terminal.contains(line), "{}", run.terminal);
}

#[test]
fn a_place_that_is_written_once_and_used_twice_is_not_idle_where_one_answer_has_it() {
    let cases = "title: Pages\ncases:\n  - id: first\n    expect: 200\n    statements: &kind\n      \
                 - { clause: open.page, at: /body/kind, readings: { one: 1, two: 2 } }\n  \
                 - { id: second, query: { page: '2' }, expect: 200, statements: *kind }\n";
    let server = Server::start(move |request: &Request| {
        let body = if request.query().is_some() { serde_json::json!({ "kind": 1 }) } else { serde_json::json!({}) };
        Message::json(200, &body)
    });
    let (_folder, suite) = things::suite(CONTRACT, cases);
    let run = run(&["--suite", &suite, "--target", &server.url()]);
    assert!(run.footer().get("idle").is_none(), "{}", run.terminal);
}

#[test]
fn a_statement_at_a_misspelt_place_is_broken() {
    let cases = "title: Pages\ncases:\n  - id: page\n    expect: 200\n    statements: \
                 [{ clause: answer.steady, at: /body/naem, type: string }]\n";
    let run = judged(200, cases);
    assert_eq!((run.exit, run.first_violated()), (1, Some("answer.steady")), "{}", run.terminal);
    for line in ["expected  a value of type string", "observed  nothing there"] {
        assert!(run.terminal.contains(line), "{}", run.terminal);
    }
}

#[test]
fn nothing_proven_is_undetermined_with_filters_and_over_all_shards_together_too() {
    let reading = |id: &str, page: &str| {
        format!(
            "  - id: {id}\n    query: {{ page: '{page}' }}\n    covers: {{ open.page: observe }}\n    \
             expect: {{ readings: {{ refused: 401, taken: 200 }} }}\n"
        )
    };
    let readings: String = (0..8).map(|number| reading(&format!("r{number}"), &number.to_string())).collect();
    let cases =
        format!("title: Pages\ncases:\n{readings}  - {{ id: all, expect: 200, covers: {{ answer.steady: hold }} }}\n");
    let server = Server::start(move |request: &Request| {
        Message::json(if request.query().is_some() { 401 } else { 200 }, &serde_json::json!({}))
    });
    let (folder, suite) = things::suite(CONTRACT, &cases);
    let url = server.url();
    let judge = |more: &[&str]| run(&[&["--suite", &suite, "--target", &url], more].concat());
    let all = judge(&[]);
    assert_eq!((all.exit, all.verdict()), (0, "conformant"), "{}", all.gist());
    let filtered = judge(&["open.page"]);
    assert_eq!((filtered.exit, filtered.verdict()), (3, "undetermined"), "{}", filtered.gist());
    let mut merge = crate::support::binary::conformant();
    merge.args(["report", "--merge"]);
    for shard in ["1/2", "2/2"] {
        let one = judge(&["open.page", "--shard", shard, "--run-id", "r"]);
        let file = folder.path().join(shard.replace('/', "-"));
        let lines: Vec<String> = one.events.iter().map(ToString::to_string).collect();
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        merge.arg(file);
    }
    let output = merge.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("nothing that has to hold was shown to hold"), "{text}");
}
