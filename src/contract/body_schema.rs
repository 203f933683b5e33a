//! A schema of the contract, compiled when it is first needed, that says of a value which clauses it breaks.
//!
//! Owns the way from a violated keyword to the clause that stands for it. The words of a violation are `fragment`'s.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde::Serialize;
use serde_json::Value;

use super::alternatives::explaining;
use super::application::{Application, Compiled};
use super::clause::ClauseId;
use super::clause_of::ClauseOf;
use super::direction::{Directed, Direction};
use super::discriminator::{COMBINERS, Choice};
use super::fragment;
use super::pattern_keyword::note_undecided;
use super::validator::{Reading, options};
use super::ways;
use crate::pattern::TooCostly;
use crate::pointer;
use crate::secret::Secrets;

/// The most violations that are told of one value.
pub const MOST_VIOLATIONS: usize = 50;
/// The most JSON values in a body for which every violation is looked for. Of a larger one only the first is told:
/// a hostile body could make more violations than there is memory for.
pub const MOST_VALUES: usize = 20_000;

/// One way in which a value is not what a schema says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SchemaViolation {
    /// The clause that stands for the violated keyword.
    pub clause: ClauseId,
    /// JSON pointer, into the value, of what is wrong or missing; empty for the value itself.
    pub place: String,
    /// What the schema asks for, as a short phrase: `a string of at most 128 characters`.
    pub expected: String,
    /// What is there, as a short phrase: `the number 12`.
    pub observed: String,
}

/// The schemas of a contract, each compiled when something is first judged by it: most of a large document's never are.
pub(super) struct Schemas {
    document: Arc<Value>,
    clause_of: ClauseOf,
    compiled: Compiled,
    judges: Mutex<HashMap<(String, Direction), Arc<Judge>>>,
}

/// A compiled schema.
struct Judge {
    directed: Arc<Directed>,
    validator: Validator,
    /// Tells what is wrong with a value. Made when one first is: most schemas of a document never meet one.
    explainer: OnceLock<Option<Validator>>,
    /// The same for the branches that discriminators chose, by their pointers.
    branches: Mutex<BTreeMap<String, Option<Arc<Validator>>>>,
}

impl Schemas {
    pub(super) fn new(document: Arc<Value>, clause_of: ClauseOf) -> Self {
        Self { document, clause_of, compiled: Compiled::default(), judges: Mutex::default() }
    }

    /// The clause that stands for what is at a pointer, or for the nearest thing around it.
    pub(super) fn clause_of(&self) -> &ClauseOf {
        &self.clause_of
    }

    fn judge(&self, reading: &Reading, pointer: &str) -> Result<Arc<Judge>, Box<ValidationError<'static>>> {
        let key = (pointer.to_owned(), reading.direction);
        let known = self.judges.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(judge) = known {
            return Ok(judge);
        }
        let directed = Arc::new(reading.directed(pointer));
        let validator = reading.build_within(&directed, pointer, &options())?;
        let judge = Arc::new(Judge { directed, validator, explainer: OnceLock::new(), branches: Mutex::default() });
        let mut judges = self.judges.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(judges.entry(key).or_insert(judge)))
    }
}

/// A schema of the contract. Cheap to clone, and may be used from many threads at once.
#[derive(Clone)]
pub struct BodySchema {
    pointer: Arc<str>,
    schemas: Arc<Schemas>,
    reading: Reading,
    /// Nothing where it can't be compiled, which is found out before anything is judged.
    judge: Arc<OnceLock<Option<Arc<Judge>>>>,
    otherwise: ClauseId,
}

impl BodySchema {
    /// The schema at a pointer of the document, for bodies that go one way. `otherwise` is the clause of a violation that none
    /// stands for.
    pub(super) fn new(schemas: &Arc<Schemas>, pointer: &str, direction: Direction, otherwise: ClauseId) -> Self {
        let reading = Reading { document: Arc::clone(&schemas.document), direction };
        let (pointer, schemas) = (Arc::from(pointer), Arc::clone(schemas));
        Self { pointer, schemas, reading, judge: Arc::default(), otherwise }
    }

