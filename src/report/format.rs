//! What a report is: a row of the table of formats, and the renderer that it names.

use std::io::{self, Write};

use super::summary::Summary;
use crate::verdict::{CaseResult, Event, MaskedEvent};

/// Turns a run into text: as it goes, or at its end. The summary has taken in whatever is rendered.
pub trait Renderer: Send {
    /// Writes the beginning, once the run's header is known.
    ///
    /// # Errors
    /// What the output says.
    fn start(&mut self, _run: &Summary, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes what it makes of a case so far.
    ///
    /// # Errors
    /// What the output says.
    fn case(&mut self, _result: &CaseResult, _run: &Summary, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// What the output says.
    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()>;

    /// Renders the next event of the run.
    ///
    /// # Errors
    /// What the output says.
    fn event(&mut self, event: &MaskedEvent, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        match &**event {
            Event::Started(_) => self.start(run, out),
            Event::Case(result) => self.case(result, run, out),
            Event::Finished(_) => self.finish(run, out),
        }
    }
}

/// A report that is written at the end is a function.
impl<F: FnMut(&Summary, &mut dyn Write) -> io::Result<()> + Send> Renderer for F {
    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self(run, out)
    }
}

/// Where a report goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To a file, whole or not at all. The usual name of such a file.
    File(&'static str),
    /// To a file, line by line as the run goes. The usual name of such a file.
    Stream(&'static str),
    /// To standard output, among whatever else a job prints.
    Log,
}

/// One report format: the row from which its flag, its line in the documentation and its output come.
#[derive(Debug)]
pub struct Format {
    /// Its name: `--report-<name>`.
    pub name: &'static str,
    /// What the flag does, for `--help` and the documentation.
    pub help: &'static str,
    /// Where it goes.
    pub output: Output,
    /// Whether it shows the exchanges of cases without findings, too.
    pub wants_exchanges: bool,
    /// A renderer that has rendered nothing yet.
    pub renderer: fn() -> Box<dyn Renderer>,
}
