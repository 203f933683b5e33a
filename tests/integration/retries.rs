//! Answers that say "not now": what they do to a run, and what sending again does. The binary, against real sockets.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::binary::conformant;
use crate::support::other::{Other, Rules, TOKEN};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, judge_with};
use crate::support::server::Server;
use serde_json::{Value, json};

/// The second implementation, but for the creations that `instead` answers, by their number from 1 on.
fn but_for(instead: impl Fn(usize) -> Option<Message> + Send + Sync + 'static) -> (Server, Arc<AtomicUsize>) {
    told(move |number, _, other| instead(number).unwrap_or_else(other))
}

/// The second implementation, whose answers to creations `tell` changes or keeps from being made.
fn told(
    tell: impl Fn(usize, &Request, &dyn Fn() -> Message) -> Message + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let (other, asked) = (Other::new(Rules::default()), Arc::new(AtomicUsize::new(0)));
    let inside = Arc::clone(&asked);
    let server = Server::start(move |request| match request.method.as_str() {
        "POST" => {
            let number = inside.fetch_add(1, Ordering::Relaxed) + 1;
            tell(number, request, &|| other.answer(request))
        }
        _ => other.answer(request),
    });
    (server, asked)
}

/// An answer that asks to be left alone for this long.
fn not_now(status: u16, retry_after: &str) -> Message {
    Message::new(status).with_header("Retry-After", retry_after)
}

/// How many creations a run asks for before its first case: the control, and a probe each.
const BEFORE: usize = 6;

