//! The JSON Schema that editors use, made from the same tables as the validator.

use serde_json::{Map, Value, json};

use super::shape::{Kind, Object};

/// A schema (2020-12) that fits any of the given objects, with a description on every key.
pub fn json_schema(title: &str, roots: &[&'static Object]) -> Value {
    let mut definitions = Map::new();
    for root in roots {
        define(root, &mut definitions);
    }
    let any_of: Vec<Value> = roots.iter().map(|root| reference(root)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "anyOf": any_of,
        "$defs": definitions,
    })
}

fn reference(object: &Object) -> Value {
    json!({ "$ref": format!("#/$defs/{}", key_of(object)) })
}

fn key_of(object: &Object) -> String {
    object.name.replace(' ', "-")
}

fn define(object: &'static Object, definitions: &mut Map<String, Value>) {
    let key = key_of(object);
    if definitions.contains_key(&key) {
        return;
    }
    definitions.insert(key.clone(), Value::Null);
    let mut properties = Map::new();
    for field in object.fields {
        let mut schema = schema_of(&field.kind, definitions);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), Value::from(field.doc));
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> = object.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let others = object.others.as_ref().map_or(Value::Bool(false), |kind| schema_of(kind, definitions));
    let mut schema = json!({
        "description": object.doc,
        "type": "object",
        "properties": properties,
        "additionalProperties": others,
    });
    if let (Some(schema), false) = (schema.as_object_mut(), required.is_empty()) {
        schema.insert("required".to_owned(), json!(required));
    }
    definitions.insert(key, schema);
}

fn schema_of(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match kind {
        Kind::Any => json!({}),
        Kind::Text => json!({ "type": "string" }),
        Kind::NonEmpty => json!({ "type": "string", "pattern": "\\S" }),
        Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Null => json!({ "type": "null" }),
        Kind::Object(object) => {
            define(object, definitions);
            reference(object)
        }
        Kind::Reference(object) => {
            define(object, definitions);
            json!({ "anyOf": [{ "type": "object", "required": ["$ref"] }, reference(object)] })
        }
        Kind::Map(kind) => json!({ "type": "object", "additionalProperties": schema_of(kind, definitions) }),
        Kind::List(kind, at_least) => {
            let mut schema = json!({ "type": "array", "items": schema_of(kind, definitions) });
            if let (Some(schema), true) = (schema.as_object_mut(), *at_least > 0) {
                schema.insert("minItems".to_owned(), json!(at_least));
            }
            schema
        }
        Kind::Either(kinds) => {
            let kinds: Vec<Value> = kinds.iter().map(|kind| schema_of(kind, definitions)).collect();
            json!({ "anyOf": kinds })
        }
    }
}
