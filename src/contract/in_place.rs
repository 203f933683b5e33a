//! The schemas that judge the same value: what one hands it on to, by reference or by a keyword.

use std::collections::BTreeSet;

use serde_json::Value;

use super::references::reference;
use crate::pointer;

/// The most schemas that are looked at to find what judges one value.
const MOST: usize = 1_000;

/// A schema and those that judge the same value.
pub(super) fn around(document: &Value, at: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![at.to_owned()];
    while let Some(at) = open.pop().filter(|_| all.len() < MOST) {
        if !all.contains(&at) {
            open.extend(in_place(document, &at).into_iter().map(|(_, child)| child));
            all.insert(at);
        }
    }
    all
}

/// The schemas to which one hands the value that it judges, each with the keyword that does; but none that need not hold.
pub(super) fn in_place<'d>(document: &'d Value, at: &str) -> Vec<(&'d str, String)> {
    let Some(schema @ Value::Object(fields)) = document.pointer(at) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in fields {
        let here = || pointer::join(at, name);
        match (name.as_str(), value) {
            ("$ref", _) => found.extend(reference(schema).map(|target| (name.as_str(), target.to_string()))),
            ("allOf" | "anyOf" | "oneOf", Value::Array(items)) => {
                let branch = |index: usize| (name.as_str(), pointer::join(&here(), &index.to_string()));
                found.extend((0..items.len()).map(branch));
            }
            ("dependentSchemas", Value::Object(schemas)) => {
                found.extend(schemas.keys().map(|key| (name.as_str(), pointer::join(&here(), key))));
            }
            ("then" | "else", _) => found.push((name.as_str(), here())),
            _ => {}
        }
    }
    found
}
