//! One tree out of a document and the files that it refers to, translated part by part.

use std::collections::{BTreeSet, VecDeque};

use reqwest::Url;

use super::super::keys::FILES;
use super::super::mistake::Mistake;
use super::files::{Documents, parse_document, within_folder};
use super::moves::{Moves, mount};
use super::names::Names;
use super::parts::{Many, Part, below, leads_to};
use super::{Dialect, Mounted, openapi30, swagger2};
use crate::pointer::{self, Pointer};
use crate::source::{Node, NodeValue, SourceFile};

/// What a schema may say that it is written in.
const DIALECTS: [&str; 2] =
    ["https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/3.1/dialect/base"];

/// The most files of one document.
const MOST_FILES: usize = 500;

/// A document in the one form.
#[derive(Debug)]
pub(crate) struct Assembly {
    pub(crate) node: Node,
    /// The files, that of the document first.
    pub(crate) mounted: Vec<Mounted>,
    pub(crate) moves: Moves,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Puts a document together with what it refers to. `path` is the document's own within the suite's folder.
///
/// # Errors
/// A version that isn't known.
pub(crate) fn assemble(
    path: &str,
    file: SourceFile,
    node: Node,
    documents: &dyn Documents,
) -> Result<(Assembly, Dialect), Mistake> {
    let dialect = Dialect::of(&node)?;
    let mut assembler = Assembler {
        dialect,
        documents,
        files: Vec::new(),
        queue: VecDeque::new(),
        queued: BTreeSet::new(),
        moves: Moves::default(),
        mistakes: Vec::new(),
    };
    assembler.add(path, String::new(), file, node);
    assembler.all();
    Ok((assembler.finish(), dialect))
}

struct Assembler<'a> {
    dialect: Dialect,
    documents: &'a dyn Documents,
    files: Vec<File>,
    /// What something refers to and no table leads to.
    queue: VecDeque<(usize, String, Part)>,
    queued: BTreeSet<(usize, String, Part)>,
    moves: Moves,
    mistakes: Vec<Mistake>,
}

struct File {
    path: String,
    prefix: String,
    file: SourceFile,
    node: Node,
    names: Names,
}

