//! Readings that exclude each other: judged over all cases of a run together, so also over all shards of one.

use super::case::{CaseResult, SyntheticCase};
use super::finding::{CheckId, Finding, FindingKind, Place};
use super::outcome::Outcome;
use super::stream::{Exclusive, Header};
use super::tally::Tally;
use crate::contract::Polarity;

/// For every ambiguous clause whose readings exclude each other, and of which more than one was seen: a result that
/// says so.
pub fn conflicts(header: &Header, tally: &Tally) -> Vec<CaseResult> {
    let conflict = |Exclusive { ambiguous, broken }: &Exclusive| {
        let readings = tally.readings(ambiguous);
        if readings.len() < 2 {
            return None;
        }
        let observed: Vec<String> = readings.iter().map(|(reading, count)| format!("{reading} ({count})")).collect();
        let finding = Finding {
            clause: broken.clone(),
            kind: FindingKind::Violation,
            check: CheckId::CONSISTENCY,
            place: Place::BODY,
            expected: vec!["one reading throughout".to_owned()],
            observed: observed.join(" and "),
            exchange: 0,
        };
        let title = format!("the target keeps to one reading of {ambiguous}");
        let id = SyntheticCase::Consistency(ambiguous.clone()).id(&header.suite);
        Some(CaseResult {
            covers: [(broken.clone(), Polarity::Hold)].into(),
            outcome: Outcome::Violates,
            findings: vec![finding],
            ..CaseResult::unearned(id, title, &header.file, 1)
        })
    };
    header.exclusive.iter().filter_map(conflict).collect()
}

/// The ids of the results that [`conflicts`] would have given, had the target not kept to one reading. Only a run of the
/// whole suite in which every case came to a conclusion can tell.
pub fn consistent(header: &Header, tally: &Tally) -> Vec<String> {
    let open = tally.count(Outcome::Error) + tally.count(Outcome::Inconclusive);
    if open > 0 || header.shard.is_some() || !header.filters.is_empty() {
        return Vec::new();
    }
    let consistent = header.exclusive.iter().filter(|exclusive| tally.readings(&exclusive.ambiguous).len() == 1);
    consistent.map(|exclusive| SyntheticCase::Consistency(exclusive.ambiguous.clone()).id(&header.suite)).collect()
}
