//! Several suites in one run: a verdict for each, and one over all.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: things
      responses:
        '200': { description: fine, content: { application/json: { schema: { type: object } } } }
        '401': { description: no, content: { application/json: { schema: { type: object } } } }
x-checks: { body: answer.steady, error-body: answer.steady }
x-clauses:
  answer.steady: { level: must, says: equal requests get equal answers, source: the page, polarities: [hold] }
";

const SUITE: &str = r"title: Things
contract: contract.yaml
operations:
  things: { accepted: { status: 200, clause: answer.steady } }
control: { clause: answer.steady }
";

const LOGIN: &str = r"
secrets:
  key:
    obtain:
      request: { method: GET, path: /login }
      take: /body/key
operations:
  things: { request: { headers: { X-Key: '{{ key }}' } }, accepted: { status: 200, clause: answer.steady } }
";

/// The cases of a suite: all things, and a page, which its query asks for.
fn cases(page: &str) -> String {
    format!(
        "title: Pages\ncases:\n  - {{ id: all, expect: 200, covers: {{ answer.steady: hold }} }}\n  \
         - {{ id: {page}, query: {{ page: {page} }}, expect: 200 }}\n"
    )
}

/// A folder of suites, each with the page that it asks for and what its `suite.yaml` has besides.
pub fn suites(named: &[(&str, &str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, page, more) in named {
        let suite = folder.path().join(name);
        fs::create_dir(&suite).unwrap();
        let of_suite = if more.contains("operations:") {
            format!("title: Things\ncontract: contract.yaml\ncontrol: {{ clause: answer.steady }}{more}")
        } else {
            format!("{SUITE}{more}")
        };
        for (file, text) in [("contract.yaml", CONTRACT), ("suite.yaml", &of_suite), ("pages.yaml", &cases(page))] {
            fs::write(suite.join(file), text).unwrap();
        }
    }
    folder
}

/// A server that refuses these pages; it counts its requests.
pub fn server(refused: &'static [&'static str]) -> (Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |request: &Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        let page = request.query().unwrap_or_default().to_owned();
        let is_refused = refused.iter().any(|refused| page.contains(refused)) || request.path().contains("login");
        Message::json(if is_refused { 401 } else { 200 }, &json!({}))
    });
    (server, count)
}

fn fire(folder: &Path, url: &str, more: &[&str]) -> Run {
    run(&[&["--suite", folder.to_str().unwrap(), "--target", url], more].concat())
}

fn of_kind<'a>(run: &'a Run, kind: &str) -> Vec<&'a Value> {
    run.events.iter().filter(|event| event["event"] == kind).collect()
}

fn verdicts(run: &Run) -> Vec<&str> {
    of_kind(run, "finished").iter().map(|footer| footer["verdict"].as_str().unwrap()).collect()
}

fn told(output: &Output) -> String {
    format!("{}{}", stdout(output), stderr(output))
}

#[test]
fn every_suite_of_a_folder_has_a_verdict_and_the_run_ends_as_the_worst() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    fs::create_dir(folder.path().join("documents")).unwrap();
    for (refused, exit, expected) in [
        (&[][..], 0, ["conformant", "conformant"]),
        (&["first"], 1, ["non-conformant", "conformant"]),
        (&["second"], 1, ["conformant", "non-conformant"]),
    ] {
        let (server, _) = server(refused);
        let run = fire(folder.path(), &server.url(), &[]);
        assert_eq!((run.exit, verdicts(&run)), (exit, expected.to_vec()), "{}{}", run.terminal, run.trouble);
        let headers: Vec<&Value> = of_kind(&run, "started").iter().map(|header| &header["suite"]).collect();
        assert_eq!(headers, ["alpha", "beta"]);
        let all = run.terminal.lines().rev().find(|line| line.starts_with("all ")).unwrap();
        assert!(all.ends_with(if exit == 0 { " conformant" } else { "non-conformant" }), "{all}");
    }
}

