//! A secret that is a word of a report's format: values are masked and the format never is, so that every report, ledger and
//! snapshot is what it was with any other secret.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::other::{Other, Rules, Standing};
use crate::support::reply::Message;
use crate::support::server::Server;

/// Words of the formats, and of what stands in them.
const WORDS: [&str; 16] = [
    "case", "name", "2026", "1000", "true", "null", "status", "event", "http", "body", "title", "test", "trace",
    "span", "error", "----",
];
/// A secret that is no word of anything.
const ORDINARY: &str = "k7x2";
const REPORTS: [&str; 8] = ["json", "junit", "html", "markdown", "ctrf", "tap", "coverage", "canonical"];

/// A server that takes this token and no other, and removes nothing.
fn server(token: &str) -> Server {
    let known = token.to_owned();
    let standing = move |given: &str| if given == known { Standing::Full } else { Standing::Unknown };
    let other = Other::new(Rules { standing: Box::new(standing), ..Rules::default() });
    Server::start(move |request| match request.method.as_str() {
        "DELETE" => Message::new(500),
        // One violation, so that reports have findings.
        "POST" => match other.answer(request) {
            message if message.status == 200 => message.with_json(|body| body["status"] = "wrong".into()),
            message => message,
        },
        _ => other.answer(request),
    })
}

fn run(folder: &Path, token: &str, server: &Server, arguments: &[&str]) -> Output {
    let mut run = conformant();
    run.current_dir(folder).args([
        "run",
        "--target",
        &server.url(),
        "--seed",
        "2a",
        "--jobs",
        "1",
        "--ledger",
        "ledger",
    ]);
    run.args(["--snapshot-profile", "words", "name/max-length", "token/missing"]).args(arguments);
    run.env("CONFORMANT_SECRET_token", token).env("CI", "false").output().unwrap()
}

/// Runs with every report, snapshots and a ledger; gives back the folder and how the run ended.
fn all(token: &str, server: &Server) -> (TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let reports: Vec<String> = REPORTS.iter().map(|report| format!("--report-{report}={report}")).collect();
    let mut arguments: Vec<&str> = reports.iter().map(String::as_str).collect();
    arguments.extend(["--report-github", "--snapshots", "update,all"]);
    let output = run(folder.path(), token, server, &arguments);
    (folder, output)
}

/// The keys of a JSON value, each with the way to it.
fn keys(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            // What a reading is called is a text of the suite.
            let key = if at.ends_with("/readings") { "*" } else { key };
            into.insert(format!("{at}/{key}"));
            keys(value, &format!("{at}/{key}"), into);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, at, into)),
        _ => {}
    }
}

fn all_matches(text: &str, pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// What a report consists of but for its values, parsed as whoever reads it would.
fn structure(report: &str, text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match report {
        "json" => text.lines().for_each(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            keys(&event, event["event"].as_str().unwrap(), &mut found);
        }),
        "ctrf" | "canonical" => keys(&serde_json::from_str(text).unwrap(), "", &mut found),
        "junit" => {
            let mut reader = quick_xml::Reader::from_str(text);
            loop {
                use quick_xml::events::Event::{Empty, Eof, Start};
                match reader.read_event().unwrap() {
                    Start(tag) | Empty(tag) => {
                        let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                        for attribute in tag.attributes() {
                            let key = attribute.unwrap();
                            found.insert(format!("{name} {}", String::from_utf8_lossy(key.key.as_ref())));
                        }
                        found.insert(name);
                    }
                    Eof => break,
                    _ => {}
                }
            }
        }
        "html" => found.extend(all_matches(text, r#"<(/?\w+|\w+ class="[^"]*")"#)),
        "markdown" | "coverage" => found.extend(all_matches(text, r"(?m)^([#|*> -]*)")),
        "tap" => {
            found.extend(all_matches(text, r"(?m)^((?:not )?ok|1\.\.\d+|TAP version \d+|  ---|  \.\.\.|  \w+:|#)"))
        }
        _ => found.extend(all_matches(text, r"(?m)^(::\w+|\w+  )")),
    }
    assert!(!found.is_empty(), "{report}: {text}");
    found
}

/// The lines of the only ledger in a folder, parsed.
fn ledger(folder: &Path) -> (Vec<Value>, BTreeSet<String>) {
    let path = fs::read_dir(folder.join("ledger")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut found = BTreeSet::new();
    lines.iter().for_each(|line| keys(line, "", &mut found));
    (lines, found)
}

#[test]
fn a_secret_that_is_a_word_of_a_format_breaks_no_report_no_ledger_and_no_snapshot() {
    let known = server(ORDINARY);
    let (ordinary, expected) = all(ORDINARY, &known);
    let changed = |folder: &Path, word: &str, server: &Server| {
        let text = stdout(&run(folder, word, server, &["--snapshots", "check,all"]));
        assert!(text.contains("snapshots are changed"), "{word}: the ids are others each time");
        all_matches(&text, r"(\d+) snapshots are changed")
    };
    let expected_changes = changed(ordinary.path(), ORDINARY, &known);
    assert_eq!(expected.status.code(), Some(1), "{}", stderr(&expected));
    for word in WORDS {
        let server = server(word);
        let (folder, output) = all(word, &server);
        assert_eq!(output.status.code(), Some(1), "{word}: {}{}", stdout(&output), stderr(&output));
        for report in REPORTS {
            let read = |folder: &TempDir| fs::read_to_string(folder.path().join(report)).unwrap();
            let text = read(&folder);
            assert_eq!(structure(report, &text), structure(report, &read(&ordinary)), "{report} with {word}");
        }
        assert_eq!(structure("", &stdout(&output)), structure("", &stdout(&expected)), "{word}");
        let events = fs::read_to_string(folder.path().join("json")).unwrap();
        assert!(events.contains(r#"["X-Auth-Token","[masked:token]"]"#), "{word}");
        // What was written is read again.
        let (lines, keys) = ledger(folder.path());
        assert_eq!((lines.len() > 2, keys), (true, ledger(ordinary.path()).1), "{word}");
        let mut cleanup = conformant();
        cleanup.current_dir(folder.path()).args(["cleanup", "--ledger", "ledger", "--target", &server.url()]);
        let cleaned = cleanup.env("CONFORMANT_SECRET_token", word).output().unwrap();
        assert_eq!(cleaned.status.code(), Some(1), "{word}: {}{}", stdout(&cleaned), stderr(&cleaned));
        assert!(stdout(&cleaned).contains("answered 500"), "{word}: {}", stdout(&cleaned));
        assert_eq!(changed(folder.path(), word, &server), expected_changes, "{word}");
        let mut report = conformant();
        report.current_dir(folder.path()).args(["report", "--from", "json", "--report-junit", "again"]);
        assert_eq!(report.output().unwrap().status.code(), Some(1), "{word}");
        let junit = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(junit("again"), junit("junit"), "{word}");
    }
}

#[test]
fn a_secret_that_correct_answers_hold_is_refused_before_anything_is_sent() {
    let server = Server::start(|request| -> Message { panic!("{} {} was sent", request.method, request.target) });
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("connections", "the secret token is a word of the contract"),
        ("ERROR_code", "the secret token is a word of the contract"),
        ("127.0.0.1", "the secret token is a part of the target's URL"),
        ("abc", "the secret `token` has fewer than 4 bytes"),
    ];
    for (word, why) in cases {
        let output = run(folder.path(), word, &server, &[]);
        assert_eq!(output.status.code(), Some(2), "{word}: {}", stdout(&output));
        assert!(stderr(&output).contains(why), "{word}: {}", stderr(&output));
    }
}
