//! What must come back: status, code, readings, and counts over repeats.

use super::statement::Place;

/// What must come back.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// One of these; empty where `readings`, `counts` or statements alone judge.
    pub status: Vec<u16>,
    /// Statuses that are a deviation, recorded under the clause named.
    pub deviates: Vec<(u16, String)>,
    /// Readings of an ambiguous clause by status; another status breaks `status.fits-request`.
    pub readings: Vec<Reading>,
    /// The error code is one of these; empty: not said.
    pub code: Vec<String>,
    /// The clause that another code breaks; `None`: the covered one.
    pub code_clause: Option<String>,
    /// How hard the general checks bind the answer.
    pub shape: Shape,
}

impl Expect {
    /// Whether nothing is said about the status, the readings or the code.
    pub fn says_nothing(&self) -> bool {
        self.status.is_empty() && self.readings.is_empty() && self.code.is_empty() && self.deviates.is_empty()
    }
}

/// How hard media type, body schema and general statements bind an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// A breach is a violation.
    #[default]
    Must,
    /// It may come from a layer in front of the API: a breach is a deviation.
    Should,
    /// Not judged: the answer of another operation.
    Free,
}

/// A reading of an ambiguous clause and the statuses that show it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its name.
    pub name: String,
    /// Any of these shows it.
    pub status: Vec<u16>,
}

/// How many of a step's repeats get which status.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Exactly so many with that status.
    pub exact: Vec<(u16, u32)>,
    /// All others get one of these. Empty: there are no others.
    pub rest: Vec<u16>,
}

/// A place where all accepted answers differ.
#[derive(Debug, Clone)]
pub struct Distinct {
    /// The clause that equal values break.
    pub clause: String,
    /// Where to look.
    pub at: Place,
    /// Whether there may be nothing.
    pub optional: bool,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}
