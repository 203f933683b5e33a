//! Bodies by media type, headers, and the two families of bodies, as OpenAPI and HTTP have them.

use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

/// A contract of one operation whose 200 has these `headers` and this `content`, and which documents these other responses.
fn contract(headers: &str, content: &str, others: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, headers: {headers}, content: {content} }}
{others}components:
  schemas:
    Count: {{ type: integer, minimum: 1 }}
    Error: {{ type: object, required: [error], properties: {{ error: {{ type: string }} }} }}
    Thing: {{ type: object, required: [id], properties: {{ id: {{ type: integer }} }} }}
x-checks:
  {{ body: answer.body, error-body: answer.body, media-type: answer.type, error-on-success: answer.family, success-on-error: answer.family }}
x-clauses:
  answer.steady: {{ level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }}
  answer.body: {{ level: must, says: a body is as it is documented, source: the page, polarities: [hold] }}
  answer.type: {{ level: must, says: a media type is a documented one, source: the page, polarities: [hold] }}
  answer.family: {{ level: must, says: a success is no error, source: the page, polarities: [hold] }}
"
    )
}

const CASES: &str = "title: Things\ncases:\n  - { id: all, expect: 200, covers: { answer.steady: hold } }\n";

/// Judges a server that always answers this.
fn judged_by(contract: &str, cases: &str, answer: &Message) -> Run {
    let answer = answer.clone();
    let server = Server::start(move |_: &Request| answer.clone());
    let (_folder, suite) = things::suite(contract, cases);
    let run = run(&["--suite", &suite, "--target", &server.url()]);
    assert!(run.exit != 2 && run.exit != 4, "{}{}", run.terminal, run.trouble);
    run
}

/// The clause that an answer breaks first; none where it is right. That a keyword has a clause of its own is nothing that
/// matters here.
fn broken(contract: &str, answer: &Message) -> Option<String> {
    let run = judged_by(contract, CASES, answer);
    run.first_violated().map(|clause| if clause.starts_with("answer.") { clause } else { "answer.body" }.to_owned())
}

fn of_type(media_type: &str, body: &str) -> Message {
    Message::new(200).with_header("Content-Type", media_type).with_body(body)
}

const BODIES: &str = "{ application/json: { schema: { $ref: '#/components/schemas/Thing' } }, \
    'application/json; version=2': { schema: { type: object, required: [name] } }, \
    application/vnd.things+json: { schema: { type: array } }, \
    application/x-ndjson: { schema: { $ref: '#/components/schemas/Thing' } }, \
    application/jsonl: { schema: { type: array, minItems: 2, items: { $ref: '#/components/schemas/Thing' } } }, \
    text/plain: { schema: { type: string, maxLength: 5 } }, text/*: { schema: { type: string } }, \
    application/octet-stream: { schema: { type: string, format: binary, maxLength: 1 } } }";

#[test]
fn a_body_is_judged_by_the_documented_one_that_fits_its_media_type_best() {
    let contract = contract("{}", BODIES, "");
    let (body, media_type) = (Some("answer.body".to_owned()), Some("answer.type".to_owned()));
    for (type_, text, expected) in [
        ("application/json", "{\"id\":1}", &None),
        ("application/json; charset=utf-8", "{\"id\":\"1\"}", &body),
        ("Application/JSON;version=2", "{\"name\":1}", &None),
        ("application/json; version=2", "{\"id\":1}", &body),
        ("application/vnd.things+json", "[]", &None),
        ("application/vnd.things+json", "{\"id\":1}", &body),
        ("application/vnd.others+json", "{\"id\":1}", &media_type),
        ("application/x-ndjson", "{\"id\":1}\n{\"id\":2}\n", &None),
        ("application/x-ndjson", "{\"id\":1}\n{\"id\":\"2\"}\n", &body),
        ("application/x-ndjson", "{\"id\":1}\n{\"id\":\n", &body),
        ("application/jsonl", "{\"id\":1}\n{\"id\":2}", &None),
        ("application/jsonl", "{\"id\":1}", &body),
        ("text/plain", "12345", &None),
        ("text/plain; charset=utf-8", "123456", &body),
        ("text/csv", "a,b\r\n1,2\r\n", &None),
        ("application/octet-stream", "\u{0}\u{1}\u{2}", &None),
        ("image/png", "{\"id\":1}", &media_type),
    ] {
        assert_eq!(&broken(&contract, &of_type(type_, text)), expected, "{type_}: {text}");
    }
}

