//! What `readOnly` and `writeOnly` mean for a body: a member that only an answer has needn't be in a request, and one that only
//! a request has is in no answer, whatever asks for it.
//!
//! A keyword of a member counts wherever it stands: in the member's schema, in one that this refers to, in a part of an `allOf`,
//! or in a branch. So does the member itself: what asks for it may be another part of the same object's schema.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::discriminator::{Discriminator, narrow};
use super::in_place::{around, in_place};
use super::keywords::{Below, Keyword, keyword};
use super::references::reached;
use super::{name_patterns, nullable};
use crate::pointer;

/// What is asked for below these is left as it is: they may hold where a schema doesn't, or only choose between others.
const AS_WRITTEN: &[&str] = &["not", "if", "contains", "propertyNames"];

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    /// To the target.
    Request,
    /// From it.
    Answer,
}

impl Direction {
    /// The keyword of a member that doesn't go this way.
    fn excluded_by(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Answer => "writeOnly",
        }
    }
}

/// What doesn't go one way of all that a schema leads to.
#[derive(Debug)]
pub(super) struct Directed {
    direction: Direction,
    /// The members that the schema at a pointer doesn't ask for; none of these sets is empty.
    left_out: BTreeMap<String, BTreeSet<String>>,
    /// The schemas that judge the body as a whole, which is there.
    whole: BTreeSet<String>,
    /// By the place of the branches: of many branches each asks for it.
    discriminators: Mutex<BTreeMap<String, Option<Arc<Discriminator>>>>,
}

impl Directed {
    /// For the schema at a pointer of the document, and a direction.
    pub(super) fn of(document: &Value, pointer: &str, direction: Direction) -> Self {
        let mut members = Members { document, excluded_by: direction.excluded_by(), known: BTreeMap::new() };
        let mut directed =
            Self { direction, left_out: BTreeMap::new(), whole: BTreeSet::new(), discriminators: Mutex::default() };
        // Most schemas say nothing of directions, and to go through a large one takes time.
        let parts = reached(document, pointer);
        if !parts.iter().filter_map(|at| document.pointer(at)).any(|part| says(part, direction.excluded_by())) {
            return directed;
        }
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut open = vec![(pointer.to_owned(), BTreeSet::new(), true)];
        while let Some((at, around, is_whole)) = open.pop() {
            let is_news = is_whole && directed.whole.insert(at.clone());
            if !is_news && seen.get(&at).is_some_and(|seen| around.is_subset(seen)) {
                continue;
            }
            seen.entry(at.clone()).or_default().extend(around.iter().cloned());
            let names = directed.in_place(&mut members, &at, &around, is_whole, &mut open);
            if !names.is_empty() {
                directed.left_out.entry(at.clone()).or_default().extend(names);
            }
            open.extend(below(document, &at).into_iter().map(|child| (child, BTreeSet::new(), false)));
        }
        directed
    }

    /// The members that one schema doesn't ask for; puts the schemas that judge the same value into `open`, each with those
    /// that others leave out for it. Of the branches of one keyword, none speaks for another.
    fn in_place(
        &self,
        members: &mut Members<'_>,
        at: &str,
        around: &BTreeSet<String>,
        is_whole: bool,
        open: &mut Vec<(String, BTreeSet<String>, bool)>,
    ) -> BTreeSet<String> {
        let mut shared = around.clone();
        shared.extend(members.own(at));
        let children = in_place(members.document, at);
        let named: Vec<(usize, BTreeSet<String>)> = children
            .iter()
            .map(|(_, child)| members.named(child))
            .enumerate()
            .filter(|(_, names)| !names.is_empty())
            .collect();
        for (number, (by, child)) in children.iter().enumerate() {
            let speaks = |other: &usize| {
                let (others, _) = children.get(*other).map_or(("", ""), |(by, at)| (*by, at.as_str()));
                *other != number && (others != *by || !matches!(*by, "anyOf" | "oneOf"))
            };
            let mut around = shared.clone();
            let others = named.iter().filter(|(other, _)| speaks(other));
            around.extend(others.flat_map(|(_, names)| names.iter().cloned()));
            open.push((child.clone(), around, is_whole && matches!(*by, "$ref" | "allOf")));
        }
        shared.extend(named.into_iter().flat_map(|(_, names)| names));
        shared
    }

