use std::sync::{Arc, LazyLock};

use serde_json::json;

use super::super::tests::{contract, exchange, response};
use super::*;
use crate::http::Answer;
use crate::pointer::Pointer;
use crate::secret::Secrets;
use crate::suite::{Bindings, JsonType, Length, Saved, Text, Tree};
use crate::verdict::Finding;

const NOW: &str = "2021-12-09T09:00:00Z";

fn body(pointer: &str) -> Place {
    Place::Body(Pointer::parse(pointer).unwrap())
}

fn says(predicate: Predicate) -> Statement {
    Statement {
        clause: "response.name-echo".to_owned(),
        at: body("/v"),
        predicates: vec![predicate],
        when: None,
        optional: false,
        file: "suite.yaml".to_owned(),
        line: 1,
    }
}

static NO_SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::new);

fn judged<'a>(response: &'a Response, scope: &'a Scope) -> Judged<'a> {
    Judged { response, scope, now: NOW.parse().unwrap(), is_expected: true, secrets: &NO_SECRETS }
}

fn of(statement: &Statement, response: Response) -> Result<Vec<Finding>, RenderError> {
    let saved = Saved::new(Arc::new(exchange(Answer::Complete(response.clone()))), "http://h");
    let scope = Scope::new(&Bindings::default(), 1, "row").judging(&saved);
    let mut findings = Findings::new(contract(), 0);
    judge(statement, &judged(&response, &scope), &mut findings)?;
    Ok(findings.into_list())
}

/// What a predicate expects of a value that it isn't true of; nothing where it is true.
fn breach(predicate: Predicate, value: &Value) -> Option<(Vec<String>, String)> {
    let found = of(&says(predicate), response(200, &json!({ "v": value }).to_string())).unwrap();
    assert!(found.len() <= 1);
    found.into_iter().next().map(|found| {
        assert_eq!(
            (found.clause.as_str(), found.check.as_str(), found.place.to_string().as_str()),
            ("response.name-echo", "statement", "/body/v")
        );
        (found.expected, found.observed)
    })
}

fn broken(expected: &[&str], observed: &str) -> Option<(Vec<String>, String)> {
    Some((expected.iter().map(|&text| text.to_owned()).collect(), observed.to_owned()))
}

fn scalar(value: Value) -> Tree {
    Tree::Scalar(value)
}

fn template(text: &str) -> Tree {
    Tree::Text(Text::parse(text).unwrap())
}

