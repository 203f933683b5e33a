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
use crate::contract::ClauseId;
use crate::http::{Answer, Defect, Exchange, Request};
use crate::run::context::Context;
use crate::run::plan::TestCase;
use crate::suite::{Case, Connection, RenderError};
use crate::verdict::{CheckId, Finding, FindingKind, Place};

/// How many requests are sent in isolation for one case.
const IN_ISOLATION: usize = 4;
/// How often a case that met a server error, or a refusal of what has to be accepted, is sent again at most, as long as it
/// meets it again: a server that fails now and then, or mixes answers up, may do so several times in a row, and that says
/// nothing of what the case is about.
const REPETITIONS: usize = 4;
/// How often a case whose request is answered alike again is sent with other values at most.
const OTHER_VALUES: usize = 2;
/// How often a case is sent again that finds a request to depend on the others: a server that fails now and then meets the
/// same place of it once more, but hardly every time.
const RELATIVE_REPETITIONS: usize = 3;

/// Confirms who is to blame for what an attempt found; gives back the exchanges that this took, and why it was broken off, if
/// it was.
pub(super) async fn confirm(
    context: &Context,
    test_case: &TestCase,
    first: &mut Attempt,
    retries: &mut Retries<'_>,
) -> (Vec<Arc<Exchange>>, Result<(), RenderError>) {
    let mut confirmation = Confirmation { context, test_case, first, retries, exchanges: Vec::new() };
    let done = confirmation.confirm().await;
    (confirmation.exchanges, done)
}

/// Whether a violation is one of a clause about a request among others.
fn is_relative(context: &Context, finding: &Finding) -> bool {
    finding.kind == FindingKind::Violation
        && [CheckId::EXPECT, CheckId::STATEMENT, CheckId::COUNTS].contains(&finding.check)
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
    clause: ClauseId,
    check: CheckId,
    place: Place,
}

impl FindingKey {
    fn new(attempt: &Attempt, finding: &Finding) -> Option<Self> {
        let step = attempt.exchanges.get(finding.exchange)?.step;
        let (clause, check, place) = (finding.clause.clone(), finding.check.clone(), finding.place.clone());
        Some(Self { step, clause, check, place })
    }
}

/// What is asked of a target once more, about one case.
struct Confirmation<'a, 'r> {
    context: &'a Context,
    test_case: &'a TestCase,
    /// What is to be confirmed.
    first: &'a mut Attempt,
    retries: &'a mut Retries<'r>,
    /// Everything that was sent for it.
    exchanges: Vec<Arc<Exchange>>,
}

impl Confirmation<'_, '_> {
    fn relative(&self) -> impl Iterator<Item = &Finding> {
        self.first.findings.iter().filter(|finding| is_relative(self.context, finding))
    }

    async fn confirm(&mut self) -> Result<(), RenderError> {
        if self.relative().next().is_some() {
            self.isolate().await?;
        }
        let sequential = |finding: &Finding| !is_concurrent(self.test_case, self.first, finding);
        if self.relative().any(sequential) {
            self.repeat_relative().await?;
        }
        if let Some(missed) = self.first.missed.clone().filter(|missed| missed.repeatable) {
            self.confirm_missed(&missed).await?;
        }
        Ok(())
    }

    /// Withdraws the findings on relative clauses that arise also when the same request is sent in isolation.
    async fn isolate(&mut self) -> Result<(), RenderError> {
        let mut asked = BTreeSet::new();
        let mut withdrawn = BTreeSet::new();
        for finding in self.first.findings.iter().filter(|finding| is_relative(self.context, finding)) {
            let key = FindingKey::new(self.first, finding);
            let (Some(key), Some(sent)) = (key, self.first.exchanges.get(finding.exchange)) else { continue };
            if asked.len() == IN_ISOLATION || !asked.insert(key.clone()) {
                continue;
            }
            let id = format!("{}#alone-{}", self.test_case.id, asked.len());
            let isolated = attempt_isolated(self.context, self.test_case, &id, sent, self.retries).await;
            // A request that is made from another step's answer can't be sent without that step: the finding stands.
            let isolated = match isolated {
                Ok(Some(isolated)) => isolated,
                Err(stopped @ RenderError::Stopped(_)) => return Err(stopped),
                _ => continue,
            };
            if isolated.findings.iter().any(|other| FindingKey::new(&isolated, other).as_ref() == Some(&key)) {
                withdrawn.insert(key);
            }
            self.exchanges.extend(isolated.exchanges().cloned());
        }
        let mut findings = std::mem::take(&mut self.first.findings);
        findings.retain(|finding| FindingKey::new(self.first, finding).is_none_or(|key| !withdrawn.contains(&key)));
        self.first.findings = findings;
        if !withdrawn.is_empty() {
            let why = "sent alone, the same request gets the same answer: nothing shows that the others matter";
            self.first.blocked.get_or_insert_with(|| why.to_owned());
        }
        Ok(())
    }

