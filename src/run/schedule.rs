//! Running the selected cases side by side, and taking their results in the suite's order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt as _, stream};

use super::case::{CaseRun, TransportFailure};
use super::context::Context;
use super::control;
use super::error::RunError;
use super::plan::{TestCase, count, test_cases};
use super::worker::Worker;
use crate::verdict::StopReason;

/// How many results may wait for the one before them, for each case in flight.
const WAITING: usize = 16;
/// How many may at least where cases wait to be sent again, so that one of them doesn't hold up all others.
const WAITING_FOR_RETRIES: usize = 256;
/// After how many cases in a row that meet the same transport failure the control is asked whether the target is there.
const SILENT: usize = 5;
/// The most cases that go one after the other in one task.
const BATCH: usize = 8;
/// How many tasks there are at least for each job before cases go together.
const TASKS: u64 = 32;

/// Runs the selected cases, at most `jobs` at once, and hands on what they came to in the suite's order. Where something
/// blocks them, none is sent.
pub(super) async fn run_cases(
    context: &Arc<Context>,
    blocks: Option<&str>,
    mut take: impl FnMut(CaseRun) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let (suite, filters) = (&context.plan.suite, &context.plan.filters);
    let (jobs, retries) = (context.options.jobs, context.options.retries);
    // Cases that go one after the other would have to wait for each other's retries.
    let batch = if retries == 0 { batch_size(count(suite, filters), jobs) } else { 1 };
    let mut test_cases = test_cases(suite, filters);
    let goes_on = AtomicBool::new(true);
    let batches = std::iter::from_fn(|| {
        let batch: Vec<TestCase> = test_cases.by_ref().take(batch).collect();
        (!batch.is_empty() && goes_on.load(Ordering::Relaxed)).then_some(batch)
    });
    let blocks: Option<Arc<str>> = blocks.map(Arc::from);
    let workers = Worker::start_all(context, jobs).map_err(RunError::Worker)?;
    let tasks = batches.zip(workers.iter().cycle()).map(|(batch, worker)| worker.spawn(batch, blocks.clone()));
    let waiting = if retries == 0 { jobs * WAITING } else { (jobs * WAITING).max(WAITING_FOR_RETRIES) };
    let mut results = stream::iter(tasks).buffered(waiting.div_ceil(batch));
    let mut silence = Silence::default();
    let mut taken = Ok(());
    while let Some(runs) = results.next().await {
        for run in runs? {
            if taken.is_ok() {
                taken = take(silence.heed(context, run).await);
            }
        }
        if taken.is_err() {
            // Nobody can be told any more, but what is in flight is to be cleaned up after.
            context.stop.ask(StopReason::Output);
            goes_on.store(false, Ordering::Relaxed);
        }
    }
    taken
}

/// Whether the target has stopped answering: that many cases in a row, in the suite's order, met the same transport failure,
/// and so did the control.
#[derive(Default)]
struct Silence {
    failure: Option<TransportFailure>,
    count: usize,
    /// What is said of the cases that come after them, whether they were in flight already or not.
    over: Option<String>,
}

impl Silence {
    async fn heed(&mut self, context: &Context, run: CaseRun) -> CaseRun {
        if let Some(reason) = &self.over {
            return run.not_run(reason);
        }
        self.count = if run.failure.is_some() && run.failure == self.failure { self.count + 1 } else { 1 };
        self.failure = run.failure;
        let Some(failure) = self.failure.filter(|_| self.count >= SILENT && !context.stop.is_set()) else { return run };
        self.count = 0;
        if control::transport_failure(context).await == Some(failure) {
            let what = failure.0;
            let reason = format!("the target stopped answering: {what}, {SILENT} cases in a row and for the control");
            context.stop.ask(StopReason::Other(reason.clone()));
            self.over = Some(reason);
        }
        run
    }
}

/// How many cases go one after the other in one task, which saves waking for each of them: one, unless there are so
/// many that every job has its share all the same.
fn batch_size(cases: u64, jobs: usize) -> usize {
    let share = cases / (jobs as u64).saturating_mul(TASKS).max(1);
    usize::try_from(share).unwrap_or(BATCH).clamp(1, BATCH)
}
