//! How many ways a validator goes that collects everything that is wrong with a value, and where one thing is without them.
//!
//! A part that two parts of a schema lead to is gone through twice, and so is what is in it: against a schema that leads to itself
//! twice, that is exponential in the depth of the value. Whether a value is valid isn't: the validator remembers what it has seen.

use std::collections::HashMap;

use serde_json::Value;

use super::application::Application;
use crate::pointer;

/// The most ways that are gone: each takes time, and may end in an error that takes memory.
const MOST: u64 = 100_000;
/// The most pairs of a schema and a value for which ways are counted.
const MOST_PAIRS: usize = 200_000;

struct Frame<'v> {
    pair: (String, *const Value),
    open: Vec<(String, &'v Value)>,
    ways: u64,
}

/// Whether there are too many ways through a value by the schema at a pointer.
pub(super) fn are_many(application: &mut Application<'_>, pointer: &str, value: &Value) -> bool {
    let mut known = HashMap::new();
    let mut frame = |pointer: String, value| Frame {
        open: application.parts(&pointer, value),
        pair: (pointer, std::ptr::from_ref(value)),
        ways: 1,
    };
    let mut stack = vec![frame(pointer.to_owned(), value)];
    while let Some(top) = stack.last_mut() {
        if let Some((pointer, value)) = top.open.pop() {
            let pair = (pointer, std::ptr::from_ref(value));
            match known.get(&pair) {
                Some(ways) => top.ways = top.ways.saturating_add(*ways),
                None if known.len() == MOST_PAIRS => return true,
                None => stack.push(frame(pair.0, value)),
            }
        } else if let Some(done) = stack.pop() {
            if done.ways > MOST {
                return true;
            }
            stack.last_mut().into_iter().for_each(|above| above.ways = above.ways.saturating_add(done.ways));
            known.insert(done.pair, done.ways);
        }
    }
    false
}

/// From a value that isn't as the schema at a pointer says, to the part of it, with its place and its schema, of which that is true
/// and of no part within.
pub(super) fn first<'v>(
    application: &mut Application<'_>,
    pointer: &str,
    value: &'v Value,
    mut is_valid: impl FnMut(&str, &Value) -> bool,
) -> (String, &'v Value, String) {
    let (mut schema, mut value, mut place) = (pointer.to_owned(), value, String::new());
    while let Some((at, part)) = application.parts(&schema, value).into_iter().find(|(at, part)| !is_valid(at, part)) {
        step(value, part).into_iter().for_each(|token| pointer::push(&mut place, &token));
        (schema, value) = (at, part);
    }
    (schema, value, place)
}

/// The name or number of a part in a value; nothing where it is the value.
fn step(value: &Value, part: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            members.iter().find(|(_, member)| std::ptr::eq(*member, part)).map(|(name, _)| name.clone())
        }
        Value::Array(items) => items.iter().position(|item| std::ptr::eq(item, part)).map(|index| index.to_string()),
        _ => None,
    }
}
