//! Which of several broken clauses tells most of what is wrong: one order, for all that show them.
//!
//! A finding that another one on the same answer explains says nothing of its own: what an answer looks like that should
//! never have come, or which status was expected instead of a 5xx. Of the clauses that are left, the one in most cases
//! comes first; of as many, one about what was changed in a request before one about every answer. Then the one that was
//! found first comes first, and of those about every answer the last: checks go from the general to the particular.
//!
//! That the same request got another answer may have a reason of its own: where one is confirmed, it comes first. A 5xx
//! that mostly doesn't come again is only a sign of unequal answers.
//!
//! Refusals with another documented 4xx than the expected one are about a clause where most of them are; where they are
//! about many clauses alike, statuses don't fit requests.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::case::CaseResult;
use super::finding::{CheckId, Finding, FindingKind, Place};
use crate::contract::{ClauseId, Polarity};

/// Ranks the clauses that findings of one kind are about.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    clauses: HashMap<ClauseId, Standing>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    /// Cases in which a finding on the clause isn't explained by another one.
    cases: usize,
    /// Those of the cases in which it was refused, but with another 4xx than the expected one.
    other_refusals: usize,
    /// Whether a general check says that a status doesn't fit its request.
    fits_request: bool,
    /// Cases with a 5xx that didn't come again.
    passing: usize,
    /// Cases with a 5xx where another status was expected, and that wasn't asked again or came again.
    lasting: usize,
    /// Whether one of the cases is about a request that has to be accepted, or refused, by the clause.
    specific: bool,
    /// Whether all that is known is that answers were unequal.
    unsteady: bool,
    /// Whether one of the findings came again and again, but not in isolation.
    isolated: bool,
    /// The number of the clause in the order of finding.
    found: usize,
}

/// The place of a clause: the least is the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    unsteady: bool,
    cases: Reverse<usize>,
    general: bool,
    found: usize,
}

impl Ranking {
    /// Takes a case's findings of one kind in, but for those that are waived.
    pub fn record(&mut self, kind: FindingKind, result: &CaseResult) {
        let mut counted: Vec<&ClauseId> = Vec::new();
        for finding in result.findings.iter().filter(|finding| finding.kind == kind && !result.waives(finding)) {
            let (clause, found) = (&finding.clause, self.clauses.len());
            let specific = matches!(result.covers.get(clause), Some(Polarity::Accept | Polarity::Refuse));
            let standing = Standing { found, unsteady: true, ..Standing::default() };
            let standing = self.clauses.entry(clause.clone()).or_insert(standing);
            standing.specific |= specific;
            standing.unsteady &= finding.check == CheckId::STEADY;
            standing.isolated |= finding.check == CheckId::ISOLATED;
            standing.fits_request |= finding.check == CheckId::FITS_REQUEST;
            if counted.contains(&clause) {
                continue;
            }
            if finding.check == CheckId::SERVER_ERROR {
                let mut beside = result.findings.iter().filter(|other| other.exchange == finding.exchange);
                let judged = beside.find(|other| [CheckId::STEADY, CheckId::EXPECT].contains(&other.check));
                let passes = judged.map(|other| other.check == CheckId::STEADY);
                standing.passing += usize::from(passes == Some(true));
                standing.lasting += usize::from(passes == Some(false));
            }
            if !is_explained(finding, result) {
                standing.cases += 1;
                standing.other_refusals += usize::from(is_other_refusal(finding));
                counted.push(clause);
            }
        }
    }

    /// The place of a clause.
    pub fn rank(&self, clause: &ClauseId) -> Rank {
        let standing = self.clauses.get(clause).copied().unwrap_or_default();
        let Standing { specific, unsteady, found, .. } = standing;
        let cases = self.cases(&standing);
        let found = if specific { found } else { usize::MAX - found };
        let has_reason = || self.clauses.values().any(|other| other.isolated);
        Rank { unsteady: unsteady && has_reason(), cases: Reverse(cases), general: !specific, found }
    }

    /// The cases that count for a clause.
    fn cases(&self, standing: &Standing) -> usize {
        if standing.passing > standing.lasting {
            return standing.lasting;
        }
        let refusals = || self.clauses.values().map(|other| other.other_refusals);
        let (all, most) = (refusals().sum::<usize>(), refusals().max().unwrap_or(0));
        let about_one_clause = most * 2 > all;
        match standing {
            Standing { fits_request: true, .. } if all == 0 => standing.cases,
            Standing { fits_request: true, .. } if about_one_clause => 0,
            Standing { fits_request: true, .. } => standing.cases + all,
            _ if about_one_clause || !self.clauses.values().any(|other| other.fits_request) => standing.cases,
            _ => standing.cases - standing.other_refusals,
        }
    }

    /// The most telling clause.
    pub fn first(&self) -> Option<&ClauseId> {
        self.clauses.keys().min_by_key(|clause| self.rank(clause))
    }
}

