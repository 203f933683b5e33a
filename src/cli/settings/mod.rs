//! What a run is to use, and where each value came from: a flag wins over the environment, that over the profile, that
//! over the default.
//!
//! One table ([`table`]) says what a profile may hold. Its values become the defaults of the flags with the same names, so
//! that the flags' own parsers judge them and nothing is resolved a second time anywhere else.

mod environment;
mod mistakes;
mod profile;
mod secret_ref;
mod table;
mod urls;
mod values;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use secrecy::ExposeSecret as _;

use super::args::{Cli, Command};
use super::failure::Failure;
use crate::secret::without_credentials;
pub(super) use mistakes::{is_credential, is_own_header};
pub(super) use profile::{HeaderText, Profile, WithOrigin};
pub(super) use secret_ref::SecretRef;

/// The arguments with everything filled in that a profile says.
pub(super) struct Resolved {
    /// The arguments.
    pub(super) cli: Cli,
    /// The profile, where one was chosen.
    pub(super) profile: Option<Profile>,
    /// Every setting of the subcommand, with where it came from.
    pub(super) settings: Vec<Setting>,
}

/// One effective value.
pub(super) struct Setting {
    /// Its name: the flag's, and the key's in a file.
    pub(super) name: &'static str,
    /// The values; none where there is none.
    pub(super) values: Vec<String>,
    /// Where they came from, for people.
    pub(super) origin: String,
}

impl Setting {
    /// One of its values as it may be shown: a URL without user and password.
    pub(super) fn shown<'v>(&self, value: &'v str) -> Cow<'v, str> {
        if table::URLS.contains(&self.name) { without_credentials(value) } else { Cow::Borrowed(value) }
    }
}

/// Why there are no settings.
pub(super) enum ResolveError {
    /// The arguments are wrong, or ask for help.
    Arguments(clap::Error),
    /// The profile is wrong.
    Profile(Failure),
}

impl From<clap::Error> for ResolveError {
    fn from(error: clap::Error) -> Self {
        Self::Arguments(error)
    }
}

/// Reads the arguments, with the profile that they or the environment name.
pub(super) fn settle(arguments: &[OsString]) -> Result<Resolved, ResolveError> {
    let mut command = environment::without_empty(Cli::command());
    let mut matches = command
        .clone()
        .try_get_matches_from(arguments)
        .map_err(|error| environment::blamed(&command, arguments, error))?;
    let chosen = matches.subcommand().map(|(name, given)| (name.to_owned(), Choice::of(given)));
    let mut profile = None;
    if let Some((subcommand, Some(choice))) = &chosen {
        profile = choice.read(&command, subcommand).map_err(ResolveError::Profile)?;
        if let Some(profile) = &mut profile {
            let proxied = matches.subcommand().is_some_and(|(_, given)| given.contains_id("proxy"));
            command = with(command, subcommand, profile, proxied).map_err(ResolveError::Profile)?;
            matches = command.clone().try_get_matches_from(arguments)?;
        }
    }
    let settings = match (&chosen, matches.subcommand()) {
        (Some((_, Some(_))), Some((name, given))) => settings(&command, name, given, profile.as_ref()),
        _ => Vec::new(),
    };
    let settled = Resolved { cli: Cli::from_arg_matches(&matches)?, profile, settings };
    // What is wrong must not keep anybody from seeing where it comes from.
    if !matches!(settled.cli.command, Command::Config(_)) {
        settled.settings.iter().try_for_each(usable).map_err(ResolveError::Profile)?;
    }
    Ok(settled)
}

/// Holds a setting to what its flag's parser can't judge without repeating it.
fn usable(setting: &Setting) -> Result<(), Failure> {
    match setting.values.iter().find_map(|value| urls::mistake(setting.name, value)) {
        Some(mistake) => Err(Failure::usage(format!("{}: {}", setting.origin, mistake.what), mistake.next)),
        None => Ok(()),
    }
}

