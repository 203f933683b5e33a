//! Who is told of a run's events: the terminal and every report that was asked for.

use std::io::{self, Write};

use super::failure::Failure;
use super::outputs::ReportFile;
use super::reports::ReportArgs;
use crate::report::{Renderer, Summary, terminal};
use crate::verdict::Event;

/// The terminal and the reports, with the one summary that all of them read.
pub(super) struct Reporters {
    summary: Summary,
    files: Vec<ReportFile>,
    terminal: Box<dyn Renderer>,
    out: Box<dyn Write>,
    failure: Option<Failure>,
}

impl Reporters {
    /// Tells these reports, and the terminal: on standard error where a report for programs has standard output.
    pub(super) fn new(files: Vec<ReportFile>, reports: &ReportArgs, quiet: bool) -> Self {
        let out: Box<dyn Write> =
            if reports.on_stdout() { Box::new(anstream::stderr()) } else { Box::new(anstream::stdout()) };
        Self { summary: Summary::default(), files, terminal: terminal(quiet), out, failure: None }
    }

    /// Tells of an event. What failed is kept for [`Self::failure`].
    pub(super) fn tell(&mut self, event: &Event) -> io::Result<()> {
        self.summary.take(event);
        self.render(event).map_err(|cause| {
            self.failure = Some(cause);
            io::Error::other("a report could not be written")
        })
    }

    /// Which report could not be written, and why.
    pub(super) fn failure(self) -> Option<Failure> {
        self.failure
    }

    fn render(&mut self, event: &Event) -> Result<(), Failure> {
        self.files.iter_mut().try_for_each(|file| file.event(event, &self.summary))?;
        let written = self.terminal.event(event, &self.summary, &mut self.out).and_then(|()| match event {
            Event::Finished(_) => self.out.flush(),
            Event::Started(_) | Event::Case(_) => Ok(()),
        });
        written.map_err(|error| Failure::sink("the terminal", &error))
    }
}
