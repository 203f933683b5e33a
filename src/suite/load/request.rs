//! Requests and departures from them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::body::BodyEncoding;
use super::super::bytes::{bytes_of_base64, bytes_of_hex};
use super::super::case::Connection;
use super::super::encoding::Encoding;
use super::super::render::is_token;
use super::super::request::{FieldValue, NamedValue, Override, PathChange, PathPart, PathPlan, Payload, RequestPlan};
use super::super::template::Text;
use super::super::tree::Tree;
use super::parameter;
use super::reader::{Names, Reader};
use crate::contract::{MediaType, Operation, ParameterPlace, PathPiece};
use crate::http::{HeaderCase, LetterCase};
use crate::source::{Entry, Node, Span, did_you_mean};

/// A complete request that no operation of the contract need be; `None` where a part of it is missing.
pub(super) fn plan(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<RequestPlan> {
    let method = method(reader, node, names);
    let path = node.get("path").and_then(|node| written_path(reader, node, names));
    let query = parameter::named(reader, node, names, ParameterPlace::Query, None);
    let headers = parameter::named(reader, node, names, ParameterPlace::Header, None);
    let cookies = Vec::new();
    let body = node.get("body").map(|body| reader.tree(body, names));
    let (method, path) = (method?, PathPlan::Written(path?));
    Some(RequestPlan { method, path, query, headers, cookies, body, raw: None, encoding: BodyEncoding::Json })
}

/// A request at this path that has nothing to do with the contract. A body is JSON unless a header says otherwise.
pub(super) fn elsewhere(reader: &mut Reader<'_>, node: &Node, names: &Names, path: PathPlan) -> Option<RequestPlan> {
    let method = method(reader, node, names);
    let query = parameter::named(reader, node, names, ParameterPlace::Query, None);
    let mut headers = parameter::named(reader, node, names, ParameterPlace::Header, None);
    let cookies = Vec::new();
    let body = node.get("body");
    if body.is_some() && content_type(&headers).is_none() {
        headers.push(NamedValue::of("Content-Type", Text::literal("application/json")));
    }
    let encoding = encoding_of(&headers);
    let body = body.map(|body| body_tree(reader, body, names, encoding));
    Some(RequestPlan { method: method?, path, query, headers, cookies, body, raw: None, encoding })
}

/// The valid request of the operation at this entry.
pub(super) fn valid(
    reader: &mut Reader<'_>,
    entry: &Entry,
    documented: &Operation,
    names: &Names,
) -> Option<RequestPlan> {
    let node = entry.value.get("request");
    let within = |key: &str| node.and_then(|node| node.get(key));
    let path = match within("path").filter(|node| node.as_str().is_some()) {
        Some(node) => link(reader, node, documented, names).map(PathPlan::Written),
        None => {
            let span = within("path").or(node).map_or(entry.key_span, |node| node.span);
            documented_path(reader, (within("path"), span), documented, names).map(PathPlan::Documented)
        }
    };
    let named = |reader: &mut Reader<'_>, place| {
        node.map(|node| parameter::named(reader, node, names, place, Some(documented))).unwrap_or_default()
    };
    let query = named(reader, ParameterPlace::Query);
    let mut headers = named(reader, ParameterPlace::Header);
    let cookies = named(reader, ParameterPlace::Cookie);
    if let Some(node) = node {
        parameter::refuse_two_cookie_fields(reader, node, &cookies, &headers);
    }
    let raw = node.filter(|node| node.get("raw").is_some()).and_then(|node| payload(reader, node, names));
    let body = within("body");
    if raw.is_some() || body.is_some() {
        add_media_type(&mut headers, documented);
    }
    let encoding = encoding_of(&headers);
    let body = body.map(|body| body_tree(reader, body, names, encoding));
    let (method, path) = (Text::literal(&documented.method), path?);
    Some(RequestPlan { method, path, query, headers, cookies, body, raw, encoding })
}

/// The path of an operation, with a value for each parameter.
fn documented_path(
    reader: &mut Reader<'_>,
    (node, span): (Option<&Node>, Span),
    documented: &Operation,
    names: &Names,
) -> Option<Vec<PathPart>> {
    let given = node.map(|node| parameters(reader, node, documented, names)).unwrap_or_default();
    let mut path = Vec::new();
    let mut missing = Vec::new();
    for piece in documented.path_pieces() {
        match piece {
            PathPiece::Text(text) => path.push(PathPart::Literal(text.to_owned())),
            PathPiece::Parameter(name) => match given.iter().find(|(given, _)| given == name) {
                Some((_, value)) => {
                    let form = documented.form(ParameterPlace::Path, name);
                    path.push(PathPart::Parameter(NamedValue { name: name.to_owned(), value: value.clone(), form }));
                }
                None => missing.push(name),
            },
        }
    }
    let Some(name) = missing.first() else { return Some(path) };
    let message = format!("nothing is given for the parameter `{name}` of the path {}", documented.path);
    reader.report(span, message).hint(format!("add `{name}` to `path` in the operation's `request`"));
    None
}

