//! From a suite and what a run is given to the values of its variables and secrets.

use std::collections::HashMap;

use minijinja::Value;
use secrecy::ExposeSecret;

use super::error::RenderError;
use super::model::{Inputs, Suite, Variable};
use super::scope::{Bindings, Scope};

impl Bindings {
    /// Binds what is given and, for the rest, the suite's defaults. What is optional and not given stays unbound.
    ///
    /// # Errors
    /// A mandatory variable or secret that is missing, one that the suite doesn't know, a default that fails.
    pub fn new(suite: &Suite, given: &Inputs, seed: u64) -> Result<Self, RenderError> {
        let mut bindings = Self::default();
        let plain = given.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        bindings.bind_all("variable", &suite.variables, plain, seed)?;
        let secret = given.secrets.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        bindings.bind_all("secret", &suite.secrets, secret, seed)?;
        Ok(bindings)
    }

    fn bind_all<'a>(
        &mut self,
        kind: &'static str,
        declared: &[Variable],
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
                (None, None) if self.can_obtain(variable) => {
                    self.obtained().expect(&variable.name);
                    continue;
                }
                (None, None) if variable.optional => continue,
                (None, None) if variable.obtain.is_some() => {
                    return Err(RenderError::NotObtainable {
                        name: variable.name.clone(),
                        needs: self.missing(variable).unwrap_or_default().to_owned(),
                    });
                }
                (None, None) => return Err(RenderError::Missing { kind, name: variable.name.clone() }),
            };
            self.bind(&variable.name, value);
        }
        Ok(())
    }

    /// Whether a secret can be obtained with what is bound.
    fn can_obtain(&self, secret: &Variable) -> bool {
        secret.obtain.is_some() && self.missing(secret).is_none()
    }

    /// What a secret can't be obtained without and isn't bound.
    fn missing<'v>(&self, secret: &'v Variable) -> Option<&'v str> {
        let needs = secret.obtain.iter().flat_map(|obtain| &obtain.needs);
        needs.map(String::as_str).find(|name| !self.has(name))
    }
}
