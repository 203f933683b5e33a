use proptest::prelude::*;

use super::LIMIT;
use crate::contract::Polarity;
use crate::report::sample::{all_of, case, commands, events, exchange, finding, header, hostile, rendered};
use crate::verdict::{CaseResult, FindingKind, Outcome};

/// What stands in no fenced block and no code span, with our own tags taken out.
fn outside_code(report: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<&str> = None;
    for line in report.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches(|c| c != '`')),
            None => outside.push_str(&without_spans(line)),
        }
    }
    assert_eq!(fence, None, "a fence stays open");
    for tag in ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<!-- -->"] {
        outside = outside.replace(tag, "");
    }
    outside
}

fn without_spans(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let escaped = rest[..start].ends_with('\\');
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let end = rest[start + run..]
            .match_indices(|c| c != '`')
            .map(|(at, _)| at)
            .chain([rest.len() - start - run])
            .find_map(|at| {
                let after = &rest[start + run + at..];
                let ticks = after.trim_start_matches(|c| c != '`');
                let found = rest.len() - ticks.len();
                let length = ticks.len() - ticks.trim_start_matches('`').len();
                (length == run).then_some(found + length)
            });
        match end {
            Some(end) if !escaped => {
                text.push_str(&rest[..start]);
                rest = &rest[end..];
            }
            _ => {
                text.push_str(&rest[..start]);
                rest = &rest[start + 1..];
            }
        }
    }
    text + rest
}

#[test]
fn a_hostile_run_stays_text() {
    let text = rendered("markdown", &hostile());
    assert_eq!(commands(&text), Vec::<&str>::new());
    assert!(!outside_code(&text).contains('<'), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_report_stays_within_its_limit_however_much_there_is_to_say() {
    let cases = (0..3_000).map(|index| {
        let mut result =
            case(&format!("name/case[{index}]"), Outcome::Violates, &[("name.mandatory", Polarity::Refuse)]);
        let place = format!("/body/{index}/{}", "<".repeat(300));
        result.findings =
            vec![finding("name.mandatory", FindingKind::Violation, &place, &[&"&".repeat(900)], &"<".repeat(900))];
        result.exchanges = vec![exchange(200, &"<&>".repeat(2_000))];
        result
    });
    let blocked = (0..300).map(|index| CaseResult {
        reason: Some(format!("{index} {}", "<".repeat(1_000))),
        ..case(&format!("token/case[{index}]"), Outcome::Inconclusive, &[])
    });
    let text = rendered("markdown", &events(header(), cases.chain(blocked).collect()));
    assert!(text.len() <= LIMIT, "{}", text.len());
    assert!(text.len() > LIMIT / 2, "{}", text.len());
    assert!(text.contains("more findings, left out for length"));
    assert!(text.contains("## Clauses"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_said_no_line_is_a_command_and_no_fence_is_broken(text in "(\\PC|[\u{0}-\u{9f}]|\n::error::|\n```\n|##\\[|\n</details>|\r| ){0,30}") {
        let report = rendered("markdown", &all_of(&text));
        prop_assert_eq!(commands(&report), Vec::<&str>::new());
        let outside = outside_code(&report);
        prop_assert!(!outside.contains('<'), "{}", outside);
    }
}
