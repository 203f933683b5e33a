//! `conformant run`: fire a suite at a target and give a verdict.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::args::RunArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::given::{Flags, given, registered};
use super::progress::Progress;
use super::signals;
use super::sinks::{Delivery, Sink};
use super::suites::{self, Loaded};
use super::target;
use crate::http::{Client, ClientOptions};
use crate::reference;
use crate::report::{self, Renderer, Terminal};
use crate::run::{self, Filters, Options, Plan, RunError, Stop};
use crate::suite::{Bindings, Given};
use crate::verdict::{Event, Footer};

/// Fires the suite and tells the verdict.
pub(super) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let filters = Filters::new(args.filters.clone());
    if run::count(&loaded.suite, &filters) == 0 {
        return Err(Failure::usage(
            format!("no case of the suite {} matches {}", loaded.suite.name, args.filters.join(" or ")),
            "a filter is part of a case's id or of a clause's id; `conformant list` shows them",
        ));
    }
    let flags = Flags { variables: &args.variables, secrets: &args.secrets, secret_files: &args.secret_files };
    let given = match &args.target {
        Some(_) => given(&loaded.suite, flags)?,
        None => suites::for_reference(&loaded, flags)?,
    };
    let secrets = Arc::new(registered(&given)?);
    let sinks = open_sinks(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    let outcome = runtime.block_on(async {
        let reference = match &args.target {
            Some(_) => None,
            None => Some(reference::start(reference::Options::default()).await.map_err(Failure::internal)?),
        };
        let base_url = match (&args.target, &reference) {
            (Some(url), _) => target::base_url(url)?,
            (None, Some(reference)) => format!("http://{}", reference.address()),
            (None, None) => return Err(Failure::internal("there is no target")),
        };
        let options = options(args, &loaded, &given, Arc::clone(&secrets), base_url)?;
        let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters };
        fire(args, plan, options, sinks).await
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome
}

fn options(
    args: &RunArgs,
    loaded: &Loaded,
    given: &Given,
    secrets: Arc<crate::secret::Secrets>,
    base_url: String,
) -> Result<Options, Failure> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let bindings = Bindings::new(&loaded.suite, given, seed)
        .map_err(|error| Failure::usage(error, "`conformant list` and the suite's suite.yaml say what it takes"))?;
    let client = Client::new(ClientOptions {
        deadline: Duration::from_secs_f64(args.deadline),
        cap: usize::try_from(args.max_body).unwrap_or(usize::MAX),
        ..ClientOptions::default()
    })
    .map_err(Failure::internal)?;
    Ok(Options {
        base_url,
        bindings,
        secrets,
        client,
        jobs: args.jobs.into(),
        seed,
        strict: args.strict,
        record_all: args.report_json.is_some(),
        max_time: args.max_time.map(Duration::from_secs_f64),
    })
}

fn open_sinks(args: &RunArgs) -> Result<Vec<Sink>, Failure> {
    let asked = [
        ("json", &args.report_json),
        ("junit", &args.report_junit),
        ("html", &args.report_html),
        ("markdown", &args.report_markdown),
        ("ctrf", &args.report_ctrf),
        ("coverage", &args.report_coverage),
    ];
    let mut reports: Vec<(&str, PathBuf, Delivery)> = Vec::new();
    for (name, path) in asked {
        let delivery = if name == "json" { Delivery::AsItComes } else { Delivery::Whole };
        reports.extend(path.clone().map(|path| (name, path, delivery)));
    }
    let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    if args.report_github || on_github {
        reports.push(("github", PathBuf::from("-"), Delivery::AsItComes));
        let summary = std::env::var("GITHUB_STEP_SUMMARY").ok();
        reports.extend(summary.map(|path| ("markdown", PathBuf::from(path), Delivery::Behind)));
    }
    let known = reports.iter().filter_map(|(name, path, delivery)| Some((report::format(name)?, path, *delivery)));
    known.map(|(format, path, delivery)| Sink::open(format, path, delivery)).collect()
}

/// Runs and hands every event to the reports, the terminal's among them.
async fn fire(args: &RunArgs, plan: Plan, options: Options, mut sinks: Vec<Sink>) -> Result<Exit, Failure> {
    let stop = Stop::new();
    let signal = signals::listen(&stop);
    let mut terminal = Terminal::new(args.quiet);
    let mut out: Box<dyn io::Write> =
        if on_stdout(args) { Box::new(anstream::stderr()) } else { Box::new(anstream::stdout()) };
    let mut progress = Progress::new(args.quiet);
    let mut failure = None;
    let footer = run::run(plan, options, stop, |event| {
        progress.event(event);
        let told = sinks.iter_mut().try_for_each(|sink| sink.event(event)).and_then(|()| {
            let written = terminal.event(event, &mut out).and_then(|()| match event {
                Event::Finished(_) => out.flush(),
                Event::Started(_) | Event::Case(_) => Ok(()),
            });
            written.map_err(|error| Failure::sink("the terminal", &error))
        });
        told.map_err(|cause| {
            failure = Some(cause);
            io::Error::other("a report could not be written")
        })
    })
    .await;
    match (footer, failure) {
        (_, Some(failure)) => Err(failure),
        (Ok(footer), None) => Ok(signal.exit().unwrap_or_else(|| exit(&footer))),
        (Err(error @ RunError::NoOperation(_)), None) => {
            Err(Failure::usage(error, "run `conformant check` on the suite"))
        }
        (Err(error), None) => Err(Failure::internal(error)),
    }
}

/// Whether a report for programs goes to standard output, so that the report for people has to go elsewhere.
fn on_stdout(args: &RunArgs) -> bool {
    let reports = [
        &args.report_json,
        &args.report_junit,
        &args.report_html,
        &args.report_markdown,
        &args.report_ctrf,
        &args.report_coverage,
    ];
    reports.into_iter().flatten().any(|path| path.as_os_str() == "-")
}

fn exit(footer: &Footer) -> Exit {
    footer.verdict.into()
}
