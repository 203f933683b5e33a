//! Reads the OpenAPI part of a contract: its operations, and where their schemas stand. Compiles nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::header::{HeaderForm, Types};
use super::keys::METHODS;
use super::media_type::{BodyKind, MediaType};
use super::mistake::Mistake;
use super::operation::Operation;
use super::parameter::Parameter;
use super::parts::Parts;
use super::status::DocumentedStatus;
use super::survey::{Survey, target};
use crate::pointer;

/// The most schemas that are looked at to find out of what types a header is.
const MOST_TYPED: usize = 32;

/// An operation whose schemas are only pointed to.
#[derive(Debug)]
pub(super) struct OperationPlan {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    /// Where it stands, and where the path item does.
    pub(super) pointers: [String; 2],
    /// Where its parameters stand, those of its path among them.
    pub(super) parameters: Vec<String>,
    /// Those among them of which the document says how their values are written.
    pub(super) written: Vec<Parameter>,
    /// Where the body of its request stands.
    pub(super) body: Option<String>,
    pub(super) request: Vec<ContentPlan>,
    pub(super) responses: BTreeMap<DocumentedStatus, ResponsePlan>,
}

impl OperationPlan {
    /// The operation without what is documented of bodies and answers.
    pub(super) fn route(&self) -> Operation {
        let (id, method, path) = (self.id.clone(), self.method.clone(), self.path.clone());
        let consumes = self.request.iter().map(|content| content.media_type.clone()).collect();
        let parameters = self.written.clone();
        Operation { id, method, path, parameters, consumes, request: None, responses: BTreeMap::new() }
    }
}

/// A response whose schemas are only pointed to.
#[derive(Debug)]
pub(super) struct ResponsePlan {
    /// Where the operation names it, and where it stands after references.
    pub(super) pointer: String,
    pub(super) resolved: String,
    pub(super) content: Vec<ContentPlan>,
    pub(super) headers: Vec<HeaderPlan>,
}

/// A body of one media type whose schema is only pointed to.
#[derive(Debug)]
pub(super) struct ContentPlan {
    pub(super) pointer: String,
    pub(super) media_type: MediaType,
    pub(super) schema: Option<String>,
    /// What a text is by the schema.
    pub(super) form: HeaderForm,
}

impl ContentPlan {
    /// Whether its schema is never held against a body, though it says something.
    pub(super) fn is_unjudged(&self) -> bool {
        let is_text = matches!(self.form, HeaderForm::One(types) if types.text);
        match self.media_type.kind() {
            BodyKind::Json | BodyKind::JsonLines => false,
            BodyKind::Text => !matches!(self.form, HeaderForm::One(_)),
            BodyKind::Markup => !is_text,
            // Of bytes, nobody says more than that they are some.
            BodyKind::Bytes => !is_text && !self.media_type.is_range(),
        }
    }
}

/// A header whose schema is only pointed to.
#[derive(Debug)]
pub(super) struct HeaderPlan {
    pub(super) pointer: String,
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Option<String>,
    pub(super) form: HeaderForm,
}

/// Reads a document; `survey` gets the schemas.
pub(super) struct OpenApi<'r, 'a> {
    pub(super) parts: &'r mut Parts<'a>,
    pub(super) survey: &'r mut Survey,
    /// The schemas that something other than a schema leads to.
    pub(super) roots: Vec<String>,
    /// Whether the document is somebody else's.
    pub(super) is_published: bool,
}

