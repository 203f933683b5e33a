//! Documents as publishers write them: OpenAPI 3.1 and 3.0, Swagger 2.0, YAML and JSON, in one file or in several. A contract
//! names one and holds only what is ours.

use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

/// What is ours, of a document with this name.
fn ours(document: &str) -> String {
    format!(
        "document: {document}
x-checks: {{ body: answer.body, error-body: answer.body, media-type: answer.body, documented-status: answer.status }}
x-clauses:
  answer.steady: {{ level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }}
  answer.body: {{ level: must, says: an answer is as it is documented, source: the page, polarities: [hold] }}
  answer.status: {{ level: must, says: only documented statuses come, source: the page, polarities: [hold] }}
"
    )
}

const CASES: &str = "title: Things
cases:
  - { id: all, expect: 200, covers: { answer.steady: hold, answer.body: hold } }
  - { id: documented, expect: 200, covers: { answer.status: hold } }
";

/// Exit code and output of `check`, with the suite's folder called `things`.
fn check(files: &[(&str, &str)]) -> (i32, String) {
    let (folder, suite) = things::suite_of(files);
    let output = conformant().args(["check", &suite]).output().unwrap();
    let text = format!("{}{}", stdout(&output), stderr(&output));
    let above = format!("{}/", folder.path().display());
    (output.status.code().unwrap(), text.replace(&above, ""))
}

/// The last lines of what `check` says of a document that it takes.
#[track_caller]
fn taken(document: &str, text: &str) -> String {
    let (exit, told) = check(&[("contract.yaml", &ours(document)), (document, text), ("pages.yaml", CASES)]);
    assert_eq!(exit, 0, "{told}");
    told
}

/// Judges a server that answers this with a status and a media type.
fn judged(files: &[(&str, &str)], status: u16, media_type: &str, body: &str) -> Run {
    let (media_type, body) = (media_type.to_owned(), body.to_owned());
    let server = Server::start(move |_: &Request| {
        Message::new(status).with_header("Content-Type", media_type.as_str()).with_body(body.as_bytes())
    });
    let (_folder, suite) = things::suite_of(files);
    // What a format asks for only should hold.
    run(&["--suite", &suite, "--target", &server.url(), "--strict"])
}

/// Whether a server that answers this conforms to a document.
fn conforms(document: &str, text: &str, body: &Value) -> bool {
    let files = [("contract.yaml", &*ours(document)), (document, text), ("pages.yaml", CASES)];
    let run = judged(&files, 200, "application/json", &body.to_string());
    assert!(run.exit < 2, "{}{}", run.terminal, run.trouble);
    run.exit == 0
}

/// A document of OpenAPI 3.0 with one operation that answers with this schema.
fn openapi30(schema: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200':
          description: fine
          content:
            application/json:
              schema: {schema}
components:
  schemas:
    Name: {{ type: string, maxLength: 3 }}
    Made: {{ type: object, required: [id], properties: {{ id: {{ type: string, readOnly: true }} }} }}
    Cat: {{ type: object, required: [kind], properties: {{ kind: {{ type: string }}, claws: {{ type: integer }} }} }}
    Dog: {{ type: object, required: [kind], properties: {{ kind: {{ type: string }}, tail: {{ type: integer }} }} }}
"
    )
}

const SWAGGER: &str = r##"{
  "swagger": "2.0",
  "info": { "title": "Things", "version": "1" },
  "basePath": "/v1",
  "produces": ["application/json"],
  "parameters": { "Body": { "name": "body", "in": "body", "required": true, "schema": { "$ref": "#/definitions/Thing" } } },
  "responses": { "Bad": { "description": "bad", "schema": { "$ref": "#/definitions/Bad" } } },
  "paths": {
    "/things": {
      "get": {
        "operationId": "things",
        "parameters": [{ "name": "limit", "in": "query", "type": "integer", "maximum": 10 }],
        "responses": {
          "200": {
            "description": "fine",
            "headers": { "X-Left": { "type": "integer", "minimum": 0 } },
            "schema": { "$ref": "#/definitions/Thing" }
          },
          "400": { "$ref": "#/responses/Bad" },
          "default": { "description": "else" }
        }
      },
      "post": {
        "consumes": ["multipart/form-data"],
        "parameters": [{ "name": "file", "in": "formData", "type": "file", "required": true }],
        "responses": { "201": { "description": "made" } }
      },
      "put": { "parameters": [{ "$ref": "#/parameters/Body" }], "responses": { "204": { "description": "kept" } } }
    }
  },
  "definitions": {
    "Thing": { "type": "object", "discriminator": "name", "required": ["id"], "properties": {
      "id": { "type": "integer", "format": "int32" }, "name": { "type": "string", "x-nullable": true } } },
    "Bad": { "type": "object", "required": ["code"], "properties": { "code": { "type": "string" } } }
  }
}
"##;

