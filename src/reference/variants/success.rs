//! Other answers to a creation, other headers, and other bytes on the wire.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::behaviour::Transport;
use super::super::reply::{AnswerContext, Framing, Reply};
use super::super::stamp;
use super::variant::Variant;

pub(super) const ROWS: &[Variant] = &[
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
    Variant::new("null-for-errors", "answers carry the members of refusals as null", |b| {
        b.on_created(|r, _| {
            for member in ["error_code", "error_msg", "error_details", "request_id"] {
                r.put(member, ());
            }
        });
    }),
    Variant::new("code-of-success", "a success has a code and a message, too, which say that it is one", |b| {
        b.on_created(|r, _| {
            r.put("error_code", "0");
            r.put("error_msg", "success");
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
    Variant::new("times-utc", "times end in UTC, as Ruby writes them", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%d %H:%M:%S UTC")));
    }),
    Variant::new("times-zero-utc", "times end in +0000 UTC, as Go writes them", |b| {
        b.on_created(|r, m| put_times(r, &stamp::written(m.at(), "%Y-%m-%d %H:%M:%S +0000 UTC")));
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
    Variant::new("request-id-go", "request ids hold a time as Go writes it", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%Y-%m-%d %H:%M:%S%.3f +0000 UTC")));
    }),
    Variant::new("request-id-java", "request ids hold a time as Java writes one with a zone", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%Y-%m-%dT%H:%M:%S%.3fZ[UTC]")));
    }),
    Variant::new("request-id-javascript", "request ids hold a time as JavaScript writes it", |b| {
        b.on_every(|r, m| {
            request_id_at(r, &stamp::written(m.at(), "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"))
        });
    }),
    Variant::new("request-id-locale", "request ids hold a time as a locale has it", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%m/%d/%Y, %-I:%M:%S %p")));
    }),
    Variant::new("request-id-log", "request ids hold a time as access logs have it", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%d/%b/%Y:%H:%M:%S +0000")));
    }),
    Variant::new("request-id-digits", "request ids hold a time in twenty digits", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%Y%m%d%H%M%S%6f")));
    }),
    Variant::new("request-id-underscores", "request ids hold a time with underscores", |b| {
        b.on_every(|r, m| request_id_at(r, &stamp::written(m.at(), "%Y_%m_%d_%H_%M_%S")));
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
