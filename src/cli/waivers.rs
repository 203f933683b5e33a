//! The waivers file: read, checked against the suite before the first request, and written for today's violations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::args::RunArgs;
use super::failure::Failure;
use super::suites::{LoadedSuite, broken};
use crate::atomic;
use crate::contract::{ClauseId, Contract, Level};
use crate::run::{self, Filters};
use crate::source::shape::{self, Field, Kind, Object};
use crate::source::{Diagnostics, MAX_FILE_BYTES, Node, SourceFile, did_you_mean, parse_toml};
use crate::verdict::{CaseResult, FindingKind, Waiver};

/// What some editors begin a file with.
const MARK: char = '\u{feff}';
/// Where new waivers go where no file is named.
const NAME: &str = "waivers.toml";
/// The most violations for which waivers are written.
const MOST: usize = 2_000;
/// So many comparisons of misspelt ids with those of rows are made; where there would be more, none is suggested.
const COMPARED: u64 = 50_000;

static WAIVER: Object = Object {
    name: "waiver",
    doc: "A known violation that doesn't fail the gate.",
    fields: &[
        Field::required("case", Kind::Text, "the case row's id"),
        Field::required("clause", Kind::Text, "the clause that it breaks"),
        Field::required("reason", Kind::Text, "why it is put up with"),
        Field::new("issue", Kind::Text, "where it is dealt with"),
        Field::required("expires", Kind::Text, "the last day on which it counts, as 2026-12-31"),
    ],
    others: None,
};

static FILE: Object = Object {
    name: "file",
    doc: "Known violations.",
    fields: &[Field::new("waiver", Kind::List(&Kind::Object(&WAIVER), 0), "the waivers, each as `[[waiver]]`")],
    others: None,
};

/// The waivers that count in a run.
pub(super) fn read(args: &RunArgs, loaded: &LoadedSuite) -> Result<Vec<Waiver>, Failure> {
    match &args.waivers.file {
        // The file that is to be written needn't be there yet.
        Some(path) if args.waivers.waive_current && !path.exists() => Ok(Vec::new()),
        Some(path) => read_file(path, loaded),
        None if args.waivers.waive_current && Path::new(NAME).exists() => read_file(Path::new(NAME), loaded),
        None => Ok(Vec::new()),
    }
}

fn read_file(path: &Path, loaded: &LoadedSuite) -> Result<Vec<Waiver>, Failure> {
    let name = path.display().to_string();
    // A link may be followed here: the file is the user's own choice, and often mounted as one.
    let resolved = fs::canonicalize(path).map_err(|error| {
        Failure::usage(format!("the waivers {name} can't be read: {error}"), "name the file with --waivers FILE")
    })?;
    let refused = |refused: Diagnostics| broken(refused.hinted("name a file of waivers with --waivers FILE"));
    let file = SourceFile::read(&resolved, &name).map_err(refused)?;
    let root = parse_toml(&file).map_err(broken)?;
    let mut diagnostics = Diagnostics::default();
    shape::check(&root, &Kind::Object(&FILE), &file, &mut diagnostics);
    let nodes = root.get("waiver").map(Node::items).unwrap_or_default();
    let mut reader = Reader { file: &file, contract: &loaded.contract, seen: BTreeMap::new(), diagnostics };
    let waivers: Vec<Waiver> = nodes.iter().filter_map(|node| reader.waiver(node)).collect();
    let mut diagnostics = reader.diagnostics;
    known_cases(nodes, loaded, &file, &mut diagnostics);
    diagnostics.into_result().map_err(broken)?;
    Ok(waivers)
}

