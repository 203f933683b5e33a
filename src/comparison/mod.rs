//! What two runs of the same suites differ in: clauses, cases, readings, snapshots and verdicts, the old beside the new.
//!
//! Takes in the events of the old run, and then those of the new one. Of the old run the outcome of each case is kept by its id,
//! and of both each clause; how much that is in all is bounded, whatever a stream says. Knows nothing of files, and leaves
//! sentences to the reports.

mod cases;
mod clauses;
mod error;
mod room;
mod side;

use cases::KnownCases;
use room::Room;

pub use cases::{CaseChange, CaseChanges, CaseList};
pub use clauses::{ClauseChange, ClauseGroup, ReadingChange};
pub use error::ComparisonError;
pub use side::Side;

use crate::verdict::{Event, Gate, MaskedEvent, Verdict};

/// The old run, taken in.
#[derive(Debug, Default)]
pub struct Baseline {
    suites: Vec<(Side, KnownCases)>,
    room: Room,
}

impl Baseline {
    /// Takes in the next event.
    ///
    /// # Errors
    /// See [`ComparisonError`].
    pub fn event(&mut self, event: &MaskedEvent) -> Result<(), ComparisonError> {
        if let Event::Started(header) = &**event {
            self.suites.push((Side::of(header, &mut self.room)?, KnownCases::default()));
        }
        let Some((side, cases)) = self.suites.last_mut() else { return Ok(()) };
        match &**event {
            Event::Started(_) => {}
            Event::Case(result) => cases.record(result, &mut self.room)?,
            Event::Finished(footer) => {
                side.finish(footer, &mut self.room)?;
                cases.sort();
            }
        }
        Ok(())
    }
}

/// One suite in both runs.
#[derive(Debug)]
pub struct SuiteComparison {
    /// In the old run.
    pub old: Side,
    /// In the new run.
    pub new: Side,
    /// The cases that differ.
    pub cases: CaseChanges,
    /// The clauses that differ or are broken, group by group.
    pub clauses: Vec<ClauseChange>,
    /// The ambiguous clauses that the target reads otherwise.
    pub readings: Vec<ReadingChange>,
}

impl SuiteComparison {
    /// How many clauses are in a group.
    pub fn count(&self, group: ClauseGroup) -> usize {
        self.clauses.iter().filter(|change| change.group == group).count()
    }

    /// Whether the verdict got worse.
    pub fn is_verdict_worse(&self) -> bool {
        let both = [self.old.verdict, self.new.verdict];
        both[0] != both[1] && Verdict::worst(both) == self.new.verdict
    }

    /// Whether a pipeline is told something worse.
    pub fn is_gate_worse(&self) -> bool {
        let both = [self.old.gate, self.new.gate];
        both[0] != both[1] && Gate::worst(both) == self.new.gate
    }

    /// How many more snapshots are changed or missing.
    pub fn more_failing_snapshots(&self) -> usize {
        self.new.failing_snapshots().saturating_sub(self.old.failing_snapshots())
    }

    /// Whether anything got worse.
    pub fn is_worse(&self) -> bool {
        self.clauses.iter().any(|change| change.group.is_worse())
            || self.cases.worse.count > 0
            || self.more_failing_snapshots() > 0
            || self.is_verdict_worse()
            || self.is_gate_worse()
    }
}

/// Two runs side by side, while the new one is taken in.
#[derive(Debug)]
pub struct Comparison {
    baseline: Baseline,
    room: Room,
    /// The old outcomes of the suite that is taken in.
    known: KnownCases,
    suites: Vec<SuiteComparison>,
}

impl Comparison {
    /// Compares with this run.
    pub fn with(baseline: Baseline) -> Self {
        Self { baseline, room: Room::default(), known: KnownCases::default(), suites: Vec::new() }
    }

    /// Takes in the next event of the new run.
    ///
    /// # Errors
    /// See [`ComparisonError`].
    pub fn event(&mut self, event: &MaskedEvent) -> Result<(), ComparisonError> {
        if let Event::Started(header) = &**event {
            let new = Side::of(header, &mut self.room)?;
            let (old, known) = self.take_old(&new)?;
            self.known = known;
            let cases = CaseChanges::default();
            self.suites.push(SuiteComparison { old, new, cases, clauses: Vec::new(), readings: Vec::new() });
        }
        let Some(suite) = self.suites.last_mut() else { return Ok(()) };
        match &**event {
            Event::Started(_) => {}
            Event::Case(result) => suite.cases.record(result, &mut self.known, &mut self.room)?,
            Event::Finished(footer) => {
                suite.new.finish(footer, &mut self.room)?;
                suite.cases.finish(std::mem::take(&mut self.known), &mut self.room)?;
                let clauses = (suite.old.take_clauses(), suite.new.take_clauses());
                (suite.clauses, suite.readings) = clauses::changes(clauses.0, clauses.1);
            }
        }
        Ok(())
    }

    /// The comparisons, in the order of the new run.
    ///
    /// # Errors
    /// The old run has a suite that the new one lacks.
    pub fn end(self) -> Result<Vec<SuiteComparison>, ComparisonError> {
        match self.baseline.suites.into_iter().next() {
            Some((side, _)) => Err(ComparisonError::Suite { has: "old", lacks: "new", suite: side.suite }),
            None => Ok(self.suites),
        }
    }

    /// The same suite in the old run.
    fn take_old(&mut self, new: &Side) -> Result<(Side, KnownCases), ComparisonError> {
        let position = self.baseline.suites.iter().position(|(old, _)| old.suite == new.suite);
        let Some(position) = position else {
            return Err(ComparisonError::Suite { has: "new", lacks: "old", suite: new.suite.clone() });
        };
        let (old, known) = self.baseline.suites.swap_remove(position);
        if old.shard != new.shard {
            let part = |side: &Side| side.shard.map_or_else(|| "a whole run".to_owned(), |it| format!("shard {it}"));
            return Err(ComparisonError::Shard { suite: new.suite.clone(), old: part(&old), new: part(new) });
        }
        Ok((old, known))
    }
}

#[cfg(test)]
mod tests;
