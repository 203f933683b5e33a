//! A request as reqwest takes it, refused where reqwest would rewrite it (`/a/../b`, an unescaped quote).

use http::Method;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;

use super::super::check::{RequestError, check};
use super::super::request::Request;

/// The longest URL that hyper sends, in bytes.
const LONGEST: usize = 65_534;

/// The request as reqwest takes it, checked on the way.
pub(super) fn translate(request: &Request) -> Result<reqwest::Request, RequestError> {
    check(request)?;
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.map_err(|_| RequestError::Method(request.method.clone()))?;
    let mut translated = reqwest::Request::new(method, url(&request.url)?);
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

/// A URL that goes out as it is written.
fn url(text: &str) -> Result<Url, RequestError> {
    if text.len() > LONGEST {
        return Err(RequestError::Url(format!("it has more than {LONGEST} bytes, which this way can't be sent")));
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
        map.append(parsed, value);
    }
    Ok(map)
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

    #[test]
    fn a_url_that_goes_out_as_written_passes() {
        for text in [
            "http://h/v1/p/connections",
            "http://127.0.0.1:8080/a%2F..%2Fb?x=1&y=%20",
            "https://[::1]:8/a",
            "http://h",
            "http://h?x=1",
            "http://EXAMPLE.com:80/a",
            "http://h/a@b",
        ] {
            assert!(url(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_path_that_would_be_rewritten_is_refused_and_shown_both_ways() {
        for (text, sent) in [
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
            match url(text) {
                Err(RequestError::Rewritten { sent: found, .. }) => assert_eq!(found, sent, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_no_target_would_see_is_refused_and_credentials_are_not_repeated() {
        let refusal = url("http://user:hunter2@h/").unwrap_err();
        assert_eq!(refusal, RequestError::Credentials);
        assert!(!refusal.to_string().contains("hunter2"));
        assert_eq!(url("http://h/a#b"), Err(RequestError::Fragment));
        for text in ["ftp://h/", "/relative", "http://"] {
            assert!(matches!(url(text), Err(RequestError::Url(_))), "{text}");
        }
    }

    #[test]
    fn an_empty_body_says_so_and_no_body_says_nothing() {
        let empty = translate(&Request { body: Some(Bytes::new()), ..to("http://h/") }).unwrap();
        assert_eq!(empty.headers()[CONTENT_LENGTH], "0");
        assert!(!translate(&to("http://h/")).unwrap().headers().contains_key(CONTENT_LENGTH));
    }
}
