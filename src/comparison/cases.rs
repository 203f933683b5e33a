//! What became of each case in two runs.

use std::mem::size_of;

use super::error::ComparisonError;
use super::room::Room;
use crate::verdict::{CaseResult, Outcome};

/// How many cases a list names; the others are counted.
const LISTED: usize = 200;
/// How many characters of an id are kept for a list.
const ID: usize = 1_000;

/// The cases of the old run. Sorted by id once all are there.
#[derive(Debug, Default)]
pub(super) struct KnownCases(Vec<KnownCase>);

#[derive(Debug)]
struct KnownCase {
    id: Box<str>,
    outcome: Outcome,
    is_in_both: bool,
}

impl KnownCases {
    pub(super) fn record(&mut self, result: &CaseResult, room: &mut Room) -> Result<(), ComparisonError> {
        room.take(size_of::<KnownCase>() + result.id.len())?;
        self.0.push(KnownCase { id: result.id.as_str().into(), outcome: result.outcome, is_in_both: false });
        Ok(())
    }

    /// To be called once all are recorded. Of two cases with one id, which no run has, the worse one counts.
    pub(super) fn sort(&mut self) {
        self.0.sort_unstable_by(|one, other| (&one.id, one.outcome).cmp(&(&other.id, other.outcome)));
        self.0.dedup_by(|one, other| one.id == other.id);
    }

    /// The old outcome of a case that is in the new run, too.
    fn meet(&mut self, id: &str) -> Option<Outcome> {
        let position = self.0.binary_search_by(|known| known.id.as_ref().cmp(id)).ok()?;
        let known = self.0.get_mut(position)?;
        known.is_in_both = true;
        Some(known.outcome)
    }
}

/// A case that differs.
#[derive(Debug, PartialEq, Eq)]
pub struct CaseChange {
    /// Its id.
    pub id: String,
    /// The old outcome; none for a new case.
    pub old: Option<Outcome>,
    /// The new outcome; none for a case that is gone.
    pub new: Option<Outcome>,
}

/// Cases that differ in the same way: the first of them, and how many there are.
#[derive(Debug, Default)]
pub struct CaseList {
    /// The first of them.
    pub first: Vec<CaseChange>,
    /// How many there are in all.
    pub count: usize,
}

impl CaseList {
    fn push(
        &mut self,
        id: &str,
        (old, new): (Option<Outcome>, Option<Outcome>),
        room: &mut Room,
    ) -> Result<(), ComparisonError> {
        self.count += 1;
        if self.first.len() < LISTED {
            let id: String = id.chars().take(ID).collect();
            room.take(size_of::<CaseChange>() + id.len())?;
            self.first.push(CaseChange { id, old, new });
        }
        Ok(())
    }
}

/// The cases that differ.
#[derive(Debug, Default)]
pub struct CaseChanges {
    /// Those in both runs that show less than before, or something worse.
    pub worse: CaseList,
    /// Those in both runs whose outcome is another and no worse.
    pub other: CaseList,
    /// Those that the old run lacks.
    pub new: CaseList,
    /// Those that the new run lacks, by id.
    pub gone: CaseList,
}

impl CaseChanges {
    /// Takes in a case of the new run.
    pub(super) fn record(
        &mut self,
        result: &CaseResult,
        known: &mut KnownCases,
        room: &mut Room,
    ) -> Result<(), ComparisonError> {
        let (old, new) = (known.meet(&result.id), result.outcome);
        let list = match old {
            None => &mut self.new,
            Some(old) if old == new => return Ok(()),
            Some(old) if severity(new) > severity(old) => &mut self.worse,
            Some(_) => &mut self.other,
        };
        list.push(&result.id, (old, Some(new)), room)
    }

    /// Once all are taken in: what the new run lacks.
    pub(super) fn finish(&mut self, known: KnownCases, room: &mut Room) -> Result<(), ComparisonError> {
        let mut gone = known.0.iter().filter(|known| !known.is_in_both);
        gone.try_for_each(|known| self.gone.push(&known.id, (Some(known.outcome), None), room))
    }
}

/// How bad an outcome is. Readings aren't scored, and of a case that came to no conclusion nothing is known.
fn severity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Conforms | Outcome::Observed => 0,
        Outcome::Deviates => 1,
        Outcome::Skipped => 2,
        Outcome::Inconclusive | Outcome::Error => 3,
        Outcome::Violates => 4,
    }
}
