//! One attempt at a case: its steps sent one after the other, each answer judged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::context::Context;
use super::retry::{Pause, Retries};
use crate::check::expect::{self, Fit};
use crate::check::{self, Findings, Subject, statement};
use crate::contract::{ClauseId, Polarity};
use crate::http::{Answer, Client, ConnectionUse, Exchange, Response};
use crate::suite::{
    Case, Connection, Cover, Expect, GeneratedText, Place, RenderError, Row, Saved, Scope, Shape, Step, render_request,
};
use crate::verdict::{Finding, FindingKind};

/// The status by which a server says that it is asked too often.
const TOO_MANY: u16 = 429;

/// What came of an attempt.
#[derive(Default)]
pub(super) struct Attempt {
    /// Everything found out.
    pub(super) findings: Vec<Finding>,
    /// Every exchange, with where in the case it belongs.
    pub(super) exchanges: Vec<Sent>,
    /// Why nothing was learnt.
    pub(super) blocked: Option<String>,
    /// Why the harness or the environment failed.
    pub(super) failed: Option<String>,
    /// How long to wait until all is sent again, where an answer may be another one later: it isn't judged then.
    pub(super) pause: Option<Pause>,
    /// The expectation that was missed, if one was.
    pub(super) missed: Option<MissedExpectation>,
    /// Whether a step that proves something was sent.
    pub(super) judged: bool,
    /// The condition of the first step that was left out.
    pub(super) left_out: Option<String>,
    /// What was drawn for it; nothing where nobody wants to know.
    pub(super) drawn: Vec<GeneratedText>,
    distinct: BTreeMap<(String, String), Vec<Value>>,
}

/// An exchange and where in the case it belongs.
pub(super) struct Sent {
    /// The step's 0-based number.
    pub(super) step: usize,
    /// The step's id, or its 1-based number.
    pub(super) name: String,
    /// The 0-based number among the step's repeats.
    pub(super) repeat: usize,
    /// What was sent and what came back.
    pub(super) exchange: Arc<Exchange>,
}

/// An expectation that was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MissedExpectation {
    /// The step's 0-based number.
    pub(super) step: usize,
    /// The clause that the step is about.
    pub(super) cover: Cover,
    /// The status that came instead.
    pub(super) status: u16,
    /// Whether the same could be asked again: one request, no state of its own.
    pub(super) repeatable: bool,
}

/// A step with what a row makes of it.
#[derive(Clone)]
struct Asked<'a> {
    /// The row's id.
    id: &'a str,
    step: &'a Step,
    number: usize,
    name: String,
    covers: &'a [Cover],
    expect: &'a Expect,
}

/// Sends the steps of a case and judges every answer. Ends early where going on would prove nothing.
///
/// # Errors
/// A template that fails.
pub(super) async fn attempt(
    context: &Context,
    case: &Case,
    row: &Row,
    mut scope: Scope,
    retries: &Retries<'_>,
) -> Result<Attempt, RenderError> {
    let mut attempt = Attempt::default();
    let mut own: Option<Client> = None;
    let id = context.suite.row_id(case, row);
    for (number, step) in case.steps.iter().enumerate() {
        if let Some(when) = &step.when
            && !when.value(&scope)?.is_true()
        {
            attempt.left_out.get_or_insert_with(|| when.to_string());
            continue;
        }
        let covers = case.covers_of(row, number);
        let Some(expect) = case.expect_of(row, number) else { continue };
        let name = step.id.clone().unwrap_or_else(|| (number + 1).to_string());
        let asked = Asked { id: &id, step, number, name, covers, expect };
        attempt.judged |= !covers.is_empty();
        let client = match step.connection {
            Connection::Own => own.get_or_insert_with(|| context.client.own()),
            Connection::Shared | Connection::Fresh => &context.client,
        };
        let exchanges = send(context, &asked, &scope, client, retries).await?;
        let last = exchanges.last().cloned();
        let go_on = attempt.judge(context, &asked, &scope, exchanges, retries)?;
        if !go_on {
            break;
        }
        if let (Some(name), Some(exchange)) = (&step.save, last) {
            scope = scope.saving(name, &Saved::new(exchange));
        }
    }
    attempt.drawn = scope.drawn();
    Ok(attempt)
}

