//! Comparing what came back with what is recorded.

use std::sync::Arc;

use super::attempt::CaseExchange;
use crate::run::context::Context;
use crate::run::plan::TestCase;
use crate::snapshot::{ComparedRow, FileError, StepExchange, Store, Subject};
use crate::suite::{GeneratedText, Shape, Step};
use crate::verdict::{CaseResult, FindingKind, Outcome, SnapshotResult};

/// Compares a case's exchanges with what is recorded, on a thread of its own, so that a slow disk holds up no request that
/// is under way. Where the case told nothing, there is nothing to compare.
pub(super) async fn compare(
    context: &Arc<Context>,
    test_case: &TestCase,
    drawn: Vec<GeneratedText>,
    exchanges: Vec<CaseExchange>,
    result: &mut CaseResult,
) {
    let Some(store) = context.options.snapshots.clone().filter(|store| store.holds(&test_case.case, &test_case.row))
    else {
        return;
    };
    if matches!(result.outcome, Outcome::Error | Outcome::Inconclusive | Outcome::Skipped) {
        return;
    }
    let (shared, test_case, title) = (Arc::clone(context), test_case.clone(), result.title.clone());
    let compared = tokio::task::spawn_blocking(move || take(&shared, &store, &test_case, &title, &drawn, &exchanges));
    let compared = tokio::select! {
        compared = compared => compared,
        () = context.stop.overdue() => {
            // A violation stays one; of anything else nothing more is known.
            if result.outcome != Outcome::Violates {
                (result.outcome, result.reason) = (Outcome::Inconclusive, Some(context.judging_when_stopped()));
                result.findings.retain(|finding| finding.kind != FindingKind::Observation);
            }
            return;
        }
    };
    let failure = match compared {
        Ok(Ok(snapshots)) => {
            result.snapshots = snapshots;
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    // A violation stays one; anything else was not found out in full.
    if result.outcome != Outcome::Violates {
        (result.outcome, result.reason) = (Outcome::Error, Some(failure));
    }
}

fn take(
    context: &Context,
    store: &Store,
    test_case: &TestCase,
    title: &str,
    drawn: &[GeneratedText],
    exchanges: &[CaseExchange],
) -> Result<Vec<SnapshotResult>, FileError> {
    let TestCase { case, row, id, .. } = test_case;
    let shots = shots(test_case, exchanges);
    let subject = Subject {
        plan: &context.suite().snapshots,
        own: case.own_redactions(),
        drawn,
        variables: &context.variables,
        secrets: &context.options.secrets,
        base_url: &context.options.base_url,
        shots: &shots,
    };
    store.take(&ComparedRow { case, row, id, title, subject })
}

/// The exchanges that are shown: of a step that tries one candidate after the other the last alone, for how many it tried
/// is a matter of chance. What was made for the case is not what it is about.
fn shots<'a>(test_case: &TestCase, exchanges: &'a [CaseExchange]) -> Vec<StepExchange<'a>> {
    let step = |sent: &CaseExchange| test_case.case.steps.get(sent.step);
    let is = |sent: &CaseExchange, what: fn(&Step) -> bool| step(sent).is_some_and(what);
    let foreign = |sent: &CaseExchange| {
        let expect = test_case.case.expect_of(&test_case.row, sent.step);
        expect.is_some_and(|expect| expect.shape == Shape::Free)
    };
    let is_last = |sent: &CaseExchange| {
        exchanges.iter().rfind(|other| other.step == sent.step).is_some_and(|other| other.repeat == sent.repeat)
    };
    exchanges
        .iter()
        .filter(|sent| !is(sent, |step| step.makes.is_some()))
        .filter(|sent| !is(sent, |step| step.until_accepted) || is_last(sent))
        .map(|sent| StepExchange {
            step: &sent.name,
            at_once: is(sent, |step| step.concurrently),
            foreign: foreign(sent),
            exchange: &sent.exchange,
        })
        .collect()
}