struct Reader<'a> {
    file: &'a SourceFile,
    contract: &'a Contract,
    seen: BTreeMap<(String, String), u32>,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    /// One waiver; `None` where something of it is wrong, which is reported.
    fn waiver(&mut self, node: &Node) -> Option<Waiver> {
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        for key in ["case", "reason", "issue"] {
            if let Some(empty) = node.get(key).filter(|node| node.as_str().is_some_and(|text| text.trim().is_empty())) {
                self.diagnostics.report(self.file, empty.span, format!("`{key}` is empty"));
            }
        }
        let clause = text("clause").and_then(|id| self.clause(node, id));
        let expires = text("expires").and_then(|written| self.date(node, written));
        let (case, clause_text) = (text("case")?, text("clause")?);
        let line = node.span.line;
        if let Some(first) = self.seen.insert((case.to_owned(), clause_text.to_owned()), line) {
            self.diagnostics
                .report(self.file, node.span, format!("{case} has a waiver for {clause_text} already"))
                .hint(format!("it stands in line {first}: keep one of them"));
        }
        Some(Waiver {
            case: case.to_owned(),
            clause: clause?,
            reason: text("reason")?.to_owned(),
            issue: text("issue").map(str::to_owned),
            expires: expires?,
            place: format!("{}:{line}", self.file.name()),
        })
    }

    fn clause(&mut self, node: &Node, id: &str) -> Option<ClauseId> {
        let span = node.get("clause").map_or(node.span, |node| node.span);
        match self.contract.clause(id) {
            Some(clause) if clause.level == Level::Ambiguous => {
                let message = format!("the clause `{id}` is ambiguous: nothing breaks it, so nothing need be waived");
                self.diagnostics.report(self.file, span, message);
                None
            }
            Some(clause) => Some(clause.id.clone()),
            None => {
                let close = did_you_mean(id, self.contract.clauses().iter().map(|clause| clause.id.as_str()));
                let report = self.diagnostics.report(self.file, span, format!("the contract has no clause `{id}`"));
                if let Some(close) = close {
                    report.hint(format!("did you mean `{close}`?"));
                }
                None
            }
        }
    }

    fn date(&mut self, node: &Node, written: &str) -> Option<Date> {
        let parsed = date(written);
        if parsed.is_none() {
            let span = node.get("expires").map_or(node.span, |node| node.span);
            self.diagnostics
                .report(self.file, span, format!("`{written}` is no day"))
                .hint("write the last day on which the waiver counts, as 2026-12-31");
        }
        parsed
    }
}

/// A day as it is written in files and flags, and in no other way.
pub(super) fn date(written: &str) -> Option<Date> {
    written.parse::<Date>().ok().filter(|date| date.to_string() == written)
}

/// Reports every case that the suite doesn't have.
fn known_cases(nodes: &[Node], loaded: &LoadedSuite, file: &SourceFile, diagnostics: &mut Diagnostics) {
    let named = nodes.iter().filter_map(|node| node.get("case"));
    let mut unknown: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in named {
        unknown.entry(node.as_str().unwrap_or_default()).or_default().push(node);
    }
    if unknown.is_empty() {
        return;
    }
    for id in run::own_cases(&loaded.suite) {
        unknown.remove(id.as_str());
    }
    let all = Filters::default();
    for test_case in run::test_cases(&loaded.suite, &all) {
        unknown.remove(test_case.id.as_str());
    }
    let comparisons = loaded.suite.rows().saturating_mul(unknown.len() as u64);
    let compared: Vec<String> = if !unknown.is_empty() && comparisons <= COMPARED {
        run::test_cases(&loaded.suite, &all).map(|test_case| test_case.id).collect()
    } else {
        Vec::new()
    };
    for (id, nodes) in unknown.into_iter().filter(|(id, _)| !id.trim().is_empty()) {
        for node in nodes {
            let close = did_you_mean(id, compared.iter().map(String::as_str));
            let next =
                close.map_or("`conformant list` shows them".to_owned(), |close| format!("did you mean `{close}`?"));
            diagnostics.report(file, node.span, format!("the suite has no case `{id}`")).hint(next);
        }
    }
}

/// Waivers to be written for what a run finds.
pub(super) struct Current {
    path: PathBuf,
    expires: Date,
    reason: String,
    strict: bool,
    found: BTreeSet<(String, ClauseId)>,
    more: usize,
}

impl Current {
    /// What the arguments ask for, if they do. Tells before the first request whether the file can be written.
    pub(super) fn of(args: &RunArgs, today: Date) -> Result<Option<Self>, Failure> {
        let asked = &args.waivers;
        if !asked.waive_current {
            return Ok(None);
        }
        let (Some(expires), Some(reason)) = (asked.expires, asked.reason.clone()) else {
            return Err(Failure::usage(
                "--waive-current writes waivers, which have a last day and a reason",
                "give --expires DATE and --reason TEXT",
            ));
        };
        if reason.trim().is_empty() {
            return Err(Failure::usage("the reason of --reason is empty", "say why the violations are put up with"));
        }
        if expires < today {
            return Err(Failure::usage(
                format!("--expires {expires} has passed: today is {today} in UTC"),
                "give a day to come",
            ));
        }
        let path = asked.file.clone().unwrap_or_else(|| PathBuf::from(NAME));
        let current = Self { path, expires, reason, strict: args.strict, found: BTreeSet::new(), more: 0 };
        atomic::check(&current.target()).map_err(|error| current.unwritten(&error))?;
        Ok(Some(current))
    }

