//! `conformant run`: run suites against a target, one after the other, and give a verdict.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;

use super::arguments::Arguments;
use super::browser;
use super::dry_run::dry_run;
use super::exit::Exit;
use super::failure::Failure;
use super::ledgers;
use super::options::Options;
use super::progress::Progress;
use super::reporters::Reporters;
use super::selection::{self, Selection};
use super::setup::{RunSetup, Session, Target, not_logged_in, seed};
use super::shard;
use super::signals::{self, Signal};
use super::snapshot_store::{self, InstaSettings};
use super::suites::{self, LoadedSuite};
use super::terminal::note;
use super::waivers;
use super::waivers_file::NewWaivers;
use crate::pattern;
use crate::run::{self, RunError, Stop};
use crate::snapshot::Store;
use crate::verdict::{Event, Footer, RunEnd, StopReason, Waivers};

/// One suite of the run, ready.
struct SuiteRun {
    setup: RunSetup,
    last: super::last_run::LastRun,
    waivers: Waivers,
    snapshots: Option<Arc<Store>>,
}

/// What all suites of the run share.
struct Shared<'a> {
    options: &'a Options,
    /// The names of all suites, where there are several.
    suites: Vec<String>,
    run: String,
    reporters: Reporters,
    new_waivers: Option<NewWaivers>,
    stop: Stop,
    signal: Option<Signal>,
    /// How many cases have failed so far.
    failed: usize,
    footers: Vec<Footer>,
    /// Why the run goes no further though each of its suites has an end.
    trouble: Option<Failure>,
}

