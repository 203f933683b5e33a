//! Every secret that can be known from arguments, environment and profile alone, so that what is said of them shows none.
//!
//! A run refuses a secret that it can't mask, or can't read; here such a one is passed over, for what is wrong with it is
//! what has to be said.

use secrecy::{ExposeSecret as _, SecretString};

use super::args::{ConnectionArgs, TargetArgs};
use super::connection::password;
use super::settings::{HeaderText, Profile, SecretRef, is_credential};
use crate::secret::Secrets;

/// What of the arguments may hold secrets.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SecretSources<'a> {
    /// `--secret NAME=VALUE`.
    pub(super) secrets: &'a [String],
    /// `--secret-file NAME=PATH`.
    pub(super) secret_files: &'a [String],
    /// `--header 'NAME: VALUE'`.
    pub(super) headers: &'a [String],
    /// URLs with a password, maybe.
    pub(super) urls: [Option<&'a str>; 2],
    /// The profile, where one was chosen.
    pub(super) profile: Option<&'a Profile>,
}

impl<'a> SecretSources<'a> {
    /// Those of a run.
    pub(super) fn of_run(target: &'a TargetArgs, connection: &'a ConnectionArgs) -> Self {
        Self {
            secrets: &target.secrets,
            secret_files: &target.secret_files,
            headers: &connection.headers,
            urls: [target.url.as_deref(), connection.proxy.as_deref()],
            profile: None,
        }
    }

    /// All of them, and those of the environment.
    pub(super) fn known(self) -> Secrets {
        let mut known = Known::default();
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if let (Some(name), Some(value)) = (name.strip_prefix("CONFORMANT_SECRET_"), value.to_str()) {
                known.add(name, value.into());
            }
        }
        for (name, value) in self.secrets.iter().filter_map(|text| text.split_once('=')) {
            known.add(name, value.into());
        }
        for (name, path) in self.secret_files.iter().filter_map(|text| text.split_once('=')) {
            known.read(name, &SecretRef::File(path.into()));
        }
        for (name, value) in self.headers.iter().filter_map(|text| text.split_once(':')) {
            known.header(name.trim(), value.trim());
        }
        for password in self.urls.into_iter().flatten().filter_map(password) {
            known.add("password", password.into());
        }
        if let Some(profile) = self.profile {
            profile.secrets.iter().for_each(|(name, placed)| known.read(name, &placed.value));
            for (name, placed) in &profile.headers {
                match &placed.value {
                    HeaderText::Plain(text) => known.header(name, text),
                    HeaderText::SecretRef(hidden) => known.read(name, hidden),
                }
            }
        }
        known.0
    }
}

#[derive(Default)]
struct Known(Secrets);

impl Known {
    fn add(&mut self, name: &str, value: SecretString) {
        if self.0.names().any(|known| self.0.expose(known) == Some(value.expose_secret())) {
            return;
        }
        // Another secret of this name has another value: any name that is free tells them apart.
        let free = (1..=64).map(|number| if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
        let taken: Vec<String> = self.0.names().map(str::to_owned).collect();
        if let Some(free) = free.into_iter().find(|free| !taken.contains(free)) {
            // Not usable as a secret: whoever needs it says so.
            let _ = self.0.register(&free, value);
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        if is_credential(name) {
            self.add(name, value.into());
        }
    }

    fn read(&mut self, name: &str, hidden: &SecretRef) {
        if let Ok(value) = hidden.read(name) {
            self.add(name, value);
        }
    }
}
