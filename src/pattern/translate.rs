//! From a pattern of ECMA-262 to the spelling that the engines have for what it means.
//!
//! Strict where the dialects of the world disagree, lenient where they agree on what ECMA-262's Unicode mode leaves out:
//! an escaped punctuation mark and a brace that begins no quantifier stand for themselves, `(?i)` sets a flag.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use super::error::PatternError;

/// For which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// That of linear time.
    Linear,
    /// The one with look-around and back-references.
    Backtracking,
}

/// A pattern for an engine.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) text: String,
    /// Whether it needs the engine that backtracks.
    pub(super) backtracks: bool,
}

const DIGIT: &str = "0-9";
const WORD: &str = "A-Za-z0-9_";
/// White space and line ends.
const SPACE: &str = r"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
/// Any character that ends no line.
const IN_LINE: &str = r"[^\x{a}\x{d}\x{2028}\x{2029}]";
const BOUNDARY: &str = "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))";
const NO_BOUNDARY: &str = "(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))";
const NOTHING: &str = r"[^\x{0}-\x{10ffff}]";
const ANYTHING: &str = r"[\x{0}-\x{10ffff}]";
/// Halves of surrogate pairs, which no text has.
const HALVES: Range<u32> = 0xd800..0xe000;

/// Translates a pattern.
pub(super) fn translate(source: &str, dialect: Dialect) -> Result<Translated, PatternError> {
    let groups = groups(source);
    let flags = source.match_indices("(?").filter_map(|(at, _)| flags_at(source.get(at + 2..)?));
    let any_is_all = flags.into_iter().any(|flags| flags.contains('s'));
    let chars = source.char_indices().peekable();
    let out = Translated { text: String::with_capacity(source.len() + 16), backtracks: false };
    Translator { source, chars, dialect, groups, any_is_all, open: Vec::new(), has_atom: false, out }.whole()
}

/// The names of the capturing groups, in order; an empty one for a group without.
fn groups(source: &str) -> Vec<&str> {
    let mut groups = Vec::new();
    let (mut in_class, mut escaped) = (false, false);
    for (at, c) in source.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let rest = source.get(at + 1..).unwrap_or_default();
                let named = rest.strip_prefix("?<").or_else(|| rest.strip_prefix("?P<"));
                match named.filter(|rest| !rest.starts_with(['=', '!'])).and_then(|rest| rest.split_once('>')) {
                    Some((name, _)) => groups.push(name),
                    None if !rest.starts_with('?') => groups.push(""),
                    None => {}
                }
            }
            _ => {}
        }
    }
    groups
}

/// The flags, with the mark behind them, at the beginning of a text that stands behind `(?`.
fn flags_at(rest: &str) -> Option<&str> {
    let end = rest.find([':', ')'])?;
    let flags = rest.get(..end)?;
    let known = flags.bytes().all(|byte| matches!(byte, b'i' | b'm' | b's' | b'-'));
    (known && !flags.is_empty() && flags.matches('-').count() < 2 || flags.is_empty() && rest.starts_with(':'))
        .then(|| rest.get(..=end))
        .flatten()
}

/// One element of a class, or what an escape stands for.
enum Element {
    /// A character by its number, which may be half a surrogate pair.
    Character(u32),
    /// Several, as a class in brackets.
    Class(String),
    /// A place between characters, a reference to a group: no class has it.
    Other(String),
}

struct Translator<'p> {
    source: &'p str,
    chars: Peekable<CharIndices<'p>>,
    dialect: Dialect,
    groups: Vec<&'p str>,
    any_is_all: bool,
    /// Where the groups that are open begin.
    open: Vec<usize>,
    /// Whether a quantifier may follow.
    has_atom: bool,
    out: Translated,
}

impl<'p> Translator<'p> {
    fn whole(mut self) -> Result<Translated, PatternError> {
        while let Some((at, c)) = self.chars.next() {
            let had_atom = std::mem::replace(&mut self.has_atom, true);
            match c {
                '\\' => self.escape_alone(at)?,
                '[' => self.class(at)?,
                '(' => self.group(at)?,
                ')' => {
                    self.open.pop().ok_or_else(|| error("a `)` that closes nothing", at..at + 1))?;
                    self.out.text.push(')');
                }
                '*' | '+' | '?' => self.quantifier(at, c.to_string(), had_atom)?,
                '{' => match self.repetition(at) {
                    Some(repetition) => self.quantifier(at, repetition, had_atom)?,
                    None => push(&mut self.out.text, u32::from(c)),
                },
                '.' => self.out.text.push_str(if self.any_is_all { "." } else { IN_LINE }),
                '^' | '$' | '|' => {
                    self.has_atom = false;
                    self.out.text.push(c);
                }
                _ => push(&mut self.out.text, u32::from(c)),
            }
        }
        match self.open.pop() {
            Some(at) => Err(error("a `(` that is never closed", at..at + 1)),
            None => Ok(self.out),
        }
    }

