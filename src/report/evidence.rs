//! What was sent and what came back, and what was found, as plain printable lines: for formats that hold text alone.
//!
//! Every line is printable, bounded, and no command to a CI server whose log it may end up in; escaping for a format is
//! that format's business.

use super::escape::{line, short};
use crate::verdict::{BodyRecord, CaseResult, ExchangeRecord, Finding, FindingKind};

/// How many findings of a case are told.
const FINDINGS: usize = 20;
/// How many characters of one statement in a finding.
const STATEMENT: usize = 1_000;
/// How many bytes of exchanges one report shows beside its cases. What comes after them shows its findings alone.
const SHOWN: usize = 1024 * 1024;

/// How much of an exchange is shown.
pub(super) struct Limits {
    /// Characters of the curl line, and of any other line.
    pub(super) curl: usize,
    /// Header fields of an answer, and characters of each.
    pub(super) headers: (usize, usize),
    /// Lines of a body, and characters in all.
    pub(super) body: (usize, usize),
}

/// For a report that is read in a file.
const LIMITS: Limits = Limits { curl: 4_000, headers: (30, 300), body: (60, 4_000) };

/// One finding in one line.
pub(super) fn sentence(finding: &Finding) -> String {
    let Finding { clause, place, observed, .. } = finding;
    short(&format!("{clause} at {place}: expected {}, observed {observed}", expected(finding)), STATEMENT)
}

/// What would have been right, in one line.
pub(super) fn expected(finding: &Finding) -> String {
    if finding.expected.is_empty() { "something else".to_owned() } else { finding.expected.join(" or ") }
}

/// What a report that has a place for each case tells of them; bounded, however long the answers are.
#[derive(Debug, Default)]
pub(super) struct Stories {
    /// How many bytes of exchanges were shown.
    shown: usize,
}

impl Stories {
    /// Everything about a case that went wrong: its findings of these kinds, then the exchange of the first of them while
    /// there is room for it.
    pub(super) fn tell(&mut self, result: &CaseResult, kinds: &[FindingKind]) -> String {
        let findings: Vec<&Finding> = result.findings.iter().filter(|finding| kinds.contains(&finding.kind)).collect();
        let mut lines = finding_lines(&findings);
        if let Some(exchange) = findings.first().and_then(|finding| result.exchanges.get(finding.exchange)) {
            lines.push(String::new());
            lines.extend(self.exchange(exchange));
        }
        lines.join("\n")
    }

    /// An exchange while there is room for it: the curl line, then what came back.
    pub(super) fn exchange(&mut self, exchange: &ExchangeRecord) -> Vec<String> {
        if self.shown < SHOWN {
            let lines = exchange_lines(exchange);
            self.shown += lines.iter().map(|line| escaped_length(line)).sum::<usize>();
            return lines;
        }
        vec![format!(
            "# its exchange is in the event stream (--report-json): this report shows {SHOWN} bytes of exchanges"
        )]
    }
}

/// How long a line is at most once a format has escaped it.
fn escaped_length(line: &str) -> usize {
    let markup = line.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'\'' | b'"' | b'\\')).count();
    line.len() + 1 + markup * 5
}

fn finding_lines(findings: &[&Finding]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for finding in findings.iter().take(FINDINGS) {
        lines.push(finding.clause.to_string());
        lines.push(format!("  at        {}", short(&finding.place.to_string(), LIMITS.curl)));
        lines.push(format!("  expected  {}", short(&expected(finding), LIMITS.curl)));
        lines.push(format!("  observed  {}", short(&finding.observed, LIMITS.curl)));
    }
    if findings.len() > FINDINGS {
        lines.push(format!("and {} more findings", findings.len() - FINDINGS));
    }
    lines
}

/// An exchange: the curl line, then what came back.
pub(super) fn exchange_lines(exchange: &ExchangeRecord) -> Vec<String> {
    let curl = &exchange.request.curl;
    let mut lines = vec![if curl.len() > LIMITS.curl { too_long(curl) } else { format!("$ {}", line(curl)) }];
    lines.extend(answer_lines(exchange, &LIMITS));
    lines
}

/// What stands for a command that would be cut: half a command sends something else.
pub(super) fn too_long(curl: &str) -> String {
    format!("# a curl command of {} characters, which the event stream (--report-json) has", curl.chars().count())
}

/// What came back: why there is no complete answer, and the answer as far as there is one.
pub(super) fn answer_lines(exchange: &ExchangeRecord, limits: &Limits) -> Vec<String> {
    let trouble = exchange.trouble.as_ref().map(|trouble| format!("! {}", short(trouble, limits.curl)));
    let mut lines: Vec<String> = trouble.into_iter().collect();
    let Some(response) = &exchange.response else { return lines };
    lines.push(format!("{} {}", line(&response.version), response.status));
    let (most, max) = limits.headers;
    let header = |name: &str, value: &str| format!("{}: {}", short(name, max), short(value, max));
    lines.extend(response.headers.iter().take(most).map(|field| header(&field.name, &field.value)));
    if response.headers.len() > most {
        lines.push(format!("… {} more header fields", response.headers.len() - most));
    }
    lines.push(String::new());
    lines.extend(body_lines(&response.body, limits.body));
    lines
}

fn body_lines(body: &BodyRecord, (most, max): (usize, usize)) -> Vec<String> {
    let (text, whole) = match body {
        BodyRecord::Text(text) => (text, text.len()),
        BodyRecord::Cut { text, bytes } => (text, *bytes),
        BodyRecord::Base64(text) => return vec![format!("(base64) {}", short(text, max))],
    };
    let shown = crate::text::shorten(text, max);
    let mut lines: Vec<String> = shown.lines().take(most).map(line).collect();
    if whole > shown.len() || shown.lines().nth(most).is_some() {
        lines.push(format!("… ({whole} bytes in all)"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{case, exchange, finding};
    use crate::verdict::Outcome;

    #[test]
    fn stories_show_exchanges_while_there_is_room_and_findings_always() {
        let mut result = case("name/case", Outcome::Violates, &[]);
        result.findings = vec![finding("name.mandatory", FindingKind::Violation, "/status", &["400"], "200")];
        result.exchanges = vec![exchange(200, &"<".repeat(4_000))];
        let mut stories = Stories::default();
        let told: Vec<String> = (0..200).map(|_| stories.tell(&result, &[FindingKind::Violation])).collect();
        assert!(told.iter().all(|story| story.starts_with("name.mandatory\n  at        /status\n")));
        let whole = told.iter().filter(|story| story.contains("$ curl")).count();
        // Each is some 24,000 bytes long once its markup is escaped.
        assert!((30..50).contains(&whole), "{whole}");
        assert!(told.iter().skip(whole).all(|story| story.contains("is in the event stream")), "{}", told[whole]);
    }
}
