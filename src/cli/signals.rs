//! Signals: the first asks the run to stop, a second ends the process at once.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::exit::Exit;
use crate::run::Stop;
use crate::verdict::StopReason;

/// Which signal came first, if any.
#[derive(Debug, Clone, Default)]
pub(super) struct Signal(Arc<AtomicU8>);

impl Signal {
    /// The exit code that the signal asks for.
    pub(super) fn exit(&self) -> Option<Exit> {
        [Exit::Interrupted, Exit::Terminated].into_iter().find(|exit| *exit as u8 == self.0.load(Ordering::SeqCst))
    }

    fn came(&self, exit: Exit) -> bool {
        self.0.compare_exchange(0, exit as u8, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

/// The exit code of a run that was stopped for this reason, if it was a signal.
pub(super) fn asked_by(reason: &StopReason) -> Option<Exit> {
    match reason {
        StopReason::Interrupt => Some(Exit::Interrupted),
        StopReason::Terminate => Some(Exit::Terminated),
        _ => None,
    }
}

/// Listens from now on. Must be called within a tokio runtime.
pub(super) fn listen(stop: &Stop) -> Signal {
    let signal = Signal::default();
    let (heard, stop) = (signal.clone(), stop.clone());
    tokio::spawn(async move {
        loop {
            let Some(reason) = next().await else { return };
            let Some(exit) = asked_by(&reason) else { return };
            if !heard.came(exit) {
                end(exit);
            }
            let told = format!("stopping after {reason}; press again to abort\n");
            // Whether or not anybody reads it, the run stops.
            let _ = anstream::stderr().write_all(told.as_bytes());
            stop.ask(reason);
        }
    });
    signal
}

#[expect(clippy::exit, reason = "whoever asks twice doesn't want to wait for anything in flight")]
fn end(exit: Exit) {
    std::process::exit(exit as i32);
}

#[cfg(unix)]
async fn next() -> Option<StopReason> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.ok().map(|()| StopReason::Interrupt),
        _ = terminate.recv() => Some(StopReason::Terminate),
    }
}

#[cfg(not(unix))]
async fn next() -> Option<StopReason> {
    tokio::signal::ctrl_c().await.ok().map(|()| StopReason::Interrupt)
}
