//! Answers that cost more to read, or to keep, than they cost to send: a limit of ours is no fault of the target, and what
//! reports keep has a bound that they name.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::binary::conformant;
use crate::support::other::{LIMITED_TOKEN, Other, Rules, TOKEN};
use crate::support::reply::Message;
use crate::support::run::judge_with;
use crate::support::server::Server;

/// The second implementation, whose accepted answers are changed.
fn accepting(change: impl Fn(Message) -> Message + Send + Sync + 'static) -> Server {
    let other = Other::new(Rules::default());
    Server::start(move |request| {
        let message = other.answer(request);
        if request.method == "POST" && message.status == 200 { change(message) } else { message }
    })
}

fn with_many_members(message: Message) -> Message {
    message.with_json(|body| {
        let members = (0..60_000).map(|number| (format!("k{number}"), Value::from(number)));
        body.as_object_mut().expect("an object").extend(members);
    })
}

#[test]
fn a_body_of_more_values_than_are_read_leaves_its_case_inconclusive_and_breaks_nothing() {
    let lists = |message: Message| message.with_json(|body| body["id"] = json!(vec![json!([]); 60_000]));
    for server in [accepting(with_many_members), accepting(lists)] {
        let run = judge_with(&server.url(), &["name.max-length"]);
        assert_eq!((run.exit, run.violated().len()), (3, 0), "{}", run.gist());
        let reason = run.footer()["reason"].as_str().expect("a reason");
        assert!(reason.contains("more than 50000 JSON values, the limit of --max-json-values"), "{reason}");
        let bytes: usize = run.events.iter().map(|event| event.to_string().len()).sum();
        assert!(bytes < 1024 * 1024, "{bytes}");
    }
}

#[test]
fn the_limit_on_values_is_an_option() {
    let server = accepting(|message| message);
    let refused = judge_with(&server.url(), &["name.max-length", "--max-json-values", "10"]);
    assert_eq!(refused.exit, 3, "{}", refused.gist());
    let run = judge_with(&server.url(), &["name.max-length", "--max-json-values", "100"]);
    assert_eq!(run.cases("inconclusive").count(), 0, "{}", run.gist());
}

/// Runs some cases against a server that sends long header fields, with all reports in a folder; the exit code.
fn run_with_long_headers(folder: &Path) -> Option<i32> {
    let server = accepting(|message| {
        (0..80).fold(message, |message, number| message.with_header(&format!("X-Long-{number}"), "h".repeat(3_900)))
    });
    let (token, limited) = (format!("token={TOKEN}"), format!("limited_token={LIMITED_TOKEN}"));
    let mut command = conformant();
    command.args(["run", "--target", &server.url(), "--secret", &token, "--secret", &limited]);
    command.args(["--max-evidence", "60000", "--report-json"]).arg(folder.join("run.ndjson"));
    command.arg("--report-html").arg(folder.join("run.html")).arg("--report-markdown").arg(folder.join("run.md"));
    command.arg("name.max-length").status().expect("the program starts").code()
}

#[test]
fn evidence_stays_within_its_limit_and_every_report_says_so_then_and_later() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_with_long_headers(folder.path()), Some(0));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let stream = read("run.ndjson");
    let events: Vec<Value> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kept: usize = events
        .iter()
        .map(|event| event["exchanges"].as_array().map_or(0, |_| event["exchanges"].to_string().len()))
        .sum();
    assert!((1..60_000).contains(&kept), "{kept}");
    let without = events.iter().filter(|event| event["event"] == "case" && event["exchanges"].is_null());
    let left_out = &events.last().unwrap()["evidence"];
    assert!(without.count() as u64 >= left_out["cases"].as_u64().unwrap(), "{left_out}");
    assert_eq!(left_out["limit"], 60_000);
    for name in ["run.html", "run.md"] {
        assert!(read(name).contains("are left out"), "{name}");
    }
    let mut command = conformant();
    command.args(["report", "--from"]).arg(folder.path().join("run.ndjson"));
    command.arg("--report-html").arg(folder.path().join("later.html"));
    assert_eq!(command.arg("--report-json").arg(folder.path().join("later.ndjson")).status().unwrap().code(), Some(0));
    assert!(read("later.ndjson") == stream && read("later.html") == read("run.html"));
}
