//! What the loader wants to know of a contract.

use crate::contract::{Operation, Polarity};

/// The clauses that case files may cite, and the operations that they may call.
pub trait Clauses {
    /// The operation with an `operationId`.
    fn operation(&self, id: &str) -> Option<Operation>;
    /// All operations' ids.
    fn operations(&self) -> Vec<&str>;
    /// Whether an operation may have a method, or any, and a path like this one.
    fn may_have(&self, method: Option<&str>, fits: &dyn Fn(&Operation) -> bool) -> bool;
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
    /// Whether it is known where an error body has its code.
    fn have_code_place(&self) -> bool;
    /// The derived clause of an operation's answer with one of these statuses, or of any answer; `None` where none is derived.
    fn usual(&self, operation: Option<&str>, statuses: &[u16]) -> Option<String>;
}