/// The ids of the flaky cases, with the statuses that each was answered before it passed.
fn flaky(run: &Run) -> Vec<(&str, Vec<u64>)> {
    let passed = |event: &&Value| ["conforms", "observed", "deviates"].map(Some).contains(&event["outcome"].as_str());
    let cases = run.events.iter().filter(|event| event["event"] == "case").filter(passed);
    let statuses =
        |case: &Value| case["retried"].as_array().unwrap().iter().map(|status| status.as_u64().unwrap()).collect();
    cases.filter(|case| case["retried"].is_array()).map(|case| (case["id"].as_str().unwrap(), statuses(case))).collect()
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
fn a_control_that_meets_a_quota_again_and_again_is_undetermined_before_and_after_the_cases() {
    let last = asked_for("token.mandatory");
    for at in [1, last] {
        let (server, _) = but_for(move |number| (number >= at).then(quota_used_up));
        let run = judge_with(&server.url(), &["--jobs", "1", "token.mandatory"]);
        is_undetermined(&run, QUOTA);
    }
}

#[test]
fn a_quota_that_is_met_for_a_while_is_waited_for_and_nobody_is_blamed() {
    let (server, _) = but_for(move |number| [1, 5, 8, 9].contains(&number).then(quota_used_up));
    let run = judge_with(&server.url(), &["--jobs", "4", "token.mandatory"]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    assert!(flaky(&run).is_empty(), "{}", run.terminal);
}

/// A case of one request that is answered as documented at once.
const ONE: &str = "token/not-valid[one-character]";

/// Gives this answer to the first request with a token of one character.
fn once(answer: Message) -> Server {
    let met = AtomicUsize::new(0);
    let tell = move |_: usize, request: &Request, other: &dyn Fn() -> Message| match request.value("x-auth-token") {
        Some("x") if met.fetch_add(1, Ordering::Relaxed) == 0 => answer.clone(),
        _ => other(),
    };
    told(tell).0
}

#[test]
fn a_pass_after_a_retry_is_flaky_and_fails_the_gate_after_the_time_that_was_asked_for() {
    let server = once(not_now(503, "2"));
    let begun = Instant::now();
    let run = judge_with(&server.url(), &["--seed", "1", "--retries", "1", "token.valid"]);
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((run.exit, run.verdict()), (1, "conformant"), "{}", run.gist());
    assert_eq!((&run.footer()["gate"], &run.footer()["flaky"]), (&json!("failed"), &json!(1)));
    assert_eq!(flaky(&run).iter().map(|(_, statuses)| statuses.clone()).collect::<Vec<_>>(), [[503]]);
    insta::assert_snapshot!(without_figures(&run.terminal));
}

/// What a person sees, without what differs from run to run.
fn without_figures(terminal: &str) -> String {
    let figures = regex::Regex::new(r"127\.0\.0\.1:\d+|in \d+\.\d+ s|/\S+/report\.ndjson").unwrap();
    figures.replace_all(terminal, "[figure]").into_owned()
}

#[test]
fn a_flaky_case_passes_the_gate_where_it_is_allowed_to() {
    let server = once(not_now(429, "0"));
    let run = judge_with(&server.url(), &["--seed", "1", "--retries", "1", "--allow-flaky", "token.valid"]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    assert_eq!((&run.footer()["gate"], &run.footer()["flaky"]), (&json!("passed"), &json!(1)));
    insta::assert_snapshot!(without_figures(&run.terminal));
}

#[test]
fn without_retries_a_503_is_judged_and_a_429_says_nothing() {
    for (status, exit) in [(503, 1), (429, 3)] {
        let (server, asked) = but_for(move |number| (number >= 3).then(|| not_now(status, "0")));
        let run = judge_with(&server.url(), &["--jobs", "1", "token.mandatory"]);
        assert_eq!(run.exit, exit, "{}", run.gist());
        assert!(flaky(&run).is_empty() && asked.load(Ordering::Relaxed) >= 3);
    }
}

#[test]
fn a_control_that_passes_after_a_retry_is_flaky_too() {
    let last = asked_for("token.mandatory");
    for (at, control) in [(1, "before"), (2, "bare"), (last, "after")] {
        let (server, _) = but_for(move |number| (number == at).then(|| not_now(429, "0")));
        let run = judge_with(&server.url(), &["--jobs", "1", "--retries", "1", "token.mandatory"]);
        assert_eq!((run.exit, run.verdict()), (1, "conformant"), "{}", run.gist());
        assert_eq!(flaky(&run), [(format!("connections/control[{control}]").as_str(), vec![429])]);
    }
}

#[test]
fn a_counter_control_that_is_never_refused_as_it_ought_to_be_has_not_passed() {
    let (server, _) = told(|_, request, other| if request.body.is_empty() { not_now(503, "0") } else { other() });
    let run = judge_with(&server.url(), &["--retries", "1", ONE]);
    assert_eq!((run.exit, flaky(&run)), (0, Vec::new()), "{}", run.gist());
}

#[test]
fn a_target_that_never_has_time_is_judged_as_ever_after_the_retries() {
    for (status, tries, exit, verdict) in [(429, 1, 3, "undetermined"), (503, 3, 1, "non-conformant")] {
        for retries in ["0", "2"] {
            let (server, asked) = but_for(move |_| Some(not_now(status, "0")));
            let run = judge_with(&server.url(), &["--retries", retries]);
            assert_eq!((run.exit, run.verdict()), (exit, verdict), "{}", run.gist());
            assert_eq!(asked.load(Ordering::Relaxed), tries + retries.parse::<usize>().unwrap(), "{status}");
        }
    }
}

#[test]
fn a_case_that_is_never_answered_is_judged_as_it_is_after_the_retries() {
    for (status, outcome) in [(429, "inconclusive"), (502, "violates"), (503, "violates"), (504, "violates")] {
        let (server, _) = told(move |_, request, other| match request.value("x-auth-token") {
            Some("x") => not_now(status, "0"),
            _ => other(),
        });
        let run = judge_with(&server.url(), &["--retries", "2", ONE]);
        let case = run.events.iter().find(|event| event["at"].is_u64()).unwrap();
        assert_eq!((&case["outcome"], &case["retried"]), (&json!(outcome), &json!([status, status])), "{}", run.gist());
        assert!(flaky(&run).is_empty());
    }
}

#[test]
fn an_answer_that_asks_for_more_than_a_minute_is_judged_as_it_is() {
    for asked_for in ["61", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let (server, asked) = but_for(move |number| (number >= 3).then(|| not_now(503, asked_for)));
        let run = judge_with(&server.url(), &["--jobs", "1", "--retries", "9", "--max-time", "600", "token.mandatory"]);
        assert_eq!((run.exit, flaky(&run)), (1, Vec::new()), "{asked_for}: {}", run.gist());
        assert!(run.events.iter().all(|event| event["retried"].is_null()));
        assert!(asked.load(Ordering::Relaxed) > 3);
    }
}

#[test]
fn a_date_is_waited_for_and_what_says_nothing_is_not() {
    let (server, _) = but_for(|number| {
        let date = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3)).strftime("%a, %d %b %Y %H:%M:%S GMT");
        (number == 3).then(|| not_now(502, &date.to_string()))
    });
    let begun = Instant::now();
    let run = judge_with(&server.url(), &["--jobs", "1", "--retries", "1", "token.mandatory"]);
    // The date has no fractions of a second.
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((run.exit, flaky(&run).len()), (1, 1), "{}", run.gist());
    for hostile in ["-1", "soon", "", "1e9", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        let (server, _) = but_for(move |number| (number == 3).then(|| not_now(504, hostile)));
        let run = judge_with(&server.url(), &["--jobs", "1", "--retries", "1", "token.mandatory"]);
        assert_eq!((run.exit, flaky(&run).len()), (1, 1), "{hostile}: {}", run.gist());
    }
}

#[test]
fn a_creation_behind_a_503_is_not_taken_for_a_name_that_is_refused() {
    // Every third creation is carried out and answered 503 all the same.
    let (server, _) = told(|number, _, other| match number % 3 {
        0 if other().status == 200 => Message::new(503),
        _ => other(),
    });
    let run = judge_with(&server.url(), &["--jobs", "4", "--retries", "6", "/name/", "/name-characters/", "token."]);
    assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
    assert!(flaky(&run).len() >= 10, "{:?}", flaky(&run));
}

/// A copy of the shipped suite with one more case file, `extra.yaml`, and the contract changed.
fn suite_with(cases: &str, contract: impl Fn(String) -> String) -> tempfile::TempDir {
    let (folder, shipped) =
        (tempfile::tempdir().unwrap(), Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/connections"));
    let copy = folder.path().join("copied");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(shipped).unwrap() {
        let entry = entry.unwrap();
        let mut text = fs::read_to_string(entry.path()).unwrap();
        if entry.file_name() == "contract.yaml" {
            text = contract(text);
        }
        fs::write(copy.join(entry.file_name()), text).unwrap();
    }
    fs::write(copy.join("extra.yaml"), cases).unwrap();
    folder
}

/// What became of the case of that name in `extra.yaml`.
fn extra<'a>(run: &'a Run, name: &str) -> &'a Value {
    let ends = format!("/extra/{name}");
    let found = run.events.iter().find(|event| event["id"].as_str().is_some_and(|id| id.ends_with(&ends)));
    found.unwrap_or_else(|| panic!("no case {name}: {}{}", run.terminal, run.trouble))
}

