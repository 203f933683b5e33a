//! What became of one case: a row of the suite, or a synthetic case that a run adds to them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Not;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, VariantArray};

use super::exchange::ExchangeRecord;
use super::finding::{Finding, FindingKind};
use super::float;
use super::keyed::keyed;
use super::outcome::Outcome;
use super::snapshots::SnapshotResult;
use super::waiver::WaiverTerms;
use crate::contract::{ClauseId, Polarity};

/// A case that a run adds to the suite's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyntheticCase {
    /// A control of the operation with this `operationId`; of a suite's only one where it isn't said.
    Control(Control, Option<String>),
    /// What makes the resource of this name that all cases share.
    Before(String),
    /// The probe of this name.
    Probe(String),
    /// Whether the target keeps to one reading of this ambiguous clause.
    Consistency(ClauseId),
}

/// Which control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Control {
    /// The valid request, before all cases.
    Before,
    /// The negative control: a request with neither headers nor body, which has to be refused.
    Bare,
    /// The valid request, after all cases.
    After,
}

impl SyntheticCase {
    /// Its id in the run of a suite: `suite/control[before]`, or `suite/control[before:getPet]`.
    pub fn id(&self, suite: &str) -> String {
        format!("{suite}/{self}")
    }

    fn parse(name: &str) -> Option<Self> {
        let (kind, which) = name.strip_suffix(']')?.split_once('[')?;
        match kind {
            "control" => {
                let (which, operation) = match which.split_once(':') {
                    Some((which, operation)) => (which, Some(operation.to_owned())),
                    None => (which, None),
                };
                Some(Self::Control(which.parse().ok()?, operation))
            }
            "before" => Some(Self::Before(which.to_owned())),
            "probe" => Some(Self::Probe(which.to_owned())),
            "consistency" => ClauseId::new(which).map(Self::Consistency),
            _ => None,
        }
    }
}

impl fmt::Display for SyntheticCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(control, None) => write!(formatter, "control[{control}]"),
            Self::Control(control, Some(operation)) => write!(formatter, "control[{control}:{operation}]"),
            Self::Before(name) => write!(formatter, "before[{name}]"),
            Self::Probe(name) => write!(formatter, "probe[{name}]"),
            Self::Consistency(clause) => write!(formatter, "consistency[{clause}]"),
        }
    }
}

/// What became of one case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// `suite/file/case[row]`.
    pub id: String,
    /// Its place among all rows of the suite, from 0 on, selected or not; none for a synthetic case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// The title, rendered.
    pub title: String,
    /// The case file, as the suite names it.
    pub file: String,
    /// 1-based line of the case in that file.
    pub line: usize,
    /// The clauses that the case is about.
    #[schemars(schema_with = "keyed::<ClauseId, Polarity>")]
    pub covers: BTreeMap<ClauseId, Polarity>,
    /// The clauses among these of which nothing that came shows anything, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "keyed::<ClauseId, String>")]
    pub vacuous: BTreeMap<ClauseId, String>,
    /// Whether a limit of ours kept an answer from being judged in full.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub unread: bool,
    /// Of the derived clauses, those against which an answer was held: from and up to which number among the clauses of the
    /// header, from 0 on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examined: Vec<(usize, usize)>,
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
    #[schemars(schema_with = "keyed::<ClauseId, WaiverTerms>")]
    pub waived: BTreeMap<ClauseId, WaiverTerms>,
    /// What became of its snapshots; empty where it has none.
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
    #[serde(deserialize_with = "float::read")]
    pub elapsed_ms: f64,
}

impl CaseResult {
    /// A result that has earned nothing yet: an error, until something else is found out.
    pub fn unearned(id: String, title: String, file: &str, line: usize) -> Self {
        Self { id, title, file: file.to_owned(), line, ..Self::default() }
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

    /// Which synthetic case of this suite it is; none for a row.
    pub fn synthetic(&self, suite: &str) -> Option<SyntheticCase> {
        let name = self.id.strip_prefix(suite)?.strip_prefix('/')?;
        if self.at.is_some() { None } else { SyntheticCase::parse(name) }
    }

    /// The violations among the findings.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind == FindingKind::Violation)
    }

    /// The findings that break a clause: violations and deviations.
    pub fn broken(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind != FindingKind::Observation)
    }

    /// The snapshots that fail the gate.
    pub fn failing_snapshots(&self) -> impl Iterator<Item = &SnapshotResult> {
        self.snapshots.iter().filter(|snapshot| snapshot.state.fails())
    }

    /// Whether it passed, but only after a retry.
    ///
    /// As with waivers, neither its outcome nor the verdict knows of it: what the target answered in the end is what the
    /// documentation says. It is the gate that fails, unless flaky cases are allowed.
    pub fn is_flaky(&self) -> bool {
        !self.retried.is_empty() && matches!(self.outcome, Outcome::Conforms | Outcome::Observed | Outcome::Deviates)
    }

    /// Whether a waiver applies to a finding.
    pub fn waives(&self, finding: &Finding) -> bool {
        finding.kind != FindingKind::Observation && self.waived.contains_key(&finding.clause)
    }

    /// Whether it has findings that would fail the gate, and all of them are waived. With `strict`, deviations would.
    pub fn is_waived(&self, strict: bool) -> bool {
        let mut fatal = self.fatal(strict).peekable();
        fatal.peek().is_some() && fatal.all(|finding| self.waives(finding))
    }

    /// Whether it fails the gate. With `strict`, deviations do; snapshots that changed always do.
    pub fn fails(&self, strict: bool) -> bool {
        let broken = self.outcome == Outcome::Violates || self.fatal(strict).next().is_some();
        (broken && !self.is_waived(strict)) || self.failing_snapshots().next().is_some()
    }

    /// The same without the findings that are waived; nothing is copied where none is.
    pub fn without_waived(&self) -> Cow<'_, Self> {
        if self.waived.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut rest = self.clone();
        rest.findings.retain(|finding| !self.waives(finding));
        Cow::Owned(rest)
    }

    fn fatal(&self, strict: bool) -> impl Iterator<Item = &Finding> {
        self.broken().filter(move |finding| strict || finding.kind == FindingKind::Violation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synthetic_case_is_known_by_its_id_and_a_row_is_none_whatever_it_is_called() {
        let consistency = SyntheticCase::Consistency(ClauseId::new("open.case").unwrap());
        let controls = |operation: Option<&str>| {
            let operation = operation.map(str::to_owned);
            Control::VARIANTS.iter().map(move |control| SyntheticCase::Control(*control, operation.clone()))
        };
        for synthetic in controls(None)
            .chain(controls(Some("a:b[c]")))
            .chain([consistency, SyntheticCase::Before("shelf".to_owned())])
        {
            let result = CaseResult::unearned(synthetic.id("s"), String::new(), "suite.yaml", 1);
            assert_eq!(result.synthetic("s"), Some(synthetic));
            assert_eq!(result.synthetic("other"), None);
            assert_eq!(CaseResult { at: Some(0), ..result }.synthetic("s"), None);
        }
        for id in ["s/control[never]", "s/control", "s/consistency[x]", "s/file/control[before]"] {
            assert_eq!(CaseResult::unearned(id.to_owned(), String::new(), "f.yaml", 1).synthetic("s"), None, "{id}");
        }
    }
}
