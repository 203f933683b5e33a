//! The controls: test cases of the run's own, before all cases and after them.
//!
//! The control is the unmodified valid request. Where it is refused before, no refusal proves anything, so nothing else is
//! sent. Where it is refused after, the target has lost its way in between. The negative control is a request that can't be
//! right: where even that is accepted, no acceptance proves anything. One that meets a limit of the target's (429, or a
//! quota that is used up) says nothing either way: it is inconclusive, and so is the run.

use std::collections::BTreeMap;
use std::time::Instant;

use super::case::{Attempt, CaseRun, Retries, attempt, cause_shown, conclude, exhausted, unearned};
use super::cleanup::clean_up;
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use crate::check::{CHECKS, Findings};
use crate::http::{Answer, Response};
use crate::suite::{RenderError, Suite};
use crate::verdict::{CaseResult, Finding, FindingKind, Outcome};

/// How often a refused control is sent before it counts as refused.
const TRIES: usize = 3;

/// What a control came to.
pub(super) struct ControlRun {
    pub(super) run: CaseRun,
    /// Why the cases can't be run, if they can't.
    pub(super) blocks: Option<String>,
    /// Whether that is because a limit of the target's was met, which says nothing of the target.
    limited: bool,
}

/// The ids of the results that a run makes besides those of the suite's own cases.
pub fn own_cases(suite: &Suite) -> Vec<String> {
    let controls = ["before", "after", "bare"].into_iter().map(|which| id(suite, which));
    let consistent = suite.consistent.iter().map(|(ambiguous, _)| format!("{}/consistency[{ambiguous}]", suite.name));
    controls.chain(consistent).collect()
}

/// The id of a control.
pub(super) fn id(suite: &Suite, which: &str) -> String {
    format!("{}/control[{which}]", suite.name)
}

/// Sends the control before all cases.
pub(super) async fn before(context: &Context) -> ControlRun {
    control(context, "before").await
}

/// Sends the control after all cases: where it is refused, the same valid request was once accepted and once not. What it
/// met because it was sent too often or too late for a quota is no refusal.
pub(super) async fn after(context: &Context) -> CaseRun {
    let ControlRun { mut run, blocks, limited } = control(context, "after").await;
    let result = &mut run.result;
    if let (Some(why), false) = (blocks.filter(|_| !limited), result.outcome == Outcome::Error) {
        result.findings.push(Finding {
            clause: context.control_clause.clone(),
            kind: FindingKind::Violation,
            check: "control".to_owned(),
            place: "/status".to_owned(),
            expected: vec![context.suite().accepted.status.to_string()],
            observed: format!("{why}, but was accepted before the cases"),
            exchange: result.exchanges.len().saturating_sub(1),
        });
        result.outcome = Outcome::Violates;
    }
    run
}

/// Sends the control, up to three times where it is refused.
async fn control(context: &Context, when: &str) -> ControlRun {
    let started = Instant::now();
    let title = format!("the valid request, unmodified, {when} all cases");
    let test_case = TestCase::control(context.suite(), id(context.suite(), when), title);
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let mut made = Attempt::default();
    for number in 0..TRIES {
        match attempt_control(context, &test_case, number, &mut retries).await {
            Ok(next) => made = made.followed_by(next),
            Err(error) => return unmade(&test_case, "the valid request", &error),
        }
        if made.limited || response(&made).is_none_or(Response::accepted) {
            break;
        }
    }
    if made.blocked.is_none() && made.exchanges.len() > 1 {
        let first = made.exchanges().find_map(|exchange| exchange.answer.response());
        let observed = format!("{}, and accepted when sent again", first.map_or(0, |response| response.status));
        let expected = vec![context.suite().accepted.status.to_string()];
        let mut findings = Findings::new(context.contract(), 0);
        findings.break_clause(&context.suite().control, "control", "/status", expected, observed);
        made.findings.append(&mut findings.into_list());
    }
    concluded(context, &test_case, started, made, retries).await
}

