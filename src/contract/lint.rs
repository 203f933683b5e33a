//! What can be proven of a contract without a target: that its clauses stand for all that its schemas say and for
//! nothing else, and that nothing in it is misspelt. A contract that loads can still fail here.

use std::collections::BTreeMap;

use super::clause::{Clause, Level, Polarity};
use super::fault::{Fault, quoted};
use super::openapi::OperationPlan;
use super::survey::Survey;
use crate::pointer;

/// Everything that is wrong with the clauses, the checks and the responses.
pub(super) fn faults<'n>(
    survey: &Survey,
    clauses: &[Clause],
    check_names: impl Iterator<Item = &'n String>,
    operations: &[OperationPlan],
    resolves: impl Fn(&str) -> bool,
    known_checks: &[&str],
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let claims = claims(survey, clauses, resolves, &mut faults);
    for (keyword, needs) in &survey.keywords {
        if *needs && !claims.contains_key(keyword.as_str()) {
            let hint = format!("add `{keyword}` to the `schema` of the clause that does, or write one");
            faults.push(Fault::at_key(keyword.as_str(), "no clause stands for this").hint(hint));
        }
    }
    for clause in clauses {
        sides(clause, &mut faults);
    }
    for name in check_names.filter(|name| !known_checks.contains(&name.as_str())) {
        let fault = Fault::at_key(pointer::join("/x-checks", name), format!("there is no check `{name}`"));
        faults.push(fault.hint(format!("there are {}", quoted(known_checks.iter().copied()))));
    }
    for operation in operations {
        bodies(operation, &mut faults);
    }
    faults
}

/// Which clause claims which keyword. What is claimed twice belongs to the first.
fn claims<'c>(
    survey: &Survey,
    clauses: &'c [Clause],
    resolves: impl Fn(&str) -> bool,
    faults: &mut Vec<Fault>,
) -> BTreeMap<&'c str, &'c Clause> {
    let mut claims: BTreeMap<&str, &Clause> = BTreeMap::new();
    for clause in clauses {
        for (index, keyword) in clause.schema.iter().enumerate() {
            let message = if let Some(other) = claims.get(keyword.as_str()) {
                format!("the clause `{}` stands for this keyword already", other.id)
            } else if survey.keywords.contains_key(keyword) {
                claims.insert(keyword, clause);
                continue;
            } else if resolves(keyword) {
                "this is no schema keyword that a value can violate".to_owned()
            } else {
                "this leads to nothing in the contract".to_owned()
            };
            let at = pointer::join(&pointer::join(&at(clause), "schema"), &index.to_string());
            faults.push(Fault::at_value(at, message));
        }
    }
    claims
}

/// Whether the sides of a clause make sense.
fn sides(clause: &Clause, faults: &mut Vec<Fault>) {
    let polarities = pointer::join(&at(clause), "polarities");
    if clause.polarities.is_empty() && clause.untestable.is_empty() {
        let message = "a clause needs a polarity, or an `untestable` one with a reason";
        faults.push(Fault::at_value(polarities.as_str(), message));
    }
    let observed = |polarity: &Polarity| *polarity == Polarity::Observe;
    let mut all = clause.polarities.iter().chain(clause.untestable.keys());
    if (clause.level == Level::Ambiguous && !all.clone().all(observed))
        || (clause.level != Level::Ambiguous && all.any(observed))
    {
        let message = "`observe` is the polarity of ambiguous clauses, and their only one";
        faults.push(Fault::at_value(polarities, message));
    }
    for (polarity, reason) in &clause.untestable {
        let here = pointer::join(&pointer::join(&at(clause), "untestable"), polarity.name());
        if reason.is_empty() {
            faults.push(Fault::at_value(here.as_str(), format!("say why `{polarity}` can't be tested")));
        }
        if clause.polarities.contains(polarity) {
            faults.push(Fault::at_key(here, format!("`{polarity}` is among the polarities, so it can be tested")));
        }
    }
}

/// Whether each response that has a body says what it is like.
fn bodies(operation: &OperationPlan, faults: &mut Vec<Fault>) {
    for (status, response) in &operation.responses {
        let never_has_a_body = *status < 200 || matches!(status, 204 | 304);
        if response.schema.is_none() && !never_has_a_body {
            let message = format!("the response {status} of `{}` has no schema for a JSON body", operation.id);
            faults.push(Fault::at_value(response.pointer.as_str(), message));
        }
    }
}

fn at(clause: &Clause) -> String {
    pointer::join("/x-clauses", clause.id.as_str())
}
