//! Which clauses were proven: a row a clause, and how many got how far. Bounded by the number of clauses that the contract
//! states.

use std::fmt;

use serde::Serialize;

use super::cases::ClauseCases;
use super::escape::short;
use crate::contract::{Level, Polarity};
use crate::verdict::{ClauseOutcome, ClauseResult, ClauseStatement};

/// How much of a reason is shown, in characters.
pub(super) const REASON: usize = 200;
/// How many cases and mutants are named for a clause.
const NAMED: usize = 5;

/// One clause.
#[derive(Serialize)]
pub(super) struct ClauseRow<'a> {
    /// What the contract states.
    pub(super) statement: &'a ClauseStatement,
    /// What the run found out.
    pub(super) result: Option<&'a ClauseResult>,
    /// Its cases.
    pub(super) cases: Option<&'a ClauseCases>,
    /// The sides that it has to be proven from.
    pub(super) sides: Vec<Side<'a>>,
}

/// One side of a clause.
#[derive(Serialize)]
pub(super) struct Side<'a> {
    /// Accept, refuse, hold or observe.
    pub(super) polarity: Polarity,
    /// How many cases showed it.
    pub(super) shown: usize,
    /// How many cases that were to show it came to a conclusion.
    pub(super) tried: usize,
    /// Why it can't be tested.
    pub(super) untestable: Option<&'a str>,
    /// Why it was not tested on this target.
    pub(super) untested: Option<&'a str>,
}

/// `accept 3`, `accept untestable`, or `accept not tested: ` and why.
impl fmt::Display for Side<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.untestable, self.untested) {
            (Some(_), _) => write!(formatter, "{} untestable", self.polarity),
            (None, Some(why)) => write!(formatter, "{} not tested: {}", self.polarity, short(why, REASON)),
            (None, None) => write!(formatter, "{} {}", self.polarity, self.shown),
        }
    }
}

impl<'a> ClauseRow<'a> {
    pub(super) fn new(
        statement: &'a ClauseStatement,
        result: Option<&'a ClauseResult>,
        cases: Option<&'a ClauseCases>,
    ) -> Self {
        let side = |polarity: &Polarity| Side {
            polarity: *polarity,
            shown: result.and_then(|result| result.shown.get(polarity)).copied().unwrap_or(0),
            tried: result.and_then(|result| result.tried.get(polarity)).copied().unwrap_or(0),
            untestable: statement.untestable.get(polarity).map(String::as_str),
            untested: result.and_then(|result| result.untested.get(polarity)).map(String::as_str),
        };
        Self { statement, result, cases, sides: statement.polarities.iter().map(side).collect() }
    }

    /// What became of the clause.
    pub(super) fn outcome(&self) -> ClauseOutcome {
        self.result.map_or(ClauseOutcome::Untested, |result| result.outcome)
    }

    /// Its sides in a line: `accept 3, refuse 1`.
    pub(super) fn sides_line(&self) -> String {
        self.sides.iter().map(Side::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The mutants that break it, the first of them by name.
    pub(super) fn mutants_line(&self) -> Option<String> {
        let mutants: Vec<&str> = self.statement.mutants.iter().map(String::as_str).collect();
        (!mutants.is_empty()).then(|| named(&mutants, mutants.len()))
    }

    /// Whether any case came to a conclusion about any side of it.
    pub(super) fn is_examined(&self) -> bool {
        self.sides.iter().any(|side| side.tried > 0)
    }

    fn testable(&self) -> bool {
        self.sides.iter().any(|side| side.untestable.is_none())
    }

    fn exercised(&self) -> bool {
        self.testable() && self.sides.iter().all(|side| side.untestable.is_some() || side.tried > 0)
    }
}

/// The first names, and how many more of all there are.
pub(super) fn named(names: &[&str], all: usize) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match all.saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A sign for an outcome that tells it without colour.
pub(super) fn sign(outcome: ClauseOutcome) -> char {
    match outcome {
        ClauseOutcome::Violated => '✗',
        ClauseOutcome::Deviated => '≠',
        ClauseOutcome::Undetermined => '?',
        ClauseOutcome::Untested => '○',
        ClauseOutcome::Observed => '◇',
        ClauseOutcome::Proven => '✓',
    }
}

/// The clauses of a run, in the contract's order.
pub(super) struct Coverage<'a>(pub(super) Vec<ClauseRow<'a>>);

impl<'a> Coverage<'a> {
    /// How far the clauses that can be true or false of a target got.
    pub(super) fn funnel(&self) -> Funnel {
        let count = |passes: &dyn Fn(&ClauseRow<'_>) -> bool| {
            self.0.iter().filter(|row| row.statement.level != Level::Ambiguous && passes(row)).count()
        };
        let mutants = self.0.iter().any(|row| !row.statement.mutants.is_empty());
        let mutated = || count(&|row| row.exercised() && !row.statement.mutants.is_empty());
        Funnel {
            stated: count(&|_| true),
            testable: count(&|row| row.testable()),
            exercised: count(&|row| row.exercised()),
            mutated: mutants.then(mutated),
            proven: count(&|row| row.exercised() && row.outcome() == ClauseOutcome::Proven),
        }
    }

    /// How many ambiguities there are, and of how many the target's reading is known.
    pub(super) fn readings(&self) -> (usize, usize) {
        let ambiguous = || self.0.iter().filter(|row| row.statement.level == Level::Ambiguous);
        let read = |row: &&ClauseRow<'_>| row.result.is_some_and(|result| !result.readings.is_empty());
        (ambiguous().count(), ambiguous().filter(read).count())
    }

    /// How far these got where they are derived: `12 of 80 proven; 20 examined; 1 broken`. Nothing where there are none.
    pub(super) fn derived_line(&self) -> Option<String> {
        let count = |outcome| self.with(outcome).count();
        let examined = self.0.iter().filter(|row| row.is_examined()).count();
        let broken = count(ClauseOutcome::Violated) + count(ClauseOutcome::Deviated);
        let broken = if broken > 0 { format!("; {broken} broken") } else { String::new() };
        let (all, proven) = (self.0.len(), count(ClauseOutcome::Proven));
        (all > 0).then(|| format!("{proven} of {all} proven; {examined} examined{broken}"))
    }

    /// The rows with this outcome.
    pub(super) fn with(&self, outcome: ClauseOutcome) -> impl Iterator<Item = &ClauseRow<'a>> {
        self.0.iter().filter(move |row| row.outcome() == outcome)
    }
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
