use proptest::prelude::*;

use crate::report::sample::{all_of, case, commands, events, finding, header, hostile, rendered};
use crate::verdict::{CaseResult, Event, FindingKind, Outcome};

fn only_ours(text: &str) {
    for command in commands(text) {
        let rest = command.strip_prefix("::").unwrap();
        let kind = rest.split(' ').next().unwrap();
        assert!(["error", "warning", "notice"].contains(&kind), "{command}");
        let (properties, _) = rest.strip_prefix(kind).unwrap().split_once("::").unwrap();
        let names: Vec<_> =
            properties.trim_start().split(',').map(|property| property.split('=').next().unwrap()).collect();
        assert!(names == ["file", "line", "title"] || names == ["title"], "{command}");
    }
}

/// A run in which so many clauses are violated, the last of them twice.
fn violating(count: usize) -> Vec<Event> {
    let violates = |index: usize, place: &str| {
        let mut result = case(&format!("name/case[{index}]"), Outcome::Violates, &[]);
        result.findings =
            vec![finding(&format!("name.c{index}"), FindingKind::Violation, place, &[&index.to_string()], "b")];
        result
    };
    let mut cases: Vec<CaseResult> = (0..count).map(|index| violates(index, "/body")).collect();
    cases.push(violates(count - 1, "/status"));
    events(header(), cases)
}

#[test]
fn a_hostile_run_gives_our_annotations_only() {
    let text = rendered("github", &hostile());
    only_ours(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn ten_annotations_are_all_shown_and_of_eleven_the_tenth_counts_the_rest() {
    let errors = |text: &str| text.lines().filter(|line| line.starts_with("::error ")).count();
    let ten = rendered("github", &violating(10));
    assert_eq!((errors(&ten), ten.contains("and more")), (10, false));
    let eleven = rendered("github", &violating(11));
    assert_eq!(errors(&eleven), 10);
    assert!(eleven.contains("::error title=and more::2 more;"), "{eleven}");
}

#[test]
fn a_clause_has_one_annotation_and_those_with_most_findings_come_first() {
    let text = rendered("github", &violating(3));
    assert!(text.starts_with("::error file=name.yaml,line=12,title=violates name.c2::"), "{text}");
    assert!(text.lines().next().unwrap().ends_with("(2 findings, the first here)"), "{text}");
    assert_eq!(text.matches("title=violates name.c2").count(), 1);
}

#[test]
fn errors_come_before_violations_and_those_before_deviations() {
    let text = rendered("github", &hostile());
    let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} in {text}"));
    assert!(place("title=error::") < place("title=violates"));
    assert!(place("title=violates") < place("title=deviates"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_said_no_line_is_a_command_of_another(text in "(\\PC|[\u{0}-\u{9f}]|\n::error::|##\\[|%0A|##vso\\[|\r| ){0,30}") {
        only_ours(&rendered("github", &all_of(&text)));
    }
}
