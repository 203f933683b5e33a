//! A YAML document as a tree of nodes.
//!
//! `serde-saphyr` gives values or places, and stops at the first error. So every document is read once into nodes, and all
//! that is wrong with it is found by walking those.

use std::fmt;
use std::panic::resume_unwind;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Options, Spanned};

use super::diagnostic::Diagnostics;
use super::file::SourceFile;
use super::limits::{Limits, SMALL_FILE};
use super::node::{Entry, Node, NodeValue};
use super::span::Span;
use super::yaml_trouble::words;
use crate::number::spelt;
use crate::stack::on_a_deep_stack;

/// Parses a file that somebody wrote as one YAML document. An empty file is `null`.
///
/// # Errors
/// What keeps it from being one: too large, too deep, too many nodes or aliases, bad YAML, keys that are no scalars;
/// or all of: keys given twice, numbers that JSON can't write.
pub fn parse(file: &SourceFile) -> Result<Node, Diagnostics> {
    parse_within(file, &SMALL_FILE)
}

/// The same for a file of another size.
///
/// # Errors
/// As [`parse`].
pub fn parse_within(file: &SourceFile, limits: &Limits) -> Result<Node, Diagnostics> {
    file.within(limits)?;
    // The parser recurses with large frames.
    let parsed = on_a_deep_stack(|| {
        let parsed = serde_saphyr::from_str_with_options::<Parsed>(file.text(), options(limits));
        parsed.map(|parsed| parsed.0).map_err(|error| syntax_error(file, &error, limits))
    });
    // That there is no thread to be had is no fault of the file, and ends the program as a panic.
    let parsed = parsed
        .unwrap_or_else(|error| resume_unwind(Box::new(format!("no thread could be made to read a file: {error}"))));
    let mut node =
        parsed.unwrap_or_else(|_| Err(SourceFile::refused(file.name(), "the YAML parser failed on this file")))?;
    let mut diagnostics = Diagnostics::default();
    inspect(&mut node, file, &mut diagnostics);
    diagnostics.into_result().map(|()| node)
}

fn options(limits: &Limits) -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            flow_nesting_limit: limits.depth,
            max_depth: limits.depth,
            max_nodes: limits.values,
            max_events: 4 * limits.values,
            max_aliases: limits.aliases,
            max_anchors: limits.aliases,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: limits.values,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // What only a float can't hold is read from its text.
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    }
}

fn syntax_error(file: &SourceFile, error: &serde_saphyr::Error, limits: &Limits) -> Diagnostics {
    let span = error.location().map_or(Span::START, |location| error_span(file, &location));
    let (message, hint) = words(error, limits);
    let mut diagnostics = Diagnostics::default();
    let diagnostic = diagnostics.report(file, span, message);
    if let Some(hint) = hint {
        diagnostic.hint(hint);
    }
    diagnostics
}

/// What the parser lets through, and what it loses: keys given twice, and the digits of numbers.
fn inspect(node: &mut Node, file: &SourceFile, diagnostics: &mut Diagnostics) {
    match &mut node.value {
        NodeValue::List(items) => items.iter_mut().for_each(|item| inspect(item, file, diagnostics)),
        NodeValue::Map(entries) => {
            let mut seen: std::collections::HashMap<&str, u32> = std::collections::HashMap::new();
            for entry in entries {
                if let Some(line) = seen.insert(entry.key.as_str(), entry.key_span.line) {
                    let message = format!("the key `{}` is given twice", entry.key);
                    diagnostics.report(file, entry.key_span, message).hint(format!("it stands in line {line} already"));
                }
                inspect(&mut entry.value, file, diagnostics);
            }
        }
        NodeValue::Number(number) => {
            let written = file.text().get(node.span.start..node.span.end).unwrap_or_default().trim();
            match spelt(written.strip_prefix('+').unwrap_or(written)) {
                Some(spelt) => *number = spelt,
                None if *number == not_finite() => {
                    diagnostics.report(file, node.span, "a number that JSON can't write");
                }
                None => {}
            }
        }
        NodeValue::Null | NodeValue::Bool(_) | NodeValue::String(_) => {}
    }
}

/// What stands for a float that isn't finite until its text is looked at: the text may be a number that floats can't hold.
fn not_finite() -> Number {
    Number::from_string_unchecked(".inf".to_owned())
}

/// The place of an error, which doesn't always know its byte.
fn error_span(file: &SourceFile, location: &Location) -> Span {
    let span = span_of(location);
    let text = file.text();
    let before: usize = text.split_inclusive('\n').take(span.line as usize - 1).map(str::len).sum();
    let line = text.get(before..).unwrap_or_default().split('\n').next().unwrap_or_default();
    let within = line.char_indices().nth(span.column as usize - 1).map_or(line.len(), |(at, _)| at);
    Span { start: before + within, end: (before + within).max(span.end), ..span }
}

