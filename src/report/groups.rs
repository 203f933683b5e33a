//! Findings with one cause, put together: a hundred cases that fail alike read as one block with a count.
//!
//! Two steps. While results come in, findings that agree in clause, place and expectation join one [`Group`]. At the
//! end, groups that differ in nothing but their clause join one [`Cause`] where there are many of them: a target that
//! accepts everything breaks every clause about refusing, and that is one thing to say.

use std::collections::{BTreeMap, HashMap};

use crate::contract::ClauseId;
use crate::verdict::{BodyRecord, CaseResult, ExchangeRecord, Finding, FindingKind, Ranking};

/// From how many clauses on that fail alike they are shown as one cause.
const ALIKE: usize = 6;
/// How many case ids a group keeps besides its first case.
const KEPT: usize = 200;
/// How many groups are kept; what comes after is only counted.
const GROUPS: usize = 2_000;
/// How many exchanges a group keeps: the finding's and those right before it.
const EXCHANGES: usize = 3;
/// How many bytes of exchanges all groups keep together; groups after that keep none.
const ROOM: usize = 24 * 1024 * 1024;

/// Findings on one clause that agree in place and expectation.
#[derive(Debug, Clone)]
pub struct Group {
    /// The clause.
    pub clause: ClauseId,
    /// The first finding; its `exchange` is an index into `first.exchanges`, past their end where none was kept.
    pub finding: Finding,
    /// The case that it was found in, without its other findings, and with the finding's exchange and at most the two
    /// before it.
    pub first: CaseResult,
    /// How many cases have such a finding.
    pub count: usize,
    /// The ids of the first cases after `first`.
    pub others: Vec<String>,
}

/// Groups that fail alike.
#[derive(Debug)]
pub struct Cause<'a> {
    /// The first of them, shown as the example.
    pub group: &'a Group,
    /// All of them, the example included, the most telling first.
    pub alike: Vec<&'a Group>,
}

impl Cause<'_> {
    /// How many findings there are in all.
    pub fn count(&self) -> usize {
        self.alike.iter().map(|group| group.count).sum()
    }
}

/// Collects the findings of one kind.
#[derive(Debug)]
pub struct Groups {
    kind: FindingKind,
    ranking: Ranking,
    groups: Vec<Group>,
    index: HashMap<(ClauseId, String, Vec<String>), usize>,
    uncounted: usize,
    room: usize,
}

impl Groups {
    /// Collects findings of this kind.
    pub fn new(kind: FindingKind) -> Self {
        Self { kind, ranking: Ranking::new(kind), groups: Vec::new(), index: HashMap::new(), uncounted: 0, room: ROOM }
    }

    /// Takes a case's findings in, but for those that are waived; each clause, place and expectation counts once a case.
    pub fn record(&mut self, result: &CaseResult) {
        self.ranking.record(result);
        let mut counted = Vec::new();
        let kind = self.kind;
        for finding in result.findings.iter().filter(|finding| finding.kind == kind && !result.waives(finding)) {
            let key = (finding.clause.clone(), finding.place.clone(), alike(finding));
            if counted.contains(&key) {
                continue;
            }
            counted.push(key.clone());
            let known = self.index.get(&key).copied();
            let full = self.groups.len() >= GROUPS;
            match known.and_then(|index| self.groups.get_mut(index)) {
                Some(group) => {
                    group.count += 1;
                    if group.others.len() < KEPT {
                        group.others.push(result.id.clone());
                    }
                }
                None if !full => {
                    self.index.insert(key, self.groups.len());
                    let group = self.group(result, finding);
                    self.groups.push(group);
                }
                None => self.uncounted += 1,
            }
        }
    }

