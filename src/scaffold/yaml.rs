//! Values as YAML that people edit: short ones on one line, others a member a line. Texts are quoted as JSON has it, which YAML
//! reads alike.

use serde_json::Value;

/// The most characters of a value on one line.
const WIDTH: usize = 100;
/// Words that YAML 1.1 or 1.2 reads as something else than a text.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// What stands behind `key:` at this indent: a space and one line, or lines of their own.
pub(super) fn value(value: &Value, indent: usize) -> String {
    let line = flow(value);
    if line.chars().count() + indent <= WIDTH {
        return format!(" {line}");
    }
    let before = format!("\n{}", " ".repeat(indent + 2));
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| format!("{before}{}:{}", key(name), self::value(member, indent + 2)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| format!("{before}-{}", self::value(item, indent + 2))).collect(),
        _ => format!(" {line}"),
    }
}

/// A value on one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, member)| format!("{}: {}", key(name), flow(member))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A key, quoted where it has to be.
pub(super) fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !WORDS.contains(&name.to_ascii_lowercase().as_str());
    if is_plain { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in Value::from(text).to_string().chars() {
        match c {
            // JSON lets these stand, YAML doesn't.
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::{SourceFile, parse};

    #[test]
    fn every_value_is_read_as_it_was_written() {
        let long: Vec<String> = (0..40).map(|number| format!("text {number}: {{ a, b }} # no")).collect();
        let odd = json!({
            "yes": "no", "null": null, "a b": "~", "": "", "-": "- x", "n": 1.5, "{{ x }}": "{{ unique(3) }}",
            "lines": "a\nb\t\u{7f}\u{85}\u{2028}\u{feff}\"\\é😀", "long": long, "deep": [{ "a": [], "b": {} }, [long]],
        });
        let written = format!("a:{}\n", value(&odd, 0));
        let node = parse(&SourceFile::new("a.yaml", written.as_str())).unwrap();
        assert_eq!(node.get("a").unwrap().to_json(), odd, "{written}");
        assert!(written.lines().count() > 40);
    }
}
