//! What came of one attempt at a case.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::retry::Pause;
use crate::contract::{ClauseId, Polarity};
use crate::http::{Answer, Defect, Exchange};
use crate::run::plan::TestCase;
use crate::suite::{Case, GeneratedText, RenderError};
use crate::verdict::{CheckId, Finding, FindingKind, Place, UNREACHABLE};

/// What came of an attempt.
#[derive(Default)]
pub(in crate::run) struct Attempt {
    /// Everything found out.
    pub(in crate::run) findings: Vec<Finding>,
    /// Every exchange, with where in the case it belongs.
    pub(in crate::run) exchanges: Vec<CaseExchange>,
    /// Exchanges that only confirmed who is to blame.
    pub(in crate::run) confirmation: Vec<Arc<Exchange>>,
    /// Why nothing was learnt.
    pub(in crate::run) blocked: Option<String>,
    /// Whether that is because the target could take no more, or the run was stopped, which says nothing of either.
    pub(in crate::run) limited: bool,
    /// Whether that is because a limit of ours kept an answer from being judged.
    pub(super) unread: bool,
    /// Whether that is because a quota of the target's was met.
    pub(super) meets_quota: bool,
    /// Why the harness or the environment failed.
    pub(in crate::run) failed: Option<String>,
    /// How long to wait until all is sent again, where an answer may be another one later: it isn't judged then.
    pub(super) pause: Option<Pause>,
    /// The expectation that was missed, if one was.
    pub(super) missed: Option<MissedExpectation>,
    /// Whether a step was sent that has to prove something.
    pub(in crate::run) judged: bool,
    /// The clauses against which something that came was held.
    pub(in crate::run) examined: BTreeSet<ClauseId>,
    /// The clauses by which a request was accepted, or refused, as its step expected.
    pub(in crate::run) decided: BTreeSet<(String, Polarity)>,
    /// The condition of the first step that was left out.
    pub(super) left_out: Option<String>,
    /// What was drawn for it; nothing where nobody wants to know.
    pub(super) drawn: Vec<GeneratedText>,
    /// By clause and place: the digests of the values that have to differ from each other; they may be large.
    pub(super) distinct: BTreeMap<(String, String), HashSet<[u8; 32]>>,
}

/// Why there is no usable answer: a fragment for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run) struct TransportFailure(pub(in crate::run) &'static str);

impl TransportFailure {
    /// Whether it took as long as a request may take.
    pub(in crate::run) fn is_deadline(self) -> bool {
        self.0 == Defect::Deadline.says()
    }
}

/// An exchange and where in the case it belongs.
pub(in crate::run) struct CaseExchange {
    /// The step's 0-based number.
    pub(super) step: usize,
    /// The step's id, or its 1-based number.
    pub(super) name: String,
    /// The 0-based number among the step's repeats.
    pub(super) repeat: usize,
    /// What was sent and what came back.
    pub(in crate::run) exchange: Arc<Exchange>,
}

/// An expectation that was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MissedExpectation {
    /// The step's 0-based number.
    pub(super) step: usize,
    /// The clause that the step is about.
    pub(super) clause: String,
    /// Whether the request had to be accepted.
    pub(super) accepts: bool,
    /// The status that came instead.
    pub(super) status: u16,
    /// Whether the same could be asked again: one request, no state of its own.
    pub(super) repeatable: bool,
}

impl Attempt {
    /// Every exchange, in the order of sending.
    pub(in crate::run) fn exchanges(&self) -> impl Iterator<Item = &Arc<Exchange>> + Clone {
        self.exchanges.iter().map(|sent| &sent.exchange)
    }

    /// The exchanges of a case's last step: those before it made what it needs.
    pub(in crate::run) fn last_step(&self, case: &Case) -> impl DoubleEndedIterator<Item = &Arc<Exchange>> {
        let last = case.steps.len().saturating_sub(1);
        self.exchanges.iter().filter(move |sent| sent.step == last).map(|sent| &sent.exchange)
    }

    /// What was wrong with the way in which a request was answered, where there was no usable answer to one.
    pub(in crate::run) fn transport_failure(&self) -> Option<TransportFailure> {
        self.exchanges().find_map(|exchange| match exchange.answer {
            Answer::Complete(_) | Answer::Unusable { defect: Defect::TooLarge, .. } => None,
            Answer::Unusable { defect, .. } => Some(TransportFailure(defect.says())),
            Answer::Unreachable { .. } => Some(TransportFailure(UNREACHABLE)),
        })
    }

