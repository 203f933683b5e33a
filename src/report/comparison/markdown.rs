//! Two runs side by side in GitHub-flavoured Markdown, for a job's summary or a merge request. Escaped and bounded as the
//! report on one run.

use std::fmt::{self, Write as _};

use strum::VariantArray as _;

use super::super::escape::{markdown as prose, markdown_code as code};
use super::super::markdown::{bounded, verdict_sign};
use super::{case_counts, case_lists, clause_counts, conditions, of_all, outcomes, plural, readings, snapshot_counts};
use crate::comparison::{ClauseChange, ClauseGroup, ReadingChange, Side, SuiteComparison};
use crate::verdict::ClauseOutcome;

/// How many bytes each list of the report may take; there are a dozen of them, and GitHub takes no more than 1 MiB.
const LIST: usize = 60_000;

/// The comparison as Markdown.
///
/// # Errors
/// Nothing that can be written to memory fails.
pub fn comparison_markdown(suites: &[SuiteComparison]) -> Result<String, fmt::Error> {
    let mut text = String::new();
    if suites.len() > 1 {
        all_suites(suites, &mut text)?;
    }
    let room = LIST / suites.len().max(1);
    suites.iter().try_for_each(|suite| one(suite, room, &mut text))?;
    Ok(text)
}

fn heading(is_worse: bool) -> (&'static str, &'static str) {
    if is_worse { ("❌", "worse") } else { ("✅", "nothing got worse") }
}

fn all_suites(suites: &[SuiteComparison], text: &mut String) -> fmt::Result {
    let (sign, says) = heading(suites.iter().any(SuiteComparison::is_worse));
    let [(old, old_gate), (new, new_gate)] = of_all(suites);
    writeln!(text, "# {sign} {}: {says}\n", plural(suites.len(), "suite"))?;
    writeln!(text, "Verdict {old} → {new}, gate {old_gate} → {new_gate}.\n")?;
    writeln!(text, "| suite | old | new | |\n| --- | --- | --- | --- |")?;
    let row = |suite: &SuiteComparison| {
        let verdict = |side: &Side| format!("{} {}", verdict_sign(side.verdict), side.verdict);
        let (sign, says) = heading(suite.is_worse());
        let (old, new) = (verdict(&suite.old), verdict(&suite.new));
        format!("| {} | {old} | {new} | {sign} {says} |\n", prose(&suite.new.suite))
    };
    let room = text.len() + LIST;
    bounded(text, room, suites.iter().map(row), |more| format!("| … {more} more | | | |\n"));
    writeln!(text)
}

fn one(suite: &SuiteComparison, room: usize, text: &mut String) -> fmt::Result {
    let (old, new) = (&suite.old, &suite.new);
    let (sign, says) = heading(suite.is_worse());
    writeln!(text, "# {sign} {}: {says}\n", prose(&new.suite))?;
    let worse = super::worse(suite);
    if !worse.is_empty() {
        writeln!(text, "**{}**\n", prose(&worse.join(", ")))?;
    }
    writeln!(text, "| | old | new |\n| --- | --- | --- |")?;
    let sides = |out: &mut String, word: &str, says: &dyn Fn(&Side) -> String| {
        writeln!(out, "| {word} | {} | {} |", says(old), says(new))
    };
    sides(text, "verdict", &|side| format!("{} {}", verdict_sign(side.verdict), side.verdict))?;
    sides(text, "gate", &|side| side.gate.to_string())?;
    if old.reason.is_some() || new.reason.is_some() {
        sides(text, "why", &|side| prose(side.reason.as_deref().unwrap_or_default()))?;
    }
    sides(text, "target", &|side| prose(&side.target))?;
    sides(text, "begun", &|side| prose(&format!("{:.0}", side.started)))?;
    sides(text, "seed", &|side| prose(&side.seed))?;
    writeln!(text, "\n* Cases {}", prose(&case_counts(suite)))?;
    writeln!(text, "* Clauses {}", prose(&clause_counts(suite)))?;
    snapshot_counts(suite).map_or(Ok(()), |counts| writeln!(text, "* Snapshots {}", prose(&counts)))?;
    conditions(suite).iter().try_for_each(|condition| writeln!(text, "* Differs: {}", prose(condition)))?;
    writeln!(text)?;
    for group in ClauseGroup::VARIANTS {
        clauses(*group, suite, room, text)?;
    }
    for (title, list, _) in case_lists(suite) {
        if list.count == 0 {
            continue;
        }
        writeln!(text, "## {} ({})\n", capital(title), list.count)?;
        let end = text.len() + room;
        let mut named = 0;
        for change in &list.first {
            if text.len() > end {
                break;
            }
            writeln!(text, "* {}: {}", code(&change.id), outcomes(change))?;
            named += 1;
        }
        if list.count > named {
            writeln!(text, "* … {} more", list.count - named)?;
        }
        writeln!(text)?;
    }
    differing_readings(suite, room, text)
}

fn clauses(group: ClauseGroup, suite: &SuiteComparison, room: usize, text: &mut String) -> fmt::Result {
    if suite.count(group) == 0 {
        return Ok(());
    }
    let title = capital(&group.to_string());
    writeln!(text, "## {title} ({})\n\n| clause | old | new | says |\n| --- | --- | --- | --- |", suite.count(group))?;
    let word = |outcome: Option<ClauseOutcome>| outcome.map_or_else(|| "absent".to_owned(), |it| it.to_string());
    let row = |clause: &ClauseChange| {
        let (id, says) = (code(clause.id.as_str()), prose(&clause.says));
        format!("| {id} | {} | {} | {says} |\n", word(clause.old), word(clause.new))
    };
    let of_group = suite.clauses.iter().filter(|change| change.group == group);
    let end = text.len() + room;
    bounded(text, end, of_group.map(row), |more| format!("| … {more} more | | | |\n"));
    writeln!(text)
}

fn differing_readings(suite: &SuiteComparison, room: usize, text: &mut String) -> fmt::Result {
    if suite.readings.is_empty() {
        return Ok(());
    }
    let title = "## Readings of what the documentation leaves open";
    writeln!(text, "{title} ({})\n\n| clause | old | new |\n| --- | --- | --- |", suite.readings.len())?;
    let row = |change: &ReadingChange| {
        let side = |side| prose(&readings(side));
        format!("| {} | {} | {} |\n", code(change.id.as_str()), side(&change.old), side(&change.new))
    };
    let end = text.len() + room;
    bounded(text, end, suite.readings.iter().map(row), |more| format!("| … {more} more | | |\n"));
    writeln!(text)
}

fn capital(title: &str) -> String {
    let mut characters = title.chars();
    characters.next().map(|first| format!("{}{}", first.to_ascii_uppercase(), characters.as_str())).unwrap_or_default()
}
