//! The schemas of OpenAPI 3.0, most of which Swagger 2.0 has too, as those of JSON Schema 2020-12.

use super::super::keywords::{Keyword, keyword};
use super::super::nullable::{BY_OTHERS, OR_NULL};
use super::moves::Moves;
use crate::pointer;
use crate::source::{Entry, Node, NodeValue};

/// What says that null is a value, too. It counts beside a `$ref`, although nothing should: who writes it there means it.
pub(super) const NULLABLE: [&str; 2] = ["nullable", "x-nullable"];

/// Translates one schema, not those below it.
pub(super) fn schema(node: &mut Node, at: &str, moves: &mut Moves) {
    // Whoever writes `nullable: 'true'` means it, and what is meant otherwise is refused to nobody.
    let nullable = NULLABLE.iter().any(|key| node.get(key).is_some_and(|value| value.as_bool() != Some(false)));
    let NodeValue::Map(entries) = &mut node.value else { return };
    // What later editions of JSON Schema know means nothing here.
    let is_later = |name: &str| matches!(keyword(name), Some(Keyword::Refused(_) | Keyword::Meaningless(_)));
    entries.retain(|entry| !is_later(&entry.key) && entry.key != "x-nullable");
    if nullable {
        allow_null(entries);
    }
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        exclude(entries, bound, exclusive, at, moves);
    }
    for entry in entries.iter_mut() {
        if entry.key == "type" && entry.value.as_str() == Some("file") {
            entry.value.value = NodeValue::String("string".to_owned());
        }
    }
    tuple(entries, at, moves);
}

/// `nullable: true`: null is one more type, and one more of the values that are listed.
///
/// A clarification of OpenAPI 3.0.3 has it mean nothing without a `type`. Most documents that have it beside an `allOf` or a `$ref`
/// mean a value that may be null, and their servers answer so: what other schemas say is not held against null there.
fn allow_null(entries: &mut Vec<Entry>) {
    let other = entries.iter().find(|entry| BY_OTHERS.contains(&entry.key.as_str())).map(|entry| entry.key_span);
    if let Some(span) = other {
        let value = Node { span, value: NodeValue::Bool(true) };
        entries.push(Entry { key: OR_NULL.to_owned(), key_span: span, value });
    }
    for entry in entries {
        let span = entry.value.span;
        match (entry.key.as_str(), &mut entry.value.value) {
            ("type", value @ NodeValue::String(_)) => {
                let documented = Node { span, value: std::mem::replace(value, NodeValue::Null) };
                *value = NodeValue::List(vec![documented, Node::text(span, "null")]);
            }
            ("enum", NodeValue::List(items)) if !items.iter().any(Node::is_null) => {
                items.push(Node { span, value: NodeValue::Null });
            }
            _ => {}
        }
    }
}

/// `exclusiveMinimum: true` makes a `minimum` an exclusive one.
fn exclude(entries: &mut Vec<Entry>, bound: &str, exclusive: &str, at: &str, moves: &mut Moves) {
    let Some(position) = entries.iter().position(|entry| entry.key == exclusive) else { return };
    let Some(is_exclusive) = entries.get(position).and_then(|entry| entry.value.as_bool()) else { return };
    let limit = entries.iter().position(|entry| entry.key == bound).filter(|_| is_exclusive);
    match limit.and_then(|limit| entries.get(limit)).map(|entry| entry.value.clone()) {
        Some(value) => {
            entries.iter_mut().filter(|entry| entry.key == exclusive).for_each(|entry| entry.value = value.clone());
            entries.retain(|entry| entry.key != bound);
            moves.note(pointer::join(at, bound), pointer::join(at, exclusive));
        }
        None => {
            entries.remove(position);
        }
    }
}

/// A list of `items`, which JSON Schema had in those days.
fn tuple(entries: &mut [Entry], at: &str, moves: &mut Moves) {
    let is_tuple = |entry: &Entry| entry.key == "items" && matches!(entry.value.value, NodeValue::List(_));
    if let Some(entry) = entries.iter_mut().find(|entry| is_tuple(entry)) {
        "prefixItems".clone_into(&mut entry.key);
        moves.note(pointer::join(at, "items"), pointer::join(at, "prefixItems"));
    }
}
