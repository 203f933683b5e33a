//! What a target can do to the client on the wire, each against a real socket: every call returns, with the right word
//! for what happened.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use conformant::http::{
    Answer, Client, ClientError, ClientOptions, ConnectionUse, Defect, Exchange, HeaderCase, Request,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

const CAP: usize = 64 * 1024;

/// Short limits, so that the suite is quick; targets that merely answer get `patient` ones.
fn impatient() -> Client {
    let deadline = Duration::from_millis(300);
    Client::new(ClientOptions { deadline, cap: CAP, ..ClientOptions::default() }).unwrap()
}

fn patient() -> Client {
    let deadline = Duration::from_secs(60);
    Client::new(ClientOptions { deadline, cap: CAP, ..ClientOptions::default() }).unwrap()
}

fn post(address: SocketAddr) -> Request {
    Request {
        method: "POST".into(),
        url: format!("http://{address}/v1/p/connections"),
        headers: vec![("X-Auth-Token".into(), "t".into())],
        body: Some(Bytes::from_static(b"{}")),
        header_case: HeaderCase::Title,
        connection: ConnectionUse::Shared,
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A target that does the same on every connection.
async fn target<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Reads one request with a body of a stated length; `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text.into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// A target that reads a request, sends these bytes and closes.
async fn target_sending(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes = Arc::new(bytes.into());
    target(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// A target that reads a request, sends a head, then the same bytes for ever.
async fn target_flooding(head: &'static [u8], piece: Vec<u8>) -> SocketAddr {
    let piece = Arc::new(piece);
    target(move |mut stream| {
        let piece = Arc::clone(&piece);
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(head).await;
            while stream.write_all(&piece).await.is_ok() {}
        }
    })
    .await
}

async fn send(client: &Client, request: Request) -> Exchange {
    client.send(Arc::new(request)).await
}

/// The answer to a request to a target that sends these bytes.
async fn answer_to(bytes: impl Into<Vec<u8>>) -> Answer {
    send(&patient(), post(target_sending(bytes).await)).await.answer
}

#[track_caller]
fn assert_unusable(answer: &Answer, expected: Defect, words: &str) -> Option<(u16, Bytes)> {
    match answer {
        Answer::Unusable { defect, cause, partial } => {
            assert_eq!(*defect, expected, "{cause}");
            assert!(cause.contains(words), "{cause:?} does not say {words:?}");
            assert!(!cause.contains("127.0.0.1"), "{cause}");
            partial.as_ref().map(|partial| (partial.status, partial.body.clone()))
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_unreachable(answer: &Answer, words: &str) {
    match answer {
        Answer::Unreachable { cause } => assert!(cause.contains(words), "{cause:?} does not say {words:?}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_complete(answer: &Answer, status: u16, body: &[u8]) {
    match answer {
        Answer::Complete(response) => {
            assert_eq!((response.status, response.body.as_ref()), (status, body));
        }
        other => panic!("{other:?}"),
    }
}

mod answers {
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
}

mod deadlines {
    use super::*;

    async fn after(bytes: &'static [u8]) -> Exchange {
        let address = target(move |mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(bytes).await;
            std::future::pending::<()>().await;
        })
        .await;
        send(&impatient(), post(address)).await
    }

    #[tokio::test]
    async fn a_target_that_never_answers_ends_at_the_deadline() {
        let exchange = after(b"").await;
        assert_eq!(assert_unusable(&exchange.answer, Defect::Deadline, "no complete head"), None);
        assert!(exchange.elapsed >= Duration::from_millis(300));
    }

    #[tokio::test]
    async fn a_target_that_stops_in_the_head_ends_at_the_deadline() {
        let exchange = after(b"HTTP/1.1 200 OK\r\nContent-Le").await;
        assert_eq!(assert_unusable(&exchange.answer, Defect::Deadline, "no complete head"), None);
    }

    #[tokio::test]
    async fn a_target_that_stops_in_the_body_ends_at_the_deadline_and_what_arrived_is_kept() {
        let exchange = after(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"").await;
        let kept = assert_unusable(&exchange.answer, Defect::Deadline, "the head and 4 bytes");
        assert_eq!(kept, Some((200, Bytes::from_static(b"{\"a\""))));
    }

    #[tokio::test]
    async fn a_target_that_drips_bytes_ends_at_the_same_deadline() {
        let address = target(|mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        let exchange = send(&impatient(), post(address)).await;
        assert!(assert_unusable(&exchange.answer, Defect::Deadline, "bytes of the body").is_some());
    }

    #[tokio::test]
    async fn a_target_that_never_reads_a_large_body_ends_at_the_deadline() {
        let (listener, address) = listen().await;
        let request = Request { body: Some(Bytes::from(vec![b'x'; 64 << 20])), ..post(address) };
        let exchange = send(&impatient(), request).await;
        assert_unusable(&exchange.answer, Defect::Deadline, "");
        drop(listener);
    }

    #[tokio::test]
    async fn a_flood_of_interim_answers_ends_at_the_deadline() {
        let address = target_flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).await;
        let exchange = send(&impatient(), post(address)).await;
        assert_unusable(&exchange.answer, Defect::Deadline, "no complete head");
    }

    #[tokio::test]
    async fn one_stuck_request_holds_up_no_other() {
        let count = Arc::new(AtomicUsize::new(0));
        let address = target(move |mut stream| {
            let stuck = count.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                read_request(&mut stream).await;
                if stuck {
                    std::future::pending::<()>().await;
                }
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            }
        })
        .await;
        let client = impatient();
        let stuck = tokio::spawn({
            let client = client.clone();
            async move { send(&client, post(address)).await }
        });
        let both = [send(&client, post(address)).await, stuck.await.unwrap()];
        let complete = both.iter().filter(|exchange| exchange.answer.response().is_some()).count();
        assert_eq!(complete, 1, "{both:?}");
    }
}

mod caps {
    use super::*;

    #[tokio::test]
    async fn an_endless_body_is_read_to_the_cap_and_no_further() {
        let address = target_flooding(b"HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 64 * 1024]).await;
        let exchange = send(&patient(), post(address)).await;
        let (status, body) = assert_unusable(&exchange.answer, Defect::TooLarge, "the cap").unwrap();
        assert_eq!((status, body.len()), (200, CAP));
    }

    #[tokio::test]
    async fn endless_chunks_are_read_to_the_cap_and_no_further() {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let address = target_flooding(head, b"5\r\nhello\r\n".repeat(1000)).await;
        let exchange = send(&patient(), post(address)).await;
        let (_, body) = assert_unusable(&exchange.answer, Defect::TooLarge, "the cap").unwrap();
        assert_eq!(body.len(), CAP);
    }

    #[tokio::test]
    async fn a_body_that_is_announced_too_large_is_not_read_at_all() {
        for length in [CAP + 1, usize::MAX / 2] {
            let answer = answer_to(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nxxxx")).await;
            let (status, body) = assert_unusable(&answer, Defect::TooLarge, "announced").unwrap();
            assert_eq!((status, body.len()), (200, 0));
        }
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_cap_is_complete() {
        let body = vec![b'x'; CAP];
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {CAP}\r\n\r\n").into_bytes();
        bytes.extend_from_slice(&body);
        assert_complete(&answer_to(bytes).await, 200, &body);
        let mut unannounced = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        unannounced.extend_from_slice(&body);
        assert_complete(&answer_to(unannounced).await, 200, &body);
    }

    #[tokio::test]
    async fn an_endless_head_ends_at_the_cap() {
        let address = target_flooding(b"HTTP/1.1 200 OK\r\nX-Long: ", vec![b'x'; 64 * 1024]).await;
        assert_unusable(&send(&patient(), post(address)).await.answer, Defect::TooLarge, "too many headers or bytes");
    }

    #[tokio::test]
    async fn thousands_of_headers_are_refused_and_a_hundred_are_not() {
        let with =
            |count: usize| format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X-A: b\r\n".repeat(count - 1));
        assert_complete(&answer_to(with(100)).await, 200, b"");
        for count in [101, 5000] {
            assert_unusable(&answer_to(with(count)).await, Defect::TooLarge, "too many headers or bytes");
        }
        let options = ClientOptions { max_headers: 5, ..ClientOptions::default() };
        let client = Client::new(options).unwrap();
        let exchange = send(&client, post(target_sending(with(6)).await)).await;
        assert_unusable(&exchange.answer, Defect::TooLarge, "too many headers or bytes");
    }

    #[tokio::test]
    async fn endless_trailers_and_chunk_extensions_end() {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
        let trailers = target_flooding(head, b"X-A: b\r\n".repeat(1000)).await;
        assert_unusable(&send(&patient(), post(trailers)).await.answer, Defect::Malformed, "");
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
        let extension = target_flooding(head, vec![b'x'; 1000]).await;
        assert_unusable(&send(&patient(), post(extension)).await.answer, Defect::Malformed, "");
    }
}

mod broken {
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
        let kept = assert_unusable(&answer, Defect::Truncated, "before the body was complete");
        assert_eq!(kept, Some((200, Bytes::from_static(b"{\"a\""))));
        let answer = answer_to("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n").await;
        let kept = assert_unusable(&answer, Defect::Truncated, "before the body was complete");
        assert_eq!(kept, Some((400, Bytes::from_static(b"{\"a\""))));
        let answer = answer_to("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"").await;
        assert_unusable(&answer, Defect::Truncated, "before the body was complete");
    }

    #[tokio::test]
    async fn chunks_that_are_none_are_malformed() {
        for chunks in ["zz\r\n{}\r\n", "-1\r\n{}", "2\r\n{}xx0\r\n\r\n", "fffffffffffffffff\r\n{}", "\r\n\r\n"] {
            let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            let kept = assert_unusable(&answer_to(bytes).await, Defect::Malformed, "");
            assert_eq!(kept.unwrap().0, 200, "{chunks:?}");
        }
    }

    #[tokio::test]
    async fn two_ways_to_find_the_end_of_a_body_are_malformed() {
        let both = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert_unusable(&answer_to(both).await, Defect::Malformed, "both transfer-encoding and content-length");
        for lengths in ["2\r\nContent-Length: 3", "2, 3", "-2", "2x", "99999999999999999999999"] {
            let bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\n{{}}x");
            assert_unusable(&answer_to(bytes).await, Defect::Malformed, "content-length");
        }
    }

    #[tokio::test]
    async fn what_is_not_http_is_malformed() {
        for bytes in [
            "<html>an HTTP/0.9 answer</html>",
            "HTTP/9.9 200 OK\r\n\r\n",
            "HTTP/1.1 two hundred\r\n\r\n",
            "HTTP/1.1 99 Low\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n",
            "SSH-2.0-OpenSSH_9.9\r\n",
            "\u{16}\u{3}\u{1}\0\u{5}",
            "\0\0\u{12}\u{4}\0\0\0\0\0\0\u{3}\0\0\0\u{80}\0\u{4}\0\u{1}\0\0\0\u{5}\0",
        ] {
            assert_unusable(&answer_to(bytes).await, Defect::Malformed, "");
        }
    }

    #[tokio::test]
    async fn bytes_before_any_request_and_after_an_answer_harm_no_other_request() {
        let address = target(|mut stream| async move {
            while read_request(&mut stream).await.is_some() {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 Smuggled\r\n\r\n")
                    .await;
            }
        })
        .await;
        let client = patient();
        for _ in 0..20 {
            assert_complete(&send(&client, post(address)).await.answer, 200, b"{}");
        }
    }
}

mod connections {
    use super::*;

    #[tokio::test]
    async fn a_port_without_a_listener_is_unreachable() {
        let (listener, address) = listen().await;
        drop(listener);
        let exchange = send(&patient(), post(address)).await;
        assert_unreachable(&exchange.answer, "connection refused");
        assert!(!exchange.resent);
    }

    #[tokio::test]
    async fn a_host_without_an_address_is_unreachable() {
        let request = Request { url: "http://no-such-host.invalid/".into(), ..post("127.0.0.1:1".parse().unwrap()) };
        assert_unreachable(&send(&patient(), request).await.answer, "dns");
    }

    #[tokio::test]
    async fn a_target_without_tls_is_unreachable_over_https() {
        let plain = target(|mut stream| async move {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
            let _ = stream.read(&mut [0; 1024]).await;
        })
        .await;
        let request = Request { url: format!("https://{plain}/"), ..post(plain) };
        assert_unreachable(&send(&patient(), request).await.answer, "corrupt message");
        let silent = target(|stream| async move {
            let _held = stream;
            std::future::pending::<()>().await;
        })
        .await;
        let request = Request { url: format!("https://{silent}/"), ..post(silent) };
        let client = Client::new(ClientOptions {
            connect_timeout: Duration::from_millis(200),
            deadline: Duration::from_secs(60),
            ..ClientOptions::default()
        });
        assert_unreachable(&send(&client.unwrap(), request).await.answer, "in time");
    }

    #[tokio::test]
    async fn a_request_that_cannot_be_sent_as_written_is_not_sent() {
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hits);
        let address = target(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async {}
        })
        .await;
        for request in [
            Request { url: format!("http://{address}/a/../b"), ..post(address) },
            Request { url: String::new(), ..post(address) },
            Request { method: "G T".into(), ..post(address) },
            Request { headers: vec![("X".into(), "a\r\nb".into())], ..post(address) },
        ] {
            assert!(matches!(send(&patient(), request).await.answer, Answer::Unreachable { .. }));
        }
        assert_eq!(hits.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn header_names_go_out_in_the_case_that_was_asked_for() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let address = target(move |mut stream| {
            let kept = Arc::clone(&kept);
            async move {
                while let Some(request) = read_request(&mut stream).await {
                    kept.lock().await.push(request);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                }
            }
        })
        .await;
        let client = patient();
        for header_case in [HeaderCase::Title, HeaderCase::Lower] {
            let headers = vec![("x-auth-token".into(), "ä".into()), ("X-Auth-Token".into(), "".into())];
            send(&client, Request { header_case, headers, ..post(address) }).await;
        }
        let rest = format!("host: {address}\r\ncontent-length: 2\r\n\r\n{{}}");
        let expected =
            format!("POST /v1/p/connections HTTP/1.1\r\nx-auth-token: ä\r\nx-auth-token: \r\naccept: */*\r\n{rest}");
        let seen = seen.lock().await;
        assert!(seen[0].contains("\r\nX-Auth-Token: ä\r\nX-Auth-Token: \r\n"), "{}", seen[0]);
        assert_eq!(seen[0].to_lowercase(), expected.to_lowercase());
        assert_eq!(seen[1], expected);
    }

    #[tokio::test]
    async fn a_body_goes_out_in_chunks_where_the_request_says_so() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let address = target(move |mut stream| {
            let kept = Arc::clone(&kept);
            async move {
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"0\r\n\r\n") && stream.read_buf(&mut bytes).await.is_ok_and(|n| n > 0) {}
                kept.lock().await.push(String::from_utf8_lossy(&bytes).to_lowercase());
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            }
        })
        .await;
        let headers = vec![("Transfer-Encoding".into(), "chunked".into())];
        let answer = send(&patient(), Request { headers, ..post(address) }).await.answer;
        assert_eq!(answer.response().unwrap().status, 200);
        let seen = seen.lock().await;
        assert!(seen[0].contains("\r\ntransfer-encoding: chunked\r\n"), "{}", seen[0]);
        assert!(!seen[0].contains("content-length"), "{}", seen[0]);
        assert!(seen[0].ends_with("\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), "{}", seen[0]);
    }

    /// A target that counts its connections and answers with the number of the connection.
    async fn counting(closes: bool) -> SocketAddr {
        let count = AtomicUsize::new(0);
        target(move |mut stream| {
            let number = count.fetch_add(1, Ordering::SeqCst).to_string();
            async move {
                while read_request(&mut stream).await.is_some() {
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{number}", number.len());
                    let _ = stream.write_all(answer.as_bytes()).await;
                    if closes {
                        return;
                    }
                }
            }
        })
        .await
    }

    fn body(exchange: &Exchange) -> String {
        String::from_utf8_lossy(&exchange.answer.response().expect("a complete answer").body).into_owned()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn sequential_requests_of_an_own_client_travel_on_one_connection() {
        let address = counting(false).await;
        let own = patient().own().unwrap();
        for _ in 0..500 {
            assert_eq!(body(&send(&own, post(address)).await), "0");
        }
    }

    #[tokio::test]
    async fn an_own_client_goes_on_where_the_target_closes_each_connection() {
        let address = counting(true).await;
        let own = patient().own().unwrap();
        for number in 0..10 {
            assert_eq!(body(&send(&own, post(address)).await), number.to_string());
        }
    }

    #[tokio::test]
    async fn fresh_requests_travel_on_a_connection_each() {
        let address = counting(false).await;
        let client = patient();
        for number in 0..10 {
            let request = Request { connection: ConnectionUse::Fresh, ..post(address) };
            assert_eq!(body(&send(&client, request).await), number.to_string());
        }
    }

    /// 2,000 requests, 64 at a time.
    async fn storm(address: SocketAddr) -> Vec<Exchange> {
        let client = patient();
        let workers = (0..64).map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut exchanges = Vec::new();
                for _ in 0..32 {
                    exchanges.push(send(&client, post(address)).await);
                }
                exchanges
            })
        });
        let mut exchanges = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            exchanges.extend(worker.await.unwrap());
        }
        exchanges
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_target_that_closes_every_connection_without_saying_so_causes_no_failure() {
        let exchanges = storm(counting(true).await).await;
        assert!(exchanges.len() >= 2000);
        for exchange in exchanges {
            assert!(exchange.answer.response().is_some(), "{:?}", exchange.answer);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_target_that_closes_a_kept_connection_at_the_next_request_causes_no_failure() {
        let address = target(|mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            // The race, forced: the connection stays until a second request is on its way.
            read_request(&mut stream).await;
        })
        .await;
        let client = patient();
        let mut resent = 0;
        for _ in 0..50 {
            let exchange = send(&client, post(address)).await;
            assert_complete(&exchange.answer, 200, b"");
            resent += usize::from(exchange.resent);
        }
        assert!(resent > 0, "the kept connection was never met");
        for exchange in storm(address).await {
            assert_complete(&exchange.answer, 200, b"");
        }
    }

    #[tokio::test]
    async fn a_request_is_sent_again_only_once() {
        let served = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&served);
        let address = target(move |mut stream| {
            let first = count.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                read_request(&mut stream).await;
                if first {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                    read_request(&mut stream).await;
                }
            }
        })
        .await;
        let own = patient().own().unwrap();
        assert_complete(&send(&own, post(address)).await.answer, 200, b"");
        let exchange = send(&own, post(address)).await;
        assert_unusable(&exchange.answer, Defect::ClosedEarly, "before the head");
        assert!(exchange.resent);
        assert_eq!(served.load(Ordering::SeqCst), 2);
    }
}

mod options {
    use super::*;

    #[test]
    fn what_is_not_usable_is_refused_before_anything_is_sent() {
        let refusal = |options| Client::new(options).unwrap_err();
        let base = ClientOptions::default;
        assert_eq!(refusal(ClientOptions { proxy: Some("http://u:hunter2@[".into()), ..base() }), ClientError::Proxy);
        let certificates = vec![b"no pem".to_vec()];
        assert_eq!(refusal(ClientOptions { ca_certificates: certificates, ..base() }), ClientError::CaCertificate(1));
        assert_eq!(refusal(ClientOptions { identity: Some(b"no pem".to_vec()), ..base() }), ClientError::Identity);
        assert!(matches!(refusal(ClientOptions { deadline: Duration::ZERO, ..base() }), ClientError::Zero(_)));
    }

    #[test]
    fn debug_shows_neither_proxy_nor_key() {
        let options = ClientOptions { proxy: Some("http://u:hunter2@h:1".into()), ..ClientOptions::default() };
        assert!(!format!("{options:?} {:?}", Client::new(options.clone()).unwrap()).contains("hunter2"));
    }

    #[tokio::test]
    async fn a_proxy_gets_the_request_with_its_own_credentials_and_nobody_else_does() {
        let address = target(|mut stream| async move {
            let request = read_request(&mut stream).await.unwrap_or_default();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{request}", request.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let proxy = Some(format!("http://u:p@{address}"));
        let client = Client::new(ClientOptions { proxy, ..ClientOptions::default() }).unwrap();
        let request = Request { url: "http://target.invalid/a".into(), ..post(address) };
        let exchange = send(&client, request).await;
        let seen = String::from_utf8_lossy(&exchange.answer.response().unwrap().body).into_owned();
        assert!(seen.starts_with("POST http://target.invalid/a HTTP/1.1\r\n"), "{seen}");
        assert!(seen.contains("Proxy-Authorization: Basic dTpw\r\n"), "{seen}");
    }
}
