//! The values at a place of an answer: none, one, or with `*` in the place as many as there are items.

use std::borrow::Cow;

use serde_json::Value;

use crate::http::Response;
use crate::pointer;
use crate::suite::{self, EVERY};
use crate::verdict::Place;

/// One place of an answer, with what is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'r> {
    exact: Exact<'r>,
    /// What is there; none where nothing is.
    pub value: Option<Cow<'r, Value>>,
    /// What each `*` stands for here, in order.
    pub keys: Vec<String>,
}

/// Which place it is, exactly.
#[derive(Debug, Clone, PartialEq)]
enum Exact<'r> {
    /// As the suite has it.
    AsWritten(&'r suite::Place),
    /// The header field of this name with this number.
    Field(&'r str, String),
    /// In the body, at this pointer.
    Body(String),
}

impl Found<'_> {
    /// The place, without `*` but where there was nothing to go into.
    pub fn place(&self) -> Place {
        match &self.exact {
            Exact::AsWritten(suite::Place::Status) => Place::Status,
            Exact::AsWritten(suite::Place::Header(name)) => Place::Header(name.clone()),
            Exact::AsWritten(suite::Place::Field(name, number)) => Place::Header(format!("{name}/{number}")),
            Exact::Field(name, number) => Place::Header(format!("{name}/{number}")),
            Exact::AsWritten(suite::Place::Body(pointer)) => Place::Body(pointer.to_string()),
            Exact::Body(pointer) => Place::Body(pointer.clone()),
        }
    }

    /// Whether it is the whole body.
    pub(super) fn is_body(&self) -> bool {
        matches!(&self.exact, Exact::AsWritten(suite::Place::Body(pointer)) if pointer.tokens().is_empty())
    }
}

/// What is at a place of an answer: at least one, which may have no value.
pub fn found<'r>(place: &'r suite::Place, response: &'r Response) -> Vec<Found<'r>> {
    let one = |value| vec![Found { exact: Exact::AsWritten(place), value, keys: Vec::new() }];
    match place {
        suite::Place::Status => one(Some(Cow::Owned(response.status.into()))),
        suite::Place::Header(name) => one(response.header(name).map(|value| Cow::Owned(value.into()))),
        suite::Place::Field(name, number) if number == EVERY && response.header(name).is_some() => {
            let field = |(number, value): (usize, &'r str)| {
                let number = number.to_string();
                let value = Some(Cow::Owned(value.into()));
                Found { exact: Exact::Field(name, number.clone()), value, keys: vec![number] }
            };
            response.all(name).enumerate().map(field).collect()
        }
        suite::Place::Field(name, number) => {
            let value = number.parse().ok().and_then(|number| response.all(name).nth(number));
            one(value.map(|value| Cow::Owned(value.into())))
        }
        suite::Place::Body(pointer) if pointer.tokens().is_empty() => one(whole_body(response)),
        suite::Place::Body(pointer) if pointer.tokens().iter().all(|token| token != EVERY) => {
            one(response.json().ok().and_then(|body| pointer.get(body)).map(Cow::Borrowed))
        }
        suite::Place::Body(pointer) => {
            let mut all = Vec::new();
            let body = response.json().ok();
            collect(body, pointer.tokens(), String::new(), &mut Vec::new(), &mut all);
            all
        }
    }
}

/// The same place with every `*` in it replaced by what it stands for.
pub(super) fn with_keys<'p>(place: &'p suite::Place, keys: &[String]) -> Cow<'p, suite::Place> {
    if keys.is_empty() {
        return Cow::Borrowed(place);
    }
    let pointer = match (place, keys) {
        (suite::Place::Body(pointer), _) => pointer,
        (suite::Place::Field(name, number), [key, ..]) if number == EVERY => {
            return Cow::Owned(suite::Place::Field(name.clone(), key.clone()));
        }
        _ => return Cow::Borrowed(place),
    };
    let mut keys = keys.iter();
    let token = |token: &String| match token.as_str() {
        EVERY => keys.next().unwrap_or(token).clone(),
        _ => token.clone(),
    };
    Cow::Owned(suite::Place::Body(pointer.tokens().iter().map(token).collect()))
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
        return all.push(Found { exact: Exact::Body(at), value, keys: keys.clone() });
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
            all.push(Found { exact: Exact::Body(place), value: None, keys: keys.clone() });
        }
    }
}
