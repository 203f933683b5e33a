//! `conformant cleanup`: remove what runs left at a target, as their ledgers have it. Never at another target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::setup::{TargetSetup, not_logged_in};
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use crate::ledger::{self, LedgerError, LockedLedger, OpenEntry};
use crate::run::{self, Cleaner, CleanupResult};
use crate::secret::Secrets;
use crate::suite::Bindings;
use crate::text::printable;

/// Cleans up, or lists what there is to be cleaned up.
pub(super) fn cleanup(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let folder = &options.ledger;
    let files =
        ledger::files(folder).map_err(|cause| unreadable(&LedgerError::Unreadable { path: folder.clone(), cause }))?;
    if files.is_empty() {
        return say(&format!("nothing to clean up: there is no ledger in {}", folder.display()))
            .map(|()| Exit::Success);
    }
    let known = arguments.known_secrets();
    if options.list {
        return each(&files, &known, list);
    }
    let Some(target) = &options.target else {
        return Err(Failure::usage(
            "there is no target, and things are only removed where they were made",
            "give it with --target URL or a profile; `conformant cleanup --list` shows which targets there are",
        ));
    };
    let mut setups = Setups::new(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::internal)?;
    each(&files, &known, |path| runtime.block_on(clean(&mut setups, &target.0, path)))
}

/// Does the same with every ledger; ends as the worst of them.
fn each(
    files: &[PathBuf],
    known: &Secrets,
    mut with: impl FnMut(&Path) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    Ok(Exit::worst(files.iter().map(|path| with(path).unwrap_or_else(|failure| failure.print(known)))))
}

/// What each suite needs to send something to the target. Of several, only those are made ready that a ledger is of.
struct Setups<'a> {
    arguments: &'a Arguments,
    all: Vec<LoadedSuite>,
    ready: BTreeMap<String, TargetSetup>,
}

impl<'a> Setups<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let all = suites::load_all(&arguments.options.suite)?;
        let mut setups = Self { arguments, all, ready: BTreeMap::new() };
        if let [alone] = setups.all.as_slice() {
            let name = alone.suite.name.clone();
            setups.of(&name)?;
        }
        Ok(setups)
    }

    /// That of the suite of this name, if it is one of them.
    fn of(&mut self, suite: &str) -> Result<Option<&TargetSetup>, Failure> {
        let loaded = self.all.iter().find(|loaded| loaded.suite.name == suite);
        let Some(loaded) = loaded else { return Ok(None) };
        if !self.ready.contains_key(suite) {
            let setup = TargetSetup::new(self.arguments, (loaded.clone(), &self.all))?;
            self.ready.insert(suite.to_owned(), setup);
        }
        Ok(self.ready.get(suite))
    }
}

/// Removes what one ledger lists, if it was made at this target; keeps in it what stays.
async fn clean(setups: &mut Setups<'_>, base_url: &str, path: &Path) -> Result<Exit, Failure> {
    let Some(recorded) = open(path, true)? else { return Ok(Exit::Success) };
    let head = &recorded.header;
    let setup = if head.target == base_url { setups.of(&head.suite)? } else { None };
    let Some(setup) = setup else {
        let owner = format!("{}: skipped: belongs to suite {} at {}", path.display(), head.suite, head.target);
        return say(&owner).map(|()| Exit::Success);
    };
    let cleaner = cleaner(setup, base_url, &recorded)?;
    cleaner.log_in().await.map_err(|error| not_logged_in(&error))?;
    let (mut open, mut removed, mut gone, mut lost) = (Vec::new(), 0, 0, None);
    // What was made last may be a part of what was made first.
    for entry in recorded.open.iter().rev() {
        let result = match &lost {
            Some(why) => CleanupResult::Left { why: String::clone(why), lost: true },
            None => cleaner.remove(entry).await,
        };
        let (word, why) = match &result {
            CleanupResult::Removed(_) => ("removed", String::new()),
            CleanupResult::Gone => ("gone", String::new()),
            CleanupResult::Left { why, .. } => ("left", format!(": {why}")),
        };
        let line = format!("{word:<8} {} ({}){why}", run::entry_name(entry, &setup.secrets), entry.sent.case);
        say(&setup.secrets.mask(&line))?;
        match result {
            CleanupResult::Removed(things) => removed += things,
            CleanupResult::Gone => gone += 1,
            CleanupResult::Left { why, lost: is_lost } => {
                open.push(OpenEntry { left: Some(setup.secrets.mask(&why).into_owned()), ..entry.clone() });
                lost = lost.or(is_lost.then_some(why));
            }
        }
    }
    let torn = if recorded.truncated { "; its last line is incomplete and isn't counted" } else { "" };
    open.reverse();
    let left = open.len();
    say(&format!("{}: {removed} removed, {gone} gone already or never made, {left} left{torn}", path.display()))?;
    if !open.is_empty() {
        say("  help: the ledger keeps what is left; try again, or check by hand and then remove the file")?;
    }
    recorded.rewrite(&open).map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
    Ok(match (open.is_empty(), lost) {
        (true, _) => Exit::Success,
        (false, None) => Exit::NonConformant,
        (false, Some(_)) => Exit::Undetermined,
    })
}

