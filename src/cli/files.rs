//! Reading whole files, none larger than makes sense, and replacing files by whole ones.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

/// What a file holds, or why it can't be read. What a pipe or a device holds isn't known before it is read, so the limit
/// (in bytes) holds while reading.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(error.to_string()),
        Ok(_) if bytes.len() as u64 > limit => Err(format!("it has more than {limit} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// The same of a file that has to be UTF-8.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    String::from_utf8(read(path, limit)?).map_err(|_| "it is not UTF-8".to_owned())
}

/// A new file in the folder of another, to take its place when it is complete. It is removed where it doesn't.
pub(super) fn beside(path: &Path) -> io::Result<(File, TempPath)> {
    let mut builder = tempfile::Builder::new();
    builder.suffix(".part");
    // As any new file, and not for its owner alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where there is no such folder, the message doesn't name a file in it.
    std::fs::metadata(folder)?;
    builder.tempfile_in(folder).map(NamedTempFile::into_parts)
}
