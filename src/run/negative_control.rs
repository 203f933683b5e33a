//! The negative control: a request that can't be right, before all cases. Where even that is accepted, the target
//! accepts everything, no acceptance proves anything, and a thousand cases would say the same thing in as many ways.

use std::sync::Arc;
use std::time::Instant;

use super::attempt::exhausted;
use super::cleanup::clean_up;
use super::context::Context;
use super::control::ControlResult;
use super::permit::Permit;
use super::record::exchange_record;
use super::retry::Retries;
use crate::check::expect::FITS_REQUEST;
use crate::check::{self, CHECKS, Findings, Subject};
use crate::http::Exchange;
use crate::suite::{Override, Scope, Shape, render_request};
use crate::verdict::{CaseResult, Control, Outcome, Place, SyntheticCase};

/// Sends the valid request without its headers and its body.
///
/// Sent only where it has to be refused: the suite can't do without a secret, and the operation documents a body.
pub(super) async fn send(context: &Context, id: &str, scope: &Scope) -> Option<Arc<Exchange>> {
    let locked = context.suite.secrets.iter().any(|secret| !secret.optional);
    if !locked || context.operation.request.is_none() {
        return None;
    }
    let plan = &context.suite.request;
    let mut request = render_request(plan, &Override::default(), scope, &context.base_url).ok()?;
    (request.headers, request.body) = (Vec::new(), None);
    context.send(&context.client, id, Arc::new(request)).await.ok()
}

/// Sends the negative control; gives back what to tell where it was accepted, or where a limit of the target's kept it from
/// being judged.
pub(super) async fn run(context: &Context) -> Option<ControlResult> {
    let started = Instant::now();
    let id = SyntheticCase::Control(Control::Bare).id(&context.suite.name);
    let scope = context.scope(&id);
    let mut turn = Permit::alone();
    let mut retries = Retries::new(context, &id, &mut turn);
    let (exchange, cut) = send_until_heard(context, (&id, &scope), &mut retries).await?;
    let response = exchange.answer.response()?;
    let title = "a request with neither headers nor body is refused".to_owned();
    let result = CaseResult {
        exchanges: std::iter::once(exchange_record("control", &exchange, &context.secrets))
            .chain(retries.records())
            .collect(),
        retried: retries.statuses(),
        requests: 1 + retries.given_up.len(),
        elapsed_ms: started.elapsed().as_secs_f64() * 1_000.0,
        ..CaseResult::unearned(id.clone(), title, "suite.yaml", 1)
    };
    if let Some(why) = cut.or_else(|| exhausted(context, response)) {
        let result = CaseResult { outcome: Outcome::Inconclusive, reason: Some(why.clone()), ..result };
        return Some(ControlResult { result, left: Vec::new(), blocks: Some(why), spent: true });
    }
    if !response.accepted() {
        // What was refused as it ought to be is told of only where that took more than one try.
        let result = CaseResult { outcome: Outcome::Conforms, ..result };
        let told = (400..500).contains(&response.status) && !result.retried.is_empty();
        return told.then_some(ControlResult { result, left: Vec::new(), blocks: None, spent: false });
    }
    let status = response.status;
    let mut findings = Findings::new(&context.contract, 0);
    let refusals = context.operation.refusals().map(|spec| spec.status).filter(|status| *status < 500);
    let expected = refusals.map(|status| status.to_string()).collect();
    let observed = format!("{status}, for a request with neither headers nor body");
    findings.broken(FITS_REQUEST, Place::Status, expected, observed);
    let subject = Subject {
        contract: &context.contract,
        operation: &context.operation,
        exchange: &exchange,
        declared: &[],
        covers: &[],
        // It is said already that this is no answer; what a right one would look like adds nothing.
        shape: Shape::Free,
        secrets: &context.secrets,
    };
    check::run_all(&subject, &mut findings);
    let left = clean_up(context, &id, &scope, std::iter::once(&exchange)).await;
    let why = format!("the target accepts everything: even a request with neither headers nor body got {status}");
    let result = CaseResult {
        outcome: Outcome::Violates,
        reason: Some(why.clone()),
        findings: findings.into_list(),
        elapsed_ms: started.elapsed().as_secs_f64() * 1_000.0,
        ..result
    };
    Some(ControlResult { result, left, blocks: Some(why), spent: false })
}

/// Sends it, and again as long as its answer may pass by itself; and gives back, too, what ended the wait for that.
async fn send_until_heard(
    context: &Context,
    (id, scope): (&str, &Scope),
    retries: &mut Retries<'_>,
) -> Option<(Arc<Exchange>, Option<String>)> {
    loop {
        let exchange = send(context, id, scope).await?;
        let Some(pause) = retries.pause(&Vec::new, std::slice::from_ref(&exchange)) else {
            return Some((exchange, None));
        };
        if let Err(why) = retries.wait(pause, vec![Arc::clone(&exchange)]).await {
            return Some((exchange, Some(why)));
        }
    }
}

/// What is left of a control that was accepted as everything is: what is wrong with the shape of its answer is
/// nothing that could be put right before the target refuses anything. A control that was accepted before a limit was met
/// stays what it is.
pub(super) fn overrule(control: &mut ControlResult, counter: &ControlResult) {
    if counter.spent || counter.blocks.is_none() {
        control.blocks.clone_from(&counter.blocks);
        return;
    }
    let result = &mut control.result;
    result.findings.retain(|finding| CHECKS.iter().any(|check| check.always && check.id == finding.check));
    result.outcome = match CaseResult::outcome_of(&result.findings) {
        Outcome::Violates => Outcome::Violates,
        _ => Outcome::Inconclusive,
    };
    control.blocks.clone_from(&counter.blocks);
    result.reason.clone_from(&counter.blocks);
}
