//! `conformant snapshots`: looking after recorded answers.

mod list;
mod review;
mod suggest;

use anstyle::{AnsiColor, Style};

use super::args::{SnapshotAction, SnapshotsArgs};
use super::exit::Exit;
use super::failure::Failure;
use super::output::print;
use super::settings::Profile;
use super::suites::{self, LoadedSuite};
use crate::snapshot::{FileError, Folder, Kept};
use crate::text::printable;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Does what is asked.
pub(super) fn snapshots(args: &SnapshotsArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    if args.action == SnapshotAction::Suggest {
        return suggest::suggest(args, profile, loaded);
    }
    let chosen = Chosen::new(args, profile, &loaded)?;
    match args.action {
        SnapshotAction::List => list::list(&chosen, &loaded),
        SnapshotAction::Review => review::review(&chosen),
        SnapshotAction::Accept => accept(&chosen),
        SnapshotAction::Reject => reject(&chosen),
        SnapshotAction::Prune => prune(&chosen, &loaded),
        SnapshotAction::Suggest => Ok(Exit::Good),
    }
}

/// The snapshots that a command is about.
struct Chosen<'a> {
    folders: Vec<Folder>,
    filters: &'a [String],
}

impl<'a> Chosen<'a> {
    fn new(args: &'a SnapshotsArgs, profile: Option<&Profile>, loaded: &LoadedSuite) -> Result<Self, Failure> {
        let named = args.place.snapshot_profile.as_deref().filter(|name| !name.is_empty());
        let whose = named.or(profile.map(|profile| profile.name.as_str()));
        let (root, suite) = (&args.place.snapshot_dir, &loaded.suite.name);
        let folders = Folder::all(root, suite).map_err(|error| trouble(&error))?;
        let folders: Vec<Folder> =
            folders.into_iter().filter(|folder| whose.is_none_or(|name| folder.profile == name)).collect();
        if folders.is_empty() {
            let of = whose.map(|name| format!(" of {name}")).unwrap_or_default();
            return Err(Failure::usage(
                format!("there are no snapshots{of} of the suite {suite} in {}", root.display()),
                "`conformant run --snapshots update` records them; --snapshot-dir says where they are",
            ));
        }
        Ok(Self { folders, filters: &args.filters })
    }

    fn names(&self, kept: &Kept) -> bool {
        let path = kept.path.display().to_string();
        self.filters.is_empty() || self.filters.iter().any(|word| path.contains(word.as_str()))
    }

    /// What is in a folder, as far as the filters let it through.
    fn kept(&self, folder: &Folder) -> Result<Vec<Kept>, Failure> {
        let kept = folder.kept().map_err(|error| trouble(&error))?;
        Ok(kept.into_iter().filter(|kept| self.names(kept)).collect())
    }

    /// Everything that waits for a review.
    fn pending(&self) -> Result<Vec<Kept>, Failure> {
        let mut pending = Vec::new();
        for folder in &self.folders {
            pending.extend(self.kept(folder)?.into_iter().filter(|kept| kept.pending));
        }
        Ok(pending)
    }
}

/// A file that is in the way.
fn trouble(error: &FileError) -> Failure {
    super::snapshot_args::broken(std::slice::from_ref(error))
}

/// Good, unless some files were in the way.
fn all_done(failed: &[FileError]) -> Result<Exit, Failure> {
    if failed.is_empty() { Ok(Exit::Good) } else { Err(super::snapshot_args::broken(failed)) }
}

/// Does something to each, tells of each, and goes on where one is broken.
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
    all_done(&failed)
}

fn shown(kept: &Kept) -> String {
    printable(&kept.path.display().to_string()).into_owned()
}

fn accept(chosen: &Chosen<'_>) -> Result<Exit, Failure> {
    each(&chosen.pending()?, ("accepted", GREEN), Folder::accept)
}

fn reject(chosen: &Chosen<'_>) -> Result<Exit, Failure> {
    each(&chosen.pending()?, ("rejected", YELLOW), |kept| Folder::remove(&kept.path).map(drop))
}

/// Removes what has no case any more, and what killed runs left half-written.
fn prune(chosen: &Chosen<'_>, loaded: &LoadedSuite) -> Result<Exit, Failure> {
    let mut orphans = Vec::new();
    for folder in &chosen.folders {
        let kept = chosen.kept(folder)?;
        orphans.extend(folder.orphans(&kept, &loaded.suite).into_iter().cloned());
        for path in folder.unfinished().map_err(|error| trouble(&error))? {
            Folder::remove(&path).map_err(|error| trouble(&error))?;
        }
    }
    each(&orphans, ("removed", RED), |kept| Folder::remove(&kept.path).map(drop))
}
