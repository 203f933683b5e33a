//! The operations whose cases can't be run: where its valid request is refused, no refusal by it proves anything, nor does what
//! is built on it.

use crate::suite::{Case, SuiteOperation};

/// Operations by their ids, each with the reason.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<(String, String)>);

impl Blocks {
    /// Notes that an operation is blocked.
    pub(super) fn add(&mut self, operation: &SuiteOperation, why: String) {
        self.0.push((operation.id().to_owned(), why));
    }

    /// Notes that an operation is blocked for the same reason as the one before.
    pub(super) fn add_as_before(&mut self, operation: &SuiteOperation) {
        if let Some((_, why)) = self.0.last().cloned() {
            self.add(operation, why);
        }
    }

    /// Whether an operation is blocked.
    pub(super) fn has(&self, operation: &SuiteOperation) -> bool {
        self.0.iter().any(|(blocked, _)| blocked == operation.id())
    }

    /// Why a case can't be run, if it can't.
    pub(super) fn of(&self, case: &Case) -> Option<&str> {
        let why = |id: &str| self.0.iter().find(|(blocked, _)| blocked == id).map(|(_, why)| why.as_str());
        case.steps.iter().find_map(|step| why(step.operation.id()))
    }

    /// Whether nothing is blocked.
    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }
}
