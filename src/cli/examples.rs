//! The files of `.ci/examples` are held to the program: strict YAML, the keys that each CI system needs, and command lines
//! that the real arguments take.

use std::path::Path;

use serde_json::Value;

use super::options::{Command, Options, Settings};
use super::shard::ShardArg;

fn read(name: &str) -> (String, Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/examples").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let value = serde_saphyr::from_str(&text).unwrap();
    (text, value)
}

/// What the program makes of a command line of an example, once the CI system has put its values in.
fn parsed(line: &str, command: Command) -> Options {
    let filled = line.replace("${{ matrix.shard }}", "1").replace("$CI_NODE_INDEX", "1");
    assert!(!filled.contains('$'), "{filled}");
    let words: Vec<_> = filled.split_whitespace().map(Into::into).collect();
    let settings = Settings::parse(&words).unwrap_or_else(|error| panic!("{filled}\n{error}"));
    assert_eq!(settings.command, command);
    let mut mistakes = Vec::new();
    let options = Options::read(&settings, &mut mistakes).unwrap();
    assert!(mistakes.is_empty(), "{filled}\n{mistakes:?}");
    options
}

/// Holds a merge to name as many streams as there are shards.
fn merges(line: &str, shards: usize) {
    let mut streams = parsed(line, Command::Report).merge;
    streams.sort();
    streams.dedup();
    assert_eq!(streams.len(), shards);
}

/// Every step or script line that begins with the program's name.
fn lines(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) if text.starts_with("conformant ") => vec![text],
        Value::Array(items) => items.iter().flat_map(lines).collect(),
        Value::Object(members) => members.values().flat_map(lines).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_github_workflow_fires_each_shard_of_its_matrix_and_merges_all() {
    let (_, workflow) = read("github-actions.yml");
    assert!(workflow["on"].is_object() && workflow["permissions"]["contents"] == "read");
    let (shard, merge) = (&workflow["jobs"]["shard"], &workflow["jobs"]["merge"]);
    let matrix = shard["strategy"]["matrix"]["shard"].as_array().unwrap();
    assert_eq!(shard["strategy"]["fail-fast"], false);
    assert_eq!(matrix, &(1..=matrix.len()).map(Value::from).collect::<Vec<_>>());
    let run = parsed(lines(shard)[0], Command::Run);
    let Some(ShardArg::Of(of)) = run.shard else { panic!("no shard") };
    assert_eq!(usize::from(of.count()), matrix.len());
    assert_eq!(merge["needs"], "shard");
    merges(lines(merge)[0], matrix.len());
    for job in [shard, merge] {
        assert!(job["runs-on"].is_string() && job["timeout-minutes"].is_u64());
        for step in job["steps"].as_array().unwrap() {
            assert!(step["uses"].is_string() != step["run"].is_string(), "{step}");
        }
    }
}

#[test]
fn the_gitlab_job_is_parallel_and_merges_all() {
    let (_, file) = read("gitlab-ci.yml");
    let (shard, verdict) = (&file["shard"], &file["verdict"]);
    for job in [shard, verdict] {
        assert!(file["stages"].as_array().unwrap().contains(&job["stage"]));
        assert!(job["script"].is_array() && job["artifacts"]["when"] == "always");
    }
    let run = parsed(lines(&shard["script"])[0], Command::Run);
    assert_eq!(run.shard, Some(ShardArg::Auto(None)));
    assert_eq!(verdict["needs"][0]["job"], "shard");
    let count = shard["parallel"].as_u64().unwrap();
    merges(lines(&verdict["script"])[0], usize::try_from(count).unwrap());
}

#[test]
fn the_kubernetes_job_is_indexed_and_says_of_how_many() {
    let (text, job) = read("kubernetes-job.yaml");
    assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"Job".into()));
    assert_eq!((&job["spec"]["completionMode"], &job["spec"]["backoffLimit"]), (&"Indexed".into(), &0.into()));
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    let container = &pod["containers"][0];
    let words = [&container["command"], &container["args"]].map(|list| list.as_array().unwrap());
    let words: Vec<&str> = words.into_iter().flatten().map(|word| word.as_str().unwrap()).collect();
    let line = words.join(" ").replace("$(JOB_COMPLETION_INDEX)", "0");
    let run = parsed(&line, Command::Run);
    let completions = u16::try_from(job["spec"]["completions"].as_u64().unwrap()).unwrap();
    assert_eq!(run.shard, Some(ShardArg::Auto(Some(completions))));
    assert_eq!(container["volumeMounts"][0]["name"], pod["volumes"][0]["name"]);
    // The merge stands in a comment, for it is no part of the Job.
    let comment = text.lines().find_map(|line| line.strip_prefix("#   conformant ")).unwrap();
    merges(&format!("conformant {comment}"), completions.into());
}
