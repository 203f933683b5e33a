//! Event streams, read back: one to be replayed, or the shards of a run to be merged.
//!
//! Gives events in the order in which a run would have given them, so that every renderer can follow, and keeps no more
//! than one event of each stream. Whatever a stream says is hostile. Knows nothing of files, of reports, or of how
//! cases are fired; what is masked stays masked.

mod merge;
mod reader;
mod shards;

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use crate::secret::Secrets;
use crate::verdict::{
    ClauseResult, Event, Footer, Header, MaskedEvent, RunEnd, StopReason, SyntheticCase, Tally, conflicts,
};

/// Why a suite is open of which a stream holds nothing.
const NOT_THERE: &str = "the event stream ends before this suite";

pub use merge::merge;
pub use reader::{Behind, ReadError, Reader};
pub use shards::MergeError;

/// Why a stream could not be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The stream is not one.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Whoever takes the events failed.
    #[error("{0}")]
    Output(#[from] io::Error),
}

/// Hands on every event of a stream, suite by suite and in order, and gives back what they amount to.
///
/// A footer that contradicts its cases is refused: somebody has changed the stream, and nothing in it can be believed.
///
/// A stream that ends early, as that of a killed run does, gets the footer that its cases amount to, marked as interrupted;
/// how long the run took isn't known then, and is 0. A suite of the run that is missing from its end has a header and a footer
/// that say so.
///
/// # Errors
/// See [`ReplayError`].
pub fn replay<R: BufRead>(
    mut reader: Reader<R>,
    mut take: impl FnMut(&MaskedEvent) -> io::Result<()>,
) -> Result<RunEnd, ReplayError> {
    let mut end = None;
    loop {
        let is_whole = replay_suite(&mut reader, &mut take, &mut end)?;
        let header = if is_whole {
            match reader.next_suite()? {
                Behind::End => break,
                Behind::Nothing(header) => *header,
                Behind::Suite(next) => {
                    reader = *next;
                    continue;
                }
            }
        } else {
            reader.header().clone()
        };
        missing_suites(&header, &mut take, &mut end)?;
        break;
    }
    Ok(end.unwrap_or_default())
}

/// Tells of the suites behind this one that a stream doesn't hold any more.
fn missing_suites(
    header: &Header,
    take: &mut impl FnMut(&MaskedEvent) -> io::Result<()>,
    end: &mut Option<RunEnd>,
) -> io::Result<()> {
    for suite in header.later_suites() {
        let (title, file, digest) = (String::new(), String::new(), String::new());
        let (exclusive, clauses, suite) = (Vec::new(), Vec::new(), suite.clone());
        let missing =
            Header { suite, title, file, digest, exclusive, clauses, cases: 0, whole: None, ..header.clone() };
        let footer = Tally::of(&missing).finish(0.0, Some(StopReason::Other(NOT_THERE.to_owned())));
        take(&masked(Event::Started(Box::new(missing))))?;
        take(&masked(Event::Finished(Box::new(footer.clone()))))?;
        *end = Some(RunEnd::after(end.take(), &footer));
    }
    Ok(())
}

/// Hands on the events of one suite; says whether the stream holds all of them.
fn replay_suite<R: BufRead>(
    reader: &mut Reader<R>,
    take: &mut impl FnMut(&MaskedEvent) -> io::Result<()>,
    end: &mut Option<RunEnd>,
) -> Result<bool, ReplayError> {
    let mut take = |event: Event| take(&masked(event));
    let header = reader.header().clone();
    let mut tally = Tally::of(&header);
    let mut judged = false;
    take(Event::Started(Box::new(header.clone())))?;
    loop {
        match reader.read() {
            Ok(Event::Finished(footer)) => {
                if let Some(what) = contradiction(tally, &footer) {
                    return Err(reader.damaged(&what).into());
                }
                if header.is_last() {
                    reader.end()?;
                }
                *end = Some(RunEnd::after(end.take(), &footer));
                take(Event::Finished(footer))?;
                return Ok(true);
            }
            Ok(event) => {
                if let Event::Case(result) = &event {
                    judged |= matches!(result.synthetic(&header.suite), Some(SyntheticCase::Consistency(_)));
                    tally.record(result);
                }
                take(event)?;
            }
            Err(ReadError::Unfinished { rows, of }) => {
                if !judged {
                    for result in conflicts(&header, &tally) {
                        tally.record(&result);
                        take(Event::Case(Box::new(result)))?;
                    }
                }
                let footer = Box::new(tally.finish(0.0, Some(StopReason::Truncated { rows, of })));
                *end = Some(RunEnd::after(end.take(), &footer));
                take(Event::Finished(footer))?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What a stream holds was masked when it was written, and no secret is known here.
fn masked(event: Event) -> MaskedEvent {
    MaskedEvent::of(event, &Secrets::new())
}

/// What a footer says otherwise than the cases before it. Readings aren't compared: two that hold the same secret are one
/// in a stream.
fn contradiction(mut tally: Tally, footer: &Footer) -> Option<String> {
    tally.waivers(footer.waivers.clone());
    let due = tally.finish(footer.elapsed_s, footer.interrupted.clone());
    let differ =
        |what: &str, says: &str, due: &str| Some(format!("says that {what} {says}, but its cases amount to {due}"));
    if due.verdict != footer.verdict {
        return differ("the verdict is", &footer.verdict.to_string(), &due.verdict.to_string());
    }
    if (due.flaky, due.allow_flaky) != (footer.flaky, footer.allow_flaky) {
        return Some("says otherwise of flaky cases than its cases and the header".to_owned());
    }
    if due.gate != footer.gate {
        return Some("tells a pipeline something else than its cases and waivers amount to".to_owned());
    }
    if due.requests != footer.requests {
        return differ("the requests are", &footer.requests.to_string(), &due.requests.to_string());
    }
    if due.counts != footer.counts {
        return Some("counts other outcomes than its cases have".to_owned());
    }
    let bare = |clause: &ClauseResult| ClauseResult { readings: BTreeMap::new(), ..clause.clone() };
    let clauses = due.clauses.iter().zip(&footer.clauses).find(|(due, said)| bare(due) != bare(said));
    match clauses {
        Some((clause, _)) => Some(format!("says of the clause {} what its cases don't show", clause.id)),
        None if due.clauses.len() != footer.clauses.len() => Some("tells of other clauses than the header".to_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests;
