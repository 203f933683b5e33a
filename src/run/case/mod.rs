//! One case row from beginning to end: what it needs, its attempts, who is to blame, cleaning up, and the result.

mod attempt;
mod confirm;
mod judge;
mod members;
mod record;
mod retry;
mod snapshots;
mod steps;
mod values;

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;
use std::time::Instant;

use super::cleanup::clean_up;
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use super::sent;
use crate::contract::{ClauseId, Polarity};
use crate::suite::{RenderError, Scope};
use crate::verdict::{CaseResult, ExchangeRecord, Finding, FindingKind, LeftBehind, Outcome, is_explained};
use record::exchange_records;

pub(super) use attempt::{Attempt, TransportFailure};
pub(super) use judge::exhausted;
pub(super) use members::fresh_members;
pub(super) use record::cause_shown;
pub(super) use retry::{Retries, meets_quota};
pub(super) use steps::{attempt, attempt_row};
pub(super) use values::{DRAWS, RequestPair, may_be_of_values, refused_value};

/// What a case came to, and what of it could not be removed.
pub(super) struct CaseRun {
    pub(super) result: CaseResult,
    pub(super) left_behind: Vec<LeftBehind>,
    /// A line for each request, where somebody wants to see them.
    pub(super) sent: Vec<String>,
    /// What was wrong with the way in which a request of it was answered, where there was no usable answer to one.
    pub(super) failure: Option<TransportFailure>,
}

impl From<CaseResult> for CaseRun {
    fn from(result: CaseResult) -> Self {
        Self { result, left_behind: Vec::new(), sent: Vec::new(), failure: None }
    }
}

impl CaseRun {
    /// How many bytes it takes, about, as long as it waits to be told.
    pub(super) fn weight(&self) -> usize {
        let exchanges = self.result.exchanges.iter().map(ExchangeRecord::size);
        exchanges.chain(self.sent.iter().map(String::len)).sum()
    }

    /// The same case as one that was not run, for this reason.
    pub(super) fn not_run(self, reason: &str) -> Self {
        let CaseResult { id, at, title, file, line, covers, requests, elapsed_ms, .. } = self.result;
        let result = CaseResult::unearned(id, title, &file, line);
        let (outcome, reason) = (Outcome::Inconclusive, Some(reason.to_owned()));
        Self { result: CaseResult { at, covers, requests, elapsed_ms, outcome, reason, ..result }, ..self }
    }
}

/// Runs one case row.
pub(super) async fn run(context: &Arc<Context>, test_case: &TestCase, permit: &mut Permit) -> CaseRun {
    let started = Instant::now();
    let scope = context.scope(&test_case.id, &test_case.row);
    let mut result = unearned(test_case, scope.as_ref().ok());
    if let Some((outcome, reason)) = context.unmet(test_case.case.needs_of(&test_case.row)) {
        return CaseResult { outcome, reason: Some(reason), ..result }.into();
    }
    let mut retries = Retries::new(context, &test_case.id, permit);
    let done = match scope {
        Ok(scope) => run_in(context, test_case, scope, &mut retries, &mut result, started).await,
        Err(error) => Err(error),
    };
    let (failure, sent) = done.unwrap_or_else(|error| {
        result.outcome = Outcome::Error;
        result.reason = Some(format!("{}:{}: {error}", test_case.case.file, test_case.case.line));
        result.elapsed_ms = milliseconds(started);
        (None, sent::lines(context, &test_case.id, retries.abandoned.iter()))
    });
    CaseRun { result, left_behind: retries.left_behind, sent, failure }
}

/// The result of a case row that was not run.
pub(super) fn not_run(context: &Context, test_case: &TestCase, reason: String) -> CaseRun {
    let scope = context.scope(&test_case.id, &test_case.row);
    let result = unearned(test_case, scope.as_ref().ok());
    CaseResult { outcome: Outcome::Inconclusive, reason: Some(reason), ..result }.into()
}

/// The result of a case row before anything is known.
pub(super) fn unearned(test_case: &TestCase, scope: Option<&Scope>) -> CaseResult {
    let TestCase { case, row, id, at } = test_case;
    let covers = (0..case.steps.len())
        .flat_map(|step| case.covers_of(row, step))
        .filter_map(|cover| Some((ClauseId::new(&cover.clause)?, cover.polarity)))
        .collect();
    let title = case.title_of(row);
    // What can't be rendered is shown as it is written; running the case tells what is wrong with it.
    let rendered = scope.and_then(|scope| title.text(scope).ok());
    let title = rendered.unwrap_or_else(|| title.to_string());
    CaseResult { covers, at: *at, ..CaseResult::unearned(id.clone(), title, &case.file, case.line as usize) }
}

