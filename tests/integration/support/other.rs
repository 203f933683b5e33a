//! A second implementation of the documented API, written from the documentation alone and different from the
//! embedded one wherever the documentation leaves a choice. Its [`Rules`] are where a test makes it wrong.
//!
//! What it chooses: the body is judged before the token; other codes of the catalogue, and the gateway's for tokens
//! and paths; `error_details` and `request_id` are there; names, the reserved one too, are the same in any case and come
//! back in lower case; connections are `CREATED` at once, with short ids and a shared flavor; times are RFC 3339 with an offset and fractions; keys in another order,
//! white space and escapes in the JSON, fields and headers that nobody asked for, header names spelt at random, bodies
//! in chunks, every connection closed; letters of all scripts in names; bytes count in descriptions; a null description
//! is none; empty ids, unknown fields, unknown query parameters and other media types are refused; of two tokens the
//! first counts; a byte order mark, repeated keys and a slash at the end of the path are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::reply::{Framing, Message};
use super::request::Request;

/// A token that may do everything.
pub const TOKEN: &str = "Zk9x-Full.Access_7f3aQe";
/// A token that is valid, and may not create connections.
pub const LIMITED_TOKEN: &str = "Zk9x-Read.Only_18bbTw";

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Everything.
    Full,
    /// It is valid, no more.
    Limited,
    /// Nothing.
    Unknown,
}

/// A rule from a text to something.
type Rule<T> = Box<dyn Fn(&str) -> T + Send + Sync>;

/// Where a server made of this one may be wrong. By default all is right.
pub struct Rules {
    /// What a token is good for.
    pub standing: Rule<Standing>,
    /// Whether a connection may have this name.
    pub name: Rule<bool>,
    /// How a name is kept: two that are kept alike are one.
    pub kept: Rule<String>,
    /// How a name comes back.
    pub told: Rule<String>,
    /// The tenant that a project belongs to.
    pub tenant: Rule<String>,
    /// The id of the connection that is created as number n.
    pub id: Box<dyn Fn(u64) -> String + Send + Sync>,
    /// How long another request with the same name may pass the check before the first has taken it.
    pub race: Option<Duration>,
    /// Whether a name is taken before the rest of the request has been judged.
    pub hasty: bool,
    /// Whether connections can be read back and deleted.
    pub helpers: bool,
    /// How many connections may be created, ever.
    pub quota: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            standing: Box::new(standing),
            name: Box::new(name),
            kept: Box::new(str::to_lowercase),
            told: Box::new(str::to_lowercase),
            tenant: Box::new(str::to_owned),
            id: Box::new(|number| format!("c{number:05}")),
            race: None,
            hasty: false,
            helpers: true,
            quota: u64::MAX,
        }
    }
}

fn standing(token: &str) -> Standing {
    match token {
        TOKEN => Standing::Full,
        LIMITED_TOKEN => Standing::Limited,
        _ => Standing::Unknown,
    }
}

/// Whether a name is made as documented.
pub fn name(name: &str) -> bool {
    let inside = |c: char| c.is_alphabetic() || c.is_ascii_digit() || "._-".contains(c);
    name.starts_with(|c: char| c.is_alphabetic() || c.is_ascii_digit())
        && name.chars().all(inside)
        && name.chars().count() <= 128
        && !name.eq_ignore_ascii_case("default")
}

/// Why a request is refused.
struct Refusal {
    status: u16,
    code: &'static str,
    message: &'static str,
    details: String,
}

impl Refusal {
    fn parameter(details: impl Into<String>) -> Self {
        Self { status: 400, code: "EG.00513000", message: "Invalid parameter.", details: details.into() }
    }

    fn token(details: &str) -> Self {
        Self { status: 401, code: "APIGW.0307", message: "The token must be updated.", details: details.to_owned() }
    }

    fn nowhere() -> Self {
        let details = "neither this path nor this method is known".to_owned();
        Self { status: 404, code: "APIGW.0101", message: "The API does not exist.", details }
    }
}

/// What a creation asks for.
struct Wish {
    name: String,
    description: String,
    vpc_id: String,
    subnet_id: String,
}

/// The second implementation.
#[derive(Default)]
pub struct Other {
    rules: Rules,
    shelf: Mutex<ProjectStore>,
    met: Condvar,
    requests: AtomicU64,
}

