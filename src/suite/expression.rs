//! Where in a text the expressions are, and which filters and tests they apply.
//!
//! Hand-written because minijinja compiles whole templates or single expressions: a whole template would lose the type of
//! a value, and neither tells which filters an expression uses before it is evaluated.

use std::ops::Range;

/// The longest expression, in bytes.
const LONGEST: usize = 4 * 1024;
/// The most operators, dots and opening brackets of one expression: each may nest it deeper, and the engine parses,
/// compiles and drops what is nested by recursion.
const MOST_OPERATORS: usize = 200;
/// Operators that are words.
const OPERATORS: [&str; 7] = ["not", "and", "or", "in", "is", "if", "else"];

/// A part of an expression, and where in it that stands, in bytes.
pub(super) type Token<'t> = (&'t str, Range<usize>);

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// A lower-case fragment.
    pub message: String,
    /// Where in the text, in bytes.
    pub at: Range<usize>,
    /// The next step, if one is known.
    pub hint: Option<String>,
}

impl TemplateError {
    pub(super) fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        Self { message: message.into(), at, hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The position of the `}}` that closes the `{{` at `open`: outside of quotes and of inner braces.
pub(super) fn closing(source: &str, open: usize) -> Result<usize, TemplateError> {
    let bytes = source.as_bytes();
    let (mut quote, mut depth, mut at) = (None, 0_usize, open + 2);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(opened), _) => quote = (byte != opened).then_some(opened),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Ok(at),
            _ => {}
        }
        at += 1;
    }
    Err(TemplateError::new("`{{` is never closed", open..open + 2)
        .hint("close it with `}}`; for the two characters themselves write `{{ \"{{\" }}`"))
}

/// Says what is wrong with the size of the expression in a range of a text, if anything is.
pub(super) fn check_size(text: &str, tokens: &[Token<'_>], inner: &Range<usize>) -> Result<(), TemplateError> {
    const SPLIT: &str = "split it: a column of the case can hold a part of it";
    if text.len() > LONGEST {
        let message = format!("an expression of {} bytes: at most {LONGEST} are read", text.len());
        return Err(TemplateError::new(message, inner.start - 2..inner.end + 2).hint(SPLIT));
    }
    let mut operators = tokens.iter().filter(|(token, _)| is_operator(token));
    match operators.nth(MOST_OPERATORS) {
        Some((_, at)) => {
            let message = format!("an expression with more than {MOST_OPERATORS} operators, dots and brackets");
            Err(TemplateError::new(message, inner.start + at.start..inner.start + at.end).hint(SPLIT))
        }
        None => Ok(()),
    }
}

fn is_operator(token: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '\'' | '"' | ',' | ':' | ')' | ']' | '}');
    token.starts_with(is_mark) || OPERATORS.contains(&token)
}

/// Refuses a product that may be a list as many times over: that takes no memory and no fuel where it is made, and far
/// too much of both where it is compared or written.
pub(super) fn check_products(tokens: &[Token<'_>], inner: &Range<usize>) -> Result<(), TemplateError> {
    const NUMBERS: [&str; 3] = ["row", "index", "attempt"];
    const TO_NUMBER: [&str; 4] = ["int", "float", "length", "count"];
    let token = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |(token, _)| *token);
    let is_number = |token: &str| token.starts_with(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&token);
    for (number, (_, at)) in tokens.iter().enumerate().filter(|(_, (token, _))| *token == "*") {
        let [second, first] = [2, 1].map(|back| token(number.checked_sub(back)));
        let [next, after] = [1, 2].map(|ahead| token(number.checked_add(ahead)));
        if first == "*" || next == "*" {
            continue; // A power, which lists don't have.
        }
        let left = (is_number(first) && second != ".") || (second == "|" && TO_NUMBER.contains(&first));
        let right = is_number(next) && !matches!(after, "." | "|" | "[" | "(");
        if !left || !right {
            let error =
                TemplateError::new("`*` between what may be no numbers", inner.start + at.start..inner.start + at.end);
            return Err(error.hint("write `n | int * 2` for a number, and `repeat(text, 2)` for a text"));
        }
    }
    Ok(())
}

/// The identifiers that directly follow one of the marks, or `is` and `is not`, outside of quotes.
pub(super) fn applied<'a>(tokens: &[Token<'a>], marks: &[char], words: &[&str]) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    let mut previous = "";
    let mut in_test = false;
    for (token, at) in tokens {
        let marked = previous.chars().next().is_some_and(|c| marks.contains(&c));
        in_test = words.contains(&previous) && (previous == "is" || in_test);
        if is_name(token) && (marked || in_test) {
            found.push((*token, at.clone()));
        }
        previous = token;
    }
    found
}

/// Words, quoted strings and single marks, without white space.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut end = start + c.len_utf8();
        if c == '"' || c == '\'' {
            let mut escaped = false;
            for (at, next) in chars.by_ref() {
                end = at + next.len_utf8();
                if next == c && !escaped {
                    break;
                }
                escaped = next == '\\' && !escaped;
            }
        } else if c == '_' || c.is_alphanumeric() {
            while let Some((at, next)) = chars.next_if(|(_, next)| *next == '_' || next.is_alphanumeric()) {
                end = at + next.len_utf8();
            }
        }
        tokens.extend(text.get(start..end).map(|token| (token, start..end)));
    }
    tokens
}

/// The words of the language that name nothing.
const KEYWORDS: [&str; 13] =
    ["and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True"];

/// The names that an expression gets from outside, functions among them. The engine leaves out what is sliced.
pub(super) fn names<'t>(tokens: &'t [&'t str]) -> impl Iterator<Item = &'t str> {
    let at = |index: Option<usize>| index.and_then(|index| tokens.get(index)).copied().unwrap_or_default();
    tokens.iter().enumerate().filter(|(_, token)| is_name(token) && !KEYWORDS.contains(token)).filter_map(
        move |(index, token)| {
            let [second, first] = [2, 1].map(|before| at(index.checked_sub(before)));
            let [next, last] = [1, 2].map(|behind| at(index.checked_add(behind)));
            let is_attribute_or_filter = matches!(first, "." | "|");
            let is_test = first == "is" || (second, first) == ("is", "not");
            let is_option = next == "=" && last != "=";
            (!is_attribute_or_filter && !is_test && !is_option).then_some(*token)
        },
    )
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// The names among the tokens of an expression, each with the attributes that follow; keywords and functions, which name
/// nothing in a scope, may be among them.
pub(super) fn paths(mut tokens: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    let mut before = "";
    while let [token, rest @ ..] = tokens {
        tokens = rest;
        if is_name(token) && !matches!(before, "." | "|") {
            let mut path = (*token).to_owned();
            while let [".", attribute, rest @ ..] = tokens
                && is_name(attribute)
                && rest.first() != Some(&"(")
            {
                path.push('.');
                path.push_str(attribute);
                tokens = rest;
            }
            paths.push(path);
        }
        before = token;
    }
    paths
}