    /// Asks everything again with other values, and puts findings on relative clauses that don't come again each time down
    /// to the control's clause.
    async fn repeat_relative(&mut self) -> Result<(), RenderError> {
        let mut stands: BTreeSet<FindingKey> = self
            .relative()
            .filter(|finding| !is_concurrent(self.test_case, self.first, finding))
            .filter_map(|finding| FindingKey::new(self.first, finding))
            .collect();
        let doubtful = stands.clone();
        for number in 1..=RELATIVE_REPETITIONS {
            if stands.is_empty() {
                break;
            }
            let again = self.attempt_again(&format!("again-{number}"), self.test_case).await?;
            let found = |key: &FindingKey| {
                again.findings.iter().any(|other| FindingKey::new(&again, other).as_ref() == Some(key))
            };
            stands.retain(found);
        }
        let mut findings = std::mem::take(&mut self.first.findings);
        for finding in &mut findings {
            let Some(key) = FindingKey::new(self.first, finding).filter(|key| doubtful.contains(key)) else { continue };
            if stands.contains(&key) {
                finding.check = CheckId::ISOLATED;
            } else if let Some(clause) = self.control_clause(key.step).filter(|clause| finding.clause != *clause) {
                finding.clause = clause;
                finding.check = CheckId::STEADY;
                finding.observed.push_str(", but as expected when all was sent again");
            }
        }
        self.first.findings = findings;
        Ok(())
    }

    /// Confirms a missed expectation: with the very same bytes first, which a refusal leaves as good as new, then with other
    /// values, then beside the control.
    async fn confirm_missed(&mut self, missed: &MissedExpectation) -> Result<(), RenderError> {
        // What was answered with a 5xx may have been carried out, so that the same bytes are another matter by now.
        let (with_same_bytes, with_other_values) = match missed.status {
            500.. => (0, REPETITIONS),
            _ if missed.accepts => (REPETITIONS, OTHER_VALUES),
            _ => (1, OTHER_VALUES),
        };
        let Some(request) = missed_request(self.first, missed) else { return Ok(()) };
        let mut answered_otherwise = None;
        for _ in 0..with_same_bytes {
            let exchange = self.retries.send(&self.test_case.id, &request).await?;
            let again = compare(self.context, self.test_case, missed, &exchange);
            self.exchanges.push(exchange.judged());
            match again {
                Repetition::Alike => {}
                Repetition::AsExpected => {
                    self.blame_control("but as expected when the same was sent again");
                    return Ok(());
                }
                // The refusal may have had an effect, so that the same is another matter by now: other values tell.
                Repetition::Otherwise(answered) => {
                    answered_otherwise = Some(answered);
                    break;
                }
                Repetition::Unknown => return Ok(()),
            }
        }
        let isolated = on_fresh_connections(self.test_case);
        for number in 1..=with_other_values {
            let second = self.attempt_again(&format!("again-{number}"), &isolated).await?;
            if second.blocked.is_some() || second.failed.is_some() {
                return Ok(());
            }
            // With other values, an earlier step may have come out otherwise, so that this one was not sent.
            if missed_request(&second, missed).is_none() {
                continue;
            }
            if !misses_alike(&second, missed) {
                if let Some(answered) = answered_otherwise {
                    self.blame_control(&format!("but {answered} when the same was sent again"));
                    return Ok(());
                }
                let accepted = missed_request(&second, missed).filter(|_| second.missed.is_none());
                return self.compare_values(&request, accepted).await;
            }
        }
        if missed.accepts { self.compare_with_control(missed, &request).await } else { Ok(()) }
    }

    /// Puts a refusal that came again with the same bytes and didn't with other values down to these values; or to the
    /// control's clause, where none of them is to blame.
    async fn compare_values(&mut self, refused: &Request, accepted: Option<Arc<Request>>) -> Result<(), RenderError> {
        if let (Some(accepted), Some(bad)) = (&accepted, object(refused)) {
            let members = object(accepted).map(|good| different_members(&good, &bad)).unwrap_or_default();
            if self.blame_value(RequestPair { accepted, refused }, &members).await? {
                return Ok(());
            }
        }
        self.blame_control("but otherwise when all was sent again with other values");
        Ok(())
    }

