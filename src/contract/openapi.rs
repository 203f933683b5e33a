//! Reads the OpenAPI part of a contract: its operations, and where their schemas stand. Compiles nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fault::Fault;
use super::operation::HeaderKind;
use super::reader::{Reader, Shape};
use super::survey::Survey;
use crate::pointer;

const DOCUMENT: Shape = Shape {
    name: "a contract",
    needed: &["openapi", "info", "paths", "x-clauses", "x-checks"],
    optional: &[
        "jsonSchemaDialect",
        "servers",
        "webhooks",
        "components",
        "security",
        "tags",
        "externalDocs",
        "x-error-code-pointer",
        "x-error-codes",
        "x-gateway-codes",
    ],
};
const INFO: Shape = Shape {
    name: "`info`",
    needed: &["title", "version"],
    optional: &["summary", "description", "termsOfService", "contact", "license"],
};
const COMPONENTS: Shape = Shape {
    name: "`components`",
    needed: &[],
    optional: &[
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "links",
        "callbacks",
        "pathItems",
    ],
};
const PATH: Shape = Shape {
    name: "a path",
    needed: &[],
    optional: &[
        "summary",
        "description",
        "servers",
        "parameters",
        "get",
        "put",
        "post",
        "delete",
        "options",
        "head",
        "patch",
        "trace",
    ],
};
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const OPERATION: Shape = Shape {
    name: "an operation",
    needed: &["operationId", "responses"],
    optional: &[
        "tags",
        "summary",
        "description",
        "externalDocs",
        "parameters",
        "requestBody",
        "callbacks",
        "deprecated",
        "security",
        "servers",
    ],
};
const PARAMETER: Shape = Shape {
    name: "a parameter",
    needed: &["name", "in"],
    optional: &[
        "description",
        "required",
        "deprecated",
        "allowEmptyValue",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "example",
        "examples",
        "content",
    ],
};
const REQUEST_BODY: Shape =
    Shape { name: "a request body", needed: &["content"], optional: &["description", "required"] };
const RESPONSE: Shape =
    Shape { name: "a response", needed: &["description"], optional: &["headers", "content", "links"] };
const HEADER: Shape = Shape {
    name: "a header",
    needed: &[],
    optional: &["description", "required", "deprecated", "style", "explode", "schema", "example", "examples"],
};
const MEDIA_TYPE: Shape =
    Shape { name: "a media type", needed: &[], optional: &["schema", "example", "examples", "encoding"] };

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
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) survey: &'r mut Survey,
    /// The schemas that something other than a schema leads to.
    pub(super) roots: Vec<String>,
}

impl OpenApi<'_, '_> {
    /// What stands around the operations. Gives the title.
    pub(super) fn frame(&mut self) -> Option<String> {
        self.reader.shaped("", &DOCUMENT)?;
        if let Some(version) = self.reader.text("/openapi")
            && !(version == "3.1" || version.starts_with("3.1."))
        {
            let fault = Fault::at_value("/openapi", format!("OpenAPI {version} is not supported"));
            self.reader.faults.push(fault.hint("write the contract as OpenAPI 3.1"));
        }
        if let Some(dialect) = self.reader.text("/jsonSchemaDialect")
            && !dialect.starts_with("https://spec.openapis.org/oas/3.1/dialect/")
            && dialect != "https://json-schema.org/draft/2020-12/schema"
        {
            self.reader.fault("/jsonSchemaDialect", "a contract's schemas are all of JSON Schema 2020-12");
        }
        self.reader.shaped("/info", &INFO);
        let title = self.reader.text("/info/title").map(str::to_owned);
        self.reader.shaped("/components", &COMPONENTS);
        if let Some(schemas) = self.reader.map("/components/schemas", "`schemas`") {
            for name in schemas.keys() {
                self.schema(&pointer::join("/components/schemas", name), false);
            }
        }
        title
    }

    /// All operations, in the order of the document.
    pub(super) fn operations(&mut self) -> Vec<OperationPlan> {
        let mut operations: Vec<OperationPlan> = Vec::new();
        let Some(paths) = self.reader.map("/paths", "`paths`") else { return operations };
        for path in paths.keys() {
            let at = pointer::join("/paths", path);
            if path.starts_with("x-") {
                self.reader.slips.push(Fault::at_key(at, format!("unknown extension `{path}`")));
                continue;
            }
            if !path.starts_with('/') {
                self.reader.fault_at_key(&at, "a path begins with a slash");
            }
            let Some(at) = self.reader.resolve(&at) else { continue };
            let Some(item) = self.reader.shaped(&at, &PATH) else { continue };
            self.parameters(&pointer::join(&at, "parameters"));
            for method in METHODS.iter().filter(|method| item.contains_key(**method)) {
                let at = pointer::join(&at, method);
                let Some(operation) = self.operation(&at, method, path) else { continue };
                if operations.iter().any(|other| other.id == operation.id) {
                    let message = format!("there is another operation `{}`", operation.id);
                    self.reader.fault(&pointer::join(&at, "operationId"), message);
                }
                operations.push(operation);
            }
        }
        if operations.is_empty() && self.reader.faults.is_empty() {
            self.reader.fault_at_key("/paths", "there is no operation");
        }
        operations
    }

