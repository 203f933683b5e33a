use super::*;
use crate::comparison::{Baseline, Comparison};
use crate::contract::Polarity;
use crate::report::sample::{HOSTILE, all_of, case, commands, events, finding, header, hostile, two_suites};
use crate::secret::Secrets;
use crate::verdict::{
    CaseResult, Event, FindingKind, Header, MaskedEvent, SnapshotKind, SnapshotResult, SnapshotTally,
};

fn compared(old: &[Event], new: &[Event]) -> Vec<SuiteComparison> {
    let masked = |event: &Event| MaskedEvent::of(event.clone(), &Secrets::new());
    let mut baseline = Baseline::default();
    old.iter().for_each(|event| baseline.event(&masked(event)).unwrap());
    let mut comparison = Comparison::with(baseline);
    new.iter().for_each(|event| comparison.event(&masked(event)).unwrap());
    comparison.end().unwrap()
}

fn on_terminal(suites: &[SuiteComparison], width: usize) -> String {
    let mut out = Vec::new();
    comparison_terminal(suites, width, &mut out).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

/// A case about one side of a clause; where it violates, with the finding.
fn about(id: &str, clause: &str, polarity: Polarity, outcome: Outcome) -> CaseResult {
    let found = finding(clause, FindingKind::Violation, "/status", &["400"], "200");
    let findings = (outcome == Outcome::Violates).then_some(found).into_iter().collect();
    CaseResult { findings, ..case(id, outcome, &[(clause, polarity)]) }
}

fn reading(word: &str) -> CaseResult {
    let found = finding("ambiguity.empty-id", FindingKind::Observation, "/status", &[], word);
    let observe = case("ids/empty", Outcome::Observed, &[("ambiguity.empty-id", Polarity::Observe)]);
    CaseResult { findings: vec![found], ..observe }
}

fn snapshot(result: CaseResult, state: SnapshotState) -> CaseResult {
    let snapshot = SnapshotResult {
        kind: SnapshotKind::Value,
        state,
        file: "snapshots/staging/a.snap".to_owned(),
        recorded: None,
        observed: None,
    };
    CaseResult { snapshots: vec![snapshot], ..result }
}

/// What was there before, and after: a clause of each group, a case of each kind, another reading and a changed snapshot.
fn before_and_after() -> [Vec<Event>; 2] {
    use Outcome::{Conforms, Inconclusive, Violates};
    use Polarity::{Accept, Hold, Refuse};
    let of = |header: Header, outcomes: [Outcome; 4], more: Vec<CaseResult>, reading: CaseResult, state| {
        let [over, empty, permission, echo] = outcomes;
        let mut cases = vec![
            snapshot(about("name/max-length[at]", "name.max-length", Accept, Conforms), state),
            about("name/max-length[over]", "name.max-length", Refuse, over),
            about("name/mandatory[there]", "name.mandatory", Accept, Conforms),
            about("name/mandatory[empty]", "name.mandatory", Refuse, Violates),
            about("token/min-length[empty]", "token.min-length", Refuse, empty),
            about("token/permission[read-only]", "token.permission", Refuse, permission),
            about(
                "response/name-echo[a-long-row-id-of-a-case-that-somebody-generated-from-a-table]",
                "response.name-echo",
                Hold,
                echo,
            ),
            reading,
        ];
        cases.extend(more);
        let mut events = events(header, cases);
        if let Some(Event::Finished(footer)) = events.last_mut() {
            let counts = [(state, 1)].into();
            footer.snapshots =
                Some(SnapshotTally { profile: "staging".to_owned(), counts, ..SnapshotTally::default() });
        }
        events
    };
    let later = Header {
        started: "2026-11-23T10:00:00Z".parse().unwrap(),
        seed: "2b".to_owned(),
        digest: "another".to_owned(),
        ..header()
    };
    [
        of(
            header(),
            [Conforms, Violates, Conforms, Conforms],
            vec![about("name/removed", "name.max-length", Accept, Conforms)],
            reading("refused"),
            SnapshotState::Matched,
        ),
        of(
            later,
            [Violates, Conforms, Inconclusive, Violates],
            vec![about("name/added", "name.max-length", Accept, Conforms)],
            reading("accepted"),
            SnapshotState::Changed,
        ),
    ]
}

#[test]
fn what_differs_is_told_group_by_group_and_the_end_says_what_got_worse() {
    let [old, new] = before_and_after();
    for width in [80, 140] {
        let text = on_terminal(&compared(&old, &new), width);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        insta::assert_snapshot!(format!("terminal_{width}"), text);
    }
    insta::assert_snapshot!("markdown", comparison_markdown(&compared(&old, &new)).unwrap());
}

#[test]
fn of_equal_runs_there_is_nothing_to_tell_but_what_is_still_broken() {
    let [old, _] = before_and_after();
    insta::assert_snapshot!("equal_80", on_terminal(&compared(&old, &old), 80));
}

#[test]
fn several_suites_are_compared_one_by_one_and_then_all_together() {
    let events = two_suites();
    insta::assert_snapshot!("suites_80", on_terminal(&compared(&events, &events), 80));
    insta::assert_snapshot!("suites_markdown", comparison_markdown(&compared(&events, &events)).unwrap());
}

#[test]
fn no_comparison_carries_a_command_or_markup_of_a_target() {
    for all in [all_of(HOSTILE), all_of("::error::x"), all_of("a\n ::error::x"), all_of("##[error]x"), hostile()] {
        let Some(Event::Started(header)) = all.first() else { panic!("no header") };
        let none = events((**header).clone(), Vec::new());
        for (old, new) in [(&none, &all), (&all, &none), (&all, &all)] {
            let suites = compared(old, new);
            let markdown = comparison_markdown(&suites).unwrap();
            let outside: String = markdown.split('`').step_by(2).collect();
            assert!(!outside.contains("<script") && !outside.contains("](http"), "{markdown}");
            assert_eq!(commands(&markdown), Vec::<&str>::new());
            for width in [40, 80, 400] {
                assert_eq!(commands(&on_terminal(&suites, width)), Vec::<&str>::new());
            }
        }
    }
}

#[test]
fn a_report_stays_within_its_limit_however_much_there_is_to_say() {
    let cases = (0..3_000).map(|index| CaseResult {
        id: format!("{index}{}", "<&>#@".repeat(1_000)),
        ..about("x", "name.max-length", Polarity::Accept, Outcome::Conforms)
    });
    let (none, all) = (events(header(), Vec::new()), events(header(), cases.collect()));
    for suites in [compared(&none, &all), compared(&all, &none)] {
        let text = comparison_markdown(&suites).unwrap();
        assert!(text.len() < 900_000, "{}", text.len());
        assert!(text.contains("\n* … 2"), "{text}");
    }
}
