//! The escapes by which a text may be written in many ways: of URLs, JSON, HTML and quoted-printable, and line ends that
//! only break it.

use std::ops::Range;

use super::form::Form;

/// A kind of escape.
pub(super) struct Decoder {
    /// How every one of them begins.
    mark: u8,
    /// Reads one at the start of a text: what it stands for, and its length.
    read: fn(&[u8]) -> Option<(Unescaped, usize)>,
    /// How something is written in which there are such escapes.
    pub(super) form: Form,
}

/// What an escape stands for.
enum Unescaped {
    Byte(u8),
    Character(char),
    Nothing,
}

/// Every kind.
pub(super) static DECODERS: &[Decoder] = &[
    Decoder { mark: b'%', read: percent, form: Form::Percent },
    Decoder { mark: b'\\', read: json, form: Form::Json },
    Decoder { mark: b'&', read: html, form: Form::Html },
    Decoder { mark: b'=', read: quoted_printable, form: Form::QuotedPrintable },
    Decoder { mark: b'\n', read: line_feed, form: Form::Lines },
    Decoder { mark: b'\r', read: carriage_return, form: Form::Lines },
];

/// The longest name or number of an HTML entity.
const LONGEST_ENTITY: usize = 10;

impl Decoder {
    /// The text with its escapes resolved, and for each byte of it the span that it comes from; nothing where there is none.
    pub(super) fn decode(&self, text: &[u8]) -> Option<(Vec<u8>, Vec<Range<usize>>)> {
        let is_escape = |at: &usize| text.get(*at..).is_some_and(|rest| (self.read)(rest).is_some());
        let first = memchr::memchr_iter(self.mark, text).find(is_escape)?;
        let mut decoded = Vec::with_capacity(text.len());
        let mut origins = Vec::with_capacity(text.len());
        decoded.extend_from_slice(text.get(..first)?);
        origins.extend((0..first).map(|at| at..at + 1));
        let mut at = first;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let before = decoded.len();
            let byte = rest.first().copied().unwrap_or_default();
            let escape = if byte == self.mark { (self.read)(rest) } else { None };
            let (meant, length) = escape.unwrap_or((Unescaped::Byte(byte), 1));
            match meant {
                Unescaped::Byte(byte) => decoded.push(byte),
                Unescaped::Character(character) => {
                    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Unescaped::Nothing => {}
            }
            origins.resize(origins.len() + decoded.len() - before, at..at + length);
            at += length;
        }
        Some((decoded, origins))
    }
}

fn percent(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text {
        [b'%', high, low, ..] => Some((Unescaped::Byte(byte(&[*high, *low])?), 3)),
        _ => None,
    }
}

fn quoted_printable(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text {
        [b'=', b'\r', b'\n', ..] => Some((Unescaped::Nothing, 3)),
        [b'=', b'\n', ..] => Some((Unescaped::Nothing, 2)),
        [b'=', high, low, ..] => Some((Unescaped::Byte(byte(&[*high, *low])?), 3)),
        _ => None,
    }
}

/// A line end, with the white space behind it that a folded or indented text has.
fn line_feed(text: &[u8]) -> Option<(Unescaped, usize)> {
    let rest = text.strip_prefix(b"\n")?;
    let white = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some((Unescaped::Nothing, 1 + white))
}

fn carriage_return(text: &[u8]) -> Option<(Unescaped, usize)> {
    let (meant, length) = line_feed(text.strip_prefix(b"\r")?)?;
    Some((meant, length + 1))
}

fn json(text: &[u8]) -> Option<(Unescaped, usize)> {
    let [b'\\', kind, ..] = text else { return None };
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((Unescaped::Character(character), 2))
}

fn unicode(text: &[u8]) -> Option<(Unescaped, usize)> {
    let first = hex(text.get(2..6)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Unescaped::Character(character), 6));
    }
    let second = hex(text.get(6..12)?.strip_prefix(b"\\u")?)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    let high = first.checked_sub(0xd800).filter(|high| *high < 0x400)?;
    char::from_u32(0x1_0000 + (high << 10) + low).map(|character| (Unescaped::Character(character), 12))
}

/// A numeric reference, or one of the names that stand for what markup needs.
fn html(text: &[u8]) -> Option<(Unescaped, usize)> {
    let end = text.iter().take(LONGEST_ENTITY).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(text.get(1..end)?).ok()?;
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let character = match name.strip_prefix('#').map(|number| number.strip_prefix(['x', 'X']).ok_or(number)) {
        Some(Ok(digits)) => number(digits, 16)?,
        Some(Err(digits)) => number(digits, 10)?,
        None => NAMES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((Unescaped::Character(character), end + 1))
}

/// The names of HTML for the characters of ASCII.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("AMP", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("GT", '>'),
    ("Hat", '^'),
    ("lbrace", '{'),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("LT", '<'),
    ("nbsp", ' '),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("rbrace", '}'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("verbar", '|'),
    ("vert", '|'),
];

fn byte(digits: &[u8; 2]) -> Option<u8> {
    u8::try_from(hex(digits)?).ok()
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
