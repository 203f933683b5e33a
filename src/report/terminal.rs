//! The report for a person at a terminal: a block for each cause of violation, then what else there is to know in short, and
//! at the end what matters most. Writes styled text; whoever owns the output strips the styles where they aren't wanted.

mod end;
mod options;

use std::io::{self, Write};

use super::cases::Reasons;
use super::coverage;
use super::diff::write_difference;
use super::escape::{fitted, line};
use super::evidence::{Limits, answer_lines, expected};
use super::format::Renderer;
use super::gate::{self, Notice, cases};
use super::groups::{Cause, FindingGroup};
use super::snapshots;
use super::summary::Summary;
use crate::verdict::{CaseResult, ExchangeRecord, Finding, Outcome};
pub(super) use options::{BOLD, CYAN, DIM, GREEN, Out, RED, YELLOW};

pub use options::TerminalOptions;

/// How many causes have a block of their own.
const BLOCKS: usize = 20;
/// How many lines a value may take.
const LINES: usize = 2;
/// The longest command, in characters, that is shown where it belongs; a longer one stands in a file.
const COMMAND: usize = 1_500;
/// How many characters of a value are shown in the line of a violation as it is found.
const LIVE: usize = 40;
/// How many lines of names a block lists before it only counts.
const NAMED: usize = 6;
/// How many waived violations are named.
const WAIVED: usize = 20;
/// How many changed snapshots are shown.
const CHANGED: usize = 10;
/// How many flaky cases are named.
const FLAKY: usize = 20;
/// Up to how many inconclusive or failed cases are named.
const BLOCKED: usize = 5;

/// A renderer for a terminal.
pub fn terminal(options: TerminalOptions) -> Box<dyn Renderer> {
    Box::new(move |run: &Summary, out: &mut dyn Write| report(run, &options, out))
}

/// The commands that a report on the terminal names by the file that they stand in: its name, and the command.
pub fn long_commands(run: &Summary) -> Vec<(String, String)> {
    let causes = run.violations.causes();
    let shown = causes.iter().take(BLOCKS).map(|cause| cause.example);
    let long = shown.filter_map(|group| Some((&group.case.id, group.exchanges.get(group.finding.exchange)?)));
    long.chain(blocking_exchange(run))
        .filter(|(_, exchange)| exchange.request.curl.len() > COMMAND)
        .map(|(id, exchange)| (command_file(id), format!("{}\n", line(&exchange.request.curl))))
        .collect()
}

/// The name of the file for the command of a case: one that any system takes, whatever the id.
fn command_file(id: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let name: String = id.chars().take(100).map(plain).collect();
    format!("{}.sh", name.trim_matches('-'))
}

/// A violation in one line, as it is told while a run goes on.
pub fn violation_line(result: &CaseResult, finding: &Finding) -> String {
    let (expected, observed) = (fitted(&expected(finding), LIVE), fitted(&finding.observed, LIVE));
    let (clause, id) = (&finding.clause, line(&result.id));
    format!("{RED}violates{RED:#} {BOLD}{clause}{BOLD:#}  {expected} → {observed}  {CYAN}{id}{CYAN:#}\n")
}

fn report(run: &Summary, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    if run.header.is_of_several() {
        let blank = if run.header.is_first() { "" } else { "\n" };
        writeln!(out, "{blank}{BOLD}suite    {}{BOLD:#}", line(&run.header.suite))?;
    }
    let (causes, deviations) = (run.violations.causes(), run.deviations.causes());
    causes.iter().take(BLOCKS).try_for_each(|cause| violation(run, cause, options, out))?;
    let more = causes.len().saturating_sub(BLOCKS) + run.violations.uncounted;
    if more > 0 {
        let rest = if options.files.is_empty() { "--report-html report.html shows" } else { "the reports show" };
        writeln!(out, "… and {more} more causes; {rest} them\n")?;
    }
    changed(run, out)?;
    if !options.quiet {
        deviations.iter().take(BLOCKS).try_for_each(|cause| deviation(run, cause, options, out))?;
    }
    match run.blocked_by() {
        None => {
            blocked("error", &run.errors, options, out)?;
            blocked("inconclusive", &run.inconclusive, options, out)?;
        }
        // The verdict says why, once for all.
        Some(_) => blocking(run, options, out)?,
    }
    let shown = |notice: &Notice| notice.fails || !options.quiet;
    waivers(gate::waivers(&run.footer).into_iter().filter(shown).collect(), out)?;
    if let Some(notice) = gate::flaky(&run.footer).filter(shown) {
        flaky(run, &notice, out)?;
    }
    if options.coverage {
        coverage::table(run, out)?;
        writeln!(out)?;
    }
    let broken = causes.iter().chain(deviations.iter().filter(|_| run.header.strict)).collect::<Vec<_>>();
    end::end(run, &broken, options, out)
}

