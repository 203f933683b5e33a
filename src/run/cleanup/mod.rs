//! Cleaning up: whatever the run created is removed again, and what can't be is listed. Never changes a verdict.

mod entry;
pub(super) mod remove;
mod sweep;

use std::sync::Arc;

use super::context::Context;
use super::creation::creates;
use crate::http::{Exchange, Request, Response};
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
    for exchange in exchanges {
        let Some(removal) = removal(context, cleanup, case, scope, exchange) else { continue };
        let removed = match removal {
            Ok(request) => remove(context, cleanup, case, request).await,
            Err(left) => Err(left),
        };
        match removed {
            Ok(url) => context.enter_removed(exchange, &url).await,
            Err(left) => {
                context.enter_left_behind(exchange, &left.why).await;
                left_behind.push(left);
            }
        }
    }
    left_behind
}

/// The request that removes what an exchange created; none where it can't have left anything behind.
fn removal(
    context: &Context,
    cleanup: &Cleanup,
    case: &str,
    scope: &Scope,
    exchange: &Arc<Exchange>,
) -> Option<Result<Request, LeftBehind>> {
    let exchange = exchange.view();
    let accepted = creates(&exchange.request.method)
        && exchange.answer.response().is_some_and(|response| context.accepts(response));
    let unnamed = |why: String| LeftBehind {
        case: case.to_owned(),
        resource: "what one request created".to_owned(),
        why: format!("its answer doesn't name it: {why}"),
    };
    let rendered = || {
        if let Some(values) = exchange.answer.response().and_then(Response::exceeded_values) {
            return Err(unnamed(format!("it has more than {values} JSON values, the limit of --max-json-values")));
        }
        let scope = scope.judging(&Saved::new(exchange));
        let unnamed = |error: RenderError| unnamed(error.to_string());
        render_cleanup(cleanup, &scope, &context.options.base_url)
            .map(|request| context.spelt(request))
            .map_err(unnamed)
    };
    accepted.then(rendered)
}

/// Sends a removal; gives back its URL.
async fn remove(context: &Context, cleanup: &Cleanup, case: &str, request: Request) -> Result<String, LeftBehind> {
    let left = |resource: &str, why| LeftBehind { case: case.to_owned(), resource: resource.to_owned(), why };
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
