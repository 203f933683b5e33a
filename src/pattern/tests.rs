use proptest::prelude::*;

use super::*;

fn matches(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).is_match(text).unwrap()
}

#[test]
fn patterns_mean_what_ecma_262_says() {
    for (pattern, yes, no) in [
        // Anywhere in the text.
        ("b", &["abc", "b"][..], &["ac", "B", ""][..]),
        ("^b$", &["b"], &["b\n", "\nb", "ab"]),
        ("", &["", "x"], &[]),
        // Classes.
        (r"^\d$", &["7"], &["\u{663}", "x"]),
        (r"^\D$", &["\u{663}", "x"], &["7"]),
        (r"^\w$", &["a", "Z", "_", "0"], &["é", "ß", "-", "\u{663}"]),
        (r"^\W$", &["é", "-"], &["a", "_"]),
        (r"^\s$", &[" ", "\t", "\u{a0}", "\u{feff}", "\u{2029}", "\u{3000}"], &["\u{85}", "\u{180e}", "x", "\u{200b}"]),
        (r"^\S$", &["\u{85}", "x"], &[" ", "\u{feff}"]),
        (r"^[\d\-x]+$", &["1-x"], &["\u{663}", "y"]),
        (r"^[^\d]$", &["x", "\u{663}"], &["1"]),
        (r"^[^\W]$", &["x"], &["-", "é"]),
        (r"^[\s\S]$", &["\n", "x", "🦀"], &["", "xx"]),
        (r"^[a&&b[]+$", &["a&&b["], &["]"]),
        (r"^[a-c--]+$", &["abc-"], &["d"]),
        (r"^[]a]$", &[], &["a", "]", "a]"]),
        (r"^[^]$", &["x", "\n"], &["", "xx"]),
        (r"^[\b]$", &["\u{8}"], &["b"]),
        (r"^[~~|]+$", &["~|"], &["-"]),
        ("^[+-]$", &["+", "-"], &[","]),
        (r"^[\w-.]+$", &["a-.b"], &["/"]),
        (r"^[\ud800-\udfff]$", &[], &["x", "🦀"]),
        (r"^[\u{1f980}-\u{1f985}]$", &["🦀"], &["🦉"]),
        (r"^[^\x00-\x7F]+$", &["é🦀"], &["e"]),
        // The dot.
        ("^.$", &["x", "🦀", "\u{85}"], &["\n", "\r", "\u{2028}", "\u{2029}", "xx"]),
        ("^(?s:.)$", &["\n", "x"], &[""]),
        ("(?i)^abc$", &["aBc"], &["abd"]),
        ("^(?i:a)b$", &["Ab"], &["AB"]),
        // Places.
        (r"\bx", &["x", "-x", "éx"], &["ax", "_x"]),
        (r"x\B", &["xa"], &["x", "x é"]),
        (r"^\Bé", &["é"], &[]),
        // Escapes.
        (r"^\u0041\x42\u{43}\cJ\0$", &["ABC\n\0"], &["ABC\n"]),
        (r"^\ud83e\udd80$", &["🦀"], &["x"]),
        (r"^\/\-\_\@\#\$\{\}$", &["/-_@#${}"], &["x"]),
        ("^{a}{,3}{x}$", &["{a}{,3}{x}"], &["{a}"]),
        ("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa", "a{2,3}"]),
        ("^a{2,}?$", &["aa", "aaaaa"], &["a"]),
        (r"^\p{Lu}\P{L}$", &["Ä1"], &["ä1", "ÄB"]),
        (r"^\p{Script=Greek}+$", &["αβ"], &["ab"]),
        (r"^[\p{L}\p{N}]+$", &["ß7"], &["-"]),
        // Look-around.
        (r"^(?=.*\d)(?=.*[a-z]).{3,}$", &["a1x", "xx1"], &["abc", "\u{663}ab", "a1"]),
        (r"^(?!default$).*$", &["defaults", "x"], &["default"]),
        (r"(?<=\$)\d+", &["$1"], &["1", "$\u{663}"]),
        (r"(?<!a)b", &["b", "cb"], &["ab", "a"]),
        (r"(?=x)\w\b", &["x", "-x é"], &["y"]),
        // Groups once more.
        (r"^(a|b)\1$", &["aa", "bb"], &["ab", "a"]),
        (r"^(?<q>['\x22])x\k<q>$", &["'x'"], &["'x\""]),
        (r"^(?:(a)|b)\1$", &["aa", "b"], &["ba", "a"]),
        (r"^\1(a)$", &["a"], &["aa"]),
        (r"^(?<a>x)(y)\2\1$", &["xyyx"], &["xyxy"]),
        (r"^(\d)\1$", &["11"], &["12", "\u{663}\u{663}"]),
    ] {
        for text in yes {
            assert!(matches(pattern, text), "{pattern} {text:?}");
        }
        for text in no {
            assert!(!matches(pattern, text), "{pattern} {text:?}");
        }
    }
}

