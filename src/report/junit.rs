//! JUnit XML, as GitLab, Jenkins, GitHub actions and most CI servers read it: one testcase a case row.
//!
//! The cases of one case file are one testsuite, in whatever order they come. A testsuite states its counts before its
//! cases, so they are all held until the end (`suites`), or until they are too long together: then the longest is written
//! and goes on in a further part. After the cases, a testsuite without any has the clauses as its properties.
//!
//! `deviates` and `observed` pass, unless the run was strict, and tell what was found in `system-out`. A run that found
//! nothing out has no failing case, so it gets an error of its own: it must not look like a success.

mod flake;
mod suites;

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event as Xml};

use super::coverage::{Coverage, Row, named, side_text, word};
use super::diff::diff;
use super::evidence::{sentence, story};
use super::summary::{ClauseCases, Summary};
use super::{Format, Renderer, flaky, gate, snapshots, waivers, without_commands};
use crate::text::shorten;
use crate::verdict::snapshots::CLAUSE;
use crate::verdict::{CaseResult, Event, FindingKind, Footer, Gate, Header, Outcome, SnapshotResult};
use flake::{Flake, flakes};
use suites::{Full, Suites};

pub(super) const FORMAT: Format = Format {
    name: "junit",
    says: "JUnit XML: a testcase a case, for CI servers",
    wants_exchanges: false,
    renderer: || Box::new(JUnit::default()),
};

/// How many characters of a title or message.
const LINE: usize = 1_000;

/// Renders JUnit XML.
#[derive(Debug, Default)]
pub struct JUnit {
    ledger: Summary,
    suites: Suites,
    bad: bool,
}

/// What becomes of a testcase.
enum Status {
    Passed(Option<String>),
    Flaky(Vec<Flake>, Option<String>),
    Failure { message: String, kind: String, text: String },
    Error { message: String, text: String },
    Skipped(String),
}

impl Renderer for JUnit {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.start(header, out),
            Event::Case(result) => self.case(result, out),
            Event::Finished(footer) => self.finish(footer, out),
        }
    }
}

impl JUnit {
    fn start(&mut self, header: &Header, out: &mut dyn Write) -> io::Result<()> {
        self.ledger.start(header);
        let mut xml = Writer::new(out);
        xml.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        line_break(&mut xml, 0)?;
        let suite = xml_line(&header.suite, LINE);
        xml.write_event(Xml::Start(BytesStart::new("testsuites").with_attributes([("name", suite.as_str())])))
    }

    fn case(&mut self, result: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
        self.ledger.record(result);
        let id = xml_text(&without_commands(&result.id));
        let name = format!("{id} {}", xml_line(&result.title, LINE));
        let status = self.status(result);
        self.testcase(classname(&result.id), &name, Some((&result.file, result.line)), result.elapsed_ms, &status)?;
        while let Some(suite) = self.suites.overflow() {
            self.testsuite(&suite, out)?;
        }
        Ok(())
    }

    fn finish(&mut self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        self.waivers(footer)?;
        self.flaky(footer)?;
        if footer.gate != Gate::Passed && !self.bad {
            let message = xml_line(&format!("{}: {}", footer.verdict.words(), gate::why(footer)), LINE);
            let status = Status::Error { text: message.clone(), message };
            self.testcase("verdict", "the verdict on the run", None, 0.0, &status)?;
        }
        for suite in self.suites.rest() {
            self.testsuite(&suite, out)?;
        }
        let mut xml = Writer::new(out);
        clauses(&self.suites.further("clauses"), &Coverage::new(&self.ledger, footer), &mut xml)?;
        line_break(&mut xml, 0)?;
        xml.write_event(Xml::End(BytesEnd::new("testsuites")))?;
        line_break(&mut xml, 0)
    }

    /// A testcase for every waiver that fails the gate, which else no case need do.
    fn waivers(&mut self, footer: &Footer) -> io::Result<()> {
        for line in waivers::lines(footer).into_iter().filter(|line| line.due) {
            let message = xml_text(&format!("{} waiver: {}", line.word, line.says));
            let name = xml_text(&format!("{}: {}", line.word, line.says));
            let status = Status::Failure { text: message.clone(), message, kind: line.word.to_owned() };
            let at = line.at.as_ref().map(|(file, line)| (file.as_str(), *line));
            self.testcase("waivers", &name, at, 0.0, &status)?;
        }
        Ok(())
    }

