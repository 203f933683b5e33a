//! `conformant check`: everything that is wrong with suites, without any network.

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::snapshot_store::{broken, orphans};
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use crate::contract::{Clause, Extent, Level, Polarity, Unclear};
use crate::run::Mutants;
use crate::snapshot::{Folder, Kept};
use crate::suite::{Coverage, Gap, SharedValue, Shown, Unlisted};
use crate::text::printable;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// How many rows are named for each side of a clause.
const NAMED: usize = 3;

/// Checks every suite that is named, or the shipped one.
pub(super) fn check(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let known = arguments.known_secrets();
    let folders = suites::folders(&options.suites);
    let named = folders.iter().map(|path| Some(path.as_path()));
    let shipped = options.suites.is_empty().then_some(None);
    let mut worst = Exit::Success;
    for folder in named.chain(shipped) {
        match check_one(folder, options) {
            Ok(true) => {}
            Ok(false) => worst = Exit::Usage,
            Err(failure) => worst = failure.print(&known),
        }
    }
    Ok(worst)
}

fn check_one(folder: Option<&Path>, options: &Options) -> Result<bool, Failure> {
    let loaded = suites::load(folder)?;
    loaded.contract.unstated().into_result()?;
    let coverage = Coverage::of(&loaded.suite);
    let gaps = coverage.gaps(&loaded.contract);
    let folders = Folder::all(&options.snapshot_dir, &loaded.suite.name).map_err(|error| broken(&[error]))?;
    let orphans = orphans(&folders, &loaded.suite)?;
    let shared = SharedValue::all(&loaded.suite, loaded.contract.clauses());
    print(|out| {
        write_warnings(&loaded, &coverage, out)?;
        write_coverage(&loaded, &coverage, &gaps, options.coverage, out)?;
        shared.iter().try_for_each(|shared| write_shared(shared, out))?;
        orphans.iter().try_for_each(|orphan| write_orphan(orphan, out))
    })?;
    Ok(gaps.is_empty() && orphans.is_empty() && shared.is_empty())
}

/// What is no mistake and worth knowing.
fn write_warnings(loaded: &LoadedSuite, coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let warnings = loaded.contract.warnings();
    if !warnings.is_empty() {
        writeln!(out, "{}", warnings.render_as_warnings(true))?;
    }
    let unclear = loaded.suite.operations.iter().flat_map(|operation| operation.documented.unclear());
    let unclear: Vec<String> =
        unclear.map(|Unclear { operation, status }| format!("{status} of {operation}")).collect();
    if !unclear.is_empty() {
        let schemas = named(&unclear, unclear.len() as u64);
        writeln!(
            out,
            "{YELLOW}unclear{YELLOW:#} whether a body is a success's or a refusal's: the schema of {schemas} takes nearly any object"
        )?;
    }
    coverage.undocumented().try_for_each(|(unlisted, shown)| write_undocumented(unlisted, shown, out))
}

fn write_undocumented(unlisted: &Unlisted, shown: &Shown, out: &mut dyn Write) -> io::Result<()> {
    let statuses: Vec<String> = unlisted.statuses.iter().map(u16::to_string).collect();
    let (statuses, operation, rows) =
        (statuses.join(" or "), printable(&unlisted.operation), named(&shown.rows, shown.count));
    writeln!(
        out,
        "{YELLOW}undocumented{YELLOW:#} {statuses} of {operation} is expected by {rows}: the document doesn't list it, so only what \
         the case itself says is judged"
    )
}

/// The first of so many names, and how many more there are.
fn named(names: &[String], count: u64) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = count.saturating_sub(named.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", printable(&named.join(", ")))
}

/// How much of somebody else's document can be read and is stood for.
fn write_extent(extent: Extent, out: &mut dyn Write) -> io::Result<()> {
    let Extent { operations, lost, stated, keywords, .. } = extent;
    let lost = if lost > 0 { format!(" and {lost} that can't be read") } else { String::new() };
    let plural = if operations == 1 { "" } else { "s" };
    writeln!(
        out,
        "{BOLD}document{BOLD:#}: {operations} operation{plural}{lost}; clauses stand for {stated} of {keywords} schema keywords"
    )
}

/// How many of the clauses that nobody wrote cases may show. None of them has to be.
fn write_derived(
    loaded: &LoadedSuite,
    coverage: &Coverage,
    all: usize,
    in_full: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let contract = &loaded.contract;
    let derived = contract.derived();
    let covered = derived.iter().filter(|clause| coverage.may_show(contract, clause)).count();
    let others = all - derived.len().min(all);
    let others = match others {
        0 => String::new(),
        1 => ", and 1 is of another operation".to_owned(),
        others => format!(", and {others} are of other operations"),
    };
    let list = if in_full { "" } else { "; --coverage lists them" };
    let count = derived.len();
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "{BOLD}derived{BOLD:#}: {covered} of {count} derived clauses are covered{others}{list}")
}

