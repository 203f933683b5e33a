//! What a template sees: variables, secrets, the row's columns, saved exchanges and the source of fresh values.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use serde_json::Value as Json;

use super::obtained::Obtained;
use super::random::{GeneratedText, Randomness};
use super::saved::{Saved, saved_json};
use crate::secret::Secrets;

/// The name by which functions find the row's randomness; no template can spell it.
pub(super) const RANDOMNESS: &str = "$randomness";
/// Names that a scope always has.
pub(super) const BUILT_IN: [&str; 8] = ["row", "index", "attempt", "request", "response", "kept", PROBES, BASE_URL];
/// The name of the target's base URL.
pub(super) const BASE_URL: &str = "base_url";
/// The name of the exchange that made a resource, in what is said of the resource.
pub(super) const MADE: &str = "made";
/// The name of what a run finds out before the cases.
const PROBES: &str = "probes";

/// The values of a run's variables and secrets. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Bindings {
    values: Arc<HashMap<String, Value>>,
    /// What must not come out, and is told what templates make of it.
    secrets: Arc<Secrets>,
    /// Whether scopes keep what is drawn in them.
    noting: bool,
    /// What is obtained in the run, shared by all copies.
    obtained: Arc<Obtained>,
}

impl Bindings {
    /// The same and one more.
    pub(super) fn bind(&mut self, name: &str, value: Value) {
        Arc::make_mut(&mut self.values).insert(name.to_owned(), value);
    }

    /// Whether a variable or secret has a value.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.obtained.has(name)
    }

    /// What is obtained in the run. Scopes see each value as soon as it is there.
    pub fn obtained(&self) -> &Obtained {
        &self.obtained
    }

    /// What must not come out.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The value of a variable or secret as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.values.get(name).map(ToString::to_string)
    }

    /// The same values and `probes`: by name, the exchange and whether it was accepted.
    #[must_use]
    pub fn with_probes(mut self, probes: &BTreeMap<String, ProbeResult>) -> Self {
        let value = |result: &ProbeResult| {
            let (request, response) = (result.exchange.request(), result.exchange.response());
            Value::from(BTreeMap::from([
                ("accepted", result.accepted.into()),
                ("request", request),
                ("response", response),
            ]))
        };
        let values: BTreeMap<String, Value> =
            probes.iter().map(|(name, result)| (name.clone(), value(result))).collect();
        Arc::make_mut(&mut self.values).insert(PROBES.to_owned(), Value::from(values));
        self
    }

    /// The same values and `base_url`, the target's, without a slash at its end.
    #[must_use]
    pub fn at(mut self, base_url: &str) -> Self {
        self.bind(BASE_URL, Value::from(base_url.trim_end_matches('/')));
        self
    }

    /// The same values; what templates make of any of these secrets is one from then on.
    #[must_use]
    pub fn keeping(self, secrets: Arc<Secrets>) -> Self {
        Self { secrets, ..self }
    }

    /// The same values, for scopes that keep what is drawn in them ([`Scope::drawn`]).
    #[must_use]
    pub fn noting_draws(self) -> Self {
        Self { noting: true, ..self }
    }
}

impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// What came of a probe.
#[derive(Debug, Clone)]
pub struct ProbeResult {
    /// What was sent and what came back.
    pub exchange: Saved,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// What a template sees. Cheap to clone; clones and what is made from them share the row's source of fresh values.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Names>);

/// A column of a row.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) name: Arc<str>,
    pub(super) value: Value,
    /// As it is written, where it is a number.
    pub(super) number: Option<Json>,
}

#[derive(Clone)]
struct Names {
    bindings: Bindings,
    randomness: Value,
    number: u64,
    columns: Arc<[Column]>,
    saves: Arc<Vec<(String, Value)>>,
    attempt: usize,
    exchange: Option<Saved>,
}

impl Names {
    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| *column.name == *name)
    }
}

impl Scope {
    /// A scope without columns, for the control and for cleanup.
    pub fn new(bindings: &Bindings, seed: u64, id: &str) -> Self {
        let randomness = Randomness::new(seed, id);
        let randomness = if bindings.noting { randomness.noting() } else { randomness };
        Self(Arc::new(Names {
            bindings: bindings.clone(),
            randomness: Value::from_object(randomness),
            number: 0,
            columns: Arc::default(),
            saves: Arc::default(),
            attempt: 0,
            exchange: None,
        }))
    }

