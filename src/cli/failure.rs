//! What keeps a command from being carried out: the place, the cause and the next step, and the exit code.

use std::io::{self, Write as _};

use super::exit::Exit;
use crate::secret::Secrets;
use crate::source::Diagnostics;
use crate::text::{printable, shorten};

/// How many characters of a line are shown, whatever an argument or a file put into it.
const LINE: usize = 2_000;

/// Why a command could not be carried out.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    /// Complete text, several lines where needed.
    text: String,
    /// Whether it is ready for the terminal, colours included.
    rendered: bool,
}

impl Failure {
    /// Wrong usage: a lower-case fragment that names the thing, and what to do next.
    pub(super) fn usage(what: impl std::fmt::Display, next: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Usage, text: format!("error: {what}\n  help: {next}\n"), rendered: false }
    }

    /// Not everything that a verdict needs is there.
    pub(super) fn undetermined(what: impl std::fmt::Display, next: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Undetermined, ..Self::usage(what, next) }
    }

    /// Files that are broken, each with what to do; or that can't be read or written, which is no wrong usage.
    pub(super) fn broken(text: String, usage: bool) -> Self {
        Self { exit: if usage { Exit::Usage } else { Exit::Internal }, text, rendered: false }
    }

    /// The harness failed.
    pub(super) fn internal(what: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Internal, text: format!("error: {what}\n"), rendered: false }
    }

    /// A report or the terminal could not be written to.
    pub(super) fn unwritable(name: &str, error: &io::Error) -> Self {
        let text = format!(
            "error: {name} could not be written: {error}\n  help: name a file in an existing folder, on a disk with room\n"
        );
        Self { exit: Exit::Internal, text, rendered: false }
    }

    /// Several at once, told one after the other; none where there are none. It ends as the first does.
    pub(super) fn together(failures: Vec<Self>) -> Option<Self> {
        let is_rendered = failures.iter().any(|failure| failure.rendered);
        let ready = failures.into_iter().map(|failure| match is_rendered && !failure.rendered {
            true => Self { text: lines(&failure.text), rendered: true, ..failure },
            false => failure,
        });
        ready.reduce(|all, next| match all.text.contains(&next.text) {
            true => all,
            false => Self { text: all.text + &next.text, ..all },
        })
    }

    /// The text, for tests.
    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Prints it, without any of these secrets, and gives back the exit code.
    pub(super) fn print(&self, known: &Secrets) -> Exit {
        let masked = known.mask(&self.text);
        let text = if self.rendered { masked.into_owned() } else { lines(&masked.into_text()) };
        let _ = anstream::stderr().write_all(text.as_bytes());
        self.exit
    }
}

/// What is wrong with files that people write.
impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        let styled = anstream::ColorChoice::global() == anstream::ColorChoice::AlwaysAnsi;
        Self { exit: Exit::Usage, text: diagnostics.render(styled), rendered: true }
    }
}

/// The lines of a text as a terminal may show them.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", shorten(&printable(line), LINE))).collect()
}
