//! A suite together with the contract that it holds targets to.

use super::clauses::Clauses;
use super::files::{A_SUITE, SUITE_FILE, SuiteFiles};
use super::load::{contract_file, named_operations};
use super::model::Suite;
use crate::contract::{Contract, Operation, Polarity};
use crate::source::{Diagnostics, SourceFile};

/// A suite and its contract.
#[derive(Debug)]
pub struct Package {
    /// The suite.
    pub suite: Suite,
    /// The contract that it names.
    pub contract: Contract,
}

impl Package {
    /// Loads both from the files of a suite.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files; where the contract is broken, the suite's files are not judged,
    /// for they would be full of unknown clauses.
    pub fn load(files: &SuiteFiles) -> Result<Self, Diagnostics> {
        if files.get(SUITE_FILE).is_none() {
            let shown = format!("{}/{SUITE_FILE}", files.name());
            let mut missing = SourceFile::refused(&shown, "missing: every suite has one").hinted(A_SUITE);
            missing.extend(files.left_over());
            return Err(missing);
        }
        let name = contract_file(files);
        let shown = format!("{}/{name}", files.name());
        let file = files
            .get(&name)
            .ok_or_else(|| SourceFile::refused(&shown, "missing: suite.yaml names it").hinted(A_SUITE))?;
        let mut contract = Contract::load_with(file.clone(), files)?;
        contract.prepare(&named_operations(files))?;
        let suite = Suite::load(files, &contract);
        // What the cases send is known by now.
        files.left_over().into_result()?;
        let suite = suite?;
        if suite.states_as_stated() {
            contract.state_as_stated();
        }
        Ok(Self { suite, contract })
    }
}

impl Clauses for Contract {
    fn operation(&self, id: &str) -> Option<Operation> {
        Contract::operation(self, id).cloned()
    }

    fn operations(&self) -> Vec<&str> {
        Contract::operations(self).iter().map(|operation| operation.id.as_str()).collect()
    }

    fn may_have(&self, method: Option<&str>, fits: &dyn Fn(&Operation) -> bool) -> bool {
        let has_method = |operation: &Operation| method.is_none_or(|method| operation.method == method);
        Contract::operations(self).iter().any(|operation| has_method(operation) && fits(operation))
    }

    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>> {
        self.clause(clause).map(|clause| clause.polarities.clone())
    }

    fn ids(&self) -> Vec<&str> {
        self.clauses().iter().map(|clause| clause.id.as_str()).collect()
    }

    fn schema(&self, clause: &str) -> Vec<String> {
        self.clause(clause).map(|clause| clause.schema.clone()).unwrap_or_default()
    }

    fn is_relative(&self, clause: &str) -> bool {
        self.clause(clause).is_some_and(|clause| clause.relative)
    }

    fn judges_answers(&self, clause: &str) -> bool {
        self.clause(clause).is_some_and(|clause| self.is_held_against_answers(clause))
    }
}
