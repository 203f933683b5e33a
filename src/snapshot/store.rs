//! The snapshots of one suite against one kind of target: a folder, what a run does with it, and what it found there.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::document::{Document, Subject};
use super::file::{self, FileError, Head, contents};
use super::name::stem;
use crate::atomic::UNFINISHED;
use crate::secret::Masked;
use crate::suite::{Case, Redaction, Row, SnapshotAsk, Suite};
use crate::verdict::{SnapshotKind, SnapshotResult, SnapshotState, SnapshotTally};

/// How deep a folder of snapshots is looked into: profile, suite, file.
const DEPTH: usize = 3;
/// How many files are looked at in a folder of snapshots.
const FILES: usize = 1_000_000;

/// What a run does where an answer isn't the one that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Writes nothing.
    Check,
    /// Writes what the answer is beside what is recorded, to be reviewed.
    New,
    /// As [`Mode::New`], but records where nothing is recorded.
    Unseen,
    /// Records it.
    Update,
}

/// How a run holds a target to snapshots.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is done with another answer.
    pub mode: Mode,
    /// Which of a case's snapshots.
    pub kinds: Vec<SnapshotKind>,
    /// Whether every case is held to one, not only those that ask for it or have one.
    pub all: bool,
}

/// A file of snapshots, by what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kept {
    /// Its place.
    pub path: PathBuf,
    /// Its name without its endings, within the folder of its suite: `name/max-length--at`.
    pub stem: String,
    /// Value or shape.
    pub kind: SnapshotKind,
    /// Whether it waits for a review.
    pub pending: bool,
}

impl Kept {
    /// Where it belongs once it is accepted.
    pub fn accepted(&self) -> PathBuf {
        if self.pending { self.path.with_extension("") } else { self.path.clone() }
    }

    fn of(path: PathBuf, within: &Path) -> Option<Self> {
        let name = path.strip_prefix(within).ok()?.to_str()?.replace('\\', "/");
        let (name, pending) = match name.strip_suffix(".snap.new") {
            Some(name) => (name, true),
            None => (name.strip_suffix(".snap")?, false),
        };
        let (stem, kind) = match name.strip_suffix(".shape") {
            Some(stem) => (stem, SnapshotKind::Shape),
            None => (name, SnapshotKind::Value),
        };
        Some(Self { stem: stem.to_owned(), kind, pending, path: path.clone() })
    }
}

/// The folder of the snapshots of one suite against one kind of target.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Whose snapshots they are.
    pub profile: String,
    path: PathBuf,
}

impl Folder {
    /// `root/profile/suite`, whether it is there or not.
    pub fn new(root: &Path, profile: &str, suite: &str) -> Self {
        Self { profile: profile.to_owned(), path: root.join(profile).join(suite) }
    }

