//! Waivers: known violations that don't fail the gate, each for one case and one clause, up to a day.
//!
//! An axis of its own: a waiver changes neither the outcome of a case nor the verdict on a run, only what the gate is
//! told. Pure: reads no file and no clock. Its size is that of the list of waivers, whatever the number of cases.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseResult, Finding, FindingKind, Outcome};
use crate::contract::ClauseId;

/// A known violation, as somebody wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The case row's id.
    pub case: String,
    /// The clause that it breaks.
    pub clause: ClauseId,
    /// Why it is put up with.
    pub reason: String,
    /// Where it is dealt with.
    pub issue: Option<String>,
    /// The last day, in UTC, on which it counts.
    pub expires: Date,
    /// Where it stands, as `file:line`.
    pub place: String,
}

/// What a case result carries of a waiver that applies to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Why it is put up with.
    pub reason: String,
    /// Where it is dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day, in UTC, on which it counts: `2026-12-31`.
    pub expires: String,
}

/// What became of a waiver in a run. The order is that in which one word outweighs another when shards of a run are
/// put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// Its case came to no conclusion here: not selected, skipped, inconclusive, or in another shard.
    Unmet,
    /// Its case came to a conclusion and doesn't break the clause any more: the line has to go.
    Stale,
    /// It applied.
    Waived,
    /// Its case still breaks the clause, and its last day has passed.
    Expired,
}

/// A waiver and what became of it, as the footer tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverResult {
    /// The case row's id.
    pub case: String,
    /// The clause.
    pub clause: ClauseId,
    /// Reason, issue and last day.
    #[serde(flatten)]
    pub waived: Waived,
    /// Where it stands, as `file:line`.
    pub place: String,
    /// What became of it.
    pub state: WaiverState,
}

/// The waivers of a run, and what became of them so far.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    list: Vec<WaiverResult>,
    expired: Vec<bool>,
    of: HashMap<String, Vec<usize>>,
}

impl Waivers {
    /// These waivers, on this day in UTC.
    pub fn new(waivers: Vec<Waiver>, today: Date) -> Self {
        let mut all = Self::default();
        for waiver in waivers {
            all.of.entry(waiver.case.clone()).or_default().push(all.list.len());
            all.expired.push(waiver.expires < today);
            let Waiver { case, clause, reason, issue, expires, place } = waiver;
            let waived = Waived { reason, issue, expires: expires.to_string() };
            all.list.push(WaiverResult { case, clause, waived, place, state: WaiverState::Unmet });
        }
        all
    }

    /// Marks what is waived in a result, and notes what became of the waivers of its case.
    pub fn apply(&mut self, result: &mut CaseResult) {
        for index in self.of.get(&result.id).into_iter().flatten() {
            if let (Some(waiver), Some(expired)) = (self.list.get_mut(*index), self.expired.get(*index)) {
                waiver.meet(result, *expired);
            }
        }
    }

    /// Notes that a case without a result of its own came to the conclusion that it breaks nothing.
    pub fn hold(&mut self, case: &str) {
        hold(&mut self.list, case);
    }

    /// Every waiver with what became of it, in the order of the file.
    pub fn into_results(self) -> Vec<WaiverResult> {
        self.list
    }
}

impl WaiverResult {
    /// Marks what it waives in a result of its case, and notes what became of it.
    fn meet(&mut self, result: &mut CaseResult, expired: bool) {
        let broken = result.broken().any(|finding| finding.clause == self.clause);
        let state = match (broken, expired) {
            (true, false) => {
                result.waived.insert(self.clause.clone(), self.waived.clone());
                WaiverState::Waived
            }
            (true, true) => WaiverState::Expired,
            (false, _) if concluded(result) => WaiverState::Stale,
            (false, _) => WaiverState::Unmet,
        };
        self.state = self.state.max(state);
    }
}

/// Applies waivers to a result that only shards put together have; `today` is a day in UTC, as `2026-12-31`.
pub fn meet(waivers: &mut [WaiverResult], result: &mut CaseResult, today: &str) {
    let case = result.id.clone();
    for waiver in waivers.iter_mut().filter(|waiver| waiver.case == case) {
        // Days written in this way are in the order of their texts.
        let expired = waiver.waived.expires.as_str() < today;
        waiver.meet(result, expired);
    }
}

