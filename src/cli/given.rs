//! Variables and secrets from the command line, the environment and files.
//!
//! A flag wins over the environment. Two sources of one kind for one name are an error, not a guess.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;

use super::failure::Failure;
use crate::secret::Secrets;
use crate::suite::{Given, Suite};

/// The largest secret file that is read, in bytes.
const SECRET_FILE: u64 = 64 * 1024;

/// What was given on the command line, unread.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags<'a> {
    pub(super) variables: &'a [String],
    pub(super) secrets: &'a [String],
    pub(super) secret_files: &'a [String],
}

/// Puts together the values for a suite from flags and environment.
pub(super) fn given(suite: &Suite, flags: Flags<'_>) -> Result<Given, Failure> {
    let mut variables = pairs("--variable", flags.variables)?;
    let mut secrets: BTreeMap<String, SecretString> =
        pairs("--secret", flags.secrets)?.into_iter().map(|(name, value)| (name, value.into())).collect();
    for (name, path) in pairs("--secret-file", flags.secret_files)? {
        let value = read_secret(&name, Path::new(&path))?;
        if secrets.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("the secret {name} is given twice"), "keep one of them"));
        }
    }
    for variable in &suite.variables {
        if let Some(value) = from_environment("CONFORMANT_VARIABLE_", &variable.name) {
            variables.entry(variable.name.clone()).or_insert(value);
        }
    }
    for secret in &suite.secrets {
        if let Some(value) = from_environment("CONFORMANT_SECRET_", &secret.name) {
            secrets.entry(secret.name.clone()).or_insert_with(|| value.into());
        }
    }
    known("variable", variables.keys(), suite.variables.iter().map(|variable| variable.name.as_str()))?;
    known("secret", secrets.keys(), suite.secrets.iter().map(|secret| secret.name.as_str()))?;
    for secret in suite.secrets.iter().filter(|secret| !secret.optional && secret.default.is_none()) {
        if !secrets.contains_key(&secret.name) {
            let name = &secret.name;
            return Err(Failure::usage(
                format!("the suite needs the secret {name}, which was not given"),
                format!("set CONFORMANT_SECRET_{name} in the environment, or use --secret-file {name}=PATH"),
            ));
        }
    }
    Ok(Given { variables: variables.into_iter().collect(), secrets: secrets.into_iter().collect() })
}

/// Every secret of a run, known to the place that masks them.
pub(super) fn registered(given: &Given) -> Result<Secrets, Failure> {
    let mut secrets = Secrets::default();
    for (name, value) in &given.secrets {
        secrets
            .register(name, value.clone())
            .map_err(|error| Failure::usage(format!("the secret {name} can't be used: {error}"), "give another"))?;
    }
    Ok(secrets)
}

fn pairs(flag: &str, texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            let what = if flag == "--secret" {
                "a value of --secret has no name".to_owned()
            } else {
                format!("{flag} {text} has no name")
            };
            return Err(Failure::usage(what, format!("write {flag} NAME=VALUE")));
        };
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("{flag} {name} is given twice"), "keep one of them"));
        }
    }
    Ok(pairs)
}

/// The value of a prefixed environment variable, its name as written or in capitals.
fn from_environment(prefix: &str, name: &str) -> Option<String> {
    let read = |name: &str| std::env::var(format!("{prefix}{name}")).ok().filter(|value| !value.is_empty());
    read(name).or_else(|| read(&name.to_uppercase()))
}

fn read_secret(name: &str, path: &Path) -> Result<SecretString, Failure> {
    let fail = |cause: String| {
        Failure::usage(
            format!("the file of the secret {name} can't be read: {}: {cause}", path.display()),
            "give the path of a file that holds the value alone",
        )
    };
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > SECRET_FILE {
        return Err(fail(format!("it has {size} bytes, more than {SECRET_FILE}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(value.into())
}

fn known<'a>(
    kind: &str,
    names: impl Iterator<Item = &'a String>,
    declared: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let declared: Vec<&str> = declared.collect();
    for name in names {
        if !declared.contains(&name.as_str()) {
            return Err(Failure::usage(
                format!("the suite has no {kind} {name}"),
                format!("it has {}", if declared.is_empty() { "none".to_owned() } else { declared.join(", ") }),
            ));
        }
    }
    Ok(())
}
