//! A run as test runners see it, for the formats that know tests alone: which case passed, and what failed besides the
//! cases.

use super::gate::{self, Notice};
use super::summary::Summary;
use crate::verdict::{CaseResult, Gate, Outcome};

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

/// The group of the failure that stands for the verdict.
pub(super) const VERDICT: &str = "verdict";

/// A failure of the run that is none of a case.
pub(super) struct RunFailure {
    /// `waivers`, `flaky` or `verdict`.
    pub(super) group: &'static str,
    /// What the test for it is called.
    pub(super) name: String,
    /// The kind of failure: `expired`, `stale`, `flaky`, or the verdict.
    pub(super) kind: String,
    pub(super) message: String,
    /// The file and line of a waiver.
    pub(super) at: Option<(String, usize)>,
}

impl From<Notice> for RunFailure {
    fn from(notice: Notice) -> Self {
        let group = if notice.word == gate::FLAKY { gate::FLAKY } else { "waivers" };
        let message = format!("{}: {}", notice.title(), notice.says);
        Self { group, name: message.clone(), kind: notice.word.to_owned(), message, at: notice.at }
    }
}

/// What fails a run besides its cases: waivers and flaky cases; and the verdict, where nothing else does, since a run that
/// found nothing out must not look like a success.
pub(super) fn run_failures(run: &Summary) -> Vec<RunFailure> {
    let notices = gate::waivers(&run.footer).into_iter().chain(gate::flaky(&run.footer));
    let mut failures: Vec<RunFailure> = notices.filter(|notice| notice.fails).map(RunFailure::from).collect();
    if run.footer.gate != Gate::Passed && failures.is_empty() && run.failed == 0 {
        let verdict = run.footer.verdict.to_string();
        let message = format!("{verdict}: {}", gate::why(&run.footer));
        let name = "the verdict on the run".to_owned();
        failures.push(RunFailure { group: VERDICT, name, kind: verdict, message, at: None });
    }
    failures
}

/// The part of a case's id before the case: suite and file.
pub(super) fn group(id: &str) -> &str {
    let path = id.split_once('[').map_or(id, |(path, _)| path);
    path.rsplit_once('/').map_or(path, |(file, _)| file)
}
