//! Which cases of which suites a run fires.

use super::failure::Failure;
use super::last_run::LastRun;
use super::options::Options;
use super::shard;
use super::suites::{self, LoadedSuite};
use super::terminal::note;
use crate::run::{self, Filters};
use crate::text::printable;

/// A suite of which cases are selected.
pub(super) struct Selection {
    /// Its place among all suites that are named.
    pub(super) index: usize,
    pub(super) loaded: LoadedSuite,
    pub(super) filters: Filters,
    pub(super) last: LastRun,
}

/// Why nothing of a suite is selected; what comes later tells more.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Nothing {
    Matches,
    HasFailed,
    MatchesOfFailed,
}

/// What is selected of each suite. One of several of which nothing is selected is left out, which is said.
pub(super) fn of_run(
    options: &Options,
    all: &[LoadedSuite],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Selection>, Failure> {
    if let Some(empty) = all.iter().find(|loaded| loaded.suite.rows() == 0) {
        return Err(Failure::usage(
            format!("the suite {} has no case", printable(&empty.suite.name)),
            "add a file with cases to its folder, or name the other suites",
        ));
    }
    let (mut selected, mut skipped) = (Vec::new(), Vec::new());
    for (index, loaded) in all.iter().enumerate() {
        let last = LastRun::beside(options, &loaded.suite.name);
        match filters(options, loaded, &last) {
            Ok(filters) => selected.push(Selection { index, loaded: loaded.clone(), filters, last }),
            Err(why) => skipped.push((why, loaded, last)),
        }
    }
    if selected.is_empty() {
        skipped.sort_by(|(one, ..), (other, ..)| other.cmp(one));
        return Err(match skipped.first() {
            Some((Nothing::MatchesOfFailed, ..)) => Failure::usage(
                "none of the cases that failed in the last run is selected",
                "run without --failed, or with other filters",
            ),
            Some((Nothing::HasFailed, _, last)) => last.nothing_known(),
            Some((Nothing::Matches, ..)) | None => suites::no_case(all, &options.filters),
        });
    }
    for (_, loaded, _) in skipped {
        let name = printable(&loaded.suite.name);
        note(&format!("note: the suite {name} is skipped: none of its cases is selected\n"))?;
    }
    if let Some(arg) = options.shard {
        let shard = shard::shard(arg, variable)?;
        for Selection { filters, .. } in &mut selected {
            *filters = std::mem::take(filters).in_shard(shard);
        }
    }
    Ok(selected)
}

/// What selects cases of a suite, of which there are some.
fn filters(options: &Options, loaded: &LoadedSuite, last: &LastRun) -> Result<Filters, Nothing> {
    let filters = Filters::new(options.filters.clone()).knowing(&loaded.contract, &loaded.suite);
    let selected = run::count(&loaded.suite, &filters);
    if selected == 0 {
        return Err(Nothing::Matches);
    }
    if !options.failed {
        // What leaves nothing out is a run of the whole suite, and has to prove as much.
        return Ok(if selected == loaded.suite.rows() { Filters::default() } else { filters });
    }
    let failed = last.failed();
    if failed.is_empty() {
        return Err(Nothing::HasFailed);
    }
    let filters = filters.failed(failed.clone());
    if run::count(&loaded.suite, &filters) == 0 { Err(Nothing::MatchesOfFailed) } else { Ok(filters) }
}
