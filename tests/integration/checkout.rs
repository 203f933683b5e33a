//! What stands in a checkout may have been put there by anybody: no link of it leads a run elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::server::Server;

/// What stands in a file that isn't meant.
const PRIVATE: &str = "private-text = [";

/// A checkout, and beside it a file that isn't meant.
fn checkout() -> (TempDir, TempDir) {
    let (checkout, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("private"), PRIVATE).unwrap();
    (checkout, elsewhere)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    conformant().current_dir(folder).arg("run").args(arguments).arg("name/max-length").output().unwrap()
}

/// Holds that it is refused with this code and for this reason, and that nothing of the other file is told.
fn is_refused(output: &Output, code: i32, why: &str) {
    let (out, err) = (stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    assert!(err.contains(why) && !err.contains("private-text") && !out.contains("private-text"), "{out}{err}");
}

#[test]
fn waivers_and_profiles_are_read_through_links_within_their_folder_and_not_out_of_it() {
    let (checkout, elsewhere) = checkout();
    let folder = checkout.path();
    symlink(elsewhere.path().join("private"), folder.join("out.toml")).unwrap();
    for arguments in [&["--waivers", "out.toml"][..], &["-P", "a", "--config", "out.toml"]] {
        is_refused(&run(folder, arguments), 2, "it is a link out of its folder, which is not followed");
    }
    // As a file is mounted into a container.
    fs::create_dir(folder.join("..data")).unwrap();
    fs::write(folder.join("..data/waivers"), "").unwrap();
    fs::write(folder.join("..data/profile"), "[profile.a]\njobs = 2\n").unwrap();
    symlink("..data/waivers", folder.join("waivers.toml")).unwrap();
    symlink("..data/profile", folder.join("conformant.toml")).unwrap();
    let output = run(folder, &["--waivers", "waivers.toml", "-P", "a"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn no_report_is_written_through_a_link() {
    let (checkout, elsewhere) = checkout();
    let victim = elsewhere.path().join("private");
    symlink(&victim, checkout.path().join("report")).unwrap();
    for report in ["--report-json", "--report-junit"] {
        is_refused(&run(checkout.path(), &[report, "report"]), 4, "it is a link, which is not followed");
    }
    assert_eq!(fs::read_to_string(victim).unwrap(), PRIVATE);
}

#[test]
fn a_pipe_that_nobody_reads_is_no_report() {
    let (checkout, _) = checkout();
    assert!(Command::new("mkfifo").arg(checkout.path().join("pipe")).status().unwrap().success());
    for report in ["--report-json", "--report-junit", "--report-html"] {
        is_refused(&run(checkout.path(), &[report, "pipe"]), 4, "it is no regular file");
    }
}

#[test]
fn a_report_goes_to_a_link_of_the_system() {
    let (checkout, _) = checkout();
    let output = run(checkout.path(), &["--quiet", "--report-tap", "/dev/stdout"]);
    assert!(output.status.success() && stdout(&output).contains("1.."), "{}", stderr(&output));
}

#[test]
fn no_recorded_answer_is_read_through_a_link() {
    let (checkout, elsewhere) = checkout();
    let folder = checkout.path().join("snapshots/reference/connections/name");
    fs::create_dir_all(&folder).unwrap();
    let snapshot = "---\nsource: x\n---\nprivate-text\n";
    fs::write(elsewhere.path().join("private"), snapshot).unwrap();
    symlink(elsewhere.path().join("private"), folder.join("max-length--at.snap")).unwrap();
    is_refused(&run(checkout.path(), &["--snapshots", "check,all"]), 4, "links are not followed");
}

#[test]
fn a_secret_is_read_from_regular_files_alone_before_anything_is_sent() {
    let (checkout, _) = checkout();
    let pipe = checkout.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(checkout.path().join("long"), "x".repeat(70_000)).unwrap();
    for (path, why) in [("pipe", "it is no regular file"), (".", "it is no regular file"), ("long", "it has more than")]
    {
        is_refused(&run(checkout.path(), &["--secret-file", &format!("token={path}")]), 2, why);
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_no_event_stream() {
    let (checkout, _) = checkout();
    let pipe = checkout.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for option in ["--from", "--merge"] {
        let output = conformant().current_dir(checkout.path()).args(["report", option, "pipe"]).output().unwrap();
        is_refused(&output, 2, "pipe can't be read: it is no regular file");
    }
}

/// A suite that sends to no server, with this in place of its valid request's headers, and a profile file within it.
fn suite_within(checkout: &Path, headers: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notes");
    let suite = checkout.join("notes");
    fs::create_dir(&suite).unwrap();
    for file in ["contract.yaml", "suite.yaml", "text.yaml"] {
        let text = fs::read_to_string(from.join(file)).unwrap();
        fs::write(suite.join(file), text.replace("{ Content-Type: application/json }", headers)).unwrap();
    }
}

/// A run of the suite within a checkout against this target.
fn run_suite(checkout: &Path, target: &str, arguments: &[&str]) -> Output {
    let mut command = conformant();
    command.current_dir(checkout).args(["run", "--suite", "notes", "--target", target]).args(arguments);
    command.output().unwrap()
}

#[test]
fn a_suite_sets_the_host_of_requests_only_where_somebody_outside_of_it_allows_that() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let server = Server::start(move |request| {
        seen.lock().unwrap().push(request.value("host").unwrap_or_default().to_owned());
        Message::new(404)
    });
    let of_cases = "    body: { text: \"{{ unique(n) }}\" }";
    for (headers, in_case, place) in [
        ("{ Content-Type: application/json, hOST: elsewhere.example }", false, "notes/suite.yaml"),
        ("{ Content-Type: application/json }", true, "text.yaml:4"),
    ] {
        let (checkout, _) = checkout();
        suite_within(checkout.path(), headers);
        if in_case {
            let path = checkout.path().join("notes/text.yaml");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replace(of_cases, &format!("{of_cases}\n    headers: {{ Host: elsewhere.example }}")))
                .unwrap();
        }
        let output = run_suite(checkout.path(), &server.url(), &[]);
        is_refused(&output, 2, &format!("{place} sets the header Host"));
        assert!(asked.lock().unwrap().is_empty(), "something was sent");
        let output = run_suite(checkout.path(), &server.url(), &["--allow-host"]);
        assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(!asked.lock().unwrap().is_empty());
        let is_set = asked.lock().unwrap().iter().any(|host| host == "elsewhere.example");
        assert!(is_set || in_case, "the valid request has it");
        asked.lock().unwrap().clear();
    }
}

#[test]
fn a_profile_that_comes_with_the_suite_is_refused() {
    let (checkout, _) = checkout();
    suite_within(checkout.path(), "{ Content-Type: application/json }");
    let profile = "[profile.a]\nproxy = \"http://127.0.0.1:9\"\n";
    fs::write(checkout.path().join("notes/conformant.toml"), profile).unwrap();
    let arguments = ["-P", "a", "--config", "notes/conformant.toml"];
    let output = run_suite(checkout.path(), "http://127.0.0.1:9", &arguments);
    is_refused(&output, 2, "notes/conformant.toml:1 is within the suite's folder");
    // A link that stands elsewhere leads there all the same.
    symlink("notes/conformant.toml", checkout.path().join("conformant.toml")).unwrap();
    let output = run_suite(checkout.path(), "http://127.0.0.1:9", &["-P", "a"]);
    is_refused(&output, 2, "is within the suite's folder");
}

#[test]
fn a_certificate_is_read_from_regular_files_alone_before_anything_is_sent() {
    let (checkout, _) = checkout();
    let pipe = checkout.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for option in ["--ca-certificate", "--client-certificate"] {
        is_refused(&run(checkout.path(), &[option, "pipe"]), 2, "it is no regular file");
    }
}