/// Sends the control once. That it is refused says nothing of the clause by which it is accepted.
async fn attempt_control(
    context: &Context,
    test_case: &TestCase,
    number: usize,
    retries: &mut Retries<'_>,
) -> Result<Attempt, RenderError> {
    let value_id = format!("{}#{number}", test_case.id);
    let scope = context.scope(&value_id, &test_case.row)?;
    let mut made = attempt(context, test_case, &value_id, scope, retries).await?;
    let Some(why) =
        made.exchanges().last().and_then(|exchange| refusal(context, &exchange.answer)).filter(|_| !made.limited)
    else {
        return Ok(made);
    };
    match response(&made).map(|response| response.status) {
        None if made.failed.is_some() => made.failed = Some(why),
        None | Some(300..400) => made.blocked = Some(why),
        Some(_) => made.withdraw_missed(&why),
    }
    Ok(made)
}

/// Sends the negative control where it has to be refused; none where there is nothing to tell of it. What was refused as it
/// ought to be is told of only where that took more than one try.
pub(super) async fn negative(context: &Context) -> Option<ControlRun> {
    let started = Instant::now();
    let test_case = TestCase::negative_control(&context.plan, &context.operation, id(context.suite(), "bare"))?;
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let made = match context.scope(&test_case.id, &test_case.row) {
        Ok(scope) => attempt(context, &test_case, &test_case.id, scope, &mut retries).await,
        Err(error) => Err(error),
    };
    let mut made = match made {
        Ok(made) => made,
        Err(error) => return Some(unmade(&test_case, "the request without headers and body", &error)),
    };
    let (status, exhausted) = (response(&made)?.status, exhausted(context, response(&made)?));
    if let (Some(why), false) = (exhausted, made.limited) {
        made.limit(why);
    }
    if (200..300).contains(&status) && !made.limited {
        let why = format!("the target accepts everything: even a request with neither headers nor body got {status}");
        made.amend_missed("for a request with neither headers nor body");
        made.blocked = Some(why);
    } else {
        made.findings.clear();
        if !made.limited && (!(400..500).contains(&status) || retries.retried.is_empty()) {
            return None;
        }
    }
    Some(concluded(context, &test_case, started, made, retries).await)
}

/// What is left of a control that was accepted as everything is: what is wrong with the shape of its answer is
/// nothing that could be put right before the target refuses anything. A control that was accepted before a limit was met
/// stays what it is.
pub(super) fn overrule(control: &mut ControlRun, negative: &ControlRun) {
    control.blocks.clone_from(&negative.blocks);
    if negative.limited || negative.blocks.is_none() {
        return;
    }
    let result = &mut control.run.result;
    result.findings.retain(|finding| CHECKS.iter().any(|check| check.always && check.name == finding.check));
    result.outcome = match CaseResult::outcome_of(&result.findings) {
        Outcome::Violates => Outcome::Violates,
        _ => Outcome::Inconclusive,
    };
    result.reason.clone_from(&negative.blocks);
}

/// The last answer.
fn response(attempt: &Attempt) -> Option<&Response> {
    attempt.exchanges().last()?.answer.response()
}

/// A control whose request can't be made: the suite is broken, or the ledger can't be written.
fn unmade(test_case: &TestCase, what: &str, error: &RenderError) -> ControlRun {
    let reason = format!("suite.yaml: {what} can't be made: {error}");
    let result = CaseResult { reason: Some(reason.clone()), ..unearned(test_case, None) };
    ControlRun { run: result.into(), blocks: Some(reason), limited: false }
}

/// Cleans up after a control and concludes it as any other test case. It is about no clause: that it is accepted is what
/// the cases build on.
async fn concluded(
    context: &Context,
    test_case: &TestCase,
    started: Instant,
    mut made: Attempt,
    mut retries: Retries<'_>,
) -> ControlRun {
    let (blocks, limited) = (made.blocked.clone().or_else(|| made.failed.clone()), made.limited);
    let mut result = CaseResult { covers: BTreeMap::new(), ..unearned(test_case, None) };
    result.requests = made.exchanges.len() + retries.abandoned.len();
    result.elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
    if let Ok(scope) = context.scope(&test_case.id, &test_case.row) {
        let left_behind = clean_up(context, &test_case.id, &scope, made.exchanges()).await;
        retries.left_behind.extend(left_behind);
    }
    conclude(context, &mut made, &retries, &mut result);
    ControlRun { run: CaseRun { result, left_behind: retries.left_behind }, blocks, limited }
}

/// Why nothing can be proven after a control that was answered so.
fn refusal(context: &Context, answer: &Answer) -> Option<String> {
    match answer {
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
            let cause = cause_shown(cause, &context.options.secrets);
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
