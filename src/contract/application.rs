//! Which keywords of a schema apply to a value: what the schema looked at when it judged it.
//!
//! A keyword applies where there is something that it could object to: `pattern` to a text, `properties/id/type` to an
//! object with an `id`. Below a keyword that a clause stands for as a whole, such as `anyOf`, nothing is looked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::clause::ClauseId;
use super::clause_of::ClauseOf;
use super::direction::Directed;
use super::in_place::around;
use super::keywords::{Keyword, keyword};
use super::nullable::is_beside_null;
use super::survey::target;
use super::validator::{Reading, options};
use crate::pattern::Pattern;
use crate::pointer;

/// The most pairs of a schema and a value that are looked at.
const MOST_PAIRS: usize = 20_000;

/// What is compiled when it is first met, for all walks: the conditions of `if`, by their pointers, and the patterns of
/// members' names.
#[derive(Default)]
pub(super) struct Compiled {
    conditions: Mutex<BTreeMap<String, Option<Arc<Validator>>>>,
    patterns: Mutex<BTreeMap<String, Option<Pattern>>>,
}

impl Compiled {
    fn fits(&self, pattern: &str, name: &str) -> bool {
        let known = met(&self.patterns, pattern, || Pattern::new(pattern).ok());
        known.is_some_and(|pattern| pattern.is_match(name) == Ok(true))
    }
}

/// What is known by a key, or made when it is first met. It is used without the lock, for that may take long.
fn met<T: Clone>(known: &Mutex<BTreeMap<String, T>>, key: &str, make: impl FnOnce() -> T) -> T {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match known.get(key) {
        Some(known) => known.clone(),
        None => known.entry(key.to_owned()).or_insert(make()).clone(),
    }
}

/// A walk over a schema and a value side by side.
pub(super) struct Application<'a> {
    reading: &'a Reading,
    directed: &'a Directed,
    clause_of: &'a ClauseOf,
    compiled: &'a Compiled,
    seen: HashSet<(String, *const Value)>,
    clauses: BTreeSet<ClauseId>,
}

impl<'a> Application<'a> {
    pub(super) fn new(
        reading: &'a Reading,
        directed: &'a Directed,
        clause_of: &'a ClauseOf,
        compiled: &'a Compiled,
    ) -> Self {
        Self { reading, directed, clause_of, compiled, seen: HashSet::new(), clauses: BTreeSet::new() }
    }

    /// The clauses that stand for the keywords that apply to a value by the schema at a pointer.
    pub(super) fn clauses(mut self, pointer: &str, value: &Value) -> BTreeSet<ClauseId> {
        let mut open = vec![(pointer.to_owned(), value)];
        while let Some((pointer, value)) = open.pop() {
            if self.seen.len() == MOST_PAIRS {
                break;
            }
            if self.seen.insert((pointer.clone(), std::ptr::from_ref(value))) {
                self.schema(&pointer, value, &mut open);
            }
        }
        self.clauses
    }