/// Sends a step as often as it asks for; everything is rendered before the first of a concurrent batch leaves.
async fn send(
    context: &Context,
    asked: &Asked<'_>,
    scope: &Scope,
    client: &Client,
    retries: &Retries<'_>,
) -> Result<Vec<Arc<Exchange>>, RenderError> {
    let step = asked.step;
    let render = |number: u32| {
        let scope = if step.repeat > 1 { scope.attempt(number as usize) } else { scope.clone() };
        let mut request = render_request(&context.suite.request, &step.overrides, &scope, &context.base_url)?;
        if step.connection == Connection::Fresh {
            request.connection = ConnectionUse::Fresh;
        }
        Ok::<_, RenderError>(Arc::new(request))
    };
    if step.concurrently {
        let requests = (0..step.repeat).map(render).collect::<Result<Vec<_>, _>>()?;
        let answers = join_all(requests.into_iter().map(|request| context.send(client, asked.id, request))).await;
        return answers.into_iter().collect();
    }
    let declared = || expect::declared(asked.expect, step.counts.as_ref());
    let mut exchanges = Vec::new();
    for number in 0..step.repeat {
        let exchange = context.send(client, asked.id, render(number)?).await?;
        let response = exchange.answer.response();
        let over = response.is_none()
            || (step.until_accepted && response.is_some_and(Response::accepted))
            || retries.pause(&declared, std::slice::from_ref(&exchange)).is_some();
        exchanges.push(exchange);
        if over {
            break;
        }
    }
    Ok(exchanges)
}

impl Attempt {
    /// Judges the exchanges of a step; says whether the case goes on.
    fn judge(
        &mut self,
        context: &Context,
        asked: &Asked<'_>,
        scope: &Scope,
        exchanges: Vec<Arc<Exchange>>,
        retries: &Retries<'_>,
    ) -> Result<bool, RenderError> {
        let now = Timestamp::now();
        let first = self.exchanges.len();
        let last = exchanges.len().saturating_sub(1);
        let mut go_on = true;
        let mut spent = false;
        let declared = || expect::declared(asked.expect, asked.step.counts.as_ref());
        self.pause = retries.pause(&declared, &exchanges);
        for (number, exchange) in exchanges.iter().enumerate() {
            if self.pause.is_some() && retries.passes(&declared, exchange) {
                (go_on, spent) = (false, true);
                continue;
            }
            if let Some(why) = spends(context, asked, exchange, retries) {
                self.blocked.get_or_insert(why);
                (go_on, spent) = (false, true);
                continue;
            }
            let mut findings = Findings::new(&context.contract, first + number);
            let judged = asked.step.counts.is_none() && (!asked.step.until_accepted || number == last);
            if judged {
                go_on &= self.judge_status(context, asked, exchange, &mut findings);
            }
            // An attempt that isn't judged shows nothing, so it has nothing to be about; nor has the last one of many that
            // all were refused for a cause of their own.
            let telling = judged && used_up(context, asked, exchange).is_none();
            let covers = if telling { asked.covers } else { &[] };
            let asked = &Asked { covers, ..asked.clone() };
            self.judge_answer(context, asked, scope, exchange, now, &mut findings)?;
            self.judge_distinct(asked, exchange, &mut findings);
            self.findings.append(&mut findings.into_list());
        }
        if let (Some(counts), false) = (&asked.step.counts, spent) {
            let mut findings = Findings::new(&context.contract, first);
            let accepted = &context.suite.accepted;
            let contract = &context.contract;
            expect::report_counts(counts, asked.expect, asked.covers, accepted, contract, &exchanges, &mut findings);
            self.findings.append(&mut findings.into_list());
        }
        self.exchanges.extend(exchanges.into_iter().enumerate().map(|(repeat, exchange)| Sent {
            step: asked.number,
            name: asked.name.clone(),
            repeat,
            exchange,
        }));
        Ok(go_on)
    }

