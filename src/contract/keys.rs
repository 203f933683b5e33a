//! What may stand in a contract, as tables: the keys of OpenAPI 3.1 that are read, those that may be there, and our own
//! extensions.

use strum::VariantNames as _;

use super::clause::{Level, Polarity};
use crate::source::shape::{Field, Kind, Object};

/// The methods of a path, as its keys.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Below this key of the whole hang the files that a document refers to, by their paths.
pub(super) const FILES: &str = "x-files";

const STATUS: Kind = Kind::Integer(100, 599);
const TEXTS: Kind = Kind::List(&Kind::NonEmpty, 0);

/// A key of OpenAPI's that nothing here reads.
const fn unread(name: &'static str) -> Field {
    Field::new(name, Kind::Any, "")
}

const CLAUSES: Field = Field::required("x-clauses", Kind::Map(const { &Kind::Object(&CLAUSE) }), "the clauses by id");
const CHECKS: Field =
    Field::required("x-checks", Kind::Map(&Kind::NonEmpty), "the clause that each general check is about");
const CODE_POINTER: Field = Field::new("x-error-code-pointer", Kind::NonEmpty, "where an error body has its code");
const CODES: Field =
    Field::new("x-error-codes", Kind::List(const { &Kind::Object(&ERROR_CODE) }, 0), "the documented error codes");
const GATEWAY: Field =
    Field::new("x-gateway-codes", Kind::Object(&GATEWAY_CODES), "codes of a gateway in front of the API");

/// The whole document.
pub(super) static CONTRACT: Object = Object {
    name: "contract",
    doc: "A documented API.",
    fields: &[
        Field::required("openapi", Kind::NonEmpty, "the version of OpenAPI"),
        Field::required("info", Kind::Object(&INFO), "title and version"),
        Field::required("paths", Kind::Object(&PATHS), "the operations"),
        CLAUSES,
        CHECKS,
        CODE_POINTER,
        CODES,
        GATEWAY,
        Field::new("components", Kind::Object(&COMPONENTS), ""),
        Field::new("jsonSchemaDialect", Kind::NonEmpty, ""),
        unread("servers"),
        unread("webhooks"),
        unread("security"),
        unread("tags"),
        unread("externalDocs"),
        // Where the files hang that it refers to.
        unread(FILES),
    ],
    others: None,
};

/// A contract that names the document that it is about.
pub(super) static NAMING: Object = Object {
    name: "contract",
    doc: "What is said of a documented API.",
    fields: &[
        Field::new("document", Kind::NonEmpty, "the file with the API's document, as its publisher wrote it"),
        // Whatever the document says has a derived clause.
        Field::new("x-clauses", Kind::Map(const { &Kind::Object(&CLAUSE) }), "the clauses by id"),
        Field::new("x-checks", Kind::Map(&Kind::NonEmpty), "the clause that each general check is about"),
        CODE_POINTER,
        CODES,
        GATEWAY,
    ],
    others: None,
};

static INFO: Object = Object {
    name: "info",
    doc: "About the API.",
    fields: &[
        Field::required("title", Kind::NonEmpty, "the API's name"),
        Field::required("version", Kind::NonEmpty, "the API's version"),
        unread("summary"),
        unread("description"),
        unread("termsOfService"),
        unread("contact"),
        unread("license"),
    ],
    others: None,
};

static COMPONENTS: Object = Object {
    name: "components",
    doc: "What is referred to.",
    fields: &[
        Field::new("schemas", Kind::Map(&Kind::Any), ""),
        Field::new("responses", Kind::Map(&Kind::Reference(&RESPONSE)), ""),
        Field::new("parameters", Kind::Map(&Kind::Reference(&PARAMETER)), ""),
        Field::new("requestBodies", Kind::Map(&Kind::Reference(&REQUEST_BODY)), ""),
        Field::new("headers", Kind::Map(&Kind::Reference(&HEADER)), ""),
        Field::new("pathItems", Kind::Map(&Kind::Reference(&PATH)), ""),
        unread("examples"),
        unread("securitySchemes"),
        unread("links"),
        unread("callbacks"),
    ],
    others: None,
};

static PATHS: Object =
    Object { name: "paths", doc: "The operations.", fields: &[], others: Some(Kind::Reference(&PATH)) };

static PATH: Object = Object {
    name: "path",
    doc: "The operations of one path.",
    fields: &[
        Field::new("parameters", PARAMETERS, ""),
        Field::new("get", Kind::Object(&OPERATION), ""),
        Field::new("put", Kind::Object(&OPERATION), ""),
        Field::new("post", Kind::Object(&OPERATION), ""),
        Field::new("delete", Kind::Object(&OPERATION), ""),
        Field::new("options", Kind::Object(&OPERATION), ""),
        Field::new("head", Kind::Object(&OPERATION), ""),
        Field::new("patch", Kind::Object(&OPERATION), ""),
        Field::new("trace", Kind::Object(&OPERATION), ""),
        unread("summary"),
        unread("description"),
        unread("servers"),
    ],
    others: None,
};

static OPERATION: Object = Object {
    name: "operation",
    doc: "One request and its answers.",
    fields: &[
        Field::new("operationId", Kind::NonEmpty, "the name that suites call it by"),
        Field::required("responses", Kind::Object(&RESPONSES), "the documented answers by status"),
        Field::new("parameters", PARAMETERS, ""),
        Field::new("requestBody", Kind::Reference(&REQUEST_BODY), ""),
        unread("tags"),
        unread("summary"),
        unread("description"),
        unread("externalDocs"),
        unread("callbacks"),
        unread("deprecated"),
        unread("security"),
        unread("servers"),
    ],
    others: None,
};

