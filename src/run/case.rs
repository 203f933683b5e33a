//! One case row from beginning to end: what it needs, its attempt, who is to blame, cleaning up, and the
//! result.

use std::collections::BTreeMap;
use std::time::Instant;

use super::attempt::{Attempt, Sent};
use super::cleanup::clean_up;
use super::confirm::settle;
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use super::record::exchange_record;
use super::retry::Retries;
use crate::contract::{ClauseId, Polarity};
use crate::snapshot::{ComparedRow, StepExchange, Subject};
use crate::suite::{GeneratedText, RenderError, Scope, Shape};
use crate::verdict::{CaseResult, Finding, FindingKind, LeftBehind, Outcome};

/// Runs one case row.
pub(super) async fn run(context: &Context, test_case: &TestCase, turn: &mut Permit) -> (CaseResult, Vec<LeftBehind>) {
    let started = Instant::now();
    let scope = Scope::for_row(&context.bindings, context.seed, &test_case.id, &test_case.row);
    let mut result = blank(test_case, scope.as_ref().ok());
    let missing = context.missing(test_case.case().needs_of(&test_case.row));
    let mut left = Vec::new();
    if !missing.is_empty() {
        result.outcome = Outcome::Skipped;
        result.reason = Some(format!("needs {}, which was not provided", missing.join(" and ")));
        return (result, left);
    }
    let mut retries = Retries::new(context, &test_case.id, turn);
    let fired = match scope {
        Ok(scope) => fire(context, test_case, scope, &mut retries, &mut result, started).await,
        Err(error) => Err(error),
    };
    left.append(&mut retries.left);
    if let Err(error) = fired {
        result.outcome = Outcome::Error;
        result.reason = Some(format!("{}:{}: {error}", test_case.case().file, test_case.case().line));
        result.elapsed_ms = milliseconds(started);
    }
    (result, left)
}

/// The result of a case row that was not fired.
pub(super) fn not_fired(context: &Context, test_case: &TestCase, reason: &str) -> CaseResult {
    let scope = Scope::for_row(&context.bindings, context.seed, &test_case.id, &test_case.row);
    CaseResult {
        outcome: Outcome::Inconclusive,
        reason: Some(reason.to_owned()),
        ..blank(test_case, scope.as_ref().ok())
    }
}

fn blank(test_case: &TestCase, scope: Option<&Scope>) -> CaseResult {
    let covers = (0..test_case.case().steps.len())
        .flat_map(|step| test_case.case().covers_of(&test_case.row, step))
        .filter_map(|cover| Some((ClauseId::new(&cover.clause)?, cover.polarity)))
        .collect();
    let title = test_case.case().title_of(&test_case.row);
    // What can't be rendered is shown as it is written; firing the case tells what is wrong with it.
    let rendered = scope.and_then(|scope| title.text(scope).ok());
    let title = rendered.unwrap_or_else(|| title.to_string());
    let (file, line) = (&test_case.case().file, test_case.case().line as usize);
    CaseResult { covers, at: Some(test_case.at), ..CaseResult::unearned(test_case.id.clone(), title, file, line) }
}

async fn fire(
    context: &Context,
    test_case: &TestCase,
    scope: Scope,
    retries: &mut Retries<'_>,
    result: &mut CaseResult,
    started: Instant,
) -> Result<(), RenderError> {
    let mut first = retries.attempt(test_case, &test_case.id, scope.clone()).await?;
    let extra = settle(context, test_case, &mut first, retries).await?;
    result.requests = first.exchanges.len() + extra.len() + retries.given_up.len();
    result.elapsed_ms = milliseconds(started);
    let exchanges = first.exchanges.iter().map(|sent| &sent.exchange);
    retries.left.extend(clean_up(context, &test_case.id, &scope, exchanges.chain(&extra)).await);
    let drawn = std::mem::take(&mut first.drawn);
    let sent = conclude(context, first, retries, result);
    take_snapshots(context, test_case, &drawn, &sent, result);
    Ok(())
}

