//! An exchange as templates see it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use serde_json::{Map, Value as Json};

use super::document::{self, Keeper};
use super::number::template_value;
use crate::contract::MediaType;
use crate::http::{Exchange, Request, Response, parse_strictly};

/// An exchange for templates: `{ request: { method, url, path, headers, body, raw }, response: { status, headers,
/// body, text } }`; the path is the one below the target's base URL. Cheap to clone; a body is parsed when it is looked at, once.
#[derive(Debug, Clone)]
pub struct Saved(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Seen(Arc<Seen>),
    Traced { request: Value, response: Value, kept: Value, thing: Option<Arc<Json>> },
}

/// What is left of a request that was written down: enough to find what it created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Its method.
    pub method: String,
    /// Its path, with its query, below the target's base URL.
    pub path: String,
    /// What [`crate::suite::Find::keep`] gave, by name.
    pub kept: BTreeMap<String, String>,
}

impl Saved {
    /// Wraps an exchange. Without a complete answer, `response` is undefined and a template that uses it fails.
    pub fn new(exchange: Arc<Exchange>, base_url: &str) -> Self {
        let received = exchange.answer.response().map(|_| Received(Arc::clone(&exchange))).map(Arc::new);
        let sent = Sent::new(Arc::clone(&exchange.request), base_url);
        Self(Kind::Seen(Arc::new(Seen { sent: Arc::new(sent), received })))
    }

    /// A request that is yet to be sent: `request` alone is there.
    pub fn unsent(request: Arc<Request>, base_url: &str) -> Self {
        let sent = Arc::new(Sent::new(request, base_url));
        Self(Kind::Seen(Arc::new(Seen { sent, received: None })))
    }

    /// A request that was written down, and a thing that stands for the body of its answer, where there is one: `request`
    /// has `method` and `path`, `kept` what was kept, `response` the thing as its `body`.
    pub fn traced(trace: &Trace, thing: Option<&Json>) -> Self {
        let request = BTreeMap::from([("method", trace.method.clone()), ("path", trace.path.clone())]);
        let body = |thing: &Json| Value::from(BTreeMap::from([("body", template_value(thing))]));
        let (request, kept) = (Value::from(request), Value::from(trace.kept.clone()));
        let response = thing.map_or(Value::UNDEFINED, body);
        Self(Kind::Traced { request, response, kept, thing: thing.cloned().map(Arc::new) })
    }

    /// The value behind a saved name.
    pub fn value(&self) -> Value {
        match &self.0 {
            Kind::Seen(seen) => Value::from_dyn_object(Arc::clone(seen)),
            Kind::Traced { .. } => Value::UNDEFINED,
        }
    }

    /// What was sent.
    pub(super) fn request(&self) -> Value {
        match &self.0 {
            Kind::Seen(seen) => seen.request(),
            Kind::Traced { request, .. } => request.clone(),
        }
    }

    /// What came back; undefined where nothing complete did.
    pub(super) fn response(&self) -> Value {
        match &self.0 {
            Kind::Seen(seen) => seen.response(),
            Kind::Traced { response, .. } => response.clone(),
        }
    }

    /// What was kept of a request that was written down.
    pub(super) fn kept(&self) -> Option<Value> {
        match &self.0 {
            Kind::Seen(_) => None,
            Kind::Traced { kept, .. } => Some(kept.clone()),
        }
    }

    /// The body that was sent, where it is JSON or a form.
    pub(super) fn sent_json(&self) -> Option<&Json> {
        match &self.0 {
            Kind::Seen(seen) => seen.sent.document(),
            Kind::Traced { .. } => None,
        }
    }

    /// The body that came back, where it is JSON.
    pub(super) fn received_json(&self) -> Option<&Json> {
        match &self.0 {
            Kind::Seen(seen) => seen.received.as_ref()?.document(),
            Kind::Traced { thing, .. } => thing.as_deref(),
        }
    }
}

/// The body of one part of an exchange that is saved as this value, where it is JSON.
pub(super) fn saved_json<'v>(value: &'v Value, part: &str) -> Option<&'v Json> {
    let seen = value.downcast_object_ref::<Seen>()?;
    match part {
        "request" => seen.sent.document(),
        "response" => seen.received.as_ref()?.document(),
        _ => None,
    }
}

#[derive(Debug)]
struct Seen {
    sent: Arc<Sent>,
    received: Option<Arc<Received>>,
}

