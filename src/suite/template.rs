//! Texts that may be templates: `{{ minijinja expression }}`, any number of them in a text, and nothing else.
//!
//! A text is compiled once, at load. Evaluation is stateless: what a template sees comes in with the [`Scope`].

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Expression, State, UndefinedBehavior, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::random::Randomness;
use super::render::RenderError;
use super::scope::{RANDOMNESS, Scope};
use super::shortcut::Shortcut;
use super::tree::MAX_RENDERED;
use crate::secret::MADE_LENGTH;

/// Functions that templates may call.
pub(super) const FUNCTIONS: [&str; 6] = ["unique", "uuid", "pick", "repeat", "range", "dict"];
/// Filters of minijinja that are taken away: they can make far more than they are given, show internals, or are of
/// no use without `{% %}`.
const WITHHELD_FILTERS: [&str; 8] = ["format", "pprint", "indent", "safe", "escape", "e", "groupby", "unique"];
/// What `urlencode` encodes: all but what no URL reserves, so that any text is one part of a path, or one value of a query.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Filters that a misspelt name is compared with.
const FILTERS: [&str; 34] = [
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "count",
    "default",
    "dictsort",
    "first",
    "float",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "repeat",
    "replace",
    "reverse",
    "round",
    "select",
    "slice",
    "sort",
    "string",
    "tojson",
    "trim",
    "upper",
    "urlencode",
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// A text that may be a template. Cheap to clone.
#[derive(Clone)]
pub struct Text(Arc<Compiled>);

struct Compiled {
    source: String,
    parts: Parts,
    names: Vec<String>,
}

enum Parts {
    Literal(Value),
    Expression(Box<Formula>),
    Mixed(Vec<Part>),
}

enum Part {
    Literal(String),
    Expression(Box<Formula>),
}

/// A compiled expression, and the short way to its value where it has one.
struct Formula {
    expression: Expression<'static, 'static>,
    shortcut: Option<Shortcut>,
    /// What it computes something of: names with attributes. Nothing where its value is one of these as it is, or a truth.
    inputs: Vec<String>,
}

impl Formula {
    fn new(expression: Expression<'static, 'static>, words: &[&str]) -> Self {
        let shortcut = Shortcut::read(words);
        let inputs = match &shortcut {
            Some(Shortcut::Path(_) | Shortcut::Test(_) | Shortcut::PathIf(..)) => Vec::new(),
            Some(Shortcut::Lower(_)) | None => paths(words),
        };
        Self { expression, shortcut, inputs }
    }

    /// The texts that it computes something of: those that hold a secret, and the others.
    fn inputs(&self, scope: &Scope) -> (Vec<String>, Vec<String>) {
        let text = |input: &String| {
            let value = scope.at(input)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        self.inputs.iter().filter_map(text).partition(|text| scope.secrets().is_in(text))
    }
}

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
    fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        Self { message: message.into(), at, hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Text {
    /// A text that is sent as it is, whatever it holds.
    pub fn literal(text: impl Into<String>) -> Self {
        let source = text.into();
        let parts = Parts::Literal(Value::from(source.as_str()));
        Self(Arc::new(Compiled { source, parts, names: Vec::new() }))
    }

    /// Compiles a text.
    ///
    /// # Errors
    /// An expression that isn't closed, isn't valid, or uses an unknown filter or test.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        if !source.contains("{{") {
            return Ok(Self::literal(source));
        }
        let mut parts = Vec::new();
        let mut names = Vec::new();
        let mut at = 0;
        while let Some(open) = source.get(at..).and_then(|rest| rest.find("{{")).map(|found| at + found) {
            push_literal(&mut parts, source.get(at..open));
            let inner = open + 2..closing(source, open)?;
            let expression = compile(source, &inner)?;
            names.extend(expression.undeclared_variables(false));
            let words: Vec<&str> =
                tokens(source.get(inner.clone()).unwrap_or_default()).into_iter().map(|(word, _)| word).collect();
            parts.push(Part::Expression(Box::new(Formula::new(expression, &words))));
            at = inner.end + 2;
        }
        push_literal(&mut parts, source.get(at..));
        names.retain(|name| !FUNCTIONS.contains(&name.as_str()));
        names.sort_unstable();
        names.dedup();
        let parts = match <[Part; 1]>::try_from(parts) {
            Ok([Part::Expression(formula)]) => Parts::Expression(formula),
            Ok([only]) => Parts::Mixed(vec![only]),
            Err(parts) => Parts::Mixed(parts),
        };
        Ok(Self(Arc::new(Compiled { source: source.to_owned(), parts, names })))
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether it renders to itself.
    pub fn is_literal(&self) -> bool {
        matches!(self.0.parts, Parts::Literal(_))
    }

    /// The names it uses, without functions; sorted.
    pub fn names(&self) -> &[String] {
        &self.0.names
    }

    /// The value: a text, or, where the text is exactly one expression, whatever that gives.
    ///
    /// # Errors
    /// An expression that fails or is undefined, or more than 4 MiB.
    pub fn value(&self, scope: &Scope) -> Result<Value, RenderError> {
        match &self.0.parts {
            Parts::Literal(value) => Ok(value.clone()),
            Parts::Expression(formula) => self.evaluate(formula, scope),
            Parts::Mixed(parts) => self.mixed(parts, scope).map(Value::from),
        }
    }

    /// The value as text: numbers and truth values as JSON writes them.
    ///
    /// # Errors
    /// As [`Text::value`], and a list or an object.
    pub fn text(&self, scope: &Scope) -> Result<String, RenderError> {
        match &self.0.parts {
            Parts::Literal(_) => Ok(self.0.source.clone()),
            Parts::Expression(formula) => {
                let value = self.evaluate(formula, scope)?;
                plain_text(&value).ok_or_else(|| self.failed("gives a list or an object where a text is needed"))
            }
            Parts::Mixed(parts) => self.mixed(parts, scope),
        }
    }

    /// The values as texts: the items, where the text is exactly one expression that gives a list.
    ///
    /// # Errors
    /// As [`Text::text`].
    pub fn texts(&self, scope: &Scope) -> Result<Vec<String>, RenderError> {
        let value = self.value(scope)?;
        let values = match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => value.try_iter().map_err(|error| self.fault(&error))?.collect(),
            _ => vec![value],
        };
        let texts = values.iter().map(plain_text).collect::<Option<Vec<_>>>();
        texts.ok_or_else(|| self.failed("gives a list or an object where a text is needed"))
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// As [`Text::value`], and a number that JSON can't write.
    pub fn json(&self, scope: &Scope) -> Result<Json, RenderError> {
        match &self.0.parts {
            Parts::Literal(_) => Ok(Json::String(self.0.source.clone())),
            Parts::Expression(formula) => {
                let value = self.evaluate(formula, scope)?;
                self.to_json(&value)
            }
            Parts::Mixed(parts) => self.mixed(parts, scope).map(Json::String),
        }
    }

    /// Whether the value is true, as minijinja sees it: neither false, nor zero, nor empty, nor none.
    ///
    /// # Errors
    /// As [`Text::value`].
    pub fn truth(&self, scope: &Scope) -> Result<bool, RenderError> {
        self.value(scope).map(|value| value.is_true())
    }

    fn mixed(&self, parts: &[Part], scope: &Scope) -> Result<String, RenderError> {
        let mut text = String::with_capacity(self.0.source.len());
        let mut pieces_of = None;
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expression(formula) => {
                    let value = self.evaluate(formula, scope)?;
                    match value.as_str() {
                        Some(str) => text.push_str(str),
                        None => text.push_str(&plain_text(&value).unwrap_or_else(|| value.to_string())),
                    }
                    if value.as_str().is_some_and(|piece| self.is_short_piece(piece)) {
                        pieces_of = pieces_of.or_else(|| formula.inputs(scope).0.into_iter().next());
                    }
                }
            }
            if text.len() > MAX_RENDERED {
                return Err(RenderError::TooLarge);
            }
        }
        if let Some(secret) = pieces_of {
            scope.secrets().add_made(&text, &secret)?;
        }
        Ok(text)
    }

    /// Whether a piece of a secret is too short to be looked for by itself, so that the whole has to be.
    fn is_short_piece(&self, piece: &str) -> bool {
        !piece.is_empty() && piece.len() < MADE_LENGTH && !self.0.source.contains(piece)
    }

    fn evaluate(&self, formula: &Formula, scope: &Scope) -> Result<Value, RenderError> {
        let value = match formula.shortcut.as_ref().and_then(|shortcut| shortcut.value(scope)) {
            Some(value) => value,
            None => formula.expression.eval(scope.context()).map_err(|error| self.fault(&error))?,
        };
        if value.is_undefined() {
            return Err(self.failed("is undefined"));
        }
        if value.as_str().is_some_and(|text| text.len() > MAX_RENDERED) {
            return Err(RenderError::TooLarge);
        }
        if !formula.inputs.is_empty() {
            self.keep_secret(formula, &value, scope)?;
        }
        Ok(value)
    }

    /// What is made of a secret is one, but for what stands in the template itself or in a text that holds none.
    fn keep_secret(&self, formula: &Formula, value: &Value, scope: &Scope) -> Result<(), RenderError> {
        let texts = match value.kind() {
            ValueKind::String | ValueKind::Number => vec![value.clone()],
            ValueKind::Seq | ValueKind::Iterable => value.try_iter().map_err(|error| self.fault(&error))?.collect(),
            _ => return Ok(()),
        };
        let (secrets, others) = formula.inputs(scope);
        let Some(secret) = secrets.first() else { return Ok(()) };
        for text in texts {
            let text = text.to_string();
            if !self.0.source.contains(&text) && !others.iter().any(|other| other.contains(&text)) {
                scope.secrets().add_made(&text, secret)?;
            }
        }
        Ok(())
    }

    fn to_json(&self, value: &Value) -> Result<Json, RenderError> {
        if let Some(text) = value.as_str() {
            return Ok(Json::String(text.to_owned()));
        }
        let json = serde_json::to_value(value).map_err(|error| self.failed(&error.to_string()))?;
        match (json.is_null(), value.is_none()) {
            (true, false) => Err(self.failed("gives a number that JSON can't write")),
            _ => Ok(json),
        }
    }

    fn fault(&self, error: &Error) -> RenderError {
        match (error.kind(), error.detail()) {
            (ErrorKind::UndefinedError, None) => self.failed("uses something that is undefined"),
            (kind, None) => self.failed(&kind.to_string()),
            (_, Some(detail)) => self.failed(detail),
        }
    }

    fn failed(&self, cause: &str) -> RenderError {
        RenderError::Template { text: self.0.source.clone(), cause: cause.to_owned() }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.source, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.source)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source && self.is_literal() == other.is_literal()
    }
}

