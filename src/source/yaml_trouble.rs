//! What keeps a text from being a YAML document, in words of ours: a message and, where one helps, the next step.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use super::limits::Limits;

/// What the scanner says, in part, with our words for it and what helps. The first row that fits counts.
const SCANNED: &[(&str, &str, &str)] = &[
    ("unclosed bracket '['", "a `[` that is never closed", ""),
    ("unclosed bracket '{'", "a `{` that is never closed", ""),
    ("mismatched bracket", "a bracket that is closed by one of another kind", ""),
    ("misplaced bracket", "a bracket that closes nothing", ""),
    ("unclosed quote", "a quotation mark that is never closed", ""),
    ("tab", "a tab where YAML takes spaces only", "indent with spaces"),
    (
        "invalid trailing content after",
        "text behind a quoted text",
        "write a quote within single quotes twice: `'it''s'`",
    ),
    ("invalid indentation", "a line that is indented less than what it belongs to", ""),
    ("wrongly indented line in block scalar", "a line that is indented less than its text", ""),
    (
        "mapping values are not allowed",
        "a `:` that begins no value here",
        "quote a text in which a space follows a `:`",
    ),
    ("illegal placement of ':'", "a `:` that begins no value here", "close the list or map before it"),
    ("mapping keys are not allowed", "a `?` that begins no key here", "quote the text"),
    (
        "block sequence entries are not allowed",
        "a `-` that begins no item here",
        "begin it on a line of its own, or quote the text",
    ),
    ("plain scalar cannot start with '-'", "a `-` that begins no text", "quote the text"),
    ("expected ',' or", "an item that no `,` parts from the one before it, or no bracket closes", ""),
    (
        "did not find expected '-' indicator",
        "a line that is no item of the list that it is in",
        "indent it as the items before it, or as what is within one",
    ),
    ("did not find expected key", "a line that is no key of the map that it is in", "indent it as the keys before it"),
    ("simple key", "a key without a `:` on its line", "quote a text of several lines, or begin it with `|`"),
    ("did not find expected node content", "a value that is missing", ""),
    (
        "while parsing a quoted scalar",
        "an escape that YAML doesn't have",
        "in single quotes a `\\` is a character like others",
    ),
    ("unexpected document indicator", "a `---` within a quoted text", "indent it"),
    ("block scalar", "a text that begins with `|` or `>` and other signs than it may", "begin its first line below"),
    ("anchor", "an anchor or an alias without a name", "quote a text that begins with `&` or `*`"),
    ("tag", "a tag that is none", "quote a text that begins with `!`"),
    ("the handle wasn't declared", "a tag that is none", "quote a text that begins with `!`"),
    ("directive", "a line with `%` that is no directive", "quote a text that begins with `%`"),
    ("BOM", "a byte order mark within the text", "take it out"),
    ("comment", "a comment without a space before it", "quote a text with a `#` in it"),
    ("unexpected EOF", "a list or a map that isn't whole", ""),
    (
        "unexpected character: `\\",
        "a control character",
        "write it as an escape in double quotes, such as `\"\\u0001\"`",
    ),
    ("unexpected character:", "a character that begins no text in YAML", "quote the text"),
    ("recursion limit exceeded", "this nests deeper than what is read", ""),
];

