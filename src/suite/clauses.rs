//! What the loader wants to know of a contract.

use std::collections::BTreeMap;

use crate::contract::Polarity;

/// The clauses that case files may cite.
pub trait Clauses {
    /// The polarities that cases may show of a clause; `None` where there is no such clause.
    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>>;
    /// All ids, for "did you mean".
    fn ids(&self) -> Vec<&str>;
    /// JSON pointers, into the contract, of the schema keywords that a clause stands for.
    fn schema(&self, clause: &str) -> Vec<String>;
    /// Whether a clause is about a request among others.
    fn is_relative(&self, clause: &str) -> bool;
    /// Whether a check, or a schema keyword of an answer, is about a clause.
    fn judges_answers(&self, clause: &str) -> bool;
    /// The derived clause of an answer with a status, or of any answer; `None` where none is derived.
    fn usual(&self, status: Option<u16>) -> Option<String>;
}

impl Clauses for BTreeMap<String, Vec<Polarity>> {
    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>> {
        self.get(clause).cloned()
    }

    fn ids(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }

    fn schema(&self, _clause: &str) -> Vec<String> {
        Vec::new()
    }

    fn is_relative(&self, _clause: &str) -> bool {
        false
    }

    fn judges_answers(&self, _clause: &str) -> bool {
        true
    }

    fn usual(&self, _status: Option<u16>) -> Option<String> {
        None
    }
}
