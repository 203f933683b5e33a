//! Faults in what a refusal says.

use serde_json::{Value, json};

use super::fault::Fault;
use super::leniency::imagined;
use crate::reference::cause::{Cause, FieldError};
use crate::reference::reply::{AnswerContext, Reply};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("error-body-empty", "error.body", "a refusal has no body").refused(|r, _| r.json = Value::Null),
        Fault::new("error-body-text", "error.body", "a refusal is plain text").refused(|r, _| {
            r.raw = Some(b"Bad request".to_vec());
            r.set("Content-Type", "text/plain");
        }),
        Fault::new("error-body-json-text", "error.body", "a refusal is a JSON text")
            .refused(|r, _| r.json = json!("Bad request")),
        Fault::new("error-body-page", "error.body", "a refusal is an HTML page").refused(|r, _| {
            r.raw = Some(b"<html><head><title>400</title></head><body><h1>Bad Request</h1></body></html>".to_vec());
            r.set("Content-Type", "text/html");
        }),
        Fault::new("error-body-401-page", "error.body", "a 401 is an HTML page").refused_with(401, |r, _| {
            r.raw = Some(b"<html><body>Unauthorized</body></html>".to_vec());
            r.set("Content-Type", "text/html");
        }),
        Fault::new("error-body-401-empty", "error.body", "a 401 has no body")
            .refused_with(401, |r, _| r.json = Value::Null),
        Fault::new("error-body-403-empty", "error.body", "a 403 has no body")
            .refused_with(403, |r, _| r.json = Value::Null),
        Fault::new("error-body-array", "error.body", "a refusal is an array of errors")
            .refused(|r, _| r.json = json!([r.json])),
        Fault::new("error-body-wrapped", "error.body", "a refusal is wrapped in `error`")
            .refused(|r, _| r.json = json!({ "error": r.json })),
        Fault::new("error-body-object-empty", "error.body", "a refusal is an empty object")
            .refused(|r, _| r.json = json!({})),
        Fault::new("error-body-cut", "error.body", "a refusal ends in the middle").refused(|r, _| {
            let mut bytes = r.bytes();
            bytes.truncate(bytes.len() / 2);
            r.raw = Some(bytes);
        }),
        Fault::new("error-media-type", "response.media-type", "a refusal calls itself plain text")
            .refused(|r, _| r.set("Content-Type", "text/plain")),
        Fault::new("error-media-type-suffix", "response.media-type", "a refusal calls itself text that ends in json")
            .refused(|r, _| r.set("Content-Type", "text/json")),
        Fault::new("error-media-type-401", "response.media-type", "a 401 has no media type")
            .refused_with(401, |r, _| r.unset("Content-Type")),
        Fault::new("error-code-missing", "error.code", "error_code is missing")
            .refused(|r, _| r.drop_member("error_code")),
        Fault::new("error-code-missing-in-401", "error.code", "error_code is missing in a 401")
            .refused_with(401, |r, _| r.drop_member("error_code")),
        Fault::new("error-code-null", "error.code", "error_code is null").refused(|r, _| r.put("error_code", ())),
        Fault::new("error-code-number", "error.code", "error_code is a number")
            .refused(|r, _| r.put("error_code", 14000)),
        Fault::new("error-code-status", "error.code", "error_code is the status as a number")
            .refused(|r, _| r.put("error_code", r.status)),
        Fault::new("error-code-empty", "error.code", "error_code is empty").refused(|r, _| r.put("error_code", "")),
        Fault::new("error-code-129", "error.code", "error_code has 129 characters")
            .refused(|r, _| r.put("error_code", "E".repeat(129))),
        Fault::new("error-code-renamed", "error.code", "the code is in `code`").refused(|r, _| {
            let code = r.members().get("error_code").cloned();
            r.drop_member("error_code");
            r.put("code", code);
        }),
        Fault::new("error-msg-missing", "error.msg", "error_msg is missing").refused(|r, _| r.drop_member("error_msg")),
        Fault::new("error-msg-missing-in-403", "error.msg", "error_msg is missing in a 403")
            .refused_with(403, |r, _| r.drop_member("error_msg")),
        Fault::new("error-msg-null", "error.msg", "error_msg is null").refused(|r, _| r.put("error_msg", ())),
        Fault::new("error-msg-number", "error.msg", "error_msg is a number").refused(|r, _| r.put("error_msg", 400)),
        Fault::new("error-msg-empty", "error.msg", "error_msg is empty").refused(|r, _| r.put("error_msg", "")),
        Fault::new("error-msg-513", "error.msg", "error_msg has 513 characters")
            .refused(|r, _| r.put("error_msg", "m".repeat(513))),
        Fault::new("error-msg-object", "error.msg", "error_msg is an object of languages")
            .refused(|r, _| r.put("error_msg", json!({ "en": "Bad request" }))),
        Fault::new("error-msg-array", "error.msg", "error_msg is an array of messages")
            .refused(|r, _| r.put("error_msg", json!(["name is missing"]))),
        Fault::new("error-msg-holds-the-name", "error.msg", "error_msg repeats the name, however long, ten times")
            .refused(|r, m| {
                if let (true, Some(name)) = (m.is_field("name", FieldError::Long), m.request.text("name")) {
                    r.put("error_msg", name.repeat(10));
                }
            }),
        Fault::new("error-details-empty", "error.details", "error_details is empty")
            .refused(|r, _| r.put("error_details", "")),
        Fault::new("error-details-null", "error.details", "error_details is null")
            .refused(|r, _| r.put("error_details", ())),
        Fault::new("error-details-1025", "error.details", "error_details has 1025 characters")
            .refused(|r, _| r.put("error_details", "d".repeat(1025))),
        Fault::new("error-details-array", "error.details", "error_details is an array")
            .refused(|r, _| r.put("error_details", json!([{ "field": "name" }]))),
        Fault::new("error-request-id-empty", "error.request_id", "request_id is empty")
            .refused(|r, _| r.put("request_id", "")),
        Fault::new("error-request-id-null", "error.request_id", "request_id is null")
            .refused(|r, _| r.put("request_id", ())),
        Fault::new("error-request-id-number", "error.request_id", "request_id is a number")
            .refused(|r, m| r.put("request_id", m.number)),
        Fault::new("error-request-id-129", "error.request_id", "request_id has 129 characters")
            .refused(|r, _| r.put("request_id", "r".repeat(129))),
        Fault::new("code-400-is-401s", "error.code-fits-status", "a 400 carries the code of 401")
            .refused(|r, _| coded(r, 400, "EG.00014010")),
        Fault::new("code-400-is-403s", "error.code-fits-status", "a 400 carries a code of 403")
            .refused(|r, _| coded(r, 400, "EG.00514003")),
        Fault::new("code-400-is-404s", "error.code-fits-status", "a 400 carries the code of 404")
            .refused(|r, _| coded(r, 400, "EG.00014040")),
        Fault::new("code-400-is-500s", "error.code-fits-status", "a 400 carries the code of 500")
            .refused(|r, _| coded(r, 400, "EG.00015000")),
        Fault::new("code-401-is-400s", "error.code-fits-status", "a 401 carries the code of 400")
            .refused(|r, _| coded(r, 401, "EG.00014000")),
        Fault::new("code-401-is-403s", "error.code-fits-status", "a 401 carries the code of 403")
            .refused(|r, _| coded(r, 401, "EG.00014030")),
        Fault::new("code-403-is-401s", "error.code-fits-status", "a 403 carries the code of 401")
            .refused(|r, _| coded(r, 403, "EG.00014010")),
        Fault::new("code-403-is-400s", "error.code-fits-status", "a 403 carries a code of 400")
            .refused(|r, _| coded(r, 403, "EG.00513000")),
        Fault::new("code-404-is-400s", "error.code-fits-status", "a 404 carries the code of 400")
            .refused(|r, _| coded(r, 404, "EG.00014000")),
        Fault::new("code-404-is-500s", "error.code-fits-status", "a 404 carries the code of 500")
            .refused(|r, _| coded(r, 404, "EG.00015000")),
        Fault::new("code-taken-is-403s", "error.code-fits-status", "a taken name carries a code of 403")
            .refused_for(Cause::Taken, |r, _| r.put("error_code", "EG.00512000")),
        Fault::new("code-all-the-same", "error.code-fits-status", "every refusal carries the code of 400")
            .refused(|r, _| r.put("error_code", "EG.00014000")),
        Fault::new("code-taken-for-all", "error.code-fits-cause", "invalid bodies carry the code of a taken name")
            .refused_if(|m| m.is_invalid(), |r, _| r.put("error_code", Cause::Taken.code())),
        Fault::new("code-taken-for-names", "error.code-fits-cause", "invalid names carry the code of a taken one")
            .refused_if(
                |m| matches!(m.cause, Some(Cause::Field("name", _))),
                |r, _| r.put("error_code", Cause::Taken.code()),
            ),
        Fault::new("code-taken-for-missing", "error.code-fits-cause", "a missing name carries the code of a taken one")
            .refused_for(Cause::Field("name", FieldError::Missing), |r, _| r.put("error_code", Cause::Taken.code())),
        Fault::new(
            "code-taken-for-descriptions",
            "error.code-fits-cause",
            "bad descriptions say that the name is taken",
        )
        .refused_if(
            |m| matches!(m.cause, Some(Cause::Field("description", _))),
            |r, _| r.put("error_code", Cause::Taken.code()),
        ),
        Fault::new("code-taken-for-malformed", "error.code-fits-cause", "malformed JSON has the code of a taken name")
            .refused_for(Cause::NotJson, |r, _| r.put("error_code", Cause::Taken.code())),
        Fault::new("code-unlisted", "error.code-documented", "invalid bodies carry a code of another kind")
            .refused_if(|m| m.is_invalid(), |r, _| r.put("error_code", "VALIDATION_FAILED")),
        Fault::new("code-lower-case", "error.code-documented", "codes are in lower case").refused(|r, _| {
            let code = r.members().get("error_code").and_then(Value::as_str).map(str::to_lowercase);
            r.put("error_code", code);
        }),
        Fault::new("code-gateways-on-400", "error.code-documented", "a 400 carries a code of the gateway's")
            .refused(|r, _| coded(r, 400, "APIGW.0201")),
        Fault::new("error-with-connection", "error.not-success", "a 400 shows a connection besides the error").refused(
            |r, m| {
                if let (true, Value::Object(mut shown)) = (m.is_status(400), imagined(m)) {
                    shown.append(r.members());
                    r.json = Value::Object(shown);
                }
            },
        ),
        Fault::new("error-is-connection", "error.not-success", "an invalid body is answered 400 with a connection")
            .refused_if(|m| m.is_invalid(), |r, m| r.json = imagined(m)),
        Fault::new("error-with-id", "error.not-success", "a 400 for a taken name shows an id, status and times")
            .refused(|r, m| {
                if let (true, Value::Object(mut shown)) = (m.is(Cause::Taken), imagined(m)) {
                    shown.append(r.members());
                    r.json = Value::Object(shown);
                }
            }),
        Fault::new("error-403-with-connection", "error.not-success", "a 403 shows a connection besides the error")
            .refused(|r, m| {
                if let (true, Value::Object(mut shown)) = (m.is_status(403), imagined(m)) {
                    shown.append(r.members());
                    r.json = Value::Object(shown);
                }
            }),
        Fault::new("error-401-is-connection", "error.not-success", "a 401 shows a created connection")
            .refused_with(401, |r, m| r.json = imagined(m)),
        Fault::new("invalid-is-200-with-error", "response.not-error", "an invalid body is answered 200 with the error")
            .answers_invalid(200),
        Fault::new("invalid-is-201-with-error", "response.not-error", "an invalid body is answered 201 with the error")
            .answers_invalid(201),
        Fault::new("invalid-is-422", "status.documented", "an invalid body is answered 422").answers_invalid(422),
        Fault::new("invalid-is-406", "status.documented", "an invalid body is answered 406").answers_invalid(406),
        Fault::new("invalid-is-401", "status.fits-request", "an invalid body is answered 401").answers_invalid(401),
        Fault::new("invalid-is-403", "status.fits-request", "an invalid body is answered 403").answers_invalid(403),
        Fault::new("invalid-is-404", "status.fits-request", "an invalid body is answered 404").answers_invalid(404),
        Fault::new("invalid-is-500", "status.no-server-error", "an invalid body is answered 500").answers_invalid(500),
        Fault::new("invalid-is-503", "status.no-server-error", "an invalid body is answered 503").answers_invalid(503),
        Fault::new("invalid-is-302", "status.documented", "an invalid body is answered with a redirect")
            .refused_if(
                |m| m.is_invalid(),
                |r, _| {
                    r.status = 302;
                    r.set("Location", "/error");
                },
            )
            .broad(),
        quoting("error-msg-quotes-values", "error.msg", "the message quotes a value of a wrong type", |m| {
            match m.cause {
                Some(Cause::Field(member, FieldError::Type)) => m.request.members().get(member).map(Value::to_string),
                _ => None,
            }
        }),
        quoting("error-msg-quotes-texts", "error.msg", "the message quotes a text that is too long", |m| {
            match m.cause {
                Some(Cause::Field(member, FieldError::Long)) => m.request.text(member),
                _ => None,
            }
        }),
        quoting("error-msg-quotes-the-body", "error.msg", "the message quotes a body that is no JSON", |m| {
            m.is(Cause::NotJson).then(|| String::from_utf8_lossy(&m.request.body).into_owned())
        }),
        quoting(
            "error-msg-quotes-keys",
            "error.msg",
            "the message for a missing name quotes the keys that came",
            |m| {
                let keys = || m.request.members().keys().cloned().collect::<Vec<_>>().join(", ");
                m.is_field("name", FieldError::Missing).then(keys)
            },
        ),
        quoting("error-msg-quotes-the-token", "error.msg", "the message quotes a wrong token", |m| {
            m.is(Cause::WrongToken).then(|| String::from_utf8_lossy(m.request.token()).into_owned())
        }),
        quoting("error-details-quote-the-body", "error.details", "the details quote a body that is no JSON", |m| {
            m.is(Cause::NotJson).then(|| String::from_utf8_lossy(&m.request.body).into_owned())
        }),
        quoting("error-details-quote-values", "error.details", "the details quote what is too long", |m| {
            match m.cause {
                Some(Cause::Field(member, FieldError::Long)) => m.request.text(member),
                _ => None,
            }
        }),
        quoting("error-request-id-of-the-client", "error.request_id", "an X-Request-Id that is sent comes back", |m| {
            m.request.header("x-request-id").map(|id| String::from_utf8_lossy(id).into_owned())
        }),
    ]
}

/// Gives refusals of that status another code; that of a taken name stays.
fn coded(reply: &mut Reply, status: u16, code: &str) {
    let taken = reply.members().get("error_code").is_some_and(|held| held == Cause::Taken.code());
    if reply.status == status && !taken {
        reply.put("error_code", code);
    }
}

/// A fault by which a member of refusals quotes what this takes from the request.
fn quoting(id: &str, clause: &'static str, says: &str, quoted: fn(&AnswerContext<'_>) -> Option<String>) -> Fault {
    let member = match clause {
        "error.msg" => "error_msg",
        "error.details" => "error_details",
        _ => "request_id",
    };
    Fault::new(id, clause, says).refused(move |r, m| {
        if let Some(text) = quoted(m) {
            r.put(member, text);
        }
    })
}
