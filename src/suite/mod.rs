//! Case files, loaded: what a suite asks for and what must come back, before anything is sent.
//!
//! Owns the case language: its words, its templates, its tables and every error a file can contain. Doesn't
//! send, doesn't judge, and doesn't know the reference server. The language's field tables, from which both the
//! validator and the JSON Schema for editors come, stand in `language`.

mod bind;
mod body;
mod bytes;
mod case;
mod clauses;
mod cover;
mod coverage;
mod derived;
mod document;
mod encoding;
mod engine;
mod error;
mod expect;
mod expression;
mod files;
mod language;
mod load;
mod model;
mod number;
mod obtain;
mod obtained;
mod operation;
mod package;
mod parameter;
mod random;
mod removal;
mod render;
mod request;
mod rows;
mod saved;
mod scope;
mod shared;
mod shortcut;
mod slug;
mod snapshot;
mod statement;
mod taken;
mod template;
mod template_trouble;
mod tree;
mod url;

pub use body::BodyEncoding;
pub use case::{Case, Connection, Step};
pub use clauses::Clauses;
pub use cover::Cover;
pub use coverage::{Coverage, Gap, Shown, Unlisted};
pub use error::RenderError;
pub use expect::{Counts, Distinct, Expect, Reading, Shape};
pub use expression::TemplateError;
pub use files::SuiteFiles;
pub use language::case_schema;
pub use load::is_template_name;
pub use model::{Inputs, Probe, Suite, Variable};
pub use obtain::Obtain;
pub use obtained::Obtained;
pub use operation::{Accepted, Cleanup, Find, Operations, Resource, Statements, SuiteOperation, Thing};
pub use package::Package;
pub use random::{GeneratedText, Randomness};
pub use removal::RemovalPlaces;
pub use render::{render_cleanup, render_find, render_removal, render_removal_path, render_request, trace};
pub use request::{
    CookiePlan, FieldValue, HeaderPlan, NamedValue, Override, PathChange, PathPart, PathPlan, Payload, QueryPlan,
    RequestPlan,
};
pub use rows::{Cell, Row, Rows};
pub use saved::{Saved, Trace, below};
pub use scope::{Bindings, ProbeResult, Scope};
pub use shared::SharedValue;
pub use slug::is_slug;
pub use snapshot::{Redaction, SnapshotAsk, SnapshotPlan, TextForm};
pub use statement::{EVERY, JsonType, Length, Place, Predicate, ReadingShown, Statement, ValueReading};
pub use taken::{Captured, TakenFrom};
pub use template::Text;
pub use tree::Tree;
