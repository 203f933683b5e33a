//! URLs among the settings: judged where they stand, before anything is sent, and never repeated, for they may hold a
//! password.

use crate::cli::target;

/// Why a URL can't be used.
pub(super) struct Mistake {
    /// What is wrong, as a lower-case fragment.
    pub(super) what: String,
    /// What to do.
    pub(super) next: &'static str,
}

/// What is wrong with a setting of this name, if it is a URL and something is.
pub(super) fn mistake(name: &str, text: &str) -> Option<Mistake> {
    match name {
        "target" => target::parsed(text)
            .err()
            .map(|why| Mistake { what: format!("the target is no base URL: {why}"), next: target::NEXT }),
        "proxy" => proxy(text).err().map(|why| Mistake {
            what: format!("the proxy can't be used: {why}"),
            next: "write it like http://127.0.0.1:3128; only an HTTP proxy is spoken to, over http or https",
        }),
        _ => None,
    }
}

fn proxy(text: &str) -> Result<(), String> {
    // What the client takes for `http://` when it is left out, this takes for it, too.
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = reqwest::Url::parse(&text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
        "http" | "https" => Err("it has no host".to_owned()),
        scheme => Err(format!("it is one for {scheme}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_for_http_are_taken_and_no_message_repeats_the_url() {
        for good in ["http://127.0.0.1:3128", "HTTPS://user:pass@proxy", "127.0.0.1:3128", "proxy", "http://[::1]:1/"] {
            assert!(mistake("proxy", good).is_none(), "{good}");
        }
        for bad in ["socks5://u:hunter2@h:1", "socks5h://hunter2", "ftp://hunter2", "http://", "http://:hunter2@", ""] {
            let mistake = mistake("proxy", bad).unwrap_or_else(|| panic!("{bad} is taken"));
            assert!(!mistake.what.contains("hunter2"), "{}", mistake.what);
        }
    }
}
