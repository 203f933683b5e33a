//! CTRF, the Common Test Report Format (ctrf.io): JSON that test dashboards read, one test a case row.
//!
//! Streams: tests are written as they come, the summary stands after them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::cases::ClauseCases;
use super::clauses::ClauseRow;
use super::escape::short;
use super::evidence::{Stories, sentence};
use super::failures::{RunFailure, run_failures};
use super::format::{Format, Output, Renderer};
use super::summary::Summary;
use super::testcase;
use super::{gate, json, snapshots};
use crate::contract::{ClauseId, Level, Polarity};
use crate::verdict::{CaseResult, ClauseOutcome, FindingKind, SnapshotKind, SnapshotState};

pub(super) const FORMAT: Format = Format {
    name: "ctrf",
    help: "Write CTRF JSON, a test for each case, for test dashboards",
    output: Output::File("ctrf.json"),
    wants_exchanges: false,
    renderer: || Box::new(Ctrf::default()),
};

/// The version of the format's specification.
const SPEC: &str = "0.0.0";
/// How many characters of a title or message.
const LINE: usize = 1_000;

/// The format's words for what became of a test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
    Skipped,
    #[default]
    Other,
}

impl From<testcase::Status> for Status {
    fn from(status: testcase::Status) -> Self {
        match status {
            testcase::Status::Passed => Self::Passed,
            testcase::Status::Failed | testcase::Status::Error => Self::Failed,
            testcase::Status::Skipped => Self::Skipped,
            testcase::Status::Inconclusive => Self::Other,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    report_format: &'static str,
    spec_version: &'static str,
    timestamp: jiff::Timestamp,
    generated_by: &'static str,
}

#[derive(Serialize)]
struct Results {
    tool: Tool,
    environment: Environment,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    app_name: String,
    test_environment: String,
    extra: EnvironmentExtra,
}

#[derive(Serialize)]
struct EnvironmentExtra {
    seed: String,
    digest: String,
    strict: bool,
}

/// A test. What it doesn't have is left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(skip_serializing_if = "Option::is_none")]
    test_id: Option<String>,
    name: String,
    status: Status,
    raw_status: String,
    duration: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suite: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<TestExtra>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retry_attempts: Vec<Attempt>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flaky: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

#[derive(Serialize)]
struct TestExtra {
    clauses: BTreeMap<ClauseId, Polarity>,
    requests: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    snapshots: Vec<Snapshot>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    waived: BTreeMap<ClauseId, String>,
}

#[derive(Serialize)]
struct Snapshot {
    kind: SnapshotKind,
    state: SnapshotState,
    file: String,
}

/// An attempt before the one that counts.
#[derive(Serialize)]
struct Attempt {
    attempt: usize,
    status: Status,
    message: String,
}

#[derive(Serialize)]
struct Tail {
    summary: Totals,
}

#[derive(Default, Serialize)]
struct Totals {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    pending: usize,
    other: usize,
    flaky: usize,
    start: i64,
    stop: i64,
    duration: i64,
    extra: Option<Extra>,
}

/// What the summary has besides.
#[derive(Serialize)]
#[serde(untagged)]
enum Extra {
    Suite(TotalsExtra),
    Suites {
        verdict: String,
        gate: String,
        #[serde(serialize_with = "json::in_order")]
        suites: Vec<(String, SuiteExtra)>,
    },
}

/// What is known of one of several suites.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuiteExtra {
    test_environment: String,
    seed: String,
    digest: String,
    #[serde(flatten)]
    totals: TotalsExtra,
}

#[derive(Serialize)]
struct TotalsExtra {
    verdict: String,
    gate: String,
    reason: Option<String>,
    requests: usize,
    /// How much evidence was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
    #[serde(serialize_with = "json::in_order")]
    funnel: Vec<(&'static str, usize)>,
    /// How far the derived clauses got.
    #[serde(skip_serializing_if = "Option::is_none")]
    derived: Option<String>,
    #[serde(serialize_with = "json::in_order")]
    clauses: Vec<(ClauseId, Clause)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots: Option<String>,
}

#[derive(Serialize)]
struct Clause {
    level: Level,
    outcome: ClauseOutcome,
    says: String,
    source: String,
    #[serde(serialize_with = "json::in_order")]
    sides: Vec<(Polarity, Side)>,
    mutants: Vec<String>,
}

#[derive(Serialize)]
struct Side {
    shown: usize,
    untestable: Option<String>,
    untested: Option<String>,
    cases: Vec<String>,
}

#[derive(Default)]
struct Ctrf {
    tests: json::Elements,
    stories: Stories,
    totals: Totals,
    /// The suites that are over, where there are several.
    suites: Vec<(String, SuiteExtra)>,
}

impl Renderer for Ctrf {
    fn start(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let header = &run.header;
        if !header.is_first() {
            return Ok(());
        }
        self.totals.start = header.started.as_millisecond();
        let document = Document {
            report_format: "CTRF",
            spec_version: SPEC,
            timestamp: header.started,
            generated_by: "conformant",
        };
        let (seed, digest) = (clean(&header.seed), clean(&header.digest));
        let results = Results {
            tool: Tool { name: "conformant", version: clean(&header.version) },
            environment: Environment {
                app_name: clean(&run.about()),
                test_environment: clean(&header.named_target()),
                extra: EnvironmentExtra { seed, digest, strict: header.strict },
            },
        };
        json::open(&document, out)?;
        out.write_all(b",\"results\":")?;
        json::open(&results, out)?;
        out.write_all(b",\"tests\":[")
    }

