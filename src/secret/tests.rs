use super::*;
use crate::http::Sections;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use proptest::prelude::*;

fn secrets(values: &[(&str, &str)]) -> Secrets {
    let mut secrets = Secrets::new();
    for (name, value) in values {
        secrets.register(name, SecretString::from(*value)).unwrap();
    }
    secrets
}

fn percent(value: &str, all: bool, upper: bool) -> String {
    value
        .bytes()
        .map(|byte| match (all || !byte.is_ascii_alphanumeric(), upper) {
            (false, _) => char::from(byte).to_string(),
            (true, false) => format!("%{byte:02x}"),
            (true, true) => format!("%{byte:02X}"),
        })
        .collect()
}

fn unicode_escaped(value: &str) -> String {
    value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn hex(value: &str) -> String {
    value.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Every form of a value that masking knows.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::to_string(value).unwrap();
    vec![
        value.to_owned(),
        STANDARD.encode(value),
        STANDARD_NO_PAD.encode(value),
        URL_SAFE.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        percent(value, false, false),
        percent(value, false, true),
        percent(value, true, false),
        percent(value, true, true),
        json[1..json.len() - 1].to_owned(),
        unicode_escaped(value),
        hex(value),
        hex(value).to_ascii_uppercase(),
    ]
}

#[test]
fn a_secret_is_replaced_by_its_name_in_every_form() {
    let secrets = secrets(&[("token", "p/ss\"w+rd?>\\ü")]);
    for form in forms("p/ss\"w+rd?>\\ü") {
        assert_eq!(secrets.mask(&format!("a {form} b")), "a [masked:token] b", "{form}");
    }
}

#[test]
fn a_secret_is_masked_and_is_an_echo_however_it_is_spelt() {
    let value = "p/ss\"W+rd <ü>&'";
    let secrets = secrets(&[("token", value)]);
    let entity = |number: &dyn Fn(u32) -> String| value.chars().map(|c| number(c as u32)).collect::<String>();
    let json = serde_json::to_string(value).unwrap();
    let within = |text: &str, length: usize, between: &str| {
        let lines: Vec<&str> = text.as_bytes().chunks(length).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join(between)
    };
    for (spelt, form) in [
        ("P/SS\"w+RD <ü>&'".to_owned(), Form::OtherCase),
        (value.to_uppercase(), Form::OtherCase),
        ("p/ss&quot;W&plus;rd&#32;&lt;&#xFC;&gt;&amp;&apos;".to_owned(), Form::Html),
        (entity(&|number| format!("&#{number};")), Form::Html),
        (entity(&|number| format!("&#x{number:X};")), Form::Html),
        (percent(value, true, false).replace('%', "="), Form::QuotedPrintable),
        ("p/ss\"W+=\r\nrd <=C3=BC>&'".to_owned(), Form::QuotedPrintable),
        (percent(value, false, true).replace("%20", "+"), Form::Percent),
        (percent(&percent(value, false, true), false, true), Form::Percent),
        (serde_json::to_string(&json).unwrap().trim_matches(['"', '\\']).to_owned(), Form::Json),
        (unicode_escaped(value).replace('\\', "\\\\"), Form::Json),
        (within(&STANDARD.encode(format!("user:{value}")), 7, "\n"), Form::Base64),
        (within(&STANDARD.encode(value), 8, "\r\n "), Form::Base64),
        (within(&STANDARD.encode(value), 8, "\\r\\n"), Form::Base64),
        (within(&hex(value), 2, ":"), Form::Hex),
        (within(&hex(value), 2, " "), Form::Hex),
        (within(&hex(value), 2, "-").to_uppercase(), Form::Hex),
        ("p/ss\"\n  W+rd <ü>&'".to_owned(), Form::Lines),
        ("p/\r\nss\"\n  W+\r\nrd <ü>&'".to_owned(), Form::Lines),
        ("p~1ss\"W+rd <ü>&'".to_owned(), Form::Json),
    ] {
        let masked = secrets.mask(&format!("a{spelt}b")).into_owned();
        assert!(masked.contains("[masked:token]") && masked.len() < 30, "{form}: {spelt}: {masked}");
        let response = Response::new(200, String::new(), vec![], Bytes::from(spelt.clone()));
        let forms: Vec<Form> = secrets.find(&response).into_iter().map(|echo| echo.form).collect();
        assert!(forms.contains(&form), "{form}: {spelt}: {forms:?}");
    }
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let spelt: Vec<u8> = value.encode_utf16().flat_map(bytes).collect();
        assert_eq!(&**secrets.mask_bytes(&spelt, false), b"[masked:token]");
    }
}

