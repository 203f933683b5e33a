//! The end of the report on a terminal, which is what stands there when the run is over: what was done, the verdict, the
//! broken clauses, what was not tested, the files, and what to do next.

use std::io;

use anstyle::Style;

use super::super::clauses::{Coverage, REASON, Side};
use super::super::escape::{fitted, line, short};
use super::super::evidence::expected;
use super::super::gate::{self, cases};
use super::super::groups::{Cause, FindingGroup};
use super::super::snapshots;
use super::super::summary::{SuiteEnd, Summary};
use super::options::{BOLD, CYAN, DIM, GREEN, Out, RED, TerminalOptions, YELLOW};
use crate::contract::ClauseId;
use crate::verdict::{ClauseOutcome, Gate, StopReason, UNREACHABLE, Verdict};

/// How many things left behind are named.
const LEFT: usize = 5;
/// How many orphans and idle places are named.
const UNTIDY: usize = 5;
/// How many broken clauses are listed.
const BROKEN: usize = 100;
/// How many reasons for clauses that were not tested are listed.
const UNTESTED: usize = 10;
/// How many columns of a line are for what was expected and observed, however narrow the terminal.
const VALUES: usize = 24;

/// A clause that is broken: in how many cases, and an example.
struct Broken<'a> {
    clause: &'a ClauseId,
    cases: usize,
    example: &'a FindingGroup,
}

/// What a run ends with. `causes` are those that break a clause.
pub(super) fn end(run: &Summary, causes: &[&Cause<'_>], options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let broken = broken(run, causes);
    let coverage = run.coverage();
    if !options.quiet {
        left_behind(run, out)?;
        untidy(run, out)?;
        if options.readings {
            readings(run, out)?;
        }
    }
    target(run, options, out)?;
    if !options.quiet {
        figures(run, &coverage, &broken, options, out)?;
    }
    verdict(run, causes, &broken, options, out)?;
    if !options.quiet {
        not_tested(run, &run.told(), options, out)?;
        if !run.header.is_of_several() {
            written(options, out)?;
        }
        next(run, &broken).map_or(Ok(()), |next| writeln!(out, "{BOLD}next{BOLD:#}     {next}"))?;
    }
    if !(run.header.is_of_several() && run.header.is_last()) {
        return Ok(());
    }
    all_suites(run, options, out)?;
    if options.quiet { Ok(()) } else { written(options, out) }
}

/// The reports that were written besides.
fn written(options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let files: Vec<String> = options.files.iter().map(|file| line(file)).collect();
    if files.is_empty() { Ok(()) } else { writeln!(out, "{BOLD}written{BOLD:#}  {}", files.join(", ")) }
}

/// What each suite of the run came to, and all of them.
fn all_suites(run: &Summary, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "\n{BOLD}suites{BOLD:#}   {}", run.suites())?;
    let width = run.ends.iter().map(|end| line(&end.suite).chars().count()).max().unwrap_or(0);
    for SuiteEnd { suite, verdict, counts, why, .. } in &run.ends {
        let (name, style) = (line(suite), style(*verdict));
        let why = why.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
        let more = fitted(&format!("{counts}{why}"), options.width * 2);
        writeln!(out, "    {name:<width$}  {style}{verdict}{style:#}: {more}")?;
    }
    let (verdict, gate) = (run.verdict_on_all(), run.gate_of_all());
    let style = style(verdict);
    writeln!(out, "{BOLD}all{BOLD:#}      {style}{verdict}{style:#}")?;
    let is_told = match verdict {
        Verdict::Conformant | Verdict::ConformantWithDeviations => gate == Gate::Passed,
        Verdict::NonConformant => gate == Gate::Failed,
        Verdict::Undetermined => gate == Gate::Undetermined,
    };
    let style = if gate == Gate::Passed { GREEN } else { RED };
    if is_told { Ok(()) } else { writeln!(out, "{BOLD}gate{BOLD:#}     {style}{gate}{style:#}") }
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Conformant => GREEN,
        Verdict::ConformantWithDeviations | Verdict::Undetermined => YELLOW,
        Verdict::NonConformant => RED,
    }
}

/// The broken clauses, those first that tell most.
fn broken<'a>(run: &Summary, causes: &[&Cause<'a>]) -> Vec<Broken<'a>> {
    let mut broken: Vec<Broken<'_>> = Vec::new();
    for group in causes.iter().flat_map(|cause| cause.groups.iter().copied()) {
        let clause = &group.finding.clause;
        if broken.iter().any(|known| known.clause == clause) {
            continue;
        }
        let result = run.footer.clauses.iter().find(|result| result.id == *clause);
        let cases = result.map_or(group.count, |result| {
            result.violations.max(result.deviations).saturating_sub(result.waived).max(group.count)
        });
        broken.push(Broken { clause, cases, example: group });
    }
    broken
}

