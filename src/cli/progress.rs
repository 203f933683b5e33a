//! The live line on a terminal: how far a run is and what it has met so far. On stderr, and only on a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::verdict::{Event, MaskedEvent, Outcome};

/// A progress line, or none.
pub(super) struct Progress {
    bar: ProgressBar,
    violations: usize,
    open: usize,
}

impl Progress {
    /// A line on stderr where that is a terminal and nobody asked for quiet.
    pub(super) fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), violations: 0, open: 0 }
    }

    /// Takes the next event in.
    pub(super) fn event(&mut self, event: &MaskedEvent) {
        match &**event {
            Event::Started(header) => {
                self.bar.set_length(header.cases as u64);
                if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} cases  {msg}  {elapsed}") {
                    self.bar.set_style(style);
                }
            }
            Event::Case(result) => {
                self.violations += usize::from(result.outcome == Outcome::Violates);
                self.open += usize::from(matches!(result.outcome, Outcome::Inconclusive | Outcome::Error));
                self.bar.set_message(format!("{} violate, {} inconclusive", self.violations, self.open));
                self.bar.inc(1);
            }
            Event::Finished(_) => self.bar.finish_and_clear(),
        }
    }
}
