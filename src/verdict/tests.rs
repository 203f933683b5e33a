use std::collections::BTreeMap;

use secrecy::SecretString;
use strum::VariantArray as _;

use super::*;
use crate::contract::{ClauseId, Level, Polarity};
use crate::secret::Secrets;

fn id(text: &str) -> ClauseId {
    ClauseId::new(text).unwrap()
}

fn stated(clause: &str, level: Level, polarities: &[Polarity]) -> ClauseStatement {
    ClauseStatement {
        id: id(clause),
        level,
        says: "so".to_owned(),
        source: "there".to_owned(),
        polarities: polarities.to_vec(),
        untestable: BTreeMap::new(),
        mutants: Vec::new(),
        derived: false,
    }
}

fn statements() -> Vec<ClauseStatement> {
    use Polarity::{Accept, Hold, Observe, Refuse};
    vec![
        stated("must.two", Level::Must, &[Accept, Refuse]),
        stated("must.hold", Level::Must, &[Hold]),
        stated("should.hold", Level::Should, &[Hold]),
        stated("open.choice", Level::Ambiguous, &[Observe]),
    ]
}

fn case(outcome: Outcome, covers: &[(&str, Polarity)]) -> CaseResult {
    CaseResult {
        at: Some(0),
        covers: covers.iter().map(|(clause, polarity)| (id(clause), *polarity)).collect(),
        outcome,
        requests: 2,
        elapsed_ms: 1.0,
        ..CaseResult::unearned("suite/file/case".to_owned(), "a case".to_owned(), "file.yaml", 1)
    }
}

fn finding(clause: &str, kind: FindingKind, observed: &str) -> Finding {
    Finding {
        clause: id(clause),
        kind,
        check: CheckId::EXPECT,
        place: Place::Status,
        expected: vec!["400".to_owned()],
        observed: observed.to_owned(),
        exchange: 0,
    }
}

/// A case with these findings and the outcome that they amount to.
fn found(covers: &[(&str, Polarity)], findings: Vec<Finding>) -> CaseResult {
    CaseResult { outcome: CaseResult::outcome_of(&findings), findings, ..case(Outcome::Conforms, covers) }
}

fn blocked(outcome: Outcome, covers: &[(&str, Polarity)], reason: &str) -> CaseResult {
    CaseResult { reason: Some(reason.to_owned()), ..case(outcome, covers) }
}

fn conforming(clause: &str, polarity: Polarity) -> CaseResult {
    case(Outcome::Conforms, &[(clause, polarity)])
}

fn violating() -> CaseResult {
    found(&[("must.hold", Polarity::Hold)], vec![finding("must.hold", FindingKind::Violation, "500")])
}

fn deviating() -> CaseResult {
    found(&[("should.hold", Polarity::Hold)], vec![finding("should.hold", FindingKind::Deviation, "nothing")])
}

fn footer_of(statements: Vec<ClauseStatement>, strict: bool, cases: &[CaseResult], stop: Option<&str>) -> Footer {
    let mut tally = Tally::of(&Header { clauses: statements, strict, ..Header::default() });
    for case in cases {
        tally.record(case);
    }
    tally.finish(1.5, stop.map(|stop| StopReason::Other(stop.to_owned())))
}

fn tally() -> Tally {
    Tally::of(&Header { clauses: statements(), ..Header::default() })
}

fn footer(cases: &[CaseResult]) -> Footer {
    footer_of(statements(), false, cases, None)
}

fn verdict(cases: &[CaseResult]) -> (Verdict, Option<String>) {
    let footer = footer(cases);
    (footer.verdict, footer.reason)
}

fn undetermined(reason: &str) -> (Verdict, Option<String>) {
    (Verdict::Undetermined, Some(reason.to_owned()))
}

/// What these cases make of one clause.
fn clause(name: &str, cases: &[CaseResult]) -> ClauseResult {
    footer(cases).clauses.into_iter().find(|clause| clause.id == id(name)).unwrap()
}

