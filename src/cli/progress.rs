//! What a command tells while it goes, on standard error: on a terminal a line that moves, elsewhere a line every ten
//! seconds, and on both the first violation of each clause as it is found. None of it is part of a report.

use std::collections::HashSet;
use std::fmt;
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::note;
use crate::contract::ClauseId;
use crate::report::{plain_line, violation_line};
use crate::verdict::{CaseResult, Event, MaskedEvent, Outcome};

/// How often a line comes where there is no terminal.
const PERIOD: Duration = Duration::from_secs(10);
/// For how many clauses at most a violation is told as it is found.
const CLAUSES: usize = 50;

/// What a line says that comes every ten seconds; it is written when it comes.
struct State {
    done: usize,
    all: usize,
    what: &'static str,
    message: String,
    begun: Instant,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, all, what, message, begun } = self;
        let comma = if message.is_empty() { "" } else { ", " };
        write!(f, "{done} of {all} {what}{comma}{message}, {} s", begun.elapsed().as_secs())
    }
}

/// How far a command is, as it is told.
pub(super) struct Progress {
    quiet: bool,
    /// What is counted: cases, or mutants.
    what: &'static str,
    bar: ProgressBar,
    state: Arc<Mutex<State>>,
    heartbeat: Option<Heartbeat>,
    violations: usize,
    open: usize,
    /// The clauses of which a violation was told.
    told: HashSet<ClauseId>,
}

impl Progress {
    /// Nothing is told where somebody asks for quiet.
    pub(super) fn new(quiet: bool, what: &'static str) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let state = State { done: 0, all: 0, what, message: String::new(), begun: Instant::now() };
        let state = Arc::new(Mutex::new(state));
        let heartbeat = (!quiet && !is_shown).then(|| {
            let state = Arc::clone(&state);
            // Whether or not anybody reads it, the command goes on.
            Heartbeat::start(PERIOD, move || {
                let line = format!("{}\n", state.lock().unwrap_or_else(PoisonError::into_inner));
                drop(note(&line));
            })
        });
        let bar = ProgressBar::with_draw_target(None, target);
        Self { quiet, what, bar, state, heartbeat, violations: 0, open: 0, told: HashSet::new() }
    }

    /// Takes the next event of a run in.
    pub(super) fn event(&mut self, event: &MaskedEvent) {
        match &**event {
            Event::Started(header) => self.start(header.cases),
            Event::Case(result) => {
                self.violations += usize::from(result.outcome == Outcome::Violates);
                self.open += usize::from(matches!(result.outcome, Outcome::Inconclusive | Outcome::Error));
                self.tell(result);
                let message = format!("{} violate, {} inconclusive", self.violations, self.open);
                self.step(message);
            }
            Event::Finished(_) => self.finish(),
        }
    }

    /// What prints a line without disturbing the one that moves.
    pub(super) fn printer(&self) -> impl Fn(&str) + Send + Sync + use<> {
        let bar = self.bar.clone();
        move |text| bar.suspend(|| drop(note(&format!("{}\n", plain_line(text)))))
    }

    /// So many are to be done.
    pub(super) fn start(&mut self, all: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).all = all;
        self.bar.set_length(all as u64);
        let template = format!("{{bar:24}} {{pos}}/{{len}} {}  {{msg}}  {{elapsed}}, {{eta}} left", self.what);
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style);
        }
    }

    /// One more is done.
    pub(super) fn step(&mut self, message: String) {
        if !self.bar.is_hidden() {
            self.bar.set_message(message.clone());
        }
        self.bar.inc(1);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += 1;
        state.message = message;
    }

    /// All is done.
    pub(super) fn finish(&mut self) {
        self.heartbeat = None;
        self.bar.finish_and_clear();
    }

    /// Tells of the first violation of a clause.
    fn tell(&mut self, result: &CaseResult) {
        let first = result.violations().find(|finding| !result.waives(finding)).filter(|_| !self.quiet);
        if let Some(finding) = first
            && self.told.len() < CLAUSES
            && self.told.insert(finding.clause.clone())
        {
            self.bar.suspend(|| drop(note(&violation_line(result, finding))));
        }
    }
}

/// Does something again and again, until it is dropped.
struct Heartbeat {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    fn start(period: Duration, beat: impl Fn() + Send + 'static) -> Self {
        let (stop, stopped) = mpsc::channel();
        let beats = move || {
            while stopped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                beat();
            }
        };
        // Where there is no thread for it, a run goes on without.
        Self { stop: Some(stop), thread: thread::Builder::new().spawn(beats).ok() }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_comes_again_and_again_until_it_is_dropped() {
        let (beat, beats) = mpsc::channel();
        let heartbeat = Heartbeat::start(Duration::from_millis(1), move || {
            let _ = beat.send(());
        });
        assert_eq!((beats.recv(), beats.recv()), (Ok(()), Ok(())));
        drop(heartbeat);
        assert!(beats.iter().count() < 1_000_000, "the thread and its end of the channel are gone");
    }

    #[test]
    fn where_there_is_no_terminal_a_line_says_how_far_a_run_is() {
        let mut progress = Progress::new(true, "mutants");
        progress.start(40);
        progress.step("1 missed".to_owned());
        let line = progress.state.lock().unwrap().to_string();
        assert!(line.starts_with("1 of 40 mutants, 1 missed, "), "{line}");
    }
}
