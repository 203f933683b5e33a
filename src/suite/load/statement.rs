//! Statements on single values.

use super::super::statement::{JsonType, Length, Place, Predicate, ReadingShown, Statement, ValueReading};
use super::super::template::Text;
use super::reader::{Names, Reader};
use crate::source::{Entry, Node};

/// A list of statements; `names` are those of the step, to which the exchange being judged is added.
pub(super) fn statements(reader: &mut Reader<'_>, node: Option<&Node>, names: &Names) -> Vec<Statement> {
    let names = names.judging();
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| statement(reader, item, &names)).collect()
}

fn statement(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Statement> {
    let clause = node.get("clause").and_then(|clause| reader.clause(clause));
    let at = node.get("at").and_then(|at| reader.place(at));
    let when = reader.condition_at(node, "when", names);
    let mut predicates = Vec::new();
    let optional = node.get("optional").and_then(Node::as_bool).unwrap_or(false);
    let mut said = false;
    let about = |key: &str| matches!(key, "clause" | "at" | "when" | "optional");
    for entry in node.entries().iter().filter(|entry| !about(&entry.key)) {
        said = true;
        predicates.extend(predicate(reader, &entry.key, &entry.value, names));
    }
    if !said && !node.entries().is_empty() {
        reader
            .report(node.span, "the statement says nothing")
            .hint("add `present`, `equals`, `one_of`, `matches`, `type`, `time`, …");
    }
    if let (true, Some(entry)) = (optional, node.entry("present").filter(|entry| entry.value.as_bool() == Some(true))) {
        reader.report(entry.key_span, "what has to be present is not optional");
    }
    let (file, line) = (reader.name.to_owned(), node.span.line);
    Some(Statement { clause: clause?, at: at?, predicates, when, optional, file, line })
}

fn predicate(reader: &mut Reader<'_>, key: &str, node: &Node, names: &Names) -> Option<Predicate> {
    match key {
        "present" => node.as_bool().map(Predicate::Present),
        "equals" => Some(Predicate::Equals(reader.tree(node, names).folded())),
        "not_equals" => Some(Predicate::NotEquals(reader.tree(node, names).folded())),
        "one_of" => one_of(reader, node, names),
        "matches" => reader.pattern(node).map(Predicate::Matches),
        "type" => {
            let word = node.as_str()?;
            JsonType::ALL.into_iter().find(|kind| kind.name() == word).map(Predicate::Type)
        }
        "length" => length(reader, node).map(Predicate::Length),
        "sha256" => sha256(reader, node, names).map(Predicate::Sha256),
        "time" => Some(Predicate::Time { utc: node.as_str()? == "utc" }),
        "near_now" => node.as_u64().map(|seconds| Predicate::NearNow { seconds }),
        "not_before" => match reader.place(node)? {
            Place::Status => {
                reader.report(node.span, "a status is no time");
                None
            }
            place => Some(Predicate::NotBefore(place)),
        },
        "readings" => {
            let mut reading = |entry: &Entry| {
                let shown = match entry.value.entries() {
                    [only] if only.key == "matches" => reader.pattern(&only.value).map(ReadingShown::Matching),
                    _ => Some(ReadingShown::By(reader.tree(&entry.value, names).folded())),
                };
                Some(ValueReading { name: entry.key.clone(), shown: shown? })
            };
            Some(Predicate::Readings(node.entries().iter().filter_map(&mut reading).collect()))
        }
        _ => None,
    }
}

/// A number, or a range.
fn length(reader: &mut Reader<'_>, node: &Node) -> Option<Length> {
    if let Some(exactly) = node.as_u64() {
        return Some(Length { min: exactly, max: Some(exactly) });
    }
    let (min, max) = (node.get("min").and_then(Node::as_u64), node.get("max").and_then(Node::as_u64));
    if min.is_none() && max.is_none() {
        return None;
    }
    let length = Length { min: min.unwrap_or(0), max };
    if length.max.is_some_and(|max| max < length.min) {
        reader.report(node.span, "nothing is that long: `max` is less than `min`");
    }
    Some(length)
}

/// 64 hexadecimal digits, or a template that gives them.
fn sha256(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Text> {
    let text = reader.text(node, names)?;
    let written = node.scalar_text()?;
    if text.is_literal() && !(written.len() == 64 && written.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        reader.report(node.span, "a SHA-256 digest is 64 hexadecimal digits");
        return None;
    }
    Some(text)
}

/// A list, or a single template that gives one.
fn one_of(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Predicate> {
    let tree = reader.tree(node, names);
    if node.as_str().is_some_and(|text| !text.contains("{{")) {
        reader.report(node.span, "`one_of` is a list, or a template that gives one");
        return None;
    }
    Some(Predicate::OneOf(tree.folded()))
}
