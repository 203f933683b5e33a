//! Where reports go: standard output, or a file.
//!
//! The event stream is written as it comes, so that what a killed run had found out is there. Every other report is
//! written beside its place and moved there when it is complete: it is whole or not there at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::output::printed;
use crate::report::{Format, Renderer};
use crate::verdict::Event;

/// How a report gets to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Line by line, into the file itself.
    AsItComes,
    /// In one piece, at the end.
    Whole,
    /// Behind what is in the file already.
    Behind,
}

/// A report being written.
pub(super) struct Sink {
    name: String,
    is_stdout: bool,
    renderer: Box<dyn Renderer + Send>,
    out: Box<dyn Write + Send>,
    /// Where it is written until it is complete, and where it belongs then.
    moving: Option<(PathBuf, PathBuf)>,
}

impl Sink {
    /// Opens a report of a format at a path; `-` is standard output.
    pub(super) fn open(format: &Format, path: &Path, delivery: Delivery) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let fail = |error: io::Error| Failure::sink(&name, &error);
        let mut moving = None;
        let is_stdout = path == Path::new("-");
        let out: Box<dyn Write + Send> = if is_stdout {
            Box::new(io::stdout())
        } else {
            // What is no plain file (a pipe, a device) can't be moved to.
            let plain = fs::metadata(path).map_or(true, |metadata| metadata.is_file());
            let file = match delivery {
                Delivery::Behind => OpenOptions::new().create(true).append(true).open(path).map_err(fail)?,
                Delivery::Whole if plain => {
                    let beside = beside(path);
                    let file = File::create(&beside).map_err(fail)?;
                    moving = Some((beside, path.to_owned()));
                    file
                }
                Delivery::Whole | Delivery::AsItComes => File::create(path).map_err(fail)?,
            };
            Box::new(BufWriter::new(file))
        };
        Ok(Self { name, is_stdout, renderer: (format.renderer)(), out, moving })
    }

    /// Hands the next event on.
    pub(super) fn event(&mut self, event: &Event) -> Result<(), Failure> {
        let written = self.renderer.event(event, &mut self.out).and_then(|()| match event {
            Event::Finished(_) => self.finish(),
            Event::Started(_) | Event::Case(_) => Ok(()),
        });
        match self.is_stdout {
            true => printed(written),
            false => written.map_err(|error| Failure::sink(&self.name, &error)),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()?;
        if let Some((from, to)) = &self.moving {
            fs::rename(from, to)?;
            self.moving = None;
        }
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some((unfinished, _)) = &self.moving {
            // There is nobody left to tell that a file of our own could not be removed.
            let _ = fs::remove_file(unfinished);
        }
    }
}

/// A name beside a path that no other process uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