#[test]
fn suites_that_are_named_run_in_this_order() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = server(&[]);
    let [alpha, beta] = ["alpha", "beta"].map(|name| folder.path().join(name).display().to_string());
    let run = run(&["--suite", &beta, "--suite", &alpha, "--target", &server.url()]);
    let names: Vec<&Value> = of_kind(&run, "started").iter().map(|header| &header["suite"]).collect();
    assert_eq!((run.exit, names), (0, vec![&json!("beta"), &json!("alpha")]));
}

#[test]
fn any_report_made_later_is_byte_for_byte_that_of_the_run() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = server(&["second"]);
    let kept = tempfile::tempdir().unwrap();
    let formats = ["json", "junit", "html", "markdown", "ctrf", "tap", "coverage", "canonical"];
    let reports = |prefix: &str| -> Vec<String> {
        let path = |format: &&str| kept.path().join(format!("{prefix}-{format}")).display().to_string();
        formats.iter().flat_map(|format| [format!("--report-{format}"), path(format)]).collect()
    };
    let suite = folder.path().display().to_string();
    let mut first = conformant();
    first.args(["run", "--suite", &suite, "--target", &server.url()]).args(reports("run"));
    let first = first.output().unwrap();
    let stream = kept.path().join("run-json");
    let later = conformant().args(["report", "--from"]).arg(&stream).args(reports("later")).output().unwrap();
    assert_eq!((first.status.code(), later.status.code()), (Some(1), Some(1)), "{}{}", told(&first), told(&later));
    for format in formats {
        let [one, other] = ["run", "later"].map(|made| fs::read(kept.path().join(format!("{made}-{format}"))).unwrap());
        assert!(!one.is_empty() && one == other, "{format}");
    }
    assert_eq!(stdout(&first).replace("run-", "later-"), stdout(&later));
}

#[test]
fn a_variable_is_for_the_suites_that_have_it_and_one_that_none_has_is_a_mistake() {
    let page = "variables: { page: { default: '1' } }\n";
    let folder = suites(&[("alpha", "first", page), ("beta", "second", "")]);
    let (server, _) = server(&[]);
    let given = fire(folder.path(), &server.url(), &["--variable", "page=2"]);
    assert_eq!(given.exit, 0, "{}{}", given.terminal, given.trouble);
    let unknown = fire(folder.path(), &server.url(), &["--variable", "pgae=2"]);
    assert_eq!((unknown.exit, unknown.events.len()), (2, 0), "{}", unknown.terminal);
    assert!(unknown.trouble.contains("pgae") && unknown.trouble.contains("did you mean page?"), "{}", unknown.trouble);
}

#[test]
fn filters_select_over_all_suites_and_a_suite_without_a_case_is_skipped_aloud() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = server(&[]);
    let one = fire(folder.path(), &server.url(), &["second"]);
    assert_eq!((one.exit, verdicts(&one)), (0, vec!["conformant"]), "{}{}", one.terminal, one.trouble);
    assert!(one.trouble.contains("the suite alpha is skipped: none of its cases is selected"), "{}", one.trouble);
    let both = fire(folder.path(), &server.url(), &["pages/all"]);
    assert_eq!(verdicts(&both).len(), 2, "{}", both.trouble);
    let none = fire(folder.path(), &server.url(), &["pgaes"]);
    assert_eq!((none.exit, none.events.len()), (2, 0));
    let line = "no case of the suites alpha, beta matches pgaes";
    assert!(none.trouble.contains(line) && none.trouble.contains("did you mean pages?"), "{}", none.trouble);
}

#[test]
fn a_suite_that_has_no_case_at_all_is_a_mistake_and_not_skipped() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    fs::remove_file(folder.path().join("beta/pages.yaml")).unwrap();
    let (server, count) = server(&[]);
    for filters in [&[][..], &["first"], &["--failed"]] {
        let run = fire(folder.path(), &server.url(), filters);
        assert_eq!((run.exit, count.load(Ordering::SeqCst)), (2, 0), "{}{}", run.terminal, run.trouble);
        assert!(run.trouble.contains("the suite beta has no case"), "{}", run.trouble);
    }
}