fn violation(run: &Summary, cause: &Cause<'_>, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let FindingGroup { finding, case, .. } = cause.example;
    if let [_] = cause.groups.as_slice() {
        let says = line(run.says(&finding.clause));
        writeln!(out, "{RED}violates{RED:#} {BOLD}{}{BOLD:#}: {says}", finding.clause)?;
    } else {
        let (subject, count) = (cause.subject(), cause.count);
        writeln!(out, "{RED}violates{RED:#} {BOLD}{subject}{BOLD:#}, in {count} findings:")?;
        for group in cause.groups.iter().take(NAMED) {
            let clause = &group.finding.clause;
            writeln!(out, "    {clause}: {} ({})", line(run.says(clause)), cases(group.count))?;
        }
        let rest: Vec<&str> = cause.groups.iter().skip(NAMED).map(|group| group.finding.clause.as_str()).collect();
        if !rest.is_empty() {
            writeln!(out, "    and {}", rest.join(", "))?;
        }
    }
    writeln!(out, "  {CYAN}{}{CYAN:#}  {}", line(&case.id), fitted(&case.title, options.width * LINES))?;
    writeln!(out, "  {DIM}{}:{}{DIM:#}", line(&case.file), case.line)?;
    let value = |text: &str| fitted(text, options.width * LINES);
    let source = run.source(&finding.clause);
    if !source.is_empty() {
        writeln!(out, "    docs      {}", value(source))?;
    }
    writeln!(out, "    at        {}", value(&finding.place.to_string()))?;
    writeln!(out, "    expected  {GREEN}{}{GREEN:#}", value(&expected(finding)))?;
    writeln!(out, "    observed  {RED}{}{RED:#}", value(&finding.observed))?;
    if let Some(exchange) = cause.example.exchanges.get(finding.exchange) {
        evidence(exchange, &case.id, options, out)?;
    }
    others(cause.example, out)?;
    writeln!(out)
}

fn evidence(exchange: &ExchangeRecord, case: &str, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let sent = if exchange.resent { "sent twice, for its first connection was closed" } else { "sent" };
    writeln!(out, "  {DIM}{sent}{DIM:#}")?;
    let curl = &exchange.request.curl;
    match (curl.len() > COMMAND, &options.commands) {
        (false, _) => writeln!(out, "    {}", line(curl))?,
        (true, Some(folder)) => writeln!(out, "    sh {}/{}", line(folder), command_file(case))?,
        (true, None) => writeln!(out, "    {}", super::evidence::too_long(curl))?,
    }
    writeln!(out, "  {DIM}answered{DIM:#}")?;
    let limits = Limits { curl: options.width * LINES, headers: (20, options.width), body: (40, 1_200) };
    for line in answer_lines(exchange, &limits) {
        writeln!(out, "{}", format!("    {line}").trim_end())?;
    }
    Ok(())
}

/// The request without which nothing could be found out, where it was answered, and the case that sent it.
fn blocking_exchange(run: &Summary) -> Option<(&String, &ExchangeRecord)> {
    run.blocked_by()?;
    let reason = run.errors.list.first().or(run.inconclusive.list.first())?;
    let exchange = reason.exchange.as_ref().filter(|exchange| exchange.response.is_some())?;
    Some((&reason.first.id, exchange))
}

/// What was answered to it.
fn blocking(run: &Summary, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let Some((id, exchange)) = blocking_exchange(run) else { return Ok(()) };
    let word = if run.footer.counts.contains_key(&Outcome::Error) { "error" } else { "inconclusive" };
    writeln!(out, "{YELLOW}{word}{YELLOW:#} {CYAN}{}{CYAN:#}", line(id))?;
    evidence(exchange, id, options, out)?;
    writeln!(out)
}

