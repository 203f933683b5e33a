//! `conformant`: contract tests and conformance verdicts for documented HTTP APIs, clause by clause.
//!
//! The map of this house, from the bottom up; a module imports only what stands above it here (`tests/integration/layers.rs`).
//!
//! - `text` turns hostile text into printable text; [`http`] has the request as sent, the answer as observed and the
//!   client between them; [`secret`] is the one place where secrets are known and masked.
//! - [`pointer`] has JSON pointers, [`number`] compares JSON numbers by what they mean, [`mod@pattern`]
//!   has the regular expressions of ECMA-262, [`atomic`] writes files in one step.
//! - [`source`] reads files that people write, with places and diagnostics; [`contract`] makes clauses, schemas and error
//!   codes of an OpenAPI document; [`suite`] makes cases of case files; [`shipped`] has the suite that comes along.
//!   `scaffold` begins a suite about a document.
//! - [`verdict`] has the words for what was found out, and the event stream; [`check`] has the checks, one file each, one
//!   line each in [`check::CHECKS`]. [`snapshot`] makes exchanges comparable and keeps what they were.
//! - `ledger` has on disk what a run may have made, until it is gone.
//! - [`run`] is the engine: plan, control, attempt, confirmation, cleaning up, events.
//! - `replay` reads event streams back, one or all shards of a run.
//! - [`comparison`] has what two runs differ in.
//! - [`report`] has the renderers over the event stream, one file each, one line each in [`report::FORMATS`].
//! - [`mod@reference`] is the reference implementation with its faults and variants; it shares no validation code with the
//!   checks. [`mutants`] proves a suite with it, or with a server of the user's.
//! - [`harness`] is the suite as a Rust test; [`cli`] is the command line, the only place that prints, exits or reads the
//!   environment.
//!
//! One way through: files -> `Suite` -> plan -> `Request` -> `Exchange` -> `Finding`s -> `Outcome` -> event -> report.

pub mod atomic;
pub mod check;
pub mod cli;
pub mod comparison;
pub mod contract;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
pub mod harness;
pub mod http;
mod ledger;
pub mod mutants;
pub mod number;
pub mod pattern;
pub mod pointer;
pub mod reference;
mod replay;
pub mod report;
pub mod run;
mod scaffold;
pub mod secret;
pub mod shipped;
pub mod snapshot;
pub mod source;
pub mod stack;
pub mod suite;
mod text;
pub mod verdict;
