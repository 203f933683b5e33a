//! Wrong usage: wrong flags, wrong files and a broken environment, each told with the place, the cause and the next step.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use crate::support::binary::{Served, conformant, stderr, stdout};
use tempfile::TempDir;

/// A folder with things that are no files of ours.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("folder")).unwrap();
    fs::write(path("empty"), "").unwrap();
    fs::write(path("bytes"), [0xff, 0xfe, b'\n']).unwrap();
    fs::write(path("text"), "x\n").unwrap();
    fs::write(path("big"), vec![b'#'; 2 << 20]).unwrap();
    fs::write(path("faults.yaml"), "- { id: a, clause: name.max-length, says: it is too long }\n").unwrap();
    fs::write(path("conformant.toml"), "[profile.a]\njobs = 3\nsecrets.token = { env = \"TOKEN_HERE\" }\n").unwrap();
    folder
}

/// What is said of a command that can't be carried out, with its exit code.
fn refusal(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(matches!(output.status.code(), Some(2 | 4)), "{:?}: {}", output.status, stderr(&output));
    assert_eq!(stdout(&output), "");
    format!("{}: {}", output.status.code().unwrap(), stderr(&output))
}

const TARGET: [&str; 3] = ["run", "--target", "http://127.0.0.1:1"];

#[test]
fn what_is_no_file_of_the_kind_that_is_asked_for_is_told_with_its_place_and_a_next_step() {
    let folder = folder();
    let mut told = String::new();
    let mut kinds: Vec<Vec<&str>> = Vec::new();
    for name in ["gone", "folder", "empty", "bytes", "big"] {
        kinds.extend([
            vec!["run", "--suite", name],
            vec!["check", name],
            vec!["run", "--waivers", name],
            vec!["run", "-P", "a", "--config", name],
            vec!["run", "--ca-certificate", name],
            vec!["run", "--client-certificate", name],
            vec!["report", "--from", name],
            vec!["mutants", "--command", "x {port} {fault}", "--faults", name],
        ]);
    }
    // An empty file is a waivers file without waivers.
    kinds.retain(|arguments| *arguments != ["run", "--waivers", "empty"]);
    for arguments in kinds {
        let mut command = conformant();
        told.push_str(&format!(
            "{}\n  {}\n",
            arguments.join(" "),
            refusal(command.current_dir(&folder).args(&arguments))
        ));
    }
    for name in ["gone", "folder", "empty", "bytes", "big", "/dev/zero"] {
        let file = format!("token={name}");
        let mut command = conformant();
        command.current_dir(&folder).args(TARGET).args(["--secret-file", &file]);
        told.push_str(&format!("--secret-file {file}\n  {}\n", refusal(&mut command)));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_variable_of_the_environment_that_cannot_be_used_is_named() {
    let folder = folder();
    let bytes = OsStr::from_bytes(b"\xff\xfe-hunter2");
    let text = OsStr::new;
    let mut told = String::new();
    for (name, value) in [
        ("CONFORMANT_JOBS", text("many")),
        ("CONFORMANT_JOBS", text("99999999999999999999")),
        ("CONFORMANT_STRICT", text("maybe")),
        ("CONFORMANT_RATE", text("0/s")),
        ("CONFORMANT_DEADLINE", text("nan")),
        ("CONFORMANT_SEED", bytes),
        ("CONFORMANT_TARGET", bytes),
        ("CONFORMANT_TARGET", text("hunter2")),
        ("CONFORMANT_PROFILE", bytes),
        ("CONFORMANT_PROXY", bytes),
        ("CONFORMANT_SUITE", bytes),
        ("CONFORMANT_WAIVERS", text("gone")),
        ("CONFORMANT_RUN_ID", text("a b")),
        ("CONFORMANT_SECRET_token", bytes),
        ("CONFORMANT_VARIABLE_PROJECT_ID", bytes),
        ("TOKEN_HERE", bytes),
    ] {
        let mut command = conformant();
        command.current_dir(&folder).env(name, value).arg("run");
        if name == "TOKEN_HERE" {
            command.args(["-P", "a"]);
        }
        if name.contains("TOKEN") || name.contains("token") {
            command.args(["--target", "http://127.0.0.1:1"]);
        }
        let refusal = refusal(&mut command);
        assert!(!refusal.contains("hunter2") || name == "CONFORMANT_SUITE", "{refusal}");
        told.push_str(&refusal);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn an_empty_variable_of_the_environment_is_none() {
    let names = [
        "TARGET",
        "PROXY",
        "JOBS",
        "STRICT",
        "SUITE",
        "WAIVERS",
        "CA_CERTIFICATE",
        "RUN_ID",
        "SEED",
        "PROFILE",
        "RATE",
        "SECRET_token",
        "VARIABLE_project_id",
    ];
    let mut command = conformant();
    command.envs(names.map(|name| (format!("CONFORMANT_{name}"), ""))).env("GITHUB_STEP_SUMMARY", "");
    let output = command.args(["run", "--report-github", "-q", "name.mandatory"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn flags_that_make_no_sense_are_told_before_anything_is_sent() {
    let folder = folder();
    let long = "x".repeat(100_000);
    let served = Served::start(&[]);
    let port = served.url.rsplit(':').next().unwrap();
    let mut told = String::new();
    for arguments in [
        &["run", "--report-json", "x", "--report-html", "x"][..],
        &["run", "--report-json", "-", "--report-junit", "-"],
        &["run", "--report-json", "folder"],
        &["run", "--report-html", "gone/x"],
        &["run", "--open"],
        &["run", "--open", "--report-html", "-"],
        &["run", "--expires", "2999-01-01"],
        &["run", "--reason", "x"],
        &["run", "--run-id", ""],
        &["run", "\u{1b}[31mred\u{202e}"],
        &["run", &long],
        &["list", "nonsense"],
        &["mutants", "nonsense"],
        &["mutants", "--command", "x", "--faults", "faults.yaml"],
        &["report", "--from", "-"],
        &["report", "--merge", "empty", "empty"],
        &["serve", "--port", port],
        &["serve", "--fault", ""],
    ] {
        let mut command = conformant();
        let refusal = refusal(command.current_dir(&folder).args(arguments));
        assert!(refusal.len() < 3_000, "{refusal}");
        told.push_str(&refusal.replace(port, "PORT"));
    }
    let mut command = conformant();
    command.args(["run", "--variable"]).arg(OsStr::from_bytes(b"project_id=\xff-hunter2"));
    told.push_str(&refusal(&mut command));
    insta::assert_snapshot!(told.replace(&"x".repeat(1_900), "…"));
}

#[test]
fn an_input_in_the_environment_that_the_suite_does_not_have_is_an_error_that_names_a_near_one() {
    for (name, error, help) in [
        (
            "CONFORMANT_VARIABLE_projectid",
            "the suite has no variable projectid",
            "did you mean project_id? it has project_id, other_project_id, vpc_id, subnet_id, identity, user, domain",
        ),
        (
            "CONFORMANT_SECRET_TOKN",
            "the suite has no secret TOKN",
            "did you mean token? it has password, token, limited_token",
        ),
        ("CONFORMANT_SECRET_parol", "the suite has no secret parol", "it has password, token, limited_token"),
    ] {
        for command in [&["run"][..], &["config"], &["mutants"], &["snapshots", "suggest"]] {
            let told = refusal(conformant().env(name, "hunter2-of-another-suite").args(command));
            assert_eq!(told, format!("2: error: environment {name}: {error}\n  help: {help}\n"), "{command:?}");
        }
    }
}

#[test]
fn a_command_has_no_option_that_it_does_not_heed() {
    for (arguments, stranger) in [
        (&["snapshots", "list", "--target", "http://127.0.0.1:1"][..], "--target"),
        (&["snapshots", "accept", "--deadline", "1"], "--deadline"),
        (&["snapshots", "suggest", "a-filter"], "a-filter"),
        (&["cleanup", "--read-only"], "--read-only"),
        (&["cleanup", "--jobs", "1"], "--jobs"),
    ] {
        let told = refusal(conformant().args(arguments));
        assert!(told.starts_with(&format!("2: error: unexpected argument '{stranger}' found")), "{told}");
    }
}

#[test]
fn only_the_help_of_commands_that_start_the_reference_says_so() {
    for (command, starts) in [("run", true), ("cleanup", false)] {
        let help = stdout(&conformant().args([command, "--help"]).output().unwrap());
        let about = help.lines().take_while(|line| !line.starts_with("Usage")).collect::<Vec<_>>().join(" ");
        assert_eq!(about.contains("Without a target, the embedded reference"), starts, "{help}");
        assert!(help.contains("[env: CONFORMANT_TARGET]"), "{help}");
    }
}
