//! The valid request of an operation: what is required of its parameters, and its body.

use serde_json::{Map, Value, json};

use super::document::Document;
use super::made::Made;
use super::security::{Credential, Place};
use super::values::Values;
use crate::contract::{BodyKind, MediaType, Operation};
use crate::pointer;

/// Headers that are no parameters, whatever is documented (OpenAPI, Parameter Object).
const OF_HTTP: [&str; 3] = ["accept", "content-type", "authorization"];

/// A parameter of a path.
pub(super) struct PathParameter {
    pub(super) name: String,
    /// A value that the document names.
    pub(super) example: Option<Value>,
    /// Whether that is one of few, so that no other is meant.
    pub(super) is_fixed: bool,
}

/// A valid request, but for the path.
#[derive(Default)]
pub(super) struct Request {
    pub(super) path: Vec<PathParameter>,
    pub(super) query: Map<String, Value>,
    pub(super) headers: Map<String, Value>,
    pub(super) cookies: Map<String, Value>,
    pub(super) body: Option<Value>,
}

/// The valid request of an operation with these credentials.
///
/// # Errors
/// What is missing.
pub(super) fn request(
    document: Document<'_>,
    operation: &Operation,
    credentials: &[Credential],
) -> Result<Request, String> {
    let mut request = Request::default();
    let [at, item] = document.0.places(&operation.id).ok_or("its place in the document")?;
    for parameter in parameters(document, item, at) {
        add_parameter(document, &parameter, &mut request)?;
    }
    for credential in credentials {
        let value = Value::String(credential.value.clone());
        match &credential.place {
            Place::Header(name) => _ = request.headers.insert(name.clone(), value),
            Place::Query(name) => _ = request.query.insert(name.clone(), value),
            Place::Cookie(name) => _ = request.cookies.insert(name.clone(), value),
        }
    }
    body(document, operation, &pointer::join(at, "requestBody"), &mut request)?;
    Ok(request)
}

/// The pointers of the parameters of an operation: its own stand in for those of the path.
fn parameters(document: Document<'_>, item: &str, operation: &str) -> Vec<String> {
    let all = |at: &str| -> Vec<String> {
        let items = document.items(&pointer::join(at, "parameters"));
        items.iter().filter_map(|at| document.place(at)).collect()
    };
    let identity = |at: &String| ["name", "in"].map(|key| document.text(&pointer::join(at, key)));
    let own = all(operation);
    let taken: Vec<_> = own.iter().map(identity).collect();
    all(item).into_iter().filter(|at| !taken.contains(&identity(at))).chain(own).collect()
}

fn add_parameter(document: Document<'_>, at: &str, request: &mut Request) -> Result<(), String> {
    let text = |key: &str| document.text(&pointer::join(at, key));
    let (Some(name), Some(place)) = (text("name"), text("in")) else { return Ok(()) };
    let schema = pointer::join(at, "schema");
    if place == "path" {
        request.path.push(path_parameter(document, at, &schema, name));
        return Ok(());
    }
    let is_required = document.get(&pointer::join(at, "required")) == Some(&Value::Bool(true));
    let is_known = place != "header" || !OF_HTTP.contains(&name.to_ascii_lowercase().as_str());
    if !is_required || !is_known || !matches!(place, "query" | "header" | "cookie") {
        return Ok(());
    }
    if document.get(&schema).is_none() {
        return Err(format!("a value for the parameter `{name}`"));
    }
    let made = Values::new(document).of(&schema, &document.examples(at))?;
    match (place, made.written) {
        // Of anything else within an object, nobody says how it is sent.
        ("query", Value::Object(mut members)) => {
            members.retain(|_, value| is_scalar(value));
            request.query.insert(name.to_owned(), Value::Object(members));
        }
        ("query", Value::Array(_)) if text("style") == Some("deepObject") => {
            return Err(format!("a value for the parameter `{name}`, a list of which nobody says how it is sent"));
        }
        ("query", value) if is_flat(&value) => _ = request.query.insert(name.to_owned(), value),
        ("header", value) if is_flat(&value) => {
            request.headers.insert(name.to_owned(), Value::String(joined(&value)));
        }
        ("cookie", value) if is_flat(&value) => _ = request.cookies.insert(name.to_owned(), value),
        _ => return Err(format!("a value for the parameter `{name}`, which is no text and no list of texts")),
    }
    Ok(())
}

