//! Who hears of a run's events: the terminal, and every report that is asked for or that the CI server takes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::options::Options;
use super::outputs::{Delivery, Output};
use super::terminal::finish;
use crate::report::{self, Renderer as _, Terminal};
use crate::verdict::Event;

/// The terminal and the reports.
pub(super) struct Reporters {
    outputs: Vec<Output>,
    terminal: Terminal,
    out: Box<dyn Write>,
    failure: Option<Failure>,
}

impl Reporters {
    /// Those of a run: the event stream is written as it comes.
    pub(super) fn of_run(options: &Options) -> Result<Self, Failure> {
        Self::new(options, Delivery::AsItComes)
    }

    /// Those of a stream that is read back: an event stream may take the place of the one that it is made of.
    pub(super) fn of_stream(options: &Options) -> Result<Self, Failure> {
        Self::new(options, Delivery::Whole)
    }

    fn new(options: &Options, stream: Delivery) -> Result<Self, Failure> {
        // Where a report for programs goes to standard output, that for people goes elsewhere.
        let is_taken = options.reports.iter().any(|(_, path)| path == Path::new("-"));
        let out: Box<dyn Write> = if is_taken { Box::new(anstream::stderr()) } else { Box::new(anstream::stdout()) };
        let outputs = open(options, stream)?;
        Ok(Self { outputs, terminal: Terminal::new(options.quiet), out, failure: None })
    }

    /// Takes the next event. What failed is kept for [`Self::failure`].
    pub(super) fn event(&mut self, event: &Event) -> io::Result<()> {
        self.report(event).map_err(|cause| {
            self.failure = Some(cause);
            io::Error::other("a report could not be written")
        })
    }

    /// Which report could not be written, and why.
    pub(super) fn failure(self) -> Option<Failure> {
        self.failure
    }

    fn report(&mut self, event: &Event) -> Result<(), Failure> {
        self.outputs.iter_mut().try_for_each(|output| output.event(event))?;
        finish(self.terminal.event(event, &mut self.out).and_then(|()| match event {
            Event::Finished(_) => self.out.flush(),
            Event::Started(_) | Event::Case(_) => Ok(()),
        }))
    }
}

/// Opens every report.
fn open(options: &Options, stream: Delivery) -> Result<Vec<Output>, Failure> {
    let mut outputs: Vec<(&report::Format, &Path, Delivery)> = Vec::new();
    for (format, path) in &options.reports {
        if let Some((other, ..)) = outputs.iter().find(|(_, known, _)| known == path) {
            return Err(Failure::usage(
                format!("--report-{} and --report-{} both go to {}", other.name, format.name, path.display()),
                "give each report a file of its own",
            ));
        }
        let delivery = if format.name == "json" { stream } else { Delivery::Whole };
        outputs.push((format, path, delivery));
    }
    let mut summary = None;
    if options.report_github || std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true") {
        outputs.extend(report::format("github").map(|format| (format, Path::new("-"), Delivery::AsItComes)));
        summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from);
    }
    let markdown = report::format("markdown").zip(summary.as_deref());
    outputs.extend(markdown.map(|(format, path)| (format, path, Delivery::Append)));
    outputs.into_iter().map(|(format, path, delivery)| Output::open(format, path, delivery)).collect()
}
