//! The files of a suite: read from one folder, or compiled in.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::slug::is_slug;
use crate::source::{Diagnostics, SourceFile};

/// The name of the file that all cases of a suite share.
pub(super) const SUITE_FILE: &str = "suite.yaml";
/// What to do about a folder that is none of a suite.
pub(super) const A_SUITE: &str = "a suite is a folder with suite.yaml, contract.yaml and case files";

/// So many files a suite may have.
const MAX_FILES: usize = 500;

/// The `*.yaml` files of a suite, sorted by name.
#[derive(Debug, Clone)]
pub struct SuiteFiles {
    name: String,
    /// The name within the suite, and the file under the name that messages show.
    files: Vec<(String, SourceFile)>,
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
        Self { name: name.to_owned(), files }
    }

    /// Reads a folder, whose name is the suite's. Files that aren't `*.yaml` are left alone.
    ///
    /// # Errors
    /// A folder that can't be read or whose name is no slug; symbolic links, folders in it, `*.yml`, too many or too
    /// large files, bytes that aren't UTF-8.
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
        let mut files = Vec::new();
        for (file, is_folder) in names.into_iter().filter(|(file, _)| !file.starts_with('.')) {
            let path = folder.join(&file);
            let shown = path.display().to_string();
            let read = match (is_folder, file.ends_with(".yaml"), file.ends_with(".yml")) {
                (true, ..) => {
                    Err(SourceFile::refused(&shown, "folders within a suite are not read: move its files up"))
                }
                (_, _, true) => Err(SourceFile::refused(&shown, "not read, for case files end in `.yaml`: rename it")),
                (_, true, _) => SourceFile::read(&whole.join(&file), &shown),
                _ => continue,
            };
            match read {
                Ok(read) => files.push((file, read)),
                Err(refused) => diagnostics.extend(refused),
            }
        }
        diagnostics.into_result().map(|()| Self { name, files })
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

    /// SHA-256, hex, over all names and contents.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for (name, file) in &self.files {
            for part in [name.as_bytes(), file.text().as_bytes()] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
