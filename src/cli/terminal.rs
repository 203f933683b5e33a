//! Standard output and standard error. A reader that goes away, as `head` does, is no error: what it would have been told
//! is dropped, and the command ends as it would have otherwise.

use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, Write};

use super::failure::Failure;

/// Prints to standard output, in one piece where it is short.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(anstream::stdout());
    finish(write(&mut out).and_then(|()| out.flush()))
}

/// Prints to standard error.
pub(super) fn note(text: &str) -> Result<(), Failure> {
    finish(anstream::stderr().write_all(text.as_bytes()))
}

/// What printing came to.
pub(super) fn finish(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        result => result.map_err(|error| Failure::unwritable("the terminal", &error)),
    }
}

/// Whether it or one of its causes is that: a template engine wraps what the writer says.
fn is_broken_pipe(error: &io::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}