#[test]
fn what_ecma_262_does_not_know_is_refused_at_its_place() {
    let shown: Vec<String> = [
        "a(b",
        "a)",
        "[a",
        "a**",
        "*a",
        "a|+",
        "x{1}{2}",
        "(?#x)",
        "(?>a)",
        "(?P>a)",
        r"\z",
        r"\Aa",
        r"\h",
        r"\é",
        r"a\",
        r"\x4",
        r"\u12",
        r"\u{110000}",
        r"\c1",
        r"\1",
        r"(a)\2",
        r"\k<a>",
        r"\k",
        "[b-a]",
        r"[\d-\w][z-\d]",
        r"[\B]",
        r"\p{Nope}",
        r"\pL",
        "(?<1>a)",
        "(?<a>x)(?<a>y)",
        "(?x)a",
        "a{3,2}",
        r"\01",
        "(?<a",
        r"[\1]",
    ]
    .into_iter()
    .map(|pattern| match Pattern::new(pattern) {
        Ok(_) => format!("{pattern}: taken"),
        Err(error) => format!("{pattern}: {} at `{}`", error.message, &pattern[error.at]),
    })
    .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_pattern_that_takes_too_much_memory_is_refused() {
    for pattern in [r"(\p{L}{1000}){1000}", r"(?=x)(\p{L}{1000}){1000}"] {
        let error = Pattern::new(pattern).unwrap_err();
        assert!(error.message.starts_with("compiled, it takes"), "{error}");
    }
}

#[test]
fn what_a_finite_automaton_matches_takes_linear_time() {
    let text = "a".repeat(100_000) + "!";
    assert_eq!(Pattern::new(r"^(a+)+\d$").unwrap().is_match(&text), Ok(false));
}

#[test]
fn a_catastrophic_pattern_ends() {
    for length in [60, 5_000, 100_000] {
        let text = "a".repeat(length) + "!";
        for pattern in [r"^(?=a)(a+)+\1$", r"(?=(a+)+\d)x", r"^(?:(a|aa)\1?)+$"] {
            let matched = Pattern::new(pattern).unwrap().is_match(&text);
            assert!(matched != Ok(true), "{pattern}");
        }
        assert_eq!(
            Pattern::new(r"^(?=a)(a|a)*\1?\d$").unwrap().is_match(&text),
            Err(TooCostly(r"^(?=a)(a|a)*\1?\d$".to_owned()))
        );
    }
}

#[test]
fn a_harmless_look_around_is_matched_in_a_long_text() {
    let text = "x".repeat(200_000);
    assert_eq!(Pattern::new("^(?!.*secret)").unwrap().is_match(&text), Ok(true));
    assert_eq!(Pattern::new("^(?!.*secret)").unwrap().is_match(&(text + "secret")), Ok(false));
}

proptest! {
    #[test]
    fn no_text_makes_the_translation_panic(text in r"[\\()\[\]{}?*+|^$.,:<>=!\-kuxpdwsbB01a-cé🦀]{0,24}") {
        if let Err(error) = Pattern::new(&text) {
            prop_assert!(text.get(error.at.clone()).is_some(), "{text} {:?}", error.at);
        }
    }

    #[test]
    fn both_engines_agree(inner in r"[a-c]{1,3}(\\d|\\w|\\s|\\b|[.]|\[a-c\]|\[\^\\d\])[a-c]?", text in "[a-c1 é\u{663}\n]{0,8}") {
        let (linear, other) = (Pattern::new(&inner).unwrap(), Pattern::new(&format!("(?=){inner}")).unwrap());
        prop_assert_eq!(linear.is_match(&text), other.is_match(&text), "{} {:?}", inner, text);
    }
}
