//! Sending the steps of a case, one after the other, each answer judged.

use std::sync::Arc;

use futures_util::future::join_all;

use super::attempt::{Attempt, CaseExchange};
use super::judge::RowStep;
use super::retry::Retries;
use super::values::reordered_request;
use crate::http::{Client, ConnectionUse, Exchange, Request, Response};
use crate::run::cleanup::clean_up;
use crate::run::context::Context;
use crate::run::plan::TestCase;
use crate::suite::{Connection, RenderError, Saved, Scope};
use crate::verdict::FindingKind;

/// Attempts a case in the scope of its row.
///
/// # Errors
/// A template that fails.
pub(in crate::run) async fn attempt_row(
    context: &Context,
    test_case: &TestCase,
    retries: &mut Retries<'_>,
) -> Result<Attempt, RenderError> {
    let scope = context.scope(&test_case.id, &test_case.row)?;
    attempt(context, test_case, &test_case.id, scope, retries).await
}

/// Attempts a case in this scope, which is that of its row under `id`; and again, each time in another, as long as an
/// answer may pass by itself and nothing is broken.
///
/// # Errors
/// A template that fails.
pub(in crate::run) async fn attempt(
    context: &Context,
    test_case: &TestCase,
    id: &str,
    mut scope: Scope,
    retries: &mut Retries<'_>,
) -> Result<Attempt, RenderError> {
    loop {
        let mut made = attempt_once(context, test_case, scope.clone(), retries).await?;
        let pause = made.pause.take();
        let waits = pause.is_some() || (made.meets_quota && retries.may_wait_for_room());
        if !waits {
            return Ok(made);
        }
        if made.findings.iter().any(|finding| finding.kind == FindingKind::Violation) {
            made.blocked.get_or_insert_with(|| "it isn't sent again: what is broken already stands".to_owned());
            return Ok(made);
        }
        let exchanges: Vec<_> = made.exchanges().cloned().collect();
        if let Some(pause) = pause {
            if let Err(why) = retries.wait(pause, exchanges.clone()).await {
                made.limit(why);
                return Ok(made);
            }
            retries.left_behind.extend(clean_up(context, &test_case.id, &scope, exchanges.iter()).await);
        } else {
            // What it has made itself takes up room, too.
            retries.left_behind.extend(clean_up(context, &test_case.id, &scope, exchanges.iter()).await);
            retries.abandoned.extend(exchanges);
            retries.wait_for_room().await;
        }
        scope = context.scope(&retries.value_id(id), &test_case.row)?;
    }
}

/// Sends the steps of a case and judges every answer. Ends early where going on would prove nothing.
///
/// # Errors
/// A template that fails before anything was sent. Where it fails later, what was found out until then stands.
async fn attempt_once(
    context: &Context,
    test_case: &TestCase,
    mut scope: Scope,
    retries: &Retries<'_>,
) -> Result<Attempt, RenderError> {
    let mut attempt = Attempt::default();
    let done = attempt_steps(context, test_case, &mut scope, retries, &mut attempt).await;
    attempt.drawn = scope.drawn();
    match done {
        Err(RenderError::Stopped(why)) => {
            attempt.limit(format!("a request was under way when the run was stopped: {why}"))
        }
        Err(error @ RenderError::Unjudged(_)) => attempt.leave_unread(error.to_string()),
        Err(error) if attempt.exchanges.is_empty() => return Err(error),
        Err(error) => attempt.fail(test_case, &error),
        Ok(()) => {}
    }
    Ok(attempt)
}

