//! Waiting until the target answers at all.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::failure::Failure;
use crate::http::{Answer, Client, ConnectionUse, HeaderCase, Request};
use crate::text::printable;

/// How long between two looks.
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
            Err(_) => "it accepted the connection and did not answer".to_owned(),
        };
        if begun.elapsed() + LOOK > limit {
            let what = format!("the target was not there within {} s: {}", limit.as_secs_f64(), printable(&why));
            return Err(Failure::undetermined(what, "check that it starts, or give --wait-for-target more time"));
        }
        sleep(LOOK).await;
    }
}
