//! What all parts of the loader share: reporting, and reading texts, clauses, statuses and places out of nodes.
//!
//! A value of the wrong kind was reported by the table walk already; here it is passed over in silence.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value as Json;

use super::super::clauses::Clauses;
use super::super::cover::Cover;
use super::super::engine::FUNCTIONS;
use super::super::files::SuiteFiles;
use super::super::render::is_token;
use super::super::scope::{BUILT_IN, MADE};
use super::super::slug::is_slug;
use super::super::statement::Place;
use super::super::template::Text;
use super::super::tree::Tree;
use crate::contract::{Operation, Polarity};
use crate::pattern::Pattern;
use crate::pointer::Pointer;
use crate::source::{Diagnostic, Diagnostics, Entry, Node, NodeValue, SourceFile, Span, did_you_mean};

/// So many undefined names of one text are told of, for the place of each has to be looked for.
const UNDEFINED_TOLD: usize = 20;

/// So many operations are named where the one that is meant isn't there.
const OPERATIONS_TOLD: usize = 20;

/// Words that minijinja keeps for itself.
const KEYWORDS: [&str; 16] = [
    "true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else", "loop", "self",
    "for",
];

/// Whether a variable, a secret or a resource may be called so.
pub fn is_template_name(name: &str) -> bool {
    is_identifier(name) && !is_taken(name)
}

fn is_identifier(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    starts && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn is_taken(name: &str) -> bool {
    FUNCTIONS.contains(&name) || BUILT_IN.contains(&name) || KEYWORDS.contains(&name)
}

/// The names that a template may use.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Variables.
    pub(super) variables: BTreeSet<String>,
    /// Secrets, which titles must not show.
    pub(super) secrets: BTreeSet<String>,
    /// Those of both that may be without a value.
    pub(super) optional: BTreeSet<String>,
    /// What a run finds out before the cases.
    pub(super) probes: BTreeSet<String>,
    /// The operations that `suite.yaml` names, those among them that it has mistakes in.
    pub(super) operations: BTreeSet<String>,
    /// What can be made for a case.
    pub(super) resources: BTreeSet<String>,
    /// Columns and saved exchanges.
    pub(super) local: BTreeSet<String>,
    /// Whether `request` and `response` stand for the exchange being judged.
    pub(super) judging: bool,
    /// Whether `kept` stands for what the ledger keeps of a request.
    finding: bool,
    /// Whether the suite's names are unknown, because its file can't be read.
    unknown: bool,
}

impl Names {
    /// No name is an error.
    pub(super) fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// These and the exchange being judged.
    pub(super) fn judging(&self) -> Self {
        Self { judging: true, ..self.clone() }
    }

    /// These and what the ledger keeps of a request.
    pub(super) fn finding(&self) -> Self {
        Self { finding: true, ..self.clone() }
    }

    /// What a title may show.
    pub(super) fn without_secrets(&self) -> Self {
        Self { secrets: BTreeSet::new(), ..self.without_resources() }
    }

    /// What is there before anything is sent.
    pub(super) fn without_resources(&self) -> Self {
        Self { resources: BTreeSet::new(), ..self.clone() }
    }

    /// These and the exchange that made a resource.
    pub(super) fn of_made(&self) -> Self {
        let mut names = self.without_resources();
        names.local.insert(MADE.to_owned());
        names
    }

    /// Whether the suite gives that name.
    pub(super) fn given(&self, name: &str) -> bool {
        self.unknown || self.variables.contains(name) || self.secrets.contains(name)
    }

    fn has(&self, name: &str) -> bool {
        let there = match name {
            "request" | "response" => self.judging,
            "kept" => self.finding,
            "probes" => !self.probes.is_empty(),
            _ => true,
        };
        self.given(name)
            || self.local.contains(name)
            || self.resources.contains(name)
            || (BUILT_IN.contains(&name) && there)
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let own = self.variables.iter().chain(&self.secrets).chain(&self.resources).chain(&self.local);
        let own = own.map(String::as_str);
        own.chain(FUNCTIONS).chain(BUILT_IN.into_iter().filter(|name| match *name {
            "kept" => self.finding,
            "probes" => !self.probes.is_empty(),
            _ => self.judging,
        }))
    }
}

