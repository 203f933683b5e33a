//! What lenient servers make of a request that they ought to refuse.

use serde_json::{Map, Value};

use crate::reference::cause::Cause;
use crate::reference::reply::{AnswerContext, connection_json};
use crate::reference::request::Request;
use crate::reference::stamp;
use crate::reference::store::Connection;

/// The connection that a refused request would have made.
pub(super) fn imagined(moment: &AnswerContext<'_>) -> Value {
    let text = |member| moment.request.text(member);
    connection_json(&Connection {
        id: stamp::uuid(),
        name: text("name").unwrap_or_default(),
        description: text("description"),
        vpc_id: text("vpc_id").unwrap_or_default(),
        subnet_id: text("subnet_id").unwrap_or_default(),
        created: stamp::now(),
    })
}

/// Puts a member that lacks in from the query.
pub(super) fn from_query(members: &mut Map<String, Value>, request: &Request, member: &str) -> Result<(), Cause> {
    if let Some(value) = request.query_text(member) {
        members.entry(member).or_insert_with(|| value.into());
    }
    Ok(())
}

/// Lets a member be spelt with another key.
pub(super) fn another_key(members: &mut Map<String, Value>, member: &str, key: &str) -> Result<(), Cause> {
    if let Some(value) = members.remove(key) {
        members.entry(member).or_insert(value);
    }
    Ok(())
}

/// The text of a JSON string, and of other values as far as `also` says so.
pub(super) fn any_text(value: &Value, also: fn(&Value) -> bool) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        value if also(value) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn number_text(value: &Value) -> Option<String> {
    any_text(value, Value::is_number)
}

pub(super) fn bool_text(value: &Value) -> Option<String> {
    any_text(value, Value::is_boolean)
}

/// The first text in an array; one that is made up where there is none.
pub(super) fn array_text(value: &Value) -> Option<String> {
    match value.as_array() {
        Some(values) => Some(values.iter().find_map(Value::as_str).map_or_else(stamp::uuid, str::to_owned)),
        None => any_text(value, Value::is_string),
    }
}

/// A text that is made up for an object.
pub(super) fn object_text(value: &Value) -> Option<String> {
    if value.is_object() { Some(stamp::uuid()) } else { any_text(value, Value::is_string) }
}

/// A valid body that nobody sent.
pub(super) fn made_up() -> Map<String, Value> {
    let members = [("name", stamp::uuid()), ("vpc_id", stamp::uuid()), ("subnet_id", stamp::uuid())];
    members.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}
