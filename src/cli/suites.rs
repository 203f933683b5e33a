//! Which suite a command is about: a folder, or the one that the program ships with.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use super::inputs::{Flags, given};
use crate::contract::Contract;
use crate::reference;
use crate::run::Mutants;
use crate::shipped;
use crate::source::Diagnostics;
use crate::suite::{Inputs, Package, Suite, SuiteFiles};

/// A suite and its contract, loaded.
pub(super) struct LoadedSuite {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
}

/// Loads the suite in a folder, or the shipped one.
pub(super) fn load(folder: Option<&Path>) -> Result<LoadedSuite, Failure> {
    let files = match folder {
        Some(folder) => SuiteFiles::read(folder).map_err(broken)?,
        None => shipped::files(),
    };
    let package = Package::load(&files).map_err(broken)?;
    Ok(LoadedSuite { suite: Arc::new(package.suite), contract: Arc::new(package.contract) })
}

/// The faults of the embedded reference by the clause that each breaks; none for a suite that isn't about its API.
pub(super) fn mutants(suite: &Suite) -> Mutants {
    let mut mutants: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if is_for_reference(suite) {
        for fault in reference::FAULTS.iter() {
            mutants.entry(fault.clause.clone()).or_default().push(fault.id.clone());
        }
    }
    Arc::new(mutants)
}

/// Whether a suite says what the embedded reference is given, which is to say that it is about its API.
fn is_for_reference(suite: &Suite) -> bool {
    !(suite.reference.secrets.is_empty() && suite.reference.variables.is_empty())
}

/// What is wrong with a suite's files, as a failure of the command.
pub(super) fn broken(diagnostics: Diagnostics) -> Failure {
    Failure::files(diagnostics.render(anstream::ColorChoice::global() == anstream::ColorChoice::AlwaysAnsi))
}

/// The values for the embedded reference server: its own, but for what the flags say.
pub(super) fn for_reference(loaded: &LoadedSuite, flags: Flags<'_>) -> Result<Inputs, Failure> {
    let reference = &loaded.suite.reference;
    if !is_for_reference(&loaded.suite) {
        return Err(Failure::usage(
            "there is no target",
            "give one with --target URL; only a suite that says what the embedded reference is given runs without",
        ));
    }
    given(&loaded.suite, Flags { reference: Some(reference), ..flags })
}
