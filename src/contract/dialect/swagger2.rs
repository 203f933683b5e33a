//! What Swagger 2.0 has elsewhere than OpenAPI 3: media types beside the operations, bodies and forms among the parameters,
//! and schemas that are not under a key of their own.
//!
//! Whatever has a place as written stays at it: bodies are referred to from where OpenAPI 3 has them.

use std::collections::BTreeMap;

use super::super::keys::METHODS;
use super::moves::Moves;
use crate::pointer;
use crate::source::{Entry, Node, NodeValue, Span};

/// What of a parameter or a header belongs to its schema.
const SCHEMA: &[&str] = &[
    "type",
    "format",
    "items",
    "default",
    "enum",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "x-nullable",
];

/// Translates a document.
pub(super) fn document(node: &mut Node, moves: &mut Moves) {
    let shared = Shared::of(node);
    let NodeValue::Map(entries) = &mut node.value else { return };
    for entry in entries {
        match entry.key.as_str() {
            "swagger" => {
                "openapi".clone_into(&mut entry.key);
                entry.value.value = NodeValue::String("3.1.0".to_owned());
            }
            "parameters" => {
                for (name, parameter) in entries_of(&mut entry.value) {
                    style(parameter);
                    wrap(parameter, &pointer::join("/parameters", name), moves);
                }
            }
            "responses" => {
                for (name, response) in entries_of(&mut entry.value) {
                    headers(response, &pointer::join("/responses", name), moves);
                }
            }
            "paths" => {
                for (path, item) in entries_of(&mut entry.value) {
                    shared.path(item, &pointer::join("/paths", path), moves);
                }
            }
            _ => {}
        }
    }
}

/// What the operations of a document have in common.
struct Shared {
    produces: Vec<String>,
    consumes: Vec<String>,
    parameters: BTreeMap<String, Sent>,
    /// The shared responses, each with whether it has a schema, and the names of its headers.
    responses: BTreeMap<String, (Option<bool>, Vec<String>)>,
}

/// Where a parameter is sent, as far as it belongs to a body.
#[derive(Debug, Clone)]
struct Sent {
    name: String,
    place: String,
    required: bool,
    /// Its JSON pointer.
    at: String,
    span: Span,
}

impl Shared {
    fn of(node: &Node) -> Self {
        let parameters = node.entries_at("parameters").iter().map(|entry| {
            let at = pointer::join("/parameters", &entry.key);
            (format!("#{at}"), sent(&entry.value, at))
        });
        let responses = node.entries_at("responses").iter().map(|entry| {
            let names = entry.value.entries_at("headers").iter().map(|header| header.key.clone()).collect();
            (format!("#{}", pointer::join("/responses", &entry.key)), (has_text(&entry.value), names))
        });
        Self {
            produces: texts(node, "produces"),
            consumes: texts(node, "consumes"),
            parameters: parameters.collect(),
            responses: responses.collect(),
        }
    }

    fn path(&self, item: &mut Node, at: &str, moves: &mut Moves) {
        let common = self.parameters(item, at, moves);
        for method in METHODS {
            let here = pointer::join(at, method);
            let Some(operation) = item.get_mut(method) else { continue };
            let mut sent = self.parameters(operation, &here, moves);
            let own: Vec<(String, String)> = sent.iter().map(|sent| (sent.name.clone(), sent.place.clone())).collect();
            let inherited = common.iter().filter(|sent| !own.contains(&(sent.name.clone(), sent.place.clone())));
            sent.extend(inherited.cloned());
            self.body(operation, &sent);
            self.responses(operation, &here, moves);
        }
    }

    /// Translates the parameters of a path or an operation; gives where each is sent.
    fn parameters(&self, node: &mut Node, at: &str, moves: &mut Moves) -> Vec<Sent> {
        let at = pointer::join(at, "parameters");
        let Some(NodeValue::List(items)) = node.get_mut("parameters").map(|node| &mut node.value) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for (index, item) in items.iter_mut().enumerate() {
            let here = pointer::join(&at, &index.to_string());
            match item.str_at("$ref") {
                Some(reference) => all.extend(self.parameters.get(reference).cloned()),
                None => {
                    all.push(sent(item, here.clone()));
                    style(item);
                    wrap(item, &here, moves);
                }
            }
        }
        all
    }

    /// The body that the parameters of an operation make.
    fn body(&self, operation: &mut Node, all: &[Sent]) {
        let own = texts(operation, "consumes");
        let consumes = if own.is_empty() { &self.consumes } else { &own };
        let (required, schema, usual) = if let Some(body) = all.iter().find(|sent| sent.place == "body") {
            let schema = reference(body.span, &pointer::join(&body.at, "schema"));
            (body.required, schema, "application/json")
        } else {
            let fields: Vec<&Sent> = all.iter().filter(|sent| sent.place == "formData").collect();
            let Some(first) = fields.first() else { return };
            let span = first.span;
            let members =
                fields.iter().map(|sent| (sent.name.clone(), reference(sent.span, &pointer::join(&sent.at, "schema"))));
            let required = fields.iter().filter(|sent| sent.required).map(|sent| Node::text(sent.span, &sent.name));
            let required = Node { span, value: NodeValue::List(required.collect()) };
            let has_required = !required.items().is_empty();
            let schema = Node::map(
                span,
                [("properties".to_owned(), Node::map(span, members)), ("required".to_owned(), required)],
            );
            (has_required, schema, "application/x-www-form-urlencoded")
        };
        let span = schema.span;
        let content = content(consumes, usual, Some(&schema), span);
        let required = Node { span, value: NodeValue::Bool(required) };
        operation.insert(
            "requestBody",
            Node::map(span, [("required".to_owned(), required), ("content".to_owned(), content)]),
        );
    }

