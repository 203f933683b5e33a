//! `conformant snapshots`: managing recorded answers.

mod edit;
mod list;
mod review;
mod selection;
mod suggest;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::SnapshotAction;
use super::suites::{self, LoadedSuite};
use selection::Selection;
pub(super) use suggest::suggest;

/// Does what is asked.
pub(super) fn snapshots(arguments: &Arguments, action: SnapshotAction) -> Result<Exit, Failure> {
    let all = suites::load_all(&arguments.options.suite)?;
    let mut nothing = None;
    let mut exits = Vec::new();
    for loaded in &all {
        match Selection::new(arguments, loaded) {
            Ok(selection) => exits.push(act(action, &selection, loaded)?),
            Err(failure) => nothing = Some(failure),
        }
    }
    // Of one of several suites nothing need be recorded.
    match nothing.filter(|_| exits.is_empty()) {
        Some(failure) => Err(failure),
        None => Ok(Exit::worst(exits)),
    }
}

fn act(action: SnapshotAction, selection: &Selection<'_>, loaded: &LoadedSuite) -> Result<Exit, Failure> {
    match action {
        SnapshotAction::List => list::list(selection, loaded),
        SnapshotAction::Review => review::review(selection),
        SnapshotAction::Accept => edit::accept(selection),
        SnapshotAction::Reject => edit::reject(selection),
        SnapshotAction::Prune => edit::prune(selection, loaded),
    }
}
