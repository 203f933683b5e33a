//! Annotations for GitHub: workflow commands that put a cause at the line of the case that shows it.
//!
//! Written at the end, worst first. GitHub shows ten annotations of each kind and drops the rest, so there are never
//! more: where there are, the tenth says how many. Memory is bounded by the ledger's limits.
//!
//! Also owns how text is kept from being taken for such a command, for every report that may end up in a job's log.

use std::borrow::Cow;
use std::io::{self, Write};

use super::coverage::Coverage;
use super::evidence::sentence;
use super::snapshots::{self, Changes};
use super::summary::{Reasons, Summary};
use super::{Cause, Format, Groups, Renderer, flaky, gate, waivers};
use crate::text::{printable, shorten};
use crate::verdict::{Event, Footer, Gate, Verdict};

pub(super) const FORMAT: Format = Format {
    name: "github",
    says: "GitHub annotations: workflow commands, worst first, at most ten of a kind",
    wants_exchanges: false,
    renderer: || Box::new(GitHub::default()),
};

/// How many annotations of a kind GitHub shows.
const SHOWN: usize = 10;
/// How many characters of a message.
const MESSAGE: usize = 2_000;

/// Renders GitHub annotations.
#[derive(Debug, Default)]
pub struct GitHub {
    ledger: Summary,
}

/// One annotation.
struct Annotation {
    at: Option<(String, usize)>,
    title: String,
    message: String,
}

impl Renderer for GitHub {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.ledger.start(header),
            Event::Case(result) => self.ledger.record(result),
            Event::Finished(footer) => return self.finish(footer, out),
        }
        Ok(())
    }
}

impl GitHub {
    fn finish(&self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        let ledger = &self.ledger;
        let mut errors = vec![];
        let mut warnings = vec![];
        let mut notices = vec![];
        errors.extend(verdict(footer));
        let (due, waived): (Vec<_>, Vec<_>) = waivers::lines(footer).into_iter().partition(|line| line.due);
        let annotation = |line: waivers::WaiverLine| Annotation {
            at: line.at,
            title: format!("{} waiver", line.word),
            message: line.says,
        };
        errors.extend(due.into_iter().map(annotation));
        if let Some(line) = flaky::line(footer) {
            let of_all = Annotation { at: None, title: "flaky".to_owned(), message: line.says };
            if line.due { errors.push(of_all) } else { notices.push(of_all) }
        }
        errors.extend(blocked(&ledger.errors, "error"));
        errors.extend(causes(&ledger.violations, "violates"));
        errors.extend(changed(&ledger.changes));
        let deviations = causes(&ledger.deviations, "deviates");
        if ledger.strict() {
            errors.extend(deviations)
        } else {
            warnings.extend(deviations)
        }
        warnings.extend(blocked(&ledger.inconclusive, "inconclusive"));
        warnings.extend(blocked(&ledger.flaky, "flaky"));
        warnings.extend(left_behind(footer));
        warnings.extend(footer.snapshots.iter().flat_map(snapshots::untidy).map(|(word, message)| Annotation {
            at: None,
            title: format!("{word} snapshot"),
            message,
        }));
        notices.extend(waived.into_iter().map(|line| Annotation {
            at: line.at,
            title: "waived".to_owned(),
            message: line.says,
        }));
        notices.push(clauses(ledger, footer));
        notices.extend(blocked(&ledger.skipped, "skipped"));
        for (kind, annotations) in [("error", errors), ("warning", warnings), ("notice", notices)] {
            write_kind(kind, &annotations, out)?;
        }
        let cases: usize = footer.counts.values().sum();
        let counts: Vec<String> =
            footer.counts.iter().map(|(outcome, count)| format!("{count} {}", outcome.word())).collect();
        let gate = gate::told(footer).map(|gate| format!(", gate {gate}")).unwrap_or_default();
        let flaky = if footer.flaky > 0 { format!("; {} flaky", footer.flaky) } else { String::new() };
        writeln!(out, "conformant: {}{gate}, {cases} cases: {}{flaky}", footer.verdict.words(), counts.join(", "))
    }
}

/// How much of the documentation was proven; the job's summary has it clause by clause.
fn clauses(ledger: &Summary, footer: &Footer) -> Annotation {
    let coverage = Coverage::new(ledger, footer);
    let (ambiguous, read) = coverage.readings();
    let message = format!("{}; {ambiguous} ambiguous, {read} with a reading", coverage.funnel());
    Annotation { at: None, title: "clauses of the documentation".to_owned(), message }
}

/// The verdict, where no case need have failed for it.
fn verdict(footer: &Footer) -> Option<Annotation> {
    let reason = footer.reason.as_deref().unwrap_or("not enough could be found out");
    let open = footer.verdict == Verdict::Undetermined || footer.gate == Gate::Undetermined;
    open.then(|| Annotation { at: None, title: footer.verdict.words().to_owned(), message: reason.to_owned() })
}

