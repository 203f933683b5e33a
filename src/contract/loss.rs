//! What is lost of somebody else's document: a part that can't be read costs the operations that it is in, and no more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::mistake::Mistake;
use super::openapi::OperationPlan;
use super::references::references;
use crate::pointer;

/// What can't be read, and the operations that it is in.
#[derive(Debug, Default)]
pub(super) struct Loss {
    pub(super) faults: Vec<Mistake>,
    /// The ids of the operations that are lost, each with the numbers of its faults.
    pub(super) operations: BTreeMap<String, Vec<usize>>,
}

impl Loss {
    /// Takes the operations with faults out of the plans.
    pub(super) fn of(document: &Value, plans: &mut Vec<OperationPlan>, mut faults: Vec<Mistake>) -> Self {
        faults.sort();
        faults.dedup_by(|one, other| one.pointer == other.pointer);
        let mut operations = BTreeMap::new();
        if !faults.is_empty() {
            let mut reached = Reached { document, references: BTreeMap::new() };
            plans.retain(|plan| {
                let places = reached.from(plan);
                let mut numbers: Vec<usize> = places.iter().flat_map(|place| within(&faults, place)).collect();
                numbers.sort_unstable();
                numbers.dedup();
                let is_sound = numbers.is_empty();
                if !is_sound {
                    operations.insert(plan.id.clone(), numbers);
                }
                is_sound
            });
        }
        Self { faults, operations }
    }

    /// Why an operation is lost; nothing where it isn't.
    pub(super) fn of_operation(&self, id: &str) -> Vec<Mistake> {
        let numbers = self.operations.get(id).into_iter().flatten();
        numbers.filter_map(|number| self.faults.get(*number).cloned()).collect()
    }
}

/// The numbers of the faults, which are sorted by their places, that are at a place or in what stands there.
fn within<'f>(faults: &'f [Mistake], place: &'f str) -> impl Iterator<Item = usize> + 'f {
    let first = faults.partition_point(|fault| fault.pointer.as_str() < place);
    let beginning = faults
        .iter()
        .enumerate()
        .skip(first)
        .map_while(move |(number, fault)| Some((number, fault.pointer.strip_prefix(place)?)));
    beginning.filter(|(_, rest)| rest.is_empty() || rest.starts_with('/')).map(|(number, _)| number)
}

/// Which parts of a document an operation is made of.
struct Reached<'d> {
    document: &'d Value,
    /// What each place refers to.
    references: BTreeMap<String, Vec<String>>,
}

impl Reached<'_> {
    fn from(&mut self, plan: &OperationPlan) -> BTreeSet<String> {
        let [operation, item] = &plan.pointers;
        let mut reached = BTreeSet::new();
        let mut open = vec![operation.clone(), pointer::join(item, "parameters")];
        while let Some(place) = open.pop() {
            if reached.insert(place.clone()) {
                open.extend(self.references(&place).iter().cloned());
            }
        }
        reached
    }

    fn references(&mut self, place: &str) -> &[String] {
        let document = self.document;
        self.references.entry(place.to_owned()).or_insert_with(|| {
            let mut found = Vec::new();
            if let Some(value) = document.pointer(place) {
                references(value, &mut found);
            }
            found
        })
    }
}