#[test]
fn a_contract_names_a_document_that_stays_as_its_publisher_wrote_it() {
    let told = taken("openapi.yaml", &openapi30("{ $ref: '#/components/schemas/Name' }"));
    assert!(told.contains("document: 1 operation; clauses stand for 0 of 2 schema keywords\n"), "{told}");
    let told = taken("swagger.json", SWAGGER);
    assert!(told.contains("document: 3 operations; clauses stand for 0 of 18 schema keywords\n"), "{told}");
    assert!(!told.contains("discriminator"), "{told}");
}

#[test]
fn a_clause_stands_for_a_keyword_at_the_place_where_it_is_written() {
    let clause = "  limit.most: { level: must, says: no more than ten, source: the page, polarities: [], untestable: { hold: no }, \
                  schema: [/paths/~1things/get/parameters/0/maximum, /definitions/Thing/required/0] }\n";
    let contract = ours("swagger.json") + clause;
    let (exit, told) = check(&[("contract.yaml", &contract), ("swagger.json", SWAGGER), ("pages.yaml", CASES)]);
    assert!(told.contains("clauses stand for 2 of 18 schema keywords"), "{exit} {told}");
}

#[test]
fn what_openapi_3_0_spells_otherwise_means_what_it_says() {
    for (schema, good, bad) in [
        ("{ type: string, nullable: true }", json!(null), json!(1)),
        ("{ type: string, nullable: true, enum: [a] }", json!(null), json!("b")),
        ("{ nullable: true, minimum: 1 }", json!(1), json!(0)),
        ("{ nullable: true, enum: [a] }", json!(null), json!("b")),
        ("{ nullable: true, allOf: [{ $ref: '#/components/schemas/Name' }] }", json!(null), json!("abcd")),
        ("{ nullable: true, allOf: [{ $ref: '#/components/schemas/Name' }] }", json!("abc"), json!(1)),
        (
            "{ nullable: true, anyOf: [{ $ref: '#/components/schemas/Name' }, { type: boolean }] }",
            json!(null),
            json!(1),
        ),
        ("{ nullable: true, oneOf: [{ type: boolean }, { type: string, nullable: true }] }", json!(null), json!(1)),
        (
            "{ nullable: true, type: string, allOf: [{ $ref: '#/components/schemas/Name' }] }",
            json!(null),
            json!("abcd"),
        ),
        ("{ nullable: true, $ref: '#/components/schemas/Name' }", json!(null), json!("abcd")),
        ("{ nullable: false, allOf: [{ $ref: '#/components/schemas/Name' }] }", json!("a"), json!(null)),
        (
            "{ type: array, items: { nullable: true, allOf: [{ nullable: true, anyOf: [{ $ref: '#/components/schemas/Made' }] }] } }",
            json!([null, { "id": "1" }]),
            json!([{ "id": 1 }]),
        ),
        (
            "{ nullable: true, oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], discriminator: { propertyName: kind } }",
            json!(null),
            json!({ "kind": "Cat", "claws": "x" }),
        ),
        ("{ type: integer, minimum: 1, exclusiveMinimum: true }", json!(2), json!(1)),
        ("{ type: integer, maximum: 9, exclusiveMaximum: false }", json!(9), json!(10)),
        ("{ $ref: '#/components/schemas/Name', maxLength: 1, example: 5 }", json!("abc"), json!("abcd")),
        ("{ type: integer, format: int32 }", json!(2_147_483_647), json!(2_147_483_648_i64)),
        ("{ type: string, format: date }", json!("2024-02-29"), json!("2023-02-29")),
        ("{ $ref: '#/components/schemas/Made' }", json!({ "id": "1" }), json!({})),
        (
            "{ type: object, required: [secret], properties: { secret: { type: string, writeOnly: true } } }",
            json!({}),
            json!({ "secret": "s" }),
        ),
        (
            "{ oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], discriminator: { propertyName: kind } }",
            json!({ "kind": "Cat" }),
            json!({ "claws": 1 }),
        ),
    ] {
        let document = openapi30(schema);
        assert!(conforms("openapi.yaml", &document, &good), "{schema}: {good}");
        assert!(!conforms("openapi.yaml", &document, &bad), "{schema}: {bad}");
    }
    // What later versions spell otherwise is a warning there and judges nothing.
    let later = openapi30("{ type: string, nullable: true }").replace("openapi: 3.0.3", "openapi: 3.1.0");
    assert!(conforms("openapi.yaml", &later, &json!("a")) && !conforms("openapi.yaml", &later, &json!(null)));
    let (exit, told) =
        check(&[("contract.yaml", &ours("openapi.yaml")), ("openapi.yaml", &later), ("pages.yaml", CASES)]);
    assert!(exit == 0 && told.contains("warning: `nullable` means nothing here"), "{exit} {told}");
}

