//! `conformant mutants`: prove that the suite notices what is wrong, and only that.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use serde::Deserialize;
use serde_json::json;

use super::args::MutantsArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{Flags, given, registered};
use super::suites::{self, LoadedSuite};
use crate::contract::ClauseId;
use crate::http::{Client, ClientOptions};
use crate::mutants::{
    Command, Depth, MakeOptions, Mutant, MutantResult, ProofError, Score, Server, Trial, baseline, prove,
};
use crate::reference;
use crate::run::{Filters, Options, Plan, RunError};
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
pub(super) fn mutants(args: &MutantsArgs) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let (server, mutants) = subjects(args, &loaded)?;
    if args.list {
        return list(&mutants);
    }
    if let (true, true, Some(path)) = (mutants.is_empty(), args.filters.is_empty(), &args.faults) {
        return Err(Failure::usage(format!("{} has no faults", path.display()), FAULTS_HELP));
    }
    if mutants.is_empty() {
        return Err(Failure::usage(
            format!("no mutant matches {}", args.filters.join(" or ")),
            "a filter is part of a mutant's id or of a clause's id; `conformant mutants --list` shows them",
        ));
    }
    let flags = Flags { variables: &args.variables, secrets: &args.secrets, ..Flags::default() };
    let make = make_options(args, &loaded, flags)?;
    let gaps = Coverage::of(&loaded.suite).gaps(&loaded.contract);
    let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters: Filters::default() };
    let begun = Instant::now();
    let depth = if args.full { Depth::Full } else { Depth::UntilAttributed };
    let first = baseline(&server, &plan, &make).map_err(failure)?;
    if first.fate != MutantResult::Passed {
        let why = first.witnesses.first().cloned().or(first.reason).unwrap_or_default();
        return Err(Failure::usage(
            format!("the server as it should be is not conformant, so no mutant proves anything: {why}"),
            "run the suite against it and mend one of the two",
        ));
    }
    let mut trials = Vec::new();
    prove(&server, &mutants, (args.jobs.into(), depth), &plan, &make, |trial| trials.push(trial)).map_err(failure)?;
    let mut score = Score::default();
    trials.iter().for_each(|trial| score.record(trial));
    if let Some(path) = &args.report_json {
        report_json(path, &score, &trials)?;
    }
    tell(&score, &trials, &gaps, depth, begun.elapsed()).map_err(|error| Failure::sink("the terminal", &error))?;
    Ok(if score.is_perfect() && gaps.is_empty() { Exit::Good } else { Exit::NonConformant })
}

fn failure(error: ProofError) -> Failure {
    match error {
        ProofError::Start(error) => Failure::usage(error, "try the command by hand, with a port and a fault put in"),
        ProofError::Run(error) => Failure::internal(error),
        ProofError::Runtime(error) => Failure::internal(format!("no runtime could be made: {error}")),
    }
}

/// The server to start and what can be changed about it, filtered.
fn subjects(args: &MutantsArgs, loaded: &LoadedSuite) -> Result<(Server, Vec<Mutant>), Failure> {
    let (server, mut mutants) = match (&args.command, &args.faults) {
        (Some(command), Some(faults)) => {
            let command = Command::parse(command).map_err(|why| {
                Failure::usage(
                    format!("--command can't be used: {why}"),
                    "write it like 'my-server --port {port} --fault {fault}'",
                )
            })?;
            (Server::Command(command), read_faults(faults, loaded)?)
        }
        (None, None) => (Server::Reference, of_reference()),
        _ => return Err(Failure::usage("--command and --faults go together", "give both or none")),
    };
    if !args.filters.is_empty() {
        mutants.retain(|mutant| {
            args.filters.iter().any(|filter| {
                mutant.id.contains(filter.as_str())
                    || mutant.clause.as_ref().is_some_and(|clause| clause.as_str().contains(filter.as_str()))
            })
        });
    }
    Ok((server, mutants))
}

