//! The derived clauses of one operation: those by which its requests and answers are judged, and from which sides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::clause::{Clause, ClauseId, Polarity};
use super::super::openapi::{OperationPlan, ResponsePlan};
use super::super::status::DocumentedStatus;
use super::super::survey::Survey;
use super::checks::CHECKS;
use super::clauses::Derived;
use super::rows::{ANNOTATIONS, Sides};
use crate::pointer;

/// What of a document an operation, or several, are judged by.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The clauses, by id.
    pub(crate) clauses: Vec<Clause>,
    /// Those that an answer of an operation with a documented status may show.
    pub(crate) of_status: BTreeMap<String, BTreeMap<DocumentedStatus, BTreeSet<ClauseId>>>,
    /// Those that stand for keywords, by the pointers of these.
    pub(crate) keywords: BTreeMap<String, ClauseId>,
    /// Those that general checks are about, by check and operation.
    pub(crate) checks: BTreeMap<&'static str, BTreeMap<String, ClauseId>>,
}

/// The way that something goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

/// On the way to what is judged.
struct Reach<'a> {
    derived: &'a Derived,
    document: &'a Value,
    asked: Asked,
    sides: BTreeMap<ClauseId, BTreeSet<Polarity>>,
    /// The id of the operation that is gone through.
    operation: String,
}

impl Derived {
    /// What these operations are judged by; `source` tells where a pointer is written.
    pub(in super::super) fn asked<'p>(
        &self,
        document: &Value,
        plans: impl Iterator<Item = &'p OperationPlan>,
        source: impl Fn(&str) -> String,
    ) -> Asked {
        let mut reach = Reach {
            derived: self,
            document,
            asked: Asked::default(),
            sides: BTreeMap::new(),
            operation: String::new(),
        };
        plans.for_each(|plan| reach.operation(plan));
        let Reach { mut asked, sides, .. } = reach;
        let clause = |(id, sides): (ClauseId, BTreeSet<Polarity>)| {
            let entry = self.clauses.get(&id)?;
            let place = entry.pointers.first().map(|pointer| source(pointer)).unwrap_or_default();
            let more = entry.pointers.len().saturating_sub(1);
            let source = if more > 0 { format!("{place} and {more} more") } else { place };
            let schema = entry.pointers.iter().filter(|at| self.of_keyword.get(*at) == Some(&id)).cloned().collect();
            Some(Clause {
                id,
                level: entry.level,
                says: entry.says.clone(),
                source,
                polarities: sides.into_iter().collect(),
                untestable: BTreeMap::new(),
                schema,
                relative: false,
                unique: None,
                derived: true,
            })
        };
        asked.clauses = sides.into_iter().filter_map(clause).collect();
        asked
    }
}

impl Reach<'_> {
    fn operation(&mut self, plan: &OperationPlan) {
        self.operation.clone_from(&plan.id);
        let facets = (plan.id.clone(), None, String::new())..;
        let facets = self.derived.of_facet.range(facets).take_while(|((id, ..), _)| *id == plan.id);
        for ((_, status, _), id) in facets {
            self.note(id, Way::Answered, None);
            if let Some(status) = status {
                self.shows(*status, id);
            }
        }
        let mut sent = Survey::default();
        for at in &plan.parameters {
            self.keyword(at, Way::Sent, None);
            self.keyword(&pointer::join(at, "required"), Way::Sent, None);
            let schema = pointer::join(at, "schema");
            if self.document.pointer(&schema).is_some() {
                sent.schema(self.document, &schema, true);
            }
        }
        if let Some(at) = &plan.body {
            self.keyword(&pointer::join(at, "required"), Way::Sent, None);
        }
        for schema in plan.request.iter().filter_map(|content| content.schema.as_deref()) {
            sent.schema(self.document, schema, true);
        }
        self.survey(&sent, Way::Sent, None);
        for (status, response) in &plan.responses {
            let mut answered = Survey::default();
            for header in &response.headers {
                self.keyword(&header.pointer, Way::Answered, Some(*status));
                self.keyword(&pointer::join(&header.pointer, "required"), Way::Answered, Some(*status));
            }
            schemas(response).for_each(|schema| answered.schema(self.document, schema, true));
            self.survey(&answered, Way::Answered, Some(*status));
        }
        // What is said of the operation as a whole, every answer shows.
        for (check, _) in CHECKS {
            let Some(id) = self.derived.check(&plan.id, check) else { continue };
            self.asked.checks.entry(check).or_default().insert(plan.id.clone(), id.clone());
            for status in plan.responses.keys() {
                self.shows(*status, id);
            }
        }
    }

    fn survey(&mut self, survey: &Survey, way: Way, status: Option<DocumentedStatus>) {
        for (pointer, _) in survey.keywords.iter().filter(|(_, used)| **used) {
            self.keyword(pointer, way, status);
        }
        for (at, _) in survey.schemas.iter().filter(|(_, used)| **used) {
            ANNOTATIONS.iter().for_each(|name| self.keyword(&pointer::join(at, name), way, status));
        }
    }

    fn keyword(&mut self, pointer: &str, way: Way, status: Option<DocumentedStatus>) {
        let Some(id) = self.derived.of_keyword.get(pointer) else { return };
        if self.note(id, way, status) {
            self.asked.keywords.insert(pointer.to_owned(), id.clone());
            // The member itself is what must not be there.
            if let Some(member) = pointer.strip_suffix("/writeOnly") {
                self.asked.keywords.insert(member.to_owned(), id.clone());
            }
        }
    }

    /// Notes that an answer with a status may show a clause.
    fn shows(&mut self, status: DocumentedStatus, id: &ClauseId) {
        let of_operation = self.asked.of_status.entry(self.operation.clone()).or_default();
        of_operation.entry(status).or_default().insert(id.clone());
    }

    /// Notes a clause, from the sides that this way shows; says whether it shows any.
    fn note(&mut self, id: &ClauseId, way: Way, status: Option<DocumentedStatus>) -> bool {
        let Some(entry) = self.derived.clauses.get(id) else { return false };
        let sides: &[Polarity] = match (entry.row.sides, way) {
            (Sides::Values, Way::Sent) => &[Polarity::Accept, Polarity::Refuse],
            (Sides::Values | Sides::Answer, Way::Answered) | (Sides::Request, Way::Sent) => &[Polarity::Hold],
            (Sides::Exactly(sides), _) => sides,
            (Sides::Answer, Way::Sent) | (Sides::Request, Way::Answered) => &[],
        };
        if sides.is_empty() {
            return false;
        }
        self.sides.entry(id.clone()).or_default().extend(sides);
        if let Some(status) = status {
            self.shows(status, id);
        }
        true
    }
}

/// The parts of a response that schemas judge.
fn schemas(response: &ResponsePlan) -> impl Iterator<Item = &str> {
    let headers = response.headers.iter().filter_map(|header| header.schema.as_deref());
    headers.chain(response.content.iter().filter_map(|content| content.schema.as_deref()))
}