#[test]
fn the_worst_finding_gives_a_case_its_outcome() {
    use FindingKind::{Deviation, Observation, Violation};
    let of = |kinds: &[FindingKind]| {
        CaseResult::outcome_of(&kinds.iter().map(|kind| finding("must.hold", *kind, "x")).collect::<Vec<_>>())
    };
    assert_eq!(of(&[]), Outcome::Conforms);
    assert_eq!(of(&[Observation]), Outcome::Observed);
    assert_eq!(of(&[Observation, Deviation]), Outcome::Deviates);
    assert_eq!(of(&[Observation, Deviation, Violation]), Outcome::Violates);
}

#[test]
fn the_word_of_an_outcome_is_its_serialised_form_and_all_are_listed_worst_first() {
    for outcome in Outcome::VARIANTS {
        assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.to_string());
    }
    assert!(Outcome::VARIANTS.is_sorted());
}

#[test]
fn the_words_of_a_verdict_are_its_serialised_form_spelt_with_spaces() {
    for verdict in [Verdict::Conformant, Verdict::ConformantWithDeviations, Verdict::Undetermined] {
        assert_eq!(serde_json::to_value(verdict).unwrap().as_str().unwrap().replace('-', " "), verdict.to_string());
    }
    assert_eq!(Verdict::NonConformant.to_string(), "non-conformant");
}

#[test]
fn only_violations_are_given_as_violations() {
    use FindingKind::{Deviation, Observation, Violation};
    let kinds = [Deviation, Violation, Observation];
    let case = found(&[], kinds.iter().map(|kind| finding("must.hold", *kind, "x")).collect());
    assert_eq!(case.violations().map(|finding| finding.kind).collect::<Vec<_>>(), [Violation]);
}

#[test]
fn a_run_in_which_all_conforms_is_conformant() {
    assert_eq!(verdict(&[conforming("must.hold", Polarity::Hold)]), (Verdict::Conformant, None));
}

#[test]
fn a_recorded_reading_leaves_a_run_conformant_and_makes_none_so() {
    let observing =
        found(&[("open.choice", Polarity::Observe)], vec![finding("open.choice", FindingKind::Observation, "refused")]);
    let nothing = undetermined("nothing that has to hold was shown to hold");
    assert_eq!(verdict(std::slice::from_ref(&observing)), nothing);
    assert_eq!(verdict(&[observing, conforming("must.hold", Polarity::Hold)]), (Verdict::Conformant, None));
}

#[test]
fn one_side_of_every_clause_is_no_proof_where_the_whole_suite_was_run() {
    let cases = [conforming("must.two", Polarity::Refuse), conforming("should.hold", Polarity::Hold)];
    let one_side = "nothing that has to hold was shown from every side: no case shows must.two to accept";
    assert_eq!(verdict(&cases), undetermined(one_side));
    let filtered = Header { clauses: statements(), filters: vec!["must.two".to_owned()], ..Header::default() };
    let mut tally = Tally::of(&filtered);
    cases.iter().for_each(|case| tally.record(case));
    assert_eq!(tally.finish(1.5, None).verdict, Verdict::Conformant);
    let both = [conforming("must.two", Polarity::Accept), conforming("must.two", Polarity::Refuse)];
    assert_eq!(verdict(&both), (Verdict::Conformant, None));
}

#[test]
fn what_answers_show_of_derived_clauses_stands_in_for_no_side_of_others() {
    let derived = ClauseStatement { derived: true, ..stated("Thing.type", Level::Must, &[Polarity::Hold]) };
    let all = || statements().into_iter().chain([derived.clone()]).collect();
    let looked_at = |covers| CaseResult { examined: vec![(4, 4)], ..case(Outcome::Conforms, covers) };
    let one_side = footer_of(all(), false, &[looked_at(&[("must.two", Polarity::Accept)])], None);
    let reason = "nothing that has to hold was shown from every side: no case shows must.two to refuse";
    assert_eq!((one_side.verdict, one_side.reason.as_deref()), (Verdict::Undetermined, Some(reason)));
    let derived = footer_of(all(), false, &[looked_at(&[("Thing.type", Polarity::Hold)])], None);
    assert_eq!(derived.verdict, Verdict::Conformant);
}

