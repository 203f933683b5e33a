//! From plans, which only point to schemas, to operations whose schemas can be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::body_schema::{BodySchema, Schemas};
use super::clause::{Clause, ClauseId};
use super::clause_of::ClauseOf;
use super::direction::Direction;
use super::header::HeaderSpec;
use super::media_type::BodyKind;
use super::mistake::Mistake;
use super::openapi::{ContentPlan, HeaderPlan, OperationPlan, ResponsePlan};
use super::operation::{Content, Operation, ResponseSpec};
use super::status::DocumentedStatus;
use crate::pointer;

/// Makes the operations of plans.
pub(super) struct Compiler<'a> {
    schemas: Arc<Schemas>,
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
        Self { schemas: Arc::new(Schemas::new(Arc::clone(document), ClauseOf(clause_of))), checks }
    }

    pub(super) fn operation(&self, plan: &OperationPlan) -> Result<Operation, Mistake> {
        let mut responses = BTreeMap::new();
        for (status, response) in &plan.responses {
            responses.insert(*status, self.response(*status, response)?);
        }
        let is_json = |content: &&ContentPlan| content.media_type.kind() == BodyKind::Json;
        let request = plan.request.iter().find(is_json).and_then(|content| content.schema.as_deref());
        Ok(Operation {
            id: plan.id.clone(),
            method: plan.method.clone(),
            path: plan.path.clone(),
            consumes: plan.request.iter().map(|content| content.media_type.clone()).collect(),
            request: request.map(|pointer| self.schema(pointer, Direction::Request, "body")).transpose()?,
            responses,
        })
    }

    fn response(&self, status: DocumentedStatus, plan: &ResponsePlan) -> Result<ResponseSpec, Mistake> {
        let otherwise = if status.is_refusal() { "error-body" } else { "body" };
        let (mut headers, mut content) = (Vec::new(), Vec::new());
        for header in &plan.headers {
            headers.push(self.header(header, otherwise)?);
        }
        for ContentPlan { media_type, schema, form } in &plan.content {
            let schema =
                schema.as_deref().map(|pointer| self.schema(pointer, Direction::Answer, otherwise)).transpose()?;
            content.push(Content { media_type: media_type.clone(), schema, form: form.clone() });
        }
        Ok(ResponseSpec { status, content, headers })
    }

    fn header(&self, plan: &HeaderPlan, otherwise: &str) -> Result<HeaderSpec, Mistake> {
        let required = pointer::join(&plan.pointer, "required");
        let clause = match self.schemas.clause_of().at_or_around(&required) {
            Some(clause) => clause.clone(),
            None => self.otherwise(otherwise, &plan.pointer)?,
        };
        let schema = plan.schema.as_deref();
        Ok(HeaderSpec {
            name: plan.name.clone(),
            required: plan.required,
            clause,
            schema: schema.map(|pointer| self.schema(pointer, Direction::Answer, otherwise)).transpose()?,
            form: plan.form.clone(),
        })
    }

    fn schema(&self, pointer: &str, direction: Direction, otherwise: &str) -> Result<BodySchema, Mistake> {
        let clause = self.otherwise(otherwise, pointer)?;
        Ok(BodySchema::new(&self.schemas, pointer, direction, clause))
    }

    fn otherwise(&self, check: &str, pointer: &str) -> Result<ClauseId, Mistake> {
        let mistake = || Mistake::at_key(pointer, format!("`x-checks` has no clause for `{check}`"));
        self.checks.get(check).cloned().ok_or_else(mistake)
    }
}
