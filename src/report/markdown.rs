//! A report in GitHub-flavoured Markdown: for a job's summary, a merge request, or a mail.
//!
//! Written at the end. It stays under [`LIMIT`] bytes, since GitHub refuses a whole summary of more than 1 MiB: the verdict,
//! the counts and the clauses come first, and details are left out from the end, saying how many.
//!
//! Everything from a target or a case file stands in a code span, a fenced block, or with all of its punctuation escaped.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::cases::Reasons;
use super::clauses::{ClauseRow, Coverage, sign};
use super::diff::{DiffLine, diff};
use super::escape::{markdown as prose, markdown_code as code, markdown_fence, markdown_html};
use super::evidence::{exchange_lines, expected};
use super::format::{Format, Output, Renderer};
use super::gate;
use super::groups::{Cause, FindingGroup, FindingGroups};
use super::snapshots;
use super::summary::{SuiteEnd, Summary};
use crate::text::shorten;
use crate::verdict::{ClauseOutcome, Verdict};

pub(super) const FORMAT: Format = Format {
    name: "markdown",
    help: "Write GitHub-flavoured Markdown, fit for a job's summary",
    output: Output::File("report.md"),
    wants_exchanges: false,
    renderer: || Box::<Markdown>::default(),
};

/// How many bytes the whole report has at most.
const LIMIT: usize = 900_000;
/// How many of these bytes the tables of clauses may take, each.
const TABLE: usize = 200_000;
/// How many of these bytes each list after the details may take.
const LIST: usize = 20_000;
/// How many waivers are told of.
const WAIVERS: usize = 200;
/// How many characters a line about a suite has.
const SUITE_LINE: usize = 400;
/// How many cases of a cause are named.
const NAMED: usize = 20;

/// The reports on the suites that are over. Of several, what all came to stands first; they share the room.
#[derive(Default)]
struct Markdown {
    suites: String,
}

impl Renderer for Markdown {
    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.suites.push_str(&report(run).map_err(io::Error::other)?);
        if !run.header.is_last() {
            self.suites.push('\n');
            return Ok(());
        }
        if run.header.is_of_several() {
            out.write_all(all_suites(run).map_err(io::Error::other)?.as_bytes())?;
        }
        out.write_all(std::mem::take(&mut self.suites).as_bytes())
    }
}

/// What all suites of a run came to.
fn all_suites(run: &Summary) -> Result<String, fmt::Error> {
    let (mut text, verdict) = (String::new(), run.verdict_on_all());
    writeln!(text, "# {} {} suites: {verdict}\n", verdict_sign(verdict), run.suites())?;
    writeln!(text, "| suite | verdict | cases | |\n| --- | --- | ---: | --- |")?;
    for SuiteEnd { suite, verdict, total, counts, why, .. } in &run.ends {
        let (suite, sign, more) = (code(suite), verdict_sign(*verdict), why.as_deref().unwrap_or(counts));
        writeln!(text, "| {suite} | {sign} {verdict} | {total} | {} |", prose(&shorten(more, SUITE_LINE)))?;
    }
    writeln!(text)?;
    Ok(text)
}

fn report(run: &Summary) -> Result<String, fmt::Error> {
    let (coverage, told) = (run.coverage(), run.told());
    let mut text = String::new();
    head(&mut text, run)?;
    waivers(&mut text, run)?;
    flaky(&mut text, run)?;
    violated(&mut text, &told, run.suites())?;
    let mut rest = String::new();
    reasons(&mut rest, ("Errors", &run.errors), run.suites())?;
    reasons(&mut rest, ("Inconclusive", &run.inconclusive), run.suites())?;
    reasons(&mut rest, ("Skipped", &run.skipped), run.suites())?;
    readings(&mut rest, run)?;
    left_behind(&mut rest, run)?;
    clauses(&mut rest, &coverage, &told, run)?;
    let room = (LIMIT / run.suites()).saturating_sub(rest.len());
    causes(&mut text, run, ("Violations", &run.violations), room)?;
    changes(&mut text, run, room)?;
    causes(&mut text, run, ("Deviations", &run.deviations), room)?;
    text.push_str(&rest);
    Ok(text)
}

