//! `conformant run`: fire a suite at a target and give a verdict.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::args::RunArgs;
use super::connection;
use super::exit::Exit;
use super::failure::Failure;
use super::ledgers;
use super::progress::Progress;
use super::reporters::Reporters;
use super::reports;
use super::settings::Profile;
use super::shard;
use super::signals;
use super::snapshot_args::{self, Environment};
use super::suites::{self, LoadedSuite};
use super::target;
use super::target_setup::TargetSetup;
use super::waivers::{self, Current};
use crate::http::{Client, ClientOptions};
use crate::reference;
use crate::run::{self, Filters, Options, Plan, RunError, Stop};
use crate::snapshot::Store;
use crate::suite::Bindings;
use crate::verdict::{Event, Footer, Waivers};

/// Fires the suite and tells the verdict.
pub(super) fn run(args: &RunArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let filters = Filters::new(args.filters.clone());
    if run::count(&loaded.suite, &filters) == 0 {
        return Err(Failure::usage(
            format!("no case of the suite {} matches {}", loaded.suite.name, args.filters.join(" or ")),
            "a filter is part of a case's id or of a clause's id; `conformant list` shows them",
        ));
    }
    let filters = match args.shard {
        Some(arg) => filters.in_shard(shard::shard(arg, variable)?),
        None => filters,
    };
    let run = shard::run_id(args.run_id.as_deref(), variable)?;
    let TargetSetup { given, secrets, connection } =
        TargetSetup::new(&args.target, &args.connection, profile, &loaded)?;
    let secrets = Arc::new(secrets);
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let bindings = Bindings::new(&loaded.suite, &given, seed)
        .map_err(|error| Failure::usage(error, "`conformant list` and the suite's suite.yaml say what it takes"))?;
    let creation = run::creation(&loaded.suite, &filters, &bindings, seed);
    if let Some(what) = creation.as_ref().filter(|_| args.read_only.refuses()) {
        return Err(ledgers::refused(&loaded.suite, what));
    }
    // Read once, so that a run over midnight has one day.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let waivers = Waivers::new(waivers::read(args, &loaded)?, today);
    let current = Current::of(args, today)?;
    let named = profile.map(|profile| profile.name.as_str());
    let embedded = args.target.url.is_none();
    let snapshots =
        snapshot_args::store(&args.snapshots, named, embedded, &loaded.suite, &Environment::read(variable))?;
    let reporters = Reporters::new(reports::open(&args.reports)?, &args.reports, args.quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    let outcome = runtime.block_on(async {
        let reference = match &args.target.url {
            Some(_) => None,
            None => Some(reference::start(reference::Options::default()).await.map_err(Failure::internal)?),
        };
        let base_url = match (&args.target.url, &reference) {
            (Some(url), _) => target::base_url(url)?,
            (None, Some(reference)) => format!("http://{}", reference.address()),
            (None, None) => return Err(Failure::internal("there is no target")),
        };
        let client = client(args, connection)?;
        let mut options = options(args, &loaded, (bindings, seed), client, Arc::clone(&secrets), base_url);
        (options.waivers, options.run, options.snapshots) = (waivers, run, snapshots);
        if let Some(seconds) = args.wait_for_target {
            target::wait(&options.client, &options.base_url, Duration::from_secs_f64(seconds)).await?;
        }
        if args.target.url.is_some() && creation.is_some() {
            let folder = &args.ledger.folder;
            let ledger = run::begin_ledger(folder, &loaded.suite, &given, &options);
            options.ledger = ledger.map_err(|error| ledgers::unwritable(folder, &error))?;
        }
        let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters };
        fire(args, plan, options, reporters, current).await
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome
}

fn options(
    args: &RunArgs,
    loaded: &LoadedSuite,
    (bindings, seed): (Bindings, u64),
    client: Client,
    secrets: Arc<crate::secret::Secrets>,
    base_url: String,
) -> Options {
    Options {
        jobs: args.jobs.into(),
        strict: args.strict,
        retries: args.retries.into(),
        allow_flaky: args.allow_flaky,
        record_all: args.reports.json.is_some(),
        max_time: args.max_time.map(Duration::from_secs_f64),
        mutants: suites::mutants(&loaded.suite),
        ..Options::new(base_url, bindings, secrets, client, seed)
    }
}

fn client(args: &RunArgs, connection: ClientOptions) -> Result<Client, Failure> {
    let options = ClientOptions {
        deadline: Duration::from_secs_f64(args.deadline),
        cap: usize::try_from(args.max_body).unwrap_or(usize::MAX),
        rate: args.rate.clone(),
        ..connection
    };
    Client::new(options).map_err(|error| connection::refused(&error, &args.connection))
}

/// A variable of the environment, if it is set and is text.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Runs and hands every event to the reports, the terminal's among them.
async fn fire(
    args: &RunArgs,
    plan: Plan,
    options: Options,
    mut reporters: Reporters,
    mut current: Option<Current>,
) -> Result<Exit, Failure> {
    let stop = Stop::new();
    let signal = signals::listen(&stop).map_err(Failure::internal)?;
    let mut progress = Progress::new(args.quiet);
    let snapshots = options.snapshots.clone();
    let (ledger, target) = (options.ledger.clone(), options.base_url.clone());
    let footer = run::run(plan, options, stop, |event| {
        progress.event(event);
        if let (Some(current), Event::Case(result)) = (&mut current, event) {
            current.record(result);
        }
        reporters.tell(event)
    })
    .await;
    if let Some(ledger) = ledger.filter(|_| !args.quiet) {
        ledgers::tell(&ledger, &target)?;
    }
    match (footer, reporters.failure()) {
        (_, Some(failure)) => Err(failure),
        (Ok(footer), None) => {
            if let Some(current) = current.filter(|_| footer.interrupted.is_none()) {
                let told = current.write()?;
                let written = anstream::stderr().write_all(told.as_bytes());
                written.map_err(|error| Failure::sink("the terminal", &error))?;
            }
            match snapshots.as_deref().and_then(Store::failure) {
                Some(failure) => Err(Failure::internal(format!("the snapshot {failure}"))),
                None => Ok(signal.exit().unwrap_or_else(|| exit(&footer))),
            }
        }
        (Err(error @ RunError::NoOperation(_)), None) => {
            Err(Failure::usage(error, "run `conformant check` on the suite"))
        }
        (Err(RunError::Ledger { path, cause }), None) => Err(ledgers::unwritable(&path, &cause)),
        (Err(error), None) => Err(Failure::internal(error)),
    }
}

fn exit(footer: &Footer) -> Exit {
    footer.gate.into()
}
