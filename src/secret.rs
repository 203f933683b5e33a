//! The one place where secrets are known and masked.
//!
//! Owns the values of tokens and the like, and finds them again in anything that is to be shown: plain, in base64 and
//! hexadecimal, percent-encoded and JSON-escaped. Everything that leaves the program for a terminal, a report or a
//! snapshot goes through [`Secrets::mask`]. Forms that are not known here, such as base64 broken into lines, encodings of
//! encodings, or a value cut in two by somebody else, are not found.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use crate::http::{Piece, Response};

mod find;
mod form;

use find::{Finder, Pattern, SecretMatch, merge, widen};
use form::{fixed_forms, json_escape, percent_escape};

pub use form::Form;

/// The least length of a secret, in bytes. Masking something shorter would tear holes into ordinary text, from which
/// the value could be guessed.
const MIN_LENGTH: usize = 4;

/// The least length, in bytes, at which coming back is no coincidence: shorter secrets are masked but not reported as
/// echoes, and are not looked for in the middle of other base64.
const TELLING_LENGTH: usize = 8;

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
    /// The name is empty or has characters that a mark or an environment variable can't hold.
    #[error("the secret name {0:?} is not usable; use ascii letters, digits, `_` and `-`")]
    Name(String),
    /// There is a secret of this name already.
    #[error("the secret `{0}` is given twice")]
    Twice(String),
    /// The values are too many or too long to be searched for at once.
    #[error("the secret `{0}` is too long to be searched for")]
    TooLong(String),
}

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
    value: SecretString,
    mark: String,
}

