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

const SECRET_SUITE: &str = r"title: Things
contract: contract.yaml
secrets: { key: {} }
operations:
  things: { request: { query: { key: '{{ key }}' } }, accepted: { status: 200, clause: answer.steady } }
control: { clause: answer.steady }
";

const SECRET_CONTRACT: &str = r"openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      parameters:
        - { name: key, in: query, schema: { type: string } }
        - { name: page, in: query, schema: { type: string } }
      responses:
        '200': { description: fine, content: { application/json: { schema: { type: object } } } }
        '401': { description: no, content: { application/json: { schema: { type: object } } } }
x-checks: { body: answer.steady, error-body: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
";

#[test]
fn each_request_is_told_masked_and_in_the_same_order_at_any_number_of_jobs() {
    let pages: String =
        (0..30).map(|n| format!("  - {{ id: p{n}, query: {{ page: p{n} }}, expect: 200 }}\n")).collect();
    let server = Server::start(|request: &Request| {
        let is_odd = request.query().is_some_and(|query| query.contains("page=p7"));
        Message::json(if is_odd { 401 } else { 200 }, &serde_json::json!({}))
    });
    let files = [("contract.yaml", SECRET_CONTRACT), ("suite.yaml", SECRET_SUITE)];
    let (folder, suite) = things::suite_of(&files);
    std::fs::write(folder.path().join("things/pages.yaml"), format!("title: Pages\ncases:\n{pages}")).unwrap();
    let told = |jobs: &str| {
        let mut command = conformant();
        command.args(["run", "-v", "--jobs", jobs, "--suite", &suite, "--target", &server.url()]);
        let output = command.args(["--secret", "key=hunter2-hunter2"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        stderr(&output)
    };
    // Times differ.
    let plain = |text: &str| {
        let lines = text
            .lines()
            .map(|line| line.split("  ").filter(|part| !part.ends_with(" ms")).collect::<Vec<_>>().join("  "));
        lines.collect::<Vec<String>>()
    };
    let one = told("1");
    assert!(!one.contains("hunter2"), "{one}");
    assert_eq!(plain(&one), plain(&told("16")));
    let lines = plain(&one);
    let masked = |page: &str, status: u16| {
        lines.iter().any(|line| {
            line.starts_with("GET /things?key=")
                && line.ends_with(&format!("page={page}  {status}  things/pages/{page}"))
        })
    };
    assert!(masked("p3", 200) && masked("p7", 401), "{one}");
    assert!(lines.iter().any(|line| line.ends_with("  200  things/control[before]")), "{one}");
    assert!(one.lines().filter(|line| line.starts_with("GET ")).all(|line| line.contains(" ms  things/")), "{one}");
}

#[test]
fn without_an_answer_the_line_says_why() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (_folder, suite) = things::suite(CONTRACT, CASES);
    let output = conformant().args(["run", "-v", "--suite", &suite, "--target", &url]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("GET /things  the target can't be reached  "), "{}", stderr(&output));
    let quiet = conformant().args(["run", "-v", "-q"]).output().unwrap();
    assert_eq!(quiet.status.code(), Some(2), "{}", stderr(&quiet));
}
