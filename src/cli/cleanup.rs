//! `conformant cleanup`: remove what runs left at a target, as their ledgers have it. Never at another target.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::args::CleanupArgs;
use super::connection;
use super::exit::Exit;
use super::failure::Failure;
use super::known_secrets::SecretSources;
use super::settings::Profile;
use super::suites::{self, LoadedSuite};
use super::target;
use super::target_setup::TargetSetup;
use crate::http::{Client, ClientOptions};
use crate::ledger::{self, Entry, LedgerBusy, LedgerError, LockedLedger};
use crate::run::{self, Cleaner, CleanupResult};
use crate::secret::Secrets;
use crate::suite::{Bindings, Inputs};
use crate::text::printable;

/// Cleans up, or lists what there is to be cleaned up.
pub(super) fn cleanup(args: &CleanupArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let folder = &args.ledger;
    let files =
        ledger::files(folder).map_err(|cause| unreadable(&LedgerError::Unreadable { path: folder.clone(), cause }))?;
    let known = SecretSources { profile, ..SecretSources::of_run(&args.target, &args.connection) }.known();
    let mut out = anstream::stdout().lock();
    if files.is_empty() {
        return say(&mut out, &format!("nothing to clean up: there is no ledger in {}", folder.display()))
            .map(|()| Exit::Good);
    }
    if args.list {
        return each(&files, &known, |path| list(path, &mut out));
    }
    let Some(url) = &args.target.url else {
        return Err(Failure::usage(
            "there is no target, and things are only removed where they were made",
            "give it with --target URL or a profile; `conformant cleanup --list` shows which targets there are",
        ));
    };
    let place = Place::of(args, profile, target::base_url(url)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::internal)?;
    each(&files, &known, |path| runtime.block_on(place.clean(path, &mut out)))
}

/// Does the same with every ledger; ends as the worst of them.
fn each(
    files: &[std::path::PathBuf],
    known: &Secrets,
    mut with: impl FnMut(&Path) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let worst_first = [Exit::Internal, Exit::Usage, Exit::Undetermined, Exit::NonConformant];
    let ends: Vec<Exit> = files.iter().map(|path| with(path).unwrap_or_else(|failure| failure.tell(known))).collect();
    Ok(worst_first.into_iter().find(|exit| ends.contains(exit)).unwrap_or(Exit::Good))
}

/// Where things are removed, and with what.
struct Place {
    loaded: LoadedSuite,
    given: Inputs,
    secrets: Secrets,
    client: Client,
    base_url: String,
}

impl Place {
    fn of(args: &CleanupArgs, profile: Option<&Profile>, base_url: String) -> Result<Self, Failure> {
        let loaded = suites::load(args.suite.suite.as_deref())?;
        let TargetSetup { given, secrets, connection } =
            TargetSetup::new(&args.target, &args.connection, profile, &loaded)?;
        let options = ClientOptions {
            deadline: Duration::from_secs_f64(args.deadline),
            cap: usize::try_from(args.max_body).unwrap_or(usize::MAX),
            rate: args.rate.clone(),
            ..connection
        };
        let client = Client::new(options).map_err(|error| connection::refused(&error, &args.connection))?;
        Ok(Self { loaded, given, secrets, client, base_url })
    }

    /// Removes what one ledger lists, if it was made here; keeps in it what stays.
    async fn clean(&self, path: &Path, out: &mut impl Write) -> Result<Exit, Failure> {
        let recorded = match ledger::read(path).map_err(|error| unreadable(&error))? {
            Err(LedgerBusy) => return say(out, &busy(path)).map(|()| Exit::Good),
            Ok(None) => {
                remove_empty(path)?;
                return say(out, &format!("{}: nothing was sent", path.display())).map(|()| Exit::Good);
            }
            Ok(Some(recorded)) => recorded,
        };
        let head = &recorded.head;
        if head.target != self.base_url || head.suite != self.loaded.suite.name {
            let made =
                format!("{}: let alone, for it is of the suite {} at {}", path.display(), head.suite, head.target);
            return say(out, &made).map(|()| Exit::Good);
        }
        let cleaner = self.cleaner(&recorded)?;
        let (mut open, mut counts, mut lost) = (Vec::new(), (0, 0), None);
        for entry in &recorded.open {
            let result = match &lost {
                Some(why) => CleanupResult::Left { why: String::clone(why), lost: true },
                None => cleaner.remove(entry).await,
            };
            self.tell(out, entry, &result)?;
            match result {
                CleanupResult::Removed(things) => counts.0 += things,
                CleanupResult::Gone => counts.1 += 1,
                CleanupResult::Left { why, lost: gave_up } => {
                    open.push(Entry { left: Some(self.secrets.mask(&why).into_owned()), ..entry.clone() });
                    lost = lost.or(gave_up.then_some(why));
                }
            }
        }
        let torn = if recorded.torn { "; its last line breaks off and isn't counted" } else { "" };
        let sum = format!(
            "{}: {} removed, {} gone already or never made, {} left{torn}",
            path.display(),
            counts.0,
            counts.1,
            open.len()
        );
        say(out, &sum)?;
        if !open.is_empty() {
            say(out, "  help: the ledger keeps what is left; try again, or look by hand and then remove the file")?;
        }
        recorded.keep(&open).map_err(|error| Failure::sink(&path.display().to_string(), &error))?;
        Ok(match (open.is_empty(), lost) {
            (true, _) => Exit::Good,
            (false, None) => Exit::NonConformant,
            (false, Some(_)) => Exit::Undetermined,
        })
    }

