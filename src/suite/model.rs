//! A loaded suite. Everything in it is checked: an unknown clause, a bad pointer or a template that doesn't compile never
//! gets this far.

use std::sync::Arc;

use secrecy::SecretString;

use super::case::Case;
use super::request::{NamedText, Override, RequestPlan};
use super::rows::Row;
use super::snapshot::SnapshotPlan;
use super::statement::Statement;
use super::template::Text;
use crate::pointer::Pointer;

/// A folder of case files with its valid request, ready to be planned and run.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The folder's name; the first part of every row's id.
    pub name: String,
    /// For people.
    pub title: String,
    /// The file that all cases share, as messages show it.
    pub file: String,
    /// The contract's file name, beside `suite.yaml`.
    pub contract: String,
    /// The `operationId` in the contract that the valid request calls.
    pub operation: String,
    /// In the order of `suite.yaml`; a default may use the variables before it.
    pub variables: Vec<Variable>,
    /// In the order of `suite.yaml`.
    pub secrets: Vec<Variable>,
    /// What is given when the embedded reference server is the target.
    pub reference: Inputs,
    /// The valid request that every case departs from; unmodified, it is the control.
    pub request: RequestPlan,
    /// How an accepted request is answered.
    pub accepted: Accepted,
    /// The clause that is broken when the same valid request is once accepted and once refused.
    pub control: String,
    /// Ambiguous clauses whose readings exclude each other, each with the clause that more than one of them breaks.
    pub consistent: Vec<(String, String)>,
    /// What must be true of every answer to the operation.
    pub statements: Statements,
    /// Requests by which a run finds out what a target is like, in the order of `suite.yaml`.
    pub probes: Vec<Probe>,
    /// How what a request created is removed.
    pub cleanup: Option<Cleanup>,
    /// What snapshots show and what of it varies.
    pub snapshots: SnapshotPlan,
    /// Those that judge requests first, the rest builds on them; each in the order of file names, then of each file.
    pub cases: Vec<Arc<Case>>,
    /// SHA-256, hex, over all names and contents of the suite's files, sorted by name.
    pub digest: String,
}

impl Suite {
    /// The number of rows of all cases: what a full run judges.
    pub fn rows(&self) -> u64 {
        self.cases.iter().map(|case| case.rows.len()).sum()
    }

    /// Every path of its requests, but for those of its clean-up.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Text> {
        let overrides = self.overrides().filter_map(|(_, overrides)| overrides.path.as_ref());
        std::iter::once(&self.request.path).chain(overrides)
    }

    /// What sets the header `Host`, for a message: nothing where a client makes it of the target's URL.
    pub fn setter_of_host(&self) -> Option<String> {
        let sets = |headers: &[NamedText]| headers.iter().any(|header| header.name.eq_ignore_ascii_case("host"));
        let cleanup = self.cleanup.as_ref().map(|cleanup| &cleanup.request);
        let find = self.cleanup.as_ref().and_then(|cleanup| cleanup.find.as_ref()).map(|find| &find.request);
        let own = [Some(&self.request), cleanup, find].into_iter().flatten().find(|plan| sets(&plan.headers));
        let overrides = || self.overrides().find(|(_, overrides)| sets(&overrides.headers)).map(|(what, _)| what);
        own.map(|_| self.file.clone()).or_else(overrides)
    }

    /// How the requests of its probes and cases differ from the valid one, each with the place where that stands.
    fn overrides(&self) -> impl Iterator<Item = (String, &Override)> {
        let probes = self.probes.iter().map(|probe| (self.file.clone(), &probe.overrides));
        let cases = self
            .cases
            .iter()
            .flat_map(|case| case.steps.iter().map(|step| (format!("{}:{}", case.file, step.line), &step.overrides)));
        probes.chain(cases)
    }

    /// Whether it has values for the embedded reference, which is to say that it is about its API.
    pub fn is_for_reference(&self) -> bool {
        !(self.reference.secrets.is_empty() && self.reference.variables.is_empty())
    }

    /// Whether a row of a case names no clause, and is judged as stated.
    pub fn has_plain_rows(&self) -> bool {
        let is_plain = |case: &Arc<Case>| {
            case.rows.iter().any(|row| {
                (0..case.steps.len())
                    .flat_map(|step| case.covers_of(&row, step))
                    .any(|cover| cover.clause == crate::contract::AS_STATED)
            })
        };
        self.cases.iter().filter(|case| case.is_plain).any(is_plain)
    }

    /// The id of one row of a case: `connections/name/max-length[at]`, without brackets where the case has no table.
    pub fn row_id(&self, case: &Case, row: &Row) -> String {
        match &row.id {
            Some(id) => format!("{}/{}[{id}]", self.name, case.id),
            None => format!("{}/{}", self.name, case.id),
        }
    }
}

/// A named value that a run is given.
#[derive(Debug, Clone)]
pub struct Variable {
    /// How templates and the command line call it.
    pub name: String,
    /// Its value where none is given.
    pub default: Option<Text>,
    /// Whether a run can do without it; cases that need it are then skipped.
    pub optional: bool,
    /// For people: what it is.
    pub about: Option<String>,
}

/// A request that a run sends before the cases, to find out whether the target accepts it. Both are right.
#[derive(Debug, Clone)]
pub struct Probe {
    /// How cases and templates call it.
    pub name: String,
    /// For people: what it tries.
    pub title: String,
    /// How it differs from the valid request.
    pub overrides: Override,
    /// Why a case that needs it isn't tested where it is refused.
    pub otherwise: String,
}

/// Values for variables and secrets.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Name and value.
    pub variables: Vec<(String, String)>,
    /// Name and value; never shown by `Debug`.
    pub secrets: Vec<(String, SecretString)>,
}

/// How an accepted request is answered.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The one documented 2xx.
    pub status: u16,
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
