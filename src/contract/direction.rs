//! What `readOnly` and `writeOnly` mean for a body: a member that only an answer has needn't be in a request, and one that only
//! a request has is in no answer, whatever `required` says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::keywords::{Below, Keyword, keyword};
use super::references::reference;

/// The most references and `allOf`s that are followed to find the members of one object.
const MOST_HOPS: usize = 64;

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    /// To the target.
    Request,
    /// From it.
    Answer,
}

impl Direction {
    /// The keyword of a member that doesn't go this way.
    fn excluded_by(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Answer => "writeOnly",
        }
    }
}

/// Makes a schema, and those within, the one for a direction.
pub(super) fn directed(schema: &mut Value, document: &Value, direction: Direction) {
    one(schema, document, direction, &BTreeSet::new());
}

/// `around` are the members, of the same object, that an `allOf` around it leaves out.
fn one(schema: &mut Value, document: &Value, direction: Direction, around: &BTreeSet<String>) {
    let mut left_out = around.clone();
    collect(schema, document, direction.excluded_by(), &mut MOST_HOPS.clone(), &mut left_out);
    let Value::Object(fields) = schema else { return };
    if !left_out.is_empty()
        && let Some(Value::Array(required)) = fields.get_mut("required")
    {
        required.retain(|name| name.as_str().is_none_or(|name| !left_out.contains(name)));
    }
    if direction == Direction::Answer
        && let Some(Value::Object(properties)) = fields.get_mut("properties")
    {
        let written = |schema: &Value| is_true(schema, document, direction.excluded_by());
        properties.values_mut().filter(|schema| written(schema)).for_each(|schema| *schema = Value::Bool(false));
    }
    let none = BTreeSet::new();
    for (name, below) in fields {
        let around = if name == "allOf" { &left_out } else { &none };
        match (keyword(name), below) {
            (Some(Keyword::Whole(Below::One) | Keyword::Through(Below::One) | Keyword::Aside(Below::One)), below) => {
                one(below, document, direction, around);
            }
            (Some(Keyword::Whole(_) | Keyword::Through(_) | Keyword::Aside(_)), Value::Array(items)) => {
                items.iter_mut().for_each(|item| one(item, document, direction, around));
            }
            (Some(Keyword::Whole(_) | Keyword::Through(_) | Keyword::Aside(_)), Value::Object(members)) => {
                members.values_mut().for_each(|member| one(member, document, direction, around));
            }
            _ => {}
        }
    }
}

/// The names of the members that an object of a schema has and that a keyword leaves out.
fn collect(schema: &Value, document: &Value, excluded_by: &str, hops: &mut usize, names: &mut BTreeSet<String>) {
    let Some(left) = hops.checked_sub(1) else { return };
    *hops = left;
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if is_true(member, document, excluded_by) {
            names.insert(name.clone());
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        collect(part, document, excluded_by, hops, names);
    }
    if let Some(target) = target(schema, document) {
        collect(target, document, excluded_by, hops, names);
    }
}

/// Whether a schema, or one that it refers to, has a keyword that is true.
fn is_true(schema: &Value, document: &Value, name: &str) -> bool {
    let mut schema = schema;
    for _ in 0..8 {
        if schema.get(name) == Some(&Value::Bool(true)) {
            return true;
        }
        match target(schema, document) {
            Some(target) => schema = target,
            None => return false,
        }
    }
    false
}

fn target<'d>(schema: &Value, document: &'d Value) -> Option<&'d Value> {
    reference(schema)?.get(document)
}
