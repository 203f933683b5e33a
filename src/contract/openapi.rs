//! Reads the OpenAPI part of a contract: its operations, and where their schemas stand. Compiles nothing.

use std::collections::BTreeMap;

use super::keys::METHODS;
use super::mistake::Mistake;
use super::operation::HeaderKind;
use super::parts::Parts;
use super::survey::Survey;
use crate::pointer;

/// An operation whose schemas are only pointed to.
#[derive(Debug)]
pub(super) struct OperationPlan {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) request: Option<String>,
    pub(super) responses: BTreeMap<u16, ResponsePlan>,
}

/// A response whose schemas are only pointed to.
#[derive(Debug)]
pub(super) struct ResponsePlan {
    pub(super) pointer: String,
    pub(super) media_types: Vec<String>,
    pub(super) schema: Option<String>,
    pub(super) headers: Vec<HeaderPlan>,
}

/// A header whose schema is only pointed to.
#[derive(Debug)]
pub(super) struct HeaderPlan {
    pub(super) pointer: String,
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Option<String>,
    pub(super) kind: HeaderKind,
}

/// Reads a document; `survey` gets the schemas.
pub(super) struct OpenApi<'r, 'a> {
    pub(super) parts: &'r mut Parts<'a>,
    pub(super) survey: &'r mut Survey,
    /// The schemas that something other than a schema leads to.
    pub(super) roots: Vec<String>,
}

impl OpenApi<'_, '_> {
    /// What stands around the operations. Gives the title.
    pub(super) fn frame(&mut self) -> Option<String> {
        if let Some(version) = self.parts.text("/openapi")
            && !(version == "3.1" || version.starts_with("3.1."))
        {
            let mistake = Mistake::at_value("/openapi", format!("OpenAPI {version} is not supported"));
            self.parts.report(mistake.hint("write the contract as OpenAPI 3.1"));
        }
        if let Some(dialect) = self.parts.text("/jsonSchemaDialect")
            && !dialect.starts_with("https://spec.openapis.org/oas/3.1/dialect/")
            && dialect != "https://json-schema.org/draft/2020-12/schema"
        {
            let message = "a contract's schemas are all of JSON Schema 2020-12";
            self.parts.report(Mistake::at_value("/jsonSchemaDialect", message));
        }
        for (_, at) in self.parts.members("/components/schemas") {
            self.schema(&at, false);
        }
        self.parts.text("/info/title").map(str::to_owned)
    }

