//! Exchanges as reports show them: masked and bounded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::float;

/// Why there is no answer, where nobody could be asked. What the system says of it comes behind a colon.
pub const UNREACHABLE: &str = "the target can't be reached";

/// A header field. In JSON it is a pair: `["name", "value"]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "(String, String)", into = "(String, String)")]
pub struct HeaderRecord {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl From<(String, String)> for HeaderRecord {
    fn from((name, value): (String, String)) -> Self {
        Self { name, value }
    }
}

impl From<HeaderRecord> for (String, String) {
    fn from(header: HeaderRecord) -> Self {
        (header.name, header.value)
    }
}

/// A request as it is reported: masked, with its body as text or base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestRecord {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The header fields, in order.
    pub headers: Vec<HeaderRecord>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRecord>,
    /// A shell command that sends the same; secrets are named, not shown.
    pub curl: String,
}

/// A body as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BodyRecord {
    /// UTF-8 text.
    Text(String),
    /// Anything else.
    Base64(String),
    /// Only the beginning is kept.
    Cut {
        /// The first part, as text; bytes that are not UTF-8 are replaced.
        text: String,
        /// The length of the whole body in bytes.
        bytes: usize,
    },
}

/// An answer as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResponseRecord {
    /// The status code.
    pub status: u16,
    /// The protocol version.
    pub version: String,
    /// The header fields, in order.
    pub headers: Vec<HeaderRecord>,
    /// The body.
    pub body: BodyRecord,
}

/// A request and what came back, as reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    /// The step that it belongs to: its id, or its 1-based number; `control` for a control, `retried` for an answer for
    /// which the case was sent again, `unanswered` for a request that was closed on and for which the case was made anew.
    pub step: String,
    /// What was sent.
    pub request: RequestRecord,
    /// The complete answer, or what had arrived of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseRecord>,
    /// Why there is no complete answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Milliseconds from sending to the end of the answer.
    #[serde(deserialize_with = "float::read")]
    pub elapsed_ms: f64,
    /// Sent a second time because a kept-alive connection had been closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resent: bool,
}

impl ExchangeRecord {
    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        let headers = |headers: &[HeaderRecord]| {
            headers.iter().map(|header| header.name.len() + header.value.len() + 48).sum::<usize>()
        };
        let body = |body: &BodyRecord| match body {
            BodyRecord::Text(text) | BodyRecord::Base64(text) | BodyRecord::Cut { text, .. } => text.len(),
        };
        let request = &self.request;
        let sent =
            request.url.len() + request.curl.len() + headers(&request.headers) + request.body.as_ref().map_or(0, body);
        let answered = self.response.as_ref().map_or(0, |response| headers(&response.headers) + body(&response.body));
        sent + answered + self.trouble.as_ref().map_or(0, String::len) + 512
    }
}
