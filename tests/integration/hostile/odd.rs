//! Answers that are unusual and right: nothing is noted of any of them.

use super::*;

#[track_caller]
fn assert_right(exchange: &Exchange, status: u16, body: &str) {
    assert_complete(&exchange.answer, status, body.as_bytes());
    assert_eq!(exchange.irregularities, []);
    assert!(!exchange.resent);
}

#[tokio::test]
async fn unusual_answers_are_right() {
    let chunked = |chunks: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n{chunks}");
    for bytes in [
        "HTTP/1.1 200\r\ncontent-length:2\r\n\r\n{}".to_owned(),
        "HTTP/1.1 200 \r\nCONTENT-LENGTH: \t 002 \t\r\n\r\n{}".into(),
        "HTTP/1.1 200 Tout va bien, \u{e9}t\u{e9}\r\nX-Empty:\r\nContent-Length: 2\r\n\r\n{}".into(),
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}".into(),
        "HTTP/1.1 200 OK\r\n\r\n{}".into(),
        "HTTP/1.0 200 OK\r\n\r\n{}".into(),
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}".into(),
        "HTTP/1.1 200 OK\r\nVary: a\r\nVary: b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\n{}"
            .into(),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".into(),
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}"
            .into(),
        chunked("2\r\n{}\r\n0\r\n\r\n"),
        chunked("0002;name=value;other=\"a;b\"\r\n{}\r\n00\r\n\r\n"),
        chunked("1\r\n{\r\n1 ; a\r\n}\r\n0\r\nX-Checksum: 99914b932bd37a50\r\nX-Other: y\r\n\r\n"),
    ] {
        assert_right(&send(&patient(), post(target_sending(bytes).await)).await, 200, "{}");
    }
}

#[tokio::test]
async fn answers_without_a_body_are_right() {
    for (method, head, status) in [
        ("DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("DELETE", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204),
        ("POST", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201),
        ("POST", "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 205),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n", 304),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", 200),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200),
    ] {
        let address = target_sending(head).await;
        let request = Request { method: method.into(), ..post(address) };
        assert_right(&send(&patient(), request).await, status, "");
    }
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_is_right() {
    let address = target(|mut stream| async move {
        stream.set_nodelay(true).unwrap();
        read_request(&mut stream).await;
        for byte in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" {
            let _ = stream.write_all(&[*byte]).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_right(&send(&patient(), post(address)).await, 200, "{}");
}

#[tokio::test]
async fn an_early_refusal_is_read_though_the_body_is_still_being_sent() {
    for lingers in [true, false] {
        let address = target(move |mut stream| async move {
            let mut head = vec![0; 16];
            let _ = stream.read_exact(&mut head).await;
            let _ =
                stream.write_all(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}").await;
            if lingers {
                let _ = stream.shutdown().await;
                while stream.read(&mut [0; 65536]).await.is_ok_and(|read| read > 0) {}
            }
        })
        .await;
        let body = Some(Bytes::from(vec![b'x'; 16 << 20]));
        for connection in [ConnectionUse::Shared, ConnectionUse::Fresh] {
            let request = Request { body: body.clone(), connection, ..post(address) };
            assert_right(&send(&patient(), request).await, 413, "{}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_ends_a_kept_connection_is_right() {
    let address = target(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{}").await;
    })
    .await;
    let client = patient();
    for _ in 0..10 {
        assert_right(&send(&client, post(address)).await, 200, "{}");
        assert_right(&send(&client, post(address)).await, 400, "{}");
    }
}
