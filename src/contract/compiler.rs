//! From plans, which only point to schemas, to operations with compiled ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::body_schema::BodySchema;
use super::clause::{Clause, ClauseId};
use super::clause_of::ClauseOf;
use super::mistake::Mistake;
use super::openapi::{HeaderPlan, OperationPlan, ResponsePlan};
use super::operation::{HeaderSpec, Operation, ResponseSpec};
use crate::pointer;

/// Compiles the schemas that plans point to.
pub(super) struct Compiler<'a> {
    document: Arc<Value>,
    clause_of: Arc<ClauseOf>,
    checks: &'a BTreeMap<String, ClauseId>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(document: &Arc<Value>, clauses: &[Clause], checks: &'a BTreeMap<String, ClauseId>) -> Self {
        let mut clause_of = BTreeMap::new();
        for clause in clauses {
            for keyword in &clause.schema {
                clause_of.entry(keyword.clone()).or_insert_with(|| clause.id.clone());
            }
        }
        Self { document: Arc::clone(document), clause_of: Arc::new(ClauseOf(clause_of)), checks }
    }

    pub(super) fn operation(&self, plan: &OperationPlan) -> Result<Operation, Mistake> {
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

    fn response(&self, status: u16, plan: &ResponsePlan) -> Result<ResponseSpec, Mistake> {
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

    fn header(&self, plan: &HeaderPlan, otherwise: &str) -> Result<HeaderSpec, Mistake> {
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

    fn schema(&self, pointer: &str, otherwise: &str) -> Result<BodySchema, Mistake> {
        let clause = self.otherwise(otherwise, pointer)?;
        BodySchema::compile(&self.document, pointer, &self.clause_of, clause).map_err(|error| {
            Mistake::at_key(pointer, format!("this schema, or one that it refers to, is unusable: {error}"))
        })
    }

    fn otherwise(&self, check: &str, pointer: &str) -> Result<ClauseId, Mistake> {
        let mistake = || Mistake::at_key(pointer, format!("`x-checks` has no clause for `{check}`"));
        self.checks.get(check).cloned().ok_or_else(mistake)
    }
}
