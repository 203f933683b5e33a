//! The contract: an OpenAPI 3.1 document with clauses, error codes and checks in `x-` extensions, loaded and compiled.
//!
//! Owns what the documentation says: the operations, what may be answered with which status, which clause stands for
//! which schema keyword, and the catalogue of error codes. Judges a value against a schema and no more: what an answer
//! as a whole is worth is for the checks. Reads no file and no network; a reference that leads out of the document is
//! refused.

mod alternatives;
mod body_schema;
mod catalogue;
mod clause;
mod clauses;
mod document;
mod fault;
mod fragment;
mod keywords;
mod lint;
mod openapi;
mod operation;
mod reader;
mod soundness;
mod survey;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::pointer::{self, Pointer};
use crate::source::{Diagnostics, SourceFile};

pub use body_schema::{BodySchema, MOST_VALUES, MOST_VIOLATIONS, SchemaViolation};
pub use catalogue::{Catalogue, ErrorCode};
pub use clause::{Clause, ClauseId, Level, Polarity};
pub use operation::{HeaderSpec, Operation, ResponseSpec};

use body_schema::ClauseOf;
use document::Document;
use fault::Fault;
use openapi::{HeaderPlan, OpenApi, OperationPlan, ResponsePlan};
use reader::Reader;
use survey::Survey;

/// The documented API that targets are held to.
#[derive(Debug)]
pub struct Contract {
    title: String,
    operations: Vec<Operation>,
    clauses: Vec<Clause>,
    catalogue: Catalogue,
    checks: BTreeMap<String, ClauseId>,
    /// What the lint needs besides.
    document: Document,
    survey: Survey,
    plans: Vec<OperationPlan>,
    slips: Vec<Fault>,
}

impl Contract {
    /// Loads a contract from the text of a file; the name is for messages only.
    ///
    /// # Errors
    /// Everything that makes the contract unusable, all at once and each at its place: bad YAML, unknown keys, another
    /// OpenAPI than 3.1, references that lead out of the document, to nothing or round in a circle, unsound schemas,
    /// clauses that can't be read or that something names and nobody states.
    pub fn load(file: &str, text: &str) -> Result<Self, Diagnostics> {
        let document = Document::read(SourceFile::new(file, text))?;
        let mut reader = Reader::new(document.value());
        let mut survey = Survey::default();
        let mut openapi = OpenApi { reader: &mut reader, survey: &mut survey, roots: Vec::new() };
        let title = openapi.frame();
        let plans = openapi.operations();
        let roots = openapi.roots;
        let clauses = clauses::clauses(&mut reader);
        let checks = clauses::checks(&mut reader, &clauses);
        let catalogue = clauses::catalogue(&mut reader, &clauses);

        let Reader { mut faults, mut slips, .. } = reader;
        faults.extend(survey.faults.iter().cloned());
        slips.extend(survey.slips.iter().cloned());
        if survey.faults.is_empty() {
            faults.extend(survey.endless());
        }
        faults.extend(soundness::faults(document.value(), &survey, &roots));

        let mut operations = Vec::new();
        if faults.is_empty() {
            let compiler = Compiler::new(document.value(), &clauses, &checks);
            for plan in &plans {
                match compiler.operation(plan) {
                    Ok(operation) => operations.push(operation),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        match title {
            Some(title) if faults.is_empty() => {
                Ok(Self { title, operations, clauses, catalogue, checks, document, survey, plans, slips })
            }
            _ => Err(document.diagnostics(faults)),
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
        let mut faults = lint::faults(
            &self.survey,
            &self.clauses,
            self.checks.keys(),
            &self.plans,
            |pointer| Pointer::parse(pointer).is_ok() && value.pointer(pointer).is_some(),
            checks,
        );
        faults.extend(self.slips.iter().cloned());
        if faults.is_empty() { Ok(()) } else { Err(self.document.diagnostics(faults)) }
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

/// Compiles the schemas that plans point to.
struct Compiler<'a> {
    document: Arc<Value>,
    clause_of: Arc<ClauseOf>,
    checks: &'a BTreeMap<String, ClauseId>,
}

impl<'a> Compiler<'a> {
    fn new(document: &Arc<Value>, clauses: &[Clause], checks: &'a BTreeMap<String, ClauseId>) -> Self {
        let mut clause_of = BTreeMap::new();
        for clause in clauses {
            for keyword in &clause.schema {
                clause_of.entry(keyword.clone()).or_insert_with(|| clause.id.clone());
            }
        }
        Self { document: Arc::clone(document), clause_of: Arc::new(ClauseOf(clause_of)), checks }
    }

    fn operation(&self, plan: &OperationPlan) -> Result<Operation, Fault> {
        let mut responses = BTreeMap::new();
        for (status, response) in &plan.responses {
            responses.insert(*status, self.response(*status, response)?);
        }
        Ok(Operation {
            id: plan.id.clone(),
            method: plan.method.clone(),
            path: plan.path.clone(),
            request: plan.request.as_deref().map(|pointer| self.schema(pointer, "body")).transpose()?,
            responses,
        })
    }

    fn response(&self, status: u16, plan: &ResponsePlan) -> Result<ResponseSpec, Fault> {
        let otherwise = if status < 400 { "body" } else { "error-body" };
        let mut headers = Vec::new();
        for header in &plan.headers {
            headers.push(self.header(header, otherwise)?);
        }
        Ok(ResponseSpec {
            status,
            media_types: plan.media_types.clone(),
            schema: plan.schema.as_deref().map(|pointer| self.schema(pointer, otherwise)).transpose()?,
            headers,
        })
    }

    fn header(&self, plan: &HeaderPlan, otherwise: &str) -> Result<HeaderSpec, Fault> {
        let required = pointer::join(&plan.pointer, "required");
        let clause = match self.clause_of.at_or_around(&required) {
            Some(clause) => clause.clone(),
            None => self.otherwise(otherwise, &plan.pointer)?,
        };
        Ok(HeaderSpec {
            name: plan.name.clone(),
            required: plan.required,
            clause,
            schema: plan.schema.as_deref().map(|pointer| self.schema(pointer, otherwise)).transpose()?,
            kind: plan.kind,
        })
    }

    fn schema(&self, pointer: &str, otherwise: &str) -> Result<BodySchema, Fault> {
        let clause = self.otherwise(otherwise, pointer)?;
        BodySchema::compile(&self.document, pointer, &self.clause_of, clause).map_err(|error| {
            Fault::at_key(pointer, format!("this schema, or one that it refers to, is unusable: {error}"))
        })
    }

    fn otherwise(&self, check: &str, pointer: &str) -> Result<ClauseId, Fault> {
        let fault = || Fault::at_key(pointer, format!("`x-checks` has no clause for `{check}`"));
        self.checks.get(check).cloned().ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests;
