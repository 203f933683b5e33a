//! Which reports were asked for: from the arguments, and where the run takes place in a CI job, from its environment.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::failure::Failure;
use super::outputs::{Delivery, ReportFile};
use crate::report::{self, FORMATS, Format, Output};

/// The reports that were asked for, each with its file: a flag for every row of [`FORMATS`].
#[derive(Debug, Clone, Default)]
pub struct ReportArgs {
    files: Vec<(&'static Format, PathBuf)>,
    /// Those that go to standard output whatever else does.
    logs: Vec<&'static Format>,
}

fn id(format: &Format) -> String {
    format!("report-{}", format.name)
}

fn arg(format: &'static Format) -> Arg {
    let arg = Arg::new(id(format)).long(id(format));
    match format.output {
        Output::Log => arg.help(format.help).action(ArgAction::SetTrue),
        Output::File(file) | Output::Stream(file) => arg
            .help(format!("{}, to a file such as {file}; `-` is standard output", format.help))
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf)),
    }
}

impl Args for ReportArgs {
    fn augment_args(command: Command) -> Command {
        command.args(FORMATS.iter().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ReportArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut reports = Self::default();
        for format in FORMATS {
            match format.output {
                Output::Log if matches.get_flag(&id(format)) => reports.logs.push(format),
                Output::Log => {}
                Output::File(_) | Output::Stream(_) => {
                    reports.files.extend(matches.get_one::<PathBuf>(&id(format)).map(|path| (format, path.clone())));
                }
            }
        }
        Ok(reports)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ReportArgs {
    /// Whether a report shows the exchanges of cases without findings, too.
    pub(super) fn want_exchanges(&self) -> bool {
        self.files.iter().any(|(format, _)| format.wants_exchanges)
    }

    /// Whether a report for programs goes to standard output, so that the report for people has to go elsewhere.
    pub(super) fn on_stdout(&self) -> bool {
        self.files.iter().any(|(_, path)| path == Path::new("-"))
    }

    /// Opens every report that was asked for; the event stream is written as it comes.
    pub(super) fn open(&self) -> Result<Vec<ReportFile>, Failure> {
        self.open_with(Delivery::AsItComes)
    }

    /// Opens every report that was asked for, each to be whole or not there at all: an event stream may take the place of
    /// the one that it is read from.
    pub(super) fn open_whole(&self) -> Result<Vec<ReportFile>, Failure> {
        self.open_with(Delivery::Whole)
    }

    fn open_with(&self, stream: Delivery) -> Result<Vec<ReportFile>, Failure> {
        for (index, (format, path)) in self.files.iter().enumerate() {
            if let Some((other, _)) = self.files.iter().take(index).find(|(_, known)| known == path) {
                return Err(Failure::usage(
                    format!("--{} and --{} both go to {}", id(other), id(format), path.display()),
                    "give each report a file of its own",
                ));
            }
        }
        let files = self.files.iter().map(|(format, path)| {
            let streams = matches!(format.output, Output::Stream(_));
            ReportFile::open(format, path, if streams { stream } else { Delivery::Whole })
        });
        files
            .chain(self.logs().into_iter().map(|(format, path, delivery)| ReportFile::open(format, &path, delivery)))
            .collect()
    }

    /// The reports to standard output, those that GitHub asks for among them.
    fn logs(&self) -> Vec<(&'static Format, PathBuf, Delivery)> {
        let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
        let mut logs: Vec<_> =
            self.logs.iter().map(|format| (*format, PathBuf::from("-"), Delivery::AsItComes)).collect();
        if logs.is_empty() && on_github {
            logs.extend(report::format("github").map(|format| (format, PathBuf::from("-"), Delivery::AsItComes)));
        }
        let summary = std::env::var("GITHUB_STEP_SUMMARY").ok().filter(|path| !path.is_empty() && !logs.is_empty());
        let markdown = summary.and_then(|path| Some((report::format("markdown")?, PathBuf::from(path))));
        logs.extend(markdown.map(|(format, path)| (format, path, Delivery::Behind)));
        logs
    }
}
