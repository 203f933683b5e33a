//! A value that a file may only say the place of.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::cli::failure::Failure;

/// The largest file that is read for one value, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Where a hidden value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Hidden {
    /// In this variable of the environment.
    Environment(String),
    /// In this file, alone.
    File(PathBuf),
}

impl Hidden {
    /// Reads the value; `what` names it, with its place where a file asks for it.
    pub(in crate::cli) fn read(&self, what: &str) -> Result<SecretString, Failure> {
        match self {
            Self::Environment(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                Ok(_) | Err(_) => Err(Failure::usage(
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
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > LARGEST {
        return Err(fail(format!("it has {size} bytes, more than {LARGEST}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(value.into())
}
