//! Shards of one run, merged: cases in the suite's order, one control of each kind, one footer over all.
//!
//! Anything that would make the whole say more than its parts do is refused: shards of different runs, a shard that is
//! missing, comes twice or did not come to its end, a case that isn't its shard's.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::reader::Reader;
use super::shards::{MergeError, ShardStream, Shards};
use crate::verdict::{
    CaseResult, Control, Event, EvidenceLeftOut, Finding, FindingKind, Footer, MaskedEvent, RunEnd, StopReason,
    SyntheticCase, Tally, Waivers, conflicts, consistent, merge_snapshots,
};

/// Hands on the events of the run that these streams are the shards of, suite by suite, and gives back what they amount to.
///
/// A control is there once, as the worst that any shard saw of it, with the requests of all. The run took as long as its
/// longest shard.
///
/// # Errors
/// See [`MergeError`]. Nothing was handed on unless the headers belong together.
pub fn merge<R: BufRead>(
    mut streams: Vec<(String, Reader<R>)>,
    mut take: impl FnMut(&MaskedEvent) -> io::Result<()>,
) -> Result<RunEnd, MergeError> {
    let mut end = None;
    loop {
        let mut shards = Shards::new(streams)?;
        let footer = merge_suite(&mut shards, &mut take)?;
        end = Some(RunEnd::after(end, &footer));
        streams = shards.next_suite()?;
        if streams.is_empty() {
            return Ok(end.unwrap_or_default());
        }
    }
}

/// Merges the shards of one suite.
fn merge_suite<R: BufRead>(
    Shards { header, streams }: &mut Shards<R>,
    take: &mut impl FnMut(&MaskedEvent) -> io::Result<()>,
) -> Result<Footer, MergeError> {
    let mut take = |event: Event| take(&super::masked(event));
    let header = &*header;
    let mut tally = Tally::of(header);
    take(Event::Started(Box::new(header.clone())))?;
    let mut give = |result: CaseResult| -> io::Result<()> {
        tally.record(&result);
        take(Event::Case(Box::new(result)))
    };
    let mut controls = Controls::default();
    let mut rows = BTreeMap::new();
    for (index, stream) in streams.iter_mut().enumerate() {
        controls.next_row(&header.suite, (index, stream), &mut rows)?;
    }
    controls.before.drain(..).try_for_each(&mut give)?;
    while let Some((_, (index, result))) = rows.pop_first() {
        give(result)?;
        if let Some(stream) = streams.get_mut(index) {
            controls.next_row(&header.suite, (index, stream), &mut rows)?;
        }
    }
    // A control that comes after a row is none of those before the rows, whatever its name.
    let (after, late) = (controls.after, controls.before);
    late.into_iter().fold(after, fold).into_iter().try_for_each(&mut give)?;

    let footers: Vec<&Footer> = streams.iter().filter_map(|stream| stream.footer.as_ref()).collect();
    let today = header.started.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut waivers = Waivers::merged(footers.iter().map(|footer| footer.waivers.clone()), today);
    for mut result in conflicts(header, &tally) {
        // No shard knew of it: what its waiver comes to is settled on the day of the run.
        waivers.apply(&mut result);
        tally.record(&result);
        take(Event::Case(Box::new(result)))?;
    }
    consistent(header, &tally).iter().for_each(|case| waivers.hold(case));
    tally.waivers(waivers.into_results());
    if let Some(known) = merge_snapshots(footers.iter().filter_map(|footer| footer.snapshots.clone())) {
        tally.snapshots(known);
    }
    let footer = footer(tally, streams);
    take(Event::Finished(Box::new(footer.clone())))?;
    Ok(footer)
}

/// Rows that were read ahead, by their places in the suite, each with the number of its stream.
type Rows = BTreeMap<u64, (usize, CaseResult)>;

/// Results that are no rows, one of each id.
#[derive(Default)]
struct Controls {
    before: Vec<CaseResult>,
    after: Vec<CaseResult>,
}

impl Controls {
    /// Adds the next row of a stream to those that were read ahead; what comes on the way there is folded.
    fn next_row<R: BufRead>(
        &mut self,
        suite: &str,
        (index, stream): (usize, &mut ShardStream<R>),
        rows: &mut Rows,
    ) -> Result<(), MergeError> {
        while let Some(result) = stream.next()? {
            let Some(at) = result.at else {
                self.fold(suite, result);
                continue;
            };
            let id = result.id.clone();
            let Some((_, other)) = rows.insert(at, (index, result)) else { return Ok(()) };
            let what = format!("{}: the cases {id} and {} have the same place in the suite", stream.name, other.id);
            return Err(MergeError::mismatch(what, "merge streams as `conformant run` wrote them"));
        }
        Ok(())
    }

    fn fold(&mut self, suite: &str, result: CaseResult) {
        let list = match result.synthetic(suite) {
            // What the shards' readings amount to is judged anew, over all of them.
            Some(SyntheticCase::Consistency(_)) => return,
            Some(SyntheticCase::Control(Control::After, _)) => &mut self.after,
            Some(
                SyntheticCase::Control(Control::Before | Control::Bare, _)
                | SyntheticCase::Before(_)
                | SyntheticCase::Probe(_),
            )
            | None => &mut self.before,
        };
        *list = fold(std::mem::take(list), result);
    }
}

/// Adds a result, or makes one of it and that with the same id.
fn fold(mut results: Vec<CaseResult>, result: CaseResult) -> Vec<CaseResult> {
    match results.iter().position(|known| known.id == result.id) {
        Some(index) => {
            let known = results.remove(index);
            results.insert(index, worse(known, result));
        }
        None => results.push(result),
    }
    results
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

/// The footer of the whole run.
fn footer<R>(mut tally: Tally, streams: &[ShardStream<R>]) -> Footer {
    let mut elapsed_s = 0.0_f64;
    let mut interrupted: Vec<String> = Vec::new();
    let mut evidence: Option<EvidenceLeftOut> = None;
    for (stream, footer) in streams.iter().filter_map(|stream| Some((stream, stream.footer.as_ref()?))) {
        elapsed_s = elapsed_s.max(footer.elapsed_s);
        interrupted.extend(footer.interrupted.iter().map(|why| format!("shard {}: {why}", stream.shard)));
        for resource in &footer.left_behind {
            tally.leave_behind(resource.clone(), Footer::LISTED);
        }
        tally.leave_more(footer.left_more);
        if let Some(left_out) = footer.evidence {
            let EvidenceLeftOut { cases, limit } = evidence.unwrap_or(EvidenceLeftOut { cases: 0, limit: 0 });
            let cases = cases.saturating_add(left_out.cases);
            evidence = Some(EvidenceLeftOut { cases, limit: limit.max(left_out.limit) });
        }
    }
    let interrupted = (!interrupted.is_empty()).then(|| StopReason::Other(interrupted.join("; ")));
    Footer { evidence, ..tally.finish(elapsed_s, interrupted) }
}
