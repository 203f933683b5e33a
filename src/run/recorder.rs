//! From what cases came to, one after the other, to the event stream: tallied, waived, masked.

use std::sync::Arc;
use std::time::Instant;

use super::case::CaseRun;
use super::cleanup::LEFT;
use super::context::Context;
use super::error::RunError;
use super::evidence::Evidence;
use super::options::Trace;
use super::plan::{Filters, count};
use super::stop::Stop;
use crate::contract::ClauseId;
use crate::secret::Secrets;
use crate::suite::Suite;
use crate::verdict::{
    ClauseStatement, Event, Exclusive, Footer, Header, LeftBehind, MaskedEvent, SCHEMA_VERSION, SnapshotTally,
    StopReason, Tally, Waivers, conflicts, consistent,
};

/// Tells of a run, event by event.
pub(super) struct Recorder<S> {
    secrets: Arc<Secrets>,
    header: Header,
    tally: Tally,
    evidence: Evidence,
    waivers: Waivers,
    limit: Option<Limit>,
    trace: Option<Trace>,
    started: Instant,
    sink: S,
}

impl<S: FnMut(&MaskedEvent) -> std::io::Result<()>> Recorder<S> {
    /// Tells that a run begins.
    pub(super) fn start(context: &Context, waivers: Waivers, sink: S) -> Result<Self, RunError> {
        let header = header(context);
        let (secrets, tally) = (Arc::clone(&context.options.secrets), Tally::of(&header));
        let evidence = Evidence::new(context.options.max_evidence);
        let limit = context.options.max_violations.map(|most| {
            let left = most.saturating_sub(context.options.failed_before);
            Limit { left, most, stop: context.stop.clone() }
        });
        let trace = context.options.trace.clone();
        let started = Instant::now();
        let mut recorder = Self { secrets, header, tally, evidence, waivers, limit, trace, started, sink };
        recorder.emit(Event::Started(Box::new(recorder.header.clone())))?;
        Ok(recorder)
    }

    fn emit(&mut self, event: Event) -> Result<MaskedEvent, RunError> {
        let event = MaskedEvent::of(event, &self.secrets);
        (self.sink)(&event)?;
        Ok(event)
    }

    /// Tells what a case came to.
    pub(super) fn record(&mut self, mut run: CaseRun) -> Result<(), RunError> {
        // What was in flight when the limit was met would differ from run to run.
        if let Some(limit) = self.limit.as_ref().filter(|limit| limit.left == 0) {
            run = run.not_run(&limit.reason().to_string());
        }
        let CaseRun { mut result, left_behind, sent, .. } = run;
        if let Some(trace) = &self.trace {
            sent.iter().for_each(|line| trace(line));
        }
        self.waivers.apply(&mut result);
        if let Some(limit) = self.limit.as_mut().filter(|_| result.fails(self.header.strict)) {
            limit.count();
        }
        self.tally.record(&result);
        self.leave_behind(left_behind);
        self.evidence.take(&mut result);
        self.emit(Event::Case(Box::new(result))).map(drop)
    }

    /// Tells of readings that exclude each other.
    pub(super) fn record_consistency(&mut self) -> Result<(), RunError> {
        conflicts(&self.header, &self.tally).into_iter().try_for_each(|result| self.record(result.into()))
    }

    /// Takes in what could not be removed. How a target names it, and what it says of it, may be long.
    pub(super) fn leave_behind(&mut self, left_behind: Vec<LeftBehind>) {
        for LeftBehind { case, resource, why } in left_behind {
            let shown = |text: &str| self.secrets.mask(text).short(LEFT).into_owned();
            let resource = LeftBehind { case, resource: shown(&resource), why: shown(&why) };
            self.tally.leave_behind(resource, Footer::LISTED);
        }
    }

    /// Tells that the run is over; gives back the footer.
    pub(super) fn finish(
        mut self,
        snapshots: Option<SnapshotTally>,
        idle: Vec<String>,
        interrupted: Option<StopReason>,
    ) -> Result<Footer, RunError> {
        consistent(&self.header, &self.tally).iter().for_each(|case| self.waivers.hold(case));
        self.tally.waivers(std::mem::take(&mut self.waivers).into_results());
        if let Some(snapshots) = snapshots {
            self.tally.snapshots(snapshots);
        }
        self.tally.idle(idle);
        let tally = std::mem::replace(&mut self.tally, Tally::of(&self.header));
        let evidence = self.evidence.left_out();
        let footer = Footer { evidence, ..tally.finish(self.started.elapsed().as_secs_f64(), interrupted) };
        match self.emit(Event::Finished(Box::new(footer)))?.into_inner() {
            Event::Finished(footer) => Ok(*footer),
            Event::Started(_) | Event::Case(_) => unreachable!("masking keeps the kind of an event"),
        }
    }
}

/// After how many cases that fail the run is stopped.
struct Limit {
    left: usize,
    most: usize,
    stop: Stop,
}

impl Limit {
    fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.stop.ask(self.reason());
        }
    }

    fn reason(&self) -> StopReason {
        StopReason::Violations(self.most)
    }
}

fn rows(suite: &Suite, filters: &Filters) -> usize {
    usize::try_from(count(suite, filters)).unwrap_or(usize::MAX)
}

/// A pair of the suite's as the event stream has it; loading has held both to be clauses.
fn exclusive((ambiguous, broken): &(String, String)) -> Option<Exclusive> {
    Some(Exclusive { ambiguous: ClauseId::new(ambiguous)?, broken: ClauseId::new(broken)? })
}

fn header(context: &Context) -> Header {
    let (suite, filters, options) = (context.suite(), &context.plan.filters, &context.options);
    let contract = context.contract();
    let clauses = contract.clauses().iter().chain(contract.derived()).map(|clause| ClauseStatement {
        id: clause.id.clone(),
        level: clause.level,
        says: clause.says.clone(),
        source: clause.source.clone(),
        polarities: clause.polarities.clone(),
        untestable: clause.untestable.clone(),
        mutants: options.mutants.get(clause.id.as_str()).cloned().unwrap_or_default(),
        derived: clause.derived,
    });
    Header {
        schema: SCHEMA_VERSION.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.name.clone(),
        suites: options.suites.clone(),
        title: suite.title.clone(),
        file: suite.file.clone(),
        digest: suite.digest.clone(),
        target: options.base_url.clone(),
        insecure: options.client.options().insecure,
        seed: format!("{:016x}", options.seed),
        started: jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default(),
        cases: rows(suite, filters),
        whole: filters.shard().map(|_| rows(suite, &filters.in_all_shards())),
        run: options.run.clone(),
        shard: filters.shard(),
        exclusive: suite.consistent.iter().filter_map(exclusive).collect(),
        filters: filters.words(),
        strict: options.strict,
        allow_flaky: options.allow_flaky,
        clauses: clauses.collect(),
    }
}
