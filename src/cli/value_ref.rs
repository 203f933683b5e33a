//! A value, or where it is instead: in a variable of the environment, or in a file.

use std::env::VarError;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

use super::failure::Failure;
use super::files;
use crate::source::shape::{Field, Kind, Object};

/// The largest file that is read for one value, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Where a value is, as a profile says it.
pub(super) static PLACE: Object = Object {
    name: "place of a value",
    doc: "Where a value is: in a variable of the environment, or in a file.",
    fields: &[
        Field::new("env", Kind::Text, "the name of an environment variable"),
        Field::new("file", Kind::Text, "the path of a file that holds the value alone"),
    ],
    others: None,
};

/// A value as a profile gives it, or where it is.
pub(super) const TEXT_OR_PLACE: Kind = Kind::Either(&[Kind::Text, Kind::Object(&PLACE)]);

/// A value, or where it is.
#[derive(Debug, Clone)]
pub(super) enum ValueRef {
    /// Here.
    Inline(SecretString),
    /// In this variable of the environment.
    Environment(String),
    /// In this file, alone.
    File(PathBuf),
}

impl ValueRef {
    /// The value; `what` names it, with its place where a profile asks for it.
    pub(super) fn read(&self, what: &str) -> Result<SecretString, Failure> {
        match self {
            Self::Inline(value) => Ok(value.clone()),
            Self::Environment(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                Err(VarError::NotUnicode(_)) => Err(Failure::usage(
                    format!("{what} comes from the environment's {name}, which is not UTF-8"),
                    format!("set {name} to text, or unset it"),
                )),
                Ok(_) | Err(VarError::NotPresent) => Err(Failure::usage(
                    format!("{what} comes from the environment's {name}, which is not set"),
                    format!("set {name}, or remove the line"),
                )),
            },
            Self::File(path) => {
                let read = files::read_text(path, LARGEST).and_then(|text| {
                    let value = text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
                    if value.is_empty() { Err("it is empty".to_owned()) } else { Ok(value.into()) }
                });
                read.map_err(|cause| {
                    Failure::usage(
                        format!("the file of {what} can't be read: {}: {cause}", path.display()),
                        "give the path of a file that holds the value alone",
                    )
                })
            }
        }
    }

    /// The value as text, where it is no secret.
    pub(super) fn read_text(&self, what: &str) -> Result<String, Failure> {
        self.read(what).map(|value| value.expose_secret().to_owned())
    }

    /// For people: where it is, and whether it is there; nothing of a value that is here.
    pub(super) fn place(&self) -> Option<String> {
        Some(match self {
            Self::Inline(_) => return None,
            Self::Environment(name) if std::env::var(name).is_ok_and(|value| !value.is_empty()) => {
                format!("from the environment's {name}")
            }
            Self::Environment(name) => format!("from the environment's {name}, which is not set"),
            Self::File(path) if path.is_file() => format!("from the file {}", path.display()),
            Self::File(path) => format!("from the file {}, which is not there", path.display()),
        })
    }
}
