//! Why two runs can't be compared.

/// Why two runs can't be compared.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// One has a suite that the other one lacks.
    #[error("the {has} run has the suite {suite}, and the {lacks} one doesn't")]
    Suite {
        /// `old` or `new`.
        has: &'static str,
        /// The other one.
        lacks: &'static str,
        /// The suite's name.
        suite: String,
    },
    /// They are different parts of a suite.
    #[error("of the suite {suite}, the old run is {old} and the new one {new}")]
    Shard {
        /// The suite's name.
        suite: String,
        /// `shard 1/2`, or `a whole run`.
        old: String,
        /// The same of the new run.
        new: String,
    },
    /// More would have to be kept than there is room for.
    #[error("the ids of its cases, and its clauses, have more than {mebibytes} MiB in all")]
    Room {
        /// For how much there is room.
        mebibytes: usize,
    },
}
