//! The files of `.ci/examples`: strict YAML, the keys that each CI system needs, and command lines that make of all shards
//! one verdict.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::binary::{conformant, stderr};
use serde_json::Value;

fn read(name: &str) -> (String, Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/examples").join(name);
    let text = fs::read_to_string(path).unwrap();
    let value = serde_saphyr::from_str(&text).unwrap();
    (text, value)
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

/// Carries a line out, once the CI system has put its values in.
fn carried_out(folder: &Path, line: &str, filter: &[&str], environment: &[(&str, String)]) -> Output {
    assert!(!line.contains('$'), "{line}");
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("conformant"));
    let environment = environment.iter().map(|(name, value)| (name, value));
    conformant().args(words).args(filter).envs(environment).current_dir(folder).output().unwrap()
}

/// Holds the lines to fire every shard against the reference, and to merge as many streams as there are shards into a
/// verdict that every report tells.
fn fire_and_merge(
    shards: u64,
    fire: impl Fn(u64) -> String,
    environment: impl Fn(u64) -> Vec<(&'static str, String)>,
    merge: &str,
    reports: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    for shard in 1..=shards {
        let output = carried_out(folder.path(), &fire(shard), &["name.max-length"], &environment(shard));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count() as u64, shards);
    let output = carried_out(folder.path(), merge, &[], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for report in reports {
        let text = fs::read_to_string(folder.path().join(report)).unwrap();
        assert!(text.contains("name.max-length"), "{text}");
    }
}

#[test]
fn the_github_workflow_fires_each_shard_of_its_matrix_and_merges_all() {
    let (_, workflow) = read("github-actions.yml");
    assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }));
    // Whoever opens a pull request writes its files, and this one has a secret.
    let events: Vec<&str> = workflow["on"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(events, ["push", "schedule"]);
    assert_eq!(workflow["on"]["push"]["branches"], serde_json::json!(["main"]));
    let (shard, merge) = (&workflow["jobs"]["shard"], &workflow["jobs"]["merge"]);
    let matrix = shard["strategy"]["matrix"]["shard"].as_array().unwrap();
    assert_eq!(shard["strategy"]["fail-fast"], false);
    assert_eq!(matrix, &(1..=matrix.len()).map(Value::from).collect::<Vec<_>>());
    assert_eq!(merge["needs"], "shard");
    fire_and_merge(
        matrix.len() as u64,
        |shard| lines(&workflow["jobs"]["shard"])[0].replace("${{ matrix.shard }}", &shard.to_string()),
        |_| vec![("GITHUB_RUN_ID", "7".to_owned()), ("GITHUB_RUN_ATTEMPT", "1".to_owned())],
        lines(merge)[0],
        &["report.html", "junit.xml"],
    );
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
    // Whoever opens a merge request writes its files, and these jobs have a secret.
    let branch = serde_json::json!([{ "if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" }]);
    assert_eq!(file["workflow"]["rules"], branch);
    for job in [shard, verdict] {
        assert!(file["stages"].as_array().unwrap().contains(&job["stage"]));
        assert!(job["script"].is_array() && job["artifacts"]["when"] == "always");
    }
    assert_eq!(verdict["needs"][0]["job"], "shard");
    let count = shard["parallel"].as_u64().unwrap();
    let variables = |shard: u64| {
        let index = [("CI_NODE_INDEX", shard), ("CI_NODE_TOTAL", count), ("CI_PIPELINE_ID", 9)];
        index.map(|(name, value)| (name, value.to_string())).to_vec()
    };
    fire_and_merge(
        count,
        |index| lines(&shard["script"])[0].replace("$CI_NODE_INDEX", &index.to_string()),
        variables,
        lines(&verdict["script"])[0],
        &["report.html", "junit.xml"],
    );
}

#[test]
fn the_kubernetes_job_is_indexed_and_says_of_how_many() {
    let (text, job) = read("kubernetes-job.yaml");
    assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"Job".into()));
    assert_eq!((&job["spec"]["completionMode"], &job["spec"]["backoffLimit"]), (&"Indexed".into(), &0.into()));
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    let container = &pod["containers"][0];
    assert_eq!(container["volumeMounts"][0]["name"], pod["volumes"][0]["name"]);
    let words = [&container["command"], &container["args"]].map(|list| list.as_array().unwrap());
    let words: Vec<&str> = words.into_iter().flatten().map(|word| word.as_str().unwrap()).collect();
    let named: Vec<&str> =
        container["env"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(named.contains(&"JOB_COMPLETION_INDEX") && named.contains(&"CONFORMANT_RUN_ID"), "{named:?}");
    // Kubernetes counts from 0.
    let variables =
        |shard: u64| vec![("JOB_COMPLETION_INDEX", (shard - 1).to_string()), ("CONFORMANT_RUN_ID", "a-uid".to_owned())];
    let here = |line: &str| line.replace("/results/", "");
    // The merge stands in a comment, for it is no part of the Job.
    let merge = text.lines().find_map(|line| line.strip_prefix("#   conformant ")).unwrap();
    fire_and_merge(
        job["spec"]["completions"].as_u64().unwrap(),
        |shard| here(&words.join(" ")).replace("$(JOB_COMPLETION_INDEX)", &(shard - 1).to_string()),
        variables,
        &here(&format!("conformant {merge}")),
        &["report.html"],
    );
}