    /// The folders of a suite under a root, one for each profile that has one, by name.
    ///
    /// # Errors
    /// A root that is there and can't be read.
    pub fn all(root: &Path, suite: &str) -> Result<Vec<Self>, FileError> {
        let mut profiles = BTreeSet::new();
        match fs::read_dir(root) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(FileError::io(root, "read", &error)),
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(|error| FileError::io(root, "read", &error))?;
                    profiles.extend(entry.file_name().to_str().map(str::to_owned));
                }
            }
        }
        let folders = profiles.into_iter().map(|profile| Self::new(root, &profile, suite));
        Ok(folders.filter(Self::is_there).collect())
    }

    /// Whether there is such a folder.
    pub fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    /// Its place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every snapshot in it, sorted.
    ///
    /// # Errors
    /// A folder that can't be read.
    pub fn kept(&self) -> Result<Vec<Kept>, FileError> {
        let mut kept: Vec<Kept> = self.files()?.into_iter().filter_map(|path| Kept::of(path, &self.path)).collect();
        kept.sort();
        Ok(kept)
    }

    /// Files that a process which was killed didn't complete, older than an hour.
    ///
    /// # Errors
    /// A folder that can't be read.
    pub fn unfinished(&self) -> Result<Vec<PathBuf>, FileError> {
        let unfinished = |path: &PathBuf| {
            let named =
                path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(UNFINISHED));
            let changed = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
            let age = changed.and_then(|changed| changed.elapsed().ok()).unwrap_or_default();
            named && age.as_secs() > 3_600
        };
        Ok(self.files()?.into_iter().filter(unfinished).collect())
    }

    fn files(&self) -> Result<Vec<PathBuf>, FileError> {
        let mut files = Vec::new();
        let mut folders = vec![(self.path.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let fail = |error: std::io::Error| FileError::io(&folder, "read", &error);
            for entry in fs::read_dir(&folder).map_err(fail)? {
                let entry = entry.map_err(fail)?;
                match entry.file_type().map_err(fail)? {
                    kind if kind.is_dir() && depth < DEPTH => folders.push((entry.path(), depth + 1)),
                    kind if kind.is_file() && files.len() < FILES => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        Ok(files)
    }

    /// Of these, the recorded ones whose row isn't in the suite any more.
    pub fn orphans<'k>(&self, kept: &'k [Kept], suite: &Suite) -> Vec<&'k Kept> {
        let mut stems: HashSet<&str> = kept.iter().map(|kept| kept.stem.as_str()).collect();
        for case in &suite.cases {
            for row in case.rows.iter() {
                if stems.is_empty() {
                    return Vec::new();
                }
                stems.remove(stem(&case.id, row.id.as_deref()).as_str());
            }
        }
        kept.iter().filter(|kept| stems.contains(kept.stem.as_str())).collect()
    }

    /// Puts a pending snapshot in the place of the recorded one.
    ///
    /// # Errors
    /// One that is broken, or that can't be moved.
    pub fn accept(kept: &Kept) -> Result<(), FileError> {
        contents(&kept.path)?;
        let to = kept.accepted();
        fs::rename(&kept.path, &to).map_err(|error| FileError::io(&to, "written", &error))
    }

    /// Removes a snapshot; says whether it was there.
    ///
    /// # Errors
    /// One that can't be removed.
    pub fn remove(path: &Path) -> Result<bool, FileError> {
        file::remove(path)
    }
}

/// A redaction and how often it was of use.
#[derive(Debug)]
struct Use {
    redaction: Redaction,
    /// Whether it is the case's own, and not the suite's.
    own: bool,
    tried: AtomicUsize,
    found: AtomicUsize,
}

/// What a run holds a target to.
#[derive(Debug)]
pub struct Store {
    folder: Folder,
    settings: Settings,
    recorded: HashSet<String>,
    uses: Vec<Use>,
    /// The first trouble with a file in the middle of a run.
    failed: OnceLock<String>,
}

/// A case row whose exchanges are compared.
pub struct ComparedRow<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its row.
    pub row: &'a Row,
    /// The row's id.
    pub id: &'a str,
    /// The row's title, rendered.
    pub title: &'a str,
    /// What its snapshots are made of.
    pub subject: Subject<'a>,
}

impl Store {
    /// Opens the snapshots in a folder, which needn't be there.
    ///
    /// # Errors
    /// A folder that can't be read, and every snapshot in it that is broken.
    pub fn open(folder: Folder, settings: Settings, suite: &Suite) -> Result<Self, Vec<FileError>> {
        let kept = if folder.is_there() { folder.kept().map_err(|error| vec![error])? } else { Vec::new() };
        let recorded: Vec<Kept> = kept.into_iter().filter(|kept| !kept.pending).collect();
        let broken: Vec<FileError> = recorded.iter().filter_map(|kept| contents(&kept.path).err()).collect();
        if !broken.is_empty() {
            return Err(broken);
        }
        let own = suite.cases.iter().flat_map(|case| case.own_redactions().iter().map(|redaction| (redaction, true)));
        let uses = suite.snapshots.redact.iter().map(|redaction| (redaction, false)).chain(own);
        let new = |(redaction, own): (&Redaction, bool)| Use {
            redaction: redaction.clone(),
            own,
            tried: AtomicUsize::new(0),
            found: AtomicUsize::new(0),
        };
        let uses = uses.map(new).collect();
        let recorded = recorded.into_iter().map(|kept| kept.stem).collect();
        Ok(Self { folder, settings, recorded, uses, failed: OnceLock::new() })
    }

    /// Whether a row is held to a snapshot: it asks for one, has one, or all are.
    pub fn holds(&self, case: &Case, row: &Row) -> bool {
        match case.snapshot {
            SnapshotAsk::Never => false,
            SnapshotAsk::Always(_) => true,
            SnapshotAsk::IfAll => {
                self.settings.all
                    || !self.recorded.is_empty() && self.recorded.contains(&stem(&case.id, row.id.as_deref()))
            }
        }
    }

