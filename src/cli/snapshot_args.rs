//! Whether a run holds its target to recorded answers, to whose, and what it does with others.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use strum::VariantArray as _;

use super::args::{SnapshotArgs, SnapshotPlaceArgs};
use super::failure::Failure;
use crate::snapshot::{FileError, Folder, Mode, Settings, Store, is_profile};
use crate::suite::Suite;
use crate::verdict::SnapshotKind;

/// Whose answers are recorded of the embedded reference implementation.
const REFERENCE: &str = "reference";
/// How many broken files are named.
const NAMED: usize = 20;

/// What `--snapshots` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// What to do: none where it isn't said, and `Some(None)` for nothing at all.
    mode: Option<Option<Mode>>,
    all: bool,
    kinds: Vec<SnapshotKind>,
}

impl FromStr for Words {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = Self::default();
        for word in text.split(',').map(str::trim) {
            let mode = match word {
                "check" => Some(Some(Mode::Check)),
                "new" => Some(Some(Mode::New)),
                "update" => Some(Some(Mode::Update)),
                "off" => Some(None),
                _ => None,
            };
            match (mode, word) {
                (Some(_), _) if words.mode.is_some() => {
                    return Err("give one of check, new, update and off".to_owned());
                }
                (Some(mode), _) => words.mode = Some(mode),
                (None, "all") => words.all = true,
                (None, "values") => words.kinds.push(SnapshotKind::Value),
                (None, "shapes") => words.kinds.push(SnapshotKind::Shape),
                (None, _) => {
                    return Err(
                        "the words are check, new, update, off, all, values and shapes, with commas between".to_owned()
                    );
                }
            }
        }
        Ok(words)
    }
}

/// What the environment says.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// `INSTA_UPDATE`.
    pub(super) insta_update: Option<String>,
    /// Whether a CI server runs this.
    pub(super) ci: bool,
}

impl Environment {
    /// Reads it, by the rules of insta.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let ci = match variable("CI").as_deref() {
            Some("" | "0" | "false") => false,
            Some(_) => true,
            None => variable("TF_BUILD").is_some(),
        };
        Self { insta_update: variable("INSTA_UPDATE").filter(|value| !value.is_empty()), ci }
    }
}

/// What is done with another answer, and where that was said: nowhere, where it is the default.
fn mode(words: &Words, environment: &Environment) -> Result<(Option<Mode>, Option<&'static str>), Failure> {
    let (mode, said) = match (words.mode, environment.insta_update.as_deref()) {
        (Some(mode), _) => (mode, Some("--snapshots")),
        (None, None | Some("auto")) => (Some(if environment.ci { Mode::Check } else { Mode::New }), None),
        (None, Some("no")) => (Some(Mode::Check), Some("INSTA_UPDATE")),
        (None, Some("new" | "1")) => (Some(Mode::New), Some("INSTA_UPDATE")),
        (None, Some("unseen")) => (Some(Mode::Unseen), Some("INSTA_UPDATE")),
        (None, Some("always" | "force")) => (Some(Mode::Update), Some("INSTA_UPDATE")),
        (None, Some(_)) => {
            return Err(Failure::usage(
                "INSTA_UPDATE holds no word that it knows",
                "its words are auto, always, new, unseen and no; --snapshots wins over it",
            ));
        }
    };
    Ok((mode, said))
}

/// Under CI nothing is written, whoever asks for it.
fn refuse_under_ci(mode: Mode, said: Option<&str>, environment: &Environment) -> Result<(), Failure> {
    match said {
        Some(said) if environment.ci && mode != Mode::Check => Err(Failure::usage(
            format!("{said} asks for snapshots to be written, but under CI nothing is"),
            "record them elsewhere and check them in, or say CI=false in the environment",
        )),
        _ => Ok(()),
    }
}

/// Whose recorded answers are meant: as said, or those of the embedded reference, or those of the profile's name.
fn whose(place: &SnapshotPlaceArgs, profile: Option<&str>, embedded: bool) -> Result<Option<String>, Failure> {
    let named = place.snapshot_profile.as_deref().filter(|name| !name.is_empty());
    let whose = named.or(embedded.then_some(REFERENCE)).or(profile);
    match whose {
        Some(name) if !is_profile(name) => Err(Failure::usage(
            format!("snapshots of {name:?} would stand in a folder of that name, which isn't possible"),
            "give another name with --snapshot-profile: up to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first",
        )),
        whose => Ok(whose.map(str::to_owned)),
    }
}

