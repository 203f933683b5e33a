//! What is wrong with a suite: all of it at once, and `run` says the same as `check`.

use std::fs;
use std::path::Path;

use crate::support::binary::{conformant, stderr};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::run;
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
components:
  schemas:
    Thing: { type: object }
x-checks: { body: answer.body, error-body: answer.body }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
  answer.body:
    { level: must, says: a body is a thing, source: the page, polarities: [hold], schema: [/components/schemas/Thing/type] }
";

const CASES: &str =
    "title: Things\ncases:\n  - { id: all, expect: 200, covers: { answer.steady: hold, answer.body: hold } }\n";

/// What `check` and `run` say of a suite in which texts of its files are replaced by others; that they say the same.
#[track_caller]
fn mistakes(changes: &[(&str, &str, &str)]) -> String {
    let (_folder, suite) = things::suite(CONTRACT, CASES);
    for (file, old, new) in changes {
        let path = Path::new(&suite).join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} lacks {old}");
        fs::write(path, text.replace(old, new)).unwrap();
    }
    let said = |arguments: &[&str]| {
        let output = conformant().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {changes:?} {}", stderr(&output));
        stderr(&output)
    };
    let checked = said(&["check", &suite]);
    assert_eq!(said(&["run", "--suite", &suite, "--target", "http://127.0.0.1:1"]), checked);
    checked
}

#[test]
fn a_run_refuses_every_kind_of_mistake_that_the_check_calls_an_error() {
    for (change, told) in [
        (("contract.yaml", "x-checks: { body", "x-checks: { bodi: answer.body, body"), "there is no check `bodi`"),
        (("contract.yaml", "schemas/Thing/type]", "schemas/Thing/nothing]"), "this leads to nothing in the contract"),
        (("contract.yaml", "schemas/Thing/type]", "schemas/Thing]"), "no schema keyword that a value can violate"),
        (
            (
                "contract.yaml",
                "[/components/schemas/Thing/type]",
                "[/components/schemas/Thing/type, /components/schemas/Thing/type]",
            ),
            "stands for this keyword already",
        ),
        (("contract.yaml", "Thing: { type: object }", "Thing: { type: object, minimun: 1 }"), "minimun"),
        (("contract.yaml", "x-checks:", "x-extra: 1\nx-checks:"), "x-extra"),
        (("contract.yaml", "polarities: [hold] }", "polarities: [] }"), "a clause needs a polarity"),
        (("contract.yaml", "schemas/Thing'", "schemas/Nothing'"), "Nothing"),
        (("contract.yaml", "type: object", "type: objekt"), "objekt"),
        (("contract.yaml", "paths:", "paths: ["), "contract.yaml"),
        (("suite.yaml", "things: {", "thinks: {"), "no operation `thinks`"),
        (
            ("suite.yaml", "things: { accepted", "things: { request: { path: { id: 7 } }, accepted"),
            "has no parameter `id`",
        ),
        (
            ("suite.yaml", "contract: contract.yaml", "contract: other.yaml"),
            "there is no file `other.yaml` in the suite's folder",
        ),
        (("suite.yaml", "title: Things", "titel: Things"), "titel"),
        (("pages.yaml", "answer.steady", "answer.stedy"), "answer.stedy"),
        (("pages.yaml", "expect: 200", "expect: 2000"), "2000"),
        (("pages.yaml", "expect: 200", "expects: 200"), "expects"),
        (("pages.yaml", "expect: 200", "path: /thing, expect: 200"), "the contract has no operation GET /thing"),
        (("pages.yaml", "expect: 200", "method: POST, expect: 200"), "the contract has no operation POST /things"),
        (("pages.yaml", "expect: 200", "expect: { status: 404, code: 4 }"), "where an error body has its code"),
        (("pages.yaml", "answer.steady: hold", "answer.steady: accept"), "accept"),
    ] {
        let said = mistakes(&[change]);
        assert!(said.contains(told), "{change:?}\n{said}");
    }
}

