use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { body: 64, head: 20_000, fields: 20 };

/// What came of bytes that ended with the connection: the answer, what was noted, and what follows on it.
type Outcome = (String, Vec<(WireRule, String)>, bool);

fn read_in_pieces<'a>(to_head: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut reader = Reader::new(LIMITS, to_head);
    let mut input = BytesMut::new();
    let mut done = false;
    for piece in pieces {
        input.extend_from_slice(piece);
        done = done || reader.read(&mut input);
    }
    if done {
        reader.behind(&input);
    } else {
        reader.end(&input);
    }
    let reusable = done && reader.leaves_connection();
    let (answer, irregularities) = reader.finish();
    if let Answer::Complete(response) = &answer {
        assert!(response.body.len() <= LIMITS.body && response.headers.len() <= LIMITS.fields);
    }
    let noted = irregularities.into_iter().map(|noted| (noted.rule, noted.observed)).collect();
    (format!("{answer:?}"), noted, reusable)
}

fn answer(bytes: &str) -> (Answer, Vec<(WireRule, String)>) {
    let mut reader = Reader::new(LIMITS, false);
    let mut input = BytesMut::from(bytes);
    if reader.read(&mut input) {
        reader.behind(&input);
    } else {
        reader.end(&input);
    }
    let (answer, noted) = reader.finish();
    (answer, noted.into_iter().map(|noted| (noted.rule, noted.observed)).collect())
}

#[track_caller]
fn assert_complete(bytes: &str, status: u16, body: &str, noted: &[(WireRule, &str)]) {
    let (answer, found) = answer(bytes);
    let response = answer.response().unwrap_or_else(|| panic!("{bytes:?}: {answer:?}"));
    assert_eq!((response.status, response.body.as_ref()), (status, body.as_bytes()), "{bytes:?}");
    let found: Vec<_> = found.iter().map(|(rule, observed)| (*rule, observed.as_str())).collect();
    assert_eq!(found, noted, "{bytes:?}");
}

#[track_caller]
fn assert_unusable(bytes: &str, expected: Defect, words: &str) {
    match answer(bytes) {
        (Answer::Unusable { defect, cause, .. }, _) => assert_eq!((defect, cause.as_str()), (expected, words)),
        (other, _) => panic!("{bytes:?}: {other:?}"),
    }
}

#[test]
fn correct_answers_are_read_without_a_note() {
    for (bytes, status, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.1 200 OK\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.0 200 OK\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.1 200\r\ncontent-length:2\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n01 ; a=\"b\"\r\n}\r\n000\r\n\r\n", 200, "{}"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nDigest: x\r\n\r\n", 200, "{}"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 x\r\n\r\n", 204, ""),
        ("HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\n", 304, ""),
    ] {
        assert_complete(bytes, status, body, &[]);
    }
}

#[test]
fn what_stands_around_a_body_is_kept_as_it_came() {
    let bytes =
        "HTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 200 Fine\r\nTRANSFER-encoding: chunked\r\n\r\n0\r\nC: d\r\n\r\n";
    let (answer, _) = answer(bytes);
    let sections = answer.response().unwrap().sections().clone();
    assert_eq!(sections.interim(), b"HTTP/1.1 103 x\r\nA: b\r\n\r\n");
    assert_eq!(sections.head(), b"HTTP/1.1 200 Fine\r\nTRANSFER-encoding: chunked\r\n\r\n");
    assert_eq!(sections.trailers(), b"C: d\r\n\r\n");
}

