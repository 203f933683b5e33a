//! The native format: the event stream itself, a JSON object a line, flushed line by line.
//!
//! Line 1 is `{"event":"started",…}`, then a line for each case row in the suite's order, then
//! `{"event":"finished",…}`. The members are those of the types in [`crate::verdict`]; `schema` in the first line
//! is the version of the format. A run of several suites has such lines for each, one suite after the other. [`crate::replay`] reads it back.

use std::io::{self, Write};

use super::format::{Format, Output, Renderer};
use super::summary::Summary;
use crate::verdict::MaskedEvent;

pub(super) const FORMAT: Format = Format {
    name: "json",
    help: "Write the event stream, a JSON object a line: every case with its findings and exchanges",
    output: Output::Stream("results.ndjson"),
    wants_exchanges: true,
    renderer: || Box::new(Ndjson),
};

struct Ndjson;

impl Renderer for Ndjson {
    fn finish(&mut self, _run: &Summary, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &MaskedEvent, _run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(&**event)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}