/// Notes that a case without a result of its own came to the conclusion that it breaks nothing.
pub fn hold(waivers: &mut [WaiverResult], case: &str) {
    for waiver in waivers.iter_mut().filter(|waiver| waiver.case == case) {
        waiver.state = waiver.state.max(WaiverState::Stale);
    }
}

/// Whether a result says of the clauses that it doesn't break that it doesn't break them. One that broke off, or whose
/// answer was of no use, says nothing of them.
fn concluded(result: &CaseResult) -> bool {
    let usable = result.reason.is_none() && result.findings.iter().all(|finding| finding.place != "/answer");
    match result.outcome {
        Outcome::Error | Outcome::Inconclusive | Outcome::Skipped => false,
        Outcome::Violates => usable,
        Outcome::Deviates | Outcome::Observed | Outcome::Conforms => true,
    }
}

/// The waivers of a run from those of its shards: what became of each is what became of it where its case was fired.
pub fn together(shards: impl IntoIterator<Item = Vec<WaiverResult>>) -> Vec<WaiverResult> {
    let mut all: Vec<WaiverResult> = Vec::new();
    let mut known: BTreeMap<(String, ClauseId), usize> = BTreeMap::new();
    for waiver in shards.into_iter().flatten() {
        let key = (waiver.case.clone(), waiver.clause.clone());
        match known.get(&key).and_then(|index| all.get_mut(*index)) {
            Some(same) => same.state = same.state.max(waiver.state),
            None => {
                known.insert(key, all.len());
                all.push(waiver);
            }
        }
    }
    all
}

impl CaseResult {
    /// The findings that break a clause: violations and deviations.
    pub fn broken(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.kind != FindingKind::Observation)
    }

    /// Whether a waiver applies to a finding.
    pub fn waives(&self, finding: &Finding) -> bool {
        finding.kind != FindingKind::Observation && self.waived.contains_key(&finding.clause)
    }

    /// Whether it has findings that would fail the gate, and all of them are waived. With `strict`, deviations would.
    pub fn is_waived(&self, strict: bool) -> bool {
        let mut fatal = self.fatal(strict).peekable();
        fatal.peek().is_some() && fatal.all(|finding| self.waives(finding))
    }

    /// Whether it fails the gate. With `strict`, deviations do; snapshots that changed always do.
    pub fn fails(&self, strict: bool) -> bool {
        let broken = self.outcome == Outcome::Violates || self.fatal(strict).next().is_some();
        (broken && !self.is_waived(strict)) || self.failing_snapshots().next().is_some()
    }

    /// The same without the findings that are waived; nothing is copied where none is.
    pub fn without_waived(&self) -> Cow<'_, Self> {
        if self.waived.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut rest = self.clone();
        rest.findings.retain(|finding| !self.waives(finding));
        Cow::Owned(rest)
    }

    fn fatal(&self, strict: bool) -> impl Iterator<Item = &Finding> {
        self.broken().filter(move |finding| strict || finding.kind == FindingKind::Violation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 6, 30);

    fn clause(id: &str) -> ClauseId {
        ClauseId::new(id).unwrap()
    }

    fn waiver(expires: Date) -> Waiver {
        Waiver {
            case: "s/name/over".to_owned(),
            clause: clause("name.max-length"),
            reason: "known".to_owned(),
            issue: None,
            expires,
            place: "waivers.toml:1".to_owned(),
        }
    }

    fn result(id: &str, outcome: Outcome, broken: &[(&str, FindingKind)]) -> CaseResult {
        let finding = |(id, kind): &(&str, FindingKind)| Finding {
            clause: clause(id),
            kind: *kind,
            check: "expect".to_owned(),
            place: "/status".to_owned(),
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
        unusable.findings[0].place = "/answer".to_owned();
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
                let all = together(pair.map(shard));
                assert_eq!(all.iter().map(|waiver| waiver.state).collect::<Vec<_>>(), [both]);
            }
        }
    }
}
