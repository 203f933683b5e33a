//! Annotations for GitHub: workflow commands that put a cause at the line of the case that shows it.
//!
//! Written at the end, worst first. GitHub shows ten annotations of each kind and drops the rest, so there are never
//! more: where there are, the tenth says how many.

use std::io::{self, Write};

use super::cases::{CaseRef, Reasons};
use super::escape::{github_message, github_property, short};
use super::evidence::sentence;
use super::format::{Format, Output, Renderer};
use super::gate::{self, Notice};
use super::groups::{Cause, FindingGroups};
use super::snapshots::{self, SnapshotChanges};
use super::summary::{SuiteEnd, Summary};
use crate::verdict::{Gate, Verdict};

pub(super) const FORMAT: Format = Format {
    name: "github",
    help: "Write annotations for GitHub Actions to standard output, and the Markdown report to the step's summary; on by \
           itself where `GITHUB_ACTIONS` is `true`",
    output: Output::Log,
    wants_exchanges: false,
    renderer: || Box::<Annotations>::default(),
};

/// How many annotations of a kind GitHub shows.
const SHOWN: usize = 10;
/// How many characters of a message, and of a property.
const MESSAGE: usize = 2_000;
const PROPERTY: usize = 300;

/// One annotation.
struct Annotation {
    at: Option<(String, usize)>,
    title: String,
    message: String,
}

/// The annotations of a kind that are shown, of all suites, and how many there are.
#[derive(Default)]
struct Kind {
    shown: Vec<Annotation>,
    count: usize,
}

impl Kind {
    fn add(&mut self, annotations: Vec<Annotation>) {
        self.count += annotations.len();
        let room = SHOWN.saturating_sub(self.shown.len());
        self.shown.extend(annotations.into_iter().take(room));
    }
}

/// The annotations of all suites of a run: errors, warnings and notices.
#[derive(Default)]
struct Annotations {
    kinds: [(&'static str, Kind); 3],
}

impl Renderer for Annotations {
    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        for ((kind, kept), (name, annotations)) in self.kinds.iter_mut().zip(annotations(run)) {
            *kind = name;
            kept.add(annotations);
        }
        if !run.header.is_last() {
            return Ok(());
        }
        self.kinds.iter().try_for_each(|(kind, annotations)| write_kind(kind, annotations, out))?;
        for SuiteEnd { suite, verdict, total, counts, why, .. } in
            run.ends.iter().filter(|_| run.header.is_of_several())
        {
            let why = why.as_ref().map(|why| format!(", {}", short(why, MESSAGE))).unwrap_or_default();
            writeln!(out, "conformant: suite {}: {verdict}{why}, {total} cases: {counts}", short(suite, PROPERTY))?;
        }
        if run.header.is_of_several() {
            return writeln!(out, "conformant: {} over {} suites", run.verdict_on_all(), run.suites());
        }
        let footer = &run.footer;
        let gate = gate::differs(footer).map(|gate| format!(", gate {gate}")).unwrap_or_default();
        writeln!(out, "conformant: {}{gate}, {} cases: {}", footer.verdict, run.total(), run.counts())
    }
}

impl Annotation {
    /// One that belongs to no line.
    fn new(title: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: None, title: title.into(), message: message.into() }
    }

    /// One at the line of a case.
    fn at(case: &CaseRef, title: impl Into<String>, message: String) -> Self {
        Self { at: Some((case.file.clone(), case.line)), title: title.into(), message }
    }
}

impl From<Notice> for Annotation {
    fn from(notice: Notice) -> Self {
        Self { title: notice.title(), at: notice.at, message: notice.says }
    }
}

