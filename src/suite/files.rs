//! The files of a suite: read from one folder, or compiled in.

use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::bytes::hex;
use super::slug::is_slug;
use crate::contract::Documents;
use crate::source::{DOCUMENT, Diagnostics, Limits, SourceFile, Span};

/// The name of the file that all cases of a suite share.
pub(super) const SUITE_FILE: &str = "suite.yaml";
/// What to do about a folder that is none of a suite.
pub(super) const A_SUITE: &str = "a suite is a folder with suite.yaml, contract.yaml and case files";

/// So many files a suite may have.
const MAX_FILES: usize = 500;
/// A file that is sent; in base64 it is as long as a text may be.
const ATTACHMENT: Limits = Limits { bytes: 3 * 1024 * 1024, ..DOCUMENT };
/// So many bytes the files of a suite may have together.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The `*.yaml` files of a suite, sorted by name, and what its contract reads besides.
#[derive(Debug, Clone)]
pub struct SuiteFiles {
    name: String,
    /// The name within the suite, and the file under the name that messages show.
    files: Vec<(String, SourceFile)>,
    /// Where they come from: the folder, and how messages show it; nothing where they are compiled in.
    folder: Option<(PathBuf, String)>,
    /// What was found besides that only a contract can make something of, by name and with what is to be said of it.
    others: Vec<(String, &'static str)>,
    /// What the contract has read, by path.
    documents: Arc<Mutex<BTreeMap<String, SourceFile>>>,
    /// What is sent as it is, by path.
    attachments: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl SuiteFiles {
    /// Files that are compiled in: the folder that they stood in, whose last part is the suite's name, and each file's
    /// name and text.
    pub fn embedded(folder: &str, files: &[(&str, &str)]) -> Self {
        let named =
            |(file, text): &(&str, &str)| ((*file).to_owned(), SourceFile::new(format!("{folder}/{file}"), *text));
        let mut files: Vec<_> = files.iter().map(named).collect();
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        let name = folder.rsplit('/').next().unwrap_or(folder);
        Self {
            name: name.to_owned(),
            files,
            folder: None,
            others: Vec::new(),
            documents: Arc::default(),
            attachments: Arc::default(),
        }
    }

    /// Reads a folder, whose name is the suite's. Files that aren't `*.yaml` are left alone until the contract asks for
    /// them.
    ///
    /// # Errors
    /// A folder that can't be read or whose name is no slug; symbolic links, too many or too large files, bytes that
    /// aren't UTF-8.
    pub fn read(folder: &Path) -> Result<Self, Diagnostics> {
        let shown = folder.display().to_string();
        let unreadable = |error: std::io::Error| {
            let cause = error.to_string().to_lowercase();
            SourceFile::refused(&shown, &format!("can't be read: {cause}")).hinted(A_SUITE)
        };
        let whole = folder.canonicalize().map_err(unreadable)?;
        let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !is_slug(&name) {
            return Err(SourceFile::refused(&shown, "a suite's folder is named with a-z, 0-9, `.`, `_` and `-` only"));
        }
        let mut names = Vec::new();
        for entry in whole.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            names.push((entry.file_name().to_string_lossy().into_owned(), kind.is_dir()));
            if names.len() > MAX_FILES {
                return Err(SourceFile::refused(&shown, &format!("more than {MAX_FILES} files")));
            }
        }
        names.sort();
        let mut diagnostics = Diagnostics::default();
        let (mut files, mut others, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (file, is_folder) in names.into_iter().filter(|(file, _)| !file.starts_with('.')) {
            let path = folder.join(&file);
            let shown = path.display().to_string();
            let read = match (is_folder, file.ends_with(".yaml"), file.ends_with(".yml")) {
                (true, ..) => {
                    if may_hold_cases(&whole.join(&file)) {
                        others.push((file, "folders within a suite are not read: move its files up"));
                    }
                    continue;
                }
                (_, _, true) => {
                    others.push((file, "not read, for case files end in `.yaml`: rename it"));
                    continue;
                }
                (_, true, _) => SourceFile::read_within(&whole.join(&file), &shown, &DOCUMENT),
                _ => continue,
            };
            match read {
                Ok(read) => {
                    bytes += read.text().len();
                    files.push((file, read));
                }
                Err(refused) => diagnostics.extend(refused),
            }
            if bytes > MAX_BYTES {
                return Err(SourceFile::refused(&shown, &too_much()));
            }
        }
        let folder = Some((whole, folder.display().to_string()));
        let read = Self { name, files, folder, others, documents: Arc::default(), attachments: Arc::default() };
        if !diagnostics.is_empty() {
            diagnostics.extend(read.left_over());
        }
        diagnostics.into_result().map(|()| read)
    }

    /// No files yet, but those of a folder that a contract asks for: what a new suite is made of.
    pub fn beside(folder: &Path) -> Self {
        Self { folder: Some((folder.to_owned(), folder.display().to_string())), ..Self::embedded("", &[]) }
    }

    /// What the contract has read so far, by path.
    pub fn documents(&self) -> Vec<(String, SourceFile)> {
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.iter().map(|(path, file)| (path.clone(), file.clone())).collect()
    }

    /// What was found that nothing has read: folders, and files that may be meant as case files.
    pub(super) fn left_over(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        let shown = self.folder.as_ref().map_or(self.name.as_str(), |(_, shown)| shown.as_str());
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let attachments = self.attachments.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, message) in &self.others {
            let folder = format!("{name}/");
            let mut read = documents.keys().chain(attachments.keys());
            if !read.any(|read| read == name || read.starts_with(&folder)) {
                let shown = Path::new(shown).join(name).display().to_string();
                diagnostics.report(&SourceFile::new(shown, ""), Span::START, *message);
            }
        }
        diagnostics
    }

    /// Whether the contract has read a file, which then is none with cases.
    pub(super) fn is_document(&self, name: &str) -> bool {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// The suite's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A file by its name within the suite.
    pub fn get(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, file)| file)
    }

