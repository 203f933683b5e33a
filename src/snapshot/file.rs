//! One snapshot file, in insta's format: `---`, what it is about, `---`, the contents.
//!
//! What has no head, nothing in it, or the marks of a merge conflict is an error and never taken for contents.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::atomic;
use crate::secret::Masked;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// What parts the head from the contents.
const RULE: &str = "---";

/// Why a snapshot can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct FileError {
    /// The file, as a person would find it.
    pub path: String,
    /// What is wrong; a lower-case fragment.
    pub why: String,
    /// What to do.
    pub next: &'static str,
    /// Whether it is what is in the file, rather than the file system, that is wrong.
    pub broken: bool,
}

impl FileError {
    fn broken(path: &Path, why: impl Into<String>) -> Self {
        let next = "take it from version control again, or remove it and record anew";
        Self { path: path.display().to_string(), why: why.into(), next, broken: true }
    }

    pub(super) fn io(path: &Path, doing: &str, error: &io::Error) -> Self {
        let why = format!("can't be {doing}: {}", error.to_string().to_lowercase());
        Self {
            path: path.display().to_string(),
            why,
            next: "look at the folder's permissions and space",
            broken: false,
        }
    }
}

/// What a snapshot is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The case file.
    pub source: String,
    /// The row's id.
    pub case: Masked,
    /// The row's title.
    pub title: Masked,
}

impl Head {
    /// The whole text of a file with these contents.
    pub(super) fn above(&self, contents: &Masked) -> String {
        // A JSON string is a YAML string, whatever is in it.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let (source, title, case) = (quoted(&self.source), quoted(&self.title), quoted(&self.case));
        format!("{RULE}\nsource: {source}\ndescription: {title}\nexpression: {case}\n{RULE}\n{contents}\n")
    }
}

/// The contents of a snapshot, with line ends as they are written here; nothing where there is no file.
///
/// # Errors
/// A file that can't be read, is larger than 4 MiB, is no UTF-8, has no head or no contents, or holds the marks of a
/// merge conflict.
pub fn contents(path: &Path) -> Result<Option<String>, FileError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(FileError::broken(path, "is no regular file, and links are not followed")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::io(path, "read", &error)),
    }
    let file = fs::File::open(path).map_err(|error| FileError::io(path, "read", &error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| FileError::io(path, "read", &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileError::broken(path, format!("has more than {LARGEST} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| FileError::broken(path, "is not UTF-8"))?;
    parse(&text).map(Some).map_err(|why| FileError::broken(path, why))
}

fn parse(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if let Some(line) = conflict(text) {
        return Err(format!("holds the mark of a merge conflict in line {line}"));
    }
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some(RULE) {
        return Err("has no head: a snapshot begins with a line of three hyphens".to_owned());
    }
    if !lines.by_ref().any(|line| line.trim_end() == RULE) {
        return Err("has a head without an end: a second line of three hyphens is missing".to_owned());
    }
    let contents: Vec<&str> = lines.collect();
    let contents = contents.join("\n");
    match contents.trim_end() {
        "" => Err("has a head and no contents".to_owned()),
        contents => Ok(contents.to_owned()),
    }
}

/// The line of the first mark of a merge conflict. No line of a snapshot's own begins like one.
fn conflict(text: &str) -> Option<usize> {
    let is_mark = |line: &str| {
        let line = line.trim_end();
        ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|mark| line == *mark || line.starts_with(&format!("{mark} ")))
            || line == "======="
    };
    text.lines().position(is_mark).map(|index| index + 1)
}

/// Puts a whole file in its place, in one step.
pub(super) fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| atomic::write(path, text))
        .map_err(|error| FileError::io(path, "written", &error))
}

/// Removes a file, if it is there; says whether it was.
pub(super) fn remove(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::io(path, "removed", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head { source: "cases/x.yaml".into(), case: "x/y[\"z\"]".into(), title: "a title: with # and\nlines".into() }
    }

    #[test]
    fn what_is_written_is_read_again_by_us_and_by_insta() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.snap");
        write(&path, &head().above(&"=> 200\n\n{\n  \"a\": 1\n}".into())).unwrap();
        assert_eq!(contents(&path).unwrap().unwrap(), "=> 200\n\n{\n  \"a\": 1\n}");
        let read = insta::Snapshot::from_file(&path).unwrap();
        assert_eq!(read.metadata().source(), Some("cases/x.yaml"));
        assert_eq!(read.metadata().expression(), Some("x/y[\"z\"]"));
        assert_eq!(read.metadata().description(), Some("a title: with # and\nlines"));
        assert_eq!(read.as_text().unwrap().to_string(), "=> 200\n\n{\n  \"a\": 1\n}");
        let left: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["b.snap"]);
    }

    #[test]
    fn line_ends_and_space_at_the_end_make_no_difference() {
        assert_eq!(parse("---\r\nsource: x\r\n---\r\na\r\nb\r\n\r\n").unwrap(), "a\nb");
    }

    #[test]
    fn what_is_no_snapshot_is_never_taken_for_one() {
        for (text, why) in [
            ("", "is empty"),
            (" \n\n", "is empty"),
            ("=> 200\n", "no head"),
            ("---\nsource: x\n", "head without an end"),
            ("---\nsource: x\n---\n", "no contents"),
            ("---\nsource: x\n---\n \n\n", "no contents"),
            ("---\nsource: x\n---\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", "merge conflict in line 4"),
            ("---\n<<<<<<< HEAD\nsource: x\n=======\nsource: y\n>>>>>>> other\n---\na\n", "merge conflict in line 2"),
            ("---\nsource: x\n---\na\n=======\nb\n", "merge conflict in line 5"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(why), "{text:?}: {told}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_or_too_large_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.snap");
        fs::write(&path, b"---\nsource: x\n---\n\xff\n").unwrap();
        assert!(contents(&path).unwrap_err().to_string().ends_with("x.snap: is not UTF-8"));
        fs::write(&path, "x".repeat(LARGEST as usize + 1)).unwrap();
        assert!(contents(&path).unwrap_err().to_string().contains("has more than"));
        assert_eq!(contents(&folder.path().join("none.snap")).unwrap(), None);
    }
}
