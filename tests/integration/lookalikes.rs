//! Texts that look alike are told apart by their code points, in every report.

use std::fs;

use serde_json::json;

use crate::support::binary::{conformant, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: {}, text/plain: {} } }
x-checks: { body: answer.steady, error-body: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
";

/// The terminal's text and those of the reports where the name is this and another one is expected.
fn told(expected: &str, observed: &str) -> Vec<String> {
    let body = json!({ "name": observed });
    let server = Server::start(move |_: &Request| Message::json(200, &body));
    let statement = json!({ "clause": "answer.steady", "at": "/body/name", "equals": expected });
    let cases = format!("title: Names\ncases:\n  - {{ id: name, expect: 200, statements: [{statement}] }}\n");
    let (folder, suite) = things::suite(CONTRACT, &cases);
    let mut command = conformant();
    command.args(["run", "--suite", &suite, "--target", &server.url()]);
    let reports = ["html", "markdown", "junit", "json"];
    for report in reports {
        command.arg(format!("--report-{report}")).arg(folder.path().join(report));
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let files = reports.iter().map(|report| fs::read_to_string(folder.path().join(report)).unwrap());
    std::iter::once(stdout(&output)).chain(files).collect()
}

#[test]
fn every_report_names_the_code_points_of_what_nobody_can_see() {
    for (expected, observed, difference) in [
        ("caf\u{e9}", "cafe\u{301}", "(U+0065 U+0301) where \u{e9} (U+00E9)"),
        ("a b", "a\u{a0}b", "U+00A0 where U+0020"),
        ("paypal", "p\u{430}ypal", "(U+0430) where a (U+0061)"),
        ("-1", "\u{2212}1", "(U+2212) where - (U+002D)"),
        ("ab", "a\u{200b}b", "U+200B where nothing"),
    ] {
        for text in told(expected, observed) {
            assert!(text.contains(difference), "{difference}\n{text}");
        }
    }
}

#[test]
fn the_terminal_and_markdown_show_an_accent_of_its_own_beside_the_letter_that_has_one() {
    let reports = told("caf\u{e9}", "cafe\u{301}");
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| line.contains("caf")).map(str::to_owned).collect()
    };
    let (expected, observed) = ("\"caf\u{e9}\"", "\"cafe\u{301}\"");
    let told = format!("{observed}, which has e\u{301} (U+0065 U+0301) where \u{e9} (U+00E9)");
    let terminal = [
        format!("expected  {expected}"),
        format!("observed  {told}"),
        format!("{{\"name\":{observed}}}"),
        format!("answer.steady  1 case  {expected} \u{2192} {told}"),
    ];
    assert_eq!(lines(&reports[0]), terminal);
    let markdown = [
        format!("<details><summary><code>answer.steady</code> (1 finding): {told}</summary>"),
        format!("- {expected}"),
        format!("+ {told}"),
        format!("{{\"name\":{observed}}}"),
    ];
    assert_eq!(lines(&reports[2]), markdown);
}

#[test]
fn values_that_differ_behind_what_is_shown_are_shown_where_they_differ() {
    let (long, other) = ("a".repeat(300) + "b", "a".repeat(300) + "c");
    let reports = told(&long, &other);
    assert!(reports[0].contains("aaab\"") && reports[0].contains("aaac\""), "{}", reports[0]);
}

/// Records the body of an answer as text, then compares another one with it: the exit code and what is shown.
fn compared(recorded: &str, observed: &str) -> (Option<i32>, String) {
    let cases = "title: Texts\ncases:\n  - { id: text, expect: 200, snapshot: true }\n";
    let (folder, suite) = things::suite(CONTRACT, cases);
    let judge = |body: &str, snapshots: &str| {
        let answer = Message::new(200).with_header("Content-Type", "text/plain").with_body(body);
        let server = Server::start(move |_: &Request| answer.clone());
        let mut command = conformant();
        command.env_remove("CI").args(["run", "--suite", &suite, "--target", &server.url(), "--snapshots", snapshots]);
        command.arg("--snapshot-dir").arg(folder.path().join("snapshots")).args(["--snapshot-profile", "p"]);
        let output = command.output().unwrap();
        (output.status.code(), stdout(&output))
    };
    assert_eq!(judge(recorded, "update").0, Some(0));
    assert_eq!(judge(recorded, "check").0, Some(0), "{recorded:?}");
    judge(observed, "check")
}

#[test]
fn line_ends_and_trailing_blanks_of_a_recorded_text_count_and_are_shown() {
    for (recorded, observed, shown) in [
        ("one\ntwo\n", "one\r\ntwo\r\n", "+ | one\\r"),
        ("one\ntwo", "one\ntwo ", "+ | two\\u{20}"),
        ("one\ntwo", "one\ntwo\n", "+ |"),
        ("one two\n", "one\u{a0}two\n", "U+00A0 where U+0020"),
        ("caf\u{e9}\n", "cafe\u{301}\n", "(U+0065 U+0301) where \u{e9} (U+00E9)"),
    ] {
        let (exit, text) = compared(recorded, observed);
        assert_eq!(exit, Some(1), "{recorded:?} {observed:?} {text}");
        assert!(text.contains(shown), "{recorded:?} {observed:?} {text}");
    }
}
