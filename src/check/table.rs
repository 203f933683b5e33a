//! Every general check.

use super::findings::Findings;
use super::subject::{Check, Subject};
use super::{
    answer, documented_status, error_code_cause, error_code_known, error_code_status, error_on_success, headers,
    json_body, media_type, schema, secret_echo, server_error, success_on_error,
};
use crate::contract::undecided;
use crate::suite::{RenderError, Shape};
use crate::verdict::CheckId;

/// Every general check, in the order in which they are run; an earlier finding is the more telling one.
pub static CHECKS: &[Check] = &[
    answer::CHECK,
    documented_status::CHECK,
    server_error::CHECK,
    secret_echo::CHECK,
    media_type::CHECK,
    media_type::SUFFIX,
    json_body::SUCCESS,
    json_body::REFUSAL,
    error_on_success::CHECK,
    success_on_error::CHECK,
    schema::CHECK,
    headers::CHECK,
    error_code_status::CHECK,
    error_code_known::CHECK,
    error_code_cause::CHECK,
];

/// Ids that the contract's `x-checks` may use: the general checks and those that only a case's expectation raises.
pub fn ids() -> Vec<CheckId> {
    CHECKS.iter().map(|check| check.id.clone()).chain([CheckId::FITS_REQUEST]).collect()
}

/// Runs every general check over an exchange. What a check says counts only where it could tell.
///
/// # Errors
/// Why a check couldn't judge the answer.
pub fn run_all(subject: &Subject<'_>, findings: &mut Findings<'_>) -> Result<(), RenderError> {
    let mut gave_up = None;
    for check in CHECKS {
        findings.lenient = !check.always && subject.shape == Shape::Should;
        if check.always || subject.shape != Shape::Free {
            let told = findings.count();
            if let ((), Some(why)) = undecided(|| (check.run)(subject, findings)) {
                findings.forget_after(told);
                gave_up.get_or_insert(why);
            }
        }
    }
    findings.lenient = false;
    gave_up.map_or(Ok(()), |why| Err(RenderError::Unjudged(why)))
}
