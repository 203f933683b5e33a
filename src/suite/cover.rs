//! What a case shows of a clause.

use crate::contract::Polarity;

/// A clause and what a case shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cover {
    /// The clause's id.
    pub clause: String,
    /// What is shown of it.
    pub polarity: Polarity,
}
