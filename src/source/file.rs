//! One file's name and text, and the places in it.

use std::ops::Range;
use std::sync::Arc;

use super::node::Node;
use super::span::Span;

/// A file's name, as messages show it, and its text. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    /// The parts that no message shows: in order, apart from one another, each up to the end of its line.
    hidden: Arc<[Range<usize>]>,
}

impl SourceFile {
    /// A file whose text is at hand; its size is checked when it is parsed.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), hidden: Arc::default() }
    }

    /// The same file, of which no message shows these ranges of bytes, nor what stands behind them in their lines.
    pub fn hiding(self, mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_by_key(|range| range.start);
        let mut hidden: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            let line_end = |from: usize| {
                let rest = self.text.as_bytes().get(from..).unwrap_or_default();
                from.saturating_add(memchr::memchr(b'\n', rest).unwrap_or(rest.len()))
            };
            match hidden.last_mut() {
                Some(last) if range.start <= last.end && range.end <= last.end => {}
                Some(last) if range.start <= last.end => last.end = line_end(range.end),
                _ => hidden.push(range.start..line_end(range.end.max(range.start))),
            }
        }
        Self { hidden: hidden.into(), ..self }
    }

    /// The first byte of a range that no message shows, if one of them is.
    pub(super) fn hidden_in(&self, range: &Range<usize>) -> Option<usize> {
        let first = self.hidden.partition_point(|hidden| hidden.end <= range.start);
        let hidden = self.hidden.get(first).filter(|hidden| hidden.start < range.end)?;
        Some(hidden.start.max(range.start))
    }

    /// As messages show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of a range of bytes; out of range, the nearest there is.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start =
            (0..=range.start.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        Span { line, column, start, end: range.end.clamp(start, self.text.len()) }
    }

    /// The place of a range of a string's bytes; the whole node where quoting or folding moved them.
    pub fn span_within(&self, node: &Node, range: Range<usize>) -> Span {
        let text = node.as_str().unwrap_or_default();
        let written = self.text.get(node.span.start..node.span.end).unwrap_or_default();
        let skipped = match written.find(text) {
            Some(skipped) if !text.is_empty() && skipped <= 1 => skipped,
            _ => return node.span,
        };
        let (start, end) = (node.span.start + skipped + range.start, node.span.start + skipped + range.end);
        match written.get(..skipped + range.start) {
            // Counting from the node is far cheaper than from the start of the file.
            Some(before) if !before.contains('\n') => {
                Span { column: node.span.column + before.chars().count() as u32, start, end, ..node.span }
            }
            _ => self.span(start..end),
        }
    }
}
