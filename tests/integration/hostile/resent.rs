//! Connections that the target closes between two requests: what is sent a second time, and what never is.

use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A target that answers the first request on a connection, and reads the second and closes; and every request that came.
async fn closing_on_the_second() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::clone(&seen);
    let address = target(move |mut stream| {
        let seen = Arc::clone(&inside);
        async move {
            for answer in [OK, b""] {
                let Some(request) = read_request(&mut stream).await else { return };
                seen.lock().await.push(request);
                let _ = stream.write_all(answer).await;
            }
        }
    })
    .await;
    (address, seen)
}

/// A request that another one can't be taken for.
fn numbered(address: SocketAddr, method: &str, number: usize) -> Request {
    let headers = vec![("X-Number".into(), number.to_string())];
    Request { method: method.into(), headers, body: None, ..post(address) }
}

#[tokio::test]
async fn what_may_create_something_never_leaves_twice() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
        let (address, seen) = closing_on_the_second().await;
        let client = patient();
        assert_complete(&send(&client, numbered(address, method, 1)).await.answer, 200, b"");
        let exchange = send(&client, numbered(address, method, 2)).await;
        assert_unusable(&exchange.answer, Defect::Unanswered, "bytes of the request had left");
        assert!(exchange.is_unanswered() && !exchange.resent);
        assert_complete(&send(&client, numbered(address, method, 3)).await.answer, 200, b"");
        let seen = seen.lock().await;
        let numbers: Vec<_> =
            seen.iter().flat_map(|request| request.lines()).filter(|line| line.starts_with("X-N")).collect();
        assert_eq!(numbers, ["X-Number: 1", "X-Number: 2", "X-Number: 3"], "{method}");
    }
}

#[tokio::test]
async fn what_creates_nothing_is_sent_again_once_on_a_new_connection() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        let (address, seen) = closing_on_the_second().await;
        let client = patient();
        for number in 1..=2 {
            let exchange = send(&client, numbered(address, method, number)).await;
            assert_complete(&exchange.answer, 200, b"");
            assert_eq!(exchange.resent, number == 2);
        }
        assert_eq!(seen.lock().await.len(), 3);
    }
}

#[tokio::test]
async fn what_creates_nothing_is_sent_again_only_once() {
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    let address = target(move |mut stream| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            read_request(&mut stream).await;
            if first {
                let _ = stream.write_all(OK).await;
                read_request(&mut stream).await;
            }
        }
    })
    .await;
    let client = patient();
    assert_complete(&send(&client, numbered(address, "GET", 1)).await.answer, 200, b"");
    let exchange = send(&client, numbered(address, "GET", 2)).await;
    assert_unusable(&exchange.answer, Defect::ClosedEarly, "before the head");
    assert!(exchange.resent);
    assert_eq!(served.load(Ordering::SeqCst), 2);
}

/// A target that answers and closes without saying so, at once or when another request is on its way; and how many it read.
async fn closing_without_a_word(late: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&requests);
    let address = target(move |mut stream| {
        let requests = Arc::clone(&inside);
        async move {
            if read_request(&mut stream).await.is_some() {
                requests.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(OK).await;
                if late {
                    // What comes now is never read: the end of the connection crosses it.
                    let _ = stream.peek(&mut [0]).await;
                    let _ = stream.shutdown().await;
                }
            }
        }
    })
    .await;
    (address, requests)
}

#[tokio::test]
async fn what_a_connection_was_closed_before_is_sent_on_another_silently() {
    for late in [false, true] {
        let (address, requests) = closing_without_a_word(late).await;
        let client = patient();
        for number in 1..=20 {
            let exchange = send(&client, post(address)).await;
            assert_complete(&exchange.answer, 200, b"");
            assert!(!exchange.resent && exchange.irregularities.is_empty());
            assert_eq!(requests.load(Ordering::SeqCst), number, "late: {late}");
        }
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
async fn a_target_that_closes_every_connection_without_saying_so_fails_nothing_once_that_is_known() {
    let (address, requests) = closing_without_a_word(false).await;
    let exchanges = storm(address).await;
    // A close that comes late meets at most what is under way when the habit is found out.
    let (closed_on, answered): (Vec<_>, Vec<_>) = exchanges.iter().partition(|exchange| exchange.is_unanswered());
    assert!(closed_on.len() <= 64, "{} requests were closed on", closed_on.len());
    for exchange in &answered {
        assert_complete(&exchange.answer, 200, b"");
    }
    assert_eq!((exchanges.len(), requests.load(Ordering::SeqCst)), (2048, answered.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_on_kept_connections_that_fail_loses_no_request_twice() {
    let (address, seen) = closing_on_the_second().await;
    let exchanges = storm(address).await;
    let unanswered = exchanges.iter().filter(|exchange| exchange.is_unanswered()).count();
    let answered = exchanges.iter().filter(|exchange| exchange.answer.response().is_some()).count();
    assert_eq!((answered + unanswered, seen.lock().await.len()), (2048, 2048));
    assert!(unanswered > 0, "no kept connection was met");
}

#[tokio::test]
async fn one_connection_is_not_kept_longer_than_the_idle_timeout() {
    let (closed, mut was_closed) = tokio::sync::mpsc::channel(1);
    let address = target(move |mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(OK).await;
            assert!(read_request(&mut stream).await.is_none());
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let idle_timeout = Duration::from_millis(50);
    let client = Client::new(ClientOptions { idle_timeout, ..ClientOptions::default() }).unwrap();
    assert_complete(&send(&client, post(address)).await.answer, 200, b"");
    // Nothing more is sent: the client closes it by itself.
    was_closed.recv().await.unwrap();
}
