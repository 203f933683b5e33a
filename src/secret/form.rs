//! The ways in which a value can be written, and how escapes are read.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

/// The least length, in bytes, at which coming back is no coincidence: shorter secrets are masked but not reported as
/// echoes, and are not looked for in the middle of other base64.
pub(super) const TELLING_LENGTH: usize = 8;

/// How a secret was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// As it is.
    Plain,
    /// In base64, of either alphabet, alone or within something longer.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// With some or all characters percent-encoded.
    Percent,
    /// With some or all characters escaped as JSON allows.
    Json,
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "plain",
            Self::Base64 => "base64",
            Self::Hex => "hexadecimal",
            Self::Percent => "percent-encoded",
            Self::Json => "json-escaped",
        })
    }
}

/// The forms of a value that are one text each. The way in which a JSON pointer escapes it is one of JSON's.
pub(super) fn fixed_forms(value: &str) -> Vec<(Vec<u8>, Form)> {
    let bytes = value.as_bytes();
    let mut forms = vec![(bytes.to_vec(), Form::Plain)];
    if value.contains(' ') {
        forms.push((value.replace(' ', "+").into_bytes(), Form::Percent));
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push((engine.encode(bytes).into_bytes(), Form::Base64));
    }
    if bytes.len() >= TELLING_LENGTH {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.extend((0..3).map(|before| (base64_within(engine, bytes, before), Form::Base64)));
        }
    }
    let spell = |each: &dyn Fn(&u8) -> String| bytes.iter().map(each).collect::<String>();
    let lower = spell(&|byte| format!("{byte:02x}"));
    forms.push((lower.to_ascii_uppercase().into_bytes(), Form::Hex));
    forms.push((lower.into_bytes(), Form::Hex));
    // The usual escaped forms are also looked for as they are: a stray escape character in front of one would lead the
    // decoding astray.
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let percent = |byte: &u8, bare: bool| if bare { char::from(*byte).to_string() } else { format!("%{byte:02x}") };
    let percent_upper = |byte: &u8, bare: bool| if bare { percent(byte, true) } else { format!("%{byte:02X}") };
    for text in [
        spell(&|byte| percent(byte, is_bare(byte))),
        spell(&|byte| percent_upper(byte, is_bare(byte))),
        spell(&|byte| percent(byte, byte.is_ascii_alphanumeric())),
        spell(&|byte| percent_upper(byte, byte.is_ascii_alphanumeric())),
        spell(&|byte| percent(byte, false)),
        spell(&|byte| percent_upper(byte, false)),
    ] {
        forms.push((text.into_bytes(), Form::Percent));
    }
    let json = Value::from(value).to_string();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(&json);
    let unicode: String = value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let pointer = value.replace('~', "~0").replace('/', "~1");
    for text in [json.to_owned(), json.replace('/', "\\/"), unicode, pointer] {
        forms.push((text.into_bytes(), Form::Json));
    }
    forms.retain(|(text, form)| *form == Form::Plain || text != bytes);
    forms.sort();
    forms.dedup_by(|second, first| second.0 == first.0);
    forms
}

/// The forms in which something that was made of a secret is looked for: as it is, and within base64.
pub(super) fn made_forms(value: &str) -> Vec<(Vec<u8>, Form)> {
    let bytes = value.as_bytes();
    let mut forms = vec![(bytes.to_vec(), Form::Plain)];
    if bytes.len() >= TELLING_LENGTH {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.extend((0..3).map(|before| (base64_within(engine, bytes, before), Form::Base64)));
        }
    }
    forms.sort();
    forms.dedup_by(|second, first| second.0 == first.0);
    forms
}

/// The base64 digits that depend on these bytes alone when so many others (modulo 3) come before them.
fn base64_within(engine: &base64::engine::GeneralPurpose, bytes: &[u8], before: usize) -> Vec<u8> {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let digits = engine.encode(&padded).into_bytes();
    let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    digits.get(first..end).unwrap_or_default().to_vec()
}

/// Reads one escape at the start of a text: what it stands for, and its length.
pub(super) type Escape = fn(&[u8]) -> Option<(Unescaped, usize)>;

/// What an escape stands for.
pub(super) enum Unescaped {
    Byte(u8),
    Character(char),
}

pub(super) fn percent_escape(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text {
        [b'%', high, low, ..] => Some((Unescaped::Byte(u8::try_from(hex_digits(&[*high, *low])?).ok()?), 3)),
        _ => None,
    }
}

pub(super) fn json_escape(text: &[u8]) -> Option<(Unescaped, usize)> {
    let [b'\\', kind, ..] = text else { return None };
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text),
        _ => return None,
    };
    Some((Unescaped::Character(character), 2))
}

fn unicode_escape(text: &[u8]) -> Option<(Unescaped, usize)> {
    let first = hex_digits(text.get(2..6)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Unescaped::Character(character), 6));
    }
    let second = hex_digits(text.get(6..12)?.strip_prefix(b"\\u")?)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    let high = first.checked_sub(0xd800).filter(|high| *high < 0x400)?;
    char::from_u32(0x1_0000 + (high << 10) + low).map(|character| (Unescaped::Character(character), 12))
}

fn hex_digits(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
