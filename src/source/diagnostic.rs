//! What is wrong with a file, at its place, with the line shown.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::file::SourceFile;
use super::span::Span;
use crate::text::printable;

/// So many diagnostics are kept; what comes after is counted only.
const MAX_KEPT: usize = 200;
/// So many characters of a source line are kept around the place.
const CONTEXT: usize = 90;
/// What stands for the part of a line that may not be shown.
const HIDDEN: &str = "[masked]";

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
    /// The line as written, cut where it is very long, without what may not be shown; control and bidi characters escaped.
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
    /// Adds one, at its place, unless it is there already, as where a YAML alias leads to the same text twice; the returned
    /// one can be given a hint.
    pub fn report(&mut self, file: &SourceFile, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        // One more than is kept may be here, so that whoever reported it could give it a hint.
        self.cut();
        let diagnostic = located(file, span, message.into());
        let is_same = |other: &Diagnostic| {
            (&other.file, other.line, other.column) == (&diagnostic.file, diagnostic.line, diagnostic.column)
                && other.message == diagnostic.message
        };
        if let Some(known) = self.kept.iter().position(is_same) {
            #[expect(clippy::indexing_slicing, reason = "just found there")]
            return &mut self.kept[known];
        }
        let order = |other: &Diagnostic| {
            (&*other.file, other.line, other.column) <= (&*diagnostic.file, diagnostic.line, diagnostic.column)
        };
        let at = self.kept.partition_point(order);
        self.kept.insert(at, diagnostic);
        #[expect(clippy::indexing_slicing, reason = "just inserted there")]
        &mut self.kept[at]
    }

    /// Notes so many more, without keeping them.
    pub fn leave_out(&mut self, count: usize) {
        self.left_out += count;
    }

    /// Takes over all of another list.
    pub fn extend(&mut self, others: Self) {
        self.kept.extend(others.kept);
        self.kept.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.left_out += others.left_out;
        self.cut();
    }

    fn cut(&mut self) {
        self.left_out += self.kept.len().saturating_sub(MAX_KEPT);
        self.kept.truncate(MAX_KEPT);
    }

    /// The same, each with this next step unless it has one.
    pub fn hinted(mut self, hint: &str) -> Self {
        for one in self.kept.iter_mut().filter(|one| one.hint.is_none()) {
            one.hint(hint);
        }
        self
    }

    /// The same without any line of a file.
    pub fn without_lines(mut self) -> Self {
        self.kept.iter_mut().for_each(|one| one.source_line.clear());
        self
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are, with those that are counted only.
    pub fn len(&self) -> usize {
        self.kept.len() + self.left_out
    }

    /// In the order of files and places, without those that are counted only.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.kept.iter().take(MAX_KEPT)
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
        self.rendered(styled, &Level::ERROR, "error")
    }

    /// The same for what is no error.
    pub fn render_as_warnings(&self, styled: bool) -> String {
        self.rendered(styled, &Level::WARNING, "warning")
    }

    fn rendered(&self, styled: bool, level: &Level<'_>, name: &str) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let mut text: String = self.iter().map(|one| shown(&renderer, level, one) + "\n\n").collect();
        let more = self.len() - self.iter().count();
        if more > 0 {
            let plural = if more == 1 { name.to_owned() } else { format!("{name}s") };
            text.push_str(&format!("and {more} more {plural}\n"));
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

fn shown(renderer: &Renderer, level: &Level<'_>, diagnostic: &Diagnostic) -> String {
    let message = printable(&diagnostic.message);
    let (line, column) = (diagnostic.line as usize, diagnostic.column as usize);
    let file = printable(&diagnostic.file);
    let title = level.clone().primary_title(message);
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

/// Cuts the line around the place out of the file, without what no message shows, and marks the place in it.
fn located(file: &SourceFile, span: Span, message: String) -> Diagnostic {
    let text = file.text();
    let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let window = window(text, start);
    let shown = window.start..file.hidden_in(&window).unwrap_or(window.end);
    let (mut source_line, mut marked) = (String::new(), None);
    for (at, c) in text.get(shown.clone()).unwrap_or_default().char_indices() {
        let (at, from) = (shown.start + at, source_line.len());
        push_escaped(&mut source_line, c);
        if at == start || (at > start && at < span.end) {
            marked = Some((marked.map_or(from, |(first, _)| first), source_line.len()));
        }
    }
    let end = source_line.len();
    if shown.end < window.end && !source_line.trim().is_empty() {
        source_line.push_str(HIDDEN);
    } else if shown.end < window.end {
        source_line.clear();
    }
    Diagnostic {
        file: file.name().to_owned(),
        line: span.line,
        column: span.column,
        message,
        hint: None,
        // A place that isn't shown is somewhere in what stands for it.
        marked: marked.unwrap_or((end.min(source_line.len()), source_line.len())),
        source_line,
    }
}

/// The bytes of a line that are shown for a place in it. Looks at no more characters than these, however long the line
/// is: many mistakes in one long line take no longer than in many short ones.
fn window(text: &str, start: usize) -> Range<usize> {
    let (before, behind) = text.split_at_checked(start).unwrap_or_default();
    let mut left = 2 * CONTEXT;
    let mut from = start;
    for c in before.chars().rev().take(CONTEXT).take_while(|c| *c != '\n') {
        from -= c.len_utf8();
        left -= 1;
    }
    let line = behind.chars().take(left).take_while(|c| !matches!(c, '\n' | '\r'));
    from..start + line.map(char::len_utf8).sum::<usize>()
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
    fn what_is_wrong_at_one_place_is_told_once() {
        let file = SourceFile::new("a.yaml", "a: 1\n");
        let mut diagnostics = Diagnostics::default();
        for message in ["first", "second", "first"] {
            diagnostics.report(&file, file.span(0..1), message).hint("write `b`");
        }
        let told: Vec<&str> = diagnostics.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(told, ["first", "second"]);
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
    fn what_is_looked_at_for_a_mistake_does_not_grow_with_its_line() {
        for letter in ["x", "é", "\u{1f600}"] {
            let text = letter.repeat(200_000);
            for at in [0, 1, 50_000, 199_999, 200_000].map(|number| number * letter.len()) {
                let window = window(&text, at);
                assert!(window.contains(&at) || at == text.len());
                assert!(window.len() <= 2 * CONTEXT * letter.len(), "{window:?}");
            }
        }
    }

    #[test]
    fn of_very_many_mistakes_the_first_are_told_and_the_others_counted() {
        let text = "a: 1, ".repeat(100_000);
        let file = SourceFile::new("a.yaml", &*text);
        let mut diagnostics = Diagnostics::default();
        for number in (0..100_000_u32).rev() {
            let start = number as usize * 6;
            let span = Span { line: 1, column: number * 6 + 1, start, end: start + 1 };
            diagnostics.report(&file, span, format!("the key {number}")).hint("none");
        }
        assert_eq!((diagnostics.len(), diagnostics.iter().count()), (100_000, MAX_KEPT));
        let told = diagnostics.to_string();
        assert!(told.starts_with("error: the key 0\n") && told.ends_with("\n\nand 99800 more errors\n"), "{told}");
        assert!(told.contains("error: the key 199\n") && !told.contains("error: the key 200\n"));
        assert!(told.len() < MAX_KEPT * 600, "{}", told.len());
    }

    #[test]
    fn nothing_is_shown_of_what_a_file_hides_nor_of_what_stands_behind_it() {
        let text = "a: [hidden, x], b: 1\nc: |\n  hidden\n  hidden\nd: 1\n";
        let ranges = vec![24..43, 3..10];
        let file = SourceFile::new("a.yaml", text).hiding(ranges);
        let mut diagnostics = Diagnostics::default();
        for place in ["a:", "x]", "c:", "d:"].map(|place| text.find(place).unwrap()) {
            diagnostics.report(&file, file.span(place..place + 1), "wrong");
        }
        let inner = text.rfind("hidden").unwrap();
        diagnostics.report(&file, file.span(inner..inner + 6), "wrong");
        insta::assert_snapshot!(diagnostics, @r##"
        error: wrong
         --> a.yaml:1:1
          |
        1 | a: [masked]
          | ^

        error: wrong
         --> a.yaml:1:13
          |
         ::: 
        1 | a: [masked]
          |    ^^^^^^^^

        error: wrong
         --> a.yaml:2:1
          |
        2 | c: [masked]
          | ^

        error: wrong
        --> a.yaml:4:3

        error: wrong
         --> a.yaml:5:1
          |
        5 | d: 1
          | ^
        "##);
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
