//! The binary and the library as users meet them: over real sockets and files, one file a subject.
//!
//! One program, so that it is linked once and its tests share the machine's cores.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests may")]

mod bodies;
mod canary;
mod captured_secrets;
#[cfg(unix)]
mod checkout;
mod ci_examples;
mod cli;
mod compare;
mod content;
mod costly_answers;
mod covers;
mod derived;
mod documentation;
mod documents;
mod dry_run;
mod example_suite;
#[cfg(target_os = "linux")]
mod file_threats;
mod format_words;
mod hostile;
mod http2;
mod identity_service;
mod init;
mod json_schema;
mod judgement;
mod layers;
mod ledger;
mod limits;
mod login;
mod lookalikes;
mod mistakes;
mod numbers;
#[cfg(unix)]
mod open;
mod operations;
mod package;
mod parameters;
mod patterns;
mod persistent_target;
mod places;
mod plain_cases;
mod profiles;
mod progress;
mod rate_limit;
mod reference;
mod regression;
mod report;
mod retries;
mod schemas;
mod secret_masking;
mod selection;
mod shards;
mod suites;
mod support;
#[cfg(target_os = "linux")]
mod threats;
mod tls;
#[cfg(unix)]
mod tutorial;
mod unanswered;
#[cfg(unix)]
mod usage;
mod verdicts;
mod waivers;
