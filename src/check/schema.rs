//! The body is valid against the schema documented for its status and its media type; each violated keyword breaks the clause
//! that stands for it.
//!
//! Says nothing where the body is the other family's altogether: that is one finding of `error-on-success` or
//! `success-on-error`, not one for each missing member.

use serde_json::Value;

use super::findings::Findings;
use super::subject::{Check, Documented, Subject};
use super::{error_on_success, success_on_error};
use crate::contract::{BodyKind, BodySchema, Content, note_undecided};
use crate::http::{JsonDefect, Response};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("schema"), says: "the body is valid against the documented schema", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(Documented { response, content, kind }) = subject.content() else { return };
    if findings.any_of(&error_on_success::CHECK.id) || findings.any_of(&success_on_error::CHECK.id) {
        return;
    }
    let Some(schema) = &content.schema else { return };
    if let Some(why) = subject.unreadable(response).filter(|_| kind != BodyKind::Bytes) {
        return note_undecided(why);
    }
    match kind {
        BodyKind::Json => {
            if let Ok(body) = response.json() {
                judge(schema, "", body, subject, findings);
            }
        }
        BodyKind::JsonLines => lines(schema, content, response, subject, findings),
        BodyKind::Text | BodyKind::Markup => {
            let text = std::str::from_utf8(&response.body).ok();
            if let Some(value) = text.and_then(|text| content.read(text, kind)) {
                judge(schema, "", &value, subject, findings);
            }
        }
        BodyKind::Bytes => {}
    }
}

/// JSON texts, one a line: a list where the schema is about one, else each judged by itself.
fn lines(
    schema: &BodySchema,
    content: &Content,
    response: &Response,
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
) {
    let values = match response.json_lines() {
        Ok(values) => values,
        Err((_, JsonDefect { says, is_limit: true, .. })) => return note_undecided(format!("it has {says}")),
        Err((line, _)) => {
            let expected = vec!["a JSON text in each line".to_owned()];
            let (observed, otherwise) = (format!("line {line} is none"), content.clause.as_ref());
            return findings.broken_or(body_check(response), otherwise, Place::BODY, expected, observed);
        }
    };
    if content.is_list() {
        return judge(schema, "", &Value::Array(values), subject, findings);
    }
    for (index, value) in values.iter().enumerate() {
        judge(schema, &format!("/{index}"), value, subject, findings);
    }
}

/// The check that is about a body that can't be read.
fn body_check(response: &Response) -> CheckId {
    if response.accepted() { super::json_body::SUCCESS.id } else { super::json_body::REFUSAL.id }
}

/// Judges a value that stands at a place of the body.
fn judge(schema: &BodySchema, at: &str, value: &Value, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if findings.asks_of_schemas() {
        schema.applied_clauses(value).iter().for_each(|clause| findings.examine(clause));
    }
    for violation in schema.violations(value, subject.secrets) {
        let place = Place::Body(format!("{at}{}", violation.place));
        let clause = violation.clause.as_str();
        findings.break_clause(clause, CHECK.id, place, vec![violation.expected], violation.observed);
    }
}
