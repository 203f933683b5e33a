//! Shards of one run, made one: cases in the suite's order, one control of each kind, one footer over all.
//!
//! Anything that would make the whole say more than its parts do is refused: shards of different runs, a shard that is
//! missing, comes twice or did not come to its end, a case that isn't its shard's.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::{ReadError, Reader};
use crate::verdict::snapshots;
use crate::verdict::waivers::{hold, meet, together};
use crate::verdict::{
    CaseResult, Event, Finding, FindingKind, Footer, Header, Shard, Tally, consistency, consistent, is_consistency,
};

/// What stands where a secret was masked begins so.
const MASKED: &str = "[masked:";

/// Why shards can't be made one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// They don't belong together, or aren't what they say.
    #[error("{what}")]
    Unlike {
        /// What is wrong, with the names of the streams.
        what: String,
        /// What to do.
        next: String,
    },
    /// A part of the run isn't there.
    #[error("{what}")]
    Incomplete {
        /// What is not there.
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
    Sink(#[from] io::Error),
}

/// A stream with its name and what was read ahead of it.
struct Part<R> {
    name: String,
    reader: Reader<R>,
    shard: Shard,
    footer: Option<Footer>,
}

/// Hands on the events of the run that these streams are the shards of, and gives back its footer.
///
/// A control is there once, as the worst that any shard saw of it, with the requests of all. The run took as long as its
/// longest shard.
///
/// # Errors
/// See [`MergeError`]. Nothing was handed on unless the headers belong together.
pub fn merge<R: BufRead>(
    streams: Vec<(String, Reader<R>)>,
    mut take: impl FnMut(&Event) -> io::Result<()>,
) -> Result<Footer, MergeError> {
    let mut parts = parts(streams)?;
    let header = header(&parts);
    let mut tally = Tally::of(&header);
    take(&Event::Started(Box::new(header.clone())))?;
    let mut give = |result: CaseResult| -> io::Result<()> {
        tally.record(&result);
        take(&Event::Case(Box::new(result)))
    };
    let (mut before, mut after) = (Controls::default(), Controls::default());
    let mut rows: BTreeMap<u64, (usize, CaseResult)> = BTreeMap::new();
    for (index, part) in parts.iter_mut().enumerate() {
        if let Some(result) = part.next_row(&header.suite, &mut before, &mut after)? {
            insert(&mut rows, index, result, &part.name)?;
        }
    }
    for control in before.0.drain(..) {
        give(control)?;
    }
    while let Some((_, (index, result))) = rows.pop_first() {
        give(result)?;
        let Some(part) = parts.get_mut(index) else { continue };
        // A control that comes after a row is none of those before the rows, whatever its name.
        let mut late = Controls::default();
        if let Some(result) = part.next_row(&header.suite, &mut late, &mut after)? {
            insert(&mut rows, index, result, &part.name)?;
        }
        late.0.into_iter().for_each(|control| after.fold(control));
    }
    for control in after.0 {
        give(control)?;
    }
    let footers = parts.iter().filter_map(|part| part.footer.as_ref());
    let mut waivers = together(footers.map(|footer| footer.waivers.clone()));
    for mut result in consistency(&header, &tally) {
        // No shard knew of it: what its waiver comes to is settled on the day of the run.
        meet(&mut waivers, &mut result, header.started.split('T').next().unwrap_or_default());
        tally.record(&result);
        take(&Event::Case(Box::new(result)))?;
    }
    consistent(&header, &tally).iter().for_each(|case| hold(&mut waivers, case));
    tally.waivers(waivers);
    let footer = footer(tally, &parts);
    take(&Event::Finished(Box::new(footer.clone())))?;
    Ok(footer)
}

fn insert(
    rows: &mut BTreeMap<u64, (usize, CaseResult)>,
    index: usize,
    result: CaseResult,
    name: &str,
) -> Result<(), MergeError> {
    let id = result.id.clone();
    match rows.insert(result.at.unwrap_or_default(), (index, result)) {
        None => Ok(()),
        Some((_, other)) => Err(MergeError::Unlike {
            what: format!("{name}: the cases {id} and {} have the same place in the suite", other.id),
            next: "merge streams as `conformant run` wrote them".to_owned(),
        }),
    }
}

impl<R: BufRead> Part<R> {
    /// The next row; controls on the way there are folded, and at the end the footer is kept.
    fn next_row(
        &mut self,
        suite: &str,
        before: &mut Controls,
        after: &mut Controls,
    ) -> Result<Option<CaseResult>, MergeError> {
        loop {
            match self.reader.read().map_err(|error| self.trouble(error))? {
                Event::Case(result) if result.at.is_some() => {
                    // An id in which a secret was masked isn't the one that the row was dealt by. That no row of that kind
                    // is missing follows from their number, that none comes twice from their places.
                    if !result.id.contains(MASKED) && !self.shard.holds(&result.id) {
                        return Err(MergeError::Unlike {
                            what: format!("{}: the case {} is not in shard {}", self.name, result.id, self.shard),
                            next: "merge streams as `conformant run --shard` wrote them".to_owned(),
                        });
                    }
                    return Ok(Some(*result));
                }
                // What the shards' readings amount to is judged anew, over all of them.
                Event::Case(result) if is_consistency(suite, &result) => {}
                Event::Case(result) if result.id.ends_with("[after]") => after.fold(*result),
                Event::Case(result) => before.fold(*result),
                Event::Finished(footer) => {
                    self.reader.end().map_err(|error| self.trouble(error))?;
                    self.footer = Some(*footer);
                    return Ok(None);
                }
                Event::Started(_) => {}
            }
        }
    }

    fn trouble(&self, error: ReadError) -> MergeError {
        let name = self.name.clone();
        match error {
            ReadError::Unfinished { .. } => MergeError::Incomplete {
                what: format!("{name}: shard {} did not come to its end: {error}", self.shard),
                next: "run the shard again; `conformant report --from` tells what there is of it".to_owned(),
            },
            error => MergeError::Read { name, error },
        }
    }
}

/// Results that are no rows, one of each id.
#[derive(Default)]
struct Controls(Vec<CaseResult>);

impl Controls {
    fn fold(&mut self, result: CaseResult) {
        match self.0.iter_mut().find(|known| known.id == result.id) {
            Some(known) => {
                let first = std::mem::replace(known, CaseResult::unearned(String::new(), String::new(), "", 1));
                *known = worse(first, result);
            }
            None => self.0.push(result),
        }
    }
}

/// The worse of two results of the same control, with what the other one found besides.
fn worse(one: CaseResult, other: CaseResult) -> CaseResult {
    let (mut worse, better) = if other.outcome < one.outcome { (other, one) } else { (one, other) };
    let same = |one: &Finding, other: &Finding| {
        let reading = one.kind != FindingKind::Observation || one.observed == other.observed;
        (&one.clause, one.kind, &one.check, &one.place) == (&other.clause, other.kind, &other.check, &other.place)
            && reading
    };
    let offset = worse.exchanges.len();
    let new: Vec<Finding> = better
        .findings
        .into_iter()
        .filter(|finding| !worse.findings.iter().any(|known| same(known, finding)))
        .map(|finding| Finding { exchange: finding.exchange.saturating_add(offset), ..finding })
        .collect();
    if !new.is_empty() {
        worse.findings.extend(new);
        worse.findings.sort_by_key(|finding| finding.kind);
        worse.exchanges.extend(better.exchanges);
    }
    if worse.retried.is_empty() {
        worse.retried = better.retried;
    }
    worse.requests = worse.requests.saturating_add(better.requests);
    worse.elapsed_ms = worse.elapsed_ms.max(better.elapsed_ms);
    worse
}

/// Holds the headers to be those of all shards of one run; gives them back in the order of the shards.
fn parts<R: BufRead>(streams: Vec<(String, Reader<R>)>) -> Result<Vec<Part<R>>, MergeError> {
    let mut parts: Vec<Part<R>> = Vec::new();
    let whole = streams.len() == 1;
    for (name, reader) in streams {
        let shard = reader.header().shard.or_else(|| Shard::new(1, 1).filter(|_| whole));
        let Some(shard) = shard else {
            return Err(MergeError::Unlike {
                what: format!("{name} is a whole run, not a shard"),
                next: "merge the shards of one run alone; `conformant report --from` tells of a whole one".to_owned(),
            });
        };
        if let Some(first) = parts.first() {
            alike((&first.name, first.reader.header(), first.shard), (&name, reader.header(), shard))?;
        }
        if let Some(other) = parts.iter().find(|other| other.shard == shard) {
            return Err(MergeError::Unlike {
                what: format!("{} and {name} are both shard {shard}", other.name),
                next: "give each shard once".to_owned(),
            });
        }
        parts.push(Part { name, reader, shard, footer: None });
    }
    let Some(count) = parts.first().map(|part| part.shard.count()) else {
        let (what, next) = ("there is nothing to merge".to_owned(), "give the event streams of all shards".to_owned());
        return Err(MergeError::Unlike { what, next });
    };
    let missing: Vec<String> = (1..=count)
        .filter_map(|index| Shard::new(index, count))
        .filter(|shard| !parts.iter().any(|part| part.shard == *shard))
        .map(|shard| shard.to_string())
        .collect();
    if !missing.is_empty() {
        let (noun, verb) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
        return Err(MergeError::Incomplete {
            what: format!("{noun} {} of the run {verb} missing", missing.join(", ")),
            next: "did a job fail before it wrote its report, or is a file not handed on?".to_owned(),
        });
    }
    complete(&parts)?;
    parts.sort_by_key(|part| part.shard);
    Ok(parts)
}

/// Holds the shards to have as many rows together as the run has.
fn complete<R: BufRead>(parts: &[Part<R>]) -> Result<(), MergeError> {
    let headers = || parts.iter().map(|part| part.reader.header());
    let Some(whole) = headers().find_map(|header| header.whole) else { return Ok(()) };
    let rows = headers().map(|header| header.cases).fold(0, usize::saturating_add);
    if rows == whole && headers().all(|header| header.whole == Some(whole)) {
        return Ok(());
    }
    Err(MergeError::Unlike {
        what: format!("the shards have {rows} cases together, and the run has {whole}"),
        next: "merge streams as `conformant run --shard` wrote them".to_owned(),
    })
}

/// Holds two headers to be those of shards of one run.
fn alike(one: (&str, &Header, Shard), other: (&str, &Header, Shard)) -> Result<(), MergeError> {
    let ((name, header, shard), (other_name, other, other_shard)) = (one, other);
    let unlike = |what: &str, ours: &str, theirs: &str, next: &str| {
        let what = format!("{other_name} is of another {what} than {name}: {theirs}, not {ours}");
        Err(MergeError::Unlike { what, next: next.to_owned() })
    };
    if header.suite != other.suite {
        return unlike("suite", &header.suite, &other.suite, "merge the shards of one run alone");
    }
    if header.digest != other.digest {
        return unlike("digest", &header.digest, &other.digest, "check the same version of the suite out in every job");
    }
    if header.version != other.version || header.schema != other.schema {
        return unlike("version", &header.version, &other.version, "use one version of conformant in every job");
    }
    if header.run != other.run {
        return unlike(
            "run",
            &header.run,
            &other.run,
            "give all shards of a run the same --run-id, where the CI server's own isn't known",
        );
    }
    if shard.count() != other_shard.count() {
        let (ours, theirs) = (shard.to_string(), other_shard.to_string());
        return unlike("number of shards", &ours, &theirs, "give every job the same number of shards");
    }
    if header.filters != other.filters {
        let words = |filters: &[String]| if filters.is_empty() { "none".to_owned() } else { filters.join(" ") };
        let (ours, theirs) = (words(&header.filters), words(&other.filters));
        return unlike("choice of filters", &ours, &theirs, "give every job the same filters");
    }
    if header.strict != other.strict {
        let word = |strict| if strict { "strict" } else { "lenient" };
        return unlike("strictness", word(header.strict), word(other.strict), "give --strict to all shards or none");
    }
    if header.allow_flaky != other.allow_flaky {
        let word = |allowed| if allowed { "allowed" } else { "not allowed" };
        let (ours, theirs) = (word(header.allow_flaky), word(other.allow_flaky));
        return unlike("mind on flaky cases", ours, theirs, "give --allow-flaky to all shards or none");
    }
    if header.clauses != other.clauses || header.exclusive != other.exclusive {
        let what = format!("{other_name} states other clauses than {name}");
        return Err(MergeError::Unlike { what, next: "use one version of conformant in every job".to_owned() });
    }
    Ok(())
}

/// The header of the whole run.
fn header<R: BufRead>(parts: &[Part<R>]) -> Header {
    let headers = || parts.iter().map(|part| part.reader.header());
    let joined = |of: fn(&Header) -> &str| {
        let mut values: Vec<&str> = Vec::new();
        for value in headers().map(of).filter(|value| !value.is_empty()) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(", ")
    };
    let Some(first) = headers().next() else { unreachable!("`parts` gives at least one") };
    Header {
        target: joined(|header| &header.target),
        seed: joined(|header| &header.seed),
        started: headers().map(|header| header.started.clone()).min().unwrap_or_default(),
        cases: headers().map(|header| header.cases).fold(0, usize::saturating_add),
        shard: None,
        whole: None,
        ..first.clone()
    }
}

/// The footer of the whole run.
fn footer<R>(mut tally: Tally, parts: &[Part<R>]) -> Footer {
    let mut elapsed_s = 0.0_f64;
    let mut interrupted: Vec<String> = Vec::new();
    for (part, footer) in parts.iter().filter_map(|part| Some((part, part.footer.as_ref()?))) {
        elapsed_s = elapsed_s.max(footer.elapsed_s);
        interrupted.extend(footer.interrupted.iter().map(|why| format!("shard {}: {why}", part.shard)));
        for resource in &footer.left_behind {
            tally.leave_behind(resource.clone(), Footer::LISTED);
        }
        tally.leave_more(footer.left_more);
    }
    let footers = parts.iter().filter_map(|part| part.footer.as_ref());
    if let Some(known) = snapshots::together(footers.filter_map(|footer| footer.snapshots.clone())) {
        tally.snapshots(known);
    }
    tally.finish(elapsed_s, (!interrupted.is_empty()).then(|| interrupted.join("; ")))
}
