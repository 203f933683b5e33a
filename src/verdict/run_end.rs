//! What a run came to over all of its suites.

use super::outcome::{Gate, Verdict};
use super::stop::StopReason;
use super::stream::Footer;

/// What a run came to over all of its suites: as much as the worst of them. Of none at all, nothing is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunEnd {
    /// The verdict.
    pub verdict: Verdict,
    /// What a pipeline is told.
    pub gate: Gate,
    /// What stopped the run before its end: a signal, where it was one in any suite.
    pub interrupted: Option<StopReason>,
}

impl RunEnd {
    /// What suites with these footers amount to.
    pub fn of(footers: &[Footer]) -> Self {
        let interrupted = || footers.iter().filter_map(|footer| footer.interrupted.as_ref());
        let is_signal = |reason: &&StopReason| matches!(reason, StopReason::Interrupt | StopReason::Terminate);
        Self {
            verdict: Verdict::worst(footers.iter().map(|footer| footer.verdict)),
            gate: Gate::worst(footers.iter().map(|footer| footer.gate)),
            interrupted: interrupted().find(is_signal).or_else(|| interrupted().next()).cloned(),
        }
    }
}
