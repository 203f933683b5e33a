//! Variables and secrets from the command line, the environment and the profile.
//!
//! A flag wins over the environment, that over the profile. Two sources of one kind for one name are an error, not a
//! guess.

use std::collections::BTreeMap;
use std::env::VarError;
use std::path::Path;

use secrecy::SecretString;

use super::failure::Failure;
use super::settings::{Profile, SecretRef, WithOrigin};
use crate::secret::Secrets;
use crate::suite::{Inputs, Suite};

/// What was given on the command line and in the profile, unread.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags<'a> {
    pub(super) variables: &'a [String],
    pub(super) secrets: &'a [String],
    pub(super) secret_files: &'a [String],
    pub(super) profile: Option<&'a Profile>,
    /// What the suite gives the embedded reference; only a flag wins over it.
    pub(super) reference: Option<&'a Inputs>,
}

/// A secret, or where it is.
#[derive(Debug, Clone)]
pub(super) enum Secret {
    /// Its value.
    Value(SecretString),
    /// Its place.
    SecretRef(SecretRef),
}

/// The variables that are given, each with where it came from.
pub(super) fn variables(suite: &Suite, flags: Flags<'_>) -> Result<BTreeMap<String, WithOrigin<String>>, Failure> {
    let mut variables: BTreeMap<String, WithOrigin<String>> = pairs("--variable", flags.variables)?
        .into_iter()
        .map(|(name, value)| (name, WithOrigin { value, place: "--variable".to_owned() }))
        .collect();
    for (name, value) in flags.reference.iter().flat_map(|reference| &reference.variables) {
        add(&mut variables, name, value.clone(), REFERENCE);
    }
    for variable in &suite.variables {
        if let Some((named, value)) = from_environment("CONFORMANT_VARIABLE_", &variable.name)? {
            add(&mut variables, &variable.name, value, &named);
        }
    }
    let declared = || suite.variables.iter().map(|variable| variable.name.as_str());
    for (name, placed) in flags.profile.iter().flat_map(|profile| &profile.variables) {
        known(&format!("{}: ", placed.place), "variable", std::iter::once(name), declared())?;
        add(&mut variables, name, placed.value.clone(), &placed.place);
    }
    known("", "variable", variables.keys(), declared())?;
    Ok(variables)
}

/// The secrets that are given, unread where they are hidden, each with where it came from.
pub(super) fn secrets(suite: &Suite, flags: Flags<'_>) -> Result<BTreeMap<String, WithOrigin<Secret>>, Failure> {
    let mut secrets: BTreeMap<String, WithOrigin<Secret>> = pairs("--secret", flags.secrets)?
        .into_iter()
        .map(|(name, value)| (name, WithOrigin { value: Secret::Value(value.into()), place: "--secret".to_owned() }))
        .collect();
    for (name, path) in pairs("--secret-file", flags.secret_files)? {
        let value = Secret::SecretRef(SecretRef::File(Path::new(&path).to_owned()));
        if secrets.insert(name.clone(), WithOrigin { value, place: "--secret-file".to_owned() }).is_some() {
            return Err(Failure::usage(format!("the secret {name} is given twice"), "keep one of them"));
        }
    }
    for (name, value) in flags.reference.iter().flat_map(|reference| &reference.secrets) {
        add(&mut secrets, name, Secret::Value(value.clone()), REFERENCE);
    }
    for secret in &suite.secrets {
        if let Some((named, value)) = from_environment("CONFORMANT_SECRET_", &secret.name)? {
            add(&mut secrets, &secret.name, Secret::Value(value.into()), &named);
        }
    }
    let declared = || suite.secrets.iter().map(|secret| secret.name.as_str());
    for (name, placed) in flags.profile.iter().flat_map(|profile| &profile.secrets) {
        known(&format!("{}: ", placed.place), "secret", std::iter::once(name), declared())?;
        add(&mut secrets, name, Secret::SecretRef(placed.value.clone()), &placed.place);
    }
    known("", "secret", secrets.keys(), declared())?;
    Ok(secrets)
}

/// What the place of a value of the suite's own for the reference is called.
const REFERENCE: &str = "the suite, for the reference";

fn add<T>(values: &mut BTreeMap<String, WithOrigin<T>>, name: &str, value: T, place: &str) {
    values.entry(name.to_owned()).or_insert_with(|| WithOrigin { value, place: place.to_owned() });
}

/// Puts together the values for a suite.
pub(super) fn given(suite: &Suite, flags: Flags<'_>) -> Result<Inputs, Failure> {
    let variables = variables(suite, flags)?.into_iter().map(|(name, placed)| (name, placed.value)).collect();
    let mut secrets = BTreeMap::new();
    for (name, WithOrigin { value, place }) in self::secrets(suite, flags)? {
        let value = match value {
            Secret::Value(value) => value,
            // A flag's file needs no place beside its name.
            Secret::SecretRef(hidden) if place.starts_with("--") => hidden.read(&format!("the secret {name}"))?,
            Secret::SecretRef(hidden) => hidden.read(&format!("{place}: the secret {name}"))?,
        };
        secrets.insert(name, value);
    }
    for secret in suite.secrets.iter().filter(|secret| !secret.optional && secret.default.is_none()) {
        if !secrets.contains_key(&secret.name) {
            let name = &secret.name;
            return Err(Failure::usage(
                format!("the suite needs the secret {name}, which was not given"),
                format!("set CONFORMANT_SECRET_{name} in the environment, or use --secret-file {name}=PATH"),
            ));
        }
    }
    Ok(Inputs { variables, secrets: secrets.into_iter().collect() })
}

/// Every secret of a run, known to the place that masks them.
pub(super) fn registered(given: &Inputs) -> Result<Secrets, Failure> {
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

/// A prefixed environment variable, its name as written or in capitals: its place and its value. An empty one is none.
fn from_environment(prefix: &str, name: &str) -> Result<Option<(String, String)>, Failure> {
    for name in [name.to_owned(), name.to_uppercase()].map(|name| format!("{prefix}{name}")) {
        match std::env::var(&name) {
            Ok(value) if !value.is_empty() => return Ok(Some((format!("environment {name}"), value))),
            Ok(_) | Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => {
                return Err(Failure::usage(
                    format!("environment {name}: its value is not UTF-8"),
                    format!("set {name} to text, or unset it"),
                ));
            }
        }
    }
    Ok(None)
}

fn known<'a>(
    place: &str,
    kind: &str,
    names: impl Iterator<Item = &'a String>,
    declared: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let declared: Vec<&str> = declared.collect();
    for name in names {
        if !declared.contains(&name.as_str()) {
            return Err(Failure::usage(
                format!("{place}the suite has no {kind} {name}"),
                format!("it has {}", if declared.is_empty() { "none".to_owned() } else { declared.join(", ") }),
            ));
        }
    }
    Ok(())
}
