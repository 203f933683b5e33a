//! What all cases of a run share.

use std::sync::Arc;

use super::remover::Remover;
use super::stop::Stop;
use super::{Options, Plan, RunError};
use crate::contract::{ClauseId, Contract, Operation};
use crate::http::Client;
use crate::ledger::Ledger;
use crate::secret::Secrets;
use crate::snapshot::Store;
use crate::suite::{Bindings, Scope, Suite};

/// What all cases of a run share.
pub(super) struct Context {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
    pub(super) operation: Arc<Operation>,
    pub(super) control_clause: ClauseId,
    pub(super) bindings: Bindings,
    /// Names and values of the suite's variables, for snapshots.
    pub(super) variables: Vec<(String, String)>,
    /// The recorded answers that the target is held to.
    pub(super) snapshots: Option<Arc<Store>>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) client: Client,
    pub(super) base_url: String,
    pub(super) seed: u64,
    /// Whether exchanges of cases without findings are recorded, too.
    pub(super) record_all: bool,
    /// How often a case, or a control, is sent again at most.
    pub(super) retries: usize,
    /// The wish to stop, which ends every wait; asked for where the ledger can't be written to.
    pub(super) stop: Stop,
    /// What the target has shown of cleaning up.
    pub(super) remover: Remover,
    /// Where what may be created is written down.
    pub(super) ledger: Option<Arc<Ledger>>,
    /// The scope of what the ledger is told, which needs nothing of a row.
    pub(super) tracing: Scope,
}

impl Context {
    /// What a plan and its options come to; loading has held the suite to name what its contract has.
    pub(super) fn new(plan: &Plan, options: &Options, stop: &Stop) -> Result<Self, RunError> {
        let operation = plan.contract.operation(&plan.suite.operation);
        let operation = operation.ok_or_else(|| RunError::NoOperation(plan.suite.operation.clone()))?;
        let control_clause = plan.contract.clause(&plan.suite.control).map(|clause| clause.id.clone());
        let control_clause = control_clause.ok_or_else(|| RunError::NoClause(plan.suite.control.clone()))?;
        let bindings = options.bindings.clone();
        Ok(Self {
            suite: Arc::clone(&plan.suite),
            contract: Arc::clone(&plan.contract),
            operation: Arc::new(operation.clone()),
            control_clause,
            variables: variables(&plan.suite, &options.bindings),
            bindings: if options.snapshots.is_some() { bindings.noting_draws() } else { bindings },
            snapshots: options.snapshots.clone(),
            secrets: Arc::clone(&options.secrets),
            client: options.client.clone(),
            base_url: options.base_url.clone(),
            seed: options.seed,
            record_all: options.record_all,
            retries: options.retries,
            stop: stop.clone(),
            remover: Remover::default(),
            ledger: options.ledger.clone(),
            tracing: Scope::new(&options.bindings, options.seed, "ledger"),
        })
    }

    /// A scope for requests that belong to no row.
    pub(super) fn scope(&self, id: &str) -> Scope {
        Scope::new(&self.bindings, self.seed, id)
    }

    /// Which of these variables and secrets were not provided.
    pub(super) fn missing<'n>(&self, needs: &'n [String]) -> Vec<&'n str> {
        needs.iter().map(String::as_str).filter(|name| !self.bindings.has(name)).collect()
    }
}

/// Names and values of a suite's variables.
fn variables(suite: &Suite, bindings: &Bindings) -> Vec<(String, String)> {
    let names = suite.variables.iter().map(|variable| &variable.name);
    names.filter_map(|name| Some((name.clone(), bindings.text(name)?))).collect()
}
