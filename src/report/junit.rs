//! JUnit XML, as GitLab, Jenkins, GitHub actions and most CI servers read it: one testcase a case row.
//!
//! The cases of one case file are one testsuite, in whatever order they come. A testsuite states its counts before its
//! cases, so they are all held until the end (`suites`), or until they are too long together: then the longest is written
//! and goes on in a further part. The root states the counts of all, so what is written waits in a nameless temporary file,
//! or in memory where it is short. After the cases, a testsuite without any has the clauses as its properties.
//!
//! A testcase is called by its id alone: CI servers know it again by its name, and a title may be put into better words. The
//! title is the first line of its `system-out`.
//!
//! `deviates` and `observed` pass, unless the run was strict, and tell there what was found. A run that found
//! nothing out has no failing case, so it gets an error of its own: it must not look like a success.

mod content;
mod suites;
mod xml;

use std::io::{self, Seek as _, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event as XmlEvent};
use tempfile::SpooledTempFile;

use super::cases::ClauseCases;
use super::clauses::{ClauseRow, Side, named};
use super::escape::{self, line};
use super::evidence::Stories;
use super::failures::{self, RunFailure, run_failures};
use super::format::{Format, Output, Renderer};
use super::gate;
use super::summary::Summary;
use super::testcase;
use crate::verdict::CaseResult;
use content::{Content, Status};
use suites::{Counts, SuitePart, Suites};
use xml::{Xml, element, empty, properties, seconds, xml_line};

pub(super) const FORMAT: Format = Format {
    name: "junit",
    help: "Write JUnit XML, a testcase for each case, for CI servers",
    output: Output::File("junit.xml"),
    wants_exchanges: false,
    renderer: || Box::new(JUnit::new()),
};

/// How many bytes of testsuites wait in memory.
const IN_MEMORY: usize = 4 * 1024 * 1024;

struct JUnit {
    suites: Suites,
    stories: Stories,
    /// The testsuites that are written, in front of which the root has to stand.
    written: SpooledTempFile,
    /// What these count.
    counts: Counts,
}

