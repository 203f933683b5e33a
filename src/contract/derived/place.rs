//! Places of a document in names: what the id of a clause begins with, and what its sentence is about.
//!
//! Names come from the keys on the way to a place, never from positions: a parameter is called by its name, and what an
//! `allOf` adds is called as if it stood beside it.

use std::collections::HashMap;

use serde_json::Value;

use super::super::status::DocumentedStatus;
use crate::pointer::{self, Pointer};

/// What of a document has a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Operation,
    Path,
    Parameter,
    Header,
    Request,
    Response,
    Schema,
}

/// Where names begin, by pointer.
#[derive(Debug)]
pub(super) struct Heads<'d> {
    document: &'d Value,
    heads: HashMap<String, (Kind, String)>,
}

/// A place in names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// The pointer of what the first name is of.
    pub(super) head: String,
    /// The words of the id, as far as the place has any.
    pub(super) words: Vec<String>,
    /// What is there, in words.
    pub(super) what: String,
    /// The keyword that the pointer ends with; none where a schema is there.
    pub(super) keyword: Option<String>,
}

impl<'d> Heads<'d> {
    pub(super) fn new(document: &'d Value) -> Self {
        Self { document, heads: HashMap::new() }
    }

    /// Gives a name to what is at a pointer, unless it has one that comes first: whatever leads there first, the name is the
    /// same.
    pub(super) fn name(&mut self, pointer: &str, kind: Kind, name: &str) {
        let known = self.heads.entry(pointer.to_owned()).or_insert_with(|| (kind, name.to_owned()));
        if known.1.as_str() > name {
            *known = (kind, name.to_owned());
        }
    }

    /// Gives a name to what is referred to at a pointer, unless something around it has one.
    pub(super) fn name_shared(&mut self, pointer: &str, kind: Kind) {
        if self.head(pointer).is_some() {
            return;
        }
        let tokens = Pointer::parse(pointer).unwrap_or_default();
        let name = tokens.tokens().last().map_or("document", String::as_str);
        // A file by itself is called as it is, without its ending.
        let is_file = tokens.tokens().len() == 2;
        let stem = name.rsplit('/').next().and_then(|name| name.split('.').next()).filter(|_| is_file);
        self.name(pointer, kind, stem.unwrap_or(name));
    }

    /// The place at a pointer; nothing where nothing around it has a name.
    pub(super) fn place(&self, pointer: &str) -> Option<Named> {
        let (head, kind, name) = self.head(pointer)?;
        let rest = Pointer::parse(pointer.get(head.len()..)?).ok()?;
        let mut walk = Walk {
            document: self.document,
            at: head.to_owned(),
            named: Named { head: head.to_owned(), words: vec![first_word(kind, &name)], ..Named::default() },
        };
        walk.begin(kind, &name, rest.tokens());
        Some(walk.named)
    }

    /// The thing with a name that a pointer is at or within: a path's operation rather than the path.
    fn head<'p>(&self, pointer: &'p str) -> Option<(&'p str, Kind, String)> {
        let named = pointer::outwards(pointer).find_map(|head| {
            let (kind, name) = self.heads.get(head)?;
            Some((head, *kind, name.clone()))
        });
        named.or_else(|| component(pointer))
    }
}

/// What stands where OpenAPI has shared parts, and Swagger had them: its pointer, its kind and its name.
fn component(pointer: &str) -> Option<(&str, Kind, String)> {
    let depth = if pointer.starts_with("/components/") { 3 } else { 2 };
    let end = pointer.match_indices('/').nth(depth).map_or(pointer.len(), |(at, _)| at);
    let head = pointer.get(..end)?;
    let tokens = Pointer::parse(head).ok()?;
    let (map, name) = match tokens.tokens() {
        [components, map, name] if components == "components" => (map, name),
        [map, name] if matches!(map.as_str(), "definitions" | "parameters" | "responses") => (map, name),
        _ => return None,
    };
    let kind = match map.as_str() {
        "schemas" | "definitions" => Kind::Schema,
        "parameters" => Kind::Parameter,
        "headers" => Kind::Header,
        "requestBodies" => Kind::Request,
        "responses" => Kind::Response,
        _ => return None,
    };
    Some((head, kind, name.clone()))
}