    /// A group that begins with this finding; exchanges are kept while there is room.
    fn group(&mut self, result: &CaseResult, finding: &Finding) -> Group {
        let start = finding.exchange.saturating_sub(EXCHANGES - 1);
        let mut exchanges = Vec::new();
        for exchange in
            result.exchanges.get(start..=finding.exchange.min(usize::MAX - 1)).unwrap_or_default().iter().rev()
        {
            let size = size(exchange);
            if size > self.room {
                break;
            }
            self.room -= size;
            exchanges.insert(0, exchange.clone());
        }
        let finding = Finding { exchange: exchanges.len().saturating_sub(1), ..finding.clone() };
        let first = CaseResult {
            id: result.id.clone(),
            at: result.at,
            title: result.title.clone(),
            file: result.file.clone(),
            line: result.line,
            covers: result.covers.clone(),
            outcome: result.outcome,
            reason: result.reason.clone(),
            findings: vec![finding.clone()],
            waived: BTreeMap::new(),
            snapshots: Vec::new(),
            retried: result.retried.clone(),
            exchanges,
            requests: result.requests,
            elapsed_ms: result.elapsed_ms,
        };
        Group { clause: finding.clause.clone(), finding, first, count: 1, others: Vec::new() }
    }

    /// How many findings came after the limit on groups was reached.
    pub fn uncounted(&self) -> usize {
        self.uncounted
    }

    /// The causes, the most telling first.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        let alike = |group: &Group| {
            (group.finding.place.clone(), group.finding.expected.clone(), group.finding.observed.clone())
        };
        let mut groups: Vec<&Group> = self.groups.iter().collect();
        groups.sort_by_key(|group| self.ranking.rank(&group.clause));
        let mut families: HashMap<_, Vec<&Group>> = HashMap::new();
        for group in &groups {
            families.entry(alike(group)).or_default().push(group);
        }
        let mut causes = Vec::new();
        for group in groups {
            let family = families.get(&alike(group)).map(Vec::as_slice).unwrap_or_default();
            if family.len() < ALIKE {
                causes.push(Cause { group, alike: vec![group] });
            } else if family.first().is_some_and(|first| std::ptr::eq(*first, group)) {
                causes.push(Cause { group, alike: family.to_vec() });
            }
        }
        causes
    }
}

/// About how many bytes an exchange takes.
fn size(exchange: &ExchangeRecord) -> usize {
    let headers =
        |headers: &[(String, String)]| headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum::<usize>();
    let body = |body: &BodyRecord| match body {
        BodyRecord::Text(text) | BodyRecord::Base64(text) | BodyRecord::Cut { text, .. } => text.len(),
    };
    let request = &exchange.request;
    let sent =
        request.url.len() + request.curl.len() + headers(&request.headers) + request.body.as_ref().map_or(0, body);
    let answered = exchange.response.as_ref().map_or(0, |response| headers(&response.headers) + body(&response.body));
    sent + answered + exchange.trouble.as_ref().map_or(0, String::len) + 512
}

/// What else findings on one clause and place have to agree in to be one group: for a status, what was expected and
/// what came. Elsewhere both may differ from case to case (a name that isn't echoed, say) without being another cause.
fn alike(finding: &Finding) -> Vec<String> {
    if finding.place == "/status" {
        finding.expected.iter().chain([&finding.observed]).cloned().collect()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{case, exchange, finding};
    use crate::verdict::Outcome;

    fn violating(exchanges: usize, at: usize) -> CaseResult {
        let mut result = case("name/case", Outcome::Violates, &[]);
        result.exchanges = (0..exchanges).map(|index| exchange(200, &index.to_string())).collect();
        let found = finding("name.mandatory", FindingKind::Violation, "/status", &["400"], "200");
        result.findings = vec![Finding { exchange: at, ..found }];
        result
    }

    fn kept(result: &CaseResult) -> (Vec<BodyRecord>, usize) {
        let mut groups = Groups::new(FindingKind::Violation);
        groups.record(result);
        let first = &groups.causes()[0].group.first;
        let bodies = first.exchanges.iter().map(|exchange| exchange.response.as_ref().unwrap().body.clone()).collect();
        (bodies, groups.causes()[0].group.finding.exchange)
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
        let mut groups = Groups::new(FindingKind::Violation);
        for index in 0..100 {
            let mut result = violating(1, 0);
            result.findings[0].place = format!("/body/{index}");
            result.exchanges[0] = exchange(200, &"x".repeat(1024 * 1024));
            groups.record(&result);
        }
        let kept: usize = groups.causes().iter().map(|cause| cause.group.first.exchanges.len()).sum();
        assert!((20..=24).contains(&kept), "{kept}");
    }
}
