//! Parameters by name, written as the document says: what a server sees of them.

use std::sync::{Arc, Mutex};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const PARAMETERS: &str = "
        - { name: ids, in: path, required: true, style: matrix, schema: { type: array, items: { type: integer } } }
        - { name: tags, in: query, schema: { type: array } }
        - { name: sizes, in: query, style: pipeDelimited, explode: false, schema: { type: array } }
        - { name: near, in: query, style: form, explode: false, schema: { $ref: '#/components/schemas/Place' } }
        - { name: filter, in: query, style: deepObject, explode: true, schema: { type: object } }
        - { name: back, in: query, allowReserved: true, schema: { type: string } }
        - { name: query, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: X-Kinds, in: header, schema: { type: array } }
        - { name: X-Range, in: header, explode: true, schema: { type: object } }
        - { name: X-Name, in: header, schema: { type: string } }
        - { name: seen, in: cookie, explode: false, schema: { type: array } }
";

fn openapi(version: &str) -> String {
    format!(
        "openapi: {version}
info: {{ title: Things, version: '1' }}
paths:
  /things/{{ids}}:
    get:
      operationId: things
      parameters:{PARAMETERS}      responses: {{ '200': {{ description: fine }}, '400': {{ description: refused }} }}
components: {{ schemas: {{ Place: {{ type: object, properties: {{ x: {{ type: number }} }} }} }} }}
"
    )
}

const SUITE: &str = "title: Things
contract: contract.yaml
operations: { things: { request: { path: { ids: [1, 2] }, query: { tags: [a], back: /x }, cookies: { sid: s1 } }, accepted: 200 } }
";

const CASES: &str = r#"title: Things
cases:
  - id: all
    path: { ids: "{{ range(3) | list }}" }
    query:
      tags: [a b, "{{ 'ü' }}"]
      sizes: [1, "2|3"]
      near: { x: 1.50, y: "{{ 1 + 1 }}" }
      filter: { "a.b": c, d: "&" }
      back: https://a.example/?b
      query: { deep: [{ a: "{{ 'ä' }}" }] }
      other: [1, 2]
    headers: { x-kinds: [k1, k2], X-Range: { from: 1, to: 2 }, X-Name: [n1, n2], X-Other: [o1, o2] }
    cookies: { seen: [1, 2], note: "a b;" }
    expect: 200
  - { id: left-out, without: [/query/tags, /query/back, /cookies/sid], expect: 200 }
  - { id: empty, query: { tags: "{{ [] }}", sizes: [], back: "" }, path: { ids: "{{ [''] }}" }, cookies: { seen: [] }, expect: 200 }
  - { id: object-left-out, query: { near: { x: 1 }, filter: { a: 1 } }, without: [/query/near, /query/filter], expect: 200 }
  - { id: raw, path: "/things/;ids=1,,2?tags=a,b", headers: { Cookie: "x" }, without: [/query/tags, /query/back], expect: 200 }
"#;

/// Runs a suite about a document; what the server saw.
fn seen(document: &str, suite: &str, pages: &str) -> (Run, Vec<String>) {
    let files = [
        ("contract.yaml", "document: api.yaml\n"),
        ("api.yaml", document),
        ("suite.yaml", suite),
        ("pages.yaml", pages),
    ];
    let (_folder, folder) = things::suite_of(&files);
    seen_of(&folder)
}

/// Runs the suite of a folder; what the server saw: paths, and header fields that matter.
fn seen_of(folder: &str) -> (Run, Vec<String>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let server = Server::start(move |request: &Request| {
        let is_ours = |name: &str| name.to_lowercase().starts_with("x-") || name.eq_ignore_ascii_case("cookie");
        let fields = request.headers.iter().filter(|(name, _)| is_ours(name));
        let fields: Vec<String> = fields.map(|(name, value)| format!("{}: {value}", name.to_lowercase())).collect();
        kept.lock().unwrap().push(format!("{} | {}", request.target, fields.join(" | ")));
        Message::new(200)
    });
    let run = run(&["--suite", folder, "--target", &server.url(), "--jobs", "1"]);
    let seen = seen.lock().unwrap().clone();
    (run, seen)
}