fn span_of(location: &Location) -> Span {
    let span = location.span();
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    let start = span.byte_offset().unwrap_or(0) as usize;
    let end = start.saturating_add(span.byte_len().unwrap_or(0) as usize);
    Span { line: narrow(location.line()), column: narrow(location.column()), start, end }
}

struct Parsed(Node);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Bare>::deserialize(deserializer)?;
        Ok(Self(Node { span: span_of(&spanned.defined), value: spanned.value.0 }))
    }
}

struct Bare(NodeValue);

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor).map(Self)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = NodeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<NodeValue, E> {
        Ok(NodeValue::Null)
    }

    fn visit_none<E>(self) -> Result<NodeValue, E> {
        Ok(NodeValue::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<NodeValue, E> {
        Ok(NodeValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<NodeValue, E> {
        Ok(NodeValue::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<NodeValue, E> {
        Ok(NodeValue::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<NodeValue, E> {
        Ok(NodeValue::Number(Number::from_f64(value).unwrap_or_else(not_finite)))
    }

    fn visit_str<E>(self, value: &str) -> Result<NodeValue, E> {
        Ok(NodeValue::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<NodeValue, E> {
        Ok(NodeValue::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<NodeValue, A::Error> {
        let mut items = Vec::new();
        while let Some(Parsed(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(NodeValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NodeValue, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let Parsed(value) = map.next_value()?;
            entries.push(Entry { key: key.value, key_span: span_of(&key.defined), value });
        }
        Ok(NodeValue::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Result<Node, Diagnostics> {
        parse(&SourceFile::new("a.yaml", text))
    }

    fn refusal(text: &str) -> String {
        parsed(text).unwrap_err().iter().map(|one| format!("{}:{}: {}", one.line, one.column, one.message)).collect()
    }

    #[test]
    fn every_value_knows_its_place() {
        let node = parsed("a: 1\nlist:\n  - yes\n  - { b: \"ä\", c: null }\n").unwrap();
        assert_eq!(node.to_json(), json!({"a": 1, "list": ["yes", {"b": "ä", "c": null}]}));
        let inner = node.get("list").unwrap().items()[1].entry("b").unwrap();
        assert_eq!((inner.key_span.line, inner.key_span.column), (4, 7));
        assert_eq!((inner.value.span.line, inner.value.span.column), (4, 10));
    }

    #[test]
    fn numbers_as_keys_are_texts() {
        assert_eq!(parsed("{ 200: 1, rest: [400] }").unwrap().entries()[0].key, "200");
    }

    #[test]
    fn all_keys_given_twice_are_shown() {
        assert_eq!(
            refusal("a: 1\na: 2\nb: { c: 1, c: 2 }\n"),
            "2:1: the key `a` is given twice3:12: the key `c` is given twice"
        );
    }

    #[test]
    fn numbers_keep_the_digits_with_which_they_are_written() {
        for text in [
            "100000000000000000000",
            "340282366920938463463374607431768211455",
            "99999999999999999.99",
            "1.50",
            "1e400",
            "1E4",
            "-0",
            "-0.0",
            "1e999999999",
        ] {
            let node = parsed(&format!("{{ a: &n {text}, b: *n, c: [{text}] }}")).unwrap();
            assert_eq!(node.to_json().to_string(), format!(r#"{{"a":{text},"b":{text},"c":[{text}]}}"#));
        }
        assert_eq!(parsed("a: +1.50").unwrap().to_json().to_string(), r#"{"a":1.50}"#);
        assert_eq!(parsed("[0x1F, .5]").unwrap().to_json().to_string(), "[31,0.5]");
    }

    #[test]
    fn what_json_cannot_write_is_no_number() {
        for text in [".inf", "-.inf", ".nan", "+.INF"] {
            assert_eq!(refusal(&format!("a: {text}")), "1:4: a number that JSON can't write", "{text}");
        }
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let refused = parsed(&text).unwrap_err();
        assert!(refused.iter().next().unwrap().line > 1, "{refused}");
    }

    #[test]
    fn deep_nesting_is_refused_at_its_place() {
        let refused = parsed(&"[".repeat(100_000)).unwrap_err();
        assert_eq!(refused.iter().next().unwrap().line, 1, "{refused}");
        let block: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(parsed(&block).is_err());
    }

    #[test]
    fn a_second_document_is_refused() {
        assert!(parsed("a: 1\n---\nb: 2\n").is_err());
    }

    #[test]
    fn syntax_errors_are_located() {
        insta::assert_snapshot!(parsed("a: 1\nb: [1, 2\nc: 3\n").unwrap_err(), @r##"
        error: a `:` that begins no value here
         --> a.yaml:3:2
          |
        3 | c: 3
          |  ^
          |
          = help: close the list or map before it
        "##);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[\\PC\\n \\[\\]{}:,&*!|>'\"-]{0,200}") {
            let _ = parsed(&text);
        }
    }
}
