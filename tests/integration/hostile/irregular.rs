//! Answers that depart from HTTP/1.1 and can be read all the same: what is noted of each.

use conformant::http::WireRule;
use tokio::sync::Notify;

use super::*;

/// What was noted of an exchange.
fn noted(exchange: &Exchange) -> Vec<(WireRule, &str)> {
    exchange.irregularities.iter().map(|noted| (noted.rule, noted.observed.as_str())).collect()
}

#[tokio::test]
async fn what_departs_from_the_rules_is_noted_and_the_answer_read() {
    let with = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\n{{}}");
    let chunked = |chunks: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    for (bytes, rule, observed) in [
        ("HTTP/1.1 999\r\nContent-Length: 2\r\n\r\n{}".into(), WireRule::StatusCode, "status line \"HTTP/1.1 999\""),
        (
            "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\n{}".into(),
            WireRule::StatusSpace,
            "status line \"HTTP/1.1  200 OK\"",
        ),
        ("HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\n{}".into(), WireRule::Version, "status line \"HTTP/1.2 200 OK\""),
        (
            "HTTP/1.1 200 O\u{1}K\r\nContent-Length: 2\r\n\r\n{}".into(),
            WireRule::ReasonPhrase,
            "status line \"HTTP/1.1 200 O\u{1}K\"",
        ),
        (
            "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}".into(),
            WireRule::LineEnd,
            "a line of the head with a bare line feed",
        ),
        (
            "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".into(),
            WireRule::EmptyLine,
            "an empty line before the status line",
        ),
        (with("no colon here\r\n"), WireRule::FieldColon, "a line \"no colon here\""),
        (with("a b: c\r\n"), WireRule::FieldName, "a line \"a b: c\""),
        (with("X-A : b\r\n"), WireRule::SpaceBeforeColon, "a line \"X-A : b\""),
        (with(" X-A: b\r\n"), WireRule::SpaceBeforeField, "a line \" X-A: b\""),
        (with("X-A: b\r\n folded\r\n"), WireRule::FoldedField, "a line \" folded\""),
        (with("X-A: b\0c\r\n"), WireRule::FieldNul, "a NUL in the value \"b\0c\""),
        (with("X-A: b\rc\r\n"), WireRule::BareReturn, "a carriage return in the value \"b\rc\""),
        (with("X-A: b\u{7}c\r\n"), WireRule::FieldControl, "a control character in the value \"b\u{7}c\""),
        (with("Content-Type: a/b\r\nContent-Type: c/d\r\n"), WireRule::SecondContentType, "a second Content-Type: c/d"),
        (with("Content-Length: 2\r\n"), WireRule::EqualContentLengths, "a second Content-Length: 2"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".into(),
            WireRule::LengthWithCoding,
            "both Transfer-Encoding and Content-Length",
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".into(),
            WireRule::CodingInOldVersion,
            "a Transfer-Encoding with HTTP/1.0",
        ),
        (
            format!("HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}", with("")),
            WireRule::LengthWithoutContent,
            "Content-Length: 2 with a 100",
        ),
        (chunked("2\n{}\r\n0\r\n\r\n"), WireRule::ChunkLineEnd, "a chunk's first line with a bare line feed: \"2\""),
        (chunked("2 \r\n{}\r\n0\r\n\r\n"), WireRule::ChunkSpace, "a chunk's first line \"2 \""),
        (with("") + "x\r\ny", WireRule::BytesBehind, "4 bytes behind the body"),
        (with("") + &with(""), WireRule::BytesBehind, "40 bytes behind the body, which begin another answer"),
        (with("") + "\r\n", WireRule::EmptyLine, "an empty line behind the answer"),
    ] {
        let exchange = send(&patient(), post(target_sending(bytes.clone()).await)).await;
        let response = exchange.answer.response().unwrap_or_else(|| panic!("{bytes:?}: {:?}", exchange.answer));
        assert_eq!(response.body, "{}", "{bytes:?}");
        assert_eq!(noted(&exchange), [(rule, observed)], "{bytes:?}");
    }
}

#[tokio::test]
async fn bytes_behind_an_answer_without_a_body_are_noted() {
    for (method, head) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2"),
        ("GET", "HTTP/1.1 204 No Content"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2"),
    ] {
        let address = target_sending(format!("{head}\r\n\r\n{{}}")).await;
        let exchange = send(&patient(), Request { method: method.into(), body: None, ..post(address) }).await;
        assert_eq!(exchange.answer.response().unwrap().body, "");
        assert_eq!(noted(&exchange), [(WireRule::BytesBehind, "2 bytes behind the head")], "{head}");
    }
}

