//! `anyOf` and `oneOf` for a validator that explains: whether they hold, and no more.
//!
//! `jsonschema` keeps the errors of every branch of an `anyOf` that fails, and those of every `anyOf` within. Against a schema
//! that refers to itself in two branches that is exponential in the depth of the body. Nobody reads these errors: a
//! violation names the keyword and its place. Whether a value is valid takes time linear in it, since the validator
//! remembers what it has seen.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, ValidationOptions, Validator};
use serde_json::Value;

use super::direction::Directed;
use super::validator::{Reading, options};
use crate::pointer;

/// Options of a validator that explains: each violation is told once, in time linear in the value.
pub(super) fn explaining(reading: &Reading, directed: &Arc<Directed>) -> ValidationOptions<'static> {
    [Combiner::AnyOf, Combiner::OneOf].into_iter().fold(options(), |options, combiner| {
        let (reading, directed) = (reading.clone(), Arc::clone(directed));
        options.with_keyword(combiner.name(), move |_, schemas: &Value, location: Location| {
            let branches = schemas.as_array().map_or(0, Vec::len);
            let location = location.as_str().to_owned();
            Ok(Box::new(Alternatives {
                combiner,
                location,
                branches,
                reading: reading.clone(),
                directed: Arc::clone(&directed),
                validators: OnceLock::new(),
            }))
        })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combiner {
    AnyOf,
    OneOf,
}

impl Combiner {
    fn name(self) -> &'static str {
        match self {
            Self::AnyOf => "anyOf",
            Self::OneOf => "oneOf",
        }
    }
}

/// One such keyword at its place in the document.
struct Alternatives {
    combiner: Combiner,
    /// Its JSON pointer into the document.
    location: String,
    branches: usize,
    reading: Reading,
    directed: Arc<Directed>,
    /// One a branch, made when a value first gets here: only bodies that are wrong somewhere do.
    validators: OnceLock<Vec<Validator>>,
}

impl Alternatives {
    /// How many branches a value fits, of the first two that it fits.
    fn fits(&self, value: &Value) -> usize {
        let fits = self.validators.get_or_init(|| self.compile()).iter().filter(|branch| branch.is_valid(value));
        fits.take(2).count()
    }

    /// The branches were compiled once when the contract was loaded, so none is left out here.
    fn compile(&self) -> Vec<Validator> {
        let branch = |number: usize| {
            let at = pointer::join(&self.location, &number.to_string());
            self.reading.build_within(&self.directed, &at, &options()).ok()
        };
        (0..self.branches).filter_map(branch).collect()
    }
}

impl<'i> Keyword<'i> for Alternatives {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        let expected = match (self.combiner, self.fits(instance)) {
            (Combiner::AnyOf, 1..) | (Combiner::OneOf, 1) => return Ok(()),
            (Combiner::AnyOf, 0) => format!("one of {} alternatives", self.branches),
            (Combiner::OneOf, 0) => format!("exactly one of {} alternatives, none fits", self.branches),
            (Combiner::OneOf, _) => format!("exactly one of {} alternatives, several fit", self.branches),
        };
        Err(ValidationError::custom(expected))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        match (self.combiner, self.fits(instance)) {
            (Combiner::AnyOf, fits) => fits > 0,
            (Combiner::OneOf, fits) => fits == 1,
        }
    }
}

impl fmt::Debug for Alternatives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alternatives").field("location", &self.location).finish_non_exhaustive()
    }
}
