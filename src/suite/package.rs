//! A suite together with the contract that it holds targets to.

use super::clauses::Clauses;
use super::files::{A_SUITE, SUITE_FILE, SuiteFiles};
use super::load::Head;
use super::model::Suite;
use crate::contract::{AS_STATED, Contract, Examined, Operation, Polarity};
use crate::source::{Diagnostics, SourceFile, Span, did_you_mean};

/// A suite and its contract.
#[derive(Debug)]
pub struct Package {
    /// The suite.
    pub suite: Suite,
    /// The contract that it names.
    pub contract: Contract,
}

impl Package {
    /// Loads both from the files of a suite; `checks` are the names of the general checks that there are.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files, at once: what follows from another mistake alone is left out.
    pub fn load(files: &SuiteFiles, checks: &[impl AsRef<str>]) -> Result<Self, Diagnostics> {
        let checks: Vec<&str> = checks.iter().map(AsRef::as_ref).collect();
        if files.get(SUITE_FILE).is_none() {
            let shown = format!("{}/{SUITE_FILE}", files.name());
            let mut missing = SourceFile::refused(&shown, "missing: every suite has one").hinted(A_SUITE);
            missing.extend(files.left_over());
            return Err(missing);
        }
        let Head { contract: name, place, operations } = Head::of(files);
        let missing = || missing(files, &name, place);
        let examined = files.get(&name).ok_or_else(missing).and_then(|file| Contract::examine(file.clone(), files));
        let Examined { mut contract, mut mistakes, lacks_clauses } = match examined {
            Ok(examined) => examined,
            // Nobody knows what the cases may speak of.
            Err(mut unreadable) => {
                unreadable.extend(files.left_over());
                unreadable.extend(Suite::outline(files, &name));
                return Err(unreadable);
            }
        };
        if mistakes.is_empty() {
            contract.ask(&operations);
            add(&mut mistakes, contract.prepare(&operations));
        }
        // An operation that isn't there has no clauses.
        let has_all = !operations.is_empty() && operations.iter().all(|id| contract.planned(id).is_some());
        let is_sound = mistakes.is_empty() && has_all;
        // Where nothing can be derived, any clause may be a derived one.
        let lacks_clauses = lacks_clauses || (contract.extent().is_published && contract.derived().is_empty());
        add(&mut mistakes, contract.lint(&checks));
        let suite = match is_sound {
            true => Suite::load(files, &contract),
            false => Suite::load(files, &Unsound { contract: &contract, lacks_clauses }),
        };
        // What the cases send is known by now.
        mistakes.extend(files.left_over());
        match suite {
            Ok(suite) if mistakes.is_empty() => {
                if suite.states_as_stated() {
                    contract.state_as_stated();
                }
                Ok(Self { suite, contract })
            }
            Ok(_) => Err(mistakes),
            Err(wrong) => {
                mistakes.extend(wrong);
                Err(mistakes)
            }
        }
    }
}

/// That there is no file of the name that `suite.yaml` has for the contract.
fn missing(files: &SuiteFiles, name: &str, place: Option<(SourceFile, Span)>) -> Diagnostics {
    let Some((file, span)) = place else {
        let shown = format!("{}/{name}", files.name());
        return SourceFile::refused(&shown, "missing: every suite has a contract").hinted(A_SUITE);
    };
    let mut diagnostics = Diagnostics::default();
    let hint = match did_you_mean(name, files.iter().map(|(name, _)| name)) {
        Some(close) => format!("did you mean `{close}`?"),
        None => A_SUITE.to_owned(),
    };
    diagnostics.report(&file, span, format!("there is no file `{name}` in the suite's folder")).hint(hint);
    diagnostics
}

fn add(mistakes: &mut Diagnostics, found: Result<(), Diagnostics>) {
    if let Err(found) = found {
        mistakes.extend(found);
    }
}

/// A contract with mistakes, as far as it can be read.
struct Unsound<'c> {
    contract: &'c Contract,
    /// Whether any clause that a suite names may be one that can't be read.
    lacks_clauses: bool,
}

impl Clauses for Unsound<'_> {
    fn operation(&self, id: &str) -> Option<Operation> {
        self.contract.planned(id)
    }

    fn operations(&self) -> Vec<&str> {
        self.contract.planned_ids()
    }

    fn may_have(&self, method: Option<&str>, fits: &dyn Fn(&Operation) -> bool) -> bool {
        let mut planned = self.operations().into_iter().filter_map(|id| self.operation(id));
        planned.any(|operation| method.is_none_or(|method| operation.method == method) && fits(&operation))
    }

    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>> {
        let any = || vec![Polarity::Accept, Polarity::Refuse, Polarity::Hold, Polarity::Observe];
        let may_be = || self.lacks_clauses || self.contract.derived_clause(clause).is_some();
        self.contract.polarities(clause).or_else(|| may_be().then(any))
    }

    fn ids(&self) -> Vec<&str> {
        self.contract.ids().collect()
    }

    fn schema(&self, clause: &str) -> Vec<String> {
        self.contract.schema(clause)
    }

    fn is_relative(&self, clause: &str) -> bool {
        self.contract.is_relative(clause)
    }

    fn judges_answers(&self, _clause: &str) -> bool {
        true
    }

    fn have_code_place(&self) -> bool {
        self.contract.have_code_place()
    }

    fn usual(&self, operation: Option<&str>, statuses: &[u16]) -> Option<String> {
        // What is derived can't be told of a document that can't be read.
        let any = || self.lacks_clauses.then(|| AS_STATED.to_owned());
        self.contract.usual(operation, statuses).or_else(any)
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

    fn have_code_place(&self) -> bool {
        !self.catalogue().pointer().is_empty()
    }

    fn usual(&self, operation: Option<&str>, statuses: &[u16]) -> Option<String> {
        self.usual_clause(operation, statuses).map(ToString::to_string)
    }
}
