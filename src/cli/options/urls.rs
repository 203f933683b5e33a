//! URLs as options take them. No message repeats one, for it may hold a password.

use percent_encoding::percent_decode_str;
use reqwest::Url;

/// The target's base URL as it is used: without a `/` at its end.
pub(super) fn base(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let why = if !matches!(url.scheme(), "http" | "https") {
        "only http and https are supported"
    } else if url.host_str().is_none_or(str::is_empty) {
        "it has no host"
    } else if url.query().is_some() || url.fragment().is_some() {
        "it has a query or a fragment"
    } else if !url.username().is_empty() || url.password().is_some() {
        "it has a user or a password in it"
    } else {
        return Ok(url.as_str().trim_end_matches('/').to_owned());
    };
    Err(why.to_owned())
}

/// Whether the client can use a proxy.
pub(super) fn proxy(text: &str) -> Result<(), String> {
    // Where the scheme is left out, the client assumes `http://`, too.
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
        "http" | "https" => Err("it has no host".to_owned()),
        scheme => Err(format!("it is one for {scheme}")),
    }
}

/// The password in a URL, as it is sent.
pub(in crate::cli) fn password(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(percent_decode_str(url.password()?).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_for_http_are_taken_and_no_message_repeats_the_url() {
        for good in ["http://127.0.0.1:3128", "HTTPS://user:pass@proxy", "127.0.0.1:3128", "proxy", "http://[::1]:1/"] {
            assert_eq!(proxy(good), Ok(()), "{good}");
        }
        for bad in ["socks5://u:hunter2@h:1", "socks5h://hunter2", "ftp://hunter2", "http://", "http://:hunter2@", ""] {
            let why = proxy(bad).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