    fn operation(&mut self, at: &str, method: &str, path: &str) -> Option<OperationPlan> {
        let fields = self.reader.shaped(at, &OPERATION)?;
        let id = self.reader.text(&pointer::join(at, "operationId")).map(str::to_owned);
        self.parameters(&pointer::join(at, "parameters"));
        let request = if fields.contains_key("requestBody") { self.request_body(at) } else { None };
        let responses = self.responses(&pointer::join(at, "responses"));
        Some(OperationPlan { id: id?, method: method.to_ascii_uppercase(), path: path.to_owned(), request, responses })
    }

    fn parameters(&mut self, at: &str) {
        for (at, _) in self.reader.items(at) {
            let Some(at) = self.reader.resolve(&at) else { continue };
            let Some(fields) = self.reader.shaped(&at, &PARAMETER) else { continue };
            self.reader.text(&pointer::join(&at, "name"));
            if let Some(place) = self.reader.text(&pointer::join(&at, "in"))
                && !["path", "query", "header", "cookie"].contains(&place)
            {
                self.reader.fault(&pointer::join(&at, "in"), "a parameter is in `path`, `query`, `header` or `cookie`");
            }
            self.required(&at, fields);
            if fields.contains_key("schema") {
                self.schema(&pointer::join(&at, "schema"), true);
            }
            self.content(&pointer::join(&at, "content"));
        }
    }

    fn request_body(&mut self, operation: &str) -> Option<String> {
        let at = self.reader.resolve(&pointer::join(operation, "requestBody"))?;
        let fields = self.reader.shaped(&at, &REQUEST_BODY)?;
        self.required(&at, fields);
        self.content(&pointer::join(&at, "content")).1
    }

    fn responses(&mut self, at: &str) -> BTreeMap<u16, ResponsePlan> {
        let mut responses = BTreeMap::new();
        let Some(map) = self.reader.map(at, "`responses`") else { return responses };
        for name in map.keys() {
            let here = pointer::join(at, name);
            if name.starts_with("x-") {
                self.reader.slips.push(Fault::at_key(here, format!("unknown extension `{name}`")));
                continue;
            }
            let status = name.parse().ok().filter(|status| name.len() == 3 && (100..=599).contains(status));
            if status.is_none() {
                let fault = Fault::at_key(here.as_str(), format!("`{name}` is no status"));
                self.reader.faults.push(fault.hint("name each status; `default` and ranges would document anything"));
            }
            let response = self.response(&here);
            responses.extend(status.zip(response));
        }
        if map.is_empty() {
            self.reader.fault_at_key(at, "an operation has at least one response");
        }
        responses
    }

    fn response(&mut self, at: &str) -> Option<ResponsePlan> {
        let at = self.reader.resolve(at)?;
        self.reader.shaped(&at, &RESPONSE)?;
        let (media_types, schema) = self.content(&pointer::join(&at, "content"));
        let headers_at = pointer::join(&at, "headers");
        let mut headers: Vec<HeaderPlan> = Vec::new();
        for name in self.reader.map(&headers_at, "`headers`").into_iter().flat_map(Map::keys) {
            let here = pointer::join(&headers_at, name);
            if !is_header_name(name) {
                self.reader.fault_at_key(&here, "this can't be the name of a header");
            } else if headers.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
                let fault = Fault::at_key(here.as_str(), "this header is named twice");
                self.reader.faults.push(fault.hint("the case of a header's name doesn't count"));
            }
            headers.extend(self.header(&here, name));
        }
        Some(ResponsePlan { pointer: at, media_types, schema, headers })
    }

    fn header(&mut self, at: &str, name: &str) -> Option<HeaderPlan> {
        let at = self.reader.resolve(at)?;
        let fields = self.reader.shaped(&at, &HEADER)?;
        let required = self.required(&at, fields);
        let schema = fields.contains_key("schema").then(|| pointer::join(&at, "schema"));
        let mut kind = HeaderKind::Text;
        if let Some(schema) = &schema {
            self.schema(schema, true);
            match fields.get("schema").and_then(|schema| schema.get("type")).and_then(Value::as_str) {
                Some("integer" | "number" | "boolean") => kind = HeaderKind::Literal,
                Some("object" | "array") => {
                    let fault = Fault::at_key(schema.as_str(), "headers of more than one value are not supported");
                    self.reader.faults.push(fault.hint("describe the header's text with `type: string` and `pattern`"));
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
        for name in self.reader.map(at, "`content`").into_iter().flat_map(Map::keys) {
            let here = pointer::join(at, name);
            let media_type = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let Some(fields) = self.reader.shaped(&here, &MEDIA_TYPE) else { continue };
            if fields.contains_key("schema") {
                let schema = pointer::join(&here, "schema");
                let judged = json.is_none() && is_json(&media_type);
                self.schema(&schema, judged);
                if judged {
                    json = Some(schema);
                } else {
                    let slip = Fault::at_key(schema, "nothing is ever judged by this schema");
                    self.reader.slips.push(slip.hint("only the one of the first JSON media type is"));
                }
            }
            media_types.push(media_type);
        }
        (media_types, json)
    }

    /// Whether `required` is true there, in which case a clause has to stand for it.
    fn required(&mut self, at: &str, fields: &Map<String, Value>) -> bool {
        let here = pointer::join(at, "required");
        match fields.get("required") {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => {
                self.survey.keywords.insert(here, true);
                true
            }
            Some(_) => {
                self.reader.fault(&here, "this has to be true or false");
                false
            }
        }
    }

    fn schema(&mut self, at: &str, needs: bool) {
        self.roots.push(at.to_owned());
        self.survey.schema(self.reader.document, at, needs);
    }
}

/// Whether a media type, in lower case and without parameters, is JSON.
fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