    /// This scope with the columns of the row of that number.
    pub(super) fn with_columns(mut self, number: u64, columns: Arc<[Column]>) -> Self {
        let names = Arc::make_mut(&mut self.0);
        (names.number, names.columns) = (number, columns);
        self
    }

    /// This scope with one more saved exchange; a later one of the same name hides the earlier.
    #[must_use]
    pub fn saving(&self, name: &str, saved: &Saved) -> Self {
        self.with_value(name, saved.value())
    }

    /// This scope with one more name; it hides an earlier save of that name.
    pub(super) fn with_value(&self, name: &str, value: Value) -> Self {
        let mut names = Names::clone(&self.0);
        Arc::make_mut(&mut names.saves).insert(0, (name.to_owned(), value));
        Self(Arc::new(names))
    }

    /// This scope for the repeat of that 0-based number (`index`, `attempt`).
    #[must_use]
    pub fn attempt(&self, number: usize) -> Self {
        Self(Arc::new(Names { attempt: number, ..Names::clone(&self.0) }))
    }

    /// This scope with `request` and `response` of the exchange being judged or cleaned up after.
    #[must_use]
    pub fn judging(&self, saved: &Saved) -> Self {
        Self(Arc::new(Names { exchange: Some(saved.clone()), ..Names::clone(&self.0) }))
    }

    /// What was drawn for this scope and all that are made from it, in order; nothing where draws aren't noted.
    pub fn drawn(&self) -> Vec<GeneratedText> {
        self.0.randomness.downcast_object_ref::<Randomness>().map(Randomness::drawn).unwrap_or_default()
    }

    /// What must not come out.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.0.bindings.secrets
    }

    /// The value of a name and attributes of it, with dots between; nothing where there is none.
    pub(super) fn at(&self, path: &str) -> Option<Value> {
        let mut names = path.split('.');
        let named = self.named(names.next()?)?;
        names.try_fold(named, |value, name| value.get_attr(name).ok())
    }

    /// What a template gets for a name.
    pub(super) fn named(&self, name: &str) -> Option<Value> {
        self.0.get_value_by_str(name)
    }

    /// A column that is a number, as it is written.
    pub(super) fn number(&self, name: &str) -> Option<&Json> {
        self.0.column(name)?.number.as_ref()
    }

    /// The body that was sent, or the one that came back, of a saved exchange; none where a column hides it.
    pub(super) fn saved_json(&self, name: &str, part: &str) -> Option<&Json> {
        if self.0.column(name).is_some() {
            return None;
        }
        self.0.saves.iter().find(|(saved, _)| saved == name).and_then(|(_, value)| saved_json(value, part))
    }

    /// The exchange that is judged or cleaned up after.
    pub(super) fn exchange(&self) -> Option<&Saved> {
        self.0.exchange.as_ref()
    }

    pub(super) fn context(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.0))
    }
}

impl Object for Names {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            RANDOMNESS => return Some(self.randomness.clone()),
            "row" => return Some(Value::from(self.number)),
            "index" | "attempt" => return Some(Value::from(self.attempt)),
            "request" => return self.exchange.as_ref().map(Saved::request),
            "response" => return self.exchange.as_ref().map(Saved::response),
            "kept" => return self.exchange.as_ref().and_then(Saved::kept),
            _ => {}
        }
        let column = self.column(key).map(|column| &column.value);
        let saved = || self.saves.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let given = column.or_else(saved).or_else(|| self.bindings.values.get(key)).cloned();
        given.or_else(|| self.bindings.obtained.value(key).map(|value| Value::from(value.as_ref())))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<_> = self.columns.iter().map(|column| &column.name).collect();
        let saves: Vec<_> = self.saves.iter().map(|(name, _)| name).collect();
        f.debug_struct("Scope")
            .field("bindings", &self.bindings)
            .field("row", &self.number)
            .field("columns", &columns)
            .field("saves", &saves)
            .field("attempt", &self.attempt)
            .finish()
    }
}
