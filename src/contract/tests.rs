use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::secret::Secrets;

const SHIPPED: &str = include_str!("../../cases/connections/contract.yaml");
const CHECKS: &[&str] = &[
    "answer",
    "documented-status",
    "error-code-cause",
    "server-error",
    "media-type",
    "body",
    "error-body",
    "error-code-status",
    "error-code-known",
    "error-on-success",
    "success-on-error",
    "json-suffix",
    "secret-echo",
    "fits-request",
];

pub(super) fn shipped() -> Contract {
    Contract::load("contract.yaml", SHIPPED).unwrap()
}

pub(super) fn connection() -> Value {
    json!({
        "id": "1", "name": "n", "description": "", "status": "CREATING", "vpc_id": "v", "subnet_id": "s",
        "agency": "EG_TRUST",
        "flavor": { "name": "default", "concurrency_type": "exclusive", "concurrency": 500, "bandwidth_type": "shared" },
        "created_time": "2021-12-09 09:00:00", "updated_time": "2021-12-09 09:00:00", "error_info": null,
    })
}

/// The schema of the first documented body of a status.
pub(super) fn schema_of(operation: &Operation, status: u16) -> BodySchema {
    operation.response(status).unwrap().content[0].schema.clone().unwrap()
}

/// The violations of a body with one value put in; `null` takes it out.
fn violations(status: u16, mut body: Value, place: &str, value: Value) -> Vec<(String, String)> {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value == json!(null) {
        parent.shift_remove(key)
    } else {
        parent.insert(key.to_owned(), value)
    };
    let contract = shipped();
    let schema = schema_of(contract.operation("createConnection").unwrap(), status);
    schema.violations(&body, &Secrets::new()).into_iter().map(|found| (found.clause.to_string(), found.place)).collect()
}

#[test]
fn the_shipped_contract_loads_and_lints_clean() {
    let contract = shipped();
    linted(&contract, CHECKS).unwrap();
    assert_eq!(contract.title(), "Connections");
    assert_eq!(contract.clauses().len(), 112);
    let operation = contract.operation("createConnection").unwrap();
    assert_eq!((operation.method.as_str(), operation.path.as_str()), ("POST", "/v1/{project_id}/connections"));
    let statuses: Vec<String> = operation.statuses().map(|status| status.to_string()).collect();
    assert_eq!(statuses, ["200", "400", "401", "403", "404", "500"]);
    let is_json = |content: &Content| content.media_type.to_string() == "application/json";
    assert!(operation.responses.values().all(|response| response.content.iter().all(is_json)));
}

#[test]
fn the_shipped_contract_knows_its_codes_and_checks() {
    let contract = shipped();
    let catalogue = contract.catalogue();
    assert_eq!(catalogue.status_of("EG.00513001"), Some(400));
    assert_eq!(catalogue.get("EG.00513001").unwrap().only_for[0].as_str(), "name.unique");
    assert!(catalogue.is_gateway("APIGW.0301", 401) && !catalogue.is_gateway("APIGW.0301", 400));
    assert_eq!(contract.check_clause("answer").unwrap().as_str(), "transport.answer");
    assert_eq!(contract.check_clause("schema"), None);
    assert_eq!(contract.clause("response.fields-present").unwrap().level, Level::Should);
    assert_eq!(contract.clause("name.unique").unwrap().unique.as_deref(), Some("/body/name"));
    assert_eq!(contract.clause("token.max-length").unwrap().untestable.keys().collect::<Vec<_>>(), [&Polarity::Accept]);
}

#[test]
fn a_documented_answer_breaks_nothing() {
    assert_eq!(violations(200, connection(), "/more", json!({ "anything": [1] })), []);
    let refusal = json!({ "error_code": "EG.00014000", "error_msg": "bad" });
    for status in [400, 401, 403, 404, 500] {
        assert_eq!(violations(status, refusal.clone(), "/more", json!(1)), []);
    }
}

