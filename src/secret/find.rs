//! Finding many texts at once, also where escapes stand in for some of their characters.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::form::{Escape, Form, Unescaped};

/// How much of a pattern the automaton looks for.
const BEGINNING: usize = 24;

/// Finds patterns by their beginnings, for a token may have 16,384 characters, and then looks at the whole.
pub(super) struct Finder {
    beginnings: AhoCorasick,
    patterns: Vec<Pattern>,
}

/// A text to find, the number of the secret it is a form of, and which form.
pub(super) struct Pattern {
    pub(super) text: Vec<u8>,
    pub(super) secret: usize,
    pub(super) form: Form,
}

/// A secret found in a text.
#[derive(Debug, Clone)]
pub(super) struct SecretMatch {
    pub(super) span: Range<usize>,
    pub(super) secret: usize,
    pub(super) form: Form,
}

impl Finder {
    pub(super) fn new(patterns: Vec<Pattern>) -> Result<Self, aho_corasick::BuildError> {
        let beginning = |pattern: &Pattern| pattern.text.iter().take(BEGINNING).copied().collect::<Vec<u8>>();
        let beginnings = AhoCorasick::new(patterns.iter().map(beginning))?;
        Ok(Self { beginnings, patterns })
    }

    pub(super) fn find(&self, text: &[u8], origin: impl Fn(usize) -> usize) -> Vec<SecretMatch> {
        // Nearly always there is nothing; this looks without keeping account of overlaps.
        if !self.beginnings.is_match(text) {
            return Vec::new();
        }
        let hit = |found: aho_corasick::Match| {
            let Pattern { text: whole, secret, form } = self.patterns.get(found.pattern().as_usize())?;
            let end = found.start() + whole.len();
            (text.get(found.start()..end)? == whole).then(|| SecretMatch {
                span: origin(found.start())..origin(end),
                secret: *secret,
                form: *form,
            })
        };
        self.beginnings.find_overlapping_iter(text).filter_map(hit).collect()
    }

    /// Finds what appears once escapes are resolved, at its place in the text as it is.
    pub(super) fn find_decoded(&self, text: &[u8], escape: Escape, form: Form, hits: &mut Vec<SecretMatch>) {
        let mark = if form == Form::Percent { b'%' } else { b'\\' };
        if memchr::memchr(mark, text).is_none() {
            return;
        }
        let (decoded, origins) = decode(text, escape);
        let found = self.find(&decoded, |at| origins.get(at).copied().unwrap_or(text.len()));
        // What stands there as it is has been found already.
        let escaped = |hit: &SecretMatch| text.get(hit.span.clone()).is_some_and(|written| written.contains(&mark));
        hits.extend(found.into_iter().filter(escaped).map(|hit| SecretMatch { form, ..hit }));
    }
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
