//! A case as test runners see it, for the formats that know tests alone.

use crate::verdict::{CaseResult, Outcome};

/// What a test runner would say of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It conforms, or deviates in a run that isn't strict, or shows a reading.
    Passed,
    /// It fails the gate.
    Failed,
    /// The harness or the environment failed.
    Error,
    /// Nothing was learnt.
    Inconclusive,
    /// Not fired, or all that it breaks is waived.
    Skipped,
}

impl Status {
    /// The status of a case.
    pub(super) fn of(result: &CaseResult, strict: bool) -> Self {
        match result.outcome {
            Outcome::Error => Self::Error,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::Skipped => Self::Skipped,
            _ if result.failing_snapshots().next().is_some() => Self::Failed,
            _ if result.is_waived(strict) => Self::Skipped,
            Outcome::Violates => Self::Failed,
            Outcome::Deviates if strict => Self::Failed,
            Outcome::Deviates | Outcome::Observed | Outcome::Conforms => Self::Passed,
        }
    }

    /// Whether a test runner fails for it.
    pub(super) fn fails(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// The part of a case's id before the case: suite and file.
pub(super) fn group(id: &str) -> &str {
    let path = id.split_once('[').map_or(id, |(path, _)| path);
    path.rsplit_once('/').map_or(path, |(file, _)| file)
}
