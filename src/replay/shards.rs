//! The shards of one run: streams that belong together, all of them and each once.

use std::io::{self, BufRead};

use super::reader::{Behind, ReadError, Reader};
use crate::verdict::{CaseResult, Event, Footer, Header, Shard};

/// What stands where a secret was masked begins so.
const MASKED: &str = "[masked:";
const ALONE: &str = "merge the shards of one run alone";
const RUN_AGAIN: &str = "run the shard again; `conformant report --from` shows what there is of it";
const AS_WRITTEN: &str = "merge streams as `conformant run --shard` wrote them";

/// Why shards can't be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// They don't belong together, or aren't what they say.
    #[error("{what}")]
    Mismatch {
        /// What is wrong, with the names of the streams.
        what: String,
        /// What to do.
        next: String,
    },
    /// A part of the run is missing.
    #[error("{what}")]
    Incomplete {
        /// What is missing.
        what: String,
        /// What to do.
        next: String,
    },
    /// A stream is not one.
    #[error("{name}: {error}")]
    Read {
        /// Its name.
        name: String,
        /// What is wrong with it.
        error: ReadError,
    },
    /// Whoever takes the events failed.
    #[error("{0}")]
    Output(#[from] io::Error),
}

impl MergeError {
    pub(super) fn mismatch(what: String, next: &str) -> Self {
        Self::Mismatch { what, next: next.to_owned() }
    }

    fn incomplete(what: String, next: &str) -> Self {
        Self::Incomplete { what, next: next.to_owned() }
    }
}

/// Streams with their names.
type Streams<R> = Vec<(String, Reader<R>)>;

/// The stream of one shard, with its name.
pub(super) struct ShardStream<R> {
    pub(super) name: String,
    pub(super) shard: Shard,
    /// Once it was read.
    pub(super) footer: Option<Footer>,
    reader: Reader<R>,
}

/// The streams of all shards of a run, in their order, and the header of the whole.
pub(super) struct Shards<R> {
    pub(super) header: Header,
    pub(super) streams: Vec<ShardStream<R>>,
}

impl<R: BufRead> Shards<R> {
    /// Holds the streams to be those of all shards of one run.
    pub(super) fn new(streams: Streams<R>) -> Result<Self, MergeError> {
        let mut shards: Vec<ShardStream<R>> = Vec::new();
        let whole = streams.len() == 1;
        for (name, reader) in streams {
            let shard = reader.header().shard.or_else(|| Shard::new(1, 1).filter(|_| whole));
            let Some(shard) = shard else {
                let next = format!("{ALONE}; `conformant report --from` takes a whole one");
                return Err(MergeError::mismatch(format!("{name} is a whole run, not a shard"), &next));
            };
            let stream = ShardStream { name, shard, footer: None, reader };
            if let Some(first) = shards.first() {
                first.holds_same_run(&stream)?;
            }
            if let Some(other) = shards.iter().find(|other| other.shard == shard) {
                let what = format!("{} and {} are both shard {shard}", other.name, stream.name);
                return Err(MergeError::mismatch(what, "give each shard once"));
            }
            shards.push(stream);
        }
        let Some(first) = shards.first() else {
            let next = "give the event streams of all shards";
            return Err(MergeError::mismatch("there is nothing to merge".to_owned(), next));
        };
        let header = whole_header(first.reader.header(), &shards);
        complete(&shards, first.shard.count())?;
        shards.sort_by_key(|stream| stream.shard);
        Ok(Self { header, streams: shards })
    }

    /// Once all of them were read: the streams of the next suite of the run; none after the last.
    pub(super) fn next_suite(self) -> Result<Streams<R>, MergeError> {
        let mut next = Vec::new();
        for ShardStream { name, shard, reader, .. } in self.streams {
            match reader.next_suite() {
                Ok(Behind::End) => {}
                Ok(Behind::Suite(reader)) => next.push((name, *reader)),
                Ok(Behind::Nothing(header)) => {
                    return Err(MergeError::incomplete(
                        format!(
                            "{name}: shard {shard} did not come to its end: it ends after the suite {}",
                            header.suite
                        ),
                        RUN_AGAIN,
                    ));
                }
                Err(error) => return Err(MergeError::Read { name, error }),
            }
        }
        Ok(next)
    }
}

impl<R: BufRead> ShardStream<R> {
    /// The next result; at the end the footer is kept. A row is held to be one of the shard's.
    pub(super) fn next(&mut self) -> Result<Option<CaseResult>, MergeError> {
        match self.reader.read().map_err(|error| self.trouble(error))? {
            // An id in which a secret was masked isn't the one that the row was dealt by. That no row of that kind is
            // missing follows from their number, that none comes twice from their places.
            Event::Case(result)
                if result.at.is_some() && !result.id.contains(MASKED) && !self.shard.holds(&result.id) =>
            {
                let what = format!("{}: the case {} is not in shard {}", self.name, result.id, self.shard);
                Err(MergeError::mismatch(what, AS_WRITTEN))
            }
            Event::Case(result) => Ok(Some(*result)),
            Event::Finished(footer) => {
                if self.reader.header().is_last() {
                    self.reader.end().map_err(|error| self.trouble(error))?;
                }
                self.footer = Some(*footer);
                Ok(None)
            }
            Event::Started(_) => Ok(None),
        }
    }

