use super::*;
use crate::contract::{Level, Polarity};
use crate::report::sample::{case, clause, events, exchange, finding, header, on_terminal_with, terminal_options};
use crate::verdict::{
    CaseResult, ClauseStatement, Event, FindingKind, Header, SnapshotKind, SnapshotResult, SnapshotState,
    SnapshotTally, Tally, Waiver, WaiverState, WaiverTerms,
};

/// Clauses that all hold, and one open question.
const HELD: usize = 45;

fn statement(number: usize) -> ClauseStatement {
    ClauseStatement {
        id: clause(&format!("field-{number}.length")),
        level: Level::Must,
        says: format!("The field {number} has at most 64 characters."),
        source: format!("Request Parameters: field_{number}, Maximum"),
        polarities: vec![Polarity::Refuse],
        untestable: Default::default(),
        mutants: Vec::new(),
        derived: false,
    }
}

fn plain_header(cases: usize) -> Header {
    let mut clauses: Vec<ClauseStatement> = (1..=HELD).map(statement).collect();
    clauses.push(ClauseStatement {
        id: clause("ambiguity.empty"),
        level: Level::Ambiguous,
        says: "May a field be empty?".to_owned(),
        polarities: vec![Polarity::Observe],
        ..statement(0)
    });
    Header { clauses, cases, file: "cases/connections/suite.yaml".to_owned(), ..header() }
}

fn of_field(number: usize, row: &str) -> CaseResult {
    let id = format!("fields/field-{number}[{row}]");
    let covers = clause(&format!("field-{number}.length"));
    let result = case(&id, Outcome::Conforms, &[]);
    CaseResult {
        title: format!("a field {number} of 65 characters is refused"),
        file: "cases/connections/fields.yaml".to_owned(),
        line: 10 + number,
        at: Some(number as u64),
        covers: [(covers, Polarity::Refuse)].into(),
        ..result
    }
}

fn held() -> Vec<CaseResult> {
    let mut open = case("fields/empty", Outcome::Observed, &[("ambiguity.empty", Polarity::Observe)]);
    open.findings = vec![finding("ambiguity.empty", FindingKind::Observation, "/status", &[], "accepted")];
    (1..=HELD).map(|number| of_field(number, "over")).chain([open]).collect()
}

