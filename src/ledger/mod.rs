//! The ledger: what a run may have made at a target, on disk before the request leaves, so that it can be removed even
//! where the run was killed.
//!
//! A ledger is a file of JSON lines: a [`Head`] that says against which target it was made, then a line for each request
//! that may create something ([`Line::Sent`]), for what it made ([`Line::Made`]), for what is known to be gone or never
//! made ([`Line::Gone`]), and for what could not be removed ([`Line::Left`]). What was sent and isn't gone is *open*. Each
//! run has a file of its own, locked for as long as the run lives, and a run that leaves nothing open takes it away.
//!
//! Owns the file; doesn't send, and doesn't know how anything is looked up. No secret gets into it.

mod reader;
mod writer;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use reader::{LedgerBusy, LockedLedger, files, read};
pub use writer::{Ledger, key};

/// The version of the file's form.
pub const FORMAT: u32 = 1;

/// What a ledger begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// The target's base URL, without a `/` at its end: nothing is ever removed anywhere else.
    pub target: String,
    /// The suite's name.
    pub suite: String,
    /// When the run began, RFC 3339.
    pub started: String,
    /// The seed of the run's generated values, in hexadecimal.
    pub seed: String,
    /// The variables that the run was given, but for those that hold a secret.
    pub variables: BTreeMap<String, String>,
}

/// A request that may have made something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// What later lines call it; requests that are equal in method, URL and body have one key.
    pub key: String,
    /// The id of the case that sent it.
    pub case: String,
    /// Its method.
    pub method: String,
    /// Its path and query; not there where a secret is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What it can be found by; without what is too long or holds a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
}

/// A line behind the head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// It is about to be sent.
    Sent(Sent),
    /// It was accepted.
    Made(Made),
    /// What it made is gone, or it made nothing.
    Gone(Gone),
    /// What it made could not be removed; it stays open.
    Left(Left),
}

/// See [`Line::Made`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Of which request.
    pub key: String,
    /// The path by which the thing is removed.
    pub remove: String,
}

/// See [`Line::Gone`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// Of which request.
    pub key: String,
    /// The path of the thing, where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
}

/// See [`Line::Left`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Of which request.
    pub key: String,
    /// Why.
    pub why: String,
}

/// What is open: a request and what is known of what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The request; the first of those with its key.
    pub sent: Sent,
    /// How often it was sent and what it made isn't known to be gone.
    pub times: usize,
    /// The paths by which the things that it made are removed, as far as they are known.
    pub removals: Vec<String>,
    /// Why it could not be removed, where that was tried.
    pub left: Option<String>,
}

/// What keeps a ledger from being read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file can't be opened or read.
    #[error("the ledger {} can't be read: {cause}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// A line that isn't one of a ledger's.
    #[error("{}:{line}: this is no line of a ledger: {cause}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// The file was written by a version whose ledgers aren't understood.
    #[error("{}:1: the ledger has format {format}, and this version reads {FORMAT}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
}
