//! Bodies as the lenient parsers of other languages read them, for variants: RFC 8259 lets a parser take more than JSON.

use serde_json::{Map, Value, json};

use super::cause::Cause;

/// How deep values may be nested.
const DEEPEST: usize = 100;
/// The private-use character that the first half of a surrogate pair (U+D800) is kept as; the others follow.
const HALVES: u32 = 0x10_0000;

/// Something that a parser takes besides JSON, or a way in which it takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Also {
    /// `/* … */` and `// …`.
    Comments,
    /// `# …`.
    HashComments,
    /// Texts in single quotes.
    SingleQuotes,
    /// Keys without quotes.
    BareKeys,
    /// Texts without quotes.
    BareTexts,
    /// `;` for a comma, `=` and `=>` for a colon.
    OtherSeparators,
    /// A comma before a closing brace or bracket.
    TrailingCommas,
    /// `NaN`, `Infinity` and `undefined`.
    NoNumbers,
    /// `01`, `+1`, `.5`, `1.` and `0x10`.
    OddNumbers,
    /// `True` and `NULL`.
    WordsInAnyCase,
    /// A backslash in front of any character, which then stands for itself.
    AnyEscape,
    /// Control characters inside texts.
    RawControls,
    /// What Unicode calls white space.
    AnyWhiteSpace,
    /// Whatever stands behind the value.
    TextBehind,
    /// A line `)]}'` in front, against inclusion as a script.
    Guard,
    /// Half a surrogate pair, which is kept.
    Halves,
    /// Half a surrogate pair, which becomes U+FFFD.
    ReplacedHalves,
    /// Of a key that comes twice, the first counts.
    FirstOfRepeatedKeys,
    /// A key that comes twice is none.
    NoRepeatedKeys,
}

use Also::{
    AnyEscape, AnyWhiteSpace, BareKeys, BareTexts, Comments, FirstOfRepeatedKeys, Guard, Halves, HashComments,
    NoNumbers, NoRepeatedKeys, OddNumbers, OtherSeparators, RawControls, ReplacedHalves, SingleQuotes, TextBehind,
    TrailingCommas, WordsInAnyCase,
};

/// Python's `json`.
pub(super) const PYTHON: &[Also] = &[NoNumbers, Halves];
/// Ruby's `json`.
pub(super) const RUBY: &[Also] = &[Comments, AnyEscape];
/// A decoder of Go's `encoding/json`.
pub(super) const GO: &[Also] = &[TextBehind, ReplacedHalves];
/// PHP's `json_decode`.
pub(super) const PHP: &[Also] = &[WordsInAnyCase];
/// Gson on a reader.
pub(super) const GSON: &[Also] =
    &[Comments, HashComments, SingleQuotes, BareKeys, BareTexts, OtherSeparators, RawControls, Guard, ReplacedHalves];
/// Jackson with what it can be told to take.
pub(super) const JACKSON: &[Also] = &[
    Comments,
    HashComments,
    SingleQuotes,
    BareKeys,
    TrailingCommas,
    NoNumbers,
    OddNumbers,
    AnyEscape,
    RawControls,
    TextBehind,
    ReplacedHalves,
];
/// Json.NET, and what reads JSON5.
pub(super) const JSON_NET: &[Also] = &[
    Comments,
    SingleQuotes,
    BareKeys,
    TrailingCommas,
    NoNumbers,
    OddNumbers,
    RawControls,
    AnyWhiteSpace,
    ReplacedHalves,
];

/// Reads the members of a body that is JSON, or as near to it as the parser takes.
pub(super) fn read(body: &[u8], also: &'static [Also]) -> Result<Map<String, Value>, Cause> {
    let text = std::str::from_utf8(body).map_err(|_| Cause::NotText)?;
    if text.trim().is_empty() {
        return Err(Cause::NoBody);
    }
    let mut reader = Reader { text, at: 0, also };
    match reader.document() {
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(Cause::NotObject),
        None => Err(Cause::NotJson),
    }
}