fn path_parameter(document: Document<'_>, at: &str, schema: &str, name: &str) -> PathParameter {
    let views = document.views(schema);
    let first = |listed: &Value| listed.as_array().and_then(|items| items.first()).cloned();
    let few = document.keyword(&views, "const").next().cloned();
    let few = few.or_else(|| document.keyword(&views, "enum").find_map(first));
    let named = document.keyword(&views, "example").chain(document.keyword(&views, "default"));
    let named = document.keyword(&views, "examples").find_map(first).or_else(|| named.into_iter().next().cloned());
    let is_fixed = few.is_some();
    let mut examples = few.into_iter().chain(document.examples(at)).chain(named);
    let example = examples.find(|value| is_scalar(value) && document.0.takes(schema, value));
    let example = example.map(|value| Made::fixed(value).written);
    PathParameter { name: name.to_owned(), is_fixed: is_fixed && example.is_some(), example }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_) | Value::Null)
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_scalar),
        value => is_scalar(value),
    }
}

/// A list as a header has it.
fn joined(value: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        value => text(value),
    }
}

/// Adds a body of the first media type that one can be made of, those first that say most.
fn body(document: Document<'_>, operation: &Operation, at: &str, request: &mut Request) -> Result<(), String> {
    let mut contents = document.members(&pointer::join(at, "content"));
    contents.sort_by_key(|(name, _)| rank(&MediaType::parse(name)));
    let mut missing = None;
    for (name, here) in contents {
        match of_media_type(document, &MediaType::parse(name), &here) {
            Ok(body) => {
                let usual = operation.consumes.iter().find(|media_type| !media_type.is_range());
                let media_type = MediaType::parse(name);
                if usual != Some(&media_type) {
                    let sent = if media_type.is_range() { "application/json" } else { name };
                    request.headers.insert("Content-Type".to_owned(), Value::from(sent));
                }
                request.body = Some(body);
                return Ok(());
            }
            Err(why) => _ = missing.get_or_insert(why),
        }
    }
    let is_required = document.get(&pointer::join(at, "required")) == Some(&Value::Bool(true));
    missing.filter(|_| is_required).map_or(Ok(()), Err)
}

fn rank(media_type: &MediaType) -> usize {
    match (media_type.kind(), media_type.essence()) {
        (BodyKind::Json, _) => 0,
        (_, "application/x-www-form-urlencoded") => 1,
        (_, "multipart/form-data") => 2,
        (BodyKind::Text | BodyKind::Markup, _) => 3,
        _ => 4,
    }
}

fn of_media_type(document: Document<'_>, media_type: &MediaType, at: &str) -> Result<Value, String> {
    let (schema, examples) = (pointer::join(at, "schema"), document.examples(at));
    let made = match (document.get(&schema), examples.first()) {
        (Some(_), _) => Values::new(document).of(&schema, &examples)?,
        (None, Some(example)) => Made::fixed(example.clone()),
        (None, None) => return Err(format!("an example at {at}, which has no schema")),
    };
    let unwritable = || format!("a body of {}", media_type.essence());
    match (rank(media_type), made.written) {
        (0, written) => Ok(written),
        (1, Value::Object(fields)) if fields.values().all(|value| is_flat(value) || value == &json!([])) => {
            Ok(Value::Object(fields))
        }
        (2, Value::Object(mut fields)) => {
            let views = document.views(&schema);
            if fields.is_empty() {
                fields.extend([any_field(document, &views).ok_or_else(unwritable)?]);
            }
            let part = |(name, value): (String, Value)| {
                let part = part(document, &views, &name, value);
                (name, part)
            };
            Ok(Value::Object(fields.into_iter().map(part).collect()))
        }
        (_, Value::String(text)) => Ok(Value::String(text)),
        (4, written) if media_type.is_range() => Ok(written),
        _ => Err(unwritable()),
    }
}

/// A field of a form that requires none: a multipart body has one part or more (RFC 2046, section 5.1).
fn any_field(document: Document<'_>, views: &[String]) -> Option<(String, Value)> {
    let names = document.keyword(views, "properties").filter_map(Value::as_object).flat_map(Map::keys);
    names.filter_map(|name| Some((name.clone(), document.property(views, name)?))).find_map(|(name, at)| {
        let is_sent = !document.is_true(&document.views(&at), "readOnly");
        let made = Values::new(document).of(&at, &[]).ok().filter(|_| is_sent)?;
        Some((name, made.written))
    })
}

/// A part of a multipart form: a file where the field is one.
fn part(document: Document<'_>, views: &[String], name: &str, value: Value) -> Value {
    let views = document.property(views, name).map(|at| document.views(&at)).unwrap_or_default();
    let is_file = document.keyword(&views, "format").any(|format| format == "binary");
    match value {
        Value::String(text) if is_file => json!({ "filename": "file.txt", "text": text }),
        value if is_flat(&value) => value,
        value => json!({ "json": value }),
    }
}