/// What the run left at the target.
fn left_behind(run: &Summary, out: Out<'_>) -> io::Result<()> {
    let footer = &run.footer;
    for left in footer.left_behind.iter().take(LEFT) {
        let (case, resource, why) = (line(&left.case), line(&left.resource), line(&left.why));
        writeln!(out, "{YELLOW}left behind{YELLOW:#} {resource} by {CYAN}{case}{CYAN:#}: {why}")?;
    }
    let more = run.left_behind() - footer.left_behind.len().min(LEFT);
    if more > 0 { writeln!(out, "{YELLOW}left behind{YELLOW:#} {more} more") } else { Ok(()) }
}

/// What is to be tidied up.
fn untidy(run: &Summary, out: Out<'_>) -> io::Result<()> {
    let untidy = snapshots::untidy(&run.footer);
    for (word, says) in untidy.iter().take(UNTIDY) {
        writeln!(out, "{YELLOW}{word}{YELLOW:#} {says}")?;
    }
    let more = untidy.len().saturating_sub(UNTIDY);
    if more > 0 { writeln!(out, "{YELLOW}… {more} more{YELLOW:#} orphans and idle places") } else { Ok(()) }
}

fn readings(run: &Summary, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "{BOLD}readings{BOLD:#} of what the documentation leaves open")?;
    for clause in run.readings() {
        let words: Vec<String> = clause.readings.iter().map(|(reading, n)| format!("{reading} ({n})")).collect();
        writeln!(out, "    {}: {}", clause.id, line(&words.join(", ")))?;
    }
    Ok(())
}

/// What the run was about, where that matters: its certificates weren't looked at, or it isn't simply conformant.
fn target(run: &Summary, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let (header, footer) = (&run.header, &run.footer);
    let (suite, target, seed) = (line(&header.suite), line(&header.named_target()), line(&header.seed));
    let is_plain = footer.verdict == Verdict::Conformant && footer.gate == Gate::Passed;
    if !header.insecure && (is_plain || options.quiet) {
        return Ok(());
    }
    let seed = if run.blocked_by().is_some() { String::new() } else { format!(", seed {seed}") };
    writeln!(out, "{BOLD}target{BOLD:#}   {target}, suite {suite}{seed}")
}

