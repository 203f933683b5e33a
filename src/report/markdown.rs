//! A report in GitHub-flavoured Markdown: for a job's summary, a merge request, or a mail.
//!
//! Written at the end. It stays under [`LIMIT`] bytes, since GitHub refuses a whole summary of more than 1 MiB: the verdict,
//! the counts and the clauses come first, and details are left out from the end, saying how many.
//!
//! Everything from a target or a case file stands in a code span, a fenced block, or with all of its punctuation escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::coverage::{self, Coverage};
use super::diff::diff;
use super::evidence::{exchange_lines, expected};
use super::github::without_commands;
use super::snapshots::{self, Change};
use super::summary::{Reasons, Summary};
use super::{Cause, Format, Renderer, flaky, gate, waivers};
use crate::text::{printable, shorten};
use crate::verdict::{ClauseOutcome, Event, Footer, Outcome, Verdict};

pub(super) const FORMAT: Format = Format {
    name: "markdown",
    says: "GitHub-flavoured Markdown, fit for a job's summary",
    wants_exchanges: false,
    renderer: || Box::new(Markdown::default()),
};

/// How many bytes the whole report has at most.
const LIMIT: usize = 900_000;
/// How many of these bytes the tables of clauses may take, each.
const TABLE: usize = 200_000;
/// How many of these bytes are kept for what stands after the details.
const REST: usize = 100_000;
/// How many characters of a title, a statement or a value.
const LINE: usize = 400;
/// How many waivers are told of.
const WAIVERS: usize = 200;
/// How many cases of a cause are named.
const NAMED: usize = 20;

/// Renders Markdown.
#[derive(Debug, Default)]
pub struct Markdown {
    ledger: Summary,
}

impl Renderer for Markdown {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => self.ledger.start(header),
            Event::Case(result) => self.ledger.record(result),
            Event::Finished(footer) => return out.write_all(self.report(footer).as_bytes()),
        }
        Ok(())
    }
}

impl Markdown {
    fn report(&self, footer: &Footer) -> String {
        let coverage = Coverage::new(&self.ledger, footer);
        let mut text = self.head(footer);
        waived(&mut text, footer);
        flaky(&mut text, footer, &self.ledger.flaky);
        text.push_str(&violated(&coverage));
        let rest = self.rest(footer, &coverage);
        let room = LIMIT.saturating_sub(rest.len());
        self.causes("Violations", &self.ledger.violations, room, &mut text);
        self.snapshots(footer, room, &mut text);
        self.causes("Deviations", &self.ledger.deviations, room, &mut text);
        text.push_str(&rest);
        text
    }

    fn head(&self, footer: &Footer) -> String {
        let mut text = String::new();
        let sign = match footer.verdict {
            Verdict::Conformant => "✅",
            Verdict::ConformantWithDeviations => "⚠️",
            Verdict::NonConformant => "❌",
            Verdict::Undetermined => "❔",
        };
        let suite = self.ledger.header.as_ref().map_or("", |header| &header.suite);
        put(&mut text, format_args!("# {sign} {}: {}\n", prose(suite), footer.verdict.words()));
        if let Some(gate) = gate::told(footer) {
            put(&mut text, format_args!("**Gate {}**\n", prose(&gate)));
        }
        for (label, why) in [("", &footer.reason), ("Interrupted: ", &footer.interrupted)] {
            if let Some(why) = why {
                put(&mut text, format_args!("**{label}{}**\n", prose(why)));
            }
        }
        let total: usize = footer.counts.values().sum();
        put(&mut text, format_args!("| outcome | cases |\n| --- | ---: |"));
        for outcome in Outcome::ALL {
            let count = footer.counts.get(&outcome).copied().unwrap_or(0);
            if count > 0 {
                put(&mut text, format_args!("| {} | {count} |", outcome.word()));
            }
        }
        put(&mut text, format_args!("| all | {total} |\n"));
        if let Some(header) = &self.ledger.header {
            put(
                &mut text,
                format_args!(
                    "Target {}, seed {}, suite digest {}, {} requests in {:.2} s, conformant {}{}.\n",
                    code(&header.target),
                    code(&header.seed),
                    code(&shorten(&header.digest, 16)),
                    footer.requests,
                    footer.elapsed_s,
                    prose(&header.version),
                    if header.strict { ", strict: deviations count as violations" } else { "" },
                ),
            );
        }
        text
    }

