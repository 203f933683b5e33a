//! The exit codes, all of them: what a pipeline may rely on.

use crate::verdict::Gate;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// 0: conformant, perhaps with deviations, or every violation waived; or the command did what it was asked.
    Success = 0,
    /// 1: non-conformant, a waiver is expired or stale, a case flaky, a snapshot changed, a mutant was missed, or a comparison has
    /// something worse.
    NonConformant = 1,
    /// 2: wrong usage, a broken case file or contract, or nothing selected.
    Usage = 2,
    /// 3: undetermined: the target can't be reached, the control was refused, a must clause could not be tested.
    Undetermined = 3,
    /// 4: the harness failed, or a report or the ledger could not be written.
    Internal = 4,
    /// 130: stopped by Ctrl-C.
    Interrupted = 130,
    /// 143: stopped by a termination signal.
    Terminated = 143,
}

impl Exit {
    /// Every exit code with its meaning, for `--help` and the README.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Success, "conformant, conformant with deviations, or every violation waived"),
        (
            Self::NonConformant,
            "non-conformant: a must clause is broken; or a waiver is expired or stale, a case flaky, or a snapshot changed",
        ),
        (Self::Usage, "wrong usage, a broken case file or contract, or nothing selected"),
        (
            Self::Undetermined,
            "undetermined: target unreachable, control refused, or a must clause that could not be tested",
        ),
        (Self::Internal, "internal error, or a report or the ledger could not be written"),
        (Self::Interrupted, "stopped by Ctrl-C"),
        (Self::Terminated, "stopped by a termination signal"),
    ];
}

impl Exit {
    /// How several things together end: as the worst of them.
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        let order = |exit: &Self| match exit {
            Self::Terminated | Self::Interrupted => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::NonConformant => 3,
            Self::Undetermined => 4,
            Self::Success => 5,
        };
        exits.into_iter().min_by_key(order).unwrap_or(Self::Success)
    }
}

impl From<Gate> for Exit {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Passed => Self::Success,
            Gate::Failed => Self::NonConformant,
            Gate::Undetermined => Self::Undetermined,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gate_is_told_has_the_documented_exit_code() {
        for (gate, code) in [(Gate::Passed, 0), (Gate::Failed, 1), (Gate::Undetermined, 3)] {
            assert_eq!(Exit::from(gate) as u8, code, "{gate:?}");
        }
    }
    #[test]
    fn several_together_end_as_the_worst_of_them() {
        use Exit::{Internal, NonConformant, Success, Undetermined, Usage};
        let worst_first = [Internal, Usage, NonConformant, Undetermined, Success];
        for (index, worst) in worst_first.iter().enumerate() {
            let rest = worst_first.iter().skip(index).rev().copied();
            assert_eq!(Exit::worst(rest), *worst);
        }
    }

    #[test]
    fn the_readme_has_every_exit_code() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        for (exit, says) in Exit::ALL.into_iter().filter(|(exit, _)| (*exit as u8) < 100) {
            let line = format!("| {} | {says} |", exit as u8);
            assert!(readme.contains(&line), "{line}");
        }
    }
}
