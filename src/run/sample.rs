//! The same requests several times, to see what of their answers varies.

use std::sync::Arc;

use super::case::{Retries, attempt};
use super::cleanup::{clean_up, sweep};
use super::context::Context;
use super::control;
use super::error::RunError;
use super::options::Options;
use super::permit::Permit;
use super::plan::{Plan, TestCase};
use super::stop::Stop;
use crate::http::Exchange;
use crate::suite::SuiteOperation;
use crate::verdict::{Control, LeftBehind};

/// What came of it.
#[derive(Debug, Default)]
pub struct Sample {
    /// For each request that got an answer every time: its exchanges.
    pub exchanges: Vec<Vec<Arc<Exchange>>>,
    /// What could not be removed again.
    pub left_behind: Vec<LeftBehind>,
}

/// Sends each valid request so many times, and as often the negative control, which has to be refused. What is created is
/// removed.
///
/// # Errors
/// A suite that its contract doesn't fit, or a request that can't be made.
pub async fn sample(plan: Plan, options: Options, times: usize) -> Result<Sample, RunError> {
    let context = Context::new(plan, options, &Stop::new())?;
    context.log_in().await?;
    let mut sample = Sample::default();
    let began = jiff::Timestamp::now();
    let test_cases = |operation: &Arc<SuiteOperation>| {
        let id = format!("{}#sample", control::id(context.suite(), operation, Control::Before));
        let valid = TestCase::control(context.suite(), operation, id.clone(), "the valid request");
        std::iter::once(valid).chain(TestCase::negative_control(&context.plan, operation, id))
    };
    for test_case in context.called.iter().flat_map(test_cases) {
        let mut answered = Vec::new();
        for number in 0..times {
            answered.extend(send(&context, &test_case, number, &mut sample.left_behind).await?);
        }
        if !answered.is_empty() && answered.iter().all(|exchange| exchange.answer.response().is_some()) {
            sample.exchanges.push(answered);
        }
    }
    if let Some(ledger) = &context.options.ledger {
        sample.left_behind.extend(sweep(&context, ledger, began, false).await);
        ledger.end().map_err(|cause| RunError::Ledger { path: ledger.path().to_owned(), cause })?;
    }
    Ok(sample)
}

async fn send(
    context: &Context,
    test_case: &TestCase,
    number: usize,
    left_behind: &mut Vec<LeftBehind>,
) -> Result<Vec<Arc<Exchange>>, RunError> {
    let mut permit = Permit::unlimited();
    let mut retries = Retries::new(context, &test_case.id, &mut permit);
    let value_id = format!("{}#{number}", test_case.id);
    let scope = context.scope(&value_id, &test_case.row)?;
    let made = attempt(context, test_case, &value_id, scope.clone(), &mut retries).await?;
    left_behind.append(&mut retries.left_behind);
    left_behind.extend(clean_up(context, &value_id, &scope, made.exchanges()).await);
    Ok(made.exchanges().cloned().collect())
}
