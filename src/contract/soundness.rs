//! Whether the schemas of a document are sound: held against the metaschema of JSON Schema 2020-12, each pattern
//! compiled. Says where what is wrong; what is found here would else be one error without a place.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::draft202012;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::fragment;
use super::mistake::Mistake;
use super::survey::Survey;
use super::unreadable::{LeftOut, Unreadable};
use crate::pattern::{Pattern, PatternError, SIZE};
use crate::pointer;
use crate::secret::Secrets;

/// The most memory, in bytes, that all patterns of a document may take together: to compile them takes time.
const PATTERNS: usize = 64 << 20;
/// What a pattern is taken to need, in bytes: the first of these within which it can be compiled.
const SIZES: [usize; 2] = [8 << 10, 64 << 10];

/// What `type` may be, which the metaschema spells in a way that nobody wants to read.
const TYPES: &str = "`string`, `number`, `integer`, `boolean`, `array`, `object`, `null` or a list of some of these";

/// The next step where something of the wrong kind can't be left out.
const COSTLY: &str = "correct it in a copy of the document: if it were left out, what is right might be refused";

/// What is wrong with the schemas that were surveyed, at most one mistake a place.
#[derive(Debug, Default)]
pub(super) struct Unsound {
    pub(super) mistakes: Vec<Mistake>,
    /// What is left out of a published document, each with what is wrong with it.
    pub(super) left_out: Vec<(LeftOut, Mistake)>,
}

/// Holds the schemas that were surveyed to be sound.
pub(super) fn check(document: &Value, survey: &Survey, roots: &[String]) -> Unsound {
    let mut mistakes = BTreeMap::new();
    let all: BTreeSet<&str> = roots.iter().chain(&survey.referred).map(String::as_str).collect();
    let is_within = |root: &str| pointer::outwards(root).skip(1).any(|around| all.contains(around));
    for root in all.iter().copied().filter(|root| !is_within(root)) {
        let Some(schema) = document.pointer(root) else { continue };
        for error in draft202012::meta::validator().iter_errors(schema) {
            let at = format!("{root}{}", error.instance_path().as_str());
            // A contract is no answer: nobody's secret is in it.
            let none = Secrets::new();
            let expected = match error.kind() {
                ValidationErrorKind::AnyOf { .. } if at.ends_with("/type") => TYPES.to_owned(),
                kind => fragment::expected(kind, &none),
            };
            let observed = fragment::observed(error.instance(), &none);
            let message = format!("JSON Schema 2020-12 has {expected} here, not {observed}");
            mistakes.entry(at.clone()).or_insert_with(|| Mistake::at_value(at, message));
        }
    }
    let mut patterns = Patterns { room: Some(PATTERNS), sizes: BTreeMap::new() };
    for at in survey.schemas.keys() {
        let Some(fields) = document.pointer(at).and_then(Value::as_object) else { continue };
        for mistake in texts(at, fields, &mut patterns) {
            mistakes.entry(mistake.pointer.clone()).or_insert(mistake);
        }
    }
    let mistakes: Vec<Mistake> = mistakes.into_values().collect();
    if !survey.is_published || mistakes.is_empty() {
        return Unsound { mistakes, ..Unsound::default() };
    }
    let (unreadable, mut unsound) = (Unreadable::of(document, survey), Unsound::default());
    for mistake in mistakes {
        match unreadable.left_out(&mistake.pointer) {
            Some(left_out) => unsound.left_out.push((left_out, mistake)),
            None if mistake.hint.is_none() => unsound.mistakes.push(mistake.hint(COSTLY)),
            None => unsound.mistakes.push(mistake),
        }
    }
    unsound
}

/// What is wrong with the patterns of one schema.
fn texts(at: &str, fields: &Map<String, Value>, patterns: &mut Patterns) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if let Some(pattern) = fields.get("pattern").and_then(Value::as_str)
        && let Err((message, hint)) = patterns.check(pattern)
    {
        mistakes.push(Mistake::at_value(pointer::join(at, "pattern"), message).hint(hint));
    }
    if let Some(properties) = fields.get("patternProperties").and_then(Value::as_object) {
        let here = pointer::join(at, "patternProperties");
        for pattern in properties.keys() {
            if let Err((message, hint)) = patterns.check(pattern) {
                mistakes.push(Mistake::at_key(pointer::join(&here, pattern), message).hint(hint));
            }
        }
    }
    mistakes
}

/// The patterns of a document.
struct Patterns {
    /// What those that are still to come may take; nothing once it was told that they take too much.
    room: Option<usize>,
    /// What each text takes: documents repeat themselves.
    sizes: BTreeMap<String, usize>,
}

impl Patterns {
    /// Holds that a pattern can be used; gives a message and a hint where it can't.
    fn check(&mut self, pattern: &str) -> Result<(), (String, &'static str)> {
        let Some(room) = self.room else { return Ok(()) };
        let refused = |PatternError { message, at }: PatternError| {
            let whole = at == (0..pattern.len());
            let part = pattern.get(at).filter(|_| !whole).map(|part| format!(": `{part}`")).unwrap_or_default();
            (
                format!("no regular expression of ECMA-262: {message}{part}"),
                "JSON Schema's patterns are those of ECMA-262",
            )
        };
        let fits = |size: &usize| Pattern::within(pattern, *size).is_ok();
        let size = match self.sizes.get(pattern).copied().or_else(|| SIZES.into_iter().find(fits)) {
            Some(size) => size,
            None => Pattern::new(pattern).map(|_| SIZE).map_err(refused)?,
        };
        self.sizes.insert(pattern.to_owned(), size);
        self.room = room.checked_sub(size);
        match self.room {
            Some(_) => Ok(()),
            None => {
                let message = format!("up to this one, the contract's patterns take more than {} MiB", PATTERNS >> 20);
                Err((
                    message,
                    "give `maxLength` instead of large repetitions, and ASCII classes instead of `\\w` or `\\d`",
                ))
            }
        }
    }
}