/// The other cases of a group.
fn others(group: &FindingGroup, out: Out<'_>) -> io::Result<()> {
    let more = group.count - 1;
    if more == 0 {
        return Ok(());
    }
    let verb = if more == 1 { "fails" } else { "fail" };
    writeln!(out, "  and {} that {verb} in the same way:", cases(more))?;
    for id in group.others.iter().take(NAMED) {
        writeln!(out, "    {CYAN}{}{CYAN:#}", line(id))?;
    }
    if more > NAMED { writeln!(out, "    … {} more", more - NAMED) } else { Ok(()) }
}

fn deviation(run: &Summary, cause: &Cause<'_>, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let FindingGroup { finding, case, .. } = cause.example;
    let clauses: Vec<&str> = cause.groups.iter().map(|group| group.finding.clause.as_str()).collect();
    let (clauses, says) = (clauses.join(", "), line(run.says(&finding.clause)));
    writeln!(out, "{YELLOW}deviates{YELLOW:#} {BOLD}{clauses}{BOLD:#}: {says}")?;
    let value = |text: &str| fitted(text, options.width * LINES);
    let place = value(&finding.place.to_string());
    let (expected, observed, id) = (value(&expected(finding)), value(&finding.observed), line(&case.id));
    let count = cases(cause.count);
    writeln!(out, "    at {place}: expected {expected}, observed {observed}; {count}, first {CYAN}{id}{CYAN:#}\n")
}

/// Snapshots that fail the gate, each with what is recorded and what came instead.
fn changed(run: &Summary, out: Out<'_>) -> io::Result<()> {
    for snapshots::SnapshotChange { case, snapshot } in run.changes.list.iter().take(CHANGED) {
        let (state, says) = (snapshot.state, snapshots::says(snapshot));
        writeln!(out, "{RED}{state}{RED:#} {BOLD}snapshot{BOLD:#}: {says}")?;
        writeln!(out, "  {CYAN}{}{CYAN:#}  {}", line(&case.id), line(&case.title))?;
        if let (Some(recorded), Some(observed)) = (&snapshot.recorded, &snapshot.observed) {
            write_difference(Some(recorded), observed, "    ", out)?;
        }
        writeln!(out)?;
    }
    let more = run.changes.list.len().saturating_sub(CHANGED) + run.changes.more;
    if more > 0 { writeln!(out, "… and {more} more snapshots that are changed or missing\n") } else { Ok(()) }
}

/// Cases that told nothing, by reason.
fn blocked(word: &str, reasons: &Reasons, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    for reason in &reasons.list {
        let why = fitted(&reason.why, options.width * LINES);
        writeln!(out, "{YELLOW}{word}{YELLOW:#} {}: {why}", cases(reason.count))?;
        if reason.count <= BLOCKED {
            reason.ids.iter().try_for_each(|id| writeln!(out, "    {CYAN}{}{CYAN:#}", line(id)))?;
        }
        writeln!(out)?;
    }
    if reasons.more > 0 { writeln!(out, "{YELLOW}{word}{YELLOW:#} {} more\n", cases(reasons.more)) } else { Ok(()) }
}

fn waivers(notices: Vec<Notice>, out: Out<'_>) -> io::Result<()> {
    let named = notices.iter().filter(|notice| notice.fails).count() + WAIVED;
    for Notice { word, fails, says, .. } in notices.iter().take(named) {
        let style = if *fails { RED } else { CYAN };
        writeln!(out, "{style}{word}{style:#} {says}")?;
    }
    if notices.len() > named {
        writeln!(out, "{CYAN}waived{CYAN:#} … {} more", notices.len() - named)?;
    }
    if notices.is_empty() { Ok(()) } else { writeln!(out) }
}

/// The cases that passed only after a retry.
fn flaky(run: &Summary, notice: &Notice, out: Out<'_>) -> io::Result<()> {
    let style = if notice.fails { RED } else { CYAN };
    writeln!(out, "{style}{}{style:#} {}", notice.word, notice.says)?;
    let named = run.flaky.list.iter().flat_map(|reason| reason.ids.iter().map(move |id| (id, &reason.why)));
    let named: Vec<_> = named.take(FLAKY).collect();
    for (id, before) in &named {
        writeln!(out, "    {CYAN}{}{CYAN:#} {before}", line(id))?;
    }
    if run.footer.flaky > named.len() {
        writeln!(out, "    … {} more", run.footer.flaky - named.len())?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests;
