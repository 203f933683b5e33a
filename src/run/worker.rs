//! Who runs cases: a thread a core, with a runtime, and connections of its own, so that no request and
//! no answer wakes another thread.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::backlog::Backlog;
use super::blocks::Blocks;
use super::case::{self, CaseRun};
use super::context::Context;
use super::permit::{Permit, Permits};
use super::plan::TestCase;

/// How many threads a worker has for what may block. One after the other writes the ledger, and each keeps memory of its own.
const BLOCKING: usize = 4;

/// The stack of a thread that judges answers, in bytes: as much as the deepest body takes that may be asked for. Of what isn't
/// used, there is none.
pub const STACK: usize = 64 << 20;

/// Runs cases side by side. What it still does ends when it is dropped.
pub(super) struct Worker {
    context: Arc<Context>,
    /// One for each case in flight, of all workers.
    permits: Arc<Permits>,
    /// What they have come to and nobody has taken yet.
    backlog: Arc<Backlog>,
    runtime: Handle,
    /// Dropped to end the thread; none where the runtime is somebody else's.
    _end: Option<oneshot::Sender<()>>,
}

impl Worker {
    /// Workers that have so many cases in flight together: one for each core, or a single one on the runtime that this is
    /// called on where that has but one thread itself.
    ///
    /// # Errors
    /// The system gives no more threads or descriptors.
    pub(super) fn start_all(context: &Arc<Context>, jobs: usize, backlog: &Arc<Backlog>) -> io::Result<Vec<Self>> {
        let (here, permits) = (Handle::current(), Arc::new(Permits::new(jobs)));
        if here.runtime_flavor() == RuntimeFlavor::CurrentThread {
            let (context, backlog) = (Arc::clone(context), Arc::clone(backlog));
            return Ok(vec![Self { context, permits, backlog, runtime: here, _end: None }]);
        }
        let count = thread::available_parallelism().map_or(1, Into::into).min(jobs).max(1);
        (0..count).map(|_| Self::start(context.apart(), Arc::clone(&permits), Arc::clone(backlog))).collect()
    }

    fn start(context: Context, permits: Arc<Permits>, backlog: Arc<Backlog>) -> io::Result<Self> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().max_blocking_threads(BLOCKING).thread_stack_size(STACK).build()?;
        let context = Arc::new(context);
        let (end, ended) = oneshot::channel();
        let handle = runtime.handle().clone();
        let (give, take) = mpsc::channel::<Runtime>();
        // A dropped sender is the end.
        let work = move || take.recv().is_ok_and(|runtime| runtime.block_on(ended).is_ok());
        let thread = thread::Builder::new().name("worker".to_owned()).stack_size(STACK);
        if let Err(error) = thread.spawn(work) {
            // To drop it here would panic.
            runtime.shutdown_background();
            return Err(error);
        }
        // The thread waits for it.
        let _ = give.send(runtime);
        Ok(Self { context, permits, backlog, runtime: handle, _end: Some(end) })
    }

    /// Runs these cases one after the other, as soon as there is a place for them and room for what they come to; none where
    /// it is blocked or the run is stopped. `number` says how many batches are before them.
    pub(super) fn spawn(&self, number: usize, batch: Vec<TestCase>, blocks: Arc<Blocks>) -> JoinHandle<Vec<CaseRun>> {
        let (context, permits, backlog) =
            (Arc::clone(&self.context), Arc::clone(&self.permits), Arc::clone(&self.backlog));
        self.runtime.spawn(async move {
            let mut permit = Permit::take(Arc::clone(&permits)).await;
            while !backlog.has_room(number) {
                // Those that the others wait for need the place.
                drop(permit);
                backlog.room(number).await;
                permit = Permit::take(Arc::clone(&permits)).await;
            }
            let runs = run_batch(&context, &batch, &mut permit, &blocks).await;
            backlog.add(runs.iter().map(CaseRun::weight).sum());
            runs
        })
    }
}

async fn run_batch(context: &Arc<Context>, batch: &[TestCase], permit: &mut Permit, blocks: &Blocks) -> Vec<CaseRun> {
    let mut runs = Vec::with_capacity(batch.len());
    for test_case in batch {
        runs.push(
            match blocks.of(&test_case.case).map(str::to_owned).or_else(|| context.stop.reason().map(String::from)) {
                Some(reason) => case::not_run(context, test_case, reason),
                None => case::run(context, test_case, permit).await,
            },
        );
    }
    runs
}
