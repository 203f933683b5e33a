//! Answers that take long to judge: a run that is stopped doesn't wait for them, keeps what it knows, and nothing is green by
//! it.

use std::collections::BTreeSet;
#[cfg(unix)]
use std::io::{BufRead as _, BufReader, Read as _};
#[cfg(unix)]
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::{Value, json};
use tempfile::TempDir;

#[cfg(unix)]
use crate::support::binary::conformant;
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

/// Texts by which a pattern tries one way after another, and how much of that is allowed: minutes of it.
const PATTERN: &str = r"^(?=a)(a|a)*\1?\d$";
const WORK: &str = "1099511627776";
const UNDER_WAY: &str = "a judgement was under way when the run was stopped: ";

fn long() -> Value {
    json!({ "id": "long", "n": "a".repeat(5_000) + "!" })
}

/// A suite of so many rows that make a thing each.
fn suite(rows: usize) -> (TempDir, String) {
    let contract = format!(
        r"openapi: 3.1.0
info: {{ title: Things, version: '1' }}
paths:
  /things:
    post:
      operationId: things
      responses:
        '201': {{ description: fine, content: {{ application/json: {{ schema: {{ type: object, properties: {{ n: {{ pattern: '{PATTERN}' }} }} }} }} }} }}
x-checks: {{ body: answer.schema, error-body: answer.schema }}
x-clauses:
  answer.schema: {{ level: must, says: answers are as documented, source: the page, polarities: [hold] }}
  answer.steady: {{ level: must, says: answers are what they are, source: the page, polarities: [hold] }}
"
    );
    let suite = r"title: Things
contract: contract.yaml
operations:
  things:
    accepted: { status: 201, clause: answer.steady }
    cleanup: { method: DELETE, path: '/things/{{ response.body.id }}', done: [204, 404] }
control: { clause: answer.steady }
";
    let row = |number: usize| format!("      - {{ id: row-{number}, page: {number} }}\n");
    let each: String = (0..rows).map(row).collect();
    let cases = format!(
        "title: Pages\ncases:\n  - id: page\n    query: {{ page: '{{{{ page }}}}' }}\n    expect: 201\n    \
         covers: {{ answer.schema: hold }}\n    each:\n{each}"
    );
    things::suite_of(&[("contract.yaml", &contract), ("suite.yaml", suite), ("pages.yaml", &cases)])
}

/// A server of things that tells when it was asked for what takes long to judge.
struct Things {
    server: Server,
    /// What was made and not removed.
    kept: Arc<Mutex<BTreeSet<String>>>,
    asked: mpsc::Receiver<()>,
}

impl Things {
    fn answering(body: impl Fn(Option<&str>) -> Value + Send + Sync + 'static) -> Self {
        let kept: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (tell, asked) = mpsc::channel();
        let things = Arc::clone(&kept);
        let server = Server::start(move |request: &Request| {
            if let Some(id) = request.target.strip_prefix("/things/") {
                return Message::new(if things.lock().unwrap().remove(id) { 204 } else { 404 });
            }
            let body = body(request.query());
            things.lock().unwrap().insert(body["id"].as_str().unwrap().to_owned());
            if body["id"] == "long" {
                // Nobody may listen any more.
                let _ = tell.send(());
            }
            Message::json(201, &body)
        });
        Self { server, kept, asked }
    }

    fn kept(&self) -> usize {
        self.kept.lock().unwrap().len()
    }
}

fn case<'r>(events: &'r [Value], id: &str) -> (&'r str, &'r str) {
    let case = events.iter().find(|event| event["id"] == id).unwrap_or_else(|| panic!("no {id}: {events:#?}"));
    (case["outcome"].as_str().unwrap(), case["reason"].as_str().unwrap_or_default())
}

#[test]
fn a_control_that_takes_long_to_judge_ends_with_the_time_limit_and_proves_nothing() {
    let things = Things::answering(|_| long());
    let (_folder, suite) = suite(1);
    let run =
        run(&["--suite", &suite, "--target", &things.server.url(), "--max-pattern-work", WORK, "--max-time", "2"]);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}{}", run.terminal, run.trouble);
    let why = format!("{UNDER_WAY}the time limit of 2 s was reached");
    assert_eq!(case(&run.events, "things/control[before]"), ("inconclusive", &*why));
    assert_eq!(case(&run.events, "things/pages/page[row-0]"), ("inconclusive", &*why));
    assert_eq!(things.kept(), 0);
}