#[test]
fn a_name_that_cannot_be_another_one_and_may_be_taken_leaves_its_case_inconclusive() {
    let cases = r#"
title: Names that are always the same
cases:
  - id: whole
    title: a name that is always the same is accepted
    covers: { name.min-length: accept }
    body: { name: always-the-same }
    expect: 200

  - id: member
    title: a name that is always the same is accepted, whatever stands beside it
    covers: { name.min-length: accept }
    body: { name: always-the-same, description: "{{ unique(8) }}" }
    expect: 200
"#;
    let folder = suite_with(cases, |contract| contract);
    let suite = folder.path().join("copied").display().to_string();
    for name in ["whole", "member"] {
        let (server, _) = told(|number, _, other| match number {
            number if number == BEFORE + 1 && other().status == 200 => Message::new(503),
            _ => other(),
        });
        let only = format!("/extra/{name}");
        let run = judge_with(&server.url(), &["--suite", &suite, "--jobs", "1", "--retries", "1", &only]);
        let case = extra(&run, name);
        assert_eq!(case["outcome"], "inconclusive", "{}", run.gist());
        let why = "refused with 400, but an earlier POST of the same, answered 503, may have taken its place";
        assert_eq!(case["reason"], why);
        assert_eq!(run.exit, 3, "{}", run.gist());
    }
}

