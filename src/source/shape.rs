//! Tables that say what may stand in a file: in suites, contracts, profiles and waivers. One walk over them finds everything
//! that is misspelt, missing or of the wrong kind; another makes the JSON Schema for editors ([`super::json_schema`]).
//!
//! Types with `serde` and `schemars` were tried instead. `serde` stops at the first mistake; of a short form beside a long
//! one it says only that the value fits no variant; it ignores ranges and takes a number for a text. A generated schema
//! finds all of these at once, but of a short form, and so of every key that may be left out, a validator says only that
//! the value fits no alternative. And what is read would still have to be turned into what is checked, key by key.

use super::diagnostic::Diagnostics;
use super::file::SourceFile;
use super::node::{Entry, Node, NodeValue};
use super::span::Span;
use super::suggest::did_you_mean;

/// A map with known keys.
#[derive(Debug)]
pub struct Object {
    /// What it is called, in messages and among the schema's `$defs`.
    pub name: &'static str,
    /// For people: what it is.
    pub doc: &'static str,
    /// The known keys.
    pub fields: &'static [Field],
    /// What other keys hold; `None`: there are no others.
    pub others: Option<Kind>,
}

/// A known key.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// For people: what it means.
    pub doc: &'static str,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Anything at all.
    Any,
    /// A text.
    Text,
    /// A text with something in it.
    NonEmpty,
    /// A text, a number or a truth value, used as text.
    Scalar,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// An integer, both ends included.
    Integer(i64, i64),
    /// One of these texts.
    Word(&'static [&'static str]),
    /// `null`.
    Null,
    /// A map with known keys.
    Object(&'static Object),
    /// The same, or a map whose `$ref` says where it stands instead.
    Reference(&'static Object),
    /// A map of names to values.
    Map(&'static Kind),
    /// A list, with the smallest number of its items.
    List(&'static Kind, usize),
    /// One of several, which differ in how YAML writes them.
    Either(&'static [Kind]),
}

impl Field {
    /// A key that may be left out.
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: false, doc }
    }

    /// A key that must be there.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: true, doc }
    }
}

impl Kind {
    /// For messages: `a text`, `a list of integers from 100 to 599`, …
    pub fn describe(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::NonEmpty => "a text that is not empty".to_owned(),
            Self::Scalar => "a text or a number".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Integer(min, max) => format!("an integer from {min} to {max}"),
            Self::Word([only]) => format!("`{only}`"),
            Self::Word([one, other]) => format!("`{one}` or `{other}`"),
            Self::Word(words) => format!("one of `{}`", words.join("`, `")),
            Self::Null => "null".to_owned(),
            Self::Object(_) | Self::Reference(_) | Self::Map(_) => "a map".to_owned(),
            Self::List(..) => "a list".to_owned(),
            Self::Either(kinds) => kinds.iter().map(Self::describe).collect::<Vec<_>>().join(", or "),
        }
    }

    /// Whether YAML writes such a value like this node.
    fn written_like(&self, node: &Node) -> bool {
        match (self, &node.value) {
            (Self::Any, _) | (Self::Bool, NodeValue::Bool(_)) | (Self::Null, NodeValue::Null) => true,
            (Self::Text | Self::NonEmpty | Self::Word(_), NodeValue::String(_)) => true,
            (Self::Scalar, NodeValue::String(_) | NodeValue::Number(_) | NodeValue::Bool(_)) => true,
            (Self::Number | Self::Integer(..), NodeValue::Number(_)) => true,
            (Self::Object(_) | Self::Reference(_) | Self::Map(_), NodeValue::Map(_)) => true,
            (Self::List(..), NodeValue::List(_)) => true,
            (Self::Either(kinds), _) => kinds.iter().any(|kind| kind.written_like(node)),
            _ => false,
        }
    }
}

/// Reports everything in a file's node that isn't as the table says.
pub fn check(node: &Node, kind: &Kind, file: &SourceFile, diagnostics: &mut Diagnostics) {
    check_part(node, kind, "the file", file, diagnostics);
}

/// The same for a part of a file; `name` is what messages call it.
pub fn check_part(node: &Node, kind: &Kind, name: &str, file: &SourceFile, diagnostics: &mut Diagnostics) {
    Checker { file, diagnostics, extensions: None }.value(node, kind, name);
}

