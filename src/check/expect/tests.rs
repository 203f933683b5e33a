use super::super::tests::{contract, covers, exchange, response};
use super::*;
use crate::http::{Answer, Defect};
use crate::verdict::Finding;

fn accepted() -> Accepted {
    Accepted { status: vec![200], clause: "status.success".to_owned() }
}

fn expecting(status: &[u16]) -> Expect {
    Expect { status: status.to_vec(), ..Expect::default() }
}

fn reading(name: &str, status: &[u16]) -> Reading {
    Reading { name: name.to_owned(), status: status.to_vec() }
}

fn choosing() -> Expect {
    Expect { readings: vec![reading("accepted", &[200]), reading("refused", &[400, 413])], ..Expect::default() }
}

fn tolerating() -> Expect {
    Expect { deviates: vec![(409, "ambiguity.duplicate-code".to_owned())], ..expecting(&[400]) }
}

fn told(report: impl FnOnce(&mut Findings<'_>)) -> Vec<Finding> {
    let mut findings = Findings::new(contract(), 0);
    report(&mut findings);
    findings.into_list()
}

fn brief(findings: &[Finding]) -> Vec<(FindingKind, &str, &str, Vec<&str>, &str)> {
    findings
        .iter()
        .map(|found| {
            let expected = found.expected.iter().map(String::as_str).collect();
            (found.kind, found.clause.as_str(), found.check.as_str(), expected, found.observed.as_str())
        })
        .collect()
}

fn status(expect: &Expect, about: &[(&str, Polarity)], status: u16) -> Vec<Finding> {
    told(|findings| {
        report_status(expect, &covers(about), &accepted(), contract(), &response(status, "{}"), findings);
    })
}

#[test]
fn a_status_fits_in_one_way() {
    assert!(matches!(fit(&expecting(&[200]), &accepted(), 200), Fit::Met));
    assert!(matches!(fit(&expecting(&[200]), &accepted(), 201), Fit::OtherSuccess));
    assert!(matches!(fit(&expecting(&[200]), &accepted(), 299), Fit::OtherSuccess));
    for other in [199, 300, 400, 500] {
        assert!(matches!(fit(&expecting(&[200]), &accepted(), other), Fit::Missed), "{other}");
    }
    assert!(matches!(fit(&expecting(&[400]), &accepted(), 201), Fit::Missed));
    assert!(matches!(fit(&tolerating(), &accepted(), 409), Fit::Deviates("ambiguity.duplicate-code")));
    assert!(matches!(fit(&tolerating(), &accepted(), 404), Fit::Missed));
    assert!(matches!(fit(&choosing(), &accepted(), 413), Fit::Reads(reading) if reading.name == "refused"));
    assert!(matches!(fit(&choosing(), &accepted(), 204), Fit::OtherSuccess));
    assert!(matches!(fit(&choosing(), &accepted(), 404), Fit::Missed));
}

#[test]
fn nothing_expected_is_always_met() {
    for status in [200, 204, 404, 500] {
        assert!(matches!(fit(&Expect::default(), &accepted(), status), Fit::Met), "{status}");
    }
}

#[test]
fn every_status_that_an_expectation_names_is_declared() {
    let expect = Expect { readings: choosing().readings, ..tolerating() };
    assert_eq!(declared(&expect, None), [400, 409, 200, 400, 413]);
    let counts = Counts { exact: vec![(201, 1)], rest: vec![410, 411] };
    assert_eq!(declared(&expecting(&[]), Some(&counts)), [201, 410, 411]);
}

#[test]
fn the_judged_clause_is_the_first_that_a_wrong_status_breaks() {
    let of = |list: &[(&str, Polarity)]| judged(&covers(list), contract()).map(|cover| cover.clause.clone());
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[("ambiguity.order", Polarity::Observe), ("error.body", Polarity::Hold)]), None);
    assert_eq!(of(&[("error.body", Polarity::Hold), ("name.type", Polarity::Refuse)]), Some("name.type".to_owned()));
    assert_eq!(of(&[("name.type", Polarity::Accept)]), Some("name.type".to_owned()));
    assert_eq!(of(&[("answer.steady", Polarity::Hold)]), Some("answer.steady".to_owned()));
}

