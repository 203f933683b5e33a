//! What is recorded, what waits for a review, and what is wrong.

use std::collections::HashSet;

use anstyle::Style;

use super::selection::{GREEN, RED, Selection, YELLOW, shown};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::suites::LoadedSuite;
use crate::cli::terminal::print;
use crate::snapshot::{Folder, Kept, contents, stem};
use crate::suite::{SnapshotAsk, Suite};
use crate::text::printable;
use crate::verdict::SnapshotKind;

/// How many lines say that a case has nothing recorded.
const MISSING: usize = 100;

/// Prints a line for each snapshot, each case that lacks one, and a sum.
pub(super) fn list(selection: &Selection<'_>, loaded: &LoadedSuite) -> Result<Exit, Failure> {
    let mut sum = [("recorded", 0), ("pending", 0), ("orphan", 0), ("broken", 0), ("missing", 0)];
    let mut count = |word: &str| {
        if let Some((_, count)) = sum.iter_mut().find(|(known, _)| *known == word) {
            *count += 1;
        }
    };
    for folder in &selection.folders {
        let kept = selection.kept_in(folder)?;
        let orphans: HashSet<&Kept> = folder.orphans(&kept, &loaded.suite).into_iter().collect();
        for kept in &kept {
            let (word, style, more) = state(kept, orphans.contains(kept));
            count(word);
            print(|out| writeln!(out, "{style}{word:8}{style:#}  {}{}", shown(kept), printable(&more)))?;
        }
        let missing = missing(folder, &kept, &loaded.suite);
        for (listed, (id, kind)) in missing.iter().filter(|_| selection.is_unfiltered()).enumerate() {
            count("missing");
            if listed < MISSING {
                let (profile, id) = (printable(&folder.profile), printable(id));
                let why = format!("asks for a {kind} snapshot, and {profile} has none");
                print(|out| writeln!(out, "{YELLOW}missing {YELLOW:#}  {id}: {why}"))?;
            }
        }
    }
    let words: Vec<String> =
        sum.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
    let words = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
    print(|out| writeln!(out, "{words}"))?;
    Ok(if sum.iter().any(|(word, count)| *word == "broken" && *count > 0) { Exit::Usage } else { Exit::Success })
}

fn state(kept: &Kept, orphan: bool) -> (&'static str, Style, String) {
    match contents(&kept.path) {
        Err(error) => ("broken", RED, format!(": {}", error.why)),
        Ok(_) if kept.pending => ("pending", YELLOW, String::new()),
        Ok(_) if orphan => ("orphan", YELLOW, ": its case no longer exists".to_owned()),
        Ok(_) => ("recorded", GREEN, String::new()),
    }
}

/// The rows that ask for a snapshot and have none.
fn missing(folder: &Folder, kept: &[Kept], suite: &Suite) -> Vec<(String, &'static str)> {
    let there: HashSet<(&str, SnapshotKind)> =
        kept.iter().filter(|kept| !kept.pending).map(|kept| (kept.stem.as_str(), kept.kind)).collect();
    let asking = suite.cases.iter().filter(|case| matches!(case.snapshot, SnapshotAsk::Always(_)));
    let mut missing = Vec::new();
    for case in asking.filter(|_| folder.is_there()) {
        for row in case.rows.iter() {
            let stem = stem(&case.id, row.id.as_deref());
            for kind in SnapshotKind::ALL.into_iter().filter(|kind| !there.contains(&(stem.as_str(), *kind))) {
                missing.push((suite.row_id(case, &row), kind.word()));
            }
        }
    }
    missing
}