/// Removes things as the run would have that made them, with its variables and its seed.
fn cleaner(setup: &TargetSetup, base_url: &str, recorded: &LockedLedger) -> Result<Cleaner, Failure> {
    let (head, suite) = (&recorded.header, &setup.loaded.suite);
    let seed = u64::from_str_radix(&head.seed, 16).unwrap_or_default();
    // Where secrets go is for those to say who give them, whoever wrote the ledger.
    let counts = |name: &String| {
        head.variables.contains_key(name)
            && !suite.is_origin(name)
            && suite.variables.iter().any(|variable| variable.name == *name)
    };
    let mut inputs = setup.inputs.clone();
    inputs.variables.retain(|(name, _)| !counts(name));
    inputs.variables.extend(head.variables.clone().into_iter().filter(|(name, _)| counts(name)));
    let bindings = Bindings::new(suite, &inputs, seed).map_err(|error| {
        Failure::usage(error, "give what the run was given; `conformant config` shows what is known")
    })?;
    let bindings = bindings.keeping(Arc::clone(&setup.secrets));
    let (client, base_url, started) = (setup.client.clone(), base_url.to_owned(), head.started.parse().ok());
    Ok(Cleaner::new(Arc::clone(suite), bindings, seed, client, base_url, started))
}

fn list(path: &Path) -> Result<Exit, Failure> {
    let Some(recorded) = open(path, false)? else { return Ok(Exit::Success) };
    let head = &recorded.header;
    say(&format!("{}: the suite {} at {}, started {}", path.display(), head.suite, head.target, head.started))?;
    // What stands in a ledger was masked when it was written.
    for entry in &recorded.open {
        let known = match (&entry.left, entry.removals.as_slice()) {
            (Some(why), _) => format!(": left, {why}"),
            (None, []) => ": may or may not exist".to_owned(),
            (None, removals) => format!(": {}", removals.join(", ")),
        };
        say(&format!("open     {} ({}){known}", run::entry_name(entry, &Secrets::new()), entry.sent.case))?;
    }
    Ok(Exit::Success)
}

/// A ledger, locked; none where there is nothing to do about it, which is said. An empty one is removed in passing, if so.
fn open(path: &Path, removes_empty: bool) -> Result<Option<LockedLedger>, Failure> {
    let why = match ledger::read(path) {
        Ok(Some(recorded)) => return Ok(Some(recorded)),
        Ok(None) => {
            if removes_empty {
                std::fs::remove_file(path).map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
            }
            "nothing was sent".to_owned()
        }
        Err(busy @ LedgerError::Busy) => format!("skipped: {busy}"),
        Err(error) => return Err(unreadable(&error)),
    };
    say(&format!("{}: {why}", path.display())).map(|()| None)
}

fn unreadable(error: &LedgerError) -> Failure {
    let next = match error {
        LedgerError::Busy => "try again when its run or the other cleanup is done",
        LedgerError::Unreadable { .. } => "--ledger takes the folder of the ledgers, or one of them",
        LedgerError::Line { .. } => "nothing in it was removed; delete the line if you know what it was, and try again",
        LedgerError::Format { .. } => "use the version that made it",
    };
    Failure::usage(printable(&error.to_string()), next)
}

fn say(line: &str) -> Result<(), Failure> {
    print(|out| writeln!(out, "{}", printable(line)))
}
