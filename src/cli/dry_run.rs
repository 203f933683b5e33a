//! `conformant run --dry-run`: what a run would send. Nothing is sent, started or written.

use std::io::{self, Write};

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::selection::Selection;
use super::setup::{RunSetup, seed};
use super::suites::LoadedSuite;
use super::terminal::print;
use super::waivers;
use crate::report::plain_line;
use crate::run::{PlannedCase, PlannedRequest, RunError, preview};

/// What stands for the target where none is named: a name that nobody has.
const NO_TARGET: &str = "http://target.invalid";
/// How many bytes of a command are shown. Half a command would send something else.
const COMMAND: usize = 64 * 1024;

/// Prints what each suite would send.
pub(super) fn dry_run(arguments: &Arguments, all: &[LoadedSuite], selected: Vec<Selection>) -> Result<Exit, Failure> {
    let options = &arguments.options;
    let (seed, mut setups, mut failures) = (seed(options), Vec::new(), Vec::new());
    for Selection { loaded, filters, .. } in selected {
        match RunSetup::new(arguments, (loaded, all), filters, seed) {
            Ok(setup) => setups.push(setup),
            Err(failure) => failures.push(failure),
        }
    }
    failures.extend(waivers::read(options, all).err());
    if let Some(failure) = Failure::together(failures) {
        return Err(failure);
    }
    let (mut counts, mut mistakes) = ((0_usize, 0_usize), Vec::new());
    print(|out| {
        for setup in setups {
            mistakes.extend(suite(setup, options, seed, &mut counts, out)?);
        }
        let (cases, requests) = counts;
        writeln!(out, "{cases} cases, {requests} requests, and those that confirm what is found; nothing was sent")
    })?;
    match mistakes.as_slice() {
        [] => Ok(Exit::Success),
        several => Err(Failure::usage(several.join("\nerror: "), "correct these templates, or what they are given")),
    }
}

/// Prints what one suite would send; gives back its mistakes.
fn suite(
    setup: RunSetup,
    options: &Options,
    seed: u64,
    (cases, requests): &mut (usize, usize),
    out: &mut dyn Write,
) -> io::Result<Vec<String>> {
    let target = options.target.as_ref().map_or(NO_TARGET, |target| target.0.as_str());
    let (plan, options) = setup.plan(target.to_owned());
    let name = plain_line(&plan.suite.name);
    let named = if target == NO_TARGET { ", which stands for the target" } else { "" };
    writeln!(out, "suite {name} at {}{named}, seed {seed:016x}\n", plain_line(target))?;
    let previewed = preview(plan, options, |case| {
        *cases += usize::from(!case.id.is_empty());
        *requests += case.requests.iter().map(|request| request.count).sum::<usize>();
        write_case(&case, out)
    });
    match previewed {
        Err(RunError::Sink(error)) => Err(error),
        // Nothing of the suite can be run.
        Err(error) => Ok(vec![error.to_string()]),
        Ok(mistakes) => Ok(mistakes),
    }
}

fn write_case(case: &PlannedCase, out: &mut dyn Write) -> io::Result<()> {
    let separator = if case.id.is_empty() { "" } else { "  " };
    writeln!(out, "{}{separator}{}", plain_line(&case.id), plain_line(&case.title))?;
    if let Some(note) = &case.note {
        writeln!(out, "    {}", plain_line(note))?;
    }
    for PlannedRequest { what, text, needs, .. } in &case.requests {
        if !what.is_empty() {
            writeln!(out, "    # {}", plain_line(what))?;
        }
        match needs {
            Some(needs) => writeln!(out, "    # {} ({})", plain_line(text), plain_line(needs))?,
            None if text.len() > COMMAND => writeln!(out, "    # a curl command of {} bytes", text.len())?,
            None => writeln!(out, "    {}", plain_line(text))?,
        }
    }
    writeln!(out)
}
