//! Variables, secrets and extra headers from the command line, the environment and a profile, in this order: who comes first
//! wins. Two flags for one name are an error, not a guess.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::failure::Failure;
use super::headers::is_credential;
use super::options::value::Pair;
use super::options::{Options, Settings};
use super::origin::{Input, Origin};
use super::profile::Profile;
use super::suites::LoadedSuite;
use super::value_ref::ValueRef;
use crate::secret::Secrets;
use crate::source::did_you_mean;
use crate::suite::{self, Suite};

/// Whose values a suite takes where nobody gives any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defaults {
    /// Its own.
    Suite,
    /// Those that it has for the embedded reference implementation; only a flag wins over them.
    Reference,
}

/// Whose values the suite takes where nobody gives any: those for the embedded reference where that is the target.
pub(super) fn defaults(suite: &Suite, has_target: bool) -> Result<Defaults, Failure> {
    match (has_target, suite.is_for_reference()) {
        (true, _) => Ok(Defaults::Suite),
        (false, true) => Ok(Defaults::Reference),
        (false, false) => Err(Failure::usage(
            "there is no target",
            "give one with --target URL; only a suite with values for the embedded reference runs without",
        )),
    }
}

/// Everything that is given, unread.
#[derive(Debug)]
pub(super) struct Inputs {
    variables: Vec<Input>,
    secrets: Vec<Input>,
    pub(super) headers: Vec<Input>,
}

impl Inputs {
    /// What the options, the environment and a profile give.
    pub(super) fn new(options: &Options, profile: Option<&Profile>) -> Self {
        let inline = |text: &str| ValueRef::Inline(text.into());
        let file = |path: &str| ValueRef::File(path.into());
        let headers = options.headers.iter().map(|header| &header.0);
        let none = Profile::default();
        let profile = profile.unwrap_or(&none);
        Self {
            variables: [
                flags("variable", options.variables.iter(), inline),
                environment("CONFORMANT_VARIABLE_"),
                profile.variables.clone(),
            ]
            .concat(),
            secrets: [
                flags("secret", options.secrets.iter(), inline),
                flags("secret-file", options.secret_files.iter(), file),
                environment("CONFORMANT_SECRET_"),
                profile.secrets.clone(),
            ]
            .concat(),
            headers: [flags("header", headers, inline), profile.headers.clone()].concat(),
        }
    }

    /// The variables of a suite that are given, by name.
    pub(super) fn variables(
        &self,
        suite: &Suite,
        all: &[LoadedSuite],
        defaults: Defaults,
    ) -> Result<BTreeMap<String, Input>, Failure> {
        let others: Vec<&suite::Variable> = all.iter().flat_map(|other| &other.suite.variables).collect();
        let reference =
            suite.reference.variables.iter().map(|(name, value)| (name, SecretString::from(value.as_str())));
        first_of_each(
            "variable",
            (&suite.variables, &others),
            &self.variables,
            reference.filter(|_| defaults == Defaults::Reference),
        )
    }

    /// The secrets of a suite that are given, by name.
    pub(super) fn secrets(
        &self,
        suite: &Suite,
        all: &[LoadedSuite],
        defaults: Defaults,
    ) -> Result<BTreeMap<String, Input>, Failure> {
        let others: Vec<&suite::Variable> = all.iter().flat_map(|other| &other.suite.secrets).collect();
        let reference = suite.reference.secrets.iter().map(|(name, value)| (name, value.clone()));
        first_of_each(
            "secret",
            (&suite.secrets, &others),
            &self.secrets,
            reference.filter(|_| defaults == Defaults::Reference),
        )
    }

