//! The JSON Schema of the event stream, made of its types.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::stream::{Event, SCHEMA_VERSION};

/// The JSON Schema (2020-12) of a line. It allows further members, which a later minor version may have.
pub fn event_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Event>();
    schema.insert("title".to_owned(), format!("Event stream of conformant, format {SCHEMA_VERSION}: a line").into());
    schema.to_value()
}