#[test]
fn what_departs_from_the_rules_is_read_all_the_same_and_noted() {
    for (bytes, status, body, noted) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n",
            200,
            "{}",
            (WireRule::BytesBehind, "17 bytes behind the body, which begin another answer"),
        ),
        ("HTTP/1.1 204 x\r\n\r\n{}", 204, "", (WireRule::BytesBehind, "2 bytes behind the head")),
        ("HTTP/1.1 204 x\r\n\r\n\r\n", 204, "", (WireRule::EmptyLine, "an empty line behind the answer")),
        ("\r\nHTTP/1.1 204 x\r\n\r\n", 204, "", (WireRule::EmptyLine, "an empty line before the status line")),
        ("HTTP/1.1 204 x\n\n", 204, "", (WireRule::LineEnd, "a line of the head with a bare line feed")),
        (
            "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
            200,
            "{}",
            (WireRule::ChunkLineEnd, "a chunk's first line with a bare line feed: \"2\""),
        ),
        (
            "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n",
            200,
            "{}",
            (WireRule::ChunkLineEnd, "a bare line feed behind a chunk of 2 bytes"),
        ),
        (
            "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\n{}\r\n0\r\n\r\n",
            200,
            "{}",
            (WireRule::ChunkSpace, "a chunk's first line \"2  \""),
        ),
        (
            "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            200,
            "{}",
            (WireRule::LengthWithCoding, "both Transfer-Encoding and Content-Length"),
        ),
    ] {
        assert_complete(bytes, status, body, &[noted]);
    }
}

#[test]
fn an_answer_that_is_of_no_use_says_why() {
    let chunked = |rest: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{rest}");
    for (bytes, defect, words) in [
        (String::new(), Defect::ClosedEarly, "closed after 0 bytes, before the head of an answer was complete"),
        ("HTTP/1.1 2".into(), Defect::ClosedEarly, "closed after 10 bytes, before the head of an answer was complete"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".into(),
            Defect::Truncated,
            "closed after 2 of 9 bytes of the body",
        ),
        (chunked("2\r\n{}\r\n"), Defect::Truncated, "closed after 2 bytes of the body, before its last chunk"),
        (
            chunked("4\r\n{}"),
            Defect::Truncated,
            "closed after 2 bytes of the body, 2 bytes before the end of a chunk of 4",
        ),
        (
            chunked("2\r\n{}"),
            Defect::Truncated,
            "closed after 2 bytes of the body, before the end of a chunk of 2 bytes",
        ),
        (
            chunked("0\r\n"),
            Defect::Truncated,
            "closed after 0 bytes of the body, before the empty line behind its last chunk",
        ),
        (chunked("x\r\n"), Defect::Malformed, "a chunk that begins with \"x\""),
        (chunked("2\r\n{}x"), Defect::Malformed, "a chunk of 2 bytes that goes on"),
        (
            chunked("ffffffffffffffffff\r\n{}"),
            Defect::Truncated,
            "closed after 2 bytes of the body, 18446744073709551613 bytes before the end of a chunk of 18446744073709551615",
        ),
        ("<html>".into(), Defect::Malformed, "no status line, but \"<html>\""),
        ("SSH-2.0-x\r\n".into(), Defect::Malformed, "no status line, but \"SSH-2.0-x\""),
        ("HTTP/1.1 two\r\n\r\n".into(), Defect::Malformed, "status line \"HTTP/1.1 two\""),
        ("HTTP/1.1 101 x\r\n\r\n".into(), Defect::Malformed, "101 Switching Protocols, though nobody asked for it"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n".into(),
            Defect::Malformed,
            "Transfer-Encoding: gzip, chunked",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n".into(),
            Defect::TooLarge,
            "the body is announced with 65 bytes, over 64, the limit of --max-body",
        ),
        (
            format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(65)),
            Defect::TooLarge,
            "the body goes on after 64 bytes, the limit of --max-body",
        ),
        (
            chunked(&format!("41\r\n{}", "x".repeat(65))),
            Defect::TooLarge,
            "the body goes on after 64 bytes, the limit of --max-body",
        ),
        (
            "HTTP/1.1 100 x\r\n\r\n".repeat(2_000),
            Defect::TooLarge,
            "interim answers go on after 20000 bytes, the limit of --max-head",
        ),
        (
            format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(20_000)),
            Defect::TooLarge,
            "the head goes on after 20000 bytes, the limit of --max-head",
        ),
        ("\n".repeat(30_000), Defect::Malformed, "more than 20000 bytes of empty lines"),
        (
            chunked(&format!("1;{}", "x".repeat(30_000))),
            Defect::TooLarge,
            "a chunk's first line goes on after 20000 bytes, the limit of --max-head",
        ),
        (
            chunked(&format!("0\r\n{}", "A: b\r\n".repeat(20_000))),
            Defect::TooLarge,
            "the trailers have more than 20000 bytes, the limit of --max-head",
        ),
        (
            chunked(&format!("0\r\n{}\r\n", "A: b\r\n".repeat(21))),
            Defect::TooLarge,
            "the trailers have more than 20 fields, the limit of --max-headers",
        ),
    ] {
        assert_unusable(&bytes, defect, words);
    }
}

