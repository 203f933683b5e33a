//! Words for what was found out: findings, outcomes, case results, the tally of a run and its verdict.
//!
//! Everything here is data that serialises: the event stream that the runner emits, that the native
//! report writes line by line, and that every other report is rendered from. Text for people is made
//! at the edge. Knows nothing of how an exchange came about or of any report's format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::{ClauseId, Level, Polarity};
use crate::secret::Secrets;

mod consistency;
mod flaky;
mod ranking;
mod shard;
pub mod snapshots;
mod tally;
pub mod waivers;

pub use consistency::{consistency, consistent, is_consistency};
pub use ranking::{ISOLATED, Rank, Ranking, STEADY, is_explained};
pub use shard::Shard;
pub use snapshots::{SnapshotKind, SnapshotResult, SnapshotState, SnapshotTally};
pub use tally::Tally;
pub use waivers::{Waived, Waiver, WaiverResult, WaiverState, Waivers};

/// The version of the event stream's format. A reader refuses another major version.
pub const SCHEMA_VERSION: &str = "1.0";

/// What became of one case, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The harness or the environment failed; every case starts as this and has to earn anything else.
    Error,
    /// A must clause is broken.
    Violates,
    /// Its control or its set-up failed, so nothing was learnt.
    Inconclusive,
    /// It needs something that was not provided.
    Skipped,
    /// A should clause is broken.
    Deviates,
    /// The documentation is ambiguous here; a reading was recorded.
    Observed,
    /// What the documentation says holds.
    Conforms,
}

impl Outcome {
    /// All outcomes, worst first.
    pub const ALL: [Self; 7] = [
        Self::Error,
        Self::Violates,
        Self::Inconclusive,
        Self::Skipped,
        Self::Deviates,
        Self::Observed,
        Self::Conforms,
    ];

    /// The word for people, as it stands in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Violates => "violates",
            Self::Inconclusive => "inconclusive",
            Self::Skipped => "skipped",
            Self::Deviates => "deviates",
            Self::Observed => "observed",
            Self::Conforms => "conforms",
        }
    }
}

/// What a finding says of its clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A must clause is broken.
    Violation,
    /// A should clause is broken, or an undocumented but tolerated way was taken.
    Deviation,
    /// An ambiguous clause: which reading was observed.
    Observation,
}

/// One thing found out about a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The clause that it is about.
    pub clause: ClauseId,
    /// Violation, deviation or observation.
    pub kind: FindingKind,
    /// The check that noticed.
    pub check: String,
    /// Where: `/status`, `/headers/<name>`, `/body` and a JSON pointer, or `/answer`.
    pub place: String,
    /// What would have been right; several where several are.
    pub expected: Vec<String>,
    /// What was there.
    pub observed: String,
    /// Index of the exchange in the case's list.
    pub exchange: usize,
}

/// A request as it is reported: masked, with its body as text or base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The method token.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRecord>,
    /// A shell command that sends the same; secrets are named, not shown.
    pub curl: String,
}

/// A body as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyRecord {
    /// UTF-8 text.
    Text(String),
    /// Anything else.
    Base64(String),
    /// Only the beginning is kept; the whole had `bytes` bytes.
    Cut {
        /// The first part, as text; bytes that are not UTF-8 are replaced.
        text: String,
        /// The length of the whole body in bytes.
        bytes: usize,
    },
}

/// An answer as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseRecord {
    /// The status code.
    pub status: u16,
    /// The protocol version.
    pub version: String,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: BodyRecord,
}

/// A request and what came back, as reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExchangeRecord {
    /// The step that it belongs to: its id, or its 1-based number; `control` for a control, `retried` for an answer for which
    /// the case was sent again.
    pub step: String,
    /// What was sent.
    pub request: RequestRecord,
    /// The complete answer, or what had arrived of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseRecord>,
    /// Why there is no complete answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Milliseconds from sending to the end of the answer.
    pub elapsed_ms: f64,
    /// Sent a second time because a kept-alive connection had been closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resent: bool,
}

