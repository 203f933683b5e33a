//! The control: the unmodified valid request, before all cases and after them.
//!
//! Where it is refused before, no refusal proves anything, so nothing else is fired. Where it is refused after, the
//! target has lost its way in between. One that meets a limit of the target's (429, or a quota that is used up) says
//! nothing either way: it is inconclusive, and so is the run.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::attempt::exhausted;
use super::cleanup::clean_up;
use super::context::Context;
use super::permit::Permit;
use super::record::{exchange_record, shown};
use super::retry::Retries;
use crate::check::{self, Findings, Subject, statement};
use crate::http::{Answer, Exchange};
use crate::suite::{Override, RenderError, Saved, Shape, render_request};
use crate::verdict::{CaseResult, Finding, LeftBehind, Outcome};

/// How often a refused control is sent before it counts as refused.
const TRIES: usize = 3;

/// One control as sent, with the findings on its answer.
pub(super) struct Control {
    pub(super) exchange: Arc<Exchange>,
    findings: Vec<Finding>,
    /// Which limit of the target's it met, if it met one, or what ended its wait for another answer: it isn't judged then.
    pub(super) spent: Option<String>,
}

impl Control {
    /// The status of the answer, if there was a usable one.
    pub(super) fn response_status(&self) -> Option<u16> {
        self.exchange.answer.response().map(|response| response.status)
    }

