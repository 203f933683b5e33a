//! Whether a request can be put on the wire exactly as it is written, and its translation for the wire.
//!
//! A case that would be rewritten on its way (`/a/../b`, an unescaped space) tests something else than it says,
//! so it is refused here, before anything is sent. Owns no connection and knows no deadline.

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Uri};
use reqwest::Url;

use super::Request;

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
}

/// The longest URL that the client sends, in bytes.
const LONGEST: usize = 65_534;

/// Whether a request goes over the wire exactly as it is written.
///
/// # Errors
/// The first thing that stands in the way.
pub fn check(request: &Request) -> Result<(), RequestError> {
    method(request)?;
    let url = url(&request.url)?;
    url.as_str().parse::<Uri>().map_err(|error| RequestError::Url(error.to_string()))?;
    headers(request).map(|_| ())
}

/// The request as reqwest takes it, checked on the way. `read` is [`url`], or remembers what that gave.
pub(super) fn translate(
    request: &Request,
    read: impl FnOnce(&str) -> Result<Url, RequestError>,
) -> Result<reqwest::Request, RequestError> {
    let method = method(request)?;
    let mut translated = reqwest::Request::new(method, read(&request.url)?);
    *translated.headers_mut() = headers(request)?;
    if let Some(body) = &request.body {
        if body.is_empty() {
            // Without it an empty body could not be told from none.
            translated.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        } else {
            *translated.body_mut() = Some(body.clone().into());
        }
    }
    Ok(translated)
}

fn method(request: &Request) -> Result<Method, RequestError> {
    match Method::from_bytes(request.method.as_bytes()) {
        Ok(method) if method != Method::CONNECT => Ok(method),
        _ => Err(RequestError::Method(request.method.clone())),
    }
}

/// A URL that goes out as it is written.
pub(super) fn url(text: &str) -> Result<Url, RequestError> {
    if text.len() > LONGEST {
        return Err(RequestError::Url(format!("it has more than {LONGEST} bytes, which no client sends")));
    }
    let url = Url::parse(text).map_err(|error| RequestError::Url(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(RequestError::Url("its scheme is neither http nor https".to_owned()));
    }
    if url.as_str() == text && !text.contains(['@', '#']) {
        return Ok(url);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RequestError::Credentials);
    }
    if url.fragment().is_some() {
        return Err(RequestError::Fragment);
    }
    let (written, sent) = (path_in(text), path_in(url.as_str()));
    // An absent path and `/` are the same request; scheme and host are names, whose case means nothing.
    if written == sent || (sent.starts_with('/') && sent.strip_prefix('/') == Some(written)) {
        Ok(url)
    } else {
        Err(RequestError::Rewritten { written: written.to_owned(), sent: sent.to_owned() })
    }
}

/// What follows the host in the text of a URL.
fn path_in(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.find(['/', '?', '#', '\\']).and_then(|start| rest.get(start..)).unwrap_or_default()
}

fn headers(request: &Request) -> Result<HeaderMap, RequestError> {
    // Two more than named: Host and Accept are put in later, and growing would move everything.
    let mut map = HeaderMap::with_capacity(request.headers.len() + 2);
    for (name, value) in &request.headers {
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| RequestError::HeaderName(name.clone()))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| RequestError::HeaderValue(name.clone()))?;
        let contradicts = match parsed {
            TRANSFER_ENCODING => !is_in_chunks(&value, request),
            CONTENT_LENGTH => !is_length_of(&value, request),
            _ => false,
        };
        if contradicts {
            return Err(RequestError::Framing(name.clone()));
        }
        map.append(parsed, value);
    }
    Ok(map)
}

/// Whether the header asks for chunks, which hyper then makes of a body; without a body there is nothing to chunk, and a
/// length besides would contradict them.
fn is_in_chunks(value: &HeaderValue, request: &Request) -> bool {
    value.as_bytes() == b"chunked"
        && request.body.as_ref().is_some_and(|body| !body.is_empty())
        && request.header_values("content-length").next().is_none()
        && request.header_values("transfer-encoding").count() == 1
}

fn is_length_of(value: &HeaderValue, request: &Request) -> bool {
    let length = request.body.as_ref().map_or(0, |body| body.len());
    value.as_bytes() == length.to_string().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn to(url: &str) -> Request {
        Request {
            method: "POST".into(),
            url: url.into(),
            headers: vec![],
            body: None,
            header_case: Default::default(),
            connection: Default::default(),
        }
    }

    fn with_header(name: &str, value: &str) -> Request {
        Request { headers: vec![(name.into(), value.into())], ..to("http://h/") }
    }

    #[test]
    fn a_url_that_goes_out_as_written_passes() {
        for url in [
            "http://h/v1/p/connections",
            "http://127.0.0.1:8080/a%2F..%2Fb?x=1&y=%20",
            "https://[::1]:8/a",
            "http://h",
            "http://h?x=1",
            "http://EXAMPLE.com:80/a",
            "http://h/a@b",
        ] {
            assert_eq!(check(&to(url)), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_path_that_would_be_rewritten_is_refused_and_shown_both_ways() {
        for (url, sent) in [
            ("http://h/a/../b", "/b"),
            ("http://h/a b", "/a%20b"),
            ("http://h/ä", "/%C3%A4"),
            ("http://h/./a", "/a"),
            ("http://h/a\\b", "/a/b"),
            ("http://h/{x}", "/%7Bx%7D"),
            ("http://h/a?q='", "/a?q=%27"),
            ("http://h/a\tb", "/ab"),
            (" http://h/a ", "/a"),
        ] {
            match check(&to(url)) {
                Err(RequestError::Rewritten { sent: found, .. }) => assert_eq!(found, sent, "{url}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_no_target_would_see_is_refused_and_credentials_are_not_repeated() {
        let refusal = check(&to("http://user:hunter2@h/")).unwrap_err();
        assert_eq!(refusal, RequestError::Credentials);
        assert!(!refusal.to_string().contains("hunter2"));
        assert_eq!(check(&to("http://h/a#b")), Err(RequestError::Fragment));
        assert!(matches!(check(&to("ftp://h/")), Err(RequestError::Url(_))));
        assert!(matches!(check(&to("/relative")), Err(RequestError::Url(_))));
        assert!(matches!(check(&to("http://")), Err(RequestError::Url(_))));
    }

    #[test]
    fn methods_and_header_names_are_tokens() {
        for method in ["", "PO ST", "GET\r\n", "CONNECT", "é"] {
            let request = Request { method: method.into(), ..to("http://h/") };
            assert!(matches!(check(&request), Err(RequestError::Method(_))), "{method:?}");
        }
        assert_eq!(check(&Request { method: "PURGE".into(), ..to("http://h/") }), Ok(()));
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

    #[test]
    fn an_empty_body_says_so_and_no_body_says_nothing() {
        let empty = translate(&Request { body: Some(Bytes::new()), ..to("http://h/") }, url).unwrap();
        assert_eq!(empty.headers()[CONTENT_LENGTH], "0");
        assert!(!translate(&to("http://h/"), url).unwrap().headers().contains_key(CONTENT_LENGTH));
    }
}