    /// Compares the status with what was expected; says whether the case goes on.
    fn judge_status(
        &mut self,
        context: &Context,
        asked: &Asked<'_>,
        exchange: &Exchange,
        findings: &mut Findings<'_>,
    ) -> bool {
        let response = match &exchange.answer {
            Answer::Complete(response) => response,
            Answer::Unusable { .. } => return false,
            Answer::Unreachable { cause } => {
                self.failed.get_or_insert_with(|| format!("the target can't be reached: {cause}"));
                return false;
            }
        };
        let accepted = &context.suite.accepted;
        let fit = expect::fit(asked.expect, accepted, response.status);
        let missed = matches!(fit, Fit::Missed);
        if missed {
            if let Some(why) = used_up(context, asked, exchange) {
                self.blocked.get_or_insert(why);
                return false;
            }
            let judged = expect::judged(asked.covers, &context.contract);
            // Where no reading is a refusal, a refusal is about something else in the request than what is observed.
            let reads = |status: u16| asked.expect.readings.iter().any(|reading| reading.status.contains(&status));
            let refused = (400..500).contains(&response.status) && !(400..500).any(reads);
            let observes = asked.covers.iter().any(|cover| cover.polarity == Polarity::Observe) && !refused;
            if judged.is_none() && !observes {
                self.blocked.get_or_insert_with(|| set_up_missed(asked, response));
                return false;
            }
            if let Some(cover) = judged {
                self.missed.get_or_insert_with(|| MissedExpectation {
                    step: asked.number,
                    cover: cover.clone(),
                    status: response.status,
                    repeatable: asked.step.repeat == 1
                        && asked.step.connection != Connection::Own
                        && match cover.polarity {
                            Polarity::Accept => true,
                            // What must be refused and was accepted once needs no second time.
                            Polarity::Refuse => !response.accepted(),
                            Polarity::Hold | Polarity::Observe => false,
                        },
                });
            }
        }
        let (expect, covers, contract) = (asked.expect, asked.covers, &context.contract);
        expect::report_status(expect, covers, accepted, contract, response, findings);
        expect::report_code(expect, covers, contract, response, findings);
        !missed
    }

    /// The general checks and the statements, on one answer.
    fn judge_answer(
        &self,
        context: &Context,
        asked: &Asked<'_>,
        scope: &Scope,
        exchange: &Arc<Exchange>,
        now: Timestamp,
        findings: &mut Findings<'_>,
    ) -> Result<(), RenderError> {
        let mut declared = expect::declared(asked.expect, asked.step.counts.as_ref());
        declared.push(TOO_MANY);
        let subject = Subject {
            contract: &context.contract,
            operation: &context.operation,
            exchange,
            declared: &declared,
            covers: asked.covers,
            shape: asked.expect.shape,
            secrets: &context.secrets,
        };
        check::run_all(&subject, findings);
        let Some(response) = exchange.answer.response() else { return Ok(()) };
        let general = match response.status {
            _ if asked.expect.shape != Shape::Must => &[],
            200..300 => context.suite.statements.accepted.as_slice(),
            400..500 => context.suite.statements.refused.as_slice(),
            _ => &[],
        };
        if general.is_empty() && asked.step.statements.is_empty() {
            return Ok(());
        }
        let scope = scope.judging(&Saved::new(Arc::clone(exchange)));
        for statement in general.iter().chain(&asked.step.statements) {
            statement::judge(statement, response, &scope, now, findings)?;
        }
        Ok(())
    }

    /// Whether an accepted answer differs from all before it where the step says that it has to.
    fn judge_distinct(&mut self, asked: &Asked<'_>, exchange: &Exchange, findings: &mut Findings<'_>) {
        let Some(response) = exchange.answer.response().filter(|response| response.accepted()) else { return };
        for distinct in &asked.step.distinct {
            let Some(value) = statement::at(&distinct.at, response).map(Cow::into_owned) else { continue };
            let place = distinct.at.to_string();
            let seen = self.distinct.entry((distinct.clause.clone(), place.clone())).or_default();
            if seen.contains(&value) {
                let expected = vec!["a value that no other answer has".to_owned()];
                let observed = format!("{value}, a second time");
                findings.break_clause(&distinct.clause, "distinct", place, expected, observed);
            } else {
                seen.push(value);
            }
        }
    }

    /// Whether a violation is a missed expectation of a status.
    fn is_missed(&self, finding: &Finding) -> bool {
        let clause = self.missed.as_ref().map(|missed| missed.cover.clause.as_str());
        finding.check == "expect"
            && finding.place == Place::Status.to_string()
            && finding.kind == FindingKind::Violation
            && clause == Some(finding.clause.as_str())
    }

