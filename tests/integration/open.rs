//! `run --open`: the page goes to the browser, and not in a CI job.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::binary::{conformant, stderr};

/// A program that stands in for those that open things, and writes into a pipe what it is to open.
const OPENER: &str = "#!/bin/sh\nprintf %s \"$1\" > \"$OPENED\"\n";

/// Runs one case in a folder, in which `opened` is the pipe.
fn run(folder: &Path, environment: &[(&str, &str)]) -> Output {
    let opener = folder.join("xdg-open");
    fs::write(&opener, OPENER).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    // On macOS it has another name.
    fs::copy(&opener, folder.join("open")).unwrap();
    let mut command = conformant();
    command.args(["run", "--open", "--report-html", "report.html", "=connections/name/max-length[at]"]);
    command.current_dir(folder).env("PATH", folder).env("OPENED", folder.join("opened")).env_remove("CI");
    command.envs(environment.iter().copied()).output().unwrap()
}

#[test]
fn the_page_is_opened_once_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("opened");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (send, opened) = mpsc::channel();
    thread::spawn(move || send.send(fs::read_to_string(pipe)));
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let opened = opened.recv_timeout(Duration::from_secs(60)).unwrap().unwrap();
    assert_eq!(Path::new(&opened), folder.path().join("report.html"));
    assert!(fs::read_to_string(&opened).unwrap().trim_end().ends_with("</html>"));
}

#[test]
fn in_a_ci_job_or_where_nothing_can_open_it_that_is_said_and_the_run_ends_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    for (environment, says) in [
        (("CI", "true"), "note: report.html is not opened: this is a CI job, as CI or TF_BUILD is set\n"),
        (("PATH", "nowhere"), "note: report.html could not be opened: "),
    ] {
        let output = run(folder.path(), &[environment]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
        assert!(!folder.path().join("opened").exists());
    }
}
