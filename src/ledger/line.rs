//! The lines of a ledger, and what is open once they are counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the file's form.
pub const FORMAT: u32 = 1;
/// What a ledger's file name ends with.
pub(super) const EXTENSION: &str = "ndjson";

/// What a ledger begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerHeader {
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
#[serde(deny_unknown_fields, expecting = "a request that was sent")]
pub struct SentRequest {
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

/// A line behind the header. Each names its request by the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum LedgerLine {
    /// It is about to be sent.
    Sent(SentRequest),
    /// It was accepted; what it made is removed at this path.
    Made { key: String, remove: String },
    /// What it made is gone, or it made nothing; the path where something was made.
    Gone {
        key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remove: Option<String>,
    },
    /// What it made could not be removed, for this reason; it stays open.
    Left { key: String, why: String },
}

/// What is open: a request and what is known of what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEntry {
    /// The request; the first of those with its key.
    pub sent: SentRequest,
    /// How often it was sent and what it made isn't known to be gone.
    pub times: usize,
    /// The paths by which the things that it made are removed, as far as they are known.
    pub removals: Vec<String>,
    /// Why it could not be removed, where that was tried.
    pub left: Option<String>,
}
