//! The reports: renderers over the event stream, one file each, one row each in [`FORMATS`].
//!
//! A [`Summary`] takes in masked events in order, once for all reports of a run, and every renderer writes from it; a renderer
//! never runs anything, opens no file and knows nothing of where its text goes.

mod canonical;
mod cases;
mod clauses;
mod coverage;
mod ctrf;
mod diff;
mod escape;
mod evidence;
mod failures;
mod format;
mod gate;
mod github;
mod groups;
mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sample;
mod snapshots;
mod summary;
mod tap;
mod terminal;
mod testcase;

pub use diff::write_difference;
pub use format::{Format, Output, Renderer};
pub use summary::Summary;
pub use terminal::{TerminalOptions, long_commands, terminal, violation_line};

/// Every format: `--report-<name>`. Adding one takes a file and a row.
pub static FORMATS: &[Format] = &[
    ndjson::FORMAT,
    junit::FORMAT,
    html::FORMAT,
    markdown::FORMAT,
    ctrf::FORMAT,
    tap::FORMAT,
    coverage::FORMAT,
    canonical::FORMAT,
    github::FORMAT,
];

/// A format by its name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use super::sample::{HOSTILE, all_of, commands, flaky, hostile, on_terminal, rendered};
    use super::*;

    #[test]
    fn no_report_for_people_or_ci_servers_carries_a_command_of_a_target() {
        for events in [
            hostile(),
            flaky(HOSTILE, false),
            all_of(HOSTILE),
            all_of("::error::x"),
            all_of("a\n ::error::x"),
            all_of("##[error]x"),
        ] {
            for format in FORMATS.iter().filter(|format| matches!(format.output, Output::File(_))) {
                assert_eq!(commands(&rendered(format.name, &events)), Vec::<&str>::new(), "{}", format.name);
            }
            assert_eq!(commands(&on_terminal(&events, false)), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_format_has_a_name_of_its_own_and_a_line_in_the_documentation() {
        let page = include_str!("../../docs/reports.md");
        for (index, one) in FORMATS.iter().enumerate() {
            let file = match one.output {
                Output::File(file) | Output::Stream(file) => format!(" {file}"),
                Output::Log => String::new(),
            };
            let line = format!("| `--report-{}{file}` | {} |\n", one.name, one.help);
            assert!(page.contains(&line), "docs/reports.md has no line\n{line}");
            assert!(one.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", one.name);
            assert!(FORMATS.iter().skip(index + 1).all(|other| other.name != one.name), "{}", one.name);
        }
    }
}
