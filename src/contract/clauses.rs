//! Reads the extensions of a contract: `x-clauses`, `x-checks`, `x-error-codes` and `x-gateway-codes`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalogue::{Catalogue, ErrorCode};
use super::clause::{Clause, ClauseId, Polarity};
use super::dialect::Moves;
use super::mistake::Mistake;
use super::parts::Parts;
use crate::pointer;

/// All clauses, in the order of the document.
pub(super) fn clauses(parts: &mut Parts<'_>, moves: &Moves) -> Vec<Clause> {
    let mut clauses: Vec<Clause> =
        parts.members("/x-clauses").into_iter().filter_map(|(id, at)| clause(parts, id, &at)).collect();
    for keyword in clauses.iter_mut().flat_map(|clause| &mut clause.schema) {
        *keyword = moves.pointer(keyword);
    }
    clauses
}

fn clause(parts: &mut Parts<'_>, id: &str, at: &str) -> Option<Clause> {
    let field = |name: &str| pointer::join(at, name);
    let spelt = ClauseId::new(id).filter(|_| ClauseId::is_spelt_right(id));
    if spelt.is_none() {
        let message = "a clause's id is lower-case words joined by dots, such as `name.max-length`";
        parts.report(Mistake::at_key(at, message));
    }
    let mut polarities = Vec::new();
    for at in parts.items(&field("polarities")) {
        match parts.word::<Polarity>(&at) {
            Some(polarity) if polarities.contains(&polarity) => {
                parts.report(Mistake::at_value(at, "this polarity is named twice"));
            }
            polarity => polarities.extend(polarity),
        }
    }
    // A reason that is missing is kept as an empty one, which the lint tells of.
    let untestable = parts.members(&field("untestable")).into_iter();
    let reason = |at: &str| parts.text(at).unwrap_or_default().trim().to_owned();
    let untestable = untestable.filter_map(|(name, at)| Some((name.parse().ok()?, reason(&at)))).collect();
    let unique = unique(parts, &field("unique"));
    let texts = |at: &str| parts.items(at).iter().filter_map(|at| parts.text(at).map(str::to_owned)).collect();
    Some(Clause {
        id: spelt?,
        level: parts.word(&field("level"))?,
        says: parts.text(&field("says"))?.to_owned(),
        source: parts.text(&field("source"))?.to_owned(),
        polarities,
        untestable,
        schema: texts(&field("schema")),
        relative: parts.is_true(&field("relative")),
        unique,
        derived: false,
    })
}

/// Where a request has what is unique.
fn unique(parts: &mut Parts<'_>, at: &str) -> Option<String> {
    let place = parts.text(at)?.to_owned();
    if !place.starts_with("/body/") {
        let message = "what is unique stands in a request's body: `/body/` and a JSON pointer";
        parts.report(Mistake::at_value(at, message));
    }
    Some(place)
}

/// Which clause each general check is about, by the check's name.
pub(super) fn checks(parts: &mut Parts<'_>, clauses: &[Clause], is_published: bool) -> BTreeMap<String, ClauseId> {
    let mut checks = BTreeMap::new();
    let Some(map) = parts.map("/x-checks") else { return checks };
    for (name, at) in parts.members("/x-checks") {
        checks.extend(clause_named(parts, &at, clauses).map(|clause| (name.to_owned(), clause)));
    }
    for (name, what) in [("body", "success"), ("error-body", "refusal")] {
        if !is_published && !map.contains_key(name) {
            let message =
                format!("`x-checks` lacks `{name}`: the clause that a {what}'s body breaks where no other fits");
            parts.report(Mistake::at_value("/x-checks", message));
        }
    }
    checks
}

/// The documented error codes.
pub(super) fn catalogue(parts: &mut Parts<'_>, clauses: &[Clause]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    if let Some(pointer) = parts.text("/x-error-code-pointer") {
        catalogue.pointer = pointer.to_owned();
        if !pointer.starts_with('/') {
            let message = "a JSON pointer into the body begins with `/`";
            parts.report(Mistake::at_value("/x-error-code-pointer", message));
        }
    }
    for at in parts.items("/x-error-codes") {
        let Some(code) = error_code(parts, &at, clauses) else { continue };
        if catalogue.get(&code.code).is_some() {
            let message = format!("`{}` is listed twice", code.code);
            parts.report(Mistake::at_value(pointer::join(&at, "code"), message));
        } else {
            catalogue.codes.push(code);
        }
    }
    let prefixes = parts.items("/x-gateway-codes/prefixes");
    catalogue.gateway_prefixes = prefixes.iter().filter_map(|at| parts.text(at).map(str::to_owned)).collect();
    let statuses = parts.items("/x-gateway-codes/statuses");
    catalogue.gateway_statuses = statuses.iter().filter_map(|at| parts.status(at)).collect();
    catalogue
}

fn error_code(parts: &mut Parts<'_>, at: &str, clauses: &[Clause]) -> Option<ErrorCode> {
    let field = |name: &str| pointer::join(at, name);
    let mut only_for = Vec::new();
    for at in parts.items(&field("only_for")) {
        only_for.extend(clause_named(parts, &at, clauses));
    }
    Some(ErrorCode {
        status: parts.status(&field("status"))?,
        code: match parts.get(&field("code"))? {
            Value::Number(code) => code.to_string(),
            code => code.as_str()?.to_owned(),
        },
        meaning: parts.text(&field("meaning"))?.to_owned(),
        only_for,
        exhausted: parts.is_true(&field("exhausted")),
    })
}

/// The clause that is named at a pointer; nothing, and told of, where there is no such clause.
fn clause_named(parts: &mut Parts<'_>, at: &str, clauses: &[Clause]) -> Option<ClauseId> {
    let name = parts.text(at)?;
    let clause = clauses.iter().find(|clause| clause.id.as_str() == name);
    // A clause that is there but could not be read has mistakes of its own.
    if clause.is_none() && parts.get(&pointer::join("/x-clauses", name)).is_none() {
        parts.report(Mistake::at_value(at, format!("there is no clause `{name}` in `x-clauses`")));
    }
    clause.map(|clause| clause.id.clone())
}
