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
use super::suites;
use selection::Selection;
pub(super) use suggest::suggest;

/// Does what is asked.
pub(super) fn snapshots(arguments: &Arguments, action: SnapshotAction) -> Result<Exit, Failure> {
    let loaded = suites::load(arguments.options.suite.as_deref())?;
    let selection = Selection::new(arguments, &loaded)?;
    match action {
        SnapshotAction::List => list::list(&selection, &loaded),
        SnapshotAction::Review => review::review(&selection),
        SnapshotAction::Accept => edit::accept(&selection),
        SnapshotAction::Reject => edit::reject(&selection),
        SnapshotAction::Prune => edit::prune(&selection, &loaded),
    }
}