const PARAMETERS: Kind = Kind::List(&Kind::Reference(&PARAMETER), 0);

static PARAMETER: Object = Object {
    name: "parameter",
    doc: "A part of a request.",
    fields: &[
        Field::required("name", Kind::NonEmpty, "what it is called"),
        Field::required("in", Kind::Word(&["path", "query", "header", "cookie"]), "where it stands"),
        Field::new("required", Kind::Bool, ""),
        Field::new("schema", Kind::Any, ""),
        Field::new("content", CONTENT, ""),
        unread("description"),
        unread("deprecated"),
        unread("allowEmptyValue"),
        Field::new("style", Kind::Text, ""),
        Field::new("explode", Kind::Bool, ""),
        Field::new("allowReserved", Kind::Bool, ""),
        unread("example"),
        unread("examples"),
    ],
    others: None,
};

static REQUEST_BODY: Object = Object {
    name: "request body",
    doc: "The body of a request.",
    fields: &[
        Field::required("content", CONTENT, "the body by media type"),
        Field::new("required", Kind::Bool, ""),
        unread("description"),
    ],
    others: None,
};

static RESPONSES: Object =
    Object { name: "responses", doc: "Answers by status.", fields: &[], others: Some(Kind::Reference(&RESPONSE)) };

static RESPONSE: Object = Object {
    name: "response",
    doc: "An answer.",
    fields: &[
        Field::required("description", Kind::Text, "what it means"),
        Field::new("headers", Kind::Map(&Kind::Reference(&HEADER)), ""),
        Field::new("content", CONTENT, ""),
        unread("links"),
    ],
    others: None,
};

static HEADER: Object = Object {
    name: "header",
    doc: "A header of an answer.",
    fields: &[
        Field::new("required", Kind::Bool, ""),
        Field::new("schema", Kind::Any, ""),
        Field::new("content", CONTENT, ""),
        Field::new("explode", Kind::Bool, ""),
        unread("description"),
        unread("deprecated"),
        unread("style"),
        unread("example"),
        unread("examples"),
    ],
    others: None,
};

const CONTENT: Kind = Kind::Map(&Kind::Object(&MEDIA_TYPE));

static MEDIA_TYPE: Object = Object {
    name: "media type",
    doc: "A body of one media type.",
    fields: &[Field::new("schema", Kind::Any, ""), unread("example"), unread("examples"), unread("encoding")],
    others: None,
};

static CLAUSE: Object = Object {
    name: "clause",
    doc: "One statement of the documentation.",
    fields: &[
        Field::required("level", Kind::Word(Level::VARIANTS), "how much it binds a target"),
        Field::required("says", Kind::NonEmpty, "what it states, in one sentence"),
        Field::required("source", Kind::NonEmpty, "where it stands in the documentation"),
        Field::required("polarities", Kind::List(&Kind::Word(Polarity::VARIANTS), 0), "what cases have to show of it"),
        Field::new("untestable", Kind::Object(&UNTESTABLE), "what no case can show of it"),
        Field::new("schema", TEXTS, "pointers to the schema keywords that it stands for"),
        Field::new("relative", Kind::Bool, "whether it is about a request among others"),
        Field::new(
            "unique",
            Kind::Text,
            "where a request has what no two things may share: `/body/` and a JSON pointer",
        ),
    ],
    others: None,
};

/// A reason that is missing is for the lint to tell of.
const REASON: Kind = Kind::Either(&[Kind::Text, Kind::Null]);

static UNTESTABLE: Object = Object {
    name: "untestable",
    doc: "Polarities that no case can show, each with the reason.",
    fields: &[
        Field::new("accept", REASON, ""),
        Field::new("refuse", REASON, ""),
        Field::new("hold", REASON, ""),
        Field::new("observe", REASON, ""),
    ],
    others: None,
};

static ERROR_CODE: Object = Object {
    name: "error code",
    doc: "A documented error code.",
    fields: &[
        Field::required("status", STATUS, "the status that it comes with"),
        Field::required("code", Kind::Either(&[Kind::NonEmpty, Kind::Number]), "the code as it stands in a body"),
        Field::required("meaning", Kind::NonEmpty, "what it means"),
        Field::new("only_for", TEXTS, "the clauses whose breach alone may be answered with it"),
        Field::new("exhausted", Kind::Bool, "whether it says that the target can take no more for now"),
    ],
    others: None,
};

static GATEWAY_CODES: Object = Object {
    name: "gateway codes",
    doc: "Codes of a gateway in front of the API.",
    fields: &[
        Field::required("prefixes", TEXTS, "what such a code begins with"),
        Field::required("statuses", Kind::List(&STATUS, 0), "the statuses that it may come with"),
    ],
    others: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_a_key_of_a_path_and_every_polarity_may_be_untestable() {
        let has = |object: &Object, key: &str| object.fields.iter().any(|field| field.name == key);
        assert!(METHODS.iter().all(|method| has(&PATH, method)));
        assert!(Polarity::VARIANTS.iter().all(|polarity| has(&UNTESTABLE, polarity)));
    }
}
