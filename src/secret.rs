//! The one place where secrets are known and masked.
//!
//! Owns the values of tokens and the like, and what templates made of them, and finds them again in anything that is to be
//! shown: in any letter case, in base64, hexadecimal and UTF-16, escaped for URLs, JSON, HTML and mail, once and twice, and
//! without their ends. Everything that leaves the program for a terminal, a report or a snapshot is [`Masked`].

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};

use crate::http::{Piece, Response};

mod escape;
mod find;
mod form;
mod mask;
mod masked;
#[cfg(test)]
pub(crate) mod spellings;
mod value;

use find::{Finder, Pattern, Search, SecretMatch, merge, widen};
use form::{fixed_forms, made_forms};

pub use form::{Form, TELLING_LENGTH};
pub use mask::Mask;
pub use masked::Masked;

/// The least length of a secret, in bytes. Masking something shorter would tear holes into ordinary text, from which
/// the value could be guessed.
const MIN_LENGTH: usize = 4;

/// The least length, in bytes, of something made of a secret that is masked wherever it stands: shorter pieces are parts of
/// ordinary words.
pub const MADE_LENGTH: usize = TELLING_LENGTH;
/// The most texts made of secrets that are looked for.
const MOST_MADE: usize = 500;
/// How many bytes they have together at most.
const MOST_MADE_BYTES: usize = 8 * 1024 * 1024;

/// The most values that answers give secrets.
const MOST_OBTAINED: usize = 10_000;

/// How often a masked text is masked again, should the marker and its neighbours make up a secret anew.
const ROUNDS: usize = 8;

/// What is left of a text that cannot be masked otherwise.
const ALL_MASKED: &str = "[masked]";

/// Why a value is not taken as a secret. Never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The value has fewer than four bytes.
    #[error("the secret `{0}` has fewer than {MIN_LENGTH} bytes and could not be masked; use a longer one")]
    TooShort(String),
    /// The value is part of the text that stands for masked secrets.
    #[error("the secret `{0}` is part of the mark that replaces secrets; use another value")]
    LikeTheMark(String),
    /// The value was obtained and has fewer than eight bytes.
    #[error(
        "the value for the secret `{0}` has fewer than {TELLING_LENGTH} bytes, which can't be told from ordinary text"
    )]
    NotTelling(String),
    /// The name is empty or has characters that a mark or an environment variable can't hold.
    #[error("the secret name {0:?} is not usable; use ascii letters, digits, `_` and `-`")]
    Name(String),
    /// There is a secret of this name already.
    #[error("the secret `{0}` is given twice")]
    Twice(String),
    /// Answers have given too many values.
    #[error(
        "answers have given secrets more than {MOST_OBTAINED} values, which are too many to be masked; `{0}` is one"
    )]
    TooMany(String),
    /// The values are too many or too long to be searched for at once.
    #[error("the secret `{0}` is too long to be searched for")]
    TooLong(String),
}

/// Why what a template makes of a secret is not taken as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MOST_MADE} texts, or 8 MiB of them, are made of secrets, which are too many to be masked")]
pub struct TooManyMade;

/// Where in a response a secret was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EchoPlace {
    /// In an interim answer.
    Interim,
    /// In the status line.
    StatusLine,
    /// In the name of a header.
    HeaderName,
    /// In the value of this header (lower-case name).
    Header(String),
    /// In the body.
    Body,
    /// Behind the last chunk of the body.
    Trailers,
}

/// A secret that came back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Echo {
    /// The secret's name.
    pub secret: String,
    /// Where it was.
    pub place: EchoPlace,
    /// How it was written.
    pub form: Form,
}

/// A URL without user and password, which need not be known as secrets. What is no URL is taken for one without its
/// scheme.
pub fn without_credentials(url: &str) -> Cow<'_, str> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(start);
    // The last one, even behind a `/`: a password may hold either unescaped.
    match rest.rfind('@').and_then(|at| rest.get(at..)) {
        Some(host) => Cow::Owned(format!("{scheme}{ALL_MASKED}{host}")),
        None => Cow::Borrowed(url),
    }
}

struct Secret {
    name: String,
    /// None where it comes with an answer: its values are known then.
    value: Option<SecretString>,
    /// Whether the target gives it, and may so again.
    is_captured: bool,
    mark: String,
}

/// The secrets of a run, and what was made of them. `Debug` shows their names.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    known: RwLock<Known>,
}