/// Whether another one of a case's findings, on the same answer, explains this one.
pub fn is_explained(finding: &Finding, result: &CaseResult) -> bool {
    let mut beside =
        result.findings.iter().filter(|other| other.exchange == finding.exchange && other.kind == finding.kind);
    let explained = beside.any(|other| explains(other, finding) || is_what_the_case_is_about(other, finding, result));
    explained || is_told_before(finding, result)
}

/// Whether an earlier statement says the very same of the same place; but for a clause that the case names, only one on
/// another clause that it names.
fn is_told_before(finding: &Finding, result: &CaseResult) -> bool {
    let named = |finding: &Finding| result.covers.contains_key(&finding.clause);
    fn told(finding: &Finding) -> (&CheckId, usize, &Place, &[String], &str) {
        (&finding.check, finding.exchange, &finding.place, &finding.expected, &finding.observed)
    }
    finding.check == CheckId::STATEMENT
        && result
            .findings
            .iter()
            .find(|other| told(other) == told(finding))
            .is_some_and(|first| first.clause != finding.clause && (named(first) || !named(finding)))
}

/// Whether a finding on a clause that the case names is about the same part of the answer as one on a clause that it
/// doesn't name.
fn is_what_the_case_is_about(cause: &Finding, finding: &Finding, result: &CaseResult) -> bool {
    let named = |finding: &Finding| result.covers.contains_key(&finding.clause);
    cause.place == finding.place && cause.place != Place::Status && named(cause) && !named(finding)
}

/// Whether a request was refused as it had to be, but with another 4xx than the expected one.
fn is_other_refusal(finding: &Finding) -> bool {
    finding.check == CheckId::EXPECT && finding.place == Place::Status && classes(finding) == (Some('4'), Some('4'))
}

fn explains(cause: &Finding, finding: &Finding) -> bool {
    let check = |name: &str| cause.check.as_str() == name;
    match finding.check.as_str() {
        // A 5xx is never right, and says more than which status would have been; so does a refusal with a status that is
        // none of the documented ones.
        "expect" | "fits-request" if finding.place == Place::Status && check("server-error") => true,
        "expect" | "fits-request" if finding.place == Place::Status && check("documented-status") => {
            classes(finding) == (Some('4'), Some('4'))
        }
        "documented-status" if check("server-error") => true,
        "documented-status" if check("expect") && cause.place == Place::Status => {
            classes(cause) != (Some('4'), Some('4'))
        }
        "server-error" | "documented-status" => cause.check == CheckId::STEADY,
        // What is of the wrong type can't be equal to anything.
        "statement" if check("schema") && cause.place == finding.place => true,
        "secret-echo" => false,
        // An answer that should have been another one is wrong in whatever else it says, too.
        _ => is_wrong_turn(cause) && !is_wrong_turn(finding),
    }
}

/// Whether a request was accepted that had to be refused, or refused that had to be accepted.
fn is_wrong_turn(finding: &Finding) -> bool {
    let about = [CheckId::EXPECT, CheckId::STEADY, CheckId::ISOLATED].contains(&finding.check);
    about
        && finding.place == Place::Status
        && match classes(finding) {
            (expected, Some('2')) => expected != Some('2'),
            (expected, Some('4')) => expected == Some('2'),
            _ => false,
        }
}

