//! The waivers of a run, and what becomes of them.
//!
//! A waiver changes neither the outcome of a case nor the verdict on a run, only what the gate is told. Pure: reads no file
//! and no clock. Its size is that of the list of waivers, whatever the number of cases.

use std::collections::HashMap;

use jiff::civil::Date;

use super::case::CaseResult;
use super::finding::Place;
use super::outcome::Outcome;
use super::waiver::{Waiver, WaiverState};

/// The waivers of a run, and what became of them so far.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    list: Vec<Waiver>,
    by_case: HashMap<String, Vec<usize>>,
    /// The day in UTC on which they have to count.
    today: Date,
}

impl Waivers {
    /// These waivers, on this day in UTC.
    pub fn new(list: Vec<Waiver>, today: Date) -> Self {
        let mut by_case: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, waiver) in list.iter().enumerate() {
            by_case.entry(waiver.case.clone()).or_default().push(index);
        }
        Self { list, by_case, today }
    }

    /// The waivers of a run from those of its shards, on this day in UTC: what became of each is what became of it where
    /// its case was fired.
    pub fn merged(shards: impl IntoIterator<Item = Vec<Waiver>>, today: Date) -> Self {
        let mut all: Vec<Waiver> = Vec::new();
        for waiver in shards.into_iter().flatten() {
            match all.iter_mut().find(|known| known.case == waiver.case && known.clause == waiver.clause) {
                Some(same) => same.state = same.state.max(waiver.state),
                None => all.push(waiver),
            }
        }
        Self::new(all, today)
    }

    /// Marks what is waived in a result, and notes what became of the waivers of its case.
    pub fn apply(&mut self, result: &mut CaseResult) {
        for index in self.by_case.get(&result.id).into_iter().flatten() {
            let Some(waiver) = self.list.get_mut(*index) else { continue };
            let broken = result.broken().any(|finding| finding.clause == waiver.clause);
            let state = if broken && waiver.terms.expires < self.today {
                WaiverState::Expired
            } else if broken {
                result.waived.insert(waiver.clause.clone(), waiver.terms.clone());
                WaiverState::Waived
            } else if can_tell(result) {
                WaiverState::Stale
            } else {
                WaiverState::Unmet
            };
            waiver.state = waiver.state.max(state);
        }
    }

    /// Notes that a case without a result of its own came to the conclusion that it breaks nothing.
    pub fn hold(&mut self, case: &str) {
        for waiver in self.list.iter_mut().filter(|waiver| waiver.case == case) {
            waiver.state = waiver.state.max(WaiverState::Stale);
        }
    }

    /// Every waiver with what became of it, in the order of the file.
    pub fn into_results(self) -> Vec<Waiver> {
        self.list
    }
}