/// What became of one case row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// `suite/file/case[row]`.
    pub id: String,
    /// Its place among all rows of the suite, from 0 on, selected or not; none for what is no row, such as a control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// The title, rendered.
    pub title: String,
    /// The case file, as the suite names it.
    pub file: String,
    /// 1-based line of the case in that file.
    pub line: usize,
    /// The clauses that the case is about.
    pub covers: BTreeMap<ClauseId, Polarity>,
    /// The outcome.
    pub outcome: Outcome,
    /// Why it was skipped, is inconclusive or an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Everything found out, the most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The clauses among the broken ones for which a waiver applies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waived: BTreeMap<ClauseId, Waived>,
    /// What became of its snapshots; none where it is held to none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<SnapshotResult>,
    /// The statuses of the answers for which the case was sent again as a whole, one a retry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<u16>,
    /// The exchanges of the attempt that counts, then those that were answered as `retried` has it; kept where there are
    /// findings or retries, or for all cases when asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeRecord>,
    /// Requests sent, controls and confirmations included, cleaning up not.
    pub requests: usize,
    /// Milliseconds, cleaning up not included.
    pub elapsed_ms: f64,
}

impl CaseResult {
    /// A result that has earned nothing yet: an error, until something else is found out.
    pub fn unearned(id: String, title: String, file: &str, line: usize) -> Self {
        Self {
            id,
            at: None,
            title,
            file: file.to_owned(),
            line,
            covers: BTreeMap::new(),
            outcome: Outcome::Error,
            reason: None,
            findings: Vec::new(),
            waived: BTreeMap::new(),
            snapshots: Vec::new(),
            retried: Vec::new(),
            exchanges: Vec::new(),
            requests: 0,
            elapsed_ms: 0.0,
        }
    }

    /// The outcome that the findings amount to when nothing else went wrong.
    pub fn outcome_of(findings: &[Finding]) -> Outcome {
        match findings.iter().map(|finding| finding.kind).min() {
            Some(FindingKind::Violation) => Outcome::Violates,
            Some(FindingKind::Deviation) => Outcome::Deviates,
            Some(FindingKind::Observation) => Outcome::Observed,
            None => Outcome::Conforms,
        }
    }

