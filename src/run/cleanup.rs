//! Cleaning up: whatever the run created is removed again, and what can't be is listed. Never changes a verdict.

use std::sync::Arc;

use super::context::Context;
use super::entry::creates;
use super::remover::Removal;
use crate::http::{Exchange, Response};
use crate::suite::{Cleanup, RenderError, Saved, Scope, render_cleanup};
use crate::verdict::LeftBehind;

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
        match remove(context, cleanup, scope, exchange).await {
            Ok(removed) => context.removed(exchange, &removed),
            Err((resource, why)) => {
                context.left(exchange, &why);
                left.push(LeftBehind { case: case.to_owned(), resource, why });
            }
        }
    }
    left
}

/// Whether an exchange may have left something behind.
fn created(exchange: &Exchange) -> bool {
    exchange.answer.response().is_some_and(Response::accepted) && creates(&exchange.request.method)
}

/// Removes what an exchange created; gives back its URL.
async fn remove(
    context: &Context,
    cleanup: &Cleanup,
    scope: &Scope,
    exchange: &Arc<Exchange>,
) -> Result<String, (String, String)> {
    let scope = scope.judging(&Saved::new(Arc::clone(exchange)));
    let unnamed =
        |error: RenderError| ("what one request created".to_owned(), format!("its answer doesn't name it: {error}"));
    let request = render_cleanup(cleanup, &scope, &context.base_url).map_err(unnamed)?;
    let (url, resource) = (request.url.clone(), format!("{} {}", request.method, request.url));
    if context.remover.is_absent() {
        return Err((resource, "the target has no such operation".to_owned()));
    }
    match context.remover.remove(cleanup, &context.client, request).await {
        Removal::Done => Ok(url),
        Removal::Absent(status) => Err((resource, format!("the target has no such operation: it answered {status}"))),
        Removal::Refused(why) | Removal::Lost(why) => Err((resource, why)),
    }
}
