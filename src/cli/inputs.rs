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
        let of_profile = |inputs: fn(&Profile) -> &Vec<Input>| profile.map(inputs).into_iter().flatten().cloned();
        let inline = |text: &String| ValueRef::Inline(text.clone().into());
        let variables = options.variables.iter().map(|variable| flag("variable", variable, inline));
        let secrets = options.secrets.iter().map(|secret| flag("secret", secret, inline));
        let files = options.secret_files.iter();
        let secrets =
            secrets.chain(files.map(|secret| flag("secret-file", secret, |path| ValueRef::File(path.into()))));
        let headers = options.headers.iter().map(|header| flag("header", &header.0, inline));
        Self {
            variables: variables
                .chain(environment("CONFORMANT_VARIABLE_"))
                .chain(of_profile(|p| &p.variables))
                .collect(),
            secrets: secrets.chain(environment("CONFORMANT_SECRET_")).chain(of_profile(|p| &p.secrets)).collect(),
            headers: headers.chain(of_profile(|p| &p.headers)).collect(),
        }
    }

    /// The variables of a suite that are given, by name.
    pub(super) fn variables(&self, suite: &Suite, defaults: Defaults) -> Result<BTreeMap<String, Input>, Failure> {
        let reference = suite.reference.variables.iter();
        let reference = reference.map(|(name, value)| of_suite(name, value.clone().into()));
        let reference = reference.filter(|_| defaults == Defaults::Reference).collect();
        first_of_each("variable", &suite.variables, &self.variables, reference)
    }

    /// The secrets of a suite that are given, by name.
    pub(super) fn secrets(&self, suite: &Suite, defaults: Defaults) -> Result<BTreeMap<String, Input>, Failure> {
        let reference = suite.reference.secrets.iter().map(|(name, value)| of_suite(name, value.clone()));
        let reference = reference.filter(|_| defaults == Defaults::Reference).collect();
        first_of_each("secret", &suite.secrets, &self.secrets, reference)
    }

    /// The values for a suite, read.
    pub(super) fn for_suite(&self, suite: &Suite, defaults: Defaults) -> Result<suite::Inputs, Failure> {
        let mut inputs = suite::Inputs::default();
        for (name, variable) in self.variables(suite, defaults)? {
            let what = what("variable", &variable);
            inputs.variables.push((name, variable.value.read_text(&what)?));
        }
        for (name, secret) in self.secrets(suite, defaults)? {
            let what = what("secret", &secret);
            inputs.secrets.push((name, secret.value.read(&what)?));
        }
        let needed = suite.secrets.iter().filter(|secret| !secret.optional && secret.default.is_none());
        let given = |name: &str| inputs.secrets.iter().any(|(given, _)| given == name);
        match needed.map(|secret| &secret.name).find(|name| !given(name)) {
            Some(name) => Err(Failure::usage(
                format!("the suite needs the secret {name}, which was not given"),
                format!("set CONFORMANT_SECRET_{name} in the environment, or use --secret-file {name}=PATH"),
            )),
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

/// Every secret of a run, known to the place that masks them.
pub(super) fn registered(inputs: &suite::Inputs) -> Result<Secrets, Failure> {
    let mut secrets = Secrets::default();
    for (name, value) in &inputs.secrets {
        secrets
            .register(name, value.clone())
            .map_err(|error| Failure::usage(format!("the secret {name} can't be used: {error}"), "give another"))?;
    }
    Ok(secrets)
}

fn flag(flag: &str, Pair(name, text): &Pair, value: impl Fn(&String) -> ValueRef) -> Input {
    Input { name: name.clone(), value: value(text), origin: Origin::Flag(flag.to_owned()) }
}

fn of_suite(name: &str, value: SecretString) -> Input {
    Input { name: name.to_owned(), value: ValueRef::Inline(value), origin: Origin::Suite }
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

/// The input that counts for each name, all of which the suite has to know.
fn first_of_each(
    kind: &str,
    declared: &[suite::Variable],
    inputs: &[Input],
    reference: Vec<Input>,
) -> Result<BTreeMap<String, Input>, Failure> {
    let is_flag = |input: &&Input| matches!(input.origin, Origin::Flag(_));
    let flags = inputs.iter().filter(is_flag).cloned();
    let others = inputs.iter().filter(|input| !is_flag(input)).cloned();
    let mut first: BTreeMap<String, Input> = BTreeMap::new();
    for input in flags.chain(reference).chain(others) {
        let in_capitals =
            |name: &str| matches!(input.origin, Origin::Environment(_)) && name.to_uppercase() == input.name;
        let mut names = declared.iter().map(|variable| variable.name.as_str());
        let exact = names.clone().find(|name| *name == input.name);
        let Some(name) = exact.or_else(|| names.find(|name| in_capitals(name))) else {
            return Err(unknown(kind, &input, declared));
        };
        match first.get(name).map(|other| &other.origin) {
            Some(Origin::Flag(_)) if is_flag(&&input) => {
                return Err(Failure::usage(format!("the {kind} {name} is given twice"), "keep one of them"));
            }
            Some(_) => {}
            None => _ = first.insert(name.to_owned(), Input { name: name.to_owned(), ..input }),
        }
    }
    Ok(first)
}

fn unknown(kind: &str, input: &Input, declared: &[suite::Variable]) -> Failure {
    let names: Vec<&str> = declared.iter().map(|variable| variable.name.as_str()).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let close = did_you_mean(&input.name, names.iter().copied());
    let close = close.map(|close| format!("did you mean {close}? ")).unwrap_or_default();
    let place = match &input.origin {
        Origin::Flag(_) => String::new(),
        origin => format!("{origin}: "),
    };
    Failure::usage(format!("{place}the suite has no {kind} {}", input.name), format!("{close}it has {known}"))
}

/// What a message calls an input.
fn what(kind: &str, Input { name, origin, .. }: &Input) -> String {
    match origin {
        Origin::Profile(place) => format!("{place}: the {kind} {name}"),
        _ => format!("the {kind} {name}"),
    }
}