/// On the way from a head to a place.
struct Walk<'d> {
    document: &'d Value,
    at: String,
    named: Named,
}

impl Walk<'_> {
    fn begin(&mut self, kind: Kind, name: &str, rest: &[String]) {
        self.named.what = match kind {
            Kind::Response => format!("an answer as in {name}"),
            Kind::Request => "a request".to_owned(),
            Kind::Header => format!("the header `{name}`"),
            Kind::Parameter => self.parameter_words(),
            Kind::Operation | Kind::Path | Kind::Schema => name.to_owned(),
        };
        match kind {
            Kind::Operation | Kind::Path => self.operation(rest),
            Kind::Response => self.response(rest),
            Kind::Request => self.request(rest),
            Kind::Header => {
                self.word("header");
                self.parameter(rest);
            }
            Kind::Parameter => {
                if self.text("in").as_deref() == Some("body") {
                    self.named.what = "the body of a request".to_owned();
                    self.word("body");
                } else {
                    self.word("parameter");
                }
                self.parameter(rest);
            }
            Kind::Schema => self.schema(rest),
        }
    }

    fn step(&mut self, token: &str) {
        pointer::push(&mut self.at, token);
    }

    fn word(&mut self, word: &str) {
        self.named.words.push(word.to_owned());
    }

    fn text(&self, key: &str) -> Option<String> {
        self.document.pointer(&pointer::join(&self.at, key))?.as_str().map(str::to_owned)
    }

    fn operation(&mut self, rest: &[String]) {
        let operation = self.named.what.clone();
        match rest {
            [key, index, rest @ ..] if key == "parameters" => {
                self.step(key);
                self.step(index);
                match self.text("in").as_deref() {
                    Some("body") => {
                        self.named.what = format!("the body of a request of {operation}");
                        self.word("body");
                    }
                    Some("formData") => {
                        let name = self.text("name").unwrap_or_default();
                        self.named.what = format!("`{name}` of the body of a request of {operation}");
                        self.named.words.extend(["body".to_owned(), encoded(&name, false)]);
                    }
                    _ => {
                        let name = self.text("name").unwrap_or_default();
                        self.named.what = format!("{} of {operation}", self.parameter_words());
                        self.named.words.push(parameter_word(&name));
                    }
                }
                self.parameter(rest);
            }
            [key, rest @ ..] if key == "requestBody" => {
                self.step(key);
                self.named.what = format!("a request of {operation}");
                self.request(rest);
            }
            [key, status, rest @ ..] if key == "responses" => {
                self.step(key);
                self.step(status);
                self.named.what = answer_of(&operation, status);
                self.named.words.push(encoded(status, false));
                self.response(rest);
            }
            _ => {}
        }
    }

    /// The parameter that is at this place.
    fn parameter_words(&self) -> String {
        let (name, place) = (self.text("name").unwrap_or_default(), self.text("in").unwrap_or_default());
        match place.as_str() {
            "path" | "query" | "header" | "cookie" => format!("the {place} parameter `{name}`"),
            _ => format!("the parameter `{name}`"),
        }
    }

    fn response(&mut self, rest: &[String]) {
        match rest {
            [key, name, rest @ ..] if key == "headers" => {
                self.step(key);
                self.step(name);
                self.named.what = format!("the header `{name}` of {}", self.named.what);
                self.named.words.extend(["header".to_owned(), encoded(&name.to_ascii_lowercase(), false)]);
                self.parameter(rest);
            }
            _ => self.body(rest),
        }
    }

    fn request(&mut self, rest: &[String]) {
        if rest.first().is_some_and(|key| key == "required") {
            self.named.what = format!("the body of {}", self.named.what);
            self.word("body");
            self.parameter(rest);
        } else {
            self.body(rest);
        }
    }

    /// What a body is by its media types, or, in Swagger, by itself.
    fn body(&mut self, rest: &[String]) {
        let schema = match rest {
            [content, media_type, schema, rest @ ..] if content == "content" && schema == "schema" => {
                self.step(content);
                self.step(media_type);
                self.step(schema);
                rest
            }
            [schema, rest @ ..] if schema == "schema" => {
                self.step(schema);
                rest
            }
            _ => return,
        };
        self.named.what = format!("the body of {}", self.named.what);
        self.word("body");
        self.schema(schema);
    }

    /// What is behind a parameter, or a header.
    fn parameter(&mut self, rest: &[String]) {
        match rest {
            [required] if required == "required" => self.named.keyword = Some(required.clone()),
            [schema, rest @ ..] if schema == "schema" => {
                self.step(schema);
                self.schema(rest);
            }
            [content, media_type, schema, rest @ ..] if content == "content" && schema == "schema" => {
                self.step(content);
                self.step(media_type);
                self.step(schema);
                self.schema(rest);
            }
            _ => {}
        }
    }

    fn schema(&mut self, mut rest: &[String]) {
        while let Some((token, behind)) = rest.split_first() {
            self.step(token);
            let Some((next, further)) = behind.split_first() else {
                self.named.keyword = Some(token.clone());
                return;
            };
            rest = match token.as_str() {
                "properties" => {
                    self.member(next);
                    self.step(next);
                    further
                }
                "required" => {
                    self.step(next);
                    let name = self.document.pointer(&self.at).and_then(Value::as_str).unwrap_or_default().to_owned();
                    self.member(&name);
                    self.named.keyword = Some(token.clone());
                    return;
                }
                "patternProperties" => {
                    self.named.what = format!("each member of {} that matches `{next}`", self.named.what);
                    self.named.words.push(format!("~{}", encoded(next, false)));
                    self.step(next);
                    further
                }
                "allOf" => {
                    self.step(next);
                    further
                }
                "items" => {
                    self.named.what = format!("each item of {}", self.named.what);
                    self.word("items");
                    behind
                }
                "additionalProperties" => {
                    self.named.what = format!("each other member of {}", self.named.what);
                    self.word("values");
                    behind
                }
                "prefixItems" | "anyOf" | "oneOf" => {
                    self.named.words.push(format!("{}-{next}", if token == "prefixItems" { "item" } else { "choice" }));
                    self.step(next);
                    further
                }
                "dependentSchemas" | "$defs" => {
                    self.named.words.push(format!("~{}", encoded(next, false)));
                    self.step(next);
                    further
                }
                _ => {
                    self.named.words.push(encoded(token, false));
                    behind
                }
            };
        }
    }

    fn member(&mut self, name: &str) {
        self.named.what = format!("`{name}` of {}", self.named.what);
        self.named.words.push(encoded(name, false));
    }
}

/// What an answer with a documented status is called.
pub(super) fn answer_of(operation: &str, status: &str) -> String {
    match DocumentedStatus::parse(status) {
        Some(DocumentedStatus::Default) => format!("any other answer of {operation}"),
        _ => format!("an answer {status} of {operation}"),
    }
}

/// The word of a parameter: its name, unless that would be taken for something else of an operation.
fn parameter_word(name: &str) -> String {
    let word = encoded(name, false);
    let is_taken = DocumentedStatus::parse(name).is_some()
        || ["body", "status", "answer", "no-server-error", "security", "methods"].contains(&name);
    if is_taken { format!("~{word}") } else { word }
}

/// A name as a part of an id. Dots join its parts, so they are kept only where a name is the first of them.
pub(super) fn encoded(name: &str, is_first: bool) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        let is_kept = byte.is_ascii_alphanumeric() || b"_-$@+/:*".contains(&byte) || (is_first && byte == b'.');
        if is_kept {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    if text.is_empty() { "~".to_owned() } else { text }
}

/// The word that an id begins with: `/pets/:petId` for the path `/pets/{petId}`.
pub(super) fn first_word(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Path => encoded(&name.replace('{', ":").replace('}', ""), true),
        _ => encoded(name, true),
    }
}
