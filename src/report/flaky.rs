//! What the reports say of flaky cases: one wording for all of them.

use crate::verdict::{CaseResult, ExchangeRecord, Footer};

/// How many answers are named for one case.
const NAMED: usize = 10;

/// What the reports say of all flaky cases together.
pub(super) struct FlakyLine {
    /// Whether they fail the gate.
    pub(super) due: bool,
    /// How many there are, and what to do.
    pub(super) says: String,
}

/// The line on flaky cases, where there are any.
pub(super) fn line(footer: &Footer) -> Option<FlakyLine> {
    let (count, due) = (footer.flaky, footer.flaky_due() > 0);
    let says = match (count, due) {
        (0, _) => return None,
        (_, false) => format!("{} passed only when sent again, which --allow-flaky lets pass", cases(count)),
        (_, true) => format!(
            "{} passed only when sent again: find out what keeps the target, or a gateway before it, from answering at \
             once, ask less often with --rate, or let it pass with --allow-flaky",
            cases(count)
        ),
    };
    Some(FlakyLine { due, says })
}

/// What a flaky case was answered before it passed: `answered 503, then 429, before it passed`.
pub(super) fn before(result: &CaseResult) -> Option<String> {
    if !result.is_flaky() {
        return None;
    }
    let mut statuses: Vec<String> = result.retried.iter().take(NAMED).map(u16::to_string).collect();
    if result.retried.len() > NAMED {
        statuses.push(format!("{} more", result.retried.len() - NAMED));
    }
    Some(format!("answered {}, before it passed", statuses.join(", then ")))
}

/// The statuses for which a case was sent again, at most as many as are named, each with the exchange where it was kept.
pub(super) fn retried(result: &CaseResult) -> impl Iterator<Item = (u16, Option<&ExchangeRecord>)> {
    let kept = result.exchanges.len().checked_sub(result.retried.len());
    let exchange = move |index: usize| result.exchanges.get(kept?.checked_add(index)?);
    result.retried.iter().take(NAMED).enumerate().map(move |(index, status)| (*status, exchange(index)))
}

/// What is wrong with the gate for the sake of flaky cases.
pub(super) fn due(footer: &Footer) -> Option<String> {
    let due = footer.flaky_due();
    (due > 0).then(|| format!("{} flaky", if due == 1 { "a case is".to_owned() } else { format!("{due} cases are") }))
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{case, flaky, rendered};
    use crate::report::{Renderer as _, Terminal};
    use crate::verdict::{Event, Outcome};

    fn terminal(events: &[Event], quiet: bool) -> String {
        let (mut renderer, mut out) = (Terminal::new(quiet), Vec::new());
        events.iter().for_each(|event| renderer.event(event, &mut out).unwrap());
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    /// The lines of every report that are about the flaky case.
    fn told(events: &[Event]) -> String {
        let about = |line: &&str| {
            ["flaky", "Flaky", "503", "429"].iter().any(|word| line.contains(word)) && !line.contains("</style>")
        };
        let mut text = String::new();
        for name in ["terminal", "quiet", "junit", "html", "markdown", "github", "canonical"] {
            let report = match name {
                "terminal" | "quiet" => terminal(events, name == "quiet"),
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
    fn only_what_passed_is_flaky_and_a_long_story_is_told_in_short() {
        let after = |outcome, retried: &[u16]| {
            let result = CaseResult { retried: retried.to_vec(), ..case("a/b", outcome, &[]) };
            before(&result)
        };
        for outcome in Outcome::ALL {
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
