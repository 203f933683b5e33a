//! Servers that are wrong, each in a way of its own, as somebody could have written them in good faith.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use super::other::{self, Other, Rules, Standing, TOKEN};
use super::reply::{Framing, Message, Reply};
use super::request::Request;
use super::server::Server;

/// The second implementation, as it should be.
pub fn right() -> Server {
    with(Rules::default())
}

/// The second implementation with other rules.
pub fn with(rules: Rules) -> Server {
    retold(rules, |_, message| message)
}

/// The second implementation with other rules and its answers told otherwise.
fn retold<R: Into<Reply>>(rules: Rules, tell: impl Fn(&Request, Message) -> R + Send + Sync + 'static) -> Server {
    let other = Other::new(rules);
    Server::start(move |request| tell(request, other.answer(request)))
}

/// A request id of the documented make.
fn request_id(number: u64) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000-1700000000000-host")
}

/// Gives out ids that can't stand in a path as they are. Right, but a client has to encode them.
pub fn ids_to_encode() -> (Server, Arc<Other>) {
    let rules = Rules { id: Box::new(|number| format!("c%2B%2F%3D{number}")), ..Rules::default() };
    let other = Arc::new(Other::new(rules));
    let inside = Arc::clone(&other);
    let server = Server::start(move |request| {
        let message = inside.answer(request);
        match (request.method.as_str(), message.status) {
            ("POST", 200) => message.with_json(|body| {
                let id = body["id"].as_str().unwrap_or_default().replace("%2B%2F%3D", "+/=");
                body["id"] = json!(id);
            }),
            _ => message,
        }
    });
    (server, other)
}

/// Looks whether the body is JSON, keeps it and sends it back with an id.
pub fn naive() -> Server {
    let kept = Mutex::new(Vec::new());
    Server::start(move |request| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) else {
            return Message::json(400, &json!({ "error_code": "EG.00014000", "error_msg": "Bad request" }));
        };
        let mut kept = kept.lock().unwrap();
        kept.push(body.clone());
        if let Some(fields) = body.as_object_mut() {
            fields.insert("id".into(), json!(format!("id-{}", kept.len())));
        }
        Message::json(200, &body).with_header("X-Request-Id", request_id(kept.len() as u64))
    })
}

/// Speaks XML.
pub fn xml() -> Server {
    let count = AtomicU64::new(0);
    Server::start(move |request| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let known = request.value("x-auth-token") == Some(TOKEN);
        let (status, body) = match serde_json::from_slice::<Value>(&request.body) {
            _ if !known => (401, "<error><error_code>EG.00014010</error_code></error>".to_owned()),
            Ok(Value::Object(_)) => (200, format!("<connection><id>{number}</id></connection>")),
            _ => (400, "<error><error_code>EG.00014000</error_code></error>".to_owned()),
        };
        let message = Message::new(status).with_header("Content-Type", "application/xml");
        message.with_header("X-Request-Id", request_id(number)).with_body(body)
    })
}

/// Compares names with a pattern that has a beginning and no end.
pub fn unanchored_names() -> Server {
    let pattern = Regex::new("^[A-Za-z0-9][A-Za-z0-9._-]*").unwrap();
    let name = move |name: &str| pattern.is_match(name) && name.chars().count() <= 128 && name != "default";
    with(Rules { name: Box::new(name), ..Rules::default() })
}

/// Refuses every name with the letter z in it.
pub fn without_z() -> Server {
    with(Rules { name: Box::new(|text| other::name(text) && !text.contains('z')), ..Rules::default() })
}

/// Tidies names up before it keeps them, and tells another one.
pub fn tidying() -> Server {
    with(Rules {
        name: Box::new(|name| other::name(name.trim())),
        kept: Box::new(|name| name.trim().to_lowercase()),
        told: Box::new(|name| name.trim().replace(['.', '_'], "-")),
        ..Rules::default()
    })
}

/// Has one list of names for all tenants.
pub fn one_list_of_names() -> Server {
    with(Rules { tenant: Box::new(|_| "everybody".to_owned()), ..Rules::default() })
}

/// Looks whether a name is taken, and takes it a moment later.
pub fn racing() -> Server {
    with(Rules { race: Some(Duration::from_millis(100)), ..Rules::default() })
}

/// Takes a name, then finds the request to be wrong.
pub fn hasty() -> Server {
    with(Rules { hasty: true, ..Rules::default() })
}

