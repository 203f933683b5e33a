//! How every schema of a contract is compiled.

use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Value};

use super::direction::{Directed, Direction};
use super::discriminator::narrow_alone;
use super::formats;
use super::name_patterns;
use super::pattern_keyword::{with_patterns, without_meaningless};
use super::references::reached;
use crate::pattern::{SIZE, attempts_elsewhere};
use crate::pointer::{self, Pointer, outwards};

/// Known formats are checked, patterns end, nothing is ever fetched.
pub(super) fn options() -> ValidationOptions<'static> {
    let names =
        PatternOptions::fancy_regex().backtrack_limit(attempts_elsewhere()).size_limit(SIZE).dfa_size_limit(SIZE);
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_pattern_options(names)
        .offline();
    without_meaningless(formats::with_formats(with_patterns(options, SIZE)))
}

/// A document's schemas as they are for one direction.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) document: Arc<Value>,
    pub(super) direction: Direction,
}

impl Reading {
    /// Compiles the schema at a pointer.
    ///
    /// # Errors
    /// What `jsonschema` has against it or one that it refers to.
    pub(super) fn build(
        &self,
        pointer: &str,
        options: &ValidationOptions<'static>,
    ) -> Result<Validator, Box<ValidationError<'static>>> {
        self.build_within(&self.directed(pointer), pointer, options)
    }

    /// The same for a schema that another one leads to.
    ///
    /// # Errors
    /// As for [`Reading::build`].
    pub(super) fn build_within(
        &self,
        directed: &Directed,
        pointer: &str,
        options: &ValidationOptions<'static>,
    ) -> Result<Validator, Box<ValidationError<'static>>> {
        options.build(&self.schema(directed, pointer)).map_err(Box::new)
    }

    /// The pointer into the document of what a validator of these schemas has at a pointer.
    pub(super) fn written(&self, pointer: &str) -> String {
        name_patterns::written(&self.document, pointer)
    }

    /// What of the schema at a pointer doesn't go this way.
    pub(super) fn directed(&self, pointer: &str) -> Directed {
        Directed::of(&self.document, pointer, self.direction)
    }

    /// A schema that is the one at a pointer of the document. Those that it refers to stand beside the reference, each at its
    /// own pointer, so that local references resolve and a violation's location is a pointer into the document. To a
    /// validator the top-level keys of an OpenAPI document are unknown keywords.
    fn schema(&self, directed: &Directed, pointer: &str) -> Value {
        let seen = reached(&self.document, pointer);
        let mut root = Value::Object(Map::new());
        for pointer in &seen {
            let is_outermost = !outwards(pointer).skip(1).any(|around| seen.contains(around));
            if let Some(schema) = self.document.pointer(pointer).filter(|_| is_outermost) {
                let mut schema = schema.clone();
                directed.apply(&mut schema, &mut pointer.clone(), &self.document, &seen);
                let of = |at: &str, combiner: &str| directed.discriminator(&self.document, at, combiner);
                narrow_alone(&mut schema, pointer, &of);
                put(&mut root, pointer, schema);
            }
        }
        if let Value::Object(root) = &mut root {
            root.insert("$ref".to_owned(), Value::String(format!("#{}", pointer::to_fragment(pointer))));
        }
        root
    }
}

/// Puts a value at a pointer, and what is needed around it.
fn put(root: &mut Value, pointer: &str, value: Value) {
    let Ok(pointer) = Pointer::parse(pointer) else { return };
    let mut node = root;
    for token in pointer.tokens() {
        // What is a list in the document is a map here: a pointer leads through both alike.
        let Value::Object(fields) = node else { return };
        node = fields.entry(token.clone()).or_insert_with(|| Value::Object(Map::new()));
    }
    *node = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_compiled_with_what_it_refers_to_and_no_more() {
        let document = json!({
            "paths": { "/a": { "get": { "parameters": [{ "schema": { "$ref": "#/components/schemas/A" } }] } } },
            "components": { "schemas": {
                "A": { "properties": { "b": { "$ref": "#/components/schemas/B/items" } } },
                "B": { "items": { "$ref": "#/components/schemas/B" } },
                "C": {},
            } },
        });
        let reading = Reading { document: Arc::new(document.clone()), direction: Direction::Answer };
        let at = "/paths/~1a/get/parameters/0/schema";
        let schema = reading.schema(&reading.directed(at), at);
        let schemas = schema["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(schemas["B"], document["components"]["schemas"]["B"]);
        assert_eq!(schema["$ref"], "#/paths/~1a/get/parameters/0/schema");
    }
}
