//! Turning hostile text into printable text.
//!
//! Owns which characters may reach a terminal or a report as they are. Knows nothing of the formats that text ends up in:
//! HTML, XML and CI logs have escapes of their own besides.

mod lookalike;

use std::borrow::Cow;

pub use lookalike::hidden_difference;

/// The text with everything escaped that a terminal or a reader could be deceived by: control characters (also tab and
/// line breaks), bidirectional controls, invisible characters and line separators, as Rust spells them (`\n`, `\u{202e}`).
/// A backslash stays as it is, so that text without such characters costs nothing.
pub fn printable(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(deceives) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(first);
    let mut printable = String::with_capacity(text.len() + 16);
    printable.push_str(clean);
    for character in rest.chars() {
        match character {
            '\n' => printable.push_str("\\n"),
            '\r' => printable.push_str("\\r"),
            '\t' => printable.push_str("\\t"),
            _ if deceives(character) => printable.extend(character.escape_unicode()),
            _ => printable.push(character),
        }
    }
    Cow::Owned(printable)
}

/// At most `max` characters of the text; where something is left out, the last of them is `…`.
pub fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max || text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let Some(kept) = max.checked_sub(1) else { return Cow::Borrowed("") };
    let mut short: String = text.chars().take(kept).collect();
    short.push('…');
    Cow::Owned(short)
}

/// Whether a character is invisible, moves the cursor, or changes how its neighbours are shown.
fn deceives(character: char) -> bool {
    match character {
        ' '..='~' => false,
        _ if character.is_control() => true,
        '\u{ad}' // soft hyphen
        | '\u{34f}' // combining grapheme joiner
        | '\u{61c}' // Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' // invisible Khmer vowels
        | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
        | '\u{200b}'..='\u{200f}' // zero width, directional marks
        | '\u{2028}'..='\u{202e}' // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}' // word joiner, isolates, deprecated controls
        | '\u{fe00}'..='\u{fe0f}' // variation selectors
        | '\u{feff}' // byte order mark
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' // specials, noncharacters
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' // shorthand and musical controls
        | '\u{e0000}'..='\u{e0fff}' => true, // tags, more selectors
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_of_any_language_is_left_alone() {
        for text in ["", "a name", "C:\\dir", "naïve", "日本語", "שלום", "🙂"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_moves_the_cursor_or_turns_the_text_is_spelt_out() {
        assert_eq!(printable("a\u{1b}[31mred"), "a\\u{1b}[31mred");
        assert_eq!(printable("a\r\nb\tc\0"), "a\\r\\nb\\tc\\u{0}");
        assert_eq!(printable("x\u{202e}cod.exe"), "x\\u{202e}cod.exe");
        assert_eq!(printable("a\u{200b}b\u{feff}\u{2066}\u{61c}"), "a\\u{200b}b\\u{feff}\\u{2066}\\u{61c}");
        assert_eq!(printable("\u{9b}2J\u{85}\u{2028}"), "\\u{9b}2J\\u{85}\\u{2028}");
    }

    #[test]
    fn text_is_shortened_by_characters_and_says_so() {
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
        assert_eq!(shorten("abc", 1), "…");
        assert_eq!(shorten("abc", 0), "");
    }

    proptest! {
        #[test]
        fn nothing_that_deceives_is_left_and_a_second_pass_changes_nothing(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert!(!once.contains(deceives));
            prop_assert_eq!(printable(&once), once.as_str());
        }

        #[test]
        fn a_shortened_text_keeps_to_the_limit_and_is_a_prefix(text in any::<String>(), max in 0usize..40) {
            let short = shorten(&text, max);
            prop_assert!(short.chars().count() <= max);
            let kept = short.strip_suffix('…').unwrap_or(&short);
            prop_assert!(text.starts_with(kept));
        }
    }
}
