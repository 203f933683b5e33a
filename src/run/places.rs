//! Which places that the suite speaks of were ever there in an answer: one that never was is most likely misspelt.

use std::collections::{BTreeSet, HashMap};
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::suite::{Distinct, Predicate, Statement, Suite};

/// Nothing was looked for there.
const NEVER: u8 = 0;
/// Nothing was there.
const MISSING: u8 = 1;
/// Something was.
const THERE: u8 = 2;

/// Where a place is written.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct WrittenPlace {
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

/// The places of a suite, by the address of what speaks of them, each with what was found there. No lock is taken where
/// answers are judged.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<usize, (WrittenPlace, AtomicU8)>);

impl Places {
    /// Those of a suite, which has to stay where it is.
    pub(super) fn of(suite: &Suite) -> Self {
        let mut places = HashMap::new();
        let steps = || suite.cases.iter().flat_map(|case| &case.steps);
        let own = steps().flat_map(|step| &step.statements);
        for statement in suite.statements.accepted.iter().chain(&suite.statements.refused).chain(own) {
            places.insert(ptr::from_ref(statement).addr(), (statement.into(), AtomicU8::new(NEVER)));
        }
        for distinct in steps().flat_map(|step| &step.distinct) {
            places.insert(ptr::from_ref(distinct).addr(), (distinct.into(), AtomicU8::new(NEVER)));
        }
        Self(places)
    }

    /// Notes that the place was looked at of which a statement or the like speaks, and whether anything was there.
    pub(super) fn note<T>(&self, speaks: &T, is_there: bool) {
        let Some((_, found)) = self.0.get(&ptr::from_ref(speaks).addr()) else { return };
        let now = if is_there { THERE } else { MISSING };
        if found.load(Ordering::Relaxed) < now {
            found.fetch_max(now, Ordering::Relaxed);
        }
    }

    /// The places at which nothing ever was, as a suite of this name has them.
    pub(super) fn idle(&self, suite: &str) -> Vec<String> {
        let places = self.0.values();
        let idle = places.filter(|(place, found)| found.load(Ordering::Relaxed) == MISSING && !place.is_silent);
        let idle: BTreeSet<&WrittenPlace> = idle.map(|(place, _)| place).collect();
        idle.into_iter().map(|WrittenPlace { file, line, at, .. }| format!("{suite}/{file}:{line}: {at}")).collect()
    }
}
