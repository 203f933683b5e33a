//! Which suites a command is about: those in folders, or the one that the program ships with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use crate::check;
use crate::contract::Contract;
use crate::reference;
use crate::run::Mutants;
use crate::shipped;
use crate::source::{Diagnostics, did_you_mean};
use crate::suite::{Package, Suite, SuiteFiles};
use crate::verdict::Header;

/// What a folder is known by to be a suite's. One that has a file of them and lacks another one is none that runs, and must not
/// go unseen.
const SUITE_FILES: [&str; 4] = ["suite.yaml", "suite.yml", "contract.yaml", "contract.yml"];

/// A suite and its contract, loaded.
#[derive(Clone)]
pub(super) struct LoadedSuite {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
}

/// The folders of the suites that are named. One that is no suite's, and holds folders of suites, stands for those, by name.
pub(super) fn folders(named: &[PathBuf]) -> Vec<PathBuf> {
    named.iter().flat_map(|folder| within(folder).unwrap_or_else(|| vec![folder.clone()])).collect()
}

/// The folders of suites within a folder that is none itself.
fn within(folder: &Path) -> Option<Vec<PathBuf>> {
    let is_suite = |folder: &Path| SUITE_FILES.iter().any(|file| folder.join(file).symlink_metadata().is_ok());
    if is_suite(folder) {
        return None;
    }
    let entries = folder.read_dir().ok()?.filter_map(Result::ok);
    // A link may lead anywhere: to a suite twice, or out of the folder.
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut suites: Vec<PathBuf> = folders.map(|entry| entry.path()).filter(|path| is_suite(path)).collect();
    suites.sort();
    (!suites.is_empty()).then_some(suites)
}

/// Loads every suite that is named, or the shipped one. What is wrong with all of them is told at once.
pub(super) fn load_all(named: &[PathBuf]) -> Result<Vec<LoadedSuite>, Failure> {
    if named.is_empty() {
        return Ok(vec![load(None)?]);
    }
    let folders = folders(named);
    if folders.len() > Header::MOST_SUITES {
        return Err(Failure::usage(
            format!("{} suites are named, and at most {} are taken at once", folders.len(), Header::MOST_SUITES),
            "name fewer with --suite DIR, and give the others a run of their own",
        ));
    }
    let (mut loaded, mut wrong) = (Vec::<(PathBuf, LoadedSuite)>::new(), Diagnostics::default());
    for folder in folders {
        match read(Some(&folder)) {
            Ok(suite) => loaded.push((folder, suite)),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    wrong.into_result()?;
    for (index, (folder, suite)) in loaded.iter().enumerate() {
        let same = |(_, other): &&(PathBuf, LoadedSuite)| other.suite.name == suite.suite.name;
        if let Some((other, _)) = loaded.iter().take(index).find(same) {
            return Err(Failure::usage(
                format!("two suites are called {}: {} and {}", suite.suite.name, other.display(), folder.display()),
                "a report tells suites apart by name: rename one of the folders, or run them one at a time",
            ));
        }
    }
    Ok(loaded.into_iter().map(|(_, suite)| suite).collect())
}

/// Loads the one suite of a command that takes no more.
pub(super) fn load_one(named: &[PathBuf]) -> Result<LoadedSuite, Failure> {
    match folders(named).as_slice() {
        [] => load(None),
        [folder] => load(Some(folder)),
        several => Err(Failure::usage(
            format!("{} suites are named, and this command takes one", several.len()),
            "name the folder of one suite with --suite DIR",
        )),
    }
}

/// Loads the suite in a folder, or the shipped one.
pub(super) fn load(folder: Option<&Path>) -> Result<LoadedSuite, Failure> {
    Ok(read(folder)?)
}

fn read(folder: Option<&Path>) -> Result<LoadedSuite, Diagnostics> {
    let files = match folder {
        Some(folder) => SuiteFiles::read(folder)?,
        None => shipped::files(),
    };
    let package = Package::load(&files, &check::ids())?;
    Ok(LoadedSuite { suite: Arc::new(package.suite), contract: Arc::new(package.contract) })
}

/// That no case of the suites is what the filters ask for; where one of them is like a name that there is, which.
pub(super) fn no_case(all: &[LoadedSuite], filters: &[String]) -> Failure {
    let clauses = all.iter().flat_map(|loaded| loaded.contract.ids());
    let cases = all.iter().flat_map(|loaded| &loaded.suite.cases);
    let cases = cases.map(|case| (case.id.as_str(), case.file.as_str()));
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
    let names: Vec<&str> = all.iter().map(|loaded| loaded.suite.name.as_str()).collect();
    let plural = if all.len() == 1 { "" } else { "s" };
    Failure::usage(
        format!("no case of the suite{plural} {} matches {}", names.join(", "), filters.join(" or ")),
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
