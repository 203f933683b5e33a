//! Case files, loaded: what a suite asks for and what must come back, before anything is sent.
//!
//! Owns the case language: its words, its templates, its tables and every error a file can contain. Doesn't
//! send, doesn't judge, and doesn't know the reference server. The language's field tables, from which both the
//! validator and the JSON Schema for editors come, stand in `language`.

mod coverage;
mod encoding;
mod files;
mod language;
mod load;
mod model;
mod package;
mod random;
mod render;
mod rows;
mod saved;
mod scope;
mod shared;
mod shortcut;
mod template;
mod tree;

pub use coverage::{Coverage, Gap, Shown};
pub use files::SuiteFiles;
pub use language::case_schema;
pub use load::Clauses;
pub use model::{
    Accepted, Case, Cleanup, Connection, Counts, Cover, Distinct, Expect, Find, HeaderPlan, Inputs, JsonType, Length,
    NamedText, Override, Payload, Place, Predicate, Probe, QueryPlan, Reading, ReadingShown, Redaction, RequestPlan,
    Shape, SnapshotAsk, SnapshotPlan, Statement, Statements, Step, Suite, ValueReading, Variable,
};
pub use package::Package;
pub use random::{GeneratedText, Randomness};
pub use render::{RenderError, below, render_cleanup, render_find, render_removal, render_request, trace};
pub use rows::{Cell, Row, Rows};
pub use saved::{Saved, Trace};
pub use scope::{Bindings, ProbeResult, Scope};
pub use shared::SharedValue;
pub use template::{TemplateError, Text};
pub use tree::Tree;