#[test]
fn a_value_beside_null_breaks_the_keyword_that_it_breaks() {
    for (schema, body, place) in [
        (
            "{ nullable: true, allOf: [{ $ref: '#/components/schemas/Name' }] }",
            json!("abcd"),
            "/components/schemas/Name/maxLength",
        ),
        (
            "{ nullable: true, oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], discriminator: { propertyName: kind } }",
            json!({ "kind": "Cat", "claws": "x" }),
            "application~1json/schema/oneOf",
        ),
        ("{ nullable: true, anyOf: [{ minimum: 3 }, { type: string }] }", json!(1), "application~1json/schema/anyOf"),
    ] {
        let document = openapi30(schema);
        let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
        let run = judged(&files, 200, "application/json", &body.to_string());
        assert!(run.exit == 1 && run.terminal.contains(place), "{schema}: {}{}", run.terminal, run.trouble);
    }
}

#[test]
fn keywords_of_older_drafts_judge_nothing_and_cost_nothing() {
    for (schema, warned) in [
        ("{ type: object, dependencies: { a: [b] } }", "warning: `dependencies` means nothing here"),
        ("{ type: object, additionalItems: false }", "warning: `additionalItems` means nothing here"),
        ("{ type: object, $vocabulary: {} }", "warning: `$vocabulary` means nothing here"),
        ("{ type: object, definitions: { Text: { type: string } } }", ""),
        ("{ type: object, properties: { b: { enum: [] } } }", "warning: an empty `enum` allows no value at all"),
        ("{ type: object, discriminator: kind }", "warning: this `discriminator` is no map, and chooses nothing"),
    ] {
        let document = openapi30(schema).replace("3.0.3", "3.1.0");
        assert!(conforms("openapi.yaml", &document, &json!({ "a": 1 })), "{schema}");
        let (exit, told) =
            check(&[("contract.yaml", &ours("openapi.yaml")), ("openapi.yaml", &document), ("pages.yaml", CASES)]);
        assert!(exit == 0 && told.contains(warned), "{exit} {told}");
    }
    let at = "#/paths/~1things/get/responses/200/content/application~1json/schema/definitions/Text";
    let schema = format!(
        "{{ definitions: {{ Text: {{ type: string, nullable: true }} }}, properties: {{ a: {{ $ref: '{at}' }} }} }}"
    );
    for (version, null) in [("3.0.3", true), ("3.1.0", false)] {
        let document = openapi30(&schema).replace("3.0.3", version);
        assert!(conforms("openapi.yaml", &document, &json!({ "a": "x" })), "{version}");
        assert!(!conforms("openapi.yaml", &document, &json!({ "a": 1 })), "{version}");
        assert_eq!(conforms("openapi.yaml", &document, &json!({ "a": null })), null, "{version}");
    }
}

#[test]
fn an_answer_is_held_to_a_document_of_swagger_2() {
    assert!(conforms("swagger.json", SWAGGER, &json!({ "id": 1, "name": null })));
    assert!(!conforms("swagger.json", SWAGGER, &json!({ "id": "1" })));
    assert!(!conforms("swagger.json", SWAGGER, &json!({ "id": 3_000_000_000_u32 })));
}

#[test]
fn a_contract_may_be_a_document_of_any_version_with_what_is_ours_beside_it() {
    let ours = ours("").replace("document: \n", "");
    let whole = openapi30("{ type: string, nullable: true }") + &ours;
    let (exit, told) = check(&[("contract.yaml", &whole), ("pages.yaml", CASES)]);
    assert_eq!(exit, 0, "{told}");
}

