//! `conformant run`: run a suite against a target and give a verdict.

use std::time::Duration;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::last_run::LastRun;
use super::ledgers;
use super::progress::Progress;
use super::reporters::Reporters;
use super::setup::{RunSetup, Session, not_logged_in};
use super::shard;
use super::signals;
use super::snapshot_store::{self, InstaSettings};
use super::suites;
use super::terminal::note;
use super::waivers;
use super::waivers_file::NewWaivers;
use crate::pattern;
use crate::run::{self, Filters, RunError, Stop};
use crate::snapshot::Store;
use crate::verdict::{Event, Waivers};

/// Runs the suite and reports the verdict.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    pattern::set_work(options.max_pattern_work.0);
    let loaded = suites::load(options.suite.as_deref())?;
    let mut filters = Filters::new(options.filters.clone()).knowing(&loaded.contract, &loaded.suite);
    if run::count(&loaded.suite, &filters) == 0 {
        return Err(suites::no_case(&loaded, &options.filters));
    }
    let last = LastRun::beside(options, &loaded.suite.name);
    if options.failed {
        filters = filters.failed(last.failed()?);
        if run::count(&loaded.suite, &filters) == 0 {
            return Err(Failure::usage(
                "none of the cases that failed in the last run is selected",
                "run without --failed, or with other filters",
            ));
        }
    }
    if let Some(arg) = options.shard {
        filters = filters.in_shard(shard::shard(arg, variable)?);
    }
    let run_id = shard::run_id(options.run_id.as_deref(), variable)?;
    let setup = RunSetup::new(arguments, loaded, filters)?;
    let loaded = &setup.target.loaded;
    // Read once, so that a run over midnight has one day.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let waivers = Waivers::new(waivers::read(options, loaded)?, today);
    let new_waivers = NewWaivers::new(options, today)?;
    let insta = InstaSettings::read(variable);
    let snapshots = snapshot_store::store(options, arguments.profile_name(), &loaded.suite, &insta)?;
    let reporters = Reporters::of_run(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    let outcome = runtime.block_on(async {
        let mut session = setup.begin(options).await?;
        session.options = run::Options {
            jobs: options.jobs.0,
            strict: options.strict,
            retries: options.retries.0,
            allow_flaky: options.allow_flaky,
            record_all: options.reports.iter().any(|(format, _)| format.wants_exchanges),
            max_evidence: options.max_evidence.0,
            max_time: options.max_time.map(|limit| limit.0),
            max_violations: options.max_violations.map(|most| most.0).or(options.fail_fast.then_some(1)),
            mutants: suites::mutants(&session.plan.suite),
            waivers,
            run: run_id,
            snapshots,
            ..session.options
        };
        execute(arguments, session, reporters, (new_waivers, last)).await
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome
}

/// A variable of the environment, if it is set and is text.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Runs, and hands every event to the reports, the terminal's among them.
async fn execute(
    arguments: &Arguments,
    Session { plan, options, _reference }: Session,
    mut reporters: Reporters,
    (mut new_waivers, mut last): (Option<NewWaivers>, LastRun),
) -> Result<Exit, Failure> {
    let quiet = arguments.options.quiet;
    let stop = Stop::new();
    let signal = signals::listen(&stop, reporters.unfinished()).map_err(Failure::internal)?;
    let mut progress = Progress::new(quiet, "cases");
    let snapshots = options.snapshots.clone();
    let (ledger, target) = (options.ledger.clone(), options.base_url.clone());
    let footer = run::run(plan, options, stop, |event| {
        progress.event(event);
        last.event(event);
        if let (Some(new_waivers), Event::Case(result)) = (&mut new_waivers, &**event) {
            new_waivers.record(result);
        }
        reporters.event(event)
    })
    .await;
    if let Some(ledger) = ledger.filter(|_| !quiet) {
        ledgers::note_remaining(&ledger, &target)?;
    }
    if let Some(failure) = reporters.failure() {
        return Err(failure);
    }
    let footer = footer.map_err(|error| match error {
        RunError::Ledger { path, cause } => ledgers::unwritable(&path, &cause),
        RunError::Login(error) => not_logged_in(&error),
        error => Failure::internal(error),
    })?;
    if let Some(new_waivers) = new_waivers.filter(|_| footer.interrupted.is_none()) {
        note(&new_waivers.write()?)?;
    }
    match snapshots.as_deref().and_then(Store::failure) {
        Some(failure) => Err(Failure::internal(format!("the snapshot {failure}"))),
        None => Ok(signal.exit().unwrap_or_else(|| footer.gate.into())),
    }
}
