//! HTTP/2, which a target chooses when TLS is set up: what is sent a second time there, and what never is.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::tls::Authority;
use bytes::Bytes;
use conformant::http::{Answer, Client, ClientOptions, ConnectionUse, Defect, Exchange, HeaderCase, Request};
use h2::Reason;
use h2::server::SendResponse;
use tokio::net::TcpListener;

/// What the target does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Answers it.
    Answer,
    /// Says that it wasn't looked at.
    Refuse,
    /// Takes it and closes the connection.
    Close,
    /// Answers it with so many fields of so many bytes.
    Fields(usize, usize),
}

/// A target that speaks HTTP/2 and counts.
struct Target {
    url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    authority: Authority,
}

impl Target {
    /// One that does to the requests that come, in their order, what `acts` says, and answers all others.
    async fn start(acts: &'static [Act]) -> Self {
        let authority = Authority::new();
        let acceptor = authority.acceptor(false, &["h2"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counts = (Arc::clone(&connections), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, (connections, requests)) = (acceptor.clone(), counts.clone());
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(stream).await else { return };
                    connections.fetch_add(1, Ordering::SeqCst);
                    let Ok(mut connection) = h2::server::handshake(tls).await else { return };
                    while let Some(Ok((request, mut respond))) = connection.accept().await {
                        let number = requests.fetch_add(1, Ordering::SeqCst);
                        match acts.get(number).copied().unwrap_or(Act::Answer) {
                            Act::Answer => answer(&mut respond, number),
                            Act::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
                            Act::Close => return drop(request),
                            Act::Fields(count, length) => answer_with(&mut respond, count, length),
                        }
                    }
                });
            }
        });
        Self { url, connections, requests, authority }
    }

    fn client(&self) -> Client {
        let ca_certificates = vec![fs::read(self.authority.path("ca.pem")).unwrap()];
        Client::new(ClientOptions { ca_certificates, ..ClientOptions::default() }).unwrap()
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    async fn send(&self, client: &Client, method: &str) -> Exchange {
        let request = Request {
            method: method.into(),
            url: self.url.clone(),
            headers: vec![],
            body: Some(Bytes::from_static(b"{}")),
            header_case: HeaderCase::default(),
            connection: ConnectionUse::Shared,
        };
        client.send(Arc::new(request)).await
    }
}

fn answer(respond: &mut SendResponse<Bytes>, number: usize) {
    let response = http::Response::builder().status(200).body(()).unwrap();
    let mut body = respond.send_response(response, false).unwrap();
    body.send_data(Bytes::from(number.to_string()), true).unwrap();
}

fn answer_with(respond: &mut SendResponse<Bytes>, count: usize, length: usize) {
    let mut response = http::Response::builder().status(200);
    for number in 0..count {
        response = response.header(format!("x-{number}"), "h".repeat(length));
    }
    let _ = respond.send_response(response.body(()).unwrap(), true);
}

#[track_caller]
fn assert_answered(exchange: &Exchange, number: &str) {
    match &exchange.answer {
        Answer::Complete(response) => {
            assert_eq!(
                (response.status, response.version.as_str(), response.body.as_ref()),
                (200, "HTTP/2.0", number.as_bytes())
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_choice_of_the_target_is_asked_for_once() {
    let target = Target::start(&[]).await;
    let client = target.client();
    for number in ["0", "1", "2", "3"] {
        assert_answered(&target.send(&client, "POST").await, number);
    }
    // One on which HTTP/2 was chosen, and one on which it is spoken.
    assert_eq!(target.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_request_that_the_target_says_it_has_not_looked_at_is_sent_again() {
    let target = Target::start(&[Act::Answer, Act::Refuse]).await;
    let client = target.client();
    assert_answered(&target.send(&client, "POST").await, "0");
    assert_answered(&target.send(&client, "POST").await, "2");
    assert_eq!(target.requests(), 3);
}

#[tokio::test]
async fn what_may_create_something_never_leaves_twice_where_the_connection_closes_on_it() {
    for method in ["POST", "DELETE"] {
        let target = Target::start(&[Act::Answer, Act::Close]).await;
        let client = target.client();
        assert_answered(&target.send(&client, method).await, "0");
        let exchange = target.send(&client, method).await;
        assert!(
            matches!(exchange.answer, Answer::Unusable { defect: Defect::Unanswered, .. }),
            "{:?}",
            exchange.answer
        );
        assert_eq!((target.requests(), exchange.resent), (2, false));
        assert_answered(&target.send(&client, method).await, "2");
    }
}

#[tokio::test]
async fn what_creates_nothing_is_sent_again_once_where_the_connection_closes_on_it() {
    let target = Target::start(&[Act::Answer, Act::Close]).await;
    let client = target.client();
    assert_answered(&target.send(&client, "GET").await, "0");
    let exchange = target.send(&client, "GET").await;
    assert_answered(&exchange, "2");
    assert_eq!((target.requests(), exchange.resent), (3, true));
}

#[tokio::test]
async fn bytes_as_they_are_given_are_sent_over_http_1_alone() {
    let target = Target::start(&[]).await;
    let client = target.client();
    assert_answered(&target.send(&client, "GET").await, "0");
    let request = target.send(&client, "GET").await.request;
    let exchange = client.send_bytes(request, Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n")).await;
    // The target offers nothing but HTTP/2.
    assert!(matches!(exchange.answer, Answer::Unreachable { .. }), "{:?}", exchange.answer);
}

#[tokio::test]
async fn a_head_beyond_a_limit_of_ours_is_told_as_that_and_no_fault_of_the_target() {
    for (fields, limit) in [
        (Act::Fields(101, 1), "the head has more than 100 fields, the limit of --max-headers"),
        (Act::Fields(100, 4_090), "the head has more than 409600 bytes, the limit of --max-head"),
        (Act::Fields(60, 20_000), "the limits of --max-headers and --max-head"),
        (Act::Fields(20, 1_000_000), "the limits of --max-headers and --max-head"),
    ] {
        let acts: &[Act] = Box::leak(Box::new([fields]));
        let target = Target::start(acts).await;
        let exchange = target.send(&target.client(), "POST").await;
        let Answer::Unusable { defect, cause, .. } = &exchange.answer else {
            panic!("{fields:?} {:?}", exchange.answer)
        };
        assert_eq!((*defect, target.requests()), (Defect::TooLarge, 1), "{fields:?} {cause}");
        assert!(cause.contains(limit), "{fields:?} {cause}");
    }
    let target = Target::start(&[Act::Fields(99, 3_000)]).await;
    assert!(target.send(&target.client(), "POST").await.answer.response().is_some());
}