#[test]
fn a_document_may_be_in_several_files_that_refer_to_each_other() {
    let files = [
        ("contract.yaml", &*ours("api/openapi.yaml")),
        ("pages.yaml", CASES),
        (
            "api/openapi.yaml",
            "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things: { $ref: 'paths/things.yaml' }
components:
  schemas:
    Tag: { $anchor: tag, type: string, maxLength: 2 }
    Other: { $ref: '#tag' }
",
        ),
        (
            "api/paths/things.yaml",
            "get:
  operationId: things
  responses:
    '200': { $ref: '../parts.json#/answers/Fine' }
",
        ),
        (
            "api/parts.json",
            r##"{ "answers": { "Fine": { "description": "fine", "content": { "application/json": { "schema": { "$ref": "#/kinds/Thing" } } } } },
  "kinds": { "Thing": { "type": "object", "properties": {
    "tags": { "type": "array", "items": { "$ref": "openapi.yaml#/components/schemas/Other" } },
    "parts": { "type": "array", "items": { "$ref": "parts.json#/kinds/Thing" } } } } } }"##,
        ),
    ];
    let judged = |body: Value| judged(&files, 200, "application/json", &body.to_string());
    let good = judged(json!({ "tags": ["ab"], "parts": [{ "parts": [], "tags": [] }] }));
    assert_eq!(good.exit, 0, "{}{}", good.terminal, good.trouble);
    for (bad, clause) in
        [(json!({ "parts": [{ "tags": ["abc"] }] }), "Tag.max-length"), (json!({ "parts": [1] }), "Thing.type")]
    {
        assert_eq!(judged(bad).first_violated(), Some(clause));
    }
}

#[test]
fn a_reference_that_can_not_be_followed_is_told_of_at_its_place() {
    let document = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: { schema: { $ref: '#/components/schemas/All' } } } }
components:
  schemas:
    All:
      anyOf:
        - $ref: http://127.0.0.1:9/schema.json
        - $ref: ../outside.yaml
        - $ref: missing.yaml#/A
        - $ref: linked.yaml
        - $ref: linked/inner.yaml
        - $ref: broken.yaml
        - $ref: other.yaml#/none
        - $ref: '#/components/schemas/None'
        - $ref: '#nowhere'
";
    let (folder, suite) = things::suite_of(&[
        ("contract.yaml", &ours("openapi.yaml")),
        ("openapi.yaml", document),
        ("pages.yaml", CASES),
        ("broken.yaml", "a: [1\n"),
        ("other.yaml", "some: { type: string }\n"),
    ]);
    let outside = folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("inner.yaml"), "{}").unwrap();
    std::os::unix::fs::symlink(&outside, format!("{suite}/linked")).unwrap();
    std::os::unix::fs::symlink(outside.join("inner.yaml"), format!("{suite}/linked.json")).unwrap();
    let text = document.replace("linked.yaml", "linked.json");
    std::fs::write(format!("{suite}/openapi.yaml"), text).unwrap();
    let output = conformant().args(["check", &suite]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output).replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(told);
}

/// A document of two operations, one of which can't be read in several ways.
const DAMAGED: &str = "openapi: 3.0.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: { schema: { type: object } } } }
  /others:
    get:
      responses:
        20x: { description: fine }
        '400': { $ref: '#/components/responses/None' }
        '404': { description: none, content: { application/json: { schema: { $ref: '#/components/schemas/Bad' } } } }
components:
  schemas:
    Bad: { type: strin, minLength: -1, format: colour, pattern: '(' }
";

#[test]
fn what_can_not_be_read_costs_the_operations_that_it_is_in_and_no_more() {
    let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", DAMAGED), ("pages.yaml", CASES)];
    let (exit, told) = check(&files);
    assert_eq!(exit, 0, "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_suite_about_an_operation_that_can_not_be_read_is_refused_with_what_is_wrong() {
    let damaged = DAMAGED
        .replace("operationId: things", "operationId: first")
        .replace("/others:\n    get:\n", "/others:\n    get:\n      operationId: things\n");
    let (exit, told) =
        check(&[("contract.yaml", &ours("openapi.yaml")), ("openapi.yaml", &damaged), ("pages.yaml", CASES)]);
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("error: `20x` is no status") && told.contains("openapi.yaml:13:"), "{told}");
}

