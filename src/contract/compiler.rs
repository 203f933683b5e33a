//! From plans, which only point to schemas, to operations whose schemas can be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::body_schema::{BodySchema, Schemas};
use super::clause::ClauseId;
use super::clause_of::ClauseOf;
use super::derived::{Derived, body_check};
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
    derived: &'a Derived,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(
        document: &Arc<Value>,
        clause_of: ClauseOf,
        checks: &'a BTreeMap<String, ClauseId>,
        derived: &'a Derived,
    ) -> Self {
        Self { schemas: Arc::new(Schemas::new(Arc::clone(document), clause_of)), checks, derived }
    }

    pub(super) fn operation(&self, plan: &OperationPlan) -> Result<Operation, Mistake> {
        let mut responses = BTreeMap::new();
        for (status, response) in &plan.responses {
            responses.insert(*status, self.response(&plan.id, *status, response)?);
        }
        let is_json = |content: &&ContentPlan| content.media_type.kind() == BodyKind::Json;
        let request = plan.request.iter().find(is_json).and_then(|content| content.schema.as_deref());
        let request = request.map(|pointer| {
            let clause = self.otherwise("body", pointer, &plan.id, None)?;
            Ok(self.schema(pointer, Direction::Request, clause))
        });
        Ok(Operation {
            id: plan.id.clone(),
            method: plan.method.clone(),
            path: plan.path.clone(),
            parameters: plan.written.clone(),
            consumes: plan.request.iter().map(|content| content.media_type.clone()).collect(),
            request: request.transpose()?,
            responses,
        })
    }

    fn response(
        &self,
        operation: &str,
        status: DocumentedStatus,
        plan: &ResponsePlan,
    ) -> Result<ResponseSpec, Mistake> {
        let check = body_check(status);
        let own = self.derived.response(operation, status);
        let (mut headers, mut content) = (Vec::new(), Vec::new());
        for header in &plan.headers {
            headers.push(self.header(header, operation, check, own)?);
        }
        for ContentPlan { media_type, schema, form, .. } in &plan.content {
            let body = self.derived.body(operation, status, &media_type.to_string());
            let schema = schema.as_deref().map(|pointer| {
                let clause = self.otherwise(check, pointer, operation, body.or(own))?;
                Ok(self.schema(pointer, Direction::Answer, clause))
            });
            let (schema, media_type) = (schema.transpose()?, media_type.clone());
            content.push(Content { media_type, schema, form: form.clone(), clause: body.cloned() });
        }
        Ok(ResponseSpec { status, content, headers, clause: own.cloned() })
    }

    fn header(
        &self,
        plan: &HeaderPlan,
        operation: &str,
        check: &str,
        own: Option<&ClauseId>,
    ) -> Result<HeaderSpec, Mistake> {
        let required = pointer::join(&plan.pointer, "required");
        let clause = match self.schemas.clause_of().at_or_around(&required) {
            Some(clause) => clause.clone(),
            None => self.otherwise(check, &plan.pointer, operation, own)?,
        };
        let schema = plan.schema.as_deref().map(|pointer| {
            let clause = self.otherwise(check, pointer, operation, Some(&clause))?;
            Ok(self.schema(pointer, Direction::Answer, clause))
        });
        Ok(HeaderSpec {
            name: plan.name.clone(),
            required: plan.required,
            schema: schema.transpose()?,
            clause,
            form: plan.form.clone(),
        })
    }

    fn schema(&self, pointer: &str, direction: Direction, clause: ClauseId) -> BodySchema {
        BodySchema::new(&self.schemas, pointer, direction, clause)
    }

    /// The clause of what none stands for: the one that a check is bound to, else a derived one, else the operation's.
    fn otherwise(
        &self,
        check: &str,
        pointer: &str,
        operation: &str,
        derived: Option<&ClauseId>,
    ) -> Result<ClauseId, Mistake> {
        let mistake = || Mistake::at_key(pointer, format!("`x-checks` has no clause for `{check}`"));
        let of_operation = || self.derived.check(operation, "answer").or_else(|| self.derived_of_ours());
        self.checks.get(check).or(derived).or_else(of_operation).cloned().ok_or_else(mistake)
    }

    /// Ours that every answer is held to, which stands in for the derived one.
    fn derived_of_ours(&self) -> Option<&ClauseId> {
        self.checks.get("answer").filter(|_| self.derived.len() > 0)
    }
}
