//! How large a file may be: one bound for what people write by hand, another for documents that are published.

/// The largest file that somebody writes by hand, in bytes.
pub const MAX_FILE_BYTES: u64 = SMALL_FILE.bytes;

/// What a file may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes.
    pub bytes: u64,
    /// How deep it may nest.
    pub depth: usize,
    /// The most values.
    pub values: usize,
    /// The most anchors, and the most aliases.
    pub aliases: usize,
}

/// A file that somebody writes by hand.
pub const SMALL_FILE: Limits = Limits { bytes: 1024 * 1024, depth: 40, values: 100_000, aliases: 200 };

/// A document that a publisher makes: the largest ones of today have 13 MB and a quarter of a million values.
pub const DOCUMENT: Limits = Limits { bytes: 32 * 1024 * 1024, depth: 100, values: 1_500_000, aliases: 20_000 };
