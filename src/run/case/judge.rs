//! Judging the answers of one step, as part of an attempt.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::attempt::{Attempt, CaseExchange, MissedExpectation};
use super::retry::{Retries, exhausted_code, meets_quota};
use crate::check::expect::{self, Fit};
use crate::check::statement::{self, Judged};
use crate::check::value::found;
use crate::check::{self, Findings, Subject, is_error_on_success};
use crate::contract::Polarity;
use crate::http::{Answer, Defect, Exchange, Response, is_refusal};
use crate::number;
use crate::run::context::Context;
use crate::suite::{Accepted, Connection, Cover, Expect, RenderError, Saved, Scope, Shape, Statement, Step};
use crate::verdict::{CheckId, UNREACHABLE};

/// The status by which a server says that it is asked too often.
const TOO_MANY: u16 = 429;

/// A step with what a row makes of it.
#[derive(Clone, Copy)]
pub(super) struct RowStep<'a> {
    /// The row's id.
    pub(super) id: &'a str,
    pub(super) step: &'a Step,
    /// The step's 0-based number.
    pub(super) number: usize,
    pub(super) covers: &'a [Cover],
    pub(super) expect: &'a Expect,
    /// The clauses of which the case wants to show that they hold, or how they are read.
    pub(super) held: &'a [&'a str],
}

impl RowStep<'_> {
    /// The step's id, or its 1-based number.
    fn name(&self) -> String {
        self.step.id.clone().unwrap_or_else(|| (self.number + 1).to_string())
    }

    /// How the step's operation accepts.
    fn accepted(&self) -> &Accepted {
        &self.step.operation.accepted
    }

    /// The statuses that the step names itself.
    pub(super) fn declared(&self) -> Vec<u16> {
        expect::declared(self.expect, self.step.counts.as_ref())
    }
}

impl Attempt {
    /// Judges the exchanges of a step; says whether the case goes on.
    pub(super) fn judge(
        &mut self,
        context: &Context,
        row: &RowStep<'_>,
        scope: &Scope,
        exchanges: Vec<Arc<Exchange>>,
        retries: &Retries<'_>,
    ) -> Result<bool, RenderError> {
        let now = Timestamp::now();
        let first = self.exchanges.len();
        let last = exchanges.len().saturating_sub(1);
        let declared = || row.declared();
        let (mut go_on, mut limited) = (true, false);
        self.pause = retries.pause(&declared, &exchanges);
        self.keep(row, &exchanges);
        for (number, exchange) in exchanges.iter().map(Exchange::view).enumerate() {
            let exchange = &exchange;
            if self.pause.is_some() && retries.is_transient(&declared, exchange) {
                limited = true;
                continue;
            }
            if let Some(why) = limit(context, row, exchange, retries) {
                if unread(exchange).is_some() {
                    self.unread = true;
                    // What was read of it is judged all the same.
                    let mut findings =
                        Findings::new(context.contract(), first + number).of(asked(context, row, exchange));
                    let judged = judge_generally(context, row, exchange, &mut findings);
                    self.findings.append(&mut findings.into_list());
                    judged?;
                }
                self.limit(why);
                self.meets_quota |= meets_quota(context, exchange);
                limited = true;
                continue;
            }
            let mut findings =
                Findings::new(context.contract(), first + number).of(asked(context, row, exchange)).asking(row.held);
            let counts = row.step.counts.is_none() && (!row.step.until_accepted || number == last);
            // Where repeats are counted or tried, any of them may be refused.
            let mut is_expected = exchange.answer.response().is_some_and(Response::accepted);
            if counts {
                is_expected = self.judge_status(context, row, exchange, &mut findings);
                go_on &= is_expected;
            }
            // An attempt that isn't judged shows nothing, so it has nothing to be about; nor has the last one of many that
            // all were refused for a cause of their own.
            let telling = counts && candidate_refused(context, row, exchange).is_none();
            let row = &RowStep { covers: if telling { row.covers } else { &[] }, ..*row };
            let judged = judge_answer(context, row, scope, exchange, (now, is_expected), &mut findings);
            if let Some(response) = exchange.answer.response().filter(|_| is_expected) {
                expect::report_missing_code(row.expect, row.covers, context.contract(), response, &mut findings);
            }
            self.judge_distinct(context, row, exchange, is_expected, &mut findings);
            self.decide(row, exchange, findings.any_of(&CheckId::ERROR_ON_SUCCESS));
            self.examined.append(&mut findings.take_examined());
            self.findings.append(&mut findings.into_list());
            judged?;
        }
        let refused_with_success = |exchange: &Arc<Exchange>| {
            exchange.view().answer.response().is_some_and(|response| says_refused(context, row, response))
        };
        limited |= row.step.counts.is_some() && exchanges.iter().any(refused_with_success);
        if let (Some(counts), false) = (&row.step.counts, limited) {
            let mut findings = Findings::new(context.contract(), first).of(row.step.operation.id()).asking(row.held);
            let (accepted, contract) = (row.accepted(), context.contract());
            expect::report_counts(counts, row.expect, row.covers, accepted, contract, &exchanges, &mut findings);
            // None of them says that it is refused, or the count would be limited.
            exchanges.iter().for_each(|exchange| self.decide(row, exchange, false));
            self.examined.append(&mut findings.take_examined());
            self.findings.append(&mut findings.into_list());
        }
        let is_kept = row.step.save.is_some() || context.options.snapshots.is_some();
        for sent in self.exchanges.iter_mut().skip(first) {
            sent.exchange = if is_kept { sent.exchange.settled(true) } else { sent.exchange.judged() };
        }
        Ok(go_on && !limited)
    }

