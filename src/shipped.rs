//! The suite that the program ships with, compiled in.

use include_dir::{Dir, include_dir};

use crate::suite::SuiteFiles;

static CONNECTIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/cases/connections");
/// The folder that it stands in.
const FOLDER: &str = "cases/connections";

/// The files of the shipped suite.
pub fn files() -> SuiteFiles {
    let files: Vec<(&str, &str)> = CONNECTIONS
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?)))
        .collect();
    SuiteFiles::embedded(FOLDER, &files)
}
