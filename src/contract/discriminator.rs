//! `discriminator`: by which branch of an `anyOf` or `oneOf` an object is judged.
//!
//! The value of one property names the branch: by `mapping`, else by the name of the schema that the branch refers to. A value
//! that nothing names chooses the branches that list it themselves, with `const` or `enum`. Where the property isn't there or is
//! no text, the document leaves open what is meant, and every branch may be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::in_place::around;
use super::references::reference;
use crate::pointer;

/// The keywords whose branches a discriminator chooses from.
pub(super) const COMBINERS: [&str; 2] = ["anyOf", "oneOf"];

/// How many discriminators within branches are looked at.
const MOST_NESTED: usize = 4;

/// The discriminator of the schema at a place for one of the keywords.
pub(super) type Known<'k> = &'k dyn Fn(&str, &str) -> Option<Arc<Discriminator>>;

/// What chooses between the branches of one keyword.
#[derive(Debug)]
pub(super) struct Discriminator {
    pub(super) property: String,
    /// The branch that a value means.
    named: BTreeMap<String, usize>,
    /// Values that mean a schema which is no branch.
    elsewhere: BTreeSet<String>,
    branches: Vec<Branch>,
}

#[derive(Debug, Default)]
struct Branch {
    /// The values that it lists itself.
    listed: BTreeSet<String>,
    /// Whether something says by which values it is meant.
    is_named: bool,
}

/// What a value chooses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The branch with this number.
    Branch(usize),
    /// None, where these values choose one.
    Nothing(Vec<String>),
    /// Several may be meant.
    Open,
}

impl Discriminator {
    /// That of a schema with such branches; nothing where it has none.
    pub(super) fn of(document: &Value, at: &str, combiner: &str) -> Option<Self> {
        Self::nested(document, at, combiner, MOST_NESTED)
    }

    fn nested(document: &Value, at: &str, combiner: &str, depth: usize) -> Option<Self> {
        let schema = document.pointer(at)?;
        let told = schema.get("discriminator")?;
        let property = told.get("propertyName")?.as_str()?.to_owned();
        let branches = schema.get(combiner)?.as_array()?;
        let at = pointer::join(at, combiner);
        let places: Vec<String> = (0..branches.len()).map(|number| pointer::join(&at, &number.to_string())).collect();
        let targets: Vec<Option<String>> = branches.iter().map(|branch| Some(reference(branch)?.to_string())).collect();

        let (mut named, mut elsewhere) = (BTreeMap::new(), BTreeSet::new());
        for (value, meant) in told.get("mapping").and_then(Value::as_object).into_iter().flatten() {
            let meant = meant.as_str().unwrap_or_default();
            let pointer = meant.strip_prefix('#').and_then(pointer::from_fragment).map(|pointer| pointer.to_string());
            let is_meant = |target: &Option<String>| {
                target.as_deref().is_some_and(|target| pointer.as_deref() == Some(target) || name(target) == meant)
            };
            match targets.iter().position(is_meant) {
                Some(number) => drop(named.insert(value.clone(), number)),
                None => drop(elsewhere.insert(value.clone())),
            }
        }
        for (number, target) in targets.iter().enumerate() {
            let name = target.as_deref().filter(|target| is_component(target)).map(name);
            if let Some(name) = name.filter(|name| !elsewhere.contains(*name)) {
                named.entry(name.to_owned()).or_insert(number);
            }
        }
        let mut all: Vec<Branch> = places.iter().map(|place| listed(document, place, &property, depth)).collect();
        let components = targets.iter().enumerate().filter(|(_, target)| target.as_deref().is_some_and(is_component));
        for number in named.values().copied().chain(components.map(|(number, _)| number)) {
            all.get_mut(number).into_iter().for_each(|branch| branch.is_named = true);
        }
        Some(Self { property, named, elsewhere, branches: all })
    }

    /// What an object chooses; nothing where it doesn't say.
    pub(super) fn choice(&self, value: &Value) -> Option<Choice> {
        let value = value.get(&self.property)?.as_str()?;
        if let Some(number) = self.named.get(value) {
            return Some(Choice::Branch(*number));
        }
        let mut numbers = (0..self.branches.len()).filter(|number| self.takes(*number, value));
        Some(match (numbers.next(), numbers.next()) {
            (Some(number), None) => Choice::Branch(number),
            (None, _) => Choice::Nothing(self.values()),
            _ => Choice::Open,
        })
    }

    /// Whether a branch may be meant by a value that nothing names.
    fn takes(&self, number: usize, value: &str) -> bool {
        let branch = self.branches.get(number);
        self.elsewhere.contains(value)
            || branch
                .is_some_and(|branch| branch.listed.contains(value) || (!branch.is_named && branch.listed.is_empty()))
    }