/// Knows its tokens by how they begin.
pub fn token_by_prefix() -> Server {
    let standing = |token: &str| match token {
        token if token.starts_with(&TOKEN[..8]) => Standing::Full,
        other::LIMITED_TOKEN => Standing::Limited,
        _ => Standing::Unknown,
    };
    with(Rules { standing: Box::new(standing), ..Rules::default() })
}

/// Lets everybody who is known do everything.
pub fn no_permissions() -> Server {
    let known = |token: &str| [TOKEN, other::LIMITED_TOKEN].contains(&token);
    let standing = move |token: &str| if known(token) { Standing::Full } else { Standing::Unknown };
    with(Rules { standing: Box::new(standing), ..Rules::default() })
}

/// Gives out ids from a counter that wraps too early.
pub fn repeating_ids() -> Server {
    // What is deleted by such an id may be another connection: it can't delete.
    with(Rules { id: Box::new(|number| format!("c{:02}", number % 3)), helpers: false, ..Rules::default() })
}

/// Fails on every thirteenth request.
pub fn losing() -> Server {
    let count = AtomicU64::new(0);
    let failure = json!({ "error_code": "EG.00015000", "error_msg": "Internal Server Error" });
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) % 13 {
        12 => Message::json(500, &failure),
        _ => message,
    })
}

/// Refuses in plain text.
pub fn errors_in_text() -> Server {
    retold(Rules::default(), |_, message| match message.status {
        400.. => Message { close: true, ..Message::new(message.status) }
            .with_header("content-type", "text/plain")
            .with_body("Bad request"),
        _ => message,
    })
}

/// Tells errors with 200, as some older services do.
pub fn errors_with_200() -> Server {
    retold(Rules::default(), |_, message| match message.status {
        400.. => Message { status: 200, ..message },
        _ => message,
    })
}

/// Answers a creation with 201, as one would think.
pub fn created_201() -> Server {
    retold(Rules::default(), |request, message| match (request.method.as_str(), message.status) {
        ("POST", 200) => Message { status: 201, ..message },
        _ => message,
    })
}

/// States lengths that it doesn't keep.
pub fn too_long_a_length() -> Server {
    retold(Rules::default(), |_, message| Message { framing: Framing::TooLong(10), ..message })
}

/// Tells the caller's token back in its refusals.
pub fn leaking() -> Server {
    retold(Rules::default(), |request, message| {
        let token = request.value("x-auth-token").unwrap_or_default().to_owned();
        match message.status {
            400.. => message.with_json(|body| body["error_details"] = json!(format!("refused for token {token}."))),
            _ => message,
        }
    })
}

/// Answers what follows a refusal on the same network connection with the same refusal.
pub fn stale() -> Server {
    let refusals: Mutex<HashMap<usize, Message>> = Mutex::default();
    retold(Rules::default(), move |request, message| {
        let message = Message { close: false, ..message };
        let mut refusals = refusals.lock().unwrap();
        if let Some(old) = refusals.remove(&request.connection) {
            return old;
        }
        if message.status >= 400 {
            refusals.insert(request.connection, message.clone());
        }
        message
    })
}

/// Tells times of a clock eight hours ahead, and calls it UTC.
pub fn another_clock() -> Server {
    retold(Rules::default(), |_, message| {
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(8);
        match message.status {
            200 => message.with_json(|body| {
                for key in ["created_time", "updated_time"] {
                    body[key] = json!(later.strftime("%Y-%m-%d %H:%M:%S").to_string());
                }
            }),
            _ => message,
        }
    })
}

/// Takes numbers and truth values for their text.
pub fn lenient_types() -> Server {
    let other = Other::default();
    Server::start(move |request| {
        let mut request = request.clone();
        if let Ok(Value::Object(mut body)) = serde_json::from_slice(&request.body) {
            for value in body.values_mut().filter(|value| value.is_number() || value.is_boolean()) {
                *value = json!(value.to_string());
            }
            request.body = Value::Object(body).to_string().into_bytes();
        }
        other.answer(&request)
    })
}

/// Has a quota of so many connections, and says so.
pub fn quota(quota: u64) -> Server {
    with(Rules { quota, ..Rules::default() })
}