/// Which profile was asked for.
struct Choice {
    profile: Option<String>,
    /// Where its name comes from.
    asked: &'static str,
    config: Option<PathBuf>,
}

impl Choice {
    /// `None` where the subcommand takes no profile.
    fn of(given: &ArgMatches) -> Option<Self> {
        let profile = given.try_get_one::<String>("profile").ok()?.cloned().filter(|name| !name.is_empty());
        let asked = match given.value_source("profile") {
            Some(ValueSource::EnvVariable) => "the environment's CONFORMANT_PROFILE",
            _ => "--profile",
        };
        Some(Self { profile, asked, config: given.try_get_one::<PathBuf>("config").ok()?.cloned() })
    }

    fn read(&self, command: &clap::Command, subcommand: &str) -> Result<Option<Profile>, Failure> {
        match (&self.profile, &self.config) {
            (Some(name), config) => profile::read((name, self.asked), config.as_deref(), command, subcommand).map(Some),
            (None, Some(config)) => Err(Failure::usage(
                format!("--config {} is given, but no profile of it is chosen", config.display()),
                "choose one with --profile NAME",
            )),
            (None, None) => Ok(None),
        }
    }
}

/// The command with the profile's values as defaults. Only where nothing else names a proxy (`proxied`) need the place
/// that the profile names hold one.
fn with(
    mut command: clap::Command,
    subcommand: &str,
    profile: &mut Profile,
    proxied: bool,
) -> Result<clap::Command, Failure> {
    if let Some(WithOrigin { value, place }) = profile.proxy.take().filter(|_| !proxied) {
        let text = value.read(&format!("{place}: the proxy"))?.expose_secret().to_owned();
        profile.flags.insert("proxy", WithOrigin { value: vec![text], place });
    }
    for (long, placed) in &profile.flags {
        command = values::defaulting(command, subcommand, long, placed.value.clone());
    }
    Ok(command)
}

fn settings(command: &clap::Command, subcommand: &str, given: &ArgMatches, profile: Option<&Profile>) -> Vec<Setting> {
    let of = |name: &'static str| {
        let argument = values::argument(command, subcommand, name)?;
        let id = argument.get_id().as_str();
        let raw = given.try_get_raw(id).ok().flatten();
        let values = raw.map(|raw| raw.map(|value| value.to_string_lossy().into_owned()).collect()).unwrap_or_default();
        let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let origin = match given.value_source(id) {
            Some(ValueSource::CommandLine) => format!("--{name}"),
            Some(ValueSource::EnvVariable) => format!("environment {variable}"),
            _ => match profile.and_then(|profile| profile.flags.get(name)) {
                Some(placed) => placed.place.clone(),
                None => "default".to_owned(),
            },
        };
        Some(Setting { name, values, origin })
    };
    table::flags().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FORMATS;

    /// Flags of `run` that are about one run alone: no profile holds them.
    const OF_ONE_RUN: [&str; 13] = [
        "profile",
        "config",
        "variable",
        "secret",
        "secret-file",
        "header",
        "shard",
        "run-id",
        "quiet",
        "allow-destructive",
        "waive-current",
        "expires",
        "reason",
    ];

    #[test]
    fn every_flag_of_a_run_is_a_setting_with_an_environment_variable_or_about_one_run_alone() {
        let command = Cli::command();
        for name in table::flags() {
            let argument =
                values::argument(&command, "run", name).unwrap_or_else(|| panic!("there is no flag --{name}"));
            let variable = format!("CONFORMANT_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(argument.get_env(), Some(std::ffi::OsStr::new(&variable)), "--{name}");
        }
        let run = command.find_subcommand("run").unwrap();
        let is_report = |long: &str| FORMATS.iter().any(|format| long.strip_prefix("report-") == Some(format.name));
        for long in run.get_arguments().filter_map(clap::Arg::get_long) {
            let known = table::flags().any(|name| name == long) || OF_ONE_RUN.contains(&long) || is_report(long);
            assert!(known, "--{long} is neither in the table of settings nor among the flags of one run");
        }
    }
}
