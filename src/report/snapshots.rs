//! What the reports say of recorded answers: one wording for all of them, and the difference as a terminal shows it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::diff::{DiffLine, diff};
use super::without_commands;
use crate::verdict::{CaseResult, Footer, SnapshotResult, SnapshotState, SnapshotTally};

/// How many changed snapshots are kept with their texts.
const KEPT: usize = 200;
/// How many bytes of texts are kept in all.
const ROOM: usize = 8 * 1024 * 1024;

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();

/// A snapshot that fails the gate, and its case.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The case row's id, its title, and the file and line that it stands in.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) at: (String, usize),
    /// What became of it.
    pub(super) snapshot: SnapshotResult,
}

/// The snapshots of a run that fail the gate, as far as there is room.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The first of them.
    pub(super) list: Vec<Change>,
    /// How many there are besides.
    pub(super) more: usize,
    taken: usize,
}

impl Changes {
    /// Takes a case in.
    pub(super) fn record(&mut self, result: &CaseResult) {
        for snapshot in result.failing_snapshots() {
            let texts = [&snapshot.recorded, &snapshot.observed];
            let size: usize = texts.iter().filter_map(|text| text.as_ref()).map(String::len).sum();
            if self.list.len() >= KEPT || self.taken + size > ROOM {
                self.more += 1;
                continue;
            }
            self.taken += size;
            self.list.push(Change {
                id: result.id.clone(),
                title: result.title.clone(),
                at: (result.file.clone(), result.line),
                snapshot: snapshot.clone(),
            });
        }
    }
}

impl Change {
    /// What happened, in a line: printable.
    pub(super) fn says(&self) -> String {
        says(&self.snapshot)
    }

    /// Line by line, what is recorded and what came instead; nothing where nothing is recorded.
    pub(super) fn lines(&self) -> Vec<DiffLine> {
        let recorded = self.snapshot.recorded.iter().cloned().collect::<Vec<_>>();
        diff(&recorded, self.snapshot.observed.as_deref().unwrap_or_default())
    }
}

/// What happened to a snapshot, in a line: printable.
pub(super) fn says(snapshot: &SnapshotResult) -> String {
    let (kind, file) = (snapshot.kind.word(), without_commands(&snapshot.file));
    match snapshot.state {
        SnapshotState::Changed => format!("the answer is another than the {kind} that is recorded in {file}"),
        SnapshotState::Missing => format!("no {kind} is recorded in {file}"),
        SnapshotState::Updated | SnapshotState::Recorded | SnapshotState::Matched => {
            format!("the {kind} in {file} is {}", snapshot.state.word())
        }
    }
}

/// What became of the snapshots of a run, in a line: printable. Nothing where the target was held to none.
pub(super) fn sum(footer: &Footer) -> Option<String> {
    let tally = footer.snapshots.as_ref()?;
    let total: usize = tally.counts.values().sum();
    let words: Vec<String> = tally.counts.iter().map(|(state, count)| format!("{count} {}", state.word())).collect();
    let words = if words.is_empty() { "none was compared".to_owned() } else { words.join(", ") };
    Some(format!("{total} of {}: {words}", without_commands(&tally.profile)))
}

/// What is to be tidied up, a line each: printable. Fails no gate.
pub(super) fn untidy(tally: &SnapshotTally) -> Vec<(&'static str, String)> {
    let orphan = |file: &String| {
        let file = without_commands(file);
        ("orphan", format!("{file}: its case isn't in the suite any more; `conformant snapshots prune` removes it"))
    };
    let idle = |place: &String| {
        ("idle", format!("{}: the redaction matched nothing in any answer; mend or remove it", without_commands(place)))
    };
    tally.orphans.iter().map(orphan).chain(tally.idle.iter().map(idle)).collect()
}

/// What is wrong with the gate for the sake of snapshots.
pub(super) fn due(footer: &Footer) -> Option<String> {
    let tally = footer.snapshots.as_ref()?;
    let (changed, missing) = (tally.count(SnapshotState::Changed), tally.count(SnapshotState::Missing));
    let word = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 snapshot is {what}")),
        count => Some(format!("{count} snapshots are {what}")),
    };
    let words: Vec<String> = [word(changed, "changed"), word(missing, "missing")].into_iter().flatten().collect();
    let next = "--snapshots new writes what came, and `conformant snapshots review` shows and accepts it";
    (!words.is_empty()).then(|| format!("{} ({next})", words.join(" and ")))
}

/// Writes what is recorded and what came instead, coloured, each line behind an indent.
///
/// # Errors
/// What the sink says.
pub fn write_difference(recorded: Option<&str>, observed: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(recorded) = recorded else {
        for line in observed.lines() {
            writeln!(out, "{indent}{GREEN}+ {}{GREEN:#}", without_commands(line))?;
        }
        return Ok(());
    };
    // A single line would be compared word by word.
    let (recorded, observed) = (format!("{recorded}\n"), format!("{observed}\n"));
    let lines = diff(std::slice::from_ref(&recorded), &observed);
    if lines.is_empty() {
        let (was, is) = (recorded.lines().count(), observed.lines().count());
        return writeln!(out, "{indent}{DIM}{was} lines became {is}: too much to be compared here{DIM:#}");
    }
    write_lines(&lines, indent, out)
}

/// Writes the lines of a difference, coloured.
pub(super) fn write_lines(lines: &[DiffLine], indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        let style = match line.sign {
            '-' => RED,
            '+' => GREEN,
            _ => DIM,
        };
        let text: String = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
        writeln!(out, "{indent}{style}{} {text}{style:#}", line.sign)?;
    }
    Ok(())
}
