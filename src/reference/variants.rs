//! The ways in which the server can be different and still right: one row a variant.

mod bodies;
mod cloud;
mod layers;

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::behaviour::{Behaviour, Transport};
use super::cause::{Cause, FieldError};
use super::field::name_character;
use super::reply::{AnswerContext, Framing, Reply};
use super::route::{self, Route};
use super::store::ProjectStore;
use super::token::judge_value;
use super::{body, stamp};

/// One named way to differ within the documentation.
#[derive(Clone, Copy)]
pub struct Variant {
    /// Its name, unique among all variants.
    pub id: &'static str,
    /// What the server then does, in a few words.
    pub says: &'static str,
    /// Whether it limits its clients, so that only one that keeps to its limits finds it conformant.
    pub limits: bool,
    set: fn(&mut Behaviour),
}

impl Variant {
    const fn new(id: &'static str, says: &'static str, set: fn(&mut Behaviour)) -> Self {
        Self { id, says, limits: false, set }
    }

    /// The same variant, known to limit its clients.
    const fn limiting(self) -> Self {
        Self { limits: true, ..self }
    }

    pub(super) fn apply(&self, behaviour: &mut Behaviour) {
        (self.set)(behaviour);
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Every variant; those of several together are the last.
pub static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    [ROWS, bodies::ROWS, layers::ROWS, cloud::ROWS, TOGETHER].into_iter().flatten().copied().collect()
});

