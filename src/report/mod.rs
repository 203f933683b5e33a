//! The reports: renderers over the event stream, one file each, one line each in [`FORMATS`].
//!
//! A renderer gets masked events in order and writes; it never runs anything, opens no file and knows nothing of
//! where its text goes.

mod canonical;
mod coverage;
mod ctrf;
mod diff;
mod evidence;
mod flaky;
mod gate;
mod github;
mod groups;
mod html;
mod junit;
mod markdown;
mod ndjson;
#[cfg(test)]
mod sample;
mod snapshots;
mod summary;
mod terminal;
mod waivers;

use std::io::{self, Write};

use crate::verdict::Event;

pub use canonical::Canonical;
pub use coverage::CoverageText;
pub use ctrf::Ctrf;
pub use github::{GitHub, without_commands};
pub use groups::{Cause, Group, Groups};
pub use html::Html;
pub use junit::JUnit;
pub use markdown::Markdown;
pub use ndjson::Ndjson;
pub use snapshots::write_difference;
pub use terminal::Terminal;

/// Turns events into text.
pub trait Renderer {
    /// Takes the next event and writes what it makes of it so far.
    ///
    /// # Errors
    /// What the sink says.
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()>;
}

/// One report format.
pub struct Format {
    /// Its name: `--report-<name> FILE`.
    pub name: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// Whether it shows the exchanges of cases without findings too.
    pub wants_exchanges: bool,
    /// A renderer that has seen nothing yet.
    pub renderer: fn() -> Box<dyn Renderer + Send>,
}

/// Every format that writes to a file.
pub static FORMATS: &[Format] = &[
    ndjson::FORMAT,
    junit::FORMAT,
    html::FORMAT,
    markdown::FORMAT,
    github::FORMAT,
    ctrf::FORMAT,
    coverage::FORMAT,
    canonical::FORMAT,
];

/// A format by its name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use super::github::tests::commands;
    use super::sample::{HOSTILE, all_of, flaky, hostile, rendered};
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
            for name in ["junit", "html", "markdown", "ctrf", "coverage", "canonical"] {
                assert_eq!(commands(&rendered(name, &events)), Vec::<&str>::new(), "{name}");
            }
            let mut terminal = Vec::new();
            let mut renderer = Terminal::default();
            events.iter().for_each(|event| renderer.event(event, &mut terminal).unwrap());
            assert_eq!(commands(&String::from_utf8(terminal).unwrap()), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_format_has_a_name_of_its_own_and_says_what_it_is_for() {
        for (index, one) in FORMATS.iter().enumerate() {
            assert!(!one.says.is_empty() && one.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", one.name);
            assert!(FORMATS.iter().skip(index + 1).all(|other| other.name != one.name), "{}", one.name);
        }
    }
}
