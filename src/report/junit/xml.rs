//! XML by lines: what stands within another element is written before it, so lines are indented by hand.

use std::io::{self, Write as _};

use quick_xml::Writer;
use quick_xml::events::{BytesStart, BytesText, Event};

use crate::report::escape::{short, xml};

/// XML that is being written.
pub(super) type Xml = Writer<Vec<u8>>;

/// How many characters of a title or message.
const LINE: usize = 1_000;

/// One printable line that XML can hold.
pub(super) fn xml_line(text: &str) -> String {
    xml(&short(text, LINE))
}

/// Seconds as JUnit has them.
pub(super) fn seconds(ms: f64) -> String {
    format!("{:.3}", if ms.is_finite() { ms.max(0.0) / 1_000.0 } else { 0.0 })
}

/// Begins a line at this depth.
pub(super) fn line_break(xml: &mut Xml, depth: usize) -> io::Result<()> {
    xml.get_mut().write_all(b"\n")?;
    xml.get_mut().write_all("  ".repeat(depth).as_bytes())
}

/// An element with a text, on a line of its own.
pub(super) fn text(xml: &mut Xml, depth: usize, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    line_break(xml, depth)?;
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start.borrow()))?;
    xml.write_event(Event::Text(BytesText::new(text)))?;
    xml.write_event(Event::End(end))
}

/// An element with what `inner` writes between its tags, whose lines are its own.
pub(super) fn element(
    xml: &mut Xml,
    depth: usize,
    start: BytesStart<'_>,
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    line_break(xml, depth)?;
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start.borrow()))?;
    inner(xml)?;
    line_break(xml, depth)?;
    xml.write_event(Event::End(end))
}

/// An element without content, on a line of its own.
pub(super) fn empty(xml: &mut Xml, depth: usize, start: BytesStart<'_>) -> io::Result<()> {
    line_break(xml, depth)?;
    xml.write_event(Event::Empty(start))
}

/// Properties of a testsuite.
pub(super) fn properties(xml: &mut Xml, all: impl IntoIterator<Item = (String, String)>) -> io::Result<()> {
    element(xml, 2, BytesStart::new("properties"), |xml| {
        all.into_iter().try_for_each(|(name, value)| {
            let attributes = [("name", name.as_str()), ("value", &xml_line(&value))];
            empty(xml, 3, BytesStart::new("property").with_attributes(attributes))
        })
    })
}
