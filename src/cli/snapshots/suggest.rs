//! What of a target's answers varies, and so is to be redacted: learnt from the same requests sent several times.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use super::terminal;
use crate::cli::args::SnapshotsArgs;
use crate::cli::connection;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::ledgers;
use crate::cli::settings::Profile;
use crate::cli::suites::LoadedSuite;
use crate::cli::target;
use crate::cli::target_setup::TargetSetup;
use crate::http::{Client, ClientOptions, Exchange};
use crate::reference;
use crate::run::{self, Filters, Options, Plan, Sample};
use crate::secret::Secrets;
use crate::snapshot::{RedactionProposal, propose};
use crate::suite::{Bindings, Inputs, SnapshotPlan};
use crate::text::{printable, shorten};

/// How often each request is sent.
const TIMES: usize = 5;
/// How many characters of a value are shown.
const VALUE: usize = 60;

/// Sends, compares and proposes.
pub(super) fn suggest(args: &SnapshotsArgs, profile: Option<&Profile>, loaded: LoadedSuite) -> Result<Exit, Failure> {
    if !args.filters.is_empty() {
        return Err(Failure::usage("suggest takes no filter", "it sends the suite's valid request, and no case"));
    }
    let TargetSetup { given, secrets, connection } =
        TargetSetup::new(&args.target, &args.connection, profile, &loaded)?;
    let seed = fastrand::u64(..);
    let bindings = Bindings::new(&loaded.suite, &given, seed)
        .map_err(|error| Failure::usage(error, "the suite's suite.yaml says what it takes"))?;
    let creation = run::creation(&loaded.suite, &Filters::default(), &bindings, seed);
    if let Some(what) = creation.as_ref().filter(|_| args.read_only.refuses()) {
        return Err(ledgers::refused(&loaded.suite, what));
    }
    let plan = loaded.suite.snapshots.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    let secrets = Arc::new(secrets);
    let samples = runtime.block_on(sample(args, loaded, (&given, bindings, seed), connection, Arc::clone(&secrets)))?;
    let mut out = anstream::stdout();
    tell(&samples, &plan, &secrets, &mut out).map_err(terminal)?;
    Ok(if samples.exchanges.is_empty() { Exit::Undetermined } else { Exit::Good })
}

async fn sample(
    args: &SnapshotsArgs,
    loaded: LoadedSuite,
    (given, bindings, seed): (&Inputs, Bindings, u64),
    connection: ClientOptions,
    secrets: Arc<Secrets>,
) -> Result<Sample, Failure> {
    let reference = match &args.target.url {
        Some(_) => None,
        None => Some(reference::start(reference::Options::default()).await.map_err(Failure::internal)?),
    };
    let base_url = match (&args.target.url, &reference) {
        (Some(url), _) => target::base_url(url)?,
        (None, Some(reference)) => format!("http://{}", reference.address()),
        (None, None) => return Err(Failure::internal("there is no target")),
    };
    let deadline = Duration::from_secs_f64(args.deadline);
    let client = Client::new(ClientOptions { deadline, ..connection })
        .map_err(|error| connection::refused(&error, &args.connection))?;
    let mut options = Options::new(base_url, bindings, secrets, client, seed);
    if args.target.url.is_some() {
        let folder = &args.ledger.folder;
        let ledger = run::begin_ledger(folder, &loaded.suite, given, &options);
        options.ledger = ledger.map_err(|error| ledgers::unwritable(folder, &error))?;
    }
    let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters: Filters::default() };
    run::sample(plan, options, TIMES).await.map_err(Failure::internal)
}

fn tell(sample: &Sample, plan: &SnapshotPlan, secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    for left in &sample.left_behind {
        let (resource, why) = (secrets.mask(&left.resource).into_owned(), secrets.mask(&left.why).into_owned());
        writeln!(out, "# left behind: {}: {}", printable(&resource), printable(&why))?;
    }
    let mut proposals: Vec<RedactionProposal> = Vec::new();
    for exchanges in &sample.exchanges {
        let exchanges: Vec<&Exchange> = exchanges.iter().map(Arc::as_ref).collect();
        for proposal in propose(&exchanges, plan) {
            if !proposals.iter().any(|known| known.at == proposal.at) {
                proposals.push(proposal);
            }
        }
    }
    if sample.exchanges.is_empty() {
        return writeln!(out, "# the target gave no usable answer, so nothing can be compared");
    }
    if proposals.is_empty() {
        return writeln!(out, "# nothing varies between {TIMES} answers that isn't redacted already");
    }
    writeln!(out, "# what varies between {TIMES} answers and isn't redacted yet: for suite.yaml")?;
    writeln!(out, "snapshots:\n  redact:")?;
    for RedactionProposal { at, seen, is_time } in proposals {
        let time = if is_time { ", as: time, numbered: false" } else { "" };
        let value = |text: &String| printable(&shorten(&secrets.mask(text), VALUE)).into_owned();
        let [one, other] = seen.each_ref().map(value);
        // A JSON string is a YAML string, whatever is in it.
        writeln!(out, "    - {{ at: {}{time} }}  # {one}, {other}", serde_json::Value::from(at.as_str()))?;
    }
    Ok(())
}