    /// Compiles it, unless it is already.
    ///
    /// # Errors
    /// What `jsonschema` has against the schema or one that it refers to.
    pub(super) fn compile(&self) -> Result<(), Box<ValidationError<'static>>> {
        let judge = self.schemas.judge(&self.reading, &self.pointer)?;
        self.judge.get_or_init(|| Some(judge));
        Ok(())
    }

    fn judge(&self) -> Option<&Judge> {
        self.judge.get_or_init(|| self.schemas.judge(&self.reading, &self.pointer).ok()).as_deref()
    }

    /// Where the schema stands in the contract, as a JSON pointer, after references.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Whether a value is as the schema says.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        self.judge().is_none_or(|judge| judge.validator.is_valid(value))
    }

    /// The clauses that stand for those keywords that had something of a value to judge.
    #[must_use]
    pub fn applied_clauses(&self, value: &Value) -> BTreeSet<ClauseId> {
        let Some(judge) = self.judge() else { return BTreeSet::new() };
        self.application(judge).clauses(&self.pointer, value)
    }

    fn application<'s>(&'s self, judge: &'s Judge) -> Application<'s> {
        let Schemas { clause_of, compiled, .. } = &*self.schemas;
        Application::new(&self.reading, &judge.directed, clause_of, compiled)
    }

    /// Every way in which a value is not what the schema says, in the order of the places; at most
    /// [`MOST_VIOLATIONS`], and only the first one of a value that has more than [`MOST_VALUES`] values in it.
    /// What is shown of the value is masked.
    #[must_use]
    pub fn violations(&self, value: &Value, secrets: &Secrets) -> Vec<SchemaViolation> {
        let Some(judge) = self.judge().filter(|judge| !judge.validator.is_valid(value)) else { return Vec::new() };
        let explainer = self.explainer(judge);
        let is_simple = !ways::are_many(&mut self.application(judge), &self.pointer, value);
        if let Some(violation) = is_simple.then(|| self.another_thing(explainer, value, secrets)).flatten() {
            return vec![violation];
        }
        let most = if is_larger_than(value, MOST_VALUES) { 1 } else { MOST_VIOLATIONS };
        let mut telling = Telling { schema: self, judge, secrets, most, violations: Vec::new() };
        telling.all(explainer, &self.pointer, value, &Around { place: "", clause: &self.otherwise, chosen: None });
        let mut violations = telling.violations;
        if violations.is_empty() && is_simple {
            // Whatever the explainer makes of it, a value that isn't valid is never told to be right.
            violations.extend(
                judge.validator.validate(value).err().map(|error| self.violation(&error, secrets, &self.otherwise)),
            );
        }
        violations.sort();
        violations.sort_by(|one, other| one.place.cmp(&other.place));
        violations.dedup();
        violations
    }

    /// The one violation of an object that lacks several members which have to be there, and has none that its schema names: it
    /// isn't the documented thing with members missing, but something else.
    fn another_thing(&self, explainer: &Validator, value: &Value, secrets: &Secrets) -> Option<SchemaViolation> {
        let members = value.as_object()?;
        let missing = explainer.iter_errors(value).take(MOST_VIOLATIONS).find_map(|error| {
            let required = matches!(error.kind(), ValidationErrorKind::Required { .. });
            (required && error.instance_path().as_str().is_empty()).then(|| error.schema_path().as_str().to_owned())
        })?;
        let required: Vec<&str> =
            self.reading.document.pointer(&missing)?.as_array()?.iter().filter_map(Value::as_str).collect();
        let named = missing.strip_suffix("/required").map(|schema| format!("{schema}/properties"));
        let named = named.and_then(|at| self.reading.document.pointer(&at)?.as_object());
        let is_named =
            |name: &String| required.contains(&name.as_str()) || named.is_some_and(|all| all.contains_key(name));
        if required.len() < 2 || members.keys().any(is_named) {
            return None;
        }
        Some(SchemaViolation {
            clause: self.otherwise.clone(),
            place: String::new(),
            expected: format!("an object with {}", required.join(", ")),
            observed: fragment::observed(value, secrets),
        })
    }

    /// The validator that tells what is wrong: the plain one, should the other not compile.
    fn explainer<'j>(&self, judge: &'j Judge) -> &'j Validator {
        judge.explainer.get_or_init(|| self.explain(judge, &self.pointer)).as_ref().unwrap_or(&judge.validator)
    }

    /// The validator that tells what is wrong with what the schema at a pointer judges; nothing should it not compile.
    fn explain(&self, judge: &Judge, pointer: &str) -> Option<Validator> {
        let options = explaining(&self.reading, &judge.directed);
        self.reading.build_within(&judge.directed, pointer, &options).ok()
    }

    fn violation(&self, error: &ValidationError<'_>, secrets: &Secrets, otherwise: &ClauseId) -> SchemaViolation {
        let mut place = error.instance_path().as_str().to_owned();
        let mut keyword = self.reading.written(error.schema_path().as_str());
        let mut observed = fragment::observed(error.instance(), secrets);
        if let ValidationErrorKind::BacktrackLimitExceeded { .. } = error.kind() {
            note_undecided(TooCostly("a pattern of `patternProperties`".to_owned()).to_string());
        }
        if let ValidationErrorKind::Required { property: Value::String(property) } = error.kind() {
            let index = self
                .reading
                .document
                .pointer(&keyword)
                .and_then(Value::as_array)
                .and_then(|required| required.iter().position(|name| name.as_str() == Some(property)));
            if let Some(index) = index {
                pointer::push(&mut keyword, &index.to_string());
            }
            pointer::push(&mut place, property);
            observed = "nothing".to_owned();
        }
        SchemaViolation {
            clause: self.schemas.clause_of.at_or_around(&keyword).unwrap_or(otherwise).clone(),
            place,
            expected: fragment::expected(error.kind(), secrets),
            observed,
        }
    }
}

/// What is told of a value.
struct Telling<'a> {
    schema: &'a BodySchema,
    judge: &'a Judge,
    secrets: &'a Secrets,
    most: usize,
    violations: Vec<SchemaViolation>,
}