#[test]
fn a_status_as_expected_is_no_finding() {
    assert_eq!(status(&expecting(&[400, 404]), &[("name.type", Polarity::Refuse)], 404), []);
}

#[test]
fn a_missed_status_breaks_the_judged_clause() {
    let found = status(&expecting(&[400, 404]), &[("name.type", Polarity::Refuse)], 200);
    assert_eq!(brief(&found), [(FindingKind::Violation, "name.type", "expect", vec!["400", "404"], "200")]);
    assert_eq!(found[0].place, Place::Status);
}

#[test]
fn a_missed_status_of_a_step_that_only_observes_does_not_fit_the_request() {
    let about = [("ambiguity.empty-id", Polarity::Observe)];
    let found = status(&choosing(), &about, 404);
    let right = vec!["200", "400", "413"];
    assert_eq!(
        brief(&found),
        [(FindingKind::Violation, "status.fits-request", CheckId::FITS_REQUEST.as_str(), right, "404")]
    );
    assert_eq!(status(&choosing(), &about, 499).len(), 1);
    assert_eq!(status(&choosing(), &about, 500), []);
}

#[test]
fn another_success_breaks_the_clause_of_the_documented_one() {
    let found = status(&expecting(&[200]), &[("name.type", Polarity::Accept)], 201);
    assert_eq!(brief(&found), [(FindingKind::Violation, "status.success", "expect", vec!["200"], "201")]);
}

#[test]
fn a_tolerated_status_is_a_deviation_of_the_clause_named() {
    let found = status(&tolerating(), &[("name.unique", Polarity::Refuse)], 409);
    assert_eq!(brief(&found), [(FindingKind::Deviation, "ambiguity.duplicate-code", "expect", vec!["400"], "409")]);
}

#[test]
fn a_reading_is_recorded_for_the_observed_clauses_alone() {
    let about = [("name.type", Polarity::Refuse), ("ambiguity.empty-id", Polarity::Observe)];
    let found = status(&choosing(), &about, 413);
    let all = vec!["accepted", "refused"];
    assert_eq!(brief(&found), [(FindingKind::Observation, "ambiguity.empty-id", "expect", all, "refused")]);
}