/// What is looked for.
#[derive(Default)]
struct Known {
    finder: Finder,
    /// What came with answers, with the number of the secret. A value that is good no more is masked as one that is.
    obtained: Vec<(usize, SecretString)>,
    /// What was made of secrets, and how long it is together.
    made: HashSet<String>,
    made_bytes: usize,
}

/// What is looked for because of a value. Every form is a fixed text; what escapes can spell in many ways is decoded first.
fn patterns(value: &str, forms: Vec<(Vec<u8>, Form)>, secret: usize, original: bool) -> Vec<Arc<Pattern>> {
    let pattern = |(text, form): (Vec<u8>, Form)| {
        let spread = text.len().div_ceil(value.len().max(1)).max(1);
        Arc::new(Pattern { text, secret, form, original, spread })
    };
    forms.into_iter().map(pattern).collect()
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Secrets").field(&self.names().collect::<Vec<_>>()).finish()
    }
}

impl Secrets {
    /// No secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a secret known. From now on its value is masked.
    ///
    /// # Errors
    /// The name isn't usable or taken; the value is shorter than four bytes, part of the mark, or far too long. An
    /// optional secret that was not given is simply not registered.
    pub fn register(&mut self, name: &str, value: SecretString) -> Result<(), SecretError> {
        if value.expose_secret().len() < MIN_LENGTH {
            return Err(SecretError::TooShort(name.to_owned()));
        }
        self.add(name, Some(value), false)
    }

    /// Makes the name of a secret known whose values are obtained later ([`Self::obtain`]).
    ///
    /// # Errors
    /// The name isn't usable or taken.
    pub fn reserve(&mut self, name: &str) -> Result<(), SecretError> {
        self.add(name, None, false)
    }

    /// Makes the name of a secret known that answers of the target hold ([`Self::capture`]).
    ///
    /// # Errors
    /// The name isn't usable or taken.
    pub fn reserve_captured(&mut self, name: &str) -> Result<(), SecretError> {
        self.add(name, None, true)
    }