/// How many cases, requests, clauses, readings and snapshots. Where nothing was found out, there is nothing to count.
fn figures(
    run: &Summary,
    coverage: &Coverage<'_>,
    broken: &[Broken<'_>],
    options: &TerminalOptions,
    out: Out<'_>,
) -> io::Result<()> {
    let footer = &run.footer;
    if run.blocked_by().is_some() {
        return Ok(());
    }
    let (requests, seconds) = (footer.requests, footer.elapsed_s);
    writeln!(out, "{BOLD}cases{BOLD:#}    {}: {}; {requests} requests in {seconds:.2} s", run.total(), run.counts())?;
    if let Some(evidence) = gate::evidence(footer) {
        writeln!(out, "{YELLOW}evidence{YELLOW:#} {evidence}")?;
    }
    let mut parts = vec![format!("{} of {} proven", coverage.funnel().proven, coverage.funnel().stated)];
    // Those that are derived are counted for themselves.
    let is_ours = |broken: &&Broken<'_>| coverage.0.iter().any(|row| row.statement.id == *broken.clause);
    let ours = broken.iter().filter(is_ours).count();
    if ours > 0 {
        parts.push(format!("{ours} broken"));
    }
    parts.extend(Some(coverage.readings().1).filter(|read| *read > 0).map(|read| plural(read, "reading")));
    parts.extend(snapshots::sum(footer).map(|sum| format!("snapshots {sum}")));
    writeln!(out, "{BOLD}clauses{BOLD:#}  {}", parts.join("; "))?;
    let where_else = if options.coverage { "" } else { "; --coverage lists those" };
    let derived = run.derived().derived_line();
    derived.map_or(Ok(()), |derived| writeln!(out, "{BOLD}derived{BOLD:#}  {derived}{where_else}"))
}

fn verdict(
    run: &Summary,
    causes: &[&Cause<'_>],
    broken: &[Broken<'_>],
    options: &TerminalOptions,
    out: Out<'_>,
) -> io::Result<()> {
    let footer = &run.footer;
    let style = style(footer.verdict);
    let why = match (&footer.reason, broken) {
        (_, [_, ..]) => Some(counted(run, causes, broken)),
        // Of one reason for all cases, the first clause that it left open says nothing more.
        (Some(reason), []) => Some(line(run.blocked_by().unwrap_or(reason))),
        (None, []) => None,
    };
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    writeln!(out, "{BOLD}verdict{BOLD:#}  {style}{}{style:#}{why}", footer.verdict)?;
    table(broken, options, out)?;
    let style = if footer.gate == Gate::Passed { GREEN } else { RED };
    gate::differs(footer).map_or(Ok(()), |gate| writeln!(out, "{BOLD}gate{BOLD:#}     {style}{gate}{style:#}"))
}

/// `2 clauses broken, 4 causes in 44 cases`.
fn counted(run: &Summary, causes: &[&Cause<'_>], broken: &[Broken<'_>]) -> String {
    let all = causes.len() + run.violations.uncounted;
    let cases = cases(run.violations.cases + if run.header.strict { run.deviations.cases } else { 0 });
    format!("{} broken, {} in {cases}", plural(broken.len(), "clause"), plural(all, "cause"))
}

/// `1 clause`, `2 clauses`.
fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// The broken clauses, one a line.
fn table(broken: &[Broken<'_>], options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    let shown = broken.get(..BROKEN.min(broken.len())).unwrap_or(broken);
    let names = shown.iter().map(|broken| broken.clause.as_str().len()).max().unwrap_or(0);
    let counts = shown.iter().map(|broken| cases(broken.cases).len()).max().unwrap_or(0);
    let room = options.width.saturating_sub(names + counts + 8).max(VALUES);
    for Broken { clause, cases: count, example } in shown {
        let finding = &example.finding;
        let expected = expected(finding);
        let observed = fitted(&finding.observed, room.saturating_sub(expected.chars().count().min(room / 2) + 3));
        let expected = fitted(&expected, room.saturating_sub(observed.chars().count() + 3));
        let (clause, count) = (clause.as_str(), cases(*count));
        writeln!(
            out,
            "    {BOLD}{clause:<names$}{BOLD:#}  {count:<counts$}  {GREEN}{expected}{GREEN:#} {DIM}→{DIM:#} {RED}{observed}{RED:#}"
        )?;
    }
    let more = broken.len() - shown.len();
    if more > 0 { writeln!(out, "    … {more} more clauses") } else { Ok(()) }
}

/// The clauses that were not tested, and the cases that were not sent, by reason.
fn not_tested(run: &Summary, coverage: &Coverage<'_>, options: &TerminalOptions, out: Out<'_>) -> io::Result<()> {
    if run.blocked_by().is_some() {
        return Ok(());
    }
    let reasons = reasons(coverage);
    let is_told = |why: &str| reasons.iter().any(|(told, _)| told.contains(&short(why, REASON)));
    let skipped = run.skipped.list.iter().filter(|reason| !is_told(&reason.why));
    let skipped: Vec<String> =
        skipped.map(|reason| format!("{} skipped: {}", cases(reason.count), line(&reason.why))).collect();
    if reasons.is_empty() && skipped.is_empty() {
        return Ok(());
    }
    let count: usize = reasons.iter().map(|(_, clauses)| clauses.len()).sum();
    let counts =
        [(count, plural(count, "clause")), (run.skipped.count, format!("{} skipped", cases(run.skipped.count)))];
    let counts: Vec<&str> = counts.iter().filter(|(count, _)| *count > 0).map(|(_, says)| says.as_str()).collect();
    writeln!(out, "{YELLOW}untested{YELLOW:#} {}", counts.join("; "))?;
    let clauses =
        reasons.iter().map(|(why, clauses)| format!("{}: {}", fitted(&clauses.join(", "), options.width), line(why)));
    let all: Vec<String> = clauses.chain(skipped).collect();
    all.iter().take(UNTESTED).try_for_each(|untested| writeln!(out, "    {untested}"))?;
    let more = all.len().saturating_sub(UNTESTED);
    if more > 0 { writeln!(out, "    … {more} more reasons") } else { Ok(()) }
}

/// Why clauses were not tested, each reason with those that it is true of.
fn reasons<'a>(coverage: &'a Coverage<'_>) -> Vec<(String, Vec<&'a str>)> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for outcome in [ClauseOutcome::Undetermined, ClauseOutcome::Untested] {
        for row in coverage.with(outcome) {
            let sides = row.sides.iter().filter(|side| side.untested.is_some()).map(Side::to_string);
            let why: Vec<String> = sides.collect();
            let why = match why.is_empty() {
                true if outcome == ClauseOutcome::Undetermined => "its cases came to no conclusion".to_owned(),
                // Nothing was to test it in this run.
                true => continue,
                false => why.join(", "),
            };
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, clauses)) => clauses.push(row.statement.id.as_str()),
                None => reasons.push((why, vec![row.statement.id.as_str()])),
            }
        }
    }
    reasons
}

/// What to do next, where there is something to do.
fn next(run: &Summary, broken: &[Broken<'_>]) -> Option<String> {
    let footer = &run.footer;
    if let Some(Broken { clause, .. }) =
        broken.first().filter(|_| footer.gate == Gate::Failed && run.header.filters.is_empty())
    {
        let rows = run.violations.rows + if run.header.strict { run.deviations.rows } else { 0 };
        // No control is run again by itself.
        return Some(match rows {
            0 => format!("{clause} runs the cases about that clause"),
            _ => format!("--failed runs what failed again, {clause} the cases about that clause"),
        });
    }
    if run.blocked_by().is_some_and(|why| why.starts_with(UNREACHABLE)) {
        return Some("start the target, or correct its URL; --wait-for-target 60 waits for it".to_owned());
    }
    // What was stopped says nothing about how it was asked for.
    if !matches!(footer.interrupted, None | Some(StopReason::Other(_))) {
        return None;
    }
    let next = "`conformant config` with the same options shows what was sent with, and where each value comes from";
    run.blocked_by().map(|_| next.to_owned())
}
