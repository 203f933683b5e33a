//! Reading ledgers back, and writing what is still open once something was removed.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::line::{EXTENSION, FORMAT, LedgerHeader, LedgerLine, OpenEntry};
use crate::atomic;

/// The longest line, in bytes; what is written is far below.
const LINE: u64 = 256 * 1024;

/// What keeps a ledger from being read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The run that it belongs to is still going, or somebody else is cleaning up after it.
    #[error("its run is still going, or another cleanup works on it")]
    Busy,
    /// The file can't be opened or read.
    #[error("the ledger {} can't be read: {cause}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// A line that isn't one of a ledger's.
    #[error("{}:{line}: this is no line of a ledger: {cause}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// The file was written by a version whose ledgers aren't understood.
    #[error("{}:1: the ledger has format {format}, and this version reads {FORMAT}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
}

/// A ledger, read back. It is locked until this is dropped.
#[derive(Debug)]
pub struct LockedLedger {
    /// Where it is.
    pub path: PathBuf,
    /// What it begins with.
    pub header: LedgerHeader,
    /// What is open, in the order of sending.
    pub open: Vec<OpenEntry>,
    /// Whether its last line has no end; that line isn't counted.
    pub truncated: bool,
    /// Holds the lock.
    _lock: Option<File>,
}

/// The ledgers in a folder, by name; or the one file that the path names. None where there is nothing.
///
/// # Errors
/// The folder can't be read.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Ok(vec![path.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads and locks a ledger. `None` where it has no header: its run was over before anything was sent.
///
/// # Errors
/// The file is locked, can't be read, or isn't a ledger. A last line without an end is no error.
pub fn read(path: &Path) -> Result<Option<LockedLedger>, LedgerError> {
    let unreadable = |cause| LedgerError::Unreadable { path: path.to_owned(), cause };
    // To open a pipe to which nobody writes takes forever.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is no regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Err(LedgerError::Busy);
    }
    let recorded = parse(path, file.try_clone().map_err(unreadable)?)?;
    Ok(recorded.map(|recorded| LockedLedger { _lock: Some(file), ..recorded }))
}

/// Reads a ledger from its beginning to its last whole line.
pub(super) fn parse(path: &Path, file: impl Read) -> Result<Option<LockedLedger>, LedgerError> {
    let mut file = BufReader::new(file);
    let (mut header, mut entries, mut truncated) = (None, OpenEntries::default(), false);
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        let unreadable = |cause| LedgerError::Unreadable { path: path.to_owned(), cause };
        let read = file.by_ref().take(LINE).read_until(b'\n', &mut text).map_err(unreadable)?;
        let wrong = |cause: String| LedgerError::Line { path: path.to_owned(), line: number, cause };
        let Some(line) = text.strip_suffix(b"\n") else {
            if read as u64 == LINE {
                return Err(wrong(format!("it has more than {LINE} bytes")));
            }
            truncated = read > 0;
            break;
        };
        if header.is_some() {
            entries.count(from_json(line).map_err(wrong)?).map_err(wrong)?;
        } else {
            let LedgerHeader { format, .. } = *header.insert(from_json::<LedgerHeader>(line).map_err(wrong)?);
            if format != FORMAT {
                return Err(LedgerError::Format { path: path.to_owned(), format });
            }
        }
    }
    let open = entries.in_order();
    Ok(header.map(|header| LockedLedger { path: path.to_owned(), header, open, truncated, _lock: None }))
}

fn from_json<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

/// What is open, by key, each with its place in the order of sending; what is gone is forgotten.
#[derive(Default)]
struct OpenEntries {
    open: HashMap<String, (usize, OpenEntry)>,
    next: usize,
}

impl OpenEntries {
    /// Counts a line; says what is wrong with one that can't follow on those before it.
    fn count(&mut self, line: LedgerLine) -> Result<(), String> {
        let path = match &line {
            LedgerLine::Sent(sent) => sent.path.as_deref(),
            LedgerLine::Made { remove, .. } => Some(remove.as_str()),
            LedgerLine::Gone { .. } | LedgerLine::Left { .. } => None,
        };
        if path.is_some_and(|path| !path.starts_with('/')) {
            return Err("its path doesn't start with `/`".to_owned());
        }
        match line {
            LedgerLine::Sent(sent) => {
                self.next += 1;
                let entry = || OpenEntry { sent: sent.clone(), times: 0, removals: Vec::new(), left: None };
                self.open.entry(sent.key.clone()).or_insert_with(|| (self.next, entry())).1.times += 1;
            }
            LedgerLine::Made { key, remove } => self.entry(&key)?.removals.push(remove),
            LedgerLine::Gone { key, remove } => {
                let entry = self.entry(&key)?;
                entry.times -= 1;
                if let Some(at) = entry.removals.iter().position(|known| Some(known) == remove.as_ref()) {
                    entry.removals.remove(at);
                }
                if entry.times == 0 {
                    self.open.remove(&key);
                }
            }
            LedgerLine::Left { key, why } => self.entry(&key)?.left = Some(why),
        }
        Ok(())
    }

