//! Who is told of a run's events: the terminal and every report that was asked for.

use std::io::{self, Write};

use super::args::ReportArgs;
use super::failure::Failure;
use super::output::printed;
use super::outputs::Sink;
use super::reports;
use crate::report::{Renderer as _, Terminal};
use crate::verdict::Event;

/// The terminal and the reports.
pub(super) struct Reporters {
    sinks: Vec<Sink>,
    terminal: Terminal,
    out: Box<dyn Write>,
    failure: Option<Failure>,
}

impl Reporters {
    /// Tells these reports, and the terminal: on standard error where a report for programs has standard output.
    pub(super) fn new(sinks: Vec<Sink>, reports: &ReportArgs, quiet: bool) -> Self {
        let out: Box<dyn Write> =
            if reports::on_stdout(reports) { Box::new(anstream::stderr()) } else { Box::new(anstream::stdout()) };
        Self { sinks, terminal: Terminal::new(quiet), out, failure: None }
    }

    /// Tells of an event. What failed is kept for [`Self::failure`].
    pub(super) fn tell(&mut self, event: &Event) -> io::Result<()> {
        self.told(event).map_err(|cause| {
            self.failure = Some(cause);
            io::Error::other("a report could not be written")
        })
    }

    /// Which report could not be written, and why.
    pub(super) fn failure(self) -> Option<Failure> {
        self.failure
    }

    fn told(&mut self, event: &Event) -> Result<(), Failure> {
        self.sinks.iter_mut().try_for_each(|sink| sink.event(event))?;
        let written = self.terminal.event(event, &mut self.out).and_then(|()| match event {
            Event::Finished(_) => self.out.flush(),
            Event::Started(_) | Event::Case(_) => Ok(()),
        });
        printed(written)
    }
}
