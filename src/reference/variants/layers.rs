//! What layers in front of the API make of requests and answers: their limits, their pages, their paths.

use serde_json::{Value, json};

use super::super::cause::Cause;
use super::super::reply::{AnswerContext, Reply};
use super::variant::Variant;

/// The longest body that a layer of these takes, in bytes.
const LONGEST_BODY: usize = 8 << 10;
/// The longest token that a layer of these takes, in bytes.
const LONGEST_TOKEN: usize = 4 << 10;

pub(super) const ROWS: &[Variant] = &[
    Variant::new("limit-8-kib-413", "a layer in front answers a body of more than 8 KiB with 413 and a page", |b| {
        b.gate = |request, _| if request.body.len() > LONGEST_BODY { Err(Cause::LargeBody) } else { Ok(()) };
        b.on_refused(|r, m| {
            if m.request.body.len() > LONGEST_BODY {
                page(r, 413);
                r.set("Connection", "close");
            }
        });
    }),
    Variant::new("front-400-html", "a layer in front answers a long token with 400 and a page", |b| {
        b.on_refused(|r, m| long_token(r, m, 400));
    }),
    Variant::new("front-413-html", "a layer in front answers a long token with 413 and a page", |b| {
        b.on_refused(|r, m| long_token(r, m, 413));
    }),
    Variant::new("front-431-html", "a layer in front answers a long token with 431 and a page", |b| {
        b.on_refused(|r, m| long_token(r, m, 431));
    }),
    Variant::new("front-431-empty", "a layer in front answers a long token with 431 and nothing else", |b| {
        b.on_refused(|r, m| {
            long_token(r, m, 431);
            if r.status == 431 {
                empty(r);
            }
        });
    }),
    Variant::new("not-found-empty", "an unknown path is answered 404 without a body", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::UnknownPath) {
                empty(r);
            }
        });
    }),
    Variant::new("target-quoted", "every refusal quotes the target of its request", |b| {
        b.on_refused(|r, m| {
            let target = format!("{} {}?{}", m.request.method, m.request.path, m.request.query);
            r.put("error_details", target.chars().take(1024).collect::<String>());
        });
    }),
    Variant::new("not-found-html", "an unknown path is answered 404 with a page", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::UnknownPath) {
                page(r, 404);
            }
        });
    }),
    Variant::new("not-found-json", "an unknown path is answered 404 with another JSON object", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::UnknownPath) {
                r.json =
                    json!({ "timestamp": "2026-11-22T22:52:32Z", "status": 404, "error": "Not Found", "path": "/" });
            }
        });
    }),
    Variant::new("not-found-gateway-403", "a gateway answers an unknown path with 403 and a code of its own", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::UnknownPath) {
                r.status = 403;
                r.json = json!({ "error_code": "APIG.0101", "error_msg": "The API does not exist." });
            }
        });
    }),
    Variant::new("not-published-gateway-403", "a gateway answers other methods below the path with 403", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) && m.request.path.contains("/connections/") {
                r.status = 403;
                r.json = json!({ "error_code": "APIGW.0101", "error_msg": "The API does not exist." });
            }
        });
    }),
    Variant::new("problem-json", "refusals are declared as problem documents", |b| {
        b.on_refused(|r, _| r.set("Content-Type", "application/problem+json"));
    }),
    Variant::new("vendor-json", "refusals are declared as JSON of a vendor", |b| {
        b.on_refused(|r, _| r.set("Content-Type", "application/vnd.example.error+json; charset=utf-8"));
    }),
    Variant::new("media-types-406", "a body of another media type is answered 406 with a page", |b| {
        b.on_refused(|r, m| other_media_type(r, m, 406));
    })
    .over(&["json-only"]),
    Variant::new("media-types-415", "a body of another media type is answered 415 with a page", |b| {
        b.on_refused(|r, m| other_media_type(r, m, 415));
    })
    .over(&["json-only"]),
    Variant::new("closes-after-refusals", "the connection is closed after a refusal", |b| {
        b.on_refused(|r, _| r.set("Connection", "close"));
    }),
    Variant::new("trailing-slash-308", "a slash at the end of the path is redirected away", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::UnknownPath) && m.request.path.ends_with("/connections/") {
                page(r, 308);
                r.set("Location", m.request.path.trim_end_matches('/'));
            }
        });
    }),
];

/// Answers with a page of HTML, as HTTP layers do.
fn page(reply: &mut Reply, status: u16) {
    reply.status = status;
    reply.raw =
        Some(format!("<html><head><title>{status}</title></head><body><hr>front</body></html>\r\n").into_bytes());
    reply.set("Content-Type", "text/html");
    reply.unset("X-Request-Id");
}

/// Answers without a body.
fn empty(reply: &mut Reply) {
    (reply.json, reply.raw) = (Value::Null, None);
    reply.unset("Content-Type");
    reply.unset("X-Request-Id");
}

fn long_token(reply: &mut Reply, context: &AnswerContext<'_>, status: u16) {
    if context.request.token().len() > LONGEST_TOKEN {
        page(reply, status);
        reply.set("Connection", "close");
    }
}

fn other_media_type(reply: &mut Reply, context: &AnswerContext<'_>, status: u16) {
    let kind = context.request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if context.is(Cause::NotJson) && !kind.starts_with(b"application/json") {
        page(reply, status);
    }
}
