//! How servers differ in what they make of a request's head: its method, its path, and how its body comes.

use axum::http::Method;
use serde_json::{Map, Value};

use super::super::body;
use super::super::cause::Cause;
use super::super::request::Request;
use super::super::route::{self, Route};
use super::variant::Variant;

pub(super) const ROWS: &[Variant] = &[
    Variant::new("chunks-411", "a body in chunks is answered 411", |b| {
        b.gate = |request, _| refuse_if(request.is_in_chunks());
        b.on_refused(|r, m| {
            if m.request.is_in_chunks() {
                r.status = 411;
            }
        });
    }),
    Variant::new("codings-415", "a body in a content coding is answered 415", |b| {
        b.gate = |request, _| refuse_if(request.header("content-encoding").is_some());
        b.on_refused(|r, m| {
            if m.request.header("content-encoding").is_some() {
                r.status = 415;
            }
        });
    }),
    Variant::new("codings-decoded", "gzip and deflate are decoded, and other codings refused", |b| {
        b.body = decoded;
        b.gate = |request, _| {
            let plain = !request.body.starts_with(b"\x1f\x8b") && !request.body.starts_with(b"\x78");
            let coding = request.header("content-encoding").unwrap_or(b"identity");
            refuse_if(coding != b"identity" && plain)
        };
    }),
    Variant::new("codings-broken-500", "gzip that can't be decoded is answered 500 and a text", |b| {
        b.gate = |request, _| {
            let gzip = request.header("content-encoding") == Some(b"gzip");
            let is_whole = request.body.starts_with(b"\x1f\x8b") && decoded(&request.body).is_ok();
            if gzip && !is_whole { Err(Cause::Crash) } else { Ok(()) }
        };
        b.on_refused(|r, m| {
            if m.is(Cause::Crash) {
                r.raw = Some(b"Internal Server Error".to_vec());
                r.set("Content-Type", "text/plain");
            }
        });
    })
    .over(&["codings-decoded"]),
    Variant::new("methods-501", "a method that HTTP does not know is answered 501", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) && !is_known(&m.request.method) {
                r.status = 501;
            }
        });
    }),
    Variant::new("methods-400", "a method that HTTP does not know is answered 400, and the connection closed", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) && !is_known(&m.request.method) {
                r.status = 400;
                r.set("Connection", "close");
            }
        });
    }),
    Variant::new("methods-in-any-case", "methods are turned into capitals", |b| {
        b.route = |request| {
            let method = Method::from_bytes(request.method.as_str().to_ascii_uppercase().as_bytes());
            route::find(&Request {
                method: method.unwrap_or_default(),
                path: request.path.clone(),
                ..Request::default()
            })
        };
    }),
    Variant::new("options-204", "OPTIONS is answered 204", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) && m.request.method == Method::OPTIONS {
                r.status = 204;
                r.json = Value::Null;
                r.unset("Content-Type");
            }
        });
    }),
    Variant::new("odd-projects-400", "a project id with other than letters, digits and hyphens is answered 400", |b| {
        b.gate = |request, _| {
            let project = request.path.split('/').nth(2).unwrap_or_default();
            refuse_if(!project.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        };
    }),
    Variant::new("unknown-projects-404", "a project that nobody has heard of is not found", |b| {
        b.route = |request| match route::find(request) {
            Route::Create { project } if !matches!(project.as_str(), "p" | "project-a" | "project-b") => Route::Unknown,
            route => route,
        };
    }),
    Variant::new("foreign-projects-403", "a token gives no right to a project that nobody has heard of", |b| {
        b.gate = |request, _| {
            let known = ["p", "project-a", "project-b"].contains(&request.path.split('/').nth(2).unwrap_or_default());
            if known { Ok(()) } else { Err(Cause::NoPermission) }
        };
    }),
];

fn is_known(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        .contains(method)
}

fn refuse_if(applies: bool) -> Result<(), Cause> {
    if applies { Err(Cause::NotText) } else { Ok(()) }
}

/// Reads a body, if need be out of gzip or zlib whose only block is stored as it is: all that the suite sends, and all that
/// can be decoded in a few lines.
fn decoded(bytes: &[u8]) -> Result<Map<String, Value>, Cause> {
    let head = match bytes {
        [0x1f, 0x8b, ..] => 10,
        [0x78, ..] => 2,
        _ => return body::read(bytes),
    };
    let stored = || {
        let (block, rest) = bytes.get(head..)?.split_first_chunk::<5>()?;
        let [1, low, high, ..] = *block else { return None };
        rest.get(..usize::from(u16::from_le_bytes([low, high])))
    };
    body::read(stored().ok_or(Cause::NotText)?)
}
