//! Regression snapshots: what became of a recorded answer.
//!
//! An axis of its own, like waivers: a changed answer changes neither the outcome of a case nor the verdict, for those are
//! about the documentation. It changes what the gate is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CaseResult;

/// The clause that a changed answer breaks. It is no clause of a contract: those have a dot in their names.
pub const CLAUSE: &str = "snapshot";

/// Which of the two snapshots of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotKind {
    /// The answer with its values.
    Value,
    /// The answer with every value replaced by its type and form.
    Shape,
}

impl SnapshotKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Value, Self::Shape];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Shape => "shape",
        }
    }
}

/// What became of a snapshot. The order is that in which states are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotState {
    /// The answer is another than the one that is recorded.
    Changed,
    /// Nothing is recorded.
    Missing,
    /// It was another, and is recorded now.
    Updated,
    /// Nothing was recorded, and it is now.
    Recorded,
    /// The answer is the one that is recorded.
    Matched,
}

impl SnapshotState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Changed, Self::Missing, Self::Updated, Self::Recorded, Self::Matched];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Updated => "updated",
            Self::Recorded => "recorded",
            Self::Matched => "matched",
        }
    }

    /// Whether it fails the gate.
    pub fn fails(self) -> bool {
        matches!(self, Self::Changed | Self::Missing)
    }
}

/// What became of one snapshot of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotResult {
    /// Value or shape.
    pub kind: SnapshotKind,
    /// What became of it.
    pub state: SnapshotState,
    /// The file that it is recorded in, as a person would find it.
    pub file: String,
    /// What is recorded, where the answer is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// What the answer is, where that is another than what is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
}

/// What became of all snapshots of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotTally {
    /// Whose snapshots they are.
    pub profile: String,
    /// How many are in which state; those in none are left out.
    #[serde(default)]
    pub counts: BTreeMap<SnapshotState, usize>,
    /// Snapshots whose case isn't in the suite any more: file names. Told of by whole runs only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphans: Vec<String>,
    /// Redactions that matched nothing in any answer: file, line and what is written there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<String>,
}

impl SnapshotTally {
    /// How many are in a state.
    pub fn count(&self, state: SnapshotState) -> usize {
        self.counts.get(&state).copied().unwrap_or(0)
    }

    /// How many fail the gate.
    pub fn failing(&self) -> usize {
        SnapshotState::ALL.into_iter().filter(|state| state.fails()).map(|state| self.count(state)).sum()
    }
}

/// What the shards of a run know of snapshots, as one: the counts of `cases`, orphans that any knows of, and redactions
/// that were idle in all of them.
pub fn together(shards: impl IntoIterator<Item = SnapshotTally>) -> Option<SnapshotTally> {
    shards.into_iter().reduce(|mut all, shard| {
        all.idle.retain(|idle| shard.idle.contains(idle));
        for orphan in shard.orphans {
            if !all.orphans.contains(&orphan) {
                all.orphans.push(orphan);
            }
        }
        all.orphans.sort();
        all
    })
}

impl CaseResult {
    /// The snapshots that fail the gate.
    pub fn failing_snapshots(&self) -> impl Iterator<Item = &SnapshotResult> {
        self.snapshots.iter().filter(|snapshot| snapshot.state.fails())
    }
}