    /// A testcase for all flaky cases together, where they fail the gate: each of them passed, and says so.
    fn flaky(&mut self, footer: &Footer) -> io::Result<()> {
        let Some(line) = flaky::line(footer).filter(|line| line.due) else { return Ok(()) };
        let status = Status::Failure { message: line.says.clone(), kind: "flaky".to_owned(), text: line.says };
        self.testcase("flaky", "no case is flaky", None, 0.0, &status)
    }

    /// What becomes of the case: what the documentation's clauses came to, or else its snapshots.
    fn status(&self, result: &CaseResult) -> Status {
        let mut lines: Vec<String> =
            result.failing_snapshots().map(|snapshot| xml_line(&snapshots::says(snapshot), LINE)).collect();
        match (self.documented(result), lines.first().cloned()) {
            (Status::Passed(text), None) if result.is_flaky() => Status::Flaky(flakes(result), text),
            (status, None) => status,
            (Status::Failure { message, kind, text }, Some(_)) => {
                Status::Failure { message, kind, text: format!("{text}\n\n{}", lines.join("\n")) }
            }
            (error @ Status::Error { .. }, Some(_)) => error,
            (Status::Passed(_) | Status::Flaky(..) | Status::Skipped(_), Some(message)) => {
                lines.extend(result.failing_snapshots().flat_map(difference));
                Status::Failure { message, kind: CLAUSE.to_owned(), text: lines.join("\n") }
            }
        }
    }

    /// What the documentation's clauses came to in the end, whatever came before.
    fn documented(&self, result: &CaseResult) -> Status {
        let strict = self.ledger.strict();
        if result.is_waived(strict) {
            return Status::Skipped(xml_text(&waived(result)));
        }
        let result = &*result.without_waived();
        let reason = || xml_line(result.reason.as_deref().unwrap_or(result.outcome.word()), LINE);
        match result.outcome {
            Outcome::Error => Status::Error { message: reason(), text: reason() },
            Outcome::Inconclusive => Status::Skipped(format!("inconclusive: {}", reason())),
            Outcome::Skipped => Status::Skipped(reason()),
            Outcome::Violates => failure(result, &[FindingKind::Violation]),
            Outcome::Deviates if strict => failure(result, &[FindingKind::Violation, FindingKind::Deviation]),
            Outcome::Deviates => Status::Passed(Some(xml_text(&story(result, &[FindingKind::Deviation])))),
            Outcome::Observed => {
                let readings = result.findings.iter().filter(|finding| finding.kind == FindingKind::Observation);
                let lines: Vec<String> =
                    readings.take(20).map(|finding| format!("{}: {}", finding.clause, finding.observed)).collect();
                let lines: Vec<String> = lines.iter().map(|line| xml_line(line, LINE)).collect();
                Status::Passed(Some(lines.join("\n")))
            }
            Outcome::Conforms => Status::Passed(None),
        }
    }

    /// Adds a testcase to what is held.
    fn testcase(
        &mut self,
        classname: &str,
        name: &str,
        at: Option<(&str, usize)>,
        ms: f64,
        status: &Status,
    ) -> io::Result<()> {
        let (classname, time) = (xml_line(classname, LINE), seconds(ms));
        let name = self.suites.unused(&classname, name);
        let mut start = BytesStart::new("testcase").with_attributes([
            ("classname", classname.as_str()),
            ("name", name.as_str()),
            ("time", time.as_str()),
        ]);
        if let Some((file, line)) = at {
            start.push_attribute(("file", xml_line(file, LINE).as_str()));
            start.push_attribute(("line", line.to_string().as_str()));
        }
        let mut text = Vec::new();
        let mut xml = Writer::new(&mut text);
        line_break(&mut xml, 2)?;
        if matches!(status, Status::Passed(None)) {
            xml.write_event(Xml::Empty(start))?;
        } else {
            xml.write_event(Xml::Start(start))?;
            line_break(&mut xml, 3)?;
            status.write(&mut xml)?;
            line_break(&mut xml, 2)?;
            xml.write_event(Xml::End(BytesEnd::new("testcase")))?;
        }
        self.bad |= matches!(status, Status::Failure { .. } | Status::Error { .. });
        self.suites.add(&classname, status, ms, &text);
        Ok(())
    }