#[test]
fn each_defect_of_a_success_breaks_the_clause_of_its_keyword() {
    let cases = [
        ("response.id", "/id", json!(null)),
        ("response.id", "/id", json!(7)),
        ("response.id", "/id", json!("")),
        ("response.name", "/name", json!(null)),
        ("response.name", "/name", json!(12)),
        ("response.description", "/description", json!(false)),
        ("response.status", "/status", json!("X")),
        ("response.vpc_id", "/vpc_id", json!(null)),
        ("response.vpc_id", "/vpc_id", json!([])),
        ("response.subnet_id", "/subnet_id", json!(null)),
        ("response.subnet_id", "/subnet_id", json!({})),
        ("response.agency", "/agency", json!(1)),
        ("response.flavor", "/flavor", json!("default")),
        ("response.flavor-name", "/flavor/name", json!(1)),
        ("response.flavor-concurrency_type", "/flavor/concurrency_type", json!("both")),
        ("response.flavor-concurrency", "/flavor/concurrency", json!(1.5)),
        ("response.flavor-bandwidth_type", "/flavor/bandwidth_type", json!("none")),
        ("response.created_time", "/created_time", json!(1)),
        ("response.updated_time", "/updated_time", json!(1)),
    ];
    for (clause, place, value) in cases {
        let found = violations(200, connection(), place, value.clone());
        assert_eq!(found, [(clause.to_owned(), place.to_owned())], "{place}: {value}");
    }
}

#[test]
fn each_defect_of_a_refusal_breaks_the_clause_of_its_keyword() {
    let cases = [
        ("error.code", "/error_code", json!(null)),
        ("error.code", "/error_code", json!(400)),
        ("error.code", "/error_code", json!("")),
        ("error.code", "/error_code", json!("E".repeat(129))),
        ("error.msg", "/error_msg", json!(null)),
        ("error.msg", "/error_msg", json!(["bad"])),
        ("error.msg", "/error_msg", json!("")),
        ("error.msg", "/error_msg", json!("m".repeat(513))),
        ("error.details", "/error_details", json!("")),
        ("error.details", "/error_details", json!("d".repeat(1025))),
        ("error.request_id", "/request_id", json!(1)),
        ("error.request_id", "/request_id", json!("r".repeat(129))),
    ];
    for (clause, place, value) in cases {
        let refusal = json!({ "error_code": "EG.00014000", "error_msg": "bad" });
        let found = violations(400, refusal, place, value.clone());
        assert_eq!(found, [(clause.to_owned(), place.to_owned())], "{place}: {value}");
    }
    let refusal = json!({ "error_code": "E".repeat(128), "error_msg": "ä".repeat(512) });
    assert_eq!(violations(400, refusal, "/request_id", json!("r".repeat(128))), []);
}

#[test]
fn a_body_that_is_no_object_breaks_the_clause_of_the_body() {
    let contract = shipped();
    for (status, clause) in [(200, "response.body"), (404, "error.body")] {
        let schema = schema_of(&contract.operations()[0], status);
        for body in [json!([]), json!("text"), json!(1), json!(null)] {
            let found = schema.violations(&body, &Secrets::new());
            assert_eq!(found.len(), 1, "{body}");
            assert_eq!((found[0].clause.as_str(), found[0].place.as_str()), (clause, ""), "{body}");
        }
    }
}

