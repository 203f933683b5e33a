//! Secrets that answers hold and cases capture. The binary, against a real socket.

use std::fs;

use serde_json::json;

use crate::login::texts;
use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run_by};
use crate::support::server::Server;
use crate::support::things;

const DOCUMENT: &str = r"openapi: 3.1.0
info: { title: Sessions, version: '1' }
paths:
  /sessions:
    post:
      operationId: createSession
      responses: { '201': { description: made } }
  /me:
    get:
      operationId: getMe
      responses: { '200': { description: me }, '401': { description: who are you } }
";

const SUITE: &str = r#"title: Sessions
contract: contract.yaml
operations:
  createSession: { request: { headers: { X-Name: "{{ unique(8) }}" } }, accepted: 201 }
  getMe: { request: { headers: { Authorization: "Bearer {{ session.id }}" } }, accepted: 200 }
resources:
  session: { make: createSession, id: "{{ made.response.body.access_token }}", secret: [/body/access_token] }
"#;

const CASES: &str = r#"title: Sessions
cases:
  - id: own
    steps:
      - { operation: createSession, save: login, secret: [/body/access_token, /headers/x-refresh], expect: 201 }
      - { operation: getMe, headers: { Authorization: "Bearer {{ login.response.body.access_token }}" }, expect: 200 }
  - id: reversed
    steps:
      - { operation: createSession, save: login, secret: [/body/access_token], expect: 201 }
      - { operation: getMe, headers: { Authorization: "Bearer {{ login.response.body.access_token | reverse }}" }, expect: 401 }
"#;

/// A service that tells tokens wherever it can.
fn service() -> Server {
    let made = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |request: &Request| {
        let number = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if request.method == "POST" {
            let answer = json!({ "access_token": format!("tQw{number}zXv9-kJh{number}pLm"), "expires_in": 360 });
            return Message::json(201, &answer).with_header("X-Refresh", format!("rFs{number}yBn4-vCx{number}dGh"));
        }
        let sent = request.value("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match sent {
            Some(token) if token.starts_with("tQw") => {
                Message::json(200, &json!({ "sessions": [token] })).with_header("X-Session", token)
            }
            _ => Message::new(401),
        }
    })
}

fn run_of(cases: &str, more: &[&str]) -> Run {
    let server = service();
    let (_folder, suite) = things::suite_of(&[
        ("contract.yaml", "document: api.yaml\n"),
        ("api.yaml", DOCUMENT),
        ("suite.yaml", SUITE),
        ("pages.yaml", cases),
    ]);
    let mut command = conformant();
    command.env("CI", "false");
    run_by(command, &[&["--suite", &suite, "--target", &server.url()], more].concat())
}

#[test]
fn what_a_case_captures_and_calls_secret_is_in_nothing_that_the_run_writes() {
    let written = tempfile::tempdir().unwrap();
    let file = |name: &str| written.path().join(name).display().to_string();
    let [ledger, snapshots] = ["ledger", "snapshots"].map(file);
    let reports =
        ["html", "junit", "ctrf", "tap", "markdown"].map(|format| format!("--report-{format}={}", file(format)));
    let mut arguments = vec!["--ledger", &ledger, "--snapshot-profile", "sessions", "--snapshot-dir", &snapshots];
    arguments.extend(["--snapshots", "update,all,values"]);
    arguments.extend(reports.iter().map(String::as_str));
    // One that fails shows its exchanges.
    let cases = CASES.replace("| reverse }}\" }, expect: 401", "| reverse }}\" }, expect: 200");
    for (cases, exit) in [(CASES, 0), (&cases, 1)] {
        let run = run_of(cases, &arguments);
        assert_eq!(run.exit, exit, "{}", run.gist());
        let mut all = texts(written.path());
        all.extend([run.terminal.clone(), run.trouble.clone(), format!("{:?}", run.events)]);
        // The beginnings of both kinds of token, and the end of what the case makes of one.
        for part in ["tQw", "rFs", "wQt"] {
            let leak = all.iter().find_map(|text| text.find(part).map(|at| text.get(at.saturating_sub(80)..at + 40)));
            assert!(leak.is_none(), "{part}: {leak:?}");
        }
        assert!(all.iter().any(|text| text.contains("[masked:login]")));
        assert!(all.iter().all(|text| !text.contains("CONFORMANT_SECRET_login")));
    }
}

#[test]
fn a_secret_that_is_not_where_the_case_says_or_cannot_be_masked_is_an_error_of_the_case() {
    let reasons = [
        ("/body/acces_token", "the answer has nothing at /body/acces_token, which is declared secret"),
        ("/headers/x-refesh", "the answer has nothing at /headers/x-refesh, which is declared secret"),
        ("/body/expires_in", "what an answer has can't be kept secret: the secret `login` has fewer than 4 bytes"),
    ];
    for (place, why) in reasons {
        let run = run_of(&CASES.replace("/headers/x-refresh", place), &["own"]);
        let reason = run.cases("error").next().map(|case| case["reason"].to_string()).unwrap_or_default();
        assert!(reason.contains(why), "{reason}\n{}", run.gist());
    }
}

#[test]
fn mutants_are_caught_by_a_suite_that_captures_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("connections");
    fs::create_dir(&suite).unwrap();
    for entry in fs::read_dir("cases/connections").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("save: first, expect: 200", "save: first, secret: [/body/id], expect: 200");
        fs::write(suite.join(path.file_name().unwrap()), text).unwrap();
    }
    assert!(texts(&suite).iter().any(|text| text.contains("secret: [/body/id]")));
    let mutants = ["name-129-accepted", "taken-409"];
    let output = conformant().args(["mutants", "--suite"]).arg(&suite).args(mutants).output().unwrap();
    let told = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("1 of 1 caught (100.0 %)") && told.contains("0 false alarms"), "{told}");
}

#[test]
fn mistakes_in_what_is_called_secret_are_told_at_load() {
    let mistakes = [
        ("save: login, secret", "secret", "`secret` needs `save`"),
        ("/headers/x-refresh", "/refresh", "`/refresh` points to no text of an answer"),
        ("/headers/x-refresh", "refresh", "a JSON pointer is empty or starts with `/`"),
    ];
    for (from, to, message) in mistakes {
        let cases = CASES.replacen(from, to, 1);
        let (_folder, folder) = things::suite_of(&[
            ("contract.yaml", "document: api.yaml\n"),
            ("api.yaml", DOCUMENT),
            ("suite.yaml", SUITE),
            ("pages.yaml", &cases),
        ]);
        let output = conformant().args(["check", &folder]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{to}: {}", stderr(&output));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}
