//! `conformant`: contract tests and conformance verdicts for documented HTTP APIs, clause by clause.

pub mod check;
pub mod cli;
pub mod contract;
pub mod harness;
pub mod http;
pub mod mutants;
pub mod reference;
pub mod report;
pub mod run;
pub mod secret;
pub mod shipped;
pub mod source;
pub mod suite;
pub mod text;
pub mod verdict;
