//! The JSON Schema of maps whose keys are words of the format: a map's own says nothing of its keys.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// The schema of a map from these words to these values.
pub(super) fn keyed<K: JsonSchema, V: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let words = generator.subschema_for::<K>();
    let mut schema = BTreeMap::<String, V>::json_schema(generator);
    schema.insert("propertyNames".to_owned(), words.to_value());
    schema
}
