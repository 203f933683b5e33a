//! Reads the extensions of a contract: `x-clauses`, `x-checks`, `x-error-codes` and `x-gateway-codes`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalogue::{Catalogue, ErrorCode};
use super::clause::{Clause, ClauseId, Level, Polarity};
use super::fault::{Fault, quoted};
use super::reader::{Reader, Shape};
use crate::pointer;

const CLAUSE: Shape = Shape {
    name: "a clause",
    needed: &["level", "says", "source", "polarities"],
    optional: &["untestable", "schema", "relative"],
};
const ERROR_CODE: Shape =
    Shape { name: "an error code", needed: &["status", "code", "meaning"], optional: &["only_for", "exhausted"] };
const GATEWAY_CODES: Shape = Shape { name: "`x-gateway-codes`", needed: &["prefixes", "statuses"], optional: &[] };

/// All clauses, in the order of the document.
pub(super) fn clauses(reader: &mut Reader<'_>) -> Vec<Clause> {
    let Some(map) = reader.map("/x-clauses", "`x-clauses`") else { return Vec::new() };
    map.keys().filter_map(|id| clause(reader, id)).collect()
}

fn clause(reader: &mut Reader<'_>, id: &str) -> Option<Clause> {
    let at = pointer::join("/x-clauses", id);
    let field = |name: &str| pointer::join(&at, name);
    let spelt = ClauseId::new(id);
    if spelt.is_none() {
        reader.fault_at_key(&at, "a clause's id is lower-case words joined by dots, such as `name.max-length`");
    }
    reader.shaped(&at, &CLAUSE)?;
    let level = reader.text(&field("level")).and_then(|text| one_of(reader, &field("level"), text, &Level::ALL));
    let says = reader.text(&field("says"));
    let source = reader.text(&field("source"));
    let polarities = polarities(reader, &field("polarities"));
    let untestable = untestable(reader, &field("untestable"));
    let mut schema = Vec::new();
    for (at, _) in reader.items(&field("schema")) {
        schema.extend(reader.text(&at).map(str::to_owned));
    }
    Some(Clause {
        id: spelt?,
        level: level?,
        says: says?.to_owned(),
        source: source?.to_owned(),
        polarities,
        untestable,
        schema,
        relative: reader.flag(&field("relative")).unwrap_or(false),
    })
}

fn polarities(reader: &mut Reader<'_>, at: &str) -> Vec<Polarity> {
    let mut polarities = Vec::new();
    for (at, _) in reader.items(at) {
        let polarity = reader.text(&at).and_then(|text| one_of(reader, &at, text, &Polarity::ALL));
        match polarity {
            Some(polarity) if polarities.contains(&polarity) => reader.fault(&at, "this polarity is named twice"),
            Some(polarity) => polarities.push(polarity),
            None => {}
        }
    }
    polarities
}

/// The sides that can't be tested. A reason that is missing is kept as an empty one, which the lint tells of.
fn untestable(reader: &mut Reader<'_>, at: &str) -> BTreeMap<Polarity, String> {
    let mut untestable = BTreeMap::new();
    let Some(map) = reader.map(at, "`untestable`") else { return untestable };
    for (name, reason) in map {
        let here = pointer::join(at, name);
        let polarity = one_of(reader, &here, name, &Polarity::ALL);
        let reason = match reason {
            Value::Null => "",
            Value::String(reason) => reason.trim(),
            _ => {
                reader.fault(&here, "the reason has to be a text");
                continue;
            }
        };
        untestable.extend(polarity.map(|polarity| (polarity, reason.to_owned())));
    }
    untestable
}

fn one_of<T: Copy>(reader: &mut Reader<'_>, at: &str, text: &str, all: &[(&str, T)]) -> Option<T> {
    let found = all.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let fault = Fault::at_value(at, format!("`{text}` is none of {}", quoted(all.iter().map(|(name, _)| *name))));
        reader.faults.push(fault);
    }
    found
}

/// Which clause each general check is about, by the check's name.
pub(super) fn checks(reader: &mut Reader<'_>, clauses: &[Clause]) -> BTreeMap<String, ClauseId> {
    let mut checks = BTreeMap::new();
    let Some(map) = reader.map("/x-checks", "`x-checks`") else { return checks };
    for name in map.keys() {
        let at = pointer::join("/x-checks", name);
        checks.extend(clause_named(reader, &at, clauses).map(|clause| (name.clone(), clause)));
    }
    for (name, what) in [("body", "success"), ("error-body", "refusal")] {
        if !map.contains_key(name) {
            let message =
                format!("`x-checks` lacks `{name}`: the clause that a {what}'s body breaks where no other fits");
            reader.fault("/x-checks", message);
        }
    }
    checks
}

/// The documented error codes.
pub(super) fn catalogue(reader: &mut Reader<'_>, clauses: &[Clause]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    if let Some(pointer) = reader.text("/x-error-code-pointer") {
        catalogue.pointer = pointer.to_owned();
        if !pointer.starts_with('/') {
            reader.fault("/x-error-code-pointer", "a JSON pointer into the body begins with `/`");
        }
    }
    for (at, _) in reader.items("/x-error-codes") {
        let Some(code) = error_code(reader, &at, clauses) else { continue };
        if catalogue.get(&code.code).is_some() {
            reader.fault(&pointer::join(&at, "code"), format!("`{}` is listed twice", code.code));
        } else {
            catalogue.codes.push(code);
        }
    }
    if reader.shaped("/x-gateway-codes", &GATEWAY_CODES).is_some() {
        for (at, _) in reader.items("/x-gateway-codes/prefixes") {
            catalogue.gateway_prefixes.extend(reader.text(&at).map(str::to_owned));
        }
        for (at, _) in reader.items("/x-gateway-codes/statuses") {
            catalogue.gateway_statuses.extend(reader.status(&at));
        }
    }
    catalogue
}

fn error_code(reader: &mut Reader<'_>, at: &str, clauses: &[Clause]) -> Option<ErrorCode> {
    reader.shaped(at, &ERROR_CODE)?;
    let status = reader.status(&pointer::join(at, "status"));
    let code = reader.text(&pointer::join(at, "code"));
    let meaning = reader.text(&pointer::join(at, "meaning"));
    let mut only_for = Vec::new();
    for (at, _) in reader.items(&pointer::join(at, "only_for")) {
        only_for.extend(clause_named(reader, &at, clauses));
    }
    let exhausted = reader.flag(&pointer::join(at, "exhausted")).unwrap_or(false);
    Some(ErrorCode { status: status?, code: code?.to_owned(), meaning: meaning?.to_owned(), only_for, exhausted })
}

/// The clause that is named at a pointer; nothing, with a fault unless nothing is there, where there is no such clause.
fn clause_named(reader: &mut Reader<'_>, at: &str, clauses: &[Clause]) -> Option<ClauseId> {
    let name = reader.text(at)?;
    let clause = clauses.iter().find(|clause| clause.id.as_str() == name);
    // A clause that is there but could not be read has faults of its own.
    if clause.is_none() && reader.get(&pointer::join("/x-clauses", name)).is_none() {
        reader.fault(at, format!("there is no clause `{name}` in `x-clauses`"));
    }
    clause.map(|clause| clause.id.clone())
}