    /// Compares a row's exchanges with what is recorded, and does what the mode says.
    ///
    /// # Errors
    /// A snapshot that is broken, or can't be read or written.
    pub fn take(&self, taken: &ComparedRow<'_>) -> Result<Vec<SnapshotResult>, FileError> {
        let document = Document::new(&taken.subject);
        self.note(&document, taken.case);
        let stem = stem(&taken.case.id, taken.row.id.as_deref());
        let head = Head {
            source: taken.case.file.clone(),
            case: taken.subject.secrets.mask(taken.id).into_text(),
            title: taken.subject.secrets.mask(taken.title).into_text(),
        };
        let compared = self.settings.kinds.iter().map(|kind| {
            let (text, ending) = match kind {
                SnapshotKind::Value => (document.value(), ".snap"),
                SnapshotKind::Shape => (document.shape(), ".shape.snap"),
            };
            let path = self.folder.path().join(format!("{stem}{ending}"));
            self.compare(*kind, &path, text, &head)
        });
        let compared: Result<Vec<SnapshotResult>, FileError> = compared.collect();
        compared.inspect_err(|error| {
            self.failed.get_or_init(|| error.to_string());
        })
    }

    /// The first trouble with a file since the store was opened.
    pub fn failure(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    fn compare(
        &self,
        kind: SnapshotKind,
        path: &Path,
        observed: Masked,
        head: &Head,
    ) -> Result<SnapshotResult, FileError> {
        let mode = self.settings.mode;
        let recorded = contents(path)?;
        let pending = path.with_extension("snap.new");
        let state = match (&recorded, mode) {
            (Some(recorded), _) if *recorded == observed.trim_end() => SnapshotState::Matched,
            (Some(_), Mode::Update) => SnapshotState::Updated,
            (None, Mode::Update | Mode::Unseen) => SnapshotState::Recorded,
            (Some(_), _) => SnapshotState::Changed,
            (None, _) => SnapshotState::Missing,
        };
        match (state, mode) {
            (_, Mode::Check) => {}
            (SnapshotState::Matched, _) => {
                file::remove(&pending)?;
            }
            (SnapshotState::Updated | SnapshotState::Recorded, _) => {
                file::write(path, &head.above(&observed))?;
                file::remove(&pending)?;
            }
            (SnapshotState::Changed | SnapshotState::Missing, _) => file::write(&pending, &head.above(&observed))?,
        }
        let shown = matches!(state, SnapshotState::Changed | SnapshotState::Missing | SnapshotState::Updated);
        Ok(SnapshotResult {
            kind,
            state,
            file: path.display().to_string(),
            recorded: recorded.filter(|_| shown),
            observed: shown.then(|| observed.into_inner()),
        })
    }

    /// Notes which redactions were of use.
    fn note(&self, document: &Document<'_>, case: &Case) {
        let own = case.own_redactions();
        let is_own =
            |known: &Use| own.iter().any(|own| own.line == known.redaction.line && own.file == known.redaction.file);
        let applied: Vec<&Use> = self
            .uses
            .iter()
            .filter(|known| !known.own)
            .chain(self.uses.iter().filter(|known| known.own && is_own(known)))
            .collect();
        for known in &applied {
            known.tried.fetch_add(1, Ordering::Relaxed);
        }
        for index in document.used() {
            if let Some(known) = applied.get(index) {
                known.found.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What is known at the end of a run besides what became of each snapshot. Orphans and idle redactions are told of
    /// where every case of the suite was tried.
    ///
    /// # Errors
    /// A folder that can't be read.
    pub fn tally(&self, suite: &Suite, whole: bool) -> Result<SnapshotTally, FileError> {
        let mut tally = SnapshotTally { profile: self.folder.profile.clone(), ..SnapshotTally::default() };
        if !whole {
            return Ok(tally);
        }
        if self.folder.is_there() {
            let kept = self.folder.kept()?;
            let orphans = self.folder.orphans(&kept, suite);
            tally.orphans = orphans.into_iter().map(|kept| kept.path.display().to_string()).collect();
        }
        let idle = |known: &&Use| {
            !known.redaction.optional
                && known.tried.load(Ordering::Relaxed) > 0
                && known.found.load(Ordering::Relaxed) == 0
        };
        let written = |known: &Use| {
            let Redaction { file, line, written, .. } = &known.redaction;
            format!("{}/{file}:{line}: {written}", suite.name)
        };
        tally.idle = self.uses.iter().filter(idle).map(written).collect();
        Ok(tally)
    }
}
