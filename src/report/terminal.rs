//! The report for a person at a terminal: a block for each cause of violation, then deviations in short, then the
//! summary. Writes styled text; whoever owns the sink strips the styles where they aren't wanted.
//!
//! Everything that a target or a case file said is made printable first: escapes, controls and bidi marks never
//! reach the terminal as such. Nor does anything that a CI server would take for a command when this ends up in its log.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::coverage::{Coverage, side_text};
use super::snapshots::{self, Change, Changes};
use super::without_commands as printable;
use super::{Cause, Groups, Renderer, flaky, gate, waivers};
use crate::text::shorten;
use crate::verdict::{
    BodyRecord, CaseResult, ClauseOutcome, Event, ExchangeRecord, FindingKind, Footer, Gate, Header, Outcome,
    ResponseRecord, Verdict,
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// How many characters of an answer's body a block shows.
const BODY: usize = 1_200;
/// How many lines of names a block lists before it only counts.
const NAMED: usize = 6;
/// How many things left behind are named.
const LEFT: usize = 5;
/// How many waived violations are named.
const WAIVED: usize = 20;
/// How many changed snapshots are shown.
const CHANGED: usize = 10;
/// How many orphans and idle redactions are named.
const UNTIDY: usize = 5;
/// How many flaky cases are named.
const FLAKY: usize = 20;
/// How many inconclusive or failed cases are named.
const BLOCKED: usize = 5;

/// Renders for a terminal.
#[derive(Debug)]
pub struct Terminal {
    quiet: bool,
    header: Option<Header>,
    violations: Groups,
    deviations: Groups,
    blocked: Vec<(String, Outcome, String)>,
    skipped: Vec<(String, String)>,
    changes: Changes,
    flaky: Vec<(String, String)>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Terminal {
    /// A renderer that has seen nothing; a quiet one tells of violations, of what stood in the way of a verdict, and
    /// of the verdict.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            header: None,
            violations: Groups::new(FindingKind::Violation),
            deviations: Groups::new(FindingKind::Deviation),
            blocked: Vec::new(),
            skipped: Vec::new(),
            changes: Changes::default(),
            flaky: Vec::new(),
        }
    }
}

impl Renderer for Terminal {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Started(header) => {
                self.header = Some((**header).clone());
                Ok(())
            }
            Event::Case(result) => {
                self.record(result);
                Ok(())
            }
            Event::Finished(footer) => self.finish(footer, out),
        }
    }
}

impl Terminal {
    fn record(&mut self, result: &CaseResult) {
        self.violations.record(result);
        self.deviations.record(result);
        self.changes.record(result);
        if let Some(before) = flaky::before(result).filter(|_| self.flaky.len() < FLAKY) {
            self.flaky.push((result.id.clone(), before));
        }
        let reason = || result.reason.clone().unwrap_or_default();
        match result.outcome {
            Outcome::Error | Outcome::Inconclusive if self.blocked.len() < 1_000 => {
                self.blocked.push((result.id.clone(), result.outcome, reason()));
            }
            Outcome::Skipped if self.skipped.len() < 1_000 => self.skipped.push((result.id.clone(), reason())),
            _ => {}
        }
    }

    fn finish(&self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        for cause in self.violations.causes() {
            self.block(&cause, out)?;
        }
        if self.violations.uncounted() > 0 {
            writeln!(out, "… and {} more findings that are not shown\n", self.violations.uncounted())?;
        }
        self.changed(out)?;
        if self.quiet {
            self.blocked(out)?;
            waived(footer, true, out)?;
            self.flaky(footer, out)?;
            return verdict(footer, out);
        }
        for cause in self.deviations.causes() {
            self.deviation(&cause, out)?;
        }
        self.blocked(out)?;
        self.skips(out)?;
        waived(footer, false, out)?;
        self.flaky(footer, out)?;
        self.summary(footer, out)?;
        verdict(footer, out)
    }

