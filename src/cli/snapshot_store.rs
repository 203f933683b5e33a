//! Whether a run holds its target to recorded answers, to whose, and what it does with others.

use std::path::Path;
use std::sync::Arc;

use strum::VariantArray as _;

use super::ci::is_ci;
use super::failure::Failure;
use super::options::Options;
use super::snapshot_choice::SnapshotChoice;
use crate::snapshot::{FileError, Folder, Kept, Mode, Settings, Store, is_profile};
use crate::suite::Suite;
use crate::verdict::SnapshotKind;

/// Whose answers are recorded of the embedded reference implementation.
const REFERENCE: &str = "reference";
/// How many broken files are named.
const NAMED: usize = 20;

/// What the environment says, as insta reads it.
#[derive(Debug, Clone, Default)]
pub(super) struct InstaSettings {
    /// `INSTA_UPDATE`.
    update: Option<String>,
    /// Whether a CI server runs this.
    is_ci: bool,
}

impl InstaSettings {
    /// Reads it.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self { update: variable("INSTA_UPDATE").filter(|value| !value.is_empty()), is_ci: is_ci(variable) }
    }

    /// What is done with an answer that differs, and who said so: nobody, where it is the default.
    fn mode(&self, choice: &SnapshotChoice) -> Result<(Mode, Option<&'static str>), Failure> {
        let mode = match (choice.mode, self.update.as_deref()) {
            (Some(mode), _) => return Ok((mode, Some("--snapshots"))),
            (None, None | Some("auto")) => return Ok((if self.is_ci { Mode::Check } else { Mode::New }, None)),
            (None, Some("no")) => Mode::Check,
            (None, Some("new" | "1")) => Mode::New,
            (None, Some("unseen")) => Mode::Unseen,
            (None, Some("always" | "force")) => Mode::Update,
            (None, Some(_)) => {
                return Err(Failure::usage(
                    "INSTA_UPDATE has an unknown value",
                    "set it to auto, always, new, unseen or no; --snapshots overrides it",
                ));
            }
        };
        Ok((mode, Some("INSTA_UPDATE")))
    }

    /// Under CI nothing is written, whoever asks for it.
    fn refuse_under_ci(&self, mode: Mode, asked_by: Option<&str>) -> Result<(), Failure> {
        match asked_by {
            Some(who) if self.is_ci && mode != Mode::Check => Err(Failure::usage(
                format!("{who} asks for snapshots to be written, but under CI nothing is"),
                "record them elsewhere and check them in, or set CI=false in the environment",
            )),
            _ => Ok(()),
        }
    }
}

/// The kind of target whose recorded answers are meant: as named, or the embedded reference, or the profile's name.
fn kind_of_target(options: &Options, profile: Option<&str>) -> Result<Option<String>, Failure> {
    let named = options.snapshot_profile.as_deref().filter(|name| !name.is_empty());
    let kind = named.or(options.target.is_none().then_some(REFERENCE)).or(profile);
    match kind {
        Some(name) if !is_profile(name) => Err(Failure::usage(
            format!("snapshots of {name:?} can't have a folder of that name"),
            "give another name with --snapshot-profile: up to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first",
        )),
        kind => Ok(kind.map(str::to_owned)),
    }
}

/// What a run holds its target to; nothing where there is nothing recorded and nobody wants it to be.
pub(super) fn store(
    options: &Options,
    profile: Option<&str>,
    (suite, all): (&Suite, &[&str]),
    insta: &InstaSettings,
) -> Result<Option<Arc<Store>>, Failure> {
    let choice = options.snapshots.clone().unwrap_or_default();
    if choice.is_off {
        return Ok(None);
    }
    let (mode, asked_by) = insta.mode(&choice)?;
    let is_chosen = choice.mode.is_some();
    let Some(kind) = kind_of_target(options, profile)? else {
        // What the environment says of all snapshots is no wish to have some of this target.
        if !is_chosen || mode == Mode::Check {
            return Ok(None);
        }
        insta.refuse_under_ci(mode, asked_by)?;
        return Err(Failure::usage(
            "it isn't clear which target's answers to record",
            "name the kind of target with --snapshot-profile NAME",
        ));
    };
    let folder = Folder::new(&options.snapshot_dir, &kind, &suite.name);
    let is_wanted = is_chosen || (asked_by.is_some() && options.snapshot_profile.is_some());
    if folder.is_there() || is_wanted {
        insta.refuse_under_ci(mode, asked_by)?;
    }
    if !folder.is_there() && (!is_wanted || mode == Mode::Check) {
        return match &options.snapshot_profile {
            // Of one of several suites nothing need be recorded, as long as something is of another one.
            Some(_) if all.iter().any(|name| Folder::new(&options.snapshot_dir, &kind, name).is_there()) => Ok(None),
            Some(name) => Err(nothing_recorded(name, &folder, &options.snapshot_dir, suite)),
            None => Ok(None),
        };
    }
    let kinds = if choice.kinds.is_empty() { SnapshotKind::VARIANTS.to_vec() } else { choice.kinds };
    let store = Store::open(folder, Settings { mode, kinds, all: choice.all }, suite);
    Ok(Some(Arc::new(store.map_err(|errors| broken(&errors))?)))
}