#[test]
fn any_body_may_be_documented() {
    let contract = contract("{}", "{ '*/*': { schema: { $ref: '#/components/schemas/Thing' } } }", "");
    assert_eq!(broken(&contract, &of_type("application/json", "{\"id\":1}")), None);
    assert_eq!(broken(&contract, &of_type("application/json", "{\"id\":null}")).as_deref(), Some("answer.body"));
    assert_eq!(broken(&contract, &of_type("image/png", "\u{1}")), None);
}

#[test]
fn a_body_whose_values_are_spelt_by_another_format_is_not_held_against_a_schema_of_values() {
    for media_type in ["application/xml", "text/xml", "image/svg+xml", "application/yaml", "text/html", "text/csv"] {
        for schema in ["type: integer", "type: boolean", "type: array", "type: object, required: [id]"] {
            let contract = contract("{}", &format!("{{ {media_type}: {{ schema: {{ {schema} }} }} }}"), "");
            assert_eq!(broken(&contract, &of_type(media_type, "<v>5</v>")), None, "{media_type} {schema}");
        }
    }
    let short = |media_type: &str| {
        let contract =
            contract("{}", &format!("{{ {media_type}: {{ schema: {{ type: string, maxLength: 3 }} }} }}"), "");
        broken(&contract, &of_type(media_type, "<v>5</v>"))
    };
    // How long a text is in XML, its tags don't say.
    assert_eq!((short("application/xml"), short("application/yaml")), (None, None));
    assert_eq!(short("text/html").as_deref(), Some("answer.body"));
    let number = contract("{}", "{ text/plain: { schema: { type: integer } } }", "");
    assert_eq!(broken(&number, &of_type("text/plain", "12")), None);
    assert_eq!(broken(&number, &of_type("text/plain", "twelve")).as_deref(), Some("answer.body"));
}

#[test]
fn the_check_says_which_schemas_of_bodies_judge_nothing() {
    let thing = "schema: { $ref: '#/components/schemas/Thing' }";
    let content =
        format!("{{ application/json: {{ {thing} }}, application/xml: {{ {thing} }}, text/csv: {{ {thing} }} }}");
    let (_folder, suite) = things::suite(&contract("{}", &content, ""), CASES);
    let output = conformant().args(["check", &suite]).output().unwrap();
    let told = format!("{}{}", stdout(&output), stderr(&output));
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("warning: ")).collect();
    let says = |media_type: &str| {
        format!("warning: the values in a body of {media_type} are not read: this schema judges none")
    };
    assert_eq!(lines, [says("application/xml"), says("text/csv")], "{told}");
}

#[test]
fn items_of_a_header_are_parted_as_swagger_has_it() {
    for (format, good, bad) in [
        ("pipes", "1|2", "1|b"),
        ("ssv", "1 2", "1 b"),
        ("csv", "1,2", "1,b"),
        ("multi", "1,2", "1,b"),
        ("tsv", "1\t2", "1\tb"),
    ] {
        let document = format!(
            "swagger: '2.0'
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, headers: {{ X-It: {{ type: array, items: {{ type: integer }}, collectionFormat: {format} }} }} }}
"
        );
        let plain = contract("{}", "{}", "");
        let contract = document + &plain[plain.find("x-checks:").unwrap()..];
        let answer = |value: &str| Message::new(200).with_header("X-It", value);
        assert_eq!(broken(&contract, &answer(good)), None, "{format}: {good}");
        assert_eq!(broken(&contract, &answer(bad)).as_deref(), Some("answer.body"), "{format}: {bad}");
    }
}

