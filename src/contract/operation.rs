//! The documented operations: what is asked, and what may be answered with which status.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::body_schema::{BodySchema, SchemaViolation};
use super::clause::ClauseId;
use crate::secret::Secrets;

/// One documented operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// Its HTTP method in capitals.
    pub method: String,
    /// Its path, with the parameters in braces.
    pub path: String,
    /// The schema of a request's body, where one is documented.
    pub request: Option<BodySchema>,
    /// What may be answered, by status.
    pub responses: BTreeMap<u16, ResponseSpec>,
}

/// What an answer with one status is like.
#[derive(Debug, Clone)]
pub struct ResponseSpec {
    /// The status.
    pub status: u16,
    /// The documented media types, in lower case and without parameters; none where no body is documented.
    pub media_types: Vec<String>,
    /// The schema of a JSON body, where one is documented.
    pub schema: Option<BodySchema>,
    /// The documented headers, in the contract's order.
    pub headers: Vec<HeaderSpec>,
}

/// What a header of an answer is like.
#[derive(Debug, Clone)]
pub struct HeaderSpec {
    /// Its name in lower case.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// The clause that is broken where it has to be there and isn't.
    pub clause: ClauseId,
    /// The schema of its value, where one is documented.
    pub schema: Option<BodySchema>,
    pub(super) kind: HeaderKind,
}

/// How a header's text is read before its schema judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderKind {
    Text,
    /// A number or a boolean: its JSON.
    Literal,
}

impl Operation {
    /// What is documented for a status.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&ResponseSpec> {
        self.responses.get(&status)
    }

    /// The documented statuses, in order.
    pub fn statuses(&self) -> impl Iterator<Item = u16> {
        self.responses.keys().copied()
    }

    /// What is documented for the statuses that accept.
    pub fn successes(&self) -> impl Iterator<Item = &ResponseSpec> {
        self.responses.values().filter(|spec| spec.is_success())
    }

    /// What is documented for the statuses that refuse.
    pub fn refusals(&self) -> impl Iterator<Item = &ResponseSpec> {
        self.responses.values().filter(|spec| !spec.is_success())
    }
}

impl ResponseSpec {
    /// Whether the status is a 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl HeaderSpec {
    /// Every way in which a value of this header is not what its schema says. A text that should be a number or a
    /// boolean and isn't is judged as the text that it is; what is shown of it is masked.
    #[must_use]
    pub fn violations(&self, value: &str, secrets: &Secrets) -> Vec<SchemaViolation> {
        self.schema.as_ref().map(|schema| schema.violations(&self.read(value), secrets)).unwrap_or_default()
    }

    /// The clauses that stand for what had something of a value of this header to judge.
    #[must_use]
    pub fn applied_clauses(&self, value: &str) -> BTreeSet<ClauseId> {
        self.schema.as_ref().map(|schema| schema.applied_clauses(&self.read(value))).unwrap_or_default()
    }

    fn read(&self, value: &str) -> Value {
        let literal = match self.kind {
            HeaderKind::Text => None,
            HeaderKind::Literal => {
                serde_json::from_str::<Value>(value).ok().filter(|value| value.is_number() || value.is_boolean())
            }
        };
        literal.unwrap_or_else(|| Value::String(value.to_owned()))
    }
}