#[test]
fn a_deviation_from_one_side_of_a_clause_shows_no_other() {
    let deviating = found(&[("must.two", Polarity::Refuse)], vec![finding("must.two", FindingKind::Deviation, "422")]);
    let one_side = "nothing that has to hold was shown from every side: no case shows must.two to accept";
    assert_eq!(verdict(std::slice::from_ref(&deviating)), undetermined(one_side));
    let both = [deviating, conforming("must.two", Polarity::Accept)];
    assert_eq!(verdict(&both), (Verdict::ConformantWithDeviations, None));
}

#[test]
fn a_deviation_alone_makes_a_run_conformant_with_deviations() {
    let cases = [conforming("must.hold", Polarity::Hold), deviating()];
    assert_eq!(verdict(&cases), (Verdict::ConformantWithDeviations, None));
}

#[test]
fn a_violation_beats_everything_else() {
    let cases = [
        violating(),
        deviating(),
        blocked(Outcome::Error, &[("must.two", Polarity::Accept)], "it broke"),
        blocked(Outcome::Inconclusive, &[("must.two", Polarity::Refuse)], "the control was refused"),
        case(Outcome::Skipped, &[]),
    ];
    for (strict, stop) in [(false, None), (true, None), (false, Some("its time limit")), (true, Some("a signal"))] {
        let footer = footer_of(statements(), strict, &cases, stop);
        assert_eq!((footer.verdict, footer.reason), (Verdict::NonConformant, None));
    }
}

#[test]
fn a_strict_run_with_a_deviation_is_non_conformant_even_when_interrupted() {
    for stop in [None, Some("a signal")] {
        assert_eq!(footer_of(statements(), true, &[deviating()], stop).verdict, Verdict::NonConformant);
    }
}

#[test]
fn a_strict_run_without_a_deviation_is_conformant() {
    let cases = [conforming("must.hold", Polarity::Hold)];
    assert_eq!(footer_of(statements(), true, &cases, None).verdict, Verdict::Conformant);
}

#[test]
fn a_deviation_beside_a_violation_in_a_case_is_counted_for_its_clause() {
    let findings =
        vec![finding("must.hold", FindingKind::Violation, "x"), finding("should.hold", FindingKind::Deviation, "x")];
    let cases = [found(&[], findings)];
    assert_eq!((clause("must.hold", &cases).violations, clause("must.hold", &cases).deviations), (1, 0));
    assert_eq!((clause("should.hold", &cases).violations, clause("should.hold", &cases).deviations), (0, 1));
}

#[test]
fn an_interrupted_run_is_undetermined_whatever_else_was_good_or_deviated() {
    for cases in [vec![], vec![conforming("must.hold", Polarity::Hold)], vec![deviating()]] {
        let footer = footer_of(statements(), false, &cases, Some("its time limit"));
        assert_eq!((footer.verdict, footer.reason), undetermined("the run was stopped before its end: its time limit"));
        assert_eq!(footer.interrupted, Some(StopReason::Other("its time limit".to_owned())));
    }
}

#[test]
fn an_interruption_is_told_before_an_error() {
    let cases = [blocked(Outcome::Error, &[], "it broke")];
    let reason = footer_of(statements(), false, &cases, Some("a signal")).reason.unwrap();
    assert_eq!(reason, "the run was stopped before its end: a signal");
}

#[test]
fn an_error_makes_a_run_undetermined_for_its_reason() {
    let cases = [conforming("must.hold", Polarity::Hold), blocked(Outcome::Error, &[], "it broke"), deviating()];
    assert_eq!(verdict(&cases), undetermined("it broke"));
}