/// The text of a body in UTF-8, UTF-16 or UTF-32, by where its NULs are, as Python finds it out.
pub(super) fn decoded(body: &[u8]) -> Option<String> {
    let zeros: Vec<bool> = body.iter().take(4).map(|byte| *byte == 0).collect();
    let wide = |order: fn([u8; 4]) -> u32| {
        let (units, rest) = body.as_chunks::<4>();
        rest.is_empty().then(|| units.iter().map(|unit| char::from_u32(order(*unit))).collect::<Option<String>>())?
    };
    let narrow = |order: fn([u8; 2]) -> u16| {
        let (units, rest) = body.as_chunks::<2>();
        rest.is_empty().then(|| String::from_utf16(&units.iter().map(|unit| order(*unit)).collect::<Vec<_>>()).ok())?
    };
    let text = match (body, zeros.as_slice()) {
        ([0xff, 0xfe, 0, 0, ..], _) | (_, [false, true, true, true]) => wide(u32::from_le_bytes),
        ([0, 0, 0xfe, 0xff, ..], _) | (_, [true, true, true, false]) => wide(u32::from_be_bytes),
        ([0xff, 0xfe, ..], _) | (_, [false, true, ..]) => narrow(u16::from_le_bytes),
        ([0xfe, 0xff, ..], _) | (_, [true, false, ..]) => narrow(u16::from_be_bytes),
        _ => std::str::from_utf8(body).ok().map(str::to_owned),
    }?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// JSON in which the halves of surrogate pairs that were kept are spelt out again.
pub(super) fn spelt(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match u32::from(c).checked_sub(HALVES) {
            Some(half) if half < 0x800 => text.push_str(&format!("\\u{:04x}", 0xd800 + half)),
            _ => text.push(c),
        }
    }
    text
}

/// A place in a text. What can't be read gives nothing.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    also: &'static [Also],
}

impl<'a> Reader<'a> {
    fn takes(&self, what: Also) -> bool {
        self.also.contains(&what)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let there = self.rest().starts_with(wanted);
        self.at += if there { wanted.len() } else { 0 };
        there
    }

