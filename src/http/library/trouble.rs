//! Telling from an error what went wrong: is the target not there, or does it answer badly, and how.
//!
//! reqwest gives most failures the same face; what happened stands further down the chain of sources. No text made here
//! holds a URL.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::from_fn;

use hyper_util::client::legacy::Error as PoolError;

use super::super::exchange::Defect;
use super::super::trust;
use super::dial::local_port;

/// Why there is no complete response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoResponse {
    /// No connection could be made.
    Unreachable { cause: String },
    /// The connection was made and the answer is of no use.
    Unusable { defect: Defect, cause: String },
}

impl NoResponse {
    pub(super) fn unusable(defect: Defect, cause: impl Into<String>) -> Self {
        Self::Unusable { defect, cause: cause.into() }
    }

    /// From an error before the head of an answer was complete. hyper sends a request on another connection by itself where
    /// not a byte of it has left.
    pub(super) fn before_head(error: &reqwest::Error, kept_alive: bool) -> Self {
        match Self::of(error) {
            Self::Unusable { defect: Defect::ClosedEarly, cause } if kept_alive => {
                Self::unusable(Defect::Unanswered, cause)
            }
            other => other,
        }
    }

    fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            let cause = if error.is_timeout() { "no connection was made in time".to_owned() } else { words(error) };
            return Self::Unreachable { cause };
        }
        if error.is_builder() {
            return Self::Unreachable { cause: words(error) };
        }
        if let Some(alert) = refused_by_tls(error) {
            return Self::Unreachable { cause: alert };
        }
        let Some(hyper) = find::<hyper::Error>(error) else {
            return Self::unusable(Defect::ClosedEarly, words(error));
        };
        if hyper.is_parse_too_large() || is_own_limit(error) {
            let limits = "the limits of --max-headers and --max-head, or than 400 KiB through a proxy";
            Self::unusable(Defect::TooLarge, format!("the head has more fields or bytes than {limits}"))
        } else if hyper.is_parse() {
            Self::unusable(Defect::Malformed, hyper.to_string())
        } else if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
            Self::unusable(Defect::ClosedEarly, "the connection was closed before the head of an answer was complete")
        } else if io_kind(error) == Some(ErrorKind::InvalidData) || is_own_protocol_error(error) {
            Self::unusable(Defect::Malformed, words(error))
        } else {
            Self::unusable(Defect::ClosedEarly, words(error))
        }
    }

    /// From an error while the body arrived.
    pub(super) fn in_body(error: &reqwest::Error) -> Self {
        let incomplete = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message);
        let defect = match io_kind(error) {
            Some(ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other) if !incomplete => {
                Defect::Malformed
            }
            _ if is_own_protocol_error(error) => Defect::Malformed,
            _ => Defect::Truncated,
        };
        match defect {
            Defect::Truncated if incomplete || io_kind(error) == Some(ErrorKind::UnexpectedEof) => {
                Self::unusable(defect, "the connection was closed before the body was complete")
            }
            _ => Self::unusable(defect, words(error)),
        }
    }
}

/// The local port of the connection on which an error occurred.
pub(super) fn port_of(error: &reqwest::Error) -> Option<u16> {
    local_port(find::<PoolError>(error)?.connect_info()?)
}

/// What an error says, from the layer below reqwest's own down to its innermost source, each saying once.
pub(super) fn words(error: &reqwest::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for layer in chain(error) {
        let text = io_words(layer).unwrap_or_else(|| layer.to_string());
        let generic = text.starts_with("client error (") || text == "error reading a body from connection";
        // A source is often quoted by the layer above it, sometimes in other case ("Connection refused").
        if !generic && !said.iter().any(|earlier| earlier.to_lowercase().contains(&text.to_lowercase())) {
            said.push(text);
        }
    }
    if said.is_empty() { "the request failed for an unknown reason".to_owned() } else { said.join(": ") }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    from_fn(move || {
        let layer = next?;
        next = layer.source();
        Some(layer)
    })
}

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    chain(error).find_map(|layer| layer.downcast_ref::<E>())
}

fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    find::<io::Error>(error).map(io::Error::kind)
}

/// The alert by which the target ended TLS over a certificate. With TLS 1.3 it arrives after the connection seems to be
/// made, yet no request was taken.
fn refused_by_tls(error: &reqwest::Error) -> Option<String> {
    let alert = chain(error).map(ToString::to_string).find(|text| text.contains("received fatal alert: "))?;
    let over_a_certificate = ["Certificate", "UnknownCA", "HandshakeFailure", "AccessDenied"];
    over_a_certificate.iter().any(|word| alert.contains(word)).then_some(alert)
}

/// HTTP/2 errors that our side found in what the target sent.
fn is_own_protocol_error(error: &reqwest::Error) -> bool {
    chain(error).any(|layer| layer.to_string().contains("error detected"))
}

/// HTTP/2 errors by which our side gave up what was more than it reads.
fn is_own_limit(error: &reqwest::Error) -> bool {
    let is_limit = |text: &str| text.contains("refused stream") || text.contains("excessive load");
    is_own_protocol_error(error) && chain(error).any(|layer| is_limit(&layer.to_string()))
}

/// The common operating system errors without their number, which differs between systems.
fn io_words(layer: &(dyn Error + 'static)) -> Option<String> {
    let error = layer.downcast_ref::<io::Error>()?;
    trust::words_within(error).or_else(|| error.raw_os_error().map(|_| error.kind().to_string()))
}
