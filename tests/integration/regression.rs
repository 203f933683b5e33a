//! Snapshots: recorded, compared, reviewed and kept, by the binary as a user runs it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::binary::{self, Served, stderr, stdout};
use serde_json::Value;
use tempfile::TempDir;

/// The binary in a folder, where no CI server is about.
fn conformant(folder: &Path) -> Command {
    let mut command = binary::conformant();
    command.current_dir(folder).env_remove("CI");
    command
}

fn done(command: &mut Command) -> (Option<i32>, String, String) {
    let output: Output = command.output().unwrap();
    (output.status.code(), stdout(&output), stderr(&output))
}

impl Served {
    /// The snapshots of this server's kind are those of `staging`.
    fn run_in(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = conformant(folder);
        command.args([
            "run",
            "--target",
            &self.url,
            "--secret",
            "token=good-token",
            "--secret",
            "limited_token=limited-token",
        ]);
        command.args(["--snapshot-profile", "staging", "--seed", "ab"]).args(arguments);
        command
    }

    /// Records the answers to a few cases.
    fn recorded(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (code, out, err) = done(&mut self.run_in(folder.path(), &["--snapshots", "update", "success/everything"]));
        assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
        assert!(out.contains("snapshots 8 of staging: 8 recorded"), "{out}");
        folder
    }
}

/// Every file below a folder, by its path in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path.strip_prefix(folder).unwrap().to_owned()) }
        }
    }
    files.sort();
    files
}

fn pending(folder: &Path) -> usize {
    files(folder).iter().filter(|path| path.extension().is_some_and(|extension| extension == "new")).count()
}

const SNAP: &str = "snapshots/staging/connections/success/everything--usual.snap";

#[test]
fn the_suites_snapshots_of_the_reference_are_kept_and_hold() {
    let mut command = binary::conformant();
    let (code, out, err) = done(command.args(["run", "--snapshots", "check", "--quiet", "--report-json", "-"]));
    let broken: Vec<&str> = out.lines().filter(|line| !line.starts_with('{') || line.contains("\"changed\"")).collect();
    assert_eq!((code, err.as_str()), (Some(0), "verdict  conformant\n"), "{broken:#?}");
    let mut footer = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let footer = footer.rfind(|event| event["event"] == "finished").unwrap();
    let counts = footer["snapshots"]["counts"].as_object().unwrap();
    assert_eq!(counts.keys().collect::<Vec<_>>(), ["matched"], "{footer}");
    assert!(counts["matched"].as_u64().unwrap() >= 38, "{footer}");
    assert_eq!((&footer["snapshots"]["orphans"], &footer["snapshots"]["idle"]), (&Value::Null, &Value::Null));
}

