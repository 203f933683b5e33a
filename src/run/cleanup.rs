//! Cleaning up: whatever the run created is removed again, and what can't be is listed. Never changes a verdict.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::Context;
use crate::http::{Answer, Exchange};
use crate::suite::{Cleanup, RenderError, Saved, Scope, render_cleanup};
use crate::verdict::LeftBehind;

/// Methods that create nothing by their definition.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// Removes what these exchanges created; gives back what is left.
pub(super) async fn clean_up(
    context: &Context,
    case: &str,
    scope: &Scope,
    exchanges: impl Iterator<Item = &Arc<Exchange>>,
) -> Vec<LeftBehind> {
    let mut left = Vec::new();
    let Some(cleanup) = &context.suite.cleanup else { return left };
    for exchange in exchanges.filter(|exchange| created(exchange)) {
        if let Err((resource, why)) = remove(context, cleanup, scope, exchange).await {
            left.push(LeftBehind { case: case.to_owned(), resource, why });
        }
    }
    left
}

/// Whether an exchange may have left something behind.
fn created(exchange: &Exchange) -> bool {
    let accepted = exchange.answer.response().is_some_and(crate::http::Response::accepted);
    accepted && !SAFE.contains(&exchange.request.method.as_str())
}

/// Whether this status says that it is gone. One that may say as well that there is no such operation (404) says so
/// only of a target that has removed something before.
fn removed(context: &Context, cleanup: &Cleanup, status: u16) -> bool {
    let done = cleanup.done.contains(&status);
    if done && !cleanup.absent.contains(&status) {
        context.cleanup_works.store(true, Ordering::Relaxed);
    }
    done && context.cleanup_works.load(Ordering::Relaxed)
}

async fn remove(
    context: &Context,
    cleanup: &Cleanup,
    scope: &Scope,
    exchange: &Arc<Exchange>,
) -> Result<(), (String, String)> {
    let scope = scope.judging(&Saved::new(Arc::clone(exchange)));
    let unnamed =
        |error: RenderError| ("what one request created".to_owned(), format!("its answer doesn't name it: {error}"));
    let request = render_cleanup(cleanup, &scope, &context.base_url).map_err(unnamed)?;
    let resource = format!("{} {}", request.method, request.url);
    if !context.can_clean_up() {
        return Err((resource, "the target has no such operation".to_owned()));
    }
    match context.client.send(Arc::new(request)).await.answer {
        Answer::Complete(response) if removed(context, cleanup, response.status) => Ok(()),
        Answer::Complete(response) if cleanup.absent.contains(&response.status) => {
            context.cleanup_absent.store(!context.cleanup_works.load(Ordering::Relaxed), Ordering::Relaxed);
            Err((resource, format!("the target has no such operation: it answered {}", response.status)))
        }
        Answer::Complete(response) => Err((resource, format!("answered {}", response.status))),
        Answer::Unusable { defect, .. } => Err((resource, defect.says().to_owned())),
        Answer::Unreachable { cause } => Err((resource, format!("the target can't be reached: {cause}"))),
    }
}
