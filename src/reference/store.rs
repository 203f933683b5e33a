//! The connections that exist, in memory, a project_store a project.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::cause::Cause;

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Connection {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub vpc_id: String,
    pub subnet_id: String,
    pub created: Timestamp,
}

/// The connections of one project.
#[derive(Debug, Default)]
pub(super) struct ProjectStore {
    /// In the order of their creation.
    pub held: Vec<Connection>,
    /// Names that are taken, for the correct rule.
    pub names: HashSet<String>,
}

/// How names are kept unique. Every part can be exchanged by a fault or a variant.
#[derive(Clone)]
pub(super) struct StoreRules {
    /// The project_store of a project.
    pub tenant: fn(&str) -> String,
    /// What of a name is compared: two names of one form are the same.
    pub form: fn(&str) -> String,
    /// Whether a name is taken.
    pub taken: fn(&ProjectStore, &str) -> bool,
    /// Whether a connection is kept, being the n-th (from 1) of the server.
    pub keeps: fn(&Connection, usize) -> bool,
    /// Whether a refused creation takes its name all the same.
    pub refused_takes: fn(Cause) -> bool,
    /// What of its name it takes then.
    pub taken_part: fn(&str) -> String,
    /// How long to look away between asking for a name and taking it.
    pub race_window: Option<Duration>,
}

impl Default for StoreRules {
    fn default() -> Self {
        Self {
            tenant: str::to_owned,
            form: str::to_owned,
            taken: |project_store, name| project_store.names.contains(name),
            keeps: |_, _| true,
            refused_takes: |_| false,
            taken_part: str::to_owned,
            race_window: None,
        }
    }
}

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Store(Mutex<HashMap<String, ProjectStore>>);

impl Store {
    fn tenants(&self) -> MutexGuard<'_, HashMap<String, ProjectStore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether that name is taken in that project.
    pub fn is_taken(&self, rules: &StoreRules, project: &str, name: &str) -> bool {
        self.tenants()
            .get(&(rules.tenant)(project))
            .is_some_and(|project_store| (rules.taken)(project_store, &(rules.form)(name)))
    }

    /// Adds a connection, unless its name is taken. Asking and taking are one step.
    pub fn add(&self, rules: &StoreRules, project: &str, connection: &Connection, number: usize) -> bool {
        let mut tenants = self.tenants();
        let project_store = tenants.entry((rules.tenant)(project)).or_default();
        // With a gap, the name was asked for before it.
        if rules.race_window.is_none() && (rules.taken)(project_store, &(rules.form)(&connection.name)) {
            return false;
        }
        if (rules.keeps)(connection, number) {
            project_store.names.insert((rules.form)(&connection.name));
            project_store.held.push(connection.clone());
        }
        true
    }

    /// Takes a name without a connection.
    pub fn take_name(&self, rules: &StoreRules, project: &str, name: String) {
        self.tenants().entry((rules.tenant)(project)).or_default().names.insert((rules.form)(&name));
    }

    /// One connection.
    pub fn find(&self, rules: &StoreRules, project: &str, id: &str) -> Option<Connection> {
        let tenants = self.tenants();
        tenants.get(&(rules.tenant)(project))?.held.iter().rfind(|held| held.id == id).cloned()
    }

    /// The connections of a project, all or those of exactly that name.
    pub fn list(&self, rules: &StoreRules, project: &str, name: Option<&str>) -> Vec<Connection> {
        let tenants = self.tenants();
        let held = tenants
            .get(&(rules.tenant)(project))
            .map(|project_store| project_store.held.as_slice())
            .unwrap_or_default();
        held.iter().filter(|held| name.is_none_or(|name| held.name == name)).cloned().collect()
    }

    /// Ends a connection; false where there is none.
    pub fn remove(&self, rules: &StoreRules, project: &str, id: &str) -> bool {
        let mut tenants = self.tenants();
        let Some(project_store) = tenants.get_mut(&(rules.tenant)(project)) else { return false };
        let Some(place) = project_store.held.iter().rposition(|held| held.id == id) else { return false };
        let gone = project_store.held.remove(place);
        if !project_store.held.iter().any(|held| held.name == gone.name) {
            project_store.names.remove(&(rules.form)(&gone.name));
        }
        true
    }

    /// How many connections exist.
    pub fn count(&self) -> usize {
        self.tenants().values().map(|project_store| project_store.held.len()).sum()
    }
}