    /// The values for one of all suites, read.
    pub(super) fn for_suite(
        &self,
        suite: &Suite,
        all: &[LoadedSuite],
        defaults: Defaults,
    ) -> Result<suite::Inputs, Failure> {
        let variables = self.variables(suite, all, defaults)?.into_iter();
        let variables = variables.map(|(name, input)| Ok((name, input.value.read_text(&what("variable", &input))?)));
        let secrets = self.secrets(suite, all, defaults)?.into_iter();
        let secrets = secrets.map(|(name, input)| Ok((name, input.value.read(&what("secret", &input))?)));
        let inputs = suite::Inputs {
            variables: variables.collect::<Result<_, Failure>>()?,
            secrets: secrets.collect::<Result<_, Failure>>()?,
        };
        let is_given = |name: &str| {
            inputs.secrets.iter().any(|(given, _)| given == name)
                || inputs.variables.iter().any(|(given, _)| given == name)
        };
        // Where anything is given that it is obtained with, what is missing is among the rest.
        let is_obtained = |secret: &suite::Variable| {
            secret.obtain.as_ref().is_some_and(|obtain| {
                obtain.needs.is_empty() || obtain.needs.iter().any(|name| suite.lacks(name) && is_given(name))
            })
        };
        let is_needed =
            |secret: &&suite::Variable| !secret.optional && secret.default.is_none() && !is_obtained(secret);
        let mut needed = suite.secrets.iter().filter(is_needed);
        match needed.find(|secret| inputs.secrets.iter().all(|(given, _)| *given != secret.name)) {
            Some(suite::Variable { name, obtain, .. }) => {
                let needs = obtain.iter().flat_map(|obtain| &obtain.needs);
                let needs: Vec<&str> = needs.map(String::as_str).filter(|name| suite.lacks(name)).collect();
                let other = if needs.is_empty() {
                    String::new()
                } else {
                    format!(", or give {} to obtain it", needs.join(", "))
                };
                Err(Failure::usage(
                    format!("the suite needs the secret {name}, which was not given"),
                    format!("set CONFORMANT_SECRET_{name} in the environment, or use --secret-file {name}=PATH{other}"),
                ))
            }
            None => Ok(inputs),
        }
    }

    /// Every secret that can be known, so that nothing that is said shows one. One that can't be read or masked is left out:
    /// whoever needs it says so.
    pub(super) fn known_secrets(&self, settings: &Settings) -> Secrets {
        let mut known = Secrets::default();
        let is_secret = |header: &&Input| !matches!(header.value, ValueRef::Inline(_)) || is_credential(&header.name);
        for secret in self.secrets.iter().chain(self.headers.iter().filter(is_secret)) {
            if let Ok(value) = secret.value.read(&secret.name) {
                add(&mut known, &secret.name, value);
            }
        }
        settings.passwords().for_each(|password| add(&mut known, "password", password.into()));
        known
    }
}

/// Makes a secret known, under another name where its own is taken by another value.
fn add(known: &mut Secrets, name: &str, value: SecretString) {
    if known.names().any(|name| known.expose(name) == Some(value.expose_secret())) {
        return;
    }
    let names = (1..=64).map(|number| if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
    let free = names.into_iter().find(|name| known.names().all(|taken| taken != name));
    if let Some(name) = free {
        // Not usable as a secret: whoever needs it says so.
        let _ = known.register(&name, value);
    }
}

/// Makes a secret known to those that are masked; `what` names it.
pub(super) fn register(secrets: &mut Secrets, name: &str, value: SecretString, what: &str) -> Result<(), Failure> {
    let unusable = |error| Failure::usage(format!("{what} can't be used: {error}"), "give another");
    secrets.register(name, value).map_err(unusable)
}

/// Every secret of a suite, to be masked: those that are given, and the names of those that come with answers.
pub(super) fn secrets_of(suite: &Suite, inputs: &suite::Inputs) -> Result<Secrets, Failure> {
    let mut secrets = Secrets::default();
    for (name, value) in &inputs.secrets {
        register(&mut secrets, name, value.clone(), &format!("the secret {name}"))?;
    }
    let reserved = suite.reserve(inputs, &mut secrets);
    reserved.map_err(|error| Failure::usage(error, "give what is secret another name in the suite"))?;
    Ok(secrets)
}

fn flags<'a>(flag: &str, pairs: impl Iterator<Item = &'a Pair>, value: fn(&str) -> ValueRef) -> Vec<Input> {
    let origin = Origin::Flag(flag.to_owned());
    pairs.map(|Pair(name, text)| Input { name: name.clone(), value: value(text), origin: origin.clone() }).collect()
}