#[test]
fn an_open_must_clause_makes_a_run_undetermined_for_the_first_reason() {
    let cases = [
        deviating(),
        blocked(Outcome::Inconclusive, &[("must.two", Polarity::Refuse)], "the control was refused"),
        blocked(Outcome::Inconclusive, &[("must.two", Polarity::Refuse)], "another reason"),
    ];
    assert_eq!(verdict(&cases), undetermined("must.two could not be tested: the control was refused"));
}

#[test]
fn an_open_clause_is_told_with_the_reason_of_its_own_case_and_side() {
    let two = |polarity, reason| blocked(Outcome::Inconclusive, &[("must.two", polarity)], reason);
    let cases = [
        blocked(Outcome::Inconclusive, &[("should.hold", Polarity::Hold)], "a reason of another clause"),
        two(Polarity::Accept, "a reason of a side that was shown"),
        conforming("must.two", Polarity::Accept),
        two(Polarity::Refuse, "the set-up failed"),
    ];
    assert_eq!(verdict(&cases), undetermined("must.two could not be tested: the set-up failed"));
}

#[test]
fn an_error_is_told_with_its_own_reason_whatever_was_inconclusive_before() {
    let open = blocked(Outcome::Inconclusive, &[("must.hold", Polarity::Hold)], "the set-up failed");
    assert_eq!(verdict(&[open, blocked(Outcome::Error, &[], "it broke")]), undetermined("it broke"));
}

#[test]
fn an_open_must_clause_without_a_reason_says_that_its_cases_were_inconclusive() {
    let cases = [deviating(), case(Outcome::Inconclusive, &[("must.hold", Polarity::Hold)])];
    assert_eq!(verdict(&cases), undetermined("must.hold could not be tested: its cases were inconclusive"));
}

#[test]
fn an_open_should_clause_or_ambiguity_leaves_the_verdict_alone() {
    let cases = [
        conforming("must.hold", Polarity::Hold),
        blocked(Outcome::Inconclusive, &[("should.hold", Polarity::Hold)], "the control was refused"),
        blocked(Outcome::Inconclusive, &[("open.choice", Polarity::Observe)], "the control was refused"),
    ];
    assert_eq!(verdict(&cases), (Verdict::Conformant, None));
}

#[test]
fn a_case_without_a_conclusion_leaves_the_verdict_open_though_another_shows_its_clause() {
    let open = |clause| blocked(Outcome::Inconclusive, &[(clause, Polarity::Hold)], "it is asked too often");
    let cases = [conforming("must.hold", Polarity::Hold), open("must.hold")];
    assert_eq!(verdict(&cases), undetermined("suite/file/case was inconclusive: it is asked too often"));
    assert_eq!(clause("must.hold", &cases).outcome, ClauseOutcome::Proven);
    assert_eq!(verdict(&[conforming("must.hold", Polarity::Hold), open("should.hold")]), (Verdict::Conformant, None));
}

#[test]
fn an_inconclusive_control_leaves_the_verdict_open_whatever_the_cases_showed() {
    let control = CaseResult { at: None, ..blocked(Outcome::Inconclusive, &[], "it is asked too often") };
    let cases = [conforming("must.hold", Polarity::Hold), control.clone()];
    assert_eq!(verdict(&cases), undetermined("suite/file/case was inconclusive: it is asked too often"));
    assert_eq!(verdict(&[violating(), control]).0, Verdict::NonConformant);
}

#[test]
fn a_run_without_a_conclusive_case_is_undetermined() {
    let nothing = undetermined("no case was conclusive");
    assert_eq!(verdict(&[]), nothing);
    assert_eq!(verdict(&[case(Outcome::Skipped, &[("must.hold", Polarity::Hold)])]), nothing);
    assert_eq!(verdict(&[case(Outcome::Inconclusive, &[("should.hold", Polarity::Hold)])]), nothing);
    let open = blocked(Outcome::Inconclusive, &[("should.hold", Polarity::Hold)], "the control was refused");
    assert_eq!(verdict(&[open]), undetermined("no case was conclusive: the control was refused"));
}

