//! How every schema of a contract is compiled.

use jsonschema::{Draft, PatternOptions, ValidationOptions};
use serde_json::{Map, Value};

use super::pattern_keyword::with_patterns;
use crate::pattern::SIZE;
use crate::pointer;

/// How often a pattern of members' names may be tried on a name, which may be as long as a body.
const ATTEMPTS: usize = 1 << 12;

/// Formats are checked and have to be known, patterns end, nothing is ever fetched.
pub(super) fn options() -> ValidationOptions<'static> {
    let names = PatternOptions::fancy_regex().backtrack_limit(ATTEMPTS).size_limit(SIZE).dfa_size_limit(SIZE);
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(names)
        .offline();
    with_patterns(options, SIZE)
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