/// A run that gets this signal as soon as it judges an answer that takes long.
#[cfg(unix)]
fn interrupted(things: &Things, arguments: &[&str]) -> Child {
    let mut command = conformant();
    command.args(["run", "--target", &things.server.url(), "--max-pattern-work", WORK]).args(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    things.asked.recv().unwrap();
    interrupt(&child);
    child
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_judgement_and_keeps_what_the_cases_before_it_in_the_same_batch_have_shown() {
    let things = Things::answering(|query| match query {
        Some("page=9") => json!({ "id": "9", "n": "short" }),
        Some("page=10") => long(),
        other => json!({ "id": other.unwrap_or("control") }),
    });
    // So many rows that eight go one after the other.
    let (folder, suite) = suite(256);
    let report = folder.path().join("report.ndjson");
    let child = interrupted(&things, &["--suite", &suite, "--jobs", "1", "--report-json", report.to_str().unwrap()]);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    let events = std::fs::read_to_string(&report).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |number: usize| case(&events, &format!("things/pages/page[row-{number}]"));
    assert_eq!((row(8).0, row(9).0), ("conforms", "violates"), "{text}");
    assert_eq!(row(10), ("inconclusive", &*format!("{UNDER_WAY}Ctrl-C")), "{text}");
    assert_eq!([row(11), row(16), row(255)], [("inconclusive", "Ctrl-C"); 3], "{text}");
    assert_eq!(events.last().unwrap()["interrupted"], "Ctrl-C");
    assert_eq!(things.kept(), 0, "the ledger knows what was made: {text}");
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_a_judgement_too() {
    let things = Things::answering(|_| long());
    let (_folder, suite) = suite(1);
    let mut child = interrupted(&things, &["--suite", &suite]);
    let mut trouble = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("press again to abort") {
        line.clear();
        assert!(trouble.read_line(&mut line).unwrap() > 0, "it ended without a word");
    }
    interrupt(&child);
    let mut rest = String::new();
    trouble.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
}

/// Judges a body by a schema `N` of these alternatives.
fn judged(combiner: &str, alternatives: &str, body: &Value) -> Run {
    let contract = format!(
        r"openapi: 3.1.0
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/N' }} }} }} }}
components: {{ schemas: {{ N: {{ {combiner}: [{alternatives}] }} }} }}
x-checks: {{ body: answer.schema, error-body: answer.schema }}
x-clauses:
  answer.schema: {{ level: must, says: answers are as documented, source: the page, polarities: [hold] }}
  answer.steady: {{ level: must, says: answers are what they are, source: the page, polarities: [hold] }}
"
    );
    let body = body.clone();
    let server = Server::start(move |_: &Request| Message::json(200, &body));
    let cases = "title: Pages\ncases:\n  - { id: one, expect: 200, covers: { answer.schema: hold } }\n";
    let (_folder, suite) = things::suite(&contract, cases);
    run(&["--suite", &suite, "--target", &server.url()])
}

#[test]
fn a_schema_that_refers_to_itself_in_two_alternatives_tells_one_short_error_of_the_deepest_body() {
    let items = "type: array, items: { $ref: '#/components/schemas/N' }";
    for combiner in ["anyOf", "oneOf"] {
        for depth in [20, 100] {
            let body = (0..depth).fold(json!("x"), |value, _| json!([value]));
            let alternatives = format!("{{ {items}, minItems: 0 }}, {{ {items}, maxItems: 99 }}");
            let run = judged(combiner, &alternatives, &body);
            assert_eq!(run.exit, 1, "{combiner} {depth}: {}{}", run.terminal, run.trouble);
            let broken = run.cases("violates").find(|case| case["id"] == "things/pages/one").unwrap();
            let findings = broken["findings"].as_array().unwrap();
            assert_eq!((findings.len(), findings[0]["clause"].as_str()), (1, Some("answer.schema")), "{findings:?}");
            assert!(findings[0].to_string().len() < 500, "{findings:?}");
        }
    }
}

#[test]
fn a_schema_that_leads_to_itself_twice_tells_the_first_thing_that_is_wrong_with_a_deep_body() {
    let kids = "type: object, properties: { a: { $ref: '#/components/schemas/N' } }";
    for node in [
        format!("{{ allOf: [{{ {kids} }}, {{ {kids} }}] }}"),
        format!("{{ allOf: [{{ {kids} }}], {kids} }}"),
        format!("{{ dependentSchemas: {{ a: {{ {kids} }} }}, {kids} }}"),
        format!("{{ if: {{ minProperties: 1 }}, then: {{ {kids} }}, {kids} }}"),
    ] {
        for depth in [8, 100] {
            let body = (0..depth).fold(json!("x"), |value, _| json!({ "a": value }));
            let run = answered(&node, &body);
            assert_eq!(run.exit, 1, "{node} {depth}: {}{}", run.terminal, run.trouble);
            let broken = run.cases("violates").find(|case| case["id"] == "things/pages/one").unwrap();
            let found = &broken["findings"][0];
            assert!(found["clause"].as_str().unwrap().ends_with("type"), "{found}");
            assert_eq!(found["place"], format!("/body{}", "/a".repeat(depth)), "{found}");
        }
    }
}

/// How an answer with this body is judged by the schema `N`.
fn answered(schema: &str, body: &Value) -> Run {
    let document = format!(
        "openapi: 3.1.0
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/N' }} }} }} }}
components: {{ schemas: {{ N: {schema} }} }}
"
    );
    let body = body.clone();
    let server = Server::start(move |_: &Request| Message::json(200, &body));
    let cases = "title: Pages\ncases:\n  - { id: one, expect: 200 }\n";
    let contract = "document: openapi.yaml
x-clauses:
  answer.steady: { level: must, says: answers are what they are, source: the page, polarities: [hold] }
";
    let files = [("contract.yaml", contract), ("openapi.yaml", &*document), ("pages.yaml", cases)];
    let (_folder, suite) = things::suite_of(&files);
    run(&["--suite", &suite, "--target", &server.url()])
}