    fn responses(&self, operation: &mut Node, at: &str, moves: &mut Moves) {
        let own = texts(operation, "produces");
        let produces = if own.is_empty() { &self.produces } else { &own };
        let at = pointer::join(at, "responses");
        let Some(responses) = operation.get_mut("responses") else { return };
        for (status, response) in entries_of(responses) {
            let here = pointer::join(&at, status);
            let span = response.span;
            let shared = response.str_at("$ref").and_then(|reference| {
                Some((reference.strip_prefix('#')?.to_owned(), self.responses.get(reference)?.clone()))
            });
            let (place, is_text) = match &shared {
                Some((place, (is_text, names))) => {
                    let headers = names.iter().map(|name| {
                        let header = pointer::join(&pointer::join(place, "headers"), name);
                        (name.clone(), reference(span, &header))
                    });
                    let headers = Node::map(span, headers);
                    *response = Node::map(span, [("headers".to_owned(), headers)]);
                    response.insert("description", Node::text(span, ""));
                    (place.clone(), *is_text)
                }
                None => {
                    headers(response, &here, moves);
                    (here.clone(), has_text(response))
                }
            };
            let Some(is_text) = is_text else { continue };
            let schema = reference(span, &pointer::join(&place, "schema"));
            response.insert("content", content(produces, "*/*", is_text.then_some(&schema), span));
        }
    }
}

/// Whether a response has a schema that says something of a text; nothing where it has none.
fn has_text(response: &Node) -> Option<bool> {
    response.get("schema").map(|schema| schema.str_at("type") != Some("file"))
}

fn sent(parameter: &Node, at: String) -> Sent {
    let text = |key: &str| parameter.str_at(key).unwrap_or_default().to_owned();
    let required = parameter.bool_at("required") == Some(true);
    Sent { name: text("name"), place: text("in"), required, at, span: parameter.span }
}

/// Says how the items of a list are sent as OpenAPI 3 does.
fn style(parameter: &mut Node) {
    if parameter.str_at("type") != Some("array") {
        return;
    }
    let in_query = match parameter.str_at("in") {
        Some("query") => true,
        Some("path" | "header") => false,
        _ => return,
    };
    let (style, explode) = match parameter.str_at("collectionFormat") {
        Some("ssv") => ("spaceDelimited", false),
        Some("tsv") => ("tabDelimited", false),
        Some("pipes") => ("pipeDelimited", false),
        format => (if in_query { "form" } else { "simple" }, in_query && format == Some("multi")),
    };
    let span = parameter.span;
    parameter.insert("style", Node::text(span, style));
    parameter.insert("explode", Node { span, value: NodeValue::Bool(explode) });
}

/// Moves what says what a parameter or a header is like into a schema.
fn wrap(node: &mut Node, at: &str, moves: &mut Moves) {
    let span = node.span;
    let NodeValue::Map(entries) = &mut node.value else { return };
    if entries.iter().any(|entry| entry.key == "schema" || entry.key == "$ref") {
        return;
    }
    let (schema, rest): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(entries).into_iter().partition(|entry| SCHEMA.contains(&entry.key.as_str()));
    *entries = rest;
    let here = pointer::join(at, "schema");
    for entry in &schema {
        moves.note(pointer::join(at, &entry.key), pointer::join(&here, &entry.key));
    }
    node.insert("schema", Node { span, value: NodeValue::Map(schema) });
}

fn headers(response: &mut Node, at: &str, moves: &mut Moves) {
    let at = pointer::join(at, "headers");
    let Some(headers) = response.get_mut("headers") else { return };
    for (name, header) in entries_of(headers) {
        wrap(header, &pointer::join(&at, name), moves);
    }
}

/// A body of any of these media types.
fn content(media_types: &[String], usual: &str, schema: Option<&Node>, span: Span) -> Node {
    let usual = [usual.to_owned()];
    let media_types = if media_types.is_empty() { usual.as_slice() } else { media_types };
    let media_type = |name: &String| {
        let schema = schema.map(|schema| ("schema".to_owned(), schema.clone()));
        (name.clone(), Node::map(span, schema))
    };
    Node::map(span, media_types.iter().map(media_type))
}

/// A reference to a place of the document.
fn reference(span: Span, pointer: &str) -> Node {
    let target = Node::text(span, &format!("#{}", pointer::to_fragment(pointer)));
    Node::map(span, [("$ref".to_owned(), target)])
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    node.items_at(key).iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

fn entries_of(node: &mut Node) -> impl Iterator<Item = (&str, &mut Node)> {
    let entries = match &mut node.value {
        NodeValue::Map(entries) => entries.as_mut_slice(),
        _ => &mut [],
    };
    entries.iter_mut().map(|entry| (entry.key.as_str(), &mut entry.value))
}
