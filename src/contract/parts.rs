//! The parts of a document by JSON pointer, and what was found wrong with them so far. What has the wrong kind was
//! told of when the document was held against its tables; here it is passed over in silence.

use serde_json::{Map, Value};

use super::mistake::Mistake;
use super::survey::target;
use crate::pointer;

/// The most references from one to the next that are followed where no schema is meant.
const MOST_HOPS: usize = 8;

/// A document being read.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) document: &'a Value,
    /// What makes the document unusable.
    pub(super) mistakes: Vec<Mistake>,
    /// What is most likely not meant.
    pub(super) doubts: Vec<Mistake>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document, mistakes: Vec::new(), doubts: Vec::new() }
    }

    pub(super) fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.document.pointer(pointer)
    }

    /// The map at a pointer.
    pub(super) fn map(&self, pointer: &str) -> Option<&'a Map<String, Value>> {
        self.get(pointer)?.as_object()
    }

    /// The names in the map at a pointer, each with its own pointer.
    pub(super) fn members(&self, pointer: &str) -> Vec<(&'a str, String)> {
        self.map(pointer).into_iter().flatten().map(|(name, _)| (name.as_str(), pointer::join(pointer, name))).collect()
    }

    /// The pointers of the items of the list at a pointer.
    pub(super) fn items(&self, pointer: &str) -> Vec<String> {
        let count = self.get(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| pointer::join(pointer, &index.to_string())).collect()
    }

    /// The text at a pointer.
    pub(super) fn text(&self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)?.as_str()
    }

    /// Whether `true` is at a pointer.
    pub(super) fn is_true(&self, pointer: &str) -> bool {
        self.get(pointer) == Some(&Value::Bool(true))
    }

    /// The word at a pointer.
    pub(super) fn word<T: std::str::FromStr>(&self, pointer: &str) -> Option<T> {
        self.text(pointer)?.parse().ok()
    }

    /// The HTTP status at a pointer.
    pub(super) fn status(&self, pointer: &str) -> Option<u16> {
        self.get(pointer)?.as_u64().and_then(|status| u16::try_from(status).ok())
    }

    pub(super) fn report(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Where a part of the document is, once its `$ref`s are followed; nothing, and told of, if that leads nowhere.
    pub(super) fn resolve(&mut self, pointer: &str) -> Option<String> {
        let mut at = pointer.to_owned();
        for _ in 0..MOST_HOPS {
            let Some(reference) = self.get(&at)?.get("$ref") else { return Some(at) };
            let here = pointer::join(&at, "$ref");
            let target = match reference.as_str() {
                Some(reference) => target(self.document, &here, reference),
                None => Err(Mistake::at_value(here, "a reference is a text")),
            };
            match target {
                Ok(target) => at = target,
                Err(mistake) => {
                    self.report(mistake);
                    return None;
                }
            }
        }
        self.report(Mistake::at_value(pointer, format!("more than {MOST_HOPS} references lead on from here")));
        None
    }
}
