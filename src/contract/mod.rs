//! The contract: an API's document with clauses, error codes and checks in `x-` extensions beside it, loaded.
//!
//! Owns what the documentation says: the operations, what may be answered with which status, which clause stands for
//! which schema keyword, and the catalogue of error codes. Judges a value against a schema and no more: what an answer
//! as a whole is worth is for the checks. Reads no file and no network: files come from [`Documents`].

mod alternatives;
mod application;
mod body_schema;
mod catalogue;
mod clause;
mod clause_of;
mod clauses;
mod compiler;
mod derived;
mod dialect;
mod direction;
mod discriminator;
mod document;
mod document_parameters;
mod families;
mod formats;
mod fragment;
mod header;
mod in_place;
mod keys;
mod keywords;
mod lint;
mod loss;
mod media_type;
mod mistake;
mod name_patterns;
mod nullable;
mod openapi;
mod operation;
mod parameter;
mod parts;
mod pattern_keyword;
mod references;
mod soundness;
mod status;
mod survey;
mod unreadable;
mod validator;
mod ways;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::pointer::{self, Pointer};
use crate::source::{Diagnostics, SourceFile};

pub use body_schema::{BodySchema, MOST_VALUES, MOST_VIOLATIONS, SchemaViolation};
pub use catalogue::{Catalogue, ErrorCode};
pub use clause::{AS_STATED, Clause, ClauseId, Level, Polarity};
pub use dialect::{Documents, NoDocuments};
pub use header::HeaderSpec;
pub use media_type::{BodyKind, MediaType};
pub use operation::{Content, Operation, PathPiece, ResponseSpec};
pub use parameter::{Parameter, ParameterForm, ParameterPlace, Style, Styled};
pub use pattern_keyword::{note_undecided, undecided};
pub use status::DocumentedStatus;

use clause_of::ClauseOf;
use compiler::Compiler;
use derived::{Asked, Derived, Source};
use direction::Direction;
use document::SourceDocument;
pub use families::Unclear;
use lint::Linted;
use loss::Loss;
use mistake::Mistake;
use openapi::{OpenApi, OperationPlan};
use parts::Parts;
use soundness::Unsound;
use survey::Survey;
use validator::{Reading, options};

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
    derived: Derived,
    /// What of the derived clauses the operations that are asked are judged by.
    asked: Asked,
}

/// A contract as far as it can be read.
pub(crate) struct Examined {
    pub(crate) contract: Contract,
    /// What makes it unusable.
    pub(crate) mistakes: Diagnostics,
    /// Whether it may state clauses that can't be read.
    pub(crate) lacks_clauses: bool,
}

/// Where the clauses stand.
const CLAUSES: &str = "/x-clauses";

/// How large a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The operations that can be read.
    pub operations: usize,
    /// Those that can't.
    pub lost: usize,
    /// The keywords of the operations' schemas that a clause stands for.
    pub stated: usize,
    /// All keywords of the operations' schemas.
    pub keywords: usize,
    /// Whether the document is somebody else's.
    pub is_published: bool,
    /// The clauses that are derived from it.
    pub derived: usize,
}

/// What the lint needs besides.
#[derive(Debug)]
struct LintInput {
    survey: Survey,
    /// Whether that is all that the document says.
    is_surveyed: bool,
    /// Every operation whose method and path can be read, with nothing else.
    routes: Vec<Operation>,
    plans: Vec<OperationPlan>,
    doubts: Vec<Mistake>,
    extensions: Diagnostics,
    /// What can't be read of somebody else's document, and the operations that are lost with it.
    loss: Loss,
    /// The schemas of answers, walked when somebody first asks.
    answers: OnceLock<Survey>,
}

impl Contract {
    /// Loads a contract that stands for itself from the text of a file; the name is for messages only.
    ///
    /// # Errors
    /// As [`Contract::load_with`].
    pub fn load(file: &str, text: &str) -> Result<Self, Diagnostics> {
        Self::load_with(SourceFile::new(file, text), &NoDocuments)
    }

    /// Loads a contract from a file and from those that it refers to.
    ///
    /// # Errors
    /// Everything that makes the contract unusable, all at once and each at its place: bad YAML or JSON, unknown keys,
    /// a version that isn't known, references that lead out of the folder, to nothing or round in a circle, unsound
    /// schemas, clauses that can't be read or that something names and nobody states. In a document that is somebody
    /// else's, only what leaves no operation.
    pub fn load_with(file: SourceFile, documents: &dyn Documents) -> Result<Self, Diagnostics> {
        let Examined { contract, mistakes, .. } = Self::examine(file, documents)?;
        mistakes.into_result().map(|()| contract)
    }

