//! Confirming who is to blame, before a case is concluded.
//!
//! Three questions are asked of a target that missed an expectation. Is the very same, asked again, answered alike?
//! If not, equal requests get unequal answers, whatever the case is about. Is the unmodified valid request still
//! accepted? If not, a refusal says nothing of what the case changed. And where a clause is *relative* (about a request
//! among others): is the same request answered alike in isolation? If so, the others are not to blame.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::attempt::{Attempt, MissedExpectation};
use super::retry::Retries;
use super::steps::{RequestPlace, attempt, attempt_isolated};
use crate::contract::Polarity;
use crate::http::Exchange;
use crate::run::context::Context;
use crate::run::plan::TestCase;
use crate::suite::RenderError;
use crate::verdict::{Finding, FindingKind};

/// How many requests are sent in isolation for one case.
const ISOLATED: usize = 4;
/// How often a case that met a server error, or a refusal of what has to be accepted, is sent again at most, as long as it
/// meets it again: a server that fails now and then, or mixes answers up, may do so several times in a row, and that says
/// nothing of what the case is about.
const REPETITIONS: usize = 4;

/// Confirms who is to blame for what an attempt found; gives back the exchanges that this took.
pub(super) async fn confirm(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
) -> Result<Vec<Arc<Exchange>>, RenderError> {
    let mut exchanges = Vec::new();
    if first.findings.iter().any(|finding| is_relative(context, finding)) {
        isolate(context, test_case, first, retries, &mut exchanges).await?;
    }
    let relative =
        first.findings.iter().any(|finding| is_relative(context, finding) && !is_concurrent(test_case, first, finding));
    if relative || first.missed.as_ref().is_some_and(|missed| missed.repeatable) {
        repeat(context, test_case, first, retries, &mut exchanges).await?;
    }
    Ok(exchanges)
}

/// Whether a violation is one of a clause about a request among others.
fn is_relative(context: &Context, finding: &Finding) -> bool {
    finding.kind == FindingKind::Violation
        && matches!(finding.check.as_str(), "expect" | "statement")
        && context.contract().clause(finding.clause.as_str()).is_some_and(|clause| clause.relative)
}

fn is_concurrent(test_case: &TestCase, attempt: &Attempt, finding: &Finding) -> bool {
    let step = attempt.exchanges.get(finding.exchange).and_then(|sent| test_case.case.steps.get(sent.step));
    step.is_some_and(|step| step.concurrently)
}

/// What makes two findings of an attempt the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FindingKey {
    step: usize,
    clause: String,
    check: String,
    place: String,
}

impl FindingKey {
    fn new(attempt: &Attempt, finding: &Finding) -> Option<Self> {
        let step = attempt.exchanges.get(finding.exchange)?.step;
        let (clause, check, place) = (finding.clause.to_string(), finding.check.clone(), finding.place.clone());
        Some(Self { step, clause, check, place })
    }
}

/// Withdraws the findings on relative clauses that arise also when the same request is sent in isolation.
async fn isolate(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let mut asked = BTreeSet::new();
    let mut withdrawn = BTreeSet::new();
    for finding in first.findings.iter().filter(|finding| is_relative(context, finding)) {
        let (Some(key), Some(sent)) = (FindingKey::new(first, finding), first.exchanges.get(finding.exchange)) else {
            continue;
        };
        if asked.len() == ISOLATED || !asked.insert(key.clone()) {
            continue;
        }
        let id = format!("{}#alone-{}", test_case.id, asked.len());
        let place = RequestPlace { step: sent.step, repeat: sent.repeat };
        // A request that is made from another step's answer can't be sent without that step: the finding stands.
        let Ok(Some(isolated)) = attempt_isolated(context, test_case, &id, place, retries).await else { continue };
        let arises = isolated.findings.iter().any(|other| FindingKey::new(&isolated, other).as_ref() == Some(&key));
        if arises {
            withdrawn.insert(key);
        }
        exchanges.extend(isolated.exchanges().cloned());
    }
    let mut findings = std::mem::take(&mut first.findings);
    findings.retain(|finding| FindingKey::new(first, finding).is_none_or(|key| !withdrawn.contains(&key)));
    first.findings = findings;
    if !withdrawn.is_empty() {
        let why = "sent alone, the same request gets the same answer: nothing shows that the others matter";
        first.blocked.get_or_insert_with(|| why.to_owned());
    }
    Ok(())
}

/// Asks everything again with fresh values, and puts what is answered otherwise then down to the control's clause.
async fn repeat(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let mut second = attempt_again(context, test_case, "again", retries, exchanges).await?;
    let control_clause = &context.control_clause;
    for finding in first.findings.iter_mut().filter(|finding| is_relative(context, finding)) {
        if finding.clause != *control_clause && !second.findings.iter().any(|other| other.clause == finding.clause) {
            finding.clause = control_clause.clone();
            finding.observed.push_str(", but as expected when all was sent again");
        }
    }
    let missed = first.missed.clone().filter(|missed| missed.repeatable && second.blocked.is_none());
    let Some(missed) = missed else { return Ok(()) };
    let by_chance = missed.status >= 500 || missed.cover.polarity == Polarity::Accept;
    for number in 2..=REPETITIONS {
        if !by_chance || !misses_alike(&second, &missed) {
            break;
        }
        second = attempt_again(context, test_case, &format!("again-{number}"), retries, exchanges).await?;
    }
    if !misses_alike(&second, &missed) {
        let answered = second.missed.take().map_or_else(|| "as expected".to_owned(), |again| again.status.to_string());
        first.reattribute_missed(control_clause, &format!("but {answered} when the same was sent again"));
    } else if missed.cover.polarity == Polarity::Accept {
        control_again(context, test_case, first, retries, exchanges).await?;
    }
    Ok(())
}

fn misses_alike(attempt: &Attempt, missed: &MissedExpectation) -> bool {
    attempt.missed.as_ref().is_some_and(|again| (again.step, again.status) == (missed.step, missed.status))
}

async fn attempt_again(
    context: &Context,
    test_case: &TestCase,
    suffix: &str,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<Attempt, RenderError> {
    let id = format!("{}#{suffix}", test_case.id);
    let scope = context.scope(&id, &test_case.row)?;
    let made = attempt(context, test_case, &id, scope, retries).await?;
    exchanges.extend(made.exchanges().cloned());
    Ok(made)
}

/// Sends the control: where it is refused by now, too, a refusal says nothing of what the case changed.
async fn control_again(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let id = format!("{}#control", test_case.id);
    let control = TestCase::control(context.suite(), id, "the valid request");
    let scope = context.scope(&control.id, &control.row)?;
    let made = attempt(context, &control, &control.id, scope, retries).await?;
    let refused = made.exchanges().last().and_then(|exchange| exchange.answer.response());
    if let (true, Some(why)) = (made.limited, &made.blocked) {
        first.withdraw_missed(why);
    } else if refused.is_some_and(|response| !response.accepted()) {
        first.reattribute_missed(&context.control_clause, "as the unmodified valid request is by now");
    }
    exchanges.extend(made.exchanges().cloned());
    Ok(())
}