    /// Whether the schema at a pointer doesn't ask for a member, whatever it says.
    pub(super) fn leaves_out(&self, at: &str, member: &str) -> bool {
        self.left_out.get(at).is_some_and(|names| names.contains(member))
    }

    /// Whether what the schema at a pointer judges may not be there at all.
    pub(super) fn excludes(&self, at: &str, schema: &Map<String, Value>) -> bool {
        self.direction == Direction::Answer && is_true(schema, self.direction.excluded_by()) && !self.whole.contains(at)
    }

    /// The discriminator of the schema at a pointer for the branches of a keyword.
    pub(super) fn discriminator(&self, document: &Value, at: &str, combiner: &str) -> Option<Arc<Discriminator>> {
        let mut known = self.discriminators.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Discriminator::of(document, at, combiner).map(Arc::new);
        known.entry(pointer::join(at, combiner)).or_insert_with(made).clone()
    }

    /// Makes the schema at a pointer, and those within, the ones for this direction, with branches as their discriminators
    /// have them. What something refers into stays as it is.
    pub(super) fn apply(&self, schema: &mut Value, at: &mut String, document: &Value, referred: &BTreeSet<String>) {
        let Value::Object(fields) = schema else { return };
        if self.excludes(at, fields) && !is_referred_into(referred, at) {
            *schema = Value::Bool(false);
            return;
        }
        if let Some(names) = self.left_out.get(at.as_str()) {
            leave_out(fields, names);
        }
        let end = at.len();
        for (name, below) in fields.iter_mut().filter(|(name, _)| !AS_WRITTEN.contains(&name.as_str())) {
            let Some(Keyword::Whole(kind) | Keyword::Through(kind) | Keyword::Aside(kind)) = keyword(name) else {
                continue;
            };
            pointer::push(at, name);
            match (kind, below) {
                (Below::One, below) => self.apply(below, at, document, referred),
                (Below::List, Value::Array(items)) => {
                    for (index, item) in items.iter_mut().enumerate() {
                        let end = at.len();
                        pointer::push(at, &index.to_string());
                        self.apply(item, at, document, referred);
                        at.truncate(end);
                    }
                }
                (Below::Map, Value::Object(members)) => {
                    for (key, member) in members {
                        let end = at.len();
                        pointer::push(at, key);
                        self.apply(member, at, document, referred);
                        at.truncate(end);
                    }
                }
                _ => {}
            }
            at.truncate(end);
        }
        narrow(fields, at, &|at, combiner| self.discriminator(document, at, combiner));
        if !is_referred_into(referred, &format!("{at}/patternProperties")) {
            name_patterns::spell(fields);
        }
        if !nullable::BY_OTHERS.iter().any(|name| is_referred_into(referred, &format!("{at}/{name}"))) {
            nullable::spell(fields);
        }
    }
}

/// Whether something refers to what is within a place.
fn is_referred_into(referred: &BTreeSet<String>, at: &str) -> bool {
    let within = format!("{at}/");
    referred.range(within.clone()..).next().is_some_and(|other| other.starts_with(&within))
}

/// Takes members out of whatever asks for them by name or by number.
fn leave_out(fields: &mut Map<String, Value>, left_out: &BTreeSet<String>) {
    let retain = |names: &mut Value| {
        if let Value::Array(names) = names {
            names.retain(|name| name.as_str().is_none_or(|name| !left_out.contains(name)));
        }
    };
    fields.get_mut("required").into_iter().for_each(retain);
    if let Some(Value::Object(dependent)) = fields.get_mut("dependentRequired") {
        dependent.values_mut().for_each(retain);
    }
    if let Some(least) = fields.get_mut("minProperties")
        && let Some(asked) = least.as_u64()
    {
        *least = asked.saturating_sub(left_out.len() as u64).into();
    }
}

/// The members of objects that a keyword leaves out.
struct Members<'d> {
    document: &'d Value,
    excluded_by: &'static str,
    /// Whether it leaves out what the schema at a pointer judges.
    known: BTreeMap<String, bool>,
}

