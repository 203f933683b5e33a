//! One file's name and text, read without trusting it.

use std::fs::{File, symlink_metadata};
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::diagnostic::Diagnostics;
use super::node::Span;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A file's name, as messages show it, and its text. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    /// The parts that no message shows: in order, apart from one another, each up to the end of its line.
    hidden: Arc<[Range<usize>]>,
}

impl SourceFile {
    /// A file whose text is at hand; its size is checked when it is parsed.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), hidden: Arc::default() }
    }

    /// The same file, of which no message shows these ranges of bytes, nor what stands behind them in their lines.
    pub fn hiding(self, mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_by_key(|range| range.start);
        let mut hidden: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            let line_end = |from: usize| {
                let rest = self.text.as_bytes().get(from..).unwrap_or_default();
                from.saturating_add(memchr::memchr(b'\n', rest).unwrap_or(rest.len()))
            };
            match hidden.last_mut() {
                Some(last) if range.start <= last.end && range.end <= last.end => {}
                Some(last) if range.start <= last.end => last.end = line_end(range.end),
                _ => hidden.push(range.start..line_end(range.end.max(range.start))),
            }
        }
        Self { hidden: hidden.into(), ..self }
    }

    /// The first byte of a range that no message shows, if one of them is.
    pub(super) fn hidden_in(&self, range: &Range<usize>) -> Option<usize> {
        let first = self.hidden.partition_point(|hidden| hidden.end <= range.start);
        let hidden = self.hidden.get(first).filter(|hidden| hidden.start < range.end)?;
        Some(hidden.start.max(range.start))
    }

    /// A file from its bytes.
    ///
    /// # Errors
    /// More than [`MAX_FILE_BYTES`], or bytes that are not UTF-8, with the place of the first one.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostics> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(Self::refused(name, &too_large()));
        }
        String::from_utf8(bytes).map(|text| Self::new(name, text)).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let file = Self::new(name, text);
            let span = file.span(good..good + '\u{fffd}'.len_utf8());
            let mut diagnostics = Diagnostics::default();
            diagnostics.report(&file, span, "not UTF-8").hint("save the file as UTF-8");
            diagnostics
        })
    }

    /// Reads a regular file; a symbolic link is refused, and no more than the limit is ever read.
    ///
    /// # Errors
    /// A file that can't be read, isn't regular, is too large or isn't UTF-8.
    pub fn read(path: &Path, name: &str) -> Result<Self, Diagnostics> {
        let metadata = symlink_metadata(path).map_err(|error| Self::refused(name, &unreadable(&error)))?;
        if metadata.is_symlink() {
            return Err(Self::refused(name, "a symbolic link is not followed"));
        }
        if !metadata.is_file() {
            return Err(Self::refused(name, "not a regular file"));
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(Self::refused(name, &too_large()));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| Self::refused(name, &unreadable(&error)))?;
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Self::refused(name, &unreadable(&error)))?;
        Self::from_bytes(name, bytes)
    }

    /// What is wrong with a file as a whole, at its first line.
    pub fn refused(name: &str, message: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.report(&Self::new(name, ""), Span::START, message);
        diagnostics
    }

    /// As messages show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of a range of bytes; out of range, the nearest there is.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start =
            (0..=range.start.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        Span { line, column, start, end: range.end.clamp(start, self.text.len()) }
    }
}

fn too_large() -> String {
    format!("larger than {} KiB: split the file", MAX_FILE_BYTES / 1024)
}

fn unreadable(error: &std::io::Error) -> String {
    format!("can't be read: {}", error.to_string().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf_8_are_refused_at_their_place() {
        let refused = SourceFile::from_bytes("a.yaml", b"title: x\ncases: \xff\n".to_vec()).unwrap_err();
        let first = refused.iter().next().unwrap();
        assert_eq!((first.line, first.column), (2, 8));
        assert_eq!(first.message, "not UTF-8");
    }

    #[test]
    fn a_hundred_megabytes_are_refused_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.yaml");
        File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
        let refused = SourceFile::read(&path, "big.yaml").unwrap_err();
        assert!(refused.to_string().contains("larger than 1024 KiB"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.yaml");
        std::os::unix::fs::symlink("/etc/hostname", &path).unwrap();
        assert!(SourceFile::read(&path, "link.yaml").unwrap_err().to_string().contains("symbolic link"));
    }
}
