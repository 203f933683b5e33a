//! What the reports say of the gate, and of the waivers and flaky cases that it takes into account: one wording for all.

use serde::Serialize;

use super::escape::short;
use super::snapshots;
use crate::verdict::{
    CaseResult, ClauseResult, EvidenceLeftOut, ExchangeRecord, Footer, Gate, Verdict, Waiver, WaiverState, WaiverTerms,
};

/// How many characters of a reason, and of an id.
const LINE: usize = 400;
/// How many answers are named for one flaky case.
const NAMED: usize = 10;

/// A waiver, or the flaky cases of a run together, as a report tells of them.
#[derive(Serialize)]
pub(super) struct Notice {
    /// `waived`, `expired`, `stale` or `flaky`.
    pub(super) word: &'static str,
    /// Whether it fails the gate.
    pub(super) fails: bool,
    /// What it is about and what to do. Printable.
    pub(super) says: String,
    /// The file and line of a waiver.
    pub(super) at: Option<(String, usize)>,
}

impl Notice {
    /// `expired waiver`, or `flaky`.
    pub(super) fn title(&self) -> String {
        if self.fails && self.word != FLAKY { format!("{} waiver", self.word) } else { self.word.to_owned() }
    }
}

/// The word of a notice on flaky cases.
pub(super) const FLAKY: &str = "flaky";

/// Every waiver that was met, those that fail the gate first.
pub(super) fn waivers(footer: &Footer) -> Vec<Notice> {
    let mut met: Vec<&Waiver> = footer.waivers.iter().filter(|waiver| waiver.state != WaiverState::Unmet).collect();
    met.sort_by_key(|waiver| !waiver.state.fails());
    met.into_iter().map(waiver).collect()
}

fn waiver(waiver: &Waiver) -> Notice {
    let (case, clause, place) = (short(&waiver.case, LINE), &waiver.clause, short(&waiver.place, LINE));
    let says = match waiver.state {
        WaiverState::Waived | WaiverState::Unmet => {
            format!("{case} breaks {clause}, tolerated {}", until(&waiver.terms))
        }
        WaiverState::Expired => format!(
            "{case} still breaks {clause}, and its waiver expired on {}: fix the target, or give {place} a later date",
            waiver.terms.expires
        ),
        WaiverState::Stale => format!("{case} doesn't break {clause} any more: remove the waiver at {place}"),
    };
    let at = waiver.place.rsplit_once(':').and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
    Notice { word: waiver.state.into(), fails: waiver.state.fails(), says, at }
}

/// `until 2026-12-31: the reason (the issue)`, printable.
pub(super) fn until(terms: &WaiverTerms) -> String {
    let issue = terms.issue.as_deref().map(|issue| format!(" ({})", short(issue, LINE))).unwrap_or_default();
    format!("until {}: {}{issue}", terms.expires, short(&terms.reason, LINE))
}

/// The flaky cases of the run together, where there are any.
pub(super) fn flaky(footer: &Footer) -> Option<Notice> {
    let (count, fails) = (footer.flaky, footer.failing_flaky() > 0);
    let next = if fails {
        ": find out why the target, or a gateway in front of it, doesn't answer the first time, slow down with --rate, or \
         accept it with --allow-flaky"
    } else {
        ", which --allow-flaky accepts"
    };
    let says = format!("{} passed only after a retry{next}", cases(count));
    (count > 0).then_some(Notice { word: FLAKY, fails, says, at: None })
}

/// How much evidence a run didn't keep, and why, where it left some out.
pub(super) fn evidence(footer: &Footer) -> Option<String> {
    let EvidenceLeftOut { cases: count, limit } = footer.evidence?;
    let cases = cases(count);
    Some(format!(
        "the requests and answers of {cases} are left out: there is room for {limit} bytes; see --max-evidence"
    ))
}

/// What a flaky case was answered before it passed: `answered 503, then 429, before it passed`.
pub(super) fn before(result: &CaseResult) -> Option<String> {
    let mut statuses: Vec<String> = result.retried.iter().take(NAMED).map(u16::to_string).collect();
    if result.retried.len() > NAMED {
        statuses.push(format!("{} more", result.retried.len() - NAMED));
    }
    result.is_flaky().then(|| format!("answered {}, before it passed", statuses.join(", then ")))
}

/// The statuses for which a case was sent again, at most as many as are named, each with the exchange where it was kept.
pub(super) fn retried(result: &CaseResult) -> impl Iterator<Item = (u16, Option<&ExchangeRecord>)> {
    let kept = result.exchanges.len().checked_sub(result.retried.len());
    let exchange = move |index: usize| result.exchanges.get(kept?.checked_add(index)?);
    result.retried.iter().take(NAMED).enumerate().map(move |(index, status)| (*status, exchange(index)))
}