#[test]
fn what_the_deadline_cuts_is_told_as_far_as_it_came() {
    for (bytes, defect, words) in [
        ("", Defect::Deadline, "no complete head of an answer arrived within 1s"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{",
            Defect::Deadline,
            "the head and 1 bytes of the body arrived within 1s",
        ),
        ("junk", Defect::Malformed, "no status line, but \"junk\""),
    ] {
        let mut reader = Reader::new(LIMITS, false);
        let mut input = BytesMut::from(bytes);
        assert!(!reader.read(&mut input));
        reader.so_far("1s", &input);
        match reader.finish().0 {
            Answer::Unusable { defect: found, cause, .. } => assert_eq!((found, cause.as_str()), (defect, words)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_connection_serves_again_only_behind_an_answer_whose_end_is_sure() {
    for (bytes, expected) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}x", false),
        ("HTTP/1.1 200 OK\r\nContent-Length : 2\r\nContent-Length: 2\r\n\r\n{}", false),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}", false),
        ("HTTP/1.1 200 OK\r\n\r\n{}", false),
    ] {
        assert_eq!(read_in_pieces(false, [bytes.as_bytes()]).2, expected, "{bytes:?}");
    }
}

/// A line end, mostly the right one.
fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r")]
}

/// Something that may stand in an answer.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &'static str| Just(text.to_owned());
    let known = prop_oneof![
        text("HTTP/1.1 200 OK"),
        text("HTTP/1.0 404"),
        text("HTTP/1.1 100 Continue"),
        text("HTTP/1.1  999 \0"),
        text("HTTP/1.1 101 x"),
        text("HTTP/1.1 204 x"),
        text("HTT"),
        text("Content-Length: 5"),
        text("Content-Length: 3, 3"),
        text("Content-Length : 70"),
        text("Transfer-Encoding: chunked"),
        text("Transfer-Encoding: gzip, chunked"),
        text("Connection: close"),
        text("Content-Type: a/b"),
        text(" folded"),
        text("X: \u{e9}\0\r\t"),
        text(""),
        text("5"),
        text("5;x=y"),
        text("hello"),
        text("0"),
        text("ffffffffffffffffff"),
        text("hellohellohellohellohellohellohellohellohellohellohellohellohellohello"),
        "[0-9a-f]{1,3}",
        "[ -~]{0,12}",
    ];
    prop_oneof![
        12 => (known, line_end()).prop_map(|(text, end)| format!("{text}{end}").into_bytes()),
        1 => vec(any::<u8>(), 0..16),
    ]
}

/// An answer that may be right.
fn answer_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_same_bytes_give_the_same_answer_wherever_they_are_cut(
        bytes in answer_bytes(),
        cuts in vec(any::<prop::sample::Index>(), 0..6),
        to_head in any::<bool>(),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let bounds = [vec![0], cuts, vec![bytes.len()]].concat();
        let whole = read_in_pieces(to_head, [bytes.as_slice()]);
        prop_assert_eq!(&read_in_pieces(to_head, bounds.windows(2).map(|pair| &bytes[pair[0]..pair[1]])), &whole);
        prop_assert_eq!(&read_in_pieces(to_head, bytes.chunks(1)), &whole);
    }

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in vec(any::<u8>(), 0..200)) {
        for begun in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"] {
            let bytes = [begun.as_bytes(), &bytes].concat();
            prop_assert_eq!(read_in_pieces(false, bytes.chunks(7)), read_in_pieces(false, [bytes.as_slice()]));
        }
    }
}
