//! What the reports say of recorded answers: one wording for all of them.

use serde::Serialize;

use super::cases::CaseRef;
use super::diff::{DiffLine, diff};
use super::escape::line;
use crate::verdict::{CaseResult, Footer, SnapshotResult, SnapshotState, SnapshotTally};

/// How many changed snapshots are kept with their texts.
const CHANGES: usize = 200;
/// How many bytes of texts are kept in all.
const ROOM: usize = 8 * 1024 * 1024;

/// A snapshot that fails the gate, and its case.
#[derive(Debug, Serialize)]
pub(super) struct SnapshotChange {
    pub(super) case: CaseRef,
    pub(super) snapshot: SnapshotResult,
}

/// The snapshots of a run that fail the gate, as far as there is room.
#[derive(Debug, Default, Serialize)]
pub(super) struct SnapshotChanges {
    /// The first of them.
    pub(super) list: Vec<SnapshotChange>,
    /// How many there are besides.
    pub(super) more: usize,
    /// How many bytes of texts are kept.
    kept: usize,
}

impl SnapshotChanges {
    /// Takes a case in.
    pub(super) fn record(&mut self, result: &CaseResult) {
        for snapshot in result.failing_snapshots() {
            let texts = [&snapshot.recorded, &snapshot.observed];
            let size: usize = texts.iter().filter_map(|text| text.as_ref()).map(String::len).sum();
            if self.list.len() >= CHANGES || self.kept + size > ROOM {
                self.more += 1;
                continue;
            }
            self.kept += size;
            self.list.push(SnapshotChange { case: result.into(), snapshot: snapshot.clone() });
        }
    }
}

/// Line by line, what is recorded and what came instead; nothing where nothing is recorded.
pub(super) fn difference(snapshot: &SnapshotResult) -> Vec<DiffLine> {
    let recorded: Vec<String> = snapshot.recorded.iter().cloned().collect();
    diff(&recorded, snapshot.observed.as_deref().unwrap_or_default())
}

/// What happened to a snapshot, in a line: printable.
pub(super) fn says(snapshot: &SnapshotResult) -> String {
    let (kind, file) = (snapshot.kind, line(&snapshot.file));
    match snapshot.state {
        SnapshotState::Changed => format!("the answer differs from the {kind} recorded in {file}"),
        SnapshotState::Missing => format!("no {kind} is recorded in {file}"),
        SnapshotState::Updated | SnapshotState::Recorded | SnapshotState::Matched => {
            format!("the {kind} in {file} is {}", snapshot.state)
        }
    }
}

/// What became of the snapshots of a run, in a line: printable. Nothing where it compared none.
pub(super) fn sum(footer: &Footer) -> Option<String> {
    let tally = footer.snapshots.as_ref()?;
    let total: usize = tally.counts.values().sum();
    let words: Vec<String> = tally.counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let words = if words.is_empty() { "none was compared".to_owned() } else { words.join(", ") };
    Some(format!("{total} of {}: {words}", line(&tally.profile)))
}

/// What of a suite is to be tidied up, its snapshots among it, a line each: printable. Fails no gate.
pub(super) fn untidy(footer: &Footer) -> Vec<(&'static str, String)> {
    let place = |place: &String| ("idle", format!("{}: no answer had anything there; fix or remove it", line(place)));
    let recorded = footer.snapshots.iter().flat_map(untidy_snapshots);
    footer.idle.iter().map(place).chain(recorded).collect()
}

fn untidy_snapshots(tally: &SnapshotTally) -> Vec<(&'static str, String)> {
    let orphan = |file: &String| {
        let file = line(file);
        ("orphan", format!("{file}: its case is no longer in the suite; `conformant snapshots prune` removes it"))
    };
    let idle = |place: &String| {
        ("idle", format!("{}: the redaction matched nothing in any answer; fix or remove it", line(place)))
    };
    tally.orphans.iter().map(orphan).chain(tally.idle.iter().map(idle)).collect()
}

/// Which snapshots fail the gate, and what to do.
pub(super) fn failing(footer: &Footer) -> Option<String> {
    let tally = footer.snapshots.as_ref()?;
    let (changed, missing) = (tally.count(SnapshotState::Changed), tally.count(SnapshotState::Missing));
    let word = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 snapshot is {what}")),
        count => Some(format!("{count} snapshots are {what}")),
    };
    let words: Vec<String> = [word(changed, "changed"), word(missing, "missing")].into_iter().flatten().collect();
    let next = "--snapshots new writes the new answers, and `conformant snapshots review` shows and accepts them";
    (!words.is_empty()).then(|| format!("{} ({next})", words.join(" and ")))
}
