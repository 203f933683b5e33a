//! Which clauses were proven: a row a clause, and how many got how far.
//!
//! Owns the reckoning that the Markdown and HTML reports show too, and a plain-text report of it. Bounded by the number
//! of clauses that the contract states.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use super::summary::{ClauseCases, Summary};
use super::{Format, Renderer, waivers, without_commands};
use crate::contract::{Level, Polarity};
use crate::text::shorten;
use crate::verdict::{ClauseOutcome, ClauseResult, ClauseStatement, Event, Footer};

pub(super) const FORMAT: Format = Format {
    name: "coverage",
    says: "every clause of the documentation with what was found out about it, as plain text",
    wants_exchanges: false,
    renderer: || Box::new(CoverageText::default()),
};

/// How many cases and mutants are named for a clause.
const NAMED: usize = 5;

/// The clauses of a run.
pub(super) struct Coverage<'a> {
    /// In the contract's order.
    pub(super) rows: Vec<Row<'a>>,
}

/// One clause.
pub(super) struct Row<'a> {
    /// What the contract states.
    pub(super) statement: &'a ClauseStatement,
    /// What the run found out.
    pub(super) result: Option<&'a ClauseResult>,
    /// Its cases.
    pub(super) cases: Option<&'a ClauseCases>,
}

/// One side of a clause.
pub(super) struct Side<'a> {
    /// Accept, refuse, hold or observe.
    pub(super) polarity: Polarity,
    /// How many cases showed it.
    pub(super) shown: usize,
    /// Whether a case that shows it, or that was to show it and found the clause broken, came to a conclusion.
    pub(super) tried: bool,
    /// Why it can't be tested.
    pub(super) untestable: Option<&'a str>,
    /// Why it was not tested on this target.
    pub(super) untested: Option<&'a str>,
}

/// How many clauses got how far. Each number but the last counts a part of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Funnel {
    /// Clauses that can be true or false of a target: must and should.
    pub(super) stated: usize,
    /// Those with at least one side that can be tested.
    pub(super) testable: usize,
    /// Those of which every side that can be tested was tried.
    pub(super) exercised: usize,
    /// Those that a known mutant breaks, by which it can be proven that the cases notice; none where no mutants are known.
    pub(super) mutated: Option<usize>,
    /// Those of which every side held on this target.
    pub(super) proven: usize,
}

impl Funnel {
    /// Its stages in words, widest first.
    pub(super) fn stages(&self) -> Vec<(&'static str, usize)> {
        let mut stages =
            vec![("stated", self.stated), ("testable", self.testable), ("exercised on every side", self.exercised)];
        stages.extend(self.mutated.map(|mutated| ("with a mutant", mutated)));
        stages.push(("proven on this target", self.proven));
        stages
    }
}

/// In one line: `80 stated → 79 testable → …`.
impl fmt::Display for Funnel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages: Vec<String> = self.stages().iter().map(|(word, count)| format!("{count} {word}")).collect();
        formatter.write_str(&stages.join(" → "))
    }
}

impl<'a> Coverage<'a> {
    /// The clauses of the run that the ledger and the footer tell of, with their cases.
    pub(super) fn new(ledger: &'a Summary, footer: &'a Footer) -> Self {
        let mut coverage = Self::of(ledger.header.iter().flat_map(|header| &header.clauses), footer);
        coverage.rows.iter_mut().for_each(|row| row.cases = ledger.cases(&row.statement.id));
        coverage
    }

    /// The clauses of the run that the footer tells of, without their cases.
    pub(super) fn of(statements: impl IntoIterator<Item = &'a ClauseStatement>, footer: &'a Footer) -> Self {
        let results: BTreeMap<_, _> = footer.clauses.iter().map(|clause| (&clause.id, clause)).collect();
        let row = |statement: &'a ClauseStatement| {
            let result = results.get(&statement.id).copied();
            Row { statement, result, cases: None }
        };
        Self { rows: statements.into_iter().map(row).collect() }
    }

    /// How far the clauses that can be true or false got.
    pub(super) fn funnel(&self) -> Funnel {
        let mut funnel = Funnel { stated: 0, testable: 0, exercised: 0, mutated: None, proven: 0 };
        let mut mutated = 0;
        for row in self.rows.iter().filter(|row| row.statement.level != Level::Ambiguous) {
            funnel.stated += 1;
            funnel.testable += usize::from(row.testable());
            let exercised = row.testable() && row.exercised();
            funnel.exercised += usize::from(exercised);
            mutated += usize::from(exercised && !row.statement.mutants.is_empty());
            funnel.proven += usize::from(exercised && row.outcome() == ClauseOutcome::Proven);
        }
        funnel.mutated = self.rows.iter().any(|row| !row.statement.mutants.is_empty()).then_some(mutated);
        funnel
    }

    /// How many ambiguities there are, and of how many the target's reading is known.
    pub(super) fn readings(&self) -> (usize, usize) {
        let ambiguous = || self.rows.iter().filter(|row| row.statement.level == Level::Ambiguous);
        let read = |row: &&Row<'_>| row.result.is_some_and(|result| !result.readings.is_empty());
        (ambiguous().count(), ambiguous().filter(read).count())
    }

    /// How many of the clauses that can be true or false have this outcome.
    pub(super) fn scored(&self, outcome: ClauseOutcome) -> usize {
        self.with(outcome).filter(|row| row.statement.level != Level::Ambiguous).count()
    }

    /// The rows with this outcome.
    pub(super) fn with(&self, outcome: ClauseOutcome) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(move |row| row.outcome() == outcome)
    }
}

