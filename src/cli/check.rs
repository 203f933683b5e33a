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
use crate::check;
use crate::contract::{Clause, Level, Polarity};
use crate::run::Mutants;
use crate::snapshot::{Folder, Kept};
use crate::suite::{Coverage, Gap};
use crate::text::printable;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// How many rows are named for each side of a clause.
const NAMED: usize = 3;

/// Checks every suite that is named, or the shipped one.
pub(super) fn check(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let known = arguments.known_secrets();
    let named = options.suites.iter().map(|path| Some(path.as_path()));
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
    loaded.contract.lint(&check::names())?;
    let coverage = Coverage::of(&loaded.suite);
    let gaps = coverage.gaps(&loaded.contract);
    let folders = Folder::all(&options.snapshot_dir, &loaded.suite.name).map_err(|error| broken(&[error]))?;
    let orphans = orphans(&folders, &loaded.suite)?;
    print(|out| {
        write_coverage(&loaded, &coverage, &gaps, options.coverage, out)?;
        orphans.iter().try_for_each(|orphan| write_orphan(orphan, out))
    })?;
    Ok(gaps.is_empty() && orphans.is_empty())
}

fn write_orphan(orphan: &Kept, out: &mut dyn Write) -> io::Result<()> {
    let path = orphan.path.display().to_string();
    let next = "`conformant snapshots prune` removes it";
    writeln!(out, "{RED}orphan{RED:#} {}: a snapshot whose case isn't in the suite; {next}", printable(&path))
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
        for clause in loaded.contract.clauses() {
            write_clause(clause, coverage, &mutants, out)?;
        }
    }
    write_funnel(loaded, gaps, &mutants, out)
}

fn write_clause(clause: &Clause, coverage: &Coverage, mutants: &Mutants, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#} ({}) {}", clause.id, clause.level, printable(&clause.says))?;
    writeln!(out, "    {DIM}{}{DIM:#}", printable(&clause.source))?;
    for polarity in &clause.polarities {
        let shown = coverage.shown(&clause.id, *polarity);
        match clause.untestable.get(polarity) {
            Some(why) if shown.count == 0 => writeln!(out, "    {polarity}: not testable: {}", printable(why))?,
            _ => {
                let named: Vec<&str> = shown.rows.iter().take(NAMED).map(String::as_str).collect();
                let more = shown.count.saturating_sub(named.len() as u64);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                writeln!(out, "    {polarity}: {}{more}", printable(&named.join(", ")))?;
            }
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
