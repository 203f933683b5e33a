//! `conformant explain`: all that a suite knows of one clause.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use crate::contract::{Clause, Polarity};
use crate::run::{Filters, test_cases};
use crate::source::did_you_mean;
use crate::text::printable;

const BOLD: Style = Style::new().bold();
/// How many cases are named for one side of the clause.
const CASES: usize = 20;

/// Prints what the clause says, where, and what tests it.
pub(super) fn explain(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let id = options.clause.as_deref().unwrap_or_default();
    let all = suites::load_all(&options.suite)?;
    let mut explained = 0;
    for loaded in &all {
        if let Some(clause) = loaded.contract.clause(id).cloned().or_else(|| loaded.contract.derived_clause(id)) {
            if all.len() > 1 {
                let blank = if explained > 0 { "\n" } else { "" };
                print(|out| writeln!(out, "{blank}{BOLD}suite {}{BOLD:#}", printable(&loaded.suite.name)))?;
            }
            explain_in(loaded, id, &clause)?;
            explained += 1;
        }
    }
    if explained == 0 { Err(unknown(&all, id)) } else { Ok(Exit::Success) }
}

/// What one suite knows of the clause.
fn explain_in(loaded: &LoadedSuite, id: &str, clause: &Clause) -> Result<(), Failure> {
    let mutants = suites::mutants(&loaded.suite);
    let mutants = mutants.get(id).map(Vec::as_slice).unwrap_or_default();
    let is_answered = clause.derived && loaded.contract.is_held_against_answers(clause);
    print(|out| write(clause, is_answered, &cases(loaded, id), mutants, out))
}

fn unknown(all: &[LoadedSuite], id: &str) -> Failure {
    let near = did_you_mean(id, all.iter().flat_map(|loaded| loaded.contract.ids()))
        .map(|near| format!("did you mean {near}? "))
        .unwrap_or_default();
    let next = format!("{near}`conformant check --coverage` lists the clauses");
    let names: Vec<&str> = all.iter().map(|loaded| loaded.suite.name.as_str()).collect();
    let plural = if all.len() == 1 { "" } else { "s" };
    Failure::usage(format!("the contract of the suite{plural} {} has no clause {id}", names.join(", ")), next)
}

/// The cases about the clause, by the side of it that each shows.
fn cases(loaded: &LoadedSuite, id: &str) -> BTreeMap<Polarity, Vec<String>> {
    let mut sides: BTreeMap<Polarity, Vec<String>> = BTreeMap::new();
    for test_case in test_cases(&loaded.suite, &Filters::about(id)) {
        let steps = 0..test_case.case.steps.len();
        let mut covers = steps.flat_map(|step| test_case.case.covers_of(&test_case.row, step));
        if let Some(cover) = covers.find(|cover| cover.clause == id) {
            sides.entry(cover.polarity).or_default().push(test_case.id.clone());
        }
    }
    sides
}

fn write(
    clause: &Clause,
    is_answered: bool,
    cases: &BTreeMap<Polarity, Vec<String>>,
    mutants: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let derived = if clause.derived { ", derived" } else { "" };
    writeln!(out, "{BOLD}{}{BOLD:#} ({}{derived}): {}", clause.id, clause.level, printable(&clause.says))?;
    writeln!(out, "  docs    {}", printable(&clause.source))?;
    for pointer in &clause.schema {
        writeln!(out, "  schema  {}", printable(pointer))?;
    }
    for polarity in &clause.polarities {
        let of_side = cases.get(polarity).map(Vec::as_slice).unwrap_or_default();
        match clause.untestable.get(polarity) {
            Some(why) => writeln!(out, "{polarity}: can't be tested: {}", printable(why))?,
            None if is_answered && *polarity == Polarity::Hold => {
                writeln!(out, "{polarity}: answers that have it, and {} cases", of_side.len())?;
            }
            None => writeln!(out, "{polarity}: {} cases", of_side.len())?,
        }
        of_side.iter().take(CASES).try_for_each(|id| writeln!(out, "    {}", printable(id)))?;
        if of_side.len() > CASES {
            writeln!(out, "    … {} more", of_side.len() - CASES)?;
        }
    }
    if !mutants.is_empty() {
        writeln!(out, "mutants that break it:")?;
        mutants.iter().try_for_each(|id| writeln!(out, "    {}", printable(id)))?;
    }
    Ok(())
}
