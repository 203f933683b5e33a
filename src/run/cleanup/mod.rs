//! Cleaning up: whatever the run created is removed again, and what can't be is listed. Never changes a verdict.

mod entry;
pub(super) mod remove;
mod sweep;

use std::sync::Arc;

use super::context::Context;
use super::creation::creates;
use super::stop::GRACE;
use crate::http::{Exchange, Request, Response};
use crate::suite::{Cleanup, RenderError, Saved, Scope, SuiteOperation, render_cleanup};
use crate::verdict::LeftBehind;
use remove::Removal;

pub use entry::begin_ledger;
pub use sweep::{Cleaner, CleanupResult, entry_name};
pub(super) use sweep::{sweep, unswept};

/// How many characters are kept of how something left behind is named, and of why it is.
pub(super) const LEFT: usize = 400;

/// Removes what these exchanges created; gives back what is left behind. A target that left one of them without an answer
/// isn't waited for as long as usual, nor more than once.
pub(super) async fn clean_up(
    context: &Context,
    case: &str,
    scope: &Scope,
    exchanges: impl Iterator<Item = &Arc<Exchange>> + Clone,
) -> Vec<LeftBehind> {
    let mut left_behind = Vec::new();
    let is_answered = |exchange: &Arc<Exchange>| exchange.answer.response().is_some();
    let is_silent = context.stop.is_cut() || !exchanges.clone().all(is_answered);
    let context = if is_silent { &context.impatient() } else { context };
    let mut lost: Option<String> = None;
    // What was made last may be a part of what was made first.
    for exchange in exchanges.collect::<Vec<_>>().into_iter().rev() {
        let operation = context.asked(&exchange.request);
        let Some(cleanup) = &operation.cleanup else { continue };
        let Some(removal) = removal(context, cleanup, case, scope, exchange) else { continue };
        let removed = match (removal, &lost) {
            (Ok(request), None) => remove(context, (operation, cleanup), case, request).await,
            (Ok(request), Some(why)) => Err((left(case, &request, why.clone()), false)),
            (Err(left), _) => Err((left, false)),
        };
        match removed {
            Ok(url) => context.enter_removed(exchange, &url).await,
            Err((left, is_lost)) => {
                lost = lost.or_else(|| (is_lost && is_silent).then(|| left.why.clone()));
                context.enter_left_behind(exchange, &left.why).await;
                left_behind.push(shortened(context, left));
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
        && exchange.answer.response().is_some_and(|response| context.accepts(&exchange.request, response));
    let unnamed = |why: String| LeftBehind {
        case: case.to_owned(),
        resource: "what one request created".to_owned(),
        why: format!("its answer doesn't name it: {why}"),
    };
    let rendered = || {
        if let Some(what) = exchange.answer.response().and_then(Response::exceeded_limit) {
            return Err(unnamed(format!("it has {what}")));
        }
        let scope = scope.judging(&Saved::new(exchange, &context.options.base_url));
        let unnamed = |error: RenderError| unnamed(error.to_string());
        render_cleanup(cleanup, &scope, &context.options.base_url)
            .map(|request| context.spelt(request))
            .map_err(unnamed)
    };
    accepted.then(rendered)
}

/// How a target names something, and what it says of it, may be long.
fn shortened(context: &Context, LeftBehind { case, resource, why }: LeftBehind) -> LeftBehind {
    let shown = |text: String| match text.len() <= LEFT {
        true => text,
        false => context.options.secrets.shortened(&text, LEFT),
    };
    LeftBehind { case, resource: shown(resource), why: shown(why) }
}

fn left(case: &str, request: &Request, why: String) -> LeftBehind {
    LeftBehind { case: case.to_owned(), resource: format!("{} {}", request.method, request.url), why }
}

/// Sends a removal; gives back its URL.
///
/// # Errors
/// What is left behind, and whether that is because nobody answered.
async fn remove(
    context: &Context,
    (operation, cleanup): (&SuiteOperation, &Cleanup),
    case: &str,
    request: Request,
) -> Result<String, (LeftBehind, bool)> {
    let left = |why| left(case, &request, why);
    if context.remover.is_absent(operation) {
        return Err((left("the target has no such operation".to_owned()), false));
    }
    let over = async {
        let why = context.stop.cut().await;
        tokio::time::sleep(GRACE).await;
        Removal::Lost(format!("the run was stopped: {why}"))
    };
    let removal = tokio::select! {
        removal = context.remover.remove((operation, cleanup), (&context.client, &context.login), request.clone()) => removal,
        removal = over => removal,
    };
    match removal {
        Removal::Done => Ok(request.url),
        Removal::Absent(status) => {
            Err((left(format!("the target has no such operation: it answered {status}")), false))
        }
        Removal::Refused(why) => Err((left(why), false)),
        Removal::Lost(why) => Err((left(why), true)),
    }
}
