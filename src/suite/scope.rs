//! What a template sees: variables, secrets, the row's columns, saved exchanges and the source of fresh values.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr, Serde};
use secrecy::ExposeSecret;

use super::model::{Inputs, Suite};
use super::random::{GeneratedText, Randomness};
use super::render::RenderError;
use super::rows::{Cell, Row};
use super::saved::Saved;
use crate::secret::Secrets;

/// The name by which functions find the row's randomness; no template can spell it.
pub(super) const RANDOMNESS: &str = "$randomness";
/// Names that a scope always has.
pub(super) const BUILT_IN: [&str; 7] = ["row", "index", "attempt", "request", "response", "kept", PROBES];
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
}

impl Bindings {
    /// Binds what is given and, for the rest, the suite's defaults. What is optional and not given stays unbound.
    ///
    /// # Errors
    /// A mandatory variable or secret that is missing, one that the suite doesn't know, a default that fails.
    pub fn new(suite: &Suite, given: &Inputs, seed: u64) -> Result<Self, RenderError> {
        let mut bindings = Self::default();
        let plain = given.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        bindings.bind("variable", &suite.variables, plain, seed)?;
        let secret = given.secrets.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        bindings.bind("secret", &suite.secrets, secret, seed)?;
        Ok(bindings)
    }

    fn bind<'a>(
        &mut self,
        kind: &'static str,
        declared: &[super::model::Variable],
        given: impl Iterator<Item = (&'a str, &'a str)>,
        seed: u64,
    ) -> Result<(), RenderError> {
        let given: HashMap<&str, &str> = given.collect();
        let mut unknown: Vec<&str> =
            given.keys().copied().filter(|name| declared.iter().all(|known| known.name != *name)).collect();
        unknown.sort_unstable();
        if let Some(name) = unknown.first() {
            return Err(RenderError::UnknownName { kind, name: (*name).into() });
        }
        for variable in declared {
            let value = match (given.get(variable.name.as_str()), &variable.default) {
                (Some(value), _) => Value::from(*value),
                (None, Some(default)) => default.value(&Scope::new(self, seed, &variable.name))?,
                (None, None) if variable.optional => continue,
                (None, None) => return Err(RenderError::Missing { kind, name: variable.name.clone() }),
            };
            Arc::make_mut(&mut self.values).insert(variable.name.clone(), value);
        }
        Ok(())
    }

    /// Whether a variable or secret has a value.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
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

#[derive(Clone)]
struct Names {
    bindings: Bindings,
    randomness: Value,
    number: u64,
    columns: Arc<[(Arc<str>, Value)]>,
    saves: Arc<Vec<(String, Value)>>,
    attempt: usize,
    exchange: Option<Saved>,
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

    /// The scope of one row; `row_id` is the row's full id. Columns that are templates are rendered here, once.
    ///
    /// # Errors
    /// A column whose template fails.
    pub fn for_row(bindings: &Bindings, seed: u64, row_id: &str, row: &Row) -> Result<Self, RenderError> {
        let mut scope = Self::new(bindings, seed, row_id);
        let columns = row.columns.iter().map(|(name, cell)| match cell {
            Cell::Value(value) => Ok((Arc::clone(name), value.clone())),
            Cell::Template(tree) => Ok((Arc::clone(name), Value::from(Serde(tree.render(&scope)?)))),
        });
        let columns = columns.collect::<Result<_, RenderError>>()?;
        let names = Arc::make_mut(&mut scope.0);
        names.number = row.number;
        names.columns = columns;
        Ok(scope)
    }

    /// This scope with one more saved exchange; a later one of the same name hides the earlier.
    #[must_use]
    pub fn saving(&self, name: &str, saved: &Saved) -> Self {
        let mut names = Names::clone(&self.0);
        Arc::make_mut(&mut names.saves).insert(0, (name.to_owned(), saved.value()));
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
        let column = self.columns.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
        let saved = || self.saves.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        column.or_else(saved).or_else(|| self.bindings.values.get(key)).cloned()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<_> = self.columns.iter().map(|(name, _)| name).collect();
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