/// Compares what came back with what is recorded. Where the case told nothing, there is nothing to compare.
fn take_snapshots(
    context: &Context,
    test_case: &TestCase,
    drawn: &[GeneratedText],
    all: &[Sent],
    result: &mut CaseResult,
) {
    let Some(store) = context.snapshots.as_deref().filter(|store| store.holds(test_case.case(), &test_case.row)) else {
        return;
    };
    if matches!(result.outcome, Outcome::Error | Outcome::Inconclusive | Outcome::Skipped) {
        return;
    }
    let at_once = |sent: &Sent| test_case.case().steps.get(sent.step).is_some_and(|step| step.concurrently);
    let foreign = |sent: &Sent| {
        test_case.case().expect_of(&test_case.row, sent.step).is_some_and(|expect| expect.shape == Shape::Free)
    };
    // Of a step that tries one candidate after the other, how many it tried is a matter of chance.
    let last = |sent: &&Sent| {
        let step = test_case.case().steps.get(sent.step);
        let until = step.is_some_and(|step| step.until_accepted);
        !until || all.iter().rfind(|other| other.step == sent.step).is_some_and(|other| other.repeat == sent.repeat)
    };
    let shots: Vec<StepExchange<'_>> = all
        .iter()
        .filter(last)
        .map(|sent| StepExchange {
            step: &sent.name,
            at_once: at_once(sent),
            foreign: foreign(sent),
            exchange: &sent.exchange,
        })
        .collect();
    let subject = Subject {
        plan: &context.suite.snapshots,
        own: test_case.case().own_redactions(),
        drawn,
        variables: &context.variables,
        secrets: &context.secrets,
        base_url: &context.base_url,
        shots: &shots,
    };
    let taken =
        ComparedRow { case: test_case.case(), row: &test_case.row, id: &test_case.id, title: &result.title, subject };
    match store.take(&taken) {
        Ok(snapshots) => result.snapshots = snapshots,
        // A violation stays one; anything else was not found out in full.
        Err(error) if result.outcome != Outcome::Violates => {
            (result.outcome, result.reason) = (Outcome::Error, Some(error.to_string()));
        }
        Err(_) => {}
    }
}

/// Turns an attempt into the outcome; gives back what was sent.
fn conclude(context: &Context, attempt: Attempt, retries: &Retries<'_>, result: &mut CaseResult) -> Vec<Sent> {
    let violated = attempt.findings.iter().any(|finding| finding.kind == FindingKind::Violation);
    (result.outcome, result.reason) = if violated {
        (Outcome::Violates, attempt.blocked)
    } else if let Some(cause) = attempt.failed {
        (Outcome::Error, Some(cause))
    } else if let Some(why) = attempt.blocked {
        (Outcome::Inconclusive, Some(why))
    } else if !attempt.judged {
        let why = attempt.left_out.map(|when| format!("does not apply to this target: {when} is not true"));
        (Outcome::Skipped, why)
    } else {
        (outcome(&attempt.findings, &result.covers), None)
    };
    let telling = !matches!(result.outcome, Outcome::Conforms | Outcome::Observed | Outcome::Skipped);
    result.retried = retries.statuses();
    if telling || context.record_all || !result.retried.is_empty() {
        result.exchanges = attempt
            .exchanges
            .iter()
            .map(|sent| exchange_record(&sent.name, &sent.exchange, &context.secrets))
            .chain(retries.records())
            .collect();
    }
    result.findings = attempt.findings;
    result.findings.sort_by_key(|finding| finding.kind);
    // A case that came to no conclusion shows no reading either.
    if matches!(result.outcome, Outcome::Error | Outcome::Inconclusive) {
        result.findings.retain(|finding| finding.kind != FindingKind::Observation);
    }
    attempt.exchanges
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