    fn rest(&mut self) -> &'p str {
        let at = self.chars.peek().map_or(self.source.len(), |(at, _)| *at);
        self.source.get(at..).unwrap_or_default()
    }

    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            self.chars.next();
        }
    }

    /// Goes on behind this text if it comes next.
    fn take(&mut self, text: &str) -> bool {
        let comes = self.rest().starts_with(text);
        if comes {
            self.skip(text.chars().count());
        }
        comes
    }

    fn group(&mut self, at: usize) -> Result<(), PatternError> {
        self.has_atom = false;
        self.open.push(at);
        if !self.take("?") {
            self.out.text.push('(');
            return Ok(());
        }
        for around in ["=", "!", "<=", "<!"] {
            if self.take(around) {
                self.out.backtracks = true;
                self.out.text.push_str("(?");
                self.out.text.push_str(around);
                return Ok(());
            }
        }
        let rest = self.rest();
        let flags = flags_at(rest);
        if let Some(name) = rest.strip_prefix('<').or_else(|| rest.strip_prefix("P<")) {
            let (name, _) = name.split_once('>').ok_or_else(|| error("a group's name has no end", at..at + 3))?;
            let is_name = name.starts_with(|c: char| c == '_' || c == '$' || c.is_alphabetic())
                && name.chars().all(|c| c == '_' || c == '$' || c.is_alphanumeric());
            let twice = self.groups.iter().filter(|known| **known == name).count() > 1;
            let until = at + 3 + name.len();
            if !is_name || twice {
                let cause = if twice { "two groups have the name" } else { "no name of a group:" };
                return Err(error(format!("{cause} `{name}`"), at..until));
            }
            let taken = rest.split_once('>').map_or(0, |(before, _)| before.chars().count() + 1);
            self.skip(taken);
            self.out.text.push('(');
        } else if let Some(flags) = flags {
            self.take(flags);
            self.out.text.push_str("(?");
            self.out.text.push_str(flags);
            if flags.ends_with(')') {
                self.open.pop();
            }
        } else {
            let next: String = rest.chars().take(1).collect();
            let message = format!("`(?{next}` begins no group in ECMA-262");
            return Err(error(message, at..at + 2 + next.len()));
        }
        Ok(())
    }

    fn quantifier(&mut self, at: usize, mut text: String, had_atom: bool) -> Result<(), PatternError> {
        if !had_atom {
            return Err(error(format!("nothing that `{text}` could repeat"), at..at + text.len()));
        }
        if self.take("?") {
            text.push('?');
        }
        self.has_atom = false;
        self.out.text.push_str(&text);
        Ok(())
    }

    /// The quantifier in braces that begins here; none where the brace stands for itself.
    fn repetition(&mut self, at: usize) -> Option<String> {
        let text = self.source.get(at..)?;
        let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
        let (least, most) = inner.split_once(',').map_or((inner, None), |(least, most)| (least, Some(most)));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(least) || !most.is_none_or(|most| most.is_empty() || is_number(most)) {
            return None;
        }
        let text = format!("{{{inner}}}");
        self.take(text.get(1..)?);
        Some(text)
    }

    fn class(&mut self, at: usize) -> Result<(), PatternError> {
        let unclosed = || error("a `[` that is never closed", at..at + 1);
        let negated = self.take("^");
        let mut items = String::new();
        loop {
            let (here, c) = self.chars.next().ok_or_else(unclosed)?;
            if c == ']' {
                break;
            }
            if let Some(class) = posix_class(self.source, here) {
                let message = format!("`{class}` is a class of POSIX, and in ECMA-262 some characters");
                return Err(error(message, here..here + class.len()));
            }
            let first = self.element(here, c)?;
            let is_range = self.rest().starts_with('-') && !self.rest().starts_with("-]");
            let (Element::Character(low), true) = (&first, is_range) else {
                self.item(&mut items, first, here)?;
                continue;
            };
            let low = *low;
            self.take("-");
            let (there, c) = self.chars.next().ok_or_else(unclosed)?;
            match self.element(there, c)? {
                Element::Character(high) if high < low => {
                    let end = self.chars.peek().map_or(self.source.len(), |(at, _)| *at);
                    return Err(error("a range whose end is before its beginning", here..end));
                }
                Element::Character(high) => range(&mut items, low, high),
                // As everywhere else, a hyphen beside a class of its own stands for itself.
                other => {
                    range(&mut items, low, low);
                    push(&mut items, u32::from('-'));
                    self.item(&mut items, other, there)?;
                }
            }
        }
        match (negated, items.is_empty()) {
            (false, true) => self.out.text.push_str(NOTHING),
            (true, true) => self.out.text.push_str(ANYTHING),
            (negated, false) => {
                self.out.text.push_str(if negated { "[^" } else { "[" });
                self.out.text.push_str(&items);
                self.out.text.push(']');
            }
        }
        Ok(())
    }

    fn item(&self, items: &mut String, element: Element, at: usize) -> Result<(), PatternError> {
        match element {
            Element::Character(character) => range(items, character, character),
            Element::Class(class) => {
                let inner = class.strip_prefix('[').filter(|inner| !inner.starts_with('^'));
                items.push_str(inner.and_then(|inner| inner.strip_suffix(']')).unwrap_or(&class));
            }
            Element::Other(_) => return Err(error("no class has this", at..at + 2)),
        }
        Ok(())
    }

    /// One element of a class, of which the first character was taken.
    fn element(&mut self, at: usize, c: char) -> Result<Element, PatternError> {
        match c {
            '\\' => self.escape(at, true),
            c => Ok(Element::Character(u32::from(c))),
        }
    }

    fn escape_alone(&mut self, at: usize) -> Result<(), PatternError> {
        match self.escape(at, false)? {
            Element::Character(half) if HALVES.contains(&half) => self.out.text.push_str(NOTHING),
            Element::Character(character) => push(&mut self.out.text, character),
            Element::Class(class) | Element::Other(class) => self.out.text.push_str(&class),
        }
        Ok(())
    }

    /// What stands behind a backslash.
    fn escape(&mut self, at: usize, in_class: bool) -> Result<Element, PatternError> {
        let (here, c) = self.chars.next().ok_or_else(|| error("a `\\` with nothing behind it", at..at + 1))?;
        let class = |inner: &str, negated: bool| {
            Ok(Element::Class(if negated { format!("[^{inner}]") } else { format!("[{inner}]") }))
        };
        let character = |c: char| Ok(Element::Character(u32::from(c)));
        match c {
            'd' | 'D' => class(DIGIT, c == 'D'),
            'w' | 'W' => class(WORD, c == 'W'),
            's' | 'S' => class(SPACE, c == 'S'),
            't' => character('\t'),
            'n' => character('\n'),
            'v' => character('\u{b}'),
            'f' => character('\u{c}'),
            'r' => character('\r'),
            'b' if in_class => character('\u{8}'),
            'b' | 'B' if !in_class => Ok(Element::Other(self.boundary(c == 'B'))),
            'p' | 'P' => self.property(at, c),
            'x' => self.hexadecimal(at, 2).map(Element::Character),
            'u' => self.unicode(at).map(Element::Character),
            'c' => match self.chars.next() {
                Some((_, letter)) if letter.is_ascii_alphabetic() => Ok(Element::Character(u32::from(letter) % 32)),
                _ => Err(error("`\\c` without a letter", at..at + 2)),
            },
            '0' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) => character('\0'),
            '1'..='9' if !in_class => self.reference(at, here),
            'k' if !in_class => self.named_reference(at),
            c if !c.is_alphanumeric() => character(c),
            other => {
                let message = format!("`\\{other}` means nothing in ECMA-262");
                let end = here + other.len_utf8();
                Err(error(message, at..end))
            }
        }
    }

    fn boundary(&mut self, negated: bool) -> String {
        self.has_atom = false;
        match (self.dialect, negated) {
            (Dialect::Linear, false) => r"(?-u:\b)".to_owned(),
            (Dialect::Backtracking, false) => BOUNDARY.to_owned(),
            (_, true) => {
                self.out.backtracks = true;
                NO_BOUNDARY.to_owned()
            }
        }
    }

    fn property(&mut self, at: usize, kind: char) -> Result<Element, PatternError> {
        let rest = self.rest();
        let name = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'='))
        };
        let Some(name) = name.filter(is_name) else {
            return Err(error(format!("`\\{kind}` without a property in braces"), at..at + 2));
        };
        let class = format!("\\{kind}{{{name}}}");
        self.take(&format!("{{{name}}}"));
        if regex::Regex::new(&class).is_err() {
            return Err(error(format!("there is no property `{name}`"), at..at + class.len()));
        }
        Ok(Element::Class(class))
    }

    /// So many hexadecimal digits.
    fn hexadecimal(&mut self, at: usize, digits: usize) -> Result<u32, PatternError> {
        let text = self.rest().get(..digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = text.and_then(|text| u32::from_str_radix(text, 16).ok());
        let number =
            number.ok_or_else(|| error(format!("an escape without its {digits} hexadecimal digits"), at..at + 2))?;
        self.skip(digits);
        Ok(number)
    }

    /// What stands behind `\u`; two halves of a pair are one character.
    fn unicode(&mut self, at: usize) -> Result<u32, PatternError> {
        if let Some((inner, _)) = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let number = u32::from_str_radix(inner, 16).ok().filter(|number| *number <= u32::from(char::MAX));
            let number = number.filter(|_| !inner.starts_with('+'));
            let number =
                number.ok_or_else(|| error(format!("`{inner}` is no character's number"), at..at + 4 + inner.len()))?;
            self.take(&format!("{{{inner}}}"));
            return Ok(number);
        }
        let high = self.hexadecimal(at, 4)?;
        let low = self.rest().strip_prefix("\\u").and_then(|rest| rest.get(..4));
        let low = low.and_then(|text| u32::from_str_radix(text, 16).ok());
        match (high, low) {
            (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                self.skip(6);
                Ok(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            }
            _ => Ok(high),
        }
    }

    fn reference(&mut self, at: usize, here: usize) -> Result<Element, PatternError> {
        let digits = self.source.get(here..).unwrap_or_default();
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        self.skip(length.saturating_sub(1));
        let number = digits.get(..length).and_then(|digits| digits.parse::<usize>().ok());
        match number.filter(|number| *number <= self.groups.len()) {
            Some(number) => Ok(Element::Other(self.group_again(number))),
            None => Err(error("there is no group of this number", at..here + length)),
        }
    }

    fn named_reference(&mut self, at: usize) -> Result<Element, PatternError> {
        let name = self.rest().strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(name, _)| name);
        let name = name.ok_or_else(|| error("`\\k` without the name of a group", at..at + 2))?;
        let number = self.groups.iter().position(|known| *known == name && !name.is_empty());
        let number = number.ok_or_else(|| error(format!("there is no group `{name}`"), at..at + 4 + name.len()))?;
        self.take(&format!("<{name}>"));
        Ok(Element::Other(self.group_again(number + 1)))
    }

    /// What a group has found. A group that found nothing is nothing here, too.
    fn group_again(&mut self, number: usize) -> String {
        self.out.backtracks = true;
        format!("(?({number})\\{number})")
    }
}

/// The class of POSIX that begins here, as in `[[:alpha:]]`.
fn posix_class(source: &str, at: usize) -> Option<&str> {
    const NAMES: &str = "alnum alpha blank cntrl digit graph lower print punct space upper word xdigit";
    let rest = source.get(at..)?;
    let (name, _) = rest.strip_prefix("[:")?.split_once(":]")?;
    NAMES.split(' ').any(|known| known == name.trim_start_matches('^')).then(|| rest.get(..name.len() + 4)).flatten()
}

/// Adds a character that stands for itself, whatever it is.
fn push(text: &mut String, character: u32) {
    match char::from_u32(character) {
        Some(c) if c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric()) => text.push(c),
        _ => text.push_str(&format!("\\x{{{character:x}}}")),
    }
}

/// Adds a range to a class, without the halves of surrogate pairs.
fn range(items: &mut String, low: u32, high: u32) {
    for (low, high) in [(low, high.min(HALVES.start - 1)), (low.max(HALVES.end), high)] {
        if low == high {
            push(items, low);
        } else if low < high {
            push(items, low);
            items.push('-');
            push(items, high);
        }
    }
}

fn error(message: impl Into<String>, at: Range<usize>) -> PatternError {
    PatternError { message: message.into(), at }
}
