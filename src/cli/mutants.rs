//! `conformant mutants`: prove that the suite notices what is wrong, and only that.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use serde::Deserialize;
use serde_json::json;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::files;
use super::inputs::{self, secrets_of};
use super::options::Options;
use super::progress::Progress;
use super::setup::not_logged_in;
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use crate::contract::ClauseId;
use crate::http::{Client, ClientOptions};
use crate::mutants::{
    Command, Depth, MakeOptions, Mutant, MutantResult, ProofError, Score, Server, Trial, baseline, prove,
};
use crate::reference;
use crate::run::{self, Filters, Plan, RunError, selects};
use crate::suite::{Bindings, Coverage, Gap};
use crate::text::printable;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// How many cases are in flight against one server; several servers are tried at once.
const CASES: usize = 16;
/// What a file of faults is.
const FAULTS_HELP: &str = "it is a YAML list of { id, clause, says }; a correct variant has no clause";
/// The largest file of faults that is read, in bytes.
const FAULTS_FILE: u64 = 1024 * 1024;

/// Proves the suite.
pub(super) fn mutants(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let loaded = suites::load_one(&options.suite)?;
    let (server, mutants) = server_and_mutants(options, &loaded)?;
    if options.list {
        return list(&mutants);
    }
    if let (true, true, Some(path)) = (mutants.is_empty(), options.filters.is_empty(), &options.faults) {
        return Err(Failure::usage(format!("{} has no faults", path.display()), FAULTS_HELP));
    }
    if mutants.is_empty() {
        return Err(Failure::usage(
            format!("no mutant matches {}", options.filters.join(" or ")),
            "a filter is part of a mutant's id or of a clause's id; `conformant mutants --list` shows them",
        ));
    }
    let make = make_options(arguments, &loaded)?;
    let gaps = Coverage::of(&loaded.suite).gaps(&loaded.contract);
    let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters: Filters::default() };
    let begun = Instant::now();
    let depth = if options.full { Depth::Full } else { Depth::UntilAttributed };
    let first = baseline(&server, &plan, &make).map_err(failure)?;
    if first.fate != MutantResult::Passed {
        let why = first.witnesses.first().cloned().or(first.reason).unwrap_or_default();
        return Err(Failure::usage(
            format!("the correct server isn't conformant, so no mutant proves anything: {why}"),
            "run the suite against it, and fix the server or the suite",
        ));
    }
    let mut trials = Vec::new();
    let mut progress = Progress::new(false, "mutants");
    let mut wrong = 0;
    progress.start(mutants.len());
    let proved = prove(&server, &mutants, (options.servers.0, depth), &plan, &make, |trial| {
        wrong += usize::from(matches!(trial.fate, MutantResult::Missed | MutantResult::FalseAlarm));
        progress.step(format!("{wrong} missed or false alarms"));
        trials.push(trial);
    });
    progress.finish();
    proved.map_err(failure)?;
    let mut score = Score::default();
    trials.iter().for_each(|trial| score.record(trial));
    if let Some(path) = &options.score {
        report_json(path, &score, &trials)?;
    }
    print(|out| write(&score, &trials, &gaps, depth, begun.elapsed(), out))?;
    Ok(if score.is_perfect() && gaps.is_empty() { Exit::Success } else { Exit::NonConformant })
}

fn failure(error: ProofError) -> Failure {
    match error {
        ProofError::Start(error) => Failure::usage(error, "try the command by hand, with a port and a fault filled in"),
        ProofError::Run(RunError::Login(error)) => not_logged_in(&error),
        ProofError::Run(error) => Failure::internal(error),
        ProofError::Runtime(error) => Failure::internal(format!("the runtime could not be started: {error}")),
    }
}

/// The server to start and what can be changed about it, filtered.
fn server_and_mutants(options: &Options, loaded: &LoadedSuite) -> Result<(Server, Vec<Mutant>), Failure> {
    let (server, mut mutants) = match (&options.command, &options.faults) {
        (Some(command), Some(faults)) => {
            let command = Command::parse(command).map_err(|why| {
                Failure::usage(
                    format!("--command can't be used: {why}"),
                    "write it like 'my-server --port {port} --fault {fault}'",
                )
            })?;
            (Server::Command(command), read_faults(faults, loaded)?)
        }
        (None, None) => (Server::Reference, reference_mutants()),
        _ => return Err(Failure::usage("--command and --faults go together", "give both or none")),
    };
    mutants.retain(|mutant| {
        let clause = mutant.clause.as_ref().map(ClauseId::as_str);
        selects(&options.filters, &[mutant.id.as_str()].into_iter().chain(clause).collect::<Vec<_>>())
    });
    Ok((server, mutants))
}

fn reference_mutants() -> Vec<Mutant> {
    let faults = reference::FAULTS.iter().map(|fault| Mutant {
        id: fault.id.clone(),
        clause: ClauseId::new(&fault.clause),
        says: fault.says.clone(),
        broad: fault.broad,
    });
    // One that limits its clients would have the proof wait for it; it has a test of its own.
    let variants = reference::VARIANTS.iter().filter(|variant| !variant.limits).map(|variant| Mutant {
        id: variant.id.to_owned(),
        clause: None,
        says: variant.says.to_owned(),
        broad: false,
    });
    faults.chain(variants).collect()
}

/// One row of a file of faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    clause: Option<String>,
    says: String,
    #[serde(default)]
    broad: bool,
}

