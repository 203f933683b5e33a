//! A JSON document as the same tree of nodes that a YAML document becomes.

use std::collections::HashMap;
use std::str::FromStr as _;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde_json::Number;

use super::diagnostic::Diagnostics;
use super::file::SourceFile;
use super::limits::Limits;
use super::node::{Entry, Node, NodeValue};
use super::places::Places;
use super::span::Span;

/// JSON as RFC 8259 has it, and nothing besides.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses a file as one JSON text. An empty file is `null`.
///
/// # Errors
/// What keeps it from being one: too large, too deep, too many values, bad JSON; or all keys that are given twice.
pub fn parse_json(file: &SourceFile, limits: &Limits) -> Result<Node, Diagnostics> {
    file.within(limits)?;
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    let parsed = parse_to_ast(file.text(), &collect, &STRICT).map_err(|error| {
        let mut diagnostics = Diagnostics::default();
        let Range { start, end } = error.range();
        diagnostics.report(file, file.span(start..end), error.kind().to_string().to_lowercase());
        diagnostics
    })?;
    let mut walk =
        Walk { file, limits, places: Places::new(file.text()), values: 0, diagnostics: Diagnostics::default() };
    let node = parsed.value.map_or(Node { span: Span::START, value: NodeValue::Null }, |value| walk.node(value, 0));
    walk.diagnostics.into_result().map(|()| node)
}

struct Walk<'a> {
    file: &'a SourceFile,
    limits: &'a Limits,
    places: Places<'a>,
    values: usize,
    diagnostics: Diagnostics,
}

impl Walk<'_> {
    fn node(&mut self, value: Value<'_>, depth: usize) -> Node {
        let range = value.range();
        let mark = if matches!(value, Value::Object(_) | Value::Array(_)) { range.start + 1 } else { range.end };
        let span = self.places.span(range.start..mark);
        self.values += 1;
        let value = match value {
            _ if self.values > self.limits.values => self.refuse(span, "up to here there are too many values"),
            Value::StringLit(text) => NodeValue::String(text.value.into_owned()),
            Value::NumberLit(number) => match Number::from_str(number.value) {
                Ok(number) => NodeValue::Number(number),
                Err(_) => self.refuse(span, "a number that is too large"),
            },
            Value::BooleanLit(value) => NodeValue::Bool(value.value),
            Value::NullKeyword(_) => NodeValue::Null,
            _ if depth == self.limits.depth => self.refuse(span, "this nests too deep"),
            Value::Object(object) => NodeValue::Map(self.entries(object.properties, depth + 1)),
            Value::Array(array) => {
                NodeValue::List(array.elements.into_iter().map(|value| self.node(value, depth + 1)).collect())
            }
        };
        Node { span, value }
    }

    fn entries(&mut self, properties: Vec<ObjectProp<'_>>, depth: usize) -> Vec<Entry> {
        let mut lines: HashMap<String, u32> = HashMap::new();
        let mut entries = Vec::with_capacity(properties.len());
        for property in properties {
            let Range { start, end } = property.name.range();
            let key_span = self.places.span(start..end);
            let key = property.name.into_string();
            if let Some(line) = lines.insert(key.clone(), key_span.line) {
                let message = format!("the key `{key}` is given twice");
                let hint = format!("it stands in line {line} already");
                self.diagnostics.report(self.file, key_span, message).hint(hint);
            }
            let value = self.node(property.value, depth);
            entries.push(Entry { key, key_span, value });
        }
        entries
    }

    fn refuse(&mut self, span: Span, message: &str) -> NodeValue {
        if self.diagnostics.is_empty() {
            self.diagnostics.report(self.file, span, message);
        }
        NodeValue::Null
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::{DOCUMENT, SMALL_FILE};

    fn parsed(text: &str) -> Result<Node, Diagnostics> {
        parse_json(&SourceFile::new("a.json", text), &SMALL_FILE)
    }

    fn refusal(text: &str) -> String {
        parsed(text).unwrap_err().iter().map(|one| format!("{}:{}: {}", one.line, one.column, one.message)).collect()
    }

    #[test]
    fn every_value_knows_its_place() {
        let node = parsed("{\"a\": [1, \"\\ud83d\\ude00é\", {\n  \"b\": null}]}").unwrap();
        assert_eq!(node.to_json(), json!({"a": [1, "😀é", {"b": null}]}));
        let inner = node.get("a").unwrap().items()[2].entry("b").unwrap();
        assert_eq!((inner.key_span.line, inner.key_span.column), (2, 3));
        assert_eq!((inner.value.span.line, inner.value.span.column), (2, 8));
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        for (text, place) in [
            ("{\"a\": 1,}", "1:8"),
            ("{a: 1}", "1:2"),
            ("[1] x", "1:5"),
            ("// x\n1", "1:1"),
            ("{\"a\": +1}", "1:7"),
            ("[\"\\x41\"]", "1:3"),
            ("[1 2]", "1:3"),
        ] {
            assert!(refusal(text).starts_with(place), "{text}: {}", refusal(text));
        }
        assert_eq!(refusal("{\"a\": 1,\n\"a\": 2}"), "2:1: the key `a` is given twice");
    }

    #[test]
    fn hostile_documents_are_refused_without_harm() {
        for text in ["[".repeat(1_000_000), "{\"a\":".repeat(100_000)] {
            assert!(parsed(&text).is_err());
        }
        assert_eq!(refusal(&format!("{}{}", "[".repeat(50), "]".repeat(50))), "1:41: this nests too deep");
        let many = format!("[{}1]", "1,".repeat(2_000_000));
        let file = SourceFile::new("a.json", many);
        assert!(parse_json(&file, &DOCUMENT).is_err());
    }
}
