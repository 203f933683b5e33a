//! A waiver: a known violation that doesn't fail the gate, for one case and one clause, up to a day.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::ClauseId;

/// What a case result carries of a waiver that applies to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverTerms {
    /// Why it is tolerated.
    pub reason: String,
    /// Where it is dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day, in UTC, on which it counts.
    pub expires: Date,
}

/// What became of a waiver in a run. Where shards of a run differ, the later one here counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum WaiverState {
    /// Its case came to no conclusion here: not selected, skipped, inconclusive, or in another shard.
    #[default]
    Unmet,
    /// Its case came to a conclusion and doesn't break the clause any more: the waiver has to go.
    Stale,
    /// It applied.
    Waived,
    /// Its case still breaks the clause, and its last day has passed.
    Expired,
}

impl WaiverState {
    /// Whether it fails the gate.
    pub fn fails(self) -> bool {
        matches!(self, Self::Expired | Self::Stale)
    }
}

/// A known violation, as somebody wrote it down, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// The case row's id.
    pub case: String,
    /// The clause that it breaks.
    pub clause: ClauseId,
    /// Reason, issue and last day.
    #[serde(flatten)]
    pub terms: WaiverTerms,
    /// Where it stands, as `file:line`.
    pub place: String,
    /// What became of it.
    pub state: WaiverState,
}
