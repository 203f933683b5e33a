//! What goes over the wire: the request as sent, the answer as observed, and the client between them.
//!
//! One interface ([`Client`]) before two transports: one of our own for HTTP/1.1, and reqwest for HTTP/2, where the target
//! chooses it when TLS is set up, and for proxies. Owns deadlines, caps and the words for what can go wrong with an answer.
//! Knows nothing of contracts, cases or verdicts.

mod check;
mod client;
mod curl;
mod exchange;
mod irregularity;
mod json;
mod library;
mod options;
mod rate;
mod request;
mod retry_after;
mod surrogate;
mod tls;
mod trust;
mod wire;

pub use check::RequestError;
pub use client::Client;
pub use curl::{Piece, curl_line, variable};
pub use exchange::{Answer, Defect, Exchange, Response, Sections, is_refusal};
pub use irregularity::{Irregularity, WireRule};
pub use json::{JsonDefect, JsonLimits, parse_strictly, parse_within, written};
pub use options::{ClientError, ClientOptions};
pub use rate::{Rate, RateError};
pub use request::{ConnectionUse, HeaderCase, LetterCase, Request, is_safe};
pub use retry_after::retry_after;
pub use surrogate::spelt;
pub use wire::in_chunks;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use wire::read_answer;
