//! What can be proven of a contract without a target: that its clauses stand for all that its schemas say and for
//! nothing else, and that nothing in it is misspelt. A contract that loads can still fail here.

use std::collections::BTreeMap;

use super::clause::{Clause, Level, Polarity};
use super::mistake::Mistake;
use super::openapi::OperationPlan;
use super::survey::Survey;
use crate::pointer;

/// Everything that is wrong with the clauses, the checks and the responses.
pub(super) fn mistakes<'n>(
    survey: &Survey,
    clauses: &[Clause],
    check_names: impl Iterator<Item = &'n String>,
    operations: &[OperationPlan],
    resolves: impl Fn(&str) -> bool,
    known_checks: &[&str],
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let claims = claims(survey, clauses, resolves, &mut mistakes);
    for (keyword, needs) in &survey.keywords {
        if *needs && !claims.contains_key(keyword.as_str()) {
            let hint = format!("add `{keyword}` to the `schema` of the clause that does, or write one");
            mistakes.push(Mistake::at_key(keyword.as_str(), "no clause stands for this").hint(hint));
        }
    }
    for clause in clauses {
        sides(clause, &mut mistakes);
    }
    for name in check_names.filter(|name| !known_checks.contains(&name.as_str())) {
        let mistake = Mistake::at_key(pointer::join("/x-checks", name), format!("there is no check `{name}`"));
        mistakes.push(mistake.hint(format!("there are {}", known_checks.join(", "))));
    }
    for operation in operations {
        bodies(operation, &mut mistakes);
    }
    mistakes
}

/// Which clause claims which keyword. What is claimed twice belongs to the first.
fn claims<'c>(
    survey: &Survey,
    clauses: &'c [Clause],
    resolves: impl Fn(&str) -> bool,
    mistakes: &mut Vec<Mistake>,
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
            mistakes.push(Mistake::at_value(at, message));
        }
    }
    claims
}

/// Whether the sides of a clause make sense.
fn sides(clause: &Clause, mistakes: &mut Vec<Mistake>) {
    let polarities = pointer::join(&at(clause), "polarities");
    if clause.polarities.is_empty() && clause.untestable.is_empty() {
        let message = "a clause needs a polarity, or an `untestable` one with a reason";
        mistakes.push(Mistake::at_value(polarities.as_str(), message));
    }
    let observed = |polarity: &Polarity| *polarity == Polarity::Observe;
    let mut all = clause.polarities.iter().chain(clause.untestable.keys());
    if (clause.level == Level::Ambiguous && !all.clone().all(observed))
        || (clause.level != Level::Ambiguous && all.any(observed))
    {
        let message = "`observe` is the polarity of ambiguous clauses, and their only one";
        mistakes.push(Mistake::at_value(polarities, message));
    }
    for (polarity, reason) in &clause.untestable {
        let here = pointer::join(&pointer::join(&at(clause), "untestable"), polarity.name());
        if reason.is_empty() {
            mistakes.push(Mistake::at_value(here.as_str(), format!("say why `{polarity}` can't be tested")));
        }
        if clause.polarities.contains(polarity) {
            mistakes.push(Mistake::at_key(here, format!("`{polarity}` is among the polarities, so it can be tested")));
        }
    }
}

/// Whether each response that has a body says what it is like.
fn bodies(operation: &OperationPlan, mistakes: &mut Vec<Mistake>) {
    for (status, response) in &operation.responses {
        let never_has_a_body = *status < 200 || matches!(status, 204 | 304);
        if response.schema.is_none() && !never_has_a_body {
            let message = format!("the response {status} of `{}` has no schema for a JSON body", operation.id);
            mistakes.push(Mistake::at_value(response.pointer.as_str(), message));
        }
    }
}

fn at(clause: &Clause) -> String {
    pointer::join("/x-clauses", clause.id.as_str())
}
