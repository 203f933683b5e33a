//! Whether a body says by its schema that it is a success or a refusal.

use serde_json::{Map, Value};

use super::body_schema::BodySchema;
use super::operation::{Operation, ResponseSpec};

/// A schema that takes any object: by it no body can be told from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// The operation.
    pub operation: String,
    /// The documented status.
    pub status: String,
}

impl Operation {
    /// Whether a body is a refusal's and no success's, as far as their schemas say.
    #[must_use]
    pub fn is_error_body(&self, body: &Value) -> bool {
        is_told(self.refusals(), body) && !fits(self.successes(), body)
    }

    /// Whether a body is a success's and no refusal's, as far as their schemas say.
    #[must_use]
    pub fn is_success_body(&self, body: &Value) -> bool {
        is_told(self.successes(), body) && !fits(self.refusals(), body)
    }

    /// Whether a refusal has a body that can be told from others.
    #[must_use]
    pub fn has_error_body(&self) -> bool {
        self.refusals().any(|spec| spec.json_schemas().any(tells))
    }

    /// Whether a success has a body that can be told from others.
    #[must_use]
    pub fn has_success_body(&self) -> bool {
        self.successes().any(|spec| spec.json_schemas().any(tells))
    }

    /// The responses by whose schema no body can be told from one of the other family.
    #[must_use]
    pub fn unclear(&self) -> Vec<Unclear> {
        let has_schema = |spec: &ResponseSpec| spec.json_schemas().next().is_some();
        if !(self.successes().any(has_schema) && self.refusals().any(has_schema)) {
            return Vec::new();
        }
        let is_unclear = |spec: &&ResponseSpec| spec.json_schemas().any(|schema| !tells(schema));
        let unclear = |spec: &ResponseSpec| Unclear { operation: self.id.clone(), status: spec.status.to_string() };
        self.responses.values().filter(is_unclear).map(unclear).collect()
    }
}

/// Whether a schema refuses an object without members: one that takes it takes nearly every object.
fn tells(schema: &BodySchema) -> bool {
    !schema.is_valid(&Value::Object(Map::new()))
}

/// Whether a body fits a schema of any of these responses that fits few.
fn is_told<'s>(mut specs: impl Iterator<Item = &'s ResponseSpec>, body: &Value) -> bool {
    specs.any(|spec| spec.json_schemas().any(|schema| schema.is_valid(body) && tells(schema)))
}

/// Whether a body fits a schema of any of these responses.
fn fits<'s>(mut specs: impl Iterator<Item = &'s ResponseSpec>, body: &Value) -> bool {
    specs.any(|spec| spec.json_schemas().any(|schema| schema.is_valid(body)))
}
