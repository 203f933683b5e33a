//! The reports on two runs side by side, one file each, and the words that they share.

mod markdown;
mod terminal;

use std::collections::BTreeMap;

use super::escape::fitted;
use crate::comparison::{CaseChange, CaseList, ClauseGroup, Side, SuiteComparison};
use crate::verdict::{Gate, Outcome, SnapshotState, Verdict};

pub use markdown::comparison_markdown;
pub use terminal::comparison_terminal;

/// How many characters of a filter, a reading and the like.
const TEXT: usize = 200;

/// What got worse in a suite, each with its count.
fn worse(suite: &SuiteComparison) -> Vec<String> {
    let clauses = [ClauseGroup::NewlyBroken, ClauseGroup::NoLongerProven]
        .map(|group| (suite.count(group), format!("{} {group}", plural(suite.count(group), "clause"))));
    let (cases, snapshots) = (suite.cases.worse.count, suite.more_failing_snapshots());
    let counted = clauses.into_iter().chain([
        (cases, format!("{} with a worse outcome", plural(cases, "case"))),
        (snapshots, format!("{} more changed or missing", plural(snapshots, "snapshot"))),
        (usize::from(suite.is_verdict_worse()), format!("verdict {}", suite.new.verdict)),
        (usize::from(suite.is_gate_worse()), format!("gate {}", suite.new.gate)),
    ]);
    counted.filter(|(count, _)| *count > 0).map(|(_, says)| says).collect()
}

/// The lists of cases with their titles, and whether it is for the worse to be in one.
fn case_lists(suite: &SuiteComparison) -> [(&'static str, &CaseList, bool); 4] {
    let cases = &suite.cases;
    [
        ("cases with a worse outcome", &cases.worse, true),
        ("cases with another outcome", &cases.other, false),
        ("new cases", &cases.new, false),
        ("cases that are gone", &cases.gone, false),
    ]
}

/// What is not the same in the two runs besides what they found out, so that a reader knows what to make of it.
fn conditions(suite: &SuiteComparison) -> Vec<String> {
    let (old, new) = (&suite.old, &suite.new);
    let mut conditions = Vec::new();
    if old.digest != new.digest {
        conditions.push("the suite's files have changed".to_owned());
    }
    let filters = |side: &Side| match side.filters.as_slice() {
        [] => "all cases".to_owned(),
        words => format!("only {}", fitted(&words.join(" "), TEXT)),
    };
    if old.filters != new.filters {
        conditions.push(format!("{} → {}", filters(old), filters(new)));
    }
    if old.strict != new.strict {
        let word = |side: &Side| if side.strict { "strict" } else { "not strict" };
        conditions.push(format!("{} → {}", word(old), word(new)));
    }
    if old.version != new.version {
        conditions.push(format!("conformant {} → {}", fitted(&old.version, TEXT), fitted(&new.version, TEXT)));
    }
    conditions
}

/// `82 of 82 → 81 of 82 proven`.
fn clause_counts(suite: &SuiteComparison) -> String {
    let of = |side: &Side| format!("{} of {}", side.proven, side.stated);
    format!("{} → {} proven", of(&suite.old), of(&suite.new))
}

/// `12 → 13`.
fn case_counts(suite: &SuiteComparison) -> String {
    format!("{} → {}", suite.old.cases, suite.new.cases)
}

/// `38 matched → 36 matched, 2 changed`; nothing where neither run compared any.
fn snapshot_counts(suite: &SuiteComparison) -> Option<String> {
    let counts = |counts: &BTreeMap<SnapshotState, usize>| {
        let all: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    let side = |side: &Side| side.snapshots.as_ref().map_or_else(|| "not compared".to_owned(), counts);
    let is_any = suite.old.snapshots.is_some() || suite.new.snapshots.is_some();
    is_any.then(|| format!("{} → {}", side(&suite.old), side(&suite.new)))
}

/// `violates → conforms`; of a case that is in one run only, its outcome there.
fn outcomes(change: &CaseChange) -> String {
    let word = |outcome: Option<Outcome>| outcome.map(|outcome| outcome.to_string());
    let both: Vec<String> = [change.old, change.new].into_iter().filter_map(word).collect();
    both.join(" → ")
}

/// The readings of a clause: `refused (3), accepted (1)`.
fn readings(readings: &BTreeMap<String, usize>) -> String {
    let all: Vec<String> = readings.iter().take(10).map(|(reading, count)| format!("{reading} ({count})")).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// What all suites of both runs came to.
fn of_all(suites: &[SuiteComparison]) -> [(Verdict, Gate); 2] {
    let all = |side: fn(&SuiteComparison) -> &Side| {
        let sides = || suites.iter().map(side);
        (Verdict::worst(sides().map(|side| side.verdict)), Gate::worst(sides().map(|side| side.gate)))
    };
    [all(|suite| &suite.old), all(|suite| &suite.new)]
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

#[cfg(test)]
mod tests;