#[test]
fn a_clause_is_proven_only_when_every_side_was_shown() {
    use Polarity::{Accept, Refuse};
    let (accept, refuse) = (conforming("must.two", Accept), conforming("must.two", Refuse));
    assert_eq!(clause("must.two", &[]).outcome, ClauseOutcome::Untested);
    assert_eq!(clause("must.two", std::slice::from_ref(&accept)).outcome, ClauseOutcome::Untested);
    assert_eq!(clause("must.two", std::slice::from_ref(&refuse)).outcome, ClauseOutcome::Untested);
    let both = clause("must.two", &[accept.clone(), refuse, accept]);
    assert_eq!(both.outcome, ClauseOutcome::Proven);
    assert_eq!(both.shown, BTreeMap::from([(Accept, 2), (Refuse, 1)]));
}

#[test]
fn a_side_that_cannot_be_tested_is_not_due() {
    let mut statements = statements();
    statements[0].untestable.insert(Polarity::Accept, "no such token".to_owned());
    let outcome = |cases: &[CaseResult]| footer_of(statements.clone(), false, cases, None).clauses[0].outcome;
    assert_eq!(outcome(&[conforming("must.two", Polarity::Refuse)]), ClauseOutcome::Proven);
    assert_eq!(outcome(&[]), ClauseOutcome::Untested);
    let open = blocked(Outcome::Inconclusive, &[("must.two", Polarity::Accept)], "x");
    assert_eq!(outcome(&[open]), ClauseOutcome::Untested);
}

#[test]
fn a_skipped_case_shows_nothing_and_leaves_nothing_open() {
    let seen = clause("must.hold", &[case(Outcome::Skipped, &[("must.hold", Polarity::Hold)])]);
    assert_eq!((seen.outcome, seen.shown.len()), (ClauseOutcome::Untested, 0));
}

#[test]
fn an_inconclusive_case_or_an_error_leaves_its_clauses_undetermined() {
    for outcome in [Outcome::Inconclusive, Outcome::Error] {
        let seen = clause("must.hold", &[case(outcome, &[("must.hold", Polarity::Hold)])]);
        assert_eq!((seen.outcome, seen.shown.len()), (ClauseOutcome::Undetermined, 0));
    }
}

#[test]
fn a_violated_clause_is_violated_however_often_it_held() {
    let open = case(Outcome::Inconclusive, &[("must.hold", Polarity::Hold)]);
    let seen = clause("must.hold", &[conforming("must.hold", Polarity::Hold), violating(), deviating(), open]);
    assert_eq!((seen.outcome, seen.violations, seen.shown[&Polarity::Hold]), (ClauseOutcome::Violated, 1, 1));
}

#[test]
fn a_case_does_not_show_the_clause_that_it_violates_but_shows_the_others() {
    let covers = [("must.two", Polarity::Accept), ("must.hold", Polarity::Hold)];
    let cases = [found(&covers, vec![finding("must.hold", FindingKind::Violation, "500")])];
    assert_eq!(clause("must.hold", &cases).shown, BTreeMap::new());
    assert_eq!(clause("must.two", &cases).shown, BTreeMap::from([(Polarity::Accept, 1)]));
}

#[test]
fn a_deviated_clause_is_deviated_unless_a_side_of_it_stayed_open() {
    assert_eq!(clause("should.hold", &[deviating()]).outcome, ClauseOutcome::Deviated);
    let open = case(Outcome::Inconclusive, &[("must.two", Polarity::Refuse)]);
    let deviates = found(&[("must.two", Polarity::Accept)], vec![finding("must.two", FindingKind::Deviation, "409")]);
    assert_eq!(clause("must.two", &[deviates, open]).outcome, ClauseOutcome::Undetermined);
}

