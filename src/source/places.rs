//! From bytes of a text to lines and columns.

use std::ops::Range;

use super::span::Span;

/// Lines and columns of bytes, without counting from the start of the file each time.
pub(super) struct Places<'a> {
    text: &'a str,
    /// Where each line starts.
    lines: Vec<usize>,
    /// The byte that was asked for last, and its 1-based column.
    last: (usize, u32),
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, lines, last: (0, 1) }
    }

    pub(super) fn span(&mut self, range: Range<usize>) -> Span {
        let line = self.lines.partition_point(|start| *start <= range.start);
        let line_start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let (from, column) = match self.last {
            (at, column) if at >= line_start && at <= range.start => (at, column),
            _ => (line_start, 1),
        };
        let passed = self.text.get(from..range.start).unwrap_or_default().chars().count();
        let column = column.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.last = (range.start, column);
        Span { line: u32::try_from(line).unwrap_or(u32::MAX), column, start: range.start, end: range.end }
    }
}
