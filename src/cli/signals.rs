//! Signals: the first asks the run to stop, a second ends the process at once.

#[cfg(unix)]
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
#[cfg(unix)]
use std::task::Poll;

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

/// Listens from now on, and takes these files away where a second signal ends the process. Must be called within a tokio
/// runtime.
///
/// # Errors
/// The system lets nobody listen.
pub(super) fn listen(stop: &Stop, unfinished: Vec<PathBuf>) -> io::Result<Signal> {
    let signal = Signal::default();
    let (heard, stop) = (signal.clone(), stop.clone());
    // Made here and once: a signal that comes before the task runs, or while it deals with another, is heard all the same.
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        while let Some(reason) = signals.next().await {
            let Some(exit) = asked_by(&reason) else { return };
            if !heard.came(exit) {
                // Nobody else takes them away where the process ends here.
                unfinished.iter().for_each(|path| drop(std::fs::remove_file(path)));
                end(exit);
            }
            let told = format!("stopping after {reason}; press again to abort\n");
            // Whether or not anybody reads it, the run stops.
            let _ = anstream::stderr().write_all(told.as_bytes());
            stop.ask(reason);
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
    /// The terminal is gone, and an end with a dump: each where whoever started the process wants it heard.
    others: Vec<tokio::signal::unix::Signal>,
}

/// The signal for a file that is longer than the process may write, where it is the same on all systems that are built for.
/// It ends a process that doesn't listen; one that does is told by the write that fails.
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
const FILE_TOO_LONG: i32 = 25;

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        // Whoever writes is told by the write; to have it heard is all that it takes.
        drop(signal(SignalKind::from_raw(FILE_TOO_LONG))?);
        // `nohup` has one ignored, a shell that starts something in the background the other.
        let others = [SignalKind::hangup(), SignalKind::quit()].into_iter().filter(|kind| !is_ignored(*kind));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            others: others.map(signal).collect::<io::Result<_>>()?,
        })
    }

    async fn next(&mut self) -> Option<StopReason> {
        tokio::select! {
            came = self.interrupt.recv() => came.map(|()| StopReason::Interrupt),
            came = self.terminate.recv() => came.map(|()| StopReason::Terminate),
            came = any(&mut self.others) => came.map(|()| StopReason::Terminate),
        }
    }
}

/// The next of any of these.
#[cfg(unix)]
async fn any(signals: &mut [tokio::signal::unix::Signal]) -> Option<()> {
    poll_fn(|context| {
        let mut polled = signals.iter_mut().map(|signal| signal.poll_recv(context));
        polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

/// Whether the process was started with this signal ignored, as far as the system tells.
#[cfg(unix)]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (kind.as_raw_value() - 1) & 1 == 1)
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Option<StopReason> {
        self.0.recv().await.map(|()| StopReason::Interrupt)
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
            let signal = listen(&stop, Vec::new()).unwrap();
            // Nothing has been polled since, so that a listener which is made later would miss it.
            let kill = std::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status();
            assert!(kill.unwrap().success());
            stop.asked().await;
            assert_eq!(signal.exit(), Some(Exit::Terminated));
        });
    }
}
