//! What became of each clause in two runs.

use std::collections::{BTreeMap, BTreeSet};

use strum::{Display, VariantArray};

use crate::contract::ClauseId;
use crate::verdict::ClauseOutcome;

/// One clause in one of the runs.
#[derive(Debug)]
pub(super) struct SideClause {
    pub(super) id: ClauseId,
    pub(super) says: String,
    pub(super) outcome: ClauseOutcome,
    pub(super) readings: BTreeMap<String, usize>,
}

/// How a clause differs, or that it is broken in both runs, in the order in which reports have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Display, VariantArray)]
pub enum ClauseGroup {
    /// Broken now and not before, or broken in a worse way.
    #[strum(serialize = "newly broken")]
    NewlyBroken,
    /// Proven before, and neither broken nor proven now.
    #[strum(serialize = "no longer proven")]
    NoLongerProven,
    /// Broken in both.
    #[strum(serialize = "still broken")]
    StillBroken,
    /// Broken before, and neither broken nor shown to hold now.
    #[strum(serialize = "broken before and not tested now")]
    NotTested,
    /// Broken before, and shown to hold now.
    #[strum(serialize = "fixed")]
    Fixed,
    /// Proven now, and neither broken nor proven before.
    #[strum(serialize = "newly proven")]
    NewlyProven,
    /// Broken or proven before, and not in the contract any more.
    #[strum(serialize = "no longer in the contract")]
    Gone,
}

impl ClauseGroup {
    /// Whether it is a change for the worse.
    pub fn is_worse(self) -> bool {
        matches!(self, Self::NewlyBroken | Self::NoLongerProven)
    }

    fn of(old: Option<ClauseOutcome>, new: Option<ClauseOutcome>) -> Option<Self> {
        use ClauseOutcome::{Deviated, Observed, Proven, Violated};
        let is_broken = |outcome: Option<ClauseOutcome>| matches!(outcome, Some(Violated | Deviated));
        let was_told = is_broken(old) || old == Some(Proven);
        match (is_broken(old), is_broken(new)) {
            _ if new.is_none() => was_told.then_some(Self::Gone),
            (false, true) => Some(Self::NewlyBroken),
            (true, true) if (old, new) == (Some(Deviated), Some(Violated)) => Some(Self::NewlyBroken),
            (true, true) => Some(Self::StillBroken),
            (true, false) if matches!(new, Some(Proven | Observed)) => Some(Self::Fixed),
            (true, false) => Some(Self::NotTested),
            (false, false) if old == new => None,
            (false, false) if old == Some(Proven) => Some(Self::NoLongerProven),
            (false, false) => (new == Some(Proven)).then_some(Self::NewlyProven),
        }
    }
}

/// A clause that differs, or that is broken in both runs.
#[derive(Debug, PartialEq, Eq)]
pub struct ClauseChange {
    /// How it differs.
    pub group: ClauseGroup,
    /// The clause.
    pub id: ClauseId,
    /// What it says.
    pub says: String,
    /// What the old run found out; none where its contract lacks the clause.
    pub old: Option<ClauseOutcome>,
    /// The same of the new run.
    pub new: Option<ClauseOutcome>,
}

/// An ambiguous clause that the target reads otherwise.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadingChange {
    /// The clause.
    pub id: ClauseId,
    /// The readings of the old run and how often each was observed.
    pub old: BTreeMap<String, usize>,
    /// Those of the new run.
    pub new: BTreeMap<String, usize>,
}

/// What differs: clauses group by group, within a group in the new contract's order, and readings.
pub(super) fn changes(old: Vec<SideClause>, new: Vec<SideClause>) -> (Vec<ClauseChange>, Vec<ReadingChange>) {
    let ids: Vec<ClauseId> = old.iter().map(|clause| clause.id.clone()).collect();
    let mut known: BTreeMap<ClauseId, SideClause> = old.into_iter().map(|clause| (clause.id.clone(), clause)).collect();
    let (mut clauses, mut readings) = (Vec::new(), Vec::new());
    let mut compare = |old: Option<SideClause>, new: Option<SideClause>| {
        let outcomes = [&old, &new].map(|side| side.as_ref().map(|clause| clause.outcome));
        let [old, new] = [old, new].map(|side| side.map(|clause| (clause.id, clause.says, clause.readings)));
        let Some((id, says, _)) = new.as_ref().or(old.as_ref()).cloned() else { return };
        let [old, new] = [old, new].map(|side| side.map(|(_, _, readings)| readings).unwrap_or_default());
        if read_otherwise(&old, &new) {
            readings.push(ReadingChange { id: id.clone(), old, new });
        }
        let group = ClauseGroup::of(outcomes[0], outcomes[1]);
        clauses.extend(group.map(|group| ClauseChange { group, id, says, old: outcomes[0], new: outcomes[1] }));
    };
    for clause in new {
        compare(known.remove(&clause.id), Some(clause));
    }
    for clause in ids.iter().filter_map(|id| known.remove(id)) {
        compare(Some(clause), None);
    }
    clauses.sort_by_key(|change| change.group);
    (clauses, readings)
}

/// Whether readings differ. How often one comes is the number of cases, unless there are several.
fn read_otherwise(old: &BTreeMap<String, usize>, new: &BTreeMap<String, usize>) -> bool {
    let names = |readings: &BTreeMap<String, usize>| readings.keys().cloned().collect::<BTreeSet<String>>();
    names(old) != names(new) || (old.len() > 1 && old != new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_outcomes_is_in_the_group_that_says_what_changed() {
        use ClauseGroup::{Fixed, Gone, NewlyBroken, NewlyProven, NoLongerProven, NotTested, StillBroken};
        use ClauseOutcome::{Deviated, Observed, Proven, Undetermined, Untested, Violated};
        let (absent, same) = (None, None);
        let columns =
            [absent, Some(Violated), Some(Deviated), Some(Undetermined), Some(Untested), Some(Observed), Some(Proven)];
        let broken = Some(NewlyBroken);
        let (still, fixed, open) = (Some(StillBroken), Some(Fixed), Some(NotTested));
        let (lost, proven) = (Some(NoLongerProven), Some(NewlyProven));
        let rows = [
            (absent, [same, broken, broken, same, same, same, proven]),
            (Some(Violated), [Some(Gone), still, still, open, open, fixed, fixed]),
            (Some(Deviated), [Some(Gone), broken, still, open, open, fixed, fixed]),
            (Some(Undetermined), [same, broken, broken, same, same, same, proven]),
            (Some(Untested), [same, broken, broken, same, same, same, proven]),
            (Some(Observed), [same, broken, broken, same, same, same, proven]),
            (Some(Proven), [Some(Gone), broken, broken, lost, lost, lost, same]),
        ];
        for (old, groups) in rows {
            for (new, group) in columns.into_iter().zip(groups) {
                assert_eq!(ClauseGroup::of(old, new), group, "{old:?} → {new:?}");
            }
        }
    }

    #[test]
    fn a_reading_that_is_only_seen_more_often_is_the_same() {
        let of = |readings: &[(&str, usize)]| readings.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        assert!(!read_otherwise(&of(&[("refused", 3)]), &of(&[("refused", 4)])));
        assert!(read_otherwise(&of(&[("refused", 3)]), &of(&[("accepted", 3)])));
        assert!(read_otherwise(&of(&[("accepted", 1), ("refused", 3)]), &of(&[("accepted", 3), ("refused", 1)])));
        assert!(read_otherwise(&of(&[("refused", 3)]), &of(&[])));
    }
}