    /// Keeps the exchanges of a step, before anything can fail: what was sent is counted, shown and cleaned up after, whatever
    /// comes of it.
    pub(super) fn keep(&mut self, row: &RowStep<'_>, exchanges: &[Arc<Exchange>]) {
        self.exchanges.extend(exchanges.iter().cloned().enumerate().map(|(repeat, exchange)| CaseExchange {
            step: row.number,
            name: row.name(),
            repeat,
            exchange,
        }));
    }

    /// Notes by which clauses a request was accepted, or refused, where that is what its step expects. `says_refused`: a
    /// success says in its body that it is none.
    fn decide(&mut self, row: &RowStep<'_>, exchange: &Exchange, says_refused: bool) {
        let Some(response) = exchange.answer.response() else { return };
        let counted = row.step.counts.is_some();
        if !counted && matches!(expect::fit(row.expect, row.accepted(), response.status), Fit::Missed) {
            // What refuses with a success is told of by a general check.
            let refusals = row.covers.iter().filter(|cover| says_refused && cover.polarity == Polarity::Refuse);
            self.decided.extend(refusals.map(|cover| (cover.clause.clone(), cover.polarity)));
            return;
        }
        for cover in row.covers {
            let is_shown = match cover.polarity {
                Polarity::Accept => response.status < 400 && !says_refused,
                Polarity::Refuse => is_refusal(response.status) && !response.accepted(),
                Polarity::Hold | Polarity::Observe => false,
            };
            if is_shown {
                self.decided.insert((cover.clause.clone(), cover.polarity));
            }
        }
    }

    /// Compares the status with what was expected; says whether the case goes on.
    fn judge_status(
        &mut self,
        context: &Context,
        row: &RowStep<'_>,
        exchange: &Arc<Exchange>,
        findings: &mut Findings<'_>,
    ) -> bool {
        let response = match &exchange.answer {
            Answer::Complete(response) => response,
            Answer::Unusable { .. } => return false,
            Answer::Unreachable { cause } => {
                self.failed.get_or_insert_with(|| format!("{UNREACHABLE}: {cause}"));
                return false;
            }
        };
        let (accepted, contract) = (row.accepted(), context.contract());
        let missed = matches!(expect::fit(row.expect, accepted, response.status), Fit::Missed);
        if missed && !self.judge_missed(context, row, exchange, response) {
            return false;
        }
        expect::report_status(row.expect, row.covers, accepted, contract, response, findings);
        expect::report_code(row.expect, row.covers, contract, response, findings);
        !missed
    }