#[test]
fn where_only_a_control_failed_no_advice_is_to_run_what_failed() {
    let folder = suites(&[("alpha", "first", "")]);
    let server = Server::start(|_: &Request| Message::json(500, &json!({})));
    let run = fire(folder.path(), &server.url(), &[]);
    assert!(run.terminal.contains("alpha/control[before]") && run.terminal.contains("\nnext "), "{}", run.terminal);
    assert!(!run.terminal.contains("--failed"), "{}", run.terminal);
}

#[test]
fn two_suites_of_one_name_are_refused() {
    let [one, other] = [suites(&[("alpha", "first", "")]), suites(&[("alpha", "second", "")])];
    let [one, other] = [&one, &other].map(|folder| folder.path().join("alpha").display().to_string());
    let (server, count) = server(&[]);
    let run = run(&["--suite", &one, "--suite", &other, "--target", &server.url()]);
    assert_eq!((run.exit, count.load(Ordering::SeqCst)), (2, 0));
    assert!(run.trouble.contains("two suites are called alpha: "), "{}", run.trouble);
}

#[test]
fn more_than_a_hundred_suites_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..=100 {
        let suite = folder.path().join(format!("suite-{number}"));
        std::fs::create_dir(&suite).unwrap();
        std::fs::write(suite.join("suite.yaml"), "").unwrap();
    }
    let run = run(&["--suite", folder.path().to_str().unwrap(), "--target", "http://127.0.0.1:9"]);
    assert_eq!(run.exit, 2);
    insta::assert_snapshot!(run.trouble, @"
    error: 101 suites are named, and at most 100 are taken at once
      help: name fewer with --suite DIR, and give the others a run of their own
    ");
}

#[test]
fn a_waiver_is_for_a_case_of_its_suite_and_waives_no_other() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "first", "")]);
    let (server, _) = server(&["first"]);
    let waivers = tempfile::tempdir().unwrap();
    let path = waivers.path().join("waivers.toml");
    let waiver = |suite: &str| {
        format!(
            "[[waiver]]\ncase = \"{suite}/pages/first\"\nclause = \"case.as-stated\"\nreason = \"known\"\nexpires = 2099-12-31\n"
        )
    };
    let fired = |suites: &[&str]| {
        fs::write(&path, suites.iter().map(|suite| waiver(suite)).collect::<String>()).unwrap();
        fire(folder.path(), &server.url(), &["--waivers", path.to_str().unwrap()])
    };
    let gates = |run: &Run| -> Vec<String> {
        of_kind(run, "finished").iter().map(|footer| footer["gate"].as_str().unwrap().to_owned()).collect()
    };
    let one = fired(&["alpha"]);
    assert_eq!((one.exit, gates(&one)), (1, vec!["passed".to_owned(), "failed".to_owned()]), "{}", one.terminal);
    let both = fired(&["alpha", "beta"]);
    assert_eq!((both.exit, gates(&both)), (0, vec!["passed".to_owned(); 2]), "{}{}", both.terminal, both.trouble);
    let unknown = fired(&["gamma"]);
    assert_eq!(unknown.exit, 2);
    assert!(unknown.trouble.contains("no suite of the run has a case `gamma/pages/first`"), "{}", unknown.trouble);
}

#[test]
fn waivers_are_written_for_the_violations_of_all_suites() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "first", "")]);
    let (server, _) = server(&["first"]);
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("waivers.toml").display().to_string();
    let wish = ["--waivers", &path, "--waive-current", "--expires", "2099-12-31", "--reason", "known"];
    assert_eq!(fire(folder.path(), &server.url(), &wish).exit, 1);
    let again = fire(folder.path(), &server.url(), &["--waivers", &path]);
    assert_eq!(again.exit, 0, "{}{}", again.terminal, again.trouble);
}

