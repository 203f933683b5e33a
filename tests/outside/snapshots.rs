//! What cargo-insta makes of the snapshots that a run writes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Test;
use super::binary::{Served, conformant, stderr, stdout};
use super::tools::Tool;

pub const TESTS: &[Test] =
    &[("cargo_insta_accepts_what_waits_for_a_review_without_being_asked", &[Tool::CargoInsta], accepted)];

/// A run of a few cases against a server, whose snapshots are those of `staging`.
fn run(folder: &Path, served: &Served, snapshots: &str) -> (Option<i32>, String) {
    let mut command = conformant();
    command.current_dir(folder).env_remove("CI").args(["run", "--target", &served.url, "--secret", "token=good-token"]);
    command.args(["--snapshot-profile", "staging", "--snapshots", snapshots, "success/everything"]);
    let output = command.output().unwrap();
    (output.status.code(), stdout(&output))
}

fn accepted() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"x\"\nversion = \"0.0.0\"\n").unwrap();
    let (served, changed) = (Served::start(&[]), Served::start(&["--variant", "newer-fields"]));
    assert_eq!(run(folder.path(), &served, "update").0, Some(0));
    assert_eq!(run(folder.path(), &changed, "new").0, Some(1));
    let mut insta = Command::new(Tool::CargoInsta.path());
    let insta = insta.args(["insta", "accept"]).current_dir(folder.path()).env_remove("CI").output().unwrap();
    assert!(insta.status.success(), "{}", stderr(&insta));
    let (code, told) = run(folder.path(), &changed, "check");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("snapshots 8 of staging: 8 matched"), "{told}");
}