fn nothing_recorded(name: &str, folder: &Folder, root: &Path, suite: &Suite) -> Failure {
    let known: Vec<String> =
        Folder::all(root, &suite.name).unwrap_or_default().into_iter().map(|folder| folder.profile).collect();
    let there = match known.as_slice() {
        [] => format!("{} has none at all", root.display()),
        known => format!("there are those of {}", known.join(", ")),
    };
    Failure::usage(
        format!("no snapshots of {name} are recorded: there is no folder {}", folder.path().display()),
        format!("{there}; record them with --snapshots update"),
    )
}

/// The recorded answers in these folders whose case no longer exists.
pub(super) fn orphans(folders: &[Folder], suite: &Suite) -> Result<Vec<Kept>, Failure> {
    let mut orphans = Vec::new();
    for folder in folders {
        let kept = folder.kept().map_err(|error| broken(&[error]))?;
        orphans.extend(folder.orphans(&kept, suite).into_iter().cloned());
    }
    Ok(orphans)
}

/// Every file that is broken or can't be read.
pub(super) fn broken(errors: &[FileError]) -> Failure {
    let mut text: String = errors
        .iter()
        .take(NAMED)
        .map(|error| format!("error: the snapshot {error}\n  help: {}\n", error.next))
        .collect();
    if errors.len() > NAMED {
        text.push_str(&format!("… and {} more\n", errors.len() - NAMED));
    }
    Failure::broken(text, errors.iter().any(|error| error.broken))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::value::Value as _;

    fn chosen(text: &str, insta: Option<&str>, is_ci: bool) -> Result<Mode, String> {
        let insta = InstaSettings { update: insta.map(str::to_owned), is_ci };
        let chosen = insta.mode(&SnapshotChoice::parse(text).unwrap());
        let chosen = chosen.and_then(|(mode, asked_by)| insta.refuse_under_ci(mode, asked_by).map(|()| mode));
        chosen.map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn the_flag_wins_over_insta_update_and_that_over_where_it_runs() {
        assert_eq!(chosen("check", Some("always"), false), Ok(Mode::Check));
        assert_eq!(chosen("all", Some("always"), false), Ok(Mode::Update));
        assert_eq!(chosen("all", Some("unseen"), false), Ok(Mode::Unseen));
        assert_eq!(chosen("all", Some("auto"), true), Ok(Mode::Check));
        assert_eq!(chosen("all", None, false), Ok(Mode::New));
    }

    #[test]
    fn under_ci_nothing_is_written_whoever_asks() {
        for (text, insta) in [("update", None), ("new", None), ("all", Some("always")), ("all", Some("new"))] {
            let told = chosen(text, insta, true).unwrap_err();
            assert!(told.contains("under CI nothing is"), "{told}");
        }
    }

    #[test]
    fn what_says_that_a_ci_server_runs_this_is_what_insta_takes_for_it() {
        let ci = |value: Option<&str>| {
            let value = value.map(str::to_owned);
            InstaSettings::read(move |name| value.clone().filter(|_| name == "CI")).is_ci
        };
        assert!(ci(Some("true")) && ci(Some("1")));
        assert!(!ci(None) && !ci(Some("")) && !ci(Some("0")) && !ci(Some("false")));
    }
}
