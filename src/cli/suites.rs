//! Which suite a command is about: a folder, or the one that the program ships with.

use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use super::given::{Flags, given};
use crate::contract::Contract;
use crate::shipped;
use crate::source::Diagnostics;
use crate::suite::{Given, Package, Suite, SuiteFiles};

/// A suite and its contract, loaded.
pub(super) struct Loaded {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
}

/// Loads the suite in a folder, or the shipped one.
pub(super) fn load(folder: Option<&Path>) -> Result<Loaded, Failure> {
    let files = match folder {
        Some(folder) => SuiteFiles::read(folder).map_err(broken)?,
        None => shipped::files(),
    };
    let package = Package::load(&files).map_err(broken)?;
    Ok(Loaded { suite: Arc::new(package.suite), contract: Arc::new(package.contract) })
}

/// What is wrong with a suite's files, as a failure of the command.
pub(super) fn broken(diagnostics: Diagnostics) -> Failure {
    Failure::files(diagnostics.render(anstream::ColorChoice::global() == anstream::ColorChoice::AlwaysAnsi))
}

/// The values for the embedded reference server: its own, but for what the flags say.
pub(super) fn for_reference(loaded: &Loaded, flags: Flags<'_>) -> Result<Given, Failure> {
    let reference = &loaded.suite.reference;
    if reference.secrets.is_empty() && reference.variables.is_empty() {
        return Err(Failure::usage(
            "there is no target",
            "give one with --target URL; only a suite that says what the embedded reference is given runs without",
        ));
    }
    given(&loaded.suite, Flags { reference: Some(reference), ..flags })
}