    /// Takes the missed expectation back: for this reason, nothing shows that it says anything of its clause.
    pub(super) fn take_missed_back(&mut self, why: &str) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|finding| !self.is_missed(finding));
        self.findings = findings;
        self.blocked.get_or_insert_with(|| why.to_owned());
    }

    /// Puts the missed expectation down to another clause, with a word on why.
    pub(super) fn put_missed_down_to(&mut self, clause: &ClauseId, why: &str) {
        let findings = std::mem::take(&mut self.findings);
        let moved = |finding: Finding| match self.is_missed(&finding) {
            true => Finding { clause: clause.clone(), observed: format!("{}, {why}", finding.observed), ..finding },
            false => finding,
        };
        self.findings = findings.into_iter().map(moved).collect();
    }
}

/// Sends the request of one step alone, on a network connection of its own, and judges it as the step does.
///
/// # Errors
/// A template that fails: one that refers to another step's exchange does.
pub(super) async fn alone(
    context: &Context,
    case: &Case,
    row: &Row,
    scope: &Scope,
    (number, repeat): (usize, usize),
    retries: &Retries<'_>,
) -> Result<Option<Attempt>, RenderError> {
    let (Some(step), Some(expect)) = (case.steps.get(number), case.expect_of(row, number)) else { return Ok(None) };
    let id = context.suite.row_id(case, row);
    let covers = case.covers_of(row, number);
    let asked = Asked { id: &id, step, number, name: "alone".to_owned(), covers, expect };
    let scope = if step.repeat > 1 { scope.attempt(repeat) } else { scope.clone() };
    let mut request = render_request(&context.suite.request, &step.overrides, &scope, &context.base_url)?;
    request.connection = ConnectionUse::Fresh;
    let exchange = context.send(&context.client, &id, Arc::new(request)).await?;
    let mut attempt = Attempt::default();
    attempt.judge(context, &asked, &scope, vec![exchange], retries)?;
    Ok(Some(attempt))
}

/// Why an answer that isn't what was asked for says nothing about the request.
fn spends(context: &Context, asked: &Asked<'_>, exchange: &Exchange, retries: &Retries<'_>) -> Option<String> {
    let response = exchange.answer.response()?;
    let counted = asked.step.counts.is_some() || asked.step.until_accepted;
    let missed = matches!(expect::fit(asked.expect, &context.suite.accepted, response.status), Fit::Missed);
    let observed = asked.covers.iter().any(|cover| cover.polarity == Polarity::Observe);
    let spent = if counted || missed { exhausted(context, response) } else { None };
    spent.or_else(|| if counted || missed || observed { retries.taken(exchange) } else { None })
}

/// Why an answer says nothing about the request: the target is asked too often, or a quota is used up.
pub(super) fn exhausted(context: &Context, response: &Response) -> Option<String> {
    if response.status == TOO_MANY {
        return Some(
            "the target answered 429: it is asked too often; try fewer --jobs, a --rate or --retries".to_owned(),
        );
    }
    let catalogue = context.contract.catalogue();
    let code = response.json().ok().and_then(|body| catalogue.code_in(body))?;
    let entry = catalogue.get(code).filter(|entry| entry.status == response.status && entry.exhausted)?;
    Some(format!("the target answered {} {code}: {}", response.status, entry.meaning))
}

/// Why a step that tries one candidate after the other proves nothing: the last of them was refused for a cause of its
/// own (it is taken, say), so there may be a better one that was not tried.
fn used_up(context: &Context, asked: &Asked<'_>, exchange: &Exchange) -> Option<String> {
    let response = exchange.answer.response().filter(|response| !response.accepted())?;
    let catalogue = context.contract.catalogue();
    let code = response.json().ok().and_then(|body| catalogue.code_in(body))?;
    let entry = catalogue.get(code).filter(|entry| asked.step.until_accepted && !entry.only_for.is_empty())?;
    Some(format!("every candidate was refused, the last with {code}: {}", entry.meaning))
}

fn set_up_missed(asked: &Asked<'_>, response: &Response) -> String {
    let expected: Vec<String> = asked.expect.status.iter().map(u16::to_string).collect();
    format!(
        "its set-up failed: step {} was answered {} where {} was expected",
        asked.name,
        response.status,
        expected.join(" or ")
    )
}