fn read_faults(path: &Path, loaded: &LoadedSuite) -> Result<Vec<Mutant>, Failure> {
    let fail = |cause: String| {
        Failure::usage(format!("the file of faults can't be used: {}: {cause}", path.display()), FAULTS_HELP)
    };
    let text = files::read_text(path, FAULTS_FILE).map_err(fail)?;
    let rows: Vec<Row> = serde_saphyr::from_str(&text).map_err(|error| fail(error.to_string()))?;
    let mut mutants: Vec<Mutant> = Vec::new();
    for row in rows {
        let clause = row.clause.as_deref().map(|id| {
            loaded
                .contract
                .clause(id)
                .map(|clause| clause.id.clone())
                .ok_or_else(|| fail(format!("{}: the contract has no clause {id}", row.id)))
        });
        if mutants.iter().any(|mutant| mutant.id == row.id) {
            return Err(fail(format!("{} is there twice", row.id)));
        }
        mutants.push(Mutant { clause: clause.transpose()?, id: row.id, says: row.says, broad: row.broad });
    }
    Ok(mutants)
}

fn make_options(arguments: &Arguments, loaded: &LoadedSuite) -> Result<MakeOptions, Failure> {
    let options = &arguments.options;
    let suite = Arc::clone(&loaded.suite);
    let defaults = inputs::defaults(&suite, options.command.is_some())?;
    let inputs = arguments.inputs.for_suite(&suite, &[], defaults)?;
    secrets_of(&suite, &inputs)?;
    let deadline = options.server_deadline.0;
    let seed = options.seed.map_or_else(|| fastrand::u64(..), |seed| seed.0);
    Bindings::new(&suite, &inputs, seed)
        .map_err(|error| Failure::usage(error, "the suite's suite.yaml says what it takes"))?;
    Ok(Arc::new(move |base_url: String| {
        let failed = |error: String| RunError::Sink(std::io::Error::other(error));
        let client = ClientOptions { deadline, idle_connections: CASES * 16, ..ClientOptions::default() };
        let bindings = Bindings::new(&suite, &inputs, seed).map_err(|error| failed(error.to_string()))?;
        let client = Client::new(client).map_err(|error| failed(error.to_string()))?;
        // What one server gives is no secret of another's.
        let secrets = secrets_of(&suite, &inputs).map_err(|_| failed("the secrets can't be masked".to_owned()))?;
        Ok(run::Options { jobs: CASES, ..run::Options::new(base_url, bindings, Arc::new(secrets), client, seed) })
    }))
}

fn list(mutants: &[Mutant]) -> Result<Exit, Failure> {
    print(|out| {
        mutants.iter().try_for_each(|mutant| {
            let clause = mutant.clause.as_ref().map_or("(correct)", ClauseId::as_str);
            writeln!(out, "{}  {clause}  {}", printable(&mutant.id), printable(&mutant.says))
        })
    })?;
    Ok(Exit::Success)
}

fn report_json(path: &Path, score: &Score, trials: &[Trial]) -> Result<(), Failure> {
    let name = path.display().to_string();
    let report = json!({ "schema": "1.0", "score": score, "trials": trials });
    let text = serde_json::to_string_pretty(&report).map_err(Failure::internal)? + "\n";
    if path == Path::new("-") {
        return print(|out| out.write_all(text.as_bytes()));
    }
    let written = files::refuse_link_or_pipe(path).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| Failure::unwritable(&name, &error))
}

/// How each mutant fared that wasn't attributed, and the score.
fn write(
    score: &Score,
    trials: &[Trial],
    gaps: &[Gap],
    depth: Depth,
    elapsed: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    for Trial { mutant, fate, witnesses, reason, verdict, .. } in trials {
        let (word, style) = match fate {
            MutantResult::Missed => ("missed", RED),
            MutantResult::FalseAlarm => ("false alarm", RED),
            MutantResult::Caught => ("caught elsewhere", BOLD),
            MutantResult::Attributed | MutantResult::Passed => continue,
        };
        let clause = mutant.clause.as_ref().map_or("correct", ClauseId::as_str);
        let (id, says) = (printable(&mutant.id), printable(&mutant.says));
        writeln!(out, "{style}{word}{style:#} {id} ({clause}): {says}")?;
        for witness in witnesses.iter().take(3) {
            writeln!(out, "    {}", printable(witness))?;
        }
        if let Some(reason) = reason {
            writeln!(out, "    {}: {}", verdict, printable(reason))?;
        }
    }
    for gap in gaps {
        writeln!(out, "{RED}not covered{RED:#} {}: no case covers its side `{}`", gap.clause, gap.polarity)?;
    }
    let Score { mutants, caught, attributed, first_right, narrow, variants, false_alarms, .. } = score;
    let percent = |part: usize| if *mutants == 0 { 100.0 } else { 100.0 * part as f64 / *mutants as f64 };
    let first = first_right.map(|right| format!(", {right} with the right clause first ({:.1} %)", percent(right)));
    writeln!(
        out,
        "{BOLD}mutants{BOLD:#}   {caught} of {mutants} caught ({:.1} %), {attributed} attributed ({:.1} %){}",
        percent(*caught),
        percent(*attributed),
        first.unwrap_or_default(),
    )?;
    if depth == Depth::Full {
        let (mean, over_all) = (score.mean_clauses_failed(), score.mean_clauses_failed_over_all());
        writeln!(
            out,
            "{BOLD}failed{BOLD:#}    {mean:.2} clauses on average over the {narrow} caught that break one clause, \
             {over_all:.2} over all {caught}",
        )?;
    }
    writeln!(out, "{BOLD}variants{BOLD:#}  {variants} correct ones, {false_alarms} false alarms")?;
    let (word, style) = if score.is_perfect() && gaps.is_empty() { ("proven", GREEN) } else { ("not proven", RED) };
    writeln!(out, "{BOLD}suite{BOLD:#}     {style}{word}{style:#} in {:.1} s", elapsed.as_secs_f64())
}