    /// Writes a testsuite.
    fn testsuite(&self, suite: &Full, out: &mut dyn Write) -> io::Result<()> {
        let counts = &suite.counts;
        let mut xml = Writer::new(out);
        line_break(&mut xml, 1)?;
        let mut start = BytesStart::new("testsuite").with_attributes([
            ("name", suite.name.as_str()),
            ("tests", counts.tests.to_string().as_str()),
            ("failures", counts.failures.to_string().as_str()),
            ("errors", counts.errors.to_string().as_str()),
            ("skipped", counts.skipped.to_string().as_str()),
            ("time", seconds(counts.elapsed_ms).as_str()),
        ]);
        if let Some(header) = &self.ledger.header {
            start.push_attribute(("timestamp", xml_line(&header.started, LINE).as_str()));
        }
        xml.write_event(Xml::Start(start))?;
        self.properties(&mut xml)?;
        xml.get_mut().write_all(&suite.cases)?;
        line_break(&mut xml, 1)?;
        xml.write_event(Xml::End(BytesEnd::new("testsuite")))
    }

    fn properties<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let Some(header) = &self.ledger.header else { return Ok(()) };
        let of_run = [
            ("target", &header.target),
            ("seed", &header.seed),
            ("digest", &header.digest),
            ("suite", &header.suite),
            ("version", &header.version),
        ];
        properties(of_run.map(|(name, value)| (name.to_owned(), value.clone())), xml)
    }
}

/// What is recorded and what came instead, a line each.
fn difference(snapshot: &SnapshotResult) -> Vec<String> {
    let recorded: Vec<String> = snapshot.recorded.iter().cloned().collect();
    let lines = diff(&recorded, snapshot.observed.as_deref().unwrap_or_default());
    lines.iter().map(|line| xml_line(&line.to_string(), LINE)).collect()
}

impl Status {
    /// Writes what stands within a testcase.
    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        match self {
            Self::Passed(None) => Ok(()),
            Self::Passed(Some(text)) => element(xml, BytesStart::new("system-out"), text),
            Self::Flaky(flakes, text) => {
                for (index, flake) in flakes.iter().enumerate() {
                    (index > 0).then(|| line_break(xml, 3)).transpose()?;
                    flake.write(xml)?;
                }
                let Some(text) = text else { return Ok(()) };
                line_break(xml, 3)?;
                element(xml, BytesStart::new("system-out"), text)
            }
            Self::Failure { message, kind, text } => {
                let attributes = [("message", message.as_str()), ("type", kind.as_str())];
                element(xml, BytesStart::new("failure").with_attributes(attributes), text)
            }
            Self::Error { message, text } => {
                let attributes = [("message", message.as_str()), ("type", "error")];
                element(xml, BytesStart::new("error").with_attributes(attributes), text)
            }
            Self::Skipped(message) => {
                let skipped = BytesStart::new("skipped").with_attributes([("message", message.as_str())]);
                xml.write_event(Xml::Empty(skipped))
            }
        }
    }
}

/// What is waived in a case: the first finding, and each waiver.
fn waived(result: &CaseResult) -> String {
    let waivers: Vec<String> =
        result.waived.iter().map(|(clause, waived)| format!("{clause} waived {}", waivers::until(waived))).collect();
    let first = result.findings.iter().find(|finding| result.waives(finding)).map(sentence);
    format!("{}; {}", waivers.join("; "), first.unwrap_or_default())
}

