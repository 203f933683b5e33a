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
    pub fn of<'a>(footers: impl IntoIterator<Item = &'a Footer>) -> Self {
        footers.into_iter().fold(None, |before, footer| Some(Self::after(before, footer))).unwrap_or_default()
    }

    /// What the suites before, if there were any, and one with this footer amount to.
    #[must_use]
    pub fn after(before: Option<Self>, footer: &Footer) -> Self {
        let (verdict, gate) = (footer.verdict, footer.gate);
        let Some(before) = before else { return Self { verdict, gate, interrupted: footer.interrupted.clone() } };
        let is_signal = |reason: &&StopReason| matches!(reason, StopReason::Interrupt | StopReason::Terminate);
        let reasons = || before.interrupted.as_ref().into_iter().chain(&footer.interrupted);
        Self {
            verdict: Verdict::worst([before.verdict, verdict]),
            gate: Gate::worst([before.gate, gate]),
            interrupted: reasons().find(is_signal).or_else(|| reasons().next()).cloned(),
        }
    }
}
