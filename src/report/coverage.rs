//! The table of clauses as plain text, with the cases that show each and the funnel.

use std::io::{self, Write};

use super::clauses::{ClauseRow, named, sign};
use super::escape::{line, short};
use super::format::{Format, Output};
use super::gate;
use super::summary::Summary;
use crate::verdict::ClauseOutcome;

pub(super) const FORMAT: Format = Format {
    name: "coverage",
    help: "Write every clause with what was found out about it, as plain text",
    output: Output::File("coverage.txt"),
    wants_exchanges: false,
    renderer: || Box::new(file),
};

/// A table for each suite of the run.
fn file(run: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if !run.header.is_of_several() {
        return table(run, out);
    }
    writeln!(out, "suite {}: {}\n", line(&run.header.suite), run.footer.verdict)?;
    table(run, out)?;
    match run.header.is_last() {
        true => writeln!(out, "\nall suites: {}", run.verdict_on_all()),
        false => writeln!(out),
    }
}

pub(super) fn table(run: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let (coverage, derived) = (run.coverage(), run.derived());
    // Of the derived ones, what nothing had to do with is only counted.
    let is_shown = |row: &&ClauseRow<'_>| row.outcome() != ClauseOutcome::Untested || row.is_examined();
    let rows: Vec<&ClauseRow<'_>> = coverage.0.iter().chain(derived.0.iter().filter(is_shown)).collect();
    let width = rows.iter().map(|row| row.statement.id.as_str().len()).max().unwrap_or(0);
    for row in rows {
        let (outcome, statement) = (row.outcome(), row.statement);
        let (sign, level, id, sides) = (sign(outcome), statement.level, &statement.id, row.sides_line());
        let waived = row.result.map_or(0, |result| result.waived);
        let waived = if waived > 0 { format!("; waived in {waived}") } else { String::new() };
        writeln!(out, "{sign} {outcome:<12}  {level:<9}  {id:<width$}  {sides}{waived}")?;
        writeln!(out, "    {} [{}]", short(&statement.says, 300), short(&statement.source, 200))?;
        for (polarity, cases) in row.cases.iter().flat_map(|cases| cases.by_polarity()) {
            let tried = row.result.and_then(|result| result.tried.get(&polarity)).copied().unwrap_or(0);
            writeln!(out, "    {polarity}: {}", line(&named(&cases, tried.max(cases.len()))))?;
        }
        if let Some(mutants) = row.mutants_line() {
            writeln!(out, "    mutants: {}", line(&mutants))?;
        }
    }
    let (ambiguous, read) = coverage.readings();
    writeln!(out, "\nclauses: {}", coverage.funnel())?;
    writeln!(out, "{ambiguous} ambiguities, {read} with a reading")?;
    if let Some(derived) = derived.derived_line() {
        writeln!(out, "derived: {derived}")?;
    }
    gate::waivers(&run.footer).iter().try_for_each(|notice| writeln!(out, "{}: {}", notice.word, notice.says))
}

#[cfg(test)]
mod tests {
    use crate::report::clauses::Funnel;
    use crate::report::sample::{cases, events, header, hostile, rendered, summary};

    #[test]
    fn every_clause_has_a_row_and_the_funnel_narrows() {
        insta::assert_snapshot!(rendered("coverage", &hostile()));
    }

    #[test]
    fn a_violated_clause_is_exercised_and_not_proven() {
        let summary = summary(&events(header(), cases()));
        let coverage = summary.coverage();
        assert_eq!(coverage.funnel(), Funnel { stated: 6, testable: 6, exercised: 4, mutated: Some(3), proven: 0 });
        assert_eq!(coverage.readings(), (1, 1));
    }
}