    /// All operations, in the order of the document.
    pub(super) fn operations(&mut self) -> Vec<OperationPlan> {
        let mut operations: Vec<OperationPlan> = Vec::new();
        for (path, at) in self.parts.members("/paths") {
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                self.parts.report(Mistake::at_key(at.as_str(), "a path begins with a slash"));
            }
            let Some(at) = self.parts.resolve(&at) else { continue };
            self.parameters(&pointer::join(&at, "parameters"));
            for method in METHODS {
                let at = pointer::join(&at, method);
                let Some(operation) = self.operation(&at, method, path) else { continue };
                if operations.iter().any(|other| other.id == operation.id) {
                    let message = format!("there is another operation `{}`", operation.id);
                    self.parts.report(Mistake::at_value(pointer::join(&at, "operationId"), message));
                }
                operations.push(operation);
            }
        }
        if operations.is_empty() && self.parts.mistakes.is_empty() {
            self.parts.report(Mistake::at_key("/paths", "there is no operation"));
        }
        operations
    }

    fn operation(&mut self, at: &str, method: &str, path: &str) -> Option<OperationPlan> {
        self.parts.map(at)?;
        let id = self.parts.text(&pointer::join(at, "operationId")).map(str::to_owned);
        self.parameters(&pointer::join(at, "parameters"));
        let request = self.request_body(&pointer::join(at, "requestBody"));
        let responses = self.responses(&pointer::join(at, "responses"));
        Some(OperationPlan { id: id?, method: method.to_ascii_uppercase(), path: path.to_owned(), request, responses })
    }

    fn parameters(&mut self, at: &str) {
        for at in self.parts.items(at) {
            let Some(at) = self.parts.resolve(&at) else { continue };
            self.required(&at);
            let schema = pointer::join(&at, "schema");
            if self.parts.get(&schema).is_some() {
                self.schema(&schema, true);
            }
            self.content(&pointer::join(&at, "content"));
        }
    }

    fn request_body(&mut self, at: &str) -> Option<String> {
        let at = self.parts.resolve(at)?;
        self.required(&at);
        self.content(&pointer::join(&at, "content")).1
    }

    fn responses(&mut self, at: &str) -> BTreeMap<u16, ResponsePlan> {
        let mut responses = BTreeMap::new();
        let members = self.parts.members(at);
        if members.is_empty() && self.parts.map(at).is_some() {
            self.parts.report(Mistake::at_key(at, "an operation has at least one response"));
        }
        for (name, here) in members.into_iter().filter(|(name, _)| !name.starts_with("x-")) {
            let status = name.parse().ok().filter(|status| name.len() == 3 && (100..=599).contains(status));
            if status.is_none() {
                let mistake = Mistake::at_key(here.as_str(), format!("`{name}` is no status"));
                self.parts.report(mistake.hint("name each status; `default` and ranges would document anything"));
            }
            let response = self.response(&here);
            responses.extend(status.zip(response));
        }
        responses
    }

    fn response(&mut self, at: &str) -> Option<ResponsePlan> {
        let at = self.parts.resolve(at)?;
        let (media_types, schema) = self.content(&pointer::join(&at, "content"));
        let mut headers: Vec<HeaderPlan> = Vec::new();
        for (name, here) in self.parts.members(&pointer::join(&at, "headers")) {
            if !is_header_name(name) {
                self.parts.report(Mistake::at_key(here.as_str(), "this can't be the name of a header"));
            } else if headers.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
                let mistake = Mistake::at_key(here.as_str(), "this header is named twice");
                self.parts.report(mistake.hint("the case of a header's name doesn't count"));
            }
            headers.extend(self.header(&here, name));
        }
        Some(ResponsePlan { pointer: at, media_types, schema, headers })
    }

    fn header(&mut self, at: &str, name: &str) -> Option<HeaderPlan> {
        let at = self.parts.resolve(at)?;
        let required = self.required(&at);
        let schema = Some(pointer::join(&at, "schema")).filter(|schema| self.parts.get(schema).is_some());
        let mut kind = HeaderKind::Text;
        if let Some(schema) = &schema {
            self.schema(schema, true);
            match self.parts.text(&pointer::join(schema, "type")) {
                Some("integer" | "number" | "boolean") => kind = HeaderKind::Literal,
                Some("object" | "array") => {
                    let mistake = Mistake::at_key(schema.as_str(), "headers of more than one value are not supported");
                    self.parts.report(mistake.hint("describe the header's text with `type: string` and `pattern`"));
                }
                _ => {}
            }
        }
        Some(HeaderPlan { pointer: at, name: name.to_ascii_lowercase(), required, schema, kind })
    }

    /// The media types of a `content` map, and the schema of the first one that is JSON.
    fn content(&mut self, at: &str) -> (Vec<String>, Option<String>) {
        let mut media_types = Vec::new();
        let mut json = None;
        for (name, here) in self.parts.members(at) {
            let media_type = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let schema = pointer::join(&here, "schema");
            if self.parts.get(&schema).is_some() {
                let judged = json.is_none() && is_json(&media_type);
                self.schema(&schema, judged);
                if judged {
                    json = Some(schema);
                } else {
                    let doubt = Mistake::at_key(schema, "nothing is ever judged by this schema");
                    self.parts.doubts.push(doubt.hint("only the one of the first JSON media type is"));
                }
            }
            media_types.push(media_type);
        }
        (media_types, json)
    }

    /// Whether `required` is true there, in which case a clause has to stand for it.
    fn required(&mut self, at: &str) -> bool {
        let here = pointer::join(at, "required");
        let required = self.parts.is_true(&here);
        if required {
            self.survey.keywords.insert(here, true);
        }
        required
    }

    fn schema(&mut self, at: &str, needs: bool) {
        self.roots.push(at.to_owned());
        self.survey.schema(self.parts.document, at, needs);
    }
}

/// Whether a media type, in lower case and without parameters, is JSON.
fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
