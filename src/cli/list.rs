//! `conformant list`: the case rows that a run would fire.

use std::io::{self, Write as _};

use super::args::ListArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::suites;
use crate::run::{Filters, test_cases};
use crate::suite::{Bindings, Scope};
use crate::text::printable;

/// Prints a line a row: its id and its title.
pub(super) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let filters = Filters::new(args.filters.clone());
    // What the reference is given stands in for what a run is given; a title never shows a secret.
    let bindings = Bindings::new(&loaded.suite, &loaded.suite.reference, 0).unwrap_or_default();
    let mut out = io::BufWriter::new(anstream::stdout());
    let mut listed = 0_usize;
    for test_case in test_cases(&loaded.suite, &filters) {
        let title = test_case.case.title_of(&test_case.row);
        let rendered = Scope::for_row(&bindings, 0, &test_case.id, &test_case.row).and_then(|scope| title.text(&scope));
        let title = rendered.unwrap_or_else(|_| title.to_string());
        listed += 1;
        if let Some(end) = written(writeln!(out, "{}  {}", printable(&test_case.id), printable(&title)))? {
            return Ok(end);
        }
    }
    if listed == 0 {
        return Err(Failure::usage(
            format!("no case of the suite {} matches {}", loaded.suite.name, args.filters.join(" or ")),
            "a filter is part of a case's id or of a clause's id",
        ));
    }
    written(out.flush()).map(|end| end.unwrap_or(Exit::Good))
}

/// What writing came to: whoever reads may stop reading (`| head`), and that is the end and no error.
fn written(done: io::Result<()>) -> Result<Option<Exit>, Failure> {
    match done {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Some(Exit::Good)),
        Err(error) => Err(Failure::sink("the list", &error)),
    }
}
