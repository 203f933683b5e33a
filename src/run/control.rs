//! The controls: test cases of the run's own, before all cases and after them.
//!
//! The control is the unmodified valid request. Where it is refused before, no refusal proves anything, so nothing else is
//! sent, but for cases that are judged as stated: what these expect comes or doesn't, whatever else is accepted. Where it is
//! refused after, the target has lost its way in between. The negative control is a request that can't be right: where even
//! that is accepted, no acceptance proves anything. One that meets a limit of the target's (429, or a quota that is used up)
//! says nothing either way: it is inconclusive, and so is the run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use strum::VariantArray as _;

use super::case::{
    Attempt, CaseRun, DRAWS, RequestPair, Retries, TransportFailure, attempt, attempt_row, cause_shown, complete,
    exhausted, fresh_members, may_be_of_values, refused_value, unearned,
};
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use crate::check::{CHECKS, Findings, is_error_on_success};
use crate::contract::{ClauseId, Polarity};
use crate::http::{Answer, Exchange, HeaderCase, Request, Response};
use crate::suite::{Override, RenderError, Suite, SuiteOperation};
use crate::verdict::{CaseResult, CheckId, Control, Finding, FindingKind, Outcome, Place, SyntheticCase, UNREACHABLE};

/// How often a refused control is sent before it counts as refused.
const TRIES: usize = 3;

/// What a control came to.
pub(super) struct ControlRun {
    pub(super) run: CaseRun,
    /// Why the cases can't be run, if they can't.
    pub(super) blocks: Option<String>,
    /// Whether that is because the valid request was refused, and for no limit of the target's.
    pub(super) is_refused: bool,
    /// Whether that is because a limit of the target's was met, which says nothing of the target.
    limited: bool,
    /// Whether the valid request itself was sent: where its set-up fails, it isn't.
    is_sent: bool,
    /// The request that was accepted, if it was.
    pub(super) accepted: Option<Arc<Request>>,
    /// How header names are spelt in it, where they aren't spelt as they were before.
    pub(super) spelling: Option<HeaderCase>,
}

impl ControlRun {
    /// One whose valid request was not sent, for this reason.
    fn unsent(result: CaseResult, why: String) -> Self {
        let (run, blocks) = (result.into(), Some(why));
        Self { run, blocks, is_refused: false, limited: false, is_sent: false, accepted: None, spelling: None }
    }
}

/// The ids of the results that a run makes besides those of the suite's own cases.
pub fn own_cases(suite: &Suite) -> Vec<String> {
    let of = |operation| Control::VARIANTS.iter().map(move |which| synthetic(suite, operation, *which));
    let controls = suite.operations.iter().flat_map(|operation| of(operation));
    let probes = suite.probes.iter().map(|probe| SyntheticCase::Probe(probe.name.clone()));
    let consistent = suite.consistent.iter().filter_map(|(ambiguous, _)| ClauseId::new(ambiguous));
    let before = suite.before.iter().map(|resource| SyntheticCase::Before(resource.name.clone()));
    let all = before.chain(controls).chain(probes).chain(consistent.map(SyntheticCase::Consistency));
    all.map(|case| case.id(&suite.name)).collect()
}

/// The id of a control of an operation.
pub(super) fn id(suite: &Suite, operation: &SuiteOperation, which: Control) -> String {
    synthetic(suite, operation, which).id(&suite.name)
}

fn synthetic(suite: &Suite, operation: &SuiteOperation, which: Control) -> SyntheticCase {
    let named = suite.operations.only().is_none().then(|| operation.id().to_owned());
    SyntheticCase::Control(which, named)
}

/// Sends the control of an operation before all cases. Where the target reads header names in another spelling alone, the run
/// goes on with that.
pub(super) async fn before(context: Context, operation: Arc<SuiteOperation>) -> ControlRun {
    let (context, operation) = (&context, &operation);
    let started = Instant::now();
    let test_case = test_case(context, operation, Control::Before);
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let mut made = match attempt_control(context, &test_case, &mut retries).await {
        Ok(made) => made,
        Err(error) => return unmade(&test_case, "the valid request", &error),
    };
    let refused =
        response(&test_case, &made).map(|response| response.status).filter(|status| (400..500).contains(status));
    let mut spelling = None;
    if let (Some(status), false) = (refused, made.limited) {
        match attempt_spelt(context, (operation, &test_case), status, &mut retries).await {
            Ok(Some((next, other))) => (made, spelling) = (made.followed_by(next), Some(other)),
            Ok(None) => {}
            Err(error) => return unmade(&test_case, "the valid request", &error),
        }
    }
    ControlRun { spelling, ..concluded(context, &test_case, started, made, retries).await }
}

