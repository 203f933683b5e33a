//! Messages about a run's ledger, and about runs that may create nothing.

use std::io;
use std::path::Path;

use super::failure::Failure;
use super::terminal::note;
use crate::ledger::Ledger;
use crate::suite::Suite;
use crate::text::printable;

/// Nothing is sent that the ledger can't have first.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::internal(format!(
        "the ledger {} could not be written: {error}\n  help: nothing that may create something is sent without it; \
         give it another place with --ledger DIR",
        path.display()
    ))
}

/// A read-only run would create something.
pub(super) fn refused(suite: &Suite, what: &str) -> Failure {
    Failure::usage(
        format!("the suite {} may create something, and this run is read-only: {what}", suite.name),
        "`conformant config` says where read-only comes from; --allow-destructive overrides it for this run",
    )
}

/// Says where the ledger is, if something is left in it.
pub(super) fn note_remaining(ledger: &Ledger, target: &str) -> Result<(), Failure> {
    let remaining = ledger.remaining();
    if remaining == 0 {
        return Ok(());
    }
    let plural = if remaining == 1 { "request" } else { "requests" };
    note(&format!(
        "note: what {remaining} {plural} may have left at the target is in the ledger {}\n  \
         help: `conformant cleanup --target {}` tries again to remove it\n",
        printable(&ledger.path().display().to_string()),
        printable(target)
    ))
}
