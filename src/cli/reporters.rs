//! Who hears of a run's events: the terminal, and every report that is asked for or that the CI server takes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::files;
use super::last_run;
use super::options::Options;
use super::outputs::{Delivery, ReportFile};
use super::terminal::finish;
use crate::atomic;
use crate::report::{self, FORMATS, Format, Output, Summary, TerminalOptions, long_commands, terminal};
use crate::verdict::{Event, MaskedEvent};

/// The least and the most columns that are written to.
const WIDTHS: (usize, usize) = (40, 400);

/// The terminal and the reports, with the one summary that all of them read.
pub(super) struct Reporters {
    summary: Summary,
    files: Vec<ReportFile>,
    terminal: TerminalOptions,
    /// The folder for commands that are too long for the terminal.
    commands: PathBuf,
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
        let is_taken = to_files(options).any(|(_, path)| path == Path::new("-"));
        let out: Box<dyn Write> = if is_taken { Box::new(anstream::stderr()) } else { Box::new(anstream::stdout()) };
        let files = open(options, stream)?;
        let terminal = TerminalOptions {
            quiet: options.quiet,
            readings: options.readings,
            coverage: options.coverage,
            width: width(),
            files: files.iter().filter_map(ReportFile::name).collect(),
            commands: None,
        };
        let commands = last_run::folder(options).join("commands");
        Ok(Self { summary: Summary::default(), files, terminal, commands, out, failure: None })
    }

    /// The files that are no use until they are complete.
    pub(super) fn unfinished(&self) -> Vec<PathBuf> {
        self.files.iter().filter_map(|file| Some(file.unfinished()?.to_owned())).collect()
    }

    /// Takes the next event. What failed is kept for [`Self::failure`].
    pub(super) fn event(&mut self, event: &MaskedEvent) -> io::Result<()> {
        self.summary.take(event);
        self.render(event).map_err(|cause| {
            self.failure = Some(cause);
            io::Error::other("a report could not be written")
        })
    }

    /// Which report could not be written, and why.
    pub(super) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    fn render(&mut self, event: &MaskedEvent) -> Result<(), Failure> {
        self.files.iter_mut().try_for_each(|file| file.event(event, &self.summary))?;
        if !matches!(**event, Event::Finished(_)) {
            return Ok(());
        }
        // Where they can't be written, the terminal says only that they are long.
        let written = write_commands(&self.commands, &long_commands(&self.summary));
        let commands = written.is_ok().then(|| self.commands.display().to_string());
        let mut terminal = terminal(TerminalOptions { commands, ..self.terminal.clone() });
        finish(terminal.event(event, &self.summary, &mut self.out).and_then(|()| self.out.flush()))
    }
}

/// Writes each command to a file of its own.
fn write_commands(folder: &Path, commands: &[(String, String)]) -> io::Result<()> {
    if commands.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    files::refuse_link_or_pipe(folder)?;
    commands.iter().try_for_each(|(name, command)| atomic::write(&folder.join(name), command))
}

/// How many columns there are to write to: as many as the terminal has, or as `COLUMNS` says.
pub(super) fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let shown = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    asked.or_else(shown).unwrap_or(TerminalOptions::default().width).clamp(WIDTHS.0, WIDTHS.1)
}

/// The reports that go to files.
fn to_files(options: &Options) -> impl Iterator<Item = (&'static Format, &Path)> {
    let reports = options.reports.iter().filter(|(format, _)| format.output != Output::Log);
    reports.map(|(format, path)| (*format, path.as_path()))
}

/// Opens every report.
fn open(options: &Options, stream: Delivery) -> Result<Vec<ReportFile>, Failure> {
    let mut outputs: Vec<(&Format, &Path, Delivery)> = Vec::new();
    for (format, path) in to_files(options) {
        if let Some((other, ..)) = outputs.iter().find(|(_, known, _)| *known == path) {
            return Err(Failure::usage(
                format!("--report-{} and --report-{} both go to {}", other.name, format.name, path.display()),
                "give each report a file of its own",
            ));
        }
        let is_stream = matches!(format.output, Output::Stream(_));
        outputs.push((format, path, if is_stream { stream } else { Delivery::Whole }));
    }
    let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    let is_asked = |format: &Format| options.reports.iter().any(|(asked, _)| asked.name == format.name);
    let mut step_summary = None;
    for format in FORMATS.iter().filter(|format| format.output == Output::Log && (on_github || is_asked(format))) {
        outputs.push((format, Path::new("-"), Delivery::AsItComes));
        step_summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from);
    }
    let markdown = report::format("markdown").zip(step_summary.as_deref());
    outputs.extend(markdown.map(|(format, path)| (format, path, Delivery::Append)));
    outputs.into_iter().map(|(format, path, delivery)| ReportFile::open(format, path, delivery)).collect()
}
