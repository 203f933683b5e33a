//! The canonical report: what was found out, without anything that differs between two runs against equal targets.
//!
//! Two runs of one suite against targets that behave alike give the same bytes, at any number of jobs or shards, with any
//! seed, wherever the target listens. Left out are times and durations, the target, the seed, the run's id, the version
//! of the program, counts of requests, titles, reasons and exchanges, and every observed or expected value but status
//! codes and readings: anything else may be a generated name.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::line;
use super::format::{Format, Output, Renderer};
use super::json;
use super::summary::Summary;
use crate::contract::{ClauseId, Polarity};
use crate::verdict::{
    CaseResult, CheckId, ClauseOutcome, ClauseResult, Finding, FindingKind, Outcome, Place, SnapshotKind,
    SnapshotState, Verdict,
};

pub(super) const FORMAT: Format = Format {
    name: "canonical",
    help: "Write what was found out and nothing that differs between runs against equal targets, as JSON",
    output: Output::File("canonical.json"),
    wants_exchanges: false,
    renderer: || Box::new(Canonical::default()),
};

/// The version of this format.
const VERSION: u32 = 1;

/// One JSON object, a line for each case and each clause. Of several suites, one that has such an object for each.
#[derive(Default)]
struct Canonical {
    cases: json::Elements,
}

#[derive(Serialize)]
struct CanonicalHeader {
    canonical: u32,
    suite: String,
    digest: String,
    filters: Vec<String>,
    strict: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    insecure: bool,
}

#[derive(Serialize)]
struct CanonicalCase<'a> {
    id: String,
    file: String,
    line: usize,
    covers: &'a BTreeMap<ClauseId, Polarity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vacuous: Vec<&'a ClauseId>,
    outcome: Outcome,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flaky: bool,
    findings: Vec<CanonicalFinding<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    snapshots: BTreeMap<SnapshotKind, SnapshotState>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct CanonicalFinding<'a> {
    kind: FindingKind,
    clause: &'a ClauseId,
    check: &'a CheckId,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<String>,
}

#[derive(Serialize)]
struct CanonicalFooter<'a> {
    verdict: Verdict,
    interrupted: bool,
    counts: &'a BTreeMap<Outcome, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaky: Option<usize>,
}

#[derive(Serialize)]
struct CanonicalClause<'a> {
    id: &'a ClauseId,
    outcome: ClauseOutcome,
    shown: &'a BTreeMap<Polarity, usize>,
    violations: usize,
    deviations: usize,
    readings: BTreeMap<String, usize>,
}

impl Renderer for Canonical {
    fn start(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        if run.header.is_of_several() {
            let before = if run.header.is_first() { "{\"canonical\":1,\"suites\":[\n" } else { ",\n" };
            out.write_all(before.as_bytes())?;
            self.cases = json::Elements::default();
        }
        let header = CanonicalHeader {
            canonical: VERSION,
            suite: line(&run.header.suite),
            digest: line(&run.header.digest),
            filters: run.header.filters.iter().map(|word| line(word)).collect(),
            strict: run.header.strict,
            insecure: run.header.insecure,
        };
        json::open(&header, out)?;
        out.write_all(b",\"cases\":[")
    }

    fn case(&mut self, result: &CaseResult, _run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.cases.write(&CanonicalCase::from(result), out)
    }

    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let footer = &run.footer;
        out.write_all(b"\n]")?;
        let tail = CanonicalFooter {
            verdict: footer.verdict,
            interrupted: footer.interrupted.is_some(),
            counts: &footer.counts,
            flaky: (footer.flaky > 0).then_some(footer.flaky),
        };
        json::resume(&tail, out)?;
        out.write_all(b",\"clauses\":[")?;
        let mut clauses = json::Elements::default();
        footer.clauses.iter().try_for_each(|clause| clauses.write(&CanonicalClause::from(clause), out))?;
        out.write_all(b"\n]}")?;
        if run.header.is_of_several() && run.header.is_last() {
            out.write_all(b"\n]")?;
            json::resume(&CanonicalRun { verdict: run.verdict_on_all() }, out)?;
            out.write_all(b"}")?;
        }
        if run.header.is_last() { out.write_all(b"\n") } else { Ok(()) }
    }
}

/// What all suites together came to.
#[derive(Serialize)]
struct CanonicalRun {
    verdict: Verdict,
}

impl<'a> From<&'a CaseResult> for CanonicalCase<'a> {
    fn from(result: &'a CaseResult) -> Self {
        let mut findings: Vec<CanonicalFinding<'_>> = result.findings.iter().map(CanonicalFinding::from).collect();
        findings.sort();
        findings.dedup();
        Self {
            id: line(&result.id),
            file: line(&result.file),
            line: result.line,
            covers: &result.covers,
            vacuous: result.vacuous.keys().collect(),
            outcome: result.outcome,
            flaky: result.is_flaky(),
            findings,
            snapshots: result.snapshots.iter().map(|snapshot| (snapshot.kind, snapshot.state)).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for CanonicalFinding<'a> {
    fn from(finding: &'a Finding) -> Self {
        let Finding { clause, kind, check, place, observed, .. } = finding;
        let status =
            *place == Place::Status && observed.len() == 3 && observed.bytes().all(|byte| byte.is_ascii_digit());
        let observed = (status || *kind == FindingKind::Observation).then(|| line(observed));
        Self { kind: *kind, clause, check, place: line(&place.to_string()), observed }
    }
}

impl<'a> From<&'a ClauseResult> for CanonicalClause<'a> {
    fn from(clause: &'a ClauseResult) -> Self {
        Self {
            id: &clause.id,
            outcome: clause.outcome,
            shown: &clause.shown,
            violations: clause.violations,
            deviations: clause.deviations,
            readings: clause.readings.iter().map(|(reading, count)| (line(reading), *count)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{cases, events, header, hostile, rendered};
    use crate::verdict::{CaseResult, Finding, Header, Place};

    #[test]
    fn a_run_is_one_json_object_with_its_cases_and_clauses() {
        let text = rendered("canonical", &hostile());
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["cases"].as_array().unwrap().len(), 9);
        assert_eq!(report["clauses"].as_array().unwrap().len(), 7);
        assert_eq!(report["verdict"], "non-conformant");
        assert_eq!(report["cases"][1]["findings"][0]["observed"], "200");
    }

    #[test]
    fn what_differs_between_equal_targets_is_not_in_it() {
        let other = Header {
            target: "http://127.0.0.1:9".to_owned(),
            seed: "ff".to_owned(),
            started: "2027-01-01T00:00:00Z".parse().unwrap(),
            run: "another".to_owned(),
            ..header()
        };
        let later = cases().into_iter().map(|case| CaseResult {
            title: "another title".to_owned(),
            elapsed_ms: 77.0,
            requests: 9,
            exchanges: Vec::new(),
            findings: case
                .findings
                .iter()
                .map(|finding| match finding.place {
                    Place::Body(ref pointer) if pointer.is_empty() => {
                        Finding { observed: "a name of another seed".to_owned(), ..finding.clone() }
                    }
                    _ => finding.clone(),
                })
                .collect(),
            ..case
        });
        let (one, two) = (rendered("canonical", &hostile()), rendered("canonical", &events(other, later.collect())));
        assert_eq!(one, two);
    }
}
