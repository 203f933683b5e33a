//! Halves of surrogate pairs, which JSON can spell (`\ud83d`, RFC 8259 sections 7 and 8.2) and a text of ours can't hold.
//!
//! Each is kept as one character of plane 13, which Unicode leaves unassigned: U+D83D as U+DD83D. So it counts as one
//! character, differs from every other and from U+FFFD, and is spelt out again where a value is shown. What comes in as such
//! a character itself is kept apart by a mark in front.

use std::borrow::Cow;

/// How far a half is moved.
const SHIFT: u32 = 0xd_0000;
/// What stands in front of a character that came in as one of those that halves are kept as, or as the mark.
const MARK: char = '\u{dd7ff}';
/// The first byte, in UTF-8, of every character of plane 13 and its neighbours.
const LEAD: u8 = 0xf3;

/// The text of a JSON document as it can be read, and how to find the way back to places in it.
pub(super) struct Kept<'a> {
    pub(super) text: Cow<'a, str>,
    /// Per change: where it ends in the text, and how many bytes longer that was before.
    changes: Vec<(usize, isize)>,
}

/// Replaces what spells half a surrogate pair.
pub(super) fn keep(json: &str) -> Kept<'_> {
    let mut kept = Kept { text: Cow::Borrowed(json), changes: Vec::new() };
    let bytes = json.as_bytes();
    let (mut text, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'\\', LEAD, rest)) {
        at += found;
        let (length, character) = match (unit_at(bytes, at), unit_at(bytes, at.saturating_add(6))) {
            (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                (12, char::decode_utf16([high, low]).next().and_then(Result::ok))
            }
            (Some(unit), _) => (6, char::from_u32(u32::from(unit))),
            // An escape of two characters; the second of them may be a backslash.
            (None, _) if bytes.get(at) == Some(&b'\\') => (2, None),
            (None, _) => {
                let character = json.get(at..).and_then(|rest| rest.chars().next());
                (character.map_or(1, char::len_utf8), character)
            }
        };
        let half = match (unit_at(bytes, at), character) {
            (Some(half), None) => char::from_u32(SHIFT + u32::from(half)),
            _ => None,
        };
        if half.is_some() || character.is_some_and(is_kept) {
            text.push_str(json.get(copied..at).unwrap_or_default());
            text.push(half.unwrap_or(MARK));
            copied = if half.is_some() { at + length } else { at };
            let shorter = copied - at;
            kept.changes.push((text.len(), shorter as isize - MARK.len_utf8() as isize));
        }
        at += length;
    }
    if !kept.changes.is_empty() {
        text.push_str(json.get(copied..).unwrap_or_default());
        kept.text = Cow::Owned(text);
    }
    kept
}

impl Kept<'_> {
    /// A line and a column of the text as they were before.
    pub(super) fn place(&self, line: usize, column: usize) -> (usize, usize) {
        let before: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let here = before..before.saturating_add(column);
        let moved: isize = self.changes.iter().filter(|(end, _)| here.contains(end)).map(|(_, by)| by).sum();
        (line, column.saturating_add_signed(moved))
    }
}

/// The UTF-16 unit that an escape `\uXXXX` at this place stands for.
fn unit_at(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at.checked_add(6)?)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit: u16, byte| Some(unit << 4 | u16::try_from(char::from(*byte).to_digit(16)?).ok()?))
}

fn is_kept(character: char) -> bool {
    (u32::from(MARK)..SHIFT + 0xe000).contains(&u32::from(character))
}

/// JSON that was written from a value with halves in it, spelt as it came in.
pub fn spelt(json: &str) -> Cow<'_, str> {
    if memchr::memchr(LEAD, json.as_bytes()).is_none() || !json.contains(is_kept) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    let mut rest = json.chars();
    while let Some(character) = rest.next() {
        match character {
            MARK => text.extend(rest.next()),
            _ if is_kept(character) => text.push_str(&format!("\\u{:04x}", u32::from(character) - SHIFT)),
            _ => text.push(character),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn kept(json: &str) -> String {
        keep(json).text.into_owned()
    }

    #[test]
    fn half_a_pair_is_one_character_of_its_own() {
        assert_eq!(kept(r#""a\ud83db""#), "\"a\u{dd83d}b\"");
        assert_eq!(kept(r#""\uDE00\uD83D""#), "\"\u{dde00}\u{dd83d}\"");
        assert_eq!(kept(r#""\ud83d\ud83d\ude00""#), "\"\u{dd83d}\\ud83d\\ude00\"");
    }

    #[test]
    fn what_is_no_half_is_left_as_it_is() {
        for json in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\\\\ud83d""#,
            r#""\u00e9\n\"""#,
            r#""\ud83""#,
            "\"\u{e9}\"",
            "\\",
            "",
        ] {
            assert!(matches!(keep(json).text, Cow::Borrowed(same) if same == json), "{json}");
        }
        assert_eq!(kept(r#""\\\ud83d""#), "\"\\\\\u{dd83d}\"");
    }

    #[test]
    fn a_character_that_stands_for_a_half_is_not_taken_for_one() {
        assert_ne!(kept("\"\u{dd83d}\""), kept(r#""\ud83d""#));
        assert_eq!(kept(r#""\udb36\udc3d""#), "\"\u{dd7ff}\\udb36\\udc3d\"");
        assert_eq!(spelt(&kept("\"\u{dd83d}\u{dd7ff}\"")), "\"\u{dd83d}\u{dd7ff}\"");
    }

    #[test]
    fn a_place_is_told_as_it_was_before() {
        let kept = keep("[\"\\ud83d\",\n\"\\ud83d\u{dd83d}\", x]");
        assert_eq!(kept.place(1, 8), (1, 10));
        assert_eq!(kept.place(2, 17), (2, 15));
        assert_eq!(kept.place(2, 1), (2, 1));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "(\\\\u(d83d|DE00|0041|db36|dc3d)|\\\\\\\\|\\\\n|[a\u{e9}\u{dd83d}\u{dd7ff}\u{e0001}\u{1f600}]){0,12}") {
            let json = format!("\"{text}\"");
            let kept = kept(&json);
            let value: Value = serde_json::from_str(&kept).unwrap();
            let spelt = spelt(&value.to_string()).into_owned();
            let again: Value = serde_json::from_str(&keep(&spelt).text).unwrap();
            prop_assert_eq!(value, again);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\\\ud8deDE0-9a\"\u{dd83d}\u{e9}]{0,24}") {
            let kept = keep(&text);
            prop_assert_eq!(kept.place(1, 3).0, 1);
        }
    }
}
