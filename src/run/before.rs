//! What all cases share: made once, before everything else, and removed after all of it.

use std::sync::Arc;
use std::time::Instant;

use super::case::{CaseRun, Retries, attempt_row, keep, unearned};
use super::cleanup::clean_up;
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use crate::http::Exchange;
use crate::suite::{Resource, Saved, Suite};
use crate::verdict::{CaseResult, LeftBehind, Outcome, SyntheticCase};

/// What came of making a resource.
pub(super) struct SharedRun {
    pub(super) run: CaseRun,
    /// What was exchanged, to be cleaned up at the end.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// The exchange that made it, or why it isn't there.
    pub(super) made: Result<Saved, String>,
}

/// What makes a resource that all cases share.
pub(super) fn test_case(suite: &Suite, resource: &Resource) -> TestCase {
    TestCase::before(suite, SyntheticCase::Before(resource.name.clone()).id(&suite.name), resource)
}

/// Something whose thread was given up before it was made.
pub(super) fn given_up(context: &Context, resource: &Resource) -> SharedRun {
    unmade(context, resource, Outcome::Inconclusive, context.judging_when_stopped())
}

/// Something that isn't made any more, because the run was stopped, for this reason.
pub(super) fn stopped(context: &Context, resource: &Resource, why: String) -> SharedRun {
    unmade(context, resource, Outcome::Inconclusive, why)
}

fn unmade(context: &Context, resource: &Resource, outcome: Outcome, why: String) -> SharedRun {
    let result =
        CaseResult { outcome, reason: Some(why.clone()), ..unearned(&test_case(context.suite(), resource), None) };
    SharedRun { run: result.into(), exchanges: Vec::new(), made: Err(not_there(resource, &why)) }
}

fn not_there(resource: &Resource, why: &str) -> String {
    format!("{}, which all cases share, was not made: {why}", resource.name)
}

/// Makes a resource.
pub(super) async fn make(context: Context, resource: Arc<Resource>) -> SharedRun {
    let context = &context;
    let started = Instant::now();
    let test_case = test_case(context.suite(), &resource);
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let mut made = match attempt_row(context, &test_case, &mut retries).await {
        Ok(made) => made,
        Err(error) => return unmade(context, &resource, Outcome::Error, format!("suite.yaml: {error}")),
    };
    made.judged = true;
    let last = made.last_step(&test_case.case).last().cloned();
    let accepted = last.filter(|last| last.answer.response().is_some_and(|response| response.accepted()));
    let why = made.blocked.clone().or_else(|| made.failed.clone());
    let exchange = match (why, accepted) {
        (None, Some(exchange)) => Ok(Saved::new(exchange, &context.options.base_url)),
        (why, _) => {
            Err(not_there(&resource, &why.unwrap_or_else(|| "its answer breaks what is documented".to_owned())))
        }
    };
    let exchanges = made.exchanges().chain(&made.confirmation).cloned().collect();
    SharedRun { run: keep(context, &test_case, started, made, retries), exchanges, made: exchange }
}

/// Removes what was made, that which was made last first; gives back what is left behind.
pub(super) async fn remove(context: Arc<Context>, made: Vec<(Arc<Resource>, Vec<Arc<Exchange>>)>) -> Vec<LeftBehind> {
    let mut left_behind = Vec::new();
    for (resource, exchanges) in made.iter().rev() {
        let test_case = test_case(context.suite(), resource);
        if let Ok(scope) = context.scope(&test_case.id, &test_case.row) {
            left_behind.extend(clean_up(&context, &test_case.id, &scope, exchanges.iter()).await);
        }
    }
    left_behind
}
