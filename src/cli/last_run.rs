//! Which cases failed in the last run, kept beside the ledgers for `--failed`.
//!
//! A run of some cases leaves what is known of the others as it is, and so does a case that came to no conclusion.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::files;
use super::options::Options;
use crate::atomic;
use crate::verdict::{CaseResult, Event, MaskedEvent};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How many cases are kept.
const CASES: usize = 100_000;
/// The target of a run that names none.
const REFERENCE: &str = "reference";

/// How many suites and targets are known.
const RUNS: usize = 100;

/// What failed of one suite against one target, and where that is kept.
pub(super) struct LastRun {
    path: PathBuf,
    known: Known,
    strict: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    suite: String,
    target: String,
    failed: BTreeSet<String>,
}

impl LastRun {
    /// What is known of the last run of this suite against the target of the options.
    pub(super) fn beside(options: &Options, suite: &str) -> Self {
        let path = folder(options).join("last-run.json");
        let target = options.target.as_ref().map_or(REFERENCE, |target| target.0.as_str());
        let none = Known { suite: suite.to_owned(), target: target.to_owned(), failed: BTreeSet::new() };
        let known = kept(&path).into_iter().find(|kept| kept.is_of(&none)).unwrap_or(none);
        Self { path, known, strict: false }
    }

    /// The ids of what failed.
    pub(super) fn failed(&self) -> &BTreeSet<String> {
        &self.known.failed
    }

    /// That nothing is known to have failed.
    pub(super) fn nothing_known(&self) -> Failure {
        Failure::usage(
            format!("{} knows of no case that failed at this target", self.path.display()),
            "run without --failed first",
        )
    }

    /// Takes the next event of a run in; keeps what is known at its end.
    pub(super) fn event(&mut self, event: &MaskedEvent) {
        match &**event {
            Event::Started(header) => self.strict = header.strict,
            Event::Case(result) => self.record(result),
            Event::Finished(_) => {
                // A run is no worse for having no place to keep this: `--failed` then says that nothing is known.
                let _ = self.keep();
            }
        }
    }

    fn record(&mut self, result: &CaseResult) {
        if result.at.is_none() {
            return;
        }
        if result.fails(self.strict) || result.is_flaky() {
            if self.known.failed.len() < CASES {
                self.known.failed.insert(result.id.clone());
            }
        } else if result.outcome.is_conclusive() {
            self.known.failed.remove(&result.id);
        }
    }

    fn keep(&self) -> std::io::Result<()> {
        // Where nothing ever failed, nothing is left behind.
        if self.known.failed.is_empty() && !self.path.exists() {
            return Ok(());
        }
        // What was run last stands last; what was run longest ago is forgotten first.
        let mut runs = kept(&self.path);
        runs.retain(|kept| !kept.is_of(&self.known));
        if !self.known.failed.is_empty() {
            runs.push(self.known.clone());
        }
        runs.drain(..runs.len().saturating_sub(RUNS));
        let text = serde_json::to_string(&runs)?;
        files::refuse_link_or_pipe(&self.path)?;
        self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
        atomic::write(&self.path, &text)
    }
}

impl Known {
    fn is_of(&self, other: &Self) -> bool {
        (&self.suite, &self.target) == (&other.suite, &other.target)
    }
}

/// What is kept of the last runs.
fn kept(path: &Path) -> Vec<Known> {
    let bytes = files::read(path, LARGEST).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The folder for what the program keeps from run to run: the one that the ledgers' folder is in.
pub(super) fn folder(options: &Options) -> PathBuf {
    let beside = options.ledger.parent().filter(|folder| !folder.as_os_str().is_empty());
    beside.unwrap_or(Path::new(".conformant")).to_owned()
}
