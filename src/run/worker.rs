//! Who runs cases: a thread a core, with a runtime, and connections of its own, so that no request and
//! no answer wakes another thread.

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::case::{self, CaseRun};
use super::context::Context;
use super::permit::{Permit, Permits};
use super::plan::TestCase;

/// Runs cases side by side. What it still does ends when it is dropped.
pub(super) struct Worker {
    context: Arc<Context>,
    /// One for each case in flight, of all workers.
    permits: Arc<Permits>,
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
    pub(super) fn start_all(context: &Arc<Context>, jobs: usize) -> io::Result<Vec<Self>> {
        let (here, permits) = (Handle::current(), Arc::new(Permits::new(jobs)));
        if here.runtime_flavor() == RuntimeFlavor::CurrentThread {
            return Ok(vec![Self { context: Arc::clone(context), permits, runtime: here, _end: None }]);
        }
        let count = thread::available_parallelism().map_or(1, Into::into).min(jobs).max(1);
        (0..count).map(|_| Self::start(context.apart(), Arc::clone(&permits))).collect()
    }

    fn start(context: Context, permits: Arc<Permits>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let context = Arc::new(context);
        let (end, ended) = oneshot::channel();
        let handle = runtime.handle().clone();
        // A dropped sender is the end.
        thread::Builder::new().name("worker".to_owned()).spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Self { context, permits, runtime: handle, _end: Some(end) })
    }

    /// Runs these cases one after the other, as soon as there is a place for them; none where something blocks them or the
    /// run is stopped.
    pub(super) fn spawn(&self, batch: Vec<TestCase>, blocks: Option<Arc<str>>) -> JoinHandle<Vec<CaseRun>> {
        self.runtime.spawn(run_batch(Arc::clone(&self.context), batch, Arc::clone(&self.permits), blocks))
    }
}

async fn run_batch(
    context: Arc<Context>,
    batch: Vec<TestCase>,
    permits: Arc<Permits>,
    blocks: Option<Arc<str>>,
) -> Vec<CaseRun> {
    let mut permit = Permit::take(permits).await;
    let mut runs = Vec::with_capacity(batch.len());
    for test_case in &batch {
        runs.push(match blocks.as_deref().map(str::to_owned).or_else(|| context.stop.reason().map(String::from)) {
            Some(reason) => case::not_run(&context, test_case, reason),
            None => case::run(&context, test_case, &mut permit).await,
        });
    }
    runs
}
