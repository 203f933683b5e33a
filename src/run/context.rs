//! What all cases of a run share.

use std::sync::Arc;

use super::remover::Remover;
use super::stop::Stop;
use crate::contract::{ClauseId, Contract, Operation};
use crate::http::Client;
use crate::ledger::Ledger;
use crate::secret::Secrets;
use crate::suite::{Bindings, Scope, Suite};

/// What all cases of a run share.
pub(super) struct Context {
    pub(super) suite: Arc<Suite>,
    pub(super) contract: Arc<Contract>,
    pub(super) operation: Arc<Operation>,
    pub(super) control_clause: ClauseId,
    pub(super) bindings: Bindings,
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
    /// A scope for requests that belong to no row.
    pub(super) fn scope(&self, id: &str) -> Scope {
        Scope::new(&self.bindings, self.seed, id)
    }

    /// Which of these variables and secrets were not provided.
    pub(super) fn missing<'n>(&self, needs: &'n [String]) -> Vec<&'n str> {
        needs.iter().map(String::as_str).filter(|name| !self.bindings.has(name)).collect()
    }
}
