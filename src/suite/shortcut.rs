//! The expressions that nearly every template is made of, evaluated without the template engine: a path
//! (`request.body.name`, with `| lower` or not), tests of paths joined by `and` and `or`, and a path under a condition.
//!
//! Owns no error: wherever something is undefined or otherwise out of the ordinary it gives up, and the engine, whose
//! answer is the one that counts, is asked instead.

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::Value as Json;

use super::scope::Scope;
use crate::pointer;

/// Words that are no names.
const WORDS: [&str; 14] =
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "loop"];
/// How deep parentheses may be nested.
const DEEPEST: usize = 8;

/// An expression of one of these forms.
pub(super) enum Shortcut {
    Path(Path),
    Lower(Path),
    Test(Test),
    /// `path if test else none`.
    PathIf(Path, Test),
}

/// A name that the scope has, and attributes; one of digits is the index of an item.
pub(super) struct Path {
    name: String,
    attributes: Vec<String>,
}

pub(super) enum Test {
    Is(Path, ValueKind),
    Contains(Path, String),
    ContainsNot(Path, String),
    /// `path | default('') in ['a', 'b']`.
    Among(Path, Vec<String>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

impl Shortcut {
    /// Reads the tokens of an expression; nothing where it has another form.
    pub(super) fn read(tokens: &[&str]) -> Option<Self> {
        let mut reader = Reader { rest: tokens, depth: 0 };
        if let Some(path) = reader.path() {
            match reader.rest {
                [] => return Some(Self::Path(path)),
                ["|", "lower"] => return Some(Self::Lower(path)),
                ["if", rest @ .., "else", "none"] => {
                    return Reader { rest, depth: 0 }.whole().map(|test| Self::PathIf(path, test));
                }
                _ => {}
            }
        }
        Reader { rest: tokens, depth: 0 }.whole().map(Self::Test)
    }

    /// The text of the value where it is a text of a body, or a number of a body or a column: as it is spelt there.
    pub(super) fn written<'s>(&self, scope: &'s Scope) -> Option<&'s str> {
        match self.json(scope)? {
            Json::Number(number) => Some(number.as_str()),
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value where it is a part of a body, without a copy of it.
    pub(super) fn json<'s>(&self, scope: &'s Scope) -> Option<&'s Json> {
        match self {
            Self::Path(path) => path.json(scope),
            Self::PathIf(path, test) => match test.holds(scope)? {
                true => path.json(scope),
                false => Some(&Json::Null),
            },
            Self::Lower(_) | Self::Test(_) => None,
        }
    }

    /// The value; nothing where the engine has to be asked.
    pub(super) fn value(&self, scope: &Scope) -> Option<Value> {
        match self {
            Self::Path(path) => path.value(scope),
            Self::Lower(path) => path.value(scope)?.as_str().map(|text| Value::from(text.to_lowercase())),
            Self::Test(test) => test.holds(scope).map(Value::from),
            Self::PathIf(path, test) => {
                if test.holds(scope)? {
                    path.value(scope)
                } else {
                    Some(Value::from(()))
                }
            }
        }
    }
}

impl Path {
    /// What is there in a body.
    fn json<'s>(&self, scope: &'s Scope) -> Option<&'s Json> {
        self.json_at(&self.attributes, scope)
    }

    /// Whether an object of a body has no such member.
    fn is_missing(&self, scope: &Scope) -> bool {
        let Some((last, around)) = self.attributes.split_last() else { return false };
        let around = self.json_at(around, scope).filter(|around| around.is_object() && !is_index(last));
        around.is_some_and(|around| pointer::child(around, last).is_none())
    }

    fn json_at<'s>(&self, attributes: &[String], scope: &'s Scope) -> Option<&'s Json> {
        let (body, rest): (_, &[String]) = match (self.name.as_str(), attributes) {
            ("request", [body, rest @ ..]) if body == "body" => (scope.exchange()?.sent_json(), rest),
            ("response", [body, rest @ ..]) if body == "body" => (scope.exchange()?.received_json(), rest),
            (saved, [part, body, rest @ ..]) if body == "body" => (scope.saved_json(saved, part), rest),
            (column, []) => (scope.number(column), &[]),
            _ => return None,
        };
        rest.iter().try_fold(body?, |json, key| match json {
            Json::Object(_) if is_index(key) => None,
            _ => pointer::child(json, key),
        })
    }

    fn value(&self, scope: &Scope) -> Option<Value> {
        if let Some(Json::String(text)) = self.json(scope) {
            return Some(Value::from(text.as_str()));
        }
        let named = scope.named(&self.name)?;
        let found = self.attributes.iter().try_fold(named, |value, attribute| match attribute.parse::<usize>() {
            Ok(index) => value.get_item_by_index(index).ok(),
            Err(_) => value.get_attr(attribute).ok(),
        })?;
        (!found.is_undefined()).then_some(found)
    }
}