impl Renderer for JUnit {
    fn case(&mut self, result: &CaseResult, run: &Summary, _out: &mut dyn Write) -> io::Result<()> {
        let name = escape::xml(&line(&result.id));
        let content = Content::of(result, run.header.strict, &mut self.stories).titled(&result.title);
        let at = Some((result.file.as_str(), result.line));
        self.testcase((testcase::group(&result.id), &name), at, result.elapsed_ms, &content)?;
        while let Some(suite) = self.suites.overflow() {
            self.testsuite(&suite, run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        for RunFailure { group, name, kind, message, at } in run_failures(run) {
            let message = escape::xml(&message);
            let at = at.as_ref().map(|(file, line)| (file.as_str(), *line));
            let content = match group {
                failures::VERDICT => Content::from(Status::Error(message)),
                _ => Content::from(Status::Failure { text: message.clone(), message, kind }),
            };
            self.testcase((&of_suite(group, run), &escape::xml(&name)), at, 0.0, &content)?;
        }
        for suite in self.suites.rest() {
            self.testsuite(&suite, run)?;
        }
        let mut xml = Writer::new(Vec::new());
        clauses(&self.suites.further(&xml_line(&of_suite("clauses", run))), run, &mut xml)?;
        self.written.write_all(xml.get_ref())?;
        if run.header.is_last() { self.root(&xml_line(&run.about()), out) } else { Ok(()) }
    }
}

/// The name of a testsuite that no case file has; where there are several suites, behind that of the suite, as a file's is.
fn of_suite(name: &str, run: &Summary) -> String {
    if run.header.is_of_several() { format!("{}/{name}", run.header.suite) } else { name.to_owned() }
}

impl JUnit {
    fn new() -> Self {
        let written = SpooledTempFile::new(IN_MEMORY);
        Self { suites: Suites::default(), stories: Stories::default(), written, counts: Counts::default() }
    }

    /// Writes the root, with what it counts and all testsuites.
    fn root(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut xml = Writer::new(out);
        xml.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let start = self.counts.attributes(BytesStart::new("testsuites").with_attributes([("name", name)]));
        xml.get_mut().write_all(b"\n")?;
        xml.write_event(XmlEvent::Start(start))?;
        self.written.rewind()?;
        io::copy(&mut self.written, xml.get_mut())?;
        xml.get_mut().write_all(b"\n")?;
        xml.write_event(XmlEvent::End(BytesEnd::new("testsuites")))?;
        xml.get_mut().write_all(b"\n")
    }

    /// Adds a testcase to what is held.
    fn testcase(
        &mut self,
        (classname, name): (&str, &str),
        at: Option<(&str, usize)>,
        ms: f64,
        content: &Content,
    ) -> io::Result<()> {
        let classname = xml_line(classname);
        let name = self.suites.unused(&classname, name);
        let attributes = [("classname", classname.as_str()), ("name", &name), ("time", &seconds(ms))];
        let mut start = BytesStart::new("testcase").with_attributes(attributes);
        if let Some((file, line)) = at {
            let (file, line) = (xml_line(file), line.to_string());
            start = start.with_attributes([("file", file.as_str()), ("line", &line)]);
        }
        let mut xml = Writer::new(Vec::new());
        if content.is_empty() {
            empty(&mut xml, 2, start)?;
        } else {
            element(&mut xml, 2, start, |xml| content.write(xml))?;
        }
        self.suites.add(&classname, &content.status, ms, xml.get_ref());
        Ok(())
    }

    fn testsuite(&mut self, suite: &SuitePart, run: &Summary) -> io::Result<()> {
        let header = &run.header;
        let start =
            suite.counts.attributes(BytesStart::new("testsuite").with_attributes([("name", suite.name.as_str())]));
        let start = start.with_attributes([("timestamp", header.started.to_string().as_str())]);
        let mut xml = Writer::new(Vec::new());
        element(&mut xml, 1, start, |xml| {
            let target = header.named_target();
            let of_run = [
                ("target", &target),
                ("seed", &header.seed),
                ("digest", &header.digest),
                ("suite", &header.suite),
                ("version", &header.version),
            ];
            properties(xml, of_run.map(|(name, value)| (name.to_owned(), value.clone())))?;
            xml.get_mut().write_all(&suite.cases)
        })?;
        self.counts.take(&suite.counts);
        self.written.write_all(xml.get_ref())
    }
}

/// A testsuite without a case: what CI servers count stays the cases, and whoever reads the file finds the clauses.
fn clauses(name: &str, run: &Summary, xml: &mut Xml) -> io::Result<()> {
    let (coverage, told) = (run.coverage(), run.told());
    if told.0.is_empty() {
        return Ok(());
    }
    let start = Counts::default().attributes(BytesStart::new("testsuite").with_attributes([("name", name)]));
    let funnel = ("funnel".to_owned(), coverage.funnel().to_string());
    let evidence = gate::evidence(&run.footer).map(|evidence| ("evidence".to_owned(), evidence));
    let derived = run.derived().derived_line().map(|derived| ("derived".to_owned(), derived));
    let each = told.0.iter().map(|row| (row.statement.id.to_string(), clause(row)));
    element(xml, 1, start, |xml| properties(xml, std::iter::once(funnel).chain(derived).chain(evidence).chain(each)))
}

/// All that is known of a clause, in a line.
fn clause(row: &ClauseRow<'_>) -> String {
    let (statement, outcome) = (row.statement, row.outcome());
    let cases = row.cases.map(ClauseCases::by_polarity).unwrap_or_default();
    let side = |side: &Side<'_>| match cases.get(&side.polarity) {
        Some(cases) => format!("{side} ({})", named(cases, side.shown)),
        None => side.to_string(),
    };
    let sides = row.sides.iter().map(side).collect::<Vec<_>>().join(", ");
    let count = statement.mutants.len();
    let mutants = row.mutants_line().map(|mutants| format!("; {count} mutants: {mutants}")).unwrap_or_default();
    format!("{outcome}; {}: {} [{}]; {sides}{mutants}", statement.level, statement.says, statement.source)
}

#[cfg(test)]
mod tests;