    /// Sends the control until it is accepted: where it never is, a refusal says nothing of what the case changed, and where
    /// it isn't with the values of the refused request, these are to blame.
    async fn compare_with_control(&mut self, missed: &MissedExpectation, refused: &Request) -> Result<(), RenderError> {
        for number in 0..DRAWS {
            let Some(step) = self.test_case.case.steps.get(missed.step) else { return Ok(()) };
            let id = format!("{}#control-{number}", self.test_case.id);
            let control = TestCase::control(self.context.suite(), &step.operation, id, "the valid request");
            let control = on_fresh_connections(&control);
            let scope = self.context.scope(&control.id, &control.row)?;
            let made = attempt(self.context, &control, &control.id, scope, self.retries).await?;
            self.exchanges.extend(made.exchanges().cloned());
            if let (true, Some(why)) = (made.limited, &made.blocked) {
                self.first.withdraw_missed(why);
                return Ok(());
            }
            let Some(exchange) = made.last_step(&control.case).last() else { return Ok(()) };
            let Some(response) = exchange.answer.response() else { return Ok(()) };
            if response.accepted() {
                let members = fresh_members(self.context, &step.operation, &step.overrides);
                let pair = RequestPair { accepted: &exchange.request, refused };
                return self.blame_value(pair, &members).await.map(drop);
            }
            if !may_be_of_values(response.status) {
                break;
            }
        }
        self.blame_control("as the unmodified valid request is by now");
        Ok(())
    }

    /// Puts the missed expectation down to the value of one of these members, if one is to blame; says whether one is.
    async fn blame_value(&mut self, pair: RequestPair<'_>, members: &[String]) -> Result<bool, RenderError> {
        let (context, case) = (self.context, &self.test_case.id);
        let value = refused_value(context, case, pair, members, self.retries, &mut self.exchanges).await?;
        if let Some(value) = &value {
            self.first.reattribute_missed(&value.clause, &value.says());
        }
        Ok(value.is_some())
    }

    fn blame_control(&mut self, why: &str) {
        let step = self.first.missed.as_ref().map(|missed| missed.step);
        if let Some(clause) = step.and_then(|step| self.control_clause(step)) {
            self.first.reattribute_to_unequal_answers(&clause, why);
        }
    }

    /// The clause by which equal requests of this step get equal answers.
    fn control_clause(&self, step: usize) -> Option<ClauseId> {
        let step = self.test_case.case.steps.get(step)?;
        Some(self.context.control_clause(&step.operation).clone())
    }

    /// Attempts the case in this form with values drawn for its id with this suffix.
    async fn attempt_again(&mut self, suffix: &str, test_case: &TestCase) -> Result<Attempt, RenderError> {
        let id = format!("{}#{suffix}", test_case.id);
        let scope = self.context.scope(&id, &test_case.row)?;
        let made = attempt(self.context, test_case, &id, scope, self.retries).await?;
        self.exchanges.extend(made.exchanges().cloned());
        Ok(made)
    }
}

/// The same case with a network connection of its own for each request that shares one: what others left on it has no part
/// in the answers then.
fn on_fresh_connections(test_case: &TestCase) -> TestCase {
    let mut case = Case::clone(&test_case.case);
    for step in case.steps.iter_mut().filter(|step| step.connection == Connection::Shared) {
        step.connection = Connection::Fresh;
    }
    TestCase { case: Arc::new(case), ..test_case.clone() }
}

/// How the answer to the same request compares with the one before.
enum Repetition {
    Alike,
    AsExpected,
    /// As a fragment.
    Otherwise(String),
    /// It says nothing of the request.
    Unknown,
}

fn compare(
    context: &Context,
    test_case: &TestCase,
    missed: &MissedExpectation,
    exchange: &Arc<Exchange>,
) -> Repetition {
    let response = match &exchange.answer {
        Answer::Complete(response) => response,
        Answer::Unusable { defect: Defect::TooLarge, .. } => return Repetition::Unknown,
        Answer::Unusable { defect, .. } => return Repetition::Otherwise(defect.says().to_owned()),
        Answer::Unreachable { .. } => return Repetition::Unknown,
    };
    let TestCase { case, row, .. } = test_case;
    let (Some(step), Some(expect)) = (case.steps.get(missed.step), case.expect_of(row, missed.step)) else {
        return Repetition::Unknown;
    };
    match expect::fit(expect, &step.operation.accepted, response.status) {
        Fit::Missed if exhausted(context, exchange).is_some() => Repetition::Unknown,
        Fit::Missed if response.status == missed.status => Repetition::Alike,
        Fit::Missed => Repetition::Otherwise(response.status.to_string()),
        _ => Repetition::AsExpected,
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
