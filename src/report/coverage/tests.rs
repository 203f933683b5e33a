use super::*;
use crate::report::sample::{cases, events, header, hostile, rendered};

#[test]
fn every_clause_has_a_row_and_the_funnel_narrows() {
    insta::assert_snapshot!(rendered("coverage", &hostile()));
}

#[test]
fn a_violated_clause_is_exercised_and_not_proven() {
    let mut ledger = Summary::default();
    let mut last = None;
    for event in events(header(), cases()) {
        match event {
            Event::Started(header) => ledger.start(&header),
            Event::Case(result) => ledger.record(&result),
            Event::Finished(footer) => last = Some(footer),
        }
    }
    let footer = last.unwrap();
    let coverage = Coverage::new(&ledger, &footer);
    assert_eq!(coverage.funnel(), Funnel { stated: 6, testable: 6, exercised: 4, mutated: Some(3), proven: 0 });
    assert_eq!(coverage.readings(), (1, 1));
}
