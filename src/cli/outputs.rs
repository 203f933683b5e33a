//! Where a report goes: standard output, or a file.
//!
//! The event stream is written as it comes, so that what a killed run had found out is there. Every other report is
//! whole or not there at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::failure::Failure;
use super::files;
use super::terminal::finish;
use crate::atomic;
use crate::report::{Format, Renderer, Summary};
use crate::verdict::{Event, MaskedEvent};

/// How a report gets to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Line by line, into the file itself.
    AsItComes,
    /// In one piece, at the end.
    Whole,
    /// Behind what is in the file already.
    Append,
}

/// A report being written.
pub(super) struct ReportFile {
    file: OutputFile,
    renderer: Box<dyn Renderer>,
}

/// Where a report is written to: a file, or standard output.
pub(super) struct OutputFile {
    path: PathBuf,
    out: Box<dyn Write + Send>,
    /// Where it is written until it is complete.
    unfinished: Option<TempPath>,
}

impl OutputFile {
    /// Opens what is at a path; `-` is standard output.
    pub(super) fn open(path: &Path, delivery: Delivery) -> Result<Self, Failure> {
        let (file, unfinished) =
            open(path, delivery).map_err(|error| Failure::unwritable(&path.display().to_string(), &error))?;
        let out: Box<dyn Write + Send> = match file {
            Some(file) => Box::new(BufWriter::new(file)),
            None => Box::new(io::stdout()),
        };
        Ok(Self { path: path.to_owned(), out, unfinished })
    }

    /// The file's path; none for standard output.
    pub(super) fn name(&self) -> Option<String> {
        (self.path != Path::new("-")).then(|| self.path.display().to_string())
    }

    /// Writes all that there is to write.
    pub(super) fn write_all(mut self, text: &str) -> Result<(), Failure> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.finish());
        self.told(written)
    }

    /// What writing came to.
    fn told(&self, written: io::Result<()>) -> Result<(), Failure> {
        match self.path == Path::new("-") {
            true => finish(written),
            false => written.map_err(|error| Failure::unwritable(&self.path.display().to_string(), &error)),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()?;
        match self.unfinished.take() {
            Some(unfinished) => atomic::finish(unfinished, &self.path),
            None => Ok(()),
        }
    }
}

impl ReportFile {
    /// Opens a report of a format at a path; `-` is standard output.
    pub(super) fn open(format: &Format, path: &Path, delivery: Delivery) -> Result<Self, Failure> {
        Ok(Self { file: OutputFile::open(path, delivery)?, renderer: (format.renderer)() })
    }

    /// The file's path; none for standard output.
    pub(super) fn name(&self) -> Option<String> {
        self.file.name()
    }

    /// Writes what the report makes of the next event, which the summary has taken in.
    pub(super) fn event(&mut self, event: &MaskedEvent, run: &Summary) -> Result<(), Failure> {
        let written = self.renderer.event(event, run, &mut self.file.out).and_then(|()| match &**event {
            Event::Finished(_) if run.is_over() => self.file.finish(),
            Event::Started(_) | Event::Case(_) | Event::Finished(_) => Ok(()),
        });
        self.file.told(written)
    }

    /// Where it is as long as it isn't complete, if that is another place than where it will be.
    pub(super) fn unfinished(&self) -> Option<&Path> {
        self.file.unfinished.as_deref()
    }
}

fn open(path: &Path, delivery: Delivery) -> io::Result<(Option<File>, Option<TempPath>)> {
    files::refuse_link_or_pipe(path)?;
    // What is no plain file (a pipe, a device) can't be replaced.
    let is_plain = || fs::metadata(path).map_or(true, |metadata| metadata.is_file());
    Ok(match delivery {
        _ if path == Path::new("-") => (None, None),
        Delivery::Append => (Some(OpenOptions::new().create(true).append(true).open(path)?), None),
        Delivery::Whole if is_plain() => {
            let (file, unfinished) = atomic::begin_long(path)?;
            (Some(file), Some(unfinished))
        }
        Delivery::AsItComes if is_plain() => (Some(atomic::open_alone(path)?), None),
        Delivery::Whole | Delivery::AsItComes => (Some(OpenOptions::new().write(true).open(path)?), None),
    })
}
