//! What a run found out: findings, results of cases, the tally of a run and its verdict, and the events that carry them.
//!
//! Everything here is data that serialises: the event stream that the runner emits, that the native report writes line by
//! line, and that every other report is rendered from. Sentences for people are made at the edge. Knows nothing of how an
//! exchange came about, nor of any report's format.

mod case;
mod consistency;
mod exchange;
mod finding;
mod float;
mod keyed;
mod masking;
mod outcome;
mod ranking;
mod run_end;
mod schema;
mod shard;
mod snapshots;
mod stop;
mod stream;
mod tally;
mod waiver;
mod waivers;

pub use case::{CaseResult, Control, SyntheticCase};
pub use consistency::{conflicts, consistent};
pub use exchange::{BodyRecord, ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord, UNREACHABLE};
pub use finding::{CheckId, Finding, FindingKind, Place};
pub use masking::MaskedEvent;
pub use outcome::{ClauseOutcome, Gate, Outcome, Verdict};
pub use ranking::{Rank, Ranking, is_explained};
pub use run_end::RunEnd;
pub use schema::event_schema;
pub use shard::Shard;
pub use snapshots::{SNAPSHOT_CLAUSE, SnapshotKind, SnapshotResult, SnapshotState, SnapshotTally, merge_snapshots};
pub use stop::StopReason;
pub use stream::{
    ClauseResult, ClauseStatement, Event, EvidenceLeftOut, Exclusive, Footer, Header, LeftBehind, SCHEMA_VERSION,
};
pub use tally::Tally;
pub use waiver::{Waiver, WaiverState, WaiverTerms};
pub use waivers::Waivers;

#[cfg(test)]
mod tests;
