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

/// Whether a text has a mark of any kind, and so perhaps an escape.
pub(super) fn is_marked(text: &[u8]) -> bool {
    DECODERS.chunks(3).any(|some| match some {
        [one, two, three] => memchr::memchr3(one.mark, two.mark, three.mark, text).is_some(),
        fewer => fewer.iter().any(|decoder| memchr::memchr(decoder.mark, text).is_some()),
    })
}

/// The longest name or number of an HTML entity.
const LONGEST_ENTITY: usize = 10;

impl Decoder {
    /// The text with its escapes resolved, and where these stood; nothing where there is none. A line feed behind a carriage
    /// return belongs to that one.
    pub(super) fn decode(&self, text: &[u8]) -> Option<(Vec<u8>, Origins)> {
        let mut next = Some(self.next(text, 0)?);
        let (mut decoded, mut origins, mut copied) = (Vec::with_capacity(text.len()), Origins::default(), 0);
        while let Some((at, meant, length)) = next {
            decoded.extend_from_slice(text.get(copied..at).unwrap_or_default());
            let before = decoded.len();
            let count = match meant {
                Unescaped::Nothing => alike(text.get(at..).unwrap_or_default(), length),
                Unescaped::Byte(_) | Unescaped::Character(_) => 1,
            };
            match meant {
                Unescaped::Byte(byte) => decoded.push(byte),
                Unescaped::Character(character) => {
                    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Unescaped::Nothing => {}
            }
            origins.add(Escapes { decoded: before, origin: at, width: decoded.len() - before, length, count });
            copied = at + length * count;
            next = self.next(text, copied);
        }
        decoded.extend_from_slice(text.get(copied..).unwrap_or_default());
        Some((decoded, origins))
    }

    /// The next escape from here on: where it is, what it stands for, and its length.
    fn next(&self, text: &[u8], mut from: usize) -> Option<(usize, Unescaped, usize)> {
        loop {
            let at = from + memchr::memchr(self.mark, text.get(from..)?)?;
            let (before, rest) = text.split_at_checked(at)?;
            if self.mark == b'\n' && before.ends_with(b"\r") {
                // This line end and those like it right behind it.
                from = at - 1 + CRLF * alike(text.get(at - 1..)?, CRLF);
            } else if let Some((meant, length)) = (self.read)(rest) {
                return Some((at, meant, length));
            } else {
                from = at + 1;
            }
        }
    }
}

/// The length of CR and LF.
const CRLF: usize = 2;

/// How many escapes of this length are alike at the start of a text: empty lines, say, of which there may be many. What follows
/// on the last may belong to it, so that one is read by itself.
fn alike(text: &[u8], length: usize) -> usize {
    let again = text.get(length..).unwrap_or_default().iter().zip(text).take_while(|(one, other)| one == other).count();
    (again / length).max(1)
}

/// Where what was decoded comes from. What is between escapes is there as it was.
#[derive(Debug, Default)]
pub(super) struct Origins(Vec<Escapes>);

/// Escapes of one kind, right behind each other.
#[derive(Debug)]
struct Escapes {
    /// Where what they stand for begins.
    decoded: usize,
    /// Where they begin.
    origin: usize,
    /// How many bytes each stands for.
    width: usize,
    /// How many bytes each has.
    length: usize,
    count: usize,
}

impl Origins {
    fn add(&mut self, next: Escapes) {
        match self.0.last_mut() {
            Some(last)
                if (last.width, last.length) == (next.width, next.length)
                    && last.origin + last.length * last.count == next.origin =>
            {
                last.count += next.count;
            }
            _ => self.0.push(next),
        }
    }

    /// What a byte of the decoded text comes from.
    pub(super) fn of(&self, at: usize) -> Range<usize> {
        let behind = self.0.partition_point(|escapes| escapes.decoded <= at);
        let Some(Escapes { decoded, origin, width, length, count }) =
            behind.checked_sub(1).and_then(|last| self.0.get(last))
        else {
            return at..at + 1;
        };
        let offset = at - decoded;
        match offset.checked_sub(width * count) {
            Some(further) => {
                let start = origin + length * count + further;
                start..start + 1
            }
            None => {
                let start = origin + offset / width * length;
                start..start + length
            }
        }
    }

    /// The parts of a decoded text of this length that are no further than `near` bytes from what an escape stands for.
    pub(super) fn around(&self, near: usize, end: usize) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for Escapes { decoded, width, count, .. } in &self.0 {
            let part =
                decoded.saturating_sub(near)..decoded.saturating_add(width * count).saturating_add(near).min(end);
            match parts.last_mut() {
                Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
                _ => parts.push(part),
            }
        }
        parts
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
