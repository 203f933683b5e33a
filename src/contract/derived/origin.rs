//! Everything in a document that a clause is derived from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::super::clause::ClauseId;
use super::super::clause_of::ClauseOf;
use super::super::openapi::OperationPlan;
use super::super::status::DocumentedStatus;
use super::super::survey::Survey;
use super::checks::{CHECKS, body_check};
use super::place::{Heads, Kind, answer_of, encoded, first_word};
use super::rows::{ANNOTATIONS, Row, row_of};
use crate::pointer;

/// What of an operation is no keyword and has a clause: the operation's id, the status, and the rest.
pub(super) type Facet = (String, Option<DocumentedStatus>, String);

/// Something that a clause is derived from.
pub(super) struct Origin<'d> {
    pub(super) row: &'static Row,
    /// What it is in: where ids are alike in different ones, they are told apart.
    head: String,
    pub(super) id: String,
    pub(super) what: String,
    pub(super) value: Cow<'d, Value>,
    pub(super) pointer: String,
    pub(super) facet: Option<Facet>,
}

/// What clauses are derived from.
pub(in super::super) struct Source<'d> {
    pub(in super::super) document: &'d Value,
    pub(in super::super) survey: &'d Survey,
    pub(in super::super) plans: &'d [OperationPlan],
    /// What clauses of ours stand for.
    pub(in super::super) ours: &'d ClauseOf,
    /// The checks that clauses of ours are bound to.
    pub(in super::super) checks: &'d BTreeMap<String, ClauseId>,
}

impl Origin<'_> {
    /// What two of one id have to have alike to be one clause.
    pub(super) fn said(&self) -> (&str, String) {
        let value = if self.row.keyword == "required" { String::new() } else { self.value.to_string() };
        (&self.head, value)
    }

    /// The clause's id; `is_plain` where no other place has the same id and says something else.
    pub(super) fn clause(&self, is_plain: bool) -> Option<ClauseId> {
        if is_plain && let Some(id) = ClauseId::new(&self.id) {
            return Some(id);
        }
        let (head, value) = self.said();
        let digest = Sha256::digest(format!("{}\n{head}\n{value}", self.id));
        let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let kept = ClauseId::LONGEST - digest.len() - 1;
        ClauseId::new(&format!("{}~{digest}", self.id.get(..kept).unwrap_or(&self.id)))
    }
}