#[test]
fn readings_are_counted_and_make_a_clause_observed() {
    let reading = |name: &str| finding("open.choice", FindingKind::Observation, name);
    let cases = [
        found(&[("open.choice", Polarity::Observe)], vec![reading("accepted"), reading("accepted")]),
        found(&[("open.choice", Polarity::Observe)], vec![reading("refused")]),
    ];
    let seen = clause("open.choice", &cases);
    let readings = BTreeMap::from([("accepted".to_owned(), 2), ("refused".to_owned(), 1)]);
    assert_eq!((seen.outcome, &seen.readings), (ClauseOutcome::Observed, &readings));
    assert_eq!((seen.violations, seen.deviations), (0, 0));

    let mut tally = tally();
    cases.iter().for_each(|case| tally.record(case));
    assert_eq!(tally.readings(&id("open.choice")), readings);
    assert_eq!(tally.readings(&id("must.hold")), BTreeMap::new());
}

#[test]
fn an_ambiguity_without_a_reading_is_not_proven() {
    let silent = clause("open.choice", &[conforming("open.choice", Polarity::Observe)]);
    assert_eq!((silent.outcome, silent.shown[&Polarity::Observe]), (ClauseOutcome::Untested, 1));
}

#[test]
fn findings_on_one_clause_count_once_a_case_and_kind() {
    use FindingKind::{Deviation, Violation};
    let findings = [("a", Violation), ("b", Violation), ("c", Deviation), ("d", Deviation)]
        .map(|(observed, kind)| finding("must.hold", kind, observed))
        .to_vec();
    let seen = clause("must.hold", &[found(&[], findings.clone()), found(&[], findings)]);
    assert_eq!((seen.violations, seen.deviations), (2, 2));
}

#[test]
fn cases_outcomes_and_requests_add_up() {
    let mut tally = tally();
    for case in [violating(), violating(), deviating(), case(Outcome::Skipped, &[])] {
        tally.record(&case);
    }
    assert_eq!((tally.count(Outcome::Violates), tally.count(Outcome::Error)), (2, 0));
    let footer = tally.finish(1.5, None);
    assert_eq!((footer.requests, footer.elapsed_s, footer.interrupted), (8, 1.5, None));
    let counts = BTreeMap::from([(Outcome::Violates, 2), (Outcome::Skipped, 1), (Outcome::Deviates, 1)]);
    assert_eq!(footer.counts, counts);
}

#[test]
fn clauses_stand_in_the_contracts_order_and_none_besides() {
    let footer = footer(&[conforming("another.clause", Polarity::Hold), violating()]);
    let ids: Vec<String> = footer.clauses.iter().map(|clause| clause.id.to_string()).collect();
    assert_eq!(ids, ["must.two", "must.hold", "should.hold", "open.choice"]);
}

#[test]
fn what_is_left_behind_is_named_up_to_the_limit_and_then_counted() {
    let left = |name: &str| LeftBehind { case: name.to_owned(), resource: "r".to_owned(), why: "w".to_owned() };
    let mut tally = tally();
    ["a", "b", "c", "d"].iter().for_each(|name| tally.leave_behind(left(name), 2));
    let footer = tally.finish(0.0, None);
    assert_eq!((footer.left_behind, footer.left_more), (vec![left("a"), left("b")], 2));
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::new();
    secrets.register("token", SecretString::from("hunter2-hunter2")).unwrap();
    secrets
}

