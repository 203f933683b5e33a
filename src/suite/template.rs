//! Texts that may be templates: `{{ minijinja expression }}`, any number of them in a text, and nothing else.
//!
//! A text is compiled once, at load. Evaluation is stateless: what a template sees comes in with the [`Scope`].

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use minijinja::value::ValueKind;
use minijinja::{Error, Expression, Value};
use serde_json::Value as Json;

use super::engine::{FUNCTIONS, MAX_RENDERED, check_weight, compile, items, plain_text, shown};
use super::error::RenderError;
use super::expression::{TemplateError, closing, names, paths, tokens};
use super::number;
use super::scope::Scope;
use super::shortcut::Shortcut;
use super::template_trouble;
use crate::secret::MADE_LENGTH;

/// How many expressions are kept at least before any is forgotten.
const FEW_FORMULAS: usize = 1024;

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
    Expression(Arc<Formula>),
    Mixed(Vec<Part>),
}

enum Part {
    Literal(String),
    Expression(Arc<Formula>),
}

impl Part {
    fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Expression(_) => None,
        }
    }
}

/// A compiled expression, and the short way to its value where it has one. The engine takes some 8 KB for each, so those that are
/// written alike are one.
struct Formula {
    expression: Expression<'static, 'static>,
    shortcut: Option<Shortcut>,
    /// The names it uses, functions among them.
    names: Vec<String>,
    /// What it computes something of: names with attributes. Nothing where its value is one of these as it is, or a truth.
    inputs: Vec<String>,
}

impl Formula {
    /// The one for an expression that stands in this range of a text.
    fn of(text: &str, inner: &Range<usize>) -> Result<Arc<Self>, TemplateError> {
        if let Some(known) = FORMULAS.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(known);
        }
        let formula = Arc::new(Self::compile(text, inner)?);
        FORMULAS.lock().unwrap_or_else(PoisonError::into_inner).add(text, &formula);
        Ok(formula)
    }

    fn compile(text: &str, inner: &Range<usize>) -> Result<Self, TemplateError> {
        let tokens = tokens(text);
        let expression = compile(text, &tokens, inner)?;
        let words: Vec<&str> = tokens.into_iter().map(|(word, _)| word).collect();
        let shortcut = Shortcut::read(&words);
        let inputs = match &shortcut {
            Some(Shortcut::Path(_) | Shortcut::Test(_) | Shortcut::PathIf(..)) => Vec::new(),
            Some(Shortcut::Lower(_)) | None => paths(&words),
        };
        let names = names(&words).map(str::to_owned).collect();
        Ok(Self { expression, shortcut, names, inputs })
    }

    /// The text or the number that it names, as it is spelt in a body or a column.
    fn written<'s>(&self, scope: &'s Scope) -> Option<&'s str> {
        self.shortcut.as_ref()?.written(scope)
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

/// The expressions that texts have, by what is written.
#[derive(Default)]
struct Formulas {
    known: HashMap<String, Weak<Formula>>,
    /// How many may be known before those are forgotten that no text has any more.
    most: usize,
}

static FORMULAS: LazyLock<Mutex<Formulas>> = LazyLock::new(Mutex::default);

impl Formulas {
    fn get(&self, text: &str) -> Option<Arc<Formula>> {
        self.known.get(text)?.upgrade()
    }