fn plain_text(value: &Value) -> Option<String> {
    match value.kind() {
        ValueKind::String => value.as_str().map(str::to_owned),
        ValueKind::Number => Some(value.to_string()),
        ValueKind::Bool => Some(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::None => Some("null".to_owned()),
        _ => None,
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: Option<&str>) {
    if let Some(literal) = literal.filter(|literal| !literal.is_empty()) {
        parts.push(Part::Literal(literal.to_owned()));
    }
}

/// The names among the tokens of an expression, each with the attributes that follow; keywords and functions, which name
/// nothing in a scope, may be among them.
fn paths(mut tokens: &[&str]) -> Vec<String> {
    let is_name = |token: &str| token.starts_with(|c: char| c == '_' || c.is_alphabetic());
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

/// The position of the `}}` that closes the `{{` at `open`: outside of quotes and of inner braces.
fn closing(source: &str, open: usize) -> Result<usize, TemplateError> {
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

fn compile(source: &str, inner: &Range<usize>) -> Result<Expression<'static, 'static>, TemplateError> {
    let text = source.get(inner.clone()).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(TemplateError::new("an empty expression", inner.start - 2..inner.end + 2));
    }
    let expression = ENVIRONMENT.compile_expression_owned(text.to_owned()).map_err(|error| {
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let within = error.range().filter(|range| range.end <= text.len() && range.start < range.end);
        let at = within.map_or_else(|| inner.clone(), |range| inner.start + range.start..inner.start + range.end);
        TemplateError::new(message, at)
    })?;
    for (name, at) in applied(text, &['|'], &[]) {
        if WITHHELD_FILTERS.contains(&name) || !known("filter", name) {
            let error = TemplateError::new(format!("unknown filter `{name}`"), shift(at, inner.start));
            return Err(match crate::source::did_you_mean(name, FILTERS) {
                Some(close) => error.hint(format!("did you mean `{close}`?")),
                None => error,
            });
        }
    }
    for (name, at) in applied(text, &[], &["is", "not"]) {
        if !matches!(name, "not" | "in") && !known("test", name) {
            return Err(TemplateError::new(format!("unknown test `{name}`"), shift(at, inner.start)));
        }
    }
    Ok(expression)
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn known(kind: &str, name: &str) -> bool {
    let asked = ENVIRONMENT.compile_expression_owned(format!("name is {kind}"));
    asked.and_then(|asked| asked.eval(minijinja::context! { name })).is_ok_and(|value| value.is_true())
}

/// The identifiers that directly follow one of the marks, or `is` and `is not`, outside of quotes.
fn applied<'a>(text: &'a str, marks: &[char], words: &[&str]) -> Vec<(&'a str, Range<usize>)> {
    let mut found = Vec::new();
    let mut previous = "";
    let mut in_test = false;
    for (token, at) in tokens(text) {
        let identifier = token.starts_with(|c: char| c == '_' || c.is_alphabetic());
        let marked = previous.chars().next().is_some_and(|c| marks.contains(&c));
        in_test = words.contains(&previous) && (previous == "is" || in_test);
        if identifier && (marked || in_test) {
            found.push((token, at));
        }
        previous = token;
    }
    found
}

/// Words, quoted strings and single marks, without white space.
fn tokens(text: &str) -> Vec<(&str, Range<usize>)> {
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

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_recursion_limit(64);
    for filter in WITHHELD_FILTERS {
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
    environment.add_filter("urlencode", |value: Value| utf8_percent_encode(&value.to_string(), PART).to_string());
    environment.add_filter("string", |value: Value| plain_text(&value).unwrap_or_else(|| value.to_string()));
    environment.add_filter("replace", replaced);
    environment.add_filter("join", joined);
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
    let items: Vec<Value> = list.try_iter()?.take(MAX_RENDERED).collect();
    let picked = |random: &Randomness| {
        let item = items.get(random.below(items.len()))?;
        random.note(|| "pick".to_owned(), &item.to_string());
        Some(item.clone())
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
        match item.as_str() {
            Some(str) => text.push_str(str),
            None => text.push_str(&item.to_string()),
        }
        bounded(text.len(), 1)?;
    }
    Ok(text)
}

fn bounded(count: usize, each: usize) -> Result<(), Error> {
    match count.checked_mul(each) {
        Some(bytes) if bytes <= MAX_RENDERED => Ok(()),
        _ => Err(invalid(format!("more than {MAX_RENDERED} bytes"))),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretString;
    use serde_json::json;

    use super::super::rows::{Cell, Row};
    use super::super::scope::Bindings;
    use super::*;
    use crate::secret::Secrets;

    fn scope(columns: &[(&str, Value)]) -> Scope {
        let columns = columns.iter().map(|(name, value)| ((*name).into(), Cell::Value(value.clone()))).collect();
        Scope::for_row(&Bindings::default(), 1, "row", &Row::plain(None, 3, columns)).unwrap()
    }

    fn json_of(source: &str) -> Result<Json, RenderError> {
        Text::parse(source).unwrap().json(&scope(&[("n", Value::from(7)), ("s", Value::from("ab"))]))
    }

    fn refused(source: &str) -> String {
        let error = Text::parse(source).unwrap_err();
        format!("{} at {}", error.message, &source[error.at])
    }

    #[test]
    fn a_single_expression_keeps_the_type_of_its_value() {
        assert_eq!(json_of("{{ n }}").unwrap(), json!(7));
        assert_eq!(json_of("{{ n | string }}").unwrap(), json!("7"));
        assert_eq!(json_of("{{ [n, none, true, 1.5, {'a': s}] }}").unwrap(), json!([7, null, true, 1.5, {"a": "ab"}]));
        assert_eq!(json_of("x{{ n }}y{{ s }}{{ row }}").unwrap(), json!("x7yab3"));
        assert_eq!(json_of("{{ s[1:] }}{{ '}}' }}").unwrap(), json!("b}}"));
    }

    #[test]
    fn functions_give_what_the_language_says() {
        assert_eq!(json_of("{{ repeat('ab', 3) }}").unwrap(), json!("ababab"));
        assert_eq!(json_of("{{ 'ab' | repeat(2) | upper | length }}").unwrap(), json!(4));
        assert_eq!(json_of("{{ unique(300) | length }}").unwrap(), json!(300));
        assert_eq!(json_of("{{ uuid() | length }}").unwrap(), json!(36));
        assert_eq!(json_of("{{ pick(['a', 'b']) in ['a', 'b'] }}").unwrap(), json!(true));
        assert_eq!(json_of("{{ ['a', n] | join('-') | replace('a', 'b') }}").unwrap(), json!("b-7"));
        assert_eq!(json_of("{{ unique(5) == unique(5) }}").unwrap(), json!(false));
    }

    #[test]
    fn undefined_things_are_errors() {
        for source in ["{{ missing }}", "x{{ missing }}", "{{ s.missing }}", "{{ missing.x }}", "{{ row.x.y }}"] {
            assert!(json_of(source).is_err(), "{source}");
        }
        assert_eq!(json_of("{{ missing | default('x') }}").unwrap(), json!("x"));
    }

    #[test]
    fn a_template_that_gives_too_much_is_an_error() {
        for source in [
            "{{ repeat('x', 5000000) }}",
            "{{ unique(5000000) }}",
            "{{ repeat('x', 4000000) | replace('x', 'xx') }}",
            "{{ 'x' * 5000000 }}",
            "{{ range(100000) | join(repeat('x', 1000)) }}",
            "{{ repeat('x', 3000000) }}{{ repeat('x', 3000000) }}",
        ] {
            assert!(json_of(source).is_err(), "{source}");
        }
    }

    #[test]
    fn a_list_or_an_object_is_no_text() {
        let text = Text::parse("{{ [1] }}").unwrap();
        assert!(text.text(&scope(&[])).is_err());
        assert_eq!(text.texts(&scope(&[])).unwrap(), ["1"]);
    }

    #[test]
    fn what_is_computed_of_a_secret_is_one() {
        let mut secrets = Secrets::new();
        secrets.register("token", SecretString::from("open-Sesame-17")).unwrap();
        let secrets = Arc::new(secrets);
        let bindings = Bindings::default().keeping(Arc::clone(&secrets));
        let columns = ["open-Sesame-17", "emaseS", "not-the-token"].map(Value::from);
        let columns = ["token", "other", "plain"].into_iter().map(Into::into).zip(columns.map(Cell::Value)).collect();
        let scope = Scope::for_row(&bindings, 1, "row", &Row::plain(None, 3, columns)).unwrap();
        for source in [
            "{{ token | reverse }}",
            "{{ token[1:] }}",
            "{{ token[:3] }} {{ token[3:] }}",
            "~{{ token[:-1] }}~",
            "{{ token | upper }}",
            "{{ token | lower }}",
            "{{ token | list | sort | join('') }}",
            "{{ [token[2:], 'x'] | join('.') }}",
            "{{ (token | upper if other else 'nothing') ~ '-' }}",
            "{{ {'a': token} | tojson | upper }}",
        ] {
            let made = Text::parse(source).unwrap().text(&scope).unwrap();
            let masked = secrets.mask(&made).into_owned();
            let left = masked.replace("[masked:token]", "").to_lowercase();
            let is_left = |part: &[u8]| left.contains(std::str::from_utf8(part).unwrap());
            let there_and_back =
                ["open-sesame-17", "71-emases-nepo"].map(|text| text.as_bytes().windows(4).any(is_left));
            assert_eq!(there_and_back, [false, false], "{source}: {masked}");
            assert!(masked.contains("[masked:token]"), "{source}: {masked}");
        }
        for (source, shown) in [
            ("{{ token | length }}", "14"),
            ("{{ repeat('~', token | length) }}", "~~~~~~~~~~~~~~"),
            ("{{ other | lower }}", "emases"),
            ("{{ plain | default(token) }}", "not-the-token"),
            ("{{ 'is given' if token | length > 3 else 'is short' }}", "is given"),
        ] {
            let made = Text::parse(source).unwrap().text(&scope).unwrap();
            assert_eq!(secrets.mask(&made), shown, "{source}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused_at_its_place() {
        assert_eq!(refused("a {{ b"), "`{{` is never closed at {{");
        assert_eq!(refused("a {{ }}"), "an empty expression at {{ }}");
        assert_eq!(refused("{{ s | lowr }}"), "unknown filter `lowr` at lowr");
        assert_eq!(refused("{{ s | pprint }}"), "unknown filter `pprint` at pprint");
        assert_eq!(refused("{{ s is not odder }}"), "unknown test `odder` at odder");
        assert!(Text::parse("{{ 'a | b is c' ~ s }}").is_ok());
        assert!(Text::parse("{{ s is not defined and s not in ['x'] }}").is_ok());
    }

    #[test]
    fn names_are_those_that_come_from_outside() {
        let text = Text::parse("{{ a.b }} {{ unique(c) }} {{ [d for_ in x] }}");
        assert!(text.is_err());
        let text = Text::parse("{{ a.b }} {{ unique(c) | replace('x', d) }}").unwrap();
        assert_eq!(text.names(), ["a", "c", "d"]);
    }

    proptest! {
        #[test]
        fn a_text_without_braces_renders_as_itself(source in "[^{]{0,60}|[{%# }]{0,3}[^{]{0,20}") {
            prop_assume!(!source.contains("{{"));
            let text = Text::parse(&source).unwrap();
            prop_assert!(text.is_literal());
            prop_assert_eq!(text.json(&scope(&[])).unwrap(), json!(source));
        }

        #[test]
        fn an_integer_a_text_and_a_list_come_out_as_they_went_in(number: i64, string in ".{0,20}", flag: bool) {
            let value = json!({"list": [number, string, flag, null]});
            let scope = scope(&[("value", Value::from(minijinja::value::Serde(&value)))]);
            prop_assert_eq!(Text::parse("{{ value }}").unwrap().json(&scope).unwrap(), value);
        }

        #[test]
        fn no_expression_makes_the_compiler_panic(inner in "[a-z0-9 |.(){}\\[\\]'\"+*~-]{0,40}") {
            if let Ok(text) = Text::parse(&format!("{{{{{inner}}}}}")) {
                let _ = text.json(&scope(&[]));
            }
        }
    }
}
