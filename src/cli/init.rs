//! `conformant init`: the files of a new suite, from an API's document or from nothing. Never writes over a file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::terminal::print;
use crate::contract::Contract;
use crate::scaffold::Scaffold;
use crate::source::SourceFile;
use crate::suite::{SuiteFiles, is_slug};
use crate::text::printable;

/// Where a target may be.
const TARGET: &str = "http://127.0.0.1:8080";

/// Begins a suite.
pub(super) fn init(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = arguments.options.folder.as_deref();
    let folder = folder.ok_or_else(|| Failure::usage("no folder is named", "name the folder of the new suite"))?;
    check_name(folder)?;
    let (scaffold, documents) = match &arguments.options.document {
        Some(document) => about(folder, document)?,
        None => (Scaffold::example(), Vec::new()),
    };
    if scaffold.operations.0 == 0 {
        return Err(Failure::usage(
            "no operation of the document can be asked by what it says",
            "give its parameters and bodies examples",
        ));
    }
    let own = scaffold.files.iter().map(|(name, text)| ((*name).to_owned(), text.as_str()));
    let copies = documents.iter().map(|(name, file)| (name.clone(), file.text()));
    let files: Vec<(PathBuf, &str)> = own.chain(copies).map(|(name, text)| (folder.join(name), text)).collect();
    refuse_taken(&files)?;
    for (path, text) in &files {
        write(path, text).map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
    }
    tell(folder, &files, &scaffold)
}

/// A suite is called like its folder.
fn check_name(folder: &Path) -> Result<(), Failure> {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match is_slug(name) {
        true => Ok(()),
        false => Err(Failure::usage(
            format!("{} is no folder for a suite", folder.display()),
            "a suite's folder is named with a-z, 0-9, `.`, `_` and `-` only",
        )),
    }
}

/// A suite about a document, and the files that have to be copied: the document and what it refers to, unless they are in
/// the folder already.
fn about(folder: &Path, document: &Path) -> Result<(Scaffold, Vec<(String, SourceFile)>), Failure> {
    let unreadable = |error: &io::Error| {
        Failure::usage(
            format!("{} can't be read: {error}", document.display()),
            "name the file with the API's document",
        )
    };
    let whole = document.canonicalize().map_err(|error| unreadable(&error))?;
    let within = folder.canonicalize().ok().filter(|folder| whole.starts_with(folder));
    let root = match &within {
        Some(folder) => folder.as_path(),
        None => whole.parent().unwrap_or(Path::new("/")),
    };
    let name = whole.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default().to_owned();
    let beside = SuiteFiles::beside(root);
    let text = Scaffold::contract(&name);
    let contract = Contract::load_with(SourceFile::new("contract.yaml", text.as_str()), &beside)?;
    let documents = if within.is_some() { Vec::new() } else { beside.documents() };
    Ok((Scaffold::of_document(&contract, text), documents))
}

/// Nothing is written where a file is already.
fn refuse_taken(files: &[(PathBuf, &str)]) -> Result<(), Failure> {
    let mut paths: Vec<&PathBuf> = Vec::new();
    let mut taken = Vec::new();
    for (path, _) in files {
        if fs::symlink_metadata(path).is_ok() || paths.contains(&path) {
            taken.push(path.display().to_string());
        }
        paths.push(path);
    }
    match taken.is_empty() {
        true => Ok(()),
        false => Err(Failure::usage(
            format!("{} would be written over, and nothing was written", taken.join(", ")),
            "name another folder, or move what is there",
        )),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create_new(path)?.write_all(text.as_bytes())
}

fn tell(folder: &Path, files: &[(PathBuf, &str)], scaffold: &Scaffold) -> Result<Exit, Failure> {
    let shown = folder.display().to_string();
    let shown = shlex::try_quote(&shown).map_or_else(|_| shown.clone(), |quoted| quoted.into_owned());
    let variables: String = scaffold.variables.iter().map(|name| format!(" --variable {name}=VALUE")).collect();
    let secrets: String = scaffold.secrets.iter().map(|name| format!("CONFORMANT_SECRET_{name}=VALUE ")).collect();
    print(|out| {
        for (path, _) in files {
            writeln!(out, "wrote {}", printable(&path.display().to_string()))?;
        }
        let (asked, missing) = scaffold.operations;
        let plural = if asked == 1 { "" } else { "s" };
        write!(out, "\n{asked} operation{plural} with a valid request")?;
        if missing > 0 {
            write!(out, "; for {missing} something is missing, which suite.yaml says")?;
        }
        writeln!(out, "\n\nnext:\n  conformant check {}", printable(&shown))?;
        let (shown, base) = (printable(&shown), &scaffold.base_path);
        writeln!(out, "  {secrets}conformant run --suite {shown} --target {TARGET}{base}{variables}")
    })?;
    Ok(Exit::Success)
}