#[test]
fn what_is_broken_already_is_not_retried_away() {
    let cases = r#"
title: Two creations
cases:
  - id: two
    title: two valid requests are accepted
    covers: { name.min-length: accept }
    steps:
      - { expect: 200 }
      - { expect: 200 }
"#;
    let folder = suite_with(cases, |contract| contract);
    let (server, asked) = told(|number, _, other| match number {
        number if number == BEFORE + 1 => other().with_json(|body| body["description"] = json!("another one")),
        number if number == BEFORE + 2 => Message::new(503),
        _ => other(),
    });
    let suite = folder.path().join("copied").display().to_string();
    let run = judge_with(&server.url(), &["--suite", &suite, "--retries", "3", "/extra/"]);
    let case = extra(&run, "two");
    assert_eq!((&case["outcome"], &case["retried"]), (&json!("violates"), &Value::Null), "{}", run.gist());
    assert_eq!(case["findings"][0]["clause"], "response.description-echo");
    assert_eq!(case["reason"], "it isn't sent again: what is broken already stands");
    assert!(asked.load(Ordering::Relaxed) >= BEFORE + 2);
}

#[test]
fn steps_that_build_on_each_other_races_and_counts_start_anew() {
    for at in [4, 9, 14, 23, 40] {
        // Carried out, and answered 503 all the same.
        let (server, _) = told(move |number, _, other| {
            let answer = other();
            if number == at { Message::new(503) } else { answer }
        });
        let cases = ["/concurrency/", "/uniqueness/", "/no-effect/", "/ids/", "/connection/"];
        let run = judge_with(&server.url(), &[&["--retries", "2"], cases.as_slice()].concat());
        assert_eq!(run.cases("violates").count(), 0, "{at}: {}", run.gist());
        assert_eq!(flaky(&run).len(), 1, "{at}: {}", run.gist());
    }
}

#[test]
fn a_status_that_the_contract_documents_or_the_case_expects_is_not_retried_away() {
    let cases = r#"
title: What is documented
cases:
  - id: expecting
    title: whatever comes is taken
    covers: { name.min-length: accept }
    expect: [200, 503]

  - id: accepted
    title: a valid request is accepted
    covers: { name.min-length: accept }
    expect: 200
"#;
    let documented = |contract: String| {
        let (before, rest) = contract.split_once("        \"500\":\n").expect("a response with 500");
        let (failed, rest) = rest.split_once("components:\n").expect("the end of the responses");
        format!("{before}        \"500\":\n{failed}        \"503\":\n{failed}components:\n{rest}")
    };
    let folder = suite_with(cases, documented);
    let (server, asked) = but_for(|number| (number == BEFORE + 1).then(|| not_now(503, "0")));
    let suite = folder.path().join("copied").display().to_string();
    let run = judge_with(&server.url(), &["--suite", &suite, "--retries", "5", "/extra/accepted"]);
    assert_eq!(extra(&run, "accepted")["outcome"], "violates", "{}{}", run.gist(), asked.load(Ordering::Relaxed));
    assert!(extra(&run, "accepted")["retried"].is_null());
    // Where the contract doesn't document it, it is.
    let folder = suite_with(cases, |contract| contract);
    for (name, retried) in [("accepted", json!([503])), ("expecting", Value::Null)] {
        let (server, _) = but_for(|number| (number == BEFORE + 1).then(|| not_now(503, "0")));
        let suite = folder.path().join("copied").display().to_string();
        let only = format!("/extra/{name}");
        let run = judge_with(&server.url(), &["--suite", &suite, "--retries", "5", &only]);
        assert_eq!(extra(&run, name)["retried"], retried, "{}", run.gist());
    }
}

/// Answers 503 to a creation whose name says so, which is the same name in every run with the same seed.
fn by_name() -> Server {
    told(|_, request, other| {
        let name = serde_json::from_slice::<Value>(&request.body)
            .ok()
            .and_then(|body| Some(body["name"].as_str()?.to_owned()));
        let sum: u32 = name.iter().flat_map(|name| name.bytes()).map(u32::from).sum();
        if name.is_some_and(|name| name.len() == 16) && sum.is_multiple_of(5) { not_now(503, "0") } else { other() }
    })
    .0
}

