//! From the bytes of a body to the members of a JSON object.

use serde_json::{Map, Value};

use super::cause::Cause;

/// The greatest body that is kept, in bytes. A greater one is refused.
pub(super) const LIMIT: usize = 4 << 20;

/// Reads a body strictly: UTF-8, exactly one JSON text, which is an object.
pub(super) fn read(body: &[u8]) -> Result<Map<String, Value>, Cause> {
    if body.is_empty() {
        return Err(Cause::NoBody);
    }
    let text = std::str::from_utf8(body).map_err(|_| Cause::NotText)?;
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Cause::NotObject),
        Err(_) if text.trim().is_empty() => Err(Cause::NoBody),
        Err(_) => Err(Cause::NotJson),
    }
}
