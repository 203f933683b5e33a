//! Putting blame where it belongs, before a case is concluded.
//!
//! Three questions are asked of a target that missed an expectation. Is the very same, asked again, answered alike?
//! If not, equal requests get unequal answers, whatever the case is about. Is the unmodified valid request still
//! accepted? If not, a refusal says nothing of what the case changed. And where a clause is *relative* (about a request
//! among others): is the same request alone answered alike? If so, the others are not to blame.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::attempt::{Attempt, alone};
use super::context::Context;
use super::control;
use super::plan::TestCase;
use super::retry::Retries;
use crate::contract::{ClauseId, Polarity};
use crate::http::Exchange;
use crate::suite::{RenderError, Scope};
use crate::verdict::{CheckId, Finding, FindingKind, Place};

/// How many requests are sent alone for one case.
const ALONE: usize = 4;
/// How often a case that met a server error, or a refusal of what has to be accepted, is sent again at most, as long as it
/// meets it again: a server that fails now and then, or mixes answers up, may do so several times in a row, and that says
/// nothing of what the case is about.
const AGAIN: usize = 4;

/// Settles who is to blame for what an attempt found; gives back the exchanges that this took.
pub(super) async fn settle(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
) -> Result<Vec<Arc<Exchange>>, RenderError> {
    let mut exchanges = Vec::new();
    if first.findings.iter().any(|finding| is_relative(context, finding)) {
        excuse(context, test_case, first, retries, &mut exchanges).await?;
    }
    let relative =
        first.findings.iter().any(|finding| is_relative(context, finding) && !concurrent(test_case, first, finding));
    if relative || first.missed.as_ref().is_some_and(|missed| missed.repeatable) {
        again(context, test_case, first, retries, &mut exchanges).await?;
    }
    Ok(exchanges)
}

/// Whether a violation is one of a clause about a request among others.
fn is_relative(context: &Context, finding: &Finding) -> bool {
    finding.kind == FindingKind::Violation
        && [CheckId::EXPECT, CheckId::STATEMENT].contains(&finding.check)
        && context.contract.clause(finding.clause.as_str()).is_some_and(|clause| clause.relative)
}

fn concurrent(test_case: &TestCase, attempt: &Attempt, finding: &Finding) -> bool {
    let step = attempt.exchanges.get(finding.exchange).and_then(|sent| test_case.case().steps.get(sent.step));
    step.is_some_and(|step| step.concurrently)
}

/// What makes two findings of one step the same.
type Key = (usize, ClauseId, CheckId, Place);

fn key(attempt: &Attempt, finding: &Finding) -> Option<Key> {
    let step = attempt.exchanges.get(finding.exchange)?.step;
    Some((step, finding.clause.clone(), finding.check.clone(), finding.place.clone()))
}

/// Takes away the findings on relative clauses that arise also when the same request is sent alone.
async fn excuse(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let mut asked = BTreeSet::new();
    let mut excused = BTreeSet::new();
    for finding in first.findings.iter().filter(|finding| is_relative(context, finding)) {
        let (Some(key), Some(sent)) = (key(first, finding), first.exchanges.get(finding.exchange)) else { continue };
        if asked.len() == ALONE || !asked.insert(key.clone()) {
            continue;
        }
        let id = format!("{}#alone-{}", test_case.id, asked.len());
        let place = (sent.step, sent.repeat);
        // A request that is made from another step's answer can't be sent without that step: the finding stands.
        let Ok(Some(alone)) = alone_when_heard(context, test_case, &id, place, retries).await else { continue };
        let same = |other: &Finding| {
            (&other.clause, &other.check, &other.place) == (&finding.clause, &finding.check, &finding.place)
        };
        if alone.findings.iter().any(same) {
            excused.insert(key);
        }
        exchanges.extend(alone.exchanges.into_iter().map(|sent| sent.exchange));
    }
    let findings = std::mem::take(&mut first.findings);
    let stands = |finding: &Finding| key(first, finding).is_none_or(|key| !excused.contains(&key));
    let kept: Vec<Finding> = findings.into_iter().filter(stands).collect();
    first.findings = kept;
    if !excused.is_empty() {
        first.blocked.get_or_insert_with(|| {
            "the same request alone is answered so, too: nothing shows that the others matter".to_owned()
        });
    }
    Ok(())
}

/// Sends one request of a case alone, and again as long as its answer may pass by itself.
async fn alone_when_heard(
    context: &Context,
    test_case: &TestCase,
    id: &str,
    place: (usize, usize),
    retries: &mut Retries<'_>,
) -> Result<Option<Attempt>, RenderError> {
    loop {
        let scope = Scope::for_row(&context.bindings, context.seed, &retries.fresh(id), &test_case.row)?;
        let Some(mut made) = alone(context, test_case.case(), &test_case.row, &scope, place, retries).await? else {
            return Ok(None);
        };
        let Some(pause) = made.pause.take() else { return Ok(Some(made)) };
        let exchanges = made.exchanges.iter().map(|sent| Arc::clone(&sent.exchange)).collect();
        if retries.wait(pause, exchanges).await.is_err() {
            return Ok(Some(made));
        }
    }
}

/// Asks everything again with fresh values.
async fn again(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let id = format!("{}#again", test_case.id);
    let scope = Scope::for_row(&context.bindings, context.seed, &id, &test_case.row)?;
    let mut second = retries.attempt(test_case, &id, scope).await?;
    exchanges.extend(second.exchanges.iter().map(|sent| Arc::clone(&sent.exchange)));
    let control_clause = &context.control_clause;
    let met = |finding: &Finding| !second.findings.iter().any(|other| other.clause == finding.clause);
    for finding in &mut first.findings {
        if is_relative(context, finding) && finding.clause != *control_clause && met(finding) {
            finding.clause = control_clause.clone();
            finding.observed.push_str(", but as expected when all was sent again");
        }
    }
    let missed = first.missed.clone().filter(|missed| missed.repeatable && second.blocked.is_none());
    let Some(missed) = missed else { return Ok(()) };
    let alike = |second: &Attempt| {
        second.missed.as_ref().is_some_and(|again| (again.step, again.status) == (missed.step, missed.status))
    };
    let by_chance = missed.status >= 500 || missed.cover.polarity == Polarity::Accept;
    for number in 2..=AGAIN {
        if !by_chance || !alike(&second) {
            break;
        }
        let id = format!("{}#again-{number}", test_case.id);
        let scope = Scope::for_row(&context.bindings, context.seed, &id, &test_case.row)?;
        second = retries.attempt(test_case, &id, scope).await?;
        exchanges.extend(second.exchanges.iter().map(|sent| Arc::clone(&sent.exchange)));
    }
    if !alike(&second) {
        let answered = second.missed.take().map_or_else(|| "as expected".to_owned(), |again| again.status.to_string());
        first.put_missed_down_to(control_clause, &format!("but {answered} when the same was sent again"));
    } else if missed.cover.polarity == Polarity::Accept {
        let control = control::send_until_heard(context, &format!("{}#control", test_case.id), retries).await?;
        if let Some(why) = &control.spent {
            first.take_missed_back(why);
        } else if control.exchange.answer.response().is_some_and(|response| !response.accepted()) {
            first.put_missed_down_to(control_clause, "as the unmodified valid request is by now");
        }
        exchanges.push(control.exchange);
    }
    Ok(())
}