    fn accepted(&self) -> bool {
        self.response_status().is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends the valid request once and judges the answer as any other.
pub(super) async fn send(context: &Context, id: &str) -> Result<Control, RenderError> {
    let scope = context.scope(id);
    let request = render_request(&context.suite.request, &Override::default(), &scope, &context.base_url)?;
    let exchange = context.send(&context.client, id, Arc::new(request)).await?;
    let spent = exchange.answer.response().and_then(|response| exhausted(context, response));
    if spent.is_some() {
        return Ok(Control { exchange, findings: Vec::new(), spent });
    }
    let now = Timestamp::now();
    let mut findings = Findings::new(&context.contract, 0);
    let subject = Subject {
        contract: &context.contract,
        operation: &context.operation,
        exchange: &exchange,
        declared: &[],
        covers: &[],
        shape: Shape::Must,
        secrets: &context.secrets,
    };
    check::run_all(&subject, &mut findings);
    if let Some(response) = exchange.answer.response().filter(|response| response.accepted()) {
        let accepted = &context.suite.accepted;
        if response.status != accepted.status {
            let expected = vec![accepted.status.to_string()];
            findings.break_clause(&accepted.clause, "expect", "/status", expected, response.status.to_string());
        }
        let scope = scope.judging(&Saved::new(Arc::clone(&exchange)));
        for statement in &context.suite.statements.accepted {
            statement::judge(statement, response, &scope, now, &mut findings)?;
        }
    }
    if let Some(response) = exchange.answer.response().filter(|response| (300..400).contains(&response.status)) {
        let expected = vec![context.suite.accepted.status.to_string()];
        let clause = &context.suite.accepted.clause;
        findings.break_clause(clause, "expect", "/status", expected, response.status.to_string());
    }
    Ok(Control { exchange, findings: findings.into_list(), spent })
}

/// Sends the valid request, and again as long as its answer may pass by itself.
pub(super) async fn send_until_heard(
    context: &Context,
    id: &str,
    retries: &mut Retries<'_>,
) -> Result<Control, RenderError> {
    loop {
        let control = send(context, &retries.fresh(id)).await?;
        let Some(pause) = retries.pause(&Vec::new, std::slice::from_ref(&control.exchange)) else { return Ok(control) };
        if let Err(why) = retries.wait(pause, vec![Arc::clone(&control.exchange)]).await {
            return Ok(Control { findings: Vec::new(), spent: Some(why), ..control });
        }
    }
}

/// What the control before or after the cases came to.
pub(super) struct ControlResult {
    pub(super) result: CaseResult,
    pub(super) left: Vec<LeftBehind>,
    /// Why the cases can't be fired, if they can't.
    pub(super) blocks: Option<String>,
    /// Whether it was refused because a limit of the target's is used up, which says nothing of the target.
    pub(super) spent: bool,
}

/// Runs the control under `suite/control[when]`.
pub(super) async fn run(context: &Context, when: &str) -> ControlResult {
    let started = Instant::now();
    let id = format!("{}/control[{when}]", context.suite.name);
    let title = format!("the valid request, unmodified, {when} all cases");
    let mut result = CaseResult::unearned(id, title, "suite.yaml", 1);
    let (mut turn, own_id) = (Permit::alone(), result.id.clone());
    let mut retries = Retries::new(context, &own_id, &mut turn);
    let mut sent: Vec<Control> = Vec::new();
    while sent.len() < TRIES && !sent.last().is_some_and(|control| control.accepted() || control.is_final()) {
        match send_until_heard(context, &format!("{}#{}", result.id, sent.len()), &mut retries).await {
            Ok(control) => sent.push(control),
            Err(error) => {
                result.reason = Some(format!("suite.yaml: the valid request can't be made: {error}"));
                let blocks = result.reason.clone();
                return ControlResult { result, left: Vec::new(), blocks, spent: false };
            }
        }
    }
    result.requests = sent.len() + retries.given_up.len();
    result.elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
    let scope = context.scope(&result.id);
    let left = clean_up(context, &result.id, &scope, sent.iter().map(|control| &control.exchange)).await;
    conclude(context, result, left, sent, &retries)
}

impl Control {
    /// Whether sending it again is no use: there is nobody, or nobody who answers, or one who can take no more.
    fn is_final(&self) -> bool {
        self.exchange.answer.response().is_none() || self.spent.is_some()
    }
}

fn conclude(
    context: &Context,
    mut result: CaseResult,
    left: Vec<LeftBehind>,
    sent: Vec<Control>,
    retries: &Retries<'_>,
) -> ControlResult {
    let spent = sent.last().is_some_and(|control| control.spent.is_some());
    let blocks = sent.last().and_then(|control| control.spent.clone().or_else(|| blocked(context, control)));
    let unreachable = sent.last().is_some_and(|control| matches!(control.exchange.answer, Answer::Unreachable { .. }));
    for (index, control) in sent.iter().enumerate() {
        for finding in &control.findings {
            let finding = Finding { exchange: index, ..finding.clone() };
            let known = |other: &Finding| Finding { exchange: index, ..other.clone() } == finding;
            if !result.findings.iter().any(known) {
                result.findings.push(finding);
            }
        }
    }
    if let (Some(first), true) = (sent.first(), blocks.is_none() && sent.len() > 1) {
        let mut findings = Findings::new(&context.contract, 0);
        let observed = format!("{}, and accepted when sent again", first.response_status().unwrap_or_default());
        let expected = vec![context.suite.accepted.status.to_string()];
        findings.break_clause(&context.suite.control, "control", "/status", expected, observed);
        result.findings.append(&mut findings.into_list());
    }
    result.outcome = match (CaseResult::outcome_of(&result.findings), &blocks) {
        (Outcome::Violates, _) => Outcome::Violates,
        (_, Some(_)) if unreachable => Outcome::Error,
        (_, Some(_)) => Outcome::Inconclusive,
        (outcome, None) => outcome,
    };
    result.reason.clone_from(&blocks);
    result.retried = retries.statuses();
    let telling = !matches!(result.outcome, Outcome::Conforms | Outcome::Observed) || !result.retried.is_empty();
    if context.record_all || telling {
        let record = |control: &Control| exchange_record("control", &control.exchange, &context.secrets);
        result.exchanges = sent.iter().map(record).chain(retries.records()).collect();
    }
    ControlResult { result, left, blocks, spent }
}

/// Why nothing can be proven after such a control.
fn blocked(context: &Context, control: &Control) -> Option<String> {
    match &control.exchange.answer {
        Answer::Complete(response) if response.accepted() => None,
        Answer::Complete(response) => {
            let hint = match response.status {
                401 | 403 => "; is the token right, and may it do this?",
                404 => "; is the target's URL right?",
                _ => "",
            };
            Some(format!("the control was refused: the unmodified valid request got {}{hint}", response.status))
        }
        Answer::Unusable { defect, cause, .. } => {
            let cause = shown(cause, &context.secrets);
            Some(format!("the control got no usable answer: {}: {cause}", defect.says()))
        }
        Answer::Unreachable { cause } => Some(format!("the target can't be reached: {cause}{}", tls_hint(cause))),
    }
}

/// The next step where TLS came to nothing.
fn tls_hint(cause: &str) -> &'static str {
    if cause.contains("UnknownIssuer") {
        "; is the authority of its certificate given as ca-certificate?"
    } else if cause.contains("CertificateRequired") {
        "; is the certificate that it asks for given as client-certificate?"
    } else {
        ""
    }
}
