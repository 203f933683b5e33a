//! What all cases of a run share, and the connections of those that one worker runs.

use std::ops::Deref;
use std::sync::Arc;

use super::cleanup::remove::Remover;
use super::error::RunError;
use super::options::Options;
use super::plan::Plan;
use super::stop::Stop;
use super::unanswered::Unanswered;
use crate::contract::{ClauseId, Contract, Operation};
use crate::http::{Client, Request};
use crate::suite::{Bindings, Override, RenderError, Row, Scope, Suite, render_request};

/// What a case needs besides itself. Cheap to clone.
#[derive(Clone)]
pub(super) struct Context {
    shared: Arc<Shared>,
    /// Sends requests, on connections that no other worker uses.
    pub(super) client: Client,
}

/// What all cases of a run share.
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) options: Options,
    pub(super) operation: Operation,
    /// The clause that is broken where equal requests get unequal answers.
    pub(super) control_clause: ClauseId,
    /// Names and values of the suite's variables, for snapshots.
    pub(super) variables: Vec<(String, String)>,
    /// The wish to stop, which ends every wait; asked for where the ledger can't be written to.
    pub(super) stop: Stop,
    /// What was closed on without an answer.
    pub(super) unanswered: Unanswered,
    /// What the target has shown of cleaning up.
    pub(super) remover: Remover,
    /// The scope of what the ledger is told, which needs nothing of a row.
    pub(super) ledger_scope: Scope,
}

impl Context {
    /// What a plan and its options come to; loading has held the suite to name what its contract has.
    pub(super) fn new(plan: Plan, mut options: Options, stop: &Stop) -> Result<Self, RunError> {
        let operation = plan.contract.operation(&plan.suite.operation).cloned();
        let operation = operation.ok_or_else(|| RunError::NoOperation(plan.suite.operation.clone()))?;
        let control_clause = plan.contract.clause(&plan.suite.control).map(|clause| clause.id.clone());
        let control_clause = control_clause.ok_or_else(|| RunError::NoClause(plan.suite.control.clone()))?;
        let ledger_scope = Scope::new(&options.bindings, options.seed, "ledger");
        if options.snapshots.is_some() {
            options.bindings = options.bindings.noting_draws();
        }
        let client = options.client.clone();
        let shared = Shared {
            operation,
            control_clause,
            variables: variables(&plan.suite, &options.bindings),
            stop: stop.clone(),
            unanswered: Unanswered::default(),
            remover: Remover::default(),
            ledger_scope,
            plan,
            options,
        };
        Ok(Self { shared: Arc::new(shared), client })
    }

    /// The same for another worker, which opens connections of its own.
    pub(super) fn apart(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), client: self.client.apart() }
    }
}

impl Deref for Context {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Shared {
    pub(super) fn suite(&self) -> &Suite {
        &self.plan.suite
    }

    pub(super) fn contract(&self) -> &Contract {
        &self.plan.contract
    }

    /// The scope of a row, whose generated values follow from this id.
    pub(super) fn scope(&self, id: &str, row: &Row) -> Result<Scope, RenderError> {
        Scope::for_row(&self.options.bindings, self.options.seed, id, row)
    }

    /// The valid request with these overrides.
    pub(super) fn request(&self, overrides: &Override, scope: &Scope) -> Result<Request, RenderError> {
        render_request(&self.suite().request, overrides, scope, &self.options.base_url)
    }

    /// Which of these variables and secrets were not provided.
    pub(super) fn missing<'n>(&self, needs: &'n [String]) -> Vec<&'n str> {
        needs.iter().map(String::as_str).filter(|name| !self.options.bindings.has(name)).collect()
    }
}

/// Names and values of a suite's variables.
fn variables(suite: &Suite, bindings: &Bindings) -> Vec<(String, String)> {
    let names = suite.variables.iter().map(|variable| &variable.name);
    names.filter_map(|name| Some((name.clone(), bindings.text(name)?))).collect()
}
