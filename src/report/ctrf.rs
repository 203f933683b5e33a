//! CTRF, the Common Test Report Format (ctrf.io): JSON that test dashboards read, one test a case row.
//!
//! Streams: tests are written as they come, the summary stands after them. Memory is bounded by the ledger's limits.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::coverage::{Coverage, Row, word};
use super::evidence::{sentence, story};
use super::junit::classname;
use super::summary::{ClauseCases, Summary};
use super::{Format, Renderer, flaky, gate, snapshots, waivers, without_commands};
use crate::text::shorten;
use crate::verdict::{CaseResult, Event, FindingKind, Footer, Gate, Header, Outcome, SnapshotResult};

pub(super) const FORMAT: Format = Format {
    name: "ctrf",
    says: "CTRF JSON: a test a case, for test dashboards",
    wants_exchanges: false,
    renderer: || Box::new(Ctrf::default()),
};

/// The version of the format's specification.
const SPEC: &str = "0.0.0";
/// How many characters of a title or message.
const LINE: usize = 1_000;

/// Renders CTRF.
#[derive(Debug, Default)]
pub struct Ctrf {
    start: i64,
    ledger: Summary,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    other: usize,
}

/// The format's words for what became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Passed,
    Failed,
    Skipped,
    Other,
}

impl Renderer for Ctrf {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.begin(header, out),
            Event::Case(result) => {
                self.ledger.record(result);
                let (status, test) = self.test(result);
                self.add(status, &test, out)
            }
            Event::Finished(footer) => self.finish(footer, out),
        }
    }
}

impl Ctrf {
    fn begin(&mut self, header: &Header, out: &mut dyn Write) -> io::Result<()> {
        self.ledger.start(header);
        let started = header.started.parse::<jiff::Timestamp>();
        self.start = started.as_ref().map_or(0, |time| time.as_millisecond());
        let mut head = Map::new();
        head.insert("reportFormat".to_owned(), "CTRF".into());
        head.insert("specVersion".to_owned(), SPEC.into());
        if let Ok(time) = started {
            head.insert("timestamp".to_owned(), time.to_string().into());
        }
        head.insert("generatedBy".to_owned(), "conformant".into());
        let results = json!({
            "tool": { "name": "conformant", "version": clean(&header.version) },
            "environment": {
                "appName": clean(&header.suite),
                "testEnvironment": clean(&header.target),
                "extra": { "seed": clean(&header.seed), "digest": clean(&header.digest), "strict": header.strict },
            },
        });
        // Both are left open: the tests follow one by one, and the summary after them.
        out.write_all(open(&Value::Object(head)).as_bytes())?;
        out.write_all(b",\"results\":")?;
        out.write_all(open(&results).as_bytes())?;
        out.write_all(b",\"tests\":[")
    }

