//! From keywords of schemas to clauses.

use std::collections::BTreeMap;

use super::clause::{Clause, ClauseId};
use crate::pointer::outwards;

/// Which clause stands for which schema keyword, by the keyword's JSON pointer into the contract.
#[derive(Debug, Default, Clone)]
pub(super) struct ClauseOf(pub(super) BTreeMap<String, ClauseId>);

impl ClauseOf {
    /// The clauses by the keywords that they name.
    pub(super) fn of(clauses: &[Clause]) -> Self {
        let mut clause_of = BTreeMap::new();
        for clause in clauses {
            for keyword in &clause.schema {
                clause_of.entry(keyword.clone()).or_insert_with(|| clause.id.clone());
            }
        }
        Self(clause_of)
    }

    /// The clause that stands for what is at a pointer, or for the nearest thing around it; nothing if none does.
    pub(super) fn at_or_around(&self, pointer: &str) -> Option<&ClauseId> {
        outwards(pointer).find_map(|around| self.0.get(around))
    }
}