#[test]
fn no_text_of_an_event_keeps_a_secret() {
    let secret = "hunter2-hunter2";
    let plain = CaseResult {
        id: format!("suite/file/case[{secret}]"),
        file: format!("{secret}.yaml"),
        title: format!("title {secret}"),
        reason: Some(format!("reason {secret}")),
        ..case(Outcome::Skipped, &[])
    };
    let mut telling = plain.clone();
    telling.findings.push(finding("must.hold", FindingKind::Violation, secret));
    for result in [plain, telling] {
        let masked = MaskedEvent::of(Event::Case(Box::new(result)), &secrets());
        let text = serde_json::to_string(&*masked).unwrap();
        assert!(!text.contains(secret), "{text}");
        assert!(text.contains("title [masked:token]") && text.contains("reason [masked:token]"), "{text}");
    }
    let footer = footer_of(statements(), false, &[], Some(secret));
    let masked = MaskedEvent::of(Event::Finished(Box::new(footer)), &secrets());
    assert!(!serde_json::to_string(&*masked).unwrap().contains(secret));
}

#[test]
fn an_event_without_a_secret_is_the_same_when_masked() {
    for result in [case(Outcome::Conforms, &[("must.hold", Polarity::Hold)]), violating()] {
        let event = Event::Case(Box::new(result));
        assert_eq!(MaskedEvent::of(event.clone(), &secrets()).into_inner(), event);
    }
}

#[test]
fn a_secret_that_is_a_word_of_the_format_is_masked_in_texts_and_breaks_no_event() {
    for word in ["violates", "case", "must.hold", "/status", "2026", "expect"] {
        let mut secrets = Secrets::new();
        secrets.register("token", SecretString::from(word)).unwrap();
        let result = CaseResult { title: format!("what {word}"), ..violating() };
        let expected = CaseResult { title: "what [masked:token]".to_owned(), ..result.clone() };
        let masked = MaskedEvent::of(Event::Case(Box::new(result)), &secrets);
        let Event::Case(masked) = masked.into_inner() else { panic!("another event") };
        assert_eq!(CaseResult { id: String::new(), ..*masked }, CaseResult { id: String::new(), ..expected }, "{word}");
    }
}

/// The footer of a run of one case that was sent again.
fn retried(allow_flaky: bool, outcome: Outcome) -> Footer {
    let mut tally = Tally::of(&Header { allow_flaky, clauses: statements(), ..Header::default() });
    let case = case(outcome, &[("must.hold", Polarity::Hold)]);
    tally.record(&CaseResult { retried: vec![503], ..case });
    tally.finish(1.0, None)
}

#[test]
fn a_flaky_case_fails_the_gate_and_not_the_verdict_unless_it_is_allowed() {
    let kept = retried(false, Outcome::Conforms);
    assert_eq!((kept.verdict, kept.gate, kept.flaky, kept.failing_flaky()), (Verdict::Conformant, Gate::Failed, 1, 1));
    let allowed = retried(true, Outcome::Conforms);
    let told = (allowed.verdict, allowed.gate, allowed.flaky, allowed.failing_flaky());
    assert_eq!(told, (Verdict::Conformant, Gate::Passed, 1, 0));
}

#[test]
fn a_case_that_was_sent_again_and_did_not_pass_is_what_it_is() {
    let open = retried(false, Outcome::Inconclusive);
    assert_eq!((open.gate, open.flaky), (Gate::Undetermined, 0));
    let broken = retried(true, Outcome::Violates);
    assert_eq!((broken.gate, broken.flaky), (Gate::Failed, 0));
}

#[test]
fn a_case_that_a_limit_of_ours_kept_from_being_judged_leaves_the_verdict_open_whatever_the_others_showed() {
    let unread =
        CaseResult { unread: true, ..blocked(Outcome::Inconclusive, &[("must.hold", Polarity::Hold)], "long") };
    let shown = case(Outcome::Conforms, &[("must.hold", Polarity::Hold)]);
    let all =
        [shown, case(Outcome::Conforms, &[("must.two", Polarity::Accept), ("must.two", Polarity::Refuse)]), unread];
    assert_eq!(verdict(&all), undetermined("suite/file/case was inconclusive: long"));
}