#[test]
fn a_secret_within_base64_is_masked_at_any_alignment() {
    let secrets = secrets(&[("token", "hunter2-hunter2")]);
    for prefix in ["", "a", "ab", "abc", "user:"] {
        for suffix in ["", "x", "xy", "xyz"] {
            let masked = secrets.mask(&STANDARD.encode(format!("{prefix}hunter2-hunter2{suffix}"))).into_owned();
            assert!(masked.contains("[masked:token]"), "{prefix} {suffix}: {masked}");
            assert!(masked.len() < "[masked:token]".len() + 14, "{masked}");
        }
    }
}

#[test]
fn the_longest_of_overlapping_secrets_gives_the_name() {
    let secrets = secrets(&[("short", "abcd"), ("long", "abcdefgh"), ("other", "ghijkl")]);
    assert_eq!(secrets.mask("xabcdefghx"), "x[masked:long]x");
    assert_eq!(secrets.mask("abcd efgh"), "[masked:short] efgh");
    assert_eq!(secrets.mask("abcdefghijkl"), "[masked:long]");
}

#[test]
fn the_two_characters_of_a_line_end_are_read_as_one_and_once() {
    let read =
        |text: &[u8]| escape::DECODERS.iter().filter_map(|decoder| Some(decoder.decode(text)?.0)).collect::<Vec<_>>();
    assert_eq!(read(b"a\r\n b\r\nc"), [b"abc"]);
    assert_eq!(read(b"a\nb"), [b"ab"]);
    assert_eq!(read(b"a\r\nb\nc"), [b"a\r\nbc".as_slice(), b"ab\nc"]);
}

#[test]
fn a_secret_is_found_behind_and_within_many_empty_lines() {
    let secrets = secrets(&[("token", "open-sesame")]);
    for end in ["\n", "\r\n", "\r\n  ", "\n\t"] {
        let lines = end.repeat(5);
        for text in [
            format!("{lines}open-sesame"),
            format!("open-{lines}sesame{lines}."),
            format!("{lines}  open-\r\n\r\n \tsesame"),
        ] {
            let masked = secrets.mask(&text).into_inner();
            assert!(masked.contains("[masked:token]") && !masked.contains("sesame"), "{text:?}: {masked:?}");
        }
    }
}

#[test]
fn other_text_is_left_alone() {
    let secrets = secrets(&[("token", "Secret-Value")]);
    for text in ["", "Secret-Valu", "100% \\ sure", "%", "\\u12", "%5", "ü%C3", "a&b;", "&#;", "a=b\n\r\n c", "=4"] {
        assert!(matches!(secrets.mask(text).into_inner(), Cow::Borrowed(same) if same == text), "{text}");
    }
    assert!(matches!(Secrets::new().mask("Secret-Value").into_inner(), Cow::Borrowed(_)));
}

#[test]
fn values_that_cannot_be_masked_are_refused_without_showing_them() {
    let mut secrets = Secrets::new();
    let mut refuse = |name: &str, value: &str| secrets.register(name, SecretString::from(value)).unwrap_err();
    assert_eq!(refuse("token", "abc"), SecretError::TooShort("token".into()));
    assert_eq!(refuse("token", ""), SecretError::TooShort("token".into()));
    assert_eq!(refuse("token", "masked"), SecretError::LikeTheMark("token".into()));
    assert_eq!(refuse("token", "token"), SecretError::LikeTheMark("token".into()));
    assert!(matches!(refuse("a b", "long enough"), SecretError::Name(_)));
    assert!(matches!(refuse("", "long enough"), SecretError::Name(_)));
    assert!(!refuse("token", "xyz").to_string().contains("xyz"));
    secrets.register("token", SecretString::from("long enough")).unwrap();
    assert_eq!(secrets.register("token", SecretString::from("another")), Err(SecretError::Twice("token".into())));
    assert_eq!(secrets.names().collect::<Vec<_>>(), ["token"]);
}

