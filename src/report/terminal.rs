//! The report for a person at a terminal: a block for each cause of violation, then deviations in short, then the
//! summary. Writes styled text; whoever owns the output strips the styles where they aren't wanted.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::cases::Reasons;
use super::clauses::Side;
use super::diff::write_difference;
use super::escape::{line, short};
use super::evidence::{Limits, answer_lines, expected};
use super::format::Renderer;
use super::gate::{self, Notice, cases};
use super::groups::{Cause, FindingGroup};
use super::snapshots;
use super::summary::Summary;
use crate::verdict::{ClauseOutcome, ExchangeRecord, Gate, Verdict};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// How much of an exchange a block shows.
const LIMITS: Limits = Limits { curl: 2_000, headers: (20, 200), body: (40, 1_200) };
/// How many lines of names a block lists before it only counts.
const NAMED: usize = 6;
/// How many things left behind are named.
const LEFT: usize = 5;
/// How many waived violations are named.
const WAIVED: usize = 20;
/// How many changed snapshots are shown.
const CHANGED: usize = 10;
/// How many orphans and idle places are named.
const UNTIDY: usize = 5;
/// How many flaky cases are named.
const FLAKY: usize = 20;
/// Up to how many inconclusive or failed cases are named.
const BLOCKED: usize = 5;

type Out<'a> = &'a mut dyn Write;

/// A renderer for a terminal. A quiet one tells of violations, of what stood in the way of a verdict, and of the verdict.
pub fn terminal(quiet: bool) -> Box<dyn Renderer> {
    Box::new(move |run: &Summary, out: &mut dyn Write| report(run, quiet, out))
}

fn report(run: &Summary, quiet: bool, out: Out<'_>) -> io::Result<()> {
    for cause in run.violations.causes() {
        violation(run, &cause, out)?;
    }
    if run.violations.uncounted > 0 {
        writeln!(out, "… and {} more findings that are not shown\n", run.violations.uncounted)?;
    }
    changed(run, out)?;
    if !quiet {
        run.deviations.causes().iter().try_for_each(|cause| deviation(run, cause, out))?;
    }
    blocked("error", &run.errors, out)?;
    blocked("inconclusive", &run.inconclusive, out)?;
    if !quiet {
        skipped(&run.skipped, out)?;
    }
    let shown = |notice: &Notice| notice.fails || !quiet;
    waivers(gate::waivers(&run.footer).into_iter().filter(shown).collect(), out)?;
    if let Some(notice) = gate::flaky(&run.footer).filter(shown) {
        flaky(run, &notice, out)?;
    }
    if !quiet {
        summary(run, out)?;
    }
    verdict(run, out)
}

fn violation(run: &Summary, cause: &Cause<'_>, out: Out<'_>) -> io::Result<()> {
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
    writeln!(out, "  {CYAN}{}{CYAN:#}  {}", line(&case.id), line(&case.title))?;
    writeln!(out, "  {DIM}{}:{}{DIM:#}", line(&case.file), case.line)?;
    writeln!(out, "    at        {}", line(&finding.place.to_string()))?;
    writeln!(out, "    expected  {GREEN}{}{GREEN:#}", line(&expected(finding)))?;
    writeln!(out, "    observed  {RED}{}{RED:#}", line(&finding.observed))?;
    if let Some(exchange) = cause.example.exchanges.get(finding.exchange) {
        evidence(exchange, out)?;
    }
    others(cause.example, out)?;
    writeln!(out)
}

fn evidence(exchange: &ExchangeRecord, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "  {DIM}sent{DIM:#}\n    {}", short(&exchange.request.curl, LIMITS.curl))?;
    writeln!(out, "  {DIM}answered{DIM:#}")?;
    for line in answer_lines(exchange, &LIMITS) {
        writeln!(out, "{}", format!("    {line}").trim_end())?;
    }
    Ok(())
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