/// Those of one suite, by kind.
fn annotations(run: &Summary) -> [(&'static str, Vec<Annotation>); 3] {
    let footer = &run.footer;
    let notices = gate::waivers(footer).into_iter().chain(gate::flaky(footer));
    let (failing, passing): (Vec<Notice>, Vec<Notice>) = notices.partition(|notice| notice.fails);
    let (mut errors, mut warnings, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    errors.extend(undetermined(run));
    errors.extend(failing.into_iter().map(Annotation::from));
    errors.extend(by_reason(&run.errors, "error"));
    errors.extend(causes(&run.violations, "violates"));
    errors.extend(changed(&run.changes));
    let deviating = if run.header.strict { &mut errors } else { &mut warnings };
    deviating.extend(causes(&run.deviations, "deviates"));
    warnings.extend(by_reason(&run.inconclusive, "inconclusive"));
    warnings.extend(by_reason(&run.flaky, "flaky"));
    if let Some(first) = footer.left_behind.first() {
        let message = format!("{} in all; {} by {}: {}", run.left_behind(), first.resource, first.case, first.why);
        warnings.push(Annotation::new("left behind on the target", message));
    }
    warnings.extend(gate::evidence(footer).map(|message| Annotation::new("evidence", message)));
    let unverified = run.header.insecure.then(|| Annotation::new("insecure", run.header.named_target()));
    warnings.extend(unverified);
    let untidy = snapshots::untidy(footer).into_iter();
    warnings.extend(untidy.map(|(word, message)| Annotation::new(format!("{word} in the suite"), message)));
    notices.extend(passing.into_iter().map(Annotation::from));
    let coverage = run.coverage();
    let (ambiguous, read) = coverage.readings();
    let derived = run.derived().derived_line().map(|line| format!("; derived: {line}")).unwrap_or_default();
    let message = format!("{}; {ambiguous} ambiguous, {read} with a reading{derived}", coverage.funnel());
    let of = if run.header.is_of_several() { format!(" of {}", run.header.suite) } else { String::new() };
    notices.push(Annotation::new(format!("clauses of the documentation{of}"), message));
    notices.extend(by_reason(&run.skipped, "skipped"));
    [("error", errors), ("warning", warnings), ("notice", notices)]
}

/// The verdict, where no case need have failed for it.
fn undetermined(run: &Summary) -> Option<Annotation> {
    let reason = run.footer.reason.as_deref().unwrap_or("not enough could be found out");
    let open = run.footer.verdict == Verdict::Undetermined || run.footer.gate == Gate::Undetermined;
    let of = if run.header.is_of_several() { format!(" in the suite {}", run.header.suite) } else { String::new() };
    open.then(|| Annotation::new(format!("{}{of}", run.footer.verdict), reason))
}

/// An annotation a clause, or family of clauses that fail in the same way; those with most findings first.
fn causes(groups: &FindingGroups, word: &str) -> Vec<Annotation> {
    let all = groups.causes();
    let mut clauses: Vec<(&Cause<'_>, usize)> = Vec::new();
    for cause in &all {
        let same = |known: &Cause<'_>| {
            known.groups.len() == 1
                && cause.groups.len() == 1
                && known.example.finding.clause == cause.example.finding.clause
        };
        match clauses.iter_mut().find(|(known, _)| same(known)) {
            Some((_, count)) => *count += cause.count,
            None => clauses.push((cause, cause.count)),
        }
    }
    clauses.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = groups.uncounted;
    let more = (more > 0).then(|| Annotation::new(word, format!("{more} more findings than could be kept")));
    clauses.into_iter().map(|(cause, count)| annotation(cause, count, word)).chain(more).collect()
}

fn annotation(cause: &Cause<'_>, count: usize, word: &str) -> Annotation {
    let (finding, case) = (&cause.example.finding, &cause.example.case);
    let subject = match cause.groups.as_slice() {
        [_] => cause.subject(),
        _ => format!("{}, {} among them", cause.subject(), finding.clause),
    };
    let cases = if count == 1 { String::new() } else { format!(" ({count} findings, the first here)") };
    let message = format!("{} {}\n{}{cases}", case.id, case.title, sentence(finding));
    Annotation::at(case, format!("{word} {subject}"), message)
}

fn by_reason(reasons: &Reasons, word: &str) -> Vec<Annotation> {
    let annotation = |reason: &super::cases::Reason| {
        let first = &reason.first.id;
        let cases = if reason.count == 1 { first.clone() } else { format!("{} cases, first {first}", reason.count) };
        Annotation::at(&reason.first, word, format!("{cases}: {}", reason.why))
    };
    reasons.list.iter().map(annotation).collect()
}

/// An annotation for each snapshot that is changed or missing.
fn changed(changes: &SnapshotChanges) -> Vec<Annotation> {
    let annotation = |change: &snapshots::SnapshotChange| {
        let (case, snapshot) = (&change.case, &change.snapshot);
        let message = format!("{} {}\n{}", case.id, case.title, snapshots::says(snapshot));
        Annotation::at(case, format!("snapshot {}", snapshot.state), message)
    };
    let more = changes.more;
    let more = (more > 0).then(|| Annotation::new("snapshots", format!("{more} more that are changed or missing")));
    changes.list.iter().map(annotation).chain(more).collect()
}

/// All annotations of a kind, or the first nine and one that says how many more there are.
fn write_kind(kind: &str, Kind { shown, count }: &Kind, out: &mut dyn Write) -> io::Result<()> {
    let named = if *count > SHOWN { SHOWN - 1 } else { shown.len() };
    shown.iter().take(named).try_for_each(|annotation| write_command(kind, annotation, out))?;
    if *count > named {
        let message = format!("{} more; the other reports have them all", count - named);
        write_command(kind, &Annotation::new("and more", message), out)?;
    }
    Ok(())
}

fn write_command(kind: &str, annotation: &Annotation, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{kind} ")?;
    if let Some((file, line)) = &annotation.at {
        write!(out, "file={},line={line},", github_property(file, PROPERTY))?;
    }
    let (title, message) = (github_property(&annotation.title, PROPERTY), github_message(&annotation.message, MESSAGE));
    writeln!(out, "title={title}::{message}")
}

#[cfg(test)]
mod tests;
