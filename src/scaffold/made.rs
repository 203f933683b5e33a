//! A value that is made for a request.

use serde_json::{Map, Value};

/// A value as a suite writes it, with templates, and an example of what these come to, by which it is held against schemas.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) sample: Value,
    pub(super) written: Value,
}

impl Made {
    /// A value that is the same each time.
    pub(super) fn fixed(value: Value) -> Self {
        Self { written: escaped(&value), sample: value }
    }

    /// A template, and an example of what it comes to.
    pub(super) fn template(written: impl Into<String>, sample: impl Into<String>) -> Self {
        Self { written: Value::String(written.into()), sample: Value::String(sample.into()) }
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        let (sample, written) = items.into_iter().map(|made| (made.sample, made.written)).unzip();
        Self { sample: Value::Array(sample), written: Value::Array(written) }
    }

    pub(super) fn object(members: Vec<(String, Self)>) -> Self {
        let (mut sample, mut written) = (Map::new(), Map::new());
        for (name, made) in members {
            sample.insert(name.clone(), made.sample);
            written.insert(name, made.written);
        }
        Self { sample: Value::Object(sample), written: Value::Object(written) }
    }

    /// The same with another member.
    pub(super) fn with(mut self, name: &str, member: Self) -> Self {
        if let (Value::Object(sample), Value::Object(written)) = (&mut self.sample, &mut self.written) {
            sample.insert(name.to_owned(), member.sample);
            written.insert(name.to_owned(), member.written);
        }
        self
    }
}

/// A value whose texts are no templates.
fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(literal(text)),
        Value::Array(items) => items.iter().map(escaped).collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), escaped(member))).collect(),
        scalar => scalar.clone(),
    }
}

/// A text as a template that comes to it.
pub(super) fn literal(text: &str) -> String {
    text.replace("{{", r#"{{ "{{" }}"#)
}