/// Runs with these arguments and gives back the run and its canonical report.
fn canonical(arguments: &[&str]) -> (Run, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    let server = by_name();
    let cases = ["--seed", "7", "--retries", "8", "--report-canonical", &path, "/token/", "/name/", "/ids/"];
    let run = judge_with(&server.url(), &[arguments, &cases].concat());
    (run, fs::read_to_string(file.path()).unwrap())
}

#[test]
fn what_is_flaky_is_the_same_at_any_number_of_jobs() {
    let (alone, one) = canonical(&["--jobs", "1"]);
    let (beside, other) = canonical(&["--jobs", "16"]);
    assert!(flaky(&alone).len() >= 5, "{:?}", flaky(&alone));
    assert_eq!(flaky(&alone), flaky(&beside));
    assert_eq!(one, other);
    assert_eq!((alone.exit, beside.exit), (1, 1), "{}", alone.gist());
    assert!(one.contains("\"flaky\":true"));
}

/// Makes the canonical report of these event streams; gives back the exit code, too.
fn reported(how: &str, streams: &[&Path]) -> (i32, String) {
    let canonical = tempfile::NamedTempFile::new().unwrap();
    let mut command = conformant();
    command.arg("report").arg(how).args(streams).arg("--report-canonical").arg(canonical.path());
    let output = command.stdout(Stdio::null()).output().unwrap();
    (output.status.code().unwrap(), fs::read_to_string(canonical.path()).unwrap())
}

#[test]
fn reports_made_later_and_merged_shards_know_what_is_flaky_and_whether_it_may_be() {
    for (allow, exit) in [(&[][..], 1), (&["--allow-flaky"][..], 0)] {
        let (run, whole) = canonical(allow);
        assert_eq!(run.exit, exit, "{}", run.gist());
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, run: &Run| {
            let path = folder.path().join(name);
            let lines: String = run.events.iter().map(|event| format!("{event}\n")).collect();
            fs::write(&path, lines).unwrap();
            path
        };
        let stream = write("whole", &run);
        assert_eq!(reported("--from", &[&stream]), (exit, whole.clone()));
        let shards: Vec<_> = ["1/3", "2/3", "3/3"]
            .map(|shard| {
                (shard.replace('/', "-"), canonical(&[&["--run-id", "r", "--shard", shard], allow].concat()).0)
            })
            .iter()
            .map(|(name, run)| write(name, run))
            .collect();
        let shards: Vec<&Path> = shards.iter().map(AsRef::as_ref).collect();
        assert_eq!(reported("--merge", &shards), (exit, whole));
    }
}

#[test]
fn shards_that_differ_in_whether_a_case_may_be_flaky_are_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = [("1/2", &[][..]), ("2/2", &["--allow-flaky"][..])]
        .iter()
        .map(|(shard, allow)| {
            let path = folder.path().join(shard.replace('/', "-"));
            let arguments = ["--run-id", "r", "--shard", shard, "--report-json"];
            let mut command = conformant();
            command.args(["run", "token.mandatory"]).args(arguments).arg(&path).args(*allow);
            assert!(command.stdout(Stdio::null()).status().unwrap().success());
            path
        })
        .collect();
    let output = conformant().args(["report", "--merge"]).args(&paths).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.ends_with("help: give --allow-flaky to all shards or none\n"), "{told}");
}

#[cfg(unix)]
#[test]
fn other_cases_go_on_while_one_waits() {
    let all = asked_for("token.valid");
    let (server, asked) = told(|_, request, other| match request.value("x-auth-token") {
        Some("x") => not_now(503, "60"),
        _ => other(),
    });
    let report = tempfile::NamedTempFile::new().unwrap();
    let (token, limited) =
        (format!("token={TOKEN}"), format!("limited_token={}", crate::support::other::LIMITED_TOKEN));
    let target = [
        "--target",
        &server.url(),
        "--secret",
        &token,
        "--secret",
        &limited,
        "--variable",
        "other_project_id=project-b",
    ];
    let mut command = conformant();
    command
        .arg("run")
        .args(target)
        .args(["--jobs", "1", "--retries", "1", "token.valid"])
        .arg("--report-json")
        .arg(report.path());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    // Everything but the control after all cases, for which the one that waits is waited for.
    while asked.load(Ordering::Relaxed) < all - 1 {
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let events = fs::read_to_string(report.path()).unwrap();
    let open: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &Value| event["outcome"] == "inconclusive")
        .collect();
    let why = "it waited for a retry after 503 when the run was stopped: Ctrl-C";
    let told: Vec<_> =
        open.iter().map(|case| (case["id"].as_str().unwrap(), case["reason"].as_str().unwrap())).collect();
    assert_eq!(told, [("connections/token/not-valid[one-character]", why)]);
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}

