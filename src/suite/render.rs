//! From the valid request and a departure to the request that is sent.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value as Json;

use super::body::{BodyEncoding, WrittenBody};
use super::bytes::{bytes_of_base64, bytes_of_hex};
use super::case::Connection;
use super::encoding::Encoding;
use super::error::RenderError;
use super::operation::{Cleanup, Find};
use super::parameter::Field;
use super::request::{NamedValue, Override, PathChange, PathPart, PathPlan, Payload, RequestPlan};
use super::saved::{Saved, Trace, below};
use super::scope::Scope;
use super::template::Text;
use super::url::url;
use crate::contract::{MediaType, ParameterPlace};
use crate::http::{ConnectionUse, Request};
use crate::pointer::Pointer;

/// Lays a departure over the valid request and renders the result. `base_url` is the target's, with or without a
/// slash at its end. The connection is [`ConnectionUse::Shared`]; the caller sets it as the step says.
///
/// # Errors
/// A template that fails; a `without` pointer with nothing there; a path that a client would rewrite; a method,
/// header name or header value that HTTP can't carry; bad hex or base64.
pub fn render_request(
    valid: &RequestPlan,
    overrides: &Override,
    scope: &Scope,
    base_url: &str,
) -> Result<Request, RenderError> {
    let method = overrides.method.as_ref().unwrap_or(&valid.method).text(scope)?;
    let path = path(&valid.path, overrides.path.as_ref(), scope)?;
    let without = Without::render(&overrides.without, scope)?;
    let mut query = merged(&valid.query, &overrides.query, scope, ParameterPlace::Query)?;
    let mut headers = merged(&valid.headers, &overrides.headers, scope, ParameterPlace::Header)?;
    let mut cookies = merged(&valid.cookies, &overrides.cookies, scope, ParameterPlace::Cookie)?;
    for name in &without.query {
        take_away(&mut query, name, "query", ParameterPlace::Query)?;
    }
    for name in &without.headers {
        take_away(&mut headers, name, "headers", ParameterPlace::Header)?;
    }
    for name in &without.cookies {
        take_away(&mut cookies, name, "cookies", ParameterPlace::Cookie)?;
    }
    let query: Vec<String> = query.iter().flat_map(Field::in_query).collect();
    let mut headers: Vec<(String, String)> = headers.into_iter().flat_map(Field::in_headers).collect();
    let cookies: Vec<String> = cookies.iter().flat_map(Field::in_cookie).collect();
    // A departure may write the field itself.
    let has_field = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    if !cookies.is_empty() && !has_field {
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    check_method(&method)?;
    for (name, value) in &headers {
        check_header(name, value)?;
    }
    let SentBody { bytes, boundary } = body(valid, overrides, &without, scope)?;
    if let Some(boundary) = boundary {
        add_boundary(&mut headers, &boundary);
    }
    Ok(Request {
        method,
        url: url(base_url, &path, &query)?,
        headers,
        body: bytes,
        header_case: overrides.header_case.clone(),
        connection: ConnectionUse::Shared,
    })
}

/// Renders the path of a cleanup; `scope` as for [`render_cleanup`].
///
/// # Errors
/// A template that fails, or that gives no text for a parameter.
pub fn render_removal_path(cleanup: &Cleanup, scope: &Scope) -> Result<String, RenderError> {
    let (scope, overrides) = removing(cleanup, scope)?;
    path(&cleanup.request.path, overrides.path.as_ref(), &scope)
}

/// What a removal is rendered with: where it is a documented operation, what was created is a resource, below what it was
/// created below.
fn removing(cleanup: &Cleanup, scope: &Scope) -> Result<(Scope, Override), RenderError> {
    let Some(thing) = &cleanup.thing else { return Ok((scope.clone(), Override::default())) };
    let created = scope.named("request").and_then(|created| created.get_attr("path").ok());
    let created = created.as_ref().and_then(|path| path.as_str()).unwrap_or_default();
    let path = Some(PathChange::Parameters(thing.parameters(created)));
    Ok((thing.scope(scope)?, Override { path, ..Override::default() }))
}

fn path(plan: &PathPlan, change: Option<&PathChange>, scope: &Scope) -> Result<String, RenderError> {
    let (parts, changed) = match (plan, change) {
        (_, Some(PathChange::Written(text))) | (PathPlan::Written(text), _) => return text.text(scope),
        (PathPlan::Documented(parts), Some(PathChange::Parameters(changed))) => (parts, changed.as_slice()),
        (PathPlan::Documented(parts), None) => (parts, [].as_slice()),
    };
    let mut path = String::new();
    for part in parts {
        match part {
            PathPart::Literal(text) => path.push_str(text),
            PathPart::Parameter(valid) => {
                let name = &valid.name;
                let changed = changed.iter().find(|(changed, _)| changed == name);
                let changed = changed.map(|(_, value)| NamedValue { value: value.clone(), ..valid.clone() });
                let field = Field::render(changed.as_ref().unwrap_or(valid), ParameterPlace::Path, scope)?;
                let value = field.in_path();
                if value.is_empty() {
                    // The path would be that of another operation.
                    return Err(RenderError::unsendable(format!(
                        "the parameter `{name}` of the path is empty: write the whole path to send that"
                    )));
                }
                path.push_str(&value);
            }
        }
    }
    Ok(path)
}

/// Renders a cleanup; `scope` must be [`Scope::judging`] the exchange that created something.
///
/// # Errors
/// As [`render_request`].
pub fn render_cleanup(cleanup: &Cleanup, scope: &Scope, base_url: &str) -> Result<Request, RenderError> {
    let (scope, overrides) = removing(cleanup, scope)?;
    let request = render_request(&cleanup.request, &overrides, &scope, base_url)?;
    let bare = |path: &str| path.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
    // What a PUT creates is at the path that it was sent to.
    let created =
        scope.named("request").filter(|created| !created.get_attr("method").is_ok_and(|m| m.as_str() == Some("PUT")));
    let created = created.and_then(|created| created.get_attr("path").ok());
    let created = created.as_ref().and_then(|path| path.as_str()).map(bare);
    if request.method == "DELETE" && created == Some(bare(below(base_url, &request.url))) {
        return Err(RenderError::unsendable(
            "a removal would go to the path at which it was created, for all that is there",
        ));
    }
    Ok(request)
}

/// Renders the removal of a thing whose path is known already, as that of [`render_cleanup`] was; `scope` must be
/// [`Scope::judging`] the trace of the request that created it.
///
/// # Errors
/// As [`render_request`].
pub fn render_removal(cleanup: &Cleanup, path: &str, scope: &Scope, base_url: &str) -> Result<Request, RenderError> {
    let path = PathChange::Written(Text::literal(path));
    let overrides = Override { path: Some(path), ..Override::default() };
    render_request(&cleanup.request, &overrides, scope, base_url)
}

/// Renders the request that looks up what another one created; `scope` must be [`Scope::judging`] its trace.
///
/// # Errors
/// As [`render_request`].
pub fn render_find(find: &Find, scope: &Scope, base_url: &str) -> Result<Request, RenderError> {
    render_request(&find.request, &Override::default(), scope, base_url)
}

/// What is to be kept of a request before it is sent; `scope` is any of the run's. Where no template gives a text, nothing
/// is kept, which is told where it would be needed.
pub fn trace(find: Option<&Find>, request: &Arc<Request>, scope: &Scope, base_url: &str) -> Trace {
    let scope = scope.judging(&Saved::unsent(Arc::clone(request), base_url));
    let keep = find.map(|find| find.keep.as_slice()).unwrap_or_default();
    let first = |texts: &[Text]| texts.iter().find_map(|text| text.text(&scope).ok());
    let kept = keep.iter().filter_map(|(name, texts)| Some((name.clone(), first(texts)?)));
    Trace { method: request.method.clone(), path: below(base_url, &request.url).to_owned(), kept: kept.collect() }
}

impl From<Connection> for ConnectionUse {
    /// A connection of the case's own is a pool of its own, so it is `Shared` there.
    fn from(connection: Connection) -> Self {
        match connection {
            Connection::Shared | Connection::Own => Self::Shared,
            Connection::Fresh => Self::Fresh,
        }
    }
}

/// Pointers to what is taken away, sorted by what they point into.
#[derive(Default)]
struct Without {
    query: Vec<String>,
    headers: Vec<String>,
    cookies: Vec<String>,
    body: Vec<Pointer>,
}

impl Without {
    fn render(texts: &[super::template::Text], scope: &Scope) -> Result<Self, RenderError> {
        let mut without = Self::default();
        for text in texts {
            let text = text.text(scope)?;
            let pointer =
                Pointer::parse(&text).map_err(|error| RenderError::unsendable(format!("`{text}`: {error}")))?;
            match pointer.split_first() {
                Some(("body", rest)) => without.body.push(rest),
                Some(("headers", rest)) if rest.tokens().len() == 1 => without.headers.extend_from_slice(rest.tokens()),
                Some(("query", rest)) if rest.tokens().len() == 1 => without.query.extend_from_slice(rest.tokens()),
                Some(("cookies", rest)) if rest.tokens().len() == 1 => without.cookies.extend_from_slice(rest.tokens()),
                _ => {
                    return Err(RenderError::unsendable(format!(
                        "`{text}` points neither into /body, /headers/…, /query/… nor /cookies/…"
                    )));
                }
            }
        }
        Ok(without)
    }
}

/// The valid fields with their values replaced where the departure names them, then what it adds.
fn merged(
    valid: &[NamedValue],
    changes: &[NamedValue],
    scope: &Scope,
    place: ParameterPlace,
) -> Result<Vec<Field>, RenderError> {
    let change_of = |name: &str| changes.iter().find(|change| place.is_same(&change.name, name));
    let kept = valid.iter().map(|field| change_of(&field.name).unwrap_or(field));
    let added = changes.iter().filter(|change| !valid.iter().any(|field| place.is_same(&field.name, &change.name)));
    let fields = kept.chain(added).map(|field| Field::render(field, place, scope));
    let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
    Ok(fields.into_iter().filter(|field| !field.is_nothing()).collect())
}

fn take_away(fields: &mut Vec<Field>, name: &str, of: &str, place: ParameterPlace) -> Result<(), RenderError> {
    let before = fields.len();
    fields.retain(|field| !place.is_same(&field.name, name));
    match fields.len() < before {
        true => Ok(()),
        false => Err(nothing(&format!("/{of}/{name}"))),
    }
}

/// Tells in the media type of a form what is between its parts, unless a case tells something else.
fn add_boundary(headers: &mut [(String, String)], boundary: &str) {
    let is_of_parts =
        |value: &str| MediaType::parse(value).essence() == "multipart/form-data" && !value.contains("boundary");
    let media_type =
        headers.iter_mut().find(|(name, value)| name.eq_ignore_ascii_case("content-type") && is_of_parts(value));
    if let Some((_, value)) = media_type {
        value.push_str("; boundary=");
        value.push_str(boundary);
    }
}

/// What is sent.
#[derive(Default)]
struct SentBody {
    bytes: Option<Bytes>,
    /// What is between its parts, where it has parts.
    boundary: Option<String>,
}

fn body(valid: &RequestPlan, overrides: &Override, without: &Without, scope: &Scope) -> Result<SentBody, RenderError> {
    let whole = |bytes| SentBody { bytes, boundary: None };
    let (value, encoding) = match (&overrides.payload, &valid.raw) {
        (Some(Payload::Json(tree)), _) => (Some(tree.render(scope)?), BodyEncoding::Json),
        (Some(payload), _) => return raw(payload, without, scope).map(whole),
        (None, Some(payload)) if overrides.body.is_none() => return raw(payload, without, scope).map(whole),
        (None, _) => {
            let value = match (&valid.body, &overrides.body) {
                (Some(valid), Some(change)) => Some(valid.render_merged(change, scope)?),
                (Some(tree), None) | (None, Some(tree)) => Some(tree.render(scope)?),
                (None, None) => None,
            };
            (value, valid.encoding)
        }
    };
    let Some(value) = without.body.iter().try_fold(value, take_from_body)? else { return Ok(SentBody::default()) };
    let WrittenBody { bytes, boundary } = encoding.write(&value)?;
    Ok(SentBody { bytes: Some(bytes.into()), boundary })
}

fn take_from_body(body: Option<Json>, pointer: &Pointer) -> Result<Option<Json>, RenderError> {
    let Some(mut body) = body else {
        return Err(nothing(&format!("/body{pointer}")));
    };
    if pointer.tokens().is_empty() {
        return Ok(None);
    }
    match pointer.remove(&mut body) {
        true => Ok(Some(body)),
        false => Err(nothing(&format!("/body{pointer}"))),
    }
}

fn raw(payload: &Payload, without: &Without, scope: &Scope) -> Result<Option<Bytes>, RenderError> {
    match without.body.as_slice() {
        [] => {}
        [whole] if whole.tokens().is_empty() => return Ok(None),
        [pointer, ..] => {
            return Err(RenderError::unsendable(format!("nothing can be taken from a raw body: `/body{pointer}`")));
        }
    }
    match payload {
        Payload::Json(_) => Ok(None),
        Payload::Text(text, encoding) => {
            let encoding = Encoding::named(&encoding.text(scope)?).map_err(RenderError::unsendable)?;
            encoding.bytes(text.text(scope)?).map(|bytes| Some(bytes.into())).map_err(RenderError::unsendable)
        }
        Payload::Hex(text) => decoded(&text.text(scope)?, bytes_of_hex, scope),
        Payload::Base64(text) => decoded(&text.text(scope)?, bytes_of_base64, scope),
        Payload::File(bytes) => Ok(Some(bytes.clone())),
    }
}

/// What a text stands for; that of a secret is one.
fn decoded(
    text: &str,
    decode: fn(&str) -> Result<Vec<u8>, String>,
    scope: &Scope,
) -> Result<Option<Bytes>, RenderError> {
    let bytes = decode(text).map_err(RenderError::unsendable)?;
    scope.secrets().add_made(&String::from_utf8_lossy(&bytes), text)?;
    Ok(Some(bytes.into()))
}

/// Whether a text is a token of HTTP: a method or a header name.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn check_method(method: &str) -> Result<(), RenderError> {
    match is_token(method) {
        true => Ok(()),
        false => Err(RenderError::unsendable(format!("`{}` is no HTTP method", method.escape_debug()))),
    }
}

