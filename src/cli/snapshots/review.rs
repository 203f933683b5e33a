//! One answer after the other that waits for a review: what is recorded, what came instead, and what to do.

use std::io::{self, BufRead as _};

use super::selection::{GREEN, RED, Selection, YELLOW, exit_of, shown};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::terminal::print;
use crate::report::write_difference;
use crate::snapshot::{FileError, Folder, Kept, contents};

/// What the reviewer says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Accept,
    Reject,
    Skip,
    Quit,
}

/// Asks of each what to do. Answers are read from standard input, a line each; its end quits.
pub(super) fn review(selection: &Selection<'_>) -> Result<Exit, Failure> {
    let pending = selection.pending()?;
    if pending.is_empty() {
        print(|out| writeln!(out, "nothing is pending"))?;
        return Ok(Exit::Success);
    }
    let mut failed = Vec::new();
    let mut counts = [0_usize; 3];
    for (number, kept) in pending.iter().enumerate() {
        match both(kept) {
            Ok((recorded, observed)) => {
                print(|out| {
                    writeln!(out, "\n{} of {}  {}", number + 1, pending.len(), shown(kept))?;
                    write_difference(recorded.as_deref(), &observed, "    ", out)
                })?;
            }
            Err(error) => {
                failed.push(error);
                continue;
            }
        }
        let (done, index) = match ask()? {
            Choice::Accept => (Folder::accept(kept), 0),
            Choice::Reject => (Folder::remove(&kept.path).map(drop), 1),
            Choice::Skip => (Ok(()), 2),
            Choice::Quit => break,
        };
        match done {
            Ok(()) => counts.iter_mut().skip(index).take(1).for_each(|count| *count += 1),
            Err(error) => failed.push(error),
        }
    }
    let [accepted, rejected, skipped] = counts;
    let left = pending.len() - accepted - rejected;
    print(|out| {
        writeln!(
            out,
            "{GREEN}{accepted} accepted{GREEN:#}, {RED}{rejected} rejected{RED:#}, {skipped} skipped; {YELLOW}{left}{YELLOW:#} left"
        )
    })?;
    exit_of(&failed)
}

/// What is recorded, if anything is, and what came instead.
fn both(kept: &Kept) -> Result<(Option<String>, String), FileError> {
    Ok((contents(&kept.accepted())?, contents(&kept.path)?.unwrap_or_default()))
}

fn ask() -> Result<Choice, Failure> {
    loop {
        print(|out| write!(out, "accept (a), reject (r), skip (s) or quit (q)? "))?;
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        if read.map_err(|error| Failure::unwritable("standard input", &error))? == 0 {
            print(|out| writeln!(out))?;
            return Ok(Choice::Quit);
        }
        match line.trim() {
            "a" | "accept" => return Ok(Choice::Accept),
            "r" | "reject" => return Ok(Choice::Reject),
            "s" | "skip" => return Ok(Choice::Skip),
            "q" | "quit" => return Ok(Choice::Quit),
            _ => {}
        }
    }
}