#[test]
fn every_case_gives_the_same_snapshot_twice_at_any_number_of_jobs_and_with_any_seed() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) =
        done(conformant(folder.path()).args(["run", "--quiet", "--snapshots", "update,all", "--jobs", "16"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let (code, out, err) =
        done(conformant(folder.path()).args(["run", "--quiet", "--snapshots", "check,all", "--jobs", "3"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(files(folder.path()).len() > 1_500);
    for file in files(folder.path()) {
        let text = fs::read_to_string(folder.path().join(&file)).unwrap();
        assert!(!text.contains("good-token") && !text.contains("limited-token"), "{} holds a secret", file.display());
    }
}

#[test]
fn a_changed_answer_is_shown_as_a_diff_fails_the_gate_and_passes_once_it_is_accepted() {
    let folder = Served::start(&[]).recorded();
    let changed = Served::start(&["--variant", "unknown-fields-in-answers"]);
    let only = "success/everything[usual]";
    let (code, out, err) = done(&mut changed.run_in(folder.path(), &[only]));
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    let told: Vec<&str> = out.lines().filter(|line| !line.starts_with("target ")).collect();
    insta::assert_snapshot!(told.join("\n").replace(char::is_numeric, "0"));
    assert_eq!(pending(folder.path()), 2);

    let (code, out, err) = done(conformant(folder.path()).args(["snapshots", "accept"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.ends_with("2 accepted\n"), "{out}");
    assert_eq!(pending(folder.path()), 0);
    let (code, out, _) = done(&mut changed.run_in(folder.path(), &[only]));
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn the_verdict_and_the_outcome_of_a_case_are_untouched_by_a_changed_snapshot() {
    let folder = Served::start(&[]).recorded();
    let wrong = Served::start(&["--fault", "answer-status-unlisted"]);
    let arguments = ["--snapshots", "check", "--report-json", "events", "success/everything"];
    let (code, out, _) = done(&mut wrong.run_in(folder.path(), &arguments));
    assert_eq!(code, Some(1), "{out}");
    let events = fs::read_to_string(folder.path().join("events")).unwrap();
    let mut cases = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let case = cases.rfind(|event| event["id"] == "connections/success/everything[usual]").unwrap();
    assert_eq!(case["outcome"], "violates", "{case}");
    assert_eq!(case["findings"][0]["clause"], "response.status", "{case}");
    assert_eq!(case["snapshots"][0]["state"], "changed", "{case}");
    assert!(out.contains("violates response.status"), "{out}");
    assert!(out.contains("changed snapshot"), "{out}");
}

#[test]
fn insta_accepts_what_waits_for_a_review() {
    let folder = Served::start(&[]).recorded();
    let changed = Served::start(&["--variant", "unknown-fields-in-answers"]);
    let (code, ..) = done(&mut changed.run_in(folder.path(), &["success/everything"]));
    assert_eq!(code, Some(1));
    // What `cargo insta accept` does with each file.
    for file in files(folder.path()).into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "new")) {
        let waiting = folder.path().join(file);
        let snapshot = insta::Snapshot::from_file(&waiting).unwrap();
        snapshot.save(&waiting.with_extension("")).unwrap();
        fs::remove_file(waiting).unwrap();
    }
    let (code, out, err) = done(&mut changed.run_in(folder.path(), &["--snapshots", "check", "success/everything"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[test]
fn a_review_shows_each_difference_and_does_what_is_answered() {
    let folder = Served::start(&[]).recorded();
    let changed = Served::start(&["--variant", "unknown-fields-in-answers"]);
    done(&mut changed.run_in(folder.path(), &["success/everything"]));
    let mut command = conformant(folder.path());
    let mut child = command.args(["snapshots", "review"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"what?\na\nreject\ns\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let out = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("1 of 8  snapshots/staging/connections/success/everything--"), "{out}");
    assert!(out.lines().any(|line| line.trim_start().starts_with("+ ")), "{out}");
    assert!(out.ends_with("1 accepted, 1 rejected, 1 skipped; 6 left\n"), "{out}");
    assert_eq!(pending(folder.path()), 6);
}

#[test]
fn under_ci_nothing_is_written_and_a_wish_to_write_is_refused() {
    let folder = Served::start(&[]).recorded();
    let before = files(folder.path());
    let changed = Served::start(&["--variant", "unknown-fields-in-answers"]);
    let (code, out, _) = done(changed.run_in(folder.path(), &["success/everything"]).env("CI", "true"));
    assert_eq!(code, Some(1), "{out}");
    let refused = [
        (done(changed.run_in(folder.path(), &["--snapshots", "update"]).env("CI", "true")), "--snapshots"),
        (done(changed.run_in(folder.path(), &[]).env("CI", "1").env("INSTA_UPDATE", "always")), "INSTA_UPDATE"),
    ];
    for ((code, out, err), who) in refused {
        assert_eq!((code, out.as_str()), (Some(2), ""));
        let help = "  help: record them elsewhere and check them in, or set CI=false in the environment\n";
        assert_eq!(err, format!("error: {who} asks for snapshots to be written, but under CI nothing is\n{help}"));
    }
    assert_eq!(files(folder.path()), before);
}

#[test]
fn insta_update_is_honoured() {
    let (served, changed) = (Served::start(&[]), Served::start(&["--variant", "unknown-fields-in-answers"]));
    for (word, exit, waiting) in [("no", 1, 0), ("new", 1, 8), ("unseen", 1, 8), ("always", 0, 0)] {
        let folder = served.recorded();
        let (code, out, _) = done(changed.run_in(folder.path(), &["success/everything"]).env("INSTA_UPDATE", word));
        assert_eq!((code, pending(folder.path())), (Some(exit), waiting), "{word}: {out}");
    }
    let folder = tempfile::tempdir().unwrap();
    let unseen = done(served.run_in(folder.path(), &["success/everything"]).env("INSTA_UPDATE", "unseen"));
    assert_eq!((unseen.0, files(folder.path()).len()), (Some(0), 8), "{}", unseen.1);
    let (code, _, err) = done(served.run_in(folder.path(), &[]).env("INSTA_UPDATE", "sometimes"));
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: INSTA_UPDATE has an unknown value\n  help: set it to auto"), "{err}");
}

#[test]
fn a_snapshot_that_is_broken_is_named_before_the_first_request() {
    let folder = Served::start(&[]).recorded();
    let path = |row: &str| folder.path().join(format!("snapshots/staging/connections/success/everything--{row}.snap"));
    fs::write(path("usual"), "").unwrap();
    fs::write(path("mixed"), "=> 200\n").unwrap();
    let text = fs::read_to_string(path("longest")).unwrap();
    fs::write(path("longest"), text.replace("=> 200", "<<<<<<< HEAD\n=> 200\n=======\n=> 201\n>>>>>>> other")).unwrap();
    // Nobody listens there: a run that went on would say so.
    let mut command = conformant(folder.path());
    command.args(["run", "--target", "http://127.0.0.1:1", "--secret", "token=good-token"]);
    let (code, out, err) = done(command.args(["--snapshot-profile", "staging"]));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(err);
    let (code, out, _) = done(conformant(folder.path()).args(["snapshots", "list"]));
    assert_eq!(code, Some(2), "{out}");
    assert!(out.ends_with("5 recorded, 3 broken\n") || out.contains("3 broken"), "{out}");
}

#[test]
fn two_runs_at_once_over_one_folder_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = conformant(folder.path());
        command.args(["run", "--snapshots", "update,all", "--quiet", "name/", "body/", "errors/"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let runs = [run(), run()];
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    }
    assert!(files(folder.path()).iter().all(|file| file.to_string_lossy().ends_with(".snap")), "a file is left over");
    let (code, out, _) =
        done(conformant(folder.path()).args(["run", "--snapshots", "check,all", "name/", "body/", "errors/"]));
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn a_run_that_is_killed_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = conformant(folder.path());
    command.args(["run", "--snapshots", "update,all", "--quiet", "--jobs", "2"]).stdout(Stdio::null());
    let mut run = command.spawn().unwrap();
    while files(folder.path()).len() < 20 && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let (code, out, _) = done(conformant(folder.path()).args(["snapshots", "list"]));
    assert_eq!(code, Some(0), "{out}");
    assert!(!out.contains("broken"), "{out}");
    let (code, out, _) = done(conformant(folder.path()).args(["run", "--snapshots", "update,all"]));
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn a_snapshot_that_can_not_be_written_is_no_success() {
    let folder = Served::start(&[]).recorded();
    let served = Served::start(&[]);
    // A file stands where the folder of a case file would have to be.
    fs::write(folder.path().join("snapshots/staging/connections/token"), "").unwrap();
    let (code, _, err) = done(&mut served.run_in(folder.path(), &["--snapshots", "update", "token/absent"]));
    assert_eq!(code, Some(4), "{err}");
    assert!(err.contains("error: the snapshot snapshots/staging/connections/token"), "{err}");
}

#[test]
fn a_snapshot_without_its_case_fails_the_check_and_is_pruned() {
    let folder = Served::start(&[]).recorded();
    fs::copy(folder.path().join(SNAP), folder.path().join("snapshots/staging/connections/success/gone.snap")).unwrap();
    let (code, out, _) = done(conformant(folder.path()).arg("check"));
    assert_eq!(code, Some(2), "{out}");
    let line = "orphan snapshots/staging/connections/success/gone.snap: a snapshot whose case isn't in the suite; `conformant \
                snapshots prune` removes it\n";
    assert!(out.contains(line), "{out}");
    let (code, out, _) = done(conformant(folder.path()).args(["snapshots", "prune"]));
    assert_eq!((code, out.as_str()), (Some(0), "removed snapshots/staging/connections/success/gone.snap\n1 removed\n"));
    let (code, out, _) = done(conformant(folder.path()).arg("check"));
    assert_eq!(code, Some(0), "{out}");
}

/// A copy of the shipped suite with this in place of what it says of snapshots.
fn suite(folder: &Path, plan: &str) -> PathBuf {
    let copy = folder.join("connections");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/connections")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let text = fs::read_to_string(copy.join("suite.yaml")).unwrap();
    let (head, _) = text.split_once("\nsnapshots:\n").unwrap();
    fs::write(copy.join("suite.yaml"), format!("{head}\n{plan}")).unwrap();
    copy
}

#[test]
fn a_redaction_that_matches_nothing_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let plan = "snapshots:\n  redact:\n    - { clause: response.id }\n    - { at: /body/nothing }\n    - { at: /body/no, optional: true }\n";
    let suite = suite(folder.path(), plan);
    let line = fs::read_to_string(suite.join("suite.yaml")).unwrap().lines().count() - 1;
    let (code, out, err) =
        done(conformant(folder.path()).args(["run", "--suite", "connections", "--snapshots", "update"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let idle: Vec<&str> = out.lines().filter(|line| line.starts_with("idle ")).collect();
    let says = "the redaction matched nothing in any answer; fix or remove it";
    assert_eq!(idle, [format!("idle connections/suite.yaml:{line}: /body/nothing: {says}")]);
}

#[test]
fn what_varies_is_proposed_for_redaction() {
    let folder = tempfile::tempdir().unwrap();
    suite(folder.path(), "snapshots:\n  headers: [content-type, x-request-id]\n");
    let (code, out, err) = done(conformant(folder.path()).args(["snapshots", "suggest", "--suite", "connections"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let proposed: Vec<&str> = out.lines().filter(|line| line.contains("{ at:")).collect();
    assert!(proposed.iter().any(|line| line.starts_with("    - { at: \"/body/id\" }  # ")), "{out}");
    assert!(proposed.iter().any(|line| line.starts_with("    - { at: \"/headers/x-request-id\" }  # ")), "{out}");
    assert!(!proposed.iter().any(|line| line.contains("/body/name")), "{out}");
    let (_, out, _) = done(conformant(folder.path()).args(["snapshots", "suggest"]));
    assert!(out.starts_with("# nothing varies between 5 answers that isn't redacted already"), "{out}");
}

#[test]
fn a_profile_of_which_nothing_is_recorded_is_an_error_that_names_those_that_are() {
    let folder = Served::start(&[]).recorded();
    let mut command = conformant(folder.path());
    let (code, _, err) = done(command.args(["run", "--snapshot-profile", "stagin", "--snapshots", "check"]));
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(err);
    let (code, _, err) = done(conformant(folder.path()).args(["run", "--snapshot-profile", "../x"]));
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: snapshots of \"../x\" can't have a folder of that name"), "{err}");
    let served = Served::start(&[]);
    let mut command = conformant(folder.path());
    command.args(["run", "--target", &served.url, "--secret", "token=good-token", "--snapshots", "update"]);
    let (code, _, err) = done(&mut command);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: it isn't clear which target's answers to record\n"), "{err}");
}

#[test]
fn every_report_shows_what_changed_and_its_verdict_on_the_documentation_stays() {
    let folder = Served::start(&[]).recorded();
    let changed = Served::start(&["--variant", "unknown-fields-in-answers"]);
    let reports = [
        "--report-junit",
        "r.xml",
        "--report-html",
        "r.html",
        "--report-markdown",
        "r.md",
        "--report-ctrf",
        "r.ctrf",
        "--report-json",
        "r.ndjson",
        "--report-github",
        "--snapshots",
        "check",
        "success/everything",
    ];
    let (code, out, err) = done(&mut changed.run_in(folder.path(), &reports));
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("title=snapshot changed::connections/success/everything"), "{out}");
    for (file, text) in [
        ("r.xml", "type=\"snapshot\""),
        ("r.html", "the answer differs from the value recorded in "),
        ("r.md", "## Snapshots"),
        ("r.ctrf", "\"state\":\"changed\""),
        ("r.ndjson", "\"state\":\"changed\""),
    ] {
        let report = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(report.contains(text), "{file} lacks {text}");
    }
    let mut later = conformant(folder.path());
    let (code, later, _) = done(later.args(["report", "--from", "r.ndjson", "--report-junit", "later.xml"]));
    assert_eq!(code, Some(1), "{later}");
    assert_eq!(
        fs::read_to_string(folder.path().join("later.xml")).unwrap(),
        fs::read_to_string(folder.path().join("r.xml")).unwrap()
    );
}

#[test]
fn shapes_recorded_of_one_implementation_hold_for_another_that_is_right_in_its_own_way() {
    let folder = Served::start(&[]).recorded();
    let other =
        Served::start(&["--variant", "full-errors", "--variant", "newer-fields", "--variant", "times-fractions"]);
    let (code, out, _) =
        done(&mut other.run_in(folder.path(), &["--snapshots", "shapes,check", "success/", "errors/"]));
    assert_eq!(code, Some(1), "those of errors are not recorded yet: {out}");
    let (code, out, _) =
        done(&mut Served::start(&[]).run_in(folder.path(), &["--snapshots", "update", "success/", "errors/"]));
    assert_eq!(code, Some(0), "{out}");
    let (code, out, _) =
        done(&mut other.run_in(folder.path(), &["--snapshots", "shapes,check", "success/", "errors/"]));
    assert_eq!(code, Some(0), "{out}");
    let (code, out, _) = done(&mut other.run_in(folder.path(), &["--snapshots", "values,check", "success/everything"]));
    assert_eq!(code, Some(1), "its values are others: {out}");
}
