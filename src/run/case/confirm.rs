//! Confirming who is to blame, before a case is concluded.
//!
//! A target that missed an expectation is asked the very same again. If it answers otherwise, equal requests get unequal
//! answers, whatever the case is about. It is asked with fresh values: if that makes the difference, what was drawn is to
//! blame ([`super::values`]). It is sent the unmodified valid request: if that is refused by now, a refusal says nothing of
//! what the case changed. And where a clause is *relative* (about a request among others): is the same request answered
//! alike in isolation? If so, the others are not to blame.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::attempt::{Attempt, MissedExpectation};
use super::judge::exhausted;
use super::members::{different_members, fresh_members, object};
use super::retry::Retries;
use super::steps::{attempt, attempt_isolated};
use super::values::{DRAWS, RequestPair, may_be_of_values, refused_value};
use crate::check::expect::{self, Fit};
use crate::http::{Answer, Exchange, Request};
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
    if relative {
        repeat_relative(context, test_case, first, retries, &mut exchanges).await?;
    }
    if let Some(missed) = first.missed.clone().filter(|missed| missed.repeatable) {
        confirm_missed(context, test_case, first, &missed, retries, &mut exchanges).await?;
    }
    Ok(exchanges)
}

/// Whether a violation is one of a clause about a request among others.
fn is_relative(context: &Context, finding: &Finding) -> bool {
    finding.kind == FindingKind::Violation
        && matches!(finding.check.as_str(), "expect" | "statement" | "counts")
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
        // A request that is made from another step's answer can't be sent without that step: the finding stands.
        let Ok(Some(isolated)) = attempt_isolated(context, test_case, &id, sent, retries).await else { continue };
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

/// Asks everything again with fresh values, and puts findings on relative clauses that don't come again down to the
/// control's clause.
async fn repeat_relative(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let second = attempt_again(context, test_case, "again", retries, exchanges).await?;
    let control_clause = &context.control_clause;
    for finding in first.findings.iter_mut().filter(|finding| is_relative(context, finding)) {
        if finding.clause != *control_clause && !second.findings.iter().any(|other| other.clause == finding.clause) {
            finding.clause = control_clause.clone();
            finding.observed.push_str(", but as expected when all was sent again");
        }
    }
    Ok(())
}

/// Confirms a missed expectation: with the very same bytes first, which a refusal leaves as good as new, then with fresh
/// values, then beside the control.
async fn confirm_missed(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    missed: &MissedExpectation,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let repetitions = if missed.accepts || missed.status >= 500 { REPETITIONS } else { 1 };
    let Some(request) = missed_request(first, missed) else { return Ok(()) };
    for _ in 0..repetitions {
        let exchange = retries.send(&test_case.id, &request).await?;
        let again = compare(context, test_case, missed, &exchange);
        exchanges.push(exchange);
        match again {
            Repetition::Alike => {}
            Repetition::Different(answered) => {
                let why = format!("but {answered} when the same was sent again");
                first.reattribute_missed(&context.control_clause, &why);
                return Ok(());
            }
            Repetition::Unknown => return Ok(()),
        }
    }
    for number in 1..=if missed.accepts { REPETITIONS } else { 2 } {
        let second = attempt_again(context, test_case, &format!("again-{number}"), retries, exchanges).await?;
        if second.blocked.is_some() || second.failed.is_some() {
            return Ok(());
        }
        if !misses_alike(&second, missed) {
            let fresh = missed_request(&second, missed).filter(|_| second.missed.is_none());
            return blame_values(context, test_case, first, &request, fresh, retries, exchanges).await;
        }
    }
    if missed.accepts {
        compare_with_control(context, test_case, first, missed, &request, retries, exchanges).await?;
    }
    Ok(())
}

/// How the answer to the same request compares with the one before.
enum Repetition {
    Alike,
    /// As a fragment: `401`, or `as expected`.
    Different(String),
    /// It says nothing of the request.
    Unknown,
}

fn compare(context: &Context, test_case: &TestCase, missed: &MissedExpectation, exchange: &Exchange) -> Repetition {
    let response = match &exchange.answer {
        Answer::Complete(response) => response,
        Answer::Unusable { defect, .. } => return Repetition::Different(defect.says().to_owned()),
        Answer::Unreachable { .. } => return Repetition::Unknown,
    };
    let Some(expect) = test_case.case.expect_of(&test_case.row, missed.step) else { return Repetition::Unknown };
    match expect::fit(expect, &context.suite().accepted, response.status) {
        Fit::Missed if exhausted(context, exchange).is_some() => Repetition::Unknown,
        Fit::Missed if response.status == missed.status => Repetition::Alike,
        Fit::Missed => Repetition::Different(response.status.to_string()),
        _ => Repetition::Different("as expected".to_owned()),
    }
}

/// The request of the step that missed its expectation, as an attempt sent it last.
fn missed_request(attempt: &Attempt, missed: &MissedExpectation) -> Option<Arc<Request>> {
    let sent = attempt.exchanges.iter().rfind(|sent| sent.step == missed.step)?;
    Some(Arc::clone(&sent.exchange.request))
}

fn misses_alike(attempt: &Attempt, missed: &MissedExpectation) -> bool {
    attempt.missed.as_ref().is_some_and(|again| (again.step, again.status) == (missed.step, missed.status))
}

/// Puts a refusal that came again with the same bytes and didn't with fresh values down to these values; or to the
/// control's clause, where none of them is to blame.
async fn blame_values(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    request: &Request,
    fresh: Option<Arc<Request>>,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    if let (Some(fresh), Some(bad)) = (&fresh, object(request)) {
        let members = object(fresh).map(|good| different_members(&good, &bad)).unwrap_or_default();
        let pair = RequestPair { accepted: fresh, refused: request };
        let value = refused_value(context, &test_case.id, pair, &members, retries, exchanges).await?;
        if let Some(value) = value {
            first.reattribute_missed(&value.clause, &value.says());
            return Ok(());
        }
    }
    let why = "but otherwise when all was sent again with other values";
    first.reattribute_missed(&context.control_clause, why);
    Ok(())
}

/// Sends the control until it is accepted: where it never is, a refusal says nothing of what the case changed, and where it
/// isn't with the values of the refused request, these are to blame.
async fn compare_with_control(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    missed: &MissedExpectation,
    request: &Request,
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<(), RenderError> {
    let mut accepted = None;
    for number in 0..DRAWS {
        let id = format!("{}#control-{number}", test_case.id);
        let control = TestCase::control(context.suite(), id, "the valid request");
        let scope = context.scope(&control.id, &control.row)?;
        let made = attempt(context, &control, &control.id, scope, retries).await?;
        exchanges.extend(made.exchanges().cloned());
        if let (true, Some(why)) = (made.limited, &made.blocked) {
            first.withdraw_missed(why);
            return Ok(());
        }
        let Some(exchange) = made.exchanges().last() else { return Ok(()) };
        let Some(response) = exchange.answer.response() else { return Ok(()) };
        if response.accepted() {
            accepted = Some(Arc::clone(&exchange.request));
            break;
        }
        if !may_be_of_values(response.status) {
            break;
        }
    }
    let Some(accepted) = accepted else {
        first.reattribute_missed(&context.control_clause, "as the unmodified valid request is by now");
        return Ok(());
    };
    let Some(step) = test_case.case.steps.get(missed.step) else { return Ok(()) };
    let members = fresh_members(context, &step.overrides);
    let pair = RequestPair { accepted: &accepted, refused: request };
    if let Some(value) = refused_value(context, &test_case.id, pair, &members, retries, exchanges).await? {
        first.reattribute_missed(&value.clause, &value.says());
    }
    Ok(())
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