/// What the gate is told, where that is another thing than the verdict.
pub(super) fn differs(footer: &Footer) -> Option<String> {
    let failing = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(format!("{count} {many}")),
    };
    let waivers = |state| footer.waivers.iter().filter(|waiver| waiver.state == state).count();
    let besides = [
        failing(waivers(WaiverState::Expired), "a waiver is expired", "waivers are expired"),
        failing(waivers(WaiverState::Stale), "a waiver is stale", "waivers are stale"),
        failing(footer.failing_flaky(), "a case is flaky", "cases are flaky"),
        snapshots::failing(footer),
    ];
    let mut reasons: Vec<String> = besides.into_iter().flatten().collect();
    if !reasons.is_empty() && footer.verdict == Verdict::NonConformant {
        reasons.splice(0..0, failing(broken(footer), "a clause is broken", "clauses are broken"));
    }
    let why = match (footer.verdict, footer.gate) {
        (Verdict::NonConformant, Gate::Passed) => "every violation is waived".to_owned(),
        (Verdict::NonConformant, Gate::Undetermined) => "every violation that was found is waived".to_owned(),
        (_, Gate::Failed) if !reasons.is_empty() => reasons.join(", and "),
        _ => return None,
    };
    Some(format!("{}: {why}", footer.gate))
}

/// How many clauses are broken in cases that no waiver is for. Where none is violated, the verdict is about deviations.
fn broken(footer: &Footer) -> usize {
    let violated = footer.clauses.iter().any(|clause| clause.violations > 0);
    let count = |clause: &ClauseResult| if violated { clause.violations } else { clause.deviations };
    footer.clauses.iter().filter(|clause| count(clause) > clause.waived).count()
}

/// Why the gate didn't pass, where no case need tell: the reason, or what it is told beside the verdict.
pub(super) fn why(footer: &Footer) -> String {
    let why = footer.reason.clone().or_else(|| differs(footer).map(|gate| format!("gate {gate}")));
    why.unwrap_or_else(|| "see the other reports".to_owned())
}

/// `1 case`, `2 cases`.
pub(super) fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray as _;

    use crate::report::sample::{case, flaky, on_terminal, rendered};
    use crate::verdict::{Event, Outcome};

    /// The lines of every report that are about the flaky case.
    fn told(events: &[Event]) -> String {
        let about = |line: &&str| {
            ["flaky", "Flaky", "503", "429"].iter().any(|word| line.contains(word)) && !line.contains("</style>")
        };
        let mut text = String::new();
        for name in ["terminal", "quiet", "junit", "html", "markdown", "github", "canonical"] {
            let report = match name {
                "terminal" | "quiet" => on_terminal(events, name == "quiet"),
                _ => rendered(name, events),
            };
            let lines: Vec<&str> = report.lines().filter(about).collect();
            text.push_str(&format!("== {name}\n{}\n", lines.join("\n")));
        }
        text
    }

    #[test]
    fn every_report_tells_of_a_flaky_case_and_what_to_do_about_it() {
        insta::assert_snapshot!(told(&flaky("{}", false)));
    }

    #[test]
    fn every_report_tells_of_a_flaky_case_that_may_be_one() {
        insta::assert_snapshot!(told(&flaky("{}", true)));
    }

    #[test]
    fn every_report_for_people_tells_of_evidence_that_was_left_out() {
        let mut events = flaky("{}", true);
        let said = "the requests and answers of 7 cases are left out";
        for left_out in [None, Some(EvidenceLeftOut { cases: 7, limit: 1_000 })] {
            for event in &mut events {
                if let Event::Finished(footer) = event {
                    footer.evidence = left_out;
                }
            }
            let terminal = on_terminal(&events, false);
            let reports = ["junit", "html", "markdown", "github", "ctrf", "tap"].map(|name| rendered(name, &events));
            for report in reports.iter().chain([&terminal]) {
                assert_eq!(report.contains(said), left_out.is_some(), "{report}");
            }
        }
    }

    #[test]
    fn only_what_passed_is_flaky_and_a_long_story_is_told_in_short() {
        let after = |outcome, retried: &[u16]| {
            let result = CaseResult { retried: retried.to_vec(), ..case("a/b", outcome, &[]) };
            before(&result)
        };
        for outcome in Outcome::VARIANTS.iter().copied() {
            let passed = matches!(outcome, Outcome::Deviates | Outcome::Observed | Outcome::Conforms);
            assert_eq!(after(outcome, &[503]).is_some(), passed, "{outcome:?}");
        }
        assert_eq!(after(Outcome::Conforms, &[]), None);
        assert_eq!(after(Outcome::Conforms, &[503, 429]).unwrap(), "answered 503, then 429, before it passed");
        assert!(after(Outcome::Conforms, &[503; 30]).unwrap().ends_with("then 503, then 20 more, before it passed"));
    }

    #[test]
    fn a_retry_whose_exchange_was_not_kept_is_told_all_the_same() {
        let result = CaseResult { retried: vec![503, 429], ..case("a/b", Outcome::Conforms, &[]) };
        let told: Vec<_> = retried(&result).map(|(status, exchange)| (status, exchange.is_some())).collect();
        assert_eq!(told, [(503, false), (429, false)]);
    }
}
