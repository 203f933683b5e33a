//! Event streams, read back: one to be told again, or the shards of a run to be made one.
//!
//! Gives events in the order in which a run would have given them, so that every renderer can follow, and keeps no more
//! than one event of each stream. Whatever a stream says is hostile. Knows nothing of files, of reports, or of how
//! cases are fired; what is masked stays masked.

mod merge;
mod reader;

use std::io::{self, BufRead};

use crate::verdict::{Event, Footer, Tally, consistency, is_consistency};

pub use merge::{MergeError, merge};
pub use reader::{ReadError, Reader};

/// Why a stream could not be told again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The stream is not one.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Whoever takes the events failed.
    #[error("{0}")]
    Sink(#[from] io::Error),
}

/// Hands on every event of a stream, in order, and gives back the footer.
///
/// A stream that breaks off, as that of a killed run does, gets the footer that its cases amount to, marked as
/// interrupted; how long the run took isn't known then, and is 0.
///
/// # Errors
/// See [`ReplayError`].
pub fn replay<R: BufRead>(
    mut reader: Reader<R>,
    mut take: impl FnMut(&Event) -> io::Result<()>,
) -> Result<Footer, ReplayError> {
    let header = reader.header().clone();
    let mut tally = Tally::of(&header);
    let mut judged = false;
    take(&Event::Started(Box::new(header.clone())))?;
    loop {
        match reader.read() {
            Ok(Event::Finished(footer)) => {
                reader.end()?;
                take(&Event::Finished(footer.clone()))?;
                return Ok(*footer);
            }
            Ok(event) => {
                if let Event::Case(result) = &event {
                    judged |= is_consistency(&header.suite, result);
                    tally.record(result);
                }
                take(&event)?;
            }
            Err(ReadError::Unfinished { rows, of }) => {
                if !judged {
                    for result in consistency(&header, &tally) {
                        tally.record(&result);
                        take(&Event::Case(Box::new(result)))?;
                    }
                }
                let why = format!("its event stream breaks off after {rows} of {of} cases");
                let footer = Box::new(tally.finish(0.0, Some(why)));
                take(&Event::Finished(footer.clone()))?;
                return Ok(*footer);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
