//! The documented response headers are there, once each but for those that are lists, and well formed.

use serde_json::Value;

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::contract::note_undecided;
use crate::http::{JsonDefect, Response, parse_within};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::new("headers"),
    says: "documented headers are there, once each, and well formed",
    always: false,
    run,
};

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((response, spec)) = subject.documented() else { return };
    for header in &spec.headers {
        let place = Place::Header(header.name.clone());
        let fields: Vec<&str> = response.all(&header.name).collect();
        if fields.is_empty() {
            if header.required {
                let clause = header.clause.as_str();
                findings.break_clause(clause, CHECK.id, place, vec!["this header".to_owned()], "no such header");
            }
            continue;
        }
        findings.examine(&header.clause);
        if findings.asks_of_schemas() {
            header
                .applied_clauses(&fields, &|text| json(text, response))
                .iter()
                .for_each(|clause| findings.examine(clause));
        }
        if fields.len() > 1 && !header.may_repeat() {
            let (clause, expected) = (header.clause.as_str(), vec!["this header once".to_owned()]);
            findings.break_clause(clause, CHECK.id, place.clone(), expected, format!("{} of them", fields.len()));
        }
        for violation in header.violations(&fields, &|text| json(text, response), subject.secrets) {
            let expected = vec![violation.expected];
            findings.break_clause(violation.clause.as_str(), CHECK.id, place.clone(), expected, violation.observed);
        }
    }
}

/// A field's value as JSON, or as the text that it is. Nothing, and noted so, where it is more than is read.
fn json(text: &str, response: &Response) -> Option<Value> {
    match parse_within(text.as_bytes(), response.json_limits()) {
        Ok(value) => Some(value),
        Err(JsonDefect { says, is_limit: true, .. }) => {
            note_undecided(format!("it has a header with {says}"));
            None
        }
        // Of two members with one name, a header may have either.
        Err(_) => Some(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
    }
}
