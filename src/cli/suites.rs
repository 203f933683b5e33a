//! Which suite a command is about: a folder, or the one that the program ships with.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use super::inputs::Defaults;
use crate::check;
use crate::contract::Contract;
use crate::reference;
use crate::run::Mutants;
use crate::shipped;
use crate::source::did_you_mean;
use crate::suite::{Package, Suite, SuiteFiles};

/// A suite and its contract, loaded.
pub(super) struct LoadedSuite {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
}

/// Loads the suite in a folder, or the shipped one.
pub(super) fn load(folder: Option<&Path>) -> Result<LoadedSuite, Failure> {
    let files = match folder {
        Some(folder) => SuiteFiles::read(folder)?,
        None => shipped::files(),
    };
    let package = Package::load(&files, &check::ids())?;
    Ok(LoadedSuite { suite: Arc::new(package.suite), contract: Arc::new(package.contract) })
}

/// That no case of a suite is what the filters ask for; where one of them is like a name that there is, which.
pub(super) fn no_case(loaded: &LoadedSuite, filters: &[String]) -> Failure {
    let clauses = loaded.contract.ids();
    let cases = loaded.suite.cases.iter().map(|case| (case.id.as_str(), case.file.as_str()));
    let cases = cases.flat_map(|(id, file)| {
        let file = file.rsplit('/').next().unwrap_or(file);
        [id, file.strip_suffix(".yaml").unwrap_or(file)]
    });
    let groups = clauses.clone().filter_map(|clause| clause.split('.').next());
    let known: Vec<&str> = clauses.chain(groups).chain(cases).collect();
    let near = filters.iter().find_map(|word| {
        let word = word.trim_start_matches(['!', '=']);
        did_you_mean(word, known.iter().copied()).filter(|near| *near != word)
    });
    let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    Failure::usage(
        format!("no case of the suite {} matches {}", loaded.suite.name, filters.join(" or ")),
        format!("{near}a filter is part of a case's id or of a clause's id; `conformant list` shows them"),
    )
}

/// The faults of the embedded reference by the clause that each breaks; none for a suite that isn't about its API.
pub(super) fn mutants(suite: &Suite) -> Mutants {
    let mut mutants: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if suite.is_for_reference() {
        for fault in reference::FAULTS.iter() {
            mutants.entry(fault.clause.clone()).or_default().push(fault.id.clone());
        }
    }
    Arc::new(mutants)
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