impl Test {
    fn holds(&self, scope: &Scope) -> Option<bool> {
        match self {
            Self::Is(path, kind) => match path.json(scope) {
                Some(json) => Some(kind_of(json) == *kind),
                None => Some(path.value(scope)?.kind() == *kind),
            },
            Self::Contains(path, part) => contains(path, part, scope),
            Self::ContainsNot(path, part) => contains(path, part, scope).map(|there| !there),
            Self::Among(path, texts) => match path.json(scope) {
                Some(Json::String(text)) => Some(texts.contains(text)),
                Some(_) => Some(false),
                None => path.is_missing(scope).then(|| texts.iter().any(String::is_empty)),
            },
            Self::All(tests) => {
                for test in tests {
                    if !test.holds(scope)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Self::Any(tests) => {
                for test in tests {
                    if test.holds(scope)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
        }
    }
}

fn kind_of(json: &Json) -> ValueKind {
    match json {
        Json::Null => ValueKind::None,
        Json::Bool(_) => ValueKind::Bool,
        Json::Number(_) => ValueKind::Number,
        Json::String(_) => ValueKind::String,
        Json::Array(_) => ValueKind::Seq,
        Json::Object(_) => ValueKind::Map,
    }
}

fn contains(path: &Path, part: &str, scope: &Scope) -> Option<bool> {
    match path.json(scope) {
        Some(object @ Json::Object(_)) => return Some(pointer::child(object, part).is_some()),
        Some(Json::String(text)) => return Some(text.contains(part)),
        Some(_) => return None,
        None => {}
    }
    let whole = path.value(scope)?;
    match whole.kind() {
        ValueKind::Map => whole.get_attr(part).ok().map(|found| !found.is_undefined()),
        ValueKind::String => whole.as_str().map(|text| text.contains(part)),
        _ => None,
    }
}

/// Reads tokens from left to right.
struct Reader<'t> {
    rest: &'t [&'t str],
    depth: usize,
}

impl Reader<'_> {
    fn whole(mut self) -> Option<Test> {
        let test = self.any()?;
        self.rest.is_empty().then_some(test)
    }

    fn any(&mut self) -> Option<Test> {
        self.joined("or", Self::all, Test::Any)
    }

    fn all(&mut self) -> Option<Test> {
        self.joined("and", Self::one, Test::All)
    }

    fn joined(&mut self, word: &str, next: fn(&mut Self) -> Option<Test>, join: fn(Vec<Test>) -> Test) -> Option<Test> {
        let mut tests = vec![next(self)?];
        while self.take(&[word]) {
            tests.push(next(self)?);
        }
        if tests.len() == 1 { tests.pop() } else { Some(join(tests)) }
    }

    fn one(&mut self) -> Option<Test> {
        if self.take(&["("]) {
            self.depth += 1;
            let test = if self.depth > DEEPEST { None } else { self.any() }?;
            self.depth -= 1;
            return self.take(&[")"]).then_some(test);
        }
        if let Some(part) = self.text() {
            return if self.take(&["not", "in"]) {
                self.path().map(|path| Test::ContainsNot(path, part))
            } else if self.take(&["in"]) {
                self.path().map(|path| Test::Contains(path, part))
            } else {
                None
            };
        }
        let path = self.path()?;
        if self.take(&["|", "default", "(", "''", ")", "in", "["]) {
            let mut texts = vec![self.text()?];
            while self.take(&[","]) {
                texts.push(self.text()?);
            }
            return self.take(&["]"]).then_some(Test::Among(path, texts));
        }
        let kinds = [("mapping", ValueKind::Map), ("string", ValueKind::String), ("none", ValueKind::None)];
        let (_, kind) = kinds.into_iter().find(|(word, _)| self.take(&["is", word]))?;
        Some(Test::Is(path, kind))
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let (Some(first), Some(rest)) = (self.rest.get(..words.len()), self.rest.get(words.len()..)) else {
            return false;
        };
        let fits = first == words;
        self.rest = if fits { rest } else { self.rest };
        fits
    }

    /// A quoted text without escapes.
    fn text(&mut self) -> Option<String> {
        let (first, rest) = self.rest.split_first()?;
        let text = ['\'', '"'].into_iter().find_map(|quote| first.strip_prefix(quote)?.strip_suffix(quote))?;
        if text.contains('\\') {
            return None;
        }
        self.rest = rest;
        Some(text.to_owned())
    }

    fn path(&mut self) -> Option<Path> {
        let (name, mut rest) = self.rest.split_first().filter(|(name, _)| is_name(name))?;
        let mut attributes = Vec::new();
        loop {
            rest = match rest {
                [".", attribute, after @ ..] if is_name(attribute) => {
                    attributes.push((*attribute).to_owned());
                    after
                }
                ["[", index, "]", after @ ..] if index.bytes().all(|byte| byte.is_ascii_digit()) => {
                    attributes.push((*index).to_owned());
                    after
                }
                [".", ..] => return None,
                _ => break,
            };
        }
        self.rest = rest;
        Some(Path { name: (*name).to_owned(), attributes })
    }
}

/// Whether an attribute is the index of an item: all others are names.
fn is_index(attribute: &str) -> bool {
    attribute.starts_with(|c: char| c.is_ascii_digit())
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && token.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && !WORDS.contains(&token)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::saved::Saved;
    use super::super::scope::Bindings;
    use super::super::template::Text;
    use super::*;
    use crate::http::{Answer, Exchange, Request, Response};

    fn scope(sent: &'static str, received: &'static str) -> Scope {
        let request = Request {
            method: "POST".into(),
            url: "http://host/v1".into(),
            headers: vec![("X-A".into(), "1".into())],
            body: Some(sent.into()),
            header_case: Default::default(),
            connection: Default::default(),
        };
        let answer = Answer::Complete(Response::new(200, "HTTP/1.1".into(), Vec::new(), received.into()));
        let exchange = Exchange::new(Arc::new(request), answer, Duration::ZERO);
        Scope::new(&Bindings::default(), 0, "x").judging(&Saved::new(Arc::new(exchange), "http://h"))
    }

    const TEXTS: [&str; 27] = [
        "request.body.name",
        "request.method",
        "request.headers",
        "request.headers.x",
        "nothing",
        "nothing.at.all",
        "response.body.times.first",
        "request.body.name | lower",
        "request.body | lower",
        "request.body is mapping and 'name' in request.body and request.body.name is string",
        "request.body is mapping and ('name' not in request.body or request.body.name is none)",
        "'name' in request.body or request.body is string",
        "(request.body is none or request.body is mapping) and request.method is string",
        "request.body.name is none",
        "'T' in request.body.name",
        "'method' in request and 'other' not in request",
        "'x' in response.body",
        "response.body.time if 'T' in response.body.time else none",
        "response.body.time if response.body.time is string and ' ' in response.body.time else none",
        "response.body.code | default('') in ['a', 'b']",
        "response.body is mapping and response.body.code | default('') in ['x', '']",
        "response.body.times | default('') in ['a']",
        "nothing.at.all | default('') in ['']",
        "request.body.name | default('') in ['A', 'n']",
        "request.raw is string",
        "response.status is mapping",
        "range is mapping",
    ];

    #[test]
    fn a_shortcut_gives_what_the_engine_gives() {
        let bodies =
            ["{}", "null", "[\"x\"]", "\"xTx\"", "{\"name\":\"Ab T\"}", "{\"name\":null}", "{\"name\":{\"T\":1}}"];
        let answers = ["{\"time\":\"2021T\",\"times\":{\"first\":[1]}}", "{\"time\":\"20 21\"}", "{\"time\":7}", "<"];
        let mut taken = 0;
        for text in TEXTS {
            let template = Text::parse(&format!("{{{{ {text} }}}}")).unwrap();
            // The same for the engine alone: no list has one of the forms.
            let engine = Text::parse(&format!("{{{{ ([{text}])[0] }}}}")).unwrap();
            for (sent, received) in bodies.iter().flat_map(|sent| answers.iter().map(move |received| (sent, received)))
            {
                let scope = scope(sent, received);
                let (short, long) = (template.value(&scope), engine.value(&scope));
                assert_eq!(short.is_ok(), long.is_ok(), "{text} of {sent} and {received}: {short:?} {long:?}");
                if let (Ok(short), Ok(long)) = (short, long) {
                    assert_eq!((short.kind(), short.to_string()), (long.kind(), long.to_string()), "{text} of {sent}");
                    taken += 1;
                }
            }
        }
        assert!(taken > 200, "{taken}");
    }

    #[test]
    fn the_forms_are_told_from_all_others() {
        let reads = |tokens: &[&str]| Shortcut::read(tokens).is_some();
        for tokens in
            [&["a"][..], &["a", ".", "b"], &["a", "|", "lower"], &["'x'", "in", "a"], &["(", "a", "is", "none", ")"]]
        {
            assert!(reads(tokens), "{tokens:?}");
        }
        for tokens in [
            &[][..],
            &["none"],
            &["1"],
            &["a", "."],
            &["a", ".", "1"],
            &["a", "|", "upper"],
            &["a", "is", "not", "none"],
            &["not", "a", "is", "none"],
            &["'\\n'", "in", "a"],
            &["a", "is", "none", "or"],
            &["(", "a", "is", "none"],
            &["a", "if", "b", "else", "none"],
            &["a", "=", "=", "b"],
            &["'x'", "in", "a", "in", "b"],
        ] {
            assert!(!reads(tokens), "{tokens:?}");
        }
        assert!(!reads(&["("; 10_000]));
    }
}
