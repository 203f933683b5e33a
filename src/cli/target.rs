//! The target's base URL, checked before anything is sent.

use super::failure::Failure;

/// The base URL as it is used: http or https, no query, no fragment, no `/` at its end.
pub(super) fn base_url(text: &str) -> Result<String, Failure> {
    let fail =
        |why: &str| Failure::usage(format!("the target is no base URL: {why}"), "write it like http://127.0.0.1:8080");
    let url = reqwest::Url::parse(text).map_err(|error| fail(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fail("only http and https are spoken"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(fail("it has no host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(fail("it has a query or a fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fail("it has a user or a password in it"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
