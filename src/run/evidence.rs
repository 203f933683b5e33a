//! How much evidence a run keeps: the exchanges that its results come with, over all cases. Results come in the suite's order,
//! so what is kept is the same at any number of jobs.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::io;

use serde::Serialize;

use crate::verdict::{CaseResult, EvidenceLeftOut, ExchangeRecord, Finding, Place};

/// How many causes are told apart. What comes after them counts as known.
const CAUSES: usize = 2_000;

/// What is kept, and what is left out.
pub(super) struct Evidence {
    /// How many bytes there is room for.
    limit: usize,
    /// How many are taken.
    kept: usize,
    /// The digests of the causes that were met.
    causes: HashSet<u64>,
    /// How many cases lost their exchanges.
    left_out: usize,
}

impl Evidence {
    /// Nothing yet, with room for so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, kept: 0, causes: HashSet::new(), left_out: 0 }
    }

    /// Takes the exchanges of a result that there is no room for. Half of the room is for all, the next quarter for cases
    /// in which something is wrong, and the last one for those of them that are the first of their cause.
    pub(super) fn take(&mut self, result: &mut CaseResult) {
        let is_telling = result.reason.is_some() || result.broken().next().is_some();
        let is_first = is_telling && self.is_first(result);
        if result.exchanges.is_empty() {
            return;
        }
        let room = match (is_telling, is_first) {
            (_, true) => self.limit,
            (true, false) => self.limit / 4 * 3,
            (false, false) => self.limit / 2,
        };
        let size = size(&result.exchanges);
        if self.kept.saturating_add(size) <= room {
            self.kept += size;
        } else {
            result.exchanges = Vec::new();
            self.left_out += 1;
        }
    }

    /// What was left out, if anything was.
    pub(super) fn left_out(&self) -> Option<EvidenceLeftOut> {
        (self.left_out > 0).then_some(EvidenceLeftOut { cases: self.left_out, limit: self.limit })
    }

    /// Whether one of the causes of a result is met for the first time.
    fn is_first(&mut self, result: &CaseResult) -> bool {
        let mut is_first = false;
        let reason = result.reason.iter().map(|reason| digest(&(result.outcome, reason)));
        for cause in result.broken().map(cause).chain(reason) {
            is_first |= self.causes.len() < CAUSES && self.causes.insert(cause);
        }
        is_first
    }
}

/// What findings of one cause agree in: the clause and the place, and for a status also what was expected and what came.
fn cause(finding: &Finding) -> u64 {
    let values = (finding.place == Place::Status).then_some((&finding.expected, &finding.observed));
    digest(&(&finding.clause, finding.place.to_string(), values))
}

fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// How many bytes exchanges take in a report. How long an exchange took is written in more digits or fewer, and doesn't count.
fn size(exchanges: &[ExchangeRecord]) -> usize {
    let mut size = Size(0);
    for ExchangeRecord { step, request, response, trouble, .. } in exchanges {
        size.add(&(step, request, response, trouble));
    }
    size.0
}

/// Counts what is written.
struct Size(usize);

impl Size {
    fn add(&mut self, what: &impl Serialize) {
        // Counting never fails.
        drop(serde_json::to_writer(self, what));
    }
}

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Markup takes up to six characters where it is escaped.
        let markup = bytes.iter().filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'\'')).count();
        self.0 += bytes.len() + markup * 5;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ClauseId;
    use crate::verdict::{BodyRecord, CheckId, FindingKind, Outcome, RequestRecord, ResponseRecord};

    fn case(outcome: Outcome, clauses: &[&str], body: usize) -> CaseResult {
        let finding = |clause: &&str| Finding {
            clause: ClauseId::new(clause).unwrap(),
            kind: FindingKind::Violation,
            check: CheckId::EXPECT,
            place: Place::BODY,
            expected: vec!["one".to_owned()],
            observed: body.to_string(),
            exchange: 0,
        };
        let request = RequestRecord {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: None,
            curl: String::new(),
        };
        let response = ResponseRecord {
            status: 200,
            version: String::new(),
            headers: Vec::new(),
            body: BodyRecord::Text("x".repeat(body)),
        };
        let exchange = ExchangeRecord {
            step: String::new(),
            request,
            response: Some(response),
            trouble: None,
            elapsed_ms: 0.0,
            resent: false,
        };
        let findings = clauses.iter().map(finding).collect();
        CaseResult { outcome, findings, exchanges: vec![exchange], ..CaseResult::default() }
    }

    /// Which of these cases keep their exchanges, of some thousand bytes each.
    fn kept(evidence: &mut Evidence, count: usize, outcome: Outcome, clauses: &[&str]) -> usize {
        let cases = (0..count).map(|number| case(outcome, clauses, 1_000 + number));
        cases.filter(|case| !taken(evidence, case.clone()).exchanges.is_empty()).count()
    }

    fn taken(evidence: &mut Evidence, mut case: CaseResult) -> CaseResult {
        evidence.take(&mut case);
        case
    }

    #[test]
    fn evidence_of_what_holds_goes_first_then_that_of_a_cause_that_has_evidence() {
        let mut evidence = Evidence::new(40_000);
        let holds = kept(&mut evidence, 100, Outcome::Conforms, &[]);
        assert!((15..20).contains(&holds), "{holds}");
        let known = kept(&mut evidence, 100, Outcome::Violates, &["one.clause"]);
        assert!((7..11).contains(&known), "{known}");
        assert_eq!(kept(&mut evidence, 1, Outcome::Violates, &["one.clause"]), 0);
        assert_eq!(kept(&mut evidence, 1, Outcome::Violates, &["one.clause", "another.clause"]), 1);
        let left_out = evidence.left_out().unwrap();
        assert_eq!((left_out.cases, left_out.limit), (100 - holds + 100 - known + 1, 40_000));
    }

    #[test]
    fn no_evidence_goes_beyond_the_limit_and_findings_stay() {
        let mut evidence = Evidence::new(10_000);
        let clauses: Vec<String> = (0..100).map(|number| format!("clause.number-{number}")).collect();
        let kept = clauses.iter().filter(|clause| kept(&mut evidence, 1, Outcome::Violates, &[clause]) == 1).count();
        assert!((6..10).contains(&kept), "{kept}");
        let last = taken(&mut evidence, case(Outcome::Violates, &["the.last"], 1_000));
        assert_eq!((last.findings.len(), last.exchanges.len()), (1, 0));
    }

    #[test]
    fn where_all_has_room_nothing_is_said_to_be_left_out() {
        let mut evidence = Evidence::new(1_000_000);
        assert_eq!(kept(&mut evidence, 100, Outcome::Conforms, &[]), 100);
        assert_eq!(evidence.left_out(), None);
    }
}
