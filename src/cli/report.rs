//! `conformant report`: any report, made later from event streams, of one run or of all its shards together.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::reporters::Reporters;
use super::signals;
use crate::replay::{MergeError, ReadError, Reader, ReplayError, merge, replay};
use crate::text::printable;
use crate::verdict::Footer;

/// Reports one run again, or its shards as one.
pub(super) fn report(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.options.from {
        Some(path) => one(&arguments.options, path),
        None => all(&arguments.options, &arguments.options.merge),
    }
}

fn one(options: &Options, path: &Path) -> Result<Exit, Failure> {
    let (name, reader) = open(path)?;
    let mut reporters = Reporters::of_stream(options)?;
    let told = replay(reader, |event| reporters.event(event));
    ended(
        reporters,
        told.map_err(|error| match error {
            ReplayError::Read(error) => unreadable(&name, &error),
            ReplayError::Sink(error) => Failure::internal(error),
        }),
    )
}

fn all(options: &Options, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let streams = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let mut reporters = Reporters::of_stream(options)?;
    let told = merge(streams, |event| reporters.event(event));
    ended(
        reporters,
        told.map_err(|error| match error {
            MergeError::Unlike { what, next } => Failure::usage(printable(&what), next),
            MergeError::Incomplete { what, next } => Failure::undetermined(printable(&what), next),
            MergeError::Read { name, error } => unreadable(&name, &error),
            MergeError::Sink(error) => Failure::internal(error),
        }),
    )
}

/// The exit code of the run that was told of; a report that could not be written comes first.
fn ended(reporters: Reporters, told: Result<Footer, Failure>) -> Result<Exit, Failure> {
    if let Some(failure) = reporters.failure() {
        return Err(failure);
    }
    let footer = told?;
    let signal = footer.interrupted.as_deref().and_then(signals::asked_by);
    Ok(signal.unwrap_or_else(|| footer.gate.into()))
}

/// A stream with its name; `-` is standard input.
fn open(path: &Path) -> Result<(String, Reader<Box<dyn BufRead>>), Failure> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let source: Box<dyn BufRead> = if is_input {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(path).map_err(|error| {
            Failure::usage(
                format!("{} can't be read: {error}", printable(&name)),
                "give a file that `conformant run --report-json FILE` wrote",
            )
        })?;
        Box::new(BufReader::new(file))
    };
    let reader = Reader::open(source).map_err(|error| unreadable(&name, &error))?;
    Ok((name, reader))
}

fn unreadable(name: &str, error: &ReadError) -> Failure {
    Failure::usage(
        format!("{}: {}", printable(name), printable(&error.to_string())),
        "give a file that `conformant run --report-json FILE` wrote",
    )
}
