//! Who runs cases: a thread a core, with connections of its own, so that no request and no answer wakes another thread.

use std::future::Future;
use std::io;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::task::JoinError;

use super::backlog::Backlog;
use super::blocks::Blocks;
use super::case::{self, CaseRun};
use super::context::Context;
use super::permit::{Permit, Permits};
use super::plan::TestCase;
use super::thread::{WorkerThread, is_single};

/// Runs cases side by side. What it still does ends when it is dropped.
pub(super) struct Worker {
    context: Arc<Context>,
    /// One for each case in flight, of all workers.
    permits: Arc<Permits>,
    /// What they have come to and nobody has taken yet.
    backlog: Arc<Backlog>,
    thread: WorkerThread,
}

impl Worker {
    /// Workers that have so many cases in flight together: one for each core, or a single one on the runtime that this is
    /// called on where that has but one thread itself.
    ///
    /// # Errors
    /// The system gives no more threads or descriptors.
    pub(super) fn start_all(context: &Arc<Context>, jobs: usize, backlog: &Arc<Backlog>) -> io::Result<Vec<Self>> {
        let permits = Arc::new(Permits::new(jobs));
        let start = |context: Arc<Context>| {
            let (permits, backlog, thread) =
                (Arc::clone(&permits), Arc::clone(backlog), WorkerThread::start(&context)?);
            Ok(Self { context, permits, backlog, thread })
        };
        if is_single() {
            return Ok(vec![start(Arc::clone(context))?]);
        }
        let count = thread::available_parallelism().map_or(1, Into::into).min(jobs).max(1);
        (0..count).map(|_| start(Arc::new(context.apart()))).collect()
    }

    /// Runs these cases one after the other, as soon as there is a place for them and room for what they come to; none where
    /// it is blocked or the run is stopped. `number` says how many batches are before them. Where the thread is given up
    /// meanwhile, what was over by then is kept, and the rest counts as not run.
    pub(super) fn spawn(
        &self,
        number: usize,
        test_cases: Vec<TestCase>,
        blocks: Arc<Blocks>,
    ) -> impl Future<Output = Result<Vec<CaseRun>, JoinError>> + use<> {
        let (context, permits, backlog) =
            (Arc::clone(&self.context), Arc::clone(&self.permits), Arc::clone(&self.backlog));
        let batch = Arc::new(Batch { test_cases, progress: Mutex::default() });
        let done = self.thread.run({
            let (context, permits, batch) = (Arc::clone(&context), Arc::clone(&permits), Arc::clone(&batch));
            async move {
                let mut permit = Permit::take(Arc::clone(&permits)).await;
                while !backlog.has_room(number) {
                    // Those that the others wait for need the place.
                    drop(permit);
                    backlog.room(number).await;
                    permit = Permit::take(Arc::clone(&permits)).await;
                }
                batch.run(&context, &mut permit, &backlog, &blocks).await;
            }
        });
        async move {
            if done.await?.is_none() {
                // Nobody gets the places back that it has.
                permits.close();
            }
            Ok(batch.runs(&context))
        }
    }
}

/// Cases that go one after the other.
struct Batch {
    test_cases: Vec<TestCase>,
    progress: Mutex<Progress>,
}

/// How far they are.
#[derive(Default)]
struct Progress {
    /// How many were begun.
    begun: usize,
    /// What those came to that are over.
    runs: Vec<CaseRun>,
}

impl Batch {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, context: &Arc<Context>, permit: &mut Permit, backlog: &Backlog, blocks: &Blocks) {
        for test_case in &self.test_cases {
            let blocked = blocks.of(&test_case.case).map(str::to_owned);
            let run = match blocked.or_else(|| context.stop.reason().map(String::from)) {
                Some(reason) => case::not_run(context, test_case, reason),
                None => {
                    self.progress().begun += 1;
                    case::run(context, test_case, permit).await
                }
            };
            backlog.add(run.weight());
            self.progress().runs.push(run);
        }
    }

    /// What they came to. One that isn't over belongs to a thread that was given up.
    fn runs(&self, context: &Context) -> Vec<CaseRun> {
        let Progress { begun, mut runs } = take(&mut *self.progress());
        for (number, test_case) in self.test_cases.iter().enumerate().skip(runs.len()) {
            let reason = match number < begun {
                true => context.judging_when_stopped(),
                false => context.stop.reason().map(String::from).unwrap_or_default(),
            };
            runs.push(case::not_run(context, test_case, reason));
        }
        runs
    }
}
