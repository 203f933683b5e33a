//! `conformant`: contract tests and conformance verdicts for documented HTTP APIs, clause by clause.
