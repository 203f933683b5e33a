//! How every schema of a contract is compiled.

use jsonschema::{Draft, PatternOptions, ValidationOptions};
use serde_json::{Map, Value};

use crate::pointer;

/// The most memory, in bytes, that one compiled pattern may take.
pub(super) const PATTERN_SIZE: usize = 1 << 20;

/// Formats are checked and have to be known, patterns take time linear in the
/// text, nothing is ever fetched.
pub(super) fn options() -> ValidationOptions<'static> {
    limited(PATTERN_SIZE)
}

/// The same, with another limit for a pattern.
pub(super) fn limited(pattern_size: usize) -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex().size_limit(pattern_size).dfa_size_limit(pattern_size))
        .offline()
}

/// A schema that is the one at a pointer of the document. The document's schemas stand beside the reference, so that its local
/// references resolve and a violation's location is a pointer into it. To a validator the other top-level keys of an
/// OpenAPI document are unknown keywords.
pub(super) fn referring(document: &Value, pointer: &str) -> Value {
    let schemas = |(key, _): &(&String, &Value)| matches!(key.as_str(), "paths" | "components");
    let members = document.as_object().into_iter().flatten().filter(schemas);
    let mut root: Map<String, Value> = members.map(|(key, value)| (key.clone(), value.clone())).collect();
    root.insert("$ref".to_owned(), Value::String(format!("#{}", pointer::to_fragment(pointer))));
    Value::Object(root)
}