/// A case that breaks its clause: the status is 200 where 400 is expected, at other places for other clauses.
fn violating(number: usize, row: &str) -> CaseResult {
    let mut result = of_field(number, row);
    let clause = format!("field-{number}.length");
    let found = match number % 3 {
        0 => {
            finding(&clause, FindingKind::Violation, "/body/error_code", &["\"EG.0400\"", "\"EG.0401\""], "\"EG.0999\"")
        }
        1 => finding(&clause, FindingKind::Violation, "/status", &["400"], "200"),
        _ => {
            let (sent, came) = (format!("\"{}\"", "s".repeat(400)), format!("\"{}t\"", "s".repeat(399)));
            finding(&clause, FindingKind::Violation, &format!("/body/field_{number}"), &[&sent], &came)
        }
    };
    result.outcome = Outcome::Violates;
    result.findings.push(found);
    let mut sent = exchange(200, r#"{"id":"0e5a2f","name":"a"}"#);
    sent.response.as_mut().unwrap().headers.truncate(1);
    sent.request.curl =
        "curl -X 'POST' -H 'X-Auth-Token: '\"${CONFORMANT_SECRET_token}\" 'http://127.0.0.1:8080/v1'".to_owned();
    sent.resent = number == 2;
    if number == 5 {
        sent.request.curl = format!("curl -X 'POST' --data-binary '{}' 'http://127.0.0.1:8080/v1'", "s".repeat(2_000));
    }
    result.exchanges.push(sent);
    result
}

fn with_violations(numbers: impl Iterator<Item = usize>) -> Vec<Event> {
    let mut cases = held();
    for number in numbers {
        let result = violating(number, "over");
        let place = cases.iter().position(|case| case.id == result.id).unwrap();
        cases[place] = result;
    }
    events(plain_header(cases.len()), cases)
}

/// What stands on terminals of 80 and of 140 columns, where two reports are written besides.
fn golden(events: &[Event]) -> String {
    let mut events = events.to_vec();
    if let Some(Event::Finished(footer)) = events.last_mut() {
        (footer.left_behind, footer.left_more) = (Vec::new(), 0);
    }
    let at = |width: usize| {
        let files = vec!["report.html".to_owned(), "junit.xml".to_owned()];
        let commands = Some(".conformant/commands".to_owned());
        let text = on_terminal_with(&events, TerminalOptions { width, files, commands, ..terminal_options() });
        format!("== {width} columns\n{text}")
    };
    format!("{}\n{}", at(80), at(140))
}

#[test]
fn a_success_is_three_lines_where_nothing_is_written_besides() {
    let mut events = events(plain_header(HELD + 1), held());
    let text = golden(&events);
    if let Some(Event::Finished(footer)) = events.last_mut() {
        (footer.left_behind, footer.left_more) = (Vec::new(), 0);
    }
    let plain = on_terminal_with(&events, terminal_options());
    assert_eq!(plain.lines().count(), 3, "{plain}");
    insta::assert_snapshot!(text);
}

#[test]
fn one_violation_is_a_block_and_a_line_under_the_verdict() {
    insta::assert_snapshot!(golden(&with_violations([1].into_iter())));
}

#[test]
fn of_three_violations_long_values_lose_their_middle_and_long_commands_stand_in_files() {
    insta::assert_snapshot!(golden(&with_violations([2, 3, 5].into_iter())));
}

#[test]
fn of_forty_violations_twenty_have_a_block_and_all_a_line() {
    insta::assert_snapshot!(golden(&with_violations((1..=40).filter(|number| number % 3 != 1).chain([1, 4, 7]))));
}

#[test]
fn a_dead_target_is_three_lines_with_the_next_step() {
    let reason = || Some("the target can't be reached: connection refused".to_owned());
    let mut control = case("control[before]", Outcome::Error, &[]);
    control.reason = reason();
    let blocked = held().into_iter().map(|case| CaseResult {
        outcome: Outcome::Inconclusive,
        findings: Vec::new(),
        reason: reason(),
        ..case
    });
    let cases: Vec<CaseResult> = [control].into_iter().chain(blocked).collect();
    let mut events = events(plain_header(HELD + 1), cases);
    if let Some(Event::Finished(footer)) = events.last_mut() {
        (footer.left_behind, footer.left_more) = (Vec::new(), 0);
    }
    let plain = on_terminal_with(&events, terminal_options());
    assert_eq!(plain.lines().count(), 3, "{plain}");
    insta::assert_snapshot!(golden(&events));
}

/// A run whose control was refused, with this command.
fn of_a_refused_control(curl: Option<String>) -> Vec<Event> {
    let reason = || {
        Some(
            "the control was refused: the unmodified valid request got 401; is the token right, and may it do this?"
                .to_owned(),
        )
    };
    let mut control = case("control[before]", Outcome::Inconclusive, &[]);
    control.reason = reason();
    control.exchanges.push(violating(1, "over").exchanges.remove(0));
    control.exchanges[0].response.as_mut().unwrap().status = 401;
    if let Some(curl) = curl {
        control.exchanges[0].request.curl = curl;
    }
    let blocked = held().into_iter().map(|case| CaseResult {
        outcome: Outcome::Inconclusive,
        findings: Vec::new(),
        reason: reason(),
        ..case
    });
    let cases: Vec<CaseResult> = [control].into_iter().chain(blocked).collect();
    events(plain_header(HELD + 1), cases)
}

#[test]
fn a_refused_control_shows_what_was_sent_and_answered_and_lists_no_case() {
    insta::assert_snapshot!(golden(&of_a_refused_control(None)));
}

#[test]
fn what_was_not_tested_stands_under_the_verdict_with_its_reason() {
    let mut cases = held();
    for case in cases.iter_mut().take(2) {
        case.outcome = Outcome::Skipped;
        case.reason = Some("needs limited_token, which is not given".to_owned());
    }
    insta::assert_snapshot!(golden(&events(plain_header(cases.len()), cases)));
}

#[test]
fn flaky_cases_are_named_with_what_they_were_answered_before() {
    let mut cases = held();
    cases[0].retried = vec![503, 429];
    insta::assert_snapshot!(golden(&events(plain_header(cases.len()), cases)));
}

fn with_waivers(states: &[WaiverState], waived: usize, open: usize) -> Vec<Event> {
    let terms = WaiverTerms { reason: "known".to_owned(), issue: None, expires: jiff::civil::date(2026, 12, 31) };
    let mut cases = held();
    for number in 1..=waived + open {
        cases[number - 1] = violating(number, "over");
        if number <= waived {
            cases[number - 1].waived = [(clause(&format!("field-{number}.length")), terms.clone())].into();
        }
    }
    let header = plain_header(cases.len());
    let mut tally = Tally::of(&header);
    cases.iter().for_each(|case| tally.record(case));
    let waiver = |(number, state): (usize, &WaiverState)| Waiver {
        case: format!("connections/fields/field-{}[over]", number + 1),
        clause: clause(&format!("field-{}.length", number + 1)),
        terms: terms.clone(),
        place: format!("waivers.toml:{}", 7 * number + 1),
        state: *state,
    };
    tally.waivers(states.iter().enumerate().map(waiver).collect());
    let cases = cases.into_iter().map(|case| Event::Case(Box::new(case)));
    let footer = tally.finish(1.5, None);
    std::iter::once(Event::Started(Box::new(header))).chain(cases).chain([Event::Finished(Box::new(footer))]).collect()
}

#[test]
fn waived_violations_are_named_and_pass_the_gate() {
    insta::assert_snapshot!(golden(&with_waivers(&[WaiverState::Waived, WaiverState::Waived], 2, 0)));
}

#[test]
fn the_reason_of_the_gate_names_everything_that_made_it_fail() {
    let mut events = with_waivers(&[WaiverState::Waived, WaiverState::Expired, WaiverState::Stale], 1, 1);
    if let Some(Event::Finished(footer)) = events.last_mut() {
        footer.flaky = 2;
    }
    let text = golden(&events);
    let gate = "failed: a clause is broken, and a waiver is expired, and a waiver is stale, and 2 cases are flaky";
    assert!(text.contains(gate), "{text}");
}

#[test]
fn changed_snapshots_show_what_changed_and_how_to_accept_it() {
    let mut cases = held();
    cases[1].snapshots.push(SnapshotResult {
        kind: SnapshotKind::Value,
        state: SnapshotState::Changed,
        file: "snapshots/staging/connections/fields/field-2[over].snap".to_owned(),
        recorded: Some("status: 400\nbody:\n  code: EG.0400\n  message: too long\n".to_owned()),
        observed: Some("status: 400\nbody:\n  code: EG.0401\n  message: too long\n".to_owned()),
    });
    let header = plain_header(cases.len());
    let mut tally = Tally::of(&header);
    cases.iter().for_each(|case| tally.record(case));
    tally.snapshots(SnapshotTally { profile: "staging".to_owned(), ..SnapshotTally::default() });
    let footer = tally.finish(1.5, None);
    let cases = cases.into_iter().map(|case| Event::Case(Box::new(case)));
    let events: Vec<Event> = std::iter::once(Event::Started(Box::new(header)))
        .chain(cases)
        .chain([Event::Finished(Box::new(footer))])
        .collect();
    insta::assert_snapshot!(golden(&events));
}

#[test]
fn no_line_of_a_table_is_wider_than_the_terminal() {
    for width in [60, 80, 140] {
        let options = TerminalOptions { width, ..terminal_options() };
        let text = on_terminal_with(&with_violations(1..=40), options);
        let table: Vec<&str> = text.lines().filter(|line| line.contains('→')).collect();
        assert_eq!(table.len(), 40, "{text}");
        assert!(table.iter().all(|line| line.chars().count() <= width), "{table:#?}");
    }
}

#[test]
fn readings_are_listed_where_they_are_asked_for() {
    let events = events(plain_header(HELD + 1), held());
    let options = TerminalOptions { readings: true, ..terminal_options() };
    assert!(on_terminal_with(&events, options).contains("    ambiguity.empty: accepted (1)\n"));
    assert!(!on_terminal_with(&events, terminal_options()).contains("ambiguity.empty"));
}

fn of(events: Vec<Event>) -> Summary {
    let (mut summary, secrets) = (Summary::default(), crate::secret::Secrets::new());
    events.into_iter().for_each(|event| summary.take(&crate::verdict::MaskedEvent::of(event, &secrets)));
    summary
}

#[test]
fn the_long_command_of_a_refused_control_is_given_out_for_its_file_too() {
    let curl = format!("curl --data-binary '{}'", "s".repeat(2_000));
    let [(name, command)] = <[_; 1]>::try_from(long_commands(&of(of_a_refused_control(Some(curl.clone()))))).unwrap();
    assert_eq!((&*name, command), ("connections-control-before.sh", format!("{curl}\n")));
}

#[test]
fn a_long_command_is_given_out_whole_for_its_file() {
    let summary = of(with_violations([5].into_iter()));
    let [(name, command)] = <[_; 1]>::try_from(long_commands(&summary)).unwrap();
    assert_eq!(name, "connections-fields-field-5-over.sh");
    assert!(command.contains(&"s".repeat(2_000)) && command.ends_with("'http://127.0.0.1:8080/v1'\n"), "{command}");
}
