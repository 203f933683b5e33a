//! What is wrong with a file, at its place, with the line shown.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::file::SourceFile;
use super::node::Span;
use crate::text::printable;

/// So many diagnostics are kept; what comes after is counted only.
const MAX_KEPT: usize = 1000;
/// So many characters of a source line are kept around the place.
const CONTEXT: usize = 90;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file's name.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// A lower-case fragment that names the thing.
    pub message: String,
    /// The next step, if one is known.
    pub hint: Option<String>,
    /// The line as written, cut where it is very long; control and bidi characters escaped.
    pub source_line: String,
    /// The place in `source_line`, in bytes.
    marked: (usize, usize),
}

impl Diagnostic {
    /// Adds the next step.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }
}

/// All that is wrong with some files, sorted by file and place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    left_out: usize,
}

impl std::error::Error for Diagnostics {}

impl Diagnostics {
    /// Adds one, at its place; the returned one can be given a hint.
    pub fn report(&mut self, file: &SourceFile, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let diagnostic = located(file, span, message.into());
        if self.kept.len() >= MAX_KEPT {
            self.left_out += 1;
            self.kept.pop();
        }
        let order = |other: &Diagnostic| {
            (&*other.file, other.line, other.column) <= (&*diagnostic.file, diagnostic.line, diagnostic.column)
        };
        let at = self.kept.partition_point(order);
        self.kept.insert(at, diagnostic);
        #[expect(clippy::indexing_slicing, reason = "just inserted there")]
        &mut self.kept[at]
    }

    /// Takes over all of another list.
    pub fn extend(&mut self, others: Self) {
        self.kept.extend(others.kept);
        self.kept.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.left_out += others.left_out + self.kept.len().saturating_sub(MAX_KEPT);
        self.kept.truncate(MAX_KEPT);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are, with those that are counted only.
    pub fn len(&self) -> usize {
        self.kept.len() + self.left_out
    }

    /// In the order of files and places.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.kept.iter()
    }

    /// `Ok` where nothing is wrong.
    ///
    /// # Errors
    /// Itself, where something is.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// For people, as rustc shows it, ending in a newline; `styled` adds colours.
    pub fn render(&self, styled: bool) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let mut text: String = self.kept.iter().map(|one| shown(&renderer, one) + "\n\n").collect();
        if self.left_out > 0 {
            text.push_str(&format!("and {} more errors\n", self.left_out));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

fn shown(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let message = printable(&diagnostic.message);
    let (line, column) = (diagnostic.line as usize, diagnostic.column as usize);
    let file = printable(&diagnostic.file);
    let title = Level::ERROR.primary_title(message);
    let hint = diagnostic.hint.as_deref().map(printable).map(|hint| Level::HELP.message(hint));
    let (start, end) = diagnostic.marked;
    let snippet = Snippet::source(diagnostic.source_line.as_str())
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(start..end));
    // The renderer counts columns in what it is shown, which is wrong for a line that was cut or escaped.
    let shown_column = diagnostic.source_line.get(..start).unwrap_or_default().chars().count() + 1;
    let origin = || Origin::path(&*file).line(line).char_column(column);
    let group = match (diagnostic.source_line.is_empty(), shown_column == column) {
        (true, _) => title.element(origin()),
        (false, true) => title.element(snippet.path(&*file)),
        (false, false) => title.element(origin()).element(snippet),
    };
    renderer.render(&[group.elements(hint)])
}

/// Cuts the line out of the file and marks the place in it.
fn located(file: &SourceFile, span: Span, message: String) -> Diagnostic {
    let text = file.text();
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
    let column = text.get(line_start..start).unwrap_or_default().chars().count();
    let marked = text.get(start..span.end.max(start)).unwrap_or_default();
    let width = marked.split('\n').next().unwrap_or_default().chars().count().max(1);
    let (source_line, marked) = windowed(line, column, width);
    Diagnostic {
        file: file.name().to_owned(),
        line: span.line,
        column: span.column,
        message,
        hint: None,
        source_line,
        marked,
    }
}

/// The line around the place, escaped, with the place's bytes in it.
fn windowed(line: &str, column: usize, width: usize) -> (String, (usize, usize)) {
    let from = column.saturating_sub(CONTEXT);
    let (mut text, mut start, mut end) = (String::new(), None, None);
    for (at, c) in line.chars().enumerate().skip(from).take(2 * CONTEXT) {
        if at == column {
            start = Some(text.len());
        }
        push_escaped(&mut text, c);
        if at >= column && at < column + width {
            end = Some(text.len());
        }
    }
    let start = start.unwrap_or(text.len());
    (text, (start, end.unwrap_or(start).max(start)))
}

fn push_escaped(text: &mut String, c: char) {
    match c {
        '\t' => text.push(' '),
        c => text.push_str(&printable(c.encode_utf8(&mut [0; 4]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, range: std::ops::Range<usize>, message: &str) -> Diagnostics {
        let file = SourceFile::new("a.yaml", text);
        let mut diagnostics = Diagnostics::default();
        diagnostics.report(&file, file.span(range), message).hint("write `b`");
        diagnostics
    }

    #[test]
    fn a_diagnostic_shows_file_line_column_and_the_line() {
        insta::assert_snapshot!(one("x: 1\na: 2\n", 5..6, "unknown key `a`"), @r##"
        error: unknown key `a`
         --> a.yaml:2:1
          |
        2 | a: 2
          | ^
          |
          = help: write `b`
        "##);
    }

    #[test]
    fn escapes_and_bidi_controls_never_reach_the_terminal() {
        let text = one("a: \u{1b}[31m\u{202e}x\n", 3..4, "bad \u{1b}[0m").to_string();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(text.contains(r"\u{1b}[31m\u{202e}x"), "{text}");
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_around_the_place() {
        let text = "x".repeat(1_000_000);
        let shown = one(&text, 500_000..500_004, "here").to_string();
        assert!(shown.len() < 1000, "{}", shown.len());
        assert!(shown.contains("^^^^"), "{shown}");
    }

    #[test]
    fn diagnostics_come_in_the_order_of_their_places() {
        let file = SourceFile::new("a.yaml", "a\nb\nc\n");
        let mut diagnostics = Diagnostics::default();
        for at in [4, 0, 2] {
            diagnostics.report(&file, file.span(at..at + 1), "x");
        }
        assert_eq!(diagnostics.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