/// The first digits of the expected status and of the observed one; of several that are expected, the one that all have.
fn classes(finding: &Finding) -> (Option<char>, Option<char>) {
    let class = |status: &String| status.chars().next().filter(|_| status.len() >= 3);
    let mut expected = finding.expected.iter().map(class);
    let first = expected.next().flatten();
    (first.filter(|first| expected.all(|other| other == Some(*first))), class(&finding.observed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Outcome;

    fn finding(clause: &str, check: &'static str, place: &str, expected: &str, observed: &str) -> Finding {
        Finding {
            clause: ClauseId::new(clause).unwrap(),
            kind: FindingKind::Violation,
            check: CheckId::new(check),
            place: place.parse().unwrap(),
            expected: vec![expected.to_owned()],
            observed: observed.to_owned(),
            exchange: 0,
        }
    }

    fn case(covers: &[(&str, Polarity)], findings: Vec<Finding>) -> CaseResult {
        let covers = covers.iter().map(|(clause, polarity)| (ClauseId::new(clause).unwrap(), *polarity)).collect();
        let unearned = CaseResult::unearned("s/f/c".to_owned(), String::new(), "f.yaml", 1);
        CaseResult { outcome: Outcome::Violates, covers, findings, ..unearned }
    }

    fn first(cases: &[CaseResult]) -> String {
        let mut ranking = Ranking::default();
        cases.iter().for_each(|case| ranking.record(FindingKind::Violation, case));
        ranking.first().unwrap().to_string()
    }

    #[test]
    fn a_5xx_tells_more_than_the_status_that_was_expected_instead() {
        let refused = finding("name.type", "expect", "/status", "400", "500");
        let failed = finding("status.no-server-error", "server-error", "/status", "a status below 500", "500");
        assert_eq!(first(&[case(&[("name.type", Polarity::Refuse)], vec![refused, failed])]), "status.no-server-error");
    }

    #[test]
    fn what_was_accepted_wrongly_tells_more_than_what_its_answer_looks_like() {
        let accepted = || finding("name.max-length", "expect", "/status", "400", "200");
        let echo = || finding("response.name-echo", "statement", "/body/name", "aa", "a");
        let both = || case(&[("name.max-length", Polarity::Refuse)], vec![accepted(), echo()]);
        assert_eq!(first(&[case(&[], vec![echo()]), both(), both()]), "name.max-length");
    }

    #[test]
    fn the_clause_in_most_cases_comes_first_and_of_as_many_the_one_about_the_request() {
        let of = |clause: &str, polarity| {
            case(&[(clause, polarity)], vec![finding(clause, "expect", "/status", "200", "400")])
        };
        let (unique, steady) = (|| of("name.unique", Polarity::Accept), || of("answer.steady", Polarity::Hold));
        assert_eq!(first(&[steady(), unique(), unique()]), "name.unique");
        assert_eq!(first(&[steady(), unique()]), "name.unique");
        assert_eq!(first(&[unique(), steady(), steady()]), "answer.steady");
    }

    #[test]
    fn another_success_than_the_documented_one_is_told_as_that_and_an_undocumented_refusal_as_undocumented() {
        let of = |expected: &str, observed: &str| {
            let unknown = finding("status.documented", "documented-status", "/status", "200 or 400", observed);
            let missed = finding("a.clause", "expect", "/status", expected, observed);
            first(&[case(&[("a.clause", Polarity::Accept)], vec![unknown, missed])])
        };
        assert_eq!([of("200", "201"), of("200", "302"), of("200", "415")], ["a.clause"; 3]);
        assert_eq!(of("400", "422"), "status.documented");
    }

    #[test]
    fn a_5xx_that_does_not_come_again_tells_of_unequal_answers() {
        let failed = || finding("status.no-server-error", "server-error", "/status", "a status below 500", "500");
        let unsteady = || finding("answer.steady", "steady", "/status", "200", "500, but as expected when sent again");
        assert_eq!(first(&[case(&[], vec![failed(), unsteady()])]), "answer.steady");
        assert_eq!(
            first(&[case(&[], vec![failed(), unsteady()]), case(&[], vec![failed()]), case(&[], vec![failed()])]),
            "answer.steady"
        );
        let lasting = || case(&[], vec![failed(), finding("name.type", "expect", "/status", "400", "500")]);
        assert_eq!(first(&[case(&[], vec![failed(), unsteady()]), lasting(), lasting()]), "status.no-server-error");
    }

    #[test]
    fn other_refusals_than_the_expected_ones_are_about_the_clause_of_most_of_them_or_about_all_statuses() {
        let other = |clause: &str| finding(clause, "expect", "/status", "400", "401");
        let unfit = || case(&[], vec![finding("status.fits-request", "fits-request", "/status", "400", "401")]);
        let of = |clauses: &[&str]| {
            let cases = clauses.iter().map(|clause| case(&[(clause, Polarity::Refuse)], vec![other(clause)]));
            first(&cases.chain([unfit(), unfit(), unfit(), unfit()]).collect::<Vec<_>>())
        };
        assert_eq!(of(&["body.json", "body.json", "name.type"]), "body.json");
        assert_eq!(of(&["body.json", "body.json", "name.type", "name.type", "vpc_id.type"]), "status.fits-request");
    }

    #[test]
    fn what_a_case_is_about_explains_what_else_is_wrong_at_the_same_place() {
        let listed = || finding("response.status", "schema", "/body/status", "CREATED", "PAUSED");
        let taken = || finding("response.made-by-service", "statement", "/body/status", "anything else", "PAUSED");
        let about = || case(&[("response.made-by-service", Polarity::Hold)], vec![listed(), taken()]);
        assert_eq!(first(&[about(), about()]), "response.made-by-service");
        assert_eq!(first(&[about(), case(&[], vec![listed()]), case(&[], vec![listed()])]), "response.status");
    }

    #[test]
    fn what_two_statements_say_in_the_same_words_is_about_the_first() {
        let of = |clause: &str| finding(clause, "statement", "/body/created_time", "a date and time", "now");
        let both = || case(&[], vec![of("response.created_time"), of("response.time-utc")]);
        assert_eq!(first(&[both(), both()]), "response.created_time");
        let named = || case(&[("response.time-utc", Polarity::Hold)], both().findings);
        let other = case(&[], vec![of("response.time-order")]);
        assert_eq!(first(&[named(), named(), other]), "response.time-utc");
    }

    #[test]
    fn unequal_answers_come_behind_a_reason_for_them_that_is_confirmed() {
        let unsteady = || case(&[], vec![finding("answer.steady", "steady", "/status", "200", "400, but 200 again")]);
        let of = |check: &'static str| case(&[], vec![finding("answer.independent", check, "/status", "200", "400")]);
        assert_eq!(first(&[unsteady(), unsteady(), of("isolated")]), "answer.independent");
        assert_eq!(first(&[unsteady(), unsteady(), of("expect")]), "answer.steady");
    }
}
