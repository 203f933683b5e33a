//! The operations of a suite: what of the contract its cases call.

use std::sync::Arc;

use super::request::RequestPlan;
use super::statement::Statement;
use super::template::Text;
use crate::contract::Operation;
use crate::pointer::Pointer;

/// An operation of the contract, as a suite calls it.
#[derive(Debug, Clone)]
pub struct SuiteOperation {
    /// What the contract says of it.
    pub documented: Operation,
    /// Its valid request, from which its cases depart; unmodified, it is the control.
    pub request: RequestPlan,
    /// How an accepted request is answered.
    pub accepted: Accepted,
    /// What must be true of every answer.
    pub statements: Statements,
    /// How what a request created is removed.
    pub cleanup: Option<Cleanup>,
}

impl SuiteOperation {
    /// Its `operationId` in the contract.
    pub fn id(&self) -> &str {
        &self.documented.id
    }

    /// The valid request, and those of its clean-up.
    pub(super) fn requests(&self) -> impl Iterator<Item = &RequestPlan> {
        let cleanup = self.cleanup.iter();
        let removals =
            cleanup.flat_map(|cleanup| [Some(&cleanup.request), cleanup.find.as_ref().map(|find| &find.request)]);
        std::iter::once(&self.request).chain(removals.flatten())
    }
}

/// The operations of a suite, in the order of `suite.yaml`; there is at least one.
#[derive(Debug, Clone)]
pub struct Operations {
    first: Arc<SuiteOperation>,
    others: Vec<Arc<SuiteOperation>>,
}

impl Operations {
    /// None where there are none.
    pub(super) fn new(operations: impl IntoIterator<Item = SuiteOperation>) -> Option<Self> {
        let mut all = operations.into_iter().map(Arc::new);
        Some(Self { first: all.next()?, others: all.collect() })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SuiteOperation>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The one with an `operationId`.
    pub fn get(&self, id: &str) -> Option<&Arc<SuiteOperation>> {
        self.iter().find(|operation| operation.id() == id)
    }

    /// The only one.
    pub fn only(&self) -> Option<&Arc<SuiteOperation>> {
        self.others.is_empty().then_some(&self.first)
    }

    /// The first one.
    pub fn first(&self) -> &Arc<SuiteOperation> {
        &self.first
    }

    /// The one that a request with this method and path asks for. Where none is documented there, it is one at the same path,
    /// or any, of those that make something before the others: whatever was made is to be removed.
    pub fn asked(&self, method: &str, path: &str) -> &Arc<SuiteOperation> {
        if self.others.is_empty() {
            return &self.first;
        }
        let at_path = || self.iter().filter(|operation| operation.documented.is_at(path));
        let has_method = |operation: &&Arc<SuiteOperation>| operation.documented.method == method;
        let exactly = at_path().filter(has_method).min_by_key(|operation| operation.documented.parameters());
        let makes = |operation: &&Arc<SuiteOperation>| operation.cleanup.is_some();
        exactly.or_else(|| at_path().find(makes)).or_else(|| self.iter().find(makes)).unwrap_or(&self.first)
    }
}

/// How an accepted request is answered.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The documented statuses that accept; the first is the usual one.
    pub status: Vec<u16>,
    /// The clause that another 2xx breaks.
    pub clause: String,
}

/// What must be true of answers.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Of answers with a 2xx.
    pub accepted: Vec<Statement>,
    /// Of answers with a 4xx.
    pub refused: Vec<Statement>,
}

impl Statements {
    /// Of either kind.
    pub fn all(&self) -> impl Iterator<Item = &Statement> {
        self.accepted.iter().chain(&self.refused)
    }
}

/// How a created thing is removed.
#[derive(Debug, Clone)]
pub struct Cleanup {
    /// The request; its templates see `request` and `response` of the exchange that created the thing.
    pub request: RequestPlan,
    /// Statuses that mean: gone.
    pub done: Vec<u16>,
    /// Statuses that mean: the target has no such operation.
    pub absent: Vec<u16>,
    /// How what was created is found again where the answer is not known.
    pub find: Option<Find>,
}

/// How what a request created is looked up by what was sent.
#[derive(Debug, Clone)]
pub struct Find {
    /// What is kept of a request before it is sent, by name: what the first of these gives that gives a text. They see
    /// `request`.
    pub keep: Vec<(String, Vec<Text>)>,
    /// The request that looks it up; its templates see `request` (method and path) and `kept`.
    pub request: RequestPlan,
    /// Where in the answer's body the found things are: a list, or one thing.
    pub items: Pointer,
    /// Whether one of them is what was created; sees `request`, `kept`, and the thing as `response.body`.
    pub ours: Text,
    /// Where a thing says when it was made; one that is older than the run isn't the run's.
    pub made: Option<Pointer>,
}