    fn add(&mut self, text: &str, formula: &Arc<Formula>) {
        if self.known.len() >= self.most {
            self.known.retain(|_, formula| formula.strong_count() > 0);
            self.most = 2 * self.known.len() + FEW_FORMULAS;
        }
        self.known.insert(text.to_owned(), Arc::downgrade(formula));
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
            let text = source.get(inner.clone()).unwrap_or_default();
            let formula = Formula::of(text, &inner)?;
            names.extend(formula.names.iter().cloned());
            parts.push(Part::Expression(formula));
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

    /// Its parts in order: texts as they are, and nothing for each expression.
    pub(super) fn outline(&self) -> Vec<Option<&str>> {
        match &self.0.parts {
            Parts::Literal(_) => vec![Some(&self.0.source)],
            Parts::Expression(_) => vec![None],
            Parts::Mixed(parts) => parts.iter().map(Part::literal).collect(),
        }
    }

    /// Its parts in order, rendered; nothing for expressions that use this name, or for all of them where there is none.
    pub(super) fn parts_apart_from<'s>(
        &'s self,
        name: Option<&'s str>,
        scope: &'s Scope,
    ) -> impl Iterator<Item = Result<Option<String>, RenderError>> + 's {
        let rendered = move |formula: &Formula| match name {
            Some(name) if !formula.names.iter().any(|used| used == name) => {
                let shown = shown(&self.evaluate(formula, scope)?);
                shown.map(Some).map_err(|error| self.fault(&error))
            }
            _ => Ok(None),
        };
        let (literal, alone, parts): (_, _, &[Part]) = match &self.0.parts {
            Parts::Literal(_) => (Some(self.0.source.clone()), None, &[]),
            Parts::Expression(formula) => (None, Some(formula), &[]),
            Parts::Mixed(parts) => (None, None, parts),
        };
        let of_part = move |part: &'s Part| match part {
            Part::Literal(literal) => Ok(Some(literal.clone())),
            Part::Expression(formula) => rendered(formula),
        };
        let alone = alone.map(|formula| rendered(formula));
        literal.map(|literal| Ok(Some(literal))).into_iter().chain(alone).chain(parts.iter().map(of_part))
    }

    /// Whether it renders to itself.
    pub fn is_literal(&self) -> bool {
        matches!(self.0.parts, Parts::Literal(_))
    }

    /// Whether it is one expression and no more, whose value keeps its type.
    pub fn is_expression(&self) -> bool {
        matches!(self.0.parts, Parts::Expression(_))
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
                if let Some(written) = formula.written(scope) {
                    return if written.len() > MAX_RENDERED {
                        Err(RenderError::TooLarge)
                    } else {
                        Ok(written.to_owned())
                    };
                }
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
            ValueKind::Seq | ValueKind::Iterable => items(&value).map_err(|error| self.fault(&error))?,
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
            Parts::Expression(formula) => match self.part(scope) {
                Some(json) => Ok(json.clone()),
                None => self.to_json(&self.evaluate(formula, scope)?),
            },
            Parts::Mixed(parts) => self.mixed(parts, scope).map(Json::String),
        }
    }

    /// The value where it is a part of a body, without a copy of it.
    pub(super) fn part<'s>(&self, scope: &'s Scope) -> Option<&'s Json> {
        match &self.0.parts {
            Parts::Expression(formula) => {
                let json = formula.shortcut.as_ref()?.json(scope)?;
                json.as_str().is_none_or(|text| text.len() <= MAX_RENDERED).then_some(json)
            }
            Parts::Literal(_) | Parts::Mixed(_) => None,
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
                Part::Expression(formula) => match formula.written(scope) {
                    Some(written) => text.push_str(written),
                    None => {
                        let value = self.evaluate(formula, scope)?;
                        match value.as_str() {
                            Some(str) => text.push_str(str),
                            None => text.push_str(&shown(&value).map_err(|error| self.fault(&error))?),
                        }
                        if value.as_str().is_some_and(|piece| self.is_short_piece(piece)) {
                            pieces_of = pieces_of.or_else(|| formula.inputs(scope).0.into_iter().next());
                        }
                    }
                },
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
            ValueKind::String | ValueKind::Number | ValueKind::Plain => vec![value.clone()],
            ValueKind::Seq | ValueKind::Iterable => items(value).map_err(|error| self.fault(&error))?,
            _ => return Ok(()),
        };
        let (secrets, others) = formula.inputs(scope);
        let Some(secret) = secrets.first() else { return Ok(()) };
        for text in texts {
            let text = shown(&text).map_err(|error| self.fault(&error))?;
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
        check_weight(value).map_err(|error| self.fault(&error))?;
        let json = number::json(value).map_err(|error| self.fault(&error))?;
        match (json.is_null(), value.is_none()) {
            (true, false) => Err(self.failed("gives a number that JSON can't write")),
            _ => Ok(json),
        }
    }

    fn fault(&self, error: &Error) -> RenderError {
        self.failed(&template_trouble::told(error))
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

fn push_literal(parts: &mut Vec<Part>, literal: Option<&str>) {
    if let Some(literal) = literal.filter(|literal| !literal.is_empty()) {
        parts.push(Part::Literal(literal.to_owned()));
    }
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
    fn what_is_wrong_with_a_template_is_told_in_words_of_ours() {
        for (inner, told) in [
            ("1 +", "the end where a value belongs"),
            ("1 1", "something behind the end of the expression: is an operator missing?"),
            ("1 # 2", "a character that no expression has"),
            ("[1", "the end where `,` belongs"),
            ("s.", "the end where a name or a number belongs"),
        ] {
            let error = Text::parse(&format!("{{{{ {inner} }}}}")).unwrap_err();
            assert_eq!(error.message, told, "{inner}");
        }
        for (inner, told) in [
            ("unique()", "a function or a filter lacks an argument"),
            ("uuid(3)", "a function or a filter has too many arguments"),
            ("unique('a')", "a text where an integer of at least 0 is needed"),
            ("unique(n=3)", "a map where an integer of at least 0 is needed"),
            ("repeat('a', -1)", "a number where an integer of at least 0 is needed"),
            ("now('x')", "a text where an integer is needed"),
            ("1 / 0", "`1 / 0` has no result"),
            ("1 + 'a'", "`+` between a number and a text: `~` joins texts"),
            ("1 - [2]", "`-` between a number and a list"),
            ("range(9999999999)", "a `range` of too many numbers"),
            ("n.items()", "a number has no method `items`"),
            ("s[::0]", "a slice with steps of 0"),
            ("5 | list", "something else where a list is needed"),
            ("5 | join", "a number where a list is needed"),
            ("5 | length", "a number has no length"),
            ("'x' | int", "a text that is no number"),
            ("1 | sha256('zork')", "something else where a text is needed"),
            ("missing", "is undefined"),
        ] {
            let Err(RenderError::Template { cause, .. }) = json_of(&format!("{{{{ {inner} }}}}")) else {
                panic!("{inner} is fine")
            };
            assert_eq!(cause, told, "{inner}");
        }
    }

    #[test]
    fn a_template_that_gives_too_much_is_an_error() {
        for source in [
            "{{ repeat('x', 5000000) }}",
            "{{ unique(5000000) }}",
            "{{ repeat('x', 4000000) | replace('x', 'xx') }}",
            "{{ range(100000) | join(repeat('x', 1000)) }}",
            "{{ repeat('x', 3000000) }}{{ repeat('x', 3000000) }}",
        ] {
            assert!(json_of(source).is_err(), "{source}");
        }
    }

    #[test]
    fn a_template_that_computes_too_much_is_an_error_whatever_it_gives() {
        for (inner, cause) in [
            ("range(100000) | select('in', range(100000)) | list | length", "computes more than one expression may"),
            ("[1] | batch(1000000000, 0) | list | length", "computes more than one expression may"),
            ("repeat('a', 4000000) | list | length", "computes more than one expression may"),
            ("range(100000) | map('string') | sort | list | length", "computes more than one expression may"),
            ("[s, s, s, s, s, s, s, s, s, s]", "gives more than 4194304 bytes"),
            ("[s, s, s, s, s, s, s, s, s, s] | tojson", "gives more than 4194304 bytes"),
            ("[s, s, s, s, s, s, s, s, s, s] | string", "gives more than 4194304 bytes"),
            ("[s, s, s, s, s, s, s, s, s, s] | join", "gives more than 4194304 bytes"),
            ("[[s, s, s, s, s, s, s, s, s, s]] | join", "gives more than 4194304 bytes"),
            ("[s, s, s, s, s, s, s, s, s, s] | urlencode", "gives more than 4194304 bytes"),
            ("s | replace('x', '%%') | urlencode", "gives more than 4194304 bytes"),
        ] {
            let text = Text::parse(&format!("{{{{ {inner} }}}}")).unwrap();
            let scope = scope(&[("s", Value::from("x".repeat(1_000_000)))]);
            for told in [text.json(&scope).map(drop), text.texts(&scope).map(drop)] {
                let Err(RenderError::Template { cause: told, .. }) = told else { panic!("{inner}: {told:?}") };
                assert!(told.starts_with(cause), "{inner}: {told}");
            }
        }
    }

    #[test]
    fn numbers_are_multiplied_and_lists_are_not() {
        for product in ["2 * 3", "row * 2", "n | int * 2 + 1", "s | length * 3", "2 ** 3"] {
            assert!(json_of(&format!("{{{{ {product} }}}}")).unwrap().is_number(), "{product}");
        }
        for product in
            ["[1] * 100000000", "3 * [1]", "n * 2", "2 * n", "'x' * 5000000", "s.5 * 2", "2 * 1 | list", "row.row * 2"]
        {
            let told = refused(&format!("{{{{ {product} }}}}"));
            assert_eq!(told, "`*` between what may be no numbers at *", "{product}");
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
    fn an_expression_is_short_and_nested_a_little_or_refused_where_it_gets_too_deep() {
        let told = "an expression with more than 200 operators, dots and brackets at ";
        for (many, last, mark) in [
            ("-", "1", "-"),
            ("not ", "1", "not"),
            ("1+", "1", "+"),
            ("1~", "1", "~"),
            ("1 and ", "1", "and"),
            ("1 or ", "1", "or"),
            ("1 if 1 else ", "1", "if"),
            ("[", "1", "["),
            ("(", "1", "("),
            ("repeat(", "1", "("),
        ] {
            assert_eq!(refused(&format!("{{{{ {}{last} }}}}", many.repeat(300))), format!("{told}{mark}"), "{many}");
        }
        for (first, many, mark) in
            [("s", "|string", "|"), ("s", ".a", "."), ("s", "[0]", "["), ("s", " is string", "is"), ("s", "()", "(")]
        {
            assert_eq!(refused(&format!("{{{{ {first}{} }}}}", many.repeat(300))), format!("{told}{mark}"), "{many}");
        }
        let maps = format!("{{{{ {}1{} }}}}", "{1:".repeat(300), "} ".repeat(300));
        assert_eq!(refused(&maps), format!("{told}{{"));
        let long = refused(&format!("a {{{{ '{}' }}}} b", "x".repeat(5_000)));
        assert!(long.starts_with("an expression of 5004 bytes: at most 4096 are read at {{ '"), "{long}");
        assert_eq!(json_of(&format!("{{{{ {}1 }}}}", "1 + ".repeat(200))).unwrap(), json!(201));
        assert_eq!(json_of(&format!("{{{{ {}true }}}}", "not ".repeat(200))).unwrap(), json!(true));
        assert_eq!(json_of(&format!("{{{{ [{}] | length }}}}", "1,".repeat(2_000))).unwrap(), json!(2_000));
    }

    #[test]
    fn names_are_those_that_come_from_outside() {
        let text = Text::parse("{{ a.b }} {{ unique(c) }} {{ [d for_ in x] }}");
        assert!(text.is_err());
        let text = Text::parse("{{ a.b }} {{ unique(c) | replace('x', d) }}").unwrap();
        assert_eq!(text.names(), ["a", "c", "d"]);
        let names = |text: &str| Text::parse(text).unwrap().names().to_vec();
        assert_eq!(names("{{ a.b[1:c] }} {{ (d | upper)[:-1] }} {{ [e][f:][0] }}"), ["a", "c", "d", "e", "f"]);
        assert_eq!(names("{{ a | default(value=b) | replace('is c', \"d\") }}"), ["a", "b"]);
        assert_eq!(names("{{ 1.5 if a is not defined and not b else c == d }}"), ["a", "b", "c", "d"]);
        assert_eq!(names("{{ a is in [b, none] or c is divisibleby(2) }}"), ["a", "b", "c"]);
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
            let scope = scope(&[("value", number::template_value(&value))]);
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
