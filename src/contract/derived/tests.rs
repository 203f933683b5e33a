//! The ids of derived clauses, whatever the order of a document.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::Contract;

/// A document in which the same is said twice, and something else at the same place.
fn document() -> Value {
    json!({
        "openapi": "3.0.3",
        "x-clauses": {},
        "x-checks": {},
        "info": { "title": "Pets", "version": "1" },
        "security": [{ "key": [] }],
        "paths": {
            "/pets/{petId}": {
                "parameters": [{ "name": "petId", "in": "path", "required": true, "schema": { "type": "string" } }],
                "get": {
                    "operationId": "getPet",
                    "parameters": [
                        { "name": "status", "in": "query", "schema": { "enum": ["here", "gone"] } },
                        { "$ref": "#/components/parameters/Page" },
                    ],
                    "responses": {
                        "200": {
                            "description": "fine",
                            "headers": { "X-Left": { "required": true, "schema": { "type": "integer" } } },
                            "content": {
                                "application/json": { "schema": { "$ref": "#/components/schemas/Pet" } },
                                "text/csv": { "schema": { "type": "string" } },
                            },
                        },
                        "404": { "$ref": "#/components/responses/Gone" },
                    },
                },
            },
        },
        "components": {
            "parameters": { "Page": { "name": "page", "in": "query", "schema": { "type": "integer", "minimum": 1 } } },
            "responses": {
                "Gone": { "description": "gone", "content": { "application/json": { "schema": {
                    "type": "object", "required": ["code"], "properties": { "code": { "type": "string" } } } } } },
            },
            "schemas": {
                "Pet": {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {
                        "id": { "type": "integer", "format": "int64", "readOnly": true },
                        "name": { "type": "string", "maxLength": 30, "pattern": "^[a-z]", "allOf": [{ "pattern": "[a-z]$" }, { "type": "string" }] },
                        "a.b c": { "type": "array", "items": { "type": "string" }, "uniqueItems": false },
                        "born": { "oneOf": [{ "type": "string", "format": "date" }, { "type": "integer" }] },
                    },
                    "additionalProperties": false,
                },
            },
        },
    })
}

/// The same with the members of every object in another order.
fn shuffled(value: &Value, seed: u64) -> Value {
    match value {
        Value::Object(members) => {
            let rank = |name: &str| {
                name.bytes().fold(seed, |rank, byte| (rank ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
            };
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), shuffled(value, seed))).collect();
            members.sort_by_key(|(name, _)| rank(name));
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| shuffled(item, seed)).collect()),
        other => other.clone(),
    }
}

/// The derived clauses of a document: what each says, and the pointers that it stands for.
fn derived(document: &Value) -> BTreeMap<String, (String, Vec<String>)> {
    let contract = Contract::load("contract.yaml", &document.to_string()).unwrap();
    let clauses = contract.derived.clauses.iter();
    clauses
        .map(|(id, entry)| (id.to_string(), (entry.says.clone(), entry.pointers.iter().cloned().collect())))
        .collect()
}

#[test]
fn everything_that_a_document_says_has_one_clause() {
    let lines: Vec<String> = derived(&document()).into_iter().map(|(id, (says, _))| format!("{id}: {says}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_said_twice_is_one_clause_and_what_differs_is_told_apart() {
    let derived = derived(&document());
    assert_eq!(derived["Pet.name.type"].1.len(), 2);
    let patterns: Vec<&String> = derived.keys().filter(|id| id.starts_with("Pet.name.pattern")).collect();
    assert_eq!(patterns.len(), 2);
    assert!(patterns.iter().all(|id| id.starts_with("Pet.name.pattern~")), "{patterns:?}");
}

#[test]
fn every_keyword_that_needs_a_clause_stands_in_one() {
    let contract = Contract::load("contract.yaml", &document().to_string()).unwrap();
    let survey = &contract.lint.survey;
    for (pointer, _) in survey.keywords.iter().filter(|(pointer, used)| **used && !pointer.ends_with("/uniqueItems")) {
        assert!(contract.derived.of_keyword.contains_key(pointer), "{pointer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_members_changes_no_id_and_no_sentence(seed in any::<u64>()) {
        prop_assert_eq!(derived(&shuffled(&document(), seed)), derived(&document()));
    }
}
