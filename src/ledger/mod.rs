//! The ledger: what a run may have made at a target, on disk before the request leaves, so that it can be removed even
//! where the run was killed.
//!
//! A ledger is a file of JSON lines: a header that says against which target it was made, then a line for each request
//! that may create something, for what it made, for what is known to be gone or never made, and for what could not be
//! removed. What was sent and isn't gone is *open*. Each run has a file of its own, locked for as long as the run lives, and
//! a run that leaves nothing open removes it.
//!
//! Owns the file; doesn't send, and doesn't know how anything is looked up. No secret gets into it.

mod line;
mod reader;
mod writer;

pub use line::{FORMAT, LedgerHeader, OpenEntry, SentRequest};
pub use reader::{LedgerError, LockedLedger, files, read};
pub use writer::{Ledger, key};
