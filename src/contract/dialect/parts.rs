//! How the parts of an OpenAPI document stand below one another, as a table.

use super::super::keys::METHODS;
use super::super::keywords::{Below, Keyword, keyword};

/// What a part of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Schema,
}

/// How parts stand below a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    One,
    List,
    Map,
}

/// Which parts stand below a key of a part; nothing where none do.
pub(super) fn below(part: Part, key: &str) -> Option<(Many, Part)> {
    Some(match (part, key) {
        (Part::Document, "paths") => (Many::Map, Part::PathItem),
        (Part::Document, "components") => (Many::One, Part::Components),
        // Swagger 2.0 has these at the top.
        (Part::Document, "definitions") | (Part::Components, "schemas") => (Many::Map, Part::Schema),
        (Part::Document | Part::Components, "parameters") => (Many::Map, Part::Parameter),
        (Part::Document | Part::Components, "responses") => (Many::Map, Part::Response),
        (Part::Components, "requestBodies") => (Many::Map, Part::RequestBody),
        (Part::Components, "headers") => (Many::Map, Part::Header),
        (Part::Components, "pathItems") => (Many::Map, Part::PathItem),
        (Part::PathItem | Part::Operation, "parameters") => (Many::List, Part::Parameter),
        (Part::PathItem, method) if METHODS.contains(&method) => (Many::One, Part::Operation),
        (Part::Operation, "requestBody") => (Many::One, Part::RequestBody),
        (Part::Operation, "responses") => (Many::Map, Part::Response),
        (Part::Response, "headers") => (Many::Map, Part::Header),
        (Part::RequestBody | Part::Response | Part::Parameter | Part::Header, "content") => {
            (Many::Map, Part::MediaType)
        }
        (Part::Parameter | Part::Header | Part::MediaType | Part::Response, "schema") => (Many::One, Part::Schema),
        (Part::Schema, key) => match keyword(key)? {
            Keyword::Whole(below) | Keyword::Through(below) | Keyword::Aside(below) => (many(below), Part::Schema),
            _ => return None,
        },
        _ => return None,
    })
}

fn many(below: Below) -> Many {
    match below {
        Below::One => Many::One,
        Below::List => Many::List,
        Below::Map => Many::Map,
    }
}

/// Whether the way from the document's top to a place is one that the table knows, and leads to such a part.
pub(super) fn leads_to(tokens: &[String], part: Part) -> bool {
    let mut at = Part::Document;
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        let Some((many, child)) = below(at, token) else { return false };
        if many != Many::One && tokens.next().is_none() {
            return false;
        }
        at = child;
    }
    at == part
}
