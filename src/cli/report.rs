//! `conformant report`: any report, made later from event streams, of one run or of all its shards together.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::files;
use super::options::Options;
use super::reporters::Reporters;
use super::signals;
use crate::replay::{MergeError, ReadError, Reader, ReplayError, merge, replay};
use crate::text::printable;
use crate::verdict::RunEnd;

/// What to do where a file is no event stream.
const STREAM_HELP: &str = "give a file that `conformant run --report-json FILE` wrote";

/// Reports one run again, or its shards as one.
pub(super) fn report(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.options.from {
        Some(path) => replay_one(&arguments.options, path),
        None => merge_all(&arguments.options, &arguments.options.merge),
    }
}

fn replay_one(options: &Options, path: &Path) -> Result<Exit, Failure> {
    let (name, reader) = open(path)?;
    let mut reporters = Reporters::of_stream(options)?;
    let end = replay(reader, |event| reporters.event(event)).map_err(|error| match error {
        ReplayError::Read(error) => unreadable(&name, &error),
        ReplayError::Output(error) => Failure::internal(error),
    });
    exit_of(reporters, end)
}

fn merge_all(options: &Options, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let streams = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let mut reporters = Reporters::of_stream(options)?;
    let end = merge(streams, |event| reporters.event(event)).map_err(|error| match error {
        MergeError::Mismatch { what, next } => Failure::usage(printable(&what), next),
        MergeError::Incomplete { what, next } => Failure::undetermined(printable(&what), next),
        MergeError::Read { name, error } => unreadable(&name, &error),
        MergeError::Output(error) => Failure::internal(error),
    });
    exit_of(reporters, end)
}

/// The exit code of the run that was reported; a report that could not be written comes first.
fn exit_of(mut reporters: Reporters, end: Result<RunEnd, Failure>) -> Result<Exit, Failure> {
    if let Some(failure) = reporters.failure() {
        return Err(failure);
    }
    let end = end?;
    let signal = end.interrupted.as_ref().and_then(signals::asked_by);
    Ok(signal.unwrap_or_else(|| end.gate.into()))
}

/// A stream with its name; `-` is standard input.
pub(super) fn open(path: &Path) -> Result<(String, Reader<Box<dyn BufRead>>), Failure> {
    let (name, source): (String, Box<dyn BufRead>) = if path == Path::new("-") {
        ("standard input".to_owned(), Box::new(BufReader::new(io::stdin())))
    } else {
        let name = path.display().to_string();
        let file = files::open(path)
            .map_err(|error| Failure::usage(format!("{} can't be read: {error}", printable(&name)), STREAM_HELP))?;
        (name, Box::new(BufReader::new(file)))
    };
    let reader = Reader::open(source).map_err(|error| unreadable(&name, &error))?;
    Ok((name, reader))
}

/// What is wrong with a stream, and what to do.
pub(super) fn unreadable(name: &str, error: &ReadError) -> Failure {
    Failure::usage(format!("{}: {}", printable(name), printable(&error.to_string())), STREAM_HELP)
}
