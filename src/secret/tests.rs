use super::*;
use crate::http::Sections;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

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
fn other_text_and_another_case_are_left_alone() {
    let secrets = secrets(&[("token", "Secret-Value")]);
    for text in ["", "secret-value", "Secret-Valu", "100% \\ sure", "%", "\\u12", "%5", "ü%C3"] {
        assert!(matches!(secrets.mask(text), Cow::Borrowed(same) if same == text), "{text}");
    }
    assert!(matches!(Secrets::new().mask("Secret-Value"), Cow::Borrowed(_)));
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
fn json_is_masked_in_strings_keys_and_numbers() {
    let secrets = secrets(&[("token", "sesame99"), ("pin", "12345678")]);
    let mut value = json!({"a": ["x sesame99", 12345678, null, 5], "sesame99": {"b": true}, "c": "clean"});
    secrets.mask_json(&mut value);
    assert_eq!(
        value,
        json!({"a": ["x [masked:token]", "[masked:pin]", null, 5], "[masked:token]": {"b": true}, "c": "clean"})
    );
    let mut value = json!({"sesame99": 1, "c2VzYW1lOTk=": 2});
    secrets.mask_json(&mut value);
    assert_eq!(value, json!({"[masked:token]": 1, "[masked:token] (2)": 2}));
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
fn a_token_of_the_documented_length_is_masked() {
    let value: String = (0..16_384).map(|index| char::from(b'a' + (index * 7 % 26) as u8)).collect();
    let secrets = secrets(&[("token", &value)]);
    assert_eq!(secrets.mask(&format!("<{value}>")), "<[masked:token]>");
    assert_eq!(secrets.mask(&format!("<{}>", STANDARD.encode(&value))), "<[masked:token]>");
}

proptest! {
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
    fn any_text_is_masked_without_panic(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let secrets = secrets(&[("token", "ü\u{10ffff}aa"), ("other", "%41\\u")]);
        let _ = secrets.mask(&text);
        let _ = secrets.pieces(&text);
        let _ = secrets.find(&Response::new(200, String::new(), vec![], Bytes::from(bytes)));
    }
}
