//! A thread with a runtime of its own, on which answers are judged.
//!
//! To judge an answer may take longer than anybody wants to wait, and nothing can interrupt it. So whoever needs the outcome
//! waits on another thread. Once the run is stopped, a thread that doesn't come back from what it does is given up.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, pending};
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::JoinError;

use super::context::Context;
use super::stop::GRACE;
use crate::stack::DEEP_STACK;

/// How many such a thread has beside it for what may block. One after the other writes the ledger, and each keeps memory of
/// its own.
const BLOCKING: usize = 4;
/// How much time is between two questions to a thread whether it still comes back.
const PAUSE: Duration = Duration::from_millis(100);

/// Where answers are judged. What is still done there ends when this is dropped.
pub(super) struct WorkerThread {
    runtime: Handle,
    /// Done as soon as nobody waits for the thread any more.
    given_up: Shared<BoxFuture<'static, ()>>,
    /// Dropped to end the thread; none where the runtime is somebody else's.
    _end: Option<oneshot::Sender<()>>,
}

impl WorkerThread {
    /// A thread for what is done with this context; where the runtime that this is called on has but one thread, that one,
    /// which nobody could wait for elsewhere.
    ///
    /// # Errors
    /// The system gives no more threads or descriptors.
    pub(super) fn start(context: &Context) -> io::Result<Self> {
        if is_single() {
            return Ok(Self { runtime: Handle::current(), given_up: pending().boxed().shared(), _end: None });
        }
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().max_blocking_threads(BLOCKING).thread_stack_size(DEEP_STACK).build()?;
        let (end, ended) = oneshot::channel();
        let handle = runtime.handle().clone();
        let (give, take) = mpsc::channel::<Runtime>();
        // A dropped sender is the end.
        let work = move || take.recv().is_ok_and(|runtime| runtime.block_on(ended).is_ok());
        let thread = thread::Builder::new().name("worker".to_owned()).stack_size(DEEP_STACK);
        if let Err(error) = thread.spawn(work) {
            // To drop it here would panic.
            runtime.shutdown_background();
            return Err(error);
        }
        // The thread waits for it.
        let _ = give.send(runtime);
        let given_up = give_up(context.clone(), handle.clone()).boxed().shared();
        Ok(Self { runtime: handle, given_up, _end: Some(end) })
    }

    /// Does this there; none where the thread is given up before it is done.
    ///
    /// # Errors
    /// It panicked.
    pub(super) fn run<W>(&self, work: W) -> impl Future<Output = Result<Option<W::Output>, JoinError>> + use<W>
    where
        W: Future<Output: Send> + Send + 'static,
    {
        let given_up = self.given_up.clone();
        let task = self.runtime.spawn(work);
        async move {
            tokio::select! {
                biased;
                done = task => done.map(Some),
                () = given_up => Ok(None),
            }
        }
    }
}

/// Whether the runtime that this is called on has but one thread.
pub(super) fn is_single() -> bool {
    Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread
}

/// Gives a thread up that doesn't come back after a stop was asked for.
async fn give_up(context: Context, runtime: Handle) {
    context.stop.asked().await;
    // One that has several answers to judge comes back between them.
    while tokio::time::timeout(GRACE, runtime.spawn(async {})).await.is_ok() {
        tokio::time::sleep(PAUSE).await;
    }
    context.give_up();
}