/// Runs the suites and reports the verdict.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    pattern::set_work(options.max_pattern_work.0);
    let page = browser::page(options)?;
    let all = suites::load_all(&options.suite)?;
    let selected = selection::of_run(options, &all, variable)?;
    if options.dry_run {
        return dry_run(arguments, &all, selected);
    }
    let run = shard::run_id(options.run_id.as_deref(), variable)?;
    let (suites, new_waivers) = ready(arguments, &all, selected)?;
    let names = suites.iter().map(|suite| suite.setup.target.loaded.suite.name.clone());
    let mut shared = Shared {
        options,
        suites: if suites.len() > 1 { names.collect() } else { Vec::new() },
        run,
        reporters: Reporters::of_run(options)?,
        new_waivers,
        stop: Stop::new(),
        signal: None,
        failed: 0,
        footers: Vec::new(),
        trouble: None,
    };
    // Where the system gives no thread, tokio panics, or waits forever for the first of several. Cases have threads of their own.
    thread::Builder::new().spawn(|| ()).map_err(Failure::internal)?.join().unwrap_or_default();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(Failure::internal)?;
    let outcome = runtime.block_on(async {
        for suite in suites {
            shared.execute(suite).await?;
        }
        shared.end()
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    let exit = outcome?;
    // Whoever stopped it wants no more of it.
    if let Some(page) = page.filter(|_| !matches!(exit, Exit::Interrupted | Exit::Terminated)) {
        browser::open(page, variable)?;
    }
    Ok(exit)
}

/// Everything that can be checked before the first request, for each suite.
fn ready(
    arguments: &Arguments,
    all: &[LoadedSuite],
    selected: Vec<Selection>,
) -> Result<(Vec<SuiteRun>, Option<NewWaivers>), Failure> {
    let options = &arguments.options;
    let seed = seed(options);
    let setups: Vec<_> = selected
        .into_iter()
        .map(|Selection { index, loaded, filters, last }| {
            RunSetup::new(arguments, (loaded, all), filters, seed).map(|setup| (index, setup, last))
        })
        .collect::<Result<_, _>>()?;
    // Read once, so that a run over midnight has one day.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut known = waivers::read(options, all)?;
    let new_waivers = NewWaivers::new(options, today)?;
    let insta = InstaSettings::read(variable);
    let names: Vec<&str> = all.iter().map(|loaded| loaded.suite.name.as_str()).collect();
    let suite_run = |(index, setup, last): (usize, RunSetup, _)| {
        let waivers = known.get_mut(index).map(std::mem::take).unwrap_or_default();
        let suite = &setup.target.loaded.suite;
        let snapshots = snapshot_store::store(options, arguments.profile_name(), (suite, &names), &insta)?;
        Ok(SuiteRun { setup, last, waivers: Waivers::new(waivers, today), snapshots })
    };
    let suites = setups.into_iter().map(suite_run).collect::<Result<_, Failure>>()?;
    Ok((suites, new_waivers))
}

/// A variable of the environment, if it is set and is text.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Shared<'_> {
    /// Runs one suite, and hands every event to the reports, the terminal's among them.
    async fn execute(&mut self, suite: SuiteRun) -> Result<(), Failure> {
        let SuiteRun { setup, mut last, waivers, snapshots } = suite;
        let target = Target { is_awaited: self.signal.is_none(), is_left_alone: self.stop.is_set() };
        let Session { plan, options, _reference } = setup.begin(self.options, target).await?;
        let mut options = self.run_options(options, waivers, snapshots, &plan);
        if self.signal.is_none() {
            let signal = signals::listen(&self.stop, self.reporters.unfinished()).map_err(Failure::internal)?;
            self.signal = Some(signal);
        }
        // What stops one of several suites, such as a login that fails, leaves the others as they are.
        let stop = if self.suites.is_empty() { self.stop.clone() } else { self.stop.child() };
        let quiet = self.options.quiet;
        let mut progress = Progress::new(quiet, "cases");
        options.trace = self.options.verbose.then(|| Arc::new(progress.printer()) as run::Trace);
        let snapshots = options.snapshots.clone();
        let (ledger, target) = (options.ledger.clone(), options.base_url.clone());
        let (strict, mut is_over) = (options.strict, false);
        let time = self.options.max_time.filter(|_| self.suites.first() == Some(&plan.suite.name));
        let (whole, reporters, new_waivers, failed) =
            (self.stop.clone(), &mut self.reporters, &mut self.new_waivers, &mut self.failed);
        let footer = run::run(plan, options, stop.clone(), |event| {
            progress.event(event);
            last.event(event);
            match &**event {
                Event::Started(_) => time.iter().for_each(|limit| whole.after(limit.0)),
                Event::Case(result) => {
                    *failed += usize::from(result.fails(strict));
                    new_waivers.iter_mut().for_each(|waivers| waivers.record(result));
                }
                Event::Finished(_) => is_over = true,
            }
            reporters.event(event)
        })
        .await;
        if let Some(reason @ StopReason::Violations(_)) = stop.reason() {
            self.stop.ask(reason);
        }
        if let Some(ledger) = ledger.filter(|_| !quiet) {
            ledgers::note_remaining(&ledger, &target)?;
        }
        if let Some(failure) = self.reporters.failure() {
            return Err(failure);
        }
        if let Some(why) = snapshots.as_deref().and_then(Store::failure) {
            self.trouble.get_or_insert(Failure::internal(format!("the snapshot {why}")));
        }
        match footer {
            Ok(footer) => self.footers.push(footer),
            Err(error) => self.fail(error, is_over && !self.suites.is_empty())?,
        }
        Ok(())
    }

    /// A failure of this machine: what it leaves of the other suites is told of as not run, where this one has an end.
    fn fail(&mut self, error: RunError, is_over: bool) -> Result<(), Failure> {
        let reason = match &error {
            RunError::Machine(why) => StopReason::Machine(why.clone()),
            RunError::Ledger { .. } => StopReason::Ledger,
            other => StopReason::Other(other.to_string()),
        };
        let failure = match error {
            RunError::Ledger { path, cause } => ledgers::unwritable(&path, &cause),
            RunError::Login(error) => not_logged_in(&error),
            error => Failure::internal(error),
        };
        if !is_over {
            return Err(failure);
        }
        self.stop.ask(reason);
        self.trouble.get_or_insert(failure);
        Ok(())
    }

    /// How a suite is run.
    fn run_options(
        &self,
        of_target: run::Options,
        waivers: Waivers,
        snapshots: Option<Arc<Store>>,
        plan: &run::Plan,
    ) -> run::Options {
        let options = self.options;
        run::Options {
            jobs: options.jobs.0,
            strict: options.strict,
            retries: options.retries.0,
            allow_flaky: options.allow_flaky,
            record_all: options.reports.iter().any(|(format, _)| format.wants_exchanges),
            max_evidence: options.max_evidence.0,
            // That of several suites is the whole run's.
            max_time: options.max_time.map(|limit| limit.0).filter(|_| self.suites.is_empty()),
            max_violations: options.max_violations.map(|most| most.0).or(options.fail_fast.then_some(1)),
            failed_before: self.failed,
            suites: self.suites.clone(),
            mutants: suites::mutants(&plan.suite),
            waivers,
            run: self.run.clone(),
            snapshots,
            ..of_target
        }
    }

    /// What all suites came to.
    fn end(self) -> Result<Exit, Failure> {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let is_whole = self.footers.iter().all(|footer| footer.interrupted.is_none());
        if let Some(new_waivers) = self.new_waivers.filter(|_| is_whole) {
            note(&new_waivers.write()?)?;
        }
        let signal = self.signal.and_then(|signal| signal.exit());
        Ok(signal.unwrap_or_else(|| RunEnd::of(&self.footers).gate.into()))
    }
}