impl Members<'_> {
    /// Those that a schema names itself.
    fn own(&mut self, at: &str) -> BTreeSet<String> {
        let properties = pointer::join(at, "properties");
        let Some(Value::Object(members)) = self.document.pointer(&properties) else { return BTreeSet::new() };
        members.keys().filter(|name| self.is_excluded(pointer::join(&properties, name))).cloned().collect()
    }

    /// Those that a schema names, or one that judges the same object.
    fn named(&mut self, at: &str) -> BTreeSet<String> {
        around(self.document, at).iter().flat_map(|at| self.own(at)).collect()
    }

    fn is_excluded(&mut self, at: String) -> bool {
        if let Some(known) = self.known.get(&at) {
            return *known;
        }
        let says = |at: &String| {
            self.document.pointer(at).and_then(Value::as_object).is_some_and(|schema| is_true(schema, self.excluded_by))
        };
        let is_excluded = around(self.document, &at).iter().any(says);
        self.known.insert(at, is_excluded);
        is_excluded
    }
}

/// Whether a keyword is true anywhere in a part of a document.
fn says(part: &Value, name: &str) -> bool {
    match part {
        Value::Object(fields) => is_true(fields, name) || fields.values().any(|part| says(part, name)),
        Value::Array(items) => items.iter().any(|part| says(part, name)),
        _ => false,
    }
}

fn is_true(schema: &Map<String, Value>, name: &str) -> bool {
    schema.get(name) == Some(&Value::Bool(true))
}