async fn run_in(
    context: &Arc<Context>,
    test_case: &TestCase,
    scope: Scope,
    retries: &mut Retries<'_>,
    result: &mut CaseResult,
    started: Instant,
) -> Result<(Option<TransportFailure>, Vec<String>), RenderError> {
    let mut first = attempt(context, test_case, &test_case.id, scope.clone(), retries).await?;
    match first.transport_failure() {
        Some(failure) if failure.is_deadline() => context.late.add(),
        None if !first.exchanges.is_empty() => context.late.add_answered(),
        _ => {}
    }
    let (confirmation, confirmed) = confirm::confirm(context, test_case, &mut first, retries).await;
    match confirmed {
        Err(RenderError::Stopped(why)) => first.leave_unconfirmed(&why),
        Err(error) => first.fail(test_case, &error),
        Ok(()) => {}
    }
    result.requests = first.exchanges.len() + confirmation.len() + retries.abandoned.len();
    result.elapsed_ms = milliseconds(started);
    let exchanges = first.exchanges().chain(&confirmation);
    let left_behind = clean_up(context, &test_case.id, &scope, exchanges).await;
    retries.left_behind.extend(left_behind);
    let sent = retries.abandoned.iter().chain(first.exchanges()).chain(&confirmation);
    let sent = sent::lines(context, &test_case.id, sent);
    conclude(context, &mut first, retries, result);
    let failure = first.transport_failure();
    snapshots::compare(context, test_case, first.drawn, first.exchanges, result).await;
    Ok((failure, sent))
}

/// Cleans up after a test case of the run's own and concludes it. It is about no clause: it says what the cases build on.
pub(super) async fn complete(
    context: &Context,
    test_case: &TestCase,
    started: Instant,
    made: Attempt,
    mut retries: Retries<'_>,
) -> CaseRun {
    if let Ok(scope) = context.scope(&test_case.id, &test_case.row) {
        let exchanges = made.exchanges().chain(&made.confirmation);
        let left_behind = clean_up(context, &test_case.id, &scope, exchanges).await;
        retries.left_behind.extend(left_behind);
    }
    keep(context, test_case, started, made, retries)
}

/// The same without cleaning up.
pub(super) fn keep(
    context: &Context,
    test_case: &TestCase,
    started: Instant,
    mut made: Attempt,
    retries: Retries<'_>,
) -> CaseRun {
    let mut result = CaseResult { covers: BTreeMap::new(), ..unearned(test_case, None) };
    result.requests = made.exchanges.len() + made.confirmation.len() + retries.abandoned.len();
    result.elapsed_ms = milliseconds(started);
    let failure = made.transport_failure();
    let sent = retries.abandoned.iter().chain(made.exchanges()).chain(&made.confirmation);
    let sent = sent::lines(context, &test_case.id, sent);
    conclude(context, &mut made, &retries, &mut result);
    CaseRun { result, left_behind: retries.left_behind, sent, failure }
}

/// Turns an attempt into the outcome.
fn conclude(context: &Context, attempt: &mut Attempt, retries: &Retries<'_>, result: &mut CaseResult) {
    let mut findings = std::mem::take(&mut attempt.findings);
    retries.report_unanswered(attempt.exchanges.len(), &mut findings);
    let violated = findings.iter().any(|finding| finding.kind == FindingKind::Violation);
    (result.outcome, result.reason) = if violated {
        (Outcome::Violates, attempt.failed.take().or_else(|| attempt.blocked.take()))
    } else if let Some(cause) = attempt.failed.take() {
        (Outcome::Error, Some(cause))
    } else if let Some(why) = attempt.blocked.take() {
        (Outcome::Inconclusive, Some(why))
    } else if !attempt.judged {
        let why = attempt.left_out.take().map(|when| format!("does not apply to this target: {when} is not true"));
        (Outcome::Skipped, why)
    } else {
        (outcome(&findings, &result.covers), None)
    };
    result.unread = attempt.unread;
    if result.outcome.is_conclusive() {
        let broken = |clause: &ClauseId| findings.iter().any(|finding| finding.clause == *clause);
        let vacuous = result.covers.iter().filter(|(clause, _)| !broken(clause));
        let vacuous =
            vacuous.filter_map(|(clause, side)| Some((clause.clone(), attempt.vacuous(clause, *side)?.into())));
        result.vacuous = vacuous.collect();
        result.examined = context.contract().ranges(&attempt.examined);
    }
    let telling = !matches!(result.outcome, Outcome::Conforms | Outcome::Observed | Outcome::Skipped);
    result.retried = retries.statuses();
    if telling || context.options.record_all || !result.retried.is_empty() {
        let sent = attempt.exchanges.iter().map(|sent| (sent.name.as_str(), &*sent.exchange));
        let telling = findings.iter().filter(|finding| finding.kind != FindingKind::Observation);
        let telling = telling.map(|finding| finding.exchange);
        result.exchanges = exchange_records(sent.chain(retries.named()), telling, &context.options.secrets);
    }
    // A case that came to no conclusion shows no reading.
    if matches!(result.outcome, Outcome::Error | Outcome::Inconclusive) {
        findings.retain(|finding| finding.kind != FindingKind::Observation);
    }
    result.findings = findings;
    let explained: Vec<bool> = result.findings.iter().map(|finding| is_explained(finding, result)).collect();
    let mut ranked: Vec<(bool, Finding)> = explained.into_iter().zip(take(&mut result.findings)).collect();
    ranked.sort_by_key(|(explained, finding)| (finding.kind, *explained));
    result.findings = ranked.into_iter().map(|(_, finding)| finding).collect();
}

/// The outcome that findings amount to. A reading that any answer shows besides, in a case about something else, is
/// recorded but doesn't make the case one of observation.
fn outcome(findings: &[Finding], covers: &BTreeMap<ClauseId, Polarity>) -> Outcome {
    match CaseResult::outcome_of(findings) {
        Outcome::Observed if !covers.values().any(|polarity| *polarity == Polarity::Observe) => Outcome::Conforms,
        outcome => outcome,
    }
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}
