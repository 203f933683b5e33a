//! What of the schemas of somebody else's document is of the wrong kind, and can be left out: an empty `description`,
//! `required: true` as in draft 3, `minimum: "3"`.
//!
//! Without a keyword a schema allows more. That is harmless but where something is refused because a schema allows it, as by
//! `not`, or by `oneOf` where a second one does: there the keyword stays, and costs the operations that it is in. So does one
//! that lets more through, as `writeOnly` does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::keywords::{Keyword, keyword};
use super::references::reached;
use super::survey::Survey;
use crate::pointer::{self, Pointer};

/// The keywords that refuse a value because a schema allows one, or doesn't name it.
const TURNING: [&str; 6] = ["not", "if", "oneOf", "contains", "unevaluatedItems", "unevaluatedProperties"];

/// The keywords without which less is allowed.
const LENIENT: [&str; 3] = ["minContains", "readOnly", "writeOnly"];

/// What can't be left out of a document's schemas.
pub(super) struct Unreadable<'a> {
    document: &'a Value,
    survey: &'a Survey,
    /// The places from which it matters that a schema allows more, and all that they lead to.
    turned: BTreeSet<String>,
}

/// What is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// A keyword.
    Keyword(String),
    /// What stands where a schema should: any value is allowed there.
    Schema(String),
    /// All but the first of equal names in a list.
    Repeated(String),
}

impl<'a> Unreadable<'a> {
    pub(super) fn of(document: &'a Value, survey: &'a Survey) -> Self {
        let mut turned = BTreeSet::new();
        for at in survey.schemas.keys() {
            let Some(fields) = document.pointer(at).and_then(Value::as_object) else { continue };
            let turning = TURNING.iter().filter(|name| fields.contains_key(**name));
            for name in turning {
                // What is allowed in a value as a whole depends on all of the schema.
                let from = if name.starts_with("unevaluated") { at.clone() } else { pointer::join(at, name) };
                if !pointer::outwards(&from).any(|around| turned.contains(around)) {
                    turned.extend(reached(document, &from));
                }
            }
        }
        Self { document, survey, turned }
    }

    /// Whether values would be refused for the lack of what stands at a place.
    fn is_turned(&self, at: &str) -> bool {
        pointer::outwards(at).any(|around| self.turned.contains(around))
    }

    /// What to leave out so that nothing is wrong at a place any more; nothing where that would have values refused.
    pub(super) fn left_out(&self, at: &str) -> Option<LeftOut> {
        let is_schema = |at: &&str| self.survey.schemas.contains_key(*at);
        let Some(schema) = pointer::outwards(at).skip(1).find(is_schema) else {
            return (is_schema(&at) && !self.is_turned(at)).then(|| LeftOut::Schema(at.to_owned()));
        };
        let name = Pointer::parse(pointer::behind(at, schema)?).ok()?.tokens().first()?.clone();
        let here = pointer::join(schema, &name);
        if is_schema(&at) && here != at {
            return (!self.is_turned(at)).then(|| LeftOut::Schema(at.to_owned()));
        }
        if LENIENT.contains(&name.as_str()) && !self.document.pointer(&here).is_some_and(Value::is_null) {
            return None;
        }
        match keyword(&name)? {
            Keyword::Annotation | Keyword::Meaningless(_) => Some(LeftOut::Keyword(here)),
            Keyword::Required if self.document.pointer(&here).is_some_and(is_list_of_names) => {
                Some(LeftOut::Repeated(here))
            }
            Keyword::Refused(_) => None,
            _ if self.is_turned(schema) || self.is_named_for_others(schema, &name) => None,
            _ => Some(LeftOut::Keyword(here)),
        }
    }

    /// Whether a keyword says to others of its schema what is left to them.
    fn is_named_for_others(&self, schema: &str, name: &str) -> bool {
        let has = |other: &str| self.document.pointer(schema).is_some_and(|schema| schema.get(other).is_some());
        match name {
            "properties" | "patternProperties" => has("additionalProperties"),
            "prefixItems" => has("items"),
            _ => false,
        }
    }
}

impl LeftOut {
    /// Takes it out of a document.
    pub(super) fn take_out(&self, document: &mut Value) {
        match self {
            Self::Schema(at) => {
                if let Some(schema) = document.pointer_mut(at) {
                    *schema = Value::Bool(true);
                }
            }
            Self::Keyword(at) => {
                let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
                let name = Pointer::parse(at).ok().and_then(|at| at.tokens().last().cloned());
                if let (Some(Value::Object(fields)), Some(name)) = (document.pointer_mut(parent), name) {
                    fields.remove(&name);
                }
            }
            Self::Repeated(at) => {
                if let Some(Value::Array(names)) = document.pointer_mut(at) {
                    let mut seen = BTreeSet::new();
                    names.retain(|name| seen.insert(name.as_str().unwrap_or_default().to_owned()));
                }
            }
        }
    }

    /// What becomes of what is wrong, as the end of a sentence.
    pub(super) fn consequence(&self, document: &Value) -> &'static str {
        match self {
            // A pattern that is a text is one elsewhere.
            Self::Keyword(at) if at.ends_with("/pattern") && document.pointer(at).is_some_and(Value::is_string) => {
                "it judges nothing"
            }
            Self::Keyword(_) | Self::Schema(_) => "it is left out",
            Self::Repeated(_) => "each counts once",
        }
    }
}

fn is_list_of_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}