    /// The details, a block a cause, as long as there is room for them and for the rest.
    fn causes(&self, title: &str, groups: &super::Groups, room: usize, text: &mut String) {
        let causes = groups.causes();
        if causes.is_empty() {
            return;
        }
        put(text, format_args!("## {title}\n"));
        let mut left_out = groups.uncounted();
        for cause in &causes {
            let block = self.cause(cause);
            if text.len() + block.len() + 1_000 > room {
                left_out += cause.count();
            } else {
                text.push_str(&block);
            }
        }
        if left_out > 0 {
            put(text, format_args!("… and {left_out} more findings, for which there is no room here.\n"));
        }
    }

    fn cause(&self, cause: &Cause<'_>) -> String {
        let group = cause.group;
        let first = &group.first;
        let count = cause.count();
        let mut text = String::new();
        let subject = match cause.alike.as_slice() {
            [_] => format!("<code>{}</code>", group.clause),
            alike => format!("{} clauses alike", alike.len()),
        };
        let cases = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        let what = within_html(&shorten(&group.finding.observed, 120));
        put(&mut text, format_args!("<details><summary>{subject} ({cases}): {what}</summary>\n"));
        for group in cause.alike.iter().take(NAMED) {
            put(
                &mut text,
                format_args!("* {}: {}", code(group.clause.as_str()), prose(self.ledger.says(&group.clause))),
            );
        }
        if cause.alike.len() > NAMED {
            put(&mut text, format_args!("* and {} more clauses", cause.alike.len() - NAMED));
        }
        put(&mut text, format_args!("\nCase {}: {}  ", code(&first.id), prose(&first.title)));
        put(
            &mut text,
            format_args!("{}, at {}\n", code(&format!("{}:{}", first.file, first.line)), code(&group.finding.place)),
        );
        if group.finding.expected.len() > 1 {
            put(&mut text, format_args!("Expected {}, the nearest of them here\n", code(&expected(&group.finding))));
        }
        let difference = diff(&group.finding.expected, &group.finding.observed);
        fence(&mut text, "diff", &difference.iter().map(ToString::to_string).collect::<Vec<_>>());
        if let Some(exchange) = first.exchanges.get(group.finding.exchange) {
            fence(&mut text, "text", &exchange_lines(exchange));
        }
        if !group.others.is_empty() {
            let named: Vec<String> = group.others.iter().take(NAMED).map(|id| code(id)).collect();
            let more = (group.count - 1).saturating_sub(named.len());
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            put(&mut text, format_args!("Also {}{more}\n", named.join(", ")));
        }
        text.push_str("</details>\n\n");
        text
    }

    /// What became of the snapshots: the sum, what is to be tidied up, and each that is changed or missing.
    fn snapshots(&self, footer: &Footer, room: usize, text: &mut String) {
        let (Some(sum), Some(tally)) = (snapshots::sum(footer), &footer.snapshots) else { return };
        put(text, format_args!("## Snapshots\n\n{}\n", prose(&sum)));
        let untidy = snapshots::untidy(tally);
        for (word, says) in untidy.iter().take(WAIVERS) {
            put(text, format_args!("* {word} {}", prose(says)));
        }
        if !untidy.is_empty() {
            text.push('\n');
        }
        let changes = &self.ledger.changes;
        let mut left_out = changes.more;
        for change in &changes.list {
            let block = changed(change);
            if text.len() + block.len() + 1_000 > room {
                left_out += 1;
            } else {
                text.push_str(&block);
            }
        }
        if left_out > 0 {
            put(text, format_args!("… and {left_out} more that are changed or missing.\n"));
        }
    }