fn write_orphan(orphan: &Kept, out: &mut dyn Write) -> io::Result<()> {
    let path = orphan.path.display().to_string();
    let next = "`conformant snapshots prune` removes it";
    writeln!(out, "{RED}orphan{RED:#} {}: a snapshot whose case isn't in the suite; {next}", printable(&path))
}

fn write_shared(shared: &SharedValue, out: &mut dyn Write) -> io::Result<()> {
    let SharedValue { clause, value, rows } = shared;
    let (value, named) = (printable(value), named(rows, rows.len() as u64));
    let next = "draw it with `unique(n)`, or let one row send it";
    writeln!(out, "{RED}shared{RED:#} `{value}`, which {clause} calls unique, is sent by {named}: {next}")
}

fn write_coverage(
    loaded: &LoadedSuite,
    coverage: &Coverage,
    gaps: &[Gap],
    in_full: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for gap in gaps {
        let (clause, polarity) = (&gap.clause, gap.polarity);
        writeln!(out, "{RED}not covered{RED:#} {clause}: no case has `covers: {{ {clause}: {polarity} }}`")?;
    }
    let mutants = suites::mutants(&loaded.suite);
    if in_full {
        for clause in loaded.contract.clauses().iter().chain(loaded.contract.derived()) {
            write_clause(clause, loaded.contract.is_held_against_answers(clause), coverage, &mutants, out)?;
        }
    }
    if let Some(extent) = Some(loaded.contract.extent()).filter(|extent| extent.is_published) {
        write_extent(extent, out)?;
        write_derived(loaded, coverage, extent.derived, in_full, out)?;
    }
    write_funnel(loaded, gaps, &mutants, out)
}

fn write_clause(
    clause: &Clause,
    is_answered: bool,
    coverage: &Coverage,
    mutants: &Mutants,
    out: &mut dyn Write,
) -> io::Result<()> {
    let derived = if clause.derived { ", derived" } else { "" };
    writeln!(out, "{BOLD}{}{BOLD:#} ({}{derived}) {}", clause.id, clause.level, printable(&clause.says))?;
    writeln!(out, "    {DIM}{}{DIM:#}", printable(&clause.source))?;
    for polarity in &clause.polarities {
        let shown = coverage.shown(&clause.id, *polarity);
        match clause.untestable.get(polarity) {
            None if shown.count == 0 && clause.derived => {
                let by_answers = *polarity == Polarity::Hold && is_answered;
                let by = if by_answers { "answers that have it" } else { "no case, and none is needed" };
                writeln!(out, "    {polarity}: {by}")?;
            }
            Some(why) if shown.count == 0 => writeln!(out, "    {polarity}: not testable: {}", printable(why))?,
            _ => writeln!(out, "    {polarity}: {}", named(&shown.rows, shown.count))?,
        }
    }
    if let Some(mutants) = mutants.get(clause.id.as_str()) {
        writeln!(out, "    mutants: {}", mutants.join(", "))?;
    }
    Ok(())
}

/// From what is stated to what a mutant proves.
fn write_funnel(loaded: &LoadedSuite, gaps: &[Gap], mutants: &Mutants, out: &mut dyn Write) -> io::Result<()> {
    let clauses = loaded.contract.clauses();
    let scored: Vec<&Clause> = clauses.iter().filter(|clause| clause.level != Level::Ambiguous).collect();
    let testable: Vec<&&Clause> = scored
        .iter()
        .filter(|clause| clause.polarities.iter().any(|polarity: &Polarity| !clause.untestable.contains_key(polarity)))
        .collect();
    let exercised: Vec<&&&Clause> =
        testable.iter().filter(|clause| gaps.iter().all(|gap| gap.clause != clause.id)).collect();
    let proven = exercised.iter().filter(|clause| mutants.contains_key(clause.id.as_str())).count();
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {} cases in {} rows; {} clauses stated (and {} ambiguous), {} testable, {} exercised on every \
         side, {proven} with a mutant of the reference",
        loaded.suite.name,
        loaded.suite.cases.len(),
        loaded.suite.rows(),
        scored.len(),
        clauses.len() - scored.len(),
        testable.len(),
        exercised.len(),
    )
}