    fn trouble(&self, error: ReadError) -> MergeError {
        let name = self.name.clone();
        match error {
            ReadError::Unfinished { .. } => MergeError::incomplete(
                format!("{name}: shard {} did not come to its end: {error}", self.shard),
                RUN_AGAIN,
            ),
            error => MergeError::Read { name, error },
        }
    }

    /// Holds another stream to be a shard of the same run.
    fn holds_same_run(&self, other: &Self) -> Result<(), MergeError> {
        let (ours, theirs) = (self.reader.header(), other.reader.header());
        let words = |filters: &[String]| if filters.is_empty() { "none".to_owned() } else { format!("{filters:?}") };
        let word = |on: bool| if on { "on" } else { "off" }.to_owned();
        let same_version = "use one version of conformant in every job";
        let run_id = "give all shards of a run the same --run-id, where the CI server's own isn't known";
        let rows: [(&str, String, String, &str); 10] = [
            ("choice of suites", words(&ours.suites), words(&theirs.suites), "give every job the same suites"),
            ("suite", ours.suite.clone(), theirs.suite.clone(), ALONE),
            (
                "digest",
                ours.digest.clone(),
                theirs.digest.clone(),
                "check the same version of the suite out in every job",
            ),
            ("version", ours.version.clone(), theirs.version.clone(), same_version),
            ("format", ours.schema.clone(), theirs.schema.clone(), same_version),
            ("run id", ours.run.clone(), theirs.run.clone(), run_id),
            (
                "number of shards",
                self.shard.count().to_string(),
                other.shard.count().to_string(),
                "give every job the same number of shards",
            ),
            ("choice of filters", words(&ours.filters), words(&theirs.filters), "give every job the same filters"),
            ("setting of --strict", word(ours.strict), word(theirs.strict), "give --strict to all shards or none"),
            (
                "setting of --allow-flaky",
                word(ours.allow_flaky),
                word(theirs.allow_flaky),
                "give --allow-flaky to all shards or none",
            ),
        ];
        if let Some((what, ours, theirs, next)) = rows.into_iter().find(|(_, ours, theirs, _)| ours != theirs) {
            let what = format!("{} has another {what} than {}: {theirs}, not {ours}", other.name, self.name);
            return Err(MergeError::mismatch(what, next));
        }
        if ours.clauses != theirs.clauses || ours.exclusive != theirs.exclusive {
            let what = format!("{} states other clauses than {}", other.name, self.name);
            return Err(MergeError::mismatch(what, same_version));
        }
        Ok(())
    }
}

/// Holds the shards to be all of them, with as many rows together as the run has.
fn complete<R: BufRead>(shards: &[ShardStream<R>], count: u16) -> Result<(), MergeError> {
    let missing: Vec<String> = (1..=count)
        .filter_map(|index| Shard::new(index, count))
        .filter(|shard| !shards.iter().any(|stream| stream.shard == *shard))
        .map(|shard| shard.to_string())
        .collect();
    if !missing.is_empty() {
        let (noun, verb) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
        let what = format!("{noun} {} of the run {verb} missing", missing.join(", "));
        let next = "did a job fail before it wrote its report, or is a file not handed on?";
        return Err(MergeError::incomplete(what, next));
    }
    let headers = || shards.iter().map(|stream| stream.reader.header());
    let Some(whole) = headers().find_map(|header| header.whole) else { return Ok(()) };
    let rows = headers().map(|header| header.cases).fold(0, usize::saturating_add);
    if rows == whole && headers().all(|header| header.whole == Some(whole)) {
        return Ok(());
    }
    Err(MergeError::mismatch(format!("the shards have {rows} cases together, and the run has {whole}"), AS_WRITTEN))
}

/// The header of the whole run.
fn whole_header<R: BufRead>(first: &Header, shards: &[ShardStream<R>]) -> Header {
    let headers = || shards.iter().map(|stream| stream.reader.header());
    let joined = |of: fn(&Header) -> &str| {
        let mut values: Vec<&str> = Vec::new();
        for value in headers().map(of).filter(|value| !value.is_empty()) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(", ")
    };
    Header {
        target: joined(|header| &header.target),
        insecure: headers().any(|header| header.insecure),
        seed: joined(|header| &header.seed),
        started: headers().map(|header| header.started).min().unwrap_or_default(),
        cases: headers().map(|header| header.cases).fold(0, usize::saturating_add),
        shard: None,
        whole: None,
        ..first.clone()
    }
}
