//! A good guest: how often it asks, and what it does before the target is there. The binary, against real sockets.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::binary::conformant;
use crate::support::other::{Other, Rules};
use crate::support::reply::Message;
use crate::support::run::{Process, judge_with};
use crate::support::server::Server;

/// Answers as the second implementation does, but 429 to whoever asks more than 20 times in any one second.
struct Strict {
    other: Other,
    within_a_second: Mutex<VecDeque<Instant>>,
    counts: Mutex<(usize, usize)>,
}

impl Strict {
    fn answer(&self, request: &crate::support::request::Request) -> Message {
        let now = Instant::now();
        let mut recent = self.within_a_second.lock().unwrap();
        while recent.front().is_some_and(|first| now - *first >= Duration::from_secs(1)) {
            recent.pop_front();
        }
        let mut counts = self.counts.lock().unwrap();
        counts.0 += 1;
        if recent.len() >= 20 {
            counts.1 += 1;
            return Message::new(429);
        }
        recent.push_back(now);
        drop((recent, counts));
        self.other.answer(request)
    }
}

fn strict() -> (Arc<Strict>, Server) {
    let strict = Arc::new(Strict {
        other: Other::new(Rules::default()),
        within_a_second: Mutex::default(),
        counts: Mutex::default(),
    });
    let inside = Arc::clone(&strict);
    (strict, Server::start(move |request| inside.answer(request)))
}

#[test]
fn a_server_that_allows_20_requests_a_second_is_never_asked_more_often_at_that_rate() {
    let (strict, server) = strict();
    let begun = Instant::now();
    let run = judge_with(&server.url(), &["--rate", "20/s", "--jobs", "16", "description."]);
    let taken = begun.elapsed();
    let (asked, refused) = *strict.counts.lock().unwrap();
    assert_eq!((run.exit, refused), (0, 0), "{}{}", run.terminal, run.trouble);
    assert!(asked >= 100, "{asked} requests are too few to tell");
    let least = Duration::from_millis(50) * u32::try_from(asked - 1).unwrap();
    assert!(taken >= least, "{asked} requests took {taken:?}");
}

#[test]
fn a_server_that_is_asked_too_often_leaves_the_run_undetermined() {
    let (other, asked) = (Other::new(Rules::default()), AtomicUsize::new(0));
    let server = Server::start(move |request| match asked.fetch_add(1, Ordering::Relaxed) {
        ..10 => other.answer(request),
        _ => Message::new(429),
    });
    let run = judge_with(&server.url(), &["--jobs", "16", "description."]);
    assert_eq!(run.exit, 3, "{}", run.terminal);
    assert!(run.terminal.contains("it is asked too often"), "{}", run.terminal);
}

#[test]
fn a_rate_that_is_none_says_how_one_is_written() {
    let output = conformant().args(["run", "--rate", "fast"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("write it like 20/s, 300/m, or 20 for 20 a second"), "{told}");
}

#[test]
fn a_target_that_comes_later_is_waited_for() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}");
    let arguments =
        ["run", "--target", &url, "--secret", "token=good-token", "--wait-for-target", "60", "token.mandatory"];
    let waiting = conformant().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let port = address.port().to_string();
    let server = conformant().args(["serve", "--port", &port]).stdout(Stdio::null()).spawn().unwrap();
    let server = Process(server);
    let output = waiting.wait_with_output().unwrap();
    drop(server);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_target_that_never_comes_is_one_clear_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let arguments = ["run", "--target", &url, "--secret", "token=good-token", "--wait-for-target", "0.5"];
    let output = conformant().args(arguments).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.starts_with("error: the target was not there within 0.5 s: "), "{told}");
    assert!(told.ends_with("help: check that it starts, or give --wait-for-target more time\n"), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_gateway_without_its_service_is_not_taken_for_the_target() {
    let server = Server::start(|_| Message::new(503));
    let arguments = ["run", "--target", &server.url(), "--secret", "token=good-token", "--wait-for-target", "3"];
    let output = conformant().args(arguments).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("the target was not there within 3 s: it answers 503"), "{told}");
}