    /// All files with their names within the suite, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SourceFile)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// The bytes of a file of the folder, to be sent.
    ///
    /// # Errors
    /// Why it can't be used: a lower-case fragment.
    pub(super) fn attachment(&self, path: &str) -> Result<Bytes, String> {
        let Some((folder, shown)) = &self.folder else { return Err("isn't among the suite's files".to_owned()) };
        let whole = located(folder, path)?;
        let shown = Path::new(shown).join(path).display().to_string();
        let bytes = Bytes::from(SourceFile::read_bytes(&whole, &shown, &ATTACHMENT).map_err(cause)?);
        let mut attachments = self.attachments.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(attachments.entry(path.to_owned()).or_insert(bytes).clone())
    }

    /// SHA-256, hex, over all names and contents, those among them that the contract and the cases have read so far.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let others = documents.iter().filter(|(name, _)| self.get(name).is_none());
        let attachments = self.attachments.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = self.files.iter().map(|(name, file)| (name, file)).chain(others);
        let texts = texts.map(|(name, file)| (name, file.text().as_bytes()));
        for (name, content) in texts.chain(attachments.iter().map(|(name, bytes)| (name, &**bytes))) {
            for part in [name.as_bytes(), content] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        hex(&digest.finalize())
    }
}

impl Documents for SuiteFiles {
    fn document(&self, path: &str) -> Result<SourceFile, String> {
        let read = match (self.get(path), &self.folder) {
            (Some(file), _) => file.clone(),
            (None, Some((folder, shown))) => read(folder, shown, path)?,
            (None, None) => return Err("isn't among the suite's files".to_owned()),
        };
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.insert(path.to_owned(), read.clone());
        let bytes: usize = documents.values().map(|file| file.text().len()).sum();
        if bytes > MAX_BYTES { Err(too_much()) } else { Ok(read) }
    }
}

/// Whether somebody may take a folder's files for cases: it has YAML, folders of its own, or can't be read.
fn may_hold_cases(folder: &Path) -> bool {
    let is_meant = |entry: std::io::Result<DirEntry>| {
        entry.is_ok_and(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name();
            let name = name.to_string_lossy();
            is_folder || name.ends_with(".yaml") || name.ends_with(".yml")
        })
    };
    folder.read_dir().map_or(true, |mut entries| entries.any(is_meant))
}

fn too_much() -> String {
    format!("makes the suite larger than {} MiB", MAX_BYTES / 1024 / 1024)
}

/// Reads a file of a folder.
fn read(folder: &Path, shown: &str, path: &str) -> Result<SourceFile, String> {
    let whole = located(folder, path)?;
    let shown = Path::new(shown).join(path).display().to_string();
    SourceFile::read_within(&whole, &shown, &DOCUMENT).map_err(cause)
}

/// Why a file can't be used.
fn cause(refused: Diagnostics) -> String {
    let message = refused.iter().next().map(|one| one.message.clone());
    message.map_or_else(|| "can't be read".to_owned(), |message| format!("can't be used: {message}"))
}

/// Where a file of a folder is; no folder on the way is a link.
fn located(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let mut whole = folder.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        if matches!(part, "" | "." | "..") || part.contains('\\') {
            return Err("leads out of the suite's folder".to_owned());
        }
        whole.push(part);
        let is_link = whole.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        if is_link && parts.peek().is_some() {
            return Err("is behind a symbolic link, which is not followed".to_owned());
        }
    }
    if whole.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Err("isn't in the suite's folder".to_owned());
    }
    Ok(whole)
}
