use jsonschema::Draft;
use proptest::prelude::*;
use serde_json::Value;

use crate::report::sample::{all_of, cases, events, header, hostile, rendered};
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
