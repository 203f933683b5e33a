//! Against what a suite is run, and how.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::http::Client;
use crate::ledger::Ledger;
use crate::secret::Secrets;
use crate::snapshot::Store;
use crate::suite::Bindings;
use crate::verdict::Waivers;

/// How many cases are in flight at once where nobody says.
const JOBS: usize = 16;
/// How many bytes of evidence are kept where nobody says.
const EVIDENCE: usize = 8 * 1024 * 1024;

/// Per clause, by its id: the ids of the mutants that break it.
pub type Mutants = Arc<BTreeMap<String, Vec<String>>>;

/// Is told of each request in a line, masked, in the order of the results.
pub type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// Against what, and how.
pub struct Options {
    /// The target's base URL, without a `/` at its end.
    pub base_url: String,
    /// The values of variables and secrets.
    pub bindings: Bindings,
    /// What must not come out.
    pub secrets: Arc<Secrets>,
    /// The client.
    pub client: Client,
    /// How many cases are in flight at once.
    pub jobs: usize,
    /// The seed of every generated value.
    pub seed: u64,
    /// Whether deviations count as violations.
    pub strict: bool,
    /// Whether exchanges of cases without findings are recorded, too.
    pub record_all: bool,
    /// How many bytes of exchanges are recorded in all: what has no room is counted.
    pub max_evidence: usize,
    /// After which no further case is begun.
    pub max_time: Option<Duration>,
    /// After how many cases that fail no further one is begun.
    pub max_violations: Option<usize>,
    /// How many cases of the suites before this one have failed.
    pub failed_before: usize,
    /// Where the run has several suites: the names of all, in the order of the run.
    pub suites: Vec<String>,
    /// How often a case is sent again at most where it is answered 429, 502, 503 or 504.
    pub retries: usize,
    /// Whether a case that passed only when it was sent again passes the gate.
    pub allow_flaky: bool,
    /// Known violations.
    pub waivers: Waivers,
    /// The recorded answers that the target is held to; none where it is held to none.
    pub snapshots: Option<Arc<Store>>,
    /// What all shards of this run have in common; may be empty for a run that isn't told of.
    pub run: String,
    /// Per clause: the mutants that are known to break it.
    pub mutants: Mutants,
    /// Where what may be created is written down before it is; without one, a killed run can't be cleaned up after.
    pub ledger: Option<Arc<Ledger>>,
    /// Who wants to see each request.
    pub trace: Option<Trace>,
}

impl Options {
    /// Against this target with these values, and nothing special otherwise: sixteen cases at once, as long as it takes.
    pub fn new(base_url: String, bindings: Bindings, secrets: Arc<Secrets>, client: Client, seed: u64) -> Self {
        Self {
            base_url,
            bindings: bindings.keeping(Arc::clone(&secrets)),
            secrets,
            client,
            jobs: JOBS,
            seed,
            strict: false,
            retries: 0,
            allow_flaky: false,
            record_all: false,
            max_evidence: EVIDENCE,
            max_time: None,
            max_violations: None,
            failed_before: 0,
            suites: Vec::new(),
            waivers: Waivers::default(),
            snapshots: None,
            run: String::new(),
            mutants: Mutants::default(),
            ledger: None,
            trace: None,
        }
    }
}