impl Seen {
    fn request(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.sent))
    }

    fn response(&self) -> Value {
        self.received.as_ref().map_or(Value::UNDEFINED, |received| Value::from_dyn_object(Arc::clone(received)))
    }
}

impl Object for Seen {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "request" => Some(self.request()),
            "response" => Some(self.response()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["request", "response"])
    }
}

#[derive(Debug)]
struct Sent {
    request: Arc<Request>,
    /// Where in its URL the path below the target's base URL begins.
    path: usize,
    body: OnceLock<Option<Json>>,
}

impl Sent {
    fn new(request: Arc<Request>, base_url: &str) -> Self {
        let path = request.url.len() - below(base_url, &request.url).len();
        Self { request, path, body: OnceLock::new() }
    }
}

impl Keeper for Sent {
    fn document(&self) -> Option<&Json> {
        let parsed = || {
            let body = self.request.body.as_deref()?;
            parse_strictly(body).ok().or_else(|| form(&self.request, body))
        };
        self.body.get_or_init(parsed).as_ref()
    }
}

impl Object for Sent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let request = &self.request;
        match key {
            "method" => Some(Value::from(request.method.as_str())),
            "url" => Some(Value::from(request.url.as_str())),
            "path" => request.url.get(self.path..).map(Value::from),
            "headers" => Some(headers(&request.headers)),
            "body" => Some(document::value(self)),
            "raw" => Some(Value::from(String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()))),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["method", "url", "path", "headers", "body", "raw"])
    }
}

/// The fields of a form that was sent: texts, or lists of them.
fn form(request: &Request, body: &[u8]) -> Option<Json> {
    let is_form = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("content-type")
            && MediaType::parse(value).essence() == "application/x-www-form-urlencoded"
    };
    request.headers.iter().find(|header| is_form(header))?;
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let value = Json::String(value.into_owned());
        match fields.get_mut(&*name) {
            Some(Json::Array(values)) => values.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
            None => drop(fields.insert(name.into_owned(), value)),
        }
    }
    Some(Json::Object(fields))
}

/// An exchange with a complete answer.
#[derive(Debug)]
struct Received(Arc<Exchange>);

impl Keeper for Received {
    fn document(&self) -> Option<&Json> {
        self.0.answer.response()?.json().ok()
    }
}

impl Object for Received {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let response: &Response = self.0.answer.response()?;
        match key {
            "status" => Some(Value::from(response.status)),
            "headers" => Some(headers(&response.headers)),
            "body" => Some(document::value(self)),
            "text" => Some(Value::from(String::from_utf8_lossy(&response.body))),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["status", "headers", "body", "text"])
    }
}

/// The first value of each name, by its lower-case name.
fn headers(pairs: &[(String, String)]) -> Value {
    let mut names: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in pairs {
        names.entry(name.to_ascii_lowercase()).or_insert_with(|| Value::from(value.as_str()));
    }
    Value::from(names)
}

/// The path and query of a URL below the base URL.
pub fn below<'a>(base_url: &str, url: &'a str) -> &'a str {
    url.strip_prefix(base_url.trim_end_matches('/')).unwrap_or_else(|| path_of(url))
}