/// The path of an operation to which an answer leads.
fn link(reader: &mut Reader<'_>, node: &Node, documented: &Operation, names: &Names) -> Option<Text> {
    let link = reader.text(node, names)?;
    if !link.source().starts_with("{{") {
        let message = format!("the path is the contract's: {}", documented.path);
        let hint = "give its parameters by name, or a link: `{{ upload.made.response.headers.location | local_path }}`";
        reader.report(node.span, message).hint(hint);
    }
    Some(link)
}

/// Adds the documented media type of a body where nothing else is said.
fn add_media_type(headers: &mut Vec<NamedValue>, documented: &Operation) {
    let media_type = documented.consumes.iter().find(|media_type| !media_type.is_range());
    if let (Some(media_type), None) = (media_type, content_type(headers)) {
        headers.push(NamedValue::of("Content-Type", Text::literal(media_type.to_string())));
    }
}

fn content_type(headers: &[NamedValue]) -> Option<&NamedValue> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"))
}

/// How the body of a request with these header fields is written.
fn encoding_of(headers: &[NamedValue]) -> BodyEncoding {
    let texts = content_type(headers).map(|header| header.value.texts()).unwrap_or_default();
    let media_type = texts.first().filter(|text| text.is_literal());
    media_type.map(|text| BodyEncoding::of(&MediaType::parse(text.source()))).unwrap_or_default()
}

/// The value of a body; the files of a form are read.
fn body_tree(reader: &mut Reader<'_>, node: &Node, names: &Names, encoding: BodyEncoding) -> Tree {
    match (reader.tree(node, names), encoding) {
        (Tree::Object(fields), BodyEncoding::Multipart) => {
            let mut read = |(name, value): (String, Tree)| {
                let value = with_file(reader, node.get(&name), value);
                (name, value)
            };
            Tree::Object(fields.into_iter().map(&mut read).collect())
        }
        (tree, _) => tree,
    }
}

/// A part of a form with the content of the file that it names.
fn with_file(reader: &mut Reader<'_>, node: Option<&Node>, value: Tree) -> Tree {
    let (Some(file), Tree::Object(fields)) = (node.and_then(|node| node.get("file")), &value) else { return value };
    let Some(bytes) = reader.file_bytes(file) else { return value };
    let content = ("base64".to_owned(), Tree::Scalar(STANDARD.encode(bytes).into()));
    let others = fields.iter().filter(|(name, _)| name != "file").cloned();
    Tree::Object(others.chain([content]).collect())
}

/// How a case's or a step's request differs from the valid one of its operation.
pub(super) fn overrides(
    reader: &mut Reader<'_>,
    node: &Node,
    names: &Names,
    valid: Option<(&Operation, &RequestPlan)>,
) -> Override {
    let method = method(reader, node, names);
    let path = node.get("path").and_then(|node| path(reader, node, names, valid));
    let documented = valid.map(|(documented, _)| documented);
    let query = parameter::named(reader, node, names, ParameterPlace::Query, documented);
    let headers = parameter::named(reader, node, names, ParameterPlace::Header, documented);
    let cookies = parameter::named(reader, node, names, ParameterPlace::Cookie, documented);
    let own = valid.map(|(_, plan)| plan.headers.as_slice()).unwrap_or_default();
    parameter::refuse_two_cookie_fields(reader, node, &cookies, own);
    parameter::refuse_two_cookie_fields(reader, node, &cookies, &headers);
    let encoding = valid.map(|(_, plan)| plan.encoding).unwrap_or_default();
    let body = node.get("body").map(|body| body_tree(reader, body, names, encoding));
    let without = without(reader, node, names);
    let payload = payload(reader, node, names);
    let header_case = HeaderCase::new(node.entries_at("header_case").iter().map(|entry| {
        let lower = entry.value.as_str() == Some("lower");
        (entry.key.clone(), if lower { LetterCase::Lower } else { LetterCase::Title })
    }));
    Override { method, path, query, headers, cookies, body, without, payload, header_case }
}

/// Which connection is used.
pub(super) fn connection(node: &Node) -> Connection {
    match node.get("connection").and_then(Node::as_str) {
        Some("own") => Connection::Own,
        Some("fresh") => Connection::Fresh,
        _ => Connection::Shared,
    }
}