/// What is wrong, and what helps.
pub(super) fn words(error: &Error, limits: &Limits) -> (String, Option<String>) {
    let Limits { depth, values, aliases, .. } = limits;
    let plain = |message: &str| (message.to_owned(), None);
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => words(error, limits),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => {
                plain(&format!("this nests more than {depth} levels deep, the most that is read"))
            }
            BudgetBreach::Documents { .. } => (
                "a second document begins here".to_owned(),
                Some("a file is one document: take the `---` out".to_owned()),
            ),
            BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. } => {
                plain(&format!("more than {aliases} anchors or aliases, the most that are read"))
            }
            _ => (
                format!("the file has more than {values} values, the most that are read"),
                Some("split the file, or make rows with `range`".to_owned()),
            ),
        },
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => plain(&format!(
            "with its aliases written out, the file has more than {values} values, the most that are read"
        )),
        Error::AliasReplayStackDepthExceeded { .. } => plain("aliases that lead to aliases too often"),
        Error::RecursiveReferencesRequireWeakTypes { .. } => plain("an alias within the value that it stands for"),
        Error::UnknownAnchor { .. } => (
            "an alias without an anchor of its name before it".to_owned(),
            Some("quote a text that begins with `*`".to_owned()),
        ),
        Error::MultipleDocuments { .. } => plain("a second document begins here"),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => plain("`<<` takes a map, or a list of maps"),
        Error::InvalidBinaryBase64 { .. } | Error::BinaryNotUtf8 { .. } => {
            ("a `!!binary` value that is no text in base64".to_owned(), Some("give bytes with `raw`".to_owned()))
        }
        Error::NullIntoString { .. } => ("a key that is null".to_owned(), Some("quote it".to_owned())),
        Error::InvalidScalar { .. } => plain("a value that isn't what its tag says"),
        Error::Unexpected { expected, .. } if expected.contains("string scalar") => {
            plain("a key that is a list or a map")
        }
        Error::Eof { .. } => plain("the file ends before its document does"),
        error => scanned(&error.without_snippet().to_string()),
    }
}

/// The words for what the scanner says.
fn scanned(text: &str) -> (String, Option<String>) {
    let known = SCANNED.iter().find(|(said, _, _)| text.contains(said));
    match known {
        Some((_, message, hint)) => ((*message).to_owned(), (!hint.is_empty()).then(|| (*hint).to_owned())),
        None => (
            "this is no YAML".to_owned(),
            Some("look at indentation, brackets and quotation marks around here".to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::source::{SourceFile, parse};

    /// What nobody could read, each with what is said of it.
    const BAD: &[&str] = &[
        "a: [b, c",
        "a: { b: c",
        "a: [b}",
        "a: \"b",
        "a:\n\t- b",
        "a: 'it's'",
        "a: b: c",
        "[a, b\nc: d",
        "a: ? b",
        "a: b - c\n d: e",
        "a: - b",
        "a: [b c: d e, f: g",
        "a:\n  - b\n c",
        "a: 1\n- b",
        "a: |\nb",
        "a: >2\n b",
        "a: |x\n b",
        "a: \"\\q\"",
        "a: \"\\xZZ\"",
        "a: *nothing",
        "a: *",
        "a: & b",
        "a: &b [*b]",
        "a: !!binary x",
        "a: !!int x",
        "a: !<x",
        "a: !x!y z",
        "%FOO\n",
        "a: 1\n%FOO",
        "a: 1\n---\nb: 1",
        "a: 1\n...\nb: 1",
        "? [a]\n: b",
        "null: a",
        "- <<: 5",
        "a: @b",
        "a: `b`",
        "a: \u{1}",
        "a: \"b\"#c",
        "a: [,]",
        "a:\n   b: 1\n  c: 2",
        "'a\n---\nb'",
    ];

    #[test]
    fn what_is_no_yaml_is_told_in_words_of_ours() {
        let mut told = String::new();
        for text in BAD {
            match parse(&SourceFile::new("a.yaml", *text)) {
                Ok(_) => writeln!(told, "{text:?}\n    is YAML").unwrap(),
                Err(wrong) => {
                    let wrong = wrong.to_string();
                    let said = wrong.lines().filter(|line| line.starts_with("error:") || line.contains("help:"));
                    let said: Vec<&str> = said.map(|line| line.trim().trim_start_matches("= ")).collect();
                    writeln!(told, "{text:?}\n    {}", said.join("\n    ")).unwrap();
                }
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn a_limit_is_told_with_its_number() {
        for (text, said) in [
            (format!("a: [{}]", "1,".repeat(100_001)), "the file has more than 100000 values, the most that are read"),
            (format!("a: {}1{}", "[".repeat(41), "]".repeat(41)), "this nests"),
            (format!("a: [&a 1, {}]", "*a, ".repeat(300)), "more than 200 anchors or aliases, the most that are read"),
            (
                format!("a: &a [{}]\nb: [{}]", "1, ".repeat(1_000), "*a, ".repeat(150)),
                "the file has more than 100000 values, the most that are read",
            ),
        ] {
            let told = parse(&SourceFile::new("a.yaml", text)).unwrap_err().to_string();
            assert!(told.contains(said), "{told:.300}");
        }
    }
}
