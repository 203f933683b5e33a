//! What snapshots show and redact.

use std::collections::BTreeSet;

use super::super::render::is_token;
use super::super::snapshot::{Redaction, SnapshotAsk, SnapshotPlan, TextForm};
use super::super::statement::{Place, Statement};
use super::reader::Reader;
use crate::contract::Polarity;
use crate::pointer::Pointer;
use crate::source::{Entry, Node};

/// What all snapshots of a suite show and redact.
pub(super) fn plan(reader: &mut Reader<'_>, node: &Node, known: &[&Statement]) -> SnapshotPlan {
    let mut plan = SnapshotPlan::default();
    if let Some(headers) = node.get("headers") {
        plan.headers = headers.items().iter().filter_map(|header| self::header(reader, header)).collect();
    }
    plan.redact = redactions(reader, node.get("redact"), known);
    for item in node.get("optional").map(Node::items).unwrap_or_default() {
        match reader.place(item) {
            Some(Place::Status) => {
                reader.report(item.span, "every answer has a status");
            }
            place => plan.optional.extend(place),
        }
    }
    let forms = node.get("forms").map(Node::entries).unwrap_or_default();
    plan.forms = forms.iter().filter_map(|entry| form(reader, entry)).collect();
    plan
}

/// What a case says of its snapshot.
pub(super) fn ask(reader: &mut Reader<'_>, node: &Node) -> SnapshotAsk {
    match node.as_bool() {
        Some(false) => SnapshotAsk::Never,
        Some(true) => SnapshotAsk::Always(Vec::new()),
        None => SnapshotAsk::Always(redactions(reader, node.get("redact"), &[])),
    }
}

fn header(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = node.as_str()?;
    if !is_token(name) {
        reader.report(node.span, format!("`{name}` is no name of a header"));
        return None;
    }
    Some(name.to_ascii_lowercase())
}

/// A form that shapes show by its name: `<request id>`.
fn form(reader: &mut Reader<'_>, entry: &Entry) -> Option<TextForm> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ' ' | '-');
    let pattern = reader.pattern(&entry.value)?;
    if entry.key.is_empty() || !entry.key.chars().all(fits) {
        reader.report(entry.key_span, format!("`{}` is no name of a form: a-z, 0-9, spaces and `-`", entry.key));
        return None;
    }
    Some(TextForm { name: entry.key.clone(), pattern })
}

fn redactions(reader: &mut Reader<'_>, node: Option<&Node>, statements: &[&Statement]) -> Vec<Redaction> {
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| redaction(reader, item, statements)).collect()
}

fn redaction(reader: &mut Reader<'_>, node: &Node, statements: &[&Statement]) -> Option<Redaction> {
    let (at, written) = match (node.get("at"), node.get("clause")) {
        (Some(at), None) => match reader.place(at)? {
            Place::Status => {
                reader.report(at.span, "a status is not redacted: a snapshot without it would show nothing");
                return None;
            }
            place => (vec![place], at.as_str()?.to_owned()),
        },
        (None, Some(clause)) => {
            let id = clause.as_str()?.to_owned();
            let polarities = reader.known_clause(&id, clause.span)?;
            let at = places(reader, &id, statements);
            if at.is_empty() || !polarities.contains(&Polarity::Hold) {
                reader
                    .report(clause.span, format!("the clause `{id}` is about no single place in an answer"))
                    .hint("name the place instead, with `at`");
                return None;
            }
            (at, id)
        }
        _ => {
            reader.report(node.span, "a redaction has either `at` or `clause`");
            return None;
        }
    };
    let name = match node.get("as") {
        Some(name) => reader.slug(name, "name of the placeholder")?,
        None => last_part(at.first()?),
    };
    let optional = node.get("optional").and_then(Node::as_bool).unwrap_or(false);
    let numbered = node.get("numbered").and_then(Node::as_bool).unwrap_or(true);
    Some(Redaction { name, at, numbered, optional, written, file: reader.name.to_owned(), line: node.span.line })
}

/// The places that a clause is about: those of the suite's statements, and the members that its schema keywords are of.
fn places(reader: &Reader<'_>, clause: &str, statements: &[&Statement]) -> Vec<Place> {
    let said = statements.iter().filter(|statement| statement.clause == clause).map(|statement| statement.at.clone());
    let schema = reader.schema(clause);
    let described = schema.iter().filter_map(|pointer| described(pointer));
    let mut seen = BTreeSet::new();
    said.chain(described).filter(|place| *place != Place::Status && seen.insert(place.to_string())).collect()
}

/// The place in an answer that a schema keyword is about: `/body/a/*` for
/// `/components/schemas/X/properties/a/items/type`, `/headers/x` for `/components/responses/Y/headers/X/required`.
fn described(pointer: &str) -> Option<Place> {
    // A shared header is described under a name of its own.
    let inline = pointer.strip_prefix("/components/headers/").map_or(pointer, |_| "");
    let mut parts = inline.split('/').skip_while(|part| *part != "headers");
    if let (Some(_), Some(name)) = (parts.next(), parts.next()) {
        return Some(Place::Header(name.to_ascii_lowercase()));
    }
    let mut tokens = pointer.split('/').skip_while(|token| *token != "properties").peekable();
    let mut place = String::new();
    while let Some(token) = tokens.next() {
        match token {
            "properties" => {
                place.push('/');
                place.push_str(tokens.next()?);
            }
            "items" | "additionalProperties" => place.push_str("/*"),
            _ => break,
        }
    }
    Pointer::parse(&place).ok().filter(|pointer| !pointer.tokens().is_empty()).map(Place::Body)
}

/// What a placeholder is called where nothing else is said.
fn last_part(place: &Place) -> String {
    match place {
        Place::Status => "status".to_owned(),
        Place::Header(name) | Place::Field(name, _) => name.clone(),
        Place::Body(pointer) => pointer.tokens().iter().rfind(|token| *token != "*").cloned().unwrap_or_default(),
    }
}