    fn case(&mut self, result: &CaseResult, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let test = Test::of(result, run.header.strict, &mut self.stories);
        self.add(&test, out)
    }

    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        for RunFailure { name, kind, message, .. } in run_failures(run) {
            let message = Some(clean(&message));
            self.add(
                &Test { name: clean(&name), status: Status::Failed, raw_status: kind, message, ..Test::default() },
                out,
            )?;
        }
        let (header, footer) = (&run.header, &run.footer);
        let coverage = run.coverage();
        let totals = TotalsExtra {
            verdict: footer.verdict.to_string(),
            gate: footer.gate.to_string(),
            reason: footer.reason.as_deref().map(clean),
            requests: footer.requests,
            evidence: gate::evidence(footer),
            funnel: coverage.funnel().stages(),
            derived: run.derived().derived_line(),
            clauses: run.told().0.iter().map(|row| (row.statement.id.clone(), Clause::from(row))).collect(),
            snapshots: snapshots::sum(footer),
        };
        let duration = milliseconds(footer.elapsed_s * 1_000.0);
        self.totals.flaky = self.totals.flaky.saturating_add(footer.flaky);
        self.totals.duration = self.totals.duration.saturating_add(duration);
        self.totals.stop = header.started.as_millisecond().saturating_add(duration);
        let extra = if header.is_of_several() {
            let (seed, digest) = (clean(&header.seed), clean(&header.digest));
            let extra = SuiteExtra { test_environment: clean(&header.named_target()), seed, digest, totals };
            self.suites.push((clean(&header.suite), extra));
            let (verdict, gate) = (run.verdict_on_all().to_string(), run.gate_of_all().to_string());
            if !header.is_last() {
                return Ok(());
            }
            Extra::Suites { verdict, gate, suites: std::mem::take(&mut self.suites) }
        } else {
            Extra::Suite(totals)
        };
        let summary = Totals { extra: Some(extra), ..std::mem::take(&mut self.totals) };
        out.write_all(b"\n]")?;
        json::resume(&Tail { summary }, out)?;
        out.write_all(b"}}\n")
    }
}

impl Ctrf {
    fn add(&mut self, test: &Test, out: &mut dyn Write) -> io::Result<()> {
        self.totals.tests += 1;
        match test.status {
            Status::Passed => self.totals.passed += 1,
            Status::Failed => self.totals.failed += 1,
            Status::Skipped => self.totals.skipped += 1,
            Status::Other => self.totals.other += 1,
        }
        self.tests.write(test, out)
    }
}

impl Test {
    fn of(result: &CaseResult, strict: bool, stories: &mut Stories) -> Self {
        let status = Status::from(testcase::Status::of(result, strict));
        // What is waived is shown where all is, and else left out.
        let rest = if result.is_waived(strict) { result.clone() } else { result.without_waived().into_owned() };
        let snapshot = |snapshot: &crate::verdict::SnapshotResult| Snapshot {
            kind: snapshot.kind,
            state: snapshot.state,
            file: clean(&snapshot.file),
        };
        let attempt = |(index, status): (usize, &u16)| Attempt {
            attempt: index + 1,
            status: Status::Failed,
            message: format!("answered {status}, and sent again"),
        };
        let changed = || result.failing_snapshots().next().map(snapshots::says);
        Self {
            test_id: Some(clean(&result.id)),
            name: clean(&format!("{} {}", result.id, result.title)),
            status,
            raw_status: result.outcome.to_string(),
            duration: milliseconds(result.elapsed_ms),
            suite: testcase::group(&result.id).split('/').map(clean).collect(),
            file_path: Some(clean(&result.file)),
            line: Some(result.line),
            extra: Some(TestExtra {
                clauses: result.covers.clone(),
                requests: result.requests,
                snapshots: result.snapshots.iter().map(snapshot).collect(),
                waived: result.waived.iter().map(|(clause, terms)| (clause.clone(), gate::until(terms))).collect(),
            }),
            retries: (!result.retried.is_empty()).then_some(result.retried.len()),
            retry_attempts: result.retried.iter().enumerate().map(attempt).collect(),
            flaky: result.is_flaky() && status == Status::Passed,
            message: message(&rest).or_else(changed),
            trace: trace(&rest, stories),
        }
    }
}

/// All that is known of a clause.
impl From<&ClauseRow<'_>> for Clause {
    fn from(row: &ClauseRow<'_>) -> Self {
        let statement = row.statement;
        let cases = row.cases.map(ClauseCases::by_polarity).unwrap_or_default();
        let sides = row.sides.iter().map(|side| {
            let cases = cases.get(&side.polarity).into_iter().flatten().map(|id| clean(id)).collect();
            let (untestable, untested) = (side.untestable.map(clean), side.untested.map(clean));
            (side.polarity, Side { shown: side.shown, untestable, untested, cases })
        });
        Self {
            level: statement.level,
            outcome: row.outcome(),
            says: clean(&statement.says),
            source: clean(&statement.source),
            sides: sides.collect(),
            mutants: statement.mutants.iter().map(|id| clean(id)).collect(),
        }
    }
}

/// What went wrong, in a line: the reason, or the worst finding.
fn message(result: &CaseResult) -> Option<String> {
    let reason = result.reason.as_deref().map(clean);
    reason.or_else(|| result.findings.iter().min_by_key(|finding| finding.kind).map(sentence))
}

fn trace(result: &CaseResult, stories: &mut Stories) -> Option<String> {
    result.broken().next().map(|_| stories.tell(result, &[FindingKind::Violation, FindingKind::Deviation]))
}

fn clean(text: &str) -> String {
    short(text, LINE)
}

/// Whole milliseconds; zero for what is no number.
fn milliseconds(ms: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest integer that there is")]
    let whole = ms.max(0.0).round() as i64;
    whole
}

#[cfg(test)]
mod tests;
