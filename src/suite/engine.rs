//! The template engine: minijinja with our functions, and without the filters that give far more than they are given.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::LazyLock;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Expression, State, UndefinedBehavior, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::derived;
use super::expression::{TemplateError, Token, applied, check_products, check_size};
use super::number::digits;
use super::random::Randomness;
use super::scope::RANDOMNESS;
use super::template_trouble;
use crate::source::did_you_mean;

/// The most that one render may produce, in bytes: of a text, and of a whole tree.
pub(super) const MAX_RENDERED: usize = 4 * 1024 * 1024;
/// What one evaluation may do, in the engine's fuel: one for a step, for two items or for 64 bytes. So it ends within some
/// milliseconds and some 16 MB, whatever it computes.
const FUEL: u64 = 250_000;
/// About what an item of a list or of an object takes beside its text, in bytes.
const ITEM: usize = 8;
/// Functions that templates may call.
pub(super) const FUNCTIONS: [&str; 7] = ["unique", "uuid", "pick", "repeat", "range", "dict", "now"];
/// Filters that templates may use.
const FILTERS: &str = "abs attr base64 batch bool capitalize chain count d default dictsort first float hex hmac int items \
                       join last length lines link list local_path lower map max min reject rejectattr repeat replace reverse round select selectattr slice \
                       sha256 sort split string sum title tojson trim upper urlencode zip";