#[derive(Default)]
struct ProjectStore {
    created: u64,
    /// By tenant and id: the name as it is kept, and what comes back.
    connections: BTreeMap<(String, String), (String, Value)>,
    taken: BTreeSet<(String, String)>,
    checked: HashMap<(String, String), usize>,
}

impl Other {
    /// One that keeps these rules.
    pub fn new(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// How many connections were created and not deleted.
    pub fn left(&self) -> usize {
        self.shelf().connections.len()
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Message {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let (status, body) = self.handle(request).unwrap_or_else(|refusal| {
            let body = json!({
                "request_id": format!("req-{number}"),
                "error_details": refusal.details,
                "error_msg": refusal.message,
                "error_code": refusal.code,
            });
            (refusal.status, body)
        });
        dressed(status, &body, number)
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, ProjectStore> {
        self.shelf.lock().expect("no thread panics at the shelf")
    }

    fn handle(&self, request: &Request) -> Result<(u16, Value), Refusal> {
        let path = request.path();
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').skip(1).collect();
        match (request.method.as_str(), segments.as_slice()) {
            (_, ["v1", "", ..]) => Err(Refusal::nowhere()),
            ("POST", ["v1", project, "connections"]) => self.create(project, request),
            ("GET", ["v1", project, "connections"]) if self.rules.helpers => self.list(project, request),
            ("GET", ["v1", project, "connections", id]) if self.rules.helpers => self.read(project, id, request),
            ("DELETE", ["v1", project, "connections", id]) if self.rules.helpers => self.delete(project, id, request),
            _ => Err(Refusal::nowhere()),
        }
    }

    fn create(&self, project: &str, request: &Request) -> Result<(u16, Value), Refusal> {
        let tenant = (self.rules.tenant)(project);
        if self.rules.hasty
            && let Ok(body) = serde_json::from_slice::<Value>(&request.body)
            && let Some(name) = body.get("name").and_then(Value::as_str)
            && let Err(refusal) = self.wish(request)
        {
            self.shelf().taken.insert((tenant, name.to_owned()));
            return Err(refusal);
        }
        let wish = self.wish(request)?;
        if request.value("x-auth-token").is_some_and(|token| token.chars().count() > 16_384) {
            return Err(Refusal::parameter("X-Auth-Token: more than 16384 characters"));
        }
        if self.admit(request)? == Standing::Limited {
            let details = "the role of this user does not allow it".to_owned();
            return Err(Refusal { status: 403, code: "EG.00512000", message: "Permission denied.", details });
        }
        if self.shelf().created >= self.rules.quota {
            let details = format!("{} connections are all that you may create", self.rules.quota);
            return Err(Refusal { status: 403, code: "EG.00514003", message: "Quota exceeded.", details });
        }
        let kept = (self.rules.kept)(&wish.name);
        if !self.take(&(tenant.clone(), kept.clone())) {
            let details = "name: another connection has it".to_owned();
            return Err(Refusal { status: 400, code: "EG.00014000", message: "Bad request", details });
        }
        let mut shelf = self.shelf();
        shelf.created += 1;
        let id = (self.rules.id)(shelf.created);
        let created = self.created(&id, &wish);
        shelf.connections.insert((tenant, id), (kept, created.clone()));
        Ok((200, created))
    }

    /// What a creation asks for, where it may be asked for.
    fn wish(&self, request: &Request) -> Result<Wish, Refusal> {
        if request.query().is_some() {
            return Err(Refusal::parameter("the query: unknown parameter"));
        }
        let kind = request.value("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::parameter("Content-Type: application/json is read"));
        }
        let bytes = request.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&request.body);
        let body: Value =
            serde_json::from_slice(bytes).map_err(|error| Refusal::parameter(format!("the body: {error}")))?;
        let Value::Object(body) = body else { return Err(Refusal::parameter("the body: no object")) };
        if body.keys().any(|key| !["name", "description", "vpc_id", "subnet_id"].contains(&key.as_str())) {
            return Err(Refusal::parameter("the body: unknown field"));
        }
        let name = text(&body, "name")?;
        if !(self.rules.name)(&name) {
            return Err(Refusal::parameter("name: not one that a connection may have"));
        }
        let described = body.get("description").is_some_and(|description| !description.is_null());
        let description = if described { text(&body, "description")? } else { String::new() };
        if description.len() > 255 {
            return Err(Refusal::parameter("description: more than 255 bytes"));
        }
        let place = |key| match text(&body, key)? {
            id if id.is_empty() || id.chars().count() > 128 => {
                Err(Refusal::parameter(format!("{key}: not of 1 to 128 characters")))
            }
            id => Ok(id),
        };
        Ok(Wish { name, description, vpc_id: place("vpc_id")?, subnet_id: place("subnet_id")? })
    }

    /// The standing of whoever asks, unless nobody knows them.
    fn admit(&self, request: &Request) -> Result<Standing, Refusal> {
        match request.value("x-auth-token") {
            None | Some("") => Err(Refusal::token("there is none")),
            Some(token) => match (self.rules.standing)(token) {
                Standing::Unknown => Err(Refusal::token("nobody has been given it")),
                standing => Ok(standing),
            },
        }
    }

    /// Takes a name, unless it is taken.
    fn take(&self, key: &(String, String)) -> bool {
        let mut shelf = self.shelf();
        if shelf.taken.contains(key) {
            return false;
        }
        if let Some(window) = self.rules.race {
            *shelf.checked.entry(key.clone()).or_default() += 1;
            self.met.notify_all();
            let alone = |shelf: &mut ProjectStore| shelf.checked.get(key).is_some_and(|checked| *checked < 2);
            shelf = self.met.wait_timeout_while(shelf, window, alone).expect("no thread panics at the shelf").0;
        }
        shelf.taken.insert(key.clone());
        true
    }

    fn created(&self, id: &str, wish: &Wish) -> Value {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string();
        json!({
            "updated_time": now,
            "flavor": { "bandwidth_type": "shared", "region": "south", "concurrency": 20, "name": "small", "concurrency_type": "shared" },
            "agency": "",
            "subnet_id": wish.subnet_id,
            "vpc_id": wish.vpc_id,
            "error_info": { "code": 0 },
            "type": "WEBHOOK",
            "links": [{ "rel": "self" }],
            "status": "CREATED",
            "created_time": now,
            "description": wish.description,
            "name": (self.rules.told)(&wish.name),
            "id": id,
        })
    }

    fn list(&self, project: &str, request: &Request) -> Result<(u16, Value), Refusal> {
        self.admit(request)?;
        let tenant = (self.rules.tenant)(project);
        let wanted = request.query().and_then(|query| query.strip_prefix("name="));
        let shelf = self.shelf();
        let own = shelf.connections.iter().filter(|((owner, _), _)| *owner == tenant);
        let items: Vec<&Value> = own
            .filter(|(_, (kept, _))| wanted.is_none_or(|wanted| (self.rules.kept)(wanted) == *kept))
            .map(|(_, (_, connection))| connection)
            .collect();
        Ok((200, json!({ "size": items.len(), "items": items })))
    }

    fn read(&self, project: &str, id: &str, request: &Request) -> Result<(u16, Value), Refusal> {
        self.admit(request)?;
        let key = ((self.rules.tenant)(project), id.to_owned());
        let shelf = self.shelf();
        let (_, connection) = shelf.connections.get(&key).ok_or_else(Refusal::nowhere)?;
        Ok((200, connection.clone()))
    }

    fn delete(&self, project: &str, id: &str, request: &Request) -> Result<(u16, Value), Refusal> {
        self.admit(request)?;
        let tenant = (self.rules.tenant)(project);
        let mut shelf = self.shelf();
        let (kept, _) = shelf.connections.remove(&(tenant.clone(), id.to_owned())).ok_or_else(Refusal::nowhere)?;
        shelf.taken.remove(&(tenant, kept));
        Ok((204, Value::Null))
    }
}

fn text(body: &Map<String, Value>, key: &str) -> Result<String, Refusal> {
    match body.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        None | Some(Value::Null) => Err(Refusal::parameter(format!("{key}: missing"))),
        Some(_) => Err(Refusal::parameter(format!("{key}: no string"))),
    }
}

/// An answer in the clothes of this implementation.
fn dressed(status: u16, body: &Value, number: u64) -> Message {
    let pretty = serde_json::to_string_pretty(body).expect("a value has a text");
    let escape = |c: char| {
        if c.is_ascii() {
            return c.to_string();
        }
        c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    let escaped: String = pretty.chars().map(escape).collect();
    let now = jiff::Timestamp::now();
    // An odd factor: another number for every request, which looks like none.
    let scattered = u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let request_id = format!("{scattered:032X}-{}-node-7.south.example", now.strftime("%Y%m%dT%H%M%S.%3fZ"));
    Message {
        framing: Framing::Chunks(41),
        close: true,
        ..Message::new(status)
            .with_header("server", "gateway/3.1")
            .with_header("x-REQUEST-id", request_id)
            .with_header("CONTENT-type", "Application/JSON;Charset=utf-8")
            .with_header("Strict-Transport-Security", "max-age=1")
            .with_header("Set-Cookie", "a=1; Path=/")
            .with_header("Set-Cookie", "b=2; Path=/")
            .with_header("X-Request-Cost", "")
            .with_body(escaped + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(path: &str, token: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            target: path.into(),
            headers: vec![("x-auth-token".into(), token.into()), ("Content-Type".into(), "application/json".into())],
            body: body.into(),
            connection: 0,
        }
    }

    fn body(name: &str) -> String {
        json!({ "name": name, "vpc_id": "v", "subnet_id": "s" }).to_string()
    }

    const PATH: &str = "/v1/p/connections";

    #[track_caller]
    fn assert_refused(other: &Other, request: &Request, status: u16, code: &str) {
        let message = other.answer(request);
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!((message.status, body["error_code"].as_str()), (status, Some(code)));
    }

    #[test]
    fn a_valid_request_creates_a_connection_that_can_be_read_and_deleted() {
        let other = Other::default();
        let created = other.answer(&post(PATH, TOKEN, &body("Ab")));
        let value: Value = serde_json::from_slice(&created.body).unwrap();
        assert_eq!((created.status, &value["name"], &value["id"]), (200, &json!("ab"), &json!("c00001")));
        let mut request = post("/v1/p/connections/c00001", TOKEN, "");
        request.method = "GET".into();
        assert_eq!(other.answer(&request).status, 200);
        request.method = "DELETE".into();
        assert_eq!((other.left(), other.answer(&request).status, other.left()), (1, 204, 0));
        assert_eq!(other.answer(&post(PATH, TOKEN, &body("Ab"))).status, 200);
    }

    #[test]
    fn refusals_have_their_codes_and_the_body_is_judged_before_the_token() {
        let other = Other::default();
        assert_refused(&other, &post(PATH, "x", "{"), 400, "EG.00513000");
        assert_refused(&other, &post(PATH, "x", &body("a")), 401, "APIGW.0307");
        assert_refused(&other, &post(PATH, "", &body("a")), 401, "APIGW.0307");
        assert_refused(&other, &post(PATH, LIMITED_TOKEN, &body("a")), 403, "EG.00512000");
        assert_refused(&other, &post("/v2/p/connections", TOKEN, &body("a")), 404, "APIGW.0101");
        assert_refused(&other, &post("/v1//connections", TOKEN, &body("a")), 404, "APIGW.0101");
        assert_eq!(other.left(), 0);
        other.answer(&post(PATH, TOKEN, &body("a")));
        assert_refused(&other, &post(PATH, TOKEN, &body("a")), 400, "EG.00014000");
        assert_eq!(other.answer(&post("/v1/q/connections", TOKEN, &body("a"))).status, 200);
    }

    #[test]
    fn names_are_held_to_the_documentation() {
        for right in ["a", "0", "a.b_c-", "defaults", "ä", &"n".repeat(128)] {
            assert!(name(right), "{right}");
        }
        for wrong in ["", "default", "Default", ".a", "_a", "-a", "a b", "a\n", "a/b", &"n".repeat(129)] {
            assert!(!name(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_no_ascii_goes_over_the_wire_in_escapes() {
        let message = dressed(200, &json!({ "name": "ä😀" }), 0);
        let text = String::from_utf8(message.body).unwrap();
        assert!(text.contains(r#""\u00e4\ud83d\ude00""#), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["name"], "ä😀");
    }
}
