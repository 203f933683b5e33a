//! The words of a violation: what a schema asks for and what is there, as short phrases for people.

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::secret::Secrets;

/// The most characters of a value's JSON in a phrase.
const MOST: usize = 80;

/// What is there: `the number 12`, `nothing`, `the string "abc"`.
pub(super) fn observed(value: &Value, secrets: &Secrets) -> String {
    let shortened = |value: &Value| shortened(value, secrets);
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {}", shortened(&Value::Number(number.clone()))),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(text) => {
            let length = text.chars().count();
            let rendered = shortened(value);
            if length <= MOST { format!("the string {rendered}") } else { format!("{rendered}, {length} characters") }
        }
        Value::Array(items) => format!("an array of {}: {}", counted(items.len(), "item"), shortened(value)),
        Value::Object(fields) => format!("an object of {}: {}", counted(fields.len(), "field"), shortened(value)),
    }
}

/// What a schema asks for: `a string of at most 128 characters`.
pub(super) fn expected(kind: &Kind, secrets: &Secrets) -> String {
    let shortened = |value: &Value| shortened(value, secrets);
    match kind {
        Kind::Type { kind: TypeKind::Single(kind) } => with_article(*kind).to_owned(),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            kinds.iter().map(with_article).collect::<Vec<_>>().join(" or ")
        }
        Kind::Required { property } => format!("a field {}", shortened(property)),
        Kind::Enum { options } => match options.as_ref() {
            Value::Array(options) if options.len() > 1 => {
                format!("one of {}", options.iter().map(&shortened).collect::<Vec<_>>().join(", "))
            }
            Value::Array(options) => options.iter().map(&shortened).collect(),
            other => shortened(other),
        },
        Kind::Constant { expected_value } => shortened(expected_value),
        Kind::MinLength { limit } => format!("a string of at least {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("a string of at most {}", counted(*limit, "character")),
        Kind::Pattern { pattern } => format!("a string that matches {}", secrets.mask(pattern).short(MOST * 4 + 1)),
        Kind::Format { format } => format!("a string in the format {format}"),
        Kind::Minimum { limit } => format!("a number of at least {}", shortened(limit)),
        Kind::Maximum { limit } => format!("a number of at most {}", shortened(limit)),
        Kind::ExclusiveMinimum { limit } => format!("a number over {}", shortened(limit)),
        Kind::ExclusiveMaximum { limit } => format!("a number under {}", shortened(limit)),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinItems { limit } => format!("an array of at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("an array of at most {}", counted(*limit, "item")),
        Kind::UniqueItems => "an array without equal items".to_owned(),
        Kind::Contains => "an array with as many items of the documented kind as `contains` asks for".to_owned(),
        Kind::MinProperties { limit } => format!("an object of at least {}", counted(*limit, "field")),
        Kind::MaxProperties { limit } => format!("an object of at most {}", counted(*limit, "field")),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("an object without {}", listed(unexpected, secrets))
        }
        Kind::AdditionalItems { limit } => format!("an array of at most {}", counted(*limit, "item")),
        Kind::UnevaluatedItems { .. } => "an array without undocumented items".to_owned(),
        Kind::PropertyNames { error } => {
            format!("an object with each field's name {}", expected(error.kind(), secrets))
        }
        Kind::FalseSchema => "nothing".to_owned(),
        Kind::Not { schema } => format!("anything but what is {}", shortened(schema)),
        // What `alternatives` says of `anyOf` and `oneOf`, and `pattern_keyword` of a pattern.
        Kind::Custom { message, .. } => secrets.mask(message).short(MOST * 4 + 24).into_owned(),
        other => format!("a value that satisfies `{}`", other.keyword()),
    }
}

/// One of these texts, the first few of them.
pub(super) fn one_of(values: &[String], secrets: &Secrets) -> String {
    let shown = values.iter().take(8).map(|value| shortened(&Value::from(value.as_str()), secrets));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match values.len() {
        1 => shown,
        count @ 9.. => format!("one of {shown} and {} more", count - 8),
        _ => format!("one of {shown}"),
    }
}

fn with_article(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// At most three names, the rest counted.
fn listed(names: &[String], secrets: &Secrets) -> String {
    let name = |name: &String| format!("`{}`", secrets.mask(name).short(MOST / 2 + 1));
    let mut text = names.iter().take(3).map(name).collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(3) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A value's JSON, shortened.
fn shortened(value: &Value, secrets: &Secrets) -> String {
    secrets.shown(value, MOST + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_short_value_is_shown_whole() {
        let cases = [
            (json!(null), "null"),
            (json!(true), "true"),
            (json!(12), "the number 12"),
            (json!(""), "an empty string"),
            (json!("a\"b\n"), r#"the string "a\"b\n""#),
            (json!([1]), "an array of 1 item: [1]"),
            (json!({"a": 1, "b": 2}), r#"an object of 2 fields: {"a":1,"b":2}"#),
        ];
        for (value, phrase) in cases {
            assert_eq!(observed(&value, &Secrets::new()), phrase);
        }
    }

    #[test]
    fn a_long_string_is_cut_and_its_length_told() {
        let phrase = observed(&json!("ä".repeat(513)), &Secrets::new());
        assert_eq!(phrase, format!("\"{}…, 513 characters", "ä".repeat(MOST - 1)));
    }

    #[test]
    fn a_huge_value_is_not_rendered_whole() {
        let phrase = observed(&json!(vec![7; 100_000]), &Secrets::new());
        assert!(phrase.starts_with("an array of 100000 items: [7,7"), "{phrase}");
        assert!(phrase.chars().count() < 200);
    }
}
