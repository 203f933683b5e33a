//! The keyword `pattern`, in the one dialect that patterns have here.
//!
//! To match a text may take more attempts than are made. Then nobody knows whether the value is valid, and what a validator
//! says of it counts for nothing: [`undecided`] tells so, on the thread that judged. So it does of other limits of ours.

use std::cell::RefCell;
use std::sync::Arc;

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::Value;

use super::keywords::{KEYWORDS, Keyword as Row};
use crate::pattern::Pattern;

thread_local! {
    /// Why the first value was left that could not be judged.
    static UNDECIDED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something that judges values; gives also why its outcome counts for nothing, if it doesn't count.
pub fn undecided<T>(judge: impl FnOnce() -> T) -> (T, Option<String>) {
    UNDECIDED.take();
    let outcome = judge();
    (outcome, UNDECIDED.take())
}

/// Notes that a limit of ours keeps a value from being judged.
pub fn note_undecided(why: impl Into<String>) {
    UNDECIDED.with_borrow_mut(|first| {
        first.get_or_insert_with(|| why.into());
    });
}

/// The options with this keyword; a pattern may take so many bytes of memory.
pub(super) fn with_patterns(options: ValidationOptions<'static>, size: usize) -> ValidationOptions<'static> {
    options.with_keyword("pattern", move |_, pattern: &Value, _: Location| {
        let text = pattern.as_str().unwrap_or_default();
        // What no pattern is was told of where the contract was read, and judges nothing.
        let Ok(pattern) = Pattern::within(text, size) else { return Ok(Box::new(Idle)) };
        let expected: Arc<str> = format!("a string that matches {pattern}").into();
        Ok(Box::new(PatternKeyword { pattern, expected }))
    })
}

/// The options in which keywords that mean nothing judge nothing, whatever older drafts had them do.
pub(super) fn without_meaningless(options: ValidationOptions<'static>) -> ValidationOptions<'static> {
    let meaningless = KEYWORDS.iter().filter(|(_, keyword)| matches!(keyword, Row::Meaningless(_)));
    meaningless.fold(options, |options, (name, _)| options.with_keyword(*name, |_, _, _| Ok(Box::new(Idle))))
}

/// A keyword that judges nothing.
struct Idle;

impl<'i> Keyword<'i> for Idle {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        true
    }
}

#[derive(Debug)]
struct PatternKeyword {
    pattern: Pattern,
    expected: Arc<str>,
}

impl<'i> Keyword<'i> for PatternKeyword {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(self.expected.to_string())) }
    }

    fn is_valid(&self, instance: &Value) -> bool {
        instance.as_str().is_none_or(|text| {
            self.pattern.is_match(text).unwrap_or_else(|error| {
                note_undecided(error.to_string());
                true
            })
        })
    }
}
