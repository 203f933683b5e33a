//! Lines of a head or of trailers that need not be right: each is read as leniently as can be, and what is wrong with it
//! is noted.
//!
//! Our own, since a parser that reads leniently doesn't tell what it has overlooked.

use super::super::irregularity::{Notes, WireRule, quoted};

/// Names (lower-case) and values, in order.
pub(super) type Fields = Vec<(String, String)>;

/// Minor version and status code of a status line of HTTP/1, without its end.
pub(super) fn status_line(line: &[u8], notes: &mut Notes) -> Option<(u8, u16)> {
    let wrong = || quoted("status line", line);
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let (minor, rest) = rest.split_first()?;
    let minor = minor.is_ascii_digit().then(|| minor - b'0')?;
    let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
    let (before, rest) = rest.split_at_checked(spaces)?;
    let (code, reason) = rest.split_at_checked(3)?;
    if before.is_empty() || !code.iter().all(u8::is_ascii_digit) || !reason.first().is_none_or(|byte| is_space(*byte)) {
        return None;
    }
    if before != b" " || reason.first() == Some(&b'\t') {
        notes.add(WireRule::StatusSpace, wrong);
    }
    if minor > 1 {
        notes.add(WireRule::Version, wrong);
    }
    if reason.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        notes.add(WireRule::ReasonPhrase, wrong);
    }
    Some((minor, code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))))
}

/// The fields of lines that end with an empty one.
pub(super) fn fields(lines: &[u8], notes: &mut Notes) -> Fields {
    let mut fields = Fields::new();
    // Whether a folded line belongs to the last field: one behind a line that was left out doesn't.
    let mut open = false;
    for (number, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.first().is_some_and(|byte| is_space(*byte)) {
            if number == 0 {
                notes.add(WireRule::SpaceBeforeField, || quoted("a line", line));
            } else {
                notes.add(WireRule::FoldedField, || quoted("a line", line));
            }
            if let (true, Some((_, value))) = (open, fields.last_mut()) {
                value.push(' ');
                value.push_str(&read_value(line, notes));
            }
            continue;
        }
        let field = field(line, notes);
        open = field.is_some();
        fields.extend(field);
    }
    fields
}

fn field(line: &[u8], notes: &mut Notes) -> Option<(String, String)> {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        notes.add(WireRule::FieldColon, || quoted("a line", line));
        return None;
    };
    let (name, value) = line.split_at_checked(colon)?;
    let trimmed = trim(name).0;
    if trimmed.is_empty() || !trimmed.iter().all(|byte| is_token(*byte)) {
        notes.add(WireRule::FieldName, || quoted("a line", line));
        return None;
    }
    if trimmed.len() < name.len() {
        notes.add(WireRule::SpaceBeforeColon, || quoted("a line", line));
    }
    let name = String::from_utf8_lossy(trimmed).to_ascii_lowercase();
    Some((name, read_value(value.get(1..)?, notes)))
}

/// A value without the white space around it; what recipients have to replace is replaced by a space.
fn read_value(value: &[u8], notes: &mut Notes) -> String {
    let value = trim(value).1;
    let with = |what: &str| quoted(what, value);
    let mut read = value.to_vec();
    for byte in &mut read {
        match byte {
            b'\r' => notes.add(WireRule::BareReturn, || with("a carriage return in the value")),
            0 => notes.add(WireRule::FieldNul, || with("a NUL in the value")),
            b'\t' => continue,
            byte if byte.is_ascii_control() => {
                notes.add(WireRule::FieldControl, || with("a control character in the value"));
                continue;
            }
            _ => continue,
        }
        *byte = b' ';
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// The text without the spaces behind it, and without those before it either.
fn trim(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    let text = text.get(..end).unwrap_or_default();
    let start = text.iter().position(|byte| !is_space(*byte)).unwrap_or(end);
    (text, text.get(start..).unwrap_or_default())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
