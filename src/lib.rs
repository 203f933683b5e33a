//! `conformant`: contract tests and conformance verdicts for documented HTTP APIs, clause by clause.

pub mod check;
pub mod contract;
pub mod http;
pub mod reference;
pub mod run;
pub mod secret;
pub mod source;
pub mod suite;
pub mod text;
pub mod verdict;
