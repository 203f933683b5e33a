//! Everything that a command is given: its options, the profile among what sets them, and the values for its suite.

use std::path::Path;

use super::failure::Failure;
use super::inputs::Inputs;
use super::options::{Command, Options, Row, Settings};
use super::origin::Origin;
use super::profile::{self, Profile};
use super::suites;
use crate::secret::Secrets;

/// What a command is given.
pub(super) struct Arguments {
    pub(super) settings: Settings,
    pub(super) options: Options,
    pub(super) profile: Option<Profile>,
    pub(super) inputs: Inputs,
}

impl Arguments {
    /// Reads the settings, with the profile that they name. What is wrong is given back beside them, for a message about it
    /// may show none of the secrets that are known.
    pub(super) fn read(mut settings: Settings) -> Result<(Self, Option<Failure>), Failure> {
        let mut mistakes = Vec::new();
        let mut options = Options::read(&settings, &mut mistakes)?;
        let (profile, wrong) = match chosen(&options, &settings).and_then(|profile| add(profile, &mut settings)) {
            Ok(profile) => (profile, None),
            Err(failure) => (None, Some(failure)),
        };
        if profile.is_some() {
            mistakes.clear();
            options = Options::read(&settings, &mut mistakes)?;
        }
        let wrong = wrong.or_else(|| {
            let folders = suites::folders(&options.suite);
            folders.iter().find_map(|folder| within_suite(profile.as_ref()?, folder))
        });
        // `config` shows where such a value comes from.
        let is_shown = |option: &Row| settings.command == Command::Config && option.is_in_profiles();
        let mistake = mistakes.into_iter().find(|(option, _)| !is_shown(option)).map(|(_, failure)| failure);
        let inputs = Inputs::new(&options, profile.as_ref());
        Ok((Self { settings, options, profile, inputs }, mistake.or(wrong)))
    }

    /// Every secret that can be known, so that nothing that is said shows one.
    pub(super) fn known_secrets(&self) -> Secrets {
        self.inputs.known_secrets(&self.settings)
    }

    /// The name of the profile.
    pub(super) fn profile_name(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.name.as_str())
    }
}

/// Refuses a profile that comes with the suite: it says where secrets go.
fn within_suite(profile: &Profile, suite: &Path) -> Option<Failure> {
    let suite = suite.canonicalize().ok()?;
    profile.file.starts_with(suite).then(|| {
        Failure::usage(
            format!("{} is within the suite's folder, and a suite may not say where its secrets go", profile.place),
            "keep profiles outside of the suite's folder",
        )
    })
}

/// The profile that is asked for.
fn chosen(options: &Options, settings: &Settings) -> Result<Option<Profile>, Failure> {
    match (options.profile.as_deref().filter(|name| !name.is_empty()), &options.config) {
        (Some(name), config) => {
            let origin = settings.get("profile").map_or(Origin::Default, |setting| setting.origin.clone());
            profile::read(name, &origin, config.as_deref()).map(Some)
        }
        (None, Some(config)) => Err(Failure::usage(
            format!("--config {} is given, but no profile of it is chosen", config.display()),
            "choose one with --profile NAME",
        )),
        (None, None) => Ok(None),
    }
}

/// Adds to the settings what a profile says of options. Where something else sets one, its place needs hold no value.
fn add(profile: Option<Profile>, settings: &mut Settings) -> Result<Option<Profile>, Failure> {
    for (option, values, origin) in profile.iter().flat_map(|profile| &profile.options) {
        let read =
            || values.iter().map(|value| value.read_text(&format!("{origin}: the {}", option.name)).map(Into::into));
        settings.set(option, || read().collect(), origin.clone())?;
    }
    Ok(profile)
}
