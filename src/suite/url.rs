//! The URL of a request: the target's base URL, a path and a query.
//!
//! Paths are written by people and sent as they are, so nothing here encodes or normalises one: a path that a client
//! would rewrite is refused.

use super::error::RenderError;

/// The longest path with its query, in bytes.
pub(super) const LONGEST_PATH: usize = 64 * 1024;

/// The target's base with path and query, if a client sends just that. The parts of the query are percent-encoded already.
pub(super) fn url(base_url: &str, path: &str, query: &[String]) -> Result<String, RenderError> {
    let length = query.iter().fold(path.len(), |length, part| length + part.len());
    if length > LONGEST_PATH {
        let message = format!("a path of {length} bytes with its query: at most {LONGEST_PATH} are sent");
        return Err(RenderError::unsendable(message));
    }
    if !path.starts_with('/') {
        return Err(RenderError::unsendable(format!("the path `{path}` doesn't start with `/`")));
    }
    if path.contains('#') {
        return Err(RenderError::unsendable(format!(
            "the path `{path}` holds a `#`, which no client sends: write `%23`"
        )));
    }
    let mut target = path.to_owned();
    for part in query {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(part);
    }
    let url = format!("{}{target}", base_url.trim_end_matches('/'));
    if plain(&target) {
        return Ok(url);
    }
    let parsed =
        reqwest::Url::parse(&url).map_err(|error| RenderError::unsendable(format!("`{url}` is no URL: {error}")))?;
    match parsed.as_str().ends_with(&target) {
        true => Ok(url),
        false => Err(RenderError::unsendable(format!(
            "a client would rewrite the path `{target}` to `{}`: write it as it shall be sent",
            parsed.path()
        ))),
    }
}

/// Whether no client would rewrite it, as is plain from its characters: thousands of requests a second needn't be
/// parsed for that.
fn plain(target: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~./?=&%,;".contains(&byte);
    target.bytes().all(allowed) && !target.contains("/.") && !target.contains("%2e") && !target.contains("%2E")
}
