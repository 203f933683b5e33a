//! JSON as values of the template engine, and back. The engine computes with integers of 128 bits and with floats; a number
//! that is neither keeps its text, so that it comes back digit for digit, and can't be computed with.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Object, ObjectRepr, ValueKind};
use minijinja::{Error, ErrorKind, Value};
use serde_json::{Map, Number, Value as Json};

use crate::number;

/// A number with more digits than the engine's numbers have.
#[derive(Debug)]
struct Digits(Number);

impl Object for Digits {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        // The engine has a zero of its own.
        true
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        other.downcast_ref::<Self>().map(|other| number::compare(&self.0, &other.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A JSON value for templates.
pub(super) fn template_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => template_number(number),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(template_value).collect(),
        Json::Object(members) => {
            Value::from_pairs(members.iter().map(|(name, member)| (name.as_str(), template_value(member))))
        }
    }
}

/// A number for templates.
pub(super) fn template_number(number: &Number) -> Value {
    let integer = || number.as_i128().map(Value::from).or_else(|| number.as_u128().map(Value::from));
    let float = || number.as_f64().filter(|float| is_exactly(number, *float)).map(Value::from);
    number
        .as_i64()
        .map(Value::from)
        .or_else(integer)
        .or_else(float)
        .unwrap_or_else(|| Value::from_object(Digits(number.clone())))
}

/// Whether a float, written in its shortest spelling, is this number.
fn is_exactly(number: &Number, float: f64) -> bool {
    Number::from_f64(float).is_some_and(|shortest| number::compare(number, &shortest).is_eq())
}

/// The text of a number that the engine takes for no number.
pub(super) fn digits(value: &Value) -> Option<&str> {
    value.downcast_object_ref::<Digits>().map(|digits| digits.0.as_str())
}

/// A template's value as JSON.
///
/// # Errors
/// What has no end, or can't be asked for its items.
pub(super) fn json(value: &Value) -> Result<Json, Error> {
    if let Some(Digits(number)) = value.downcast_object_ref() {
        return Ok(Json::Number(number.clone()));
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter()?.map(|item| json(&item)).collect::<Result<_, _>>().map(Json::Array)
        }
        ValueKind::Map => {
            let member = |key: Value| Ok((key.to_string(), json(&value.get_item(&key)?)?));
            value.try_iter()?.map(member).collect::<Result<Map<_, _>, Error>>().map(Json::Object)
        }
        _ => serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string())),
    }
}