    /// Reads a contract as far as it goes, for whoever wants to know what else is wrong.
    ///
    /// # Errors
    /// It can't be read at all.
    pub(crate) fn examine(file: SourceFile, documents: &dyn Documents) -> Result<Examined, Diagnostics> {
        let mut document = SourceDocument::read(file, documents)?;
        let (mut diagnostics, extensions) = document.checked();
        let mut parts = Parts::new(document.value());
        let is_published = document.is_published();
        let mut survey = Survey::of(is_published);
        let mut openapi = OpenApi { parts: &mut parts, survey: &mut survey, roots: Vec::new(), is_published };
        let title = openapi.frame();
        let mut plans = openapi.operations();
        let roots = openapi.roots;
        let clauses = clauses::clauses(&mut parts, document.moves());
        let checks = clauses::checks(&mut parts, &clauses, is_published);
        let catalogue = clauses::catalogue(&mut parts, &clauses);

        let Parts { mistakes, mut doubts, .. } = parts;
        doubts.extend(survey.doubts.iter().cloned());
        let mut all = document.mistakes.clone();
        // Whoever follows a reference that was told of already finds nothing.
        let told: BTreeSet<&str> = document.mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
        let others = mistakes.into_iter().chain(survey.mistakes.iter().cloned());
        all.extend(others.filter(|mistake| !told.contains(mistake.pointer.as_str())));
        if is_published || survey.mistakes.is_empty() {
            let endless = survey.endless();
            all.extend(if endless.is_empty() { survey.exponential() } else { endless });
        }
        let Unsound { mistakes, left_out } = soundness::check(document.value(), &survey, &roots);
        all.extend(mistakes);
        let leaves_out = !left_out.is_empty();
        for (left_out, mistake) in left_out {
            let message = format!("{}; {}", mistake.message, left_out.consequence(document.value()));
            document.leave_out(&left_out);
            doubts.push(Mistake { message, ..mistake });
        }
        if leaves_out {
            survey.keywords.retain(|keyword, _| document.value().pointer(keyword).is_some());
        }
        let (mut mistakes, faults) =
            all.into_iter().partition(|mistake| !is_published || document.is_ours(&mistake.pointer));
        let routes = plans.iter().map(OperationPlan::route).collect();
        let loss = Loss::of(document.value(), &mut plans, faults);
        if plans.is_empty() {
            mistakes.extend(loss.faults.iter().cloned());
        }

        let mut operations = Vec::new();
        let mut derived = Derived::default();
        if mistakes.is_empty() && diagnostics.is_empty() {
            let ours = ClauseOf::of(&clauses);
            if is_published {
                let (value, checks) = (document.value(), &checks);
                derived = Derived::of(&Source { document: value, survey: &survey, plans: &plans, ours: &ours, checks });
            }
            let compiler = Compiler::new(document.value(), ours, &checks, &derived);
            for plan in &plans {
                match compiler.operation(plan) {
                    Ok(operation) => operations.push(operation),
                    Err(mistake) => mistakes.push(mistake),
                }
            }
        }
        let lacks_clauses =
            !diagnostics.is_empty() || mistakes.iter().any(|mistake| mistake.pointer.starts_with(CLAUSES));
        let is_surveyed = diagnostics.is_empty() && mistakes.is_empty();
        diagnostics.extend(document.diagnostics(mistakes));
        let title = title.unwrap_or_else(|| "an API without a title".to_owned());
        let lint = LintInput { survey, is_surveyed, routes, plans, doubts, extensions, loss, answers: OnceLock::new() };
        let asked = Asked::default();
        let contract = Self { title, operations, clauses, catalogue, checks, document, lint, derived, asked };
        Ok(Examined { contract, mistakes: diagnostics, lacks_clauses })
    }

    /// Takes the derived clauses of these operations among those that answers are judged by. Without, nothing is derived: a
    /// large document has many operations, and a suite asks few.
    pub(crate) fn ask(&mut self, ids: &[String]) {
        let plans: Vec<&OperationPlan> =
            self.lint.plans.iter().filter(|plan| self.derived.len() > 0 && ids.contains(&plan.id)).collect();
        let place = |pointer: &str| self.document.place(pointer);
        let asked = self.derived.asked(self.document.value(), plans.iter().copied(), place);
        let mut clause_of = ClauseOf::of(&self.clauses);
        for (keyword, clause) in &asked.keywords {
            clause_of.0.entry(keyword.clone()).or_insert_with(|| clause.clone());
        }
        let compiler = Compiler::new(self.document.value(), clause_of, &self.checks, &self.derived);
        for compiled in plans.iter().filter_map(|plan| compiler.operation(plan).ok()) {
            if let Some(known) = self.operations.iter_mut().find(|operation| operation.id == compiled.id) {
                *known = compiled;
            }
        }
        self.asked = asked;
    }