fn check_header(name: &str, value: &str) -> Result<(), RenderError> {
    let barred = value.chars().find(|c| c.is_ascii_control() && *c != '\t');
    match (is_token(name), barred) {
        (true, None) => Ok(()),
        (false, _) => Err(RenderError::unsendable(format!("`{}` is no header name", name.escape_debug()))),
        (true, Some(c)) => Err(RenderError::unsendable(format!(
            "the header `{name}` holds {}, which HTTP can't carry",
            c.escape_debug()
        ))),
    }
}

fn nothing(at: &str) -> RenderError {
    RenderError::unsendable(format!("`without` names `{at}`, but there is nothing in the request"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::request::FieldValue;
    use super::super::template::Text;
    use super::super::tree::Tree;
    use super::*;

    fn text(source: &str) -> Text {
        Text::parse(source).unwrap()
    }

    fn named(name: &str, values: &[&str]) -> NamedValue {
        let value = FieldValue::List(values.iter().map(|value| text(value)).collect());
        NamedValue { name: name.into(), value, form: None }
    }

    fn tree(value: &Json) -> Tree {
        match value {
            Json::String(source) if source.contains("{{") => Tree::Text(text(source)),
            Json::Array(items) => Tree::Array(items.iter().map(tree).collect()),
            Json::Object(fields) => {
                Tree::Object(fields.iter().map(|(name, value)| (name.clone(), tree(value))).collect())
            }
            scalar => Tree::Scalar(scalar.clone()),
        }
    }

    fn valid() -> RequestPlan {
        RequestPlan {
            method: text("POST"),
            path: PathPlan::Written(text("/v1/p/connections")),
            query: vec![named("a", &["1"])],
            headers: vec![named("Content-Type", &["application/json"]), named("X-Auth-Token", &["t"])],
            cookies: Vec::new(),
            body: Some(tree(&json!({"name": "{{ unique(4) }}", "flavor": {"a": 1, "b": 2}}))),
            raw: None,
            encoding: BodyEncoding::Json,
        }
    }

    fn rendered(overrides: &Override) -> Result<Request, RenderError> {
        let scope = Scope::new(&super::super::Bindings::default(), 1, "row");
        render_request(&valid(), overrides, &scope, "http://127.0.0.1:80/base/")
    }

    fn body_of(overrides: &Override) -> Json {
        serde_json::from_slice(&rendered(overrides).unwrap().body.unwrap()).unwrap()
    }

    fn refusal(overrides: &Override) -> String {
        rendered(overrides).unwrap_err().to_string()
    }

    #[test]
    fn without_a_departure_the_valid_request_is_sent() {
        let request = rendered(&Override::default()).unwrap();
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "http://127.0.0.1:80/base/v1/p/connections?a=1")
        );
        assert_eq!(request.headers.len(), 2);
    }

    #[test]
    fn a_path_that_is_longer_than_any_server_takes_is_not_sent() {
        let path = |length: usize| Override {
            path: Some(PathChange::Written(text(&format!("/{}", "a".repeat(length))))),
            ..Override::default()
        };
        assert!(rendered(&path(super::super::url::LONGEST_PATH - 10)).is_ok());
        let said = refusal(&path(super::super::url::LONGEST_PATH));
        assert_eq!(said, "a path of 65540 bytes with its query: at most 65536 are sent");
    }

    #[test]
    fn a_removal_never_goes_to_where_a_thing_was_created() {
        let cleanup = Cleanup {
            request: RequestPlan {
                method: text("DELETE"),
                path: PathPlan::Written(text("/{{ request.path | trim('/') }}/{{ response.body.id | urlencode }}")),
                query: Vec::new(),
                headers: Vec::new(),
                cookies: Vec::new(),
                body: None,
                raw: None,
                encoding: BodyEncoding::Json,
            },
            done: vec![204],
            absent: Vec::new(),
            find: None,
            thing: None,
        };
        let removal_of = |method: &str, answer: &str| {
            let trace = Trace { method: method.into(), path: "/v1/p/connections".into(), ..Trace::default() };
            let thing: Json = serde_json::from_str(answer).unwrap();
            let scope =
                Scope::new(&super::super::Bindings::default(), 1, "row").judging(&Saved::traced(&trace, Some(&thing)));
            render_cleanup(&cleanup, &scope, "http://h/base")
                .map(|request| request.url)
                .map_err(|error| error.to_string())
        };
        let removal = |answer: &str| removal_of("POST", answer);
        assert_eq!(removal_of("PUT", r#"{"id":""}"#), Ok("http://h/base/v1/p/connections/".to_owned()));
        assert_eq!(removal(r#"{"id":"a b"}"#), Ok("http://h/base/v1/p/connections/a%20b".to_owned()));
        let refused = "a removal would go to the path at which it was created, for all that is there";
        assert_eq!(removal(r#"{"id":""}"#), Err(refused.to_owned()));
        for answer in ["{}", r#"{"id":null}"#, "[]", "7"] {
            assert!(removal(answer).unwrap_err().contains("is undefined or null"), "{answer}");
        }
    }

    #[test]
    fn a_body_is_merged_deeply_and_null_is_sent() {
        let change = json!({"name": null, "flavor": {"b": 3, "c": [1]}, "more": true});
        let body = body_of(&Override { body: Some(tree(&change)), ..Override::default() });
        assert_eq!(body, json!({"name": null, "flavor": {"a": 1, "b": 3, "c": [1]}, "more": true}));
    }

    #[test]
    fn a_template_that_gives_an_object_is_merged_too() {
        let change = json!({"flavor": "{{ {'b': 3} }}"});
        let body = body_of(&Override { body: Some(tree(&change)), ..Override::default() });
        assert_eq!(body["flavor"], json!({"a": 1, "b": 3}));
    }

    #[test]
    fn headers_are_merged_by_name_without_regard_to_case_and_lists_send_several() {
        let headers = vec![named("x-auth-token", &["a", "b"]), named("X-More", &["{{ ['c', 1] }}"])];
        let request = rendered(&Override { headers, ..Override::default() }).unwrap();
        let pairs: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            pairs,
            ["Content-Type: application/json", "x-auth-token: a", "x-auth-token: b", "X-More: c", "X-More: 1"]
        );
    }

    #[test]
    fn what_is_taken_away_is_gone_and_must_have_been_there() {
        let without = |pointers: &[&str]| Override {
            without: pointers.iter().map(|pointer| text(pointer)).collect(),
            ..Override::default()
        };
        let request = rendered(&without(&["/body", "/headers/x-auth-token", "/query/a"])).unwrap();
        assert_eq!((request.body, request.headers.len(), request.url.contains('?')), (None, 1, false));
        assert_eq!(body_of(&without(&["/body/name", "/body/flavor/a"])), json!({"flavor": {"b": 2}}));
        assert!(refusal(&without(&["/body/nme"])).contains("`/body/nme`"));
        assert!(refusal(&without(&["/headers/X"])).contains("`/headers/X`"));
    }

    #[test]
    fn a_payload_replaces_the_whole_body() {
        let sent =
            |payload| rendered(&Override { payload: Some(payload), ..Override::default() }).unwrap().body.unwrap();
        assert_eq!(sent(Payload::Json(Tree::Array(Vec::new()))), "[]");
        assert_eq!(sent(Payload::Text(text("{\"a\":"), text("utf-8"))), "{\"a\":");
        assert_eq!(sent(Payload::Text(text("{{ 'é' }}\u{ff}"), text("{{ 'latin-1' }}"))), &[0xe9, 255][..]);
        assert_eq!(sent(Payload::Hex(text("ff 00"))), &[255, 0][..]);
        assert_eq!(sent(Payload::Base64(text("/wA="))), &[255, 0][..]);
    }

    #[test]
    fn query_values_are_percent_encoded() {
        let query = vec![named("a", &["ä b&c"]), named("d e", &["f"])];
        let url = rendered(&Override { query, ..Override::default() }).unwrap().url;
        assert!(url.ends_with("/connections?a=%C3%A4%20b%26c&d%20e=f"), "{url}");
    }

    #[test]
    fn a_path_that_a_client_would_rewrite_is_refused() {
        for path in ["/a/../b", "/a/./b", "/a b", "/ä", "/a\\b", "/a#b", "a", "/a\tb", "/a/%2e%2e/b"] {
            let written = PathChange::Written(Text::literal(path));
            let overrides = Override { path: Some(written), ..Override::default() };
            assert!(rendered(&overrides).is_err(), "{path}");
        }
        for path in ["/", "//", "/a%20b", "/a/b/", "/a?x", "/%2e"] {
            let written = PathChange::Written(Text::literal(path));
            let overrides = Override { path: Some(written), ..Override::default() };
            assert_eq!(rendered(&overrides).is_ok(), path != "/%2e", "{path}");
        }
    }

    #[test]
    fn a_header_that_http_cannot_carry_is_refused() {
        for value in ["a\r\nb", "a\0", "a\u{1b}"] {
            let headers = vec![NamedValue::of("X", Text::literal(value))];
            assert!(refusal(&Override { headers, ..Override::default() }).contains("the header `X` holds"));
        }
    }
}
