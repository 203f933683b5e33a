//! What of a target's answers varies, and so is to be redacted: learnt from the same requests sent several times.

use std::io::{self, Write};
use std::sync::Arc;

use crate::cli::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::setup::{RunSetup, Target, not_logged_in, seed};
use crate::cli::suites;
use crate::cli::terminal::print;
use crate::http::Exchange;
use crate::run::{self, Filters, RunError, Sample};
use crate::secret::Secrets;
use crate::snapshot::{RedactionProposal, propose};
use crate::suite::SnapshotPlan;
use crate::text::printable;

/// How often each request is sent.
const TIMES: usize = 5;
/// How many characters of a value are shown.
const VALUE: usize = 60;

/// Sends, compares and suggests.
pub(in crate::cli) fn suggest(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = suites::load_one(&arguments.options.suite)?;
    let setup = RunSetup::new(arguments, (loaded, &[]), Filters::default(), seed(&arguments.options))?;
    let plan = setup.target.loaded.suite.snapshots.clone();
    let secrets = Arc::clone(&setup.target.secrets);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    let sample = runtime.block_on(async {
        let session = setup.begin(&arguments.options, Target::ALONE).await?;
        run::sample(session.plan, session.options, TIMES).await.map_err(|error| match error {
            RunError::Login(error) => not_logged_in(&error),
            error => Failure::internal(error),
        })
    })?;
    print(|out| write(&sample, &plan, &secrets, out))?;
    Ok(if sample.exchanges.is_empty() { Exit::Undetermined } else { Exit::Success })
}

fn write(sample: &Sample, plan: &SnapshotPlan, secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
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
        let value = |text: &String| printable(&secrets.mask(text).short(VALUE)).into_owned();
        let [one, other] = seen.each_ref().map(value);
        // A JSON string is a YAML string, whatever is in it.
        writeln!(out, "    - {{ at: {}{time} }}  # {one}, {other}", serde_json::Value::from(at.as_str()))?;
    }
    Ok(())
}
