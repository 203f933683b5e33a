//! The documented response headers are there, once each, and well formed.

use super::findings::Findings;
use super::subject::{Check, Subject};
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
        let Some(value) = response.header(&header.name) else {
            if header.required {
                let clause = header.clause.as_str();
                findings.break_clause(clause, CHECK.id, place, vec!["this header".to_owned()], "no such header");
            }
            continue;
        };
        findings.examine(&header.clause);
        if findings.asks_of_schemas() {
            header.applied_clauses(value).iter().for_each(|clause| findings.examine(clause));
        }
        let times = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&header.name)).count();
        if times > 1 {
            let (clause, expected) = (header.clause.as_str(), vec!["this header once".to_owned()]);
            findings.break_clause(clause, CHECK.id, place.clone(), expected, format!("{times} of them"));
        }
        for violation in header.violations(value, subject.secrets) {
            let expected = vec![violation.expected];
            findings.break_clause(violation.clause.as_str(), CHECK.id, place.clone(), expected, violation.observed);
        }
    }
}
