//! What keeps a template from being compiled or evaluated, in words of ours rather than the engine's.

use minijinja::{Error, ErrorKind};

/// What the engine says as a whole, with our words.
const WHOLE: &[(&str, &str)] = &[
    ("unexpected input after expression", "something behind the end of the expression: is an operator missing?"),
    ("unexpected character", "a character that no expression has"),
    ("unexpected end of string", "a quotation mark that is never closed"),
    ("Too many arguments in function call", "more arguments than any function takes"),
    ("invalid float literal", "a text that is no number"),
    ("invalid integer literal", "a text that is no number"),
    ("value is not a string", "something else where a text is needed"),
    ("value is not in bytes", "something else where bytes are needed"),
    ("value is not iterable", "something else where a list is needed"),
    ("not iterable", "something else where a list is needed"),
    ("cannot convert value to list", "something else where a list is needed"),
    ("cannot convert value into pairs", "something else where a map is needed"),
    ("cannot convert value into pair list", "something else where a map is needed"),
    ("cannot convert kwargs to string", "an argument with a name where a text is needed"),
    ("unexpected keyword arguments", "an argument with a name that isn't known"),
    ("range has too many elements", "a `range` of too many numbers"),
    ("cannot create range with step of 0", "a `range` with steps of 0"),
    ("cannot slice by step size of 0", "a slice with steps of 0"),
    ("count cannot be 0", "parts of 0 items"),
    ("cannot perform a containment check on this value", "`in` before something that holds nothing"),
    ("cannot get first item from value", "`first` of something that is no list"),
    ("cannot get last item from value", "`last` of something that is no list"),
    ("cannot get absolute value", "`abs` of something that is no number"),
    ("overflow on abs", "a number that is too large to compute with"),
    ("unable to round value", "a number that can't be rounded"),
    ("rounded value is too large to represent", "a number that is too large to compute with"),
    ("object is not callable", "something that is no function is called"),
    ("strings can only be multiplied with integers", "a text times something else than an integer"),
    ("sequences and iterables can only be multiplied with integers", "a list times something else than an integer"),
    ("repeated string is too large", "a text that is repeated too often"),
    ("repeated sequence is too large", "a list that is repeated too often"),
    ("recursion limit exceeded", "too many brackets within one another"),
];

/// What the engine calls tokens, and kinds of values, with our words.
const NOUNS: &[(&str, &str)] = &[
    ("end of input", "the end"),
    ("expression", "a value"),
    ("identifier", "a name"),
    ("identifier or integer", "a name or a number"),
    ("keyword", "a word"),
    ("string", "a text"),
    ("integer", "a number"),
    ("float", "a number"),
    ("number", "a number"),
    ("sequence", "a list"),
    ("iterator", "a list"),
    ("map", "a map"),
    ("bool", "true or false"),
    ("none", "null"),
    ("undefined", "nothing"),
    ("usize", "an integer of at least 0"),
    ("u32", "an integer of at least 0"),
    ("u64", "an integer of at least 0"),
    ("i32", "an integer"),
    ("i64", "an integer"),
    ("i128", "an integer"),
    ("f64", "a number"),
    ("plain object", "something else"),
    ("start of variable block", "`{{`"),
    ("end of variable block", "`}}`"),
    ("start of block", "`{%`"),
    ("end of block", "`%}`"),
];

/// What is wrong, as a lower-case fragment.
pub(super) fn told(error: &Error) -> String {
    let Some(detail) = error.detail() else {
        return match error.kind() {
            ErrorKind::OutOfFuel => "computes more than one expression may: use shorter texts and lists, or rows of a table for what repeats",
            ErrorKind::UndefinedError => "uses something that is undefined",
            ErrorKind::MissingArgument => "a function or a filter lacks an argument",
            ErrorKind::TooManyArguments => "a function or a filter has too many arguments",
            ErrorKind::InvalidOperation => "something is computed with what is no number",
            ErrorKind::BadEscape => "an escape that no text has",
            ErrorKind::NonPrimitive | ErrorKind::NonKey => "something else where a text or a number is needed",
            _ => "can't be evaluated",
        }
        .to_owned();
    };
    if let Some((_, words)) = WHOLE.iter().find(|(said, _)| *said == detail) {
        return (*words).to_owned();
    }
    in_part(detail).unwrap_or_else(|| detail.to_owned())
}

/// The same for what the engine says with names and values in it.
fn in_part(detail: &str) -> Option<String> {
    if let Some((found, wanted)) = between(detail, "unexpected ", ", expected ") {
        return Some(format!("{} where {} belongs", noun(found), noun(wanted)));
    }
    if let Some((found, wanted)) = between(detail, "cannot convert ", " to ") {
        return Some(format!("{} where {} is needed", noun(found), noun(wanted)));
    }
    if let Some((operator, kinds)) = between(detail, "tried to use ", " operator on unsupported types ") {
        let (one, other) = kinds.split_once(" and ")?;
        let hint = if operator == "+" { ": `~` joins texts" } else { "" };
        return Some(format!("`{operator}` between {} and {}{hint}", noun(one), noun(other)));
    }
    if let Some(computed) = detail.strip_prefix("unable to calculate ") {
        return Some(format!("`{computed}` has no result"));
    }
    if let Some((kind, method)) = between(detail, "", " has no method named ") {
        return Some(format!("{} has no method `{method}`", noun(kind)));
    }
    if let Some(kind) = detail.strip_suffix(" is not iterable") {
        return Some(format!("{} where a list is needed", noun(kind)));
    }
    if let Some(found) = detail.strip_prefix("unexpected ") {
        return Some(format!("{} where a value belongs", noun(found)));
    }
    let kind = detail.strip_prefix("cannot calculate length of value of type ")?;
    Some(format!("{} has no length", noun(kind)))
}

/// What stands behind the first of two texts and before the other, and what stands behind that.
fn between<'t>(text: &'t str, first: &str, second: &str) -> Option<(&'t str, &'t str)> {
    text.strip_prefix(first)?.split_once(second)
}

/// Our word for a token or a kind of values; what is none is in the engine's own backquotes.
fn noun(said: &str) -> &str {
    NOUNS.iter().find(|(noun, _)| *noun == said).map_or(said, |(_, words)| words)
}
