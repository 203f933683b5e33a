use std::sync::Arc;

use serde_json::json;

use super::super::direction::Direction;
use super::super::tests::{connection, schema_of, shipped};
use super::*;

/// The clauses that had something of a body to judge, those of the shipped contract.
fn applied(status: u16, body: &Value) -> Vec<String> {
    let contract = shipped();
    let schema = schema_of(contract.operation("createConnection").unwrap(), status);
    schema.applied_clauses(body).iter().map(ToString::to_string).collect()
}

#[test]
fn a_keyword_applies_only_where_there_is_something_to_judge() {
    let all = applied(200, &connection());
    let has = |clause: &str| all.iter().any(|applied| applied == clause);
    assert!(has("response.agency") && has("response.flavor-name") && has("response.vpc_id"), "{all:?}");
    let mut body = connection();
    let members = body.as_object_mut().unwrap();
    members.shift_remove("agency");
    members.shift_remove("flavor");
    let few = applied(200, &body);
    assert!(few.iter().all(|clause| !clause.starts_with("response.flavor") && clause != "response.agency"), "{few:?}");
    let refusal = applied(400, &json!({ "error_code": "EG.00014000", "error_msg": "bad" }));
    assert_eq!(refusal, ["error.body", "error.code", "error.msg"]);
}

#[test]
fn keywords_apply_through_references_conditions_patterns_and_items_but_not_below_alternatives() {
    let schema = json!({
        "type": "object",
        "properties": { "gone": false, "list": { "prefixItems": [{ "const": 1 }], "items": { "minimum": 0 } } },
        "patternProperties": { "^x-": { "maxLength": 9 } },
        "additionalProperties": { "pattern": "a" },
        "allOf": [{ "if": { "required": ["kind"] }, "then": { "minProperties": 1 }, "else": { "maxProperties": 9 } }],
        "anyOf": [{ "required": ["never"] }, true],
    });
    let names = [
        ("type", "/type"),
        ("gone", "/properties/gone"),
        ("first", "/properties/list/prefixItems/0/const"),
        ("rest", "/properties/list/items/minimum"),
        ("extension", "/patternProperties/^x-/maxLength"),
        ("other", "/additionalProperties/pattern"),
        ("then", "/allOf/0/then/minProperties"),
        ("else", "/allOf/0/else/maxProperties"),
        ("any", "/anyOf"),
        ("below", "/anyOf/0/required/0"),
    ];
    let clause_of = names.map(|(name, at)| (at.to_owned(), ClauseId::new(&format!("c.{name}")).unwrap()));
    let clause_of = ClauseOf(clause_of.into());
    let compiled = Compiled::default();
    let document = Arc::new(json!({ "components": { "schemas": { "T": schema } } }));
    let reading = Reading { document, direction: Direction::Answer };
    let directed = reading.directed("/components/schemas/T");
    let prefixed = ClauseOf(
        clause_of.0.iter().map(|(at, clause)| (format!("/components/schemas/T{at}"), clause.clone())).collect(),
    );
    let of = |value: Value| {
        let clauses =
            Application::new(&reading, &directed, &prefixed, &compiled).clauses("/components/schemas/T", &value);
        clauses.iter().map(|clause| clause.as_str()[2..].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(json!({})), "any else gone type");
    assert_eq!(of(json!({ "kind": "a" })), "any gone other then type");
    assert_eq!(of(json!({ "kind": 1, "x-a": "b" })), "any extension gone then type");
    assert_eq!(of(json!({ "list": [1] })), "any else first gone type");
    assert_eq!(of(json!({ "list": [1, 2] })), "any else first gone rest type");
    assert_eq!(of(json!([])), "any type", "an array meets the condition, and has no members");
}
