//! Signals: the first asks the run to stop, a second ends the process at once.

use std::io;
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
///
/// # Errors
/// The system lets nobody listen.
pub(super) fn listen(stop: &Stop) -> io::Result<Signal> {
    let signal = Signal::default();
    let (heard, stop) = (signal.clone(), stop.clone());
    // Made here and once: a signal that comes before the task runs, or while it deals with another, is heard all the same.
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        while let Some((exit, name)) = signals.next().await {
            if !heard.came(exit) {
                end(exit);
            }
            stop.ask(&format!("{name}; a second one ends it at once"));
        }
    });
    Ok(signal)
}

#[expect(clippy::exit, reason = "whoever asks twice doesn't want to wait for anything in flight")]
fn end(exit: Exit) {
    std::process::exit(exit as i32);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Option<(Exit, &'static str)> {
        tokio::select! {
            came = self.interrupt.recv() => came.map(|()| (Exit::Interrupted, CTRL_C)),
            came = self.terminate.recv() => came.map(|()| (Exit::Terminated, TERMINATION)),
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Option<(Exit, &'static str)> {
        self.0.recv().await.map(|()| (Exit::Interrupted, CTRL_C))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_heard_from_the_moment_that_listening_begins() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stop = Stop::new();
            let signal = listen(&stop).unwrap();
            // Nothing has been polled since, so that a listener which is made later would miss it.
            let kill = std::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status();
            assert!(kill.unwrap().success());
            stop.asked().await;
            assert_eq!(signal.exit(), Some(Exit::Terminated));
        });
    }
}
