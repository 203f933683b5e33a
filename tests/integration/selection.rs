//! Which cases a run is about, and when it stops before the last.

use crate::support::binary::{Served, conformant, stderr, stdout};
use crate::support::run::{Run, run};
use serde_json::Value;

fn listed(words: &[&str]) -> Vec<String> {
    let output = conformant().arg("list").args(words).output().unwrap();
    stdout(&output).lines().map(|line| line.split("  ").next().unwrap().to_owned()).collect()
}

#[test]
fn a_word_with_an_exclamation_mark_leaves_out_and_one_with_an_equals_sign_is_a_whole_id() {
    let all = listed(&[]).len();
    let (with, without) = (listed(&["token"]).len(), listed(&["!token"]).len());
    assert!(with > 0 && with + without == all, "{with} {without} {all}");
    let names = listed(&["name.max-length", "!variations"]);
    assert!(!names.is_empty() && names.iter().all(|id| !id.contains("variations")), "{names:?}");
    assert_eq!(listed(&["=connections/name/max-length[over]"]), ["connections/name/max-length[over]"]);
    assert!(listed(&["=name.max-lengt"]).is_empty());
    assert!(listed(&["=name.max-length"]).len() < listed(&["max-length"]).len());
}

#[test]
fn a_misspelt_word_gets_the_name_that_is_like_it() {
    for (word, near) in
        [("name.max-lenght", "name.max-length"), ("tokne", "token"), ("=name.max-lenght", "name.max-length")]
    {
        for command in ["run", "list"] {
            let output = conformant().args([command, word]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            let help = format!("help: did you mean {near}? a filter is part of");
            assert!(stderr(&output).contains(&help), "{}", stderr(&output));
        }
    }
    let output = conformant().args(["run", "--fial-fast"]).output().unwrap();
    assert!(stderr(&output).contains("'--fail-fast'"), "{}", stderr(&output));
}

#[test]
fn the_short_help_of_run_fits_a_screen_and_the_long_one_has_every_option() {
    let help = |flag: &str| stdout(&conformant().args(["run", flag]).env("COLUMNS", "80").output().unwrap());
    let short = help("-h");
    assert!(short.lines().count() <= 40, "{} lines\n{short}", short.lines().count());
    assert!(short.lines().all(|line| line.chars().count() <= 80), "{short}");
    for heading in ["What is run:", "Target:", "How it is run:", "Gate:", "Reports:", "Snapshots:"] {
        assert!(short.contains(&format!("\n{heading}\n")), "{heading} is missing\n{short}");
    }
    for flag in ["--target", "--failed", "--max-json-values", "--report-canonical", "--snapshot-dir"] {
        assert!(help("--help").contains(flag), "{flag}");
    }
}

fn failed(run: &Run) -> Vec<&Value> {
    run.events.iter().filter(|event| event["outcome"] == "violates").collect()
}

#[test]
fn a_run_stops_at_the_first_case_that_fails_and_tells_the_same_at_any_number_of_jobs() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let target = ["--target", &served.url, "--secret", "token=good-token"];
    for jobs in ["1", "16"] {
        let run = run(&[&target[..], &["--jobs", jobs, "-x", "name", "!variations"]].concat());
        assert_eq!((run.exit, failed(&run).len()), (1, 1), "{}", run.gist());
        assert_eq!(failed(&run)[0]["id"], "connections/name/max-length[over]");
        let last = run.events.iter().rfind(|event| event["event"] == "case" && event["at"].is_u64()).unwrap();
        assert_eq!(last["reason"], "a case failed, and --max-violations is 1", "{last}");
    }
    let run = run(&[&target[..], &["--max-violations", "2", "name"]].concat());
    assert_eq!((run.exit, failed(&run).len()), (1, 2), "{}", run.gist());
}

#[test]
fn the_failed_cases_are_those_of_the_same_target_and_go_when_they_hold() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let folder = tempfile::tempdir().unwrap();
    let run = |url: &str, arguments: &[&str]| {
        let mut command = conformant();
        command.args(["run", "--target", url, "--secret", "token=good-token", "--report-json", "run.ndjson"]);
        command.args(arguments).env_remove("CONFORMANT_LEDGER").current_dir(folder.path());
        let code = command.output().unwrap().status.code();
        let events = std::fs::read_to_string(folder.path().join("run.ndjson")).unwrap();
        let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        (code, events.filter(|event| event["at"].is_u64()).count())
    };
    let (code, all) = run(&served.url, &["name.max-length"]);
    assert_eq!(code, Some(1));
    let (code, again) = run(&served.url, &["--failed"]);
    assert_eq!(code, Some(1));
    assert!(again > 0 && again < all, "{again} of {all}");
    // A run of other cases leaves what is known of these as it is.
    assert_eq!(run(&served.url, &["token.mandatory"]).0, Some(0));
    assert_eq!(run(&served.url, &["--failed"]), (Some(1), again));
    let other = Served::start(&[]);
    let mut command = conformant();
    command.args(["run", "--target", &other.url, "--secret", "token=good-token", "--failed"]);
    let output = command.env_remove("CONFORMANT_LEDGER").current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}
