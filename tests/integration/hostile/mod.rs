//! What a target can do to the client on the wire, each against a real socket: every call returns, with the right word
//! for what happened.

mod answers;
mod broken;
mod caps;
mod connections;
mod deadlines;
mod irregular;
mod odd;
mod options;
mod resent;

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
    let deadline = Duration::from_secs(1);
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
        header_case: HeaderCase::default(),
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