/// What `check` says of the suite with one more case.
fn mistake(case: &str) -> String {
    let pages = format!("title: Things\ncases:\n  - {{ id: bad, {case}, expect: 200 }}\n");
    let contract = openapi("3.1.0");
    let files = [
        ("contract.yaml", "document: api.yaml\n"),
        ("api.yaml", &contract),
        ("suite.yaml", SUITE),
        ("pages.yaml", &pages),
    ];
    let (_folder, folder) = things::suite_of(&files);
    let output = conformant().args(["check", &folder]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{case}: {}", stdout(&output));
    stderr(&output)
}

#[test]
fn a_server_sees_parameters_as_documents_of_openapi_3_have_them() {
    for version in ["3.1.0", "3.0.3"] {
        let (run, seen) = seen(&openapi(version), SUITE, CASES);
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        for expected in [
            "/things/;ids=1,2?tags=a&back=/x | cookie: sid=s1",
            "/things/;ids=0,1,2?tags=a%20b&tags=%C3%BC&back=https://a.example/?b&sizes=1%7C2%7C3&near=x,1.50,y,2\
             &filter%5Ba.b%5D=c&filter%5Bd%5D=%26&query=%7B%22deep%22%3A%5B%7B%22a%22%3A%22%C3%A4%22%7D%5D%7D&other=1&other=2 \
             | x-kinds: k1,k2 | x-range: from=1,to=2 | x-name: n1 | x-name: n2 | x-other: o1 | x-other: o2 \
             | cookie: sid=s1; seen=1,2; note=a%20b%3B",
            "/things/;ids=1,2 | ",
            "/things/;ids?back= | cookie: sid=s1",
            "/things/;ids=1,2?tags=a&back=/x | cookie: sid=s1",
            "/things/;ids=1,,2?tags=a,b | cookie: x",
        ] {
            assert!(seen.iter().any(|seen| seen == expected), "{expected}\n{seen:#?}");
        }
    }
}

#[test]
fn a_server_sees_parameters_as_a_document_of_swagger_2_has_them() {
    let parameter = |name: &str, place: &str, format: &str| {
        let required = if place == "path" { ", required: true" } else { "" };
        format!("        - {{ name: {name}, in: {place}{required}, type: array, items: {{ type: string }}{format} }}\n")
    };
    let formats = ["csv", "ssv", "tsv", "pipes", "multi"];
    let all: String =
        formats.map(|format| parameter(format, "query", &format!(", collectionFormat: {format}"))).concat()
            + &parameter("usual", "query", "")
            + &parameter("ids", "path", ", collectionFormat: pipes")
            + &parameter("X-Kinds", "header", "");
    let contract = format!(
        "swagger: '2.0'
info: {{ title: Things, version: '1' }}
paths:
  /things/{{ids}}:
    get:
      operationId: things
      parameters:
        - {{ $ref: '#/parameters/Shared' }}
{all}      responses: {{ '200': {{ description: fine }} }}
parameters: {{ Shared: {{ name: shared, in: query, type: array, items: {{ type: string }}, collectionFormat: ssv }} }}
"
    );
    let list = "[a, 'b,c']";
    let query = formats.map(|format| format!("{format}: {list}, ")).concat();
    let suite = format!(
        "title: Things
contract: contract.yaml
operations: {{ things: {{ request: {{ path: {{ ids: {list} }}, query: {{ {query}usual: {list}, shared: {list} }}, headers: {{ X-Kinds: {list} }} }}, accepted: 200 }} }}
"
    );
    let (run, seen) = seen(&contract, &suite, "title: Things\ncases:\n  - { id: all, expect: 200 }\n");
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    let expected = "/things/a%7Cb%2Cc?csv=a,b%2Cc&ssv=a%20b%2Cc&tsv=a%09b%2Cc&pipes=a%7Cb%2Cc&multi=a&multi=b%2Cc\
                    &usual=a,b%2Cc&shared=a%20b%2Cc | x-kinds: a,b,c";
    assert!(seen.iter().all(|seen| seen == expected) && !seen.is_empty(), "{expected}\n{seen:#?}");
}

#[test]
fn a_suite_that_init_makes_sends_what_a_document_requires_as_it_has_it() {
    let contract = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      parameters:
        - { name: tags, in: query, required: true, explode: false, schema: { type: array }, example: [a, b] }
        - { name: near, in: query, required: true, schema: { $ref: '#/components/schemas/Place' } }
        - { name: filter, in: query, required: true, style: deepObject, schema: { $ref: '#/components/schemas/Place' } }
        - { name: seen, in: cookie, required: true, schema: { type: string, const: no } }
      responses: { '200': { description: fine } }
components:
  schemas: { Place: { type: object, required: [x], properties: { x: { const: 1 } } } }
";
    let folder = tempfile::tempdir().unwrap();
    let (document, suite) = (folder.path().join("api.yaml"), folder.path().join("things"));
    std::fs::write(&document, contract).unwrap();
    let output = conformant().arg("init").arg(&suite).arg("--document").arg(&document).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (run, seen) = seen_of(&suite.display().to_string());
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    let expected = "/things?tags=a,b&x=1&filter%5Bx%5D=1 | cookie: seen=no";
    assert!(seen.iter().any(|seen| seen == expected), "{expected}\n{seen:#?}");
}

#[test]
fn a_style_that_a_place_does_not_have_is_told_of() {
    let contract = openapi("3.1.0").replace("name: X-Kinds, in: header,", "name: X-Kinds, in: header, style: matrix,");
    let files = [
        ("contract.yaml", "document: api.yaml\n"),
        ("api.yaml", &contract),
        ("suite.yaml", SUITE),
        ("pages.yaml", CASES),
    ];
    let (_folder, folder) = things::suite_of(&files);
    let output = conformant().args(["check", &folder]).output().unwrap();
    let told = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("a header parameter has no style `matrix`") && told.contains("api.yaml:15"), "{told}");
}

