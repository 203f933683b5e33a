//! A contract's text as a tree, and the way from a JSON pointer back to its place in a file.
//!
//! A contract is one file with everything, or one that holds what is ours and names the publisher's document. Both become
//! one tree, in which what is ours stands beside what the publisher wrote.

use std::sync::Arc;

use serde_json::Value;

use super::dialect::{Assembly, Dialect, Documents, Mounted, Moves, assemble, parse_document};
use super::keys::{CONTRACT, NAMING};
use super::mistake::Mistake;
use super::unreadable::LeftOut;
use crate::pointer::{self, Pointer};
use crate::source::shape::{Kind, Object, check, check_extensible};
use crate::source::{Diagnostics, Entry, Node, NodeValue, SourceFile, Span};

/// The most mistakes that are told of one document: looking up the place of each takes time.
const MOST_TOLD: usize = 200;

/// A parsed contract.
#[derive(Debug)]
pub(super) struct SourceDocument {
    /// The contract's own file.
    ours: SourceFile,
    /// The files of the document, its own first.
    mounted: Vec<Mounted>,
    node: Node,
    value: Arc<Value>,
    moves: Moves,
    is_published: bool,
    /// What was found wrong while it was put together.
    pub(super) mistakes: Vec<Mistake>,
}

impl SourceDocument {
    /// Parses a contract and the document that it names.
    ///
    /// # Errors
    /// What keeps a file from being one document with unique keys, or a document from being one that can be read.
    pub(super) fn read(ours: SourceFile, documents: &dyn Documents) -> Result<Self, Diagnostics> {
        let node = parse_document(&ours)?;
        match node.get("document") {
            Some(_) => Self::naming(ours, node, documents),
            None => Self::whole(ours, node, documents),
        }
    }

