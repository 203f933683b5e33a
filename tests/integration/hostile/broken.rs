//! Answers that are of no use, each with what was wrong.

use super::*;

#[tokio::test]
async fn a_connection_closed_without_a_byte_is_closed_early_and_not_tried_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let address = target(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            read_request(&mut stream).await;
        }
    })
    .await;
    for connection in [ConnectionUse::Shared, ConnectionUse::Fresh] {
        let exchange = send(&patient(), Request { connection, ..post(address) }).await;
        assert_unusable(&exchange.answer, Defect::ClosedEarly, "before the head");
        assert!(!exchange.resent);
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_connection_closed_before_the_request_was_read_is_closed_early() {
    let address = target(|stream| async move { drop(stream) }).await;
    let exchange = send(&patient(), post(address)).await;
    assert_unusable(&exchange.answer, Defect::ClosedEarly, "");
}

#[tokio::test]
async fn a_head_that_breaks_off_is_closed_early() {
    assert_unusable(&answer_to("HTTP/1.1 200 OK\r\nContent-Le").await, Defect::ClosedEarly, "before the head");
}

#[tokio::test]
async fn a_reset_is_told_from_an_end() {
    let address = target(|mut stream| async move {
        read_request(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    assert_unusable(&send(&patient(), post(address)).await.answer, Defect::ClosedEarly, "reset");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_truncated_and_what_arrived_is_kept() {
    let answer = answer_to("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"").await;
    let kept = assert_unusable(&answer, Defect::Truncated, "closed after 4 of 10 bytes of the body");
    assert_eq!(kept, Some((200, Bytes::from_static(b"{\"a\""))));
    for (chunks, words) in [
        ("4\r\n{\"a\"\r\n", "closed after 4 bytes of the body, before its last chunk"),
        ("6\r\n{\"a\"", "closed after 4 bytes of the body, 2 bytes before the end of a chunk of 6"),
        ("4\r\n{\"a\"", "closed after 4 bytes of the body, before the end of a chunk of 4 bytes"),
        ("4\r\n{\"a\"\r\n0\r\n", "closed after 4 bytes of the body, before the empty line behind its last chunk"),
    ] {
        let answer = answer_to(format!("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")).await;
        let kept = assert_unusable(&answer, Defect::Truncated, words);
        assert_eq!(kept, Some((400, Bytes::from_static(b"{\"a\""))));
    }
}

#[tokio::test]
async fn a_body_that_ends_with_a_reset_is_truncated() {
    let address = target(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}").await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let kept =
        assert_unusable(&send(&patient(), post(address)).await.answer, Defect::Truncated, "reset after 2 of 9 bytes");
    assert_eq!(kept, Some((200, Bytes::from_static(b"{}"))));
}

#[tokio::test]
async fn chunks_that_are_none_are_malformed() {
    for (chunks, words) in [
        ("zz\r\n{}\r\n", "a chunk that begins with \"zz\""),
        ("-1\r\n{}", "a chunk that begins with \"-1\""),
        ("\r\n\r\n", "a chunk that begins with \"\""),
        ("2\r\n{}xx0\r\n\r\n", "a chunk of 2 bytes that goes on"),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let kept = assert_unusable(&answer_to(bytes).await, Defect::Malformed, words);
        assert_eq!(kept.unwrap().0, 200, "{chunks:?}");
    }
}

#[tokio::test]
async fn a_body_whose_end_or_coding_is_not_known_is_malformed() {
    for (fields, words) in [
        ("Content-Length: 2\r\nContent-Length: 5", "a second Content-Length: 5"),
        ("Content-Length: 2, 3", "a second Content-Length: 3"),
        ("Content-Length: -2", "Content-Length: -2"),
        ("Content-Length: 2x", "Content-Length: 2x"),
        ("Transfer-Encoding: gzip, chunked", "Transfer-Encoding: gzip, chunked"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked"),
        ("Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunked, gzip"),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n");
        assert_unusable(&answer_to(bytes).await, Defect::Malformed, words);
    }
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    for (bytes, words) in [
        ("<html>an HTTP/0.9 answer</html>", "no status line, but \"<html>an HTTP/0.9 answer</html>\""),
        ("HTTP/9.9 200 OK\r\n\r\n", "status line \"HTTP/9.9 200 OK\""),
        ("HTTP/1.1 two hundred\r\n\r\n", "status line \"HTTP/1.1 two hundred\""),
        ("HTTP/1.1 99 Low\r\n\r\n", "status line \"HTTP/1.1 99 Low\""),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "101 Switching Protocols, though nobody asked"),
        ("SSH-2.0-OpenSSH_9.9\r\n", "no status line, but \"SSH-2.0-OpenSSH_9.9\""),
        ("\u{16}\u{3}\u{1}\0\u{5}", "no status line, but"),
        ("\0\0\u{12}\u{4}\0\0\0\0\0\0\u{3}\0\0\0\u{80}\0\u{4}\0\u{1}\0\0\0\u{5}\0", "no status line, but"),
    ] {
        assert_unusable(&answer_to(bytes).await, Defect::Malformed, words);
    }
}

#[tokio::test]
async fn what_is_not_http_is_malformed_also_where_the_deadline_ends_it() {
    let address = target(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"220 mail.example ESMTP").await;
        std::future::pending::<()>().await;
    })
    .await;
    let answer = send(&impatient(), post(address)).await.answer;
    assert_unusable(&answer, Defect::Malformed, "no status line, but \"220 mail.example ESMTP\"");
}