#[test]
fn a_place_is_a_status_a_header_or_a_value_of_the_body() {
    let answer = response(200, r#"{"v":[1,2]}"#);
    let at = |place: &Place| found(place, &answer).remove(0).value.map(std::borrow::Cow::into_owned);
    assert_eq!(at(&Place::Status), Some(json!(200)));
    assert_eq!(at(&Place::Header("content-type".to_owned())), Some(json!("application/json")));
    assert_eq!(at(&Place::Header("x-none".to_owned())), None);
    assert_eq!(at(&body("/v/1")), Some(json!(2)));
    assert_eq!(at(&body("/w")), None);
    assert_eq!(at(&body("")), Some(json!({ "v": [1, 2] })));
}

fn all_but_readings() -> Vec<Predicate> {
    vec![
        Predicate::Equals(scalar(json!(1))),
        Predicate::NotEquals(scalar(json!(1))),
        Predicate::OneOf(Tree::Array(vec![scalar(json!(1))])),
        Predicate::Matches(Pattern::new("x").unwrap()),
        Predicate::Type(JsonType::String),
        Predicate::Length(Length { min: 1, max: None }),
        Predicate::Sha256(Text::literal("00")),
        Predicate::Time { utc: true },
        Predicate::NearNow { seconds: 1 },
        Predicate::NotBefore(body("/w")),
    ]
}

#[test]
fn a_statement_whose_place_is_not_there_is_broken() {
    for predicate in all_but_readings() {
        let found = of(&says(predicate), response(200, "{}")).unwrap();
        assert_eq!((found.len(), found[0].observed.as_str()), (1, "nothing there"));
        assert_eq!(found[0].place.to_string(), "/body/v");
    }
    let found = of(&says(Predicate::Present(true)), response(200, "{}")).unwrap();
    assert_eq!((found[0].expected.as_slice(), found[0].observed.as_str()), (&["something".to_owned()][..], "nothing"));
    assert_eq!(of(&says(Predicate::Present(false)), response(200, "{}")).unwrap(), []);
}

#[test]
fn an_optional_statement_says_nothing_where_nothing_is_and_speaks_where_something_is() {
    for predicate in all_but_readings() {
        let statement = Statement { optional: true, ..says(predicate) };
        assert_eq!(of(&statement, response(200, "{}")).unwrap(), []);
    }
    let statement = Statement { optional: true, ..says(Predicate::Equals(scalar(json!(1)))) };
    assert_eq!(of(&statement, response(200, r#"{"v":2}"#)).unwrap().len(), 1);
}

#[test]
fn a_place_that_is_told_to_be_missing_and_one_of_another_answer_than_expected_are_told_once() {
    let answer = response(200, "{}");
    let saved = Saved::new(Arc::new(exchange(Answer::Complete(answer.clone()))), "http://h");
    let scope = Scope::new(&Bindings::default(), 1, "row").judging(&saved);
    let statement = says(Predicate::Equals(scalar(json!(1))));
    let mut findings = Findings::new(contract(), 0);
    let place = crate::verdict::Place::Body("/v".to_owned());
    findings.break_clause("response.name", CheckId::new("schema"), place, vec!["a string".to_owned()], "nothing");
    judge(&statement, &judged(&answer, &scope), &mut findings).unwrap();
    assert_eq!(findings.into_list().len(), 1);
    let mut findings = Findings::new(contract(), 0);
    judge(&statement, &Judged { is_expected: false, ..judged(&answer, &scope) }, &mut findings).unwrap();
    assert_eq!(findings.into_list(), []);
}

#[test]
fn a_star_means_every_item_and_at_least_one() {
    let every = |text: &str, optional| {
        let mut statement = Statement { at: body("/v/*/n"), optional, ..says(Predicate::Type(JsonType::Integer)) };
        statement.predicates.push(Predicate::NotBefore(body("/v/*/m")));
        of(&statement, response(200, text)).unwrap().iter().map(|found| found.place.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(every(r#"{"v":[{"n":1,"m":0},{"n":2,"m":0}]}"#, false), [""; 0]);
    assert_eq!(every(r#"{"v":[{"n":1,"m":0},{"n":"x","m":0}]}"#, false), ["/body/v/1/n"]);
    assert_eq!(every(r#"{"v":{"a":{"n":1,"m":0},"b":{"m":0}}}"#, true), [""; 0]);
    assert_eq!(every(r#"{"v":[{"n":1,"m":0},{"n":2}]}"#, false), ["/body/v/1/m"]);
    for none in [r#"{"v":[]}"#, r#"{"v":1}"#, "{}"] {
        assert_eq!(every(none, false), ["/body/v/*/n", "/body/v/*/n"], "{none}");
        assert_eq!(every(none, true), [""; 0]);
    }
}

#[test]
fn an_empty_body_is_asked_for_by_its_digest_or_its_length() {
    let said = |predicate: Predicate, optional| {
        let statement = Statement { at: body(""), optional, ..says(predicate) };
        of(&statement, response(200, "")).unwrap().len()
    };
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(said(Predicate::Sha256(Text::literal(digest)), false), 0);
    assert_eq!(said(Predicate::Sha256(Text::literal("00")), false), 1);
    assert_eq!(said(Predicate::Length(Length { min: 0, max: Some(0) }), false), 0);
    assert_eq!(said(Predicate::Length(Length { min: 0, max: Some(9) }), false), 1);
    assert_eq!(said(Predicate::Sha256(Text::literal("00")), true), 0);
    assert_eq!(said(Predicate::Present(false), false), 0);
}

#[test]
fn a_body_that_is_no_json_is_text_or_bytes() {
    let holds = |predicate: Predicate, answer: Response| {
        let statement = Statement { at: body(""), ..says(predicate) };
        of(&statement, answer).unwrap().is_empty()
    };
    let text = || response(200, "id,name\n1,a\n");
    let matches = |pattern: &str| Predicate::Matches(Pattern::new(pattern).unwrap());
    let exactly = |length| Predicate::Length(Length { min: length, max: Some(length) });
    let sha = |digest: &str| Predicate::Sha256(Text::literal(digest));
    assert!(holds(matches("^id,name\n"), text()) && !holds(matches("^name"), text()));
    assert!(holds(Predicate::Equals(scalar(json!("id,name\n1,a\n"))), text()));
    assert!(holds(Predicate::Equals(scalar(json!("12"))), response(200, "12")));
    assert!(holds(Predicate::Equals(scalar(json!(12))), response(200, "12")));
    assert!(!holds(Predicate::Equals(scalar(json!("13"))), response(200, "12")));
    assert!(holds(matches("^.\"v\""), response(200, r#"{"v":1}"#)));
    assert!(holds(exactly(12), text()) && !holds(exactly(11), text()) && holds(exactly(0), response(200, "")));
    let digest = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    assert!(holds(sha(digest), response(200, "abc")) && !holds(sha(digest), response(200, "abd")));
    assert!(holds(Predicate::Present(true), text()) && !holds(Predicate::Present(true), response(200, "")));
    assert!(holds(Predicate::Present(false), response(200, "")) && !holds(Predicate::Present(false), text()));
    let mut bytes = response(200, "");
    bytes.body = bytes::Bytes::from_static(&[0xff, 0, 1]);
    assert!(holds(exactly(3), bytes.clone()) && !holds(matches("."), bytes));
}

#[test]
fn a_length_is_that_of_a_text_in_characters_and_of_a_list_in_items() {
    let length = || Predicate::Length(Length { min: 2, max: Some(3) });
    for good in [json!("éé"), json!([1, 2, 3]), json!({ "a": 1, "b": 2 })] {
        assert_eq!(breach(length(), &good), None, "{good}");
    }
    assert_eq!(breach(length(), &json!("a")), broken(&["a length of 2 to 3"], "1"));
    assert_eq!(breach(length(), &json!(12)), broken(&["a length of 2 to 3"], "12"));
}

#[test]
fn of_a_body_that_cannot_be_read_nothing_more_is_said() {
    let present = says(Predicate::Present(true));
    let answer = response(200, "{");
    let mut findings = Findings::new(contract(), 0);
    findings.broken(
        CheckId::new("body"),
        crate::verdict::Place::BODY,
        vec!["one well-formed JSON text".to_owned()],
        "the json breaks off",
    );
    let saved = Saved::new(Arc::new(exchange(Answer::Complete(answer.clone()))), "http://h");
    let scope = Scope::new(&Bindings::default(), 1, "row").judging(&saved);
    let names_a_field =
        Statement { when: Some(Text::parse("{{ response.body.id == 1 }}").unwrap()), ..present.clone() };
    for statement in [&present, &names_a_field] {
        judge(statement, &judged(&answer, &scope), &mut findings).unwrap();
    }
    assert_eq!(findings.into_list().len(), 1);
    assert_eq!(of(&present, answer).unwrap().len(), 1, "where nothing was said of it yet, it is");
}

#[test]
fn present_holds_of_null_too() {
    assert_eq!(breach(Predicate::Present(true), &json!(null)), None);
    assert_eq!(breach(Predicate::Present(false), &json!(null)), broken(&["nothing"], "null"));
}

#[test]
fn equals_and_not_equals_are_each_others_opposite() {
    let alike = [
        (json!("a"), json!("a")),
        (json!(1), json!(1.0)),
        (json!([1, { "a": 2.0, "b": null }]), json!([1.0, { "b": null, "a": 2 }])),
    ];
    for (one, other) in alike {
        assert_eq!(breach(Predicate::Equals(scalar(one.clone())), &other), None);
        assert!(breach(Predicate::NotEquals(scalar(one)), &other).is_some(), "{other}");
    }
    let unlike = [
        (json!("a"), json!("A")),
        (json!(1), json!("1")),
        (json!(1), json!(2)),
        (json!([1]), json!([1, 2])),
        (json!([1, 2]), json!([2, 1])),
        (json!({ "a": 1 }), json!({ "a": 1, "b": 2 })),
        (json!({ "a": 1 }), json!({ "b": 1 })),
        (json!({ "a": 1 }), json!({ "a": 2 })),
        (json!(null), json!(false)),
    ];
    for (one, other) in unlike {
        assert!(breach(Predicate::Equals(scalar(one.clone())), &other).is_some(), "{one} {other}");
        assert_eq!(breach(Predicate::NotEquals(scalar(one)), &other), None);
    }
    assert_eq!(breach(Predicate::Equals(scalar(json!("a"))), &json!("b")), broken(&["\"a\""], "\"b\""));
    assert_eq!(breach(Predicate::NotEquals(scalar(json!(1))), &json!(1)), broken(&["anything but 1"], "1"));
}

#[test]
fn a_template_in_a_statement_sees_the_exchange() {
    let sent = || template("{{ request.body.name }}");
    assert_eq!(breach(Predicate::Equals(sent()), &json!("Orders")), None);
    assert_eq!(breach(Predicate::Equals(sent()), &json!("orders")), broken(&["\"Orders\""], "\"orders\""));
}

#[test]
fn one_of_holds_of_its_options_alone() {
    let options = || Predicate::OneOf(Tree::Array(["a", "a", "b"].map(|text| scalar(json!(text))).to_vec()));
    assert_eq!(breach(options(), &json!("b")), None);
    assert_eq!(breach(options(), &json!("c")), broken(&["\"a\"", "\"b\""], "\"c\""));
}

#[test]
fn a_pattern_is_searched_in_text_and_in_nothing_else() {
    let pattern = || Predicate::Matches(Pattern::new("1").unwrap());
    assert_eq!(breach(pattern(), &json!("a1b")), None);
    assert_eq!(breach(pattern(), &json!("ab")), broken(&["text that matches 1"], "\"ab\""));
    assert_eq!(breach(pattern(), &json!(1)), broken(&["text that matches 1"], "1"));
}

#[test]
fn a_type_admits_its_values_alone() {
    let integer = || Predicate::Type(JsonType::Integer);
    assert_eq!(breach(integer(), &json!(1.0)), None);
    assert_eq!(breach(integer(), &json!(1.5)), broken(&["a value of type integer"], "1.5"));
}

#[test]
fn a_time_has_to_be_one_and_in_utc_where_that_is_said_but_what_is_no_text_is_the_schemas_business() {
    assert_eq!(breach(Predicate::Time { utc: true }, &json!("2021-12-09 09:00:00")), None);
    assert_eq!(breach(Predicate::Time { utc: true }, &json!(1)), None);
    assert_eq!(breach(Predicate::Time { utc: true }, &json!("now")), broken(&["a date and time"], "\"now\""));
    let elsewhere = "2021-12-09T17:00:00+08:00";
    assert_eq!(breach(Predicate::Time { utc: false }, &json!(elsewhere)), None);
    assert_eq!(breach(Predicate::Time { utc: false }, &json!("now")), broken(&["a date and time"], "\"now\""));
    assert_eq!(
        breach(Predicate::Time { utc: true }, &json!(elsewhere)),
        broken(&["a time in UTC"], &format!("\"{elsewhere}\""))
    );
}

#[test]
fn a_time_near_our_clock_is_near_up_to_the_tolerance_on_both_sides() {
    let near = |text: &str| breach(Predicate::NearNow { seconds: 60 }, &json!(text));
    for good in ["2021-12-09T09:01:00Z", "2021-12-09T08:59:00Z", "2021-12-09T17:00:00+08:00", "no time"] {
        assert_eq!(near(good), None, "{good}");
    }
    for bad in ["2021-12-09T09:01:01Z", "2021-12-09T08:58:59Z"] {
        let right = "within 60 s of the answer, 2021-12-09T09:00:00Z by our clock";
        assert_eq!(near(bad), broken(&[right], &format!("\"{bad}\"")));
    }
    assert_eq!(breach(Predicate::NearNow { seconds: u64::MAX }, &json!("1999-01-01 00:00:00")), None);
}

#[test]
fn a_time_near_the_targets_own_clock_is_near_too() {
    let statement = says(Predicate::NearNow { seconds: 60 });
    let with_date = |date: &str, time: &str| {
        let mut answer = response(200, &json!({ "v": time }).to_string());
        Arc::make_mut(&mut answer.headers).push(("date".to_owned(), date.to_owned()));
        of(&statement, answer).unwrap().len()
    };
    let date = "Thu, 09 Dec 2021 10:00:00 GMT";
    assert_eq!(with_date(date, "2021-12-09T10:00:30Z"), 0);
    assert_eq!(with_date(date, "2021-12-09T09:00:30Z"), 0);
    assert_eq!(with_date(date, "2021-12-09T09:30:00Z"), 1);
    assert_eq!(with_date("yesterday", "2021-12-09T10:00:30Z"), 1);
}

#[test]
fn a_time_is_not_before_another_of_the_answer() {
    let count = |body_text: Value| {
        of(&says(Predicate::NotBefore(body("/w"))), response(200, &body_text.to_string())).unwrap().len()
    };
    assert_eq!(count(json!({ "v": "2021-12-09 09:00:00", "w": "2021-12-09T09:00:00Z" })), 0);
    assert_eq!(count(json!({ "v": "2021-12-09 09:00:01", "w": "2021-12-09 09:00:00" })), 0);
    assert_eq!(count(json!({ "v": "2021-12-09 08:59:59", "w": "2021-12-09 09:00:00" })), 1);
    assert_eq!(count(json!({ "v": "x", "w": "2021-12-09 09:00:00" })), 0);
    assert_eq!(count(json!({ "v": "2021-12-09 09:00:00" })), 1, "the other one is missing");
}

#[test]
fn a_reading_is_recorded_only_where_exactly_one_fits() {
    let readings = || {
        let reading =
            |name: &str, value: &str| ValueReading { name: name.to_owned(), shown: ReadingShown::By(template(value)) };
        let lowered = "{{ request.body.name | lower }}";
        Predicate::Readings(vec![reading("as-sent", "{{ request.body.name }}"), reading("lowercased", lowered)])
    };
    let mut statement = says(readings());
    statement.clause = "ambiguity.response-name-case".to_owned();
    let found = |value: &str| of(&statement, response(200, &json!({ "v": value }).to_string())).unwrap();
    for (value, name) in [("Orders", "as-sent"), ("orders", "lowercased")] {
        let found = found(value);
        assert_eq!((found.len(), found[0].kind, found[0].observed.as_str()), (1, FindingKind::Observation, name));
        assert_eq!(found[0].expected, ["as-sent", "lowercased"]);
    }
    assert_eq!(found("ORDERS"), []);
    let same = ValueReading { name: "same".to_owned(), shown: ReadingShown::By(template("{{ request.body.name }}")) };
    let twice = Predicate::Readings(vec![same.clone(), same]);
    assert_eq!(breach(twice, &json!("Orders")), None);
}

#[test]
fn a_reading_may_be_shown_by_a_pattern() {
    let matching = |name: &str, pattern: &str| ValueReading {
        name: name.to_owned(),
        shown: ReadingShown::Matching(Pattern::new(pattern).unwrap()),
    };
    let readings = || vec![matching("t-between", "^.{10}[Tt]"), matching("space-between", "^.{10} ")];
    let read = |value: &Value| {
        let found =
            of(&says(Predicate::Readings(readings())), response(200, &json!({ "v": value }).to_string())).unwrap();
        found.into_iter().map(|found| found.observed).collect::<Vec<_>>()
    };
    assert_eq!(read(&json!("2021-12-09t09:00:00z")), ["t-between"]);
    assert_eq!(read(&json!("2021-12-09 09:00:00")), ["space-between"]);
    assert!(read(&json!("now")).is_empty() && read(&json!(1)).is_empty());
}

#[test]
fn a_statement_speaks_only_when_its_condition_is_true() {
    let mut statement = says(Predicate::Equals(scalar(json!(1))));
    for (when, findings) in [("{{ response.status == 200 }}", 1), ("{{ response.status == 400 }}", 0)] {
        statement.when = Some(Text::parse(when).unwrap());
        assert_eq!(of(&statement, response(200, r#"{"v":2}"#)).unwrap().len(), findings);
    }
}

#[test]
fn every_predicate_of_a_statement_is_judged() {
    let mut statement = says(Predicate::Type(JsonType::String));
    statement.predicates.push(Predicate::Equals(scalar(json!("a"))));
    assert_eq!(of(&statement, response(200, r#"{"v":2}"#)).unwrap().len(), 2);
    assert_eq!(of(&statement, response(200, r#"{"v":"a"}"#)).unwrap().len(), 0);
}

#[test]
fn a_template_that_fails_is_an_error_and_no_finding() {
    let statement = says(Predicate::Equals(template("{{ response.body.none.deeper }}")));
    assert!(of(&statement, response(200, r#"{"v":2}"#)).is_err());
}

#[test]
fn large_integers_that_differ_by_one_are_not_the_same() {
    let (one, other) = (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64));
    assert!(breach(Predicate::Equals(scalar(one.clone())), &other).is_some());
    assert_eq!(breach(Predicate::NotEquals(scalar(one)), &other), None);
}
