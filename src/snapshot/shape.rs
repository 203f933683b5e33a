//! The shape of a value: its type and, for a text, the form that it is recognised to have.

use serde_json::{Map, Value};

use crate::suite::TextForm;

/// The form of a text: one that any API may have, or the first that fits of the suite's own; what fits none is text.
pub(super) fn form<'f>(text: &str, own: &'f [TextForm]) -> &'f str {
    match text {
        text if is_uuid(text) => "uuid",
        text if is_utc_time(text) => "utc time",
        text => own.iter().find(|form| form.pattern.is_match(text) == Ok(true)).map_or("text", |form| &form.name),
    }
}

/// The value with every leaf replaced by its type and form. A list is the shapes of its items, each once.
pub(super) fn of(value: &Value, own: &[TextForm]) -> Value {
    let leaf = |name: &str| Value::String(format!("<{name}>"));
    match value {
        Value::Null => leaf("null"),
        Value::Bool(_) => leaf("boolean"),
        Value::Number(number) => leaf(if number.as_str().contains(['.', 'e', 'E']) { "number" } else { "integer" }),
        Value::String(text) => leaf(form(text, own)),
        Value::Array(items) => {
            let mut shapes: Vec<Value> = Vec::new();
            for shape in items.iter().map(|item| of(item, own)) {
                if !shapes.contains(&shape) {
                    shapes.push(shape);
                }
            }
            Value::Array(shapes)
        }
        Value::Object(members) => {
            let member = |(name, member): (&String, &Value)| (name.clone(), of(member, own));
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A date and a time of day, in UTC or without a zone.
pub(super) fn is_utc_time(text: &str) -> bool {
    let rest = text.trim_end_matches(['Z', 'z']);
    let rest = rest.strip_suffix("+00:00").unwrap_or(rest);
    let (day, time) = rest.split_at_checked("2021-12-09".len()).unwrap_or_default();
    let digits = |text: &str, also: &[u8]| text.bytes().all(|byte| byte.is_ascii_digit() || also.contains(&byte));
    let shaped =
        time.len() >= "T09:00:00".len() && digits(day, b"-") && digits(time.get(1..).unwrap_or_default(), b":.");
    shaped && rest.parse::<jiff::civil::DateTime>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn forms() -> Vec<TextForm> {
        crate::suite::Package::load(&crate::shipped::files(), &crate::check::ids()).unwrap().suite.snapshots.forms
    }

    #[test]
    fn every_form_is_recognised() {
        let forms = forms();
        for (text, name) in [
            ("dfd8b1a3-661c-432a-bc6e-84433e92f99a", "uuid"),
            ("ebe9df4d-b88d-43d8-90ce-efa953c56f0c-1795387952584-reference", "request id"),
            ("request_ebe9df4db88d43d890ceefa953c56f0c-1795387952584-host-7.example", "request id"),
            ("2021-12-09 09:00:00", "utc time"),
            ("2021-12-09T09:00:00.123Z", "utc time"),
            ("2021-12-09T09:00:00+00:00", "utc time"),
            ("EG.00014000", "code"),
            ("APIGW.0101", "code"),
            ("", "text"),
            ("2021-12-09", "text"),
            ("2021-12-09T09:00:00+08:00", "text"),
            ("CREATING", "text"),
            ("e.g. 1", "text"),
        ] {
            assert_eq!(form(text, &forms), name, "{text:?}");
        }
    }

    #[test]
    fn a_shape_has_no_value_left_and_each_kind_of_item_once() {
        let value = json!({ "a": [1, 2, "x", 3.5, null], "b": { "c": true }, "d": [] });
        let shape = json!({ "a": ["<integer>", "<text>", "<number>", "<null>"], "b": { "c": "<boolean>" }, "d": [] });
        assert_eq!(of(&value, &[]), shape);
    }
}
