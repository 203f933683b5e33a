//! What all parts of the report on a terminal share.

use std::io::Write;

use anstyle::{AnsiColor, Style};

pub(in crate::report) const BOLD: Style = Style::new().bold();
pub(in crate::report) const DIM: Style = Style::new().dimmed();
pub(in crate::report) const RED: Style = AnsiColor::Red.on_default().bold();
pub(in crate::report) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(in crate::report) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(in crate::report) const CYAN: Style = AnsiColor::Cyan.on_default();

pub(in crate::report) type Out<'a> = &'a mut dyn Write;

/// What is to be told, and what only the program knows of it.
#[derive(Debug, Clone)]
pub struct TerminalOptions {
    /// Only violations, what stood in the way of a verdict, and the verdict.
    pub quiet: bool,
    /// Every reading, and not only how many there are.
    pub readings: bool,
    /// Every clause with its cases.
    pub coverage: bool,
    /// How many columns the terminal has.
    pub width: usize,
    /// The reports that are written besides, by their paths.
    pub files: Vec<String>,
    /// The folder that commands are written to which are too long to be shown; none where they aren't written.
    pub commands: Option<String>,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        let (quiet, readings, coverage) = (false, false, false);
        Self { quiet, readings, coverage, width: 120, files: Vec::new(), commands: None }
    }
}
