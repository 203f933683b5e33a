//! The native format: the event stream itself, a JSON object a line, flushed line by line.
//!
//! Line 1 is `{"event":"started",…}`, then a line for each case row in the suite's order, then
//! `{"event":"finished",…}`. The members are those of the types in [`crate::verdict`]; `schema` in the first line
//! is the version of the format, and a reader refuses another major version.

use std::io::{self, BufRead, Write};

use super::{Format, Renderer};
use crate::verdict::{Event, SCHEMA_VERSION};

pub(super) const FORMAT: Format = Format {
    name: "json",
    says: "the event stream: a JSON object a line, every case with its findings and exchanges",
    wants_exchanges: true,
    renderer: || Box::new(Ndjson),
};

/// Writes events as lines of JSON.
#[derive(Debug, Default)]
pub struct Ndjson;

impl Renderer for Ndjson {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}

/// Why an event stream can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The sink or file failed.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// A line is no event.
    #[error("line {line} is no event of this format: {cause}")]
    Line {
        /// 1-based.
        line: usize,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
    /// Written by another major version.
    #[error("is in format version {found}; this program reads {SCHEMA_VERSION}")]
    Version {
        /// The version found.
        found: String,
    },
    /// The stream doesn't begin with a header, or doesn't end with a footer.
    #[error("{0}")]
    Incomplete(&'static str),
}

/// Reads a whole event stream and hands each event on; nothing is kept.
///
/// # Errors
/// See [`ReadError`]; a stream that was cut off is an error, too.
pub fn read_events(source: impl BufRead, mut take: impl FnMut(Event)) -> Result<(), ReadError> {
    let mut finished = false;
    let mut started = false;
    for (index, line) in source.lines().enumerate() {
        let line = line?;
        if finished {
            return Err(ReadError::Incomplete("has lines after its footer"));
        }
        let event: Event = serde_json::from_str(&line).map_err(|cause| ReadError::Line { line: index + 1, cause })?;
        match &event {
            Event::Started(header) => {
                let major = |version: &str| version.split('.').next().map(str::to_owned);
                if major(&header.schema) != major(SCHEMA_VERSION) {
                    return Err(ReadError::Version { found: header.schema.clone() });
                }
                if started {
                    return Err(ReadError::Incomplete("has two headers"));
                }
                started = true;
            }
            Event::Finished(_) => finished = true,
            Event::Case(_) => {}
        }
        if !started {
            return Err(ReadError::Incomplete("does not begin with a header"));
        }
        take(event);
    }
    if finished { Ok(()) } else { Err(ReadError::Incomplete("has no footer: the run did not come to its end")) }
}
