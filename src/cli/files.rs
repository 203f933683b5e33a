//! Reading whole files, none larger than makes sense, and links, which a checkout may have made lead anywhere.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Where what leads to pipes, terminals and what a process has open is linked by the system.
const OF_THE_SYSTEM: [&str; 2] = ["/dev", "/proc"];

/// Opens a file to be read a piece at a time. What the system links is opened whatever it is, for a shell hands a pipe on that
/// way; any other pipe may have nobody who writes to it, and then to open it takes forever.
pub(super) fn open(path: &Path) -> Result<File, String> {
    if !is_of_the_system(path) {
        check_regular(path)?;
    }
    File::open(path).map_err(|error| error.to_string())
}

fn check_regular(path: &Path) -> Result<(), String> {
    match fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        true => Ok(()),
        false => Err("it is no regular file".to_owned()),
    }
}

fn is_of_the_system(path: &Path) -> bool {
    OF_THE_SYSTEM.iter().any(|folder| path.starts_with(folder))
}

/// What a regular file holds, or why it can't be read; the limit, in bytes, holds while reading. A pipe or a device may
/// never end, and is refused.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    check_regular(path)?;
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

/// Where a file is that may be a link. A link is followed within its folder, as files are mounted into containers, and not
/// out of it.
pub(super) fn resolved(path: &Path) -> Result<PathBuf, String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let resolve = |path: &Path| fs::canonicalize(path).map_err(|error| error.to_string());
    let (file, folder) = (resolve(path)?, resolve(folder)?);
    match file.starts_with(folder) {
        true => Ok(file),
        false => Err("it is a link out of its folder, which is not followed".to_owned()),
    }
}

/// Holds that what is written to a path goes there, and neither to another place that somebody linked it to nor into a pipe,
/// which may have nobody who reads it: then to open it takes forever.
pub(super) fn refuse_link_or_pipe(path: &Path) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    match is_of_the_system(path) || metadata.is_file() || metadata.is_dir() {
        true => Ok(()),
        false if metadata.is_symlink() => Err(io::Error::other("it is a link, which is not followed")),
        false => Err(io::Error::other("it is no regular file")),
    }
}
