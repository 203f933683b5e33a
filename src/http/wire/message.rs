//! A request as bytes on an HTTP/1.1 wire: header fields in their order and spelling, the path as it is written.

use bytes::Bytes;

use super::super::check::{RequestError, check};
use super::super::request::{HeaderCase, Request};

/// A request ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Everything but a body that is sent as it is.
    pub(super) head: Bytes,
    /// Such a body.
    pub(super) body: Bytes,
}

/// The URL of a request, taken apart but not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UrlParts<'a> {
    /// Scheme and authority.
    pub(super) origin: &'a str,
    /// Path and query, as they stand there; may be empty.
    path: &'a str,
}

impl<'a> UrlParts<'a> {
    /// Takes an absolute URL apart.
    ///
    /// # Errors
    /// It is none, has what a target never sees, or a path that doesn't fit on one line.
    pub(super) fn of(url: &'a str) -> Result<Self, RequestError> {
        let wrong = || RequestError::Url("it is no absolute url of http or https".to_owned());
        let authority = url.find("://").ok_or_else(wrong)? + 3;
        let rest = url.get(authority..).unwrap_or_default();
        let length = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (origin, path) = url.split_at_checked(authority + length).ok_or_else(wrong)?;
        if origin.contains('@') {
            return Err(RequestError::Credentials);
        }
        if path.contains('#') {
            return Err(RequestError::Fragment);
        }
        if path.starts_with('\\') || path.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(RequestError::Path(path.to_owned()));
        }
        Ok(Self { origin, path })
    }
}

impl Message {
    /// The message that a request is; `host` is the value of a `Host` that it doesn't name itself.
    ///
    /// # Errors
    /// What no message can carry.
    pub(super) fn of(request: &Request, url: &UrlParts<'_>, host: &str) -> Result<Self, RequestError> {
        let mut head = head(request, url, host)?;
        let body = match &request.body {
            Some(body) if is_chunked(request) => {
                push_chunk(&mut head, body);
                head.extend_from_slice(b"0\r\n\r\n");
                Bytes::new()
            }
            body => body.clone().unwrap_or_default(),
        };
        Ok(Self { head: head.into(), body })
    }

    /// A message that is given as it is.
    pub(super) fn as_given(bytes: Bytes) -> Self {
        Self { head: bytes, body: Bytes::new() }
    }
}

/// The bytes of a request whose body is sent in chunks of these sizes, which all are but for the last, and a last one with
/// what is left. Its headers have to ask for chunks.
///
/// # Errors
/// What no message can carry; a size of zero, which would end the body.
pub fn in_chunks(request: &Request, sizes: &[usize]) -> Result<Bytes, RequestError> {
    let url = UrlParts::of(&request.url)?;
    let host = url.origin.split_once("://").map_or(url.origin, |(_, authority)| authority);
    if !is_chunked(request) || sizes.contains(&0) {
        return Err(RequestError::Framing("transfer-encoding".to_owned()));
    }
    let mut message = head(request, &url, host)?;
    let mut rest = request.body.as_deref().unwrap_or_default();
    for size in sizes {
        let (chunk, behind) = rest.split_at_checked(*size).unwrap_or((rest, &[]));
        push_chunk(&mut message, chunk);
        rest = behind;
    }
    push_chunk(&mut message, rest);
    message.extend_from_slice(b"0\r\n\r\n");
    Ok(message.into())
}

fn is_chunked(request: &Request) -> bool {
    request.header_values("transfer-encoding").next().is_some()
}

/// An empty chunk would be the last.
fn push_chunk(message: &mut Vec<u8>, chunk: &[u8]) {
    if !chunk.is_empty() {
        message.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        message.extend_from_slice(chunk);
        message.extend_from_slice(b"\r\n");
    }
}

