//! The values at a place of an answer: none, one, or with `*` in the place as many as there are items.

use std::borrow::Cow;

use serde_json::Value;

use crate::http::Response;
use crate::pointer;
use crate::suite;
use crate::verdict::Place;

/// What stands for every item, or every member, in a place.
const EVERY: &str = "*";

/// One place of an answer, with what is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'r> {
    /// The place, without `*` but where there was nothing to go into.
    pub place: Place,
    /// What is there; none where nothing is.
    pub value: Option<Cow<'r, Value>>,
    /// What each `*` stands for here, in order.
    pub keys: Vec<String>,
}

/// What is at a place of an answer: at least one, which may have no value.
pub fn found<'r>(place: &suite::Place, response: &'r Response) -> Vec<Found<'r>> {
    let one = |place, value| vec![Found { place, value, keys: Vec::new() }];
    match place {
        suite::Place::Status => one(Place::Status, Some(Cow::Owned(response.status.into()))),
        suite::Place::Header(name) => {
            let value = response.header(name).map(|value| Cow::Owned(value.into()));
            one(Place::Header(name.clone()), value)
        }
        suite::Place::Body(pointer) if pointer.tokens().is_empty() => one(Place::BODY, whole_body(response)),
        suite::Place::Body(pointer) => {
            let mut all = Vec::new();
            let body = response.json().ok();
            collect(body, pointer.tokens(), String::new(), &mut Vec::new(), &mut all);
            all
        }
    }
}

/// The same place with every `*` in it replaced by what it stands for.
pub(super) fn with_keys(place: &suite::Place, keys: &[String]) -> suite::Place {
    let suite::Place::Body(pointer) = place else { return place.clone() };
    let mut keys = keys.iter();
    let token = |token: &String| match token.as_str() {
        EVERY => keys.next().unwrap_or(token).clone(),
        _ => token.clone(),
    };
    suite::Place::Body(pointer.tokens().iter().map(token).collect())
}

/// The body as a value: JSON where it is, else text; none where there is nothing. Bytes that are no text stand as such text
/// as they can be.
fn whole_body(response: &Response) -> Option<Cow<'_, Value>> {
    match response.json() {
        Ok(value) => Some(Cow::Borrowed(value)),
        Err(_) if response.body.is_empty() => None,
        Err(_) => Some(Cow::Owned(String::from_utf8_lossy(&response.body).into())),
    }
}

fn collect<'r>(
    value: Option<&'r Value>,
    tokens: &[String],
    at: String,
    keys: &mut Vec<String>,
    all: &mut Vec<Found<'r>>,
) {
    let Some((token, rest)) = tokens.split_first() else {
        let value = value.map(Cow::Borrowed);
        return all.push(Found { place: Place::Body(at), value, keys: keys.clone() });
    };
    let items: Vec<(String, &Value)> = match value {
        Some(Value::Array(items)) if token == EVERY => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        Some(Value::Object(members)) if token == EVERY => {
            members.iter().map(|(key, member)| (key.clone(), member)).collect()
        }
        _ => Vec::new(),
    };
    if token == EVERY && !items.is_empty() {
        for (key, item) in items {
            let at = pointer::join(&at, &key);
            keys.push(key);
            collect(Some(item), rest, at, keys, all);
            keys.pop();
        }
        return;
    }
    let next = value.filter(|_| token != EVERY).and_then(|value| pointer::child(value, token));
    let at = pointer::join(&at, token);
    match next {
        Some(_) => collect(next, rest, at, keys, all),
        None => {
            let place = rest.iter().fold(at, |at, token| pointer::join(&at, token));
            all.push(Found { place: Place::Body(place), value: None, keys: keys.clone() });
        }
    }
}