    /// An operation as far as requests of it can be read: without what is documented of bodies and answers.
    pub(crate) fn planned(&self, id: &str) -> Option<Operation> {
        self.lint.routes.iter().find(|operation| operation.id == id).cloned()
    }

    /// The ids of all operations of which requests can be read.
    pub(crate) fn planned_ids(&self) -> Vec<&str> {
        self.lint.routes.iter().map(|operation| operation.id.as_str()).collect()
    }

    /// Compiles the schemas of operations: what can't be is known before anything is judged by it.
    ///
    /// # Errors
    /// One of the operations can't be read, or one of its schemas can't be compiled.
    pub fn prepare(&self, ids: &[String]) -> Result<(), Diagnostics> {
        let lost: Vec<Mistake> = ids.iter().flat_map(|id| self.lint.loss.of_operation(id)).collect();
        if !lost.is_empty() {
            return Err(self.document.diagnostics(lost));
        }
        let mut mistakes = Vec::new();
        for schema in ids.iter().filter_map(|id| self.operation(id)).flat_map(Operation::schemas) {
            if let Err(error) = schema.compile() {
                let message = format!("this schema, or one that it refers to, is unusable: {error}");
                mistakes.push(Mistake::at_key(schema.pointer(), message));
            }
        }
        self.document.diagnostics(mistakes).into_result()
    }

    /// What can be proven of the contract without a target; `checks` are the names of the general checks that there
    /// are.
    ///
    /// # Errors
    /// All of these, each at its place: a keyword that two clauses stand for; a clause that stands for something that is no
    /// keyword; a clause without polarity, or untestable without a reason; an unknown check, schema keyword or extension. In
    /// a document that is somebody else's, only what is ours is held to that.
    pub fn lint(&self, checks: &[&str]) -> Result<(), Diagnostics> {
        let value = self.document.value();
        let resolves = |pointer: &str| Pointer::parse(pointer).is_ok() && value.pointer(pointer).is_some();
        let LintInput { doubts, extensions, .. } = &self.lint;
        let mut mistakes = lint::mistakes(&self.linted(), self.checks.keys(), resolves, checks);
        if !self.document.is_published() {
            mistakes.extend(doubts.iter().cloned());
        }
        let mut diagnostics = self.document.diagnostics(mistakes);
        diagnostics.extend(extensions.clone());
        diagnostics.into_result()
    }

    /// The schema keywords that no clause stands for, where each needs one: what a suite doesn't cover, and no mistake.
    #[must_use]
    pub fn unstated(&self) -> Diagnostics {
        self.document.diagnostics(lint::unstated(&self.linted()))
    }

