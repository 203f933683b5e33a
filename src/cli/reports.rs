//! Which reports were asked for: from the arguments, and where the run takes place in a CI job, from its environment.

use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::failure::Failure;
use super::outputs::{Delivery, Sink};
use crate::report;

/// Opens every report that was asked for; the event stream is written as it comes.
pub(super) fn open(args: &ReportArgs) -> Result<Vec<Sink>, Failure> {
    open_with(args, Delivery::AsItComes)
}

/// Opens every report that was asked for, each to be whole or not there at all: an event stream may take the place of the
/// one that it is read from.
pub(super) fn open_whole(args: &ReportArgs) -> Result<Vec<Sink>, Failure> {
    open_with(args, Delivery::Whole)
}

fn open_with(args: &ReportArgs, stream: Delivery) -> Result<Vec<Sink>, Failure> {
    let mut reports: Vec<(&str, PathBuf, Delivery)> = Vec::new();
    for (name, path) in files(args) {
        if let Some((other, ..)) = reports.iter().find(|(_, known, _)| known == path) {
            return Err(Failure::usage(
                format!("--report-{other} and --report-{name} both go to {}", path.display()),
                "give each report a file of its own",
            ));
        }
        let delivery = if name == "json" { stream } else { Delivery::Whole };
        reports.push((name, path.to_owned(), delivery));
    }
    let on_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    if args.github || on_github {
        reports.push(("github", PathBuf::from("-"), Delivery::AsItComes));
        let summary = std::env::var("GITHUB_STEP_SUMMARY").ok().filter(|path| !path.is_empty());
        reports.extend(summary.map(|path| ("markdown", PathBuf::from(path), Delivery::Behind)));
    }
    let known = reports.iter().filter_map(|(name, path, delivery)| Some((report::format(name)?, path, *delivery)));
    known.map(|(format, path, delivery)| Sink::open(format, path, delivery)).collect()
}

/// Whether a report for programs goes to standard output, so that the report for people has to go elsewhere.
pub(super) fn on_stdout(args: &ReportArgs) -> bool {
    files(args).any(|(_, path)| path == Path::new("-"))
}

/// The formats that go to a file, each with the file that it was asked for.
fn files(args: &ReportArgs) -> impl Iterator<Item = (&'static str, &Path)> {
    let asked = [
        ("json", &args.json),
        ("junit", &args.junit),
        ("html", &args.html),
        ("markdown", &args.markdown),
        ("ctrf", &args.ctrf),
        ("coverage", &args.coverage),
        ("canonical", &args.canonical),
    ];
    asked.into_iter().filter_map(|(name, path)| Some((name, path.as_deref()?)))
}