/// A server that has time for the control alone, and a run of the binary against it with a minute to wait.
fn waiting(more: &[&str]) -> (Server, Arc<AtomicUsize>, std::process::Child) {
    let (server, asked) = but_for(|number| (number > 2).then(|| not_now(503, "60")));
    let token = format!("token={TOKEN}");
    let arguments = ["run", "--target", &server.url(), "--secret", &token, "--retries", "10", "token.mandatory"];
    let mut command = conformant();
    command.args(arguments).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    (server, asked, child)
}

#[test]
fn a_run_whose_time_is_over_waits_for_nobody() {
    let (_server, _, child) = waiting(&["--max-time", "1"]);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("it waited for a retry after 503 when the run was stopped: the time limit of 1 s was reached"),
        "{told}"
    );
    assert!(!told.contains("violates "), "{told}");
}

#[test]
fn a_control_that_waits_when_the_time_is_over_has_found_nothing_out() {
    let (server, asked) = but_for(|_| Some(not_now(503, "60")));
    let run = judge_with(&server.url(), &["--retries", "10", "--max-time", "1"]);
    is_undetermined(&run, "the run was stopped before its end: the time limit of 1 s was reached");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let reason = run.events[1]["reason"].as_str().unwrap();
    assert_eq!(reason, "it waited for a retry after 503 when the run was stopped: the time limit of 1 s was reached");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_every_wait_and_still_reports() {
    let (_server, asked, child) = waiting(&[]);
    while asked.load(Ordering::Relaxed) < 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("it waited for a retry after 503 when the run was stopped: Ctrl-C"), "{told}");
}

#[test]
fn every_try_counts_against_the_rate() {
    let (server, asked) = but_for(|number| (number == 3).then(|| not_now(503, "0")));
    let begun = Instant::now();
    let run = judge_with(&server.url(), &["--rate", "10/s", "--retries", "1", "token.mandatory"]);
    let taken = begun.elapsed();
    assert_eq!(flaky(&run).len(), 1, "{}", run.gist());
    let least = Duration::from_millis(100) * u32::try_from(asked.load(Ordering::Relaxed) - 1).unwrap();
    assert!(taken >= least, "{taken:?}");
}

#[test]
fn a_profile_and_the_environment_say_whether_to_retry_and_a_flag_wins_over_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("conformant.toml");
    fs::write(&file, "[profile.staging]\nretries = 2\nallow-flaky = true\n").unwrap();
    let run = |environment: &[(&str, &str)], flags: &[&str]| {
        let server = once(not_now(503, "0"));
        let mut command = conformant();
        command.args(["run", "--target", &server.url(), "--secret", &format!("token={TOKEN}"), ONE]);
        command.args(["-P", "staging", "--config"]).arg(&file).args(flags).envs(environment.iter().copied());
        command.stdout(Stdio::null()).status().unwrap().code().unwrap()
    };
    assert_eq!(run(&[], &[]), 0);
    assert_eq!(run(&[("CONFORMANT_ALLOW_FLAKY", "false")], &[]), 1);
    assert_eq!(run(&[("CONFORMANT_ALLOW_FLAKY", "false")], &["--allow-flaky"]), 0);
    // Not sent again, a 503 is a violation, which no case that may be flaky is.
    assert_eq!(run(&[("CONFORMANT_RETRIES", "0")], &[]), 1);
    assert_eq!(run(&[("CONFORMANT_RETRIES", "0")], &["--retries", "1"]), 0);
}

#[test]
fn numbers_of_retries_that_are_too_large_are_refused() {
    let output = conformant().args(["run", "--retries", "11"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("give an integer from 0 to 10"), "{told}");
}