fn head(request: &Request, url: &UrlParts<'_>, host: &str) -> Result<Vec<u8>, RequestError> {
    check(request)?;
    let fields = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
    let mut head = Vec::with_capacity(request.method.len() + url.path.len() + host.len() + fields + 96);
    head.extend_from_slice(request.method.as_bytes());
    head.push(b' ');
    if !url.path.starts_with('/') {
        head.push(b'/');
    }
    head.extend_from_slice(url.path.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    let case = &request.header_case;
    let names = |name: &str| request.header_values(name).next().is_some();
    // First, as RFC 9110 (7.2) has it.
    if !names("host") {
        push_field(&mut head, case, "host", host);
    }
    for (name, value) in &request.headers {
        push_field(&mut head, case, name, value);
    }
    if !names("accept") {
        push_field(&mut head, case, "accept", "*/*");
    }
    if let Some(body) = &request.body
        && !names("content-length")
        && !names("transfer-encoding")
    {
        push_field(&mut head, case, "content-length", &body.len().to_string());
    }
    head.extend_from_slice(b"\r\n");
    Ok(head)
}

fn push_field(head: &mut Vec<u8>, case: &HeaderCase, name: &str, value: &str) {
    // A token is ASCII.
    head.extend(case.spell(name).map(|character| character as u8));
    head.extend_from_slice(b": ");
    head.extend_from_slice(value.as_bytes());
    head.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(url: &str) -> Request {
        Request {
            method: "POST".into(),
            url: url.into(),
            headers: vec![],
            body: None,
            header_case: HeaderCase::default(),
            connection: Default::default(),
        }
    }

    fn text(request: &Request) -> String {
        let url = UrlParts::of(&request.url).unwrap();
        let message = Message::of(request, &url, "h:1").unwrap();
        String::from_utf8([message.head, message.body].concat()).unwrap()
    }

    #[test]
    fn a_path_goes_out_as_it_is_written() {
        for (url, path) in [
            ("http://h", "/"),
            ("http://h?x=1", "/?x=1"),
            ("http://h/a/../b/./c//", "/a/../b/./c//"),
            ("http://h/ä{}\"'|\\^`%2e%zz", "/ä{}\"'|\\^`%2e%zz"),
            ("http://h/a@b:c?d?e", "/a@b:c?d?e"),
        ] {
            assert_eq!(text(&to(url)), format!("POST {path} HTTP/1.1\r\nHost: h:1\r\nAccept: */*\r\n\r\n"));
        }
        assert_eq!(UrlParts::of("https://[::1]:8/a").unwrap().origin, "https://[::1]:8");
    }

    #[test]
    fn a_url_that_fits_on_no_line_or_that_no_target_would_see_is_refused() {
        for url in ["http://h/a b", "http://h/a\tb", "http://h/a\r\nb", "http://h\\a", "http://h/\u{7f}"] {
            assert!(matches!(UrlParts::of(url), Err(RequestError::Path(_))), "{url:?}");
        }
        assert_eq!(UrlParts::of("http://u:p@h/"), Err(RequestError::Credentials));
        assert_eq!(UrlParts::of("http://h/a#b"), Err(RequestError::Fragment));
        for url in ["", "/a", "h:1/a"] {
            assert!(matches!(UrlParts::of(url), Err(RequestError::Url(_))), "{url:?}");
        }
    }

    #[test]
    fn fields_keep_their_order_and_are_added_to_only_where_they_are_not_named() {
        let headers = [("x-b", "1"), ("X-A", ""), ("x-b", "ä"), ("aCCept", "a/b"), ("HOST", "other")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let request = Request { headers, body: Some(Bytes::from_static(b"{}")), ..to("http://h/") };
        let fields = "X-B: 1\r\nX-A: \r\nX-B: ä\r\nAccept: a/b\r\nHost: other\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(text(&request), format!("POST / HTTP/1.1\r\n{fields}"));
        let lower = Request { header_case: HeaderCase::lower(["X-B", "host"]), ..request };
        let fields = fields.replace("X-B", "x-b").replace("Host", "host");
        assert_eq!(text(&lower), format!("POST / HTTP/1.1\r\n{fields}"));
    }

    #[test]
    fn an_empty_body_says_so_and_no_body_says_nothing() {
        assert!(text(&Request { body: Some(Bytes::new()), ..to("http://h/") }).contains("Content-Length: 0\r\n"));
        assert!(!text(&to("http://h/")).contains("Content-Length"));
    }

    #[test]
    fn a_body_goes_out_in_the_chunks_that_are_chosen() {
        let headers = vec![("Transfer-Encoding".to_owned(), "chunked".to_owned())];
        let request = Request { headers, body: Some(Bytes::from_static(b"0123456789")), ..to("http://h:2/") };
        assert!(text(&request).ends_with("\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"));
        for (sizes, expected) in [
            (&[][..], "a\r\n0123456789\r\n0\r\n\r\n"),
            (&[1, 3], "1\r\n0\r\n3\r\n123\r\n6\r\n456789\r\n0\r\n\r\n"),
            (&[4, 6], "4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n"),
            (&[20, 5], "a\r\n0123456789\r\n0\r\n\r\n"),
        ] {
            let bytes = String::from_utf8(in_chunks(&request, sizes).unwrap().to_vec()).unwrap();
            let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
            assert_eq!(body, expected);
            assert!(head.contains("Host: h:2\r\n") && head.contains("Transfer-Encoding: chunked"), "{head}");
        }
        assert!(in_chunks(&request, &[0]).is_err());
        assert!(in_chunks(&to("http://h/"), &[1]).is_err());
    }
}
