//! The values of the secrets that a run obtains by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The values of the secrets that a run obtains, by name: every one that there was, the one that counts last.
#[derive(Default)]
pub struct Obtained(RwLock<BTreeMap<String, Vec<Arc<str>>>>);

impl Obtained {
    /// Takes in a value for a secret. It has to be masked by then.
    pub fn add(&self, name: &str, value: &str) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let values = all.entry(name.to_owned()).or_default();
        values.retain(|other| **other != *value);
        values.push(value.into());
    }

    /// The value of a secret that counts.
    pub fn value(&self, name: &str) -> Option<Arc<str>> {
        self.values(name).pop()
    }

    /// Every value that a secret had, the one that counts last.
    pub fn values(&self, name: &str) -> Vec<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    /// Notes that a secret will have a value.
    pub(super) fn expect(&self, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default();
    }

    /// Whether it has a value, or will have one.
    pub fn has(&self, name: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// Whether nothing is obtained.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
