//! The contract: an OpenAPI 3.1 document with clauses, error codes and checks in `x-` extensions, loaded and compiled.
//!
//! Owns what the documentation says: the operations, what may be answered with which status, which clause stands for
//! which schema keyword, and the catalogue of error codes. Judges a value against a schema and no more: what an answer
//! as a whole is worth is for the checks. Reads no file and no network; a reference that leads out of the document is
//! refused.

mod alternatives;
mod application;
mod body_schema;
mod catalogue;
mod clause;
mod clause_of;
mod clauses;
mod compiler;
mod document;
mod fragment;
mod keys;
mod keywords;
mod lint;
mod mistake;
mod openapi;
mod operation;
mod parts;
mod pattern_keyword;
mod soundness;
mod survey;
mod validator;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::pointer::{self, Pointer};
use crate::source::{Diagnostics, SourceFile};

pub use body_schema::{BodySchema, MOST_VALUES, MOST_VIOLATIONS, SchemaViolation};
pub use catalogue::{Catalogue, ErrorCode};
pub use clause::{AS_STATED, Clause, ClauseId, Level, Polarity};
pub use operation::{HeaderSpec, Operation, ResponseSpec};
pub use pattern_keyword::undecided;

use compiler::Compiler;
use document::SourceDocument;
use keys::CONTRACT;
use mistake::Mistake;
use openapi::{OpenApi, OperationPlan};
use parts::Parts;
use survey::Survey;

/// The documented API that targets are held to.
#[derive(Debug)]
pub struct Contract {
    title: String,
    operations: Vec<Operation>,
    clauses: Vec<Clause>,
    catalogue: Catalogue,
    checks: BTreeMap<String, ClauseId>,
    document: SourceDocument,
    lint: LintInput,
}

/// What the lint needs besides.
#[derive(Debug)]
struct LintInput {
    survey: Survey,
    plans: Vec<OperationPlan>,
    doubts: Vec<Mistake>,
    extensions: Diagnostics,
    /// The schemas of answers, walked when somebody first asks.
    answers: OnceLock<Survey>,
}

impl Contract {
    /// Loads a contract from the text of a file; the name is for messages only.
    ///
    /// # Errors
    /// Everything that makes the contract unusable, all at once and each at its place: bad YAML, unknown keys, another
    /// OpenAPI than 3.1, references that lead out of the document, to nothing or round in a circle, unsound schemas,
    /// clauses that can't be read or that something names and nobody states.
    pub fn load(file: &str, text: &str) -> Result<Self, Diagnostics> {
        let document = SourceDocument::read(SourceFile::new(file, text))?;
        let (mut diagnostics, extensions) = document.checked(&CONTRACT);
        let mut parts = Parts::new(document.value());
        let mut survey = Survey::default();
        let mut openapi = OpenApi { parts: &mut parts, survey: &mut survey, roots: Vec::new() };
        let title = openapi.frame();
        let plans = openapi.operations();
        let roots = openapi.roots;
        let clauses = clauses::clauses(&mut parts);
        let checks = clauses::checks(&mut parts, &clauses);
        let catalogue = clauses::catalogue(&mut parts, &clauses);

        let Parts { mut mistakes, mut doubts, .. } = parts;
        mistakes.extend(survey.mistakes.iter().cloned());
        doubts.extend(survey.doubts.iter().cloned());
        if survey.mistakes.is_empty() {
            let endless = survey.endless();
            mistakes.extend(if endless.is_empty() { survey.exponential() } else { endless });
        }
        mistakes.extend(soundness::mistakes(document.value(), &survey, &roots));

        let mut operations = Vec::new();
        if mistakes.is_empty() && diagnostics.is_empty() {
            let compiler = Compiler::new(document.value(), &clauses, &checks);
            for plan in &plans {
                match compiler.operation(plan) {
                    Ok(operation) => operations.push(operation),
                    Err(mistake) => mistakes.push(mistake),
                }
            }
        }
        diagnostics.extend(document.diagnostics(mistakes));
        match title {
            Some(title) if diagnostics.is_empty() => {
                let lint = LintInput { survey, plans, doubts, extensions, answers: OnceLock::new() };
                Ok(Self { title, operations, clauses, catalogue, checks, document, lint })
            }
            _ => Err(diagnostics),
        }
    }

    /// What can be proven of the contract without a target; `checks` are the names of the general checks that there
    /// are.
    ///
    /// # Errors
    /// All of these, each at its place: a schema keyword that no clause, or more than one, stands for; a clause that
    /// stands for something that is no keyword; a clause without polarity, or untestable without a reason; an unknown
    /// check, schema keyword or extension; a response without a schema; a schema that judges nothing.
    pub fn lint(&self, checks: &[&str]) -> Result<(), Diagnostics> {
        let value = self.document.value();
        let resolves = |pointer: &str| Pointer::parse(pointer).is_ok() && value.pointer(pointer).is_some();
        let LintInput { survey, plans, doubts, extensions, answers: _ } = &self.lint;
        let mut mistakes = lint::mistakes(survey, &self.clauses, self.checks.keys(), plans, resolves, checks);
        mistakes.extend(doubts.iter().cloned());
        let mut diagnostics = self.document.diagnostics(mistakes);
        diagnostics.extend(extensions.clone());
        diagnostics.into_result()
    }

    /// The API's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The documented operations, in the contract's order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with an `operationId`.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// All clauses, in the contract's order.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The clause with an id.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id.as_str() == id)
    }

    /// States the clause that a case is about which names none, unless the document states it in its own words.
    pub(crate) fn state_as_stated(&mut self) {
        if self.clause(AS_STATED).is_none() {
            self.clauses.extend(Clause::as_stated());
        }
    }

    /// Whether a check, or a schema keyword of an answer, is about a clause.
    pub(crate) fn is_held_against_answers(&self, clause: &Clause) -> bool {
        let is_answered = |keyword: &String| self.answers().keywords.contains_key(keyword);
        self.checks.values().any(|checked| *checked == clause.id) || clause.schema.iter().any(is_answered)
    }

    fn answers(&self) -> &Survey {
        self.lint.answers.get_or_init(|| {
            let (document, mut survey) = (self.document.value(), Survey::default());
            for response in self.lint.plans.iter().flat_map(|plan| plan.responses.values()) {
                for header in &response.headers {
                    survey.keywords.insert(pointer::join(&header.pointer, "required"), true);
                }
                let headers = response.headers.iter().filter_map(|header| header.schema.as_deref());
                headers.chain(response.schema.as_deref()).for_each(|schema| survey.schema(document, schema, true));
            }
            survey
        })
    }

    /// The documented error codes.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The clause that a general check is about; nothing where the contract doesn't name the check.
    #[must_use]
    pub fn check_clause(&self, check: &str) -> Option<&ClauseId> {
        self.checks.get(check)
    }
}

#[cfg(test)]
mod tests;