    /// Notes that a limit of the target's, or the end of the run, kept an answer from being judged.
    pub(in crate::run) fn limit(&mut self, why: String) {
        self.blocked.get_or_insert(why);
        self.limited = true;
    }

    /// Notes that a limit of ours kept an answer from being judged in full.
    pub(super) fn leave_unread(&mut self, why: String) {
        self.limit(why);
        self.unread = true;
    }

    /// This attempt and another one after it, as one: what each found out, but nothing twice.
    pub(in crate::run) fn followed_by(mut self, next: Self) -> Self {
        let before = self.exchanges.len();
        for finding in next.findings {
            let exchange = before + finding.exchange;
            let known = |other: &Finding| Finding { exchange: finding.exchange, ..other.clone() } == finding;
            if !self.findings.iter().any(known) {
                self.findings.push(Finding { exchange, ..finding });
            }
        }
        self.exchanges.extend(next.exchanges);
        self.confirmation.extend(next.confirmation);
        Self { findings: self.findings, exchanges: self.exchanges, confirmation: self.confirmation, ..next }
    }

    /// Why this side of a clause is not shown, where nothing that came had to do with it.
    pub(super) fn vacuous(&self, clause: &ClauseId, polarity: Polarity) -> Option<&'static str> {
        let is_decided = || self.decided.contains(&(clause.to_string(), polarity));
        match polarity {
            Polarity::Accept => (!is_decided()).then_some("no request by which a case shows it was accepted"),
            Polarity::Refuse => (!is_decided()).then_some("no request by which a case shows it was refused"),
            Polarity::Hold | Polarity::Observe => {
                (!self.examined.contains(clause)).then_some("no answer had anything that it speaks of")
            }
        }
    }

    /// Notes that the suite's own templates keep the case from coming to its end.
    pub(super) fn fail(&mut self, test_case: &TestCase, error: &RenderError) {
        let Case { file, line, .. } = &*test_case.case;
        self.failed.get_or_insert_with(|| format!("{file}:{line}: {error}"));
    }

    /// Whether a violation is a missed expectation of a status.
    fn is_missed(&self, finding: &Finding) -> bool {
        let clause = self.missed.as_ref().map(|missed| missed.clause.as_str());
        finding.check == CheckId::EXPECT
            && finding.place == Place::Status
            && finding.kind == FindingKind::Violation
            && clause == Some(finding.clause.as_str())
    }

    /// Withdraws the missed expectation: for this reason, nothing shows that it says anything of its clause.
    pub(in crate::run) fn withdraw_missed(&mut self, why: &str) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|finding| !self.is_missed(finding));
        self.findings = findings;
        self.blocked.get_or_insert_with(|| why.to_owned());
    }

    /// Withdraws what could not be confirmed since the run was stopped, for this reason.
    pub(super) fn leave_unconfirmed(&mut self, why: &str) {
        self.findings.retain(|finding| finding.kind != FindingKind::Violation || finding.check == CheckId::ANSWER);
        self.limit(why.to_owned());
    }

    /// Puts the missed expectation down to another clause, with a word on why.
    pub(super) fn reattribute_missed(&mut self, clause: &ClauseId, why: &str) {
        self.change_missed(|finding| {
            finding.clause = clause.clone();
            finding.observed.push_str(&format!(", {why}"));
        });
    }

    /// Puts the missed expectation down to unequal answers, which break this clause.
    pub(super) fn reattribute_to_unequal_answers(&mut self, clause: &ClauseId, why: &str) {
        self.change_missed(|finding| {
            finding.clause = clause.clone();
            finding.check = CheckId::STEADY;
            finding.observed.push_str(&format!(", {why}"));
        });
    }

    /// Says more of what was observed where an expectation was missed.
    pub(in crate::run) fn amend_missed(&mut self, what: &str) {
        self.change_missed(|finding| finding.observed.push_str(&format!(", {what}")));
    }

    fn change_missed(&mut self, change: impl Fn(&mut Finding)) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.iter_mut().filter(|finding| self.is_missed(finding)).for_each(change);
        self.findings = findings;
    }
}
