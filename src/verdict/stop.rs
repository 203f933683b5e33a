//! What stopped a run before its end.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const INTERRUPT: &str = "Ctrl-C";
const TERMINATE: &str = "a termination signal";

/// What stopped a run before its end. An event stream has it as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
pub enum StopReason {
    /// Ctrl-C.
    Interrupt,
    /// A termination signal.
    Terminate,
    /// The run's time limit.
    TimeLimit(Duration),
    /// So many cases failed, and the run was to go no further.
    Violations(usize),
    /// The ledger could not be written, and nothing is sent without it.
    Ledger,
    /// This machine had too little of something, in these words.
    Machine(String),
    /// The results could not be reported.
    Output,
    /// The event stream that the run is known by ends after so many cases.
    Truncated {
        /// Case rows in the stream.
        rows: usize,
        /// Case rows of the run.
        of: usize,
    },
    /// In these words.
    Other(String),
}

impl fmt::Display for StopReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupt => formatter.write_str(INTERRUPT),
            Self::Terminate => formatter.write_str(TERMINATE),
            Self::TimeLimit(limit) => write!(formatter, "the time limit of {} s was reached", limit.as_secs_f64()),
            Self::Violations(1) => formatter.write_str("a case failed, and --max-violations is 1"),
            Self::Violations(most) => write!(formatter, "{most} cases failed, as many as --max-violations allows"),
            Self::Ledger => formatter.write_str("the ledger could not be written"),
            Self::Output => formatter.write_str("the results could not be reported"),
            Self::Truncated { rows, of } => write!(formatter, "its event stream ends after {rows} of {of} cases"),
            Self::Machine(text) | Self::Other(text) => formatter.write_str(text),
        }
    }
}

/// Reads signals back, which decide the exit code; anything else stays text.
impl FromStr for StopReason {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Earlier versions had a hint behind the signal's name.
        Ok(if text.starts_with(INTERRUPT) {
            Self::Interrupt
        } else if text.starts_with(TERMINATE) {
            Self::Terminate
        } else {
            Self::Other(text.to_owned())
        })
    }
}

impl From<String> for StopReason {
    fn from(text: String) -> Self {
        let Ok(reason) = text.parse();
        reason
    }
}

impl From<StopReason> for String {
    fn from(reason: StopReason) -> Self {
        reason.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_read_back_as_signals_also_from_earlier_versions_and_all_else_as_text() {
        for reason in [StopReason::Interrupt, StopReason::Terminate] {
            assert_eq!(StopReason::from(reason.to_string()), reason);
            assert_eq!(StopReason::from(format!("{reason}; a second one ends it at once")), reason);
        }
        let limit = StopReason::TimeLimit(Duration::from_millis(1_500)).to_string();
        assert_eq!(limit, "the time limit of 1.5 s was reached");
        assert_eq!(StopReason::from(limit.clone()), StopReason::Other(limit));
    }
}