#[test]
fn what_stops_a_run_at_its_first_failure_leaves_the_suites_behind_it_open() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, count) = server(&["first"]);
    let run = fire(folder.path(), &server.url(), &["-x", "--jobs", "1"]);
    assert!(!run.terminal.contains("`conformant config`"), "{}", run.terminal);
    assert_eq!((run.exit, verdicts(&run)), (1, vec!["non-conformant", "undetermined"]), "{}", run.terminal);
    let of_beta: u64 = run
        .cases("inconclusive")
        .filter(|case| case["id"].as_str().unwrap().starts_with("beta/"))
        .map(|case| case["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(of_beta, 0);
    let (whole, alone) = (count.load(Ordering::SeqCst), self::server(&["first"]));
    let alpha = folder.path().join("alpha");
    fire(&alpha, &alone.0.url(), &["-x", "--jobs", "1"]);
    assert_eq!(whole, alone.1.load(Ordering::SeqCst), "nothing is sent for the second suite");
}

#[test]
fn the_time_of_a_run_is_that_of_all_its_suites() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let held = Arc::new(Mutex::new(()));
    let (until, guard) = (Arc::clone(&held), held.lock().unwrap());
    let server = Server::start(move |request: &Request| {
        if request.query().is_some_and(|page| page.contains("first")) {
            drop(until.lock());
        }
        Message::json(200, &json!({}))
    });
    let run = fire(folder.path(), &server.url(), &["--max-time", "1", "--deadline", "60"]);
    drop(guard);
    assert_eq!((run.exit, verdicts(&run)), (3, vec!["undetermined"; 2]), "{}{}", run.terminal, run.trouble);
    let footers = of_kind(&run, "finished");
    for footer in &footers {
        assert_eq!(footer["interrupted"], "the time limit of 1 s was reached");
    }
    assert_eq!(footers[1]["requests"], 0);
}

#[test]
fn a_folder_of_suites_leaves_none_out_that_lacks_its_file() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    fs::rename(folder.path().join("beta/suite.yaml"), folder.path().join("beta/suite.yml")).unwrap();
    let (server, count) = server(&[]);
    let run = fire(folder.path(), &server.url(), &[]);
    assert_eq!((run.exit, count.load(Ordering::SeqCst)), (2, 0), "{}", run.terminal);
    assert!(run.trouble.contains("suite.yml"), "{}", run.trouble);
}

#[test]
fn a_suite_that_cannot_log_in_is_open_and_the_others_are_judged() {
    for order in [["alpha", "beta"], ["beta", "alpha"]] {
        let folder = suites(&[(order[0], "first", LOGIN), (order[1], "second", "")]);
        let (server, _) = server(&[]);
        let run = fire(folder.path(), &server.url(), &[]);
        assert_eq!(run.exit, 3, "{}{}", run.terminal, run.trouble);
        let mut found = verdicts(&run);
        found.sort_unstable();
        assert_eq!(found, ["conformant", "undetermined"]);
        let open = of_kind(&run, "finished").into_iter().find(|footer| footer["verdict"] == "undetermined").unwrap();
        assert!(open["reason"].as_str().unwrap().contains("key"), "{open}");
    }
}

