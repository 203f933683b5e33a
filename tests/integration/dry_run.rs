//! `run --dry-run`: what a run would send, as far as that can be said without an answer. Nothing is sent.

use std::fs;
use std::process::Output;

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::server::Server;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Notes, version: '1' }
paths:
  /notes:
    post:
      operationId: createNote
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { type: object } } } } }
  /notes/{id}:
    get:
      operationId: getNote
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: fine, content: { application/json: { schema: { type: object } } } } }
    delete:
      operationId: deleteNote
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: gone } }
x-checks: { body: note.kept, error-body: note.kept }
x-clauses:
  note.kept: { level: must, says: a note is kept, source: the page, polarities: [hold] }
";

const SUITE: &str = r"title: Notes
contract: contract.yaml
secrets:
  key: {}
  other: { optional: true }
operations:
  createNote:
    request: { headers: { X-Key: '{{ key }}' }, body: { text: '{{ unique(8) }}' } }
    accepted: { status: 201, clause: note.kept }
  getNote:
    request: { path: { id: '{{ note.id }}' }, headers: { X-Key: '{{ key }}' } }
    accepted: { status: 200, clause: note.kept }
  deleteNote:
    request: { path: { id: '{{ note.id }}' }, headers: { X-Key: '{{ key }}' } }
    accepted: { status: 204, clause: note.kept }
resources:
  note: { make: createNote, id: '{{ made.response.body.id }}', remove: deleteNote }
control: { clause: note.kept }
";

const CASES: &str = r"title: Notes
cases:
  - { id: read, title: a note is read, operation: getNote, expect: 200, covers: { note.kept: hold } }
  - id: written
    title: notes of {{ size }} characters are kept
    operation: createNote
    covers: { note.kept: hold }
    body: { text: '{{ unique(size) }}' }
    each: [{ id: short, size: 4 }, { id: long, size: 9 }]
    expect: 201
  - id: twice
    title: what was written is written again
    steps:
      - { id: first, operation: createNote, save: first, repeat: 3, expect: 201 }
      - { id: again, operation: createNote, body: { text: '{{ first.request.body.text }}' }, covers: { note.kept: hold }, expect: 201 }
  - { id: with-another-key, operation: createNote, needs: [other], headers: { X-Key: '{{ other }}' }, expect: 201, covers: { note.kept: hold } }
";

fn suite(cases: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [("contract.yaml", CONTRACT), ("suite.yaml", SUITE), ("notes.yaml", cases)] {
        fs::create_dir_all(folder.path().join("notes")).unwrap();
        fs::write(folder.path().join("notes").join(file), text).unwrap();
    }
    folder
}

fn dry_run(cases: &str, more: &[&str]) -> Output {
    let folder = suite(cases);
    let mut command = conformant();
    command.args(["run", "--dry-run", "--seed", "2a", "--suite"]).arg(folder.path().join("notes")).args(more);
    command.output().unwrap()
}

#[test]
fn every_request_is_shown_as_far_as_it_is_known_and_no_secret_and_no_target_is_needed() {
    let output = dry_run(CASES, &["--secret", "key=hunter2-hunter2"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{}", stdout(&output));
    assert!(!stdout(&output).contains("hunter2"), "{}", stdout(&output));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn the_run_with_this_seed_sends_what_was_shown_and_the_dry_run_sends_nothing() {
    let (seen, requests) = std::sync::mpsc::channel();
    let seen = std::sync::Mutex::new(seen);
    let server = Server::start(move |request: &Request| {
        let _ = seen.lock().unwrap().send(String::from_utf8_lossy(&request.body).into_owned());
        Message::json(201, &serde_json::json!({ "id": "7" }))
    });
    let url = server.url();
    let given = ["--secret", "key=hunter2-hunter2", "--target", &url, "written"];
    let output = dry_run(CASES, &given);
    let shown = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", stderr(&output));
    assert!(requests.try_recv().is_err(), "a request was sent");
    let folder = suite(CASES);
    let mut run = conformant();
    run.args(["run", "--seed", "2a", "--suite"]).arg(folder.path().join("notes")).args(given);
    run.output().unwrap();
    let sent: Vec<String> = requests.try_iter().filter(|body| !body.is_empty()).collect();
    let planned: Vec<&str> = shown.lines().filter(|line| line.contains("--data-binary")).collect();
    assert!(planned.len() >= 4, "{shown}");
    for line in planned {
        assert!(line.contains(&format!("'{url}/notes'")), "{line}");
        assert!(sent.iter().any(|body| line.contains(body.as_str())), "{line} is not among {sent:?}");
    }
}

#[test]
fn all_mistakes_are_told_and_it_ends_with_2() {
    let broken = CASES
        .replace("unique(size)", "unique(size | int) | join(1)")
        .replace("{{ first.request.body.text }}", "{{ 1 / 0 }}");
    let output = dry_run(&broken, &["--secret", "key=hunter2-hunter2"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stderr(&output).matches("notes.yaml:").count() >= 2, "{}", stderr(&output));
    let missing = dry_run(CASES, &[]);
    assert_eq!((missing.status.code(), stdout(&missing)), (Some(2), String::new()));
    assert!(stderr(&missing).contains("the suite needs the secret key"), "{}", stderr(&missing));
    for more in [&["--report-json", "x"][..], &["--quiet"], &["--waive-current"]] {
        let output = dry_run(CASES, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(stderr(&output).contains("cannot be used with"), "{}", stderr(&output));
    }
}

#[test]
fn every_request_of_the_shipped_suite_can_be_rendered_or_needs_an_answer() {
    let output = conformant().args(["run", "--dry-run"]).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert!(stdout(&output).lines().last().unwrap().ends_with("; nothing was sent"), "{}", stdout(&output));
}

#[test]
fn a_secret_that_a_run_obtains_is_named_and_its_request_is_shown() {
    let mut command = conformant();
    command.args(["run", "--dry-run", "--target", "http://127.0.0.1:1", "name.max-length"]);
    command.args([
        "--variable",
        "identity=http://127.0.0.1:2",
        "--variable",
        "user=somebody",
        "--variable",
        "domain=here",
    ]);
    let output = command.args(["--secret", "password=hunter2-hunter2"]).output().unwrap();
    let shown = stdout(&output);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{shown}");
    assert!(shown.contains("    # obtains token\n    curl ") && shown.contains("'http://127.0.0.1:2/"), "{shown}");
    assert!(shown.contains("X-Auth-Token: '\"${CONFORMANT_SECRET_token}\""), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains("what-the-run-obtains"), "{shown}");
}