    /// The text up to the first character that is none of these.
    fn run(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let run = rest.get(..rest.find(|c| !fits(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += run.len();
        run
    }

    /// Skips white space and comments.
    fn blank(&mut self) -> Option<()> {
        loop {
            let any = self.takes(AnyWhiteSpace);
            self.run(|c| matches!(c, ' ' | '\t' | '\n' | '\r') || (any && c.is_whitespace()));
            if self.takes(Comments) && self.eat("/*") {
                let end = self.rest().find("*/")?;
                self.at += end + 2;
            } else if (self.takes(Comments) && self.eat("//")) || (self.takes(HashComments) && self.eat("#")) {
                self.run(|c| c != '\n');
            } else {
                return Some(());
            }
        }
    }

    fn document(&mut self) -> Option<Value> {
        if self.takes(Guard) {
            self.eat(")]}'\n");
        }
        let value = self.value(0)?;
        self.blank()?;
        (self.rest().is_empty() || self.takes(TextBehind)).then_some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.blank()?;
        match self.peek()? {
            '{' => self.object(depth).map(Value::Object),
            '[' => self.array(depth).map(Value::Array),
            '"' => self.quoted('"').map(Value::String),
            '\'' if self.takes(SingleQuotes) => self.quoted('\'').map(Value::String),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        self.next()?;
        self.blank()?;
        if self.eat("}") {
            return Some(members);
        }
        loop {
            let key = self.key()?;
            self.blank()?;
            let others = self.takes(OtherSeparators);
            let colon = self.eat(":") || (others && (self.eat("=>") || self.eat("=")));
            let value = colon.then(|| self.value(depth + 1)).flatten()?;
            match (members.contains_key(&key), self.takes(FirstOfRepeatedKeys), self.takes(NoRepeatedKeys)) {
                (true, _, true) => return None,
                (true, true, _) => {}
                _ => drop(members.insert(key, value)),
            }
            if self.is_last("}")? {
                return Some(members);
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.next()?;
        self.blank()?;
        if self.eat("]") {
            return Some(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.is_last("]")? {
                return Some(items);
            }
        }
    }

    /// Whether nothing comes behind the member or item that was read; nothing where neither a separator nor the end does.
    fn is_last(&mut self, end: &str) -> Option<bool> {
        self.blank()?;
        if self.eat(end) {
            return Some(true);
        }
        let separated = self.eat(",") || (self.takes(OtherSeparators) && self.eat(";"));
        separated.then_some(())?;
        self.blank()?;
        Some(self.takes(TrailingCommas) && self.eat(end))
    }

    fn key(&mut self) -> Option<String> {
        match self.peek()? {
            '"' => self.quoted('"'),
            '\'' if self.takes(SingleQuotes) => self.quoted('\''),
            _ if self.takes(BareKeys) => {
                let key = self.run(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
                (!key.is_empty()).then(|| key.to_owned())
            }
            _ => None,
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        self.next()?;
        loop {
            match self.next()? {
                '\\' => text.push(self.escape()?),
                c if c == quote => return Some(text),
                c if c < ' ' && !self.takes(RawControls) => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unit(),
            c @ ('"' | '\\' | '/') => c,
            '\'' if self.takes(SingleQuotes) => '\'',
            c if self.takes(AnyEscape) => c,
            _ => return None,
        })
    }

    /// The character of `XXXX`, or of `XXXX\uXXXX` where the first is half a pair.
    fn unit(&mut self) -> Option<char> {
        let digits = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok().filter(|_| !text.starts_with('+'));
        let Some(unit) = digits(self.rest()) else {
            return (self.takes(AnyEscape) && self.rest().chars().count() >= 4).then(|| {
                self.at += self.rest().chars().take(4).map(char::len_utf8).sum::<usize>();
                '\u{fffd}'
            });
        };
        self.at += 4;
        let second = self.rest().strip_prefix("\\u").and_then(digits);
        match char::decode_utf16([unit].into_iter().chain(second)).next()? {
            Ok(c) => {
                self.at += if c > '\u{ffff}' { 6 } else { 0 };
                Some(c)
            }
            Err(_) if self.takes(Halves) => char::from_u32(HALVES + u32::from(unit) - 0xd800),
            Err(_) => self.takes(ReplacedHalves).then_some('\u{fffd}'),
        }
    }

    /// A value without quotes: a word, a number or, where these are taken, a text.
    fn word(&mut self) -> Option<Value> {
        let word = self.run(|c| {
            !c.is_whitespace() && !matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"' | '\'' | ';' | '=' | '#' | '/')
        });
        let lower = if self.takes(WordsInAnyCase) { word.to_ascii_lowercase() } else { word.to_owned() };
        match lower.as_str() {
            "" => None,
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            "null" => Some(Value::Null),
            // No number of ours can be one of these; that it is no text is what matters.
            "NaN" | "Infinity" | "-Infinity" | "undefined" if self.takes(NoNumbers) => Some(json!(0)),
            _ => match serde_json::from_str(word) {
                Ok(Value::Number(number)) => Some(Value::Number(number)),
                _ if self.takes(OddNumbers) && is_odd_number(word) => Some(json!(0)),
                _ => self.takes(BareTexts).then(|| Value::String(word.to_owned())),
            },
        }
    }
}

/// Whether it is `01`, `+1`, `.5`, `1.`, `0x10` or the like.
fn is_odd_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-']);
    let hexadecimal = digits.strip_prefix("0x").is_some_and(|digits| u64::from_str_radix(digits, 16).is_ok());
    hexadecimal
        || (digits.contains(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.'))
}
