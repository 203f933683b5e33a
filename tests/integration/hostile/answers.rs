//! Well-formed answers, usual ones and odd ones.

use super::*;

#[tokio::test]
async fn a_complete_answer_comes_back_as_it_was_sent() {
    let answer =
        answer_to("HTTP/1.1 201 Created\r\nX-One: a\r\nx-two: b\r\nx-one: c\r\nContent-Length: 2\r\n\r\n{}").await;
    assert_complete(&answer, 201, b"{}");
    let response = answer.response().unwrap();
    assert_eq!(response.version, "HTTP/1.1");
    assert_eq!(response.header("x-two"), Some("b"));
    let ones: Vec<_> = response.headers.iter().filter(|(name, _)| name == "x-one").map(|(_, v)| v).collect();
    assert_eq!(ones, ["a", "c"]);
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let answer = answer_to("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    assert_complete(&answer, 200, b"");
}

#[tokio::test]
async fn chunked_and_close_delimited_bodies_are_complete() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n4;x=y\r\na\":1\r\n1\r\n}\r\n0\r\n\r\n";
    assert_complete(&answer_to(chunked).await, 200, b"{\"a\":1}");
    assert_complete(&answer_to("HTTP/1.0 200 OK\r\n\r\n{}").await, 200, b"{}");
}

#[tokio::test]
async fn header_values_that_are_not_utf_8_are_replaced() {
    let answer = answer_to(b"HTTP/1.1 200 OK\r\nX-One: a\xffb\r\nContent-Length: 0\r\n\r\n".as_slice()).await;
    assert_eq!(answer.response().unwrap().header("x-one"), Some("a\u{fffd}b"));
}

#[tokio::test]
async fn an_encoded_body_is_never_decoded() {
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x05\0C\xbf\xa6\xa3\x02\0\0\0";
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", gzip.len()).into_bytes();
    bytes.extend_from_slice(gzip);
    let answer = answer_to(bytes).await;
    assert_complete(&answer, 200, gzip);
    assert_eq!(answer.response().unwrap().header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_never_followed() {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    let elsewhere = target(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async {}
    })
    .await;
    let redirect = format!("HTTP/1.1 307 Moved\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    assert_complete(&answer_to(redirect).await, 307, b"");
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_whatever_it_announces() {
    let address = target_sending("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await;
    let request = Request { method: "HEAD".into(), body: None, ..post(address) };
    assert_complete(&send(&patient(), request).await.answer, 200, b"");
}