impl<'a> Row<'a> {
    /// What became of the clause.
    pub(super) fn outcome(&self) -> ClauseOutcome {
        self.result.map_or(ClauseOutcome::Untested, |result| result.outcome)
    }

    /// The sides that it has to be proven from.
    pub(super) fn sides(&self) -> Vec<Side<'a>> {
        let side = |polarity: &Polarity| {
            let shown = self.result.and_then(|result| result.shown.get(polarity)).copied().unwrap_or(0);
            let tried = self.result.and_then(|result| result.tried.get(polarity)).copied().unwrap_or(0);
            let untestable = self.statement.untestable.get(polarity).map(String::as_str);
            let untested = self.result.and_then(|result| result.untested.get(polarity)).map(String::as_str);
            Side { polarity: *polarity, shown, tried: tried > 0, untestable, untested }
        };
        self.statement.polarities.iter().map(side).collect()
    }

    fn testable(&self) -> bool {
        self.sides().iter().any(|side| side.untestable.is_none())
    }

    fn exercised(&self) -> bool {
        self.sides().iter().all(|side| side.untestable.is_some() || side.tried)
    }
}

/// The word for a clause's outcome, and a sign that tells it without colour.
pub(super) fn word(outcome: ClauseOutcome) -> (&'static str, char) {
    match outcome {
        ClauseOutcome::Violated => ("violated", '✗'),
        ClauseOutcome::Deviated => ("deviated", '≠'),
        ClauseOutcome::Undetermined => ("undetermined", '?'),
        ClauseOutcome::Untested => ("untested", '○'),
        ClauseOutcome::Observed => ("observed", '◇'),
        ClauseOutcome::Proven => ("proven", '✓'),
    }
}

/// Every outcome of a clause, worst first.
pub(super) const OUTCOMES: [ClauseOutcome; 6] = [
    ClauseOutcome::Violated,
    ClauseOutcome::Deviated,
    ClauseOutcome::Undetermined,
    ClauseOutcome::Untested,
    ClauseOutcome::Observed,
    ClauseOutcome::Proven,
];

/// Renders the clauses as plain text.
#[derive(Debug, Default)]
pub struct CoverageText {
    ledger: Summary,
}

impl Renderer for CoverageText {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.ledger.start(header),
            Event::Case(result) => self.ledger.record(result),
            Event::Finished(footer) => {
                text(&Coverage::new(&self.ledger, footer), out)?;
                for line in waivers::lines(footer) {
                    writeln!(out, "{}: {}", line.word, line.says)?;
                }
            }
        }
        Ok(())
    }
}

fn text(coverage: &Coverage<'_>, out: &mut dyn Write) -> io::Result<()> {
    let width = coverage.rows.iter().map(|row| row.statement.id.as_str().len()).max().unwrap_or(0);
    for row in &coverage.rows {
        let (outcome, sign) = word(row.outcome());
        let sides: Vec<String> = row.sides().iter().map(side_text).collect();
        let (level, id) = (row.statement.level, &row.statement.id);
        let waived = row.result.map_or(0, |result| result.waived);
        let waived = if waived > 0 { format!("; waived in {waived}") } else { String::new() };
        writeln!(out, "{sign} {outcome:<12}  {level:<9}  {id:<width$}  {}{waived}", sides.join(", "))?;
        let says = without_commands(&shorten(&row.statement.says, 300));
        writeln!(out, "    {says} [{}]", without_commands(&shorten(&row.statement.source, 200)))?;
        for (polarity, cases) in row.cases.iter().flat_map(|cases| cases.by_polarity()) {
            let tried = row.result.and_then(|result| result.tried.get(&polarity)).copied().unwrap_or(0);
            writeln!(out, "    {polarity}: {}", without_commands(&named(&cases, tried.max(cases.len()))))?;
        }
        if !row.statement.mutants.is_empty() {
            let mutants: Vec<&str> = row.statement.mutants.iter().map(String::as_str).collect();
            writeln!(out, "    mutants: {}", without_commands(&named(&mutants, mutants.len())))?;
        }
    }
    let (ambiguous, read) = coverage.readings();
    writeln!(out, "\nclauses: {}", coverage.funnel())?;
    writeln!(out, "{ambiguous} ambiguities, {read} with a reading")
}

/// The first names, and how many more of all there are.
pub(super) fn named(names: &[&str], all: usize) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match all.saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A side and how many cases showed it.
pub(super) fn side_text(side: &Side<'_>) -> String {
    match (side.untestable, side.untested) {
        (Some(_), _) => format!("{} untestable", side.polarity),
        (None, Some(why)) => format!("{} not tested: {}", side.polarity, without_commands(&shorten(why, 200))),
        (None, None) => format!("{} {}", side.polarity, side.shown),
    }
}

#[cfg(test)]
mod tests;
