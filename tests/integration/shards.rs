//! Shards: parts of a run, each complete in itself, that make one run again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::binary::{Served, conformant, stderr, stdout};
use serde_json::Value;

/// The whole run against a target, as its canonical report; with the exit code.
fn whole(folder: &Path, target: &[&str]) -> (Option<i32>, String) {
    let path = folder.join("whole.json");
    let output = conformant().arg("run").args(target).arg("--report-canonical").arg(&path).output().unwrap();
    (output.status.code(), fs::read_to_string(path).unwrap())
}

/// Runs every shard, each with as many jobs as its number; gives back where the streams are.
fn sharded(folder: &Path, count: u16, target: &[&str]) -> Vec<PathBuf> {
    let stream = |index: u16| folder.join(format!("shard-{index}-of-{count}.ndjson"));
    for index in 1..=count {
        let mut run = conformant();
        run.arg("run").args(target).args(["--shard", &format!("{index}/{count}"), "--run-id", "test"]);
        let output = run.args(["--jobs", &index.to_string(), "--report-json"]).arg(stream(index)).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{}", stderr(&output));
    }
    (1..=count).map(stream).collect()
}

fn merge(streams: &[PathBuf], more: &[&str]) -> Output {
    conformant().args(["report", "--merge"]).args(streams).args(more).output().unwrap()
}

/// The merged run as its canonical report; with the exit code.
fn merged(folder: &Path, streams: &[PathBuf]) -> (Option<i32>, String) {
    let path = folder.join("merged.json");
    let output = merge(streams, &["--report-canonical", &path.display().to_string()]);
    (output.status.code(), fs::read_to_string(path).unwrap_or_else(|_| stderr(&output)))
}

fn same_sharded_and_whole(counts: &[u16], target: &[&str], exit: i32) {
    let folder = tempfile::tempdir().unwrap();
    let expected = whole(folder.path(), target);
    assert_eq!(expected.0, Some(exit), "{target:?}");
    for count in counts {
        let streams = sharded(folder.path(), *count, target);
        let found = merged(folder.path(), &streams);
        assert!(
            found == expected,
            "{count} shards of {target:?}: {:?}\n{}",
            found.0,
            difference(&expected.1, &found.1)
        );
    }
}

fn difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    pairs.take(3).map(|(one, other)| format!("- {one}\n+ {other}\n")).collect()
}

#[test]
fn one_shard_and_five_merged_give_the_same_canonical_json_as_the_whole_run() {
    same_sharded_and_whole(&[1, 5], &[], 0);
}

#[test]
fn shards_of_a_broken_target_make_the_same_canonical_json_as_the_whole_run() {
    for fault in ["name-129-accepted", "error-code-number"] {
        let served = Served::start(&["--fault", fault]);
        same_sharded_and_whole(&[5], &["--target", &served.url, "--secret", "token=good-token"], 1);
    }
    let served = Served::start(&["--variant", "taken-409"]);
    same_sharded_and_whole(&[3], &["--target", &served.url, "--secret", "token=good-token"], 0);
    same_sharded_and_whole(&[3], &["--target", &served.url, "--secret", "token=good-token", "--strict"], 1);
    same_sharded_and_whole(&[2], &["--target", &served.url, "--secret", "token=wrong-token"], 3);
}

#[test]
fn every_shard_has_a_control_before_and_after_and_each_row_is_in_one_shard() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows: Vec<String> = Vec::new();
    for path in sharded(folder.path(), 3, &["name"]) {
        let text = fs::read_to_string(path).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: Vec<&str> = events.iter().filter_map(|event| event["id"].as_str()).collect();
        assert_eq!(ids.first(), Some(&"connections/control[before]"));
        assert_eq!(ids.last(), Some(&"connections/control[after]"));
        let own = |id: &str| ["connections/control[", "connections/probe["].iter().any(|own| id.starts_with(own));
        rows.extend(ids.iter().filter(|id| !own(id)).map(|id| (*id).to_owned()));
    }
    rows.sort();
    let listed = conformant().args(["list", "name"]).output().unwrap();
    let listed = stdout(&listed);
    let mut listed: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    listed.sort_unstable();
    assert_eq!(rows, listed);
}