    /// Every value that chooses a branch.
    fn values(&self) -> Vec<String> {
        let listed = self.branches.iter().flat_map(|branch| &branch.listed);
        self.named.keys().chain(&self.elsewhere).chain(listed).collect::<BTreeSet<_>>().into_iter().cloned().collect()
    }

    /// What a branch takes besides what it says: only objects that may mean it. Nothing where all may.
    fn condition(&self, number: usize) -> Option<Value> {
        let is_open = self.branches.get(number).is_none_or(|branch| !branch.is_named && branch.listed.is_empty());
        let allowed = if is_open {
            let others: Vec<_> =
                self.named.iter().filter(|(_, named)| **named != number).map(|(value, _)| value).collect();
            if others.is_empty() {
                return None;
            }
            json!({ "not": { "enum": others } })
        } else {
            let means = |value: &String| match self.named.get(value) {
                Some(named) => *named == number,
                None => self.takes(number, value),
            };
            json!({ "enum": self.values().into_iter().filter(means).collect::<Vec<_>>() })
        };
        let says = json!({ "type": "object", "required": [self.property], "properties": { &self.property: { "type": "string" } } });
        Some(json!({ "if": says, "then": { "properties": { &self.property: allowed } } }))
    }
}

/// Makes every branch of a schema with a discriminator, which `of` knows by place and keyword, take only what may mean it.
pub(super) fn narrow(fields: &mut Map<String, Value>, at: &str, of: Known<'_>) {
    if !fields.contains_key("discriminator") {
        return;
    }
    for combiner in COMBINERS {
        let Some(Value::Array(branches)) = fields.get_mut(combiner) else { continue };
        let Some(discriminator) = of(at, combiner) else { continue };
        for (number, branch) in branches.iter_mut().enumerate() {
            narrow_one(branch, &discriminator, number);
        }
    }
}

/// The same for a branch that stands alone, by its pointer.
pub(super) fn narrow_alone(branch: &mut Value, at: &str, of: Known<'_>) {
    let Some((around, number)) = at.rsplit_once('/') else { return };
    let Some((schema, combiner)) = around.rsplit_once('/').filter(|(_, name)| COMBINERS.contains(name)) else { return };
    if let (Some(discriminator), Ok(number)) = (of(schema, combiner), number.parse()) {
        narrow_one(branch, &discriminator, number);
    }
}

fn narrow_one(branch: &mut Value, discriminator: &Discriminator, number: usize) {
    let Some(condition) = discriminator.condition(number) else { return };
    match branch {
        Value::Bool(true) => *branch = condition,
        // Behind all others, which so keep their places.
        Value::Object(fields) => {
            let parts = fields.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
            parts.as_array_mut().into_iter().for_each(|parts| parts.push(condition.clone()));
        }
        _ => {}
    }
}

/// What a schema lists of the values of a property, itself or in what judges the same object.
fn listed(document: &Value, at: &str, property: &str, depth: usize) -> Branch {
    let mut listed = BTreeSet::new();
    for at in around(document, at) {
        let member = pointer::join(&pointer::join(&at, "properties"), property);
        if document.pointer(&member).is_some() {
            for schema in around(document, &member).iter().filter_map(|at| document.pointer(at)) {
                let all = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
                listed.extend(all.filter_map(Value::as_str).map(str::to_owned));
            }
        }
        let Some(depth) = depth.checked_sub(1) else { continue };
        let within = COMBINERS.iter().filter_map(|combiner| Discriminator::nested(document, &at, combiner, depth));
        listed.extend(within.filter(|within| within.property == property).flat_map(|within| within.values()));
    }
    Branch { listed, is_named: false }
}

/// The last part of a pointer.
fn name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// Whether a pointer is that of a schema that documents share by name.
fn is_component(pointer: &str) -> bool {
    let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
    around.ends_with("/components/schemas") || around.ends_with("/definitions")
}

#[cfg(test)]
mod tests {
    use super::super::direction::Direction;
    use super::super::validator::{Reading, options};
    use super::*;

    fn animal(kind: Value, member: &str) -> Value {
        json!({ "type": "object", "required": ["kind"], "properties": { "kind": kind, member: { "type": "integer" } } })
    }

    /// A choice between cats and dogs, which nothing but the discriminator tells apart.
    fn takes(choice: Value, kinds: [Value; 2], value: Value) -> bool {
        let [cat, dog] = kinds;
        let schemas = json!({ "T": choice, "Cat": animal(cat, "lives"), "Dog": animal(dog, "bones") });
        let document = Arc::new(json!({ "components": { "schemas": schemas } }));
        let reading = Reading { document, direction: Direction::Answer };
        reading.build("/components/schemas/T", &options()).unwrap().is_valid(&value)
    }