#[test]
fn a_header_nested_deeper_than_is_read_leaves_its_case_open_and_names_the_option() {
    let contract = contract("{ X-It: { content: { application/json: { schema: { type: array } } } } }", "{}", "");
    let answer =
        |depth: usize| Message::new(200).with_header("X-It", format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    assert_eq!(judged_by(&contract, CASES, &answer(100)).exit, 0);
    let deep = judged_by(&contract, CASES, &answer(200));
    assert!(deep.exit == 3 && deep.first_violated().is_none(), "{}{}", deep.terminal, deep.trouble);
    assert!(deep.terminal.contains("--max-json-depth"), "{}", deep.terminal);
}

#[test]
fn a_link_may_be_relative_where_its_format_is_that_of_a_reference() {
    let with = |format: &str| {
        contract(&format!("{{ Location: {{ schema: {{ type: string, format: {format} }} }} }}"), "{}", "")
    };
    let (reference, absolute) = (with("uri-reference"), with("uri"));
    for (link, is_absolute) in [
        ("/x", false),
        ("//host/x", false),
        ("?page=2", false),
        ("x#y", false),
        ("http://host/x", true),
        ("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true),
    ] {
        let answer = Message::new(200).with_header("Location", link);
        let deviates = |contract: &str| {
            judged_by(contract, CASES, &answer).terminal.contains("deviates things.200.header.location.format")
        };
        assert_eq!((deviates(&reference), deviates(&absolute)), (false, !is_absolute), "{link}");
    }
}

#[test]
fn where_no_body_is_documented_or_can_be_none_is_missed() {
    let bare = contract("{}", "{}", "");
    assert_eq!(broken(&bare, &Message::new(200)), None);
    let others = "        '204': { description: none, content: { application/json: { schema: { type: object } } } }\n";
    let contract = contract("{}", BODIES, others);
    let cases = CASES.replace("expect: 200", "expect: [200, 204]");
    let run = judged_by(&contract, &cases, &Message::new(204));
    assert!(!run.terminal.contains("answer.body") && !run.terminal.contains("answer.type"), "{}", run.terminal);
    assert_eq!(broken(&contract, &of_type("application/json", "")).as_deref(), Some("answer.body"));
    assert_eq!(broken(&contract, &of_type("text/plain", "")), None);
}

#[test]
fn a_head_has_no_body_that_could_be_missed() {
    let contract = contract("{}", BODIES, "").replace("    get:", "    head:");
    let server = Server::start(move |_: &Request| of_type("application/json", ""));
    let (_folder, suite) = things::suite(&contract, CASES);
    let suite_file = format!("{suite}/suite.yaml");
    let text = std::fs::read_to_string(&suite_file).unwrap().replace("method: GET", "method: HEAD");
    std::fs::write(suite_file, text).unwrap();
    let run = run(&["--suite", &suite, "--target", &server.url()]);
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
}

#[test]
fn a_header_is_read_by_its_schema_before_it_is_judged() {
    for (header, good, bad) in [
        ("schema: { $ref: '#/components/schemas/Count' }", "3", "0"),
        ("schema: { $ref: '#/components/schemas/Count' }", "3", "three"),
        ("schema: { allOf: [{ $ref: '#/components/schemas/Count' }] }", "3", "0"),
        ("schema: { type: boolean }", "true", "yes"),
        ("schema: { type: number, maximum: 2 }", "1.5", "2.5"),
        ("schema: { type: string, maxLength: 2 }", "12", "123"),
        ("schema: { type: array, maxItems: 2, items: { type: integer } }", "1, 2", "1,2,3"),
        ("schema: { type: array, items: { $ref: '#/components/schemas/Count' } }", "1,2", "1,0"),
        ("schema: { type: object, properties: { R: { type: integer, maximum: 5 } } }", "R,5,G,x", "R,6"),
        (
            "explode: true, schema: { type: object, required: [R], properties: { R: { type: integer } } }",
            "R=5,G=x",
            "R=x",
        ),
        ("content: { application/json: { schema: { type: object, required: [a] } } }", "{\"a\":1}", "{\"b\":1}"),
        ("content: { application/json: { schema: { type: object } } }", "{}", "{"),
        ("content: { text/plain: { schema: { type: string, maxLength: 1 } } }", "a", "ab"),
    ] {
        let contract = contract(&format!("{{ X-It: {{ {header} }} }}"), "{}", "");
        let answer = |value: &str| Message::new(200).with_header("X-It", value);
        assert_eq!(broken(&contract, &answer(good)), None, "{header}: {good}");
        assert_eq!(broken(&contract, &answer(bad)).as_deref(), Some("answer.body"), "{header}: {bad}");
    }
}

#[test]
fn a_documented_content_type_is_ignored() {
    let contract = contract("{ Content-Type: { required: true, schema: { type: string, enum: [none] } } }", BODIES, "");
    assert_eq!(broken(&contract, &of_type("application/json", "{\"id\":1}")), None);
}

#[test]
fn fields_that_may_be_repeated_are_a_list_and_each_can_be_spoken_of() {
    let headers = "{ Set-Cookie: { schema: { type: string, pattern: '=' } }, X-List: { schema: { type: array, maxItems: 3 } }, \
                   X-One: { schema: { type: string } } }";
    let contract = contract(headers, "{}", "");
    let two = |name: &str, one: &str, other: &str| Message::new(200).with_header(name, one).with_header(name, other);
    assert_eq!(broken(&contract, &two("Set-Cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2")), None);
    assert_eq!(broken(&contract, &two("Set-Cookie", "a=1", "b")).as_deref(), Some("answer.body"));
    assert_eq!(broken(&contract, &two("X-List", "a, b", "c")), None);
    assert_eq!(broken(&contract, &two("X-List", "a, b", "c,d")).as_deref(), Some("answer.body"));
    assert_eq!(broken(&contract, &two("X-One", "a", "b")).as_deref(), Some("answer.body"));
    let says = |at: &str, value: &str| {
        let cases = format!(
            "title: Things\ncases:\n  - id: all\n    expect: 200\n    statements:\n      \
             - {{ clause: answer.steady, at: {at}, matches: '{value}' }}\n"
        );
        judged_by(&contract, &cases, &two("Set-Cookie", "a=1", "b=2")).exit
    };
    assert_eq!(says("/headers/set-cookie", "^a="), 0);
    assert_eq!(says("/headers/set-cookie/1", "^b="), 0);
    assert_eq!(says("/headers/set-cookie/1", "^a="), 1);
    assert_eq!(says("/headers/set-cookie/2", "="), 1);
    assert_eq!(says("/headers/set-cookie/*", "="), 0);
    assert_eq!(says("/headers/set-cookie/*", "^a="), 1);
}

fn with_error(error: &str) -> String {
    let others =
        format!("        '400': {{ description: no, content: {{ application/json: {{ schema: {error} }} }} }}\n");
    contract("{}", "{ application/json: { schema: { $ref: '#/components/schemas/Thing' } } }", &others)
}

#[test]
fn a_success_is_called_an_error_only_where_it_fits_one_family_alone() {
    let answer = |body: Value| Message::json(200, &body);
    let told = with_error("{ $ref: '#/components/schemas/Error' }");
    assert_eq!(broken(&told, &answer(json!({ "error": "no" }))).as_deref(), Some("answer.family"));
    assert_eq!(broken(&told, &answer(json!({ "id": 1, "error": "no" }))), None);
    let untold = with_error("{ type: object, properties: { error: { type: string } } }");
    assert_eq!(broken(&untold, &answer(json!({ "id": 1 }))), None);
    assert_eq!(broken(&untold, &answer(json!({ "error": "no" }))).as_deref(), Some("answer.body"));
}

#[test]
fn the_check_says_by_which_schemas_the_families_can_not_be_told_apart() {
    let told = |contract: &str| {
        let (_folder, suite) = things::suite(contract, CASES);
        let output = conformant().args(["check", &suite]).output().unwrap();
        format!("{}{}", stdout(&output), stderr(&output))
    };
    let untold = told(&with_error("{ type: object, properties: { error: { type: string } } }"));
    let line =
        "unclear whether a body is a success's or a refusal's: the schema of 400 of things takes nearly any object\n";
    assert!(untold.contains(line), "{untold}");
    assert!(!told(&with_error("{ $ref: '#/components/schemas/Error' }")).contains("unclear"));
}

#[test]
fn a_body_that_is_coded_as_a_case_asks_is_left_open_and_one_for_which_nobody_asks_is_wrong() {
    let contract = contract("{}", BODIES, "");
    let asking = "  - { id: coded, expect: 200, headers: { Accept-Encoding: gzip }, covers: { answer.steady: hold }, \
                  statements: [{ clause: answer.body, at: /body/id, type: integer }] }\n";
    for (always, exit, told) in
        [(false, 3, "its body is coded with gzip, for which the request asks"), (true, 1, "no coding")]
    {
        let server = Server::start(move |request: &Request| {
            let coded = always || request.value("accept-encoding").is_some();
            let body: &[u8] = if coded { b"\x1f\x8b\x08" } else { b"{\"id\":1}" };
            let answer = Message::new(200).with_header("Content-Type", "application/json").with_body(body);
            if coded { answer.with_header("Content-Encoding", "gzip") } else { answer }
        });
        let (_folder, suite) = things::suite(&contract, &format!("{CASES}{asking}"));
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        assert!(run.exit == exit && run.terminal.contains(told), "{}{}", run.terminal, run.trouble);
    }
}

#[test]
fn a_header_is_read_by_what_all_of_its_schema_says() {
    for (schema, right, wrong) in [
        ("{ enum: [1, 2] }", "2", "3"),
        ("{ const: true }", "true", "false"),
        ("{ enum: [one, '2'] }", "2", "3"),
        ("{ type: array, items: { enum: [1, 2] } }", "1,2", "1,3"),
        ("{ allOf: [{ type: array, items: { type: integer } }] }", "1,2", "1,b"),
        ("{ type: object, additionalProperties: { type: integer } }", "a,1,b,2", "a,1,b,c"),
        ("{ type: object, allOf: [{ properties: { a: { type: integer } } }] }", "a,1,b,c", "a,x"),
    ] {
        let contract = contract(&format!("{{ X-A: {{ schema: {schema} }} }}"), "{ application/json: {} }", "");
        let judged = |value: &str| {
            broken(&contract.replace("3.0.3", "3.1.0"), &of_type("application/json", "{}").with_header("X-A", value))
        };
        assert_eq!((judged(right), judged(wrong).is_some()), (None, true), "{schema}");
    }
}
