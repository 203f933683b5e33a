//! Regular expressions as JSON Schema means them: those of ECMA-262 in Unicode mode, looked for anywhere in a text. Contracts
//! and cases have this one dialect.
//!
//! What a finite automaton can match takes time linear in the text. Only look-around, back-references and `\B` go to an
//! engine that tries one way after another, with a bound on how many.

mod error;
mod translate;

pub use error::PatternError;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use fancy_regex::RegexBuilder as BacktrackingBuilder;
use regex::RegexBuilder;
use translate::{Dialect, translate};

/// The most memory, in bytes, that one compiled pattern may take where nobody says.
pub const SIZE: usize = 1 << 20;
/// About how many bytes may be looked at in one text by trying one way after another: by default a second's worth at most.
static WORK: AtomicUsize = AtomicUsize::new(1 << 26);
/// Texts up to this length, in bytes, are matched by an engine that is compiled once a pattern; for each, what is
/// allowed is what the longest such text allows.
const LENGTHS: [usize; 2] = [1 << 10, 1 << 13];

/// Sets how much work, in bytes looked at, a text may take that is matched by trying one way after another. It counts for the
/// whole program and for what is compiled from then on.
pub fn set_work(bytes: usize) {
    WORK.store(bytes, Ordering::Relaxed);
}

/// How often an engine of another's may try to match a text of any length.
#[must_use]
pub fn attempts_elsewhere() -> usize {
    (WORK.load(Ordering::Relaxed) >> 14).max(1)
}

/// A spelling by which another user of the same engines, who translates patterns by rules of its own, understands what this
/// pattern means. Nothing where there is none.
#[must_use]
pub fn spelt_out(source: &str) -> Option<String> {
    // What has no special characters but these means the same to all.
    if source.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"^$-_/|".contains(&byte)) {
        return Some(source.to_owned());
    }
    let linear = translate(source, Dialect::Linear).ok()?;
    let backtracks = linear.backtracks || linear.text.contains("(?-u:");
    let mut text = if backtracks { translate(source, Dialect::Backtracking).ok()?.text } else { linear.text };
    // Those who know no condition take a group that found nothing for one that can't be found again.
    for number in 1..=source.matches('(').count() {
        text = text.replace(&format!("(?({number})\\{number})"), &format!("(?:\\{number})"));
    }
    let (mut in_class, mut is_nested) = (false, false);
    for c in text.chars() {
        is_nested |= c == '[' && in_class;
        in_class = c == '[' || in_class && c != ']';
    }
    (!is_nested).then_some(text)
}

/// A compiled regular expression. Cheap to clone.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    source: String,
    engine: Engine,
}

enum Engine {
    Linear(regex::Regex),
    Backtracking { text: String, size: usize, engines: [OnceLock<Option<fancy_regex::Regex>>; LENGTHS.len()] },
}

/// A text was not matched to the end: that would have taken too many attempts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "to match it by {0} takes more work than --max-pattern-work allows; a pattern without nested repetitions takes less"
)]
pub struct TooCostly(pub String);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What ECMA-262 doesn't know, and what takes too much memory.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        Self::within(source, SIZE)
    }

    /// The same, but in so many bytes of memory.
    ///
    /// # Errors
    /// As [`Pattern::new`].
    pub fn within(source: &str, size: usize) -> Result<Self, PatternError> {
        let refused = |cause: String| PatternError { message: cause, at: 0..source.len() };
        let translated = translate(source, Dialect::Linear)?;
        let engine = if translated.backtracks {
            let text = translate(source, Dialect::Backtracking)?.text;
            let most =
                |length: usize| attempts(length, &text, size).map_err(|error| refused(cause_of_backtracking(&error)));
            let engines = [OnceLock::new(), OnceLock::new()];
            if let Some((length, engine)) = LENGTHS.first().zip(engines.first()) {
                let _ = engine.set(Some(most(*length)?));
            }
            Engine::Backtracking { text, size, engines }
        } else {
            let built = RegexBuilder::new(&translated.text).size_limit(size).dfa_size_limit(size).build();
            Engine::Linear(built.map_err(|error| refused(cause_of(&error)))?)
        };
        Ok(Self(Arc::new(Compiled { source: source.to_owned(), engine })))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.source
    }

    /// Whether it is found in a text.
    ///
    /// # Errors
    /// To find out takes too long.
    pub fn is_match(&self, text: &str) -> Result<bool, TooCostly> {
        match &self.0.engine {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking { text: pattern, size, engines } => {
                let known = LENGTHS.into_iter().zip(engines).find(|(length, _)| text.len() <= *length);
                let found = match known {
                    Some((length, engine)) => {
                        let engine = engine.get_or_init(|| attempts(length, pattern, *size).ok());
                        engine.as_ref().map(|engine| engine.is_match(text))
                    }
                    None => attempts(text.len(), pattern, *size).ok().map(|engine| engine.is_match(text)),
                };
                found.and_then(Result::ok).ok_or_else(|| TooCostly(self.as_str().to_owned()))
            }
        }
    }
}

/// The engine for texts up to a length: each attempt may look at the whole text. In a text that isn't too long, there is one
/// for every place at which a match may begin.
fn attempts(length: usize, text: &str, size: usize) -> Result<fancy_regex::Regex, Box<fancy_regex::Error>> {
    let places = if LENGTHS.contains(&length) { 2 * length } else { 1 };
    let most = (WORK.load(Ordering::Relaxed) / length.max(1)).max(places);
    let mut builder = BacktrackingBuilder::new(text);
    let builder = builder.delegate_size_limit(size).delegate_dfa_size_limit(size).backtrack_limit(most);
    builder.build().map_err(Box::new)
}

fn cause_of(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => format!("compiled, it takes more than {limit} bytes"),
        other => {
            let text = other.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_lowercase()
        }
    }
}

fn cause_of_backtracking(error: &fancy_regex::Error) -> String {
    let text = error.to_string();
    match text.contains("building NFA") || text.contains("size limit") {
        true => "compiled, it takes too much memory".to_owned(),
        false => text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_lowercase(),
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.source, f)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.source)
    }
}

#[cfg(test)]
mod tests;