pub(super) fn verdict_sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conformant => "✅",
        Verdict::ConformantWithDeviations => "⚠️",
        Verdict::NonConformant => "❌",
        Verdict::Undetermined => "❔",
    }
}

fn head(text: &mut String, run: &Summary) -> fmt::Result {
    let (header, footer) = (&run.header, &run.footer);
    let sign = verdict_sign(footer.verdict);
    writeln!(text, "# {sign} {}: {}\n", prose(&header.suite), footer.verdict)?;
    if let Some(gate) = gate::differs(footer) {
        writeln!(text, "**Gate {}**\n", prose(&gate))?;
    }
    if let Some(why) = &footer.reason {
        writeln!(text, "**{}**\n", prose(why))?;
    }
    if let Some(why) = &footer.interrupted {
        writeln!(text, "**Interrupted: {}**\n", prose(&why.to_string()))?;
    }
    if let Some(evidence) = gate::evidence(footer) {
        writeln!(text, "Evidence: {}.\n", prose(&evidence))?;
    }
    writeln!(text, "| outcome | cases |\n| --- | ---: |")?;
    for (outcome, count) in &footer.counts {
        writeln!(text, "| {outcome} | {count} |")?;
    }
    writeln!(text, "| all | {} |\n", run.total())?;
    let (target, seed, digest) = (code(&header.named_target()), code(&header.seed), code(&shorten(&header.digest, 16)));
    let (requests, seconds, version) = (footer.requests, footer.elapsed_s, prose(&header.version));
    let strict = if header.strict { ", strict: deviations count as violations" } else { "" };
    writeln!(
        text,
        "Target {target}, seed {seed}, suite digest {digest}, {requests} requests in {seconds:.2} s, \
         conformant {version}{strict}.\n"
    )
}