impl OpenApi<'_, '_> {
    /// What stands around the operations. Gives the title.
    pub(super) fn frame(&mut self) -> Option<String> {
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
        let mut ids = BTreeSet::new();
        for (path, at) in self.parts.members("/paths") {
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                self.parts.report(Mistake::at_key(at.as_str(), "a path begins with a slash"));
            }
            let Some(item) = self.parts.resolve(&at) else { continue };
            let shared = self.parameters(&pointer::join(&item, "parameters"));
            for method in METHODS {
                let at = pointer::join(&item, method);
                let Some(mut operation) = self.operation(&at, &item, method, path) else { continue };
                let shared: Vec<String> =
                    shared.iter().filter(|at| !self.has(&operation.parameters, at)).cloned().collect();
                operation.parameters.extend(shared);
                operation.written = operation.parameters.iter().filter_map(|at| self.parameter(at)).collect();
                if !ids.insert(operation.id.clone()) {
                    let id = operation.id.clone();
                    let twin = Mistake::at_key(
                        pointer::join(&at, "operationId"),
                        format!("there is another operation `{id}`"),
                    );
                    let free = (2..).map(|number| format!("{id}-{number}")).find(|id| !ids.contains(id));
                    operation.id = free.unwrap_or(id);
                    ids.insert(operation.id.clone());
                    match self.is_published {
                        true => self.parts.doubts.push(twin.hint(format!("this one is called `{}`", operation.id))),
                        false => self.parts.report(twin),
                    }
                }
                operations.push(operation);
            }
        }
        if operations.is_empty() && self.parts.mistakes.is_empty() {
            self.parts.report(Mistake::at_key("/paths", "there is no operation"));
        }
        operations
    }

    fn operation(&mut self, at: &str, item: &str, method: &str, path: &str) -> Option<OperationPlan> {
        self.parts.map(at)?;
        let id = self.parts.text(&pointer::join(at, "operationId")).filter(|id| !id.trim().is_empty());
        let id = id.map_or_else(|| id_of(method, path), str::to_owned);
        let parameters = self.parameters(&pointer::join(at, "parameters"));
        let (body, request) = self.request_body(&pointer::join(at, "requestBody"));
        let responses = self.responses(&pointer::join(at, "responses"));
        let (method, path) = (method.to_ascii_uppercase(), path.to_owned());
        let pointers = [at.to_owned(), item.to_owned()];
        let written = Vec::new();
        Some(OperationPlan { id, method, path, pointers, parameters, written, body, request, responses })
    }

    /// Whether one of these parameters has the name and the place of another one.
    fn has(&self, parameters: &[String], at: &str) -> bool {
        let key = |at: &str| (self.parts.text(&pointer::join(at, "name")), self.parts.text(&pointer::join(at, "in")));
        parameters.iter().any(|known| key(known) == key(at))
    }

    fn parameters(&mut self, at: &str) -> Vec<String> {
        let mut parameters = Vec::new();
        for at in self.parts.items(at) {
            let Some(at) = self.parts.resolve(&at) else { continue };
            self.required(&at);
            let schema = pointer::join(&at, "schema");
            if self.parts.get(&schema).is_some() {
                self.schema(&schema, true);
            }
            self.content(&pointer::join(&at, "content"));
            parameters.push(at);
        }
        parameters
    }

    fn request_body(&mut self, at: &str) -> (Option<String>, Vec<ContentPlan>) {
        let Some(at) = self.parts.get(at).and_then(|_| self.parts.resolve(at)) else { return (None, Vec::new()) };
        self.required(&at);
        let content = self.content(&pointer::join(&at, "content"));
        (Some(at), content)
    }

    fn responses(&mut self, at: &str) -> BTreeMap<DocumentedStatus, ResponsePlan> {
        let mut responses = BTreeMap::new();
        let members = self.parts.members(at);
        if members.is_empty() && self.parts.map(at).is_some() {
            self.parts.report(Mistake::at_key(at, "an operation has at least one response"));
        }
        for (name, here) in members.into_iter().filter(|(name, _)| !name.starts_with("x-")) {
            let status = DocumentedStatus::parse(name);
            if status.is_none() {
                let mistake = Mistake::at_key(here.as_str(), format!("`{name}` is no status"));
                self.parts.report(mistake.hint("write a status, a range such as `4XX`, or `default`"));
            }
            let response = self.response(&here);
            responses.extend(status.zip(response));
        }
        responses
    }

    fn response(&mut self, named: &str) -> Option<ResponsePlan> {
        let at = self.parts.resolve(named)?;
        let content = self.content(&pointer::join(&at, "content"));
        let mut headers: Vec<HeaderPlan> = Vec::new();
        for (name, here) in self.parts.members(&pointer::join(&at, "headers")) {
            // What `content` says of it counts, and nothing else (OpenAPI, Response Object).
            if name.eq_ignore_ascii_case("content-type") {
                continue;
            }
            if !is_header_name(name) {
                self.parts.report(Mistake::at_key(here.as_str(), "this can't be the name of a header"));
            } else if headers.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
                let mistake = Mistake::at_key(here.as_str(), "this header is named twice");
                self.parts.report(mistake.hint("the case of a header's name doesn't count"));
            }
            headers.extend(self.header(&here, name));
        }
        Some(ResponsePlan { pointer: named.to_owned(), resolved: at, content, headers })
    }

    fn header(&mut self, at: &str, name: &str) -> Option<HeaderPlan> {
        let at = self.parts.resolve(at)?;
        let required = self.required(&at);
        let own = Some(pointer::join(&at, "schema")).filter(|schema| self.parts.get(schema).is_some());
        let (schema, form) = match own {
            Some(schema) => {
                self.schema(&schema, true);
                let form = self.form(&schema, self.separator(&at), self.parts.is_true(&pointer::join(&at, "explode")));
                (Some(schema), form)
            }
            None => {
                let content = self.content(&pointer::join(&at, "content")).into_iter().next();
                let is_json = content.as_ref().is_some_and(|content| content.media_type.kind() == BodyKind::Json);
                let form =
                    if is_json { HeaderForm::Json } else { HeaderForm::One(Types { text: true, literal: false }) };
                (content.and_then(|content| content.schema), form)
            }
        };
        Some(HeaderPlan { pointer: at, name: name.to_ascii_lowercase(), required, schema, form })
    }

    /// What stands between the items of a header: what Swagger calls its `collectionFormat`.
    fn separator(&self, header: &str) -> char {
        match self.parts.text(&pointer::join(header, "collectionFormat")) {
            Some("pipes") => '|',
            Some("ssv") => ' ',
            Some("tsv") => '\t',
            _ => ',',
        }
    }

    /// How a header's text is read by the schema at a pointer.
    fn form(&self, schema: &str, separator: char, explode: bool) -> HeaderForm {
        let types = self.types(schema);
        let below = |key: &str| {
            self.in_place(schema).into_iter().map(|at| pointer::join(&at, key)).find(|at| self.parts.map(at).is_some())
        };
        if types.contains("array") {
            return HeaderForm::List(below("items").map(|at| self.read_as(&at)).unwrap_or_default(), separator);
        }
        if types.contains("object") {
            let all = self.in_place(schema).into_iter().map(|at| pointer::join(&at, "properties"));
            let members = all.flat_map(|at| self.parts.members(&at));
            let types = members.map(|(name, at)| (name.to_owned(), self.read_as(&at))).collect();
            let others = below("additionalProperties").map(|at| self.read_as(&at)).unwrap_or_default();
            return HeaderForm::Members { types, others, explode };
        }
        HeaderForm::One(self.read_as(schema))
    }

    /// What a text may stand for by the schema at a pointer; for itself where the schema doesn't say.
    fn read_as(&self, schema: &str) -> Types {
        let types = self.types(schema);
        let literal = ["integer", "number", "boolean", "null"].iter().any(|name| types.contains(name));
        Types { text: !literal || types.contains("string"), literal }
    }

    /// The types that the schema at a pointer names, itself or by what it refers to. One that lists its values says what they are.
    pub(super) fn types(&self, schema: &str) -> BTreeSet<&str> {
        let mut types = BTreeSet::new();
        for at in self.in_place(schema) {
            let named = pointer::join(&at, "type");
            types.extend(self.parts.text(&named));
            types.extend(self.parts.items(&named).iter().filter_map(|at| self.parts.text(at)));
            if self.parts.get(&named).is_none() {
                let listed =
                    self.parts.get(&pointer::join(&at, "enum")).and_then(Value::as_array).into_iter().flatten();
                for value in listed.chain(self.parts.get(&pointer::join(&at, "const"))) {
                    types.insert(type_of(value));
                }
            }
        }
        types
    }

    /// Where a schema is, and the parts and branches of it that judge the same value.
    fn in_place(&self, schema: &str) -> Vec<String> {
        let (mut open, mut places) = (vec![schema.to_owned()], Vec::new());
        while let Some(at) = open.pop().filter(|_| places.len() < MOST_TYPED) {
            let at = self.place(&at);
            for key in ["allOf", "anyOf", "oneOf"] {
                open.extend(self.parts.items(&pointer::join(&at, key)));
            }
            places.push(at);
        }
        places
    }

    /// Where a schema is, once its references are followed; where it stands, if that leads nowhere.
    fn place(&self, schema: &str) -> String {
        let mut at = schema.to_owned();
        for _ in 0..MOST_TYPED {
            let here = pointer::join(&at, "$ref");
            match self.parts.text(&here).map(|reference| target(self.parts.document, &here, reference)) {
                Some(Ok(target)) => at = target,
                _ => break,
            }
        }
        at
    }

    /// The bodies of a `content` map.
    fn content(&mut self, at: &str) -> Vec<ContentPlan> {
        let mut content = Vec::new();
        for (name, here) in self.parts.members(at) {
            let schema = Some(pointer::join(&here, "schema")).filter(|schema| self.parts.get(schema).is_some());
            if let Some(schema) = &schema {
                self.schema(schema, true);
            }
            let text = HeaderForm::One(Types { text: true, literal: false });
            let form = schema.as_ref().map_or(text, |schema| self.form(schema, ',', false));
            content.push(ContentPlan { pointer: here, media_type: MediaType::parse(name), schema, form });
        }
        content
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

/// The type of a value, as a schema calls it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The name of an operation that has none: `get-pets-petId` for `GET /pets/{petId}`.
fn id_of(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("-")
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