/// The schemas below one that judge other values than it does, or need not hold.
fn below(document: &Value, at: &str) -> Vec<String> {
    let Some(Value::Object(fields)) = document.pointer(at) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in fields {
        let (Some(Keyword::Whole(kind) | Keyword::Through(kind) | Keyword::Aside(kind)), false) = (
            keyword(name),
            matches!(name.as_str(), "allOf" | "anyOf" | "oneOf" | "then" | "else" | "dependentSchemas"),
        ) else {
            continue;
        };
        let here = pointer::join(at, name);
        match (kind, value) {
            (Below::One, _) => found.push(here),
            (Below::List, Value::Array(items)) => {
                found.extend((0..items.len()).map(|index| pointer::join(&here, &index.to_string())));
            }
            (Below::Map, Value::Object(schemas)) => {
                found.extend(schemas.keys().map(|key| pointer::join(&here, key)));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::validator::{Reading, options};
    use super::*;

    /// Whether the schema `T` of these takes a value.
    fn takes(schemas: &Value, direction: Direction, value: &Value) -> bool {
        let document = Arc::new(json!({ "components": { "schemas": schemas } }));
        let reading = Reading { document, direction };
        reading.build("/components/schemas/T", &options()).unwrap().is_valid(value)
    }

    const WRITTEN: &str = r#"{ "type": "string", "writeOnly": true }"#;

    /// Schemas of which each asks for a secret that is in no answer.
    fn secretive() -> Vec<Value> {
        let secret: Value = serde_json::from_str(WRITTEN).unwrap();
        let named = json!({ "properties": { "secret": secret } });
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let with = |schema: Value| json!({ "T": schema, "Named": named, "Secret": secret, "Asking": { "required": ["secret"] } });
        let member = |schema: Value| with(json!({ "required": ["secret"], "properties": { "secret": schema } }));
        vec![
            member(secret.clone()),
            member(reference("Secret")),
            member(json!({ "allOf": [reference("Secret"), { "maxLength": 9 }] })),
            member(json!({ "allOf": [{ "type": "string" }], "writeOnly": true })),
            member(json!({ "anyOf": [secret, { "type": "null" }] })),
            member(json!({ "oneOf": [reference("Secret"), { "type": "integer" }] })),
            with(json!({ "required": ["secret"], "allOf": [reference("Named")] })),
            with(json!({ "allOf": [reference("Asking"), reference("Named")] })),
            with(
                json!({ "allOf": [{ "allOf": [reference("Asking")] }, { "oneOf": [named, { "required": ["other"] }] }] }),
            ),
            with(json!({ "$ref": "#/components/schemas/Asking", "properties": { "secret": secret } })),
            with(json!({ "if": true, "then": reference("Asking"), "properties": { "secret": secret } })),
            with(json!({ "dependentRequired": { "id": ["secret"] }, "allOf": [reference("Named")] })),
            with(json!({ "dependentSchemas": { "id": reference("Asking") }, "allOf": [reference("Named")] })),
            with(json!({ "minProperties": 2, "properties": { "secret": secret } })),
            with(
                json!({ "anyOf": [{ "required": ["secret"], "properties": { "secret": secret } }, { "required": ["other"] }] }),
            ),
        ]
    }

    #[test]
    fn what_is_only_written_is_in_no_answer_and_not_asked_for_there_wherever_that_is_said() {
        for schemas in secretive() {
            assert!(takes(&schemas, Direction::Answer, &json!({ "id": 1 })), "{schemas}");
            assert!(!takes(&schemas, Direction::Answer, &json!({ "id": 1, "secret": "s" })), "{schemas}");
            assert!(takes(&schemas, Direction::Request, &json!({ "id": 1, "secret": "s" })), "{schemas}");
            assert!(!takes(&schemas, Direction::Request, &json!({ "id": 1 })), "{schemas}");
        }
    }

    #[test]
    fn what_is_only_read_needs_to_be_in_no_request_wherever_that_is_said() {
        for schemas in secretive() {
            let schemas: Value = serde_json::from_str(&schemas.to_string().replace("writeOnly", "readOnly")).unwrap();
            assert!(takes(&schemas, Direction::Request, &json!({ "id": 1 })), "{schemas}");
            assert!(!takes(&schemas, Direction::Answer, &json!({ "id": 1 })), "{schemas}");
            assert!(takes(&schemas, Direction::Answer, &json!({ "id": 1, "secret": "s" })), "{schemas}");
        }
    }

    #[test]
    fn items_and_other_members_that_are_only_written_are_in_no_answer() {
        let secret: Value = serde_json::from_str(WRITTEN).unwrap();
        for (schema, good, bad) in [
            (json!({ "additionalProperties": secret }), json!({}), json!({ "a": "s" })),
            (json!({ "patternProperties": { "^s": secret } }), json!({ "a": "s" }), json!({ "s": "s" })),
            (json!({ "items": { "properties": { "secret": secret } } }), json!([{}]), json!([{ "secret": "s" }])),
            (json!({ "prefixItems": [true, secret] }), json!([1]), json!([1, "s"])),
        ] {
            let schemas = json!({ "T": schema });
            assert!(takes(&schemas, Direction::Answer, &good), "{schema}");
            assert!(!takes(&schemas, Direction::Answer, &bad), "{schema}");
        }
    }

    #[test]
    fn a_branch_is_not_asked_for_less_by_what_another_one_leaves_out() {
        let secretive = json!({ "required": ["secret", "id"], "properties": { "secret": { "writeOnly": true } } });
        let schemas = json!({ "T": { "oneOf": [secretive, { "required": ["secret"] }] } });
        assert!(takes(&schemas, Direction::Answer, &json!({ "id": 1 })));
        assert!(!takes(&schemas, Direction::Answer, &json!({})));
    }

    #[test]
    fn a_condition_and_what_is_excluded_stay_as_they_are_written() {
        let named = json!({ "secret": { "writeOnly": true } });
        for schema in [
            json!({ "properties": named, "not": { "required": ["secret"], "properties": named } }),
            json!({ "properties": named, "if": { "required": ["secret"], "properties": named }, "then": { "required": ["never"] } }),
        ] {
            assert!(takes(&json!({ "T": schema }), Direction::Answer, &json!({ "id": 1 })), "{schema}");
        }
    }

    #[test]
    fn a_body_that_is_only_written_as_a_whole_is_judged_all_the_same() {
        let schemas =
            json!({ "T": { "$ref": "#/components/schemas/U" }, "U": { "writeOnly": true, "type": "object" } });
        assert!(takes(&schemas, Direction::Answer, &json!({})));
        assert!(!takes(&schemas, Direction::Answer, &json!([])));
    }

    #[test]
    fn what_something_refers_into_can_still_be_referred_to() {
        let schemas = json!({ "T": { "properties": {
            "login": { "writeOnly": true, "properties": { "name": { "type": "string" } } },
            "name": { "$ref": "#/components/schemas/T/properties/login/properties/name" },
        } } });
        assert!(takes(&schemas, Direction::Answer, &json!({ "name": "a" })));
        assert!(!takes(&schemas, Direction::Answer, &json!({ "name": 1 })));
    }
}