async fn attempt_steps(
    context: &Context,
    test_case: &TestCase,
    scope: &mut Scope,
    retries: &Retries<'_>,
    attempt: &mut Attempt,
) -> Result<(), RenderError> {
    let mut own: Option<Client> = None;
    let TestCase { case, row, id, .. } = test_case;
    let held = case.held_by(row);
    for (number, step) in case.steps.iter().enumerate() {
        if let Some((name, resource)) = &step.makes
            && let Some(shared) = context.shared_resource(resource).filter(|_| case.shares(name, resource))
        {
            match shared.as_ref().map_err(Clone::clone).and_then(|saved| {
                resource
                    .made(name, scope, saved)
                    .map_err(|error| format!("its set-up failed: no id of {name}: {error}"))
            }) {
                Ok(made) => *scope = made,
                Err(why) => {
                    attempt.blocked.get_or_insert(why);
                    break;
                }
            }
            continue;
        }
        if let Some(when) = &step.when
            && !when.value(scope)?.is_true()
        {
            attempt.left_out.get_or_insert_with(|| when.to_string());
            continue;
        }
        let covers = case.covers_of(row, number);
        let Some(expect) = case.expect_of(row, number) else { continue };
        let row_step = RowStep { id, step, number, covers, expect, held: &held };
        attempt.judged |= !covers.is_empty();
        let client = match step.connection {
            Connection::Own => own.get_or_insert_with(|| context.client.own()),
            Connection::Shared | Connection::Fresh => &context.client,
        };
        let mut exchanges = Vec::new();
        let sent = send(context, &row_step, scope, client, retries, &mut exchanges).await;
        if sent.is_err() && step.repeat > 1 {
            // Some of many say nothing of them together.
            attempt.keep(&row_step, &exchanges);
            return sent;
        }
        let last = exchanges.last().cloned();
        let go_on = attempt.judge(context, &row_step, scope, exchanges, retries)?;
        sent?;
        if !go_on {
            break;
        }
        if let Some(response) = last.as_ref().and_then(|last| last.answer.response()).filter(|last| last.accepted())
            && let Some(place) = step.secrets.iter().find(|place| place.texts(response).is_empty())
        {
            return Err(RenderError::NoSecret(place.to_string()));
        }
        let Some(saved) = last.map(|exchange| Saved::new(exchange, &context.options.base_url)) else { continue };
        if let Some(name) = &step.save {
            *scope = scope.saving(name, &saved);
        }
        if let Some((name, resource)) = &step.makes {
            match resource.made(name, scope, &saved) {
                Ok(made) => *scope = made,
                Err(error) => {
                    attempt.blocked.get_or_insert_with(|| format!("its set-up failed: no id of {name}: {error}"));
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Sends a step as often as it asks for; everything is rendered before the first of a concurrent batch leaves. What was sent
/// is in `exchanges` even where it fails.
async fn send(
    context: &Context,
    row: &RowStep<'_>,
    scope: &Scope,
    client: &Client,
    retries: &Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let step = row.step;
    let render = |number: u32| {
        let scope = if step.repeat > 1 { scope.attempt(number as usize) } else { scope.clone() };
        let mut request = context.request(&step.operation, &step.overrides, &scope)?;
        if step.connection == Connection::Fresh {
            request.connection = ConnectionUse::Fresh;
        }
        Ok::<_, RenderError>(Arc::new(request))
    };
    if step.concurrently {
        let requests = (0..step.repeat).map(render).collect::<Result<Vec<_>, _>>()?;
        retries.claim.expect(requests.len()).await;
        let send = |request| context.send(client, (row.id, &retries.claim), request);
        let answers = join_all(requests.into_iter().map(send)).await;
        return answers.into_iter().try_for_each(|answer| answer.map(|exchange| exchanges.push(exchange)));
    }
    let declared = || row.declared();
    for number in 0..step.repeat {
        let exchange = context.send(client, (row.id, &retries.claim), render(number)?).await?;
        let response = exchange.answer.response();
        let over = response.is_none()
            || (step.until_accepted && response.is_some_and(Response::accepted))
            || retries.pause(&declared, std::slice::from_ref(&exchange)).is_some();
        exchanges.push(exchange);
        if over {
            break;
        }
    }
    Ok(())
}

/// Sends a request of a case in isolation, on a network connection of its own and as another one of its kind, and judges it
/// as its step does; and again as long as its answer may pass by itself. None where there is no such request.
///
/// # Errors
/// A template that fails: one that refers to another step's exchange does.
pub(super) async fn attempt_isolated(
    context: &Context,
    test_case: &TestCase,
    id: &str,
    sent: &CaseExchange,
    retries: &mut Retries<'_>,
) -> Result<Option<Attempt>, RenderError> {
    let TestCase { case, row, .. } = test_case;
    let (Some(step), Some(expect)) = (case.steps.get(sent.step), case.expect_of(row, sent.step)) else {
        return Ok(None);
    };
    let covers = case.covers_of(row, sent.step);
    let row_step = RowStep { id: &test_case.id, step, number: sent.step, covers, expect, held: &[] };
    let mut reordered = reordered_request(context, &sent.exchange.request);
    loop {
        let scope = context.scope(&retries.value_id(id), row)?;
        let scope = if step.repeat > 1 { scope.attempt(sent.repeat) } else { scope };
        let request = reordered.take().map_or_else(|| context.request(&step.operation, &step.overrides, &scope), Ok)?;
        let request = context.login.refreshed(&request).into_owned();
        let request = Request { connection: ConnectionUse::Fresh, ..request };
        let exchange = context.send(&context.client, (&test_case.id, &retries.claim), Arc::new(request)).await?;
        let mut made = Attempt::default();
        made.judge(context, &row_step, &scope, vec![Arc::clone(&exchange)], retries)?;
        let Some(pause) = made.pause.take() else { return Ok(Some(made)) };
        if retries.wait(pause, vec![exchange]).await.is_err() {
            return Ok(Some(made));
        }
    }
}