    fn linted(&self) -> Linted<'_> {
        let LintInput { survey, is_surveyed, .. } = &self.lint;
        let (moves, is_published) = (self.document.moves(), self.document.is_published());
        Linted { survey: is_surveyed.then_some(survey), clauses: &self.clauses, moves, is_published }
    }

    /// What is no mistake of ours and worth knowing: what of somebody else's document can't be read or isn't known, and
    /// formats that nobody knows.
    #[must_use]
    pub fn warnings(&self) -> Diagnostics {
        let LintInput { survey, doubts, loss, plans, .. } = &self.lint;
        let mut warnings = loss.faults.clone();
        if self.document.is_published() {
            warnings.extend(doubts.iter().cloned());
        }
        warnings.extend(lint::formats(self.document.value(), survey));
        warnings.extend(lint::unjudged(plans));
        self.document.diagnostics(warnings)
    }

    /// What is documented, and how much of it clauses stand for.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let survey = &self.lint.survey;
        let used: Vec<&String> =
            survey.keywords.iter().filter(|(_, used)| **used).map(|(keyword, _)| keyword).collect();
        let stated: BTreeSet<&String> = self.clauses.iter().flat_map(|clause| &clause.schema).collect();
        Extent {
            operations: self.operations.len(),
            lost: self.lint.loss.operations.len(),
            stated: used.iter().filter(|keyword| stated.contains(*keyword)).count(),
            keywords: used.len(),
            is_published: self.document.is_published(),
            derived: self.derived.len(),
        }
    }

    /// The document as it was read, whatever it is written in: OpenAPI 3.1 in one tree, with references within it.
    #[must_use]
    pub fn document(&self) -> &Value {
        self.document.value()
    }

    /// Where an operation stands in the document, and where its path item does.
    #[must_use]
    pub fn places(&self, id: &str) -> Option<&[String; 2]> {
        self.lint.plans.iter().find(|plan| plan.id == id).map(|plan| &plan.pointers)
    }

    /// Whether the schema at a pointer takes a value in a request. One that can't be compiled takes none.
    #[must_use]
    pub fn takes(&self, schema: &str, value: &Value) -> bool {
        let reading = Reading { document: Arc::clone(self.document.value()), direction: Direction::Request };
        reading.build(schema, &options()).is_ok_and(|validator| validator.is_valid(value))
    }

    /// The API's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether a text, in any letter case, is among the words that correct answers may hold: names and enumerated values.
    pub fn names(&self, text: &str) -> bool {
        words::names(self.document.value(), text)
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

    /// All clauses that somebody wrote, in the contract's order.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The derived clauses of the operations that are asked, by id.
    #[must_use]
    pub fn derived(&self) -> &[Clause] {
        &self.asked.clauses
    }

    /// The ids of all clauses that may be named.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.clauses.iter().chain(&self.asked.clauses).map(|clause| clause.id.as_str())
    }

    /// The clause with an id.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        let written = self.clauses.iter().find(|clause| clause.id.as_str() == id);
        written.or_else(|| self.asked.clauses.get(self.derived_at(id)?))
    }

    /// A derived clause of any operation.
    #[must_use]
    pub fn derived_clause(&self, id: &str) -> Option<Clause> {
        let (plans, place) = (self.lint.plans.iter(), |pointer: &str| self.document.place(pointer));
        let all = || self.derived.has(id).then(|| self.derived.asked(self.document.value(), plans, place));
        all()?.clauses.into_iter().find(|clause| clause.id.as_str() == id)
    }

    /// The number of a clause among the derived ones of the operations that are asked.
    #[must_use]
    pub fn derived_at(&self, id: &str) -> Option<usize> {
        self.asked.clauses.binary_search_by(|clause| clause.id.as_str().cmp(id)).ok()
    }

    /// The derived ones among clauses: from and up to which number among all, those that somebody wrote first.
    #[must_use]
    pub fn ranges(&self, clauses: &BTreeSet<ClauseId>) -> Vec<(usize, usize)> {
        let numbers = clauses.iter().filter_map(|clause| self.derived_at(clause.as_str()));
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        // Both are sorted by id.
        for number in numbers.map(|number| self.clauses.len() + number) {
            match ranges.last_mut() {
                Some((_, to)) if *to + 1 == number => *to = number,
                _ => ranges.push((number, number)),
            }
        }
        ranges
    }

    /// The clause which an answer of an operation, or of any, with one of these statuses is held to as a whole, where one is
    /// derived.
    #[must_use]
    pub fn usual_clause(&self, operation: Option<&str>, statuses: &[u16]) -> Option<&ClauseId> {
        let asked = operation.and_then(|id| self.operation(id));
        let of_status = |status: &u16| asked?.response(*status)?.clause.as_ref();
        let answers = self.asked.checks.get("answer");
        let whole = || match operation {
            Some(id) => answers?.get(id),
            None => answers?.values().next(),
        };
        // Without derived clauses, nothing is usual.
        let bound = || self.checks.get("answer").filter(|_| self.derived.len() > 0);
        statuses.iter().find_map(of_status).or_else(whole).or_else(bound)
    }

    /// Whether an answer with a status may show a derived clause, by what is documented for it.
    #[must_use]
    pub fn may_show(&self, operation: &str, status: u16, id: &str) -> bool {
        let spec = self.operation(operation).and_then(|operation| operation.response(status));
        let shown = spec.and_then(|spec| self.asked.of_status.get(operation)?.get(&spec.status));
        shown.is_some_and(|shown| shown.contains(id))
    }

    /// States the clause that a case is about which names none, unless the document states it in its own words.
    pub(crate) fn state_as_stated(&mut self) {
        if self.clause(AS_STATED).is_none() {
            self.clauses.extend(Clause::as_stated());
        }
    }

    /// Whether a check, or a schema keyword of an answer, is about a clause.
    pub(crate) fn is_held_against_answers(&self, clause: &Clause) -> bool {
        if clause.derived {
            return self.asked.of_status.values().flat_map(BTreeMap::values).any(|shown| shown.contains(&clause.id));
        }
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
                let bodies = response.content.iter().filter_map(|content| content.schema.as_deref());
                headers.chain(bodies).for_each(|schema| survey.schema(document, schema, true));
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

    /// The clause that a general check of an operation's answers is about: the one that the contract names, or a derived one.
    #[must_use]
    pub fn check_clause_of(&self, check: &str, operation: &str) -> Option<&ClauseId> {
        self.checks.get(check).or_else(|| self.asked.checks.get(check)?.get(operation))
    }
}

#[cfg(test)]
mod tests;
