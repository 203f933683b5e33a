//! Which places that the suite speaks of were ever there in an answer: one that never was is most likely misspelt.

use std::collections::{BTreeMap, HashMap};
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::suite::{Distinct, Predicate, Statement, Suite};

/// Nothing was looked for there.
const NEVER: u8 = 0;
/// Nothing was there.
const MISSING: u8 = 1;
/// Something was.
const THERE: u8 = 2;

/// What was found at the places of a suite, by the address of what speaks of them. No lock is taken where answers are judged.
#[derive(Debug)]
pub(super) struct Places(HashMap<usize, AtomicU8>);

impl Places {
    /// Those of a suite, which has to stay where it is.
    pub(super) fn of(suite: &Suite) -> Self {
        let statements = statements(suite).map(address);
        Self(statements.chain(distincts(suite).map(address)).map(|speaks| (speaks, AtomicU8::new(NEVER))).collect())
    }

    /// Notes that the place was looked at of which a statement or the like speaks, and whether anything was there.
    pub(super) fn note<T>(&self, speaks: &T, is_there: bool) {
        let Some(found) = self.0.get(&address(speaks)) else { return };
        let now = if is_there { THERE } else { MISSING };
        if found.load(Ordering::Relaxed) < now {
            found.fetch_max(now, Ordering::Relaxed);
        }
    }

    /// The places of the suite at which nothing ever was, though something is said of what is there. What is written once may
    /// stand in several cases.
    pub(super) fn idle(&self, suite: &Suite) -> Vec<String> {
        let is_unwanted = |predicate: &Predicate| matches!(predicate, Predicate::Present(false));
        let statements = statements(suite)
            .filter(|statement| !statement.optional && !statement.predicates.iter().any(is_unwanted))
            .map(|statement| (&statement.file, statement.line, &statement.at, self.found(statement)));
        let distincts = distincts(suite)
            .filter(|distinct| !distinct.optional)
            .map(|distinct| (&distinct.file, distinct.line, &distinct.at, self.found(distinct)));
        let mut places: BTreeMap<(&String, u32, String), u8> = BTreeMap::new();
        for (file, line, at, found) in statements.chain(distincts) {
            let known = places.entry((file, line, at.to_string())).or_insert(NEVER);
            *known = found.max(*known);
        }
        let idle = places.into_iter().filter(|(_, found)| *found == MISSING);
        idle.map(|((file, line, at), _)| format!("{}/{file}:{line}: {at}", suite.name)).collect()
    }

    fn found<T>(&self, speaks: &T) -> u8 {
        self.0.get(&address(speaks)).map_or(NEVER, |found| found.load(Ordering::Relaxed))
    }
}

fn address<T>(speaks: &T) -> usize {
    ptr::from_ref(speaks).addr()
}

fn statements(suite: &Suite) -> impl Iterator<Item = &Statement> {
    let own = suite.cases.iter().flat_map(|case| &case.steps).flat_map(|step| &step.statements);
    suite.operations.iter().flat_map(|operation| operation.statements.all()).chain(own)
}

fn distincts(suite: &Suite) -> impl Iterator<Item = &Distinct> {
    suite.cases.iter().flat_map(|case| &case.steps).flat_map(|step| &step.distinct)
}
