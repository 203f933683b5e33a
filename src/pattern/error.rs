//! Why a text is no regular expression.

use std::ops::Range;

/// Why a text is no regular expression, or none that can be used: a lower-case fragment, and where in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// The cause.
    pub message: String,
    /// The bytes of the text that it is about.
    pub at: Range<usize>,
}
