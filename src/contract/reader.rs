//! Reading parts of a document by JSON pointer, with every fault noted and none stopping the reading.

use serde_json::{Map, Value};

use super::fault::{Fault, quoted};
use super::survey::target;
use crate::pointer;
use crate::source::did_you_mean;

/// The most references from one to the next that are followed where no schema is meant.
const MOST_HOPS: usize = 8;

/// A document being read, and what was found wrong so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) document: &'a Value,
    /// What makes the document unusable.
    pub(super) faults: Vec<Fault>,
    /// What is most likely a slip.
    pub(super) slips: Vec<Fault>,
}

/// The keys that a kind of map may and has to have.
#[derive(Debug)]
pub(super) struct Shape {
    /// What such a map is called in messages: `a response`.
    pub(super) name: &'static str,
    pub(super) needed: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document, faults: Vec::new(), slips: Vec::new() }
    }

    pub(super) fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.document.pointer(pointer)
    }

    pub(super) fn fault(&mut self, pointer: &str, message: impl Into<String>) {
        self.faults.push(Fault::at_value(pointer, message));
    }

    pub(super) fn fault_at_key(&mut self, pointer: &str, message: impl Into<String>) {
        self.faults.push(Fault::at_key(pointer, message));
    }

    /// The map at a pointer, whatever its keys; nothing, with a fault unless nothing is there, for anything else.
    pub(super) fn map(&mut self, pointer: &str, name: &str) -> Option<&'a Map<String, Value>> {
        let value = self.get(pointer)?;
        if value.as_object().is_none() {
            self.fault(pointer, format!("{name} has to be a map"));
        }
        value.as_object()
    }

    /// The map at a pointer, its keys held against a shape.
    pub(super) fn shaped(&mut self, pointer: &str, shape: &Shape) -> Option<&'a Map<String, Value>> {
        let map = self.map(pointer, shape.name)?;
        for key in map.keys() {
            if shape.needed.contains(&key.as_str()) || shape.optional.contains(&key.as_str()) {
                continue;
            }
            let here = pointer::join(pointer, key);
            if key.starts_with("x-") {
                self.slips.push(Fault::at_key(here, format!("unknown extension `{key}`")));
            } else {
                let known = || shape.needed.iter().chain(shape.optional).copied();
                let hint = match did_you_mean(key, known()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("it may have {}", quoted(known())),
                };
                self.faults.push(Fault::at_key(here, format!("{} has no key `{key}`", shape.name)).hint(hint));
            }
        }
        for key in shape.needed.iter().filter(|key| !map.contains_key(**key)) {
            self.fault_at_key(pointer, format!("{} lacks `{key}`", shape.name));
        }
        Some(map)
    }

    /// The text at a pointer, not blank; nothing, with a fault unless nothing is there, for anything else.
    pub(super) fn text(&mut self, pointer: &str) -> Option<&'a str> {
        let text = self.get(pointer)?.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.fault(pointer, "this has to be a text that is not empty");
        }
        text
    }

    /// The boolean at a pointer; nothing where nothing is there.
    pub(super) fn flag(&mut self, pointer: &str) -> Option<bool> {
        let value = self.get(pointer)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.fault(pointer, "this has to be true or false");
        }
        flag
    }

    /// The items of the list at a pointer, each with its own pointer; none, with a fault unless nothing is there, for
    /// anything else.
    pub(super) fn items(&mut self, pointer: &str) -> Vec<(String, &'a Value)> {
        match self.get(pointer) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(i, item)| (pointer::join(pointer, &i.to_string()), item)).collect()
            }
            Some(_) => {
                self.fault(pointer, "this has to be a list");
                Vec::new()
            }
        }
    }

    /// The HTTP status at a pointer, a number or its digits.
    pub(super) fn status(&mut self, pointer: &str) -> Option<u16> {
        let status = self.get(pointer)?.as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.filter(|status| (100..=599).contains(status));
        if status.is_none() {
            self.fault(pointer, "this has to be an HTTP status from 100 to 599");
        }
        status
    }

    /// Where a part of the document is, once its `$ref`s are followed; nothing, with a fault, if that leads nowhere.
    pub(super) fn resolve(&mut self, pointer: &str) -> Option<String> {
        let mut at = pointer.to_owned();
        for _ in 0..MOST_HOPS {
            let Some(reference) = self.get(&at)?.get("$ref") else { return Some(at) };
            let here = pointer::join(&at, "$ref");
            let Some(reference) = reference.as_str() else {
                self.fault(&here, "a reference has to be a text");
                return None;
            };
            match target(self.document, &here, reference) {
                Ok(target) => at = target,
                Err(fault) => {
                    self.faults.push(fault);
                    return None;
                }
            }
        }
        self.fault(pointer, format!("this reference leads to another, and so on, more than {MOST_HOPS} times"));
        None
    }
}
