//! Schemas that take null whatever the others say by which they judge: `nullable: true` beside `allOf`, `anyOf`, `oneOf` or `$ref`.

use serde_json::{Map, Value, json};

/// The mark of such a schema. No keyword: in a published document, nothing else reads what begins so.
pub(super) const OR_NULL: &str = "x-or-null";

/// The keywords that judge by other schemas, as OpenAPI 3.0 has them.
pub(super) const BY_OTHERS: [&str; 4] = ["$ref", "allOf", "anyOf", "oneOf"];

/// Where those keywords stand for a validator.
pub(super) const WHERE_NOT_NULL: &str = "then";

/// Has the other schemas judge only what isn't null.
pub(super) fn spell(fields: &mut Map<String, Value>) {
    if fields.remove(OR_NULL).is_some() {
        let others: Map<String, Value> = BY_OTHERS.iter().filter_map(|name| fields.remove_entry(*name)).collect();
        fields.insert("if".to_owned(), json!({ "not": { "type": "null" } }));
        fields.insert(WHERE_NOT_NULL.to_owned(), Value::Object(others));
    }
}

/// Whether a keyword of a schema says nothing of a value since that is null.
pub(super) fn is_beside_null(fields: &Map<String, Value>, keyword: &str, value: &Value) -> bool {
    value.is_null() && BY_OTHERS.contains(&keyword) && fields.contains_key(OR_NULL)
}
