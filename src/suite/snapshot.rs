//! What snapshots show of an exchange, and what of it varies.

use super::statement::Place;
use crate::pattern::Pattern;

/// What snapshots show of an exchange, and what of it varies from run to run.
#[derive(Debug, Clone)]
pub struct SnapshotPlan {
    /// The lower-case names of the headers of an answer that are shown, in this order.
    pub headers: Vec<String>,
    /// What is replaced by a placeholder.
    pub redact: Vec<Redaction>,
    /// What an implementation may leave out or add: shapes don't show it.
    pub optional: Vec<Place>,
    /// Forms of a text that shapes tell apart, besides those that any API may have; the first that fits counts.
    pub forms: Vec<TextForm>,
}

/// A form that a text can have.
#[derive(Debug, Clone)]
pub struct TextForm {
    /// What it is called.
    pub name: String,
    /// Finds something in a text of this form.
    pub pattern: Pattern,
}

impl Default for SnapshotPlan {
    fn default() -> Self {
        let headers = vec!["content-type".to_owned()];
        Self { headers, redact: Vec::new(), optional: Vec::new(), forms: Vec::new() }
    }
}

/// A value of an answer that varies from run to run.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// What it is called in the placeholder: `[id#1]`.
    pub name: String,
    /// Where it is; in a pointer, `*` stands for any item or member.
    pub at: Vec<Place>,
    /// Whether different values get different placeholders: not where it is chance whether two of them are the same.
    pub numbered: bool,
    /// Whether it may well match nothing in the answers of a target.
    pub optional: bool,
    /// As it is written, for messages: the place, or the clause.
    pub written: String,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}

/// Whether a case is recorded.
#[derive(Debug, Clone, Default)]
pub enum SnapshotAsk {
    /// Only where every case is.
    #[default]
    IfAll,
    /// Never.
    Never,
    /// Always; these are redacted besides what the suite says.
    Always(Vec<Redaction>),
}