#[test]
fn a_refused_secret_leaves_the_others_known() {
    let mut secrets = secrets(&[("token", "long enough")]);
    assert!(secrets.register("other", SecretString::from("masked")).is_err());
    assert_eq!(secrets.mask("it is long enough"), "it is [masked:token]");
}

#[test]
fn debug_shows_names_only() {
    let secrets = secrets(&[("token", "long enough")]);
    assert_eq!(format!("{secrets:?}"), "Secrets([\"token\"])");
    assert_eq!(secrets.expose("token"), Some("long enough"));
    assert_eq!(secrets.expose("other"), None);
}

#[test]
fn echoes_are_found_with_place_and_form() {
    let secrets = secrets(&[("token", "open sesame"), ("pin", "1234")]);
    let body = Bytes::from(format!("{{\"a\":\"{}\",\"b\":\"1234\"}}", STANDARD.encode("open sesame")));
    let headers = vec![("x-trace".into(), "t=open%20sesame".into()), ("x-raw".into(), "open sesame".into())];
    let echo = |place, form| Echo { secret: "token".into(), place, form };
    assert_eq!(
        secrets.find(&Response::new(400, "HTTP/1.1".into(), headers, body)),
        [
            echo(EchoPlace::Header("x-raw".into()), Form::Plain),
            echo(EchoPlace::Header("x-trace".into()), Form::Percent),
            echo(EchoPlace::Body, Form::Base64),
        ]
    );
}

#[test]
fn echoes_are_found_around_the_body_wherever_they_are() {
    let secrets = secrets(&[("token", "Open-Sesame")]);
    let interim = "HTTP/1.1 103 x\r\nLink: Open-Sesame\r\n\r\n";
    let trailers = "X: Open-Sesame\r\n\r\n";
    let places = |interim: &str, head: &str, trailers: &str| -> Vec<EchoPlace> {
        let (start, end) = (interim.len(), interim.len() + head.len());
        let sections = Sections::new(Bytes::from([interim, head, trailers].concat()), start, end);
        let response = Response::new(200, "HTTP/1.1".into(), vec![("a".into(), "b".into())], Bytes::new());
        secrets.find(&response.with_sections(sections)).into_iter().map(|echo| echo.place).collect()
    };
    let head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    assert_eq!(places("", head, ""), []);
    assert_eq!(places(interim, head, ""), [EchoPlace::Interim]);
    assert_eq!(places("", head, trailers), [EchoPlace::Trailers]);
    assert_eq!(places("", "HTTP/1.1 200 Open-Sesame\r\nA: b\r\n\r\n", ""), [EchoPlace::StatusLine]);
    assert_eq!(places("", "HTTP/1.1 200 OK\r\nOpen-Sesame: b\r\n\r\n", ""), [EchoPlace::HeaderName]);
}

#[test]
fn an_echo_is_found_in_a_body_that_is_not_text() {
    let secrets = secrets(&[("token", "open sesame")]);
    let body = Bytes::from_static(b"\xff\0open sesame\xff \\u006fpen sesame");
    let forms: Vec<Form> =
        secrets.find(&Response::new(200, "HTTP/1.1".into(), vec![], body)).into_iter().map(|echo| echo.form).collect();
    assert_eq!(forms, [Form::Plain, Form::Json]);
}

#[test]
fn a_text_is_cut_at_plain_secrets_and_masked_elsewhere() {
    let secrets = secrets(&[("token", "open sesame")]);
    let text = format!("a open sesame b {}", STANDARD.encode("open sesame"));
    assert_eq!(
        secrets.pieces(&text),
        [
            Piece::Text("a ".into()),
            Piece::Secret("token"),
            Piece::Text(" b ".into()),
            Piece::Text("[masked:token]".into()),
        ]
    );
    assert_eq!(secrets.pieces("nothing"), [Piece::Text("nothing".into())]);
    assert_eq!(secrets.pieces(""), []);
}

