//! What can be proven of a contract without a target: that its clauses stand for all that its schemas say and for
//! nothing else, and that nothing in it is misspelt. A contract that loads can still fail here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::clause::{Clause, Level, Polarity};
use super::dialect::Moves;
use super::formats::is_known;
use super::mistake::Mistake;
use super::openapi::OperationPlan;
use super::survey::Survey;
use crate::pointer;

/// A contract as the lint sees it.
pub(super) struct Linted<'a> {
    /// What the schemas say; none where not all of them could be read.
    pub(super) survey: Option<&'a Survey>,
    pub(super) clauses: &'a [Clause],
    pub(super) moves: &'a Moves,
    /// Whether the document is somebody else's: then not every keyword needs a clause.
    pub(super) is_published: bool,
}

/// Everything that is wrong with the clauses and the checks.
pub(super) fn mistakes<'n>(
    linted: &Linted<'_>,
    check_names: impl Iterator<Item = &'n String>,
    resolves: impl Fn(&str) -> bool,
    known_checks: &[&str],
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    claims(linted, resolves, &mut mistakes);
    for clause in linted.clauses {
        sides(clause, &mut mistakes);
    }
    for name in check_names.filter(|name| !known_checks.contains(&name.as_str())) {
        let mistake = Mistake::at_key(pointer::join("/x-checks", name), format!("there is no check `{name}`"));
        mistakes.push(mistake.hint(format!("there are {}", known_checks.join(", "))));
    }
    mistakes
}

/// The keywords that no clause stands for, where each needs one.
pub(super) fn unstated(linted: &Linted<'_>) -> Vec<Mistake> {
    let Some(survey) = linted.survey.filter(|_| !linted.is_published) else { return Vec::new() };
    let claims = claims(linted, |_| true, &mut Vec::new());
    let unclaimed = survey.keywords.iter().filter(|(keyword, needs)| **needs && !claims.contains_key(keyword.as_str()));
    let mistake = |(keyword, _): (&String, &bool)| {
        let written = linted.moves.written(keyword);
        let hint = format!("add `{written}` to the `schema` of the clause that does, or write one");
        Mistake::at_key(keyword.as_str(), "no clause stands for this").hint(hint)
    };
    unclaimed.map(mistake).collect()
}

/// Which clause claims which keyword. What is claimed twice belongs to the first.
fn claims<'c>(
    linted: &Linted<'c>,
    resolves: impl Fn(&str) -> bool,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<&'c str, &'c Clause> {
    let mut claims: BTreeMap<&str, &Clause> = BTreeMap::new();
    let Some(survey) = linted.survey else { return claims };
    for clause in linted.clauses {
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

/// The formats that nobody knows, each where it is met first.
pub(super) fn formats(document: &Value, survey: &Survey) -> Vec<Mistake> {
    let mut met: BTreeMap<&str, (String, usize)> = BTreeMap::new();
    for at in survey.schemas.keys() {
        let Some(format) = document.pointer(at).and_then(|schema| schema.get("format")?.as_str()) else { continue };
        if !is_known(format) {
            met.entry(format).or_insert_with(|| (pointer::join(at, "format"), 0)).1 += 1;
        }
    }
    let warning = |(format, (at, times)): (&str, (String, usize))| {
        let more = here_and(times);
        let mistake = Mistake::at_value(at, format!("the format `{format}` is not known{more}: it judges nothing"));
        mistake.hint("say what it means with `pattern`, where the document is yours")
    };
    met.into_iter().map(warning).collect()
}

/// The media types of answers whose schemas judge nothing, each where it is met first.
pub(super) fn unjudged(plans: &[OperationPlan]) -> Vec<Mistake> {
    let mut met: BTreeMap<String, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for content in plans.iter().flat_map(|plan| plan.responses.values()).flat_map(|response| &response.content) {
        let Some(schema) = content.schema.as_deref().filter(|_| content.is_unjudged()) else { continue };
        let (_, all) = met.entry(content.media_type.to_string()).or_insert((schema, BTreeSet::new()));
        all.insert(schema);
    }
    let warning = |(media_type, (at, all)): (String, (&str, BTreeSet<&str>))| {
        let message = format!(
            "the values in a body of {media_type} are not read{}: this schema judges none",
            here_and(all.len())
        );
        Mistake::at_key(at, message).hint("say in statements what such a body is like")
    };
    met.into_iter().map(warning).collect()
}

/// How many other places there are, if any.
fn here_and(times: usize) -> String {
    match times {
        0 | 1 => String::new(),
        2 => ", here and at one other place".to_owned(),
        times => format!(", here and at {} other places", times - 1),
    }
}

fn at(clause: &Clause) -> String {
    pointer::join("/x-clauses", clause.id.as_str())
}
