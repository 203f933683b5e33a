//! Connections: which are opened, kept and used, and what goes out on them.

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
    assert_unreachable(&send(&patient(), request).await.answer, "can't be looked up");
}

#[tokio::test]
async fn a_target_without_tls_is_unreachable_over_https() {
    let plain = target(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        let _ = stream.read(&mut [0; 1024]).await;
    })
    .await;
    let request = Request { url: format!("https://{plain}/"), ..post(plain) };
    assert_unreachable(&send(&patient(), request).await.answer, "https to a port that speaks http");
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
        Request { url: format!("http://{address}/a b"), ..post(address) },
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
    for lower in [&[][..], &["X-Auth-Token", "Host", "accept", "content-length"]] {
        let header_case = HeaderCase::lower(lower.iter().copied());
        let headers = vec![("x-auth-token".into(), "ä".into()), ("X-Auth-Token".into(), "".into())];
        send(&client, Request { header_case, headers, ..post(address) }).await;
    }
    let rest = "x-auth-token: ä\r\nx-auth-token: \r\naccept: */*\r\ncontent-length: 2\r\n\r\n{}";
    let expected = format!("POST /v1/p/connections HTTP/1.1\r\nhost: {address}\r\n{rest}");
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
    let own = patient().own();
    for _ in 0..500 {
        assert_eq!(body(&send(&own, post(address)).await), "0");
    }
}

#[tokio::test]
async fn an_own_client_goes_on_where_the_target_closes_each_connection() {
    let address = counting(true).await;
    let own = patient().own();
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

#[tokio::test]
async fn a_path_goes_out_as_it_is_written() {
    let address = target(|mut stream| async move {
        let request = read_request(&mut stream).await.unwrap();
        let line = request.lines().next().unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{line}", line.len());
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    for path in ["/a/../b/./c", "/{x}?q='\"", "//a", "/ä", "/%zz"] {
        let request = Request { url: format!("http://{address}{path}"), ..post(address) };
        assert_eq!(body(&send(&patient(), request).await), format!("POST {path} HTTP/1.1"));
    }
}

#[tokio::test]
async fn bytes_go_out_as_they_are_given() {
    let bytes = Bytes::from_static(b"get  / HTTP/1.1\nhOST : \0\n\n");
    let length = bytes.len();
    let address = target(move |mut stream| async move {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.unwrap();
        let head = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n", bytes.len());
        let _ = stream.write_all(&[head.as_bytes(), &bytes].concat()).await;
    })
    .await;
    let exchange = patient().send_bytes(Arc::new(post(address)), bytes.clone()).await;
    assert_complete(&exchange.answer, 400, &bytes);
}