fn method(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Text> {
    let node = node.get("method")?;
    let method = reader.text(node, names)?;
    if method.is_literal() && !is_token(method.source()) {
        reader.report(node.span, format!("`{method}` is no HTTP method"));
    }
    Some(method)
}

fn path(
    reader: &mut Reader<'_>,
    node: &Node,
    names: &Names,
    valid: Option<(&Operation, &RequestPlan)>,
) -> Option<PathChange> {
    if node.entries().is_empty() {
        return written_path(reader, node, names).map(PathChange::Written);
    }
    let (documented, plan) = valid?;
    if let PathPlan::Written(link) = &plan.path {
        let message = format!("the valid request of {} goes where `{link}` leads: it has no parameters", documented.id);
        reader.report(node.span, message).hint("write the whole path");
    }
    Some(PathChange::Parameters(parameters(reader, node, documented, names)))
}

/// Values for parameters of a documented path, by name.
fn parameters(
    reader: &mut Reader<'_>,
    node: &Node,
    documented: &Operation,
    names: &Names,
) -> Vec<(String, FieldValue)> {
    let known = || documented.path_pieces().filter_map(PathPiece::parameter);
    let mut given = Vec::new();
    for entry in node.entries() {
        if known().all(|name| name != entry.key) {
            let message = format!("the path {} has no parameter `{}`", documented.path, entry.key);
            let close = did_you_mean(&entry.key, known()).map(|close| format!("did you mean `{close}`?"));
            let report = reader.report(entry.key_span, message);
            if let Some(close) = close {
                report.hint(close);
            }
        }
        let form = documented.form(ParameterPlace::Path, &entry.key);
        let value = parameter::value(reader, entry, names, ParameterPlace::Path, form, true);
        given.extend(value.map(|value| (entry.key.clone(), value)));
    }
    given
}

pub(super) fn written_path(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Text> {
    let path = reader.text(node, names)?;
    if !path.source().starts_with('/') && !path.source().starts_with("{{") {
        reader.report(node.span, "a path starts with `/`").hint("it is appended to the target's base URL");
    }
    Some(path)
}

fn without(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Vec<Text> {
    let mut without = Vec::new();
    for item in node.get("without").map(Node::one_or_many).unwrap_or_default() {
        let Some(text) = reader.text(item, names) else {
            continue;
        };
        if text.is_literal() {
            check_without(reader, item, text.source());
        }
        without.push(text);
    }
    without
}

fn check_without(reader: &mut Reader<'_>, node: &Node, text: &str) {
    let Some(pointer) = reader.pointer(text, node.span) else {
        return;
    };
    let points = match pointer.split_first() {
        Some(("body", _)) => true,
        Some(("headers" | "query" | "cookies", rest)) => rest.tokens().len() == 1,
        _ => false,
    };
    if !points {
        reader
            .report(node.span, format!("`{text}` points to no part of a request"))
            .hint("write /body/…, /headers/<name>, /query/<name>, /cookies/<name>, or /body for the whole body");
    }
}

/// `json` or `raw`, and not with `body` nor both.
fn payload(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Payload> {
    let given: Vec<_> = ["body", "json", "raw"].into_iter().filter_map(|key| node.entry(key)).collect();
    if let [first, second, ..] = given.as_slice() {
        let message = format!("`{}` and `{}` exclude each other", first.key, second.key);
        reader
            .report(second.key_span, message)
            .hint("`body` is merged into the valid body; `json` and `raw` replace it");
    }
    if let Some(json) = node.get("json") {
        return Some(Payload::Json(reader.tree(json, names)));
    }
    let raw = node.get("raw")?;
    let spellings: Vec<_> = ["text", "hex", "base64", "file"].into_iter().filter_map(|key| raw.entry(key)).collect();
    let [spelling] = spellings.as_slice() else {
        reader.report(raw.span, "a raw body has exactly one of `text`, `hex`, `base64` and `file`");
        return None;
    };
    if spelling.key == "file" {
        return reader.file_bytes(&spelling.value).map(Payload::File);
    }
    let text = reader.text(&spelling.value, names)?;
    let encoding = encoding(reader, raw, names);
    let decoded = match (spelling.key.as_str(), text.is_literal()) {
        ("hex", true) => bytes_of_hex(text.source()),
        ("base64", true) => bytes_of_base64(text.source()),
        _ => Ok(Vec::new()),
    };
    if let Err(cause) = decoded {
        reader.report(spelling.value.span, cause);
    }
    match spelling.key.as_str() {
        "text" => Some(Payload::Text(text, encoding)),
        "hex" => Some(Payload::Hex(text)),
        "base64" => Some(Payload::Base64(text)),
        _ => None,
    }
}

/// The encoding of a raw text: UTF-8 where it doesn't say.
fn encoding(reader: &mut Reader<'_>, raw: &Node, names: &Names) -> Text {
    let utf_8 = || Text::literal("utf-8");
    let Some(entry) = raw.entry("encoding") else { return utf_8() };
    if raw.get("text").is_none() {
        reader.report(entry.key_span, "only a `text` has an encoding: `hex` and `base64` are bytes already");
    }
    let Some(encoding) = reader.text(&entry.value, names) else { return utf_8() };
    if let (true, Err(cause)) = (encoding.is_literal(), Encoding::named(encoding.source())) {
        reader.report(entry.value.span, cause);
    }
    encoding
}
