//! JSON documents that are written in pieces, so that a run of any length needs no memory for them.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

/// Writes an object without its closing brace: more members follow.
pub(super) fn open(object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_vec(object)?;
    out.write_all(text.strip_suffix(b"}").unwrap_or(&text))
}

/// Writes further members of an object that was opened, without its closing brace.
pub(super) fn resume(members: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_vec(members)?;
    out.write_all(b",")?;
    out.write_all(text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}")).unwrap_or(&text))
}

/// The elements of a list, a line each.
#[derive(Debug, Default)]
pub(super) struct Elements {
    begun: bool,
}

impl Elements {
    /// Writes the next one.
    pub(super) fn write(&mut self, element: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if std::mem::replace(&mut self.begun, true) { b",\n" } else { b"\n" })?;
        out.write_all(&serde_json::to_vec(element)?)
    }
}

/// Serialises pairs as the members of an object, in this order.
pub(super) fn in_order<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &[(K, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