const ROWS: &[Variant] = &[
    // Answers to a creation.
    Variant::new("fields-in-another-order", "members of answers come in another order", |b| b.on_every(reversed)),
    Variant::new("newer-fields", "answers carry the fields of the newer edition", |b| {
        b.on_created(|r, _| {
            r.put("type", "WEBHOOK");
            r.put("error_info", Value::Null);
            r.put("kafka_detail", Value::Null);
        });
    }),
    Variant::new("unknown-fields-in-answers", "answers carry fields that no edition knows", |b| {
        b.on_created(|r, _| {
            r.put("links", json!([{ "rel": "self", "href": "/v1/connections" }]));
            r.put_flavor("region", "eu");
        });
    }),
    Variant::new("without-optional-fields", "answers carry the four certain fields only", |b| {
        b.on_created(|r, _| {
            for member in ["description", "status", "agency", "flavor", "created_time", "updated_time"] {
                r.drop_member(member);
            }
        });
    }),
    Variant::new("without-absent-description", "a description that was not sent is left out of the answer", |b| {
        b.on_created(|r, m| {
            if m.created.is_some_and(|connection| connection.description.is_none()) {
                r.drop_member("description");
            }
        });
    }),
    Variant::new("status-created", "a new connection is CREATED at once", |b| {
        b.on_created(|r, _| r.put("status", "CREATED"));
    }),
    Variant::new("status-failed", "a new connection is CREATE_FAILED at once", |b| {
        b.on_created(|r, _| r.put("status", "CREATE_FAILED"));
    }),
    Variant::new("shared-flavor", "the flavor is a shared one", |b| {
        b.on_created(|r, _| {
            let flavor =
                json!({ "concurrency": 1, "bandwidth_type": "shared", "concurrency_type": "shared", "name": "" });
            r.put("flavor", flavor);
        });
    }),
    Variant::new("ids-are-numbers-in-text", "ids are short texts instead of UUIDs", |b| {
        b.id = |_| fastrand::u64(..).to_string();
    }),
    Variant::new("updated-later", "the time of update is a second after that of creation", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::time(stamp::later(m.at(), 1))));
    }),
    Variant::new("times-z", "times are RFC 3339 with Z", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%dT%H:%M:%SZ")));
    }),
    Variant::new("times-offset", "times are RFC 3339 with +00:00", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%dT%H:%M:%S+00:00")));
    }),
    Variant::new("times-in-small-letters", "times are RFC 3339 with t and z", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%dt%H:%M:%Sz")));
    }),
    Variant::new("times-fractions", "times are RFC 3339 with fractions", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%dT%H:%M:%S%.6fZ")));
    }),
    Variant::new("whole-number-with-a-fraction", "an integer is written as 500.0", |b| {
        b.on_created(|r, _| r.put_flavor("concurrency", 500.0));
    }),
    // Names.
    Variant::new("ids-of-plain-characters", "ids of VPC and subnet hold letters, digits and hyphens only", |b| {
        b.vpc_id.inside = |c| c.is_ascii_alphanumeric() || c == '-';
        b.subnet_id.inside = |c| c.is_ascii_alphanumeric() || c == '-';
    }),
    Variant::new("name-lower-cased", "names are lower-cased, then judged, kept and answered so", |b| {
        b.name.tidy = |name| name.to_lowercase();
    }),
    Variant::new("names-case-insensitive", "names that differ only in case are the same", |b| {
        b.store.taken = same_in_any_case;
    }),
    Variant::new(
        "names-lower-cased-in-answers",
        "names that differ only in case are the same, and shown in lower case",
        |b| {
            b.store.taken = same_in_any_case;
            b.on_created(|r, m| r.put("name", m.created.map(|connection| connection.name.to_lowercase())));
        },
    ),
    Variant::new(
        "names-shown-in-lower-case",
        "names that differ in case are different, and shown in lower case",
        |b| {
            b.on_created(|r, m| r.put("name", m.created.map(|connection| connection.name.to_lowercase())));
        },
    ),
    Variant::new("reserved-any-case", "the reserved word is reserved in any case", |b| {
        b.name.reserved = |name| name.eq_ignore_ascii_case("default");
    }),
    Variant::new("unicode-letters", "letters and digits of all scripts are letters and digits", |b| {
        b.name.first = char::is_alphanumeric;
        b.name.inside = |c| c.is_alphanumeric() || name_character(c);
    }),
    Variant::new("taken-409", "a taken name is answered 409", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.status = 409;
            }
        });
    }),
    Variant::new("taken-general-code", "a taken name is answered with the general code", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.put("error_code", "EG.00014000");
            }
        });
    }),
    Variant::new("taken-unlisted-code", "a taken name is answered with a code that no list has", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.put("error_code", "EG.00513009");
            }
        });
    }),
    // Other members.
    Variant::new("description-in-bytes", "a description is measured in bytes", |b| b.description.length = str::len),
    Variant::new("description-in-utf-16", "a description is measured in UTF-16 units", |b| {
        b.description.length = |text| text.encode_utf16().count();
    }),
    Variant::new("description-without-controls", "control characters in a description are refused", |b| {
        b.description.inside = |c| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    }),
    Variant::new("null-description", "a description of null counts as absent", |b| b.description.null_is_absent = true),
    Variant::new("no-empty-ids", "an empty vpc_id or subnet_id is refused", |b| {
        b.vpc_id.shortest = 1;
        b.subnet_id.shortest = 1;
    }),
    Variant::new("no-unknown-fields", "an unknown member of the body is refused", |b| {
        b.on_members(|members, _, _| {
            let known = ["name", "description", "vpc_id", "subnet_id"];
            let unknown = members.keys().any(|member| !known.contains(&member.as_str()));
            if unknown { Err(Cause::Field("a member", FieldError::Unknown)) } else { Ok(()) }
        });
    }),
    // Bodies.
    Variant::new("byte-order-mark", "a byte order mark in front of the body is skipped", |b| {
        b.body = |bytes| body::read(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    }),
    Variant::new("json-only", "a body of another media type is refused with 400", |b| {
        b.gate = |arrival, _| {
            let kind = arrival.header("content-type").unwrap_or_default().to_ascii_lowercase();
            if kind.starts_with(b"application/json") { Ok(()) } else { Err(Cause::NotJson) }
        };
    }),
    Variant::new("no-unknown-query", "a creation with a query is refused with 400", |b| {
        b.gate = |arrival, _| {
            if arrival.query.is_empty() { Ok(()) } else { Err(Cause::Field("query", FieldError::Unknown)) }
        };
    }),
    Variant::new("small-bodies", "a body of more than 64 KiB is refused with 400", |b| {
        b.body = |bytes| if bytes.len() > 64 << 10 { Err(Cause::LargeBody) } else { body::read(bytes) };
    }),
    Variant::new("body-first", "the body is judged before the token", |b| b.body_first = true),
    // Tokens and refusals.
    Variant::new("long-token-400", "a token that is too long is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::LongToken) {
                r.refuse_as(400);
            }
        });
    }),
    Variant::new("long-token-431", "a token that is too long is answered 431", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::LongToken) {
                r.status = 431;
                r.put("error_code", "EG.00014310");
            }
        });
    }),
    Variant::new("first-of-two-tokens", "of several tokens the first counts", |b| {
        b.token = |arrival| {
            if arrival.headers.contains_key("x-auth-token") {
                judge_value(arrival.token())
            } else {
                Err(Cause::NoToken)
            }
        };
    }),
    Variant::new("full-errors", "refusals carry all four documented members", |b| {
        b.on_refused(|r, _| {
            let id = r.header("X-Request-Id").unwrap_or_default().to_owned();
            r.put("error_details", "see the documentation of the operation");
            r.put("request_id", id);
        });
    }),
    Variant::new("longest-errors", "members of refusals are as long as may be", |b| {
        b.on_refused(|r, _| {
            r.put("error_msg", "é".repeat(512));
            r.put("error_details", "d".repeat(1024));
            r.put("request_id", "r".repeat(128));
        });
    }),
    Variant::new("unknown-fields-in-errors", "refusals carry a member that is not documented", |b| {
        b.on_refused(|r, _| r.put("help", "https://example.invalid/help"));
    }),
    Variant::new("catalogue-codes", "refusals carry the specific codes of the catalogue", |b| {
        b.on_refused(|r, m| match m.cause {
            _ if m.is_invalid() => r.put("error_code", "EG.00513000"),
            Some(Cause::NoPermission) => r.put("error_code", "EG.00512000"),
            _ => {}
        });
    }),
    Variant::new("quota-code", "403 carries the code for a used-up quota", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.put("error_code", "EG.00514003");
            }
        });
    }),
    Variant::new("gateway-codes", "401, 403 and 404 carry the gateway's codes", |b| {
        b.on_refused(|r, _| match r.status {
            401 => r.put("error_code", "APIGW.0301"),
            403 => r.put("error_code", "APIGW.0302"),
            404 => r.put("error_code", "APIG.0101"),
            _ => {}
        });
    }),
    Variant::new("unlisted-codes", "invalid bodies carry a code that no list has", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.put("error_code", "EG.00999999");
            }
        });
    }),
    Variant::new("other-methods-404", "other methods are answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) {
                r.refuse_as(404);
                r.unset("Allow");
            }
        });
    }),
    Variant::new("no-helpers", "connections can neither be read back nor deleted", |b| b.helpers = false),
    Variant::new("trailing-slash", "a slash at the end of the path is ignored", |b| {
        b.route = |arrival| match (arrival.path.strip_suffix("/connections/"), &arrival.method) {
            (Some(front), &Method::POST)
                if front.starts_with("/v1/") && front.len() > 4 && front.matches('/').count() == 2 =>
            {
                Route::Create { project: front.trim_start_matches("/v1/").to_owned() }
            }
            _ => route::find(arrival),
        };
    }),
    // Headers and the wire.
    Variant::new("charset", "the media type has a charset parameter", |b| {
        b.on_every(|r, _| retype(r, "application/json;charset=UTF-8"))
    }),
    Variant::new("media-type-in-capitals", "the media type is spelt in capitals", |b| {
        b.on_every(|r, _| retype(r, "Application/JSON"))
    }),
    Variant::new("request-id-host", "request ids name a host with hyphens and dots", |b| {
        b.on_every(|r, _| {
            let id = r
                .header("X-Request-Id")
                .unwrap_or_default()
                .replace(stamp::HOST, "eg-api-7d9f8b6c4-x2x5z.cn-north-4.internal");
            r.set("X-Request-Id", &id);
        });
    }),
    Variant::new("request-id-time", "request ids hold a readable time", |b| {
        b.on_every(|r, m| {
            let time = stamp::written(m.at(), "%Y%m%dT%H%M%SZ");
            r.set("X-Request-Id", &format!("{}-{time}-{}", stamp::uuid(), stamp::HOST));
        });
    }),
    Variant::new("request-id-in-seconds", "request ids hold a time in seconds and a UUID in capitals", |b| {
        b.on_every(|r, m| {
            let (uuid, seconds) = (stamp::uuid().to_uppercase(), m.at().as_second());
            r.set("X-Request-Id", &format!("{uuid}-{seconds}-{}", stamp::HOST));
        });
    }),
    Variant::new("request-id-in-nanoseconds", "request ids hold a time in nanoseconds", |b| {
        b.on_every(|r, m| {
            let id = format!("{}-{}-{}", stamp::uuid(), m.at().as_nanosecond(), stamp::HOST);
            r.set("X-Request-Id", &id);
        });
    }),
    Variant::new("request-id-decimal-seconds", "request ids hold a time in seconds with decimals", |b| {
        b.on_every(|r, m| {
            request_id_at(r, &format!("{}.{:06}", m.at().as_second(), m.at().subsec_nanosecond() / 1_000))
        });
    }),
    Variant::new("request-id-http-date", "request ids hold a time as HTTP has it", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%a, %d %b %Y %H:%M:%S GMT")));
    }),
    Variant::new("request-id-spaced", "request ids hold a time with a space before its offset", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%Y-%m-%d %H:%M:%S +0000")));
    }),
    Variant::new(
        "request-id-on-success-only",
        "only the answers that are documented to have a request id have one",
        |b| {
            b.on_refused(|r, _| r.unset("X-Request-Id"));
        },
    ),
    Variant::new("extra-headers", "answers carry more headers", |b| {
        b.on_every(|r, _| {
            for (name, value) in [
                ("Server", "api-gateway"),
                ("Cache-Control", "no-store"),
                ("Strict-Transport-Security", "max-age=31536000; includeSubdomains;"),
                ("X-Content-Type-Options", "nosniff"),
                ("Vary", "Accept-Encoding"),
            ] {
                r.set(name, value);
            }
            r.headers.push(("Set-Cookie".to_owned(), "a=b".to_owned()));
            r.headers.push(("Set-Cookie".to_owned(), "c=d; Path=/".to_owned()));
        });
    }),
    Variant::new("header-names-in-capitals", "header names are spelt in capitals", |b| {
        b.transport = Transport::Raw;
        b.on_every(|r, _| respell(r, |_, c| c.to_ascii_uppercase()));
    }),
    Variant::new("header-names-spelt-oddly", "header names are spelt with every other letter in capitals", |b| {
        b.transport = Transport::Raw;
        b.on_every(|r, _| {
            respell(r, |at, c| if at % 2 == 0 { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() });
        });
    }),
    Variant::new("pretty-json", "bodies are indented", |b| {
        b.on_every(|r, _| {
            if !r.json.is_null() {
                r.raw = Some(format!("{:#}\n", r.json).into_bytes());
            }
        });
    }),
    Variant::new("escaped-json", "bodies are ASCII, everything else is escaped", |b| {
        b.on_every(|r, _| {
            let text = String::from_utf8(r.bytes()).unwrap_or_default();
            r.raw = Some(escaped(&text).into_bytes());
        });
    }),
    Variant::new("half-surrogate-in-agency", "a created connection's agency holds half a surrogate pair", |b| {
        b.on_created(|r, _| {
            let text = String::from_utf8(r.bytes()).unwrap_or_default();
            r.raw = Some(text.replace("EG_TRUST", "EG_TRUST\\ud800").into_bytes());
        });
    }),
    Variant::new("chunked", "bodies are sent in chunks", |b| b.on_every(|r, _| chunk(r, 64))),
    Variant::new("chunked-byte-by-byte", "bodies are sent in chunks of one byte", |b| b.on_every(|r, _| chunk(r, 1))),
    Variant::new("closes", "every answer says that the connection is closed, and it is", |b| {
        b.on_every(|r, _| r.set("Connection", "close"));
    }),
    Variant::new("closes-silently", "the connection is closed after every answer without a word", |b| {
        b.transport = Transport::Raw;
        b.on_every(|r, _| r.hangs_up = true);
    }),
    Variant::new("slow", "every answer is held back for some milliseconds", |b| b.delay = Duration::from_millis(5)),
];