    /// What stands after the details.
    fn rest(&self, footer: &Footer, coverage: &Coverage<'_>) -> String {
        let mut text = String::new();
        reasons(&mut text, "Errors", &self.ledger.errors);
        reasons(&mut text, "Inconclusive", &self.ledger.inconclusive);
        reasons(&mut text, "Skipped", &self.ledger.skipped);
        readings(&mut text, footer);
        left_behind(&mut text, footer);
        text.push_str(&clauses(coverage));
        text
    }
}

/// A snapshot that is changed or missing.
fn changed(change: &Change) -> String {
    let mut text = String::new();
    let (word, id) = (change.snapshot.state.word(), within_html(&shorten(&change.id, 200)));
    put(&mut text, format_args!("<details><summary>{word}: <code>{id}</code></summary>\n"));
    put(&mut text, format_args!("{}\n", prose(&change.says())));
    fence(&mut text, "diff", &change.lines().iter().map(ToString::to_string).collect::<Vec<_>>());
    text.push_str("</details>\n\n");
    text
}

/// The clauses that are broken, in a table.
fn violated(coverage: &Coverage<'_>) -> String {
    let mut text = String::new();
    let rows: Vec<_> = coverage.with(ClauseOutcome::Violated).chain(coverage.with(ClauseOutcome::Deviated)).collect();
    if rows.is_empty() {
        return text;
    }
    put(&mut text, format_args!("| clause | outcome | says | cases |\n| --- | --- | --- | ---: |"));
    for (index, row) in rows.iter().enumerate() {
        if text.len() > TABLE {
            put(&mut text, format_args!("| … {} more | | | |", rows.len() - index));
            break;
        }
        let broken = row.result.map_or(0, |result| result.violations + result.deviations);
        let (outcome, sign) = coverage::word(row.outcome());
        let (id, says) = (code(row.statement.id.as_str()), prose(&row.statement.says));
        put(&mut text, format_args!("| {id} | {sign} {outcome} | {says} | {broken} |"));
    }
    text.push('\n');
    text
}

/// Every clause, folded away.
fn clauses(coverage: &Coverage<'_>) -> String {
    let mut text = String::new();
    let (ambiguous, read) = coverage.readings();
    put(&mut text, format_args!("## Clauses\n"));
    put(&mut text, format_args!("**{}**; {ambiguous} ambiguities, {read} with a reading.\n", coverage.funnel()));
    put(&mut text, format_args!("<details><summary>All {} clauses</summary>\n", coverage.rows.len()));
    put(
        &mut text,
        format_args!(
            "| clause | level | outcome | cases | mutants | says | source |\n| --- | --- | --- | --- | ---: | --- | --- |"
        ),
    );
    for (index, row) in coverage.rows.iter().enumerate() {
        if text.len() > TABLE {
            put(&mut text, format_args!("| … {} more | | | | | | |", coverage.rows.len() - index));
            break;
        }
        let statement = row.statement;
        let (outcome, sign) = coverage::word(row.outcome());
        let sides: Vec<String> = row.sides().iter().map(coverage::side_text).collect();
        let (id, level, sides) = (code(statement.id.as_str()), statement.level, prose(&sides.join(", ")));
        let (says, source) = (prose(&statement.says), prose(&statement.source));
        let mutants = statement.mutants.len();
        put(&mut text, format_args!("| {id} | {level} | {sign} {outcome} | {sides} | {mutants} | {says} | {source} |"));
    }
    put(&mut text, format_args!("\n</details>"));
    text
}

/// The cases that passed only when they were sent again, and what to do about them.
fn flaky(text: &mut String, footer: &Footer, cases: &Reasons) {
    if let Some(line) = flaky::line(footer) {
        reasons(text, "Flaky", cases);
        put(text, format_args!("{} {}\n", if line.due { "❌" } else { "🔁" }, prose(&line.says)));
    }
}

