//! Accepting, rejecting and removing recorded answers without a question.

use anstyle::Style;

use super::selection::{GREEN, RED, Selection, YELLOW, exit_of, shown};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::snapshot_store::{broken, orphans};
use crate::cli::suites::LoadedSuite;
use crate::cli::terminal::print;
use crate::snapshot::{FileError, Folder, Kept};

/// Records every pending answer.
pub(super) fn accept(selection: &Selection<'_>) -> Result<Exit, Failure> {
    each(&selection.pending()?, ("accepted", GREEN), Folder::accept)
}

/// Drops every pending answer.
pub(super) fn reject(selection: &Selection<'_>) -> Result<Exit, Failure> {
    each(&selection.pending()?, ("rejected", YELLOW), remove)
}

/// Removes answers whose case no longer exists, and what killed runs left half-written.
pub(super) fn prune(selection: &Selection<'_>, loaded: &LoadedSuite) -> Result<Exit, Failure> {
    let mut orphans = orphans(&selection.folders, &loaded.suite)?;
    orphans.retain(|kept| selection.contains(kept));
    for folder in &selection.folders {
        for path in folder.unfinished().map_err(|error| broken(&[error]))? {
            Folder::remove(&path).map_err(|error| broken(&[error]))?;
        }
    }
    each(&orphans, ("removed", RED), remove)
}

fn remove(kept: &Kept) -> Result<(), FileError> {
    Folder::remove(&kept.path).map(drop)
}

/// Does something to each, says so, and goes on where one is broken.
fn each(
    kept: &[Kept],
    (word, style): (&str, Style),
    mut act: impl FnMut(&Kept) -> Result<(), FileError>,
) -> Result<Exit, Failure> {
    let mut failed = Vec::new();
    for kept in kept {
        match act(kept) {
            Ok(()) => print(|out| writeln!(out, "{style}{word}{style:#} {}", shown(kept)))?,
            Err(error) => failed.push(error),
        }
    }
    print(|out| writeln!(out, "{} {word}", kept.len() - failed.len()))?;
    exit_of(&failed)
}
