//! Reading a file without trusting it.

use std::fs::{File, symlink_metadata};
use std::io::Read;
use std::path::Path;

use super::diagnostic::Diagnostics;
use super::file::SourceFile;
use super::limits::{Limits, SMALL_FILE};
use super::span::Span;

impl SourceFile {
    /// A file from its bytes.
    ///
    /// # Errors
    /// Some that are not UTF-8, with the place of the first one.
    fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostics> {
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

    /// Reads a regular file that somebody wrote by hand; a symbolic link is refused, and no more than the limit is ever
    /// read.
    ///
    /// # Errors
    /// A file that can't be read, isn't regular, is too large or isn't UTF-8.
    pub fn read(path: &Path, name: &str) -> Result<Self, Diagnostics> {
        Self::read_within(path, name, &SMALL_FILE)
    }

    /// The same for a file of another size.
    ///
    /// # Errors
    /// As [`SourceFile::read`].
    pub fn read_within(path: &Path, name: &str, limits: &Limits) -> Result<Self, Diagnostics> {
        Self::from_bytes(name, Self::read_bytes(path, name, limits)?)
    }

    /// The bytes of a regular file, whatever they are.
    ///
    /// # Errors
    /// As [`SourceFile::read`], but for what the bytes are.
    pub fn read_bytes(path: &Path, name: &str, limits: &Limits) -> Result<Vec<u8>, Diagnostics> {
        let metadata = symlink_metadata(path).map_err(|error| Self::refused(name, &unreadable(&error)))?;
        if metadata.is_symlink() {
            return Err(Self::refused(name, "a symbolic link is not followed"));
        }
        if !metadata.is_file() {
            return Err(Self::refused(name, "not a regular file"));
        }
        if metadata.len() > limits.bytes {
            return Err(Self::refused(name, &too_large(limits)));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| Self::refused(name, &unreadable(&error)))?;
        file.take(limits.bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Self::refused(name, &unreadable(&error)))?;
        if bytes.len() as u64 > limits.bytes {
            return Err(Self::refused(name, &too_large(limits)));
        }
        Ok(bytes)
    }

    /// What is wrong with a file as a whole, at its first line.
    pub fn refused(name: &str, message: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.report(&Self::new(name, ""), Span::START, message);
        diagnostics
    }

    /// Refuses a file whose text is larger than it may be.
    pub(super) fn within(&self, limits: &Limits) -> Result<(), Diagnostics> {
        match self.text().len() as u64 > limits.bytes {
            true => Err(Self::refused(self.name(), &too_large(limits))),
            false => Ok(()),
        }
    }
}

fn too_large(limits: &Limits) -> String {
    format!("larger than {} KiB: split the file", limits.bytes / 1024)
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
