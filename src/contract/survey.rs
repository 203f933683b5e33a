//! A walk over the schemas of a document: which keywords there are that a clause can stand for, which of them need
//! one, and what is wrong with references and names. Compiles nothing, and stops at nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::keywords::{Below, KEYWORDS, Keyword, keyword};
use super::mistake::Mistake;
use crate::pointer;
use crate::source::did_you_mean;

/// The most references from one to the next, for the same value: they are followed by recursion.
pub(super) const LONGEST_CHAIN: u64 = 300;

/// The most ways from a schema to others that judge the same value: each is a step of judging it.
const MOST_STEPS: u64 = 10_000;

/// The most unknown keywords for which the meant one is looked for, which takes time.
const MOST_MEANT: usize = 100;

/// What a walk found out.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The pointers of all keywords that a clause can stand for, each with whether one has to.
    pub(super) keywords: BTreeMap<String, bool>,
    /// The pointers of all schemas, each with whether its keywords need clauses.
    pub(super) schemas: BTreeMap<String, bool>,
    /// What makes the document unusable.
    pub(super) mistakes: BTreeSet<Mistake>,
    /// Whether the document is somebody else's, whose extensions are no doubt.
    pub(super) is_published: bool,
    /// What is most likely a doubt.
    pub(super) doubts: BTreeSet<Mistake>,
    /// From a schema to those that judge the same value.
    in_place: BTreeSet<(String, String)>,
    /// The pointers of all schemas that another one refers to.
    pub(super) referred: BTreeSet<String>,
}

impl Survey {
    /// One that has walked nothing yet.
    pub(super) fn of(is_published: bool) -> Self {
        Self { is_published, ..Self::default() }
    }

    /// Walks a schema and all that it refers to. `needs` says whether its keywords need clauses, as those do that an
    /// operation uses.
    pub(super) fn schema(&mut self, document: &Value, pointer: &str, needs: bool) {
        let mut open = vec![(pointer.to_owned(), needs, BTreeMap::new())];
        while let Some((pointer, needs, mut children)) = open.pop() {
            if self.schemas.get(&pointer).is_some_and(|&before| before || !needs) {
                continue;
            }
            self.schemas.insert(pointer.clone(), needs);
            if let Some(value) = document.pointer(&pointer) {
                self.one(document, &pointer, value, needs, &mut children);
            }
            open.extend(children.into_iter().map(|(child, needs)| (child, needs, BTreeMap::new())));
        }
    }

