//! Faults of a created connection's answer as a whole: its status, media type, JSON, and its bytes on the wire.

use serde_json::{Value, json};

use super::fault::Fault;
use crate::reference::cause::{Cause, FieldError};
use crate::reference::reply::{Framing, Reply};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("status-201", "status.success", "a creation is answered 201").created(|r, _| r.status = 201),
        Fault::new("status-202", "status.success", "a creation is answered 202").created(|r, _| r.status = 202),
        Fault::new("status-203", "status.success", "a creation is answered 203").created(|r, _| r.status = 203),
        Fault::new("status-204", "status.success", "a creation is answered 204 without a body").created(|r, _| {
            r.status = 204;
            r.json = Value::Null;
            r.unset("Content-Type");
        }),
        Fault::new("status-206", "status.success", "a creation is answered 206").created(|r, _| r.status = 206),
        Fault::new("status-302", "status.success", "a creation is answered with a redirect to the connection")
            .created(|r, m| redirect(r, 302, m.created.map(|connection| connection.id.as_str()))),
        Fault::new("status-303", "status.success", "a creation is answered 303 with a redirect")
            .created(|r, m| redirect(r, 303, m.created.map(|connection| connection.id.as_str()))),
        Fault::new("status-201-without-description", "status.success", "no description is answered 201").created_if(
            |m| m.created.is_some_and(|connection| connection.description.is_none()),
            |r, _| r.refuse_as(201),
        ),
        Fault::new("status-201-for-digits", "status.success", "a name that starts with a digit is answered 201")
            .created_if(
                |m| m.created.is_some_and(|connection| connection.name.starts_with(|c: char| c.is_ascii_digit())),
                |r, _| r.refuse_as(201),
            ),
        Fault::new("refused-yet-created", "description.text", "a description beyond ASCII is created and answered 400")
            .created(|r, m| {
                let text = m.created.and_then(|connection| connection.description.as_deref()).unwrap_or_default();
                if !text.is_ascii() {
                    r.refuse_as(400);
                }
            }),
        Fault::new("long-name-yet-404", "name.max-length", "a valid name of 128 characters is answered 404")
            .created_if(|m| m.created.is_some_and(|connection| connection.name.len() == 128), |r, _| r.refuse_as(404)),
        Fault::new("media-type-text", "response.media-type", "a created connection calls itself plain text")
            .created(|r, _| r.set("Content-Type", "text/plain")),
        Fault::new("media-type-page", "response.media-type", "a created connection calls itself HTML")
            .created(|r, _| r.set("Content-Type", "text/html; charset=utf-8")),
        Fault::new("media-type-missing", "response.media-type", "a created connection has no media type")
            .created(|r, _| r.unset("Content-Type")),
        Fault::new("media-type-octets", "response.media-type", "a created connection calls itself octets")
            .created(|r, _| r.set("Content-Type", "application/octet-stream")),
        Fault::new("media-type-almost", "response.media-type", "a connection calls itself application/jsonp")
            .created(|r, _| r.set("Content-Type", "application/jsonp")),
        Fault::new("media-type-text-json", "response.media-type", "a created connection calls itself text/json")
            .created(|r, _| r.set("Content-Type", "text/json")),
        Fault::new("media-type-sequence", "response.media-type", "a created connection calls itself a JSON sequence")
            .created(|r, _| r.set("Content-Type", "application/json-seq")),
        Fault::new("json-empty", "response.body", "a created connection is answered with an empty body")
            .created(|r, _| r.raw = Some(Vec::new())),
        Fault::new("json-empty-object", "response.body", "a created connection is answered with an empty object")
            .created(|r, _| r.json = json!({})),
        Fault::new("json-null", "response.body", "a created connection is answered with null")
            .created(|r, _| r.raw = Some(b"null".to_vec())),
        Fault::new("json-cut", "response.body", "a created connection's JSON ends before its last brace")
            .created(|r, _| respell(r, |text| text.trim_end_matches('}').to_owned())),
        Fault::new("json-garbage-after", "response.body", "there is more after a created connection's JSON")
            .created(|r, _| respell(r, |text| format!("{text}}}"))),
        Fault::new("json-twice", "response.body", "a created connection's JSON is there twice")
            .created(|r, _| respell(r, |text| format!("{text}\n{text}"))),
        Fault::new("json-byte-order-mark", "response.body", "a byte order mark precedes a connection's JSON")
            .created(|r, _| respell(r, |text| format!("\u{feff}{text}"))),
        Fault::new("json-guarded", "response.body", "a guard against scripts precedes a connection's JSON")
            .created(|r, _| respell(r, |text| format!(")]}}',\n{text}"))),
        Fault::new("json-duplicate-id", "response.body", "a created connection's JSON has id twice")
            .created(|r, _| respell(r, |text| text.replacen('{', "{\"id\":\"other\",", 1))),
        Fault::new("json-duplicate-name", "response.body", "a created connection's JSON has name twice, alike")
            .created(|r, _| {
                let name = r.members().get("name").cloned().unwrap_or_default();
                let text = r.json.to_string().replacen('{', &format!("{{\"name\":{name},"), 1);
                r.raw = Some(text.into_bytes());
            }),
        Fault::new("json-duplicate-in-flavor", "response.body", "a created connection's flavor has name twice")
            .created(|r, _| {
                respell(r, |text| text.replacen("\"flavor\":{", "\"flavor\":{\"name\":\"default\",", 1));
            }),
        Fault::new("json-comma", "response.body", "a created connection's JSON has a comma after its last member")
            .created(|r, _| respell(r, |text| format!("{},}}", text.strip_suffix('}').unwrap_or(text)))),
        Fault::new("json-apostrophes", "response.body", "a connection's JSON has apostrophes for quotation marks")
            .created(|r, _| respell(r, |text| text.replace('"', "'"))),
        Fault::new("json-infinity", "response.body", "a created connection's concurrency is Infinity")
            .created(|r, _| respell(r, |text| text.replace(":500", ":Infinity"))),
        Fault::new("json-leading-zero", "response.body", "a created connection's concurrency is 0500")
            .created(|r, _| respell(r, |text| text.replace(":500", ":0500"))),
        Fault::new("json-invalid-utf-8", "response.body", "a created connection's agency is no UTF-8").created(
            |r, _| {
                let bytes = r.json.to_string().into_bytes();
                let place = bytes.windows(8).position(|window| window == b"EG_TRUST");
                let (front, back) = bytes.split_at(place.unwrap_or(bytes.len()));
                r.raw = Some([front, b"\xff\xfe", back].concat());
            },
        ),
        Fault::new("json-utf-16", "response.body", "a created connection's JSON is UTF-16")
            .created(|r, _| r.raw = Some(r.json.to_string().encode_utf16().flat_map(u16::to_le_bytes).collect())),
        Fault::new("json-raw-newline", "response.body", "a created connection's agency holds a bare newline")
            .created(|r, _| respell(r, |text| text.replace("EG_TRUST", "EG_TRUST\n"))),
        Fault::new("json-page", "response.body", "a created connection is answered with an HTML page")
            .created(|r, _| r.raw = Some(b"<!DOCTYPE html><html><body>created</body></html>".to_vec())),
        Fault::new("json-in-array", "response.body", "a created connection is answered within an array")
            .created(|r, _| r.json = json!([r.json])),
        Fault::new("json-in-text", "response.body", "a created connection is answered as a JSON text")
            .created(|r, _| r.json = json!(r.json.to_string())),
        Fault::new("json-in-data", "response.id", "a created connection is answered within `data`")
            .created(|r, _| r.json = json!({ "data": r.json })),
        Fault::new("json-callback", "response.body", "a created connection is answered as a script")
            .created(|r, _| respell(r, |text| format!("callback({text});"))),
        Fault::new("success-with-error", "response.not-error", "a created connection carries an error besides")
            .created(|r, _| {
                r.put("error_code", "EG.00014000");
                r.put("error_msg", "Bad request");
            }),
        Fault::new("success-is-error", "response.not-error", "a created connection is answered 200 with an error")
            .created(|r, _| {
                r.refuse_as(500);
                r.status = 200;
            }),
        Fault::new("wire-length-too-long", "transport.answer", "Content-Length is one too long")
            .raw()
            .created(|r, _| r.framing = Framing::LengthOff(1)),
        Fault::new("wire-length-too-short", "transport.answer", "Content-Length is one too short")
            .raw()
            .created(|r, _| r.framing = Framing::LengthOff(-1)),
        Fault::new("wire-length-zero", "transport.answer", "Content-Length is 0 though there is a body")
            .raw()
            .created(|r, _| r.framing = Framing::LengthOff(i64::from(i32::MIN))),
        Fault::new("wire-length-huge", "transport.answer", "Content-Length is a thousand too long")
            .raw()
            .created(|r, _| r.framing = Framing::LengthOff(1000)),
        Fault::new("wire-two-lengths", "transport.answer", "there are two lengths that differ")
            .raw()
            .created(|r, _| r.framing = Framing::TwoLengths),
        Fault::new("wire-cut-in-body", "transport.answer", "the connection ends in the middle of the body")
            .raw()
            .created(|r, _| r.framing = Framing::Cut(40)),
        Fault::new("wire-cut-before-body", "transport.answer", "the connection ends before the body")
            .raw()
            .created(|r, _| r.framing = Framing::Cut(0)),
        Fault::new("wire-cut-in-head", "transport.answer", "the connection ends in the middle of the head")
            .raw()
            .created(|r, _| r.framing = Framing::CutHead),
        Fault::new("wire-open-chunks", "transport.answer", "the last chunk never comes")
            .raw()
            .created(|r, _| r.framing = Framing::OpenChunks),
        Fault::new("wire-bad-chunk", "transport.answer", "a chunk's size is no number")
            .raw()
            .created(|r, _| r.framing = Framing::BadChunk),
        Fault::new("wire-silence", "transport.answer", "a creation is made and not answered")
            .raw()
            .created(|r, _| r.framing = Framing::Silence),
        Fault::new("wire-hang", "transport.answer", "too long a description is never answered")
            .raw()
            .refused_for(Cause::Field("description", FieldError::Long), |r, _| r.framing = Framing::Hang),
        Fault::new("wire-body-only", "transport.answer", "an answer has neither status line nor headers")
            .raw()
            .created(|r, _| r.framing = Framing::BodyOnly),
        Fault::new("wire-bad-header", "transport.answer", "a line among the headers is no header")
            .raw()
            .created(|r, _| r.framing = Framing::BadHeader),
        Fault::new("wire-third-silence", "transport.answer", "every third creation gets no answer")
            .raw()
            .every_nth(3, |r, _| r.framing = Framing::Silence)
            .broad(),
        Fault::new("wire-refusal-silence", "transport.answer", "malformed JSON is not answered")
            .raw()
            .refused_for(Cause::NotJson, |r, _| r.framing = Framing::Silence),
        Fault::new("wire-401-silence", "transport.answer", "a wrong token closes the connection without an answer")
            .raw()
            .refused_with(401, |r, _| r.framing = Framing::Silence),
        Fault::new("wire-taken-cut", "transport.answer", "the answer to a taken name ends in the middle")
            .raw()
            .refused_for(Cause::Taken, |r, _| r.framing = Framing::Cut(10)),
        Fault::new("wire-empty-body-silence", "transport.answer", "an empty body is not answered")
            .raw()
            .refused_for(Cause::NoBody, |r, _| r.framing = Framing::Silence),
        Fault::new("json-said-to-be-gzip", "response.body", "plain JSON is declared as gzip")
            .created(|r, _| r.set("Content-Encoding", "gzip")),
        Fault::new("refusal-said-to-be-gzip", "error.body", "refusals in plain JSON are declared as gzip")
            .refused(|r, _| r.set("Content-Encoding", "gzip")),
    ]
}

fn respell(reply: &mut Reply, spell: fn(&str) -> String) {
    reply.raw = Some(spell(&reply.json.to_string()).into_bytes());
}

fn redirect(reply: &mut Reply, status: u16, id: Option<&str>) {
    reply.status = status;
    reply.set("Location", &format!("/v1/project-a/connections/{}", id.unwrap_or_default()));
}
