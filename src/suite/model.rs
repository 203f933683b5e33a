//! A loaded suite. Everything in it is checked: an unknown clause, a bad pointer or a template that doesn't compile never
//! gets this far.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;

use super::case::Case;
use super::obtain::Obtain;
use super::operation::{Operations, Resource, SuiteOperation};
use super::request::{NamedValue, Override, PathChange};
use super::rows::Row;
use super::snapshot::SnapshotPlan;
use super::taken::{Captured, TakenFrom};
use super::template::Text;
use crate::contract::AS_STATED;
use crate::secret::{SecretError, Secrets};

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
    /// In the order of `suite.yaml`; a default may use the variables before it.
    pub variables: Vec<Variable>,
    /// In the order of `suite.yaml`.
    pub secrets: Vec<Variable>,
    /// What is given when the embedded reference server is the target.
    pub reference: Inputs,
    /// What its cases call.
    pub operations: Operations,
    /// What can be made for a case; what needs another one comes after it.
    pub resources: Vec<Arc<Resource>>,
    /// Those among them, in their order, that are made once and that all cases share.
    pub before: Vec<Arc<Resource>>,
    /// The clause that is broken when the same valid request is once accepted and once refused.
    pub control: String,
    /// Ambiguous clauses whose readings exclude each other, each with the clause that more than one of them breaks.
    pub consistent: Vec<(String, String)>,
    /// Requests by which a run finds out what a target is like, in the order of `suite.yaml`.
    pub probes: Vec<Probe>,
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

    /// Every path that its cases and probes write out.
    pub(super) fn written_paths(&self) -> impl Iterator<Item = &Text> {
        self.overrides().filter_map(|(_, overrides)| match &overrides.path {
            Some(PathChange::Written(path)) => Some(path),
            Some(PathChange::Parameters(_)) | None => None,
        })
    }

    /// What sets the header `Host`, for a message: nothing where a client makes it of the target's URL.
    pub fn setter_of_host(&self) -> Option<String> {
        let sets = |headers: &[NamedValue]| headers.iter().any(|header| header.name.eq_ignore_ascii_case("host"));
        let logins = self.secrets.iter().filter_map(|secret| Some(&secret.obtain.as_ref()?.request));
        let requests = self.operations.iter().flat_map(|operation| operation.requests()).chain(logins);
        let own = requests.into_iter().find(|plan| sets(&plan.headers));
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

    /// The secrets that are obtained where this is given.
    fn to_obtain<'s>(&'s self, given: &'s Inputs) -> impl Iterator<Item = &'s Variable> {
        let is_given = |secret: &Variable| given.secrets.iter().any(|(name, _)| *name == secret.name);
        self.secrets.iter().filter(move |secret| secret.obtain.is_some() && !is_given(secret))
    }

    /// Where answers have secrets, each once.
    pub fn captured(&self) -> Vec<Captured> {
        let of = |name: &str, operation: &SuiteOperation, places: &[TakenFrom]| -> Vec<Captured> {
            let (name, operation) = (name.to_owned(), operation.id().to_owned());
            let place =
                |place: &TakenFrom| Captured { place: place.clone(), name: name.clone(), operation: operation.clone() };
            places.iter().map(place).collect()
        };
        let resources =
            self.resources.iter().flat_map(|resource| of(&resource.name, &resource.make, &resource.secrets));
        let steps = self.cases.iter().flat_map(|case| &case.steps);
        let saved = steps.filter_map(|step| Some(of(step.save.as_deref()?, &step.operation, &step.secrets))).flatten();
        let mut captured: Vec<Captured> = Vec::new();
        for one in resources.chain(saved) {
            if !captured.contains(&one) {
                captured.push(one);
            }
        }
        captured
    }

    /// The names of the secrets whose values come with answers, where this is given.
    ///
    /// # Errors
    /// One is no name for a secret, or that of another one.
    pub fn reserve(&self, given: &Inputs, secrets: &mut Secrets) -> Result<(), SecretError> {
        for secret in self.to_obtain(given) {
            secrets.reserve(&secret.name)?;
        }
        let names: BTreeSet<String> = self.captured().into_iter().map(|captured| captured.name).collect();
        names.iter().try_for_each(|name| secrets.reserve_captured(name))
    }

    /// Whether it has a variable or secret of this name without a value of its own.
    pub fn lacks(&self, name: &str) -> bool {
        self.variables.iter().chain(&self.secrets).any(|one| one.name == name && one.default.is_none())
    }

    /// Whether secrets are sent where this variable says.
    pub fn is_origin(&self, variable: &str) -> bool {
        let origins = self.secrets.iter().filter_map(|secret| secret.obtain.as_ref()?.origin.as_deref());
        origins.into_iter().any(|origin| origin == variable)
    }

    /// Whether it has values for the embedded reference, which is to say that it is about its API.
    pub fn is_for_reference(&self) -> bool {
        !(self.reference.secrets.is_empty() && self.reference.variables.is_empty())
    }

    /// Whether something is judged as stated, for it names no clause: a row of a case, or how an operation is accepted.
    pub fn states_as_stated(&self) -> bool {
        if self.operations.iter().any(|operation| operation.accepted.clause == AS_STATED) {
            return true;
        }
        let is_plain = |case: &Arc<Case>| {
            case.rows.iter().any(|row| {
                (0..case.steps.len()).flat_map(|step| case.covers_of(&row, step)).any(|cover| cover.clause == AS_STATED)
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
    /// How a secret is obtained for which nobody gives a value.
    pub obtain: Option<Arc<Obtain>>,
}

/// A request that a run sends before the cases, to find out whether the target accepts it. Both are right.
#[derive(Debug, Clone)]
pub struct Probe {
    /// How cases and templates call it.
    pub name: String,
    /// For people: what it tries.
    pub title: String,
    /// The operation that it calls.
    pub operation: Arc<SuiteOperation>,
    /// What is made for it, in this order.
    pub given: Vec<Arc<Resource>>,
    /// How it differs from the operation's valid request.
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