impl<'d> Source<'d> {
    pub(super) fn origins(&self) -> Vec<Origin<'d>> {
        let heads = self.heads();
        let mut origins = Vec::new();
        let ours = |pointer: &str| self.ours.at_or_around(pointer).is_some();
        for (pointer, _) in self.survey.keywords.iter().filter(|(pointer, used)| **used && !ours(pointer)) {
            origins.extend(self.keyword(&heads, pointer));
        }
        for (at, _) in self.survey.schemas.iter().filter(|(_, used)| **used) {
            let Some(schema) = self.document.pointer(at) else { continue };
            let annotations = ANNOTATIONS.iter().filter(|name| schema.get(**name).is_some_and(says_something));
            origins.extend(annotations.filter_map(|name| self.keyword(&heads, &pointer::join(at, name))));
        }
        for plan in self.plans {
            self.operation(plan, &mut origins);
            for response in plan.responses.values() {
                origins.extend(response.headers.iter().filter_map(|header| self.header(&heads, &header.pointer)));
            }
            origins.extend(plan.parameters.iter().filter_map(|at| self.parameter(&heads, at)));
        }
        origins
    }

    fn heads(&self) -> Heads<'d> {
        let mut heads = Heads::new(self.document);
        for plan in self.plans {
            let [operation, path] = &plan.pointers;
            heads.name(operation, Kind::Operation, &plan.id);
            heads.name(path, Kind::Path, &plan.path);
        }
        let mut shared: BTreeMap<&str, Kind> = BTreeMap::new();
        for plan in self.plans {
            shared.extend(plan.parameters.iter().map(|at| (at.as_str(), Kind::Parameter)));
            shared.extend(plan.body.iter().map(|at| (at.as_str(), Kind::Request)));
            for response in plan.responses.values() {
                shared.insert(&response.resolved, Kind::Response);
                shared.extend(response.headers.iter().map(|header| (header.pointer.as_str(), Kind::Header)));
            }
        }
        for (pointer, kind) in shared {
            heads.name_shared(pointer, kind);
        }
        // From the outside in, so that a schema is called by the outermost that it stands in.
        for pointer in self.survey.schemas.keys() {
            heads.name_shared(pointer, Kind::Schema);
        }
        heads
    }

    fn keyword(&self, heads: &Heads<'_>, pointer: &str) -> Option<Origin<'d>> {
        let value = self.document.pointer(pointer)?;
        let place = heads.place(pointer)?;
        let row = place.keyword.as_deref().and_then(row_of).or_else(|| row_of("no schema"))?;
        // What takes everything is nothing that a clause could stand for.
        if row.keyword == "uniqueItems" && value == &Value::Bool(false) {
            return None;
        }
        let id = [place.words.join("."), row.suffix.to_owned()].join(".");
        let (value, pointer) = (Cow::Borrowed(value), pointer.to_owned());
        Some(Origin { row, head: place.head, id, what: place.what, value, pointer, facet: None })
    }

    fn header(&self, heads: &Heads<'_>, at: &str) -> Option<Origin<'d>> {
        self.whole(heads, at, "a header")
    }

    fn parameter(&self, heads: &Heads<'_>, at: &str) -> Option<Origin<'d>> {
        let place = self.document.pointer(&pointer::join(at, "in")).and_then(Value::as_str);
        // In Swagger, a body is one.
        if matches!(place, Some("body" | "formData")) { None } else { self.whole(heads, at, "a parameter") }
    }

    /// A thing by itself, with nothing more to say of it.
    fn whole(&self, heads: &Heads<'_>, at: &str, keyword: &str) -> Option<Origin<'d>> {
        let (row, place) = (row_of(keyword)?, heads.place(at)?);
        if self.ours.at_or_around(at).is_some() {
            return None;
        }
        let (id, pointer) = (place.words.join("."), at.to_owned());
        let value = Cow::Owned(Value::Null);
        Some(Origin { row, head: place.head, id, what: place.what, value, pointer, facet: None })
    }

    /// What an operation has that is no keyword.
    fn operation(&self, plan: &OperationPlan, origins: &mut Vec<Origin<'d>>) {
        let [at, path] = &plan.pointers;
        let mut add = |keyword: &str, words: &[&str], what: &str, value: Value, pointer: String, status| {
            let Some(row) = row_of(keyword) else { return };
            let id = words.iter().copied().chain([row.suffix]).filter(|word| !word.is_empty());
            let rest = match keyword {
                "a response" | "a response without a body" => String::new(),
                "a body of an answer" => value.as_str().unwrap_or_default().to_owned(),
                "a body of a request" => format!("{keyword} {}", value.as_str().unwrap_or_default()),
                _ => keyword.to_owned(),
            };
            let facet = Some((plan.id.clone(), status, rest));
            let (id, what) = (id.collect::<Vec<_>>().join("."), what.to_owned());
            let value = Cow::Owned(value);
            origins.push(Origin { row, head: at.clone(), id, what, value, pointer, facet });
        };
        let name = first_word(Kind::Operation, &plan.id);
        let statuses: Vec<Value> = plan.responses.keys().map(|status| Value::from(status.to_string())).collect();
        for (check, keyword) in CHECKS {
            // Where everything else is documented, every status is.
            let says_all = *check == "documented-status" && plan.responses.contains_key(&DocumentedStatus::Default);
            if !self.checks.contains_key(*check) && !says_all {
                add(keyword, &[&name], &plan.id, Value::Array(statuses.clone()), at.clone(), None);
            }
        }
        for (status, response) in &plan.responses {
            let word = encoded(&status.to_string(), false);
            let what = answer_of(&plan.id, &status.to_string());
            let media_types: BTreeSet<String> =
                response.content.iter().map(|content| content.media_type.to_string()).collect();
            let media_types: Vec<Value> = media_types.into_iter().map(Value::from).collect();
            let keyword = if media_types.is_empty() { "a response without a body" } else { "a response" };
            if !(self.checks.contains_key("documented-status") && self.checks.contains_key("media-type")) {
                add(
                    keyword,
                    &[&name, &word],
                    &what,
                    Value::Array(media_types),
                    response.pointer.clone(),
                    Some(*status),
                );
            }
            for content in response.content.iter().filter(|_| !self.checks.contains_key(body_check(*status))) {
                let media_type = content.media_type.to_string();
                let words = [name.as_str(), &word, &encoded(&media_type, false)];
                let value = Value::from(media_type.as_str());
                add("a body of an answer", &words, &what, value, content.pointer.clone(), Some(*status));
            }
        }
        for content in &plan.request {
            let media_type = content.media_type.to_string();
            let words = [name.as_str(), "body", &encoded(&media_type, false)];
            let what = format!("the body of a request of {}", plan.id);
            add("a body of a request", &words, &what, Value::from(media_type.as_str()), content.pointer.clone(), None);
        }
        if let Some((pointer, true)) = self.security(at) {
            add("security", &[&name], &plan.id, Value::Null, pointer, None);
        }
        let others = self.plans.iter().filter(|other| other.pointers.last() == Some(path));
        let methods: BTreeSet<&str> = others.map(|other| other.method.as_str()).collect();
        let methods = methods.into_iter().map(Value::from).collect();
        add("other methods", &[&name], &plan.id, methods, path.clone(), None);
    }

    /// Where it stands what credentials an operation takes, and whether it takes no request without.
    fn security(&self, at: &str) -> Option<(String, bool)> {
        let places = [pointer::join(at, "security"), "/security".to_owned()];
        places.into_iter().find_map(|place| {
            let choices = self.document.pointer(&place)?.as_array()?;
            let is_open = |choice: &Value| choice.as_object().is_none_or(serde_json::Map::is_empty);
            Some((place, !choices.is_empty() && !choices.iter().any(is_open)))
        })
    }
}

/// Whether an annotation says anything.
fn says_something(value: &Value) -> bool {
    value != &Value::Bool(false) && !value.is_null()
}