/// Whether a result can tell which clauses it keeps. One that broke off, or whose answer was of no use, can't.
fn can_tell(result: &CaseResult) -> bool {
    let usable = result.reason.is_none() && result.findings.iter().all(|finding| finding.place != Place::Answer);
    result.outcome.is_conclusive() && (usable || result.outcome != Outcome::Violates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ClauseId;
    use crate::verdict::{CheckId, Finding, FindingKind, WaiverTerms};

    const TODAY: Date = jiff::civil::date(2026, 6, 30);

    fn clause(id: &str) -> ClauseId {
        ClauseId::new(id).unwrap()
    }

    fn waiver(expires: Date) -> Waiver {
        Waiver {
            case: "s/name/over".to_owned(),
            clause: clause("name.max-length"),
            terms: WaiverTerms { reason: "known".to_owned(), issue: None, expires },
            place: "waivers.toml:1".to_owned(),
            state: WaiverState::Unmet,
        }
    }

    fn result(id: &str, outcome: Outcome, broken: &[(&str, FindingKind)]) -> CaseResult {
        let finding = |(id, kind): &(&str, FindingKind)| Finding {
            clause: clause(id),
            kind: *kind,
            check: CheckId::EXPECT,
            place: Place::Status,
            expected: vec!["400".to_owned()],
            observed: "200".to_owned(),
            exchange: 0,
        };
        let findings = broken.iter().map(finding).collect();
        CaseResult { outcome, findings, ..CaseResult::unearned(id.to_owned(), String::new(), "name.yaml", 1) }
    }

    fn state_of(expires: Date, mut result: CaseResult) -> (WaiverState, bool) {
        let mut waivers = Waivers::new(vec![waiver(expires)], TODAY);
        waivers.apply(&mut result);
        (waivers.into_results()[0].state, result.is_waived(false))
    }

    const BROKEN: &[(&str, FindingKind)] = &[("name.max-length", FindingKind::Violation)];

    #[test]
    fn a_waiver_counts_through_its_last_day_and_not_a_day_longer() {
        let violating = || result("s/name/over", Outcome::Violates, BROKEN);
        assert_eq!(state_of(TODAY, violating()), (WaiverState::Waived, true));
        assert_eq!(state_of(TODAY.yesterday().unwrap(), violating()), (WaiverState::Expired, false));
    }

    #[test]
    fn a_waiver_is_stale_where_its_case_ran_and_keeps_the_clause() {
        for outcome in [Outcome::Conforms, Outcome::Observed, Outcome::Deviates] {
            assert_eq!(state_of(TODAY, result("s/name/over", outcome, &[])).0, WaiverState::Stale);
            assert_eq!(state_of(TODAY.yesterday().unwrap(), result("s/name/over", outcome, &[])).0, WaiverState::Stale);
        }
        let other = [("name.mandatory", FindingKind::Violation)];
        assert_eq!(state_of(TODAY, result("s/name/over", Outcome::Violates, &other)), (WaiverState::Stale, false));
    }

    #[test]
    fn a_waiver_is_stale_where_its_case_has_no_result_because_nothing_is_broken() {
        let mut waivers = Waivers::new(vec![waiver(TODAY)], TODAY);
        waivers.hold("s/name/other");
        assert_eq!(waivers.list[0].state, WaiverState::Unmet);
        waivers.hold("s/name/over");
        assert_eq!(waivers.into_results()[0].state, WaiverState::Stale);
    }

    #[test]
    fn a_waiver_whose_case_told_nothing_is_neither_stale_nor_used() {
        for outcome in [Outcome::Error, Outcome::Inconclusive, Outcome::Skipped] {
            assert_eq!(state_of(TODAY, result("s/name/over", outcome, &[])).0, WaiverState::Unmet);
        }
        assert_eq!(state_of(TODAY, result("s/name/other", Outcome::Violates, BROKEN)), (WaiverState::Unmet, false));
        let mut unusable = result("s/name/over", Outcome::Violates, &[("transport.answer", FindingKind::Violation)]);
        unusable.findings[0].place = Place::Answer;
        assert_eq!(state_of(TODAY, unusable).0, WaiverState::Unmet);
    }

    #[test]
    fn a_case_is_waived_only_where_all_of_its_violations_are() {
        let two = [BROKEN[0], ("name.mandatory", FindingKind::Violation)];
        assert_eq!(state_of(TODAY, result("s/name/over", Outcome::Violates, &two)), (WaiverState::Waived, false));
    }

    #[test]
    fn a_deviation_needs_a_waiver_only_where_the_run_is_strict() {
        let mut deviating = result("s/name/over", Outcome::Deviates, &[("name.max-length", FindingKind::Deviation)]);
        assert!(deviating.fails(true) && !deviating.fails(false));
        Waivers::new(vec![waiver(TODAY)], TODAY).apply(&mut deviating);
        assert!(!deviating.fails(true) && deviating.is_waived(true) && !deviating.is_waived(false));
    }

    #[test]
    fn shards_put_together_know_what_became_of_every_waiver() {
        let shard = |state| {
            let mut results = Waivers::new(vec![waiver(TODAY)], TODAY).into_results();
            results[0].state = state;
            results
        };
        use WaiverState::{Expired, Stale, Unmet, Waived};
        for (one, other, both) in
            [(Unmet, Stale, Stale), (Unmet, Waived, Waived), (Stale, Waived, Waived), (Expired, Unmet, Expired)]
        {
            for pair in [[one, other], [other, one]] {
                let all = Waivers::merged(pair.map(shard), TODAY).into_results();
                assert_eq!(all.iter().map(|waiver| waiver.state).collect::<Vec<_>>(), [both]);
            }
        }
    }
}