    fn add(&mut self, name: &str, value: Option<SecretString>, is_captured: bool) -> Result<(), SecretError> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Err(SecretError::Name(name.to_owned()));
        }
        if self.names().any(|known| known == name) {
            return Err(SecretError::Twice(name.to_owned()));
        }
        self.secrets.push(Secret { name: name.to_owned(), value, is_captured, mark: format!("[masked:{name}]") });
        let outcome = self.rebuild(name);
        if outcome.is_err() {
            self.secrets.pop();
            // What could be built before can be built again.
            self.rebuild(name)?;
        }
        outcome
    }

    /// Makes a value known that was obtained for a reserved secret. From now on it is masked, as those before it still are.
    ///
    /// # Errors
    /// There is no such secret; the value is shorter than eight bytes, which can't be told from ordinary text, part of a
    /// mark, or far too long.
    pub fn obtain(&self, name: &str, value: SecretString) -> Result<(), SecretError> {
        if value.expose_secret().len() < TELLING_LENGTH {
            return Err(SecretError::NotTelling(name.to_owned()));
        }
        self.know(name, value)
    }

    /// Makes a value known that an answer holds. From now on it is masked; that it comes back is no echo.
    ///
    /// # Errors
    /// There is no such secret; the value is shorter than four bytes, part of a mark, or far too long; there are too many.
    pub fn capture(&self, name: &str, value: SecretString) -> Result<(), SecretError> {
        if value.expose_secret().len() < MIN_LENGTH {
            return Err(SecretError::TooShort(name.to_owned()));
        }
        self.know(name, value)
    }

    fn know(&self, name: &str, value: SecretString) -> Result<(), SecretError> {
        let text = value.expose_secret();
        let reserved = self.secrets.iter().position(|secret| secret.name == name && secret.value.is_none());
        let number = reserved.ok_or_else(|| SecretError::Name(name.to_owned()))?;
        let lower = text.to_ascii_lowercase();
        let mut marks = self.secrets.iter().map(|secret| secret.mark.as_str()).chain([ALL_MASKED]);
        if marks.any(|mark| mark.to_ascii_lowercase().contains(&lower)) {
            return Err(SecretError::LikeTheMark(name.to_owned()));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.obtained.iter().any(|(_, other)| other.expose_secret() == text) {
            return Ok(());
        }
        if known.obtained.len() >= MOST_OBTAINED {
            return Err(SecretError::TooMany(name.to_owned()));
        }
        let is_captured = self.secrets.get(number).is_some_and(|secret| secret.is_captured);
        // Cases may capture thousands, so these are looked for in fewer forms.
        let forms = if is_captured { made_forms(text) } else { fixed_forms(text) };
        let added = known.finder.add(patterns(text, forms, number, true));
        added.map_err(|_| SecretError::TooLong(name.to_owned()))?;
        known.obtained.push((number, value));
        Ok(())
    }

    fn rebuild(&mut self, name: &str) -> Result<(), SecretError> {
        let given = self.secrets.iter().enumerate();
        let given = given.filter_map(|(number, secret)| Some((number, secret.value.as_ref()?.expose_secret())));
        let all = given.flat_map(|(number, value)| patterns(value, fixed_forms(value), number, true)).collect();
        let mut finder = Finder::default();
        finder.add(all).map_err(|_| SecretError::TooLong(name.to_owned()))?;
        self.known = RwLock::new(Known { finder, ..Known::default() });
        let mut marks = self.secrets.iter().map(|secret| secret.mark.as_str()).chain([ALL_MASKED]);
        match marks.any(|mark| self.is_in(mark)) {
            true => Err(SecretError::LikeTheMark(name.to_owned())),
            false => Ok(()),
        }
    }

    /// Makes known what a template made of texts, one of which holds a secret: it is one, too. Too short a piece can't be
    /// looked for; says whether it is known now.
    ///
    /// # Errors
    /// There are too many of them to be searched for at once.
    pub fn add_made(&self, made: &str, of: &str) -> Result<bool, TooManyMade> {
        let Some(source) = self.hits(of.as_bytes(), Search::Usual).into_iter().next() else { return Ok(true) };
        // A character that is repeated tells nothing but a length.
        let first = made.chars().next();
        let is_harmless =
            made.chars().all(|character| Some(character) == first) || made == of || self.mask(of).contains(made);
        if is_harmless {
            return Ok(true);
        }
        if made.len() < MADE_LENGTH {
            return Ok(false);
        }
        let covered: usize = merge(self.hits(made.as_bytes(), Search::Usual)).iter().map(|hit| hit.span.len()).sum();
        if covered == made.len() {
            return Ok(true);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.made.contains(made) {
            return Ok(true);
        }
        known.made_bytes += made.len();
        if known.made.len() >= MOST_MADE || known.made_bytes > MOST_MADE_BYTES {
            return Err(TooManyMade);
        }
        known.made.insert(made.to_owned());
        let patterns = patterns(made, made_forms(made), source.secret, false);
        known.finder.add(patterns).map(|()| true).map_err(|_| TooManyMade)
    }

    /// The names, in the order of registration.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.name.as_str())
    }

    /// The value of a secret that was given, to be put into a request and nowhere else.
    pub fn expose(&self, name: &str) -> Option<&str> {
        let secret = self.secrets.iter().find(|secret| secret.name == name)?;
        secret.value.as_ref().map(|value| value.expose_secret())
    }

    /// Whether a text is the value of the secret of this number.
    fn is_value(&self, number: usize, text: &str) -> bool {
        let given = self.secrets.get(number).and_then(|secret| secret.value.as_ref());
        let is_obtained = |known: &Known| {
            known.obtained.iter().any(|(other, value)| *other == number && value.expose_secret() == text)
        };
        match given {
            Some(given) => given.expose_secret() == text,
            None => is_obtained(&self.known.read().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// The text with every secret in it, in whatever form, replaced by `[masked:name]`. Masking twice is masking once.
    pub fn mask<'t>(&self, text: &'t str) -> Masked<Cow<'t, str>> {
        self.masked(text, Search::Usual)
    }

    /// The same for a text that was cut off somewhere, by the target or by us: the beginning of a secret is masked, too.
    pub fn mask_cut<'t>(&self, text: &'t str) -> Masked<Cow<'t, str>> {
        self.masked(text, Search::Cut)
    }

    /// The same for bytes that need not be text.
    pub fn mask_bytes<'t>(&self, bytes: &'t [u8], is_cut: bool) -> Masked<Cow<'t, [u8]>> {
        let search = if is_cut { Search::Cut } else { Search::Usual };
        let hits = self.hits(bytes, search);
        if hits.is_empty() {
            return Masked::new(Cow::Borrowed(bytes));
        }
        let mut masked = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for hit in merge(hits) {
            masked.extend_from_slice(bytes.get(done..hit.span.start).unwrap_or_default());
            masked.extend_from_slice(self.mark(&hit).as_bytes());
            done = hit.span.end;
        }
        masked.extend_from_slice(bytes.get(done..).unwrap_or_default());
        Masked::new(Cow::Owned(masked))
    }

    fn masked<'t>(&self, text: &'t str, search: Search) -> Masked<Cow<'t, str>> {
        let hits = self.hits(text.as_bytes(), search);
        if hits.is_empty() {
            return Masked::new(Cow::Borrowed(text));
        }
        let mut masked = self.replace(text, hits);
        for _ in 0..ROUNDS {
            let hits = self.hits(masked.as_bytes(), search);
            if hits.is_empty() {
                return Masked::new(Cow::Owned(masked));
            }
            masked = self.replace(&masked, hits);
        }
        Masked::new(Cow::Borrowed(ALL_MASKED))
    }

    /// Whether a secret, in whatever form, is in the text: whether masking would change it.
    pub fn is_in(&self, text: &str) -> bool {
        !self.hits(text.as_bytes(), Search::Usual).is_empty()
    }

    /// The secrets of eight bytes and more that came back in a response: each once for a place and form.
    pub fn find(&self, response: &Response) -> Vec<Echo> {
        let mut echoes = Vec::new();
        let mut look = |text: &[u8], place: &dyn Fn() -> EchoPlace| {
            for hit in self.hits(text, Search::Usual).into_iter().filter(|hit| hit.whole) {
                let Some(secret) = self.secrets.get(hit.secret) else { continue };
                // What was obtained is always that long.
                if !secret.is_captured
                    && secret.value.as_ref().is_none_or(|value| value.expose_secret().len() >= TELLING_LENGTH)
                {
                    echoes.push(Echo { secret: secret.name.clone(), place: place(), form: hit.form });
                }
            }
        };
        let sections = response.sections();
        // Nearly always nothing is around the body; then its parts need not be looked at.
        if sections.all().is_empty() || !self.hits(sections.all(), Search::Usual).is_empty() {
            for (name, value) in response.headers.iter() {
                look(value.as_bytes(), &|| EchoPlace::Header(name.clone()));
            }
            look(sections.interim(), &|| EchoPlace::Interim);
            look(sections.trailers(), &|| EchoPlace::Trailers);
            for (number, line) in sections.head().split(|byte| *byte == b'\n').enumerate() {
                match number {
                    0 => look(line, &|| EchoPlace::StatusLine),
                    _ => look(line.split(|byte| *byte == b':').next().unwrap_or(line), &|| EchoPlace::HeaderName),
                }
            }
        }
        look(&response.body, &|| EchoPlace::Body);
        echoes.sort();
        echoes.dedup();
        echoes
    }

    /// Cuts a text for a command line: plain secrets by their name, secrets in another form as masked text.
    pub fn pieces<'a>(&'a self, text: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for hit in merge(self.hits(text.as_bytes(), Search::Usual)) {
            let Some(secret) = self.secrets.get(hit.secret) else { continue };
            let span = widen(text, &hit.span);
            pieces.push(Piece::Text(self.mask(text.get(done..span.start).unwrap_or_default()).into_inner()));
            let whole = text.get(hit.span.clone()).is_some_and(|text| self.is_value(hit.secret, text));
            // What the target gives, nobody has in the environment.
            pieces.push(if whole && !secret.is_captured {
                Piece::Secret(&secret.name)
            } else {
                Piece::Text(Cow::Borrowed(&secret.mark))
            });
            done = span.end;
        }
        pieces.push(Piece::Text(self.mask(text.get(done..).unwrap_or_default()).into_inner()));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        pieces
    }

    fn hits(&self, text: &[u8], search: Search) -> Vec<SecretMatch> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.finder.find(text, search)
    }

    fn mark(&self, hit: &SecretMatch) -> &str {
        self.secrets.get(hit.secret).map_or(ALL_MASKED, |secret| &secret.mark)
    }

    fn replace(&self, text: &str, hits: Vec<SecretMatch>) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for hit in merge(hits) {
            let span = widen(text, &hit.span);
            masked.push_str(text.get(done..span.start).unwrap_or_default());
            masked.push_str(self.mark(&hit));
            done = span.end;
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        masked
    }
}

#[cfg(test)]
mod tests;
