//! The shipped suite as tests: a trial for each case row, against the embedded reference implementation or against
//! `CONFORMANT_TARGET` (with `CONFORMANT_SECRET_token`, `CONFORMANT_VARIABLE_project_id`, `CONFORMANT_LEDGER` and the like).
//!
//! `cargo test` runs all rows in one run of the engine and each trial looks its own result up; `cargo nextest`, which
//! starts a process for each trial, runs that row alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "a test may")]

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use conformant::harness::{Harness, HarnessError, Results, Target};
use conformant::suite::Inputs;
use conformant::verdict::{CaseResult, Outcome};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let ledger = std::env::var_os("CONFORMANT_LEDGER").unwrap_or_else(|| ".conformant/ledger".into());
    let harness = match Harness::shipped(target()) {
        Ok(harness) => Arc::new(harness.with_ledger(ledger.into())),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let single = arguments.exact.then(|| arguments.filter.clone()).flatten();
    let results: Arc<OnceLock<Result<Results, HarnessError>>> = Arc::default();
    let trials = harness.ids().into_iter().map(|id| {
        let (harness, results, single) = (Arc::clone(&harness), Arc::clone(&results), single.clone());
        Trial::test(id.clone(), move || {
            let results = results.get_or_init(|| harness.run(single.as_deref()));
            let results = results.as_ref().map_err(|error| Failed::from(error.to_string()))?;
            results.cases.get(&id).ok_or_else(|| Failed::from("the run gave no result for this row")).and_then(judge)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn target() -> Target {
    let Some(url) = std::env::var("CONFORMANT_TARGET").ok().filter(|url| !url.is_empty()) else {
        return Target::Reference;
    };
    let named = |prefix: &str| -> Vec<(String, String)> {
        std::env::vars().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_lowercase(), value))).collect()
    };
    let secrets = named("CONFORMANT_SECRET_").into_iter().map(|(name, value)| (name, value.into())).collect();
    Target::Url(url, Inputs { variables: named("CONFORMANT_VARIABLE_"), secrets })
}

/// A row fails its trial where it violates, or where nothing could be found out; what was not provided is no failure.
fn judge(result: &CaseResult) -> Result<(), Failed> {
    match result.outcome {
        Outcome::Conforms | Outcome::Observed | Outcome::Deviates | Outcome::Skipped => Ok(()),
        Outcome::Error | Outcome::Violates | Outcome::Inconclusive => {
            let mut text = format!("{} ({}:{})\n", result.outcome, result.file, result.line);
            text.extend(result.reason.iter().map(|reason| format!("{reason}\n")));
            text.extend(result.findings.iter().map(|finding| {
                let expected = finding.expected.join(" or ");
                format!("{} at {}: expected {expected}, observed {}\n", finding.clause, finding.place, finding.observed)
            }));
            Err(text.into())
        }
    }
}