#[test]
fn a_secret_is_found_anywhere_in_a_long_text() {
    let secrets = secrets(&[("token", "g00d-T0ken")]);
    for before in (16_360..16_420).chain(32_740..32_800) {
        let text = format!("{}g00d-t0KEN{}", "é".repeat(before / 2), " ".repeat(before % 7 + 20_000));
        let masked = secrets.mask(&text);
        assert!(!masked.to_ascii_lowercase().contains("0d-t0"), "{before}");
    }
}

#[test]
fn a_token_of_the_documented_length_is_masked() {
    let value: String = (0..16_384).map(|index| char::from(b'a' + (index * 7 % 26) as u8)).collect();
    let secrets = secrets(&[("token", &value)]);
    assert_eq!(secrets.mask(&format!("<{value}>")), "<[masked:token]>");
    assert_eq!(secrets.mask(&format!("<{}>", STANDARD.encode(&value))), "<[masked:token]>");
}

#[test]
fn what_is_cut_off_in_the_middle_of_a_secret_leaves_no_part_of_it() {
    let value = "p/ss\"w+rd?>\\ü-0123456789";
    let secrets = secrets(&[("token", value)]);
    for form in forms(value) {
        for end in (0..form.len()).filter(|end| form.is_char_boundary(*end)) {
            let spread = form.len().div_ceil(value.len());
            let masked = secrets.mask_cut(&form[..end]).into_owned();
            assert!(masked.replace("[masked:token]", "").len() < 6 * spread, "{form}: {masked}");
        }
    }
    assert_eq!(secrets.mask_cut("it said \"p/ss\"w+\""), "it said \"[masked:token]\"");
    assert_eq!(&**secrets.mask_bytes(b"\xffp/ss\"w+\xff", true), b"\xff[masked:token]\xff");
}

#[test]
fn so_much_of_a_secret_that_it_is_no_coincidence_is_masked_and_is_no_echo() {
    let secrets = secrets(&[("token", "0123456789-abcdefghij")]);
    assert_eq!(secrets.mask("<0123456789-abc>"), "<[masked:token]>");
    assert_eq!(secrets.mask("<0123456789>"), "<0123456789>");
    let response = Response::new(200, String::new(), vec![], Bytes::from_static(b"0123456789-abc"));
    assert_eq!(secrets.find(&response), []);
}

#[test]
fn what_is_made_of_a_secret_is_masked_and_is_no_echo() {
    let secrets = secrets(&[("token", "open sesame"), ("pin", "12345678")]);
    assert_eq!(secrets.add_made("emases nepo", "Bearer open sesame"), Ok(true));
    assert_eq!(secrets.add_made("87654321", "12345678"), Ok(true));
    assert_eq!(secrets.mask("<emases nepo> and 87654321"), "<[masked:token]> and [masked:pin]");
    assert_eq!(secrets.mask(&STANDARD.encode("x:emases nepo")), "eDp[masked:token]w==");
    assert_eq!(secrets.mask("emases%20nepo"), "[masked:token]");
    let response = Response::new(200, String::new(), vec![], Bytes::from_static(b"emases nepo"));
    assert_eq!(secrets.find(&response), []);
}

#[test]
fn what_tells_nothing_of_a_secret_is_not_masked() {
    let secrets = secrets(&[("token", "open sesame")]);
    assert_eq!(secrets.add_made("something", "no secret"), Ok(true));
    assert_eq!(secrets.add_made("~~~~~~~~~~~", "open sesame"), Ok(true));
    assert_eq!(secrets.add_made("open", "open sesame"), Ok(false));
    for text in ["something", "~~~~~~~~~~~", "open"] {
        assert_eq!(secrets.mask(text), text);
    }
}

