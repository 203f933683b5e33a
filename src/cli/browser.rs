//! `run --open`: the HTML report in the browser, once it is written.

use std::path::{Path, absolute};

use super::ci::is_ci;
use super::failure::Failure;
use super::options::Options;
use super::terminal::note;
use crate::text::printable;

/// The page that is to be opened once it is written; none where `--open` isn't given.
pub(super) fn page(options: &Options) -> Result<Option<&Path>, Failure> {
    if !options.open {
        return Ok(None);
    }
    let mut pages = options.reports.iter().filter(|(format, path)| format.name == "html" && path != Path::new("-"));
    match pages.next() {
        Some((_, page)) => Ok(Some(page)),
        None => Err(Failure::usage("--open has no page to open", "add `--report-html report.html`")),
    }
}

/// Opens the page, and waits for nothing. What comes of it changes nothing about the run.
pub(super) fn open(page: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let name = printable(&page.display().to_string()).into_owned();
    if is_ci(variable) {
        return note(&format!("note: {name} is not opened: this is a CI job, as CI or TF_BUILD is set\n"));
    }
    match absolute(page).and_then(open::that_detached) {
        Ok(()) => Ok(()),
        Err(error) => note(&format!("note: {name} could not be opened: {error}\n")),
    }
}