    /// Notes a missed expectation; says whether it is to be reported.
    fn judge_missed(&mut self, context: &Context, row: &RowStep<'_>, exchange: &Exchange, response: &Response) -> bool {
        if let Some(why) = candidate_refused(context, row, exchange) {
            self.blocked.get_or_insert(why);
            return false;
        }
        let Some(cover) = expect::judged(row.covers, context.contract()) else {
            // Where no reading is a refusal, a refusal is about something else in the request than what is observed.
            let reads = |status: u16| row.expect.readings.iter().any(|reading| reading.status.contains(&status));
            let refused = (400..500).contains(&response.status) && !(400..500).any(reads);
            let observes = row.covers.iter().any(|cover| cover.polarity == Polarity::Observe) && !refused;
            if !observes {
                self.blocked.get_or_insert_with(|| set_up_missed(row, response));
            }
            return observes;
        };
        if cover.polarity == Polarity::Refuse && says_refused(context, row, response) {
            // The general check tells how it is refused; of what, the case's clause, nothing is wrong.
            return false;
        }
        let repeatable = match cover.polarity {
            Polarity::Accept => true,
            // What must be refused and was accepted once needs no second time.
            Polarity::Refuse => !response.accepted(),
            Polarity::Hold | Polarity::Observe => false,
        };
        self.missed.get_or_insert_with(|| MissedExpectation {
            step: row.number,
            clause: cover.clause.clone(),
            accepts: cover.polarity == Polarity::Accept
                || row.expect.status.iter().any(|status| row.accepted().status.contains(status)),
            status: response.status,
            repeatable: repeatable && row.step.repeat == 1 && row.step.connection != Connection::Own,
        });
        true
    }

    /// Whether an accepted answer differs from all before it where the step says that it has to.
    fn judge_distinct(
        &mut self,
        context: &Context,
        row: &RowStep<'_>,
        exchange: &Exchange,
        is_expected: bool,
        findings: &mut Findings<'_>,
    ) {
        let Some(response) = exchange.answer.response().filter(|response| response.accepted()) else { return };
        for distinct in &row.step.distinct {
            let all = found(&distinct.at, response);
            context.places.note(distinct, all.iter().any(|found| found.value.is_some()));
            for found in all {
                let place = found.place();
                let expected = vec!["a value that no other answer has".to_owned()];
                let Some(value) = found.value else {
                    if is_expected && !distinct.optional && !findings.tell_of(&place) {
                        findings.examine_named(&distinct.clause);
                        findings.break_clause(&distinct.clause, CheckId::DISTINCT, place, expected, "nothing there");
                    }
                    continue;
                };
                let digest = Sha256::digest(number::identity(&value)).into();
                let seen = self.distinct.entry((distinct.clause.clone(), distinct.at.to_string())).or_default();
                // The first has none that it could be equal to.
                if !seen.is_empty() {
                    findings.examine_named(&distinct.clause);
                }
                if seen.contains(&digest) {
                    let observed = format!("{}, a second time", check::shown(&value, &context.options.secrets));
                    findings.break_clause(&distinct.clause, CheckId::DISTINCT, place, expected, observed);
                } else {
                    seen.insert(digest);
                }
            }
        }
    }
}

/// The general checks on one answer.
fn judge_generally(
    context: &Context,
    row: &RowStep<'_>,
    exchange: &Arc<Exchange>,
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    let mut declared = row.declared();
    declared.push(TOO_MANY);
    let subject = Subject {
        contract: context.contract(),
        operation: context.documented(row.step, &exchange.request),
        exchange,
        declared: &declared,
        covers: row.covers,
        shape: row.expect.shape,
        secrets: &context.options.secrets,
    };
    check::run_all(&subject, findings)
}

/// The general checks and the statements, on one answer.
fn judge_answer(
    context: &Context,
    row: &RowStep<'_>,
    scope: &Scope,
    exchange: &Arc<Exchange>,
    (now, is_expected): (Timestamp, bool),
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    judge_generally(context, row, exchange, findings)?;
    let Some(response) = exchange.answer.response() else { return Ok(()) };
    let general = general_statements(context, row, exchange, response);
    if general.is_empty() && row.step.statements.is_empty() {
        return Ok(());
    }
    let scope = scope.judging(&Saved::new(Arc::clone(exchange), &context.options.base_url));
    for statement in general.iter().chain(&row.step.statements) {
        let answer = Judged { response, scope: &scope, now, is_expected, secrets: &context.options.secrets };
        if let Some(is_there) = statement::judge(statement, &answer, findings)? {
            context.places.note(statement, is_there);
        }
    }
    Ok(())
}

