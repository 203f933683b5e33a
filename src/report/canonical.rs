//! The canonical report: what was found out, without anything that differs between two runs against equal targets.
//!
//! Two runs of one suite against targets that behave alike give the same bytes, at any number of jobs or shards, with any
//! seed, wherever the target listens. Left out are times and durations, the target, the seed, the run's id, the version
//! of the program, counts of requests, titles, reasons and exchanges, and every observed or expected value but status
//! codes and readings: anything else may be a generated name.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::without_commands as plain;
use super::{Format, Renderer};
use crate::contract::{ClauseId, Polarity};
use crate::verdict::{
    CaseResult, ClauseOutcome, ClauseResult, Event, Finding, FindingKind, Footer, Header, Outcome, SnapshotKind,
    SnapshotState, Verdict,
};

pub(super) const FORMAT: Format = Format {
    name: "canonical",
    says: "what was found out and nothing else: equal for equal targets, at any number of shards",
    wants_exchanges: false,
    renderer: || Box::new(Canonical::default()),
};

/// The version of this format.
const VERSION: u32 = 1;

/// Renders the canonical report: one JSON object, a line for each case and each clause.
#[derive(Debug, Default)]
pub struct Canonical {
    begun: bool,
}

#[derive(Serialize)]
struct Head {
    canonical: u32,
    suite: String,
    digest: String,
    filters: Vec<String>,
    strict: bool,
}

#[derive(Serialize)]
struct Case<'a> {
    id: String,
    file: String,
    line: usize,
    covers: &'a BTreeMap<ClauseId, Polarity>,
    outcome: Outcome,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flaky: bool,
    findings: Vec<Found<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    snapshots: BTreeMap<SnapshotKind, SnapshotState>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Found<'a> {
    kind: FindingKind,
    clause: &'a ClauseId,
    check: String,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<String>,
}

#[derive(Serialize)]
struct Clause<'a> {
    id: &'a ClauseId,
    outcome: ClauseOutcome,
    shown: &'a BTreeMap<Polarity, usize>,
    violations: usize,
    deviations: usize,
    readings: BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct Tail<'a> {
    verdict: Verdict,
    interrupted: bool,
    counts: &'a BTreeMap<Outcome, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaky: Option<usize>,
}

impl Renderer for Canonical {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => start(header, out),
            Event::Case(result) => {
                let comma = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "" };
                out.write_all(comma.as_bytes())?;
                line(&case(result), out)
            }
            Event::Finished(footer) => finish(footer, out),
        }
    }
}

fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&serde_json::to_vec(value)?)
}

/// An object without its closing brace, so that members may follow.
fn members(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value)?;
    text.pop();
    Ok(text)
}

fn start(header: &Header, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&members(&Head {
        canonical: VERSION,
        suite: plain(&header.suite),
        digest: plain(&header.digest),
        filters: header.filters.iter().map(|word| plain(word)).collect(),
        strict: header.strict,
    })?)?;
    out.write_all(b",\"cases\":[\n")
}

fn finish(footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
    let tail = Tail {
        verdict: footer.verdict,
        interrupted: footer.interrupted.is_some(),
        counts: &footer.counts,
        flaky: (footer.flaky > 0).then_some(footer.flaky),
    };
    out.write_all(b"\n],")?;
    out.write_all(members(&tail)?.get(1..).unwrap_or_default())?;
    out.write_all(b",\"clauses\":[\n")?;
    for (index, clause) in footer.clauses.iter().enumerate() {
        out.write_all(if index == 0 { b"" } else { b",\n" })?;
        line(&self::clause(clause), out)?;
    }
    out.write_all(b"\n]}\n")
}

fn case(result: &CaseResult) -> Case<'_> {
    let mut findings: Vec<Found<'_>> = result.findings.iter().map(found).collect();
    findings.sort();
    findings.dedup();
    Case {
        id: plain(&result.id),
        file: plain(&result.file),
        line: result.line,
        covers: &result.covers,
        outcome: result.outcome,
        flaky: result.is_flaky(),
        findings,
        snapshots: result.snapshots.iter().map(|snapshot| (snapshot.kind, snapshot.state)).collect(),
    }
}

fn found(finding: &Finding) -> Found<'_> {
    let observed = finding.observed.as_str();
    let status =
        finding.place == "/status" && observed.len() == 3 && observed.bytes().all(|byte| byte.is_ascii_digit());
    Found {
        kind: finding.kind,
        clause: &finding.clause,
        check: plain(&finding.check),
        place: plain(&finding.place),
        observed: (status || finding.kind == FindingKind::Observation).then(|| plain(observed)),
    }
}

fn clause(clause: &ClauseResult) -> Clause<'_> {
    Clause {
        id: &clause.id,
        outcome: clause.outcome,
        shown: &clause.shown,
        violations: clause.violations,
        deviations: clause.deviations,
        readings: clause.readings.iter().map(|(reading, count)| (plain(reading), *count)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{cases, events, header, hostile, rendered};
    use crate::verdict::{CaseResult, Finding, Header};

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
            started: "2027-01-01T00:00:00Z".to_owned(),
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
                .map(|finding| match finding.place.as_str() {
                    "/body" => Finding { observed: "a name of another seed".to_owned(), ..finding.clone() },
                    _ => finding.clone(),
                })
                .collect(),
            ..case
        });
        let (one, two) = (rendered("canonical", &hostile()), rendered("canonical", &events(other, later.collect())));
        assert_eq!(one, two);
    }
}
