//! Files that people write, read with care: YAML and TOML as nodes that know where they stand, and what is wrong with them,
//! shown at its place.
//!
//! Knows nothing of contracts or cases; both describe their objects in tables ([`shape`]) from which the validator
//! and the JSON Schema for editors come.

mod diagnostic;
mod file;
mod node;
mod schema;
pub mod shape;
mod suggest;
mod toml;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use file::{MAX_FILE_BYTES, SourceFile};
pub use node::{Entry, Node, NodeValue, Span, parse};
pub use schema::json_schema;
pub use suggest::did_you_mean;
pub use toml::parse_toml;
