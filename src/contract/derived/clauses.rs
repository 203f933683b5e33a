//! All derived clauses of a document.

use std::collections::{BTreeMap, BTreeSet};

use super::super::clause::{ClauseId, Level};
use super::super::status::DocumentedStatus;
use super::checks::CHECKS;
use super::origin::{Facet, Origin, Source};
use super::rows::Row;
use super::words::sentence;

/// All derived clauses of a document.
#[derive(Debug, Default)]
pub(in super::super) struct Derived {
    pub(super) clauses: BTreeMap<ClauseId, Entry>,
    /// The clauses of keywords, by the pointers of these.
    pub(super) of_keyword: BTreeMap<String, ClauseId>,
    /// Those of what is no keyword.
    pub(super) of_facet: BTreeMap<Facet, ClauseId>,
}

/// A derived clause before anybody asks for it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: &'static Row,
    pub(super) level: Level,
    pub(super) says: String,
    /// Where it is written, in order.
    pub(super) pointers: BTreeSet<String>,
}

impl Derived {
    pub(in super::super) fn of(source: &Source<'_>) -> Self {
        let mut origins: BTreeMap<String, Vec<Origin<'_>>> = BTreeMap::new();
        for origin in source.origins() {
            origins.entry(origin.id.clone()).or_default().push(origin);
        }
        let mut derived = Self::default();
        for (_, group) in origins {
            let is_plain = group.len() == 1 || group.iter().map(Origin::said).collect::<BTreeSet<_>>().len() == 1;
            for origin in group {
                derived.add(origin, is_plain);
            }
        }
        derived
    }

    fn add(&mut self, origin: Origin<'_>, is_plain: bool) {
        let Some(id) = origin.clause(is_plain) else { return };
        let entry = self.clauses.entry(id.clone()).or_insert_with(|| Entry {
            row: origin.row,
            level: (origin.row.level)(&origin.value),
            says: sentence(origin.row, &origin.what, &origin.value),
            pointers: BTreeSet::new(),
        });
        match origin.facet {
            Some(facet) => self.of_facet.insert(facet, id),
            None => self.of_keyword.insert(origin.pointer.clone(), id),
        };
        entry.pointers.insert(origin.pointer);
    }

    /// How many there are.
    pub(in super::super) fn len(&self) -> usize {
        self.clauses.len()
    }

    /// Whether one has this id.
    pub(in super::super) fn has(&self, id: &str) -> bool {
        self.clauses.contains_key(id)
    }

    /// The clause of a documented response.
    pub(in super::super) fn response(&self, operation: &str, status: DocumentedStatus) -> Option<&ClauseId> {
        self.of_facet.get(&(operation.to_owned(), Some(status), String::new()))
    }

    /// The clause of a body of a documented response.
    pub(in super::super) fn body(
        &self,
        operation: &str,
        status: DocumentedStatus,
        media_type: &str,
    ) -> Option<&ClauseId> {
        self.of_facet.get(&(operation.to_owned(), Some(status), media_type.to_owned()))
    }

    /// The clause of an operation that a general check is about.
    pub(in super::super) fn check(&self, operation: &str, check: &str) -> Option<&ClauseId> {
        let (_, keyword) = CHECKS.iter().find(|(known, _)| *known == check)?;
        self.of_facet.get(&(operation.to_owned(), None, (*keyword).to_owned()))
    }
}
