//! What came back: a complete answer, what there is of one, or why there is none.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use memchr::memchr2_iter;
use serde_json::Value;

use super::irregularity::Irregularity;
use super::json::{JsonDefect, JsonLimits, parse_lines, parse_within};
use super::request::Request;

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2.0`, …
    pub version: String,
    /// Header names (lower-case) and values in the order of arrival. Bytes that are not UTF-8 are replaced.
    pub headers: Arc<Vec<(String, String)>>,
    /// The body as received, never decoded.
    pub body: Bytes,
    /// How many bytes it had when it was received.
    received: usize,
    sections: Sections,
    /// What it may have as JSON.
    json_limits: JsonLimits,
    parsed: OnceLock<Result<Value, JsonDefect>>,
    /// Whether it is there to be read and then dropped, with what reading made of it.
    is_view: bool,
    /// Whether it accepts the request, as a redirect does where it is all that is asked for.
    is_accepted: bool,
}

/// From how many bytes on a body that was read as JSON is worth reading again, rather than keeping what was read.
const LARGE: usize = 16 * 1024;
/// From how many bytes on a body that nobody needs whole any more is cut.
const LONGEST_KEPT: usize = 64 * 1024;
/// How much is kept of it.
const CUT: usize = 4 * 1024;

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
        let (sections, parsed) = (Sections::default(), OnceLock::new());
        let received = body.len();
        let (json_limits, headers) = (JsonLimits::default(), Arc::new(headers));
        let is_accepted = (200..300).contains(&status);
        Self { status, version, headers, body, received, sections, json_limits, parsed, is_view: false, is_accepted }
    }

    /// The same, with what stood around the body.
    pub fn with_sections(self, sections: Sections) -> Self {
        Self { sections, ..self }
    }

    /// Beyond these, nothing of it is read as JSON.
    pub fn json_limits(&self) -> JsonLimits {
        self.json_limits
    }

    /// The same, but a body beyond these limits isn't read as JSON.
    pub fn with_json_limits(self, json_limits: JsonLimits) -> Self {
        Self { json_limits, ..self }
    }

    /// What stood around the body, as it came.
    pub fn sections(&self) -> &Sections {
        &self.sections
    }

    /// How many bytes the body had when it was received.
    pub fn received(&self) -> usize {
        self.received
    }

    /// The body as JSON, parsed strictly (see [`parse_within`]), once.
    ///
    /// # Errors
    /// The defect that keeps the body from being one well-formed JSON text, or the limit that keeps it from being read.
    pub fn json(&self) -> Result<&Value, &JsonDefect> {
        self.parsed.get_or_init(|| parse_within(&self.body, self.json_limits)).as_ref()
    }

    /// The body as JSON texts, one a line; empty lines are none.
    ///
    /// # Errors
    /// The first line that is none, counted from 1, and why; or where a limit is exceeded by all of them.
    pub fn json_lines(&self) -> Result<Vec<Value>, (usize, JsonDefect)> {
        parse_lines(&self.body, self.json_limits)
    }

    /// The same without what was made of its body.
    fn unread(&self) -> Self {
        Self {
            status: self.status,
            version: self.version.clone(),
            headers: Arc::clone(&self.headers),
            body: self.body.clone(),
            received: self.received,
            sections: self.sections.clone(),
            json_limits: self.json_limits,
            parsed: OnceLock::new(),
            is_view: false,
            is_accepted: self.is_accepted,
        }
    }

    /// The first bytes of the body.
    fn beginning(&self, bytes: usize) -> &[u8] {
        self.body.get(..bytes).unwrap_or(&self.body)
    }

    /// What the body has too much of to be read as JSON, with the option that has the limit.
    pub fn exceeded_limit(&self) -> Option<&str> {
        // Each value takes a byte at least, and each level begins with a bracket.
        let JsonLimits { values, depth } = self.json_limits;
        let may_exceed =
            self.body.len() > values as usize || memchr2_iter(b'[', b'{', &self.body).nth(depth as usize).is_some();
        if !may_exceed {
            return None;
        }
        self.json().err().filter(|defect| defect.is_limit).map(|defect| defect.says.as_str())
    }

    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a header, one a field, by its lower-case name.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.headers.iter().filter(move |(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    /// What its body is coded with (RFC 9110, section 8.4), if it is.
    pub fn coding(&self) -> Option<&str> {
        self.header("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity"))
    }

    /// Whether it accepts the request: with a 2xx, or with a 3xx that accepts what was asked for.
    pub fn accepted(&self) -> bool {
        self.is_accepted
    }
}

/// Whether a status says no. A target that fails, or that something in front of it says is failing, says nothing.
pub fn is_refusal(status: u16) -> bool {
    !(200..300).contains(&status) && !matches!(status, 500 | 502..=504)
}

/// How a cause begins where it is this machine that has no connection to give.
pub(super) const OWN_LIMIT: &str = "this machine gives no connection: ";

/// Why an answer is of no use although the target took the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Defect {
    /// Nothing complete arrived within the deadline.
    Deadline,
    /// More arrived than a limit of ours allows, which is nothing that the target did wrong.
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
            Self::TooLarge => "an answer beyond a limit of this program",
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
    /// The same, but a body beyond these limits isn't read as JSON.
    pub(super) fn with_json_limits(self, limits: JsonLimits) -> Self {
        match self {
            Self::Complete(response) => Self::Complete(response.with_json_limits(limits)),
            other @ (Self::Unusable { .. } | Self::Unreachable { .. }) => other,
        }
    }

    /// The response as far as it was read where that is all of its head: the complete one, or one beyond a limit of ours.
    pub fn head(&self) -> Option<&Response> {
        match self {
            Self::Unusable { defect: Defect::TooLarge, partial, .. } => partial.as_deref(),
            answer => answer.response(),
        }
    }

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

    /// The same for one look at it: what is made of a large body is freed with it, while the exchange itself stays, as it
    /// came, as long as its case.
    pub fn view(self: &Arc<Self>) -> Arc<Self> {
        match &self.answer {
            Answer::Complete(response) if response.body.len() >= LARGE && !response.is_view => {
                Arc::new(self.answered(Response { is_view: true, ..response.unread() }))
            }
            _ => Arc::clone(self),
        }
    }

    /// The same for as long as its case takes, once it was judged: without what stood around the body, where that is large,
    /// and with the beginning alone of a large body, unless it is needed yet.
    pub fn settled(self: &Arc<Self>, needs_body: bool) -> Arc<Self> {
        let shed = |response: &Response| {
            let cut = (response.body.len() > LONGEST_KEPT && !needs_body).then_some(CUT);
            let sections = response.sections.all().len() < LARGE;
            (cut.is_some() || !sections).then(|| Response {
                body: cut.map_or_else(|| response.body.clone(), |cut| Bytes::copy_from_slice(response.beginning(cut))),
                sections: if sections { response.sections.clone() } else { Sections::default() },
                ..response.unread()
            })
        };
        match &self.answer {
            Answer::Complete(response) => shed(response).map(|response| self.answered(response)),
            Answer::Unusable { defect, cause, partial: Some(partial) } => shed(partial).map(|partial| {
                let partial = Some(Box::new(partial));
                self.with(Answer::Unusable { defect: *defect, cause: cause.clone(), partial })
            }),
            _ => None,
        }
        .map_or_else(|| Arc::clone(self), Arc::new)
    }

    /// The same as it is kept once it was judged: with the body of a success alone, by which what was made is named.
    pub fn judged(self: &Arc<Self>) -> Arc<Self> {
        self.settled(self.answer.response().is_some_and(Response::accepted))
    }

    /// The same, with an answer that accepts the request whatever its status is.
    pub fn as_accepted(mut self) -> Self {
        if let Answer::Complete(response) = &mut self.answer {
            response.is_accepted = true;
        }
        self
    }

    fn answered(&self, response: Response) -> Self {
        self.with(Answer::Complete(response))
    }

    fn with(&self, answer: Answer) -> Self {
        let (request, irregularities) = (Arc::clone(&self.request), self.irregularities.clone());
        Self { request, answer, irregularities, ..*self }
    }

    /// How many bytes came, about.
    pub fn size(&self) -> usize {
        let response = match &self.answer {
            Answer::Complete(response) => Some(response),
            Answer::Unusable { partial, .. } => partial.as_deref(),
            Answer::Unreachable { .. } => None,
        };
        response.map_or(0, |response| response.body.len() + response.sections.all().len())
    }

    /// What this machine lacks, where that is why there is no connection.
    pub fn own_limit(&self) -> Option<&str> {
        match &self.answer {
            Answer::Unreachable { cause } if cause.starts_with(OWN_LIMIT) => Some(cause),
            _ => None,
        }
    }

    /// Whether the request left on a connection that was kept alive, and that was closed without a byte of an answer.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.answer, Answer::Unusable { defect: Defect::Unanswered, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{ConnectionUse, HeaderCase};

    #[test]
    fn a_large_body_is_read_once_for_all_who_look_at_the_same_view() {
        let request = Request {
            method: "GET".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: None,
            header_case: HeaderCase::default(),
            connection: ConnectionUse::default(),
        };
        let body = format!("\"{}\"", "x".repeat(LARGE));
        let response = Response::new(200, String::new(), Vec::new(), Bytes::from(body));
        let exchange = Arc::new(Exchange::new(Arc::new(request), Answer::Complete(response), Duration::ZERO));
        let view = exchange.view();
        assert!(!Arc::ptr_eq(&view, &exchange) && Arc::ptr_eq(&view.view(), &view));
        let kept = view.settled(false);
        assert!(!Arc::ptr_eq(&exchange.view(), &view), "each is dropped with what was read");
        assert!(kept.answer.response().is_some_and(|response| response.json().is_ok()));
    }
}
