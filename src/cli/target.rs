//! The target's base URL, checked before anything is sent, and waiting until somebody answers there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::failure::Failure;
use crate::http::{Answer, Client, ConnectionUse, HeaderCase, Request};
use crate::text::printable;

/// How long between two looks whether the target answers.
const LOOK: Duration = Duration::from_millis(200);
/// What a gateway answers as long as what stands behind it isn't there.
const NOT_YET: [u16; 3] = [502, 503, 504];

/// Waits until a GET of the base URL, which creates nothing, is answered by the target itself.
pub(super) async fn wait(client: &Client, base_url: &str, limit: Duration) -> Result<(), Failure> {
    let request = Arc::new(Request {
        method: "GET".to_owned(),
        url: format!("{base_url}/"),
        headers: Vec::new(),
        body: None,
        header_case: HeaderCase::default(),
        connection: ConnectionUse::Fresh,
    });
    let begun = Instant::now();
    loop {
        let request = Arc::clone(&request);
        let left = limit.saturating_sub(begun.elapsed());
        let looked = tokio::time::timeout(left, client.send(request)).await;
        let why = match looked.map(|exchange| exchange.answer) {
            Ok(Answer::Complete(response)) if NOT_YET.contains(&response.status) => {
                format!("it answers {}", response.status)
            }
            Ok(Answer::Complete(_)) => return Ok(()),
            Ok(Answer::Unusable { defect, .. }) => defect.says().to_owned(),
            Ok(Answer::Unreachable { cause }) => cause,
            Err(_) => "it took the connection and didn't answer".to_owned(),
        };
        if begun.elapsed() + LOOK > limit {
            let what = format!("the target was not there within {} s: {}", limit.as_secs_f64(), printable(&why));
            return Err(Failure::undetermined(
                what,
                "see whether it starts at all, or give --wait-for-target more time",
            ));
        }
        sleep(LOOK).await;
    }
}

/// What to do about a target that is no base URL.
pub(super) const NEXT: &str = "write it like http://127.0.0.1:8080";

/// The base URL as it is used: http or https, no query, no fragment, no `/` at its end.
pub(super) fn base_url(text: &str) -> Result<String, Failure> {
    parsed(text).map_err(|why| Failure::usage(format!("the target is no base URL: {why}"), NEXT))
}

/// The same; what is wrong otherwise never repeats the URL.
pub(super) fn parsed(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    let why = if !matches!(url.scheme(), "http" | "https") {
        "only http and https are spoken"
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
