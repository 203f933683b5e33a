//! TAP, the Test Anything Protocol (testanything.org): a line of text a case row, for harnesses such as `prove` and for
//! people who `grep`. Version 13, for `prove` takes no later one, and nothing of version 14 is needed.
//!
//! Streams: the plan stands at the end. What failed has a block of YAML, whose values are JSON strings, which YAML is a
//! superset of.

use std::io::{self, Write};

use super::escape::short;
use super::evidence::{Stories, sentence};
use super::failures::{RunFailure, run_failures};
use super::format::{Format, Output, Renderer};
use super::gate;
use super::snapshots;
use super::summary::Summary;
use super::testcase::Status;
use crate::verdict::{CaseResult, FindingKind};

pub(super) const FORMAT: Format = Format {
    name: "tap",
    help: "Write TAP, a line for each case, for `prove` and its like",
    output: Output::File("report.tap"),
    wants_exchanges: false,
    renderer: || Box::<Tap>::default(),
};

/// How many characters of a title, a reason or a message.
const LINE: usize = 1_000;

#[derive(Default)]
struct Tap {
    tests: usize,
    stories: Stories,
}

impl Renderer for Tap {
    fn start(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let header = &run.header;
        if header.is_first() {
            writeln!(out, "TAP version 13")?;
        }
        let target = header.named_target();
        for (name, value) in [("suite", &header.suite), ("target", &target), ("seed", &header.seed)] {
            writeln!(out, "# {name} {}", short(value, LINE))?;
        }
        Ok(())
    }

    fn case(&mut self, result: &CaseResult, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let strict = run.header.strict;
        let status = Status::of(result, strict);
        let reason = result.reason.as_deref().unwrap_or("all that it breaks is waived");
        let skip = match status {
            Status::Inconclusive => Some(format!("inconclusive: {reason}")),
            Status::Skipped => Some(reason.to_owned()),
            Status::Passed | Status::Failed | Status::Error => None,
        };
        let name = format!("{} {}", result.id, result.title);
        self.point(status.fails(), &name, skip.as_deref(), out)?;
        if !status.fails() {
            return Ok(());
        }
        let rest = result.without_waived();
        let first = rest.broken().next().map(sentence);
        let changed = || result.failing_snapshots().next().map(snapshots::says);
        let message = first.or_else(changed).unwrap_or_else(|| short(reason, LINE));
        let kinds = [FindingKind::Violation, FindingKind::Deviation];
        let at = short(&format!("{}:{}", result.file, result.line), LINE);
        let trace = rest.broken().next().map(|_| self.stories.tell(&rest, if strict { &kinds } else { &kinds[..1] }));
        let outcome = result.outcome.to_string();
        block(
            &[("outcome", Some(&outcome)), ("message", Some(&message)), ("at", Some(&at)), ("trace", trace.as_ref())],
            out,
        )
    }

    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        for RunFailure { name, kind, message, .. } in run_failures(run) {
            self.point(true, &name, None, out)?;
            block(&[("outcome", Some(&kind)), ("message", Some(&short(&message, LINE)))], out)?;
        }
        let header = &run.header;
        if header.is_last() {
            writeln!(out, "1..{}", self.tests)?;
        }
        if let Some(evidence) = gate::evidence(&run.footer) {
            writeln!(out, "# {evidence}")?;
        }
        let of = if header.is_of_several() { format!("suite {}, ", short(&header.suite, LINE)) } else { String::new() };
        writeln!(out, "# {of}{}: {}", run.footer.verdict, run.counts())?;
        match header.is_of_several() && header.is_last() {
            true => writeln!(out, "# all suites: {}", run.verdict_on_all()),
            false => Ok(()),
        }
    }
}

impl Tap {
    /// A test point. A `#` would begin a directive, and a `\` escapes.
    fn point(&mut self, fails: bool, name: &str, skip: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
        self.tests += 1;
        let plain = |text: &str| short(text, LINE).replace('\\', "\\\\").replace('#', "\\#");
        let word = if fails { "not ok" } else { "ok" };
        let skip = skip.map(|reason| format!(" # SKIP {}", plain(reason))).unwrap_or_default();
        writeln!(out, "{word} {} - {}{skip}", self.tests, plain(name))
    }
}

/// What is to be said of the test point before it.
fn block(members: &[(&str, Option<&String>)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  ---")?;
    for (name, text) in members {
        if let Some(text) = text {
            writeln!(out, "  {name}: {}", serde_json::Value::from(text.as_str()))?;
        }
    }
    writeln!(out, "  ...")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use crate::contract::Polarity;
    use crate::report::sample::{HOSTILE, all_of, case, cases, events, flaky, header, hostile, rendered};
    use crate::verdict::{CaseResult, Event, Header, Outcome};

    /// Holds every line to the grammar, and the numbers to the plan; gives the words of the test points.
    fn read(text: &str) -> Vec<String> {
        let point = Regex::new(r"^(ok|not ok) (\d+) - ((?:[^\\#]|\\[\\#])*)(?: # SKIP (?:[^\\#]|\\[\\#])*)?$").unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("TAP version 13"));
        let (mut points, mut plan, mut in_block) = (Vec::new(), None, false);
        for line in lines {
            if let Some(inner) = line.strip_prefix("  ") {
                let value = inner.split_once(": ").map(|(_, value)| serde_json::from_str::<String>(value).unwrap());
                assert_eq!((in_block, inner == "---"), (inner != "---", value.is_none() && inner != "..."), "{line}");
                in_block = inner != "...";
            } else if let Some(found) = point.captures(line) {
                points.push(found[1].to_owned());
                assert_eq!(found[2], points.len().to_string());
            } else if let Some(count) = line.strip_prefix("1..") {
                assert_eq!(plan.replace(count.parse::<usize>().unwrap()), None);
            } else {
                assert!(line.starts_with("# "), "{line:?}");
            }
        }
        assert_eq!((plan, in_block), (Some(points.len()), false), "{text}");
        points
    }

    fn failed(events: &[Event]) -> usize {
        read(&rendered("tap", events)).iter().filter(|word| *word == "not ok").count()
    }

    #[test]
    fn a_hostile_run_has_a_test_point_a_case_and_says_what_failed() {
        let text = rendered("tap", &hostile());
        assert_eq!((read(&text).len(), failed(&hostile())), (cases().len(), 4));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_deviation_fails_in_a_strict_run_only() {
        let told = [Outcome::Deviates, Outcome::Conforms];
        let mut deviating: Vec<CaseResult> = cases().into_iter().filter(|case| told.contains(&case.outcome)).collect();
        deviating.push(case("token/permission", Outcome::Conforms, &[("token.permission", Polarity::Refuse)]));
        let strict = Header { strict: true, ..header() };
        assert_eq!((failed(&events(header(), deviating.clone())), failed(&events(strict, deviating))), (0, 1));
    }

    #[test]
    fn a_run_that_found_nothing_out_or_is_flaky_has_a_failed_test_point_of_its_own() {
        let skipped: Vec<CaseResult> = cases().into_iter().filter(|case| case.outcome == Outcome::Skipped).collect();
        assert_eq!((failed(&events(header(), skipped)), failed(&events(header(), Vec::new()))), (1, 1));
        assert_eq!((failed(&flaky(HOSTILE, false)), failed(&flaky(HOSTILE, true))), (1, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_said_every_line_is_one_of_the_protocol(text in "(\\PC|[\u{0}-\u{9f}]|\n1..9|\nok 1|\nBail out!|#|\\\\|\r| ){0,30}") {
            read(&rendered("tap", &all_of(&text)));
        }
    }
}
