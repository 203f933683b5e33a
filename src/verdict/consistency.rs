//! Readings that exclude each other: judged over all cases of a run together, so also over all shards of one.

use super::{CaseResult, Exclusive, Finding, FindingKind, Header, Outcome, Tally};
use crate::contract::Polarity;

/// For every ambiguous clause whose readings exclude each other, and of which more than one was seen: a result that
/// says so.
pub fn consistency(header: &Header, tally: &Tally) -> Vec<CaseResult> {
    let of = |exclusive: &Exclusive| {
        let readings = tally.readings(&exclusive.ambiguous);
        if readings.len() < 2 {
            return None;
        }
        let observed: Vec<String> = readings.iter().map(|(reading, count)| format!("{reading} ({count})")).collect();
        let finding = Finding {
            clause: exclusive.broken.clone(),
            kind: FindingKind::Violation,
            check: "consistency".to_owned(),
            place: "/body".to_owned(),
            expected: vec!["one reading throughout".to_owned()],
            observed: observed.join(" and "),
            exchange: 0,
        };
        let ambiguous = &exclusive.ambiguous;
        let title = format!("the target keeps to one reading of {ambiguous}");
        Some(CaseResult {
            covers: [(exclusive.broken.clone(), Polarity::Hold)].into(),
            outcome: Outcome::Violates,
            findings: vec![finding],
            ..CaseResult::unearned(id(header, exclusive), title, "suite.yaml", 1)
        })
    };
    header.exclusive.iter().filter_map(of).collect()
}

/// The ids of the results that [`consistency`] would have given, had the target not kept to one reading. Only a run of the
/// whole suite in which every case came to a conclusion can tell.
pub fn consistent(header: &Header, tally: &Tally) -> Vec<String> {
    let open = tally.count(Outcome::Error) + tally.count(Outcome::Inconclusive);
    if open > 0 || header.shard.is_some() || !header.filters.is_empty() {
        return Vec::new();
    }
    let kept = |exclusive: &&Exclusive| tally.readings(&exclusive.ambiguous).len() == 1;
    header.exclusive.iter().filter(kept).map(|exclusive| id(header, exclusive)).collect()
}

fn id(header: &Header, exclusive: &Exclusive) -> String {
    format!("{}{}]", prefix(&header.suite), exclusive.ambiguous)
}

/// Whether a result is one of [`consistency`]'s.
pub fn is_consistency(suite: &str, result: &CaseResult) -> bool {
    result.at.is_none() && result.id.starts_with(&prefix(suite))
}

fn prefix(suite: &str) -> String {
    format!("{suite}/consistency[")
}