    /// One schema; puts those that it leads to into `children`.
    fn one(&mut self, document: &Value, at: &str, schema: &Value, needs: bool, children: &mut BTreeMap<String, bool>) {
        let Value::Object(fields) = schema else {
            if schema == &Value::Bool(false) {
                self.keyword(at.to_owned(), needs);
            }
            return;
        };
        for (name, value) in fields {
            let here = pointer::join(at, name);
            let Some(keyword) = keyword(name) else {
                if self.is_published && name.starts_with("x-") {
                    continue;
                }
                self.doubts.insert(unknown(here, name, self.doubts.len() < MOST_MEANT));
                continue;
            };
            match keyword {
                Keyword::Assertion => {
                    if name == "enum" && value.as_array().is_some_and(Vec::is_empty) {
                        let doubt = Mistake::at_key(here.clone(), "an empty `enum` allows no value at all");
                        self.doubts.insert(doubt.hint("list the values that are allowed, or leave `enum` out"));
                    }
                    self.keyword(here, needs);
                }
                Keyword::Required => {
                    for index in 0..value.as_array().map_or(0, Vec::len) {
                        self.keyword(pointer::join(&here, &index.to_string()), needs);
                    }
                }
                Keyword::Whole(below) => {
                    self.keyword(here.clone(), needs && value != &Value::Bool(true));
                    self.below(at, name, below, &here, value, false, children);
                }
                Keyword::Through(below) => self.below(at, name, below, &here, value, needs, children),
                Keyword::Aside(below) => self.below(at, name, below, &here, value, false, children),
                Keyword::Reference => self.reference(document, at, here, value, needs, children),
                Keyword::Annotation if name == "discriminator" && !value.is_object() => {
                    let doubt = Mistake::at_key(here, "this `discriminator` is no map, and chooses nothing");
                    self.doubts.insert(doubt.hint("write `discriminator: { propertyName: … }`"));
                }
                Keyword::Annotation => {}
                Keyword::Meaningless(meant) => {
                    self.doubts.insert(Mistake::at_key(here, format!("`{name}` means nothing here")).hint(meant));
                }
                Keyword::Refused(reason) => {
                    self.mistakes.insert(Mistake::at_key(here, format!("`{name}` is not supported")).hint(reason));
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of the walk, nothing of it belongs together")]
    fn below(
        &mut self,
        at: &str,
        name: &str,
        below: Below,
        here: &str,
        value: &Value,
        needs: bool,
        children: &mut BTreeMap<String, bool>,
    ) {
        let found: Vec<String> = match (below, value) {
            (Below::One, _) => vec![here.to_owned()],
            (Below::List, Value::Array(items)) => {
                (0..items.len()).map(|index| pointer::join(here, &index.to_string())).collect()
            }
            (Below::Map, Value::Object(fields)) => fields.keys().map(|key| pointer::join(here, key)).collect(),
            // The metaschema says what is wrong with any other.
            _ => Vec::new(),
        };
        let judges_the_same_value =
            matches!(name, "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else" | "dependentSchemas");
        for child in found {
            if judges_the_same_value {
                self.in_place.insert((at.to_owned(), child.clone()));
            }
            *children.entry(child).or_default() |= needs;
        }
    }

    fn reference(
        &mut self,
        document: &Value,
        at: &str,
        here: String,
        value: &Value,
        needs: bool,
        children: &mut BTreeMap<String, bool>,
    ) {
        match value.as_str().map(|reference| target(document, &here, reference)) {
            None => {} // The metaschema says that it has to be a string.
            Some(Err(mistake)) => {
                self.mistakes.insert(mistake);
            }
            Some(Ok(target)) => {
                self.in_place.insert((at.to_owned(), target.clone()));
                self.referred.insert(target.clone());
                *children.entry(target).or_default() |= needs;
            }
        }
    }

    fn keyword(&mut self, pointer: String, needs: bool) {
        *self.keywords.entry(pointer).or_default() |= needs;
    }

    /// The schemas that lead back to themselves without going into a value: judging a value by one would never end.
    pub(super) fn endless(&self) -> Vec<Mistake> {
        let edges = self.in_place.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        // What nothing leads to is on no circle, nor is what leads nowhere.
        let backwards = led_to(edges).into_iter().map(|(from, to)| (to, from)).collect();
        let circle: BTreeSet<&str> = led_to(backwards).into_iter().map(|(to, _)| to).collect();
        let message = "this schema refers back to itself without going into a field or an item";
        circle.into_iter().map(|pointer| Mistake::at_value(pointer, message)).collect()
    }
}

impl Survey {
    /// The schemas by which judging a value takes too many steps, as it does where one refers twice to another, that twice
    /// to a third, and so on. To be asked where nothing is [`Survey::endless`]. Only the first of a chain is told: what is
    /// around it is as bad.
    pub(super) fn exponential(&self) -> Vec<Mistake> {
        let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in &self.in_place {
            children.entry(from).or_default().push(to);
        }
        let mut steps: BTreeMap<&str, u64> = BTreeMap::new();
        let mut chains: BTreeMap<&str, u64> = BTreeMap::new();
        let mut mistakes = Vec::new();
        let mut open: Vec<&str> = children.keys().copied().collect();
        while let Some(&schema) = open.last() {
            let below = children.get(schema).map(Vec::as_slice).unwrap_or_default();
            let unknown: Vec<&str> = below.iter().copied().filter(|child| !steps.contains_key(child)).collect();
            if !steps.contains_key(schema) && !unknown.is_empty() {
                open.extend(unknown);
                continue;
            }
            open.pop();
            if steps.contains_key(schema) {
                continue;
            }
            let of = |child: &&str| steps.get(child).copied().unwrap_or_default();
            let sum = below.iter().fold(1_u64, |sum, child| sum.saturating_add(of(child)));
            if sum > MOST_STEPS && below.iter().all(|child| of(child) <= MOST_STEPS) {
                let message = format!("judging a value by this schema takes more than {MOST_STEPS} steps");
                let hint = "refer to a schema once, and not again in what that refers to";
                mistakes.push(Mistake::at_value(schema, message).hint(hint));
            }
            steps.insert(schema, sum);
            let chain = |child: &&str| chains.get(child).copied().unwrap_or_default();
            let with_it = |child: &&str| chain(child) + u64::from(self.referred.contains(*child));
            let longest = below.iter().map(with_it).max().unwrap_or_default();
            if longest > LONGEST_CHAIN && below.iter().all(|child| chain(child) <= LONGEST_CHAIN) {
                let message = format!("more than {LONGEST_CHAIN} references lead on from here, from one to the next");
                mistakes.push(Mistake::at_value(schema, message).hint("refer to what is at their end"));
            }
            chains.insert(schema, longest);
        }
        mistakes
    }
}

/// The edges that are left once those from what nothing leads to are taken away, again and again.
fn led_to<'e>(edges: Vec<(&'e str, &'e str)>) -> Vec<(&'e str, &'e str)> {
    let mut incoming: BTreeMap<&str, usize> = BTreeMap::new();
    let mut outgoing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in edges {
        *incoming.entry(to).or_default() += 1;
        outgoing.entry(from).or_default().push(to);
    }
    let mut free: Vec<&str> = outgoing.keys().copied().filter(|from| !incoming.contains_key(from)).collect();
    while let Some(from) = free.pop() {
        for to in outgoing.remove(from).unwrap_or_default() {
            let Some(count) = incoming.get_mut(to) else { continue };
            *count -= 1;
            if *count == 0 {
                free.push(to);
            }
        }
    }
    outgoing.into_iter().flat_map(|(from, all)| all.into_iter().map(move |to| (from, to))).collect()
}

/// The pointer that a reference means, where it is one within the document.
///
/// # Errors
/// What is wrong with it; `at` is its own place.
pub(super) fn target(document: &Value, at: &str, reference: &str) -> Result<String, Mistake> {
    let Some(fragment) = reference.strip_prefix('#') else {
        let mistake = Mistake::at_value(at, format!("`{reference}` is outside of this document"));
        return Err(mistake.hint("nothing else is ever read; write `#/…`"));
    };
    // Put together anew, so that every part of the document has one spelling only.
    let pointer = pointer::from_fragment(fragment).map(|pointer| pointer.to_string());
    match pointer.filter(|pointer| document.pointer(pointer).is_some()) {
        Some(pointer) if pointer.starts_with('/') => Ok(pointer),
        _ => Err(Mistake::at_value(at, format!("`{reference}` refers to nothing"))
            .hint("write the JSON pointer of a part of this document, as in `#/components/schemas/…`")),
    }
}

/// The doubt of a name that is no schema keyword; `guess` says whether to look for the one that is meant.
fn unknown(at: String, name: &str, guess: bool) -> Mistake {
    if name.starts_with("x-") {
        return Mistake::at_key(at, format!("unknown extension `{name}`"));
    }
    let doubt = Mistake::at_key(at, format!("unknown schema keyword `{name}`"));
    match guess.then(|| did_you_mean(name, KEYWORDS.iter().map(|(known, _)| *known))).flatten() {
        Some(known) => doubt.hint(format!("did you mean `{known}`?")),
        None => doubt,
    }
}
