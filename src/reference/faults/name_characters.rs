//! Faults in the characters of `name`.

use super::fault::Fault;
use super::leniency::imagined;
use crate::reference::cause::FieldError;
use crate::reference::field::name_character;

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("name-space-accepted", "name.characters", "a space is accepted within a name").name_allows(' '),
        Fault::new("name-slash-accepted", "name.characters", "a slash is accepted within a name").name_allows('/'),
        Fault::new("name-colon-accepted", "name.characters", "a colon is accepted within a name").name_allows(':'),
        Fault::new("name-at-sign-accepted", "name.characters", "an at sign is accepted within a name").name_allows('@'),
        Fault::new("name-plus-accepted", "name.characters", "a plus is accepted within a name").name_allows('+'),
        Fault::new("name-asterisk-accepted", "name.characters", "an asterisk is accepted within a name")
            .name_allows('*'),
        Fault::new("name-percent-accepted", "name.characters", "a percent sign is accepted within a name")
            .name_allows('%'),
        Fault::new("name-backslash-accepted", "name.characters", "a backslash is accepted within a name")
            .name_allows('\\'),
        Fault::new("name-apostrophe-accepted", "name.characters", "an apostrophe is accepted within a name")
            .name_allows('\''),
        Fault::new("name-quotation-mark-accepted", "name.characters", "a quotation mark is accepted within a name")
            .name_allows('"'),
        Fault::new("name-less-than-accepted", "name.characters", "a less-than sign is accepted within a name")
            .name_allows('<'),
        Fault::new("name-comma-accepted", "name.characters", "a comma is accepted within a name").name_allows(','),
        Fault::new("name-semicolon-accepted", "name.characters", "a semicolon is accepted within a name")
            .name_allows(';'),
        Fault::new("name-tilde-accepted", "name.characters", "a tilde is accepted within a name").name_allows('~'),
        Fault::new("name-exclamation-accepted", "name.characters", "an exclamation mark is accepted within a name")
            .name_allows('!'),
        Fault::new("name-dollar-accepted", "name.characters", "a dollar sign is accepted within a name")
            .name_allows('$'),
        Fault::new("name-hash-accepted", "name.characters", "a hash is accepted within a name").name_allows('#'),
        Fault::new("name-ampersand-accepted", "name.characters", "an ampersand is accepted within a name")
            .name_allows('&'),
        Fault::new("name-parenthesis-accepted", "name.characters", "an opening parenthesis is accepted within a name")
            .name_allows('('),
        Fault::new("name-equals-accepted", "name.characters", "an equals sign is accepted within a name")
            .name_allows('='),
        Fault::new("name-question-mark-accepted", "name.characters", "a question mark is accepted within a name")
            .name_allows('?'),
        Fault::new("name-bracket-accepted", "name.characters", "an opening bracket is accepted within a name")
            .name_allows('['),
        Fault::new("name-caret-accepted", "name.characters", "a caret is accepted within a name").name_allows('^'),
        Fault::new("name-backtick-accepted", "name.characters", "a backtick is accepted within a name")
            .name_allows('`'),
        Fault::new("name-brace-accepted", "name.characters", "an opening brace is accepted within a name")
            .name_allows('{'),
        Fault::new("name-bar-accepted", "name.characters", "a vertical bar is accepted within a name").name_allows('|'),
        Fault::new("name-vertical-tab-accepted", "name.characters", "a vertical tab is accepted within a name")
            .name_allows('\u{b}'),
        Fault::new("name-nul-accepted", "name.characters", "NUL is accepted within a name").name_allows('\0'),
        Fault::new("name-tab-accepted", "name.characters", "a tab is accepted within a name").name_allows('\t'),
        Fault::new("name-newline-accepted", "name.characters", "a newline is accepted within a name").name_allows('\n'),
        Fault::new("name-return-accepted", "name.characters", "a carriage return is accepted within a name")
            .name_allows('\r'),
        Fault::new("name-escape-accepted", "name.characters", "the escape control is accepted within a name")
            .name_allows('\u{1b}'),
        Fault::new("name-del-accepted", "name.characters", "DEL is accepted within a name").name_allows('\u{7f}'),
        Fault::new("name-arabic-digit-accepted", "name.characters", "an Arabic-Indic digit is accepted within a name")
            .name_allows('\u{663}'),
        Fault::new("name-no-break-space-accepted", "name.characters", "a no-break space is accepted within a name")
            .name_allows('\u{a0}'),
        Fault::new("name-zero-width-accepted", "name.characters", "a zero-width space is accepted within a name")
            .name_allows('\u{200b}'),
        Fault::new("name-emoji-accepted", "name.characters", "an emoji is accepted within a name")
            .name_allows('\u{1f600}'),
        Fault::new("name-dash-accepted", "name.characters", "an en dash is accepted within a name")
            .name_allows('\u{2013}'),
        Fault::new("name-newline-at-end", "name.characters", "a newline is accepted at the end of a name only")
            .field("name", |f| f.excused = |name| name.strip_suffix('\n').is_some_and(is_fine)),
        Fault::new("name-space-at-end", "name.characters", "a space is accepted at the end of a name only")
            .field("name", |f| f.excused = |name| name.strip_suffix(' ').is_some_and(is_fine)),
        Fault::new("name-nul-at-end", "name.characters", "NUL is accepted at the end of a name only")
            .field("name", |f| f.excused = |name| name.strip_suffix('\0').is_some_and(is_fine)),
        Fault::new("name-return-at-end", "name.characters", "a carriage return is accepted at the end of a name only")
            .field("name", |f| f.excused = |name| name.strip_suffix('\r').is_some_and(is_fine)),
        Fault::new("name-space-in-front", "name.first-character", "a space is accepted in front of a name only")
            .field("name", |f| f.excused = |name| name.strip_prefix(' ').is_some_and(is_fine)),
        Fault::new("name-trimmed", "name.characters", "white space around a name is cut off and the rest accepted")
            .field("name", |f| f.tidy = |name| name.trim().to_owned()),
        Fault::new("name-trimmed-at-end", "name.characters", "white space after a name is cut off")
            .field("name", |f| f.tidy = |name| name.trim_end().to_owned()),
        Fault::new("name-cleaned", "name.characters", "characters that are not allowed are left out")
            .field("name", |f| f.tidy = |name| name.chars().filter(|c| name_character(*c)).collect()),
        Fault::new("name-spaces-to-hyphens", "name.characters", "spaces within a name become hyphens")
            .field("name", |f| f.tidy = |name| name.replace(' ', "-")),
        Fault::new("name-characters-unchecked", "name.characters", "any character is accepted within a name")
            .field("name", |f| f.inside = |_| true),
        Fault::new("name-ascii-unchecked", "name.characters", "any printable ASCII character is accepted")
            .field("name", |f| f.inside = |c| name_character(c) || c.is_ascii_graphic()),
        Fault::new("name-controls-unchecked", "name.characters", "any control is accepted within a name")
            .field("name", |f| f.inside = |c| name_character(c) || c.is_control()),
        Fault::new("name-last-unchecked", "name.characters", "the last character of a name may be anything").field(
            "name",
            |f| {
                f.excused = |name| {
                    let mut front = name.chars();
                    front.next_back().is_some() && is_fine(front.as_str())
                };
            },
        ),
        Fault::new("name-middle-unchecked", "name.characters", "only the ends of a name are looked at").field(
            "name",
            |f| {
                f.excused = |name| {
                    let ends = name.chars().next().zip(name.chars().next_back());
                    name.len() <= 128
                        && name != "default"
                        && ends.is_some_and(|(first, last)| first.is_ascii_alphanumeric() && name_character(last))
                };
            },
        ),
        Fault::new("name-first-line-only", "name.characters", "only the first line of a name is looked at")
            .field("name", |f| f.excused = |name| name.split_once('\n').is_some_and(|(line, _)| is_fine(line))),
        Fault::new("name-cut-at-nul", "name.characters", "a name ends at its first NUL").field("name", |f| {
            f.tidy = |name| match name.split_once('\0') {
                Some((front, _)) => front.to_owned(),
                None => name,
            };
        }),
        Fault::new("name-characters-500", "status.no-server-error", "a name beyond ASCII is answered 500").refused(
            |r, m| {
                let wrong = m.is_field("name", FieldError::Characters);
                if wrong && m.request.text("name").is_some_and(|name| !name.is_ascii()) {
                    r.refuse_as(500);
                }
            },
        ),
        Fault::new("name-quote-500", "status.no-server-error", "an apostrophe in a name is answered 500").refused(
            |r, m| {
                let wrong = m.is_field("name", FieldError::Characters);
                if wrong && m.request.text("name").is_some_and(|name| name.contains('\'')) {
                    r.refuse_as(500);
                }
            },
        ),
        Fault::new("name-nul-500", "status.no-server-error", "a NUL in a name is answered 500").refused(|r, m| {
            let wrong = m.is_field("name", FieldError::Characters);
            if wrong && m.request.text("name").is_some_and(|name| name.contains('\0')) {
                r.refuse_as(500);
            }
        }),
        Fault::new("name-period-refused", "name.characters", "a period within a name is refused").name_forbids('.'),
        Fault::new("name-underscore-refused", "name.characters", "an underscore within a name is refused")
            .name_forbids('_'),
        Fault::new("name-hyphen-refused", "name.characters", "a hyphen within a name is refused").name_forbids('-'),
        Fault::new("name-capital-refused", "name.characters", "a capital within a name is refused")
            .field("name", |f| f.inside = |c| name_character(c) && !c.is_ascii_uppercase()),
        Fault::new("name-digit-refused", "name.characters", "a digit within a name is refused")
            .field("name", |f| f.inside = |c| name_character(c) && !c.is_ascii_digit()),
        Fault::new("name-capital-z-refused", "name.characters", "the letter Z within a name is refused")
            .name_forbids('Z'),
        Fault::new("name-nine-refused", "name.characters", "the digit 9 within a name is refused").name_forbids('9'),
        Fault::new("name-zero-refused", "name.characters", "the digit 0 within a name is refused").name_forbids('0'),
        Fault::new("name-capital-a-refused", "name.characters", "the letter A within a name is refused")
            .name_forbids('A'),
        Fault::new("name-period-last-refused", "name.characters", "a period at the end of a name is refused")
            .field("name", |f| f.disliked = |name| name.ends_with('.')),
        Fault::new("name-hyphen-last-refused", "name.characters", "a hyphen at the end of a name is refused")
            .field("name", |f| f.disliked = |name| name.ends_with('-')),
        Fault::new("name-underscore-last-refused", "name.characters", "an underscore at the end of a name is refused")
            .field("name", |f| f.disliked = |name| name.ends_with('_')),
        Fault::new("name-signs-in-a-row-refused", "name.characters", "two signs in a row are refused").field(
            "name",
            |f| {
                f.disliked = |name| name.as_bytes().windows(2).any(|pair| pair.iter().all(|byte| b"._-".contains(byte)))
            },
        ),
        Fault::new("name-digits-only-refused", "name.characters", "a name of digits only is refused")
            .field("name", |f| f.disliked = |name| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_digit())),
        Fault::new("name-second-unchecked", "name.characters", "the second character of a name may be any")
            .field("name", |f| f.excused = |name| is_fine_without(name, 1)),
        Fault::new("name-last-but-one-unchecked", "name.characters", "the last character but one may be any")
            .field("name", |f| {
                f.excused = |name| name.chars().count() > 2 && is_fine_without(name, name.chars().count() - 2)
            }),
        Fault::new("name-only-16-checked", "name.characters", "what follows the sixteenth character is unchecked")
            .field("name", |f| {
                f.excused = |name| {
                    let start: String = name.chars().take(16).collect();
                    name.chars().count() <= 128 && is_fine(&start)
                };
            }),
        Fault::new("name-sql-refused", "name.characters", "a firewall refuses names that hold words of SQL")
            .field("name", |f| f.disliked = |name| name.contains("select") || name.contains("drop")),
        Fault::new("name-trimmed-beyond-ascii", "name.characters", "white space beyond ASCII around a name is cut off")
            .field("name", |f| {
                f.tidy = |name| name.trim_matches(|c: char| !c.is_ascii() && c.is_whitespace()).to_owned()
            }),
        Fault::new("name-joiner-in-front", "name.first-character", "a word joiner is accepted in front of a name only")
            .field("name", |f| f.excused = |name| name.strip_prefix('\u{2060}').is_some_and(is_fine)),
        Fault::new(
            "name-byte-order-mark-cut",
            "name.first-character",
            "a byte order mark in front of a name is cut off",
        )
        .field("name", |f| f.tidy = |name| name.trim_start_matches('\u{feff}').to_owned()),
        Fault::new(
            "name-zero-width-at-end",
            "name.characters",
            "a zero-width space is accepted at the end of a name only",
        )
        .field("name", |f| f.excused = |name| name.strip_suffix('\u{200b}').is_some_and(is_fine)),
        Fault::new("name-paragraph-accepted", "name.characters", "a paragraph separator is accepted within a name")
            .name_allows('\u{2029}'),
        Fault::new("name-word-joiner-accepted", "name.characters", "a word joiner is accepted within a name")
            .name_allows('\u{2060}'),
        Fault::new("refusal-remembered", "name.characters", "what was refused is accepted when it comes again")
            .refused_if(
                |m| m.is_field("name", FieldError::Characters),
                |r, m| {
                    if m.past.refused.is_some() && m.past.members == m.request.members() {
                        r.status = 200;
                        r.json = imagined(m);
                    }
                },
            ),
    ]
}

/// Whether a text is a name by the documentation.
fn is_fine(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name != "default"
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(name_character)
}

/// Whether a text is a name but for the character at that place.
fn is_fine_without(name: &str, place: usize) -> bool {
    let rest: String = name.chars().enumerate().filter(|(at, _)| *at != place).map(|(_, c)| c).collect();
    name.chars().count() <= 128 && is_fine(&rest)
}
