//! The ways in which a value can be written, and how escapes are read.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

/// The least length, in bytes, at which coming back is no coincidence: shorter secrets are masked but not reported as
/// echoes, and are not looked for in the middle of other base64.
pub const TELLING_LENGTH: usize = 8;

/// How a secret was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// As it is.
    Plain,
    /// As it is, but for the case of letters.
    OtherCase,
    /// In base64, of either alphabet, alone or within something longer.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// With some or all characters percent-encoded, a space perhaps as `+`.
    Percent,
    /// With some or all characters escaped as JSON allows.
    Json,
    /// With some or all characters as entities of HTML.
    Html,
    /// In quoted-printable.
    QuotedPrintable,
    /// With line ends in it.
    Lines,
    /// In UTF-16.
    Utf16,
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "plain",
            Self::OtherCase => "in another letter case",
            Self::Base64 => "base64",
            Self::Hex => "hexadecimal",
            Self::Percent => "percent-encoded",
            Self::Json => "json-escaped",
            Self::Html => "html-escaped",
            Self::QuotedPrintable => "quoted-printable",
            Self::Lines => "broken into lines",
            Self::Utf16 => "utf-16",
        })
    }
}

/// The forms of a value that are one text each, but for the case of ASCII letters. The way in which a JSON pointer escapes it
/// is one of JSON's.
pub(super) fn fixed_forms(value: &str) -> Vec<(Vec<u8>, Form)> {
    let bytes = value.as_bytes();
    let mut forms = vec![(bytes.to_vec(), Form::Plain)];
    forms.extend([value.to_lowercase(), value.to_uppercase()].map(|text| (text.into_bytes(), Form::OtherCase)));
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
    forms.push((spell(&|byte| format!("{byte:02x}")).into_bytes(), Form::Hex));
    for between in [":", "-", " ", ", ", "\\x", " 0x", ", 0x", ",0x"] {
        let spaced = spell(&|byte| format!("{between}{byte:02x}"));
        forms.push((spaced.get(between.len()..).unwrap_or_default().as_bytes().to_vec(), Form::Hex));
    }
    // The usual escaped forms are also looked for as they are: a stray escape character in front of one would lead the
    // decoding astray.
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let percent = |byte: &u8, bare: bool| if bare { char::from(*byte).to_string() } else { format!("%{byte:02x}") };
    for text in [
        spell(&|byte| percent(byte, is_bare(byte))),
        spell(&|byte| percent(byte, byte.is_ascii_alphanumeric())),
        spell(&|byte| percent(byte, false)),
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
    forms.push((value.encode_utf16().flat_map(u16::to_le_bytes).collect(), Form::Utf16));
    forms.push((value.encode_utf16().flat_map(u16::to_be_bytes).collect(), Form::Utf16));
    distinct(forms, bytes)
}

/// Each text once, whatever its case; what is the value as it stands is plain.
fn distinct(mut forms: Vec<(Vec<u8>, Form)>, value: &[u8]) -> Vec<(Vec<u8>, Form)> {
    forms.retain(|(text, form)| !text.is_empty() && (*form == Form::Plain || !text.eq_ignore_ascii_case(value)));
    forms.sort_by_cached_key(|(text, form)| (text.to_ascii_lowercase(), *form));
    forms.dedup_by(|second, first| second.0.eq_ignore_ascii_case(&first.0));
    forms
}

/// The forms in which something that was made of a secret is looked for: as it is, and within base64.
pub(super) fn made_forms(value: &str) -> Vec<(Vec<u8>, Form)> {
    let bytes = value.as_bytes();
    let mut forms = vec![(bytes.to_vec(), Form::Plain)];
    forms.extend([value.to_lowercase(), value.to_uppercase()].map(|text| (text.into_bytes(), Form::OtherCase)));
    if bytes.len() >= TELLING_LENGTH {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.extend((0..3).map(|before| (base64_within(engine, bytes, before), Form::Base64)));
        }
    }
    distinct(forms, bytes)
}

/// The base64 digits that depend on these bytes alone when so many others (modulo 3) come before them.
fn base64_within(engine: &base64::engine::GeneralPurpose, bytes: &[u8], before: usize) -> Vec<u8> {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let digits = engine.encode(&padded).into_bytes();
    let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    digits.get(first..end).unwrap_or_default().to_vec()
}
