//! A suite of one operation without a body: `GET /things`.

use std::fs;

use tempfile::TempDir;

const SUITE: &str = r"title: Things
contract: contract.yaml
operation: things
request: { method: GET, path: /things }
accepted: { status: 200, clause: answer.steady }
control: { clause: answer.steady }
";

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
