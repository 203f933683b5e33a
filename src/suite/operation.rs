//! The operations of a suite: what of the contract its cases call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::Value;

use super::error::RenderError;
use super::request::{FieldValue, Override, RequestPlan};
use super::saved::Saved;
use super::scope::{MADE, Scope};
use super::statement::Statement;
use super::taken::TakenFrom;
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
    /// The resources that its statements name.
    pub(super) named: BTreeSet<String>,
    /// What is made for its valid request, in this order.
    pub given: Vec<Arc<Resource>>,
}

impl SuiteOperation {
    /// The resources, among these, without which a departure from its valid request can't be made or judged.
    pub(super) fn needed(&self, overrides: &Override, resources: &[Arc<Resource>]) -> BTreeSet<String> {
        let names = resources.iter().map(|resource| resource.name.clone()).collect();
        needed(&self.request, overrides, &names).chain(self.named.iter().cloned()).collect()
    }

    /// Its `operationId` in the contract.
    pub fn id(&self) -> &str {
        &self.documented.id
    }

    /// What departures from its valid request are read by: what is documented, and that request.
    pub(super) fn valid(&self) -> (&Operation, &RequestPlan) {
        (&self.documented, &self.request)
    }

    /// The valid request, and those of its clean-up.
    pub(super) fn requests(&self) -> impl Iterator<Item = &RequestPlan> {
        let cleanup = self.cleanup.iter();
        let removals =
            cleanup.flat_map(|cleanup| [Some(&cleanup.request), cleanup.find.as_ref().map(|find| &find.request)]);
        std::iter::once(&self.request).chain(removals.flatten())
    }
}

/// The names of resources that what is left of a valid request needs.
pub(super) fn needed<'a>(
    request: &'a RequestPlan,
    overrides: &'a Override,
    resources: &'a BTreeSet<String>,
) -> impl Iterator<Item = String> {
    request.names(overrides).filter(|name| resources.contains(*name)).map(str::to_owned)
}

/// Something that a case needs to be there, and that is made for it: by an operation, and removed after it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// How templates call it: `{{ pet.id }}` is its id, `pet.made` the exchange that made it.
    pub name: String,
    /// The operation that makes it.
    pub make: Arc<SuiteOperation>,
    /// How that is asked for, besides its valid request.
    pub with: Override,
    /// Its id; sees `made`, the exchange that made it.
    pub id: Text,
    /// Where the answer that makes it has secrets.
    pub secrets: Vec<TakenFrom>,
    /// The operation that removes it, where it isn't the suite's clean-up of the one that makes it.
    pub remove: Option<String>,
    /// What has to be made before it.
    pub(super) needs: BTreeSet<String>,
}

impl Resource {
    /// A scope that has it, under this name, as this exchange made it.
    ///
    /// # Errors
    /// The answer doesn't give its id.
    pub fn made(&self, name: &str, scope: &Scope, exchange: &Saved) -> Result<Scope, RenderError> {
        having(scope, name, &self.id, exchange)
    }

    /// Those among these resources, in their order, that have these names or are needed by them.
    pub fn all_of(resources: &[Arc<Self>], mut needed: BTreeSet<String>) -> Vec<Arc<Self>> {
        let mut all: Vec<Arc<Self>> = Vec::new();
        for resource in resources.iter().rev() {
            if needed.contains(&resource.name) {
                needed.extend(resource.needs.iter().cloned());
                all.push(Arc::clone(resource));
            }
        }
        all.reverse();
        all
    }
}

/// A scope in which a name stands for what an exchange made.
fn having(scope: &Scope, name: &str, id: &Text, exchange: &Saved) -> Result<Scope, RenderError> {
    let made = Value::from(BTreeMap::from([("request", exchange.request()), ("response", exchange.response())]));
    let of_made = scope.with_value(MADE, made.clone());
    let value = id.value(&of_made)?;
    if value.is_none() || value.is_undefined() {
        // Written as a text, it would name something else.
        return Err(RenderError::unsendable("its id is null"));
    }
    if id.text(&of_made)?.is_empty() {
        return Err(RenderError::unsendable("its id is empty"));
    }
    let resource = BTreeMap::from([("id", value), (MADE, made)]);
    Ok(scope.with_value(name, Value::from(resource)))
}

/// The operations of a suite, in the order of `suite.yaml`; there is at least one.
#[derive(Debug, Clone)]
pub struct Operations {
    first: Arc<SuiteOperation>,
    others: Vec<Arc<SuiteOperation>>,
}

impl Operations {
    /// None where there are none.
    pub(super) fn new(operations: impl IntoIterator<Item = Arc<SuiteOperation>>) -> Option<Self> {
        let mut all = operations.into_iter();
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

    /// The only one of a suite.
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
        let exactly = at_path().filter(has_method).min_by_key(|operation| operation.documented.path_parameters());
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
    /// Of answers that accept the request.
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
    /// The resource as which the request knows what was created, if it does.
    pub thing: Option<Thing>,
}

/// What an exchange created, as the request of a documented operation knows it that removes it.
#[derive(Debug, Clone)]
pub struct Thing {
    /// The resource's name.
    pub(super) name: String,
    /// Its id; sees `made`.
    pub(super) id: Text,
    /// The operation that makes it.
    pub(super) make: Operation,
}

impl Thing {
    /// The scope that the removal is rendered in; `scope` judges the exchange that created it.
    pub(super) fn scope(&self, scope: &Scope) -> Result<Scope, RenderError> {
        match scope.exchange() {
            Some(exchange) => having(scope, &self.name, &self.id, exchange),
            None => Ok(scope.clone()),
        }
    }

    /// Parameters that its path has in common with the path at which it was made: what that is below is still there.
    pub(super) fn parameters(&self, path: &str) -> Vec<(String, FieldValue)> {
        let named = self.make.parameters_of(path);
        let value = |(name, value): (&str, String)| (name.to_owned(), FieldValue::One(Text::literal(value)));
        named.into_iter().map(value).collect()
    }
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
