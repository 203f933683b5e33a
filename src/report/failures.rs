//! What fails a run besides its cases, for the formats that know tests alone.

use super::gate::{self, Notice};
use super::summary::Summary;
use crate::verdict::Gate;

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
        let of = if run.header.is_of_several() { format!("suite {}", run.header.suite) } else { "run".to_owned() };
        let name = format!("the verdict on the {of}");
        failures.push(RunFailure { group: VERDICT, name, kind: verdict, message, at: None });
    }
    failures
}