#[test]
fn so_many_things_made_of_secrets_that_they_cannot_be_looked_for_are_an_error() {
    let secrets = secrets(&[("token", "open sesame")]);
    let made = (0..MOST_MADE).map(|number| secrets.add_made(&format!("something-{number}"), "open sesame"));
    assert!(made.into_iter().all(|added| added == Ok(true)));
    assert_eq!(secrets.add_made("one thing more", "open sesame"), Err(TooManyMade));
    assert_eq!(secrets.add_made("something-1", "open sesame"), Ok(true));
}

proptest! {
    #[test]
    fn no_part_of_a_secret_is_left_wherever_a_text_was_cut(
        value in "[a-zü/+\"\\\\]{8,40}",
        before in "[0-9 ]{0,8}",
        form in 0usize..13,
        cut in 0usize..400,
    ) {
        let mut secrets = Secrets::new();
        prop_assume!(secrets.register("n", SecretString::from(value.as_str())).is_ok());
        let text = format!("{before}{}", forms(&value)[form]);
        let end = (0..=cut.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
        let masked = secrets.mask_cut(&text[..end]).into_owned();
        for part in value.as_bytes().windows(6).filter_map(|part| std::str::from_utf8(part).ok()) {
            prop_assert!(!masked.contains(part), "{} in {}", part, masked);
        }
    }

    #[test]
    fn no_form_of_a_secret_is_left_and_masking_again_changes_nothing(
        values in proptest::collection::vec(r#"[a-cü/+"\\ %\[\]:0-9]{4,12}"#, 1..4),
        around in proptest::collection::vec(r#"[a-c/+"\\ %\[\]:msked]{0,8}"#, 8),
    ) {
        let mut secrets = Secrets::new();
        let mut known = Vec::new();
        for (number, value) in values.iter().enumerate() {
            if secrets.register(&format!("s{number}"), SecretString::from(value.as_str())).is_ok() {
                known.push(value.clone());
            }
        }
        let written: Vec<String> = known.iter().flat_map(|value| forms(value)).collect();
        let mut text = String::new();
        for (number, form) in written.iter().enumerate() {
            text.push_str(&around[number % around.len()]);
            text.push_str(form);
        }
        let masked = secrets.mask(&text).into_owned();
        for form in &written {
            prop_assert!(!masked.contains(form.as_str()), "{} in {}", form, masked);
        }
        prop_assert_eq!(secrets.mask(&masked), masked.as_str());
    }

    #[test]
    fn what_is_made_of_a_secret_is_masked_in_any_text_and_masking_again_changes_nothing(
        value in "[a-z0-9ü\"/+]{10,40}",
        how in 0usize..5,
        from in 0usize..10,
        around in proptest::collection::vec("[A-Z ,\"<]{0,12}", 2),
    ) {
        let mut secrets = Secrets::new();
        prop_assume!(secrets.register("n", SecretString::from(value.as_str())).is_ok());
        let rest = || value.chars().skip(from);
        let made: String = match how {
            0 => rest().collect(),
            1 => value.chars().rev().collect(),
            2 => rest().map(|character| format!("{character}-")).collect(),
            3 => STANDARD.encode(rest().collect::<String>()),
            _ => rest().flat_map(|character| [character, character]).collect(),
        };
        let first = made.chars().next();
        let is_harmless = made.len() < MADE_LENGTH || made.chars().all(|character| Some(character) == first);
        prop_assume!(!is_harmless);
        prop_assert_eq!(secrets.add_made(&made, &value), Ok(true));
        for spelt in [made.clone(), made.to_uppercase(), percent(&made, true, true), unicode_escaped(&made)] {
            let masked = secrets.mask(&format!("{}{spelt}{}", around[0], around[1])).into_owned();
            prop_assert!(!masked.contains(&spelt), "{} in {}", spelt, masked);
            prop_assert_eq!(secrets.mask(&masked), masked.as_str());
        }
    }

    #[test]
    fn any_text_is_masked_without_panic(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let secrets = secrets(&[("token", "ü\u{10ffff}aa"), ("other", "%41\\u")]);
        let _ = secrets.mask(&text);
        let _ = secrets.pieces(&text);
        let _ = secrets.find(&Response::new(200, String::new(), vec![], Bytes::from(bytes)));
    }
}