#[test]
fn an_empty_parameter_of_a_path_is_a_mistake_at_its_place() {
    let api = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things/{id}:
    get:
      operationId: thing
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: fine } }
";
    let suite = "title: Things\ncontract: contract.yaml\noperations: { thing: { request: { path: { id: a } }, accepted: 200 } }\n";
    let cases = "title: Things\ncases:\n  - { id: none, path: { id: '' }, expect: 200 }\n";
    let files =
        [("contract.yaml", "document: api.yaml\n"), ("api.yaml", api), ("suite.yaml", suite), ("pages.yaml", cases)];
    let (_folder, folder) = things::suite_of(&files);
    let output = conformant().args(["check", &folder]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let told = stderr(&output);
    assert!(told.contains("the parameter `id` of the path is empty") && told.contains("pages.yaml:3:"), "{told}");
}

#[test]
fn a_value_that_has_no_spelling_is_a_mistake_at_its_place() {
    for (case, message) in [
        (
            "query: { near: { x: { y: 1 } } }",
            "`near`: a list or a map within another one has no spelling in a parameter",
        ),
        ("query: { tags: [null] }", "`tags`: null has no spelling in a parameter"),
        ("query: { filter: [1] }", "`filter`: `style: deepObject` has no spelling for a list"),
        ("query: { other: { a: 1 } }", "the contract has no query parameter `other`, so how a map is sent isn't known"),
        ("query: { other: [] }", "an empty list sends nothing of `other`"),
        ("headers: { X-Other: { a: 1 } }", "the contract has no header parameter `X-Other`"),
        ("cookies: { 'a b': 1 }", "`a b` is no name of a cookie"),
        ("cookies: { a: 1 }, headers: { Cookie: b }", "a request has one header `Cookie`"),
        ("without: [/cookies]", "`/cookies` points to no part of a request"),
    ] {
        let told = mistake(case);
        assert!(told.contains(message) && told.contains("pages.yaml:3:"), "{case}: {told}");
    }
}
