//! Where in answers secrets are.

use std::fmt;

use serde_json::Value as Json;

use crate::http::Response;
use crate::pointer::Pointer;

/// A place in the answers of an operation at which stands a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// What it is called: the name under which a case saves the answer, or the resource that it makes.
    pub name: String,
    /// The operation.
    pub operation: String,
    /// The place.
    pub place: TakenFrom,
}

/// A place in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenFrom {
    /// The value of the header of this name.
    Header(String),
    /// A text within the body.
    Body(Pointer),
}

impl TakenFrom {
    /// The text that is there; none where there is none, or several.
    pub fn text<'r>(&self, response: &'r Response) -> Option<&'r str> {
        match self {
            Self::Header(name) => {
                let mut values = response.all(name);
                values.next().filter(|value| !value.is_empty() && values.next().is_none())
            }
            Self::Body(pointer) => pointer.get(response.json().ok()?)?.as_str(),
        }
    }

    /// All texts and numbers that are there, or in what is there.
    pub fn texts(&self, response: &Response) -> Vec<String> {
        match self {
            Self::Header(name) => response.all(name).filter(|value| !value.is_empty()).map(str::to_owned).collect(),
            Self::Body(pointer) => {
                let value = response.json().ok().and_then(|body| pointer.get(body));
                value.map(leaves).unwrap_or_default()
            }
        }
    }
}

impl fmt::Display for TakenFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "/headers/{name}"),
            Self::Body(pointer) => write!(f, "/body{pointer}"),
        }
    }
}

/// The texts and numbers of a value, whose depth the reader has bounded.
fn leaves(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) => vec![text.clone()],
        Json::Number(number) => vec![number.to_string()],
        Json::Array(items) => items.iter().flat_map(leaves).collect(),
        Json::Object(members) => members.values().flat_map(leaves).collect(),
        Json::Null | Json::Bool(_) => Vec::new(),
    }
}
