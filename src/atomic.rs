//! Writing a whole file in one step: whoever looks sees the old one or the new one, and a process that is killed leaves no
//! half of it, but at most a file of its own beside it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::{Builder, NamedTempFile, TempPath};

/// What the name of a file begins with until it is complete.
pub const UNFINISHED: &str = ".conformant-";

/// The longest name, in bytes, of which there is room for more in the name of another file.
const LONGEST: usize = 200;

/// Writes a file.
///
/// # Errors
/// What the file system has against it; the file is as it was then.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let (mut file, unfinished) = begin(path)?;
    file.write_all(text.as_bytes())?;
    finish(unfinished, path)
}

/// The same for a file that has to outlive a power cut, too.
///
/// # Errors
/// As [`write`].
pub fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let (mut file, unfinished) = begin(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    finish(unfinished, path)
}

/// Whether a file could be written, without touching it.
///
/// # Errors
/// As [`write`].
pub fn check(path: &Path) -> io::Result<()> {
    begin(path).map(drop)
}

/// Puts a file that was begun in its place.
///
/// # Errors
/// As [`write`].
pub fn finish(unfinished: TempPath, path: &Path) -> io::Result<()> {
    unfinished.persist(path).map_err(|error| error.error)
}

/// Begins a file that is written piece by piece for as long as a run takes, under a name that says whose it is. It is removed
/// again where it is dropped and not finished; what a killed process left of it is taken over.
///
/// # Errors
/// As [`write`]; and that another process is writing it.
pub fn begin_long(path: &Path) -> io::Result<(File, TempPath)> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
    let name = if name.len() > LONGEST { format!("{:016x}", hash(&name)) } else { name.into_owned() };
    let folder = folder(path);
    // Where there is no such folder, the error names no file that nobody knows.
    fs::metadata(folder)?;
    let unfinished = folder.join(format!("{UNFINISHED}{name}.part"));
    if fs::symlink_metadata(&unfinished).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::other(format!("{} is no regular file", unfinished.display())));
    }
    let file = open_alone(&unfinished)?;
    Ok((file, TempPath::try_from_path(unfinished)?))
}

/// Opens a file for writing from its beginning, unless another process is doing so.
///
/// # Errors
/// As [`write`]; and that another process is writing it.
pub fn open_alone(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("another run is writing it")),
        // Not every file system has locks.
        Err(TryLockError::Error(_)) => {}
    }
    file.set_len(0)?;
    Ok(file)
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Begins a file that is written piece by piece. It is removed again where it is dropped and not finished.
///
/// Others may read it as far as the process lets them read what it makes, which `tempfile` alone would not allow.
///
/// # Errors
/// As [`write`].
pub fn begin(path: &Path) -> io::Result<(File, TempPath)> {
    let folder = folder(path);
    let mut builder = Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Where there is no such folder, the error names no file that nobody knows.
    fs::metadata(folder)?;
    builder.tempfile_in(folder).map(NamedTempFile::into_parts)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_written_as_readable_as_any() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.txt");
        check(&path).unwrap();
        assert!(!path.exists());
        for (text, write) in [("one", write as fn(&Path, &str) -> io::Result<()>), ("two", write_durably)] {
            write(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let permissions = |path: &Path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(&path), permissions(&plain));
    }

    #[test]
    fn a_long_file_is_written_by_one_alone_and_what_a_killed_process_left_of_it_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.html");
        fs::write(folder.path().join(".conformant-run.html.part"), "left by a killed process").unwrap();
        let (mut file, unfinished) = begin_long(&path).unwrap();
        assert_eq!(begin_long(&path).unwrap_err().to_string(), "another run is writing it");
        file.write_all(b"new").unwrap();
        finish(unfinished, &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        drop(file);
        drop(begin_long(&path).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_can_not_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir_all(path.join("inner")).unwrap();
        assert!(write(&path, "x").is_err() && check(&path.join("none/x")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
