//! Faults in reading the body.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::leniency::made_up;
use crate::reference::body::read;
use crate::reference::cause::Cause;
use crate::reference::field::name_character;
use crate::reference::lenient::{self, Also};
use crate::reference::request::Request;

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("body-missing-accepted", "body.mandatory", "a request without a body is accepted")
            .body(|bytes| read(bytes).or_else(|cause| if cause == Cause::NoBody { Ok(made_up()) } else { Err(cause) })),
        Fault::new("body-missing-500", "status.no-server-error", "a request without a body is answered 500")
            .answers(Cause::NoBody, 500),
        Fault::new("body-missing-411", "status.documented", "a request without a body is answered 411")
            .answers(Cause::NoBody, 411),
        Fault::new("body-missing-404", "body.mandatory", "a request without a body is answered 404")
            .answers(Cause::NoBody, 404),
        Fault::new("body-array-accepted", "body.object", "an object in an array is accepted").body(|bytes| {
            match serde_json::from_slice(bytes) {
                Ok(Value::Array(values)) => values.into_iter().find_map(object).ok_or(Cause::NotObject),
                _ => read(bytes),
            }
        }),
        Fault::new("body-null-accepted", "body.object", "a body of null is accepted, everything is made up")
            .body(|bytes| if bytes == b"null" { Ok(made_up()) } else { read(bytes) }),
        Fault::new("body-empty-array-accepted", "body.object", "a body of [] is accepted, everything is made up")
            .body(|bytes| if bytes == b"[]" { Ok(made_up()) } else { read(bytes) }),
        Fault::new("body-text-accepted", "body.object", "a JSON text that holds the object is accepted").body(
            |bytes| match serde_json::from_slice::<Value>(bytes) {
                Ok(Value::String(text)) => read(text.as_bytes()),
                _ => read(bytes),
            },
        ),
        Fault::new("body-any-text-accepted", "body.object", "a JSON text is accepted as the name").body(|bytes| {
            match serde_json::from_slice::<Value>(bytes) {
                Ok(Value::String(_)) => Ok(made_up()),
                _ => read(bytes),
            }
        }),
        Fault::new("body-number-accepted", "body.object", "a JSON number is accepted, everything is made up").body(
            |bytes| match serde_json::from_slice::<Value>(bytes) {
                Ok(Value::Number(_)) => Ok(made_up()),
                _ => read(bytes),
            },
        ),
        Fault::new("body-not-object-500", "status.no-server-error", "JSON that is no object is answered 500")
            .answers(Cause::NotObject, 500),
        Fault::new("body-not-object-404", "body.object", "JSON that is no object is answered 404")
            .answers(Cause::NotObject, 404),
        Fault::new("body-trailing-garbage-accepted", "body.nothing-behind", "what follows the object is ignored").body(
            |bytes| match serde_json::Deserializer::from_slice(bytes).into_iter().next() {
                Some(Ok(Value::Object(members))) => Ok(members),
                _ => read(bytes),
            },
        ),
        Fault::new("body-truncated-accepted", "body.json", "a missing brace at the end is added")
            .body(|bytes| read(bytes).or_else(|cause| read(&[bytes, b"}"].concat()).map_err(|_| cause))),
        Fault::new("body-malformed-accepted", "body.json", "a body that is no JSON is accepted, everything is made up")
            .body(|bytes| {
                read(bytes).or_else(|cause| if cause == Cause::NotJson { Ok(made_up()) } else { Err(cause) })
            }),
        Fault::new("body-form-accepted", "body.json", "a form is accepted in place of JSON").body(|bytes| {
            match std::str::from_utf8(bytes) {
                Ok(text) if text.contains('=') && !text.starts_with(['{', '[', '"']) => {
                    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
                    Ok(pairs.map(|(key, value)| (key.to_owned(), value.into())).collect())
                }
                _ => read(bytes),
            }
        }),
        Fault::new("body-malformed-500", "status.no-server-error", "malformed JSON is answered 500")
            .answers(Cause::NotJson, 500),
        Fault::new("body-malformed-401", "body.json", "malformed JSON is answered 401").answers(Cause::NotJson, 401),
        Fault::new("body-malformed-text", "error.body", "malformed JSON is answered with the parser's own words")
            .refused_for(Cause::NotJson, |r, _| {
                r.raw = Some(b"Failed to parse the request body as JSON: EOF while parsing".to_vec());
                r.set("Content-Type", "text/plain; charset=utf-8");
            }),
        Fault::new("body-malformed-422", "status.documented", "malformed JSON is answered 422")
            .answers(Cause::NotJson, 422),
        Fault::new("body-white-space-refused", "body.json", "white space between the parts of JSON is refused").body(
            |bytes| {
                if bytes.contains(&b'\n') || bytes.contains(&b'\t') { Err(Cause::NotJson) } else { read(bytes) }
            },
        ),
        Fault::new("body-leading-space-refused", "body.json", "white space in front of the object is refused").body(
            |bytes| {
                if bytes.first().is_some_and(u8::is_ascii_whitespace) { Err(Cause::NotJson) } else { read(bytes) }
            },
        ),
        Fault::new("body-escapes-refused", "body.json", "escapes in JSON texts are refused")
            .body(|bytes| if bytes.windows(2).any(|pair| pair == b"\\u") { Err(Cause::NotJson) } else { read(bytes) }),
        Fault::new("body-escapes-kept", "body.json", "escapes in JSON texts are not decoded").body(|bytes| {
            read(bytes)?;
            read(String::from_utf8_lossy(bytes).replace("\\u", "\\\\u").as_bytes())
        }),
        Fault::new("body-key-order", "body.json", "a body whose first key is not name or description is refused").body(
            |bytes| {
                let members = read(bytes)?;
                let first = members.keys().next().map(String::as_str);
                if matches!(first, Some("vpc_id" | "subnet_id")) && members.contains_key("name") {
                    return Err(Cause::NotJson);
                }
                Ok(members)
            },
        ),
        Fault::new("body-invalid-utf-8-500", "status.no-server-error", "bytes that are no UTF-8 are answered 500")
            .answers(Cause::NotText, 500),
        Fault::new("body-non-ascii-refused", "body.encoding", "a body beyond ASCII is refused")
            .body(|bytes| if bytes.is_ascii() { read(bytes) } else { Err(Cause::NotText) }),
        Fault::new("body-two-commas-accepted", "body.json", "a comma too many between two members is skipped")
            .body(|bytes| mended(bytes, |text| Some(text.replace(",,", ",")))),
        Fault::new("body-comma-added", "body.json", "a comma that lacks between two members is added")
            .body(|bytes| mended(bytes, |text| Some(text.replace("\" \"", "\",\"")))),
        Fault::new("body-array-never-closed-accepted", "body.json", "a bracket that lacks is added")
            .body(|bytes| mended(bytes, |text| Some(text.replace("[1}", "[1]}")))),
        Fault::new(
            "body-comment-unjudged",
            "name.characters",
            "beside a comment, wrong characters of a name are dropped",
        )
        .body(|bytes| {
            lenient::read(bytes, lenient::JACKSON).map(|mut members| {
                if String::from_utf8_lossy(bytes).contains("/*") {
                    tidy_name(&mut members);
                }
                members
            })
        }),
        Fault::new("body-wrong-bytes-dropped", "name.characters", "bytes that are no UTF-8 are dropped, in a name too")
            .body(|bytes| read(String::from_utf8_lossy(bytes).replace('\u{fffd}', "").as_bytes())),
        Fault::new(
            "body-repeated-key-judged-first",
            "name.characters",
            "of a repeated name the first is judged, the last shown",
        )
        .body(|bytes| lenient::read(bytes, &[Also::FirstOfRepeatedKeys]))
        .created(|r, m| {
            if let Some(name) = m.request.text("name") {
                r.put("name", name);
            }
        }),
        Fault::new(
            "body-objects-merged",
            "vpc_id.mandatory",
            "what a second object behind the first holds counts, too",
        )
        .body(|bytes| {
            let mut members = lenient::read(bytes, &[Also::TextBehind])?;
            let texts = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().filter_map(Result::ok);
            members.extend(texts.filter_map(object).flatten());
            Ok(members)
        }),
        Fault::new("body-nan-500", "status.no-server-error", "NaN in a body is answered 500")
            .gate(|request, _| if holds(request, "NaN") { Err(Cause::Crash) } else { Ok(()) }),
        Fault::new("body-half-surrogate-500", "status.no-server-error", "half a surrogate pair is answered 500")
            .gate(|request, _| if holds(request, "\\ude00b") { Err(Cause::Crash) } else { Ok(()) }),
        Fault::new("body-400-from-4-kib", "body.json", "a body of more than 4 KiB is answered 400")
            .gate(|request, _| if request.body.len() > 4 << 10 { Err(Cause::NotJson) } else { Ok(()) }),
        Fault::new("body-413-from-1-kib", "body.json", "a body of more than 1 KiB is answered 413")
            .gate(|request, _| if request.body.len() > 1 << 10 { Err(Cause::LargeBody) } else { Ok(()) })
            .refused_for(Cause::LargeBody, |r, _| r.status = 413),
        Fault::new("body-charset-refused", "body.media-type", "application/json with a charset parameter is refused")
            .gate(|request, _| {
                let kind = request.header("content-type").unwrap_or_default();
                if kind.contains(&b';') { Err(Cause::NotJson) } else { Ok(()) }
            }),
        Fault::new("body-charset-415", "body.media-type", "application/json with a charset parameter is answered 415")
            .gate(|request, _| {
                let kind = request.header("content-type").unwrap_or_default();
                if kind.contains(&b';') { Err(Cause::LargeBody) } else { Ok(()) }
            })
            .answers(Cause::LargeBody, 415),
        Fault::new(
            "body-charset-500",
            "status.no-server-error",
            "application/json with a charset parameter is answered 500",
        )
        .gate(|request, _| {
            let kind = request.header("content-type").unwrap_or_default();
            if kind.contains(&b';') { Err(Cause::Crash) } else { Ok(()) }
        }),
    ]
}

fn object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(members) = value { Some(members) } else { None }
}

/// Reads a body, if need be after mending its text.
fn mended(bytes: &[u8], mend: fn(&str) -> Option<String>) -> Result<Map<String, Value>, Cause> {
    read(bytes).or_else(|cause| {
        let text = std::str::from_utf8(bytes).ok().and_then(mend).ok_or(cause)?;
        read(text.as_bytes()).map_err(|_| cause)
    })
}

/// Drops from a name what can't be in one.
fn tidy_name(members: &mut Map<String, Value>) {
    if let Some(Value::String(name)) = members.get_mut("name") {
        name.retain(name_character);
    }
}

fn holds(request: &Request, text: &str) -> bool {
    String::from_utf8_lossy(&request.body).contains(text)
}