/// The secrets of a run. `Debug` shows their names.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    /// Every form that is a fixed text; what an escape can spell in many ways is decoded and searched for as it is.
    fixed: Option<Finder>,
    plain: Option<Finder>,
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
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Err(SecretError::Name(name.to_owned()));
        }
        if self.names().any(|known| known == name) {
            return Err(SecretError::Twice(name.to_owned()));
        }
        let text = value.expose_secret();
        if text.len() < MIN_LENGTH {
            return Err(SecretError::TooShort(name.to_owned()));
        }
        self.secrets.push(Secret { name: name.to_owned(), value, mark: format!("[masked:{name}]") });
        let outcome = self.rebuild(name);
        if outcome.is_err() {
            self.secrets.pop();
            // What could be built before can be built again.
            self.rebuild(name)?;
        }
        outcome
    }

    fn rebuild(&mut self, name: &str) -> Result<(), SecretError> {
        let (mut fixed, mut plain) = (Vec::new(), Vec::new());
        for (number, secret) in self.secrets.iter().enumerate() {
            let value = secret.value.expose_secret();
            plain.push(Pattern { text: value.as_bytes().to_vec(), secret: number, form: Form::Plain });
            let forms = fixed_forms(value).into_iter();
            fixed.extend(forms.map(|(text, form)| Pattern { text, secret: number, form }));
        }
        let too_long = |_| SecretError::TooLong(name.to_owned());
        (self.fixed, self.plain) =
            (Some(Finder::new(fixed).map_err(too_long)?), Some(Finder::new(plain).map_err(too_long)?));
        let marks = self.secrets.iter().map(|secret| secret.mark.as_str()).chain([ALL_MASKED]);
        match marks.flat_map(|mark| self.hits(mark.as_bytes())).find_map(|hit| self.secrets.get(hit.secret)) {
            Some(_) => Err(SecretError::LikeTheMark(name.to_owned())),
            None => Ok(()),
        }
    }

    /// The names, in the order of registration.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.name.as_str())
    }

    /// The value of a secret, to be put into a request and nowhere else.
    pub fn expose(&self, name: &str) -> Option<&str> {
        self.secrets.iter().find(|secret| secret.name == name).map(|secret| secret.value.expose_secret())
    }

    /// The text with every secret in it, in whatever form, replaced by `[masked:name]`. Masking twice is masking once.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let hits = self.hits(text.as_bytes());
        if hits.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = self.replace(text, &hits);
        for _ in 0..ROUNDS {
            let hits = self.hits(masked.as_bytes());
            if hits.is_empty() {
                return Cow::Owned(masked);
            }
            masked = self.replace(&masked, &hits);
        }
        Cow::Borrowed(ALL_MASKED)
    }

    /// Whether a secret, in whatever form, is in the text: whether masking would change it.
    pub fn is_in(&self, text: &str) -> bool {
        !self.hits(text.as_bytes()).is_empty()
    }

    /// Masks every string, key and number of a JSON value in its place. A number that holds a secret becomes a string.
    /// Keys that are alike once masked are kept apart by a number.
    pub fn mask_json(&self, value: &mut Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if let Cow::Owned(masked) = self.mask(&number.to_string()) {
                    *value = Value::String(masked);
                }
            }
            Value::String(text) => {
                let masked = match self.mask(text) {
                    Cow::Borrowed(same) if same.len() == text.len() => return,
                    masked => masked.into_owned(),
                };
                *text = masked;
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.mask_json(element)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.mask_json(member));
                if members.keys().any(|key| !self.hits(key.as_bytes()).is_empty()) {
                    *members = self.mask_keys(std::mem::take(members));
                }
            }
        }
    }

    fn mask_keys(&self, members: Map<String, Value>) -> Map<String, Value> {
        let mut masked = Map::with_capacity(members.len());
        for (key, member) in members {
            let name = self.mask(&key).into_owned();
            let mut free = name.clone();
            let mut count = 1_usize;
            while masked.contains_key(&free) {
                count += 1;
                free = format!("{name} ({count})");
            }
            masked.insert(free, member);
        }
        masked
    }

    /// The secrets of eight bytes and more that came back in a response: each once for a place and form.
    pub fn find(&self, response: &Response) -> Vec<Echo> {
        let mut echoes = Vec::new();
        let mut look = |text: &[u8], place: &dyn Fn() -> EchoPlace| {
            for hit in self.hits(text) {
                let Some(secret) = self.secrets.get(hit.secret) else { continue };
                if secret.value.expose_secret().len() >= TELLING_LENGTH {
                    echoes.push(Echo { secret: secret.name.clone(), place: place(), form: hit.form });
                }
            }
        };
        let sections = response.sections();
        // Nearly always nothing is around the body; then its parts need not be looked at.
        if sections.all().is_empty() || !self.hits(sections.all()).is_empty() {
            for (name, value) in &response.headers {
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
        for hit in merge(self.hits(text.as_bytes())) {
            let Some(secret) = self.secrets.get(hit.secret) else { continue };
            let span = widen(text, &hit.span);
            pieces.push(Piece::Text(self.mask(text.get(done..span.start).unwrap_or_default())));
            let whole = text.get(hit.span.clone()) == Some(secret.value.expose_secret());
            pieces.push(if whole { Piece::Secret(&secret.name) } else { Piece::Text(Cow::Borrowed(&secret.mark)) });
            done = span.end;
        }
        pieces.push(Piece::Text(self.mask(text.get(done..).unwrap_or_default())));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        pieces
    }

    fn hits(&self, text: &[u8]) -> Vec<SecretMatch> {
        let (Some(fixed), Some(plain)) = (&self.fixed, &self.plain) else { return Vec::new() };
        let mut hits = fixed.find(text, |at| at);
        plain.find_decoded(text, percent_escape, Form::Percent, &mut hits);
        plain.find_decoded(text, json_escape, Form::Json, &mut hits);
        hits
    }

    fn replace(&self, text: &str, hits: &[SecretMatch]) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for hit in merge(hits.to_vec()) {
            let span = widen(text, &hit.span);
            masked.push_str(text.get(done..span.start).unwrap_or_default());
            masked.push_str(self.secrets.get(hit.secret).map_or(ALL_MASKED, |secret| &secret.mark));
            done = span.end;
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        masked
    }
}

#[cfg(test)]
mod tests;
