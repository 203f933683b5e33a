//! What Surefire's schema has for a testcase that passed at a later try: a `flakyFailure` for each try before.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, Event as Xml};

use super::{element, line_break, xml_text};
use crate::report::evidence::exchange_lines;
use crate::report::flaky;
use crate::verdict::{CaseResult, ExchangeRecord};

/// An answer after which a case was sent again.
pub(super) struct Flake {
    status: u16,
    exchange: String,
}

/// The answers after which a case was sent again and passed.
pub(super) fn flakes(result: &CaseResult) -> Vec<Flake> {
    let flake = |(status, exchange): (u16, Option<&ExchangeRecord>)| Flake {
        status,
        exchange: xml_text(&exchange.map(|exchange| exchange_lines(exchange).join("\n")).unwrap_or_default()),
    };
    flaky::retried(result).map(flake).collect()
}

impl Flake {
    pub(super) fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let (message, kind) =
            (format!("answered {}, and passed when sent again", self.status), self.status.to_string());
        let attributes = [("message", message.as_str()), ("type", kind.as_str())];
        xml.write_event(Xml::Start(BytesStart::new("flakyFailure").with_attributes(attributes)))?;
        line_break(xml, 4)?;
        element(xml, BytesStart::new("stackTrace"), &self.exchange)?;
        line_break(xml, 3)?;
        xml.write_event(Xml::End(BytesEnd::new("flakyFailure")))
    }
}