#[test]
fn a_violation_says_what_was_expected_and_what_was_there() {
    let contract = shipped();
    let schema = schema_of(&contract.operations()[0], 200);
    let body = json!({ "name": 12, "status": "X", "vpc_id": "v", "subnet_id": "s", "id": "" });
    let found = schema.violations(&body, &Secrets::new());
    let phrases: Vec<_> = found.iter().map(|v| (v.place.as_str(), v.expected.as_str(), v.observed.as_str())).collect();
    assert_eq!(
        phrases,
        [
            ("/id", "a string of at least 1 character", "an empty string"),
            ("/name", "a string", "the number 12"),
            ("/status", r#"one of "CREATING", "CREATED", "CREATE_FAILED""#, r#"the string "X""#),
        ]
    );
    let found = schema.violations(&json!({ "name": "n", "vpc_id": "v", "subnet_id": "s" }), &Secrets::new());
    assert_eq!((found[0].expected.as_str(), found[0].observed.as_str()), (r#"a field "id""#, "nothing"));
}

#[test]
fn every_request_rule_of_the_page_is_in_the_request_schema() {
    let contract = shipped();
    let request = contract.operations()[0].request.clone().unwrap();
    let valid = json!({ "name": "default1", "vpc_id": "", "subnet_id": "s", "description": "" });
    assert!(request.is_valid(&valid));
    let cases = [
        ("name.mandatory", "name", json!(null)),
        ("name.type", "name", json!(1)),
        ("name.max-length", "name", json!("a".repeat(129))),
        ("name.characters", "name", json!("a b")),
        ("name.characters", "name", json!("a\n")),
        ("name.first-character", "name", json!(".a")),
        ("name.reserved", "name", json!("default")),
        ("description.type", "description", json!(1)),
        ("description.max-length", "description", json!("d".repeat(256))),
        ("vpc_id.mandatory", "vpc_id", json!(null)),
        ("vpc_id.max-length", "vpc_id", json!("v".repeat(129))),
        ("subnet_id.type", "subnet_id", json!(1)),
    ];
    for (clause, field, value) in cases {
        let mut body = valid.clone();
        let fields = body.as_object_mut().unwrap();
        if value == json!(null) {
            fields.shift_remove(field)
        } else {
            fields.insert(field.into(), value.clone())
        };
        let found: Vec<_> =
            request.violations(&body, &Secrets::new()).into_iter().map(|found| found.clause.to_string()).collect();
        assert_eq!(found, [clause], "{field}: {value}");
    }
}

#[test]
fn the_request_id_header_is_judged_by_its_clauses() {
    let contract = shipped();
    let header = &contract.operations()[0].response(200).unwrap().headers[0];
    assert_eq!((header.name.as_str(), header.required), ("x-request-id", true));
    assert_eq!(header.clause.as_str(), "response.request-id");
    let uuid = "a3bb189e-8bf9-38ce-9c2f-0123456789aB";
    for good in [
        format!("{uuid}-20240101120000-host"),
        format!("request_{uuid}-1700000000-eg-7f.local"),
        format!("{}-1700000000000-h", uuid.replace('-', "")),
        format!("{uuid}-2024-01-01T12:00:00.123Z-h_1"),
        format!("{uuid}-20240101T120000Z-h"),
    ] {
        assert_eq!(header.violations(&[&good], &|_| None, &Secrets::new()), [], "{good}");
    }
    let none = ["", "x", uuid, &format!("{uuid}-1700000000"), &format!("{uuid}-1700000000-"), "x-1700000000-h"];
    for bad in none {
        let clauses: Vec<_> = header
            .violations(&[bad], &|_| None, &Secrets::new())
            .into_iter()
            .map(|found| found.clause.to_string())
            .collect();
        let clause = if bad.is_empty() { "response.request-id" } else { "response.request-id-format" };
        assert_eq!(clauses, [clause], "{bad}");
    }
}

/// A small contract: its document's head, then the schema of the one answer, then the clauses' keywords.
fn small(schema: &str, keywords: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{ title: Small, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Thing' }} }} }} }}
components:
  schemas:
    Thing: {schema}
x-checks: {{ body: answer.body, error-body: answer.body }}
x-clauses:
  answer.body: {{ level: must, says: a thing is what it is, source: the page, polarities: [hold], schema: [{keywords}] }}
"
    )
}

/// Every message with its line, column and hint.
fn messages(found: Result<impl std::fmt::Debug, Diagnostics>) -> String {
    let mut text = String::new();
    for one in found.unwrap_err().iter() {
        assert_eq!(one.file, "contract.yaml");
        let hint = one.hint.as_ref().map(|hint| format!("\n    help: {hint}")).unwrap_or_default();
        text.push_str(&format!("{}:{}: {}{hint}\n", one.line, one.column, one.message));
    }
    text
}

fn load(text: &str) -> Result<Contract, Diagnostics> {
    Contract::load("contract.yaml", text)
}

/// What is wrong with a contract, and what no clause stands for.
fn linted(contract: &Contract, checks: &[&str]) -> Result<(), Diagnostics> {
    let mut found = contract.unstated();
    found.extend(contract.lint(checks).err().unwrap_or_default());
    found.into_result()
}

fn lint(text: &str) -> Result<(), Diagnostics> {
    linted(&load(text).unwrap(), &["body", "error-body"])
}

#[test]
fn a_contract_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Contract>();
    shared::<BodySchema>();
}

#[test]
fn a_small_contract_loads_and_lints_clean() {
    lint(&small("{ type: object }", "/components/schemas/Thing/type")).unwrap();
}

#[test]
fn another_openapi_version_is_refused() {
    for version in ["3.2.0", "2.0", "3.10.0", "4.0.0"] {
        let text = small("{}", "").replace("3.1.0", version);
        assert!(messages(load(&text)).contains(&format!("OpenAPI {version} is not supported")));
    }
}

#[test]
fn references_stay_within_the_document_and_end() {
    for (schema, message) in [
        ("{ $ref: 'https://example.com/a.json' }", "is not a file of this suite, and nothing is ever fetched"),
        ("{ $ref: '../other.yaml#/a' }", "leads out of the suite's folder"),
        ("{ $ref: 'other.yaml#/a' }", "`other.yaml` isn't there"),
        ("{ $ref: '#/components/schemas/Other' }", "refers to nothing"),
        ("{ $ref: '#Thing' }", "refers to nothing"),
        ("{ $ref: '#/components/schemas/Thing' }", "refers back to itself"),
        ("{ allOf: [{ anyOf: [{ $ref: '#/components/schemas/Thing' }] }] }", "refers back to itself"),
    ] {
        let found = messages(load(&small(schema, "")));
        assert!(found.contains(message), "{schema}: {found}");
    }
}

#[test]
fn a_schema_may_refer_to_itself_through_a_field() {
    let schema = "{ type: object, properties: { next: { $ref: '#/components/schemas/Thing' } } }";
    let contract = load(&small(schema, "/components/schemas/Thing/type")).unwrap();
    let schema = schema_of(&contract.operations()[0], 200);
    let found = schema.violations(&json!({ "next": { "next": 1 } }), &Secrets::new());
    assert_eq!((found[0].place.as_str(), found[0].clause.as_str()), ("/next/next", "answer.body"));
}

#[test]
fn an_unsound_schema_is_refused_at_its_place() {
    for (schema, message) in [
        ("{ type: strin }", "JSON Schema 2020-12 has"),
        ("{ minLength: -1 }", "JSON Schema 2020-12 has a number of at least 0 here"),
        ("{ required: name }", "JSON Schema 2020-12 has an array here"),
        ("{ properties: { a: 1 } }", "JSON Schema 2020-12 has"),
        ("{ pattern: '(?>a)' }", "no regular expression of ECMA-262: `(?>` begins no group in ECMA-262: `(?>`"),
        (
            "{ pattern: '(a{1000}){1000}' }",
            "no regular expression of ECMA-262: compiled, it takes more than 1048576 bytes",
        ),
        ("{ pattern: 'x(' }", "no regular expression of ECMA-262: a `(` that is never closed: `(`"),
        ("{ patternProperties: { '(': true } }", "no regular expression of ECMA-262: a `(` that is never closed"),
        ("7", "JSON Schema 2020-12 has"),
    ] {
        let found = messages(load(&small(schema, "")));
        assert!(found.contains(message), "{schema}: {found}");
    }
}

#[test]
fn a_contract_tells_all_its_faults_at_once_and_where() {
    let text = small("{ minLength: -1, $ref: 'a.yaml' }", "")
        .replace("level: must", "level: mst")
        .replace("operationId", "operationid")
        .replace("error-body: answer.body", "error-body: answer.nothing");
    insta::assert_snapshot!(messages(load(&text)));
}

#[test]
fn what_is_unique_stands_in_a_requests_body() {
    let text = |place: &str| small("{}", "").replace("level: must", &format!("level: must, unique: {place}"));
    assert_eq!(load(&text("/body/a/b")).unwrap().clauses()[0].unique.as_deref(), Some("/body/a/b"));
    assert!(messages(load(&text("name"))).contains("what is unique stands in a request's body"));
}

#[test]
fn the_lint_tells_all_its_faults_at_once_and_where() {
    let thing =
        "{ type: object, required: [a, b], minProps: 1, x-more: 1, properties: { a: { enum: [1] }, b: false } }";
    let keywords = "/components/schemas/Thing/required/0, /components/schemas/Thing/required/0, \
                    /components/schemas/Thing/properties, /components/schemas/Thing/propertis";
    let text = small(thing, keywords).replace("error-body: answer.body", "error-body: answer.body, bdy: answer.body")
        + "  a.none: { level: should, says: nothing, source: none, polarities: [] }
  a.reason: { level: must, says: nothing, source: none, polarities: [hold], untestable: { accept: '' } }
  a.both: { level: must, says: nothing, source: none, polarities: [hold], untestable: { hold: it can't } }
  a.doubt: { level: ambiguous, says: nothing, source: none, polarities: [accept] }
x-extra: 1
";
    insta::assert_snapshot!(messages(lint(&text)));
}

#[test]
fn no_clause_of_the_shipped_contract_can_let_go_of_its_keywords_unnoticed() {
    let contract = shipped();
    for keyword in contract.clauses().iter().flat_map(|clause| &clause.schema) {
        let at = SHIPPED.find("x-clauses:\n").unwrap();
        let at = at + SHIPPED[at..].find(keyword.as_str()).unwrap();
        let text = format!("{}/openapi{}", &SHIPPED[..at], &SHIPPED[at + keyword.len()..]);
        let found = messages(linted(&load(&text).unwrap(), CHECKS));
        assert!(found.contains("this is no schema keyword that a value can violate"), "{keyword}: {found}");
        assert!(found.contains(&format!("help: add `{keyword}` to")), "{keyword}: {found}");
    }
}

#[test]
fn responses_and_headers_may_be_referred_to_and_a_header_may_be_a_number() {
    let text = small("{}", "/components/headers/Left/required, /components/headers/Left/schema/type")
        .replace("        '200'", "        '400': { $ref: '#/components/responses/Bad' }\n        '200'")
        .replace(
            "  schemas:\n",
            "  responses:
    Bad:
      description: bad
      headers: { X-Left: { $ref: '#/components/headers/Left' } }
      content: { application/problem+json; charset=utf-8: { schema: {} } }
  headers:
    Left: { required: true, schema: { type: integer } }
  schemas:\n",
        );
    lint(&text).unwrap();
    let contract = load(&text).unwrap();
    let response = &contract.operations()[0].response(400).unwrap();
    assert_eq!(response.content[0].media_type.to_string(), "application/problem+json; charset=utf-8");
    let header = &response.headers[0];
    assert_eq!((header.name.as_str(), header.required, header.clause.as_str()), ("x-left", true, "answer.body"));
    assert_eq!(header.violations(&["12"], &|_| None, &Secrets::new()), []);
    for bad in ["twelve", "1.5", "", "[12]"] {
        assert_eq!(header.violations(&[bad], &|_| None, &Secrets::new()).len(), 1, "{bad}");
    }
}

#[test]
fn what_the_documentation_would_not_bind_is_refused() {
    for (from, to, message) in [
        ("'200'", "'2X'", "`2X` is no status"),
        ("/things:", "things:", "a path begins with a slash"),
        ("answer.body: {", "body: {", "a clause's id is lower-case words joined by dots"),
        ("polarities: [hold]", "polarities: [hold, hold]", "this polarity is named twice"),
        ("says: a thing is what it is", "says: ' '", "`says` must be a text that is not empty"),
        (
            "x-clauses:",
            "x-error-codes: [{ status: 99, code: A, meaning: b }]\nx-clauses:",
            "`status` must be an integer from 100 to 599",
        ),
        (
            "x-clauses:",
            "x-error-codes: [{ status: 400, code: A, meaning: b }, { status: 401, code: A, meaning: c }]\nx-clauses:",
            "`A` is listed twice",
        ),
        ("x-checks: { body: answer.body, ", "x-checks: { ", "`x-checks` lacks `body`"),
    ] {
        let text = small("{}", "").replace(from, to);
        let found = messages(load(&text));
        assert!(found.contains(message), "{to}: {found}");
    }
}

#[test]
fn of_nine_thousand_faults_on_one_line_two_hundred_are_told() {
    let schema = format!("{{ {} }}", (0..9_000).map(|n| format!("k{n}: 1")).collect::<Vec<_>>().join(", "));
    let found = lint(&small(&schema, "")).unwrap_err();
    assert_eq!((found.len(), found.iter().count()), (9_000, 200));
    assert!(found.to_string().ends_with("and 8800 more errors\n"));
}

#[test]
fn a_status_comes_before_its_range_and_a_range_before_all_others() {
    let response = |status: &str| format!("        '{status}': {{ description: of {status} }}\n");
    let all = format!("{}{}{}        '200'", response("4XX"), response("404"), response("default"));
    let text = small("{}", "").replace("        '200'", &all);
    lint(&text).unwrap();
    let contract = load(&text).unwrap();
    let operation = &contract.operations()[0];
    let documented = |status: u16| operation.response(status).unwrap().status.to_string();
    assert_eq!([200, 404, 400, 503, 302].map(documented), ["200", "404", "4XX", "default", "default"]);
}

#[test]
fn a_format_that_nobody_knows_is_a_warning_and_judges_nothing() {
    let text =
        small("{ type: string, format: colour }", "/components/schemas/Thing/type, /components/schemas/Thing/format");
    lint(&text).unwrap();
    let contract = load(&text).unwrap();
    assert!(schema_of(&contract.operations()[0], 200).is_valid(&json!("#fff")));
    let told = contract.warnings().render_as_warnings(false);
    assert!(told.starts_with("warning: the format `colour` is not known: it judges nothing\n"), "{told}");
}

#[test]
fn a_violation_inside_a_keyword_judged_as_a_whole_is_of_the_keywords_clause() {
    let text = small("{ anyOf: [{ type: string }, { minimum: 3 }] }", "/components/schemas/Thing/anyOf");
    lint(&text).unwrap();
    let found = schema_of(&load(&text).unwrap().operations()[0], 200).violations(&json!(1), &Secrets::new());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].clause.as_str(), found[0].expected.as_str()), ("answer.body", "one of 2 alternatives"));
}

#[test]
fn a_flood_of_violations_is_cut() {
    let text = small("{ items: { type: string } }", "/components/schemas/Thing/items/type");
    let schema = schema_of(&load(&text).unwrap().operations()[0], 200);
    assert_eq!(schema.violations(&json!(vec![1; 1_000]), &Secrets::new()).len(), MOST_VIOLATIONS);
    assert_eq!(schema.violations(&json!(vec![1; MOST_VALUES]), &Secrets::new()).len(), 1);
}

#[test]
fn a_schema_that_refers_to_itself_in_two_alternatives_judges_the_deepest_body_in_linear_time() {
    for combiner in ["anyOf", "oneOf"] {
        let thing = "{ $ref: '#/components/schemas/Thing' }";
        let arrays =
            format!("{{ type: array, items: {thing}, minItems: 0 }}, {{ type: array, items: {thing}, maxItems: 99 }}");
        let expressions = format!(
            "{{ type: object, required: [and], properties: {{ and: {{ type: array, items: {thing} }} }} }},
             {{ type: object, required: [or], properties: {{ or: {{ type: array, items: {thing} }} }} }}, {arrays}"
        );
        for branches in [arrays, expressions] {
            let contract = load(&small(&format!("{{ {combiner}: [{branches}] }}"), "")).unwrap();
            let schema = schema_of(&contract.operations()[0], 200);
            for depth in [1, 20, 100] {
                let body = (0..depth).fold(json!("x"), |value, _| json!([value]));
                let found = schema.violations(&body, &Secrets::new());
                assert_eq!(found.len(), 1, "{combiner} {depth}: {found:?}");
                assert!(found[0].expected.contains("alternatives"), "{found:?}");
            }
        }
    }
}

#[test]
fn alternatives_beside_or_below_other_keywords_give_no_violation_that_is_none_and_lose_none() {
    let alternatives = "[{ required: [a], properties: { a: { type: integer } } }, { required: [b], properties: { b: { type: integer } } }]";
    for combiner in ["anyOf", "oneOf"] {
        for (schema, body, expected) in [
            (
                format!("{{ {combiner}: {alternatives}, unevaluatedProperties: false }}"),
                json!({ "a": 1, "c": 1 }),
                "without `c`",
            ),
            (
                format!("{{ properties: {{ c: {{ type: string }} }}, {combiner}: {alternatives} }}"),
                json!({ "a": 1, "c": 1 }),
                "a string",
            ),
            (format!("{{ not: {{ {combiner}: {alternatives} }} }}"), json!({ "a": 1 }), "anything but"),
            (format!("{{ if: {{ {combiner}: {alternatives} }}, then: {{ required: [z] }} }}"), json!({ "a": 1 }), ""),
            (
                format!("{{ allOf: [{{ {combiner}: {alternatives} }}, {{ required: [y, z] }}] }}"),
                json!({ "a": 1, "y": 1 }),
                "",
            ),
            (
                format!("{{ additionalProperties: {{ {combiner}: {alternatives} }} }}"),
                json!({ "x": { "a": 1 }, "y": { "a": "1" } }),
                "alternatives",
            ),
        ] {
            let contract = load(&small(&schema, "")).unwrap();
            let schema = schema_of(&contract.operations()[0], 200);
            let found = schema.violations(&body, &Secrets::new());
            assert_eq!(found.len(), 1, "{combiner} {found:?}");
            assert!(found[0].expected.contains(expected), "{combiner} {found:?}");
        }
    }
}

#[test]
fn a_chain_of_references_as_long_as_is_allowed_is_followed() {
    let chain = |length: usize| {
        let mut text = String::from("{ properties: { a: { $ref: '#/components/schemas/S1' } } }");
        for n in 1..length {
            text.push_str(&format!("\n    S{n}: {{ allOf: [{{ $ref: '#/components/schemas/S{}' }}] }}", n + 1));
        }
        text.push_str(&format!("\n    S{length}: {{ type: string }}"));
        text
    };
    let longest = survey::LONGEST_CHAIN as usize;
    let contract = load(&small(&chain(longest), "")).unwrap();
    let schema = schema_of(&contract.operations()[0], 200);
    assert_eq!(schema.violations(&json!({ "a": 1 }), &Secrets::new()).len(), 1);
    assert!(messages(load(&small(&chain(longest + 1), ""))).contains("references lead on from here"));
}

#[test]
fn schemas_that_refer_to_each_other_twice_over_are_compiled_in_no_time_to_speak_of() {
    let mut text = String::from("{ allOf: [{ $ref: '#/components/schemas/S1' }] }");
    for n in 1..60 {
        let next = format!("{{ $ref: '#/components/schemas/S{}' }}", n + 1);
        text.push_str(&format!("\n    S{n}: {{ properties: {{ a: {next}, b: {next} }} }}"));
    }
    load(&small(&(text + "\n    S60: { type: string }"), "")).unwrap();
}

#[test]
fn schemas_that_double_the_steps_of_judging_are_refused_where_they_get_too_many() {
    let chain = |keyword: &str, length: usize| {
        let mut text = format!("{{ {keyword}: [{{ $ref: '#/components/schemas/S1' }}] }}");
        for n in 1..length {
            let next = format!("{{ $ref: '#/components/schemas/S{}' }}", n + 1);
            text.push_str(&format!("\n    S{n}: {{ {keyword}: [{next}, {next}] }}"));
        }
        load(&small(&format!("{text}\n    S{length}: {{ type: object }}"), ""))
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let contract = chain(keyword, 10).unwrap();
        let schema = schema_of(&contract.operations()[0], 200);
        assert_eq!(schema.is_valid(&json!({})), keyword != "oneOf");
        let refused = chain(keyword, 40).unwrap_err();
        assert_eq!(refused.len(), 1, "{refused}");
        assert!(
            refused.to_string().contains("judging a value by this schema takes more than 10000 steps"),
            "{refused}"
        );
    }
}

#[test]
fn patterns_that_take_much_together_are_refused_at_the_first_that_is_too_much() {
    let contract = |count: usize, pattern: &str| {
        let field = |n: usize| format!("f{n}: {{ pattern: '{pattern}' }}");
        let fields: Vec<String> = (0..count).map(field).collect();
        load(&small(&format!("{{ properties: {{ {} }} }}", fields.join(", ")), ""))
    };
    let refused = contract(1_500, "^(a{99}){99}$").unwrap_err();
    assert_eq!(refused.len(), 1, "{refused}");
    let told = messages(contract(70, "^(a{99}){99}$"));
    assert!(told.contains("up to this one, the contract's patterns take more than 64 MiB"), "{told}");
    contract(900, "^[a-z][a-z0-9-]{0,62}$").unwrap();
}

#[test]
fn long_chains_of_deep_schemas_do_not_overflow_the_stack() {
    for (open, close, levels, chain) in [("{ properties: { a: ", " } }", 17, 230), ("{ not: ", " }", 34, 250)] {
        let deep = |inner: &str| format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
        let mut text = deep("{ $ref: '#/components/schemas/S1' }");
        for n in 1..chain {
            let next = deep(&format!("{{ $ref: '#/components/schemas/S{}' }}", n + 1));
            text.push_str(&format!("\n    S{n}: {next}"));
        }
        let contract = load(&small(&format!("{text}\n    S{chain}: {{ type: string }}"), "")).unwrap();
        let schema = schema_of(&contract.operations()[0], 200);
        let _ = schema.violations(&json!({ "a": { "a": 1 } }), &Secrets::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_text_makes_loading_panic(text in ".{0,200}") {
        let _ = Contract::load("contract.yaml", &text);
    }

    #[test]
    fn no_damage_to_a_contract_makes_loading_or_linting_panic(
        at in 0..SHIPPED.len(), length in 0usize..60, put in "[-a-z0-9:{}\\[\\]\n '\"&*|>#/$]{0,12}"
    ) {
        let start = (0..=at).rev().find(|at| SHIPPED.is_char_boundary(*at)).unwrap();
        let end = (at + length..).find(|at| *at >= SHIPPED.len() || SHIPPED.is_char_boundary(*at)).unwrap();
        let text = format!("{}{put}{}", &SHIPPED[..start], SHIPPED.get(end..).unwrap_or_default());
        if let Ok(contract) = Contract::load("contract.yaml", &text) {
            let _ = contract.lint(CHECKS);
        }
    }
}