    fn entry(&mut self, key: &str) -> Result<&mut OpenEntry, String> {
        let entry = self.open.get_mut(key).map(|(_, entry)| entry);
        entry.ok_or_else(|| format!("nothing that is open has the key {key:?}"))
    }

    fn in_order(self) -> Vec<OpenEntry> {
        self.open.into_values().collect::<BTreeMap<_, _>>().into_values().collect()
    }
}

impl LockedLedger {
    /// Writes the ledger anew with what is still open, or removes it where nothing is.
    ///
    /// # Errors
    /// It can't be written; then it is as it was.
    pub fn rewrite(self, open: &[OpenEntry]) -> io::Result<()> {
        if open.is_empty() {
            return fs::remove_file(&self.path);
        }
        let mut text = String::new();
        put(&mut text, &self.header)?;
        for OpenEntry { sent, times, removals, left } in open {
            (0..*times).try_for_each(|_| put(&mut text, &LedgerLine::Sent(sent.clone())))?;
            let key = || sent.key.clone();
            for remove in removals {
                put(&mut text, &LedgerLine::Made { key: key(), remove: remove.clone() })?;
            }
            left.iter().try_for_each(|why| put(&mut text, &LedgerLine::Left { key: key(), why: why.clone() }))?;
        }
        atomic::write_durably(&self.path, &text)
    }
}

fn put(text: &mut String, line: &impl Serialize) -> io::Result<()> {
    text.push_str(&serde_json::to_string(line)?);
    text.push('\n');
    Ok(())
}

/// Reads a ledger once it is free: a process that another test is just starting may hold the lock for a moment, too.
#[cfg(test)]
#[track_caller]
pub(super) fn unlocked(path: &Path) -> LockedLedger {
    loop {
        match read(path) {
            Err(LedgerError::Busy) => std::thread::yield_now(),
            recorded => return recorded.unwrap().unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"format":1,"target":"http://t","suite":"s","started":"","seed":"0","variables":{}}"#;

    fn parsed(lines: &[&str]) -> Result<LockedLedger, String> {
        let text = [&[HEAD], lines, &[""]].concat().join("\n");
        let recorded = parse(Path::new("l"), text.as_bytes()).map_err(|error| error.to_string())?;
        recorded.ok_or_else(|| "no head".to_owned())
    }

    const SENT: &str = r#"{"sent":{"key":"a","case":"c","method":"POST","path":"/p"}}"#;

    #[test]
    fn equal_requests_are_open_until_what_each_made_is_gone() {
        let made = r#"{"made":{"key":"a","remove":"/p/1"}}"#;
        let gone = r#"{"gone":{"key":"a"}}"#;
        let open = |lines: &[&str]| {
            let open = parsed(lines).unwrap().open;
            open.into_iter().map(|entry| (entry.times, entry.removals)).collect::<Vec<_>>()
        };
        assert_eq!(open(&[SENT, SENT, made, gone]), [(1, vec!["/p/1".to_owned()])]);
        assert_eq!(open(&[SENT, SENT, made, r#"{"gone":{"key":"a","remove":"/p/1"}}"#]), [(1, vec![])]);
        assert_eq!(open(&[SENT, gone, SENT, gone]), []);
    }

    #[test]
    fn a_ledger_of_another_format_and_one_without_end_are_refused() {
        let other =
            parse(Path::new("l"), HEAD.replace(":1,", ":2,").as_bytes()).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(other, Ok(()), "a head that breaks off is none");
        let text = format!("{}\n", HEAD.replace(":1,", ":2,"));
        let other = parse(Path::new("l"), text.as_bytes()).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(other, Err("l:1: the ledger has format 2, and this version reads 1".to_owned()));
        let endless = parse(Path::new("l"), io::repeat(b'x')).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(endless, Err("l:1: this is no line of a ledger: it has more than 262144 bytes".to_owned()));
    }

    #[test]
    fn what_is_kept_reads_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.ndjson");
        let lines =
            [HEAD, SENT, SENT, r#"{"made":{"key":"a","remove":"/p/1"}}"#, r#"{"left":{"key":"a","why":"w"}}"#, ""];
        fs::write(&path, lines.join("\n")).unwrap();
        let first = unlocked(&path);
        assert!(matches!(read(&path), Err(LedgerError::Busy)), "it is locked");
        let open = first.open.clone();
        first.rewrite(&open).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), lines.join("\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        unlocked(&path).rewrite(&[]).unwrap();
        assert_eq!(files(folder.path()).unwrap(), Vec::<PathBuf>::new());
    }
}
