//! `conformant list`: the case rows that a run would fire.

use std::io::Write as _;

use super::args::ListArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::suites;
use crate::run::{Filters, units};
use crate::suite::{Bindings, Scope};
use crate::text::printable;

/// Prints a line a row: its id and its title.
pub(super) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let filters = Filters::new(args.filters.clone());
    let bindings = Bindings::default();
    let mut out = std::io::BufWriter::new(anstream::stdout());
    let mut listed = 0_usize;
    for unit in units(&loaded.suite, &filters) {
        // A title that needs a variable of the run is shown as it is written.
        let title = unit.case().title_of(&unit.row);
        let rendered = Scope::for_row(&bindings, 0, &unit.id, &unit.row).and_then(|scope| title.text(&scope));
        let title = rendered.unwrap_or_else(|_| title.to_string());
        writeln!(out, "{}  {}", printable(&unit.id), printable(&title))
            .map_err(|error| Failure::sink("the list", &error))?;
        listed += 1;
    }
    out.flush().map_err(|error| Failure::sink("the list", &error))?;
    if listed == 0 {
        return Err(Failure::usage(
            format!("no case of the suite {} matches {}", loaded.suite.name, args.filters.join(" or ")),
            "a filter is part of a case's id or of a clause's id",
        ));
    }
    Ok(Exit::Good)
}
