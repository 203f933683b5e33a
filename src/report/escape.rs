//! Escaping, for every format: what keeps text from being taken for markup, for a control of a terminal, or for a command
//! to a CI server whose log it may end up in. HTML alone is escaped by its template engine.

use std::borrow::Cow;

use crate::text::{printable, shorten};

/// One printable line in which no CI server sees a command: `::error::` at its start, after any white space, and
/// `##[error]`, `##vso[` or `##teamcity[` anywhere have their first character spelt out.
pub fn line(text: &str) -> String {
    let mut line = fragment(text);
    let start = line.len() - line.trim_start().len();
    if line.get(start..).is_some_and(|rest| rest.starts_with("::")) {
        line.replace_range(start..=start, "\\u{3a}");
    }
    line
}

/// At most `max` characters of a text as one such line.
pub(super) fn short(text: &str, max: usize) -> String {
    line(&shorten(text, max))
}

/// The text as one such line. Of one with more characters than fit, the middle is left out, and it says how many these are.
pub(super) fn fitted(text: &str, max: usize) -> String {
    let text = line(text);
    let count = text.chars().count();
    if count <= max {
        return text;
    }
    let gap = |left_out: usize| format!(" …{left_out} more… ");
    let kept = max.saturating_sub(gap(count).chars().count());
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let mut fitted: String = text.chars().take(head).collect();
    fitted.push_str(&gap(count - kept));
    fitted.extend(text.chars().skip(count - tail));
    fitted
}

/// A printable part of a line, without the commands that count anywhere in it.
pub(super) fn fragment(text: &str) -> String {
    without_inner_commands(printable(text).into_owned())
}

fn without_inner_commands(mut text: String) -> String {
    for command in ["##[", "##vso[", "##teamcity["] {
        if text.contains(command) {
            text = text.replace(command, &command.replacen('#', "\\u{23}", 1));
        }
    }
    text
}

/// The text without what XML 1.0 can't hold: most controls, and the noncharacters U+FFFE and U+FFFF.
pub(super) fn xml(text: &str) -> String {
    let holds = |character: &char| matches!(character, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|character| if holds(&character) { character } else { '\u{fffd}' }).collect()
}

/// The message of a GitHub command, at most `max` characters of it: line breaks stay.
pub(super) fn github_message(text: &str, max: usize) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(printable).collect();
    let text = without_inner_commands(shorten(&lines.join("\n"), max).into_owned());
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a GitHub command, at most `max` characters of it.
pub(super) fn github_property(text: &str, max: usize) -> String {
    github_message(&printable(&shorten(text, max)), usize::MAX).replace(':', "%3A").replace(',', "%2C")
}

/// How many characters of a title, a statement or a value Markdown shows.
const MARKDOWN: usize = 400;

/// Text in a Markdown code span. A pipe would end a table's cell even there: what stands in tables so has none.
pub(super) fn markdown_code(text: &str) -> String {
    let text = short(text, MARKDOWN);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.is_empty() || text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines in a fenced Markdown block, whose fence is longer than any run of backticks in it; nothing for no lines.
pub(super) fn markdown_fence(language: &str, lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = lines.into_iter().map(|text| line(&text)).collect();
    let Some(longest) = lines.iter().map(|line| longest_run(line)).max() else { return String::new() };
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n\n", lines.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Text as Markdown's running text: nothing in it is markup, a link, a mention, a reference or a formula.
pub(super) fn markdown(text: &str) -> String {
    markdown_escaped(text, MARKDOWN, "\\`*_{}[]()!|~^=+-.\"'#")
}

/// At most `max` characters of text within a line of HTML in Markdown, where Markdown's own escapes would show.
pub(super) fn markdown_html(text: &str, max: usize) -> String {
    markdown_escaped(text, max, "")
}

/// Text in which nothing is HTML, a link, a mention, a reference or a formula; a backslash goes in front of `markup`.
fn markdown_escaped(text: &str, max: usize, markup: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in printable(&shorten(text, max)).chars() {
        if markup.contains(character) {
            escaped.push('\\');
        }
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // As entities these don't link, mention or begin an emoji or a formula.
            ':' => escaped.push_str("&#58;"),
            '$' => escaped.push_str("&#36;"),
            // A mention or reference is looked for after entities are resolved: an empty comment parts it.
            '@' => escaped.push_str("@<!-- -->"),
            '#' => escaped.push_str("#<!-- -->"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sample::{HOSTILE, commands};

    #[test]
    fn a_code_span_outlasts_the_backticks_in_it() {
        assert_eq!(markdown_code("a"), "`a`");
        assert_eq!(markdown_code("a``b`c"), "```a``b`c```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(markdown_code("::error::x"), "`\\u{3a}:error::x`");
    }

    #[test]
    fn running_text_has_no_markup_left() {
        let text = markdown(HOSTILE);
        assert!(
            !text.contains(['\n', '<', '>']) || text.replace("<!-- -->", "").find(['\n', '<', '>']).is_none(),
            "{text}"
        );
        assert_eq!(markdown("*a* [b](c) @me x|y"), "\\*a\\* \\[b\\]\\(c\\) @<!-- -->me x\\|y");
    }

    #[test]
    fn of_a_long_text_the_middle_is_left_out_and_counted() {
        assert_eq!(fitted("abc", 3), "abc");
        assert_eq!(fitted(&format!("{}z", "a".repeat(99)), 24), "aaaaaa …88 more… aaaaaz");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_fitted_line_is_no_command_and_keeps_to_the_limit(text in "(\\PC|\n::error::|##\\[|##vso\\[|\r| ){0,60}", max in 20usize..80) {
            let fitted = fitted(&text, max);
            prop_assert!(fitted.chars().count() <= max, "{}", fitted);
            prop_assert_eq!(commands(&fitted), Vec::<&str>::new());
        }
        #[test]
        fn a_line_is_no_command_and_printable(text in "(\\PC|[\u{0}-\u{9f}]|\n::error::|##\\[|%0A|##vso\\[|\r| ){0,30}") {
            let line = line(&text);
            prop_assert_eq!(commands(&line), Vec::<&str>::new());
            prop_assert_eq!(printable(&line), line.as_str());
        }
    }
}
