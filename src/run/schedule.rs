//! Running the selected cases side by side, and taking their results in the suite's order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt as _, stream};

use super::backlog::Backlog;
use super::blocks::Blocks;
use super::case::{CaseRun, TransportFailure};
use super::context::Context;
use super::control;
use super::error::RunError;
use super::late::SILENT;
use super::plan::{TestCase, count, test_cases};
use super::thread::WorkerThread;
use super::worker::Worker;
use crate::http::Defect;
use crate::verdict::StopReason;

/// How many results may wait for the one before them, for each case in flight.
const WAITING: usize = 16;
/// How many may at least where cases wait to be sent again, so that one of them doesn't hold up all others.
const WAITING_FOR_RETRIES: usize = 256;
/// How many cases may meet the deadline, where they are no smaller share of all than [`LATE_SHARE`].
const LATE: usize = 32;
/// One case of so many.
const LATE_SHARE: usize = 4;
/// The most cases that go one after the other in one task.
const BATCH: usize = 8;
/// How many tasks there are at least for each job before cases go together.
const TASKS: u64 = 32;

/// Runs the selected cases, at most `jobs` at once, and hands on what they came to in the suite's order. What is blocked
/// isn't sent. The control amid them is sent on this thread.
pub(super) async fn run_cases(
    context: &Arc<Context>,
    thread: &WorkerThread,
    blocks: &Arc<Blocks>,
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
    let backlog = Arc::new(Backlog::default());
    let workers = Worker::start_all(context, jobs, &backlog).map_err(RunError::Worker)?;
    let tasks = batches.zip(workers.iter().cycle()).enumerate();
    let tasks = tasks.map(|(number, (batch, worker))| worker.spawn(number, batch, Arc::clone(blocks)));
    let waiting = if retries == 0 { jobs * WAITING } else { (jobs * WAITING).max(WAITING_FOR_RETRIES) };
    let mut results = stream::iter(tasks).buffered(waiting.div_ceil(batch));
    let mut silence = Silence::default();
    let mut taken = Ok(());
    loop {
        let runs = tokio::select! {
            biased;
            runs = results.next() => runs,
            () = context.late.told() => {
                silence.look(context, thread).await?;
                continue;
            }
        };
        let Some(runs) = runs else { break };
        let runs = runs?;
        let bytes = runs.iter().map(CaseRun::weight).sum();
        for run in runs {
            if taken.is_ok() {
                taken = take(silence.heed(context, thread, run).await?);
            }
        }
        backlog.take(bytes);
        if taken.is_err() {
            // Nobody can be told any more, but what is in flight is to be cleaned up after.
            context.stop.ask(StopReason::Output);
            goes_on.store(false, Ordering::Relaxed);
        }
    }
    taken
}

/// Whether the target has stopped answering: that many cases in a row, in the suite's order, got no usable answer, and neither
/// did the control; or so many of all have met the deadline that waiting for the rest would take for ever.
#[derive(Default)]
struct Silence {
    /// How many cases in a row got no usable answer.
    in_a_row: usize,
    /// How many cases there were.
    cases: usize,
    /// How many of them met the deadline.
    late: usize,
    /// Why the run has ended, where that was seen before the results came that show it.
    ended: Option<String>,
    /// What is said of the cases that come after them, whether they were in flight already or not.
    over: Option<String>,
}

impl Silence {
    /// Looks whether a target still answers by which several cases weren't answered in time, whose results may be yet to come:
    /// where it doesn't answer the control either, or few cases were ever answered, the run ends.
    async fn look(&mut self, context: &Arc<Context>, thread: &WorkerThread) -> Result<(), RunError> {
        if context.stop.is_set() {
            return Ok(());
        }
        let failure = thread.run(control::transport_failure(Arc::clone(context))).await?.flatten();
        let hopeless = || {
            let count = context.late.hopeless()?;
            let what = Defect::Deadline.says();
            Some(format!("the target answers little but the valid request: {what}, {count} cases in a row"))
        };
        self.ended = failure.map(stopped_answering).or_else(hopeless);
        if let Some(reason) = self.ended.clone() {
            context.stop.ask(StopReason::Other(reason));
        }
        Ok(())
    }

    async fn heed(&mut self, context: &Arc<Context>, thread: &WorkerThread, run: CaseRun) -> Result<CaseRun, RunError> {
        if let Some(reason) = &self.over {
            return Ok(run.not_run(reason));
        }
        let Some(failure) = run.failure.filter(|_| self.ended.is_some() || !context.stop.is_set()) else {
            (self.in_a_row, self.cases) = (0, self.cases + 1);
            return Ok(run);
        };
        (self.in_a_row, self.cases) = (self.in_a_row + 1, self.cases + 1);
        self.late += usize::from(failure.is_deadline());
        let ended = self.ended.clone().filter(|_| self.late >= SILENT);
        let reason = if ended.is_some() {
            ended
        } else if self.in_a_row >= SILENT {
            self.in_a_row = 0;
            let failure = thread.run(control::transport_failure(Arc::clone(context))).await?.flatten();
            failure.map(stopped_answering)
        } else {
            let TransportFailure(what) = failure;
            let is_hopeless = failure.is_deadline() && self.late >= LATE && self.late * LATE_SHARE >= self.cases;
            is_hopeless.then(|| format!("the target answers too seldom: {what}, {} of {} cases", self.late, self.cases))
        };
        if let Some(reason) = reason {
            context.stop.ask(StopReason::Other(reason.clone()));
            self.over = Some(reason);
        }
        Ok(run)
    }
}

fn stopped_answering(TransportFailure(what): TransportFailure) -> String {
    format!("the target stopped answering: {what}, {SILENT} cases in a row and for the control")
}

/// How many cases go one after the other in one task, which saves waking for each of them: one, unless there are so
/// many that every job has its share all the same.
fn batch_size(cases: u64, jobs: usize) -> usize {
    let share = cases / (jobs as u64).saturating_mul(TASKS).max(1);
    usize::try_from(share).unwrap_or(BATCH).clamp(1, BATCH)
}