/// Filters of minijinja that `map` could still reach by name: they can make far more than they are given, show
/// internals, or are of no use without `{% %}`.
const REMOVED_FILTERS: [&str; 8] = ["format", "pprint", "indent", "safe", "escape", "e", "groupby", "unique"];
/// What is percent-encoded in a part of a path or of a query: all but what no URL reserves (RFC 3986, section 2.3).
pub(super) const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Compiles an expression, which is made of these tokens and stands in this range of a text.
pub(super) fn compile(
    text: &str,
    tokens: &[Token<'_>],
    inner: &Range<usize>,
) -> Result<Expression<'static, 'static>, TemplateError> {
    if text.trim().is_empty() {
        return Err(TemplateError::new("an empty expression", inner.start - 2..inner.end + 2));
    }
    check_size(text, tokens, inner)?;
    check_products(tokens, inner)?;
    let expression = ENVIRONMENT.compile_expression_owned(text.to_owned()).map_err(|error| {
        let within = error.range().filter(|range| range.end <= text.len() && range.start < range.end);
        let at = within.map_or_else(|| inner.clone(), |range| inner.start + range.start..inner.start + range.end);
        TemplateError::new(template_trouble::told(&error), at)
    })?;
    for (name, at) in applied(tokens, &['|'], &[]) {
        let filters = || FILTERS.split_ascii_whitespace();
        if filters().all(|known| known != name) {
            let error = TemplateError::new(format!("unknown filter `{name}`"), shift(at, inner.start));
            return Err(match did_you_mean(name, filters()) {
                Some(close) => error.hint(format!("did you mean `{close}`?")),
                None => error.hint(format!("there are {}", filters().collect::<Vec<_>>().join(", "))),
            });
        }
    }
    for (name, at) in applied(tokens, &[], &["is", "not"]) {
        if !matches!(name, "not" | "in") && !has("test", name) {
            return Err(TemplateError::new(format!("unknown test `{name}`"), shift(at, inner.start)));
        }
    }
    Ok(expression)
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Whether the engine has a `filter` or `test` of that name.
fn has(kind: &str, name: &str) -> bool {
    let asked = ENVIRONMENT.compile_expression_owned(format!("name is {kind}"));
    asked.and_then(|asked| asked.eval(minijinja::context! { name })).is_ok_and(|value| value.is_true())
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_recursion_limit(64);
    environment.set_fuel(Some(FUEL));
    for filter in REMOVED_FILTERS {
        environment.remove_filter(filter);
    }
    environment.remove_global("debug");
    environment.remove_global("namespace");
    environment.add_function("unique", |state: &State, n: usize| -> Result<String, Error> {
        bounded(n, 1)?;
        drawn(state, |random| noted(random, random.unique(n), || format!("unique({n})")))
    });
    environment.add_function("uuid", |state: &State| {
        drawn(state, |random| noted(random, random.uuid(), || "uuid".to_owned()))
    });
    environment.add_function("pick", pick);
    environment.add_function("repeat", repeated);
    environment.add_filter("repeat", repeated);
    environment.add_filter("urlencode", url_encoded);
    environment.add_filter("string", |value: Value| shown(&value));
    environment.add_filter("tojson", |value: &Value, indent: Option<Value>, options: Kwargs| {
        check_weight(value)?;
        match digits(value) {
            Some(digits) => Ok(Value::from(digits)),
            None => minijinja::filters::tojson(value, indent, options),
        }
    });
    environment.add_filter("replace", replaced);
    environment.add_filter("join", joined);
    derived::add_to(&mut environment);
    environment
}

fn drawn<T>(state: &State, draw: impl FnOnce(&Randomness) -> T) -> Result<T, Error> {
    let source = state.lookup(RANDOMNESS);
    let random = source.as_ref().and_then(|value| value.downcast_object_ref::<Randomness>());
    random.map(draw).ok_or_else(|| invalid("there is no source of fresh values here".to_owned()))
}

fn noted(random: &Randomness, text: String, how: impl FnOnce() -> String) -> String {
    random.note(how, &text);
    text
}

fn pick(state: &State, list: Value) -> Result<Value, Error> {
    // A range is never written out.
    let len = list.len().map_or_else(|| items(&list).map(|items| items.len()), Ok)?;
    let mut items = list.try_iter()?;
    let picked = |random: &Randomness| {
        let item = items.nth(random.below(len))?;
        random.note(|| "pick".to_owned(), &shown(&item).unwrap_or_default());
        Some(item)
    };
    drawn(state, picked)?.ok_or_else(|| invalid("`pick` from an empty list".to_owned()))
}

fn repeated(text: &str, n: usize) -> Result<String, Error> {
    bounded(n, text.len())?;
    Ok(text.repeat(n))
}

fn replaced(text: &str, from: &str, to: &str) -> Result<String, Error> {
    bounded(text.matches(from).count(), to.len())?;
    Ok(text.replace(from, to))
}

fn joined(list: Value, separator: Option<&str>) -> Result<String, Error> {
    let mut text = String::new();
    for (number, item) in list.try_iter()?.enumerate() {
        if number > 0 {
            text.push_str(separator.unwrap_or_default());
        }
        add(&mut text, &item)?;
    }
    Ok(text)
}

/// Any text as one part of a path. What isn't there names nothing.
fn url_encoded(value: Value) -> Result<String, Error> {
    if value.is_undefined() || value.is_none() {
        return Err(invalid("what `urlencode` is given is undefined or null".to_owned()));
    }
    let text = utf8_percent_encode(&shown(&value)?, PART).to_string();
    bounded(text.len(), 1).map(|()| text)
}

/// A value as text, and no longer than a text may be: a list can be written at far greater length than it takes.
pub(super) fn shown(value: &Value) -> Result<String, Error> {
    if let Some(text) = plain_text(value) {
        return Ok(text);
    }
    let mut text = String::new();
    add(&mut text, value).map(|()| text)
}

/// Adds a value to a text, as [`shown`] but for null, which is written as the engine does.
fn add(text: &mut String, value: &Value) -> Result<(), Error> {
    let mut bounded = BoundedText(text);
    let written = match value.as_str() {
        Some(str) => bounded.write_str(str),
        None => {
            // To stop writing a list doesn't end the walk over it.
            check_weight(value)?;
            write!(bounded, "{value}")
        }
    };
    written.map_err(|_| too_large())
}

/// Takes no more than a text may have.
struct BoundedText<'t>(&'t mut String);

impl fmt::Write for BoundedText<'_> {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.0.len() + more.len() > MAX_RENDERED {
            return Err(fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

/// The items of a list, no more than may be rendered.
///
/// # Errors
/// No list, or more than that.
pub(super) fn items(list: &Value) -> Result<Vec<Value>, Error> {
    let mut left = MAX_RENDERED;
    let kept = |item: Value| spend(&mut left, ITEM + item.as_str().map_or(0, str::len)).map(|()| item);
    list.try_iter()?.map(kept).collect()
}

/// Holds that a value can be written out: it may name the same list many times, which costs nothing until then.
///
/// # Errors
/// More than may be rendered.
pub(super) fn check_weight(value: &Value) -> Result<(), Error> {
    let mut left = MAX_RENDERED;
    weigh(value, &mut left)
}

fn weigh(value: &Value, left: &mut usize) -> Result<(), Error> {
    spend(left, value.as_str().map_or(ITEM, str::len))?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.try_for_each(|item| weigh(&item, left)),
        ValueKind::Map => value.try_iter()?.try_for_each(|key| {
            weigh(&key, left)?;
            weigh(&value.get_item(&key)?, left)
        }),
        _ => Ok(()),
    }
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), Error> {
    *left = left.checked_sub(bytes).ok_or_else(too_large)?;
    Ok(())
}

fn too_large() -> Error {
    invalid(format!("gives more than {MAX_RENDERED} bytes"))
}

fn bounded(count: usize, each: usize) -> Result<(), Error> {
    match count.checked_mul(each) {
        Some(bytes) if bytes <= MAX_RENDERED => Ok(()),
        _ => Err(too_large()),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// A text, a number, a truth value or null as text: as JSON writes them.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value.kind() {
        ValueKind::String => value.as_str().map(str::to_owned),
        ValueKind::Number => Some(value.to_string()),
        ValueKind::Bool => Some(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::None => Some("null".to_owned()),
        _ => digits(value).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_has_every_filter_that_templates_may_use_and_none_that_they_may_not() {
        let missing: Vec<&str> = FILTERS.split_ascii_whitespace().filter(|name| !has("filter", name)).collect();
        assert_eq!(missing, [""; 0]);
        assert!(!REMOVED_FILTERS.iter().any(|name| has("filter", name)));
    }
}
