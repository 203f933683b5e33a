//! What came in, before anything has judged it, and what a connection remembers of earlier requests.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::cause::Cause;

/// One request as it arrived.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent, without the query.
    pub path: String,
    /// What follows the question mark, or nothing.
    pub query: String,
    /// The headers; names in lower case.
    pub headers: HeaderMap,
    /// The names of the headers as they were spelt on the wire. Only the raw transport knows them.
    pub header_spellings: Vec<String>,
    /// Whether the request before it on the same connection was not refused. No correct rule asks for it.
    pub after_accepted: bool,
    /// The body, of at most [`super::body::LIMIT`] bytes.
    pub body: Vec<u8>,
    /// Whether the body was longer than that; `body` then holds its beginning.
    pub too_large: bool,
}

impl Request {
    /// The first value of a header, or nothing where it is absent.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(axum::http::HeaderValue::as_bytes)
    }

    /// The token as sent; empty where there is none.
    pub fn token(&self) -> &[u8] {
        self.header("x-auth-token").unwrap_or_default()
    }

    /// Whether the body came in a transfer coding.
    pub fn is_in_chunks(&self) -> bool {
        self.header("transfer-encoding").is_some()
    }

    /// The value of a query parameter as it was sent, not decoded.
    pub fn query_text(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(held, _)| *held == name).map(|(_, value)| value.to_owned())
    }

    /// The body's members where it is a JSON object, for faults that look before they judge.
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body's member of that name, as text, where it is text.
    pub fn text(&self, member: &str) -> Option<String> {
        self.members().get(member).and_then(Value::as_str).map(str::to_owned)
    }
}

/// What a connection remembers between two requests. The correct server never looks at it.
#[derive(Debug, Default, Clone)]
pub(super) struct ConnectionHistory {
    /// How many requests came before this one on the same connection.
    pub turns: usize,
    /// Why the previous one was refused, if it was.
    pub refused: Option<Cause>,
    /// The members of the previous request's body.
    pub members: Map<String, Value>,
    /// Whether the previous request's body came in chunks.
    pub in_chunks: bool,
}

/// One client's connection.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<ConnectionHistory>);

impl Session {
    /// What happened so far.
    pub fn past(&self) -> ConnectionHistory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there was a request before, and it was not refused.
    pub fn after_accepted(&self) -> bool {
        let past = self.past();
        past.turns > 0 && past.refused.is_none()
    }

    /// Adds one request to it.
    pub fn remember(&self, refused: Option<Cause>, request: &Request) {
        let (members, in_chunks) = (request.members(), request.is_in_chunks());
        let mut past = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *past = ConnectionHistory { turns: past.turns + 1, refused, members, in_chunks };
    }
}