fn of_reference() -> Vec<Mutant> {
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
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > FAULTS_FILE {
        return Err(fail(format!("it has {size} bytes, more than {FAULTS_FILE}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
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

fn make_options(args: &MutantsArgs, loaded: &LoadedSuite, flags: Flags<'_>) -> Result<MakeOptions, Failure> {
    let given =
        if args.command.is_some() { given(&loaded.suite, flags)? } else { suites::for_reference(loaded, flags)? };
    let secrets = Arc::new(registered(&given)?);
    let suite = Arc::clone(&loaded.suite);
    let deadline = Duration::from_secs_f64(args.deadline);
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    Bindings::new(&suite, &given, seed)
        .map_err(|error| Failure::usage(error, "the suite's suite.yaml says what it takes"))?;
    Ok(Arc::new(move |base_url: String| {
        let failed = |error: String| RunError::Sink(std::io::Error::other(error));
        let client = ClientOptions { deadline, idle_connections: CASES * 16, ..ClientOptions::default() };
        let bindings = Bindings::new(&suite, &given, seed).map_err(|error| failed(error.to_string()))?;
        let client = Client::new(client).map_err(|error| failed(error.to_string()))?;
        Ok(Options { jobs: CASES, ..Options::new(base_url, bindings, Arc::clone(&secrets), client, seed) })
    }))
}

fn list(mutants: &[Mutant]) -> Result<Exit, Failure> {
    let mut out = std::io::BufWriter::new(anstream::stdout());
    for mutant in mutants {
        let clause = mutant.clause.as_ref().map_or("(correct)", ClauseId::as_str);
        writeln!(out, "{}  {clause}  {}", printable(&mutant.id), printable(&mutant.says))
            .map_err(|error| Failure::sink("the list", &error))?;
    }
    out.flush().map_err(|error| Failure::sink("the list", &error))?;
    Ok(Exit::Good)
}

fn report_json(path: &Path, score: &Score, trials: &[Trial]) -> Result<(), Failure> {
    let name = path.display().to_string();
    let report = json!({ "schema": "1.0", "score": score, "trials": trials });
    let text = serde_json::to_string_pretty(&report).map_err(Failure::internal)? + "\n";
    if path == Path::new("-") {
        return std::io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::sink(&name, &error));
    }
    std::fs::write(path, text).map_err(|error| Failure::sink(&name, &error))
}

fn tell(score: &Score, trials: &[Trial], gaps: &[Gap], depth: Depth, elapsed: Duration) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(anstream::stdout());
    for trial in trials {
        let (word, style) = match trial.fate {
            MutantResult::Missed => ("missed", RED),
            MutantResult::FalseAlarm => ("false alarm", RED),
            MutantResult::Caught => ("caught elsewhere", BOLD),
            MutantResult::Attributed | MutantResult::Passed => continue,
        };
        let clause = trial.mutant.clause.as_ref().map_or("correct", ClauseId::as_str);
        writeln!(
            out,
            "{style}{word}{style:#} {} ({clause}): {}",
            printable(&trial.mutant.id),
            printable(&trial.mutant.says)
        )?;
        for witness in trial.witnesses.iter().take(3) {
            writeln!(out, "    {}", printable(witness))?;
        }
        if let Some(reason) = &trial.reason {
            writeln!(out, "    {}: {}", trial.verdict.words(), printable(reason))?;
        }
    }
    for gap in gaps {
        writeln!(out, "{RED}not covered{RED:#} {}: no case shows its side `{}`", gap.clause, gap.polarity)?;
    }
    let percent = |part: usize, whole: usize| if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 };
    let first = score
        .first_right
        .map(|right| format!(", {right} with the right clause first ({:.1} %)", percent(right, score.mutants)));
    writeln!(
        out,
        "{BOLD}mutants{BOLD:#}   {} of {} caught ({:.1} %), {} attributed ({:.1} %){}",
        score.caught,
        score.mutants,
        percent(score.caught, score.mutants),
        score.attributed,
        percent(score.attributed, score.mutants),
        first.unwrap_or_default(),
    )?;
    if depth == Depth::Full {
        writeln!(
            out,
            "{BOLD}failed{BOLD:#}    {:.2} clauses on average over the {} caught that break one clause, {:.2} over all {}",
            score.mean_clauses_failed(),
            score.narrow,
            score.mean_clauses_failed_over_all(),
            score.caught,
        )?;
    }
    writeln!(out, "{BOLD}variants{BOLD:#}  {} correct ones, {} false alarms", score.variants, score.false_alarms)?;
    let (word, style) = if score.is_perfect() && gaps.is_empty() { ("proven", GREEN) } else { ("not proven", RED) };
    writeln!(out, "{BOLD}suite{BOLD:#}     {style}{word}{style:#} in {:.1} s", elapsed.as_secs_f64())?;
    out.flush()
}
