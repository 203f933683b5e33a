use proptest::prelude::*;

use super::*;
use crate::http::irregularity::Irregularity;

fn read(section: &[u8]) -> (Result<Head, Unreadable>, Vec<Irregularity>) {
    let mut notes = Notes::default();
    let head = Head::read(section, 100, &mut notes);
    (head, notes.into_list())
}

fn noted(section: &str) -> Vec<(WireRule, String)> {
    read(section.as_bytes()).1.into_iter().map(|noted| (noted.rule, noted.observed)).collect()
}

fn fields(section: &str) -> Fields {
    read(section.as_bytes()).0.unwrap().fields
}

#[test]
fn a_regular_head_is_read_without_a_note() {
    for (section, minor, status) in [
        ("HTTP/1.1 200 OK\r\n\r\n", 1, 200),
        ("HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\n", 0, 404),
        ("HTTP/1.1 200\r\n\r\n", 1, 200),
        ("HTTP/1.1 599 \r\n\r\n", 1, 599),
        ("HTTP/1.1 200 \u{e9}t\u{e9}\ta\r\na:\r\nb:\t c \r\n\r\n", 1, 200),
    ] {
        let (head, notes) = read(section.as_bytes());
        let head = head.unwrap();
        assert_eq!((head.minor, head.status, notes), (minor, status, vec![]), "{section:?}");
    }
    assert_eq!(fields("HTTP/1.1 200 OK\r\nA:\r\nB-c:\t d\te \r\n\r\n"), [("a", ""), ("b-c", "d\te")].map(owned));
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn what_is_no_status_line_is_unreadable() {
    for line in ["HTTP/2.0 200 OK", "http/1.1 200 OK", "HTTP/1.1 two", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1200 OK"]
    {
        let told = Unreadable::StatusLine(format!("status line \"{line}\""));
        assert_eq!(read(format!("{line}\r\nA: b\r\n\r\n").as_bytes()).0, Err(told));
    }
}

#[test]
fn what_is_odd_in_a_status_line_is_noted() {
    for (line, rule) in [
        ("HTTP/1.1 999", WireRule::StatusCode),
        ("HTTP/1.1 099 Low", WireRule::StatusCode),
        ("HTTP/1.1  200 OK", WireRule::StatusSpace),
        ("HTTP/1.1 200\tOK", WireRule::StatusSpace),
        ("HTTP/1.2 200 OK", WireRule::Version),
        ("HTTP/1.1 200 O\0K", WireRule::ReasonPhrase),
        ("HTTP/1.1 200 O\rK", WireRule::ReasonPhrase),
    ] {
        assert_eq!(noted(&format!("{line}\r\n\r\n")), [(rule, format!("status line \"{line}\""))], "{line}");
    }
}

#[test]
fn what_is_wrong_with_a_field_is_noted_and_the_others_are_read() {
    for (line, rule, observed, rest) in [
        ("no colon", WireRule::FieldColon, "a line \"no colon\"", vec![]),
        (": x", WireRule::FieldName, "a line \": x\"", vec![]),
        ("a b: x", WireRule::FieldName, "a line \"a b: x\"", vec![]),
        ("b : x", WireRule::SpaceBeforeColon, "a line \"b : x\"", vec![("b", "x")]),
        ("b: x\r\n  y", WireRule::FoldedField, "a line \"  y\"", vec![("b", "x y")]),
        ("b: x\0y", WireRule::FieldNul, "a NUL in the value \"x\0y\"", vec![("b", "x y")]),
        ("b: x\ry", WireRule::BareReturn, "a carriage return in the value \"x\ry\"", vec![("b", "x y")]),
        (
            "b: x\u{1b}y",
            WireRule::FieldControl,
            "a control character in the value \"x\u{1b}y\"",
            vec![("b", "x\u{1b}y")],
        ),
    ] {
        let section = format!("HTTP/1.1 200 OK\r\na: 1\r\n{line}\r\nc: 2\r\n\r\n");
        assert_eq!(noted(&section), [(rule, observed.to_owned())], "{line}");
        let expected: Fields = [vec![("a", "1")], rest, vec![("c", "2")]].concat().into_iter().map(owned).collect();
        assert_eq!(fields(&section), expected, "{line}");
    }
    let section = "HTTP/1.1 200 OK\r\n x: 1\r\na: 2\r\n\r\n";
    assert_eq!(noted(section), [(WireRule::SpaceBeforeField, "a line \" x: 1\"".to_owned())]);
    assert_eq!(fields(section), [owned(("a", "2"))]);
    let section = "HTTP/1.1 200 OK\r\nno colon\r\n folded\r\na: 2\r\n\r\n";
    assert_eq!(fields(section), [owned(("a", "2"))]);
}

#[test]
fn a_second_content_type_is_noted() {
    let section = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\ncontent-type: c/d\r\n\r\n";
    assert_eq!(noted(section), [(WireRule::SecondContentType, "a second Content-Type: c/d".to_owned())]);
}

#[test]
fn more_fields_than_the_limit_are_too_many_however_they_are_read() {
    for line in ["a: b\r\n", "a : b\r\n"] {
        let with = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", line.repeat(count));
        assert_eq!(read(with(100).as_bytes()).0.unwrap().fields.len(), 100);
        assert_eq!(read(with(101).as_bytes()).0, Err(Unreadable::TooManyFields));
    }
}

proptest! {
    #[test]
    fn both_parsers_agree_where_both_can_read(
        reason in "[ -~\u{e9}]{0,12}",
        lines in prop::collection::vec("[!-9;-~ \t]{0,8}:?[ \t]{0,2}[ -~\u{e9}\t]{0,12}[ \t]{0,2}", 0..6),
    ) {
        let lines: String = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| format!("{line}\r\n")).collect();
        let section = format!("HTTP/1.1 200 {reason}\r\n{lines}\r\n");
        if let Ok(regular) = Head::read_regular(section.as_bytes(), &mut [EMPTY_HEADER; FEW]) {
            let mut notes = Notes::default();
            let line = first_line(section.as_bytes());
            let (minor, status) = lines::status_line(line, &mut notes).unwrap();
            let fields = lines::fields(format!("{lines}\r\n").as_bytes(), &mut notes);
            prop_assert_eq!(Head { minor, status, fields }, regular);
            prop_assert_eq!(notes.into_list(), vec![]);
        }
    }
}
