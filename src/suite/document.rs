//! A JSON document as templates see it, without a copy of it: a list or an object in it is looked up when a template asks.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use serde_json::Value as Json;

use super::number::template_number;

/// What keeps a document.
pub(super) trait Keeper: std::fmt::Debug + Send + Sync + 'static {
    /// The document, if there is one.
    fn document(&self) -> Option<&Json>;
}

/// The document that is kept there, as a template's value; none where there is no document.
pub(super) fn value<K: Keeper>(keeper: &Arc<K>) -> Value {
    keeper.document().map_or_else(|| Value::from(()), |json| value_of(keeper, json, Vec::new))
}

fn value_of<K: Keeper>(keeper: &Arc<K>, json: &Json, path: impl FnOnce() -> Vec<Step>) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => template_number(number),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(_) | Json::Object(_) => Value::from_object(Part { keeper: Arc::clone(keeper), path: path() }),
    }
}

/// A list or an object in a document.
#[derive(Debug)]
struct Part<K> {
    keeper: Arc<K>,
    path: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Index(usize),
}

impl<K: Keeper> Part<K> {
    fn json(&self) -> Option<&Json> {
        self.path.iter().try_fold(self.keeper.document()?, |json, step| match step {
            Step::Key(key) => json.get(key),
            Step::Index(index) => json.get(index),
        })
    }

    fn child(&self, step: Step) -> Option<Value> {
        let json = match &step {
            Step::Key(key) => self.json()?.get(key),
            Step::Index(index) => self.json()?.get(index),
        };
        Some(value_of(&self.keeper, json?, || self.path.iter().cloned().chain([step]).collect()))
    }
}

impl<K: Keeper> Object for Part<K> {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.json().is_some_and(Json::is_array) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some(key) => self.get_value_by_str(key),
            None => self.child(Step::Index(key.as_usize()?)),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.child(Step::Key(key.to_owned()))
    }

    /// Keys in their order as texts, so that nothing that is computed depends on the order in which they came.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.json() {
            Some(Json::Array(items)) => Enumerator::Seq(items.len()),
            Some(Json::Object(fields)) => {
                let mut keys: Vec<&str> = fields.keys().map(String::as_str).collect();
                keys.sort_unstable();
                Enumerator::Values(keys.into_iter().map(Value::from).collect())
            }
            _ => Enumerator::Empty,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.json()? {
            Json::Array(items) => Some(items.len()),
            Json::Object(fields) => Some(fields.len()),
            _ => None,
        }
    }
}
