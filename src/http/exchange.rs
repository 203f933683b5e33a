//! What came back: a complete answer, what there is of one, or why there is none.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use super::irregularity::Irregularity;
use super::json::{JsonDefect, parse_strictly};
use super::request::Request;

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
    sections: Sections,
    parsed: OnceLock<Result<Value, JsonDefect>>,
}

/// What stands around a body on an HTTP/1.1 wire, byte for byte. Empty where the answer came another way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    bytes: Bytes,
    /// Where the head begins.
    head: usize,
    /// Where the trailers begin.
    trailers: usize,
}

impl Sections {
    /// Interim answers up to `head`, then the head up to `trailers`, then these.
    pub fn new(bytes: Bytes, head: usize, trailers: usize) -> Self {
        Self { bytes, head, trailers }
    }

    /// All of it.
    pub fn all(&self) -> &[u8] {
        &self.bytes
    }

    /// The interim answers, one after the other.
    pub fn interim(&self) -> &[u8] {
        self.bytes.get(..self.head).unwrap_or_default()
    }

    /// Status line and header fields, with the empty line behind them.
    pub fn head(&self) -> &[u8] {
        self.bytes.get(self.head..self.trailers).unwrap_or_default()
    }

    /// What stands behind the last chunk, with the empty line behind it.
    pub fn trailers(&self) -> &[u8] {
        self.bytes.get(self.trailers..).unwrap_or_default()
    }
}

impl Response {
    /// Puts a response together; the body is parsed at first use.
    pub fn new(status: u16, version: String, headers: Vec<(String, String)>, body: Bytes) -> Self {
        Self { status, version, headers, body, sections: Sections::default(), parsed: OnceLock::new() }
    }

    /// The same, with what stood around the body.
    pub fn with_sections(self, sections: Sections) -> Self {
        Self { sections, ..self }
    }

    /// What stood around the body, as it came.
    pub fn sections(&self) -> &Sections {
        &self.sections
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
    /// The same on a connection that had served before, without a byte of an answer, when bytes of the request had left:
    /// nobody knows whether it was carried out.
    Unanswered,
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
            Self::Unanswered => "the kept-alive connection closed on a request that had left, without an answer",
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
    /// How it departed from HTTP/1.1, each rule once.
    pub irregularities: Vec<Irregularity>,
    /// When sending began.
    pub started: Instant,
    /// From then to the end of the answer.
    pub elapsed: Duration,
    /// Whether it was sent a second time because a kept-alive connection turned out to be closed: only a request that
    /// creates nothing is.
    pub resent: bool,
}

impl Exchange {
    /// An exchange that began just now and in which nothing was irregular.
    pub fn new(request: Arc<Request>, answer: Answer, elapsed: Duration) -> Self {
        Self { request, answer, irregularities: Vec::new(), started: Instant::now(), elapsed, resent: false }
    }

    /// Whether the request left on a connection that was kept alive, and that was closed without a byte of an answer.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.answer, Answer::Unusable { defect: Defect::Unanswered, .. })
    }
}
