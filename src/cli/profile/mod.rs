//! The file with profiles: where it is found, and one profile read out of it.

mod keys;
mod mistakes;

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::files;
use super::options::Row;
use super::origin::{Input, Origin};
use super::value_ref::ValueRef;
use crate::source::shape::{self, Kind};
use crate::source::{Entry, Node, SourceFile, Span, did_you_mean, json_schema, parse_toml};
use crate::text::printable;

/// So many profiles are named in a message.
const TOLD: usize = 20;

/// The file's name.
const NAME: &str = "conformant.toml";
/// What to do where it can't be read.
const NEXT: &str = "name a file with profiles with --config FILE";

/// One profile, checked.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) name: String,
    /// Where it stands.
    pub(super) place: String,
    /// The file that it stands in, once links are followed.
    pub(super) file: PathBuf,
    /// What it says of options.
    pub(super) options: Vec<(&'static Row, Vec<ValueRef>, Origin)>,
    pub(super) variables: Vec<Input>,
    pub(super) secrets: Vec<Input>,
    pub(super) headers: Vec<Input>,
}

/// The JSON Schema of the file, for editors.
pub(super) fn schema() -> serde_json::Value {
    json_schema("Profiles of conformant", &[&keys::FILE])
}

/// Reads the profile of this name from a file, or from the one nearest to the working folder; `origin` says where the name
/// comes from.
pub(super) fn read(name: &str, origin: &Origin, config: Option<&Path>) -> Result<Profile, Failure> {
    let (path, shown) = match config {
        Some(path) => (path.to_owned(), path.display().to_string()),
        None => nearest()?,
    };
    let resolved =
        files::resolved(&path).map_err(|error| Failure::usage(format!("{shown} can't be read: {error}"), NEXT))?;
    let file = SourceFile::read(&resolved, &shown).map_err(|refused| refused.without_lines().hinted(NEXT))?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let root = parse_toml(&file.clone().hiding(mistakes::all_but_heads(file.text())))?;
    let file = file.hiding(mistakes::may_be_secret(&root));
    mistakes::inline_secrets(&root, &file).into_result()?;
    let mut diagnostics = Default::default();
    shape::check(&root, &Kind::Object(&keys::FILE), &file, &mut diagnostics);
    let profiles = root.get("profile").map(Node::entries).unwrap_or_default();
    profiles.iter().for_each(|profile| mistakes::find(&profile.value, &file, &mut diagnostics));
    diagnostics.into_result()?;
    let entry = profiles.iter().find(|entry| entry.key == name);
    let entry = entry.ok_or_else(|| unknown(name, origin, &file, profiles))?;
    Ok(Profile { file: resolved, ..Reader { file: &file, folder: &folder }.profile(entry) })
}

/// What is said of a profile that the file doesn't have.
fn unknown(name: &str, origin: &Origin, file: &SourceFile, profiles: &[Entry]) -> Failure {
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
    let origin = match origin {
        Origin::Environment(variable) => format!("the environment's {variable}"),
        origin => origin.to_string(),
    };
    let what = format!("{} has no profile `{}`, which {origin} names", file.name(), printable(name));
    Failure::usage(what, printable(&next))
}

/// The file in the working folder, or in the nearest folder above it; and how to show its path.
fn nearest() -> Result<(PathBuf, String), Failure> {
    let start = std::env::current_dir()
        .map_err(|error| Failure::usage(format!("the working folder is unknown: {error}"), "use --config FILE"))?;
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
}

impl Reader<'_> {
    fn profile(&self, entry: &Entry) -> Profile {
        let node = &entry.value;
        let options = keys::rows().filter_map(|row| {
            let entry = node.entry(&row.name)?;
            let values = entry.value.one_or_many().iter().filter_map(|value| self.value(value, row.is_path));
            Some((row, values.collect(), self.origin(entry.key_span)))
        });
        Profile {
            name: entry.key.clone(),
            place: self.origin(entry.key_span).to_string(),
            options: options.collect(),
            variables: self.inputs(node, "variables"),
            secrets: self.inputs(node, "secrets"),
            headers: self.inputs(node, "headers"),
            ..Profile::default()
        }
    }

    fn origin(&self, span: Span) -> Origin {
        Origin::Profile(format!("{}:{}", self.file.name(), span.line))
    }

    fn inputs(&self, profile: &Node, key: &str) -> Vec<Input> {
        let input = |(name, value, span): (&str, &Node, Span)| {
            Some(Input { name: name.to_owned(), value: self.value(value, false)?, origin: self.origin(span) })
        };
        keys::named(profile, key).filter_map(input).collect()
    }

    /// A value, or where it is; a path is taken from the folder of the file that it stands in.
    fn value(&self, node: &Node, is_path: bool) -> Option<ValueRef> {
        let place = |key: &str| node.get(key).and_then(Node::as_str);
        match (node.scalar_text(), place("env"), place("file")) {
            (Some(path), ..) if is_path => Some(ValueRef::Inline(self.folder.join(path).display().to_string().into())),
            (Some(text), ..) => Some(ValueRef::Inline(text.into())),
            (None, Some(name), _) => Some(ValueRef::Environment(name.to_owned())),
            (None, None, path) => Some(ValueRef::File(self.folder.join(path?))),
        }
    }
}
