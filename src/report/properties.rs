//! What holds of every report, whatever is said in it: it is what it claims to be, and no part of a secret is in it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use serde_json::Value;

use super::sample::{all_of, flaky, hostile, rendered, terminal_options};
use super::{FORMATS, Renderer, Summary, terminal};
use crate::secret::Secrets;
use crate::secret::spellings::{SPELLINGS, shown_of};
use crate::verdict::{Event, MaskedEvent};

/// The names of the tags of a page.
fn tags(page: &str) -> BTreeSet<String> {
    let tag = Regex::new("<(/?[a-zA-Z!][a-zA-Z0-9]*)").unwrap();
    tag.captures_iter(page).map(|found| found[1].to_owned()).collect()
}

/// The tags of a page.
static TAGS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let runs = [hostile(), flaky("x", false), all_of("text")];
    runs.iter().flat_map(|events| tags(&rendered("html", events))).collect()
});

/// Reads a report as whoever takes it does.
fn read(format: &str, report: &str) -> Result<(), TestCaseError> {
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| TestCaseError::fail(error.to_string()));
    match format {
        "json" => report.lines().try_for_each(|line| json(line).map(drop)),
        "ctrf" | "canonical" => json(report).map(drop),
        "junit" => {
            let mut reader = quick_xml::Reader::from_str(report);
            loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => return Ok(()),
                    Ok(_) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
            }
        }
        "html" => {
            let more: Vec<String> = tags(report).difference(&TAGS).cloned().collect();
            prop_assert!(more.is_empty() && report.trim_end().ends_with("</html>"), "{:?}", more);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What a renderer makes of these events once they are masked.
fn masked(mut renderer: Box<dyn Renderer>, events: &[Event], secrets: &Secrets) -> String {
    let (mut summary, mut out) = (Summary::default(), Vec::new());
    for event in events {
        let event = MaskedEvent::of(event.clone(), secrets);
        summary.take(&event);
        renderer.event(&event, &summary, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// A run in which every text is this one, but for those that the program makes itself.
fn said(text: &str) -> Vec<Event> {
    let mut events = all_of(text);
    if let Some(Event::Started(header)) = events.first_mut() {
        (header.seed, header.version) = ("2a".to_owned(), "0.1.0".to_owned());
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_report_is_read_whatever_strings_are_in_it(
        text in "(\\PC|[\u{0}-\u{9f}]|[<>&'\"`|\\\\]|</script>|<!--|]]>|\n|\r){0,40}",
        allow in any::<bool>(),
    ) {
        for events in [all_of(&text), flaky(&text, allow)] {
            for format in FORMATS {
                read(format.name, &rendered(format.name, &events))?;
            }
        }
    }

    // Letters and digits by turns are in no word, no number and no hash.
    #[test]
    fn no_part_of_a_secret_is_in_any_report_however_it_is_written_and_wherever(
        value in "([g-z][2-9]){4,60}",
        spelling in 0usize..6,
        before in "[ .<\"]{0,80}",
        after in "[ .>\"]{0,80}",
    ) {
        let mut secrets = Secrets::new();
        secrets.register("token", value.as_str().into()).unwrap();
        let text = format!("{before}{}{after}", SPELLINGS[spelling](&value));
        for events in [said(&text), flaky(&text, false)] {
            let reports = FORMATS.iter().map(|format| (format.name, (format.renderer)()));
            for (name, renderer) in reports.chain([("terminal", terminal(terminal_options()))]) {
                prop_assert_eq!(shown_of(&value, &masked(renderer, &events, &secrets)), None, "{}", name);
            }
        }
    }
}
