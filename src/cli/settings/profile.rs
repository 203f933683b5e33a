//! The file with profiles: where it is found, and one profile read out of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Command;

use super::mistakes;
use super::secret_ref::SecretRef;
use super::table;
use super::values;
use crate::cli::failure::Failure;
use crate::cli::suites::broken;
use crate::source::shape::{self, Kind};
use crate::source::{Diagnostics, Entry, Node, SourceFile, Span, did_you_mean, parse_toml};
use crate::text::printable;

/// So many profiles are named in a message.
const TOLD: usize = 20;

/// The file's name.
const NAME: &str = "conformant.toml";

/// A value and where it stands, as `file:line`.
#[derive(Debug, Clone)]
pub(in crate::cli) struct WithOrigin<T> {
    pub(in crate::cli) value: T,
    pub(in crate::cli) place: String,
}

/// The value of an extra header.
#[derive(Debug, Clone)]
pub(in crate::cli) enum HeaderText {
    /// As it stands in the file or on the command line.
    Plain(String),
    /// A secret.
    SecretRef(SecretRef),
}

/// One profile, checked.
#[derive(Debug, Default)]
pub(in crate::cli) struct Profile {
    /// Its name and where it stands.
    pub(in crate::cli) name: String,
    pub(in crate::cli) place: String,
    /// Values of flags, by the flag's long name.
    pub(super) flags: BTreeMap<&'static str, WithOrigin<Vec<String>>>,
    /// A proxy that the file doesn't name itself.
    pub(super) proxy: Option<WithOrigin<SecretRef>>,
    pub(in crate::cli) variables: BTreeMap<String, WithOrigin<String>>,
    pub(in crate::cli) secrets: BTreeMap<String, WithOrigin<SecretRef>>,
    pub(in crate::cli) headers: BTreeMap<String, WithOrigin<HeaderText>>,
}

/// Reads the profile of this name from a file, or from the one nearest to the working folder. `command` judges the values
/// of flags as if they were given to its subcommand; `asked` says where the name comes from.
pub(super) fn read(
    (name, asked): (&str, &str),
    config: Option<&Path>,
    command: &Command,
    subcommand: &str,
) -> Result<Profile, Failure> {
    let (path, shown) = match config {
        Some(path) => (path.to_owned(), path.display().to_string()),
        None => found()?,
    };
    // A link may be followed here: the file is the user's own choice, and often mounted as one.
    let resolved = std::fs::canonicalize(&path).map_err(|error| {
        Failure::usage(format!("{shown} can't be read: {error}"), "name a file with profiles with --config FILE")
    })?;
    let refused =
        |refused: Diagnostics| broken(refused.without_lines().hinted("name a file with profiles with --config FILE"));
    let file = SourceFile::read(&resolved, &shown).map_err(refused)?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let guarded = file.clone().hiding(mistakes::all_but_heads(file.text()));
    let root = parse_toml(&guarded).map_err(broken)?;
    let file = file.hiding(mistakes::may_be_secret(&root));
    mistakes::inline_secrets(&root, &file).into_result().map_err(broken)?;
    let mut diagnostics = Diagnostics::default();
    shape::check(&root, &Kind::Object(&table::FILE), &file, &mut diagnostics);
    let profiles = root.get("profile").map(Node::entries).unwrap_or_default();
    for profile in profiles {
        mistakes::find(&profile.value, &file, &folder, command, subcommand, &mut diagnostics);
    }
    diagnostics.into_result().map_err(broken)?;
    let Some(entry) = profiles.iter().find(|entry| entry.key == name) else {
        return Err(unknown(name, asked, &file, profiles));
    };
    let reader = Reader { file: &file, folder: &folder, command, subcommand };
    Ok(reader.profile(name, entry.key_span, &entry.value))
}

