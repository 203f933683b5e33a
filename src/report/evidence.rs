//! What was sent and what came back, and what was found, as plain printable lines: for formats that hold text alone.
//!
//! Every line is printable, bounded, and no command to a CI server whose log it may end up in; escaping for the format that it ends up in is that format's business.

use super::without_commands;
use crate::text::shorten;
use crate::verdict::{BodyRecord, CaseResult, ExchangeRecord, Finding, FindingKind, ResponseRecord};

/// How many findings of a case are told.
const FINDINGS: usize = 20;
/// How many characters of one statement in a finding.
const STATEMENT: usize = 1_000;
/// How many characters of a curl line.
const CURL: usize = 4_000;
/// How many header fields of an answer, and how many characters of each.
const HEADERS: (usize, usize) = (30, 300);
/// How many lines of a body, and how many characters in all.
const BODY: (usize, usize) = (60, 4_000);

/// One finding in one line.
pub(super) fn sentence(finding: &Finding) -> String {
    let said = format!(
        "{} at {}: expected {}, observed {}",
        finding.clause,
        finding.place,
        expected(finding),
        finding.observed
    );
    without_commands(&shorten(&said, STATEMENT))
}

/// What would have been right, in one line.
pub(super) fn expected(finding: &Finding) -> String {
    if finding.expected.is_empty() { "something else".to_owned() } else { finding.expected.join(" or ") }
}

/// Everything about a case that went wrong: its findings of these kinds, then the exchange of the first of them.
pub(super) fn story(result: &CaseResult, kinds: &[FindingKind]) -> String {
    let findings: Vec<&Finding> = result.findings.iter().filter(|finding| kinds.contains(&finding.kind)).collect();
    let mut lines: Vec<String> = Vec::new();
    for finding in findings.iter().take(FINDINGS) {
        lines.push(finding.clause.to_string());
        lines.push(line("  at        ", &finding.place));
        lines.push(line("  expected  ", &expected(finding)));
        lines.push(line("  observed  ", &finding.observed));
    }
    if findings.len() > FINDINGS {
        lines.push(format!("and {} more findings", findings.len() - FINDINGS));
    }
    if let Some(exchange) = findings.first().and_then(|finding| result.exchanges.get(finding.exchange)) {
        lines.push(String::new());
        lines.extend(exchange_lines(exchange));
    }
    lines.join("\n")
}

/// An exchange: the curl line, then what came back.
pub(super) fn exchange_lines(exchange: &ExchangeRecord) -> Vec<String> {
    let mut lines = vec![line("$ ", &shorten(&exchange.request.curl, CURL))];
    if let Some(trouble) = &exchange.trouble {
        lines.push(line("! ", trouble));
    }
    if let Some(response) = &exchange.response {
        lines.extend(head_lines(response));
        lines.push(String::new());
        lines.extend(body_lines(&response.body));
    }
    lines
}

fn head_lines(response: &ResponseRecord) -> Vec<String> {
    let mut lines = vec![format!("{} {}", without_commands(&response.version), response.status)];
    for (name, value) in response.headers.iter().take(HEADERS.0) {
        lines.push(format!(
            "{}: {}",
            without_commands(&shorten(name, HEADERS.1)),
            without_commands(&shorten(value, HEADERS.1))
        ));
    }
    if response.headers.len() > HEADERS.0 {
        lines.push(format!("… {} more header fields", response.headers.len() - HEADERS.0));
    }
    lines
}

fn body_lines(body: &BodyRecord) -> Vec<String> {
    let (text, whole) = match body {
        BodyRecord::Text(text) => (text, text.len()),
        BodyRecord::Cut { text, bytes } => (text, *bytes),
        BodyRecord::Base64(text) => return vec![line("(base64) ", &shorten(text, BODY.1))],
    };
    let shown = shorten(text, BODY.1);
    let mut lines: Vec<String> = shown.lines().take(BODY.0).map(without_commands).collect();
    if whole > shown.len() || shown.lines().nth(BODY.0).is_some() {
        lines.push(format!("… ({whole} bytes in all)"));
    }
    lines
}

fn line(label: &str, text: &str) -> String {
    format!("{label}{}", without_commands(&shorten(text, CURL)))
}
