//! The probes: requests that a target may accept or refuse, sent before the cases to find out what it is like. What can't be
//! tried on a target like that is left out of the run, for a reason that the suite names.

use std::sync::Arc;
use std::time::Instant;

use super::case::{
    Attempt, CaseRun, DRAWS, RequestPair, Retries, attempt, complete, exhausted, fresh_members, meets_quota,
    refused_value, unearned,
};
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use crate::http::{Exchange, Request};
use crate::suite::{Probe, ProbeResult, RenderError, Saved, Suite};
use crate::verdict::{CaseResult, Outcome, SyntheticCase};

/// How often a probe is refused before it counts as refused.
const TRIES: usize = 3;

/// What a probe came to.
pub(super) struct ProbeRun {
    pub(super) run: CaseRun,
    /// What the cases are told; none where the answer says nothing.
    pub(super) result: Option<ProbeResult>,
}

/// The id of a probe's result.
pub(super) fn id(suite: &Suite, probe: &Probe) -> String {
    SyntheticCase::Probe(probe.name.clone()).id(&suite.name)
}

/// A probe whose thread was given up before it was over.
pub(super) fn given_up(context: &Context, probe: &Probe) -> ProbeRun {
    let test_case = TestCase::probe(context.suite(), id(context.suite(), probe), probe);
    let reason = Some(context.judging_when_stopped());
    let result = CaseResult { outcome: Outcome::Inconclusive, reason, ..unearned(&test_case, None) };
    ProbeRun { run: result.into(), result: None }
}

/// Sends a probe, beside the control that was accepted.
pub(super) async fn run(context: Context, probe: Probe, accepted: Arc<Request>) -> ProbeRun {
    let (context, probe, accepted) = (&context, &probe, &*accepted);
    let started = Instant::now();
    let test_case = TestCase::probe(context.suite(), id(context.suite(), probe), probe);
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    match send(context, probe, &test_case, accepted, &mut retries).await {
        Ok((made, result)) => {
            let run = complete(context, &test_case, started, made, retries).await;
            ProbeRun { run, result }
        }
        Err(error) => {
            let reason = format!("suite.yaml: the probe {} can't be made: {error}", probe.name);
            let result = CaseResult { reason: Some(reason), ..unearned(&test_case, None) };
            ProbeRun { run: result.into(), result: None }
        }
    }
}

/// Sends a probe until it is accepted, or was refused that often for something else than the values that were drawn.
async fn send(
    context: &Context,
    probe: &Probe,
    test_case: &TestCase,
    accepted: &Request,
    retries: &mut Retries<'_>,
) -> Result<(Attempt, Option<ProbeResult>), RenderError> {
    let mut made = Attempt::default();
    let mut refusals = 0;
    for number in 0..DRAWS {
        let value_id = format!("{}#{number}", test_case.id);
        let scope = context.scope(&value_id, &test_case.row)?;
        let next = attempt(context, test_case, &value_id, scope, retries).await?;
        made = made.followed_by(next);
        made.judged = true;
        let Some(exchange) = made.last_step(&test_case.case).last().cloned() else { break };
        let Some(response) = exchange.answer.response().filter(|_| !made.limited) else { break };
        if let Some(why) = exhausted(context, &exchange) {
            if meets_quota(context, &exchange) && retries.may_wait_for_room() {
                retries.wait_for_room().await;
                continue;
            }
            made.limit(why);
            break;
        }
        if context.accepts(&exchange.request, response) {
            return Ok((made, Some(told(context, exchange, true))));
        }
        if !(400..500).contains(&response.status) {
            break;
        }
        let pair = RequestPair { accepted, refused: &exchange.request };
        let members = fresh_members(context, &probe.operation, &probe.overrides);
        let mut exchanges = Vec::new();
        let value = refused_value(context, &test_case.id, pair, &members, retries, &mut exchanges).await?;
        made.confirmation.append(&mut exchanges);
        refusals += usize::from(value.is_none());
        if refusals == TRIES {
            return Ok((made, Some(told(context, exchange, false))));
        }
    }
    let status = made
        .last_step(&test_case.case)
        .last()
        .and_then(|exchange| exchange.answer.response())
        .map(|response| response.status);
    let answered = status.map_or_else(|| "not answered usably".to_owned(), |status| format!("answered {status}"));
    made.blocked.get_or_insert_with(|| format!("the probe {} was {answered}, which says nothing", probe.name));
    Ok((made, None))
}

fn told(context: &Context, exchange: Arc<Exchange>, accepted: bool) -> ProbeResult {
    ProbeResult { exchange: Saved::new(exchange, &context.options.base_url), accepted }
}
