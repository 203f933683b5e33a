//! Cleaning up: whatever the run created is removed again, and what can't be is listed. Never changes a verdict.

mod entry;
pub(super) mod remove;
mod sweep;

use std::sync::Arc;

use super::context::Context;
use super::creation::creates;
use crate::http::Exchange;
use crate::suite::{Cleanup, RenderError, Saved, Scope, render_cleanup};
use crate::verdict::LeftBehind;
use remove::Removal;

pub use entry::begin_ledger;
pub(super) use sweep::sweep;
pub use sweep::{Cleaner, CleanupResult, entry_name};

/// Removes what these exchanges created; gives back what is left behind.
pub(super) async fn clean_up(
    context: &Context,
    case: &str,
    scope: &Scope,
    exchanges: impl Iterator<Item = &Arc<Exchange>>,
) -> Vec<LeftBehind> {
    let mut left_behind = Vec::new();
    let Some(cleanup) = &context.suite().cleanup else { return left_behind };
    for exchange in exchanges.filter(|exchange| created(context, exchange)) {
        match remove(context, cleanup, case, scope, exchange).await {
            Ok(url) => context.enter_removed(exchange, &url).await,
            Err(left) => {
                context.enter_left_behind(exchange, &left.why).await;
                left_behind.push(left);
            }
        }
    }
    left_behind
}

/// Whether an exchange may have left something behind.
fn created(context: &Context, exchange: &Exchange) -> bool {
    let accepted = exchange.answer.response().is_some_and(|response| context.accepts(response));
    accepted && creates(&exchange.request.method)
}

/// Removes what an exchange created; gives back its URL.
async fn remove(
    context: &Context,
    cleanup: &Cleanup,
    case: &str,
    scope: &Scope,
    exchange: &Arc<Exchange>,
) -> Result<String, LeftBehind> {
    let left = |resource: &str, why| LeftBehind { case: case.to_owned(), resource: resource.to_owned(), why };
    let scope = scope.judging(&Saved::new(Arc::clone(exchange)));
    let unnamed = |error: RenderError| left("what one request created", format!("its answer doesn't name it: {error}"));
    let request = context.spelt(render_cleanup(cleanup, &scope, &context.options.base_url).map_err(unnamed)?);
    let (url, resource) = (request.url.clone(), format!("{} {}", request.method, request.url));
    if context.remover.is_absent() {
        return Err(left(&resource, "the target has no such operation".to_owned()));
    }
    match context.remover.remove(cleanup, &context.client, request).await {
        Removal::Done => Ok(url),
        Removal::Absent(status) => {
            Err(left(&resource, format!("the target has no such operation: it answered {status}")))
        }
        Removal::Refused(why) | Removal::Lost(why) => Err(left(&resource, why)),
    }
}
