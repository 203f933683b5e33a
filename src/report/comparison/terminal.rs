//! Two runs side by side for a person at a terminal: what differs, and at the end what matters most.

use std::io;

use anstyle::Style;
use strum::VariantArray as _;

use super::super::escape::{fitted, line};
use super::super::terminal::{BOLD, CYAN, DIM, GREEN, Out, RED, YELLOW};
use super::{case_counts, case_lists, clause_counts, conditions, of_all, outcomes, plural, readings, snapshot_counts};
use crate::comparison::{CaseList, ClauseChange, ClauseGroup, Side, SuiteComparison};
use crate::verdict::{ClauseOutcome, Gate, Verdict};

/// How many clauses of a group, and cases of a list, are named.
const NAMED: usize = 20;
/// How many columns of a line are for what a clause says, however narrow the terminal.
const SAYS: usize = 20;

/// Writes the comparison for a terminal that is so many columns wide. Writes styled text; whoever owns the output strips the
/// styles where they aren't wanted.
///
/// # Errors
/// What the output says.
pub fn comparison_terminal(suites: &[SuiteComparison], width: usize, out: Out<'_>) -> io::Result<()> {
    let is_of_several = suites.len() > 1;
    for suite in suites {
        if is_of_several {
            writeln!(out, "{BOLD}suite     {}{BOLD:#}", line(&suite.new.suite))?;
        }
        one(suite, width, out)?;
        if is_of_several {
            writeln!(out)?;
        }
    }
    if !is_of_several {
        return Ok(());
    }
    let worse: Vec<String> =
        suites.iter().filter(|suite| suite.is_worse()).map(|suite| line(&suite.new.suite)).collect();
    let [(old, old_gate), (new, new_gate)] = of_all(suites);
    writeln!(out, "{BOLD}all{BOLD:#}       {}", plural(suites.len(), "suite"))?;
    ends((old, new), (old_gate, new_gate), None, out)?;
    result(&worse, out)
}

fn one(suite: &SuiteComparison, width: usize, out: Out<'_>) -> io::Result<()> {
    side("old", &suite.old, width, out)?;
    side("new", &suite.new, width, out)?;
    for condition in conditions(suite) {
        writeln!(out, "{YELLOW}differs{YELLOW:#}   {condition}")?;
    }
    writeln!(out)?;
    for group in ClauseGroup::VARIANTS {
        let clauses: Vec<&ClauseChange> = suite.clauses.iter().filter(|change| change.group == *group).collect();
        clause_group(*group, &clauses, width, out)?;
    }
    for (title, list, is_worse) in case_lists(suite) {
        cases((title, if is_worse { RED } else { BOLD }), list, width, out)?;
    }
    if !suite.readings.is_empty() {
        writeln!(out, "{BOLD}readings{BOLD:#} of what the documentation leaves open")?;
        for change in suite.readings.iter().take(NAMED) {
            writeln!(out, "    {BOLD}{}{BOLD:#}", change.id)?;
            for (word, side) in [("old", &change.old), ("new", &change.new)] {
                writeln!(out, "        {word}  {}", fitted(&readings(side), width.saturating_sub(13)))?;
            }
        }
        more(suite.readings.len(), out)?;
        writeln!(out)?;
    }
    writeln!(out, "{BOLD}cases{BOLD:#}     {}", case_counts(suite))?;
    writeln!(out, "{BOLD}clauses{BOLD:#}   {}", clause_counts(suite))?;
    if let Some(counts) = snapshot_counts(suite) {
        writeln!(out, "{BOLD}snapshots{BOLD:#} {counts}")?;
    }
    let (old, new) = (&suite.old, &suite.new);
    let why = new.reason.as_deref().map(|why| fitted(why, width * 2));
    ends((old.verdict, new.verdict), (old.gate, new.gate), why, out)?;
    result(&super::worse(suite), out)
}

/// One of the runs in a line.
fn side(word: &str, side: &Side, width: usize, out: Out<'_>) -> io::Result<()> {
    let seed = fitted(&side.seed, 20);
    let text = format!("{}, {:.0}, seed {seed}", side.target, side.started);
    writeln!(out, "{BOLD}{word}{BOLD:#}       {}", fitted(&text, width.saturating_sub(10)))
}