/// A control whose thread was given up before it was over.
pub(super) fn given_up(context: &Context, operation: &Arc<SuiteOperation>, which: Control) -> ControlRun {
    let test_case = test_case(context, operation, which);
    let why = context.judging_when_stopped();
    let result = CaseResult {
        outcome: Outcome::Inconclusive,
        reason: Some(why.clone()),
        covers: BTreeMap::new(),
        ..unearned(&test_case, None)
    };
    ControlRun { limited: true, ..ControlRun::unsent(result, why) }
}

/// Sends the control after all cases: where it is refused, the same valid request was once accepted and once not. What it
/// met because it was sent too often or too late for a quota is no refusal, and a set-up that fails is none of this operation.
pub(super) async fn after(context: Context, operation: Arc<SuiteOperation>) -> CaseRun {
    let (context, operation) = (&context, &operation);
    let ControlRun { mut run, blocks, limited, is_sent, .. } = control(context, operation, Control::After).await;
    let result = &mut run.result;
    if let (Some(why), false) = (blocks.filter(|_| is_sent && !limited), result.outcome == Outcome::Error) {
        result.findings.push(Finding {
            clause: context.control_clause(operation).clone(),
            kind: FindingKind::Violation,
            check: CheckId::CONTROL,
            place: Place::Status,
            expected: statuses(operation),
            observed: format!("{why}, but was accepted before the cases"),
            exchange: result.exchanges.len().saturating_sub(1),
        });
        result.outcome = Outcome::Violates;
    }
    run
}

/// The control before or after the cases, or in the middle of them.
pub(super) fn test_case(context: &Context, operation: &Arc<SuiteOperation>, when: Control) -> TestCase {
    let title = format!("the {}, unmodified, {when} all cases", valid_request(context.suite(), operation));
    TestCase::control(context.suite(), operation, id(context.suite(), operation, when), title)
}

/// What the valid request of an operation is called.
fn valid_request(suite: &Suite, operation: &SuiteOperation) -> String {
    match suite.operations.only() {
        Some(_) => "valid request".to_owned(),
        None => format!("valid request of {}", operation.id()),
    }
}

/// The statuses that accept, for people.
fn statuses(operation: &SuiteOperation) -> Vec<String> {
    operation.accepted.status.iter().map(u16::to_string).collect()
}

async fn control(context: &Context, operation: &Arc<SuiteOperation>, when: Control) -> ControlRun {
    let started = Instant::now();
    let test_case = test_case(context, operation, when);
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    match attempt_control(context, &test_case, &mut retries).await {
        Ok(made) => concluded(context, &test_case, started, made, retries).await,
        Err(error) => unmade(&test_case, "the valid request", &error),
    }
}

/// Sends the control, and where it is refused with other values again: three times, and more often where the refusal may be
/// about what was drawn. A target that accepts it then is to blame for having refused it.
async fn attempt_control(
    context: &Context,
    test_case: &TestCase,
    retries: &mut Retries<'_>,
) -> Result<Attempt, RenderError> {
    let mut made = Attempt::default();
    for number in 0..DRAWS {
        let value_id = format!("{}#{number}", test_case.id);
        made = made.followed_by(attempt_once(context, test_case, &value_id, retries).await?);
        let goes_on = |response: &Response| number + 1 < TRIES || may_be_of_values(response.status);
        if made.limited || response(test_case, &made).is_none_or(|response| response.accepted() || !goes_on(response)) {
            break;
        }
    }
    if made.blocked.is_none() && made.last_step(&test_case.case).nth(1).is_some() {
        match blame_refusal(context, test_case, &mut made, retries).await {
            Err(RenderError::Stopped(why)) => made.limit(why),
            blamed => blamed?,
        }
    }
    Ok(made)
}

/// Sends the control in the middle of a run, to see whether anybody answers by now: soon, since nobody did in time.
pub(super) async fn transport_failure(context: Arc<Context>) -> Option<TransportFailure> {
    let context = &context.impatient();
    let operation = context.called.first()?;
    let id = format!("{}#amid", id(context.suite(), operation, Control::Before));
    let test_case = TestCase::control(context.suite(), operation, id, "the valid request, amid the cases");
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let made = attempt_once(context, &test_case, &test_case.id, &mut retries).await.ok()?;
    let failure = made.transport_failure();
    concluded(context, &test_case, Instant::now(), made, retries).await;
    failure
}