#[test]
fn a_document_that_can_not_be_read_at_all_is_refused_with_its_place() {
    for (document, text, told) in [
        ("openapi.yaml", "openapi: 4.0.0\n", "error: OpenAPI 4.0.0 is not supported\n --> things/openapi.yaml:1:10\n"),
        ("swagger.yaml", "swagger: '1.2'\n", "error: Swagger 1.2 is not supported\n --> things/swagger.yaml:1:10\n"),
        (
            "api.json",
            "{ \"info\": {} }",
            "error: this says neither `openapi` nor `swagger`\n --> things/api.json:1:1\n",
        ),
        (
            "api.json",
            "{ \"openapi\": \"3.1.0\", }",
            "error: trailing commas are not allowed\n --> things/api.json:1:21\n",
        ),
        (
            "../api.json",
            "",
            "error: `../api.json` is no path within the suite's folder\n --> things/contract.yaml:1:11\n",
        ),
        ("none.json", "", "error: `none.json` isn't in the suite's folder\n --> things/contract.yaml:1:11\n"),
    ] {
        let contract = ours(document);
        let mut files = vec![("contract.yaml", contract.as_str()), ("pages.yaml", CASES)];
        if !text.is_empty() {
            files.push((document, text));
        }
        let (exit, found) = check(&files);
        assert_eq!(exit, 2, "{found}");
        assert!(found.contains(told), "{found}");
    }
}

#[test]
fn a_status_may_be_documented_with_a_range_or_as_one_of_all_others() {
    let document = openapi30("{ type: object }").replace(
        "        '200':",
        "        4XX: { description: no, content: { application/json: { schema: { required: [error] } } } }\n        '200':",
    );
    let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
    let told = judged(&files, 418, "application/json", "{}");
    assert!(
        told.violated().contains(&("answer.body", 2)) || told.terminal.contains("a field \"error\""),
        "{}",
        told.terminal
    );
    let breaks_status = |told: &Run| told.violated().iter().any(|(clause, _)| *clause == "answer.status");
    assert!(!breaks_status(&told), "{}", told.terminal);
    let told = judged(&files, 503, "application/json", "{}");
    assert!(breaks_status(&told), "{}", told.terminal);
}

#[test]
fn files_of_a_document_are_no_case_files_and_others_are_refused_as_ever() {
    let files = [
        ("contract.yaml", &*ours("openapi.yaml")),
        ("openapi.yaml", &*openapi30("{ $ref: 'parts/kinds.yaml#/A' }")),
        ("parts/kinds.yaml", "A: { type: string }\n"),
        ("pages.yaml", CASES),
    ];
    assert_eq!(check(&files).0, 0);
    // What is in this folder nobody takes for cases.
    assert_eq!(check(&[files.as_slice(), &[("notes/page.md", "# Pages")]].concat()).0, 0);
    let more = [files.as_slice(), &[("more/pages.yaml", CASES)]].concat();
    let (exit, told) = check(&more);
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("folders within a suite are not read: move its files up\n--> things/more:1:1"), "{told}");
}

#[test]
fn a_pattern_of_another_dialect_is_a_warning_and_judges_nothing() {
    for pattern in [r"^x\\Z", "x++", "([", "^[[:alpha:]]x$", "^[a[:^digit:]]$"] {
        let document = openapi30(&format!("{{ type: string, pattern: \"{pattern}\" }}"));
        let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
        let (exit, told) = check(&files);
        let warned = "warning: no regular expression of ECMA-262: ";
        assert!(
            exit == 0 && told.contains(warned) && told.contains("; it judges nothing\n  --> things/openapi.yaml:12:"),
            "{told}"
        );
        assert!(told.contains("clauses stand for 0 of 1 schema keywords"), "{pattern} {told}");
        let told = judged(&files, 200, "application/json", "\"y\"");
        assert!(told.exit == 0, "{pattern} {}{}", told.terminal, told.trouble);
        assert!(!conforms("openapi.yaml", &document, &json!(1)), "{pattern}");
    }
}