    /// The schemas that one hands a value and its parts to, each with what it gets.
    pub(super) fn parts<'v>(&mut self, pointer: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
        let mut parts = Vec::new();
        self.schema(pointer, value, &mut parts);
        parts
    }

    /// One schema; puts those that it hands parts of the value to into `open`.
    fn schema<'v>(&mut self, at: &str, value: &'v Value, open: &mut Vec<(String, &'v Value)>) {
        let fields = match self.reading.document.pointer(at) {
            Some(Value::Object(fields)) if self.directed.excludes(at, fields) => return self.note(at),
            Some(Value::Object(fields)) => fields,
            Some(Value::Bool(false)) => return self.note(at),
            _ => return,
        };
        for (name, below) in fields.iter().filter(|(name, _)| !is_beside_null(fields, name, value)) {
            let here = pointer::join(at, name);
            match keyword(name) {
                Some(Keyword::Assertion | Keyword::Whole(_)) if applies(name, value) => self.note(&here),
                Some(Keyword::Required) if value.is_object() => {
                    for (index, name) in below.as_array().into_iter().flatten().enumerate() {
                        if name.as_str().is_none_or(|name| !self.directed.leaves_out(at, name)) {
                            self.note(&pointer::join(&here, &index.to_string()));
                        }
                    }
                }
                Some(Keyword::Reference) => {
                    let target =
                        below.as_str().and_then(|reference| target(&self.reading.document, &here, reference).ok());
                    open.extend(target.map(|target| (target, value)));
                }
                Some(Keyword::Through(_)) => self.through(at, name, fields, value, open),
                _ => {}
            }
        }
    }

    /// A keyword that judges by the schemas below it.
    fn through<'v>(
        &self,
        at: &str,
        name: &str,
        fields: &Map<String, Value>,
        value: &'v Value,
        open: &mut Vec<(String, &'v Value)>,
    ) {
        let here = pointer::join(at, name);
        let below = fields.get(name);
        match (name, value, below) {
            ("allOf", _, Some(Value::Array(schemas))) => {
                open.extend((0..schemas.len()).map(|index| (pointer::join(&here, &index.to_string()), value)));
            }
            ("then" | "else", _, _) if self.holds(fields, at, value) == Some(name == "then") => {
                open.push((here, value))
            }
            ("dependentSchemas" | "properties", Value::Object(members), Some(Value::Object(schemas))) => {
                for (key, schema) in schemas {
                    let judged = match members.get(key) {
                        Some(member) if name == "properties" => Some(member),
                        Some(_) => Some(value),
                        None => is_false(Some(schema)).then_some(value),
                    };
                    let at = pointer::join(&here, key);
                    // That a member isn't there was looked at, too, where it is in no answer.
                    if judged.is_none() {
                        open.extend(self.exclusions(&at).into_iter().map(|at| (at, value)));
                    }
                    open.extend(judged.map(|judged| (at, judged)));
                }
            }
            ("patternProperties", Value::Object(members), Some(Value::Object(schemas))) => {
                for pattern in schemas.keys() {
                    let fitting = members.iter().filter(|(key, _)| self.compiled.fits(pattern, key));
                    open.extend(fitting.map(|(_, member)| (pointer::join(&here, pattern), member)));
                }
            }
            // Anything there would be wrong: that there is nothing was looked at.
            ("additionalProperties", Value::Object(_), below) | ("items", Value::Array(_), below)
                if is_false(below) =>
            {
                open.push((here, value));
            }
            ("additionalProperties", Value::Object(members), _) => {
                let named = |key: &str| fields.get("properties").is_some_and(|named| named.get(key).is_some());
                let patterns = fields.get("patternProperties").and_then(Value::as_object);
                let fits = |key: &str| {
                    patterns.into_iter().flat_map(Map::keys).any(|pattern| self.compiled.fits(pattern, key))
                };
                let others = members.iter().filter(|(key, _)| !named(key) && !fits(key));
                open.extend(others.map(|(_, member)| (here.clone(), member)));
            }
            ("prefixItems", Value::Array(items), Some(Value::Array(schemas))) => {
                let pairs = items.iter().take(schemas.len()).enumerate();
                open.extend(pairs.map(|(index, item)| (pointer::join(&here, &index.to_string()), item)));
            }
            ("items", Value::Array(items), _) => {
                let prefix = fields.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
                open.extend(items.iter().skip(prefix).map(|item| (here.clone(), item)));
            }
            _ => {}
        }
    }

    /// The schemas that say that what is at a pointer is not there at all, it or those that judge the same.
    fn exclusions(&self, at: &str) -> BTreeSet<String> {
        let document = &self.reading.document;
        let mut all = around(document, at);
        all.retain(|at| {
            let schema = document.pointer(at).and_then(Value::as_object);
            schema.is_some_and(|schema| self.directed.excludes(at, schema))
        });
        all
    }

    /// Whether a value meets the condition of a schema; none where there is none that can be compiled.
    fn holds(&self, fields: &Map<String, Value>, at: &str, value: &Value) -> Option<bool> {
        let pointer = fields.get("if").map(|_| pointer::join(at, "if"))?;
        let compile = || self.reading.build(&pointer, &options()).ok().map(Arc::new);
        let condition = met(&self.compiled.conditions, &pointer, compile);
        condition.map(|condition| condition.is_valid(value))
    }

    fn note(&mut self, keyword: &str) {
        self.clauses.extend(self.clause_of.at_or_around(keyword).cloned());
    }
}

/// Whether it is the schema that nothing meets.
fn is_false(schema: Option<&Value>) -> bool {
    schema == Some(&Value::Bool(false))
}

/// Whether a keyword that judges values by itself could object to a value of this type.
fn applies(keyword: &str, value: &Value) -> bool {
    match keyword {
        "minLength" | "maxLength" | "pattern" | "format" => value.is_string(),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => value.is_number(),
        "minItems" | "maxItems" | "uniqueItems" | "minContains" | "maxContains" | "contains" | "unevaluatedItems" => {
            value.is_array()
        }
        "minProperties" | "maxProperties" | "dependentRequired" | "propertyNames" | "unevaluatedProperties" => {
            value.is_object()
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