/// Has no way to read back or delete, and says so with this status.
pub fn without_helpers(status: u16) -> Server {
    retold(Rules { helpers: false, ..Rules::default() }, move |request, message| match request.method.as_str() {
        "POST" => message,
        _ => Message { status, ..message },
    })
}

/// Dies at a request, for good.
pub fn dying(at: u64) -> Server {
    let count = AtomicU64::new(1);
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) {
        number if number >= at => Reply::Death,
        _ => message.into(),
    })
}

/// Stops answering at a request, for good.
pub fn freezing(at: u64) -> Server {
    let count = AtomicU64::new(1);
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) {
        number if number >= at => Reply::Silence,
        _ => message.into(),
    })
}

/// Breaks off each answer from a request on.
pub fn breaking_off(at: u64) -> Server {
    let count = AtomicU64::new(1);
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) {
        number if number >= at => Message { framing: Framing::TooLong(10), ..message },
        _ => message,
    })
}

/// Reads a header only where its name is spelt so.
pub fn spelt(name: &'static str) -> Server {
    let other = Other::default();
    Server::start(move |request| {
        let mut request = request.clone();
        request.headers.retain(|(sent, _)| !sent.eq_ignore_ascii_case(name) || sent == name);
        other.answer(&request)
    })
}

/// Answers everything with this status, and with the body that goes with it.
pub fn always(status: u16) -> Server {
    let count = AtomicU64::new(0);
    let code = match status {
        401 => "EG.00014010",
        403 => "EG.00014030",
        404 => "EG.00014040",
        500 => "EG.00015000",
        _ => "EG.00014000",
    };
    let body = match status {
        200 => json!({
            "id": "1", "name": "name", "description": "", "status": "CREATED", "vpc_id": "vpc", "subnet_id": "subnet",
            "agency": "EG_TRUST", "created_time": "2021-12-09 09:00:00", "updated_time": "2021-12-09 09:00:00",
            "flavor": { "name": "default", "concurrency_type": "shared", "concurrency": 1, "bandwidth_type": "shared" },
        }),
        _ => json!({ "error_code": code, "error_msg": "no" }),
    };
    Server::start(move |_| {
        Message::json(status, &body).with_header("X-Request-Id", request_id(count.fetch_add(1, Ordering::Relaxed)))
    })
}

/// Has no time for names of nothing but capitals.
pub fn tired_of_capitals() -> Server {
    retold(Rules::default(), |request, message| {
        let body = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        let name = body["name"].as_str().unwrap_or_default();
        let capitals = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase());
        if capitals { Message::new(429) } else { message }
    })
}

/// Answers everything with 200 and nothing.
pub fn always_empty() -> Server {
    Server::start(|_| Message::new(200))
}

/// Answers everything with 200 and what was sent.
pub fn mirror() -> Server {
    Server::start(|request| {
        Message::new(200).with_header("Content-Type", "application/json").with_body(request.body.clone())
    })
}

/// Never answers.
pub fn silent() -> Server {
    Server::start(|_| Reply::Silence)
}

/// Closes every connection without a word.
pub fn closing() -> Server {
    Server::start(|_| Reply::Bytes(Vec::new()))
}

/// Answers so many requests, and from then on in ways that are no HTTP, each time in another.
pub fn babbling(after: u64) -> Server {
    let count = AtomicU64::new(0);
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) {
        number if number < after => Reply::Message(message),
        number if number % 2 == 0 => Reply::Bytes(b"no HTTP\n".to_vec()),
        _ => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
    })
}

/// Answers the valid request and the probes, also where cases change what no client sees, and nothing else.
pub fn mute_but_for_the_control() -> Server {
    retold(Rules::default(), |request, message| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let is_known = ["connection", "\u{e9}\u{4e2d}\u{1f600}"].iter().any(|known| body["description"] == *known);
        let is_valid = is_known && body.as_object().is_some_and(|body| body.len() == 4);
        let is_the_control = is_valid && request.value("x-auth-token") == Some(TOKEN);
        if is_the_control || request.method == "DELETE" { message.into() } else { Reply::Silence }
    })
}

/// Answers so many requests, and from then on refusals alone.
pub fn mute_where_it_accepts(after: u64) -> Server {
    let count = AtomicU64::new(0);
    retold(Rules::default(), move |_, message| match count.fetch_add(1, Ordering::Relaxed) {
        number if number >= after && message.status < 400 => Reply::Silence,
        _ => Reply::Message(message),
    })
}
