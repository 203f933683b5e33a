//! Targets that take their time.

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
    assert!(exchange.elapsed >= Duration::from_secs(1));
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
