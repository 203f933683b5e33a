//! The difference between what was expected and what was observed, for people.
//!
//! Compares texts only; JSON objects and lists are laid out a member a line first, so that the line that differs stands
//! out. Bounded: texts that are too long are not compared.

use std::fmt;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::escape::{fragment, line};
use crate::text::{hidden_difference, shorten};

/// How many characters of each side are compared.
const LENGTH: usize = 20_000;
/// How many lines both sides together may have.
const LINES: usize = 2_000;
/// How many characters of a single line are compared word by word.
const WORDS: usize = 2_000;
/// How many alternatives are tried for the nearest.
const ALTERNATIVES: usize = 8;
/// Lines shown around a change.
const CONTEXT: usize = 3;
/// From how much likeness on it helps to mark the words that differ.
const ALIKE: f32 = 0.4;

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DiffLine {
    /// `-` expected, `+` observed, a space for both, `@` for lines left out and for what of the lines above can't be seen.
    pub(super) sign: char,
    /// The line in pieces.
    pub(super) pieces: Vec<Piece>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    /// Printable text.
    pub(super) text: String,
    /// Whether it is what differs within the line.
    pub(super) changed: bool,
}

impl fmt::Display for DiffLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.sign)?;
        self.pieces.iter().try_for_each(|piece| f.write_str(&piece.text))
    }
}

/// The difference between the nearest of the expected texts and the observed one; empty where there is nothing to
/// compare with, or too much of it.
pub(super) fn diff(expected: &[String], observed: &str) -> Vec<DiffLine> {
    let observed = laid_out(observed);
    let candidates: Vec<String> = expected.iter().take(ALTERNATIVES).map(|text| laid_out(text)).collect();
    let fits = |text: &str| text.len() <= LENGTH && text.lines().count() <= LINES / 2;
    if !fits(&observed) || !candidates.iter().all(|text| fits(text)) {
        return Vec::new();
    }
    let Some(nearest) = nearest(&candidates, &observed) else { return Vec::new() };
    if nearest.contains('\n') || observed.contains('\n') {
        by_lines(nearest, &observed)
    } else {
        by_words(nearest, &observed)
    }
}

/// The text, or the JSON object or list that it is, a member a line.
fn laid_out(text: &str) -> String {
    let structured = text.starts_with(['{', '[']) && text.len() <= LENGTH;
    let value = structured.then(|| serde_json::from_str::<serde_json::Value>(text).ok()).flatten();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

fn nearest<'a>(candidates: &'a [String], observed: &str) -> Option<&'a String> {
    if candidates.len() < 2 {
        return candidates.first();
    }
    let likeness = |text: &String| {
        if text.contains('\n') {
            TextDiff::from_lines(text.as_str(), observed).ratio()
        } else {
            words_alike(text, observed)
        }
    };
    let mut best: Option<(&String, f32)> = None;
    for candidate in candidates {
        let likeness = likeness(candidate);
        if best.is_none_or(|(_, known)| likeness > known) {
            best = Some((candidate, likeness));
        }
    }
    best.map(|(candidate, _)| candidate)
}

fn words_alike(one: &str, other: &str) -> f32 {
    if one.len() > WORDS || other.len() > WORDS { 0.0 } else { TextDiff::from_words(one, other).ratio() }
}

fn by_words(expected: &str, observed: &str) -> Vec<DiffLine> {
    let whole = |sign, text: &str| DiffLine { sign, pieces: vec![piece(&shorten(text, WORDS), false)] };
    if words_alike(expected, observed) < ALIKE {
        return vec![whole('-', expected), whole('+', observed)];
    }
    let diff = TextDiff::from_words(expected, observed);
    let side = |sign, own: ChangeTag| {
        let changes = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Equal || change.tag() == own);
        let pieces = changes.map(|change| piece(change.value(), change.tag() == own)).collect();
        DiffLine { sign, pieces }
    };
    vec![side('-', ChangeTag::Delete), side('+', ChangeTag::Insert)]
}

fn by_lines(expected: &str, observed: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(expected, observed);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(DiffLine { sign: '@', pieces: vec![piece("…", false)] });
        }
        for op in group {
            let (mut was, mut is) = (Vec::new(), Vec::new());
            for change in diff.iter_changes(op) {
                let sign = match change.tag() {
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                    ChangeTag::Equal => ' ',
                };
                match sign {
                    '-' => was.push(change.value()),
                    '+' => is.push(change.value()),
                    _ => {}
                }
                let text = change.value().trim_end_matches(['\r', '\n']);
                lines.push(DiffLine { sign, pieces: vec![piece(text, false)] });
            }
            let hidden = was.iter().zip(&is).filter_map(|(was, is)| hidden_difference(was, is));
            lines.extend(hidden.map(|hidden| DiffLine { sign: '@', pieces: vec![piece(&hidden, false)] }));
        }
    }
    lines
}

fn piece(text: &str, changed: bool) -> Piece {
    Piece { text: fragment(text), changed }
}

/// Writes what is recorded and what came instead, coloured, each line behind an indent.
///
/// # Errors
/// What the output says.
pub fn write_difference(recorded: Option<&str>, observed: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(recorded) = recorded else {
        return observed.lines().try_for_each(|text| writeln!(out, "{indent}{GREEN}+ {}{GREEN:#}", line(text)));
    };
    // A single line would be compared word by word.
    let (recorded, observed) = (format!("{recorded}\n"), format!("{observed}\n"));
    let lines = diff(std::slice::from_ref(&recorded), &observed);
    if lines.is_empty() {
        let (was, is) = (recorded.lines().count(), observed.lines().count());
        return writeln!(out, "{indent}{DIM}{was} lines became {is}: too much to compare here{DIM:#}");
    }
    for line in lines {
        let style = match line.sign {
            '-' => RED,
            '+' => GREEN,
            _ => DIM,
        };
        writeln!(out, "{indent}{style}{line}{style:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(lines: &[DiffLine]) -> Vec<String> {
        let mark = |piece: &Piece| if piece.changed { format!("<{}>", piece.text) } else { piece.text.clone() };
        lines.iter().map(|line| format!("{} {}", line.sign, line.pieces.iter().map(mark).collect::<String>())).collect()
    }

    #[test]
    fn short_texts_are_compared_word_by_word_with_the_nearest_alternative() {
        let expected = ["nothing like it".to_owned(), "a string of 128 characters".to_owned()];
        let lines = diff(&expected, "a string of 129 characters");
        assert_eq!(plain(&lines), ["- a string of <128> characters", "+ a string of <129> characters"]);
    }

    #[test]
    fn texts_that_have_little_in_common_are_shown_whole() {
        assert_eq!(plain(&diff(&["200".to_owned()], "400")), ["- 200", "+ 400"]);
    }

    #[test]
    fn json_is_compared_member_by_member_and_stays_printable() {
        let expected = [r#"{"a":1,"b":{"c":"x"}}"#.to_owned()];
        let lines = plain(&diff(&expected, "{\"a\":1,\"b\":{\"c\":\"\u{202e}\"}}"));
        assert!(lines.contains(&"-     \"c\": \"x\"".to_owned()), "{lines:?}");
        assert!(lines.contains(&"+     \"c\": \"\\u{202e}\"".to_owned()), "{lines:?}");
        assert!(lines.contains(&"    \"a\": 1,".to_owned()), "{lines:?}");
    }

    #[test]
    fn what_is_too_long_is_not_compared() {
        assert_eq!(diff(&["a\n".repeat(LINES)], "b"), []);
        assert_eq!(diff(&[], "b"), []);
    }
}
