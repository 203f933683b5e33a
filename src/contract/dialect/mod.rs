//! Documents as they are written, in the one form that the rest of the program knows: OpenAPI 3.1 with the schemas of JSON
//! Schema 2020-12, in one tree, with references by JSON pointer only.
//!
//! What OpenAPI 3.0 and Swagger 2.0 spell otherwise is translated here, once. Every value keeps the place in the file that it
//! was written at; what had to be moved is listed, so that messages and clauses name it as it is written.

mod assembly;
mod files;
mod moves;
mod names;
mod openapi30;
mod parts;
mod swagger2;

use super::mistake::Mistake;
use crate::source::{Node, SourceFile};

pub(super) use assembly::{Assembly, assemble};
pub(super) use files::parse_document;
pub use files::{Documents, NoDocuments};
pub(super) use moves::Moves;

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
}

impl Dialect {
    /// What a document says that it is written in.
    ///
    /// # Errors
    /// What it says instead.
    pub(super) fn of(node: &Node) -> Result<Self, Mistake> {
        let hint = "write it as OpenAPI 3.1 or 3.0, or as Swagger 2.0";
        let (key, name) = if node.get("swagger").is_some() { ("swagger", "Swagger") } else { ("openapi", "OpenAPI") };
        let Some(version) = node.get(key).and_then(Node::scalar_text) else {
            return Err(Mistake::at_key("", "this says neither `openapi` nor `swagger`").hint(hint));
        };
        let is =
            |known: &str| version == known || version.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
        match key {
            "swagger" if is("2.0") => Ok(Self::Swagger2),
            "openapi" if is("3.0") => Ok(Self::OpenApi30),
            "openapi" if is("3.1") => Ok(Self::OpenApi31),
            _ => Err(Mistake::at_value(format!("/{key}"), format!("{name} {version} is not supported")).hint(hint)),
        }
    }

    /// Whether what stands beside a `$ref` in a schema counts.
    fn keeps_siblings(self) -> bool {
        self == Self::OpenApi31
    }
}

/// A file of a document, and where its tree hangs in the whole.
#[derive(Debug)]
pub(super) struct Mounted {
    /// JSON pointer; empty for the document itself.
    pub(super) prefix: String,
    pub(super) file: SourceFile,
}
