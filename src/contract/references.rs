//! What a part of a document refers to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pointer::{self, Pointer};

/// The place in the document that a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<Pointer> {
    pointer::from_fragment(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

/// The places that a part of a document refers to.
pub(super) fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(reference(value).map(|pointer| pointer.to_string()));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// A place of a document, and those that are referred to from there on.
pub(super) fn reached(document: &Value, pointer: &str) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![pointer.to_owned()]);
    while let Some(pointer) = open.pop() {
        if seen.insert(pointer.clone())
            && let Some(part) = document.pointer(&pointer)
        {
            references(part, &mut open);
        }
    }
    seen
}