/// What is said of a profile that the file doesn't have; `asked` is where its name comes from.
fn unknown(name: &str, asked: &str, file: &SourceFile, profiles: &[Entry]) -> Failure {
    let place = |entry: &Entry| format!("{} ({}:{})", entry.key, file.name(), entry.key_span.line);
    let close = did_you_mean(name, profiles.iter().map(|entry| entry.key.as_str()));
    let close = close.and_then(|close| profiles.iter().find(|entry| entry.key == close));
    let mut known: Vec<String> = profiles.iter().take(TOLD).map(place).collect();
    if let Some(more @ 1..) = profiles.len().checked_sub(TOLD) {
        known.push(format!("{more} more"));
    }
    let next = match close {
        Some(close) => format!("did you mean {}?", place(close)),
        None if known.is_empty() => format!("write one into it, headed `[profile.{}]`", printable(name)),
        None => format!("it has {}", known.join(", ")),
    };
    let what = format!("{} has no profile `{}`, which {asked} names", file.name(), printable(name));
    Failure::usage(what, printable(&next))
}

/// The file in the working folder, or in the nearest folder above it; and how to show its path.
fn found() -> Result<(PathBuf, String), Failure> {
    let start = std::env::current_dir()
        .map_err(|error| Failure::usage(format!("the working folder can't be told: {error}"), "use --config FILE"))?;
    let path = start.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file());
    let path = path.ok_or_else(|| {
        Failure::usage(
            format!("there is no {NAME} in {} or above it", start.display()),
            "write one, or name a file with --config FILE",
        )
    })?;
    let shown = path.strip_prefix(&start).unwrap_or(&path).display().to_string();
    Ok((path, shown))
}

struct Reader<'a> {
    file: &'a SourceFile,
    folder: &'a Path,
    command: &'a Command,
    subcommand: &'a str,
}

impl Reader<'_> {
    fn placed<T>(&self, value: T, span: Span) -> WithOrigin<T> {
        WithOrigin { value, place: format!("{}:{}", self.file.name(), span.line) }
    }

    fn profile(&self, name: &str, span: Span, node: &Node) -> Profile {
        let place = self.placed((), span).place;
        let mut profile = Profile { name: name.to_owned(), place, ..Profile::default() };
        for entry in node.entries() {
            let Some(key) = table::flags().find(|key| *key == entry.key) else { continue };
            let texts: Vec<String> = entry.value.one_or_many().iter().filter_map(Node::scalar_text).collect();
            if texts.is_empty() {
                profile.proxy = hidden(&entry.value, self.folder).map(|hidden| self.placed(hidden, entry.key_span));
            } else {
                let texts = values::in_folder(self.command, self.subcommand, key, &texts, self.folder);
                profile.flags.insert(key, self.placed(texts, entry.key_span));
            }
        }
        for (name, value, span) in named(node, "variables") {
            profile.variables.extend(value.scalar_text().map(|text| (name.to_owned(), self.placed(text, span))));
        }
        for (name, value, span) in named(node, "secrets") {
            let hidden = hidden(value, self.folder);
            profile.secrets.extend(hidden.map(|hidden| (name.to_owned(), self.placed(hidden, span))));
        }
        for (name, value, span) in named(node, "headers") {
            let plain = value.as_str().map(|text| HeaderText::Plain(text.to_owned()));
            let text = plain.or_else(|| hidden(value, self.folder).map(HeaderText::SecretRef));
            profile.headers.extend(text.map(|text| (name.to_owned(), self.placed(text, span))));
        }
        profile
    }
}

/// The entries of one of the keys that hold names with values.
pub(super) fn named<'a>(profile: &'a Node, key: &str) -> impl Iterator<Item = (&'a str, &'a Node, Span)> {
    let entries = profile.get(key).map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str(), &entry.value, entry.key_span))
}

fn hidden(node: &Node, folder: &Path) -> Option<SecretRef> {
    let environment = node.get("env").and_then(Node::as_str).map(|name| SecretRef::Environment(name.to_owned()));
    environment.or_else(|| Some(SecretRef::File(folder.join(node.get("file")?.as_str()?))))
}
