//! What varies in an answer, by the places that the suite names.

use serde_json::Value;

use crate::http::Response;
use crate::pointer;
use crate::suite::{Place, Redaction};

/// A value that varies, found in an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VaryingValue<'a> {
    /// The number of the redaction in the list.
    pub(super) redaction: usize,
    /// What its placeholder is called.
    pub(super) name: &'a str,
    /// Whether different values get different placeholders.
    pub(super) numbered: bool,
    /// The value's place: `/headers/x` or `/body/a/0`.
    pub(super) place: String,
    /// The value as text; a JSON text where it isn't a string.
    pub(super) text: String,
}

/// Everything in an answer that varies, in the order of the redactions.
pub(super) fn varying<'a>(redactions: &[&'a Redaction], response: &Response) -> Vec<VaryingValue<'a>> {
    let mut found = Vec::new();
    for (number, redaction) in redactions.iter().enumerate() {
        let mut add = |place: String, text: String| {
            found.push(VaryingValue {
                redaction: number,
                name: &redaction.name,
                numbered: redaction.numbered,
                place,
                text,
            });
        };
        for at in &redaction.at {
            match at {
                Place::Status => {}
                Place::Header(name) | Place::Field(name, _) => {
                    let values = response.headers.iter().filter(|(header, _)| header == name);
                    let at = Place::Header(name.clone()).to_string();
                    values.for_each(|(_, value)| add(at.clone(), value.clone()));
                }
                Place::Body(pointer) => {
                    if let Ok(body) = response.json() {
                        let mut places = Vec::new();
                        walk(body, pointer.tokens(), "/body".to_owned(), &mut places);
                        places.into_iter().for_each(|(place, value)| add(place, text_of(value)));
                    }
                }
            }
        }
    }
    found
}

/// A string as it is, anything else as JSON.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every value that a pointer leads to, in which `*` is any item or member; null is no value that varies.
fn walk<'v>(value: &'v Value, tokens: &[String], place: String, found: &mut Vec<(String, &'v Value)>) {
    let Some((first, rest)) = tokens.split_first() else {
        if !value.is_null() {
            found.push((place, value));
        }
        return;
    };
    let fits = |name: &str| first == "*" || first == name;
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| fits(name)) {
                walk(member, rest, pointer::join(&place, name), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let index = index.to_string();
                if fits(&index) {
                    walk(item, rest, pointer::join(&place, &index), found);
                }
            }
        }
        _ => {}
    }
}