/// An annotation a clause, or family of clauses that fail alike; those with most findings first.
fn causes(groups: &Groups, word: &str) -> Vec<Annotation> {
    let all = groups.causes();
    let mut clauses: Vec<(&Cause<'_>, usize)> = Vec::new();
    for cause in &all {
        let known = clauses.iter_mut().find(|(known, _)| {
            known.alike.len() == 1 && cause.alike.len() == 1 && known.group.clause == cause.group.clause
        });
        match known {
            Some((_, count)) => *count += cause.count(),
            None => clauses.push((cause, cause.count())),
        }
    }
    clauses.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut annotations: Vec<Annotation> =
        clauses.iter().map(|(cause, count)| annotation(cause, *count, word)).collect();
    if groups.uncounted() > 0 {
        let message = format!("{} more findings than could be kept", groups.uncounted());
        annotations.push(Annotation { at: None, title: word.to_owned(), message });
    }
    annotations
}

fn annotation(cause: &Cause<'_>, count: usize, word: &str) -> Annotation {
    let group = cause.group;
    let subject = match cause.alike.as_slice() {
        [_] => group.clause.to_string(),
        alike => format!("{} clauses alike, {} among them", alike.len(), group.clause),
    };
    let cases = if count == 1 { String::new() } else { format!(" ({count} findings, the first here)") };
    Annotation {
        at: Some((group.first.file.clone(), group.first.line)),
        title: format!("{word} {subject}"),
        message: format!("{} {}\n{}{cases}", group.first.id, group.first.title, sentence(&group.finding)),
    }
}

fn blocked(reasons: &Reasons, word: &str) -> Vec<Annotation> {
    let annotation = |reason: &super::summary::Reason| {
        let first = reason.ids.first().map_or("", String::as_str);
        let cases = if reason.count == 1 { first.to_owned() } else { format!("{} cases, first {first}", reason.count) };
        Annotation { at: Some(reason.at.clone()), title: word.to_owned(), message: format!("{cases}: {}", reason.why) }
    };
    reasons.list.iter().map(annotation).collect()
}

/// An annotation for each snapshot that is changed or missing.
fn changed(changes: &Changes) -> Vec<Annotation> {
    let annotation = |change: &snapshots::Change| Annotation {
        at: Some(change.at.clone()),
        title: format!("snapshot {}", change.snapshot.state.word()),
        message: format!("{} {}\n{}", change.id, change.title, change.says()),
    };
    let more = (changes.more > 0).then(|| Annotation {
        at: None,
        title: "snapshots".to_owned(),
        message: format!("{} more that are changed or missing", changes.more),
    });
    changes.list.iter().map(annotation).chain(more).collect()
}

fn left_behind(footer: &Footer) -> Option<Annotation> {
    let count = footer.left_behind.len() + footer.left_more;
    let first = footer.left_behind.first()?;
    let message = format!("{count} in all; {} by {}: {}", first.resource, first.case, first.why);
    Some(Annotation { at: None, title: "left behind on the target".to_owned(), message })
}

/// All annotations of a kind, or the first nine and one that says how many more there are.
fn write_kind(kind: &str, annotations: &[Annotation], out: &mut dyn Write) -> io::Result<()> {
    let shown = if annotations.len() > SHOWN { SHOWN - 1 } else { annotations.len() };
    for annotation in annotations.iter().take(shown) {
        write_command(kind, annotation, out)?;
    }
    if annotations.len() > shown {
        let message = format!("{} more; the other reports have them all", annotations.len() - shown);
        write_command(kind, &Annotation { at: None, title: "and more".to_owned(), message }, out)?;
    }
    Ok(())
}

fn write_command(kind: &str, annotation: &Annotation, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{kind} ")?;
    if let Some((file, line)) = &annotation.at {
        write!(out, "file={},line={line},", property(file))?;
    }
    writeln!(out, "title={}::{}", property(&annotation.title), data(&annotation.message))
}

/// A command's message: line breaks stay, everything else that deceives is spelt out.
fn data(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(printable).collect();
    let text = shorten(&lines.join("\n"), MESSAGE).into_owned();
    spelt(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(&printable(&shorten(text, 300))).replace(':', "%3A").replace(',', "%2C")
}

/// A printable line in which no CI server sees a command: `::error::` at its start, after any white space, and `##[error]`,
/// `##vso[` or `##teamcity[` anywhere have their first character spelt out.
pub fn without_commands(line: &str) -> String {
    let mut quiet = spelt(printable(line).into_owned());
    let start = quiet.len() - quiet.trim_start().len();
    if quiet.get(start..).is_some_and(|rest| rest.starts_with("::")) {
        quiet.replace_range(start..=start, "\\u{3a}");
    }
    quiet
}

/// The text without the commands that count anywhere in a line.
pub(super) fn spelt(mut text: String) -> String {
    for command in ["##[", "##vso[", "##teamcity["] {
        if text.contains(command) {
            text = text.replace(command, &command.replacen('#', "\\u{23}", 1));
        }
    }
    text
}

#[cfg(test)]
pub(crate) mod tests;
