//! The keys of `patternProperties`, spelt so that `jsonschema`, which translates them by rules of its own, takes them for what
//! they mean in the one dialect that patterns have here.

use serde_json::{Map, Value};

use super::nullable::{OR_NULL, WHERE_NOT_NULL};
use crate::pattern::spelt_out;
use crate::pointer::{self, Pointer};

/// The keyword.
const KEYWORD: &str = "patternProperties";

/// Spells the patterns of a schema out.
pub(super) fn spell(fields: &mut Map<String, Value>) {
    if let Some(Value::Object(patterns)) = fields.get_mut(KEYWORD) {
        let names = names(patterns);
        let schemas = std::mem::take(patterns).into_iter().map(|(_, schema)| schema);
        *patterns = names.into_iter().map(|(_, name)| name).zip(schemas).collect();
    }
}

/// The pointer into a document of what stands at a pointer where patterns, and schemas that take null, are spelt out.
pub(super) fn written(document: &Value, spelt: &str) -> String {
    let tokens = Pointer::parse(spelt).unwrap_or_default();
    let (mut written, mut node, mut before) = (String::new(), Some(document), "");
    for token in tokens.tokens() {
        if token == WHERE_NOT_NULL && node.is_some_and(|node| node.get(OR_NULL).is_some()) {
            continue;
        }
        let patterns =
            node.and_then(Value::as_object).filter(|patterns| before == KEYWORD && !patterns.contains_key(token));
        let source = patterns.and_then(|patterns| names(patterns).into_iter().find(|(_, name)| name == token));
        let source = source.map_or_else(|| token.clone(), |(source, _)| source);
        pointer::push(&mut written, &source);
        node = node.and_then(|node| pointer::child(node, &source));
        before = token;
    }
    written
}

/// Each pattern as it is written and as it is spelt out. No two are spelt alike.
fn names(patterns: &Map<String, Value>) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for source in patterns.keys() {
        let is_free = |name: &String| !patterns.contains_key(name) && names.iter().all(|(_, other)| other != name);
        let name = spelt_out(source).filter(is_free).unwrap_or_else(|| source.clone());
        names.push((source.clone(), name));
    }
    names
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::direction::Direction;
    use super::super::validator::{Reading, options};
    use super::*;

    #[test]
    fn a_name_is_matched_as_a_text_is() {
        for (pattern, fitting, other) in [
            (r"^\d$", "1", "\u{661}"),
            (r"^a.b$", "a-b", "a\u{2028}b"),
            (r"\bb\b", "a b", "\u{e9}bc"),
            (r"^[^]$", "\n", ""),
            (r"^{[a-z]+}$", "{id}", "id"),
            (r"^x{,2}$", "x{,2}", "xx"),
            (r"^[\w-.]+$", "a-.", "\u{e9}"),
            (r"^[\d\s]$", "\u{a0}", "a"),
            (r"^(?!x-)", "a", "x-a"),
            (r"^(?<q>a)\k<q>$", "aa", "ab"),
            (r"^\cJ$", "\n", "J"),
            (r"^\u{1F600}$", "\u{1f600}", "u"),
            ("^a[b]$", "ab", "a"),
        ] {
            let schema = json!({ "patternProperties": { pattern: false } });
            let document = Arc::new(json!({ "components": { "schemas": { "T": schema } } }));
            let reading = Reading { document, direction: Direction::Answer };
            let validator = reading.build("/components/schemas/T", &options()).unwrap();
            assert!(!validator.is_valid(&json!({ fitting: 1 })), "{pattern} {fitting:?}");
            assert!(validator.is_valid(&json!({ other: 1 })), "{pattern} {other:?}");
            let error = validator.validate(&json!({ fitting: 1 })).err().map(|error| error.schema_path().to_string());
            let at = reading.written(&error.unwrap());
            assert_eq!(at, pointer::join("/components/schemas/T/patternProperties", pattern));
        }
    }

    #[test]
    fn patterns_that_mean_the_same_are_all_held_against_names() {
        let patterns =
            json!({ "^[0-9]$": { "minimum": 1 }, r"^\d$": { "maximum": 3 }, "^[0-9]{1}$": { "multipleOf": 2 } });
        let document = Arc::new(json!({ "components": { "schemas": { "T": { "patternProperties": patterns } } } }));
        let reading = Reading { document, direction: Direction::Answer };
        let validator = reading.build("/components/schemas/T", &options()).unwrap();
        for (value, fits) in [(2, true), (0, false), (4, false), (3, false)] {
            assert_eq!(validator.is_valid(&json!({ "1": value })), fits, "{value}");
        }
    }
}
