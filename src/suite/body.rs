//! How a body is written: by the media type of the valid request.

use form_urlencoded::Serializer;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::bytes::{bytes_of_base64, hex};
use super::error::RenderError;
use crate::contract::{BodyKind, MediaType};

/// How a value becomes the bytes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyEncoding {
    /// JSON.
    #[default]
    Json,
    /// Each item of a list as JSON on a line of its own.
    JsonLines,
    /// The fields of a form, `application/x-www-form-urlencoded`.
    Form,
    /// The parts of a form, `multipart/form-data` (RFC 7578).
    Multipart,
    /// A text as it is; anything else as JSON.
    Text,
}

/// The bytes of a body, and the boundary between its parts where it has parts.
pub(super) struct WrittenBody {
    pub(super) bytes: Vec<u8>,
    pub(super) boundary: Option<String>,
}

impl BodyEncoding {
    /// That of a media type.
    pub(super) fn of(media_type: &MediaType) -> Self {
        match (media_type.essence(), media_type.kind()) {
            ("application/x-www-form-urlencoded", _) => Self::Form,
            ("multipart/form-data", _) => Self::Multipart,
            (_, BodyKind::JsonLines) => Self::JsonLines,
            (_, BodyKind::Text | BodyKind::Markup | BodyKind::Bytes) => Self::Text,
            (_, BodyKind::Json) => Self::Json,
        }
    }

    pub(super) fn write(self, body: &Json) -> Result<WrittenBody, RenderError> {
        let bytes = match (self, body) {
            (Self::Form, Json::Object(fields)) => form(fields)?.into_bytes(),
            (Self::Multipart, Json::Object(fields)) => return multipart(fields),
            (Self::Form | Self::Multipart, _) => {
                return Err(RenderError::unsendable("the body of a form is a map of its fields"));
            }
            (Self::JsonLines, Json::Array(items)) => items
                .iter()
                .map(|item| json(item).map(|json| [json, b"\n".to_vec()].concat()))
                .collect::<Result<Vec<_>, _>>()?
                .concat(),
            (Self::Text, Json::String(text)) => text.clone().into_bytes(),
            (Self::Json | Self::JsonLines | Self::Text, body) => json(body)?,
        };
        Ok(WrittenBody { bytes, boundary: None })
    }
}

fn json(value: &Json) -> Result<Vec<u8>, RenderError> {
    serde_json::to_vec(value).map_err(|error| RenderError::unsendable(error.to_string()))
}

/// The fields in their order, one that has a list once for each item; null is an empty field.
fn form(fields: &Map<String, Json>) -> Result<String, RenderError> {
    let mut form = Serializer::new(String::new());
    for (name, value) in fields {
        for value in one_or_many(value) {
            form.append_pair(name, &scalar(name, value)?);
        }
    }
    Ok(form.finish())
}

fn one_or_many(value: &Json) -> &[Json] {
    match value {
        Json::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn scalar(name: &str, value: &Json) -> Result<String, RenderError> {
    match value {
        Json::Null => Ok(String::new()),
        Json::Bool(truth) => Ok(truth.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        Json::String(text) => Ok(text.clone()),
        Json::Array(_) | Json::Object(_) => Err(RenderError::unsendable(format!(
            "the field `{name}` of a form is a text, not a list in a list or a map"
        ))),
    }
}

/// The parts in their order. A map is a part with a `filename` or a `content_type`, whose content is `text`, `base64` or `json`.
fn multipart(fields: &Map<String, Json>) -> Result<WrittenBody, RenderError> {
    let mut parts = Vec::new();
    for (name, value) in fields {
        for value in one_or_many(value) {
            parts.push(part(name, value)?);
        }
    }
    // What is in none of the parts, and the same each time.
    let digest: String = hex(&Sha256::digest(parts.concat())).chars().take(32).collect();
    let boundary = format!("conformant-{digest}");
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        bytes.extend(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(WrittenBody { bytes, boundary: Some(boundary) })
}

/// The head and the content of a part.
fn part(name: &str, value: &Json) -> Result<Vec<u8>, RenderError> {
    let quoted = |text: &str| text.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22");
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
    let Json::Object(part) = value else {
        return Ok([head.as_bytes(), b"\r\n\r\n", scalar(name, value)?.as_bytes()].concat());
    };
    let text = |key: &str| part.get(key).and_then(Json::as_str);
    let content = match (text("text"), text("base64"), part.get("json")) {
        (Some(text), None, None) => text.as_bytes().to_vec(),
        (None, Some(base64), None) => bytes_of_base64(base64).map_err(RenderError::unsendable)?,
        (None, None, Some(value)) => json(value)?,
        _ => {
            let message = format!("the part `{name}` of a form has one of `text`, `base64`, `json` and `file`");
            return Err(RenderError::unsendable(message));
        }
    };
    if let Some(filename) = text("filename") {
        head.push_str(&format!("; filename=\"{}\"", quoted(filename)));
    }
    if let Some(media_type) = text("content_type") {
        if media_type.contains(['\r', '\n']) {
            return Err(RenderError::unsendable(format!("the media type of the part `{name}` holds a line end")));
        }
        head.push_str(&format!("\r\nContent-Type: {media_type}"));
    }
    Ok([head.as_bytes(), b"\r\n\r\n", &content].concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(media_type: &str, body: &Json) -> Result<String, String> {
        let written = BodyEncoding::of(&MediaType::parse(media_type)).write(body);
        let text = |written: WrittenBody| {
            let text = String::from_utf8(written.bytes).unwrap();
            text.replace(&written.boundary.unwrap_or_else(|| "-".to_owned()), "B")
        };
        written.map(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_form_has_its_fields_in_order_and_one_with_a_list_once_for_each_item() {
        let body = json!({"b": "x &=ä", "a": [1, true], "c": null, "d": []});
        assert_eq!(written("application/x-www-form-urlencoded", &body).unwrap(), "b=x+%26%3D%C3%A4&a=1&a=true&c=");
        let deep = written("application/x-www-form-urlencoded", &json!({"a": {"b": 1}})).unwrap_err();
        assert!(deep.contains("the field `a` of a form is a text"), "{deep}");
        assert!(written("application/x-www-form-urlencoded", &json!([1])).unwrap_err().contains("a map of its fields"));
    }

    #[test]
    fn a_multipart_body_has_fields_and_files() {
        let body = json!({"n": 1, "f": {"filename": "a\".txt", "content_type": "text/plain", "base64": "aGk="}, "j": {"json": [1]}});
        let text = written("multipart/form-data", &body).unwrap();
        assert_eq!(
            text,
            "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n\
             --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n\
             --B\r\nContent-Disposition: form-data; name=\"j\"\r\n\r\n[1]\r\n--B--\r\n"
        );
        let both = written("multipart/form-data", &json!({"f": {"text": "a", "base64": ""}})).unwrap_err();
        assert!(both.contains("one of `text`, `base64`, `json` and `file`"), "{both}");
    }

    #[test]
    fn json_lines_text_and_json_are_written_as_their_media_types_have_them() {
        assert_eq!(written("application/x-ndjson", &json!([{"a": 1}, 2])).unwrap(), "{\"a\":1}\n2\n");
        assert_eq!(written("text/csv", &json!("a,b\n")).unwrap(), "a,b\n");
        assert_eq!(written("application/merge-patch+json", &json!("a")).unwrap(), "\"a\"");
    }
}