/// Reads one file's nodes.
pub(super) struct Reader<'a> {
    pub(super) file: &'a SourceFile,
    /// The file's name within the suite.
    pub(super) name: &'a str,
    diagnostics: &'a mut Diagnostics,
    clauses: &'a dyn Clauses,
    /// The suite's folder.
    folder: &'a SuiteFiles,
    /// The names that templates used since this was last taken, with the first place, and whether every use copes
    /// with their absence.
    used: BTreeMap<String, (Span, bool)>,
    /// Whether it was told that an operation has to be named.
    tells_of_operations: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        file: &'a SourceFile,
        name: &'a str,
        diagnostics: &'a mut Diagnostics,
        clauses: &'a dyn Clauses,
        folder: &'a SuiteFiles,
    ) -> Self {
        Self { file, name, diagnostics, clauses, folder, used: BTreeMap::new(), tells_of_operations: false }
    }

    pub(super) fn report(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.report(self.file, span, message)
    }

    /// The names used since this was last called.
    pub(super) fn take_used(&mut self) -> BTreeMap<String, (Span, bool)> {
        std::mem::take(&mut self.used)
    }

    /// Reads something; gives back which of the resources with these names its templates use, too.
    pub(super) fn with_resources<T>(
        &mut self,
        names: &Names,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, BTreeSet<String>) {
        let (value, used) = self.with_used(read);
        (value, used.into_keys().filter(|name| names.resources.contains(name)).collect())
    }

    /// Reads something; gives back the names that its templates use, as [`Self::take_used`], too.
    pub(super) fn with_used<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, BTreeMap<String, (Span, bool)>) {
        let before = self.take_used();
        let value = read(self);
        let used = self.used.clone();
        for (name, (span, copes)) in before {
            let known = self.used.entry(name).or_insert((span, copes));
            *known = (span, copes && known.1);
        }
        (value, used)
    }

    /// A text that may be a template.
    pub(super) fn text(&mut self, node: &Node, names: &Names) -> Option<Text> {
        let source = node.scalar_text()?;
        let text = match Text::parse(&source) {
            Ok(text) => text,
            Err(error) => {
                let span = self.file.span_within(node, error.at.clone());
                let report = self.report(span, error.message);
                if let Some(hint) = error.hint {
                    report.hint(hint);
                }
                return None;
            }
        };
        self.probes(node, &source, names);
        let copes = source.contains("default") || source.contains("defined");
        let mut undefined = 0;
        for name in text.names() {
            let known = names.has(name);
            if let Some(used) = self.used.get_mut(name.as_str()).filter(|_| known) {
                used.1 &= copes;
                continue;
            }
            undefined += usize::from(!known);
            if !known && undefined > UNDEFINED_TOLD {
                continue;
            }
            let at = source.find(name.as_str()).unwrap_or(0);
            let span = self.file.span_within(node, at..at + name.len());
            if known {
                self.used.insert(name.clone(), (span, copes));
            } else {
                self.undefined(name, span, names);
            }
        }
        self.diagnostics.leave_out(undefined.saturating_sub(UNDEFINED_TOLD));
        Some(text)
    }

    /// Reports probes that a template names and the suite doesn't have.
    fn probes(&mut self, node: &Node, source: &str, names: &Names) {
        for (at, word) in source.match_indices("probes.").filter(|_| !names.probes.is_empty()).take(UNDEFINED_TOLD) {
            let rest = source.get(at + word.len()..).unwrap_or_default();
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            if !names.probes.contains(name) {
                let start = at + word.len();
                let span = self.file.span_within(node, start..start + name.len());
                let close = did_you_mean(name, names.probes.iter().map(String::as_str));
                let report = self.report(span, format!("the suite has no probe `{name}`"));
                if let Some(close) = close {
                    report.hint(format!("did you mean `{close}`?"));
                }
            }
        }
    }

    fn undefined(&mut self, name: &str, span: Span, names: &Names) {
        let hint = match (did_you_mean(name, names.all()), name) {
            (_, "kept") => "only `find` in a suite's cleanup has it".to_owned(),
            (_, MADE) => "only the `id` of a resource has it; elsewhere it is an attribute of the resource".to_owned(),
            (_, "request" | "response") => "only statements and cleanup have it; elsewhere save a step".to_owned(),
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, _) => format!("known here: {}", names.all().collect::<Vec<_>>().join(", ")),
        };
        self.report(span, format!("nothing is called `{name}` here")).hint(hint);
    }

    /// A text at a key.
    pub(super) fn text_at(&mut self, node: &Node, key: &str, names: &Names) -> Option<Text> {
        self.text(node.get(key)?, names)
    }

    /// A template that says whether something is so.
    pub(super) fn condition_at(&mut self, node: &Node, key: &str, names: &Names) -> Option<Text> {
        let node = node.get(key)?;
        let condition = self.text(node, names)?;
        if !condition.is_expression() {
            let report = self.report(node.span, format!("a `{key}` that is a text is always true"));
            report.hint("write one expression, as in `{{ first.response.status == 200 }}`");
        }
        Some(condition)
    }

    /// A JSON value whose strings may be templates.
    pub(super) fn tree(&mut self, node: &Node, names: &Names) -> Tree {
        match &node.value {
            NodeValue::String(text) => match self.text(node, names) {
                Some(template) if !template.is_literal() => Tree::Text(template),
                _ => Tree::Scalar(Json::String(text.clone())),
            },
            NodeValue::List(items) => Tree::Array(items.iter().map(|item| self.tree(item, names)).collect()),
            NodeValue::Map(entries) => {
                let field = |entry: &Entry| (entry.key.clone(), self.tree(&entry.value, names));
                Tree::Object(entries.iter().map(field).collect())
            }
            NodeValue::Null | NodeValue::Bool(_) | NodeValue::Number(_) => Tree::Scalar(node.to_json()),
        }
    }

    /// The operation of the contract that the key of an entry names.
    pub(super) fn documented(&mut self, entry: &Entry) -> Option<Operation> {
        let clauses = self.clauses;
        let found = clauses.operation(&entry.key);
        if found.is_none() {
            let known = clauses.operations();
            let more = match known.len().saturating_sub(OPERATIONS_TOLD) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let hint = match did_you_mean(&entry.key, known.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None if known.is_empty() => "it has none that can be called".to_owned(),
                None => format!(
                    "it has {}{more}",
                    known.iter().take(OPERATIONS_TOLD).copied().collect::<Vec<_>>().join(", ")
                ),
            };
            self.report(entry.key_span, format!("the contract has no operation `{}`", entry.key)).hint(hint);
        }
        found
    }

    /// Whether an operation of the contract may have a method, or any, and a path like this one.
    pub(super) fn may_have(&self, method: Option<&str>, fits: &dyn Fn(&Operation) -> bool) -> bool {
        self.clauses.may_have(method, fits)
    }

    /// The bytes of the file of the suite's folder that a node names.
    pub(super) fn file_bytes(&mut self, node: &Node) -> Option<Bytes> {
        let path = node.as_str()?;
        let read = self.folder.attachment(path);
        read.map_err(|cause| self.report(node.span, format!("the file `{path}` {cause}")).clone()).ok()
    }

    /// The id of the operation of the suite that a node is.
    pub(super) fn called(&mut self, node: &Node, names: &Names) -> Option<String> {
        let id = node.as_str()?;
        let known = || names.operations.iter().map(String::as_str);
        if !names.unknown && !names.operations.contains(id) {
            let hint = match did_you_mean(id, known()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("suite.yaml has {}; name it there, too", listed(known())),
            };
            self.report(node.span, format!("the suite has no operation `{id}`")).hint(hint);
        }
        Some(id.to_owned())
    }

    /// The id of the operation that a node calls: the one that it names, or else this one, or the only one that there is.
    /// That it isn't said is told once a file.
    pub(super) fn operation(&mut self, node: &Node, span: Span, names: &Names, usual: Option<&str>) -> Option<String> {
        if let Some(named) = node.get("operation") {
            return self.called(named, names);
        }
        let only = || names.operations.first().filter(|_| names.operations.len() == 1).cloned();
        let found = usual.map(str::to_owned).or_else(only);
        if found.is_none() && !names.unknown && !names.operations.is_empty() && !self.tells_of_operations {
            self.tells_of_operations = true;
            let known = names.operations.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint = format!("add `operation`, here or for the whole file: {known}");
            self.report(span, "which operation this calls isn't said").hint(hint);
        }
        found
    }

    /// A clause's id that the contract has.
    pub(super) fn clause(&mut self, node: &Node) -> Option<String> {
        let clause = node.as_str()?;
        self.known_clause(clause, node.span).map(|_| clause.to_owned())
    }

    /// The clause that the contract has of an operation's answers with these statuses, where a suite names none.
    pub(super) fn usual_clause(&self, operation: &str, statuses: &[u16]) -> Option<String> {
        self.clauses.usual(Some(operation), statuses)
    }

    /// The clause that the contract has of any answer, where a suite names none.
    pub(super) fn usual_control(&mut self, span: Span, lacks: &str) -> Option<String> {
        let usual = self.clauses.usual(None, &[]);
        if usual.is_none() {
            self.report(span, lacks);
        }
        usual
    }

    pub(super) fn known_clause(&mut self, clause: &str, span: Span) -> Option<Vec<Polarity>> {
        let clauses = self.clauses;
        let polarities = clauses.polarities(clause);
        if polarities.is_none() {
            let report = self.report(span, format!("the contract has no clause `{clause}`"));
            if let Some(close) = did_you_mean(clause, clauses.ids()) {
                report.hint(format!("did you mean `{close}`?"));
            }
        }
        polarities
    }

    /// The schema keywords that a clause stands for.
    pub(super) fn schema(&self, clause: &str) -> Vec<String> {
        self.clauses.schema(clause)
    }

    /// Whether a clause is about a request among others.
    pub(super) fn is_relative(&self, clause: &str) -> bool {
        self.clauses.is_relative(clause)
    }

    /// Whether the contract says where an error body has its code.
    pub(super) fn have_code_place(&self) -> bool {
        self.clauses.have_code_place()
    }

    /// Whether a check, or a schema keyword of an answer, is about a clause.
    pub(super) fn judges_answers(&self, clause: &str) -> bool {
        self.clauses.judges_answers(clause)
    }

    /// Clauses with polarities that the contract gives them.
    pub(super) fn covers(&mut self, node: &Node) -> Vec<Cover> {
        let mut covers = Vec::new();
        for entry in node.entries() {
            let polarity = entry.value.as_str().and_then(|word| word.parse().ok());
            let known = self.known_clause(&entry.key, entry.key_span);
            let (Some(polarity), Some(known)) = (polarity, known) else {
                continue;
            };
            if !known.contains(&polarity) {
                let allowed = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let message = format!("nothing can {polarity} for the clause `{}`", entry.key);
                self.report(entry.value.span, message).hint(format!("the contract gives it: {allowed}"));
                continue;
            }
            covers.push(Cover { clause: entry.key.clone(), polarity });
        }
        covers
    }

    /// One status or several.
    pub(super) fn statuses(&mut self, node: &Node) -> Vec<u16> {
        let status = |node: &Node| node.as_u64().and_then(|status| u16::try_from(status).ok());
        node.one_or_many().iter().filter_map(status).collect()
    }

    /// A status as a key.
    pub(super) fn status_key(&mut self, entry: &Entry) -> Option<u16> {
        let status = entry.key.parse().ok().filter(|status| (100..600).contains(status));
        if status.is_none() {
            self.report(entry.key_span, format!("`{}` is no status from 100 to 599", entry.key));
        }
        status
    }

    /// A place in an answer.
    pub(super) fn place(&mut self, node: &Node) -> Option<Place> {
        let text = node.as_str()?;
        let pointer = self.pointer(text, node.span)?;
        let place = match pointer.split_first() {
            Some(("status", rest)) if rest.tokens().is_empty() => Some(Place::Status),
            Some(("headers", rest)) => match rest.tokens() {
                [name] if is_token(name) => Some(Place::Header(name.to_ascii_lowercase())),
                [name, number] if is_token(name) && (number == "*" || number.parse::<u16>().is_ok()) => {
                    Some(Place::Field(name.to_ascii_lowercase(), number.clone()))
                }
                _ => None,
            },
            Some(("body", rest)) => Some(Place::Body(rest)),
            _ => None,
        };
        if place.is_none() {
            self.report(node.span, format!("`{text}` is no place in an answer"))
                .hint("write /status, /headers/<name>, /headers/<name>/<number> or /*, or /body and a JSON pointer");
        }
        place
    }

    pub(super) fn pointer(&mut self, text: &str, span: Span) -> Option<Pointer> {
        Pointer::parse(text).map_err(|error| self.report(span, format!("`{text}`: {error}")).clone()).ok()
    }

    /// A regular expression of ECMA-262.
    pub(super) fn pattern(&mut self, node: &Node) -> Option<Pattern> {
        let text = node.as_str()?;
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let span = self.file.span_within(node, error.at.clone());
                self.report(span, format!("no regular expression of ECMA-262: {error}"));
                None
            }
        }
    }

    /// A slug: the whole of an id's part.
    pub(super) fn slug(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = node.scalar_text()?;
        if is_slug(&text) {
            return Some(text);
        }
        self.report(node.span, format!("the {what} `{text}` holds more than a-z, 0-9, `.`, `_` and `-`"))
            .hint("ids stand in file names and on command lines: at most 64 characters, a letter or digit first");
        None
    }

    /// A name that templates can use and that hides no other.
    pub(super) fn name(&mut self, name: &str, span: Span, what: &str, names: &Names) -> Option<String> {
        let (fits, taken) = (is_identifier(name), is_taken(name));
        let hides = !names.unknown && names.given(name);
        let hides_resource = names.resources.contains(name);
        if !fits {
            self.report(span, format!("the {what} `{name}` is no name: letters, digits and `_`, no digit first"));
        } else if taken {
            self.report(span, format!("the {what} `{name}` has a name that templates use for something else"));
        } else if hides {
            self.report(span, format!("the {what} `{name}` hides the variable or secret of that name"));
        } else if hides_resource {
            self.report(span, format!("the {what} `{name}` hides the resource of that name"));
        }
        (fits && !taken && !hides && !hides_resource).then(|| name.to_owned())
    }

    /// Names of variables, secrets and probes.
    pub(super) fn needs(&mut self, node: &Node, names: &Names) -> Vec<String> {
        for item in node.items() {
            if let Some(name) = item.as_str().filter(|name| !names.given(name) && !names.probes.contains(*name)) {
                let known = || names.variables.iter().chain(&names.secrets).chain(&names.probes).map(String::as_str);
                let close = did_you_mean(name, known());
                let report = self.report(item.span, format!("the suite has no variable, secret or probe `{name}`"));
                if let Some(close) = close {
                    report.hint(format!("did you mean `{close}`?"));
                }
            }
        }
        node.items().iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

/// Names in a message.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names = names.collect::<Vec<_>>().join(", ");
    if names.is_empty() { "none".to_owned() } else { names }
}