/// What a run holds its target to; nothing where there is nothing recorded and nobody wants it to be.
pub(super) fn store(
    args: &SnapshotArgs,
    profile: Option<&str>,
    embedded: bool,
    suite: &Suite,
    environment: &Environment,
) -> Result<Option<Arc<Store>>, Failure> {
    let words = args.snapshots.clone().unwrap_or_default();
    if words.mode == Some(None) {
        return Ok(None);
    }
    let (Some(mode), said) = mode(&words, environment)? else { return Ok(None) };
    let (place, asked) = (&args.place, words.mode.is_some());
    let Some(whose) = whose(place, profile, embedded)? else {
        // What the environment says of all snapshots is no wish to have some of this target.
        if !asked || mode == Mode::Check {
            return Ok(None);
        }
        refuse_under_ci(mode, said, environment)?;
        return Err(Failure::usage(
            "it isn't said whose answers are to be recorded",
            "name the kind of target with --snapshot-profile NAME",
        ));
    };
    let folder = Folder::new(&place.snapshot_dir, &whose, &suite.name);
    let wanted = asked || (said.is_some() && place.snapshot_profile.is_some());
    if folder.is_there() || wanted {
        refuse_under_ci(mode, said, environment)?;
    }
    if !folder.is_there() && (!wanted || mode == Mode::Check) {
        return match &place.snapshot_profile {
            Some(name) => Err(nothing_recorded(name, &folder, &place.snapshot_dir, suite)),
            None => Ok(None),
        };
    }
    let kinds = if words.kinds.is_empty() { SnapshotKind::VARIANTS.to_vec() } else { words.kinds };
    let store =
        Store::open(folder, Settings { mode, kinds, all: words.all }, suite).map_err(|errors| broken(&errors))?;
    Ok(Some(Arc::new(store)))
}

fn nothing_recorded(name: &str, folder: &Folder, root: &Path, suite: &Suite) -> Failure {
    let known: Vec<String> =
        Folder::all(root, &suite.name).unwrap_or_default().into_iter().map(|folder| folder.profile).collect();
    let there = match known.as_slice() {
        [] => format!("there are none at all in {}", root.display()),
        known => format!("there are those of {}", known.join(", ")),
    };
    Failure::usage(
        format!("no snapshots of {name} are recorded: there is no folder {}", folder.path().display()),
        format!("{there}; record them with --snapshots update"),
    )
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

    fn words(text: &str) -> Words {
        text.parse().unwrap()
    }

    fn chosen(text: Option<&str>, insta: Option<&str>, ci: bool) -> Result<Option<Mode>, String> {
        let environment = Environment { insta_update: insta.map(str::to_owned), ci };
        let words = text.map(words).unwrap_or_default();
        let chosen = mode(&words, &environment).and_then(|(mode, said)| match mode {
            Some(mode) => refuse_under_ci(mode, said, &environment).map(|()| Some(mode)),
            None => Ok(None),
        });
        chosen.map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn the_flag_wins_over_insta_update_and_that_over_where_it_runs() {
        assert_eq!(chosen(Some("check"), Some("always"), false), Ok(Some(Mode::Check)));
        assert_eq!(chosen(Some("off"), Some("always"), false), Ok(None));
        assert_eq!(chosen(Some("all"), Some("always"), false), Ok(Some(Mode::Update)));
        assert_eq!(chosen(None, Some("unseen"), false), Ok(Some(Mode::Unseen)));
        assert_eq!(chosen(None, Some("auto"), true), Ok(Some(Mode::Check)));
        assert_eq!(chosen(None, None, false), Ok(Some(Mode::New)));
    }

    #[test]
    fn under_ci_nothing_is_written_whoever_asks() {
        for (text, insta) in [(Some("update"), None), (Some("new"), None), (None, Some("always")), (None, Some("new"))]
        {
            let told = chosen(text, insta, true).unwrap_err();
            assert!(told.contains("under CI nothing is"), "{told}");
        }
    }

    #[test]
    fn the_words_are_known_and_none_contradicts_another() {
        assert_eq!(words("check, all,shapes").kinds, [SnapshotKind::Shape]);
        assert!(words("all").all);
        for (text, why) in [("", "the words are"), ("chek", "the words are"), ("new,update", "give one of")] {
            assert!(text.parse::<Words>().unwrap_err().contains(why), "{text:?}");
        }
    }

    #[test]
    fn what_says_that_a_ci_server_runs_this_is_what_insta_takes_for_it() {
        let ci = |value: Option<&str>| {
            let value = value.map(str::to_owned);
            Environment::read(move |name| value.clone().filter(|_| name == "CI")).ci
        };
        assert!(ci(Some("true")) && ci(Some("1")));
        assert!(!ci(None) && !ci(Some("")) && !ci(Some("0")) && !ci(Some("false")));
    }
}