    /// Takes in what a case broke that isn't waived.
    pub(super) fn record(&mut self, result: &CaseResult) {
        let fatal =
            |kind: FindingKind| kind == FindingKind::Violation || (self.strict && kind == FindingKind::Deviation);
        let found = result.broken().filter(|finding| fatal(finding.kind) && !result.waives(finding));
        for finding in found.cloned().collect::<Vec<_>>() {
            if self.found.len() < MOST {
                self.found.insert((result.id.clone(), finding.clause));
            } else {
                self.more += 1;
            }
        }
    }

    /// Writes the waivers, behind what the file holds; those that have expired get the new day and reason. Gives back what
    /// to tell.
    pub(super) fn write(&self) -> Result<String, Failure> {
        let shown = self.path.display();
        if self.more > 0 {
            return Err(Failure::usage(
                format!("more than {MOST} violations: {shown} is left as it is"),
                "waive what a filter selects, a part at a time",
            ));
        }
        if self.found.is_empty() {
            return Ok(format!("no waiver was written to {shown}: there is no violation that isn't waived\n"));
        }
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.unwritten(&error)),
        };
        let mut document: DocumentMut = text.parse().map_err(|error| {
            Failure::usage(format!("{shown} changed while the run went on: {error}"), "mend it and run again")
        })?;
        let held = match document.get_mut("waiver") {
            None => None,
            Some(Item::ArrayOfTables(waivers)) => Some(waivers),
            Some(_) => {
                return Err(Failure::usage(
                    format!("{shown} has its waivers in one list"),
                    "write each as a table of its own, headed `[[waiver]]`",
                ));
            }
        };
        let (renewed, new) = self.sorted(held);
        let held = if renewed > 0 { document.to_string() } else { text.clone() };
        let text = as_before(&text, behind(held, &new.to_string()));
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(Failure::usage(
                format!("with so many waivers {shown} would be larger than can be read again"),
                "waive what a filter selects, each part in a file of its own",
            ));
        }
        atomic::write_durably(&self.target(), &text).map_err(|error| self.unwritten(&error))?;
        let plural = if self.found.len() == 1 { "waiver" } else { "waivers" };
        let renewed = if renewed > 0 { format!(", {renewed} of them renewed") } else { String::new() };
        Ok(format!(
            "wrote {} {plural} until {} to {shown}{renewed}: they count from the next run on\n",
            self.found.len(),
            self.expires
        ))
    }

    /// Renews those of the waivers in the file that are written anew, and counts them; the others make a document of their
    /// own.
    fn sorted(&self, held: Option<&mut ArrayOfTables>) -> (usize, DocumentMut) {
        let mut held: Vec<&mut Table> = held.into_iter().flat_map(ArrayOfTables::iter_mut).collect();
        let (mut renewed, mut new) = (0, ArrayOfTables::new());
        for (case, clause) in &self.found {
            let is_it = |table: &Table| {
                let text = |key: &str| table.get(key).and_then(Item::as_str);
                (text("case"), text("clause")) == (Some(case), Some(clause.as_str()))
            };
            if let Some(table) = held.iter_mut().find(|table| is_it(table)) {
                put(table, "reason", &self.reason);
                put(table, "expires", &self.expires.to_string());
                renewed += 1;
                continue;
            }
            let mut table = Table::new();
            put(&mut table, "case", case);
            put(&mut table, "clause", clause.as_str());
            put(&mut table, "reason", &self.reason);
            put(&mut table, "expires", &self.expires.to_string());
            new.push(table);
        }
        let mut document = DocumentMut::new();
        document.insert("waiver", Item::ArrayOfTables(new));
        (renewed, document)
    }

    /// What is written: where the file is a link, what it links to.
    fn target(&self) -> PathBuf {
        fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn unwritten(&self, error: &std::io::Error) -> Failure {
        Failure::sink(&format!("the waivers {}", self.path.display()), error)
    }
}

/// A text and, behind all of it, another, a blank line between them.
fn behind(held: String, new: &str) -> String {
    let mut text = held;
    let blank = text.trim_start_matches(MARK).is_empty() || text.ends_with("\n\n") || text.ends_with("\n\r\n");
    if !new.is_empty() && !blank {
        text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    text + new
}

/// The text with line ends as the first one was before, and the byte order mark that was there: what writes TOML keeps
/// neither.
fn as_before(before: &str, text: String) -> String {
    let windows = before.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"));
    let text = if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
    if before.starts_with(MARK) && !text.starts_with(MARK) { format!("{MARK}{text}") } else { text }
}

/// Sets a key of a waiver; the comment behind an older value stays.
fn put(table: &mut Table, key: &str, text: &str) {
    let mut value = Value::from(text);
    if let Some(older) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = older.decor().clone();
    }
    table.insert(key, Item::Value(value));
}
