//! What a part of a document refers to.

use serde_json::Value;

use crate::pointer;

/// The places that a part of a document refers to.
pub(super) fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference.strip_prefix('#').and_then(pointer::from_fragment);
                found.extend(pointer.map(|pointer| pointer.to_string()));
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
