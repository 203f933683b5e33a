//! Which clauses were proven: a row a clause, and how many got how far.
//!
//! Owns the reckoning that the Markdown and HTML reports show too, and a plain-text report of it. Bounded by the number
//! of clauses that the contract states.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::ledger::{ClauseCases, Ledger};
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
}

/// How many clauses got how far. Each number counts a part of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Funnel {
    /// Clauses that can be true or false of a target: must and should.
    pub(super) stated: usize,
    /// Those with at least one side that can be tested.
    pub(super) testable: usize,
    /// Those of which every side that can be tested was tried.
    pub(super) exercised: usize,
    /// Those of which every side held.
    pub(super) proven: usize,
}

impl<'a> Coverage<'a> {
    /// The clauses of the run that the ledger and the footer tell of.
    pub(super) fn new(ledger: &'a Ledger, footer: &'a Footer) -> Self {
        let results: BTreeMap<_, _> = footer.clauses.iter().map(|clause| (&clause.id, clause)).collect();
        let row = |statement: &'a ClauseStatement| Row {
            statement,
            result: results.get(&statement.id).copied(),
            cases: ledger.cases(&statement.id),
        };
        Self { rows: ledger.header.iter().flat_map(|header| &header.clauses).map(row).collect() }
    }

    /// How far the clauses that can be true or false got.
    pub(super) fn funnel(&self) -> Funnel {
        let mut funnel = Funnel { stated: 0, testable: 0, exercised: 0, proven: 0 };
        for row in self.rows.iter().filter(|row| row.statement.level != Level::Ambiguous) {
            funnel.stated += 1;
            funnel.testable += usize::from(row.testable());
            funnel.exercised += usize::from(row.testable() && row.exercised());
            funnel.proven += usize::from(row.testable() && row.exercised() && row.outcome() == ClauseOutcome::Proven);
        }
        funnel
    }

    /// How many ambiguities there are, and of how many the target's reading is known.
    pub(super) fn readings(&self) -> (usize, usize) {
        let ambiguous = || self.rows.iter().filter(|row| row.statement.level == Level::Ambiguous);
        let read = |row: &&Row<'_>| row.result.is_some_and(|result| !result.readings.is_empty());
        (ambiguous().count(), ambiguous().filter(read).count())
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
            let tried = self.cases.and_then(|cases| cases.tried.get(polarity)).copied().unwrap_or(0);
            let untestable = self.statement.untestable.get(polarity).map(String::as_str);
            Side { polarity: *polarity, shown, tried: shown + tried > 0, untestable }
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
    ledger: Ledger,
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
    }
    let funnel = coverage.funnel();
    let (ambiguous, read) = coverage.readings();
    writeln!(
        out,
        "\n{} clauses stated → {} testable → {} exercised on every side → {} proven on this target",
        funnel.stated, funnel.testable, funnel.exercised, funnel.proven
    )?;
    writeln!(out, "{ambiguous} ambiguities, {read} with a reading")
}

/// A side and how many cases showed it.
pub(super) fn side_text(side: &Side<'_>) -> String {
    match side.untestable {
        Some(_) => format!("{} untestable", side.polarity),
        None => format!("{} {}", side.polarity, side.shown),
    }
}

#[cfg(test)]
mod tests;