    /// Every text of a result without exchanges that isn't one of the format's own words.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let own = [self.id.as_str(), self.title.as_str(), self.file.as_str()].into_iter();
        let covers = self.covers.keys().map(ClauseId::as_str);
        let findings = self.findings.iter().flat_map(|finding| {
            let texts =
                [finding.clause.as_str(), finding.check.as_str(), finding.place.as_str(), finding.observed.as_str()];
            texts.into_iter().chain(finding.expected.iter().map(String::as_str))
        });
        let waived = self.waived.iter().flat_map(|(clause, waived)| {
            [clause.as_str(), waived.reason.as_str(), waived.expires.as_str()]
                .into_iter()
                .chain(waived.issue.as_deref())
        });
        let snapshots = self.snapshots.iter().flat_map(|snapshot| {
            [snapshot.file.as_str()].into_iter().chain(snapshot.recorded.as_deref()).chain(snapshot.observed.as_deref())
        });
        own.chain(self.reason.as_deref()).chain(covers).chain(findings).chain(waived).chain(snapshots)
    }

    /// The violations among the findings.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind == FindingKind::Violation)
    }
}

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA_VERSION`].
    pub schema: String,
    /// The version of `conformant`.
    pub version: String,
    /// The suite's name.
    pub suite: String,
    /// The suite's title.
    pub title: String,
    /// SHA-256 over the suite's files.
    pub digest: String,
    /// The target's base URL; user info masked.
    pub target: String,
    /// The seed of every generated value, in hexadecimal.
    pub seed: String,
    /// When the run began, RFC 3339.
    pub started: String,
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
    /// Whether a case that passed only when it was sent again passes the gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flaky: bool,
    /// Every clause that the contract states, in its order.
    pub clauses: Vec<ClauseStatement>,
}

/// An ambiguous clause whose readings exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusive {
    /// The ambiguous clause.
    pub ambiguous: ClauseId,
    /// The clause that more than one reading breaks.
    pub broken: ClauseId,
}

/// A clause as the contract states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub untestable: BTreeMap<Polarity, String>,
    /// The mutants that break it, by which `conformant mutants` proves that a target which breaks it is noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutants: Vec<String>,
}

/// What a run found out about one clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseOutcome {
    /// Broken, and it is a must.
    Violated,
    /// Broken, and it is a should, or done in a tolerated but undocumented way.
    Deviated,
    /// Something that was to prove it stayed inconclusive or failed.
    Undetermined,
    /// Not all of its sides were tried; of an ambiguous one, that no reading was recorded.
    Untested,
    /// Ambiguous: readings were recorded.
    Observed,
    /// Every side of it was tried and held.
    Proven,
}

/// One clause in the footer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClauseResult {
    /// The clause.
    pub id: ClauseId,
    /// What was found out.
    pub outcome: ClauseOutcome,
    /// Per polarity: cases that came to a conclusion, whichever.
    #[serde(default)]
    pub tried: BTreeMap<Polarity, usize>,
    /// Per polarity: cases that showed it.
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
    pub untested: BTreeMap<Polarity, String>,
}

/// Something that the run created and could not remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// The case that created it.
    pub case: String,
    /// How the target names it, as far as it is known.
    pub resource: String,
    /// Why it is still there.
    pub why: String,
}

/// The verdict on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No must clause is broken, and none stayed open.
    Conformant,
    /// As conformant, but a should clause is broken.
    ConformantWithDeviations,
    /// At least one must clause is broken.
    NonConformant,
    /// Not enough could be found out.
    Undetermined,
}

impl Gate {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undetermined => "undetermined",
        }
    }
}

impl Verdict {
    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::ConformantWithDeviations => "conformant with deviations",
            Self::NonConformant => "non-conformant",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What a pipeline is told, waivers taken into account. The verdict is about the target and knows nothing of waivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Nothing is broken that isn't waived, no waiver is expired or stale, no case is flaky that may not be, and no
    /// snapshot is changed or missing.
    Passed,
    /// Something is broken that isn't waived, a waiver is expired or stale, a case is flaky, or a snapshot is changed or missing.
    Failed,
    /// Not enough could be found out.
    Undetermined,
}

/// What a run ends with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// The verdict.
    pub verdict: Verdict,
    /// What a pipeline is told.
    pub gate: Gate,
    /// Why it is undetermined, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Cases per outcome.
    pub counts: BTreeMap<Outcome, usize>,
    /// How many cases and controls passed only when they were sent again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flaky: usize,
    /// Whether these pass the gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_flaky: bool,
    /// Every clause, in the contract's order.
    pub clauses: Vec<ClauseResult>,
    /// Every waiver that was given, with what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverResult>,
    /// What became of the snapshots; none where the target is held to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<SnapshotTally>,
    /// Requests sent, cleaning up not included.
    pub requests: usize,
    /// Seconds from the first request to the last answer.
    pub elapsed_s: f64,
    /// What could not be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
    /// How many more there are than `left_behind` names.
    #[serde(default)]
    pub left_more: usize,
    /// What stopped the run before its end: a signal, or its time limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Footer {
    /// How many resources left behind are listed.
    pub const LISTED: usize = 100;
}

/// One line of the event stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The first.
    Started(Box<Header>),
    /// One for each case row, in the suite's order.
    Case(Box<CaseResult>),
    /// The last.
    Finished(Box<Footer>),
}

impl Event {
    /// The same event without any secret: the one place through which everything goes before any sink.
    ///
    /// # Errors
    /// When the masked event does not have the event's form any more, which a secret equal to one of the
    /// format's own words would cause.
    pub fn masked(self, secrets: &Secrets) -> Result<Self, serde_json::Error> {
        match self {
            // Nearly every case of a large run has nothing to mask, and doesn't need the way through JSON.
            Self::Case(result) if result.exchanges.is_empty() && !result.texts().any(|text| secrets.is_in(text)) => {
                Ok(Self::Case(result))
            }
            other => {
                let mut value = serde_json::to_value(&other)?;
                secrets.mask_json(&mut value);
                serde_json::from_value(value)
            }
        }
    }
}

#[cfg(test)]
mod tests;