/// A testsuite without a case: what CI servers count stays the cases, and whoever reads the file finds the clauses.
fn clauses<W: Write>(name: &str, coverage: &Coverage<'_>, xml: &mut Writer<W>) -> io::Result<()> {
    if coverage.rows.is_empty() {
        return Ok(());
    }
    line_break(xml, 1)?;
    let counts = [("tests", "0"), ("failures", "0"), ("errors", "0"), ("skipped", "0"), ("time", "0.000")];
    let start = BytesStart::new("testsuite").with_attributes([("name", name)]).with_attributes(counts);
    xml.write_event(Xml::Start(start))?;
    let funnel = ("funnel".to_owned(), coverage.funnel().to_string());
    let each = coverage.rows.iter().map(|row| (row.statement.id.to_string(), clause(row)));
    properties(std::iter::once(funnel).chain(each), xml)?;
    line_break(xml, 1)?;
    xml.write_event(Xml::End(BytesEnd::new("testsuite")))
}

/// All that is known of a clause, in a line.
fn clause(row: &Row<'_>) -> String {
    let statement = row.statement;
    let cases = row.cases.map(ClauseCases::by_polarity).unwrap_or_default();
    let sides = row.sides().into_iter().map(|side| {
        let cases = cases.get(&side.polarity).map(Vec::as_slice).unwrap_or_default();
        let named = if cases.is_empty() { String::new() } else { format!(" ({})", named(cases, side.shown)) };
        format!("{}{named}", side_text(&side))
    });
    let mutants: Vec<&str> = statement.mutants.iter().map(String::as_str).collect();
    let mutants = match mutants.len() {
        0 => String::new(),
        count => format!("; {count} mutants: {}", named(&mutants, count)),
    };
    let sides = sides.collect::<Vec<_>>().join(", ");
    let (level, outcome) = (statement.level, word(row.outcome()).0);
    format!("{outcome}; {level}: {} [{}]; {sides}{mutants}", statement.says, statement.source)
}

fn properties<W: Write>(all: impl IntoIterator<Item = (String, String)>, xml: &mut Writer<W>) -> io::Result<()> {
    line_break(xml, 2)?;
    xml.write_event(Xml::Start(BytesStart::new("properties")))?;
    for (name, value) in all {
        line_break(xml, 3)?;
        let value = xml_line(&value, LINE);
        let property =
            BytesStart::new("property").with_attributes([("name", name.as_str()), ("value", value.as_str())]);
        xml.write_event(Xml::Empty(property))?;
    }
    line_break(xml, 2)?;
    xml.write_event(Xml::End(BytesEnd::new("properties")))
}

fn failure(result: &CaseResult, kinds: &[FindingKind]) -> Status {
    let first = result.findings.iter().find(|finding| kinds.contains(&finding.kind));
    let message = first.map_or_else(|| format!("{} without a finding", result.outcome.word()), sentence);
    let message = xml_text(&message);
    let story = xml_text(&story(result, kinds));
    // GitLab shows the content and not the attribute.
    let text = format!("{message}\n\n{story}");
    let kind = first.map_or_else(|| result.outcome.word().to_owned(), |finding| finding.clause.to_string());
    Status::Failure { message, kind, text }
}

/// The part of a case's id before the case: suite and file.
pub(super) fn classname(id: &str) -> &str {
    let path = id.split_once('[').map_or(id, |(path, _)| path);
    path.rsplit_once('/').map_or(path, |(file, _)| file)
}

fn element<W: Write>(xml: &mut Writer<W>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    let end = start.to_end().into_owned();
    xml.write_event(Xml::Start(start.borrow()))?;
    xml.write_event(Xml::Text(BytesText::new(text)))?;
    xml.write_event(Xml::End(end))
}

fn line_break<W: Write>(xml: &mut Writer<W>, depth: usize) -> io::Result<()> {
    xml.get_mut().write_all(b"\n")?;
    (0..depth).try_for_each(|_| xml.get_mut().write_all(b"  "))
}

/// One printable line that XML can hold.
fn xml_line(text: &str, max: usize) -> String {
    xml_text(&without_commands(&shorten(text, max)))
}

/// The text without what XML 1.0 can't hold: most controls, and the noncharacters U+FFFE and U+FFFF.
fn xml_text(text: &str) -> String {
    let holds = |character: &char| matches!(character, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|character| if holds(&character) { character } else { '\u{fffd}' }).collect()
}

fn seconds(ms: f64) -> String {
    format!("{:.3}", if ms.is_finite() { ms.max(0.0) / 1_000.0 } else { 0.0 })
}

#[cfg(test)]
mod tests;
