//! A waiver: a known violation that doesn't fail the gate, for one case and one clause, up to a day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::contract::ClauseId;

/// A known violation, as somebody wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The case row's id.
    pub case: String,
    /// The clause that it breaks.
    pub clause: ClauseId,
    /// Why it is tolerated.
    pub reason: String,
    /// Where it is dealt with.
    pub issue: Option<String>,
    /// The last day, in UTC, on which it counts.
    pub expires: Date,
    /// Where it stands, as `file:line`.
    pub place: String,
}

/// What a case result carries of a waiver that applies to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverTerms {
    /// Why it is tolerated.
    pub reason: String,
    /// Where it is dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day, in UTC, on which it counts: `2026-12-31`.
    pub expires: String,
}

/// What became of a waiver in a run. Where shards of a run differ, the later one here counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum WaiverState {
    /// Its case came to no conclusion here: not selected, skipped, inconclusive, or in another shard.
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

/// A waiver and what became of it, as the footer has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverResult {
    /// The case row's id.
    pub case: String,
    /// The clause.
    pub clause: ClauseId,
    /// Reason, issue and last day.
    #[serde(flatten)]
    pub terms: WaiverTerms,
    /// Where it stands, as `file:line`.
    pub place: String,
    /// What became of it.
    pub state: WaiverState,
}

impl From<Waiver> for WaiverResult {
    fn from(Waiver { case, clause, reason, issue, expires, place }: Waiver) -> Self {
        let terms = WaiverTerms { reason, issue, expires: expires.to_string() };
        Self { case, clause, terms, place, state: WaiverState::Unmet }
    }
}
