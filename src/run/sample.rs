//! The same requests several times, to see what of their answers varies.

use std::sync::Arc;

use super::cleanup::clean_up;
use super::context::Context;
use super::{Options, Plan, RunError, Stop, cleaner, control, negative_control};
use crate::http::Exchange;
use crate::suite::RenderError;
use crate::verdict::{Control, LeftBehind, SyntheticCase};

/// What came of it.
#[derive(Debug, Default)]
pub struct Sample {
    /// For each request that got an answer every time: its exchanges.
    pub exchanges: Vec<Vec<Arc<Exchange>>>,
    /// What could not be removed again.
    pub left: Vec<LeftBehind>,
}

/// Sends the valid request so many times, and as often the negative control, which has to be refused. What is created is
/// removed.
///
/// # Errors
/// A suite that its contract doesn't fit, or a valid request that can't be made.
pub async fn sample(plan: Plan, options: Options, times: usize) -> Result<Sample, RunError> {
    let context = Context::new(&plan, &options, &Stop::new())?;
    let mut sample = Sample::default();
    let began = jiff::Timestamp::now();
    let (mut valid, mut bare) = (Vec::new(), Vec::new());
    for number in 0..times {
        let id = format!("{}#sample-{number}", SyntheticCase::Control(Control::Before).id(&plan.suite.name));
        let sent = control::send(&context, &id).await.map_err(unmade)?.exchange;
        let scope = context.scope(&id);
        let other = negative_control::send(&context, &id, &scope).await;
        sample.left.extend(clean_up(&context, &id, &scope, std::iter::once(&sent).chain(&other)).await);
        valid.push(sent);
        bare.extend(other);
    }
    if let Some(ledger) = &context.ledger {
        sample.left.extend(cleaner::at_the_end(&context, ledger, began).await);
        ledger.end().map_err(|cause| RunError::Ledger { path: ledger.path().to_owned(), cause })?;
    }
    let answered = |exchanges: &Vec<Arc<Exchange>>| {
        !exchanges.is_empty() && exchanges.iter().all(|exchange| exchange.answer.response().is_some())
    };
    sample.exchanges = [valid, bare].into_iter().filter(answered).collect();
    Ok(sample)
}

fn unmade(error: RenderError) -> RunError {
    RunError::Unmade(error.to_string())
}
