//! Where reports go: standard output, or a file that is whole or not there at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::report::{Format, Renderer};
use crate::verdict::Event;

/// A report being written.
pub(super) struct Sink {
    name: String,
    renderer: Box<dyn Renderer + Send>,
    out: Box<dyn Write + Send>,
}

impl Sink {
    /// Opens a report of a format at a path; `-` is standard output.
    pub(super) fn open(format: &Format, path: &Path) -> Result<Self, Failure> {
        let name = PathBuf::from(path).display().to_string();
        let out: Box<dyn Write + Send> = if path == Path::new("-") {
            Box::new(io::stdout())
        } else {
            let file = File::create(path).map_err(|error| Failure::sink(&name, &error))?;
            Box::new(BufWriter::new(file))
        };
        Ok(Self { name, renderer: (format.renderer)(), out })
    }

    /// Hands the next event on.
    pub(super) fn event(&mut self, event: &Event) -> Result<(), Failure> {
        let written = self.renderer.event(event, &mut self.out).and_then(|()| match event {
            Event::Finished(_) => self.out.flush(),
            Event::Started(_) | Event::Case(_) => Ok(()),
        });
        written.map_err(|error| Failure::sink(&self.name, &error))
    }
}
