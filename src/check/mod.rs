//! The checks: pure functions from an exchange to findings.
//!
//! One file a check, one line each in [`CHECKS`]. These run on every answer to the operation without a case
//! asking for them; which clause each is about is said by the contract (`x-checks`), and a check whose clause
//! the contract doesn't state does not run. What a case asks for besides is judged in [`expect`] and
//! [`statement`]. No check does I/O, and none shares code with the reference server.

mod answer;
mod documented_status;
mod error_code_cause;
mod error_code_known;
mod error_code_status;
mod error_on_success;
pub mod expect;
mod findings;
mod headers;
mod json_body;
mod media_type;
mod schema;
mod secret_echo;
mod server_error;
pub mod statement;
mod subject;
mod success_on_error;
mod table;
mod time;
pub mod value;
mod wire;

pub use error_on_success::is_error_on_success;
pub use findings::Findings;
pub use subject::{Check, Subject, shown};
pub use table::{CHECKS, ids, run_all};
pub use time::moment;

#[cfg(test)]
mod tests;