#[tokio::test]
async fn bytes_behind_an_answer_are_noted_each_time_and_are_no_answer() {
    let address = target(|mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            let _ = stream
                .write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n",
                )
                .await;
        }
    })
    .await;
    let client = patient();
    for _ in 0..20 {
        let exchange = send(&client, post(address)).await;
        assert_complete(&exchange.answer, 200, b"{}");
        assert_eq!(noted(&exchange), [(WireRule::BytesBehind, "44 bytes behind the body, which begin another answer")]);
    }
}

#[tokio::test]
async fn what_comes_on_an_idle_connection_is_noted_and_is_no_answer() {
    for (bytes, expected) in [
        (
            "HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n",
            &[(WireRule::Unsolicited, "40 bytes that nobody asked for on an idle connection")][..],
        ),
        ("\r\n", &[(WireRule::EmptyLine, "an empty line behind the answer")]),
        ("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", &[]),
    ] {
        let (go, late) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let signals = (Arc::clone(&go), Arc::clone(&late));
        let address = target(move |mut stream| {
            let (go, late) = signals.clone();
            async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
                go.notified().await;
                let _ = stream.write_all(bytes.as_bytes()).await;
                late.notify_one();
                let _ = read_request(&mut stream).await;
            }
        })
        .await;
        let client = patient();
        assert_eq!(noted(&send(&client, post(address)).await), []);
        go.notify_one();
        late.notified().await;
        let exchange = send(&client, post(address)).await;
        assert_complete(&exchange.answer, 200, b"{}");
        assert_eq!(noted(&exchange), expected, "{bytes:?}");
    }
}

/// Each is an answer as some usual server gives it.
#[tokio::test]
async fn what_correct_servers_do_is_no_departure() {
    for (says, head, body) in [
        ("names in small letters", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nkeep-alive: timeout=5\r\n", "{}"),
        ("no reason phrase", "HTTP/1.1 200 \r\nContent-Length: 2\r\n", "{}"),
        ("no space for one either", "HTTP/1.1 200\r\nContent-Length: 2\r\n", "{}"),
        ("a reason phrase in another language", "HTTP/1.1 200 Schön\r\nContent-Length: 2\r\n", "{}"),
        ("no space before a value, or several", "HTTP/1.1 200 OK\r\nContent-Length:2\r\nA:  b \t\r\nC:\r\n", "{}"),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n", "{}"),
        ("HTTP/1.0 up to the close", "HTTP/1.0 200 OK\r\nServer: a/b c\r\n", "{}"),
        ("HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n", "{}"),
        ("a body up to the close", "HTTP/1.1 200 OK\r\nConnection: close\r\n", "{}"),
        ("a close that is not announced", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "{}"),
        ("several fields of one name", "HTTP/1.1 200 OK\r\nVary: a\r\nVary: b\r\nContent-Length: 2\r\n", "{}"),
        ("a value beyond ASCII", "HTTP/1.1 200 OK\r\nX-A: \u{e9}\r\nContent-Length: 2\r\n", "{}"),
        ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
        ("a size with zeros", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n", "0002\r\n{}\r\n000\r\n\r\n"),
        (
            "chunk extensions and trailers",
            "HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n",
            "2;a=\"b c\" ; d\r\n{}\r\n0;e\r\nX-A: b\r\n\r\n",
        ),
        (
            "interim answers",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
            "{}",
        ),
        ("no content", "HTTP/1.1 204 No Content\r\n", ""),
        ("no content, and it says so", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", ""),
        ("nothing new", "HTTP/1.1 304 Not Modified\r\nContent-Length: 123\r\nETag: \"a\"\r\n", ""),
        ("a reset form", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n", ""),
        (
            "an upgrade that is offered",
            "HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n",
            "{}",
        ),
    ] {
        let exchange = send(&patient(), post(target_sending(format!("{head}\r\n{body}")).await)).await;
        let response = exchange.answer.response().unwrap_or_else(|| panic!("{says}: {:?}", exchange.answer));
        assert_eq!(response.body, if body.is_empty() { "" } else { "{}" }, "{says}");
        assert_eq!(noted(&exchange), [], "{says}");
    }
}

#[tokio::test]
async fn an_unusable_answer_has_its_cause_noted_too() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}";
    let exchange = send(&patient(), post(target_sending(bytes).await)).await;
    assert_unusable(&exchange.answer, Defect::Malformed, "a second Content-Length: 5");
    assert_eq!(noted(&exchange), [(WireRule::UnequalContentLengths, "a second Content-Length: 5")]);
}
