//! Which places that the suite speaks of were ever there in an answer: one that never was is most likely misspelt.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::suite::{Distinct, Predicate, Statement};

/// Where a place is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WrittenPlace {
    file: String,
    line: u32,
    at: String,
    /// Whether nothing is said where no answer has it.
    is_silent: bool,
}

impl From<&Statement> for WrittenPlace {
    fn from(statement: &Statement) -> Self {
        let Statement { file, line, at, optional, predicates, .. } = statement;
        let is_unwanted = predicates.iter().any(|predicate| matches!(predicate, Predicate::Present(false)));
        Self { file: file.clone(), line: *line, at: at.to_string(), is_silent: *optional || is_unwanted }
    }
}

impl From<&Distinct> for WrittenPlace {
    fn from(Distinct { file, line, at, optional, .. }: &Distinct) -> Self {
        Self { file: file.clone(), line: *line, at: at.to_string(), is_silent: *optional }
    }
}

/// The places that were looked at, each with whether anything was ever there.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<BTreeMap<WrittenPlace, bool>>);

impl Places {
    /// Notes that a place was looked at, and whether anything was there.
    pub(super) fn note(&self, place: &WrittenPlace, is_there: bool) {
        let mut places = self.places();
        match places.get_mut(place) {
            Some(known) => *known |= is_there,
            None => _ = places.insert(place.clone(), is_there),
        }
    }

    /// The places at which nothing ever was, as a suite of this name has them.
    pub(super) fn idle(&self, suite: &str) -> Vec<String> {
        let places = self.places();
        let idle = places.iter().filter(|(place, is_there)| !**is_there && !place.is_silent);
        idle.map(|(WrittenPlace { file, line, at, .. }, _)| format!("{suite}/{file}:{line}: {at}")).collect()
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<WrittenPlace, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
