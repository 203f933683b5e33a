//! What a target is spoken to with: the values that the suite takes, the secrets that must not come out, and the connection.

use super::args::{ConnectionArgs, TargetArgs};
use super::connection;
use super::failure::Failure;
use super::inputs::{Flags, given, registered};
use super::settings::Profile;
use super::suites::{self, LoadedSuite};
use crate::http::ClientOptions;
use crate::secret::Secrets;
use crate::suite::Inputs;

/// All of it, read once.
pub(super) struct TargetSetup {
    /// Variables and secrets of the suite.
    pub(super) given: Inputs,
    /// Everything that has to be masked.
    pub(super) secrets: Secrets,
    /// Proxy, certificates and extra headers.
    pub(super) connection: ClientOptions,
}

impl TargetSetup {
    /// What the arguments, the environment and the profile give for a target; where none is named, for the embedded
    /// reference implementation.
    pub(super) fn new(
        target: &TargetArgs,
        connection: &ConnectionArgs,
        profile: Option<&Profile>,
        loaded: &LoadedSuite,
    ) -> Result<Self, Failure> {
        let flags = Flags {
            variables: &target.variables,
            secrets: &target.secrets,
            secret_files: &target.secret_files,
            profile,
            reference: None,
        };
        let given = match &target.url {
            Some(_) => given(&loaded.suite, flags)?,
            None => suites::for_reference(loaded, flags)?,
        };
        let mut secrets = registered(&given)?;
        let connection = connection::options(connection, profile, &loaded.suite, &mut secrets)?;
        Ok(Self { given, secrets, connection })
    }
}