#[test]
fn shards_of_several_suites_make_the_whole_run_again() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = server(&["second"]);
    let kept = tempfile::tempdir().unwrap();
    let canonical = |name: &str| kept.path().join(name).display().to_string();
    let whole = fire(folder.path(), &server.url(), &["--report-canonical", &canonical("whole")]);
    let mut merge = conformant();
    merge.args(["report", "--report-canonical", &canonical("merged"), "--merge"]);
    for index in 1..=3 {
        let stream = canonical(&format!("shard-{index}"));
        let output = conformant()
            .args(["run", "--suite", folder.path().to_str().unwrap(), "--target", &server.url(), "--run-id", "r"])
            .args(["--shard", &format!("{index}/3"), "--report-json", &stream])
            .output()
            .unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{}", told(&output));
        merge.arg(stream);
    }
    let merged = merge.output().unwrap();
    assert_eq!((whole.exit, merged.status.code()), (1, Some(1)), "{}", told(&merged));
    let [one, other] = ["whole", "merged"].map(|name| fs::read_to_string(canonical(name)).unwrap());
    assert_eq!(one, other);
}

#[test]
fn what_failed_is_known_of_each_suite() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", ""), ("gamma", "third", "")]);
    let (server, _) = server(&["first", "third"]);
    let kept = tempfile::tempdir().unwrap();
    let ledger = kept.path().join("kept/ledger").display().to_string();
    assert_eq!(fire(folder.path(), &server.url(), &["--ledger", &ledger]).exit, 1);
    let again = fire(folder.path(), &server.url(), &["--ledger", &ledger, "--failed"]);
    let rows: Vec<&Value> =
        of_kind(&again, "case").iter().filter(|case| !case["at"].is_null()).map(|case| &case["id"]).collect();
    assert_eq!(rows, ["alpha/pages/first", "gamma/pages/third"], "{}", again.trouble);
    assert!(again.trouble.contains("the suite beta is skipped"), "{}", again.trouble);
}

#[test]
fn the_other_commands_take_several_suites_where_that_means_something() {
    let folder = suites(&[("alpha", "first", "variables: { page: { default: '1' } }\n"), ("beta", "second", "")]);
    let path = folder.path().to_str().unwrap();
    let fired = |arguments: &[&str]| conformant().args(arguments).output().unwrap();
    let list = fired(&["list", "--suite", path, "pages"]);
    let ids: Vec<String> = stdout(&list).lines().map(|line| line.split("  ").next().unwrap().to_owned()).collect();
    assert_eq!(ids, ["alpha/pages/all", "alpha/pages/first", "beta/pages/all", "beta/pages/second"]);
    let explain = stdout(&fired(&["explain", "answer.steady", "--suite", path]));
    assert!(explain.contains("suite alpha\n") && explain.contains("\nsuite beta\n"), "{explain}");
    let check = told(&fired(&["check", path]));
    assert!(check.contains("/alpha/contract.yaml") && check.contains("/beta/contract.yaml"), "{check}");
    let config = stdout(&fired(&["config", "--suite", path]));
    assert!(config.contains("variable page of alpha"), "{config}");
    let mutants = fired(&["mutants", "--suite", path]);
    assert_eq!(mutants.status.code(), Some(2));
    assert!(stderr(&mutants).contains("2 suites are named, and this command takes one"), "{}", stderr(&mutants));
}

#[test]
fn all_that_is_wrong_with_several_suites_is_told_at_once() {
    let folder = suites(&[("alpha", "first", "nonsense: 1\n"), ("beta", "second", "rubbish: 2\n")]);
    let (server, count) = server(&[]);
    let run = fire(folder.path(), &server.url(), &[]);
    assert_eq!((run.exit, count.load(Ordering::SeqCst)), (2, 0));
    assert!(run.trouble.contains("nonsense") && run.trouble.contains("rubbish"), "{}", run.trouble);
}

#[test]
fn a_profile_names_several_suites() {
    let folder = suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = server(&[]);
    let profile = format!("[profile.here]\nsuite = [\"beta\", \"alpha\"]\ntarget = \"{}\"\n", server.url());
    let file = folder.path().join("conformant.toml");
    fs::write(&file, profile).unwrap();
    let run = run(&["-P", "here", "--config", file.to_str().unwrap()]);
    assert_eq!((run.exit, verdicts(&run).len()), (0, 2), "{}{}", run.terminal, run.trouble);
}
