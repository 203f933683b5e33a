//! What is said of a run's ledger: where it stays, and why nothing is sent without it; and of runs that may create
//! nothing.

use std::io;
use std::path::Path;

use super::failure::Failure;
use super::output::note;
use crate::ledger::Ledger;
use crate::suite::Suite;
use crate::text::printable;

/// Nothing is sent that could not be written down before.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::internal(format!(
        "the ledger {} could not be written: {error}\n  help: nothing that may create something is sent without it; \
         give it another place with --ledger DIR",
        path.display()
    ))
}

/// A run that is to read only, and would create something.
pub(super) fn refused(suite: &Suite, what: &str) -> Failure {
    Failure::usage(
        format!("the suite {} may create something, and this run is read-only: {what}", suite.name),
        "`conformant config` says where read-only comes from; --allow-destructive takes it back for this run",
    )
}

/// Tells where the ledger is, where something is left in it.
pub(super) fn tell(ledger: &Ledger, target: &str) -> Result<(), Failure> {
    let remaining = ledger.remaining();
    if remaining == 0 {
        return Ok(());
    }
    let requests = if remaining == 1 { "1 request" } else { &format!("{remaining} requests") };
    let text = format!(
        "note: what {requests} may have left at the target is in the ledger {}\n  \
         help: `conformant cleanup --target {}` tries again to remove it\n",
        printable(&ledger.path().display().to_string()),
        printable(target)
    );
    note(&text)
}