fn reasons(text: &mut String, title: &str, reasons: &Reasons) {
    if reasons.list.is_empty() {
        return;
    }
    let start = text.len();
    put(text, format_args!("## {title}\n"));
    for (index, reason) in reasons.list.iter().enumerate() {
        if text.len() - start > REST / 5 {
            put(text, format_args!("* … {} more reasons", reasons.list.len() - index));
            break;
        }
        let named: Vec<String> = reason.ids.iter().take(3).map(|id| code(id)).collect();
        let more = if reason.count > named.len() {
            format!(" and {} more", reason.count - named.len())
        } else {
            String::new()
        };
        put(text, format_args!("* {}: {}{more}", prose(&reason.why), named.join(", ")));
    }
    if reasons.more > 0 {
        put(text, format_args!("* … {} more cases", reasons.more));
    }
    text.push('\n');
}

fn readings(text: &mut String, footer: &Footer) {
    let start = text.len();
    for clause in footer.clauses.iter().filter(|clause| !clause.readings.is_empty()) {
        if text.len() == start {
            put(text, format_args!("## Readings of what the documentation leaves open\n"));
        } else if text.len() - start > REST / 5 {
            put(text, format_args!("* … and more"));
            break;
        }
        let words: Vec<String> =
            clause.readings.iter().take(10).map(|(reading, count)| format!("{} ({count})", prose(reading))).collect();
        put(text, format_args!("* {}: {}", code(clause.id.as_str()), words.join(", ")));
    }
    if text.len() > start {
        text.push('\n');
    }
}

/// The waivers that were met, those that fail the gate first.
fn waived(text: &mut String, footer: &Footer) {
    let lines = waivers::lines(footer);
    if lines.is_empty() {
        return;
    }
    put(text, format_args!("## Waivers\n"));
    for line in lines.iter().take(WAIVERS) {
        let sign = if line.due { "❌" } else { "🔕" };
        put(text, format_args!("* {sign} {}: {}", line.word, prose(&line.says)));
    }
    if lines.len() > WAIVERS {
        put(text, format_args!("* … {} more", lines.len() - WAIVERS));
    }
    text.push('\n');
}

fn left_behind(text: &mut String, footer: &Footer) {
    let total = footer.left_behind.len() + footer.left_more;
    if total == 0 {
        return;
    }
    put(text, format_args!("## Left behind on the target\n"));
    for left in footer.left_behind.iter().take(NAMED) {
        put(text, format_args!("* {} by {}: {}", code(&left.resource), code(&left.case), prose(&left.why)));
    }
    if total > NAMED.min(footer.left_behind.len()) {
        put(text, format_args!("* … {} more", total - NAMED.min(footer.left_behind.len())));
    }
    text.push('\n');
}

/// Adds a line.
fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = writeln!(text, "{line}");
}

/// A fenced block; the fence is longer than any run of backticks in it, and no line of it is a command to a CI server.
fn fence(text: &mut String, language: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    put(text, format_args!("{fence}{language}"));
    for line in lines {
        put(text, format_args!("{}", without_commands(line)));
    }
    put(text, format_args!("{fence}\n"));
}

/// Text in a code span. A pipe would end a table's cell even there: what stands in tables so has none.
fn code(text: &str) -> String {
    let text = without_commands(&shorten(text, LINE));
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.is_empty() || text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Punctuation that Markdown may take for markup, for which it knows an escape.
const MARKUP: &str = "\\`*_{}[]()!|~^=+-.\"'#";

/// Text within a line of HTML, where Markdown's own escapes would show.
fn within_html(text: &str) -> String {
    escaped(text, "")
}

/// Text as running text: nothing in it is markup, a link, a mention, a reference or a formula.
fn prose(text: &str) -> String {
    escaped(text, MARKUP)
}

/// Text in which nothing is HTML, a link, a mention, a reference or a formula; a backslash goes in front of `markup`.
fn escaped(text: &str, markup: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in printable(&shorten(text, LINE)).chars() {
        if markup.contains(character) {
            escaped.push('\\');
        }
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // As entities these don't link, mention or begin an emoji or a formula.
            ':' => escaped.push_str("&#58;"),
            '$' => escaped.push_str("&#36;"),
            // A mention or reference is looked for after entities are resolved: an empty comment parts it.
            '@' => escaped.push_str("@<!-- -->"),
            '#' => escaped.push_str("#<!-- -->"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
