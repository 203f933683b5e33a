//! Texts that look alike and aren't the same: in what they differ, by code points.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_security::skeleton;

use super::{deceives, printable};

/// The longest texts that are compared, in bytes.
const LONGEST: usize = 4_000;
/// How many differences are told.
const TOLD: usize = 3;
/// How many code points of each are named.
const NAMED: usize = 8;

/// In what the observed text differs from the expected one where nobody sees it: `é (U+0065 U+0301) where é (U+00E9)`. None
/// where they are the same, or where it can be seen.
pub fn hidden_difference(expected: &str, observed: &str) -> Option<String> {
    if expected == observed || expected.len().max(observed.len()) > LONGEST || !are_alike(expected, observed) {
        return None;
    }
    let [expected, observed] = [expected, observed].map(|text| text.chars().collect::<Vec<char>>());
    let mut hidden = Vec::new();
    for difference in capture_diff_slices(Algorithm::Myers, &expected, &observed) {
        let (tag, old, new) = difference.as_tag_tuple();
        let (old, new) = (expected.get(old).unwrap_or_default(), observed.get(new).unwrap_or_default());
        if tag != DiffTag::Equal && old.iter().chain(new).any(|character| !character.is_ascii_graphic()) {
            hidden.push(format!("{} where {}", spelt(new), spelt(old)));
        }
    }
    let more = hidden.len().saturating_sub(TOLD);
    hidden.truncate(TOLD);
    match (hidden.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(hidden.join(", ")),
        (false, more) => Some(format!("{}, and {more} more", hidden.join(", "))),
    }
}

/// Whether the eye makes the same of two texts: it can't tell some characters apart (UTS 39), sees nothing of what is
/// invisible, and one blank of many, for so HTML has it.
fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (visible(one), visible(other));
    // Nearly always the first letters tell two texts apart.
    let letters = |text| skeleton(text).filter(|character| !character.is_ascii_whitespace());
    letters(&one).eq(letters(&other)) && seen(&one) == seen(&other)
}

fn visible(text: &str) -> String {
    let blank = |character: char| if character.is_whitespace() { ' ' } else { character };
    let is_seen = |character: &char| *character == ' ' || !deceives(*character);
    text.chars().filter(|character| *character != '\r').map(blank).filter(is_seen).collect()
}

fn seen(visible: &str) -> String {
    let alike: String = skeleton(visible).collect();
    alike.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with its code points; without the text where that can't be seen.
fn spelt(text: &[char]) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut codes: Vec<String> =
        text.iter().take(NAMED).map(|character| format!("U+{:04X}", *character as u32)).collect();
    if text.len() > NAMED {
        codes.push("…".to_owned());
    }
    let codes = codes.join(" ");
    let shown: String = text.iter().collect();
    match text.iter().all(|character| character.is_whitespace() || deceives(*character)) {
        true => codes,
        false => format!("{} ({codes})", printable(&shown)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_told_apart_by_their_code_points() {
        for (expected, observed, told) in [
            ("caf\u{e9}", "cafe\u{301}", "e\u{301} (U+0065 U+0301) where \u{e9} (U+00E9)"),
            ("a b", "a\u{a0}b", "U+00A0 where U+0020"),
            ("a b", "a\u{2003}b", "U+2003 where U+0020"),
            ("paypal", "p\u{430}ypal", "\u{430} (U+0430) where a (U+0061)"),
            ("-1", "\u{2212}1", "\u{2212} (U+2212) where - (U+002D)"),
            ("ab", "a\u{200b}b", "U+200B where nothing"),
            ("ab", "ab ", "U+0020 where nothing"),
            ("ab", "a\u{feff}b", "U+FEFF where nothing"),
            ("a b", "a  b", "U+0020 where nothing"),
            ("a\nb", "a\r\nb", "U+000D where nothing"),
            (
                "a b c d e",
                "a\u{a0}b\u{a0}c\u{a0}d\u{a0}e",
                "U+00A0 where U+0020, U+00A0 where U+0020, U+00A0 where U+0020, and 1 more",
            ),
        ] {
            assert_eq!(hidden_difference(expected, observed).as_deref(), Some(told), "{expected:?} {observed:?}");
            assert!(hidden_difference(observed, expected).is_some(), "{observed:?} {expected:?}");
        }
    }

    #[test]
    fn what_can_be_seen_is_not_told() {
        for (expected, observed) in
            [("a", "a"), ("a", "b"), ("\u{e9}", "e"), ("", "x"), ("l", "1"), ("rn", "m"), ("400", "200")]
        {
            assert_eq!(hidden_difference(expected, observed), None, "{expected} {observed}");
        }
        assert_eq!(hidden_difference(&"a".repeat(LONGEST), &format!("{}\u{a0}", "a".repeat(LONGEST))), None);
    }
}