/// Puts the refusal of a control that was accepted afterwards down to its values, or to the control's clause.
async fn blame_refusal(
    context: &Context,
    test_case: &TestCase,
    made: &mut Attempt,
    retries: &mut Retries<'_>,
) -> Result<(), RenderError> {
    let both = {
        let mut sent = made.last_step(&test_case.case).cloned();
        (sent.next(), sent.next_back())
    };
    let (Some(refused), Some(accepted)) = both else {
        return Ok(());
    };
    let pair = RequestPair { accepted: &accepted.request, refused: &refused.request };
    let mut exchanges = Vec::new();
    let operation = context.asked(&refused.request);
    let members = fresh_members(context, operation, &Override::default());
    let value = refused_value(context, &test_case.id, pair, &members, retries, &mut exchanges).await?;
    made.confirmation.append(&mut exchanges);
    let status = refused.answer.response().map_or(0, |response| response.status);
    match value {
        Some(value) => {
            break_clause(context, operation, made, value.clause.as_str(), format!("{status}, {}", value.says()));
        }
        None => {
            let observed = format!("{status}, and accepted when sent again");
            break_clause(context, operation, made, context.control_clause(operation).as_str(), observed);
        }
    }
    Ok(())
}

/// Notes that the control was answered otherwise than it has to be.
fn break_clause(context: &Context, operation: &SuiteOperation, made: &mut Attempt, clause: &str, observed: String) {
    let mut findings = Findings::new(context.contract(), 0).of(operation.id());
    findings.break_clause(clause, CheckId::CONTROL, Place::Status, statuses(operation), observed);
    made.findings.append(&mut findings.into_list());
}

/// Sends the control with header names in small letters, which are the same names; none where it is refused, too.
async fn attempt_spelt(
    context: &Context,
    (operation, test_case): (&Arc<SuiteOperation>, &TestCase),
    refused_with: u16,
    retries: &mut Retries<'_>,
) -> Result<Option<(Attempt, HeaderCase)>, RenderError> {
    for (number, (spelling, clause)) in spellings(context, operation).into_iter().enumerate() {
        let (id, title) = (test_case.id.clone(), "the valid request in another spelling");
        let overrides = Override { header_case: spelling.clone(), ..Override::default() };
        let respelt = TestCase::control_with(context.suite(), operation, id, title, overrides);
        let value_id = format!("{}#spelt-{number}", test_case.id);
        let mut made = attempt_once(context, &respelt, &value_id, retries).await?;
        if !response(&respelt, &made).is_some_and(Response::accepted) {
            retries.abandoned.extend(made.exchanges().cloned());
            continue;
        }
        let names = spelling.lower_names().join(" and ");
        let observed = format!("{refused_with}, but accepted with {names} in small letters");
        break_clause(context, operation, &mut made, clause, observed);
        return Ok(Some((made, spelling)));
    }
    Ok(None)
}

/// Other spellings of the valid request's header names, each with the clause that it is read all the same: those that
/// cases are about, and all names in small letters.
fn spellings<'c>(context: &'c Context, operation: &SuiteOperation) -> Vec<(HeaderCase, &'c str)> {
    let mut spellings = Vec::new();
    for step in context.suite().cases.iter().flat_map(|case| &case.steps) {
        let spelling = &step.overrides.header_case;
        if let Some(cover) = step.covers.iter().find(|cover| cover.polarity == Polarity::Accept)
            && !spelling.lower_names().is_empty()
            && !spellings.iter().any(|(known, _)| known == spelling)
        {
            spellings.push((spelling.clone(), cover.clause.as_str()));
        }
    }
    let all = HeaderCase::lower(operation.request.headers.iter().map(|header| header.name.as_str()));
    spellings.push((all, context.control_clause(operation).as_str()));
    spellings
}

/// Sends the control once. That it is refused says nothing of the clause by which it is accepted.
async fn attempt_once(
    context: &Context,
    test_case: &TestCase,
    value_id: &str,
    retries: &mut Retries<'_>,
) -> Result<Attempt, RenderError> {
    let scope = context.scope(value_id, &test_case.row)?;
    let mut made = attempt(context, test_case, value_id, scope, retries).await?;
    let Some(why) =
        made.last_step(&test_case.case).last().and_then(|last| refusal(context, last)).filter(|_| !made.limited)
    else {
        return Ok(made);
    };
    match response(test_case, &made).map(|response| response.status) {
        None if made.failed.is_some() => made.failed = Some(why),
        None | Some(300..400) => made.blocked = Some(why),
        Some(_) => made.withdraw_missed(&why),
    }
    Ok(made)
}

