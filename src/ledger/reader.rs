//! Reading ledgers back, and writing what is still open once something was removed.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Entry, FORMAT, Head, LedgerError, Left, Line, Made};

/// What a ledger's file name ends with.
pub(super) const EXTENSION: &str = "ndjson";
/// The longest line, in bytes; what is written is far below.
const LINE: u64 = 256 * 1024;

/// A ledger, read back. It is locked until this is dropped.
#[derive(Debug)]
pub struct LockedLedger {
    /// Where it is.
    pub path: PathBuf,
    /// What it begins with.
    pub head: Head,
    /// What is open, in the order of sending.
    pub open: Vec<Entry>,
    /// Whether its last line breaks off; that line isn't counted.
    pub torn: bool,
    /// Holds the lock.
    _lock: Option<File>,
}

/// The run that a ledger belongs to is still going, or somebody else is cleaning up after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerBusy;

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

/// Reads and locks a ledger. `None` where it has no head: its run was over before anything was sent.
///
/// # Errors
/// The file can't be read, or isn't a ledger. A last line without an end is no error.
pub fn read(path: &Path) -> Result<Result<Option<LockedLedger>, LedgerBusy>, LedgerError> {
    let unreadable = |cause| LedgerError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Ok(Err(LedgerBusy));
    }
    let recorded = parse(path, file.try_clone().map_err(unreadable)?)?;
    Ok(Ok(recorded.map(|recorded| LockedLedger { _lock: Some(file), ..recorded })))
}

/// Reads a ledger from its beginning to its last whole line.
pub(super) fn parse(path: &Path, file: impl Read) -> Result<Option<LockedLedger>, LedgerError> {
    let unreadable = |cause| LedgerError::Unreadable { path: path.to_owned(), cause };
    let mut file = BufReader::new(file);
    let mut head: Option<Head> = None;
    let mut tally = Tally::default();
    let mut torn = false;
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        let read = file.by_ref().take(LINE).read_until(b'\n', &mut text).map_err(unreadable)?;
        let wrong = |cause: String| LedgerError::Line { path: path.to_owned(), line: number, cause };
        let Some(line) = text.strip_suffix(b"\n") else {
            if read as u64 == LINE {
                return Err(wrong(format!("it has more than {LINE} bytes")));
            }
            torn = read > 0;
            break;
        };
        match &head {
            None => head = Some(serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?),
            Some(_) => {
                tally.count(serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?).map_err(wrong)?
            }
        }
        if let Some(Head { format, .. }) = head.as_ref().filter(|head| head.format != FORMAT) {
            return Err(LedgerError::Format { path: path.to_owned(), format: *format });
        }
    }
    let open = tally.open();
    Ok(head.map(|head| LockedLedger { path: path.to_owned(), head, open, torn, _lock: None }))
}

/// What is open, by key; what is gone is forgotten.
#[derive(Default)]
struct Tally {
    open: HashMap<String, (usize, Entry)>,
    next: usize,
}

impl Tally {
    /// Counts a line; says what is wrong with one that can't follow on those before it.
    fn count(&mut self, line: Line) -> Result<(), String> {
        let unsent = |key: &str| format!("nothing that is open has the key {key:?}");
        match line {
            Line::Sent(sent) => {
                if sent.path.as_ref().is_some_and(|path| !path.starts_with('/')) {
                    return Err("its path doesn't start with `/`".to_owned());
                }
                self.next += 1;
                let entry = || Entry { sent: sent.clone(), times: 0, removals: Vec::new(), left: None };
                self.open.entry(sent.key.clone()).or_insert_with(|| (self.next, entry())).1.times += 1;
            }
            Line::Made(Made { key, remove }) => {
                if !remove.starts_with('/') {
                    return Err("its path doesn't start with `/`".to_owned());
                }
                self.open.get_mut(&key).ok_or_else(|| unsent(&key))?.1.removals.push(remove);
            }
            Line::Gone(gone) => {
                let (_, entry) = self.open.get_mut(&gone.key).ok_or_else(|| unsent(&gone.key))?;
                entry.times -= 1;
                let removed = |known: &String| Some(known) == gone.remove.as_ref();
                if let Some(at) = entry.removals.iter().position(removed) {
                    entry.removals.remove(at);
                }
                if entry.times == 0 {
                    self.open.remove(&gone.key);
                }
            }
            Line::Left(Left { key, why }) => {
                self.open.get_mut(&key).ok_or_else(|| unsent(&key))?.1.left = Some(why);
            }
        }
        Ok(())
    }

    fn open(self) -> Vec<Entry> {
        let in_order: BTreeMap<usize, Entry> = self.open.into_values().collect();
        in_order.into_values().collect()
    }
}

impl LockedLedger {
    /// Writes the ledger anew with what is still open, or takes it away where nothing is.
    ///
    /// # Errors
    /// It can't be written; then it is as it was.
    pub fn keep(self, open: &[Entry]) -> io::Result<()> {
        if open.is_empty() {
            return fs::remove_file(&self.path);
        }
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let beside = self.path.with_file_name(name);
        let written = self.write(&beside, open).and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            // It is ours alone, and the ledger itself is untouched.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn write(&self, path: &Path, open: &[Entry]) -> io::Result<()> {
        let mut file = io::BufWriter::new(File::create(path)?);
        put(&mut file, &self.head)?;
        for entry in open {
            for _ in 0..entry.times {
                put(&mut file, &Line::Sent(entry.sent.clone()))?;
            }
            for remove in &entry.removals {
                put(&mut file, &Line::Made(Made { key: entry.sent.key.clone(), remove: remove.clone() }))?;
            }
            if let Some(why) = &entry.left {
                put(&mut file, &Line::Left(Left { key: entry.sent.key.clone(), why: why.clone() }))?;
            }
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

fn put(file: &mut impl io::Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}

/// Reads a ledger once it is free: a process that another test is just starting may hold the lock for a moment, too.
#[cfg(test)]
#[track_caller]
pub(super) fn unlocked(path: &Path) -> LockedLedger {
    loop {
        match read(path).unwrap() {
            Ok(recorded) => return recorded.unwrap(),
            Err(LedgerBusy) => std::thread::yield_now(),
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
        assert_eq!(read(&path).unwrap().map(|_| ()), Err(LedgerBusy), "it is locked");
        let open = first.open.clone();
        first.keep(&open).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), lines.join("\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        unlocked(&path).keep(&[]).unwrap();
        assert_eq!(files(folder.path()).unwrap(), Vec::<PathBuf>::new());
    }
}