#[test]
fn all_mistakes_of_contract_suite_and_cases_come_at_once_in_the_order_of_files() {
    let said = mistakes(&[
        ("contract.yaml", "type: object", "type: objekt"),
        ("contract.yaml", "x-checks: { body", "x-checks: { bodi: answer.body, body"),
        ("pages.yaml", "expect: 200", "expects: 200"),
        ("pages.yaml", "answer.steady", "answer.stedy"),
        ("suite.yaml", "status: 200", "status: 20"),
    ]);
    let places: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect();
    let named: Vec<&str> = places.iter().map(|place| place.rsplit('/').next().unwrap()).collect();
    let lines: Vec<&str> = named.iter().map(|place| place.rsplit_once(':').unwrap().0).collect();
    assert_eq!(
        lines,
        ["contract.yaml:11", "contract.yaml:12", "pages.yaml:3", "pages.yaml:3", "suite.yaml:4"],
        "{said}"
    );
}

#[test]
fn where_the_contract_cannot_be_read_the_rest_is_judged_as_far_as_it_goes() {
    let said = mistakes(&[("contract.yaml", "paths:", "paths: ["), ("pages.yaml", "expect: 200", "expects: 200")]);
    assert!(said.contains("expects") && !said.contains("answer.steady`"), "{said}");
    // A clause that can't be read may be the one that is meant.
    let said = mistakes(&[("contract.yaml", "answer.steady: { level: must,", "answer.steady: { level: most,")]);
    assert_eq!(said.matches("error").count(), 1, "{said}");
}

#[test]
fn what_is_not_covered_is_the_check_s_alone() {
    let (_folder, suite) =
        things::suite(&CONTRACT.replace("type: object }", "type: object, minProperties: 0 }"), CASES);
    let output = conformant().args(["check", &suite]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("no clause stands for this"), "{}", stderr(&output));
    let server = Server::start(|_: &Request| Message::json(200, &serde_json::json!({})));
    let run = run(&["--suite", &suite, "--target", &server.url()]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
}

const DOCUMENT: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things: { get: { operationId: things, responses: { '200': { description: fine, content: { application/json: { schema: { type: object } } } } } } }
";

/// What `check` says of a suite about a document in which texts of its files are replaced by others.
fn published(changes: &[(&str, &str, &str)]) -> String {
    let suite = "title: Things\ncontract: contract.yaml\noperations: { things: { request: {}, accepted: 200 } }\n";
    let cases = "title: Things\ncases:\n  - { id: all, expect: 200, covers: { things.200: hold } }\n";
    let mut files = [
        ("contract.yaml", "document: openapi.yaml\n".to_owned()),
        ("openapi.yaml", DOCUMENT.to_owned()),
        ("suite.yaml", suite.to_owned()),
        ("pages.yaml", cases.to_owned()),
    ];
    for (file, old, new) in changes {
        let (_, text) = files.iter_mut().find(|(name, _)| name == file).unwrap();
        assert!(text.contains(old), "{file} lacks {old}");
        *text = text.replace(old, new);
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (folder, suite) = things::suite_of(&files);
    let output = conformant().args(["check", &suite]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{changes:?} {}", stderr(&output));
    stderr(&output).replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_mistake_is_told_by_itself_without_what_follows_from_it() {
    let told = [
        &[("contract.yaml", "openapi.yaml", "openapy.yaml")][..],
        &[("openapi.yaml", "type: object", "properties: [a], additionalProperties: false")],
        &[("suite.yaml", "contract.yaml", "contrakt.yaml"), ("pages.yaml", "expect", "expct")],
        &[("suite.yaml", "operations: { things: ", "operations: { others: ")],
        &[("suite.yaml", "operations: { things: { request: {}, accepted: 200 } }", "operations: {}")],
    ]
    .map(published);
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_condition_that_is_no_expression_is_a_mistake_for_it_is_always_true() {
    for when in ["'false'", "response.status == 200", "'{{ response.status }} == 200'"] {
        let statement = format!("statements: [{{ clause: answer.body, at: /body, type: object, when: {when} }}]");
        let told = mistakes(&[("pages.yaml", "expect: 200,", &format!("expect: 200, {statement},"))]);
        assert!(told.contains("error: a `when` that is a text is always true"), "{when} {told}");
    }
}
