//! What a suite asks of a documented API: its operations, who makes what, and what a run has to be given.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::Document;
use super::names::Names;
use super::request::{PathParameter, Request, request};
use super::resources::{Resource, is_parameter, key, named_by, resources};
use super::security::{Given, Security};
use crate::contract::{Contract, DocumentedStatus, Operation};

/// The most operations of a suite that is begun.
const MOST_OPERATIONS: usize = 20;

/// An operation with its valid request, or what is missing for one.
pub(super) struct Asked<'a> {
    pub(super) operation: &'a Operation,
    /// What the document says of it in short.
    pub(super) summary: Option<&'a str>,
    pub(super) accepted: Vec<u16>,
    pub(super) request: Result<Map<String, Value>, String>,
}

/// A variable that a path needs.
pub(super) struct Variable {
    pub(super) about: String,
    pub(super) default: Option<Value>,
    pub(super) optional: bool,
}

/// All that a suite is made of.
pub(super) struct Plan<'a> {
    pub(super) asked: Vec<Asked<'a>>,
    pub(super) left_out: &'a [Operation],
    pub(super) resources: Vec<Resource>,
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) secrets: BTreeMap<String, Given>,
    /// The path that the operations are below.
    pub(super) base_path: String,
}

impl<'a> Plan<'a> {
    pub(super) fn new(contract: &'a Contract) -> Self {
        let document = Document(contract);
        let (asked, left_out) = contract.operations().split_at(contract.operations().len().min(MOST_OPERATIONS));
        let (mut names, mut security) = (Names::default(), Security::default());
        let mut drafts = Vec::new();
        for operation in asked {
            drafts.push((operation, draft(document, operation, &mut security, &mut names)));
        }
        let sound: Vec<&Operation> = drafts.iter().filter(|(_, draft)| draft.is_ok()).map(|(one, _)| *one).collect();
        let resources = resources(document, &sound, &mut names);
        let variables = security
            .variables
            .into_iter()
            .map(|(name, Given { about, optional, .. })| (name, Variable { about, default: None, optional }));
        let mut paths = Paths { resources: &resources, variables: variables.collect(), known: BTreeMap::new(), names };
        let asked = drafts.into_iter().map(|(operation, draft)| Asked {
            operation,
            summary: summary(document, operation),
            accepted: accepted(operation),
            request: draft.map(|request| whole(operation, request, &mut paths)),
        });
        let asked = asked.collect();
        let (variables, secrets) = (paths.variables, security.secrets);
        Self { asked, left_out, resources, variables, secrets, base_path: base_path(document) }
    }

    /// Those with a valid request.
    pub(super) fn sound(&self) -> impl Iterator<Item = &Asked<'a>> {
        self.asked.iter().filter(|asked| asked.request.is_ok())
    }
}

fn draft(
    document: Document<'_>,
    operation: &Operation,
    security: &mut Security,
    names: &mut Names,
) -> Result<Request, String> {
    if accepted(operation).is_empty() {
        return Err("a 2xx or a redirect among its documented responses".to_owned());
    }
    if document.0.prepare(std::slice::from_ref(&operation.id)).is_err() {
        return Err("schemas that can be read".to_owned());
    }
    if deletes_all(operation) {
        return Err("your word that all that is at its path may be deleted".to_owned());
    }
    let credentials = security.of_operation(document, &operation.id, names)?;
    request(document, operation, &credentials)
}

/// Whether it deletes what others have made, for its path names no single thing.
fn deletes_all(operation: &Operation) -> bool {
    let last = operation.path.split('/').rfind(|part| !part.is_empty());
    operation.method == "DELETE" && last.is_none_or(|part| !part.contains('{'))
}

/// The statuses that accept a request, as they are documented: redirects where there is no success.
fn accepted(operation: &Operation) -> Vec<u16> {
    let documented = |statuses: &[u16], class: u16| -> Vec<u16> {
        let is_documented = |status: &u16| {
            operation.statuses().any(|other| match other {
                DocumentedStatus::Exact(other) => other == *status,
                other => other == DocumentedStatus::Range(class),
            })
        };
        statuses.iter().copied().filter(is_documented).collect()
    };
    let exact = operation.statuses().filter_map(|status| match status {
        DocumentedStatus::Exact(status @ 200..300) => Some(status),
        _ => None,
    });
    let mut statuses = documented(&[200, 201, 202, 204], 2);
    statuses.extend(exact);
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() { documented(&[301, 302, 303, 307, 308], 3) } else { statuses }
}

fn summary<'a>(document: Document<'a>, operation: &Operation) -> Option<&'a str> {
    let [at, _] = document.0.places(&operation.id)?;
    document.text(&format!("{at}/summary")).filter(|text| !text.trim().is_empty())
}

/// What the parameters of paths are.
struct Paths<'a> {
    resources: &'a [Resource],
    variables: BTreeMap<String, Variable>,
    /// The variables by the path that each names.
    known: BTreeMap<String, String>,
    names: Names,
}

impl Paths<'_> {
    /// The value of a parameter.
    fn value(&mut self, operation: &Operation, name: &str, documented: Option<&PathParameter>) -> Value {
        if let Some(fixed) = documented.filter(|parameter| parameter.is_fixed).and_then(|one| one.example.clone()) {
            return fixed;
        }
        let written = format!("{{{name}}}");
        let part = operation.path.split('/').position(|part| part.contains(&written)).unwrap_or_default();
        let is_whole = operation.path.split('/').nth(part).is_some_and(is_parameter);
        let mut key = key(&operation.path, part + 1);
        if let Some(resource) = self.resources.iter().find(|resource| is_whole && resource.key == key) {
            return Value::String(format!("{{{{ {}.id }}}}", resource.name));
        }
        key.push_str(if is_whole { "" } else { name });
        let variable = self.known.get(&key).cloned().unwrap_or_else(|| {
            let before: Vec<&str> = operation.path.split('/').take(part).collect();
            let thing = named_by(&before.join("/"));
            let is_plain = !self.names.has(name) && !name.eq_ignore_ascii_case("id");
            let variable = self.names.free(&if is_plain { name.to_owned() } else { format!("{thing}_{name}") });
            let about = format!("the parameter {name} of the path {}", operation.path);
            let default = documented.and_then(|parameter| parameter.example.clone());
            self.variables.insert(variable.clone(), Variable { about, default, optional: false });
            self.known.insert(key, variable.clone());
            variable
        });
        Value::String(format!("{{{{ {variable} }}}}"))
    }
}

/// The request as `suite.yaml` has it.
fn whole(operation: &Operation, request: Request, paths: &mut Paths<'_>) -> Map<String, Value> {
    let mut path = Map::new();
    for name in operation.path_pieces().filter_map(crate::contract::PathPiece::parameter) {
        let documented = request.path.iter().find(|parameter| parameter.name == name);
        path.insert(name.to_owned(), paths.value(operation, name, documented));
    }
    let mut whole = Map::new();
    for (key, members) in
        [("path", path), ("query", request.query), ("headers", request.headers), ("cookies", request.cookies)]
    {
        if !members.is_empty() {
            whole.insert(key.to_owned(), Value::Object(members));
        }
    }
    whole.extend(request.body.map(|body| ("body".to_owned(), body)));
    whole
}

/// The path that the document's server has its operations below.
fn base_path(document: Document<'_>) -> String {
    let url = document.text("/basePath").or_else(|| document.text("/servers/0/url")).unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None => url,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    let path = path.trim_end_matches('/');
    if path.starts_with('/') && path.chars().all(is_plain) { path.to_owned() } else { String::new() }
}