#[test]
fn a_shard_without_a_case_is_no_error_and_merges() {
    let folder = tempfile::tempdir().unwrap();
    let streams = sharded(folder.path(), 9, &["name/max-length-"]);
    let empty = streams.iter().filter(|path| fs::read_to_string(path).unwrap().contains("\"cases\":0,")).count();
    assert!(empty > 0);
    assert_eq!(merged(folder.path(), &streams), whole(folder.path(), &["name/max-length-"]));
}

#[test]
fn a_missing_shard_fails_the_merge_with_3_and_leaves_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let streams = sharded(folder.path(), 3, &["name.max-length"]);
    let page = folder.path().join("page.html");
    let output = merge(&[streams[2].clone(), streams[0].clone()], &["--report-html", &page.display().to_string()]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        stderr(&output),
        "error: shard 2/3 of the run is missing\n  help: did a job fail before it wrote its report, or is a file not \
         handed on?\n"
    );
    assert!(!page.exists());
}

#[test]
fn an_unfinished_shard_fails_the_merge_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let streams = sharded(folder.path(), 2, &["name.max-length"]);
    let text = fs::read_to_string(&streams[1]).unwrap();
    fs::write(&streams[1], &text[..text.len() - 30]).unwrap();
    let output = merge(&streams, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("shard 2/2 did not come to its end: it ends after "), "{}", stderr(&output));
}

#[test]
fn shards_that_are_not_of_one_run_fail_the_merge_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let streams = sharded(folder.path(), 2, &["name.max-length"]);
    let other = folder.path().join("other.ndjson");
    let mut run = conformant();
    run.args(["run", "name.max-length", "--shard", "2/2", "--run-id", "another", "--report-json"]);
    assert_eq!(run.arg(&other).output().unwrap().status.code(), Some(0));
    let told = |streams: &[PathBuf]| {
        let output = merge(streams, &[]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(told(&[streams[0].clone(), other]).contains("has another run id than "));
    assert!(told(&[streams[0].clone(), streams[0].clone()]).contains("are both shard 1/2"));
    let changed = folder.path().join("changed.ndjson");
    let text = fs::read_to_string(&streams[1]).unwrap();
    let digest = text.split("\"digest\":\"").nth(1).unwrap().split('"').next().unwrap();
    fs::write(&changed, text.replacen(digest, &"0".repeat(64), 1)).unwrap();
    assert!(told(&[streams[0].clone(), changed]).contains("has another digest than "));
}

#[test]
fn the_shard_and_the_run_id_come_from_the_environment_of_ci_servers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.ndjson");
    let header = |shard: &str, set: &[(&str, &str)]| -> Value {
        let mut run = conformant();
        run.args(["run", "name.max-length", "--shard", shard, "--report-json"]).arg(&path).envs(set.iter().copied());
        let output = run.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_str(fs::read_to_string(&path).unwrap().lines().next().unwrap()).unwrap()
    };
    let gitlab = header("auto", &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3"), ("CI_PIPELINE_ID", "77")]);
    assert_eq!((&gitlab["shard"], &gitlab["run"]), (&"2/3".into(), &"77".into()));
    let kubernetes = header("auto/3", &[("JOB_COMPLETION_INDEX", "2"), ("CONFORMANT_RUN_ID", "job-1")]);
    assert_eq!((&kubernetes["shard"], &kubernetes["run"]), (&"3/3".into(), &"job-1".into()));
    let github = header("1/3", &[("GITHUB_RUN_ID", "5"), ("GITHUB_RUN_ATTEMPT", "2")]);
    assert_eq!((&github["shard"], &github["run"]), (&"1/3".into(), &"5-2".into()));
}

#[test]
fn a_shard_that_nobody_names_is_wrong_usage() {
    for (arguments, told) in [
        (["run", "--shard", "auto"], "the environment names no shard"),
        (["run", "--shard", "0/5"], "a shard is INDEX/COUNT, the index from 1 on, the count at most 256"),
        (["run", "--shard", "6/5"], "a shard is INDEX/COUNT, the index from 1 on, the count at most 256"),
    ] {
        let output = conformant().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}
