//! The waivers file: read, and checked against the suite before the first request.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use super::failure::Failure;
use super::files;
use super::options::Options;
use super::options::value::date;
use super::suites::LoadedSuite;
use crate::contract::{ClauseId, Contract, Level};
use crate::run::{self, Filters};
use crate::source::shape::{self, Field, Kind, Object};
use crate::source::{Diagnostics, Node, SourceFile, did_you_mean, json_schema, parse_toml};
use crate::verdict::{Waiver, WaiverState, WaiverTerms};

/// The file where none is named.
pub(super) const NAME: &str = "waivers.toml";
/// So many comparisons of misspelt ids with those of rows are made; where there would be more, none is suggested.
const COMPARED: u64 = 50_000;

static WAIVER: Object = Object {
    name: "waiver",
    doc: "A known violation that doesn't fail the gate.",
    fields: &[
        Field::required("case", Kind::Text, "the case row's id"),
        Field::required("clause", Kind::Text, "the clause that it breaks"),
        Field::required("reason", Kind::Text, "why it is tolerated"),
        Field::new("issue", Kind::Text, "where it is tracked"),
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

/// The JSON Schema of the file, for editors.
pub(super) fn schema() -> serde_json::Value {
    json_schema("Waivers of conformant", &[&FILE])
}

/// The waivers that count in a run, for each of its suites: a waiver is of the suite that its case is of.
pub(super) fn read(options: &Options, all: &[LoadedSuite]) -> Result<Vec<Vec<Waiver>>, Failure> {
    let waivers = match &options.waivers {
        // The file that is to be written needn't be there yet.
        Some(path) if options.waive_current && !path.exists() => Vec::new(),
        Some(path) => read_file(path, all)?,
        None if options.waive_current && Path::new(NAME).exists() => read_file(Path::new(NAME), all)?,
        None => Vec::new(),
    };
    let mut of_suites = vec![Vec::new(); all.len()];
    for waiver in waivers {
        if let Some(waivers) = place(all, &waiver.case).and_then(|index| of_suites.get_mut(index)) {
            waivers.push(waiver);
        }
    }
    Ok(of_suites)
}

/// The place of the suite that a case is of. A run of one suite has no other.
fn place(all: &[LoadedSuite], case: &str) -> Option<usize> {
    let suite = case.split_once('/').map_or(case, |(suite, _)| suite);
    if all.len() == 1 { Some(0) } else { all.iter().position(|loaded| loaded.suite.name == suite) }
}

fn read_file(path: &Path, all: &[LoadedSuite]) -> Result<Vec<Waiver>, Failure> {
    let name = path.display().to_string();
    let resolved = files::resolved(path).map_err(|error| {
        Failure::usage(format!("the waivers {name} can't be read: {error}"), "name the file with --waivers FILE")
    })?;
    let refused = |refused: Diagnostics| refused.hinted("name a file of waivers with --waivers FILE");
    let file = SourceFile::read(&resolved, &name).map_err(refused)?;
    let root = parse_toml(&file)?;
    let mut diagnostics = Diagnostics::default();
    shape::check(&root, &Kind::Object(&FILE), &file, &mut diagnostics);
    let nodes = root.get("waiver").map(Node::items).unwrap_or_default();
    let mut reader = Reader { file: &file, all, seen: BTreeMap::new(), diagnostics };
    let waivers: Vec<Waiver> = nodes.iter().filter_map(|node| reader.waiver(node)).collect();
    let mut diagnostics = reader.diagnostics;
    known_cases(nodes, all, &file, &mut diagnostics);
    diagnostics.into_result()?;
    Ok(waivers)
}

struct Reader<'a> {
    file: &'a SourceFile,
    all: &'a [LoadedSuite],
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
        // A case that no suite has is reported with the others of its kind.
        let contract =
            text("case").and_then(|case| self.all.get(place(self.all, case)?)).map(|loaded| &loaded.contract);
        let clause = text("clause").zip(contract).and_then(|(id, contract)| self.clause(node, id, contract));
        let expires = text("expires").and_then(|text| self.date(node, text));
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
            terms: WaiverTerms {
                reason: text("reason")?.to_owned(),
                issue: text("issue").map(str::to_owned),
                expires: expires?,
            },
            place: format!("{}:{line}", self.file.name()),
            state: WaiverState::Unmet,
        })
    }

    fn clause(&mut self, node: &Node, id: &str, contract: &Contract) -> Option<ClauseId> {
        let span = node.get("clause").map_or(node.span, |node| node.span);
        match contract.clause(id) {
            Some(clause) if clause.level == Level::Ambiguous => {
                let message = format!("the clause `{id}` is ambiguous: nothing breaks it, so nothing need be waived");
                self.diagnostics.report(self.file, span, message);
                None
            }
            Some(clause) => Some(clause.id.clone()),
            None => {
                let close = did_you_mean(id, contract.ids());
                let report = self.diagnostics.report(self.file, span, format!("the contract has no clause `{id}`"));
                if let Some(close) = close {
                    report.hint(format!("did you mean `{close}`?"));
                }
                None
            }
        }
    }

    fn date(&mut self, node: &Node, text: &str) -> Option<Date> {
        let parsed = date(text);
        if parsed.is_none() {
            let span = node.get("expires").map_or(node.span, |node| node.span);
            let report = self.diagnostics.report(self.file, span, format!("`{text}` is no day"));
            report.hint("write the last day on which the waiver counts, as 2026-12-31");
        }
        parsed
    }
}

/// Reports every case that no suite has.
fn known_cases(nodes: &[Node], all: &[LoadedSuite], file: &SourceFile, diagnostics: &mut Diagnostics) {
    let mut unknown: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes.iter().filter_map(|node| node.get("case")) {
        if let Some(id) = node.as_str().filter(|id| !id.trim().is_empty()) {
            unknown.entry(id).or_default().push(node);
        }
    }
    if unknown.is_empty() {
        return;
    }
    let filters = Filters::default();
    let known = || all.iter().flat_map(|loaded| run::test_cases(&loaded.suite, &filters)).map(|test_case| test_case.id);
    for id in all.iter().flat_map(|loaded| run::own_cases(&loaded.suite)).chain(known()) {
        unknown.remove(id.as_str());
    }
    let rows = all.iter().map(|loaded| loaded.suite.rows()).fold(0, u64::saturating_add);
    let is_cheap = rows.saturating_mul(unknown.len() as u64) <= COMPARED;
    let who = if all.len() == 1 { "the suite has no case" } else { "no suite of the run has a case" };
    let compared: Vec<String> = known().take_while(|_| is_cheap && !unknown.is_empty()).collect();
    for (id, nodes) in unknown {
        let close = did_you_mean(id, compared.iter().map(String::as_str));
        let next = close.map_or("`conformant list` shows them".to_owned(), |close| format!("did you mean `{close}`?"));
        for node in nodes {
            diagnostics.report(file, node.span, format!("{who} `{id}`")).hint(next.as_str());
        }
    }
}
