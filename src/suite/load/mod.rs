//! From files to a [`Suite`], or everything that is wrong with them at once.

mod called;
mod case;
mod documented;
mod evidence;
mod expect;
mod obtain;
mod parameter;
mod reader;
mod request;
mod snapshot;
mod statement;
mod suite;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::case::Case;
use super::clauses::Clauses;
use super::files::{SUITE_FILE, SuiteFiles};
use super::language::{CASE_FILE, SUITE};
use super::model::Suite;
use super::slug::is_slug;
use crate::source::shape::{Kind, check};
use crate::source::{Diagnostics, Node, SourceFile, Span, parse};
use evidence::Evidence;
pub use reader::is_template_name;
use reader::{Names, Reader};

/// The most rows of a suite.
const MAX_ROWS: u64 = 2_000_000;
/// The usual name of the contract's file.
const CONTRACT_FILE: &str = "contract.yaml";

impl Suite {
    /// Loads a suite. `clauses` are the contract's.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files, each at its place.
    pub fn load(files: &SuiteFiles, clauses: &dyn Clauses) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let head = match files.get(SUITE_FILE) {
            Some(file) => parsed(file, &Kind::Object(&SUITE), &mut diagnostics),
            None => {
                let shown = format!("{}/{SUITE_FILE}", files.name());
                diagnostics.extend(SourceFile::refused(&shown, "missing: every suite has one"));
                None
            }
        };
        let (suite, names) = match &head {
            Some((file, node)) => {
                let mut reader = Reader::new(file, SUITE_FILE, &mut diagnostics, clauses, files);
                suite::load(&mut reader, node, files)
            }
            None => (None, Names::unknown()),
        };
        let contract = head.as_ref().and_then(|(_, node)| node.get("contract")?.as_str());
        let contract = contract.unwrap_or(CONTRACT_FILE);
        let evidence = suite.as_ref().map(Evidence::new);
        let mut cases = Vec::new();
        let mut room = Some(MAX_ROWS);
        for (name, file) in
            files.iter().filter(|(name, _)| *name != SUITE_FILE && *name != contract && !files.is_document(name))
        {
            let Some(stem) = name.strip_suffix(".yaml").filter(|stem| is_slug(stem)) else {
                diagnostics.report(file, Span::START, "a case file is named with a-z, 0-9, `.`, `_` and `-` only");
                continue;
            };
            let before = diagnostics.len();
            if let Some((file, node)) = parsed(file, &Kind::Object(&CASE_FILE), &mut diagnostics) {
                let sound = diagnostics.len() == before;
                let mut reader = Reader::new(&file, name, &mut diagnostics, clauses, files);
                let evidence = evidence.as_ref().filter(|_| sound);
                let operations = suite.as_ref().map(|suite| &suite.operations);
                let resources = suite.as_ref().map(|suite| suite.resources.as_slice()).unwrap_or_default();
                let given = case::Given { names: &names, operations, resources, evidence };
                let loaded = case::load(&mut reader, &node, stem, given);
                room = room.and_then(|room| room_left(&mut reader, &node, &loaded, room));
                cases.extend(loaded);
            }
        }
        match (suite, diagnostics.is_empty()) {
            (Some(suite), true) => {
                cases.sort_by_key(|case| !case.judges_requests());
                // With what the cases have read.
                let digest = files.digest();
                Ok(Self { cases: cases.into_iter().map(Arc::new).collect(), digest, ..suite })
            }
            _ => Err(diagnostics),
        }
    }
}

impl Suite {
    /// What is wrong with the files of a suite whatever its contract says: what can't be read, and keys and values that no
    /// file of their kind has. A file without cases may be one that the contract means.
    pub(super) fn outline(files: &SuiteFiles, contract: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        for (name, file) in
            files.iter().filter(|(name, _)| *name != contract && *name != CONTRACT_FILE && !files.is_document(name))
        {
            let is_suite = name == SUITE_FILE;
            if is_suite || parse(file).map_or(true, |node| node.get("cases").is_some()) {
                let table = if is_suite { &SUITE } else { &CASE_FILE };
                parsed(file, &Kind::Object(table), &mut diagnostics);
            }
        }
        diagnostics
    }
}

/// How many more rows a suite may have after these cases of a file; the first one without room for its own is reported.
fn room_left(reader: &mut Reader<'_>, file: &Node, cases: &[Case], mut room: u64) -> Option<u64> {
    for case in cases {
        let Some(left) = room.checked_sub(case.rows.len()) else {
            let items = file.get("cases").map(Node::items).unwrap_or_default();
            let span = items.iter().find(|item| item.span.line == case.line).map_or(file.span, |item| item.span);
            let message = format!("with this case's {} rows the suite has more than {MAX_ROWS}", case.rows.len());
            reader.report(span, message).hint("shorten ranges, or split the suite into several folders");
            return None;
        };
        room = left;
    }
    Some(room)
}

/// What `suite.yaml` names that is read before the suite.
pub(super) struct Head {
    /// The contract's file; where it can't be read, the usual one.
    pub(super) contract: String,
    /// Where it is named.
    pub(super) place: Option<(SourceFile, Span)>,
    /// The ids of the operations.
    pub(super) operations: Vec<String>,
}

impl Head {
    pub(super) fn of(files: &SuiteFiles) -> Self {
        let node = files.get(SUITE_FILE).and_then(|file| parse(file).ok());
        let named = node.as_ref().and_then(|node| node.get("contract")).filter(|node| node.as_str().is_some());
        let place = files.get(SUITE_FILE).cloned().zip(named.map(|node| node.span));
        let contract = named.and_then(Node::as_str);
        let operations = node.as_ref().and_then(|node| node.get("operations")).map(Node::entries).unwrap_or_default();
        Self {
            contract: contract.unwrap_or(CONTRACT_FILE).to_owned(),
            place,
            operations: operations.iter().map(|entry| entry.key.clone()).collect(),
        }
    }
}

/// The file's node, checked against its table, and the file as it may be shown; faults are reported.
fn parsed(file: &SourceFile, kind: &Kind, diagnostics: &mut Diagnostics) -> Option<(SourceFile, Node)> {
    match parse(file) {
        Ok(node) => {
            let file = file.clone().hiding(suite::secret_values(&node));
            check(&node, kind, &file, diagnostics);
            Some((file, node))
        }
        Err(refused) => {
            diagnostics.extend(refused);
            None
        }
    }
}
