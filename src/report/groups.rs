//! Findings with one cause, put together: a hundred cases that fail in the same way read as one block with a count.
//!
//! Two steps. While results come in, findings that agree in clause, place and expectation join one [`FindingGroup`]. At the
//! end, groups that differ in nothing but their clause join one [`Cause`] where there are many of them: a target that
//! accepts everything breaks every clause about refusing, and that is one thing to say.

use std::collections::HashMap;

use serde::Serialize;

use super::cases::CaseRef;
use crate::contract::ClauseId;
use crate::verdict::{CaseResult, ExchangeRecord, Finding, FindingKind, Place, Ranking};

/// From how many clauses on that fail in the same way they are shown as one cause.
const ALIKE: usize = 6;
/// How many case ids a group keeps besides its first case.
const OTHERS: usize = 200;
/// How many groups are kept; what comes after is only counted.
const GROUPS: usize = 2_000;
/// How many exchanges a group keeps: the finding's and those right before it.
const EXCHANGES: usize = 3;
/// How many bytes of exchanges all groups of one kind keep together; groups after that keep none.
const ROOM: usize = 4 * 1024 * 1024;

/// Findings on one clause that agree in place and expectation.
#[derive(Debug, Serialize)]
pub(super) struct FindingGroup {
    /// The first finding; its `exchange` is an index into `exchanges`, past their end where none was kept.
    pub(super) finding: Finding,
    /// The case that it was found in.
    pub(super) case: CaseRef,
    /// The finding's exchange and at most the two before it.
    pub(super) exchanges: Vec<ExchangeRecord>,
    /// How many cases have such a finding.
    pub(super) count: usize,
    /// The ids of the first cases after `case`.
    pub(super) others: Vec<String>,
}

/// Groups that fail in the same way.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    /// The first of them, shown as the example.
    pub(super) example: &'a FindingGroup,
    /// All of them, the example included, the most telling first.
    pub(super) groups: Vec<&'a FindingGroup>,
    /// How many findings there are in all.
    pub(super) count: usize,
}

impl<'a> Cause<'a> {
    fn new(example: &'a FindingGroup, groups: Vec<&'a FindingGroup>) -> Self {
        let count = groups.iter().map(|group| group.count).sum();
        Self { example, groups, count }
    }

    /// What it is about: `name.max-length`, or `7 clauses alike`.
    pub(super) fn subject(&self) -> String {
        match self.groups.as_slice() {
            [_] => self.example.finding.clause.to_string(),
            alike => format!("{} clauses alike", alike.len()),
        }
    }
}

/// Collects the findings of one kind.
#[derive(Debug, Default)]
pub(super) struct FindingGroups {
    ranking: Ranking,
    groups: Vec<FindingGroup>,
    index: HashMap<GroupKey, usize>,
    /// How many findings came after the limit on groups was reached.
    pub(super) uncounted: usize,
    /// How many cases have findings that are taken in.
    pub(super) cases: usize,
    /// How many of them are rows of the suite, which can be run again, and no controls.
    pub(super) rows: usize,
    /// How many bytes of exchanges are kept.
    kept: usize,
}

/// What findings of one group agree in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct GroupKey {
    clause: ClauseId,
    place: Place,
    /// For a status, what was expected and what came. Elsewhere both may differ from case to case (a name that isn't
    /// echoed, say) without being another cause.
    values: Vec<String>,
}

impl From<&Finding> for GroupKey {
    fn from(finding: &Finding) -> Self {
        let values = finding.expected.iter().chain([&finding.observed]).filter(|_| finding.place == Place::Status);
        Self { clause: finding.clause.clone(), place: finding.place.clone(), values: values.cloned().collect() }
    }
}

impl FindingGroups {
    /// Takes in a case's findings of this kind, but for those that are waived; each group counts a case once.
    pub(super) fn record(&mut self, kind: FindingKind, result: &CaseResult) {
        self.ranking.record(kind, result);
        let mut counted = Vec::new();
        for finding in result.findings.iter().filter(|finding| finding.kind == kind && !result.waives(finding)) {
            let key = GroupKey::from(finding);
            if counted.contains(&key) {
                continue;
            }
            counted.push(key.clone());
            let full = self.groups.len() >= GROUPS;
            match self.index.get(&key).and_then(|index| self.groups.get_mut(*index)) {
                Some(group) => {
                    group.count += 1;
                    if group.others.len() < OTHERS {
                        group.others.push(result.id.clone());
                    }
                }
                None if full => self.uncounted += 1,
                None => {
                    self.index.insert(key, self.groups.len());
                    let group = self.group(result, finding);
                    self.groups.push(group);
                }
            }
        }
        self.cases += usize::from(!counted.is_empty());
        self.rows += usize::from(!counted.is_empty() && result.at.is_some());
    }

