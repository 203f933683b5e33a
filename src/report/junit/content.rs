//! What stands within a testcase: what the documentation's clauses came to, and else its snapshots.

use std::io;

use quick_xml::events::BytesStart;

use super::xml::{Xml, element, empty, text, xml_line};
use crate::report::escape::xml;
use crate::report::evidence::{Stories, sentence};
use crate::report::{gate, snapshots};
use crate::verdict::{CaseResult, FindingKind, Outcome, SNAPSHOT_CLAUSE};

/// What stands within a testcase.
pub(super) struct Content {
    pub(super) status: Status,
    /// What there is to say besides.
    told: String,
}

/// What became of a testcase.
pub(super) enum Status {
    Passed,
    /// It passed at a later try.
    Flaky(Vec<Flake>),
    Failure {
        message: String,
        kind: String,
        text: String,
    },
    Error(String),
    Skipped(String),
}

/// An answer after which a case was sent again.
pub(super) struct Flake {
    status: u16,
    exchange: String,
}

impl From<Status> for Content {
    fn from(status: Status) -> Self {
        Self { status, told: String::new() }
    }
}

impl Content {
    /// What stands within the testcase of this case.
    pub(super) fn of(result: &CaseResult, strict: bool, stories: &mut Stories) -> Self {
        let documented = documented(result, strict, stories);
        let says = |snapshot| xml_line(&snapshots::says(snapshot));
        let mut changes: Vec<String> = result.failing_snapshots().map(says).collect();
        let Some(first) = changes.first().cloned() else { return documented };
        match documented.status {
            Status::Failure { message, kind, text } => {
                Self::from(Status::Failure { message, kind, text: format!("{text}\n\n{}", changes.join("\n")) })
            }
            Status::Error(message) => Self::from(Status::Error(message)),
            Status::Passed | Status::Flaky(_) | Status::Skipped(_) => {
                let lines = result.failing_snapshots().flat_map(snapshots::difference);
                changes.extend(lines.map(|line| xml_line(&line.to_string())));
                let (kind, text) = (SNAPSHOT_CLAUSE.to_owned(), changes.join("\n"));
                Self::from(Status::Failure { message: first, kind, text })
            }
        }
    }

    /// The same, with the title of the case ahead of what there is to say.
    pub(super) fn titled(self, title: &str) -> Self {
        let title = xml_line(title);
        let lines = [title, self.told];
        let told = lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n");
        Self { told, ..self }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.status, Status::Passed) && self.told.is_empty()
    }

    /// Writes it.
    pub(super) fn write(&self, xml: &mut Xml) -> io::Result<()> {
        self.status.write(xml)?;
        if self.told.is_empty() { Ok(()) } else { text(xml, 3, BytesStart::new("system-out"), &self.told) }
    }
}

impl Status {
    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        match self {
            Self::Passed => Ok(()),
            Self::Flaky(flakes) => flakes.iter().try_for_each(|flake| flake.write(xml)),
            Self::Failure { message, kind, text: told } => {
                let attributes = [("message", message.as_str()), ("type", kind)];
                text(xml, 3, BytesStart::new("failure").with_attributes(attributes), told)
            }
            Self::Error(message) => {
                let attributes = [("message", message.as_str()), ("type", "error")];
                text(xml, 3, BytesStart::new("error").with_attributes(attributes), message)
            }
            Self::Skipped(message) => {
                empty(xml, 3, BytesStart::new("skipped").with_attributes([("message", message.as_str())]))
            }
        }
    }
}

/// What the documentation's clauses came to in the end, whatever came before.
fn documented(result: &CaseResult, strict: bool, stories: &mut Stories) -> Content {
    use FindingKind::{Deviation, Observation, Violation};
    if result.is_waived(strict) {
        return Status::Skipped(xml(&waived(result))).into();
    }
    let rest = result.without_waived();
    let reason = || xml_line(rest.reason.as_deref().unwrap_or(rest.outcome.into()));
    match rest.outcome {
        Outcome::Error => Status::Error(reason()).into(),
        Outcome::Inconclusive => Status::Skipped(format!("inconclusive: {}", reason())).into(),
        Outcome::Skipped => Status::Skipped(reason()).into(),
        Outcome::Violates => failure(&rest, &[Violation], stories),
        Outcome::Deviates if strict => failure(&rest, &[Violation, Deviation], stories),
        Outcome::Deviates => {
            let told = xml(&stories.tell(&rest, &[Deviation]));
            passed(result, told, stories)
        }
        Outcome::Observed => {
            let readings = rest.findings.iter().filter(|finding| finding.kind == Observation);
            let line =
                |reading: &crate::verdict::Finding| xml_line(&format!("{}: {}", reading.clause, reading.observed));
            passed(result, readings.take(20).map(line).collect::<Vec<_>>().join("\n"), stories)
        }
        Outcome::Conforms => passed(result, String::new(), stories),
    }
}

fn passed(result: &CaseResult, told: String, stories: &mut Stories) -> Content {
    if !result.is_flaky() {
        return Content { status: Status::Passed, told };
    }
    let flake = |(status, exchange): (u16, Option<&_>)| {
        let lines = exchange.map(|exchange| stories.exchange(exchange).join("\n")).unwrap_or_default();
        Flake { status, exchange: xml(&lines) }
    };
    Content { status: Status::Flaky(gate::retried(result).map(flake).collect()), told }
}

/// What is waived in a case: each waiver, and the first finding.
fn waived(result: &CaseResult) -> String {
    let waivers: Vec<String> =
        result.waived.iter().map(|(clause, terms)| format!("{clause} waived {}", gate::until(terms))).collect();
    let first = result.findings.iter().find(|finding| result.waives(finding)).map(sentence);
    format!("{}; {}", waivers.join("; "), first.unwrap_or_default())
}

fn failure(result: &CaseResult, kinds: &[FindingKind], stories: &mut Stories) -> Content {
    let first = result.findings.iter().find(|finding| kinds.contains(&finding.kind));
    let message = xml(&first.map_or_else(|| format!("{} without a finding", result.outcome), sentence));
    // GitLab shows the content and not the attribute.
    let text = format!("{message}\n\n{}", xml(&stories.tell(result, kinds)));
    let kind = first.map_or_else(|| result.outcome.to_string(), |finding| finding.clause.to_string());
    Status::Failure { message, kind, text }.into()
}

impl Flake {
    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        let message = format!("answered {}, and passed when sent again", self.status);
        let kind = self.status.to_string();
        let attributes = [("message", message.as_str()), ("type", &kind)];
        element(xml, 3, BytesStart::new("flakyFailure").with_attributes(attributes), |xml| {
            text(xml, 4, BytesStart::new("stackTrace"), &self.exchange)
        })
    }
}