/// Several together.
const TOGETHER: &[Variant] = &[
    Variant::new("all-lenient", "every lenient reading at once, answered in full", |b| {
        apply(b, &["unicode-letters", "null-description", "byte-order-mark", "first-of-two-tokens", "trailing-slash"]);
        apply(b, &["newer-fields", "full-errors", "times-fractions", "charset", "extra-headers", "chunked"]);
    }),
    Variant::new("all-strict", "every strict reading at once, answered sparingly", |b| {
        apply(
            b,
            &["description-in-bytes", "no-empty-ids", "no-unknown-fields", "json-only", "small-bodies", "body-first"],
        );
        apply(b, &["without-optional-fields", "catalogue-codes", "no-helpers", "other-methods-404", "closes"]);
    }),
    Variant::new("all-behind-a-small-proxy", "what a proxy with small limits and pages of its own makes of it", |b| {
        apply(b, &["limit-8-kib-413", "front-400-html", "not-found-html", "media-types-415", "closes-after-refusals"]);
        apply(b, &["request-id-decimal-seconds", "text-behind", "trailing-slash-308"]);
    }),
    Variant::new(
        "all-like-a-file-system",
        "names and the reserved word are the same in any case, bodies are read leniently",
        |b| {
            apply(b, &["names-case-insensitive", "reserved-any-case", "taken-409", "lenient-json-gson", "body-first"]);
            apply(b, &["problem-json", "not-found-empty", "front-431-empty", "times-in-small-letters"]);
        },
    ),
    Variant::new("all-behind-a-gateway", "what a gateway in front of the service makes of it", |b| {
        apply(b, &["gateway-codes", "long-token-431", "name-lower-cased", "request-id-host", "extra-headers"]);
        apply(b, &["header-names-spelt-oddly", "closes-silently", "escaped-json", "slow", "fields-in-another-order"]);
    }),
];

