//! Writing a ledger, a line before each request that may create something.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::line::{EXTENSION, LedgerHeader, LedgerLine, OpenEntry, SentRequest};
use super::reader::{LedgerError, parse};
use crate::http::Request;
use crate::secret::Secrets;

/// The largest text that is kept of a request, in bytes: what is longer can't be looked up in a URL anyway.
const LONGEST: usize = 4 * 1024;
/// How often a folder that another run has just taken away is made again.
const TRIES: usize = 16;

/// The ledger of one run, being written. What is buffered is written with the next request at the latest.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    folders: Vec<PathBuf>,
    file: Mutex<LedgerFile>,
}

#[derive(Debug)]
struct LedgerFile {
    file: File,
    /// Lines that nobody has to wait for.
    buffer: Vec<u8>,
    /// How many bytes of the file are whole lines.
    whole: u64,
    open: usize,
    /// Whether the file was taken away.
    over: bool,
    /// Why nothing can be written any more.
    failure: Option<String>,
}

impl Ledger {
    /// Begins a ledger in a file of its own in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// The folder or the file can't be made, or the head not be written.
    pub fn begin(folder: &Path, header: &LedgerHeader) -> io::Result<Self> {
        let mut folders = Vec::new();
        let (path, file) = create(folder, header, &mut folders)?;
        let file = LedgerFile { file, buffer: Vec::new(), whole: 0, open: 0, over: false, failure: None };
        let ledger = Self { path, folders, file: Mutex::new(file) };
        let begun = ledger.lock().write(header);
        match begun {
            Ok(()) => Ok(ledger),
            Err(error) => {
                ledger.remove();
                Err(error)
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why it could not be written to, if so.
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    /// Enters a request that is about to be sent; what of it holds a secret is left out. It is on disk afterwards.
    ///
    /// # Errors
    /// It could not be written, now or before: then the request must not be sent.
    pub fn sent(&self, mut sent: SentRequest, secrets: &Secrets) -> io::Result<()> {
        let keeps = |text: &str| text.len() <= LONGEST && !secrets.is_in(text);
        sent.path = sent.path.filter(|path| keeps(path));
        sent.kept.retain(|_, value| keeps(value));
        sent.case = secrets.mask(&sent.case).into_owned();
        let mut file = self.lock();
        file.write(&LedgerLine::Sent(sent))?;
        file.open += 1;
        Ok(())
    }

    /// Tells that a request was accepted, and how what it made is removed.
    pub fn made(&self, key: String, remove: String, secrets: &Secrets) {
        if remove.len() <= LONGEST && !secrets.is_in(&remove) {
            // Where this fails, the failure is kept, and the request's own line stands.
            let _ = self.lock().write(&LedgerLine::Made { key, remove });
        }
    }

    /// Tells that what a request made is gone, or that it made nothing.
    pub fn gone(&self, key: String, remove: Option<String>, secrets: &Secrets) {
        // No longer one was entered.
        let remove = remove.filter(|remove| remove.len() <= LONGEST);
        let remove = remove.map(|remove| secrets.mask(&remove).into_owned());
        let mut file = self.lock();
        file.open = file.open.saturating_sub(1);
        file.put(&LedgerLine::Gone { key, remove });
    }

    /// Tells why what a request made could not be removed.
    pub fn left(&self, key: String, why: &str, secrets: &Secrets) {
        let why = secrets.mask(why).into_owned();
        self.lock().put(&LedgerLine::Left { key, why });
    }

    /// What is open, read back from the file.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn entries(&self) -> Result<Vec<OpenEntry>, LedgerError> {
        let mut file = self.lock();
        if file.open == 0 {
            return Ok(Vec::new());
        }
        // What can't be written is told at the end; what stands in the file is open for sure or was.
        let _ = file.flush();
        let file = File::open(&self.path);
        let file = file.map_err(|cause| LedgerError::Unreadable { path: self.path.clone(), cause })?;
        Ok(parse(&self.path, file)?.map(|recorded| recorded.open).unwrap_or_default())
    }

    /// Ends the ledger: takes the file away where nothing is open, else sees that all is written.
    ///
    /// # Errors
    /// Something could not be written, now or before.
    pub fn end(&self) -> io::Result<()> {
        let mut file = self.lock();
        let failed = file.failure.clone().map(io::Error::other);
        let flushed = if file.open == 0 || file.over { Ok(()) } else { file.flush() };
        let done = file.open == 0;
        drop(file);
        if done {
            self.remove();
        }
        failed.map_or(flushed, Err)
    }

    /// How many requests may have left something behind that the file tells of.
    pub fn remaining(&self) -> usize {
        let file = self.lock();
        if file.over { 0 } else { file.open }
    }

    /// Takes the file away, with the folders that were made for it.
    pub fn remove(&self) {
        let mut file = self.lock();
        if std::mem::replace(&mut file.over, true) {
            return;
        }
        // A file that can't be removed is read as finished where all its lines are closed.
        let _ = file.flush();
        let _ = fs::remove_file(&self.path);
        for folder in &self.folders {
            // Another run may have its ledger there by now.
            let _ = fs::remove_dir(folder);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LedgerFile> {
        // Whoever panicked while holding it has at worst left half a line, which `whole` tells from the rest.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ledger {
    /// A run that could not be begun leaves no ledger either.
    fn drop(&mut self) {
        if self.remaining() == 0 {
            self.remove();
        }
    }
}

impl LedgerFile {
    /// Adds a line to those that are written next.
    fn put(&mut self, line: &impl Serialize) {
        if let Err(error) = serde_json::to_writer(&mut self.buffer, line) {
            self.failure.get_or_insert_with(|| error.to_string());
        }
        self.buffer.push(b'\n');
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(failure.clone()));
        }
        self.put(line);
        self.flush().inspect_err(|error| self.failure = Some(error.to_string()))
    }

    /// Writes what is buffered. Half a line is taken back, and everything is kept for another try.
    fn flush(&mut self) -> io::Result<()> {
        if let Err(error) = self.file.write_all(&self.buffer) {
            // Where even that fails, the reader passes over a last line without an end.
            let _ = self.file.set_len(self.whole);
            return Err(error);
        }
        self.whole += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// A file that nobody else has, in a folder that is made where it is missing.
fn create(folder: &Path, header: &LedgerHeader, made: &mut Vec<PathBuf>) -> io::Result<(PathBuf, File)> {
    let day: String = header.started.chars().filter(char::is_ascii_alphanumeric).collect();
    if folder.exists() && !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder"));
    }
    let mut last = io::Error::other("other runs keep taking the folder away");
    for number in 0..TRIES {
        for missing in folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            if !made.iter().any(|known| known == missing) {
                made.push(missing.to_owned());
            }
        }
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{day}-{}-{number}.{}", std::process::id(), EXTENSION));
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => {
                // Where files can't be locked, nobody can tell that this run is still going; nothing else is lost by that.
                let _ = file.lock();
                // Whoever cleans up may have taken it for one that was left empty; now that it is locked, nobody does.
                if path.exists() {
                    return Ok((path, file));
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                last = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// What lines call a request: the same for requests that are equal in method, URL and body.
pub fn key(request: &Request) -> String {
    let mut hasher = DefaultHasher::new();
    (&request.method, &request.url, request.body.as_deref()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn begun(folder: &Path) -> Ledger {
        let started = "2026-01-02T03:04:05Z".to_owned();
        Ledger::begin(folder, &LedgerHeader { format: crate::ledger::FORMAT, started, ..LedgerHeader::default() })
            .unwrap()
    }

    fn sent(path: &str, name: &str) -> SentRequest {
        let kept = BTreeMap::from([("name".to_owned(), name.to_owned())]);
        SentRequest {
            key: name.to_owned(),
            case: "c".to_owned(),
            method: "POST".to_owned(),
            path: Some(path.to_owned()),
            kept,
        }
    }

    #[test]
    fn what_holds_a_secret_or_is_too_long_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let mut secrets = Secrets::default();
        secrets.register("token", "s3cret-token".into()).unwrap();
        ledger.sent(sent("/p?t=s3cret-token", "a"), &secrets).unwrap();
        ledger.sent(SentRequest { key: "b".to_owned(), ..sent("/p", "my-s3cret-token") }, &secrets).unwrap();
        ledger.sent(SentRequest { key: "c".to_owned(), ..sent("/p", &"n".repeat(LONGEST + 1)) }, &secrets).unwrap();
        ledger.made("c".to_owned(), "/p/s3cret-token".to_owned(), &secrets);
        ledger.left("c".to_owned(), "it said s3cret-token", &secrets);
        let open = ledger.entries().unwrap();
        let known = |entry: &OpenEntry| (entry.sent.path.clone(), entry.sent.kept.len(), entry.removals.len());
        let path = Some("/p".to_owned());
        assert_eq!(open.iter().map(known).collect::<Vec<_>>(), [(None, 1, 0), (path.clone(), 0, 0), (path, 0, 0)]);
        assert!(!fs::read_to_string(ledger.path()).unwrap().contains("s3cret-token"));
    }

    #[test]
    fn a_ledger_is_on_disk_as_soon_as_something_is_entered_and_gone_with_the_last_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(&folder.path().join("a/b"));
        ledger.sent(sent("/p", "a"), &Secrets::default()).unwrap();
        assert!(fs::read_to_string(ledger.path()).unwrap().ends_with("\"kept\":{\"name\":\"a\"}}}\n"));
        assert_eq!(ledger.remaining(), 1);
        ledger.gone("a".to_owned(), None, &Secrets::default());
        ledger.end().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the folders that were made go with it");
    }

    #[test]
    fn a_ledger_with_something_open_stays() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        ledger.sent(sent("/p", "a"), &Secrets::default()).unwrap();
        let path = ledger.path().to_owned();
        ledger.end().unwrap();
        drop(ledger);
        assert_eq!(crate::ledger::reader::unlocked(&path).open.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_part_of_a_secret_is_in_a_ledger_and_every_ledger_is_read_back(
            value in "([g-z][2-9]){4,60}",
            text in "\\PC{0,40}",
            at in 0usize..6,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let ledger = begun(folder.path());
            let mut secrets = Secrets::default();
            secrets.register("token", value.as_str().into()).unwrap();
            let place = |number: usize| if number == at { format!("/{text}{value}{text}") } else { format!("/{text}") };
            let request = SentRequest { case: place(0), ..sent(&place(1), &place(2)) };
            ledger.sent(SentRequest { key: "a".to_owned(), ..request }, &secrets).unwrap();
            ledger.made("a".to_owned(), place(3), &secrets);
            ledger.left("a".to_owned(), &place(4), &secrets);
            ledger.gone("a".to_owned(), Some(place(5)), &secrets);
            ledger.lock().flush().unwrap();
            let written = fs::read(ledger.path()).unwrap();
            for part in value.as_bytes().windows(6) {
                prop_assert!(!written.windows(6).any(|window| window == part), "{}", String::from_utf8_lossy(&written));
            }
            prop_assert!(parse(ledger.path(), &*written).is_ok());
        }

        #[test]
        fn no_bytes_make_reading_a_ledger_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), line in "\\PC{0,80}") {
            let head = r#"{"format":1,"target":"http://t","suite":"s","started":"","seed":"0","variables":{}}"#;
            let _ = parse(Path::new("l"), &*bytes);
            let _ = parse(Path::new("l"), format!("{head}\n{line}\n").as_bytes());
        }
    }
}