fn deviation(run: &Summary, cause: &Cause<'_>, out: Out<'_>) -> io::Result<()> {
    let FindingGroup { finding, case, .. } = cause.example;
    let clauses: Vec<&str> = cause.groups.iter().map(|group| group.finding.clause.as_str()).collect();
    let (clauses, says) = (clauses.join(", "), line(run.says(&finding.clause)));
    writeln!(out, "{YELLOW}deviates{YELLOW:#} {BOLD}{clauses}{BOLD:#}: {says}")?;
    let place = line(&finding.place.to_string());
    let (expected, observed, id) = (line(&expected(finding)), line(&finding.observed), line(&case.id));
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
fn blocked(word: &str, reasons: &Reasons, out: Out<'_>) -> io::Result<()> {
    for reason in &reasons.list {
        writeln!(out, "{YELLOW}{word}{YELLOW:#} {}: {}", cases(reason.count), line(&reason.why))?;
        if reason.count <= BLOCKED {
            reason.ids.iter().try_for_each(|id| writeln!(out, "    {CYAN}{}{CYAN:#}", line(id)))?;
        }
        writeln!(out)?;
    }
    if reasons.more > 0 { writeln!(out, "{YELLOW}{word}{YELLOW:#} {} more\n", cases(reasons.more)) } else { Ok(()) }
}

fn skipped(reasons: &Reasons, out: Out<'_>) -> io::Result<()> {
    for reason in &reasons.list {
        writeln!(out, "{DIM}skipped{DIM:#} {}: {}", cases(reason.count), line(&reason.why))?;
    }
    if reasons.more > 0 {
        writeln!(out, "{DIM}skipped{DIM:#} {} more", cases(reasons.more))?;
    }
    if reasons.count > 0 { writeln!(out) } else { Ok(()) }
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

fn summary(run: &Summary, out: Out<'_>) -> io::Result<()> {
    let footer = &run.footer;
    for left in footer.left_behind.iter().take(LEFT) {
        let (case, resource, why) = (line(&left.case), line(&left.resource), line(&left.why));
        writeln!(out, "{YELLOW}left behind{YELLOW:#} {resource} by {CYAN}{case}{CYAN:#}: {why}")?;
    }
    let more = run.left_behind() - footer.left_behind.len().min(LEFT);
    if more > 0 {
        writeln!(out, "{YELLOW}left behind{YELLOW:#} {more} more")?;
    }
    let readings = run.readings();
    if !readings.is_empty() {
        writeln!(out, "{BOLD}readings{BOLD:#} of what the documentation leaves open")?;
    }
    for clause in readings {
        let words: Vec<String> = clause.readings.iter().map(|(reading, n)| format!("{reading} ({n})")).collect();
        writeln!(out, "    {}: {}", clause.id, line(&words.join(", ")))?;
    }
    let (requests, seconds) = (footer.requests, footer.elapsed_s);
    writeln!(out, "{BOLD}cases{BOLD:#}    {}: {}; {requests} requests in {seconds:.2} s", run.total(), run.counts())?;
    untidy(run, out)?;
    let coverage = run.coverage();
    let (ambiguous, read) = coverage.readings();
    let violated = coverage.scored(ClauseOutcome::Violated);
    let untested = coverage.scored(ClauseOutcome::Untested) + coverage.scored(ClauseOutcome::Undetermined);
    writeln!(out, "{BOLD}clauses{BOLD:#}  {}", coverage.funnel())?;
    writeln!(out, "         {violated} violated, {untested} not tested; {ambiguous} ambiguous, {read} with a reading")?;
    for row in coverage.with(ClauseOutcome::Untested) {
        let untested = row.sides.iter().filter(|side| side.untested.is_some()).map(Side::to_string);
        let reasons: Vec<String> = untested.collect();
        if !reasons.is_empty() {
            writeln!(out, "         {}: {}", row.statement.id, line(&reasons.join(", ")))?;
        }
    }
    let (suite, target, seed) = (line(&run.header.suite), line(&run.header.target), line(&run.header.seed));
    writeln!(out, "{BOLD}target{BOLD:#}   {target}, suite {suite}, seed {seed}")
}

/// What is to be tidied up, and the sum of the snapshots.
fn untidy(run: &Summary, out: Out<'_>) -> io::Result<()> {
    let untidy = snapshots::untidy(&run.footer);
    for (word, says) in untidy.iter().take(UNTIDY) {
        writeln!(out, "{YELLOW}{word}{YELLOW:#} {says}")?;
    }
    if untidy.len() > UNTIDY {
        writeln!(out, "{YELLOW}… {} more{YELLOW:#} orphans and idle places", untidy.len() - UNTIDY)?;
    }
    snapshots::sum(&run.footer).map_or(Ok(()), |sum| writeln!(out, "{BOLD}snapshots{BOLD:#} {sum}"))
}

fn verdict(run: &Summary, out: Out<'_>) -> io::Result<()> {
    let (verdict, reason) = (run.footer.verdict, run.footer.reason.as_deref());
    let style = match verdict {
        Verdict::Conformant => GREEN,
        Verdict::ConformantWithDeviations | Verdict::Undetermined => YELLOW,
        Verdict::NonConformant => RED,
    };
    let reason = reason.map(|reason| format!(": {}", line(reason))).unwrap_or_default();
    writeln!(out, "{BOLD}verdict{BOLD:#}  {style}{verdict}{style:#}{reason}")?;
    let style = if run.footer.gate == Gate::Passed { GREEN } else { RED };
    gate::differs(&run.footer).map_or(Ok(()), |gate| writeln!(out, "{BOLD}gate{BOLD:#}     {style}{gate}{style:#}"))
}