fn code(expect: &Expect, about: &[(&str, Polarity)], status: u16, code: &str) -> Vec<Finding> {
    let answer = response(status, &format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#));
    told(|findings| report_code(expect, &covers(about), contract(), &answer, findings))
}

#[test]
fn another_code_of_the_same_status_breaks_the_judged_clause_or_the_one_named() {
    let about = [("name.unique", Polarity::Refuse)];
    let mut expect = Expect { code: vec!["EG.00513001".to_owned()], ..expecting(&[400]) };
    assert_eq!(code(&expect, &about, 400, "EG.00513001"), []);
    let found = code(&expect, &about, 400, "EG.00014000");
    let right = || vec!["EG.00513001"];
    assert_eq!(brief(&found), [(FindingKind::Violation, "name.unique", "expect", right(), "EG.00014000")]);
    assert_eq!(found[0].place.to_string(), "/body/error_code");
    assert_eq!(code(&expect, &[], 400, "EG.00014000"), []);
    expect.code_clause = Some("error.code-fits-cause".to_owned());
    let found = code(&expect, &about, 400, "EG.00014000");
    assert_eq!(brief(&found), [(FindingKind::Violation, "error.code-fits-cause", "expect", right(), "EG.00014000")]);
}

#[test]
fn a_code_is_not_judged_where_another_check_does_or_nothing_is_said() {
    let about = [("name.unique", Polarity::Refuse)];
    let expect = Expect { code: vec!["EG.00513001".to_owned()], ..expecting(&[400]) };
    assert_eq!(code(&expecting(&[400]), &about, 400, "EG.00014000"), []);
    assert_eq!(code(&expect, &about, 400, "EG.9"), []);
    assert_eq!(code(&expect, &about, 400, "EG.00014010"), []);
    assert_eq!(code(&expect, &about, 200, "EG.00014000"), []);
}

fn counted(counts: &Counts, expect: &Expect, about: &[(&str, Polarity)], answers: Vec<Answer>) -> Vec<Finding> {
    let exchanges: Vec<Arc<Exchange>> = answers.into_iter().map(|answer| Arc::new(exchange(answer))).collect();
    told(|findings| report_counts(counts, expect, &covers(about), &accepted(), contract(), &exchanges, findings))
}

fn answers(statuses: &[u16]) -> Vec<Answer> {
    statuses.iter().map(|status| Answer::Complete(response(*status, "{}"))).collect()
}

const ABOUT: [(&str, Polarity); 1] = [("name.unique-concurrently", Polarity::Refuse)];

fn one_accepted() -> Counts {
    Counts { exact: vec![(200, 1)], rest: vec![400, 404] }
}

#[test]
fn counts_that_are_met_are_no_finding_and_any_2xx_counts_as_accepted() {
    for good in [&[200, 400, 404][..], &[400, 200], &[201, 400]] {
        assert_eq!(counted(&one_accepted(), &Expect::default(), &ABOUT, answers(good)), [], "{good:?}");
    }
}

#[test]
fn counts_that_are_missed_break_the_judged_clause() {
    let found = counted(&one_accepted(), &Expect::default(), &ABOUT, answers(&[200, 400, 200]));
    let right = vec!["1 × 200, the rest 400 or 404"];
    let told = (FindingKind::Violation, "name.unique-concurrently", "counts", right, "2 × 200, 1 × 400");
    assert_eq!(brief(&found), [told]);
    let none = counted(&one_accepted(), &Expect::default(), &ABOUT, answers(&[400, 400]));
    assert_eq!(none[0].observed, "2 × 400");
    let exact = Counts { exact: vec![(200, 2)], rest: Vec::new() };
    assert_eq!(counted(&exact, &Expect::default(), &ABOUT, answers(&[200]))[0].expected, ["2 × 200"]);
}

#[test]
fn a_strange_status_among_the_rest_does_not_fit_the_request() {
    let found = counted(&one_accepted(), &Expect::default(), &ABOUT, answers(&[200, 403]));
    let told = (found[0].clause.as_str(), found[0].check.as_str(), found[0].observed.as_str());
    assert_eq!((found.len(), told), (1, ("status.fits-request", CheckId::FITS_REQUEST.as_str(), "1 × 200, 1 × 403")));
}

#[test]
fn a_tolerated_status_among_the_rest_is_a_deviation_alone() {
    let found = counted(&one_accepted(), &tolerating(), &ABOUT, answers(&[200, 409, 409]));
    let told = (FindingKind::Deviation, "ambiguity.duplicate-code", "counts", vec!["400", "404"], "409");
    assert_eq!(brief(&found), [told]);
    assert_eq!(counted(&one_accepted(), &tolerating(), &ABOUT, answers(&[200, 400])), []);
}

#[test]
fn counts_say_nothing_where_an_answer_never_came_or_nothing_is_judged() {
    let mut broken = answers(&[200, 200]);
    broken.push(Answer::Unusable { defect: Defect::Deadline, cause: String::new(), partial: None });
    assert_eq!(counted(&one_accepted(), &Expect::default(), &ABOUT, broken), []);
    let observing = [("ambiguity.order", Polarity::Observe)];
    assert_eq!(counted(&one_accepted(), &Expect::default(), &observing, answers(&[200, 200])), []);
}
