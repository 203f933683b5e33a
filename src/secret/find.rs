//! Finding many texts at once, also where escapes stand in for some of their characters, and the beginnings of texts whose
//! ends were cut off.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, packed};

use super::escape::{DECODERS, Decoder, is_marked};
use super::form::Form;

/// How many bytes of a value the automaton looks for. A text that goes on otherwise is taken for a value that was cut: so
/// much of it is no coincidence.
const BEGINNING: usize = 12;
/// How much of a text is looked through at a time.
const WINDOW: usize = 16 * 1024;
/// How many bytes of a value are looked for in what is known to be cut.
const CUT: usize = 6;
/// How many spellings within each other are undone: JSON within JSON, percent of percent, base64 in lines within JSON.
const DEPTH: usize = 2;

/// How much larger an automaton stays than the one that was made after it: what is added one by one is built anew a few times
/// only, and few automata are asked.
const STEP: usize = 4;

/// Finds secrets, and what was made of them, in any letter case.
#[derive(Default)]
pub(super) struct Finder {
    /// The largest first.
    automata: Vec<Automaton>,
}

/// Finds patterns by their beginnings, for a token may have 16,384 characters, and then looks how far they go.
struct Automaton {
    beginnings: AhoCorasick,
    /// Says several times as fast whether any of them is in a text in lower case. None where they are too many for it, or the
    /// processor has no instructions for it.
    packed: Option<packed::Searcher>,
    patterns: Vec<Arc<Pattern>>,
    /// The length of the longest of them.
    longest: usize,
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
        let pairs = rest.iter().zip(&self.text);
        let length = pairs.clone().take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
        let is_whole = length == self.text.len();
        if !is_whole && !self.original && search == Search::Usual {
            return None;
        }
        let is_as_given = self.form != Form::Plain || pairs.take(length).all(|(one, other)| one == other);
        let form = if is_as_given { self.form } else { Form::OtherCase };
        let whole = is_whole && self.original;
        Some(SecretMatch { span: start..start + length, secret: self.secret, form, whole })
    }
}

impl Automaton {
    fn new(patterns: Vec<Arc<Pattern>>) -> Result<Self, aho_corasick::BuildError> {
        let beginnings = patterns.iter().map(|pattern| pattern.beginning(BEGINNING));
        let packed = packed::Builder::new().extend(beginnings.clone().map(<[u8]>::to_ascii_lowercase)).build();
        let beginnings = AhoCorasick::builder().ascii_case_insensitive(true).build(beginnings)?;
        let longest = patterns.iter().map(|pattern| pattern.text.len()).max().unwrap_or_default();
        Ok(Self { beginnings, packed, patterns, longest })
    }

    /// Whether anything is in a text.
    fn is_in(&self, text: &[u8]) -> bool {
        let Some(packed) = &self.packed else { return self.beginnings.is_match(text) };
        // Windows overlap by what is looked for, so that of a large body there is no second one.
        (0..text.len()).step_by(WINDOW).any(|start| {
            let end = text.len().min(start + WINDOW + BEGINNING);
            text.get(start..end).is_some_and(|window| packed.find(window.to_ascii_lowercase()).is_some())
        })
    }

    fn find(&self, text: &[u8], search: Search) -> Vec<SecretMatch> {
        match search {
            // Nearly always there is nothing; this looks without keeping account of overlaps.
            Search::Usual if !self.is_in(text) => Vec::new(),
            Search::Usual => {
                let hits = self.beginnings.find_overlapping_iter(text);
                let at = |hit: aho_corasick::Match| {
                    self.patterns.get(hit.pattern().as_usize())?.at(text, hit.start(), search)
                };
                hits.filter_map(at).collect()
            }
            Search::Cut => {
                let lower = text.to_ascii_lowercase();
                self.patterns.iter().flat_map(|pattern| beginnings(pattern, text, &lower)).collect()
            }
        }
    }
}

impl Finder {
    /// From now on also finds what is written as one of these patterns. Where that fails, nothing has changed.
    pub(super) fn add(&mut self, mut patterns: Vec<Arc<Pattern>>) -> Result<(), aho_corasick::BuildError> {
        let mut kept = self.automata.len();
        while let Some(small) = kept.checked_sub(1).and_then(|last| self.automata.get(last))
            && small.patterns.len() <= patterns.len().saturating_mul(STEP)
        {
            patterns.extend(small.patterns.iter().cloned());
            kept -= 1;
        }
        let automaton = Automaton::new(patterns)?;
        self.automata.truncate(kept);
        self.automata.push(automaton);
        Ok(())
    }

    /// The length of the longest pattern.
    fn longest(&self) -> usize {
        self.automata.iter().map(|automaton| automaton.longest).max().unwrap_or_default()
    }

    /// Finds what is in a text, as it stands there and once its escapes are resolved.
    pub(super) fn find(&self, text: &[u8], search: Search) -> Vec<SecretMatch> {
        if self.automata.is_empty() {
            return Vec::new();
        }
        let mut hits = self.find_as_it_is(text, search);
        self.find_decoded(text, &|span| span, search, DEPTH, &mut hits);
        hits
    }

    fn find_as_it_is(&self, text: &[u8], search: Search) -> Vec<SecretMatch> {
        self.automata.iter().flat_map(|automaton| automaton.find(text, search)).collect()
    }

    /// Finds what appears once escapes are resolved, at its place in the text that `origin` leads back to.
    fn find_decoded(
        &self,
        text: &[u8],
        origin: &dyn Fn(Range<usize>) -> Range<usize>,
        search: Search,
        depth: usize,
        hits: &mut Vec<SecretMatch>,
    ) {
        let Some(depth) = depth.checked_sub(1).filter(|_| is_marked(text)) else { return };
        for decoder in DECODERS {
            let Some((decoded, origins)) = decoder.decode(text) else { continue };
            let origin =
                |span: Range<usize>| origin(origins.of(span.start).start..origins.of(span.end.saturating_sub(1)).end);
            // What stands there as it is has been found already: the rest has an escape in it.
            for part in origins.around(self.longest(), decoded.len()) {
                for hit in self.find_as_it_is(decoded.get(part.clone()).unwrap_or_default(), search) {
                    let (start, end) = (part.start + hit.span.start, part.start + hit.span.end);
                    let span = origin(start..end);
                    if span.len() != end - start {
                        hits.push(SecretMatch { span, form: form(decoder, hit.form), ..hit });
                    }
                }
            }
            self.find_decoded(&decoded, &origin, search, depth, hits);
        }
    }
}

/// How something was written that is there once these escapes are resolved.
fn form(decoder: &Decoder, within: Form) -> Form {
    match within {
        Form::Plain | Form::OtherCase => decoder.form,
        form => form,
    }
}

/// Every place where a pattern stands in a text, or enough of its beginning.
fn beginnings(pattern: &Pattern, text: &[u8], lower: &[u8]) -> Vec<SecretMatch> {
    let first = pattern.beginning(if pattern.original { CUT } else { BEGINNING }).to_ascii_lowercase();
    let starts = memchr::memmem::find_iter(lower, &first);
    starts.filter_map(|start| pattern.at(text, start, Search::Cut)).collect()
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
