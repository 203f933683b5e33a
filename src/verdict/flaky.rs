//! Flaky cases: those that passed, but only when they were sent again.
//!
//! As with waivers, neither the outcome of a case nor the verdict knows of it: what the target answered in the end is what
//! the documentation says. It is the gate that fails, unless flaky cases are allowed.

use super::{CaseResult, Footer, Outcome};

impl CaseResult {
    /// Whether it passed, but only when it was sent again.
    pub fn is_flaky(&self) -> bool {
        !self.retried.is_empty() && matches!(self.outcome, Outcome::Conforms | Outcome::Observed | Outcome::Deviates)
    }
}

impl Footer {
    /// How many flaky cases fail the gate.
    pub fn flaky_due(&self) -> usize {
        if self.allow_flaky { 0 } else { self.flaky }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Gate, Tally, Verdict};

    fn footer(allow_flaky: bool, outcome: Outcome) -> Footer {
        let header = serde_json::json!({ "schema": "1.0", "version": "0.1.0", "suite": "s", "title": "S", "digest": "d",
            "target": "t", "seed": "1", "started": "", "cases": 1, "allow_flaky": allow_flaky, "clauses": [] });
        let mut tally = Tally::of(&serde_json::from_value(header).unwrap());
        let case = CaseResult::unearned("s/f/c".to_owned(), "t".to_owned(), "f.yaml", 1);
        tally.record(&CaseResult { at: Some(0), outcome, retried: vec![503], ..case });
        tally.finish(1.0, None)
    }

    #[test]
    fn a_flaky_case_fails_the_gate_and_not_the_verdict_unless_it_is_allowed() {
        let kept = footer(false, Outcome::Conforms);
        assert_eq!((kept.verdict, kept.gate, kept.flaky, kept.flaky_due()), (Verdict::Conformant, Gate::Failed, 1, 1));
        let allowed = footer(true, Outcome::Conforms);
        let told = (allowed.verdict, allowed.gate, allowed.flaky, allowed.flaky_due());
        assert_eq!(told, (Verdict::Conformant, Gate::Passed, 1, 0));
    }

    #[test]
    fn a_case_that_was_sent_again_and_did_not_pass_is_what_it_is() {
        let open = footer(false, Outcome::Inconclusive);
        assert_eq!((open.gate, open.flaky), (Gate::Undetermined, 0));
        let broken = footer(true, Outcome::Violates);
        assert_eq!((broken.gate, broken.flaky), (Gate::Failed, 0));
    }
}