    /// A contract that names a document.
    fn naming(ours: SourceFile, node: Node, documents: &dyn Documents) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        check(&node, &Kind::Object(&NAMING), &ours, &mut diagnostics);
        diagnostics.into_result()?;
        let named = node.get("document");
        let (path, span) = named.map_or(("", Span::START), |node| (node.as_str().unwrap_or_default(), node.span));
        let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\\');
        let file = match is_plain {
            true => documents.document(path),
            false => Err("is no path within the suite's folder".to_owned()),
        };
        let file = file.map_err(|why| {
            let mut diagnostics = Diagnostics::default();
            let hint = "the document stands in the suite's folder";
            diagnostics.report(&ours, span, format!("`{path}` {why}")).hint(hint);
            diagnostics
        })?;
        let document = parse_document(&file)?;
        let (mut assembly, _) =
            assemble(path, file.clone(), document, documents).map_err(|mistake| only(&file, &mistake))?;
        // What of a document looks like ours isn't.
        assembly.node.take_keys(|key| key.starts_with("x-") && key != "x-files");
        if let NodeValue::Map(entries) = node.value {
            for entry in entries.into_iter().filter(|entry| entry.key != "document") {
                assembly.node.add(entry);
            }
        }
        Ok(Self::of(ours, assembly, true))
    }

    /// A contract that holds everything.
    fn whole(ours: SourceFile, node: Node, documents: &dyn Documents) -> Result<Self, Diagnostics> {
        let name = ours.name().rsplit('/').next().unwrap_or_default().to_owned();
        let (assembly, dialect) =
            assemble(&name, ours.clone(), node, documents).map_err(|mistake| only(&ours, &mistake))?;
        Ok(Self::of(ours, assembly, dialect != Dialect::OpenApi31))
    }

    fn of(ours: SourceFile, assembly: Assembly, is_published: bool) -> Self {
        let Assembly { node, mounted, moves, mistakes } = assembly;
        let value = Arc::new(node.to_json());
        Self { ours, mounted, node, value, moves, is_published, mistakes }
    }

    /// The document as JSON.
    pub(super) fn value(&self) -> &Arc<Value> {
        &self.value
    }

    /// Leaves something out of what is read; it stays where it is written.
    pub(super) fn leave_out(&mut self, left_out: &LeftOut) {
        left_out.take_out(Arc::make_mut(&mut self.value));
    }

    /// What stands elsewhere than it is written.
    pub(super) fn moves(&self) -> &Moves {
        &self.moves
    }

    /// Whether it is somebody else's: what can't be read in it costs what it is in, and no more.
    pub(super) fn is_published(&self) -> bool {
        self.is_published
    }

    /// Whether a place is in what is ours.
    pub(super) fn is_ours(&self, pointer: &str) -> bool {
        pointer.strip_prefix("/x-").is_some_and(|rest| !rest.starts_with("files/"))
    }

    /// What in a contract that is all ours isn't as a table says, and the extensions that no table knows.
    pub(super) fn checked(&self) -> (Diagnostics, Diagnostics) {
        let (mut diagnostics, mut extensions) = (Diagnostics::default(), Diagnostics::default());
        if self.is_published {
            // Whatever else is in it is the publisher's.
            let is_ours = |entry: &&Entry| NAMING.fields.iter().any(|field| field.name == entry.key);
            let entries = self.node.entries().iter().filter(is_ours).cloned().collect();
            let ours = Node { span: self.node.span, value: NodeValue::Map(entries) };
            check(&ours, &Kind::Object(&NAMING), &self.ours, &mut diagnostics);
        } else {
            let table: &'static Object = &CONTRACT;
            check_extensible(&self.node, &Kind::Object(table), &self.ours, &mut diagnostics, &mut extensions);
        }
        (diagnostics, extensions)
    }

    /// Mistakes as messages at their places; of very many only some, and how many more there are.
    pub(super) fn diagnostics(&self, mut mistakes: Vec<Mistake>) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.leave_out(mistakes.len().saturating_sub(MOST_TOLD));
        mistakes.truncate(MOST_TOLD);
        for mistake in mistakes {
            let span = span(&self.node, &mistake);
            let diagnostic = diagnostics.report(self.file(&mistake.pointer), span, mistake.message);
            if let Some(hint) = mistake.hint {
                diagnostic.hint(hint);
            }
        }
        diagnostics
    }

    /// Where what is at a pointer is written: file and line, and the pointer within the file.
    pub(super) fn place(&self, pointer: &str) -> String {
        let span = span(&self.node, &Mistake::at_key(pointer, ""));
        let folder = self.ours.name().rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = self.file(pointer).name();
        let name = name.strip_prefix(folder).map_or(name, |rest| rest.trim_start_matches('/'));
        let written = self.moves.written(pointer);
        let within = written.split_once('#').map_or(written.as_str(), |(_, within)| within);
        format!("{name}:{} {within}", span.line)
    }

    /// The file that a place is in.
    fn file(&self, pointer: &str) -> &SourceFile {
        if self.is_ours(pointer) {
            return &self.ours;
        }
        let within = |mounted: &&Mounted| pointer::behind(pointer, &mounted.prefix).is_some();
        let other = self.mounted.iter().skip(1).find(within);
        other.or(self.mounted.first()).map_or(&self.ours, |mounted| &mounted.file)
    }
}

/// One mistake of a file that isn't read any further.
fn only(file: &SourceFile, mistake: &Mistake) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let span = match parse_document(file) {
        Ok(node) => span(&node, mistake),
        Err(_) => Span::START,
    };
    let diagnostic = diagnostics.report(file, span, mistake.message.as_str());
    if let Some(hint) = &mistake.hint {
        diagnostic.hint(hint.as_str());
    }
    diagnostics
}

/// Where a mistake is: at the key, or at the value if that is one that fits a line, which a list or a map seldom is.
/// Of a pointer that leads to nothing, the last part that is there.
fn span(root: &Node, mistake: &Mistake) -> Span {
    let mut node = root;
    let mut span = node.span;
    for token in Pointer::parse(&mistake.pointer).unwrap_or_default().tokens() {
        let (key_span, next) = match &node.value {
            NodeValue::Map(_) => match node.entry(token) {
                Some(entry) => (Some(entry.key_span), &entry.value),
                None => break,
            },
            NodeValue::List(items) => match token.parse().ok().and_then(|index: usize| items.get(index)) {
                Some(item) => (None, item),
                None => break,
            },
            _ => break,
        };
        let is_text = !matches!(next.value, NodeValue::List(_) | NodeValue::Map(_) | NodeValue::Null);
        span = match key_span {
            Some(key_span) if mistake.at_key || !is_text => key_span,
            _ => next.span,
        };
        node = next;
    }
    span
}
