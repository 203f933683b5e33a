//! The files of `.ci/examples`: strict YAML, the keys that each CI system needs, and command lines that make of all shards
//! one verdict. The image, the action and the hook for pre-commit, as far as they go without their hosts.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::binary::{Served, conformant, deafen, stderr, stdout};
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

/// The action's folder.
fn action() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/examples/action")
}

/// Carries out the step of the action that runs a suite, as GitHub does, in `folder`. Gives back what it made known, too.
fn act(folder: &Path, inputs: &[(&str, &str)]) -> (Output, String) {
    let (_, action) = read("action/action.yml");
    let step = action["runs"]["steps"].as_array().unwrap().iter().find(|step| step["id"] == "run").unwrap();
    assert_eq!(step["shell"], "bash");
    let (script, known) = (folder.join("step.sh"), folder.join("output"));
    fs::write(&script, step["run"].as_str().unwrap()).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
    deafen(&mut bash);
    for (name, value) in step["env"].as_object().unwrap() {
        let input = value.as_str().unwrap().strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
        let default = action["inputs"][input]["default"].as_str().unwrap_or_default();
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        bash.env(name, given.unwrap_or(default));
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_conformant")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap();
    bash.env("PATH", env::join_paths([programs].into_iter().chain(env::split_paths(&path))).unwrap());
    let output = bash.env("GITHUB_OUTPUT", &known).current_dir(folder).output().unwrap();
    (output, fs::read_to_string(known).unwrap_or_default())
}

#[test]
fn the_action_runs_a_suite_and_ends_as_the_run_does_with_its_reports_kept() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let arguments = "--secret\ntoken=good-token\n\nname.max-length\n";
    let (output, known) = act(folder.path(), &[("target", &served.url), ("arguments", arguments)]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(known, "exit-code=1\n");
    for report in ["report.html", "junit.xml", "results.ndjson"] {
        let text = fs::read_to_string(folder.path().join("conformant-reports").join(report)).unwrap();
        assert!(text.contains("name.max-length"), "{text}");
    }
    let (output, known) = act(folder.path(), &[("arguments", "name.max-length"), ("reports", "of this job")]);
    assert_eq!((output.status.code(), known.ends_with("exit-code=0\n")), (Some(0), true), "{}", stderr(&output));
    assert!(folder.path().join("of this job/report.html").is_file());
}

#[test]
fn the_action_takes_its_inputs_as_words_and_never_as_commands() {
    let (text, action) = read("action/action.yml");
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(step["uses"].is_string() != (step["run"].is_string() && step["shell"].is_string()), "{step}");
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
    }
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (output, known) =
        act(folder.path(), &[("arguments", "$(touch made)\n; touch made"), ("suite", "`touch made`")]);
    assert_eq!((output.status.code(), known.as_str()), (Some(2), "exit-code=2\n"), "{}", stderr(&output));
    assert!(!folder.path().join("made").exists());
}

#[test]
fn the_action_installs_the_package_that_it_is_in() {
    let (text, action_file) = read("action/action.yml");
    let install = action_file["runs"]["steps"][0]["run"].as_str().unwrap();
    let path = install.strip_prefix("cargo install --locked --path \"$GITHUB_ACTION_PATH/").unwrap();
    let package = action().join(path.strip_suffix('"').unwrap()).canonicalize().unwrap();
    assert_eq!(package, Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap());
    let used = text.lines().find_map(|line| line.strip_prefix("#   - uses: ./")).unwrap();
    assert_eq!(package.join(used), action().canonicalize().unwrap());
}

#[test]
fn the_image_is_built_with_the_compiler_that_the_package_needs_of_files_that_are_sent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/examples");
    let file = fs::read_to_string(folder.join("Dockerfile")).unwrap();
    let compiler = file.lines().find_map(|line| line.strip_prefix("FROM rust:")).unwrap();
    assert!(compiler.starts_with(&format!("{}-", env!("CARGO_PKG_RUST_VERSION"))), "{compiler}");
    let left_out = fs::read_to_string(folder.join("Dockerfile.dockerignore")).unwrap();
    // Nothing that a build needs, and what is kept out of the repository.
    assert_eq!(left_out.lines().collect::<Vec<_>>(), [".git", ".conformant", "target"]);
    // The program gets signals itself, and isn't root.
    assert!(file.contains("\nENTRYPOINT [\"conformant\"]\n") && file.contains("\nUSER conformant\n"), "{file}");
}

#[test]
fn the_hook_of_pre_commit_finds_the_mistakes_of_the_suites_of_a_repository() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Value = serde_saphyr::from_str(&text).unwrap();
    let [hook] = hooks.as_array().unwrap().as_slice() else { panic!("{hooks}") };
    assert_eq!((&hook["language"], &hook["pass_filenames"]), (&"rust".into(), &false.into()));
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = hook["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let hooked = || carried_out(folder.path(), hook["entry"].as_str().unwrap(), &arguments, &[]);
    // A repository without a suite isn't passed in silence.
    assert_eq!(hooked().status.code(), Some(2));
    let begun = conformant().args(["init", "my-suite"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(begun.status.code(), Some(0), "{}", stderr(&begun));
    let output = hooked();
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let suite = folder.path().join("my-suite/suite.yaml");
    fs::write(&suite, fs::read_to_string(&suite).unwrap() + "\nunheard-of: true\n").unwrap();
    let output = hooked();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("my-suite/suite.yaml"), "{}", stderr(&output));
}