/// What the environment has under this prefix; an empty variable is none. A name as it is written comes before the same in
/// capitals.
fn environment(prefix: &str) -> Vec<Input> {
    let named = std::env::vars_os().filter(|(_, value)| !value.is_empty()).filter_map(|(variable, _)| {
        let variable = variable.into_string().ok()?;
        let name = variable.strip_prefix(prefix)?.to_owned();
        Some(Input { name, value: ValueRef::Environment(variable.clone()), origin: Origin::Environment(variable) })
    });
    let mut inputs: Vec<Input> = named.collect();
    inputs.sort_by(|one, other| other.name.cmp(&one.name));
    inputs
}

/// The input that counts for each name, all of which the suite, or another one of the run, has to know. `reference` comes behind
/// the flags.
fn first_of_each<'a>(
    kind: &str,
    (declared, elsewhere): (&[suite::Variable], &[&suite::Variable]),
    inputs: &[Input],
    reference: impl Iterator<Item = (&'a String, SecretString)>,
) -> Result<BTreeMap<String, Input>, Failure> {
    let is_flag = |input: &Input| matches!(input.origin, Origin::Flag(_));
    let (flags, others): (Vec<Input>, Vec<Input>) = inputs.iter().cloned().partition(is_flag);
    let of_suite = |(name, value): (&String, _)| Input {
        name: name.clone(),
        value: ValueRef::Inline(value),
        origin: Origin::Suite,
    };
    let mut first: BTreeMap<String, Input> = BTreeMap::new();
    for input in flags.into_iter().chain(reference.map(of_suite)).chain(others) {
        let is_upper = |name: &str| matches!(input.origin, Origin::Environment(_)) && name.to_uppercase() == input.name;
        let known = declared.iter().find(|variable| variable.name == input.name);
        let known = known.or_else(|| declared.iter().find(|variable| is_upper(&variable.name)));
        let Some(suite::Variable { name, .. }) = known else {
            if elsewhere.iter().any(|other| other.name == input.name || is_upper(&other.name)) {
                continue;
            }
            return Err(unknown(kind, &input, declared, elsewhere));
        };
        match first.get(name) {
            Some(other) if is_flag(other) && is_flag(&input) => {
                return Err(Failure::usage(format!("the {kind} {name} is given twice"), "keep one of them"));
            }
            Some(_) => {}
            None => _ = first.insert(name.clone(), Input { name: name.clone(), ..input }),
        }
    }
    Ok(first)
}

fn unknown(kind: &str, input: &Input, declared: &[suite::Variable], elsewhere: &[&suite::Variable]) -> Failure {
    let mut names: Vec<&str> = Vec::new();
    for name in declared.iter().chain(elsewhere.iter().copied()).map(|variable| variable.name.as_str()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let close = did_you_mean(&input.name, names.iter().copied());
    let close = close.map(|close| format!("did you mean {close}? ")).unwrap_or_default();
    let place = match &input.origin {
        Origin::Flag(_) => String::new(),
        origin => format!("{origin}: "),
    };
    let name = &input.name;
    let is_alone = elsewhere.iter().all(|other| declared.iter().any(|own| own.name == other.name));
    if !is_alone {
        return Failure::usage(format!("{place}no suite has a {kind} {name}"), format!("{close}they have {known}"));
    }
    Failure::usage(format!("{place}the suite has no {kind} {name}"), format!("{close}it has {known}"))
}

/// What a message calls an input.
fn what(kind: &str, Input { name, origin, .. }: &Input) -> String {
    match origin {
        Origin::Profile(place) => format!("{place}: the {kind} {name}"),
        _ => format!("the {kind} {name}"),
    }
}
