//! What must come back: statuses, deviations, readings, codes and counts.

use super::super::expect::{Counts, Distinct, Expect, Reading, Shape};
use super::super::statement::Place;
use super::reader::Reader;
use crate::source::Node;

/// `expect`, in its short and its long spelling.
pub(super) fn expect(reader: &mut Reader<'_>, node: &Node) -> Expect {
    if node.entries().is_empty() {
        return Expect { status: reader.statuses(node), ..Expect::default() };
    }
    let status = node.get("status").map(|node| reader.statuses(node)).unwrap_or_default();
    let mut deviates = Vec::new();
    for entry in node.get("deviates").map(Node::entries).unwrap_or_default() {
        let (clause, deviation) = (reader.clause(&entry.value), reader.status_key(entry));
        if deviation.is_some_and(|deviation| status.contains(&deviation)) {
            reader.report(entry.key_span, format!("the status {} is expected and a deviation at once", entry.key));
        }
        deviates.extend(deviation.zip(clause));
    }
    let readings = readings(reader, node);
    let texts = |node: &Node| node.one_or_many().iter().filter_map(Node::scalar_text).collect();
    let code = node.get("code").map(texts).unwrap_or_default();
    let code_clause = node.get("code_clause").and_then(|clause| reader.clause(clause));
    if let (Some(entry), false) = (node.entry("code"), reader.have_code_place()) {
        let message = "the contract doesn't say where an error body has its code";
        reader.report(entry.key_span, message).hint("give it `x-error-code-pointer`");
    }
    if let (Some(entry), true) = (node.entry("code_clause"), node.get("code").is_none()) {
        reader.report(entry.key_span, "`code_clause` without `code` says nothing");
    }
    let shape = match node.get("shape").and_then(Node::as_str) {
        Some("should") => Shape::Should,
        Some("free") => Shape::Free,
        _ => Shape::Must,
    };
    Expect { status, deviates, readings, code, code_clause, shape }
}

fn readings(reader: &mut Reader<'_>, node: &Node) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for entry in node.get("readings").map(Node::entries).unwrap_or_default() {
        let status = reader.statuses(&entry.value);
        if let Some(other) = readings.iter().find(|reading| reading.status.iter().any(|known| status.contains(known))) {
            let message = format!("the readings `{}` and `{}` share a status", other.name, entry.key);
            reader.report(entry.value.span, message);
        }
        readings.push(Reading { name: entry.key.clone(), status });
    }
    readings
}

/// `counts`, whose numbers must add up to the repeats.
pub(super) fn counts(reader: &mut Reader<'_>, node: &Node, repeat: u32) -> Option<Counts> {
    let counts = node.entry("counts")?;
    let mut exact = Vec::new();
    for entry in counts.value.entries().iter().filter(|entry| entry.key != "rest") {
        let count = entry.value.as_u64().and_then(|count| u32::try_from(count).ok());
        exact.extend(reader.status_key(entry).zip(count));
    }
    let rest = counts.value.get("rest").map(|rest| reader.statuses(rest)).unwrap_or_default();
    let total: u64 = exact.iter().map(|(_, count)| u64::from(*count)).sum();
    if node.get("repeat").is_none() {
        reader.report(counts.key_span, "`counts` needs `repeat`").hint("say how many requests are counted");
    } else if total > u64::from(repeat) || (rest.is_empty() && total < u64::from(repeat)) {
        let message = format!("{total} answers are counted, but {repeat} requests are sent");
        reader.report(counts.value.span, message).hint("`rest` says what all others get");
    }
    Some(Counts { exact, rest })
}

/// `distinct`.
pub(super) fn distinct(reader: &mut Reader<'_>, node: &Node) -> Vec<Distinct> {
    let mut places = Vec::new();
    for item in node.get("distinct").map(Node::items).unwrap_or_default() {
        let clause = item.get("clause").and_then(|clause| reader.clause(clause));
        let at = item.get("at").and_then(|at| reader.place(at));
        if let (Some(Place::Status), Some(node)) = (&at, item.get("at")) {
            reader.report(node.span, "statuses can't all differ: name a header or a place in the body");
        }
        let optional = item.get("optional").and_then(Node::as_bool).unwrap_or(false);
        let (file, line) = (reader.name.to_owned(), item.span.line);
        places.extend(clause.zip(at).map(|(clause, at)| Distinct { clause, at, optional, file, line }));
    }
    places
}
