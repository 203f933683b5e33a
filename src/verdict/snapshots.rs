//! Regression snapshots: what became of a recorded answer.
//!
//! As with waivers, a changed answer changes neither the outcome of a case nor the verdict, which are about the
//! documentation. It changes what the gate is told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr, VariantArray};

use super::keyed::keyed;

/// The clause that a changed answer breaks. It is no clause of a contract: those have a dot in their names.
pub const SNAPSHOT_CLAUSE: &str = "snapshot";

/// Which of the two snapshots of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum SnapshotKind {
    /// The answer with its values.
    Value,
    /// The answer with every value replaced by its type and form.
    Shape,
}

/// What became of a snapshot, in the order in which reports list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
    /// Whether it fails the gate.
    pub fn fails(self) -> bool {
        matches!(self, Self::Changed | Self::Missing)
    }
}

/// What became of one snapshot of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotTally {
    /// Whose snapshots they are.
    pub profile: String,
    /// How many are in which state; those in none are left out.
    #[serde(default)]
    #[schemars(schema_with = "keyed::<SnapshotState, usize>")]
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
        self.counts.iter().filter(|(state, _)| state.fails()).map(|(_, count)| count).sum()
    }
}

/// What the shards of a run know of snapshots, as one: orphans that any knows of, and redactions that were idle in all of
/// them. Its counts are those of a shard.
pub fn merge_snapshots(shards: impl IntoIterator<Item = SnapshotTally>) -> Option<SnapshotTally> {
    shards.into_iter().reduce(|mut all, shard| {
        all.idle.retain(|idle| shard.idle.contains(idle));
        all.orphans.extend(shard.orphans);
        all.orphans.sort();
        all.orphans.dedup();
        all
    })
}
