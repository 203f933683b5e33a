//! What a derived clause says, in a sentence.

use serde_json::Value;

use super::rows::Row;

/// How much of a value is shown in a sentence, in characters.
const VALUE: usize = 80;

/// A sentence about something, with a value in it.
pub(super) fn sentence(row: &Row, what: &str, value: &Value) -> String {
    let value = if row.keyword == "type" { types_in_words(value) } else { in_words(value) };
    let told = row.says.split("{value}").map(|part| part.replace("{what}", what)).collect::<Vec<_>>().join(&value);
    let is_word = ["the ", "each ", "an ", "any ", "every ", "no ", "a "].iter().any(|word| told.starts_with(word));
    let mut letters = told.chars();
    match letters.next() {
        Some(first) if is_word => format!("{}{}.", first.to_ascii_uppercase(), letters.as_str()),
        _ => format!("{told}."),
    }
}

/// The types of JSON as parts of a sentence.
fn types_in_words(value: &Value) -> String {
    let one = |name: &str| match name {
        "null" => name.to_owned(),
        "integer" | "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    };
    let names = match value {
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(one).collect(),
        name => name.as_str().map(one).into_iter().collect::<Vec<_>>(),
    };
    listed(&names)
}

/// Words with "or" before the last.
fn listed(words: &[String]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}

/// A value as a part of a sentence.
fn in_words(value: &Value) -> String {
    let one = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = match value {
        Value::Array(items) => listed(&items.iter().map(one).collect::<Vec<_>>()),
        other => one(other),
    };
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
