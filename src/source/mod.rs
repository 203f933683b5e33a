//! Files that people write, read with care: YAML, JSON and TOML as nodes that know where they stand, and what is wrong with them,
//! shown at its place.
//!
//! Knows nothing of contracts or cases; both describe their objects in tables ([`shape`]) from which the validator
//! and the JSON Schema for editors come.

mod diagnostic;
mod file;
mod json;
mod limits;
mod node;
mod places;
mod read;
mod schema;
pub mod shape;
mod span;
mod suggest;
mod toml;
mod yaml;
mod yaml_trouble;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use file::SourceFile;
pub use json::parse_json;
pub use limits::{DOCUMENT, Limits, MAX_FILE_BYTES, SMALL_FILE};
pub use node::{Entry, Node, NodeValue};
pub use schema::json_schema;
pub use span::Span;
pub use suggest::did_you_mean;
pub use toml::parse_toml;
pub use yaml::{parse, parse_within};
