//! The document as a suite is made of it: parts by JSON pointer, with references followed.

use serde_json::{Map, Value};

use crate::contract::Contract;
use crate::pointer;

/// The most references from one to the next that are followed.
const MOST_HOPS: usize = 16;

/// A contract's document, in the one form that all dialects are read as.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(pub(super) &'a Contract);

impl<'a> Document<'a> {
    /// Where a part is, once its references are followed.
    pub(super) fn place(self, pointer: &str) -> Option<String> {
        let mut at = pointer.to_owned();
        for _ in 0..MOST_HOPS {
            let Some(reference) = self.0.document().pointer(&at)?.get("$ref") else { return Some(at) };
            at = pointer::from_fragment(reference.as_str()?.strip_prefix('#')?)?.to_string();
        }
        None
    }

    /// The part at a pointer, once its references are followed.
    pub(super) fn get(self, pointer: &str) -> Option<&'a Value> {
        self.0.document().pointer(&self.place(pointer)?)
    }

    /// The map at a pointer.
    pub(super) fn map(self, pointer: &str) -> Option<&'a Map<String, Value>> {
        self.get(pointer)?.as_object()
    }

    /// The text at a pointer.
    pub(super) fn text(self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)?.as_str()
    }

    /// The pointers of the items of the list at a pointer.
    pub(super) fn items(self, pointer: &str) -> Vec<String> {
        let count = self.get(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| pointer::join(pointer, &index.to_string())).collect()
    }

    /// The names in the map at a pointer, each with its own pointer.
    pub(super) fn members(self, pointer: &str) -> Vec<(&'a str, String)> {
        let Some(at) = self.place(pointer) else { return Vec::new() };
        self.map(&at).into_iter().flatten().map(|(name, _)| (name.as_str(), pointer::join(&at, name))).collect()
    }

    /// The examples of a parameter or a body, in their order.
    pub(super) fn examples(self, pointer: &str) -> Vec<Value> {
        let Some(part) = self.map(pointer) else { return Vec::new() };
        let named = self.members(&pointer::join(pointer, "examples"));
        let named = named.into_iter().filter_map(|(_, at)| self.map(&at)?.get("value"));
        ["example", "x-example"].iter().filter_map(|key| part.get(*key)).chain(named).cloned().collect()
    }

    /// A schema, those that it refers to and those of its `allOf`: a value has to fit them all.
    pub(super) fn views(self, pointer: &str) -> Vec<String> {
        let mut views: Vec<String> = Vec::new();
        let mut open = vec![pointer.to_owned()];
        while let Some(at) = open.pop().filter(|_| views.len() < MOST_HOPS * 4) {
            let Some(schema) = self.0.document().pointer(&at).filter(|_| !views.contains(&at)) else { continue };
            let parts = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
            let all_of = pointer::join(&at, "allOf");
            open.extend((0..parts).rev().map(|index| pointer::join(&all_of, &index.to_string())));
            let reference = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
            open.extend(reference.and_then(pointer::from_fragment).map(|target| target.to_string()));
            views.push(at);
        }
        views
    }

    /// What the views of a schema have for a keyword.
    pub(super) fn keyword(self, views: &[String], name: &str) -> impl Iterator<Item = &'a Value> {
        views.iter().filter_map(move |at| self.0.document().pointer(at)?.get(name))
    }

    /// The pointers that views have for the schema of a member.
    pub(super) fn property(self, views: &[String], name: &str) -> Option<String> {
        let mut at = views.iter().map(|view| pointer::join(&pointer::join(view, "properties"), name));
        at.find(|at| self.0.document().pointer(at).is_some())
    }

    /// The first type that views name, `null` aside.
    pub(super) fn kind(self, views: &[String]) -> Option<&'a str> {
        let types = self.keyword(views, "type").flat_map(|named| match named {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            named => named.as_str().into_iter().collect::<Vec<_>>(),
        });
        types.into_iter().find(|name| *name != "null")
    }

    /// Whether a keyword of the schema is true.
    pub(super) fn is_true(self, views: &[String], name: &str) -> bool {
        self.keyword(views, name).any(|value| value == &Value::Bool(true))
    }
}
