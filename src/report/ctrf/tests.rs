use jsonschema::Draft;
use proptest::prelude::*;
use serde_json::Value;

use crate::report::sample::{HOSTILE, all_of, cases, events, flaky, header, hostile, rendered};
use crate::verdict::{CaseResult, Outcome};

/// The document, which holds to the published schema, a copy of which is kept with the tests.
fn valid(text: &str) -> Value {
    let schema: Value = serde_json::from_str(include_str!("../../../tests/reports/ctrf-schema-0.0.json")).unwrap();
    let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    document
}

#[test]
fn a_hostile_run_holds_to_the_published_schema() {
    let text = rendered("ctrf", &hostile());
    let document = valid(&text);
    let summary = &document["results"]["summary"];
    assert_eq!((&summary["tests"], &summary["failed"]), (&9.into(), &4.into()));
    assert_eq!((&summary["passed"], &summary["skipped"], &summary["other"]), (&3.into(), &1.into(), &1.into()));
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn a_run_that_found_nothing_out_has_a_failed_test() {
    let skipped: Vec<CaseResult> = cases().into_iter().filter(|case| case.outcome == Outcome::Skipped).collect();
    let document = valid(&rendered("ctrf", &events(header(), skipped)));
    assert_eq!(document["results"]["summary"]["failed"], 1);
}

#[test]
fn a_flaky_test_passes_with_its_retries_and_fails_the_run_unless_it_may_be_flaky() {
    for (allowed, failed) in [(false, 1), (true, 0)] {
        let results = &valid(&rendered("ctrf", &flaky(HOSTILE, allowed)))["results"];
        assert_eq!((&results["summary"]["flaky"], &results["summary"]["failed"]), (&1.into(), &failed.into()));
        let test = &results["tests"][0];
        assert_eq!((&test["status"], &test["flaky"], &test["retries"]), (&"passed".into(), &true.into(), &2.into()));
        let attempt =
            serde_json::json!({ "attempt": 2, "status": "failed", "message": "answered 429, and sent again" });
        assert_eq!(test["retryAttempts"][1], attempt);
        assert!(results["tests"][1]["flaky"].is_null() && results["tests"][1]["retries"].is_null());
    }
}

#[test]
fn an_empty_run_is_a_document_too() {
    valid(&rendered("ctrf", &events(header(), Vec::new())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whatever_is_said_the_document_holds_to_the_schema(text in any::<String>()) {
        valid(&rendered("ctrf", &all_of(&text)));
    }
}