#[test]
fn a_keyword_of_the_wrong_kind_is_left_out_with_a_warning() {
    let object = |keyword: &str| format!("{{ type: object, {keyword}, properties: {{ a: {{ type: string }} }} }}");
    let (good, bad) = (json!({ "a": "x" }), json!({ "a": 1 }));
    for (schema, good, bad) in [
        (object("title: 5"), &good, &bad),
        (object("description: "), &good, &bad),
        (object("deprecated: 'yes'"), &good, &bad),
        (object("$comment: 5"), &good, &bad),
        (object("writeOnly: "), &good, &bad),
        (object("required: true"), &good, &bad),
        (object("additionalProperties: 'false'"), &json!({ "a": "x", "b": 1 }), &bad),
        (object("allOf: []"), &good, &bad),
        (object("oneOf: []"), &good, &bad),
        (object("not: [{ type: object }]"), &good, &bad),
        ("{ type: string, maxLength: '3' }".to_owned(), &json!("abcd"), &json!(1)),
        ("{ type: integer, minimum: '3' }".to_owned(), &json!(1), &json!("x")),
        ("{ type: any, minLength: 2 }".to_owned(), &json!(1), &json!("x")),
        ("{ type: array, minItems: 1, items: }".to_owned(), &json!([1, "x"]), &json!([])),
        ("{ type: integer, if: 'yes', then: { minimum: 3 } }".to_owned(), &json!(1), &json!("x")),
        ("{ type: object, required: [a, a] }".to_owned(), &json!({ "a": 1 }), &json!({})),
        ("{ type: object, properties: , minProperties: 1 }".to_owned(), &json!({ "a": 1 }), &json!({})),
    ] {
        let document = openapi30(&schema);
        let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
        let (exit, told) = check(&files);
        let warned = "warning: JSON Schema 2020-12 has ";
        assert!(exit == 0 && told.contains(warned) && told.contains("openapi.yaml:12:"), "{schema}: {told}");
        assert!(told.contains("; it is left out\n") || told.contains("; each counts once\n"), "{schema}: {told}");
        assert!(conforms("openapi.yaml", &document, good), "{schema}: {good}");
        assert!(!conforms("openapi.yaml", &document, bad), "{schema}: {bad}");
    }
}

#[test]
fn a_keyword_of_the_wrong_kind_costs_its_operation_where_without_it_more_would_be_refused() {
    for schema in [
        "{ type: object, properties: [a], additionalProperties: false }",
        "{ not: { type: object, required: true } }",
        "{ oneOf: [{ minimum: '3' }, { maximum: 2 }] }",
        "{ oneOf: [{ $ref: '#/components/schemas/Name' }, { $ref: '#/components/schemas/Made' }] }",
        "{ allOf: [{ properties: { a: { type: any } } }], unevaluatedProperties: false }",
        "{ type: object, required: [a], properties: { a: { writeOnly: 'true' } } }",
        "{ type: object, required: [a], properties: { a: { readOnly: 'true' } } }",
        "{ type: array, contains: { type: integer }, minContains: '0' }",
    ] {
        let document = openapi30(schema).replace("3.0.3", "3.1.0").replace("maxLength: 3 }", "maxLength: '3' }");
        let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
        let (exit, told) = check(&files);
        let is_told = told.contains("error: JSON Schema 2020-12 has ") && !told.contains("it is left out");
        assert!(exit == 2 && is_told, "{schema}: {told}");
        assert!(told.contains("help: correct it in a copy of the document"), "{schema}: {told}");
    }
}

#[test]
fn a_pattern_of_another_dialect_costs_its_operation_where_what_it_judges_is_refused() {
    for schema in [
        "{ not: { type: string, pattern: '(' } }",
        "{ oneOf: [{ type: string, pattern: '(' }, { type: string, maxLength: 2 }] }",
        "{ if: { pattern: 'x++' }, then: { maxLength: 1 } }",
        "{ type: array, contains: { type: string, pattern: '(' }, maxContains: 1 }",
    ] {
        let document = openapi30(schema).replace("3.0.3", "3.1.0");
        let files = [("contract.yaml", &*ours("openapi.yaml")), ("openapi.yaml", &*document), ("pages.yaml", CASES)];
        let (exit, told) = check(&files);
        assert!(exit == 2 && told.contains("error: no regular expression of ECMA-262"), "{schema}: {told}");
    }
}

#[test]
fn nullable_of_the_wrong_kind_takes_null() {
    for nullable in ["'true'", "1", "", "true"] {
        let document = openapi30(&format!("{{ type: string, nullable: {nullable} }}"));
        assert!(conforms("openapi.yaml", &document, &Value::Null), "{nullable}");
        assert!(!conforms("openapi.yaml", &document, &json!(1)), "{nullable}");
    }
    assert!(!conforms("openapi.yaml", &openapi30("{ type: string, nullable: false }"), &Value::Null));
}
