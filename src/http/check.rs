//! Whether a request can be put on the wire exactly as it is written: the rules that all transports share.
//!
//! Owns no connection, and leaves to each transport what it alone can't carry.

use super::request::Request;

/// Why a request cannot be sent as it is written. Lower-case fragments; header values never appear in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The URL is no absolute `http` or `https` URL.
    #[error("the url is not usable: {0}")]
    Url(String),
    /// The URL carries a user name or password, which no target would ever see.
    #[error("the url carries credentials, which are not sent; give them in a header")]
    Credentials,
    /// The URL carries a fragment, which no target would ever see.
    #[error("the url carries a fragment (`#`), which is not sent; write `%23` for the character itself")]
    Fragment,
    /// Path or query would be rewritten on the way.
    #[error("the path `{written}` would go out as `{sent}`; write it so, or percent-encode what is meant literally")]
    Rewritten {
        /// Path and query as the case has them.
        written: String,
        /// Path and query as they would be sent.
        sent: String,
    },
    /// Path or query hold what ends them on the wire.
    #[error("the path `{0}` holds a space or a control character, which would end it; percent-encode what is meant")]
    Path(String),
    /// The method is no token, or `CONNECT`.
    #[error("the method {0:?} cannot be sent")]
    Method(String),
    /// A header's name is no token.
    #[error("the header name {0:?} is no token")]
    HeaderName(String),
    /// A header's value holds a line break, NUL or another control character.
    #[error("the value of header `{0}` holds a control character, which http cannot carry")]
    HeaderValue(String),
    /// A header contradicts the framing that the client gives the body.
    #[error("header `{0}` contradicts the body as it is sent; leave it out")]
    Framing(String),
    /// A message given byte by byte can't travel this way.
    #[error("a message given byte by byte is sent over http/1.1 without a proxy only")]
    Bytes,
}

/// Holds method and headers to what a message can carry.
///
/// # Errors
/// The first that it can't.
pub(super) fn check(request: &Request) -> Result<(), RequestError> {
    if !is_token(&request.method) || request.method == "CONNECT" {
        return Err(RequestError::Method(request.method.clone()));
    }
    for (name, value) in &request.headers {
        if !is_token(name) {
            return Err(RequestError::HeaderName(name.clone()));
        }
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(RequestError::HeaderValue(name.clone()));
        }
        let contradicts = if name.eq_ignore_ascii_case("transfer-encoding") {
            !asks_for_chunks(value, request)
        } else if name.eq_ignore_ascii_case("content-length") {
            let length = request.body.as_ref().map_or(0, |body| body.len());
            *value != length.to_string()
        } else {
            false
        };
        if contradicts {
            return Err(RequestError::Framing(name.clone()));
        }
    }
    Ok(())
}

/// Whether the header asks for chunks, which the client then makes of a body; without a body there is nothing to chunk,
/// and a length besides would contradict them.
fn asks_for_chunks(value: &str, request: &Request) -> bool {
    value == "chunked"
        && request.body.as_ref().is_some_and(|body| !body.is_empty())
        && request.header_values("content-length").next().is_none()
        && request.header_values("transfer-encoding").count() == 1
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request() -> Request {
        Request {
            method: "POST".into(),
            url: "http://h/".into(),
            headers: vec![],
            body: None,
            header_case: Default::default(),
            connection: Default::default(),
        }
    }

    fn with_header(name: &str, value: &str) -> Request {
        Request { headers: vec![(name.into(), value.into())], ..request() }
    }

    #[test]
    fn methods_and_header_names_are_tokens() {
        for method in ["", "PO ST", "GET\r\n", "CONNECT", "é"] {
            let refusal = check(&Request { method: method.into(), ..request() });
            assert!(matches!(refusal, Err(RequestError::Method(_))), "{method:?}");
        }
        assert_eq!(check(&Request { method: "PURGE".into(), ..request() }), Ok(()));
        for name in ["", "a b", "a:", "é", "a\n"] {
            assert!(matches!(check(&with_header(name, "x")), Err(RequestError::HeaderName(_))), "{name:?}");
        }
    }

    #[test]
    fn header_values_are_utf_8_without_controls() {
        for value in ["", "x", "ä€", "a\tb", "\"quoted\""] {
            assert_eq!(check(&with_header("X", value)), Ok(()), "{value:?}");
        }
        for value in ["a\r\nB: c", "a\nb", "a\0b", "\u{1b}[0m", "\u{7f}"] {
            let refusal = check(&with_header("X", value));
            assert_eq!(refusal, Err(RequestError::HeaderValue("X".into())), "{value:?}");
        }
    }

    #[test]
    fn framing_is_the_clients_own() {
        assert!(check(&with_header("Transfer-Encoding", "chunked")).is_err());
        let mut chunked = with_header("Transfer-Encoding", "chunked");
        chunked.body = Some(Bytes::from_static(b"{}"));
        assert_eq!(check(&chunked), Ok(()));
        chunked.headers.push(("Content-Length".into(), "2".into()));
        assert!(check(&chunked).is_err());
        let mut gzip = with_header("Transfer-Encoding", "gzip, chunked");
        gzip.body = Some(Bytes::from_static(b"{}"));
        assert!(check(&gzip).is_err());
        assert!(check(&with_header("content-length", "7")).is_err());
        let mut request = with_header("Content-Length", "2");
        request.body = Some(Bytes::from_static(b"{}"));
        assert_eq!(check(&request), Ok(()));
    }
}