fn clause_group(group: ClauseGroup, clauses: &[&ClauseChange], width: usize, out: Out<'_>) -> io::Result<()> {
    if clauses.is_empty() {
        return Ok(());
    }
    let style = match group {
        ClauseGroup::NewlyBroken | ClauseGroup::NoLongerProven => RED,
        ClauseGroup::StillBroken | ClauseGroup::NotTested => YELLOW,
        ClauseGroup::Fixed | ClauseGroup::NewlyProven => GREEN,
        ClauseGroup::Gone => BOLD,
    };
    writeln!(out, "{style}{group}{style:#}: {}", plural(clauses.len(), "clause"))?;
    let shown = clauses.get(..NAMED.min(clauses.len())).unwrap_or(clauses);
    let word = |outcome: Option<ClauseOutcome>| outcome.map_or_else(|| "absent".to_owned(), |it| it.to_string());
    let change = |clause: &ClauseChange| format!("{} → {}", word(clause.old), word(clause.new));
    let names = shown.iter().map(|clause| clause.id.as_str().len()).max().unwrap_or(0);
    let changes = shown.iter().map(|clause| change(clause).chars().count()).max().unwrap_or(0);
    let room = width.saturating_sub(names + changes + 8);
    for clause in shown {
        let (id, changed) = (clause.id.as_str(), change(clause));
        if room >= SAYS {
            let says = fitted(&clause.says, room);
            writeln!(out, "    {BOLD}{id:<names$}{BOLD:#}  {changed:<changes$}  {DIM}{says}{DIM:#}")?;
        } else {
            writeln!(out, "    {BOLD}{id:<names$}{BOLD:#}  {changed}")?;
            writeln!(out, "        {DIM}{}{DIM:#}", fitted(&clause.says, width.saturating_sub(8).max(SAYS)))?;
        }
    }
    more(clauses.len(), out)?;
    writeln!(out)
}

fn cases((title, style): (&str, Style), list: &CaseList, width: usize, out: Out<'_>) -> io::Result<()> {
    if list.count == 0 {
        return Ok(());
    }
    writeln!(out, "{style}{title}{style:#}: {}", list.count)?;
    let shown = list.first.get(..NAMED.min(list.first.len())).unwrap_or(&list.first);
    let id = |id: &str| fitted(id, width.saturating_sub(30).max(30));
    let names = shown.iter().map(|change| id(&change.id).chars().count()).max().unwrap_or(0);
    for change in shown {
        writeln!(out, "    {CYAN}{:<names$}{CYAN:#}  {}", id(&change.id), outcomes(change))?;
    }
    more(list.count, out)?;
    writeln!(out)
}

/// How many there are besides those that are named.
fn more(count: usize, out: Out<'_>) -> io::Result<()> {
    let more = count.saturating_sub(NAMED);
    if more > 0 { writeln!(out, "    … {more} more") } else { Ok(()) }
}

fn ends(
    (old, new): (Verdict, Verdict),
    (old_gate, new_gate): (Gate, Gate),
    why: Option<String>,
    out: Out<'_>,
) -> io::Result<()> {
    let style = |verdict: Verdict| match verdict {
        Verdict::Conformant => GREEN,
        Verdict::ConformantWithDeviations | Verdict::Undetermined => YELLOW,
        Verdict::NonConformant => RED,
    };
    let (one, two, why) = (style(old), style(new), why.map(|why| format!(": {why}")).unwrap_or_default());
    writeln!(out, "{BOLD}verdict{BOLD:#}   {one}{old}{one:#} → {two}{new}{two:#}{why}")?;
    let style = |gate: Gate| if gate == Gate::Passed { GREEN } else { RED };
    let (one, two) = (style(old_gate), style(new_gate));
    writeln!(out, "{BOLD}gate{BOLD:#}      {one}{old_gate}{one:#} → {two}{new_gate}{two:#}")
}

/// The end: what got worse, one a line.
fn result(worse: &[String], out: Out<'_>) -> io::Result<()> {
    if worse.is_empty() {
        return writeln!(out, "{BOLD}result{BOLD:#}    {GREEN}nothing got worse{GREEN:#}");
    }
    writeln!(out, "{BOLD}result{BOLD:#}    {RED}worse{RED:#}")?;
    worse.iter().take(NAMED).try_for_each(|worse| writeln!(out, "    {worse}"))?;
    more(worse.len(), out)
}
