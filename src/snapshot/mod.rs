//! Regression snapshots: an exchange made comparable, and the files that it is compared with.
//!
//! Two snapshots of a case: its answers with their values, of which what varies is a placeholder; and its answers with
//! every value replaced by type and form, which hold for other implementations, too. The files are insta's, so that
//! `cargo insta review` takes them. Doesn't send, doesn't judge the documentation's clauses, and knows nothing of runs.

mod document;
mod file;
mod name;
mod names;
#[cfg(test)]
mod properties;
mod redact;
mod shape;
mod store;
mod suggest;

pub use document::{StepExchange, Subject};
pub use file::{FileError, Head, contents};
pub use name::{is_profile, stem};
pub use store::{ComparedRow, Folder, Kept, Mode, Settings, Store};
pub use suggest::{RedactionProposal, propose};
