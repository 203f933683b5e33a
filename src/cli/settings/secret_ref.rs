//! A value that a file may only say the place of.

use std::env::VarError;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::cli::failure::Failure;

/// The largest file that is read for one value, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Where a hidden value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum SecretRef {
    /// In this variable of the environment.
    Environment(String),
    /// In this file, alone.
    File(PathBuf),
}

impl SecretRef {
    /// Reads the value; `what` names it, with its place where a file asks for it.
    pub(in crate::cli) fn read(&self, what: &str) -> Result<SecretString, Failure> {
        match self {
            Self::Environment(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                Err(VarError::NotUnicode(_)) => Err(Failure::usage(
                    format!("{what} comes from the environment's {name}, which is not UTF-8"),
                    format!("set {name} to text"),
                )),
                Ok(_) | Err(VarError::NotPresent) => Err(Failure::usage(
                    format!("{what} comes from the environment's {name}, which is not set"),
                    format!("set {name}, or take the line away"),
                )),
            },
            Self::File(path) => read(what, path),
        }
    }

    /// For people: where it is, and whether it is there.
    pub(in crate::cli) fn whence(&self) -> String {
        match self {
            Self::Environment(name) if std::env::var(name).is_ok_and(|value| !value.is_empty()) => {
                format!("from the environment's {name}")
            }
            Self::Environment(name) => format!("from the environment's {name}, which is not set"),
            Self::File(path) if path.is_file() => format!("from the file {}", path.display()),
            Self::File(path) => format!("from the file {}, which is not there", path.display()),
        }
    }
}

fn read(what: &str, path: &Path) -> Result<SecretString, Failure> {
    let fail = |cause: String| {
        Failure::usage(
            format!("the file of {what} can't be read: {}: {cause}", path.display()),
            "give the path of a file that holds the value alone",
        )
    };
    // What a pipe or a device holds isn't known before it is read.
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(fail(format!("it has more than {LARGEST} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8".to_owned()))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if value.is_empty() {
        return Err(fail("it is empty".to_owned()));
    }
    Ok(value.into())
}
