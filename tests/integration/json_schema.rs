//! The required tests of the JSON-Schema-Test-Suite through a contract's own door: each schema is a file that a document refers
//! to, and each value an answer's body. The suite is its authors' (`json-schema/LICENSE`), one group a line.

use std::collections::BTreeMap;

use conformant::contract::{BodySchema, Contract, Documents};
use conformant::source::{Diagnostics, SourceFile};
use serde_json::Value;

/// Where a contract differs from the suite, with the reason: a file, or a group of one.
type Difference = (&'static str, &'static str, &'static str);

const OF_DRAFT_2020_12: &[Difference] = &[
    ("format", "", "OpenAPI's formats are held against values, not only read"),
    ("refRemote", "", "nothing is fetched, so what stands on the network is refused"),
    ("ref", "remote ref, containing refs itself", "nothing is fetched, so what stands on the network is refused"),
    ("defs", "validate definition against metaschema", "nothing is fetched, so what stands on the network is refused"),
    ("vocabulary", "", "all schemas are of the usual vocabularies"),
    (
        "dynamicRef",
        "A $dynamicRef resolves to the first $dynamicAnchor still in scope that is encountered when the schema is evaluated",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "A $dynamicRef with intermediate scopes that don't include a matching $dynamicAnchor does not affect dynamic scope resolution",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "A $dynamicRef that initially resolves to a schema with a matching $dynamicAnchor resolves to the first $dynamicAnchor in the dynamic scope",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "multiple dynamic paths to the $dynamicRef keyword",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "after leaving a dynamic scope, it is not used by a $dynamicRef",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "$dynamicRef skips over intermediate resources - direct reference",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "dynamicRef",
        "strict-tree schema, guards against misspelled properties",
        "nothing is fetched, so what stands on the network is refused",
    ),
    (
        "dynamicRef",
        "tests for implementation dynamic anchor and reference link",
        "nothing is fetched, so what stands on the network is refused",
    ),
    (
        "dynamicRef",
        "$ref and $dynamicAnchor are independent of order - $defs first",
        "nothing is fetched, so what stands on the network is refused",
    ),
    (
        "dynamicRef",
        "$ref and $dynamicAnchor are independent of order - $ref first",
        "nothing is fetched, so what stands on the network is refused",
    ),
    (
        "dynamicRef",
        "$ref to $dynamicRef finds detached $dynamicAnchor",
        "nothing is fetched, so what stands on the network is refused",
    ),
    (
        "unevaluatedItems",
        "unevaluatedItems with $dynamicRef",
        "a dynamic reference that may mean several schemas is refused",
    ),
    (
        "unevaluatedProperties",
        "unevaluatedProperties with $dynamicRef",
        "a dynamic reference that may mean several schemas is refused",
    ),
];

const OF_DRAFT_4: &[Difference] = &[
    ("refRemote", "", "nothing is fetched, so what stands on the network is refused"),
    ("ref", "remote ref, containing refs itself", "nothing is fetched, so what stands on the network is refused"),
    (
        "definitions",
        "validate definition against metaschema",
        "nothing is fetched, so what stands on the network is refused",
    ),
];

/// The one file that a document refers to.
struct Schema(String);

impl Documents for Schema {
    fn document(&self, path: &str) -> Result<SourceFile, String> {
        if path == "schema.json" { Ok(SourceFile::new(path, &*self.0)) } else { Err("isn't there".to_owned()) }
    }
}

/// The schema as a contract has it.
fn schema(version: &str, schema: &Value) -> Result<BodySchema, Diagnostics> {
    let text = format!(
        "openapi: {version}
info: {{ title: Things, version: '1' }}
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': {{ description: fine, content: {{ application/json: {{ schema: {{ $ref: schema.json }} }} }} }}
x-checks: {{ body: answer.body, error-body: answer.body }}
x-clauses:
  answer.body: {{ level: must, says: a thing is what it is, source: the page, polarities: [hold] }}
"
    );
    let file = SourceFile::new("contract.yaml", text);
    let contract = Contract::load_with(file, &Schema(schema.to_string()))?;
    contract.prepare(&["things".to_owned()])?;
    let response = contract.operation("things").unwrap().response(200).unwrap();
    Ok(response.content[0].schema.clone().unwrap())
}

/// How a group of tests ends: how many of it are right, and how many there are.
fn judge(version: &str, group: &Value) -> (usize, usize) {
    let tests = group["tests"].as_array().unwrap();
    let right = |schema: &BodySchema| {
        tests.iter().filter(|test| schema.is_valid(&test["data"]) == test["valid"].as_bool().unwrap()).count()
    };
    (schema(version, &group["schema"]).as_ref().map_or(0, right), tests.len())
}

/// Judges all groups that a condition takes; says how many tests there are, how many of
/// them are right, and the groups that end otherwise than known.
fn judge_all(
    version: &str,
    text: &str,
    differences: &[Difference],
    is_taken: impl Fn(&Value) -> bool,
) -> (usize, usize, Vec<String>) {
    let (mut count, mut rights, mut surprises) = (0, 0, Vec::new());
    let mut met: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for line in text.lines() {
        let group: Value = serde_json::from_str(line).unwrap();
        if !is_taken(&group["schema"]) {
            continue;
        }
        let (right, all) = judge(version, &group);
        count += all;
        rights += right;
        let (file, description) = (group["file"].as_str().unwrap(), group["description"].as_str().unwrap());
        let known = differences.iter().find(|(of, what, _)| *of == file && (what.is_empty() || *what == description));
        match known {
            Some((file, what, _)) => *met.entry((file, what)).or_default() |= right < all,
            None if right < all => surprises.push(format!("{file}: {description}: {right} of {all}")),
            None => {}
        }
    }
    surprises
        .extend(met.iter().filter(|(_, differs)| !**differs).map(|(known, _)| format!("{known:?} differs no more")));
    (count, rights, surprises)
}

#[test]
fn schemas_of_draft_2020_12_judge_as_their_required_tests_have_it() {
    let (count, right, surprises) =
        judge_all("3.1.0", include_str!("json-schema/draft2020-12.jsonl"), OF_DRAFT_2020_12, |_| true);
    assert_eq!(surprises, [""; 0], "of {count}");
    assert_eq!((count, right), (1257, 1166));
}

/// What OpenAPI 3.0 has of draft 4.
const OF_OPENAPI_3_0: &[&str] = &[
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "title",
    "$ref",
];

/// Whether a schema has nothing that OpenAPI 3.0 hasn't.
fn is_of_openapi_3_0(schema: &Value) -> bool {
    let Value::Object(fields) = schema else { return schema.is_boolean() };
    fields.iter().all(|(name, value)| {
        OF_OPENAPI_3_0.contains(&name.as_str())
            && match name.as_str() {
                "type" => value.is_string() && value != "null",
                "items" | "not" => value.is_object() && is_of_openapi_3_0(value),
                "additionalProperties" => is_of_openapi_3_0(value),
                "properties" => value.as_object().unwrap().values().all(is_of_openapi_3_0),
                "allOf" | "anyOf" | "oneOf" => value.as_array().unwrap().iter().all(is_of_openapi_3_0),
                _ => true,
            }
    })
}

#[test]
fn schemas_of_openapi_3_0_judge_as_the_required_tests_of_draft_4_have_it() {
    let (count, right, surprises) =
        judge_all("3.0.3", include_str!("json-schema/draft4.jsonl"), OF_DRAFT_4, is_of_openapi_3_0);
    assert_eq!(surprises, [""; 0], "of {count}");
    assert_eq!((count, right), (398, 386));
}
