//! Answers that say "not now": what they do to a run, and what sending again does. The binary, against real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "a test may; the support is other tests', too"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use support::other::{Other, Rules};
use support::reply::Message;
use support::run::{Run, judge_with};
use support::server::Server;

/// The second implementation, but for the creations that `instead` answers, by their number from 1 on.
fn but_for(instead: impl Fn(usize) -> Option<Message> + Send + Sync + 'static) -> (Server, Arc<AtomicUsize>) {
    let (other, asked) = (Other::new(Rules::default()), Arc::new(AtomicUsize::new(0)));
    let inside = Arc::clone(&asked);
    let server = Server::start(move |request| match request.method.as_str() {
        "POST" => {
            let number = inside.fetch_add(1, Ordering::Relaxed) + 1;
            instead(number).unwrap_or_else(|| other.answer(request))
        }
        _ => other.answer(request),
    });
    (server, asked)
}

/// How many creations a run of these cases asks a right server for.
fn asked_for(cases: &str) -> usize {
    let (server, asked) = but_for(|_| None);
    let run = judge_with(&server.url(), &["--jobs", "1", cases]);
    assert_eq!(run.exit, 0, "{}", run.gist());
    asked.load(Ordering::Relaxed)
}

fn quota_used_up() -> Message {
    Message::json(403, &json!({ "error_code": QUOTA, "error_msg": "no more" }))
}

/// The documented code for a quota that is used up.
const QUOTA: &str = "EG.00514003";

#[track_caller]
fn is_undetermined(run: &Run, told: &str) {
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.gist());
    assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
    let reason = run.footer()["reason"].as_str().unwrap();
    assert!(reason.contains(told), "{reason}");
}

#[test]
fn a_first_control_that_is_asked_to_wait_leaves_the_run_undetermined_and_nothing_is_fired() {
    let (server, asked) = but_for(|number| (number == 1).then(|| Message::new(429)));
    let run = judge_with(&server.url(), &["token.mandatory"]);
    is_undetermined(&run, "the target answered 429");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_last_control_that_is_asked_to_wait_leaves_the_run_undetermined() {
    let last = asked_for("token.mandatory");
    for until in [last, usize::MAX] {
        let (server, _) = but_for(move |number| (last..=until).contains(&number).then(|| Message::new(429)));
        let run = judge_with(&server.url(), &["--jobs", "1", "token.mandatory"]);
        is_undetermined(&run, "connections/control[after] was inconclusive: the target answered 429");
    }
}

#[test]
fn a_counter_control_that_is_asked_to_wait_leaves_the_run_undetermined_and_nothing_is_fired() {
    let (server, asked) = but_for(|number| (number == 2).then(|| Message::new(429)));
    let run = judge_with(&server.url(), &["token.mandatory"]);
    is_undetermined(&run, "the target answered 429");
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn a_control_that_meets_a_quota_is_undetermined_before_and_after_the_cases() {
    let last = asked_for("token.mandatory");
    for at in [1, last] {
        let (server, _) = but_for(move |number| (number == at).then(quota_used_up));
        let run = judge_with(&server.url(), &["--jobs", "1", "token.mandatory"]);
        is_undetermined(&run, QUOTA);
    }
}
