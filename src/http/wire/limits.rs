//! How much of an answer is read.

/// What bounds an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The largest body, in bytes.
    pub(super) body: usize,
    /// The longest head, interim answers included, and the longest trailers, in bytes.
    pub(super) head: usize,
    /// The most fields in a head or in trailers.
    pub(super) fields: usize,
}
