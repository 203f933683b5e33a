//! A suite for Rust tests: loads it, runs it against a target, and gives the results back by id.
//!
//! ```no_run
//! use conformant::harness::{Harness, Target};
//! use conformant::suite::Inputs;
//! use conformant::verdict::Outcome;
//!
//! # fn main() -> Result<(), conformant::harness::HarnessError> {
//! let target = Target::Url("http://127.0.0.1:8080".to_owned(), Inputs::default());
//! let results = Harness::new("examples/notes".as_ref(), target)?.run(None)?;
//! for (id, result) in &results.cases {
//!     assert_eq!(result.outcome, Outcome::Conforms, "{id}: {:?}", result.findings);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `tests/conformance.rs` makes a test of each case row.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check;
use crate::contract::Contract;
use crate::http::{Client, ClientOptions};
use crate::reference;
use crate::run::{self, Filters, Options, Plan, Stop};
use crate::secret::Secrets;
use crate::shipped;
use crate::suite::{Bindings, Inputs, Package, Suite, SuiteFiles};
use crate::verdict::{CaseResult, Event, Footer};

/// What is held to the suite.
#[derive(Debug, Clone)]
pub enum Target {
    /// The embedded reference implementation, started for the run, with the values that the suite has for it.
    Reference,
    /// A server at this base URL, with these variables and secrets.
    Url(String, Inputs),
}

/// A loaded suite and its target.
#[derive(Debug)]
pub struct Harness {
    suite: Arc<Suite>,
    contract: Arc<Contract>,
    target: Target,
    ledger: Option<PathBuf>,
}

/// Everything that a run gave back.
#[derive(Debug)]
pub struct Results {
    /// By id.
    pub cases: HashMap<String, CaseResult>,
    /// The footer.
    pub footer: Footer,
}

/// Why a suite could not be loaded or run; complete text for a person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HarnessError(String);

impl HarnessError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl Harness {
    /// The suite in a folder against a target.
    ///
    /// ```
    /// use conformant::harness::{Harness, Target};
    /// use conformant::suite::Inputs;
    ///
    /// let target = Target::Url("http://127.0.0.1:8080".to_owned(), Inputs::default());
    /// let harness = Harness::new("examples/notes".as_ref(), target)?;
    /// assert!(harness.ids().contains(&"notes/text/length[longest]".to_owned()));
    /// # Ok::<(), conformant::harness::HarnessError>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the folder, the suite or its contract; the embedded reference as the target of a suite that has
    /// no values for it.
    pub fn new(folder: &Path, target: Target) -> Result<Self, HarnessError> {
        SuiteFiles::read(folder).map_err(HarnessError::new).and_then(|files| Self::load(&files, target))
    }

    /// The shipped suite against a target.
    ///
    /// # Errors
    /// What is wrong with the suite or its contract.
    pub fn shipped(target: Target) -> Result<Self, HarnessError> {
        Self::load(&shipped::files(), target)
    }

    fn load(files: &SuiteFiles, target: Target) -> Result<Self, HarnessError> {
        let package = Package::load(files, &check::ids()).map_err(HarnessError::new)?;
        if matches!(target, Target::Reference) && !package.suite.is_for_reference() {
            let message = format!("the suite {} has no values for the embedded reference", package.suite.name);
            return Err(HarnessError(message));
        }
        Ok(Self { suite: Arc::new(package.suite), contract: Arc::new(package.contract), target, ledger: None })
    }

    /// The same with a ledger of what each run may create at a URL, in a file of its own in this folder for as long as
    /// something of it may be there: `conformant cleanup` removes what a killed one left.
    #[must_use]
    pub fn with_ledger(self, folder: PathBuf) -> Self {
        Self { ledger: Some(folder), ..self }
    }

    /// The ids of all case rows, in the suite's order.
    pub fn ids(&self) -> Vec<String> {
        run::test_cases(&self.suite, &Filters::default()).map(|test_case| test_case.id).collect()
    }

    /// Runs the whole suite, or one row of it, in a runtime of its own.
    ///
    /// # Errors
    /// Where the run could not be made; nothing of it is about the target.
    pub fn run(&self, only: Option<&str>) -> Result<Results, HarnessError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(HarnessError::new)?;
        runtime.block_on(self.run_async(only))
    }

    async fn run_async(&self, only: Option<&str>) -> Result<Results, HarnessError> {
        let (base_url, given, _running) = match &self.target {
            Target::Url(url, given) => (url.trim_end_matches('/').to_owned(), given, None),
            Target::Reference => {
                let running = reference::start(reference::Options::default()).await.map_err(HarnessError::new)?;
                (format!("http://{}", running.address()), &self.suite.reference, Some(running))
            }
        };
        let mut secrets = Secrets::default();
        for (name, value) in &given.secrets {
            secrets.register(name, value.clone()).map_err(HarnessError::new)?;
        }
        self.suite.reserve(given, &mut secrets).map_err(HarnessError::new)?;
        let seed = fastrand::u64(..);
        let bindings = Bindings::new(&self.suite, given, seed).map_err(HarnessError::new)?;
        let client = Client::new(ClientOptions::default()).map_err(HarnessError::new)?;
        let mut options = Options::new(base_url, bindings, Arc::new(secrets), client, seed);
        if let (Some(folder), Target::Url(..)) = (&self.ledger, &self.target) {
            options.ledger = run::begin_ledger(folder, &self.suite, given, &options).map_err(HarnessError::new)?;
        }
        let filters = only.map_or_else(Filters::default, Filters::exactly);
        let plan = Plan { suite: Arc::clone(&self.suite), contract: Arc::clone(&self.contract), filters };
        let mut cases = HashMap::new();
        let footer = run::run(plan, options, Stop::new(), |event| {
            if let Event::Case(result) = &**event {
                cases.insert(result.id.clone(), (**result).clone());
            }
            Ok(())
        });
        let footer = footer.await.map_err(HarnessError::new)?;
        Ok(Results { cases, footer })
    }
}
