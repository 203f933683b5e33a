//! The native format: the event stream itself, a JSON object a line, flushed line by line.
//!
//! Line 1 is `{"event":"started",…}`, then a line for each case row in the suite's order, then
//! `{"event":"finished",…}`. The members are those of the types in [`crate::verdict`]; `schema` in the first line
//! is the version of the format. [`crate::replay`] reads it back.

use std::io::{self, Write};

use super::{Format, Renderer};
use crate::verdict::Event;

pub(super) const FORMAT: Format = Format {
    name: "json",
    says: "the event stream: a JSON object a line, every case with its findings and exchanges",
    wants_exchanges: true,
    renderer: || Box::new(Ndjson),
};

/// Writes events as lines of JSON.
#[derive(Debug, Default)]
pub struct Ndjson;

impl Renderer for Ndjson {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}