/// The path of an absolute URL, with its query.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.find('/').and_then(|slash| after_scheme.get(slash..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::scope::{Bindings, Scope};
    use super::super::template::Text;
    use super::*;
    use crate::http::{Answer, ConnectionUse, HeaderCase};

    fn exchange(sent: &'static str, received: &'static str) -> Arc<Exchange> {
        let request = Request {
            method: "POST".into(),
            url: "http://host:1/v1/p?x=1".into(),
            headers: vec![("X-Auth-Token".into(), "t".into())],
            body: Some(sent.into()),
            header_case: HeaderCase::default(),
            connection: ConnectionUse::Shared,
        };
        let headers = vec![("x-request-id".into(), "1".into()), ("x-request-id".into(), "2".into())];
        let answer = Answer::Complete(Response::new(200, "HTTP/1.1".into(), headers, received.into()));
        Arc::new(Exchange::new(Arc::new(request), answer, Duration::ZERO))
    }

    fn rendered(source: &str, exchange: Arc<Exchange>) -> Result<serde_json::Value, String> {
        let saved = Saved::new(exchange, "http://host:1/v1/");
        let scope = Scope::new(&Bindings::default(), 0, "x").saving("first", &saved).judging(&saved);
        Text::parse(source).unwrap().json(&scope).map_err(|error| error.to_string())
    }

    #[test]
    fn a_saved_exchange_shows_what_was_sent_and_what_came_back() {
        let look = |source: &str| rendered(source, exchange(r#"{"name":"a"}"#, r#"{"id":[1,2.5]}"#)).unwrap();
        assert_eq!(look("{{ first.request.body.name }}"), json!("a"));
        assert_eq!(look("{{ request.headers['x-auth-token'] }} {{ request.path }}"), json!("t /p?x=1"));
        assert_eq!(look("{{ first.request.raw | length }}"), json!(12));
        assert_eq!(look("{{ response.body.id }}"), json!([1, 2.5]));
        assert_eq!(look("{{ response.status }} {{ response.headers['x-request-id'] }}"), json!("200 1"));
    }

    #[test]
    fn lists_and_objects_of_a_body_are_what_the_template_engine_would_make_of_them() {
        let body = r#"{"b":{"z":1,"a":[{"x":null},2,true]},"e":[],"n":18446744073709551615}"#;
        let look = |source: &str| rendered(source, exchange(r#"{"z":[1,{"y":2}],"a":{}}"#, body)).unwrap();
        assert_eq!(look("{{ response.body }}"), serde_json::from_str::<Json>(body).unwrap());
        assert_eq!(look("{{ response.body.b | list }}"), json!(["a", "z"]));
        assert_eq!(look("{{ response.body.b.a[0] == {'x': none} }} {{ response.body.b.a | length }}"), json!("true 3"));
        assert_eq!(look("{{ response.body.b.a[-1] }}"), json!(true));
        assert_eq!(look("{{ response.body.b | items | map('first') | join(',') }}"), json!("a,z"));
        assert_eq!(look("{{ response.body.b.a | tojson }}"), look("{{ [{'x': none}, 2, true] | tojson }}"));
        assert_eq!(
            look("{{ 'z' in request.body }} {{ 2 in response.body.b.a }} {{ request.body.a == {} }}"),
            json!("true true true")
        );
        assert_eq!(look("{{ request.body.z[1].y }} {{ response.body.n }}"), json!("2 18446744073709551615"));
        assert_eq!(look("{{ response.body.e is sequence }} {{ response.body.b is mapping }}"), json!("true true"));
        assert_eq!(look("{{ response.body.missing is undefined }}"), json!(true));
    }

    #[test]
    fn a_body_that_is_no_json_is_null_and_its_text_is_there() {
        assert_eq!(
            rendered("{{ response.body is none }} {{ response.text }}", exchange("x", "<p>")),
            Ok(json!("true <p>"))
        );
        assert_eq!(rendered("{{ response.body.id }}", exchange("x", "<p>")).ok(), None);
    }

    #[test]
    fn a_request_that_was_written_down_shows_what_was_kept_and_a_thing_as_its_answer() {
        let kept = BTreeMap::from([("name".to_owned(), "a".to_owned())]);
        let trace = Trace { method: "POST".into(), path: "/v1/p".into(), kept };
        let look = |source: &str, thing: Option<&serde_json::Value>| {
            let scope = Scope::new(&Bindings::default(), 0, "x").judging(&Saved::traced(&trace, thing));
            Text::parse(source).unwrap().json(&scope).map_err(|error| error.to_string())
        };
        let thing = json!({ "id": 7 });
        assert_eq!(look("{{ request.path }}?name={{ kept.name }}", None), Ok(json!("/v1/p?name=a")));
        assert_eq!(look("{{ response.body.id }}", Some(&thing)), Ok(json!(7)));
        assert_eq!(look("{{ response.body.id }}", None).ok(), None);
        assert_eq!(look("{{ kept.colour }}", None).ok(), None);
    }

    #[test]
    fn a_request_that_is_yet_to_be_sent_has_no_answer() {
        let saved = Saved::unsent(Arc::clone(&exchange(r#"{"name":"a"}"#, "").request), "http://host:1");
        let scope = Scope::new(&Bindings::default(), 0, "x").judging(&saved);
        assert_eq!(Text::parse("{{ request.body.name }}").unwrap().json(&scope), Ok(json!("a")));
        assert!(Text::parse("{{ response.body.id }}").unwrap().json(&scope).is_err());
    }

    #[test]
    fn without_an_answer_the_response_is_undefined() {
        let mut lost = Arc::unwrap_or_clone(exchange("{}", ""));
        lost.answer = Answer::Unreachable { cause: "refused".into() };
        assert_eq!(rendered("{{ response.status }}", Arc::new(lost.clone())).ok(), None);
        assert_eq!(rendered("{{ request.method }}", Arc::new(lost)), Ok(json!("POST")));
    }
}
