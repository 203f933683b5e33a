//! Finding many texts at once, also where escapes stand in for some of their characters, and the beginnings of texts whose
//! ends were cut off.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::form::{Escape, Form, Unescaped};

/// How many bytes of a value the automaton looks for. A text that goes on otherwise is taken for a value that was cut: so
/// much of it is no coincidence.
const BEGINNING: usize = 12;
/// How many bytes of a value are looked for in what is known to be cut.
const CUT: usize = 6;

/// Finds patterns by their beginnings, for a token may have 16,384 characters, and then looks how far they go.
pub(super) struct Finder {
    beginnings: AhoCorasick,
    patterns: Vec<Arc<Pattern>>,
}

/// A text to find, the number of the secret it is a form of, and which form.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: Vec<u8>,
    pub(super) secret: usize,
    pub(super) form: Form,
    /// Whether it stands for a secret itself, and not for what was made of one.
    pub(super) original: bool,
    /// How many bytes of it stand for a byte of the value, rounded up.
    pub(super) spread: usize,
}

/// A secret found in a text.
#[derive(Debug, Clone)]
pub(super) struct SecretMatch {
    pub(super) span: Range<usize>,
    pub(super) secret: usize,
    pub(super) form: Form,
    /// Whether all of a secret is there, and not a part of it or what was made of it.
    pub(super) whole: bool,
}

/// How well a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// As any text.
    Usual,
    /// As one that was cut off somewhere.
    Cut,
}

impl Pattern {
    /// The beginning of it that stands for so many bytes of the value.
    fn beginning(&self, bytes: usize) -> &[u8] {
        self.text.get(..bytes.saturating_mul(self.spread)).unwrap_or(&self.text)
    }

    /// The pattern, or as much of its beginning as stands at a place of a text. What was made of a secret may begin with what
    /// is none, so that a part of it tells nothing where nothing was cut.
    fn at(&self, text: &[u8], start: usize, search: Search) -> Option<SecretMatch> {
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.iter().zip(&self.text).take_while(|(one, other)| one == other).count();
        let is_whole = length == self.text.len();
        if !is_whole && !self.original && search == Search::Usual {
            return None;
        }
        let whole = is_whole && self.original;
        Some(SecretMatch { span: start..start + length, secret: self.secret, form: self.form, whole })
    }
}

impl Finder {
    pub(super) fn new(patterns: Vec<Arc<Pattern>>) -> Result<Self, aho_corasick::BuildError> {
        let beginnings = AhoCorasick::new(patterns.iter().map(|pattern| pattern.beginning(BEGINNING)))?;
        Ok(Self { beginnings, patterns })
    }

    /// Finds what is in a text.
    pub(super) fn find(&self, text: &[u8], search: Search) -> Vec<SecretMatch> {
        match search {
            // Nearly always there is nothing; this looks without keeping account of overlaps.
            Search::Usual if !self.beginnings.is_match(text) => Vec::new(),
            Search::Usual => {
                let hits = self.beginnings.find_overlapping_iter(text);
                let at = |hit: aho_corasick::Match| {
                    self.patterns.get(hit.pattern().as_usize())?.at(text, hit.start(), search)
                };
                hits.filter_map(at).collect()
            }
            Search::Cut => self.patterns.iter().flat_map(|pattern| beginnings(pattern, text)).collect(),
        }
    }

    /// Finds what appears once escapes are resolved, at its place in the text as it is.
    pub(super) fn find_decoded(
        &self,
        text: &[u8],
        (escape, form): (Escape, Form),
        search: Search,
        hits: &mut Vec<SecretMatch>,
    ) {
        let mark = if form == Form::Percent { b'%' } else { b'\\' };
        if memchr::memchr(mark, text).is_none() {
            return;
        }
        let (decoded, origins) = decode(text, escape);
        let origin = |at: usize| origins.get(at).copied().unwrap_or(text.len());
        let found = self.find(&decoded, search).into_iter().map(|hit| SecretMatch {
            span: origin(hit.span.start)..origin(hit.span.end),
            form,
            ..hit
        });
        // What stands there as it is has been found already.
        let escaped = |hit: &SecretMatch| text.get(hit.span.clone()).is_some_and(|written| written.contains(&mark));
        hits.extend(found.filter(escaped));
    }
}

/// Every place where a pattern stands in a text, or enough of its beginning.
fn beginnings(pattern: &Pattern, text: &[u8]) -> Vec<SecretMatch> {
    let starts = memchr::memmem::find_iter(text, pattern.beginning(if pattern.original { CUT } else { BEGINNING }));
    starts.filter_map(|start| pattern.at(text, start, Search::Cut)).collect()
}

/// The text with its escapes resolved, and for each byte of it the place it comes from.
fn decode(text: &[u8], escape: Escape) -> (Vec<u8>, Vec<usize>) {
    let mut decoded = Vec::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let before = decoded.len();
        let (meant, length) = escape(rest).unwrap_or((Unescaped::Byte(rest.first().copied().unwrap_or_default()), 1));
        match meant {
            Unescaped::Byte(byte) => decoded.push(byte),
            Unescaped::Character(character) => {
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        origins.resize(origins.len() + decoded.len() - before, at);
        at += length;
    }
    origins.push(at);
    (decoded, origins)
}

/// Overlapping hits become one, under the name of the longest.
pub(super) fn merge(mut hits: Vec<SecretMatch>) -> Vec<SecretMatch> {
    hits.sort_by_key(|hit| (hit.span.start, usize::MAX - hit.span.end));
    let mut merged: Vec<SecretMatch> = Vec::with_capacity(hits.len());
    let mut longest = 0;
    for hit in hits {
        match merged.last_mut().filter(|last| hit.span.start < last.span.end) {
            Some(last) => {
                last.span.end = last.span.end.max(hit.span.end);
                if hit.span.len() > longest {
                    (last.secret, last.form, longest) = (hit.secret, hit.form, hit.span.len());
                }
            }
            None => {
                longest = hit.span.len();
                merged.push(hit);
            }
        }
    }
    merged
}

/// The span, made to begin and end between characters.
pub(super) fn widen(text: &str, span: &Range<usize>) -> Range<usize> {
    let before = (0..=span.start).rev().find(|at| text.is_char_boundary(*at));
    let after = (span.end..=text.len()).find(|at| text.is_char_boundary(*at));
    before.unwrap_or(0)..after.unwrap_or(text.len())
}