    /// What the contract says for a clause.
    fn says(&self, id: &crate::contract::ClauseId) -> &str {
        self.header
            .as_ref()
            .and_then(|header| header.clauses.iter().find(|clause| clause.id == *id))
            .map_or("", |clause| clause.says.as_str())
    }

    fn block(&self, cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
        let group = cause.group;
        let first = &group.first;
        if cause.alike.len() == 1 {
            writeln!(
                out,
                "{RED}violates{RED:#} {BOLD}{}{BOLD:#}: {}",
                group.clause,
                printable(self.says(&group.clause))
            )?;
        } else {
            let clauses = cause.alike.len();
            writeln!(
                out,
                "{RED}violates{RED:#} {BOLD}{clauses} clauses alike{BOLD:#}, in {} findings:",
                cause.count()
            )?;
            for group in cause.alike.iter().take(NAMED) {
                writeln!(
                    out,
                    "    {}: {} ({})",
                    group.clause,
                    printable(self.says(&group.clause)),
                    cases(group.count)
                )?;
            }
            if clauses > NAMED {
                let rest: Vec<&str> = cause.alike.iter().skip(NAMED).map(|group| group.clause.as_str()).collect();
                writeln!(out, "    and {}", rest.join(", "))?;
            }
        }
        writeln!(out, "  {CYAN}{}{CYAN:#}  {}", printable(&first.id), printable(&first.title))?;
        writeln!(out, "  {DIM}{}:{}{DIM:#}", printable(&first.file), first.line)?;
        writeln!(out, "    at        {}", printable(&group.finding.place))?;
        writeln!(out, "    expected  {GREEN}{}{GREEN:#}", printable(&group.finding.expected.join(" or ")))?;
        writeln!(out, "    observed  {RED}{}{RED:#}", printable(&group.finding.observed))?;
        if let Some(exchange) = first.exchanges.get(group.finding.exchange) {
            exchange_lines(exchange, out)?;
        }
        if !group.others.is_empty() {
            writeln!(
                out,
                "  and {} that {} alike:",
                cases(group.count - 1),
                if group.count == 2 { "fails" } else { "fail" }
            )?;
            for id in group.others.iter().take(NAMED) {
                writeln!(out, "    {CYAN}{}{CYAN:#}", printable(id))?;
            }
            if group.count - 1 > NAMED {
                writeln!(out, "    … {} more", group.count - 1 - NAMED)?;
            }
        }
        writeln!(out)
    }

    fn deviation(&self, cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
        let group = cause.group;
        let clauses: Vec<&str> = cause.alike.iter().map(|group| group.clause.as_str()).collect();
        writeln!(
            out,
            "{YELLOW}deviates{YELLOW:#} {BOLD}{}{BOLD:#}: {}",
            clauses.join(", "),
            printable(self.says(&group.clause))
        )?;
        writeln!(
            out,
            "    at {}: expected {}, observed {}; {}, first {CYAN}{}{CYAN:#}\n",
            printable(&group.finding.place),
            printable(&group.finding.expected.join(" or ")),
            printable(&group.finding.observed),
            cases(cause.count()),
            printable(&group.first.id),
        )
    }

    /// Snapshots that fail the gate, each with what is recorded and what came instead.
    fn changed(&self, out: &mut dyn Write) -> io::Result<()> {
        for change in self.changes.list.iter().take(CHANGED) {
            let Change { id, title, snapshot, .. } = change;
            writeln!(out, "{RED}{}{RED:#} {BOLD}snapshot{BOLD:#}: {}", snapshot.state.word(), change.says())?;
            writeln!(out, "  {CYAN}{}{CYAN:#}  {}", printable(id), printable(title))?;
            if let (Some(recorded), Some(observed)) = (&snapshot.recorded, &snapshot.observed) {
                snapshots::write_difference(Some(recorded), observed, "    ", out)?;
            }
            writeln!(out)?;
        }
        let more = self.changes.list.len().saturating_sub(CHANGED) + self.changes.more;
        if more > 0 {
            writeln!(out, "… and {more} more snapshots that are changed or missing\n")?;
        }
        Ok(())
    }

