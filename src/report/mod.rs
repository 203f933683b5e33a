//! The reports: renderers over the event stream, one file each, one row each in [`FORMATS`].
//!
//! A [`Summary`] takes in masked events in order, once for all reports of a run, and every renderer writes from it; a renderer
//! never runs anything, opens no file by a name and knows nothing of where its text goes.

mod canonical;
mod cases;
mod clauses;
mod comparison;
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

pub use comparison::{comparison_markdown, comparison_terminal};
pub use diff::write_difference;
pub use escape::line as plain_line;
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
    use super::sample::{HOSTILE, all_of, commands, flaky, hostile, on_terminal, rendered, two_suites};
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
            two_suites(),
        ] {
            for format in FORMATS.iter().filter(|format| matches!(format.output, Output::File(_))) {
                assert_eq!(commands(&rendered(format.name, &events)), Vec::<&str>::new(), "{}", format.name);
            }
            assert_eq!(commands(&on_terminal(&events, false)), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_report_tells_of_each_suite_and_of_all_together_in_one_file() {
        let events = two_suites();
        for name in ["terminal", "quiet", "coverage", "tap", "markdown", "github"] {
            let text = match name {
                "terminal" | "quiet" => on_terminal(&events, name == "quiet"),
                _ => rendered(name, &events),
            };
            insta::assert_snapshot!(format!("two_suites_{name}"), text);
        }
    }

    #[test]
    fn of_two_suites_every_json_report_is_one_document() {
        let read = |name| serde_json::from_str::<serde_json::Value>(&rendered(name, &two_suites())).unwrap();
        let canonical = read("canonical");
        assert_eq!(canonical["verdict"], "non-conformant");
        let verdicts: Vec<&serde_json::Value> = (0..2).map(|index| &canonical["suites"][index]["verdict"]).collect();
        assert_eq!(verdicts, ["conformant", "non-conformant"]);
        let results = &read("ctrf")["results"];
        assert_eq!((results["tests"].as_array().unwrap().len(), &results["summary"]["tests"]), (4, &4.into()));
        assert_eq!(results["environment"]["appName"], "notes, connections");
        let extra = &results["summary"]["extra"];
        assert_eq!((&extra["verdict"], &extra["gate"]), (&"non-conformant".into(), &"failed".into()));
        assert_eq!(extra["suites"]["notes"]["verdict"], "conformant");
        assert_eq!(extra["suites"]["connections"]["clauses"].as_object().unwrap().len(), 7);
    }

    #[test]
    fn of_two_suites_junit_has_one_root_and_no_testsuite_of_a_name_twice() {
        let text = rendered("junit", &two_suites());
        assert_eq!((text.matches("<?xml").count(), text.matches("<testsuites ").count()), (1, 1));
        assert!(
            text.contains("<testsuites name=\"notes, connections\" tests=\"4\" ") && text.ends_with("</testsuites>\n")
        );
        let names: Vec<&str> =
            text.split("<testsuite name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(
            ["notes/name", "notes/clauses", "connections/name", "connections/clauses"]
                .iter()
                .all(|name| names.contains(name))
        );
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{names:?}");
    }

    #[test]
    fn of_two_suites_the_page_is_one_and_no_id_is_there_twice() {
        let text = rendered("html", &two_suites());
        assert_eq!((text.matches("<html").count(), text.matches("<main").count()), (1, 1));
        let mut ids: Vec<&str> = text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for link in text.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&link), "{link} leads nowhere");
        }
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
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