/// Where in a value something is told of.
struct Around<'a> {
    place: &'a str,
    /// The clause of what none stands for.
    clause: &'a ClauseId,
    /// What a discriminator chose by, in words.
    chosen: Option<&'a str>,
}

impl Telling<'_> {
    /// Everything that a validator of the schema at a pointer has against a value.
    fn all(&mut self, validator: &Validator, pointer: &str, value: &Value, around: &Around<'_>) {
        if ways::are_many(&mut self.schema.application(self.judge), pointer, value) {
            self.first(pointer, value, around);
        } else if self.most == 1 {
            validator.validate(value).err().iter().for_each(|error| self.one(error, around));
        } else {
            validator.iter_errors(value).take(self.most).for_each(|error| self.one(&error, around));
        }
    }

    /// One thing that is wrong with a value of which it would take too long to tell them all.
    fn first(&mut self, pointer: &str, value: &Value, around: &Around<'_>) {
        let (schema, judge) = (self.schema, self.judge);
        let build = |at: &str| schema.reading.build_within(&judge.directed, at, &options()).ok();
        let mut known: BTreeMap<String, Option<Validator>> = BTreeMap::new();
        let is_valid = |at: &str, part: &Value| {
            let validator = known.entry(at.to_owned()).or_insert_with(|| build(at));
            validator.as_ref().is_none_or(|validator| validator.is_valid(part))
        };
        let (at, part, place) = ways::first(&mut schema.application(judge), pointer, value, is_valid);
        let place = format!("{}{place}", around.place);
        let around = Around { place: &place, ..*around };
        let is_simple = !ways::are_many(&mut schema.application(judge), &at, part);
        let explainer = is_simple.then(|| schema.explain(judge, &at)).flatten();
        match explainer.as_ref().and_then(|explainer| explainer.validate(part).err()) {
            Some(error) => self.one(&error, &around),
            None => self.violations.push(SchemaViolation {
                clause: schema.schemas.clause_of.at_or_around(&at).unwrap_or(around.clause).clone(),
                place: place.clone(),
                expected: "a value as documented".to_owned(),
                observed: fragment::observed(part, self.secrets),
            }),
        }
    }

    fn one(&mut self, error: &ValidationError<'_>, around: &Around<'_>) {
        if self.violations.len() == self.most || self.of_branch(error, around).is_some() {
            return;
        }
        let mut violation = self.schema.violation(error, self.secrets, around.clause);
        violation.place.insert_str(0, around.place);
        if let Some(chosen) = around.chosen {
            violation.expected = format!("{} where {chosen}", violation.expected);
        }
        self.violations.push(violation);
    }

    /// What is wrong with an object by the branch that a discriminator chooses. Nothing where it chooses none.
    fn of_branch(&mut self, error: &ValidationError<'_>, around: &Around<'_>) -> Option<()> {
        let keyword = self.schema.reading.written(error.schema_path().as_str());
        let (at, combiner) = keyword.rsplit_once('/').filter(|(_, name)| COMBINERS.contains(name))?;
        let schema = self.schema;
        let discriminator = self.judge.directed.discriminator(&schema.reading.document, at, combiner)?;
        let (value, place) = (error.instance(), format!("{}{}", around.place, error.instance_path().as_str()));
        let choice = discriminator.choice(value)?;
        let clause = schema.schemas.clause_of.at_or_around(&keyword).unwrap_or(around.clause);
        let meant = value.get(&discriminator.property)?;
        let number = match choice {
            Choice::Open => return None,
            Choice::Branch(number) => number,
            Choice::Nothing(values) => {
                let violation = SchemaViolation {
                    clause: clause.clone(),
                    place: pointer::join(&place, &discriminator.property),
                    expected: fragment::one_of(&values, self.secrets),
                    observed: fragment::observed(meant, self.secrets),
                };
                self.violations.push(violation);
                return Some(());
            }
        };
        let branch = pointer::join(&keyword, &number.to_string());
        let mut branches = self.judge.branches.lock().unwrap_or_else(PoisonError::into_inner);
        let explain = || schema.explain(self.judge, &branch).map(Arc::new);
        let validator = branches.entry(branch.clone()).or_insert_with(explain).clone()?;
        drop(branches);
        let chosen = format!("`{}` is {}", discriminator.property, self.secrets.shown(meant, 41));
        let before = self.violations.len();
        self.all(&validator, &branch, value, &Around { place: &place, clause, chosen: Some(&chosen) });
        (self.violations.len() > before).then_some(())
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schemas")
    }
}

impl fmt::Debug for BodySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodySchema").field(&self.pointer).finish()
    }
}

/// Whether a value has more than so many values in it.
fn is_larger_than(value: &Value, most: usize) -> bool {
    let mut seen = 0;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        seen += 1;
        if seen + open.len() > most {
            return true;
        }
        match value {
            Value::Array(items) if items.len() > most => return true,
            Value::Object(fields) if fields.len() > most => return true,
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    false
}