    /// Cases that told nothing, put together by reason.
    fn blocked(&self, out: &mut dyn Write) -> io::Result<()> {
        for (reason, ids) in by_reason(self.blocked.iter().map(|(id, _, reason)| (id, reason))) {
            writeln!(out, "{YELLOW}inconclusive{YELLOW:#} {}: {}", cases(ids.len()), printable(reason))?;
            if ids.len() <= BLOCKED {
                for id in ids {
                    writeln!(out, "    {CYAN}{}{CYAN:#}", printable(id))?;
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn skips(&self, out: &mut dyn Write) -> io::Result<()> {
        for (reason, ids) in by_reason(self.skipped.iter().map(|(id, reason)| (id, reason))) {
            writeln!(out, "{DIM}skipped{DIM:#} {}: {}", cases(ids.len()), printable(reason))?;
        }
        if self.skipped.is_empty() { Ok(()) } else { writeln!(out) }
    }

    /// The cases that passed only when they were sent again, if they are due or the report isn't a quiet one.
    fn flaky(&self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        let Some(line) = flaky::line(footer).filter(|line| line.due || !self.quiet) else { return Ok(()) };
        let style = if line.due { RED } else { CYAN };
        writeln!(out, "{style}flaky{style:#} {}", line.says)?;
        for (id, before) in &self.flaky {
            writeln!(out, "    {CYAN}{}{CYAN:#} {before}", printable(id))?;
        }
        if footer.flaky > self.flaky.len() {
            writeln!(out, "    … {} more", footer.flaky - self.flaky.len())?;
        }
        writeln!(out)
    }

    fn summary(&self, footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
        for left in footer.left_behind.iter().take(LEFT) {
            let (case, resource, why) = (printable(&left.case), printable(&left.resource), printable(&left.why));
            writeln!(out, "{YELLOW}left behind{YELLOW:#} {resource} by {CYAN}{case}{CYAN:#}: {why}")?;
        }
        let more = footer.left_behind.len().saturating_sub(LEFT) + footer.left_more;
        if more > 0 {
            writeln!(out, "{YELLOW}left behind{YELLOW:#} {more} more")?;
        }
        let readings: Vec<_> = footer.clauses.iter().filter(|clause| !clause.readings.is_empty()).collect();
        if !readings.is_empty() {
            writeln!(out, "{BOLD}readings{BOLD:#} of what the documentation leaves open")?;
        }
        for clause in readings {
            let words: Vec<String> = clause.readings.iter().map(|(reading, n)| format!("{reading} ({n})")).collect();
            writeln!(out, "    {}: {}", clause.id, printable(&words.join(", ")))?;
        }
        let total: usize = footer.counts.values().sum();
        let counts: Vec<String> =
            footer.counts.iter().map(|(outcome, count)| format!("{count} {}", outcome.word())).collect();
        let flaky = if footer.flaky > 0 { format!("; {} flaky", footer.flaky) } else { String::new() };
        writeln!(
            out,
            "{BOLD}cases{BOLD:#}    {total}: {}{flaky}; {} requests in {:.2} s",
            counts.join(", "),
            footer.requests,
            footer.elapsed_s
        )?;
        if let (Some(sum), Some(tally)) = (snapshots::sum(footer), &footer.snapshots) {
            let untidy = snapshots::untidy(tally);
            for (word, says) in untidy.iter().take(UNTIDY) {
                writeln!(out, "{YELLOW}{word}{YELLOW:#} {says}")?;
            }
            if untidy.len() > UNTIDY {
                writeln!(out, "{YELLOW}… {} more{YELLOW:#} orphans and idle redactions", untidy.len() - UNTIDY)?;
            }
            writeln!(out, "{BOLD}snapshots{BOLD:#} {sum}")?;
        }
        let coverage = Coverage::of(self.header.iter().flat_map(|header| &header.clauses), footer);
        let (ambiguous, read) = coverage.readings();
        let of = |outcome| coverage.scored(outcome);
        writeln!(
            out,
            "{BOLD}clauses{BOLD:#}  {}\n         {} violated, {} not tested; {ambiguous} ambiguous, {read} with a reading",
            coverage.funnel(),
            of(ClauseOutcome::Violated),
            of(ClauseOutcome::Untested) + of(ClauseOutcome::Undetermined),
        )?;
        for row in coverage.with(ClauseOutcome::Untested) {
            let sides = row.sides();
            let reasons: Vec<String> = sides.iter().filter(|side| side.untested.is_some()).map(side_text).collect();
            if !reasons.is_empty() {
                writeln!(out, "         {}: {}", row.statement.id, printable(&reasons.join(", ")))?;
            }
        }
        if let Some(header) = &self.header {
            let (suite, target, seed) = (printable(&header.suite), printable(&header.target), printable(&header.seed));
            writeln!(out, "{BOLD}target{BOLD:#}   {target}, suite {suite}, seed {seed}")?;
        }
        Ok(())
    }
}

/// The waivers that were met, or only those that fail the gate.
fn waived(footer: &Footer, due: bool, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = waivers::lines(footer).into_iter().filter(|line| line.due || !due).collect();
    let named = lines.iter().filter(|line| line.due).count() + WAIVED;
    for line in lines.iter().take(named) {
        let style = if line.due { RED } else { CYAN };
        writeln!(out, "{style}{}{style:#} {}", line.word, line.says)?;
    }
    if lines.len() > named {
        writeln!(out, "{CYAN}waived{CYAN:#} … {} more", lines.len() - named)?;
    }
    if lines.is_empty() { Ok(()) } else { writeln!(out) }
}

fn verdict(footer: &Footer, out: &mut dyn Write) -> io::Result<()> {
    let style = match footer.verdict {
        Verdict::Conformant => GREEN,
        Verdict::ConformantWithDeviations | Verdict::Undetermined => YELLOW,
        Verdict::NonConformant => RED,
    };
    write!(out, "{BOLD}verdict{BOLD:#}  {style}{}{style:#}", footer.verdict.words())?;
    match &footer.reason {
        Some(reason) => writeln!(out, ": {}", printable(reason)),
        None => writeln!(out),
    }?;
    let style = if footer.gate == Gate::Passed { GREEN } else { RED };
    gate::told(footer).map_or(Ok(()), |gate| writeln!(out, "{BOLD}gate{BOLD:#}     {style}{gate}{style:#}"))
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

/// Ids by reason, in the order of first appearance.
fn by_reason<'a>(items: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (id, reason) in items {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((reason, vec![id])),
        }
    }
    reasons
}

fn exchange_lines(exchange: &ExchangeRecord, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {DIM}sent{DIM:#}")?;
    writeln!(out, "    {}", printable(&shorten(&exchange.request.curl, 2_000)))?;
    writeln!(out, "  {DIM}answered{DIM:#}")?;
    if let Some(trouble) = &exchange.trouble {
        writeln!(out, "    {}", printable(trouble))?;
    }
    exchange.response.as_ref().map_or(Ok(()), |response| response_lines(response, out))
}

fn response_lines(response: &ResponseRecord, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "    {} {}", printable(&response.version), response.status)?;
    for (name, value) in response.headers.iter().take(20) {
        writeln!(out, "    {}: {}", printable(name), printable(&shorten(value, 200)))?;
    }
    let text = match &response.body {
        BodyRecord::Text(text) => shorten(text, BODY).into_owned(),
        BodyRecord::Cut { text, bytes } => format!("{} … ({bytes} bytes)", shorten(text, BODY)),
        BodyRecord::Base64(text) => format!("base64 {}", shorten(text, BODY)),
    };
    if !text.is_empty() {
        writeln!(out)?;
    }
    for line in text.lines().take(40) {
        writeln!(out, "    {}", printable(line))?;
    }
    Ok(())
}
