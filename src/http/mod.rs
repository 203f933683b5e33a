//! What goes over the wire: the request as sent, the answer as observed, and the client between them.
//!
//! Owns deadlines, caps and the words for what can go wrong with an answer. Knows nothing of contracts,
//! cases or verdicts.

mod check;
mod client;
mod curl;
mod dial;
mod json;
mod pool;
mod rate;
mod retry_after;
mod surrogate;
mod trouble;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

pub use check::{RequestError, check};
pub use client::{Client, ClientError, ClientOptions};
pub use curl::{Piece, curl_line, variable};
pub use json::{JsonDefect, parse_strictly, written};
pub use rate::{Rate, RateError};
pub use retry_after::retry_after;
pub use surrogate::spelt;

/// How header names are spelt on an HTTP/1.1 wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HeaderCase {
    /// `X-Auth-Token`, as documentation writes them.
    #[default]
    Title,
    /// `x-auth-token`.
    Lower,
}

impl HeaderCase {
    /// A fragment for people: how names are spelt.
    pub fn says(self) -> &'static str {
        match self {
            Self::Title => "as documented",
            Self::Lower => "in small letters",
        }
    }
}

/// Which connection a request travels on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ConnectionUse {
    /// Any idle connection of the run's pool, or a new one.
    #[default]
    Shared,
    /// A connection of its own, closed afterwards.
    Fresh,
}

/// A request, complete and rendered: exactly what is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method token, e.g. `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Header names and values; values of one name keep their order. `Host` and `Content-Length` are added by
    /// the client, and `Accept: */*` where no `Accept` is named.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends neither body nor `Content-Length`.
    pub body: Option<Bytes>,
    /// How the header names are spelt.
    pub header_case: HeaderCase,
    /// Which connection is used.
    pub connection: ConnectionUse,
}

impl Request {
    /// The values of one header, in order; the name is compared without regard to case.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2.0`, …
    pub version: String,
    /// Header names (lower-case) and values in the order of arrival. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body as received, never decoded.
    pub body: Bytes,
    parsed: OnceLock<Result<Value, JsonDefect>>,
}

impl Response {
    /// Puts a response together; the body is parsed at first use.
    pub fn new(status: u16, version: String, headers: Vec<(String, String)>, body: Bytes) -> Self {
        Self { status, version, headers, body, parsed: OnceLock::new() }
    }

    /// The body as JSON, parsed strictly (see [`parse_strictly`]), once.
    ///
    /// # Errors
    /// The defect that keeps the body from being one well-formed JSON text.
    pub fn json(&self) -> Result<&Value, &JsonDefect> {
        self.parsed.get_or_init(|| parse_strictly(&self.body)).as_ref()
    }

    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is a 2xx.
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why an answer is of no use although the target took the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Defect {
    /// Nothing complete arrived within the deadline.
    Deadline,
    /// More arrived than the cap allows.
    TooLarge,
    /// The connection was closed or reset before the head of an answer was complete.
    ClosedEarly,
    /// The connection was closed or reset in the middle of an answer's body.
    Truncated,
    /// What arrived is not HTTP, or contradicts itself.
    Malformed,
}

impl Defect {
    /// A lower-case fragment for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::Deadline => "no complete answer within the deadline",
            Self::TooLarge => "an answer larger than the cap",
            Self::ClosedEarly => "the connection closed without an answer",
            Self::Truncated => "an answer that breaks off",
            Self::Malformed => "an answer that is not well-formed HTTP",
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A complete response.
    Complete(Response),
    /// The target took the connection and gave no usable answer.
    Unusable {
        /// What kind of trouble.
        defect: Defect,
        /// The cause as far as it is known, without the URL; a lower-case fragment.
        cause: String,
        /// What had arrived: status, headers and the body so far.
        partial: Option<Box<Response>>,
    },
    /// No connection could be made: the target's host, port or TLS is not there.
    Unreachable {
        /// The cause; a lower-case fragment.
        cause: String,
    },
}

impl Answer {
    /// The complete response, if there is one.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Complete(response) => Some(response),
            Self::Unusable { .. } | Self::Unreachable { .. } => None,
        }
    }
}

/// A request as sent and the answer as observed.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was sent.
    pub request: Arc<Request>,
    /// What came back.
    pub answer: Answer,
    /// From the start of sending to the end of the answer.
    pub elapsed: Duration,
    /// Whether it was sent a second time because a kept-alive connection turned out to be closed.
    pub resent: bool,
}
