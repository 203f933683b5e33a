//! `conformant compare`: two runs side by side, by their event streams.

use std::io::{self, Write};
use std::path::Path;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::outputs::{Delivery, OutputFile};
use super::report::{open, unreadable};
use super::reporters::width;
use super::terminal::{finish, print};
use crate::comparison::{Baseline, Comparison, ComparisonError, SuiteComparison};
use crate::replay::{ReplayError, replay};
use crate::report::{comparison_markdown, comparison_terminal};
use crate::text::printable;
use crate::verdict::MaskedEvent;

/// Reads both streams and tells what differs.
pub(super) fn compare(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let (Some(old), Some(new)) = (&options.old, &options.new) else {
        return Err(Failure::usage("two event streams are needed", "name that of the old run and that of the new one"));
    };
    if [old, new].iter().all(|path| path.as_path() == Path::new("-")) {
        return Err(Failure::usage("both event streams are standard input", "name a file for one of them"));
    }
    // What can't be read or written is told before minutes go by with the old one.
    let ((old, old_stream), (new, new_stream)) = (open(old)?, open(new)?);
    let report = options.reports.first().map(|(_, path)| OutputFile::open(path, Delivery::Whole)).transpose()?;
    let mut baseline = Baseline::default();
    read(&old, replay(old_stream, |event| take(event, |event| baseline.event(event))))?;
    let mut comparison = Comparison::with(baseline);
    read(&new, replay(new_stream, |event| take(event, |event| comparison.event(event))))?;
    let suites = comparison.end().map_err(|error| incomparable(&error))?;
    write(&suites, report)?;
    Ok(if suites.iter().any(SuiteComparison::is_worse) { Exit::NonConformant } else { Exit::Success })
}

/// Hands on an event; an error of the comparison goes through the replay as it is.
fn take(event: &MaskedEvent, mut take: impl FnMut(&MaskedEvent) -> Result<(), ComparisonError>) -> io::Result<()> {
    take(event).map_err(io::Error::other)
}

fn read<T>(name: &str, end: Result<T, ReplayError>) -> Result<(), Failure> {
    match end {
        Ok(_) => Ok(()),
        Err(ReplayError::Read(error)) => Err(unreadable(name, &error)),
        Err(ReplayError::Output(error)) => Err(match error.downcast::<ComparisonError>() {
            Ok(error @ ComparisonError::Room { .. }) => Failure::usage(
                format!("{}: {error}", printable(name)),
                "compare runs of fewer cases, a filter or a shard at a time",
            ),
            Ok(error) => incomparable(&error),
            Err(error) => Failure::internal(error),
        }),
    }
}

fn incomparable(error: &ComparisonError) -> Failure {
    let next = match error {
        ComparisonError::Suite { .. } => "compare runs of the same suites",
        ComparisonError::Shard { .. } => {
            "make one stream of all shards first: `conformant report --merge FILES --report-json FILE`"
        }
        ComparisonError::Room { .. } => "compare runs of fewer cases",
    };
    Failure::usage(printable(&error.to_string()), next)
}

/// Writes to the terminal, and to the report that is asked for.
fn write(suites: &[SuiteComparison], report: Option<OutputFile>) -> Result<(), Failure> {
    let file = report.as_ref().map(OutputFile::name);
    if let Some(report) = report {
        report.write_all(&comparison_markdown(suites).map_err(Failure::internal)?)?;
    }
    let terminal = |out: &mut dyn Write| {
        comparison_terminal(suites, width(), out)?;
        let written = file.iter().flatten().next();
        written.map_or(Ok(()), |file| writeln!(out, "written   {}", printable(file)))
    };
    match file {
        // Where the report goes to standard output, what is for people goes elsewhere.
        Some(None) => finish(terminal(&mut anstream::stderr())),
        _ => print(terminal),
    }
}