    fn choice(mapping: Value) -> Value {
        json!({
            "anyOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
            "discriminator": { "propertyName": "kind", "mapping": mapping },
        })
    }

    #[test]
    fn an_object_is_judged_by_the_branch_that_its_value_names() {
        let text = || [json!({ "type": "string" }), json!({ "type": "string" })];
        let mapped = || choice(json!({ "cat": "#/components/schemas/Cat", "dog": "Dog" }));
        for (choice, value, is_taken) in [
            (choice(json!({})), json!({ "kind": "Cat", "lives": 9 }), true),
            (choice(json!({})), json!({ "kind": "Cat", "lives": "nine" }), false),
            (choice(json!({})), json!({ "kind": "Dog", "lives": "nine" }), true),
            (choice(json!({})), json!({ "kind": "cat" }), false),
            (mapped(), json!({ "kind": "cat", "lives": 9 }), true),
            (mapped(), json!({ "kind": "cat", "lives": "nine" }), false),
            (mapped(), json!({ "kind": "dog", "bones": "many" }), false),
            (mapped(), json!({ "kind": "Dog", "bones": 1 }), true),
            (mapped(), json!({ "kind": "fox" }), false),
            // What doesn't say what it is may be either.
            (mapped(), json!({ "kind": 1 }), false),
            (mapped(), json!({}), false),
        ] {
            assert_eq!(takes(choice.clone(), text(), value.clone()), is_taken, "{choice} {value}");
        }
    }

    #[test]
    fn a_value_that_nothing_names_chooses_the_branch_that_lists_it() {
        let listed = || [json!({ "const": "cat" }), json!({ "enum": ["dog", "hound"] })];
        for (value, is_taken) in [
            (json!({ "kind": "cat", "lives": 9 }), true),
            (json!({ "kind": "hound", "bones": 1 }), true),
            (json!({ "kind": "hound", "bones": "many" }), false),
            (json!({ "kind": "fox" }), false),
        ] {
            assert_eq!(takes(choice(json!({})), listed(), value.clone()), is_taken, "{value}");
        }
    }

    #[test]
    fn a_branch_without_a_name_may_be_meant_by_any_value_that_names_no_other() {
        let text = || [json!({ "type": "string" }), json!({ "type": "string" })];
        let mut open = choice(json!({}));
        open["anyOf"].as_array_mut().unwrap().push(json!({ "required": ["kind", "name"] }));
        for (value, is_taken) in [
            (json!({ "kind": "fox", "name": "Tom" }), true),
            (json!({ "kind": "fox" }), false),
            (json!({ "kind": "Cat", "lives": "nine", "name": "Tom" }), false),
        ] {
            assert_eq!(takes(open.clone(), text(), value.clone()), is_taken, "{value}");
        }
        let mut or_null = choice(json!({}));
        or_null["anyOf"].as_array_mut().unwrap().push(json!({ "type": "null" }));
        assert!(takes(or_null, text(), Value::Null));
    }

    #[test]
    fn a_mapping_to_what_is_no_branch_excludes_nothing() {
        let text = || [json!({ "type": "string" }), json!({ "type": "string" })];
        let mapped = || choice(json!({ "kitten": "#/components/schemas/Kitten" }));
        assert!(takes(mapped(), text(), json!({ "kind": "kitten" })));
        assert!(!takes(mapped(), text(), json!({ "kind": "fox" })));
    }

    #[test]
    fn a_choice_within_a_branch_names_what_the_branch_takes() {
        let text = json!({ "type": "string" });
        let mut choice = choice(json!({}));
        choice["anyOf"].as_array_mut().unwrap().push(json!({ "$ref": "#/components/schemas/Fish" }));
        let schemas = json!({
            "T": choice, "Cat": animal(text.clone(), "lives"), "Dog": animal(text.clone(), "bones"),
            "Carp": animal(text, "fins"),
            "Fish": { "oneOf": [{ "$ref": "#/components/schemas/Carp" }], "discriminator": { "propertyName": "kind" } },
        });
        let reading = Reading {
            document: Arc::new(json!({ "components": { "schemas": schemas } })),
            direction: Direction::Answer,
        };
        let validator = reading.build("/components/schemas/T", &options()).unwrap();
        assert!(validator.is_valid(&json!({ "kind": "Carp", "fins": 2 })));
        assert!(!validator.is_valid(&json!({ "kind": "Carp", "fins": "two" })));
    }
}
