//! The recorded answers that a command is about.

use anstyle::{AnsiColor, Style};

use crate::cli::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::snapshot_store::broken;
use crate::cli::suites::LoadedSuite;
use crate::run::selects;
use crate::snapshot::{FileError, Folder, Kept};
use crate::text::printable;

pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();

/// The folders of recorded answers, and which of those are meant.
pub(super) struct Selection<'a> {
    pub(super) folders: Vec<Folder>,
    filters: &'a [String],
}

impl<'a> Selection<'a> {
    /// Those of one kind of target, or of all.
    pub(super) fn new(arguments: &'a Arguments, loaded: &LoadedSuite) -> Result<Self, Failure> {
        let options = &arguments.options;
        let named = options.snapshot_profile.as_deref().filter(|name| !name.is_empty());
        let kind = named.or(arguments.profile_name());
        let (root, suite) = (&options.snapshot_dir, &loaded.suite.name);
        let mut folders = Folder::all(root, suite).map_err(|error| broken(&[error]))?;
        folders.retain(|folder| kind.is_none_or(|name| folder.profile == name));
        if folders.is_empty() {
            let of = kind.map(|name| format!(" of {name}")).unwrap_or_default();
            return Err(Failure::usage(
                format!("there are no snapshots{of} of the suite {suite} in {}", root.display()),
                "`conformant run --snapshots update` records them; --snapshot-dir says where they are",
            ));
        }
        Ok(Self { folders, filters: &options.filters })
    }

    /// Whether all are meant.
    pub(super) fn is_unfiltered(&self) -> bool {
        self.filters.is_empty()
    }

    /// Whether the filters let it through.
    pub(super) fn contains(&self, kept: &Kept) -> bool {
        let path = kept.path.display().to_string();
        selects(self.filters, &[&path])
    }

    /// What is in a folder, as far as the filters let it through.
    pub(super) fn kept_in(&self, folder: &Folder) -> Result<Vec<Kept>, Failure> {
        let mut kept = folder.kept().map_err(|error| broken(&[error]))?;
        kept.retain(|kept| self.contains(kept));
        Ok(kept)
    }

    /// Everything that waits for a review.
    pub(super) fn pending(&self) -> Result<Vec<Kept>, Failure> {
        let mut pending = Vec::new();
        for folder in &self.folders {
            pending.extend(self.kept_in(folder)?.into_iter().filter(|kept| kept.pending));
        }
        Ok(pending)
    }
}

/// Good, unless some files could not be dealt with.
pub(super) fn exit_of(failed: &[FileError]) -> Result<Exit, Failure> {
    if failed.is_empty() { Ok(Exit::Success) } else { Err(broken(failed)) }
}

/// A path for people.
pub(super) fn shown(kept: &Kept) -> String {
    printable(&kept.path.display().to_string()).into_owned()
}