/// Adds items while there is room for them up to a length of the text, and then how many there are besides.
pub(super) fn bounded(
    text: &mut String,
    room: usize,
    items: impl IntoIterator<Item = String>,
    more: impl Fn(usize) -> String,
) {
    let mut left_out = 0;
    for item in items {
        if left_out == 0 && text.len() <= room {
            text.push_str(&item);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        text.push_str(&more(left_out));
    }
}

/// The waivers that were met, those that fail the gate first.
fn waivers(text: &mut String, run: &Summary) -> fmt::Result {
    let notices = gate::waivers(&run.footer);
    if notices.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Waivers\n")?;
    let named = WAIVERS / run.suites();
    for notice in notices.iter().take(named) {
        let sign = if notice.fails { "❌" } else { "🔕" };
        writeln!(text, "* {sign} {}: {}", notice.word, prose(&notice.says))?;
    }
    if notices.len() > named {
        writeln!(text, "* … {} more", notices.len() - named)?;
    }
    writeln!(text)
}

/// The cases that passed only after a retry, and what to do about them.
fn flaky(text: &mut String, run: &Summary) -> fmt::Result {
    let Some(notice) = gate::flaky(&run.footer) else { return Ok(()) };
    reasons(text, ("Flaky", &run.flaky), run.suites())?;
    writeln!(text, "{} {}\n", if notice.fails { "❌" } else { "🔁" }, prose(&notice.says))
}

/// The clauses that are broken, in a table.
fn violated(text: &mut String, coverage: &Coverage<'_>, suites: usize) -> fmt::Result {
    let rows: Vec<_> = coverage.with(ClauseOutcome::Violated).chain(coverage.with(ClauseOutcome::Deviated)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let row = |row: &ClauseRow<'_>| {
        let broken = row.result.map_or(0, |result| result.violations + result.deviations);
        let (id, says) = (code(row.statement.id.as_str()), prose(&row.statement.says));
        format!("| {id} | {} {} | {says} | {broken} |\n", sign(row.outcome()), row.outcome())
    };
    writeln!(text, "| clause | outcome | says | cases |\n| --- | --- | --- | ---: |")?;
    let room = text.len() + TABLE / suites;
    bounded(text, room, rows.into_iter().map(row), |more| format!("| … {more} more | | | |\n"));
    writeln!(text)
}

/// The details, a block a cause, as long as there is room for them and for the rest.
fn causes(text: &mut String, run: &Summary, (title, groups): (&str, &FindingGroups), room: usize) -> fmt::Result {
    let causes = groups.causes();
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(text, "## {title}\n")?;
    let mut left_out = groups.uncounted;
    for block in &causes {
        let cause = cause(run, block)?;
        if text.len() + cause.len() + 1_000 > room {
            left_out += block.count;
        } else {
            text.push_str(&cause);
        }
    }
    if left_out > 0 {
        writeln!(text, "… and {left_out} more findings, left out for length.\n")?;
    }
    Ok(())
}

fn cause(run: &Summary, cause: &Cause<'_>) -> Result<String, fmt::Error> {
    let FindingGroup { finding, case, others, .. } = cause.example;
    let mut text = String::new();
    let subject = match cause.groups.as_slice() {
        [_] => format!("<code>{}</code>", cause.subject()),
        _ => cause.subject(),
    };
    let findings = if cause.count == 1 { "1 finding".to_owned() } else { format!("{} findings", cause.count) };
    let what = markdown_html(&finding.observed, 120);
    writeln!(text, "<details><summary>{subject} ({findings}): {what}</summary>\n")?;
    for group in cause.groups.iter().take(NAMED) {
        let clause = &group.finding.clause;
        writeln!(text, "* {}: {}", code(clause.as_str()), prose(run.says(clause)))?;
    }
    if cause.groups.len() > NAMED {
        writeln!(text, "* and {} more clauses", cause.groups.len() - NAMED)?;
    }
    writeln!(text, "\nCase {}: {}  ", code(&case.id), prose(&case.title))?;
    let (file, place) = (code(&format!("{}:{}", case.file, case.line)), code(&finding.place.to_string()));
    writeln!(text, "{file}, at {place}\n")?;
    if finding.expected.len() > 1 {
        writeln!(text, "Expected {}, the nearest of them here\n", code(&expected(finding)))?;
    }
    text.push_str(&difference(&diff(&finding.expected, &finding.observed)));
    if let Some(exchange) = cause.example.exchanges.get(finding.exchange) {
        text.push_str(&markdown_fence("text", exchange_lines(exchange)));
    }
    if !others.is_empty() {
        let named: Vec<String> = others.iter().take(NAMED).map(|id| code(id)).collect();
        let more = (cause.example.count - 1).saturating_sub(named.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        writeln!(text, "Also {}{more}\n", named.join(", "))?;
    }
    text.push_str("</details>\n\n");
    Ok(text)
}

fn difference(lines: &[DiffLine]) -> String {
    markdown_fence("diff", lines.iter().map(DiffLine::to_string))
}

/// What became of the snapshots: the sum, what of the suite is to be tidied up, and each that is changed or missing.
fn changes(text: &mut String, run: &Summary, room: usize) -> fmt::Result {
    let (sum, untidy) = (snapshots::sum(&run.footer), snapshots::untidy(&run.footer));
    match sum {
        Some(sum) => writeln!(text, "## Snapshots\n\n{}\n", prose(&sum))?,
        None if untidy.is_empty() => return Ok(()),
        None => writeln!(text, "## The suite\n")?,
    }
    for (word, says) in untidy.iter().take(WAIVERS) {
        writeln!(text, "* {word} {}", prose(says))?;
    }
    if !untidy.is_empty() {
        writeln!(text)?;
    }
    let mut left_out = run.changes.more;
    for snapshots::SnapshotChange { case, snapshot } in &run.changes.list {
        let (id, says) = (markdown_html(&case.id, 200), prose(&snapshots::says(snapshot)));
        let head = format!("<details><summary>{}: <code>{id}</code></summary>\n\n{says}\n\n", snapshot.state);
        let block = format!("{head}{}</details>\n\n", difference(&snapshots::difference(snapshot)));
        if text.len() + block.len() + 1_000 > room {
            left_out += 1;
        } else {
            text.push_str(&block);
        }
    }
    if left_out > 0 {
        writeln!(text, "… and {left_out} more that are changed or missing.\n")?;
    }
    Ok(())
}

fn reasons(text: &mut String, (title, reasons): (&str, &Reasons), suites: usize) -> fmt::Result {
    if reasons.count == 0 {
        return Ok(());
    }
    writeln!(text, "## {title}\n")?;
    let reason = |reason: &super::cases::Reason| {
        let named: Vec<String> = reason.ids.iter().take(3).map(|id| code(id)).collect();
        let more = reason.count - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("* {}: {}{more}\n", prose(&reason.why), named.join(", "))
    };
    let room = text.len() + LIST / suites;
    bounded(text, room, reasons.list.iter().map(reason), |more| format!("* … {more} more reasons\n"));
    if reasons.more > 0 {
        writeln!(text, "* … {} more cases", reasons.more)?;
    }
    writeln!(text)
}

fn readings(text: &mut String, run: &Summary) -> fmt::Result {
    let readings = run.readings();
    if readings.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Readings of what the documentation leaves open\n")?;
    let line = |clause: &&crate::verdict::ClauseResult| {
        let words = clause.readings.iter().take(10).map(|(reading, count)| format!("{} ({count})", prose(reading)));
        format!("* {}: {}\n", code(clause.id.as_str()), words.collect::<Vec<_>>().join(", "))
    };
    let room = text.len() + LIST / run.suites();
    bounded(text, room, readings.iter().map(line), |more| format!("* … {more} more\n"));
    writeln!(text)
}

fn left_behind(text: &mut String, run: &Summary) -> fmt::Result {
    let total = run.left_behind();
    if total == 0 {
        return Ok(());
    }
    writeln!(text, "## Left behind on the target\n")?;
    let named = run.footer.left_behind.iter().take(NAMED);
    let more = total - named.len();
    for left in named {
        writeln!(text, "* {} by {}: {}", code(&left.resource), code(&left.case), prose(&left.why))?;
    }
    if more > 0 {
        writeln!(text, "* … {more} more")?;
    }
    writeln!(text)
}

/// Every clause, folded away.
fn clauses(text: &mut String, coverage: &Coverage<'_>, told: &Coverage<'_>, run: &Summary) -> fmt::Result {
    let (ambiguous, read) = coverage.readings();
    writeln!(text, "## Clauses\n")?;
    writeln!(text, "**{}**; {ambiguous} ambiguities, {read} with a reading.\n", coverage.funnel())?;
    if let Some(derived) = run.derived().derived_line() {
        writeln!(text, "Derived from the document: {derived}.\n")?;
    }
    writeln!(text, "<details><summary>All {} clauses</summary>\n", told.0.len())?;
    writeln!(text, "| clause | level | outcome | cases | mutants | says | source |")?;
    writeln!(text, "| --- | --- | --- | --- | ---: | --- | --- |")?;
    let row = |row: &ClauseRow<'_>| {
        let (statement, outcome, sides) = (row.statement, row.outcome(), prose(&row.sides_line()));
        let (id, level, sign) = (code(statement.id.as_str()), statement.level, sign(outcome));
        let (mutants, says, source) = (statement.mutants.len(), prose(&statement.says), prose(&statement.source));
        format!("| {id} | {level} | {sign} {outcome} | {sides} | {mutants} | {says} | {source} |\n")
    };
    let room = text.len() + TABLE / run.suites();
    bounded(text, room, told.0.iter().map(row), |more| format!("| … {more} more | | | | | | |\n"));
    writeln!(text, "\n</details>")
}

#[cfg(test)]
mod tests;
