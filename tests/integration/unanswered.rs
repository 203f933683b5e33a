//! A target that closes a kept-alive connection on a request without an answer: what a run makes of it. The binary,
//! against real sockets.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::other::{Other, Rules};
use crate::support::reply::{Message, Reply};
use crate::support::run::{Run, judge_with};
use crate::support::server::Server;
use serde_json::Value;

/// The second implementation, which carries requests out but closes some connections instead of answering.
struct Closing {
    other: Arc<Other>,
    /// The bodies of all creations, in the order of arrival.
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    /// How many were closed on.
    closed: Arc<AtomicUsize>,
    server: Server,
}

/// One that closes on these of the creations that come on a connection which has served before, counted from 1 on.
fn closing_on(which: impl Fn(usize) -> bool + Send + Sync + 'static) -> Closing {
    let (other, bodies) = (Arc::new(Other::new(Rules::default())), Arc::new(Mutex::new(Vec::new())));
    let closed = Arc::new(AtomicUsize::new(0));
    let inside = (Arc::clone(&other), Arc::clone(&bodies), Arc::clone(&closed));
    let (used, kept) = (Mutex::new(HashSet::new()), AtomicUsize::new(0));
    let server = Server::start(move |request| {
        let answer = Message { close: false, ..inside.0.answer(request) };
        let has_served = !used.lock().unwrap().insert(request.connection);
        if request.method == "POST" {
            inside.1.lock().unwrap().push(request.body.clone());
            if has_served && which(kept.fetch_add(1, Ordering::SeqCst) + 1) {
                inside.2.fetch_add(1, Ordering::SeqCst);
                return Reply::Bytes(Vec::new());
            }
        }
        answer.into()
    });
    Closing { other, bodies, closed, server }
}

/// The cases that have something to tell of an exchange without an answer.
fn told(run: &Run) -> Vec<&Value> {
    let told = |case: &&Value| {
        case["exchanges"].as_array().is_some_and(|list| list.iter().any(|exchange| exchange["step"] == "unanswered"))
    };
    run.events.iter().filter(|event| event["event"] == "case").filter(told).collect()
}

#[test]
fn a_creation_that_is_closed_on_once_is_made_anew_with_fresh_values_and_told() {
    let closing = closing_on(|number| number == 5);
    let run = judge_with(&closing.server.url(), &["--jobs", "1", "description."]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant-with-deviations"), "{}", run.gist());
    assert_eq!(closing.closed.load(Ordering::SeqCst), 1);
    let told = told(&run);
    assert_eq!(told.len(), 1, "{told:?}");
    let finding = &told[0]["findings"][0];
    assert_eq!((finding["clause"].as_str(), finding["kind"].as_str()), (Some("transport.answer"), Some("deviation")));
    let index = usize::try_from(finding["exchange"].as_u64().unwrap()).unwrap();
    let exchange = &told[0]["exchanges"][index];
    assert_eq!(exchange["step"], "unanswered");
    assert!(exchange["trouble"].as_str().unwrap().contains("bytes of the request had left"), "{exchange}");
    assert!(run.terminal.contains("the case was made anew with fresh values"), "{}", run.terminal);
    // What it made was looked up by what the ledger holds.
    assert_eq!(closing.other.left(), 0, "{}", run.terminal);
}

#[test]
fn no_creation_is_ever_sent_twice_with_the_same_values() {
    let closing = closing_on(|number| number == 7);
    let run = judge_with(&closing.server.url(), &["--jobs", "1", "description.", "vpc-id."]);
    assert_eq!((run.exit, closing.closed.load(Ordering::SeqCst)), (0, 1), "{}", run.gist());
    let bodies = closing.bodies.lock().unwrap();
    let named = bodies.iter().filter(|body| String::from_utf8_lossy(body).contains("\"name\""));
    let mut seen = HashSet::new();
    assert!(named.clone().all(|body| seen.insert(body)), "a body came twice");
}

#[test]
fn a_target_that_does_it_again_breaks_its_clause() {
    let closing = closing_on(|number| number % 10 == 0);
    let run = judge_with(&closing.server.url(), &["--jobs", "1", "description.", "vpc-id."]);
    assert_eq!(run.exit, 1, "{}", run.gist());
    let violated: Vec<&str> = run.violated().into_iter().map(|(clause, _)| clause).collect();
    assert_eq!(violated, ["transport.answer"], "{}", run.gist());
    let closed = closing.closed.load(Ordering::SeqCst);
    assert!(closed > 1, "{closed} is too few to tell");
    assert_eq!((told(&run).len(), closing.other.left()), (1, 0), "{}", run.terminal);
}

#[test]
fn the_first_is_let_pass_also_where_many_are_under_way() {
    let closing = closing_on(|number| number == 40);
    let run = judge_with(&closing.server.url(), &["--jobs", "16", "description.", "vpc-id."]);
    assert_eq!((run.exit, told(&run).len()), (0, 1), "{}", run.gist());
    assert_eq!(closing.other.left(), 0, "{}", run.terminal);
}