/// The id of the operation that was asked.
fn asked<'a>(context: &'a Context, row: &RowStep<'a>, exchange: &Exchange) -> &'a str {
    &context.documented(row.step, &exchange.request).id
}

/// What the suite says of every such answer of the operation that was asked.
fn general_statements<'a>(
    context: &'a Context,
    row: &RowStep<'a>,
    exchange: &Exchange,
    response: &Response,
) -> &'a [Statement] {
    let (called, asked) = (&row.step.operation, asked(context, row, exchange));
    let asked = if asked == called.id() { Some(called) } else { context.suite().operations.get(asked) };
    let Some(asked) = asked.filter(|_| row.expect.shape == Shape::Must) else { return &[] };
    match response.status {
        _ if response.accepted() => &asked.statements.accepted,
        400..500 => &asked.statements.refused,
        _ => &[],
    }
}

/// Whether a 2xx says in its body that the request is refused, and a general check tells of that.
fn says_refused(context: &Context, row: &RowStep<'_>, response: &Response) -> bool {
    let told = context.contract().check_clause(CheckId::ERROR_ON_SUCCESS.as_str()).is_some();
    told && is_error_on_success(&row.step.operation.documented, response)
}

/// Why an answer that isn't what was asked for says nothing about the request.
fn limit(context: &Context, row: &RowStep<'_>, exchange: &Arc<Exchange>, retries: &Retries<'_>) -> Option<String> {
    if let Some(why) = unread(exchange) {
        return Some(why);
    }
    let response = exchange.answer.response()?;
    let counted = row.step.counts.is_some() || row.step.until_accepted;
    let missed = matches!(expect::fit(row.expect, row.accepted(), response.status), Fit::Missed);
    let observes = row.covers.iter().any(|cover| cover.polarity == Polarity::Observe);
    let exhausted = if counted || missed { exhausted(context, exchange) } else { None };
    exhausted.or_else(|| if counted || missed || observes { retries.taken(exchange) } else { None })
}

/// Why an answer isn't judged: a limit of ours keeps it from being read, which is nothing that the target did wrong.
fn unread(exchange: &Exchange) -> Option<String> {
    match &exchange.answer {
        Answer::Complete(response) => response.exceeded_limit().map(|what| format!("its answer has {what}")),
        Answer::Unusable { defect: Defect::TooLarge, cause, .. } => Some(format!("its answer isn't read: {cause}")),
        Answer::Unusable { .. } | Answer::Unreachable { .. } => None,
    }
}

/// Why an answer says nothing about the request: it can't be read, the target is asked too often, or a quota is used up.
pub(in crate::run) fn exhausted(context: &Context, exchange: &Arc<Exchange>) -> Option<String> {
    if let Some(why) = unread(&exchange.view()) {
        return Some(why);
    }
    let status = exchange.answer.response()?.status;
    if status == TOO_MANY {
        return Some(
            "the target answered 429: it is asked too often; try fewer --jobs, a --rate or --retries".to_owned(),
        );
    }
    let entry = exhausted_code(context, exchange)?;
    Some(format!("the target answered {status} {}: {}", entry.code, entry.meaning))
}

/// Why a step that tries one candidate after the other proves nothing: the last of them was refused for a cause of its
/// own (it is taken, say), so there may be a better one that was not tried.
fn candidate_refused(context: &Context, row: &RowStep<'_>, exchange: &Exchange) -> Option<String> {
    let response = exchange.answer.response().filter(|response| !response.accepted())?;
    let catalogue = context.contract().catalogue();
    let code = response.json().ok().and_then(|body| catalogue.code_in(body))?;
    let entry = catalogue.get(&code).filter(|entry| row.step.until_accepted && !entry.only_for.is_empty())?;
    Some(format!("every candidate was refused, the last with {code}: {}", entry.meaning))
}

fn set_up_missed(row: &RowStep<'_>, response: &Response) -> String {
    let expected: Vec<String> = row.expect.status.iter().map(u16::to_string).collect();
    format!(
        "its set-up failed: step {} was answered {} where {} was expected",
        row.name(),
        response.status,
        expected.join(" or ")
    )
}