    /// A group that begins with this finding; exchanges are kept while there is room.
    fn group(&mut self, result: &CaseResult, finding: &Finding) -> FindingGroup {
        let start = finding.exchange.saturating_sub(EXCHANGES - 1);
        let last = finding.exchange.min(usize::MAX - 1);
        let mut exchanges = Vec::new();
        for exchange in result.exchanges.get(start..=last).unwrap_or_default().iter().rev() {
            let size = exchange.size();
            if self.kept + size > ROOM {
                break;
            }
            self.kept += size;
            exchanges.insert(0, exchange.clone());
        }
        let finding = Finding { exchange: exchanges.len().saturating_sub(1), ..finding.clone() };
        FindingGroup { finding, case: result.into(), exchanges, count: 1, others: Vec::new() }
    }

    /// The causes, the most telling first.
    pub(super) fn causes(&self) -> Vec<Cause<'_>> {
        let alike = |group: &FindingGroup| {
            (group.finding.place.clone(), group.finding.expected.clone(), group.finding.observed.clone())
        };
        let mut groups: Vec<&FindingGroup> = self.groups.iter().collect();
        groups.sort_by_cached_key(|group| self.ranking.rank(&group.finding.clause));
        let mut families: HashMap<_, Vec<&FindingGroup>> = HashMap::new();
        for group in &groups {
            families.entry(alike(group)).or_default().push(group);
        }
        let mut causes = Vec::new();
        for group in groups {
            let family = families.get(&alike(group)).map(Vec::as_slice).unwrap_or_default();
            if family.len() < ALIKE {
                causes.push(Cause::new(group, vec![group]));
            } else if family.first().is_some_and(|first| std::ptr::eq(*first, group)) {
                causes.push(Cause::new(group, family.to_vec()));
            }
        }
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{case, exchange, finding};
    use crate::verdict::{BodyRecord, Outcome};

    fn violating(exchanges: usize, at: usize) -> CaseResult {
        let mut result = case("name/case", Outcome::Violates, &[]);
        result.exchanges = (0..exchanges).map(|index| exchange(200, &index.to_string())).collect();
        let found = finding("name.mandatory", FindingKind::Violation, "/status", &["400"], "200");
        result.findings = vec![Finding { exchange: at, ..found }];
        result
    }

    fn kept(result: &CaseResult) -> (Vec<BodyRecord>, usize) {
        let mut groups = FindingGroups::default();
        groups.record(FindingKind::Violation, result);
        let first = groups.causes()[0].example;
        let bodies = first.exchanges.iter().map(|exchange| exchange.response.as_ref().unwrap().body.clone()).collect();
        (bodies, first.finding.exchange)
    }

    #[test]
    fn a_group_keeps_the_exchange_of_its_finding_and_two_before_it() {
        let bodies = |texts: &[&str]| texts.iter().map(|&text| BodyRecord::Text(text.to_owned())).collect::<Vec<_>>();
        assert_eq!(kept(&violating(10, 5)), (bodies(&["3", "4", "5"]), 2));
        assert_eq!(kept(&violating(1, 0)), (bodies(&["0"]), 0));
        assert_eq!(kept(&violating(2, 7)), (bodies(&[]), 0));
        assert_eq!(kept(&violating(2, usize::MAX)), (bodies(&[]), 0));
    }

    #[test]
    fn groups_keep_no_more_exchanges_than_there_is_room_for() {
        let mut groups = FindingGroups::default();
        for index in 0..100 {
            let mut result = violating(1, 0);
            result.findings[0].place = Place::Body(format!("/{index}"));
            result.exchanges[0] = exchange(200, &"x".repeat(1024 * 1024));
            groups.record(FindingKind::Violation, &result);
        }
        let kept: usize = groups.causes().iter().map(|cause| cause.example.exchanges.len()).sum();
        assert!((3..=4).contains(&kept), "{kept}");
    }
}