impl Assembler<'_> {
    fn add(&mut self, path: &str, prefix: String, file: SourceFile, node: Node) {
        let Ok(url) = Url::parse("file:///suite/").and_then(|base| base.join(path)) else { return };
        let names = Names::of(&node, file.text(), url);
        self.files.push(File { path: path.to_owned(), prefix, file, node, names });
    }

    fn all(&mut self) {
        if let Some(file) = self.files.first_mut()
            && self.dialect == Dialect::Swagger2
        {
            swagger2::document(&mut file.node, &mut self.moves);
        }
        self.whole(0, "", Part::Document);
        while let Some((file, place, part)) = self.queue.pop_front() {
            self.whole(file, &place, part);
        }
    }

    /// Translates what stands at a place of a file.
    fn whole(&mut self, index: usize, place: &str, part: Part) {
        let Some(file) = self.files.get_mut(index) else { return };
        let mut at = format!("{}{place}", file.prefix);
        let Some(found) = file.node.at_mut(place) else { return };
        let nothing = Node { span: found.span, value: NodeValue::Null };
        let mut node = std::mem::replace(found, nothing);
        self.part(index, &mut node, part, &mut at);
        if let Some(found) = self.files.get_mut(index).and_then(|file| file.node.at_mut(place)) {
            *found = node;
        }
    }

    /// One part and those below it; `at` is its pointer into the whole.
    fn part(&mut self, file: usize, node: &mut Node, part: Part, at: &mut String) {
        if part == Part::Schema {
            self.dynamic(node, at);
        }
        if let Some(reference) = node.str_at("$ref").map(str::to_owned) {
            if part != Part::Schema {
                node.keep_only("$ref");
            } else if !self.dialect.keeps_siblings() {
                node.take_keys(|key| key != "$ref" && !openapi30::NULLABLE.contains(&key));
            }
            let target = self.target(file, at, &reference, part);
            if let (Some(target), Some(node)) = (target, node.get_mut("$ref")) {
                node.value = NodeValue::String(format!("#{}", pointer::to_fragment(&target)));
            }
        }
        if part == Part::Schema {
            self.mapping(file, node, at);
            self.schema(node, at);
        }
        let NodeValue::Map(entries) = &mut node.value else { return };
        let end = at.len();
        for entry in entries {
            let Some((many, child)) = below(part, &entry.key) else { continue };
            pointer::push(at, &entry.key);
            self.children(file, &mut entry.value, many, child, at);
            at.truncate(end);
        }
    }

    fn children(&mut self, file: usize, node: &mut Node, many: Many, child: Part, at: &mut String) {
        let end = at.len();
        match (many, &mut node.value) {
            (Many::One, _) => self.part(file, node, child, at),
            (Many::List, NodeValue::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    pointer::push(at, &index.to_string());
                    self.part(file, item, child, at);
                    at.truncate(end);
                }
            }
            (Many::Map, NodeValue::Map(entries)) => {
                for entry in entries {
                    pointer::push(at, &entry.key);
                    self.part(file, &mut entry.value, child, at);
                    at.truncate(end);
                }
            }
            _ => {}
        }
    }

    fn schema(&mut self, node: &mut Node, at: &str) {
        match self.dialect {
            // References by name have become references by pointer.
            Dialect::OpenApi31 => {
                let is_usual = node.str_at("$schema").is_some_and(|dialect| DIALECTS.contains(&dialect));
                let names = ["$id", "$anchor", "$dynamicAnchor"];
                node.take_keys(|key| names.contains(&key) || is_usual && key == "$schema");
            }
            Dialect::OpenApi30 | Dialect::Swagger2 => openapi30::schema(node, at, &mut self.moves),
        }
        if self.dialect == Dialect::Swagger2 {
            // There it is a name, and there are no branches to choose from.
            node.take_keys(|key| key == "discriminator");
        }
        // Where the discriminator doesn't say which is meant, nothing does: that several fit is no fault.
        let has_any = node.get("anyOf").is_some();
        if node.get("discriminator").is_some()
            && !has_any
            && let Some(entry) = node.entry_mut("oneOf")
        {
            "anyOf".clone_into(&mut entry.key);
            self.moves.note(pointer::join(at, "oneOf"), pointer::join(at, "anyOf"));
        }
    }

    /// The references of a discriminator, by pointers into the whole. A name stays one, and so does what leads nowhere.
    fn mapping(&mut self, file: usize, node: &mut Node, at: &str) {
        let mapping = node.get_mut("discriminator").and_then(|node| node.get_mut("mapping"));
        let Some(NodeValue::Map(entries)) = mapping.map(|node| &mut node.value) else { return };
        for entry in entries {
            let reference = entry.value.as_str().filter(|text| text.contains(['#', '/', '.'])).map(str::to_owned);
            let told = self.mistakes.len();
            let target = reference.and_then(|reference| self.target(file, at, &reference, Part::Schema));
            self.mistakes.truncate(told);
            if let Some(target) = target {
                entry.value.value = NodeValue::String(format!("#{}", pointer::to_fragment(&target)));
            }
        }
    }

    /// The pointer into the whole that a reference means; nothing, and told of, where its file can't be had.
    fn target(&mut self, from: usize, at: &str, reference: &str, part: Part) -> Option<String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() && fragment.strip_prefix('/').is_some_and(|rest| rest.starts_with(FILES)) {
            return None;
        }
        let (file, resource) = match self.resource(from, at, path) {
            Some(found) => found,
            None => (self.file(from, at, reference, path)?, String::new()),
        };
        let known = self.files.get(file)?;
        let place = known.names.place(&resource, fragment)?;
        let target = format!("{}{place}", known.prefix);
        let is_known = file == 0 && Pointer::parse(&place).is_ok_and(|place| leads_to(place.tokens(), part));
        // What the file that it stands in lacks is told of where references are followed.
        if file != from && known.node.at(&place).is_none() {
            let hint = "write the file's path, `#` and a JSON pointer";
            self.report(at, format!("`{reference}` refers to nothing"), hint);
        }
        if !is_known && self.queued.insert((file, place.clone(), part)) {
            self.queue.push_back((file, place, part));
        }
        Some(target)
    }

    /// The file and the place in it of the resource that a reference means without its fragment, where it is known by its
    /// identifier; nothing where it may be a file that wasn't read yet.
    fn resource(&self, from: usize, at: &str, path: &str) -> Option<(usize, String)> {
        let file = self.files.get(from)?;
        let (around, url) = file.names.around(at.strip_prefix(file.prefix.as_str())?)?;
        if path.is_empty() {
            return Some((from, around.to_owned()));
        }
        let url = url.join(path).ok()?;
        let mut files = self.files.iter().enumerate();
        files.find_map(|(number, file)| Some((number, file.names.resource(&url)?.to_owned())))
    }

    /// `$dynamicRef` means what `$ref` does where only one schema has the dynamic anchor (JSON Schema 2020-12, Core, 8.2.3.2).
    fn dynamic(&mut self, node: &mut Node, at: &str) {
        let Some(reference) = node.str_at("$dynamicRef") else { return };
        let name = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let named = self.files.iter().flat_map(|file| &file.names.dynamic).filter(|(known, _)| known == name).count();
        if named > 1 || node.get("$ref").is_some() {
            let message = format!("several schemas may be meant by `{reference}`");
            let hint = "refer to one of them with `$ref`";
            self.mistakes.push(Mistake::at_value(pointer::join(at, "$dynamicRef"), message).hint(hint));
            node.take_keys(|key| key == "$dynamicRef");
        } else if let Some(entry) = node.entry_mut("$dynamicRef") {
            "$ref".clone_into(&mut entry.key);
            self.moves.note(pointer::join(at, "$dynamicRef"), pointer::join(at, "$ref"));
        }
    }

    /// The number of the file that a reference names, read where it is named first.
    fn file(&mut self, from: usize, at: &str, reference: &str, path: &str) -> Option<usize> {
        let base = self.files.get(from).map(|file| file.path.clone()).unwrap_or_default();
        let path = match within_folder(&base, path) {
            Ok(path) => path,
            Err(why) => {
                self.report(at, format!("`{reference}` {why}"), "refer to a file in the suite's folder");
                return None;
            }
        };
        if let Some(known) = self.files.iter().position(|file| file.path == path) {
            return Some(known);
        }
        let read = match self.files.len() {
            MOST_FILES => Err(format!("is one file more than the {MOST_FILES} that are read")),
            _ => self.documents.document(&path),
        };
        let read = read.and_then(|file| match parse_document(&file) {
            Ok(node) => Ok((file, node)),
            Err(refused) => Err(match refused.iter().next() {
                Some(first) => format!("can't be read: {} (line {})", first.message, first.line),
                None => "can't be read".to_owned(),
            }),
        });
        match read {
            Ok((file, node)) => {
                let prefix = mount(&path);
                self.add(&path, prefix, file, node);
                Some(self.files.len() - 1)
            }
            Err(why) => {
                self.report(at, format!("`{path}` {why}"), "refer to a file in the suite's folder");
                None
            }
        }
    }

    fn report(&mut self, at: &str, message: String, hint: &str) {
        self.mistakes.push(Mistake::at_value(pointer::join(at, "$ref"), message).hint(hint));
    }

    fn finish(self) -> Assembly {
        let mut files = self.files.into_iter();
        let (mut node, first) = match files.next() {
            Some(file) => (file.node, Some(Mounted { prefix: file.prefix, file: file.file })),
            None => (Node { span: crate::source::Span::START, value: NodeValue::Null }, None),
        };
        let mut mounted: Vec<Mounted> = first.into_iter().collect();
        let mut others = Vec::new();
        for file in files {
            others.push((file.path, file.node));
            mounted.push(Mounted { prefix: file.prefix, file: file.file });
        }
        if !others.is_empty() {
            let span = node.span;
            node.insert(FILES, Node::map(span, others));
        }
        Assembly { node, mounted, moves: self.moves, mistakes: self.mistakes }
    }
}
