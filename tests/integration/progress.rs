//! What a run tells on standard error while it goes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc;

use crate::support::binary::{Served, conformant, stderr};
use crate::support::reply::Message;
use crate::support::request::Request;
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
";

const CASES: &str = r"title: Pages
cases:
  - { id: wrong, query: { page: wrong }, expect: 200 }
  - { id: slow, query: { page: slow }, expect: 200 }
";

#[test]
fn a_violation_is_told_while_other_cases_still_wait_for_their_answers() {
    let (go_on, told) = mpsc::channel::<()>();
    let told = Mutex::new(told);
    let server = Server::start(move |request: &Request| {
        if request.query() == Some("page=slow") {
            // Until the test has read the line, or is over.
            let _ = told.lock().unwrap().recv();
        }
        Message::json(if request.query() == Some("page=wrong") { 401 } else { 200 }, &serde_json::json!({}))
    });
    let (_folder, suite) = things::suite(CONTRACT, CASES);
    let mut command = conformant();
    command.args(["run", "--suite", &suite, "--target", &server.url(), "--deadline", "60"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut trouble = BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    trouble.read_line(&mut line).unwrap();
    assert_eq!(line, "violates case.as-stated  200 → 401  things/pages/wrong\n");
    go_on.send(()).unwrap();
    drop(go_on);
    let mut rest = String::new();
    trouble.read_to_string(&mut rest).unwrap();
    assert_eq!((run.wait().unwrap().code(), rest.as_str()), (Some(1), ""));
}

#[test]
fn of_each_clause_the_first_violation_is_told_and_none_where_somebody_asks_for_quiet() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let told = |more: &[&str]| {
        let mut command = conformant();
        command.args(["run", "--target", &served.url, "--secret", "token=good-token", "name"]).args(more);
        stderr(&command.output().unwrap())
    };
    let line = "violates name.max-length  400 → 200  connections/name/max-length[over]\n";
    assert_eq!(told(&[]).matches("violates name.max-length").count(), 1, "{}", told(&[]));
    assert!(told(&[]).contains(line), "{}", told(&[]));
    assert_eq!(told(&["--quiet"]), "");
}