/// The variant of that id.
#[must_use]
pub fn variant(id: &str) -> Option<&'static Variant> {
    VARIANTS.iter().find(|variant| variant.id == id)
}

/// Applies several variants.
fn apply(behaviour: &mut Behaviour, ids: &[&str]) {
    for variant in ids.iter().filter_map(|id| variant(id)) {
        variant.apply(behaviour);
    }
}

/// Turns the order of an answer's members around.
fn reversed(reply: &mut Reply, _: &AnswerContext<'_>) {
    if let Some(members) = reply.json.as_object_mut() {
        *members = std::mem::take(members).into_iter().rev().collect();
    }
}

fn put_times(reply: &mut Reply, time: &str) {
    reply.put("created_time", time);
    reply.put("updated_time", time);
}

/// Whether a name is taken in any case.
fn same_in_any_case(shelf: &ProjectStore, name: &str) -> bool {
    shelf.names.iter().any(|held| held.to_lowercase() == name.to_lowercase())
}

/// A request id with this for its time.
fn request_id_at(reply: &mut Reply, time: &str) {
    reply.set("X-Request-Id", &format!("{}-{time}-{}", stamp::uuid(), stamp::HOST));
}

/// Another spelling of the media type, where there is a body.
fn retype(reply: &mut Reply, media_type: &str) {
    if !reply.json.is_null() {
        reply.set("Content-Type", media_type);
    }
}

/// Spells the names of an answer's headers anew, character by character.
fn respell(reply: &mut Reply, spell: fn(usize, char) -> char) {
    for (name, _) in &mut reply.headers {
        *name = name.chars().enumerate().map(|(at, c)| spell(at, c)).collect();
    }
}

fn chunk(reply: &mut Reply, size: usize) {
    if !reply.json.is_null() {
        reply.framing = Framing::Chunked(size);
    }
}

/// JSON in which every character outside ASCII is escaped.
fn escaped(json: &str) -> String {
    let mut text = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}