    fn add(&mut self, status: Status, test: &Value, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.counts.tests == 0 { b"\n" } else { b",\n" })?;
        self.counts.tests += 1;
        match status {
            Status::Passed => self.counts.passed += 1,
            Status::Failed => self.counts.failed += 1,
            Status::Skipped => self.counts.skipped += 1,
            Status::Other => self.counts.other += 1,
        }
        serde_json::to_writer(out, test).map_err(io::Error::from)
    }

    fn test(&self, result: &CaseResult) -> (Status, Value) {
        let waived = result.is_waived(self.ledger.strict());
        let changed = result.failing_snapshots().next();
        let status = match result.outcome {
            Outcome::Conforms | Outcome::Observed | Outcome::Deviates | Outcome::Violates if changed.is_some() => {
                Status::Failed
            }
            _ if waived => Status::Skipped,
            Outcome::Violates | Outcome::Error => Status::Failed,
            Outcome::Deviates if self.ledger.strict() => Status::Failed,
            Outcome::Skipped => Status::Skipped,
            Outcome::Inconclusive => Status::Other,
            Outcome::Deviates | Outcome::Observed | Outcome::Conforms => Status::Passed,
        };
        let covers: Map<String, Value> =
            result.covers.iter().map(|(clause, polarity)| (clause.to_string(), polarity.name().into())).collect();
        let suite: Vec<String> = classname(&result.id).split('/').map(clean).collect();
        let mut test = json!({
            "testId": clean(&result.id),
            "name": clean(&format!("{} {}", result.id, result.title)),
            "status": status.word(),
            "rawStatus": result.outcome.word(),
            "duration": milliseconds(result.elapsed_ms),
            "suite": suite,
            "filePath": clean(&result.file),
            "line": result.line,
            "extra": { "clauses": covers, "requests": result.requests },
        });
        if let Some(test) = test.as_object_mut() {
            let result = &*if waived { Cow::Borrowed(result) } else { result.without_waived() };
            if !result.snapshots.is_empty() {
                let of = |snapshot: &SnapshotResult| json!({ "kind": snapshot.kind.word(), "state": snapshot.state.word(), "file": clean(&snapshot.file) });
                let snapshots: Vec<Value> = result.snapshots.iter().map(of).collect();
                if let Some(extra) = test.get_mut("extra").and_then(Value::as_object_mut) {
                    extra.insert("snapshots".to_owned(), snapshots.into());
                }
            }
            if !result.retried.is_empty() {
                test.insert("retries".to_owned(), result.retried.len().into());
                test.insert("retryAttempts".to_owned(), attempts(result));
            }
            if result.is_flaky() && status == Status::Passed {
                test.insert("flaky".to_owned(), true.into());
            }
            if !result.waived.is_empty() {
                let until =
                    result.waived.iter().map(|(clause, waived)| (clause.to_string(), waivers::until(waived).into()));
                if let Some(extra) = test.get_mut("extra").and_then(Value::as_object_mut) {
                    extra.insert("waived".to_owned(), Value::Object(until.collect()));
                }
            }
            let message = message(result).or_else(|| changed.map(snapshots::says));
            for (member, text) in [("message", message), ("trace", trace(result))] {
                text.map(|text| test.insert(member.to_owned(), text.into()));
            }
        }
        (status, test)
    }

    fn finish(&mut self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        for line in waivers::lines(footer).into_iter().filter(|line| line.due) {
            let test = json!({
                "name": format!("{} waiver: {}", line.word, line.says),
                "status": Status::Failed.word(),
                "rawStatus": line.word,
                "duration": 0,
                "message": line.says,
            });
            self.add(Status::Failed, &test, out)?;
        }
        if let Some(line) = flaky::line(footer).filter(|line| line.due) {
            let test = json!({
                "name": "no case is flaky",
                "status": Status::Failed.word(),
                "rawStatus": "flaky",
                "duration": 0,
                "message": line.says,
            });
            self.add(Status::Failed, &test, out)?;
        }
        if footer.gate != Gate::Passed && self.counts.failed == 0 {
            // A run that found nothing out must not look like a success.
            let reason = gate::why(footer);
            let test = json!({
                "name": "the verdict on the run",
                "status": Status::Failed.word(),
                "rawStatus": footer.verdict.words(),
                "duration": 0,
                "message": clean(&format!("{}: {reason}", footer.verdict.words())),
            });
            self.add(Status::Failed, &test, out)?;
        }
        let duration = milliseconds(footer.elapsed_s * 1_000.0);
        let counts = &self.counts;
        let coverage = Coverage::new(&self.ledger, footer);
        let funnel: Map<String, Value> =
            coverage.funnel().stages().into_iter().map(|(stage, count)| (stage.to_owned(), count.into())).collect();
        let clauses: Map<String, Value> =
            coverage.rows.iter().map(|row| (row.statement.id.to_string(), clause(row))).collect();
        let mut summary = json!({
            "tests": counts.tests,
            "passed": counts.passed,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "pending": 0,
            "other": counts.other,
            "flaky": footer.flaky,
            "start": self.start,
            "stop": self.start.saturating_add(duration),
            "duration": duration,
            "extra": {
                "verdict": footer.verdict.words(),
                "gate": footer.gate.word(),
                "reason": footer.reason.as_deref().map(clean),
                "requests": footer.requests,
                "funnel": funnel,
                "clauses": clauses,
            },
        });
        if let (Some(sum), Some(extra)) =
            (snapshots::sum(footer), summary.get_mut("extra").and_then(Value::as_object_mut))
        {
            extra.insert("snapshots".to_owned(), sum.into());
        }
        writeln!(out, "\n],\"summary\":{summary}}}}}")
    }
}

/// The attempts before the one that counts, each for the answer that made it one.
fn attempts(result: &CaseResult) -> Value {
    let attempt = |(index, status): (usize, &u16)| {
        let message = format!("answered {status}, and sent again");
        json!({ "attempt": index + 1, "status": Status::Failed.word(), "message": message })
    };
    result.retried.iter().enumerate().map(attempt).collect()
}

/// All that is known of a clause.
fn clause(row: &Row<'_>) -> Value {
    let cases = row.cases.map(ClauseCases::by_polarity).unwrap_or_default();
    let sides = row.sides().into_iter().map(|side| {
        let cases: Vec<String> = cases.get(&side.polarity).into_iter().flatten().map(|id| clean(id)).collect();
        let untestable = side.untestable.map(clean);
        let untested = side.untested.map(clean);
        (
            side.polarity.name().to_owned(),
            json!({ "shown": side.shown, "untestable": untestable, "untested": untested, "cases": cases }),
        )
    });
    json!({
        "level": row.statement.level.name(),
        "outcome": word(row.outcome()).0,
        "says": clean(&row.statement.says),
        "source": clean(&row.statement.source),
        "sides": sides.collect::<Map<String, Value>>(),
        "mutants": row.statement.mutants.iter().map(|id| clean(id)).collect::<Vec<_>>(),
    })
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Other => "other",
        }
    }
}

/// What went wrong, in a line: the worst finding, or the reason.
fn message(result: &CaseResult) -> Option<String> {
    let reason = result.reason.as_deref().map(clean);
    reason.or_else(|| result.findings.iter().min_by_key(|finding| finding.kind).map(sentence))
}

fn trace(result: &CaseResult) -> Option<String> {
    let kinds = [FindingKind::Violation, FindingKind::Deviation];
    let told = result.findings.iter().any(|finding| kinds.contains(&finding.kind));
    told.then(|| story(result, &kinds))
}

/// A JSON object without its closing brace.
fn open(object: &Value) -> String {
    let mut text = object.to_string();
    text.pop();
    text
}

fn clean(text: &str) -> String {
    without_commands(&shorten(text, LINE))
}

/// Whole milliseconds; zero for what is no number.
fn milliseconds(ms: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest integer that there is")]
    let whole = ms.max(0.0).round() as i64;
    whole
}

#[cfg(test)]
mod tests;
