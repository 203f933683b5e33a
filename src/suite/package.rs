//! A suite together with the contract that it holds targets to.

use super::clauses::Clauses;
use super::files::{A_SUITE, SUITE_FILE, SuiteFiles};
use super::load::{asked_operation, contract_file};
use super::model::Suite;
use crate::contract::{Contract, Polarity};
use crate::source::{Diagnostics, SourceFile};

/// How many operations are named where the one that is meant isn't there.
const MOST_NAMED: usize = 20;

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
        files.left_over().into_result()?;
        contract.ask(&asked_operation(files));
        let suite = Suite::load(files, &contract)?;
        if suite.has_plain_rows() {
            contract.state_as_stated();
        }
        contract.prepare(&suite.operation)?;
        if contract.operation(&suite.operation).is_none() {
            let known: Vec<&str> = contract.operations().iter().map(|operation| operation.id.as_str()).collect();
            let more = match known.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = known.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
            let message = format!("no operation `{}`, which suite.yaml names; it has {named}{more}", suite.operation);
            return Err(SourceFile::refused(file.name(), &message));
        }
        Ok(Self { suite, contract })
    }
}

impl Clauses for Contract {
    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>> {
        self.clause(clause).map(|clause| clause.polarities.clone())
    }

    fn ids(&self) -> Vec<&str> {
        Contract::ids(self).collect()
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

    fn usual(&self, status: Option<u16>) -> Option<String> {
        self.usual_clause(status).map(ToString::to_string)
    }
}
