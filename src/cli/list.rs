//! `conformant list`: the case rows that a run would fire.

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use crate::run::{Filters, test_cases};
use crate::suite::{Bindings, Scope};
use crate::text::printable;

/// Prints a line a row: its id and its title.
pub(super) fn list(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let all = suites::load_all(&options.suite)?;
    let mut listed = 0_usize;
    for loaded in &all {
        listed += list_one(loaded, &options.filters)?;
    }
    if listed == 0 {
        return Err(suites::no_case(&all, &options.filters));
    }
    Ok(Exit::Success)
}

/// Lists the rows of one suite; gives back how many there are.
fn list_one(loaded: &LoadedSuite, words: &[String]) -> Result<usize, Failure> {
    let filters = Filters::new(words.to_vec()).knowing(&loaded.contract, &loaded.suite);
    // What the reference is given stands in for what a run is given; a title never shows a secret.
    let bindings = Bindings::new(&loaded.suite, &loaded.suite.reference, 0).unwrap_or_default();
    let mut listed = 0_usize;
    print(|out| {
        for test_case in test_cases(&loaded.suite, &filters) {
            let title = test_case.case.title_of(&test_case.row);
            let scope = Scope::for_row(&bindings, 0, &test_case.id, &test_case.row);
            let title = scope.and_then(|scope| title.text(&scope)).unwrap_or_else(|_| title.to_string());
            listed += 1;
            writeln!(out, "{}  {}", printable(&test_case.id), printable(&title))?;
        }
        Ok(())
    })?;
    Ok(listed)
}