/// The same for a document whose maps with known keys may have others that begin with `x-`: `extensions` gets those that no
/// table knows.
pub fn check_extensible(
    node: &Node,
    kind: &Kind,
    file: &SourceFile,
    diagnostics: &mut Diagnostics,
    extensions: &mut Diagnostics,
) {
    Checker { file, diagnostics, extensions: Some(extensions) }.value(node, kind, "the file");
}

struct Checker<'a> {
    file: &'a SourceFile,
    diagnostics: &'a mut Diagnostics,
    extensions: Option<&'a mut Diagnostics>,
}

impl Checker<'_> {
    fn value(&mut self, node: &Node, kind: &Kind, name: &str) {
        if !kind.written_like(node) {
            let message = format!("{name} must be {}, not {}", kind.describe(), node.kind());
            let report = self.diagnostics.report(self.file, node.span, message);
            if matches!((kind, &node.value), (Kind::Text | Kind::NonEmpty, NodeValue::Number(_) | NodeValue::Bool(_))) {
                report.hint("put it in quotes");
            }
            return;
        }
        match kind {
            Kind::Reference(_) if node.get("$ref").is_some() => {}
            Kind::Object(object) | Kind::Reference(object) => self.object(node, object),
            Kind::Map(kind) => self.map(node.entries(), kind),
            Kind::List(kind, at_least) => self.list(node, kind, *at_least, name),
            Kind::Either(kinds) => {
                if let Some(kind) = kinds.iter().find(|kind| kind.written_like(node)) {
                    self.value(node, kind, name);
                }
            }
            Kind::Integer(min, max) => {
                if node.as_i64().is_none_or(|number| !(*min..=*max).contains(&number)) {
                    self.report(node.span, format!("{name} must be {}", kind.describe()));
                }
            }
            Kind::Word(words) => self.word(node, words, name),
            Kind::NonEmpty if node.as_str().is_some_and(|text| text.trim().is_empty()) => {
                self.report(node.span, format!("{name} must be {}", kind.describe()));
            }
            Kind::NonEmpty => {}
            Kind::Any | Kind::Text | Kind::Scalar | Kind::Bool | Kind::Number | Kind::Null => {}
        }
    }

    fn word(&mut self, node: &Node, words: &'static [&'static str], name: &str) {
        let Some(word) = node.as_str().filter(|word| !words.contains(word)) else {
            return;
        };
        let message = format!("{name} must be {}, not `{word}`", Kind::Word(words).describe());
        let close = did_you_mean(word, words.iter().copied());
        let report = self.diagnostics.report(self.file, node.span, message);
        if let Some(close) = close {
            report.hint(format!("did you mean `{close}`?"));
        }
    }

    fn list(&mut self, node: &Node, kind: &Kind, at_least: usize, name: &str) {
        if node.items().len() < at_least {
            self.report(node.span, format!("{name} must hold at least {at_least} item{}", plural(at_least)));
        }
        for item in node.items() {
            self.value(item, kind, &format!("an item of {name}"));
        }
    }

    fn map(&mut self, entries: &[Entry], kind: &Kind) {
        for entry in entries {
            self.value(&entry.value, kind, &format!("`{}`", entry.key));
        }
    }

    fn object(&mut self, node: &Node, object: &Object) {
        for entry in node.entries() {
            match (object.fields.iter().find(|field| field.name == entry.key), &object.others) {
                (Some(field), _) => self.value(&entry.value, &field.kind, &format!("`{}`", field.name)),
                (None, _) if self.extensions.is_some() && entry.key.starts_with("x-") => self.extension(entry),
                (None, Some(kind)) => self.value(&entry.value, kind, &format!("`{}`", entry.key)),
                (None, None) => self.unknown(entry, object),
            }
        }
        for field in object.fields.iter().filter(|field| field.required && node.get(field.name).is_none()) {
            let meaning = if field.doc.is_empty() { String::new() } else { format!(": {}", field.doc) };
            self.report(node.span, format!("the {} lacks the key `{}`{meaning}", object.name, field.name));
        }
    }

    fn extension(&mut self, entry: &Entry) {
        if let Some(extensions) = &mut self.extensions {
            extensions.report(self.file, entry.key_span, format!("unknown extension `{}`", entry.key));
        }
    }

    fn unknown(&mut self, entry: &Entry, object: &Object) {
        let known = || object.fields.iter().map(|field| field.name);
        let hint = match did_you_mean(&entry.key, known()) {
            Some(close) => format!("did you mean `{close}`?"),
            None if entry.key.contains(' ') => "a text between braces ends at its first comma: quote it".to_owned(),
            None => format!("known keys: {}", known().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("unknown key `{}` in the {}", entry.key, object.name);
        self.diagnostics.report(self.file, entry.key_span, message).hint(hint);
    }

    fn report(&mut self, span: Span, message: String) {
        self.diagnostics.report(self.file, span, message);
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{json_schema, parse};

    static INNER: Object = Object {
        name: "inner",
        doc: "An inner thing.",
        fields: &[
            Field::required("of", Kind::Either(&[Kind::Text, Kind::List(&Kind::Text, 1)]), "whose"),
            Field::new("how", Kind::Word(&["slow", "fast"]), "the pace"),
            Field::new("often", Kind::Integer(1, 10), "how often"),
        ],
        others: None,
    };
    static OUTER: Object = Object {
        name: "outer",
        doc: "An outer thing.",
        fields: &[
            Field::required("inner", Kind::Object(&INNER), "the inner thing"),
            Field::new("names", Kind::Map(&Kind::Scalar), "names"),
        ],
        others: None,
    };

    fn refusal(text: &str) -> Diagnostics {
        let file = SourceFile::new("a.yaml", text);
        let mut diagnostics = Diagnostics::default();
        check(&parse(&file).unwrap(), &Kind::Object(&OUTER), &file, &mut diagnostics);
        diagnostics
    }

    #[test]
    fn what_is_as_the_table_says_passes() {
        assert!(refusal("inner: { of: [a], how: fast, often: 10 }\nnames: { a: 1, b: x }").is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_found_at_once() {
        let refused = refusal("inner: { fo: x, how: fats, often: 11 }\nnames: { a: [] }\nbanana: 1\n");
        insta::assert_snapshot!(refused, @r##"
        error: the inner lacks the key `of`: whose
         --> a.yaml:1:8
          |
        1 | inner: { fo: x, how: fats, often: 11 }
          |        ^

        error: unknown key `fo` in the inner
         --> a.yaml:1:10
          |
        1 | inner: { fo: x, how: fats, often: 11 }
          |          ^^
          |
          = help: did you mean `of`?

        error: `how` must be `slow` or `fast`, not `fats`
         --> a.yaml:1:22
          |
        1 | inner: { fo: x, how: fats, often: 11 }
          |                      ^^^^
          |
          = help: did you mean `fast`?

        error: `often` must be an integer from 1 to 10
         --> a.yaml:1:35
          |
        1 | inner: { fo: x, how: fats, often: 11 }
          |                                   ^^

        error: `a` must be a text or a number, not a list
         --> a.yaml:2:13
          |
        2 | names: { a: [] }
          |             ^

        error: unknown key `banana` in the outer
         --> a.yaml:3:1
          |
        3 | banana: 1
          | ^^^^^^
          |
          = help: known keys: inner, names
        "##);
    }

    #[test]
    fn a_text_that_a_comma_cuts_in_two_is_told_of_as_that() {
        let refused = refusal("inner: { of: x, how: fast, with a comma }\n").to_string();
        assert!(refused.contains("unknown key `with a comma` in the inner"), "{refused}");
        assert!(refused.contains("a text between braces ends at its first comma: quote it"), "{refused}");
    }

    #[test]
    fn the_schema_for_editors_refuses_what_the_check_refuses() {
        let schema = json_schema("Things", &[&OUTER]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = "inner: { of: [a], how: fast, often: 10 }\nnames: { a: 1, b: x }";
        let bad =
            ["inner: { of: [] }", "inner: { of: a, how: fats }", "inner: { of: a, often: 0 }", "inner: {of: a}\nx: 1"];
        let fits = |text: &str| validator.is_valid(&parse(&SourceFile::new("a", text)).unwrap().to_json());
        assert!(fits(good));
        for text in bad {
            assert!(!fits(text) && !refusal(text).is_empty(), "{text}");
        }
    }
}