/// Sends the negative control where it has to be refused; none where there is nothing to tell of it. What was refused as it
/// ought to be is told of only where that took more than one try.
pub(super) async fn negative(context: Context, operation: Arc<SuiteOperation>) -> Option<ControlRun> {
    let (context, operation) = (&context, &operation);
    let started = Instant::now();
    let id = id(context.suite(), operation, Control::Bare);
    let test_case = TestCase::negative_control(&context.plan, operation, id)?;
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let mut made = match attempt_row(context, &test_case, &mut retries).await {
        Ok(made) => made,
        Err(error) => return Some(unmade(&test_case, "the request without headers and body", &error)),
    };
    let answered = response(&test_case, &made)?;
    let (status, is_accepted) = (answered.status, answered.accepted());
    let refuses_with_success = is_error_on_success(&operation.documented, answered);
    if let (Some(why), false) =
        (made.last_step(&test_case.case).last().and_then(|last| exhausted(context, last)), made.limited)
    {
        made.limit(why);
    }
    if refuses_with_success && !made.limited {
        // It says that the request is refused, only not as it ought to.
        made.findings.retain(|finding| finding.check == CheckId::ERROR_ON_SUCCESS);
    } else if is_accepted && !made.limited {
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
    result.findings.retain(|finding| CHECKS.iter().any(|check| check.always && check.id == finding.check));
    result.outcome = match CaseResult::outcome_of(&result.findings) {
        Outcome::Violates => Outcome::Violates,
        _ => Outcome::Inconclusive,
    };
    result.reason.clone_from(&negative.blocks);
}

/// The last answer to the control itself.
fn response<'a>(test_case: &TestCase, attempt: &'a Attempt) -> Option<&'a Response> {
    attempt.last_step(&test_case.case).last()?.answer.response()
}

/// A control whose request can't be made: the suite is broken, or the ledger can't be written.
fn unmade(test_case: &TestCase, what: &str, error: &RenderError) -> ControlRun {
    let reason = format!("suite.yaml: {what} can't be made: {error}");
    let result = CaseResult { reason: Some(reason.clone()), ..unearned(test_case, None) };
    ControlRun::unsent(result, reason)
}

/// Concludes a control as any other test case.
async fn concluded(
    context: &Context,
    test_case: &TestCase,
    started: Instant,
    made: Attempt,
    retries: Retries<'_>,
) -> ControlRun {
    let (blocks, limited) = (made.blocked.clone().or_else(|| made.failed.clone()), made.limited);
    let is_refused =
        blocks.is_some() && !limited && response(test_case, &made).is_some_and(|response| !response.accepted());
    let last =
        made.last_step(&test_case.case).last().filter(|last| last.answer.response().is_some_and(Response::accepted));
    let accepted = last.map(|last| Arc::clone(&last.request));
    let is_sent = made.last_step(&test_case.case).next().is_some();
    let run = complete(context, test_case, started, made, retries).await;
    ControlRun { run, blocks, is_refused, limited, is_sent, accepted, spelling: None }
}

/// Why nothing can be proven after a control that was answered so.
fn refusal(context: &Context, exchange: &Exchange) -> Option<String> {
    match &exchange.answer {
        Answer::Complete(response) if response.accepted() => None,
        Answer::Complete(response) => {
            let hint = match response.status {
                401 | 403 => "; is the token right, and may it do this?",
                404 => "; is the target's URL right?",
                _ => "",
            };
            let valid = valid_request(context.suite(), context.asked(&exchange.request));
            Some(format!("the control was refused: the unmodified {valid} got {}{hint}", response.status))
        }
        Answer::Unusable { defect, cause, .. } => {
            let cause = cause_shown(cause, &context.options.secrets);
            Some(format!("the control got no usable answer: {}: {cause}", defect.says()))
        }
        Answer::Unreachable { cause } => Some(format!("{UNREACHABLE}: {cause}{}", tls_hint(cause))),
    }
}

/// The next step where TLS came to nothing.
fn tls_hint(cause: &str) -> &'static str {
    if cause.contains("unknown authority") || cause.contains("was not given itself") {
        "; give that authority, or the certificate itself, as ca-certificate"
    } else if cause.contains("CertificateRequired") {
        "; is the certificate that it asks for given as client-certificate?"
    } else {
        ""
    }
}
