//! The words that correct answers hold: what the document names and enumerates.

use serde_json::Value;

/// Whether a text, in any letter case, is in a key of the document or in a value that it allows.
pub(super) fn names(document: &Value, text: &str) -> bool {
    let text = text.to_lowercase();
    let is_in = |word: &str| word.to_lowercase().contains(&text);
    let mut open = vec![(document, false)];
    while let Some((value, is_allowed)) = open.pop() {
        let is_found = match value {
            Value::String(word) => is_allowed && is_in(word),
            Value::Array(items) => {
                open.extend(items.iter().map(|item| (item, is_allowed)));
                false
            }
            Value::Object(members) => {
                let is_value = |key: &str| is_allowed || matches!(key, "enum" | "const");
                open.extend(members.iter().map(|(key, value)| (value, is_value(key))));
                members.keys().any(|key| is_in(key))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        };
        if is_found {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::names;

    #[test]
    fn a_document_names_its_keys_and_the_values_that_it_allows_and_not_what_it_tells() {
        let document = json!({
            "paths": { "/v1/connections": { "description": "of a telephone" } },
            "schema": { "enum": ["available", ["nested-value"]], "properties": { "const": { "const": "constant" } } },
        });
        for word in ["connections", "CONNECT", "available", "nested-value", "constant"] {
            assert!(names(&document, word), "{word}");
        }
        for word in ["telephone", "connections/"] {
            assert!(!names(&document, word), "{word}");
        }
    }
}