    /// Removes things as the run would have that made them, with its variables and its seed.
    fn cleaner(&self, recorded: &LockedLedger) -> Result<Cleaner, Failure> {
        let head = &recorded.head;
        let seed = u64::from_str_radix(&head.seed, 16).unwrap_or_default();
        let known = |name: &String| self.loaded.suite.variables.iter().any(|variable| variable.name == *name);
        let mut given = self.given.clone();
        given.variables.retain(|(name, _)| !head.variables.contains_key(name));
        given.variables.extend(head.variables.clone().into_iter().filter(|(name, _)| known(name)));
        let bindings = Bindings::new(&self.loaded.suite, &given, seed).map_err(|error| {
            Failure::usage(error, "give what the run was given; `conformant config` shows what is known")
        })?;
        Ok(Cleaner::new(
            Arc::clone(&self.loaded.suite),
            bindings,
            seed,
            self.client.clone(),
            self.base_url.clone(),
            head.started.parse().ok(),
        ))
    }

    fn tell(&self, out: &mut impl Write, entry: &Entry, result: &CleanupResult) -> Result<(), Failure> {
        let (word, why) = match result {
            CleanupResult::Removed(_) => ("removed", None),
            CleanupResult::Gone => ("gone", None),
            CleanupResult::Left { why, .. } => ("left", Some(why)),
        };
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let line = format!("{word:<8} {} ({}){why}", run::entry_name(entry), entry.sent.case);
        say(out, &self.secrets.mask(&line))
    }
}

fn list(path: &Path, out: &mut impl Write) -> Result<Exit, Failure> {
    let recorded = match ledger::read(path).map_err(|error| unreadable(&error))? {
        Err(LedgerBusy) => return say(out, &busy(path)).map(|()| Exit::Good),
        Ok(None) => return say(out, &format!("{}: nothing was sent", path.display())).map(|()| Exit::Good),
        Ok(Some(recorded)) => recorded,
    };
    let head = &recorded.head;
    say(out, &format!("{}: the suite {} at {}, begun {}", path.display(), head.suite, head.target, head.started))?;
    for entry in &recorded.open {
        let known = match (&entry.left, entry.removals.as_slice()) {
            (Some(why), _) => format!(": left, {why}"),
            (None, []) => ": it is not known whether it is there".to_owned(),
            (None, removals) => format!(": {}", removals.join(", ")),
        };
        say(out, &format!("open     {} ({}){known}", run::entry_name(entry), entry.sent.case))?;
    }
    Ok(Exit::Good)
}

fn busy(path: &Path) -> String {
    format!("{}: let alone, for its run is still going or somebody else cleans up after it", path.display())
}

fn remove_empty(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|error| Failure::sink(&path.display().to_string(), &error))
}

fn unreadable(error: &LedgerError) -> Failure {
    let next = match error {
        LedgerError::Unreadable { .. } => "--ledger takes the folder of the ledgers, or one of them",
        LedgerError::Line { .. } => {
            "nothing of it was removed; take the line away if you know what it was, and try again"
        }
        LedgerError::Format { .. } => "use the version that made it",
    };
    Failure::usage(printable(&error.to_string()), next)
}

fn say(out: &mut impl Write, line: &str) -> Result<(), Failure> {
    let written: io::Result<()> = writeln!(out, "{}", printable(line));
    written.map_err(|error| Failure::sink("the terminal", &error))
}
