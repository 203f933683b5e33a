//! A suite of one operation without a body: `GET /things`.

use std::fs;

use tempfile::TempDir;

const SUITE: &str = r"title: Things
contract: contract.yaml
operations:
  things: { accepted: { status: 200, clause: answer.steady } }
control: { clause: answer.steady }
";

/// A suite whose folder has these files besides its cases: its folder's path, for as long as the folder above it is there.
/// Names may have folders in them.
pub fn suite_of(files: &[(&str, &str)]) -> (TempDir, String) {
    let (folder, path) =
        suite("", "title: Things\ncases:\n  - { id: all, expect: 200, covers: { answer.steady: hold } }\n");
    for (name, text) in files {
        let file = std::path::Path::new(&path).join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    (folder, path)
}

/// A suite with this contract, which has the operation `things`, and with this text for `pages.yaml`: its folder's path, for
/// as long as the folder above it is there.
pub fn suite(contract: &str, pages: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("things");
    fs::create_dir(&suite).unwrap();
    for (name, text) in [("contract.yaml", contract), ("suite.yaml", SUITE), ("pages.yaml", pages)] {
        fs::write(suite.join(name), text).unwrap();
    }
    let path = suite.display().to_string();
    (folder, path)
}
