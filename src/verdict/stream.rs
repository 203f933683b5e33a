//! The event stream: what a run begins with, a result a case, and what it ends with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::CaseResult;
use super::float;
use super::keyed::keyed;
use super::outcome::{ClauseOutcome, Gate, Outcome, Verdict};
use super::shard::Shard;
use super::snapshots::SnapshotTally;
use super::stop::StopReason;
use super::waiver::Waiver;
use crate::contract::{ClauseId, Level, Polarity};

/// The version of the event stream's format. A reader refuses another major version.
pub const SCHEMA_VERSION: &str = "1.0";

/// One line of the event stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first.
    Started(Box<Header>),
    /// One for each case, in the suite's order.
    Case(Box<CaseResult>),
    /// The last.
    Finished(Box<Footer>),
}

/// What a run begins with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The version of the format. A later minor version may add members.
    #[schemars(extend("pattern" = r"^1\."))]
    pub schema: String,
    /// The version of `conformant`.
    pub version: String,
    /// The suite's name.
    pub suite: String,
    /// Where a run has several suites: the names of all, in the order of the run. Each has a header, its cases and a footer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<String>,
    /// The suite's title.
    pub title: String,
    /// The file that all cases of the suite share.
    #[serde(default)]
    pub file: String,
    /// SHA-256 over the suite's files.
    pub digest: String,
    /// The target's base URL; user info masked.
    pub target: String,
    /// Whether any certificate of the target's was taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure: bool,
    /// The seed of every generated value, in hexadecimal.
    pub seed: String,
    /// When the run began.
    pub started: Timestamp,
    /// How many case rows are selected; in a shard, those of the shard.
    pub cases: usize,
    /// In a shard, how many case rows all shards have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<usize>,
    /// What all shards of one run have in common and no other run has.
    #[serde(default)]
    pub run: String,
    /// Which part of the run this is; none for a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Ambiguous clauses whose readings exclude each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusive: Vec<Exclusive>,
    /// The filters given; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Whether deviations count as violations.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
    /// Whether a case that passed only after a retry passes the gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flaky: bool,
    /// Every clause that the contract states, in its order.
    pub clauses: Vec<ClauseStatement>,
}

impl Header {
    /// The most suites that a run may have: reports keep the clauses of each.
    pub const MOST_SUITES: usize = 100;

    /// The target as reports name it: they say beside it where nobody looked at its certificates.
    pub fn named_target(&self) -> String {
        let unverified = if self.insecure { " (certificates not verified: --insecure)" } else { "" };
        format!("{}{unverified}", self.target)
    }

    /// Whether the run has several suites.
    pub fn is_of_several(&self) -> bool {
        !self.suites.is_empty()
    }

    /// Whether no suite of the run comes before this one.
    pub fn is_first(&self) -> bool {
        self.suites.first().is_none_or(|first| *first == self.suite)
    }

    /// Whether no suite of the run comes after this one.
    pub fn is_last(&self) -> bool {
        self.suites.last().is_none_or(|last| *last == self.suite)
    }

    /// The suites of the run that come after this one.
    pub fn later_suites(&self) -> &[String] {
        let position = self.suites.iter().position(|suite| *suite == self.suite);
        position.and_then(|position| self.suites.get(position.saturating_add(1)..)).unwrap_or_default()
    }
}

/// An ambiguous clause whose readings exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exclusive {
    /// The ambiguous clause.
    pub ambiguous: ClauseId,
    /// The clause that more than one reading breaks.
    pub broken: ClauseId,
}

/// A clause as the contract states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseStatement {
    /// The id.
    pub id: ClauseId,
    /// Must, should or ambiguous.
    pub level: Level,
    /// What it says, in our words.
    pub says: String,
    /// Where the documentation says it.
    pub source: String,
    /// The ways in which it has to be proven.
    pub polarities: Vec<Polarity>,
    /// Sides that can't be tested, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "keyed::<Polarity, String>")]
    pub untestable: BTreeMap<Polarity, String>,
    /// The mutants that break it, by which `conformant mutants` proves that a target which breaks it is noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutants: Vec<String>,
    /// Whether nobody wrote it: the document says it. Any answer may show it, without a case that is about it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
}

/// What a run ends with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Footer {
    /// The verdict.
    pub verdict: Verdict,
    /// What a pipeline is told.
    pub gate: Gate,
    /// Why it is undetermined, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Cases per outcome.
    #[schemars(schema_with = "keyed::<Outcome, usize>")]
    pub counts: BTreeMap<Outcome, usize>,
    /// How many cases and controls passed only after a retry.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flaky: usize,
    /// Whether these pass the gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flaky: bool,
    /// Every clause, in the contract's order.
    pub clauses: Vec<ClauseResult>,
    /// Every waiver that was given, with what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// What became of the snapshots; none where the run compared none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<SnapshotTally>,
    /// Places of statements at which nothing was in any answer: file, line and what is written there. Told of by whole runs
    /// only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<String>,
    /// Requests sent, cleaning up not included.
    pub requests: usize,
    /// Seconds from the first request to the last answer.
    #[serde(deserialize_with = "float::read")]
    pub elapsed_s: f64,
    /// What could not be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// How many more there are than `left_behind` names.
    #[serde(default)]
    pub left_more: usize,
    /// Evidence that there was no room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceLeftOut>,
    /// What stopped the run before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<StopReason>,
}

impl Footer {
    /// How many resources left behind are listed.
    pub const LISTED: usize = 100;

    /// How many flaky cases fail the gate.
    pub fn failing_flaky(&self) -> usize {
        if self.allow_flaky { 0 } else { self.flaky }
    }
}

/// One clause in the footer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClauseResult {
    /// The clause.
    pub id: ClauseId,
    /// What was found out.
    pub outcome: ClauseOutcome,
    /// Per polarity: cases that came to a conclusion, whichever.
    #[serde(default)]
    #[schemars(schema_with = "keyed::<Polarity, usize>")]
    pub tried: BTreeMap<Polarity, usize>,
    /// Per polarity: cases that showed it.
    #[schemars(schema_with = "keyed::<Polarity, usize>")]
    pub shown: BTreeMap<Polarity, usize>,
    /// Violations of it, counted by case.
    #[serde(default)]
    pub violations: usize,
    /// Deviations from it, counted by case.
    #[serde(default)]
    pub deviations: usize,
    /// Cases whose violations of it, or deviations from it, are waived.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: usize,
    /// Readings observed and how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub readings: BTreeMap<String, usize>,
    /// Sides that were not tested since a case needs what the target or the run doesn't have, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "keyed::<Polarity, String>")]
    pub untested: BTreeMap<Polarity, String>,
}

/// Exchanges that a run didn't keep, since all together would have been too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceLeftOut {
    /// The cases whose exchanges were left out.
    pub cases: usize,
    /// For how many bytes there was room; of several shards, the most.
    pub limit: usize,
}

/// Something that the run created and could not remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftBehind {
    /// The case that created it.
    pub case: String,
    /// How the target names it, as far as it is known.
    pub resource: String,
    /// Why it is still there.
    pub why: String,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
