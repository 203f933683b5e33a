//! Signals: the first asks the run to stop, a second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::exit::Exit;
use crate::run::Stop;

/// What the first signal is called where a report tells what stopped a run.
const CTRL_C: &str = "Ctrl-C";
/// The same for the second kind.
const TERMINATION: &str = "a termination signal";

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
pub(super) fn asked_by(reason: &str) -> Option<Exit> {
    [(Exit::Interrupted, CTRL_C), (Exit::Terminated, TERMINATION)]
        .into_iter()
        .find_map(|(exit, name)| reason.starts_with(name).then_some(exit))
}

/// Listens from now on. Must be called within a tokio runtime.
pub(super) fn listen(stop: &Stop) -> Signal {
    let signal = Signal::default();
    let (heard, stop) = (signal.clone(), stop.clone());
    tokio::spawn(async move {
        loop {
            let Some((exit, name)) = next().await else { return };
            if !heard.came(exit) {
                end(exit);
            }
            stop.ask(&format!("{name}; a second one ends it at once"));
        }
    });
    signal
}

#[expect(clippy::exit, reason = "whoever asks twice doesn't want to wait for anything in flight")]
fn end(exit: Exit) {
    std::process::exit(exit as i32);
}

#[cfg(unix)]
async fn next() -> Option<(Exit, &'static str)> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.ok().map(|()| (Exit::Interrupted, CTRL_C)),
        _ = terminate.recv() => Some((Exit::Terminated, TERMINATION)),
    }
}

#[cfg(not(unix))]
async fn next() -> Option<(Exit, &'static str)> {
    tokio::signal::ctrl_c().await.ok().map(|()| (Exit::Interrupted, CTRL_C))
}
