//! What the reports say of waivers: one wording for all of them.

use super::without_commands;
use crate::text::shorten;
use crate::verdict::{Footer, Waived, WaiverResult, WaiverState};

/// How many characters of a reason, and of an id.
const LINE: usize = 400;

/// A waiver as a report tells of it.
pub(super) struct WaiverLine {
    /// `waived`, `expired` or `stale`.
    pub(super) word: &'static str,
    /// Whether it fails the gate.
    pub(super) due: bool,
    /// What it is about and what to do. Printable.
    pub(super) says: String,
    /// The file and line where it stands.
    pub(super) at: Option<(String, usize)>,
}

/// Every waiver that was met, those that fail the gate first.
pub(super) fn lines(footer: &Footer) -> Vec<WaiverLine> {
    let mut met: Vec<&WaiverResult> =
        footer.waivers.iter().filter(|waiver| waiver.state != WaiverState::Unmet).collect();
    met.sort_by_key(|waiver| std::cmp::Reverse(is_due(waiver.state)));
    met.into_iter().map(line).collect()
}

fn is_due(state: WaiverState) -> bool {
    matches!(state, WaiverState::Expired | WaiverState::Stale)
}

fn line(waiver: &WaiverResult) -> WaiverLine {
    let (case, clause, place) = (clean(&waiver.case), &waiver.clause, clean(&waiver.place));
    let (word, says) = match waiver.state {
        WaiverState::Waived | WaiverState::Unmet => {
            ("waived", format!("{case} breaks {clause}, put up with {}", until(&waiver.waived)))
        }
        WaiverState::Expired => (
            "expired",
            format!(
                "{case} still breaks {clause}, and its waiver counted until {} only: mend the target, or give {place} a \
                 later date",
                clean(&waiver.waived.expires)
            ),
        ),
        WaiverState::Stale => {
            ("stale", format!("{case} doesn't break {clause} any more: remove the waiver at {place}"))
        }
    };
    let at = waiver.place.rsplit_once(':').and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
    WaiverLine { word, due: is_due(waiver.state), says, at }
}

/// `until 2026-12-31: the reason (the issue)`, printable.
pub(super) fn until(waived: &Waived) -> String {
    let issue = waived.issue.as_deref().map(|issue| format!(" ({})", clean(issue))).unwrap_or_default();
    format!("until {}: {}{issue}", clean(&waived.expires), clean(&waived.reason))
}

/// What is wrong with the gate for the sake of waivers.
pub(super) fn due(footer: &Footer) -> Option<String> {
    let due = footer.waivers.iter().filter(|waiver| is_due(waiver.state)).count();
    let waivers = if due == 1 { "a waiver is".to_owned() } else { format!("{due} waivers are") };
    (due > 0).then(|| format!("{waivers} to be dealt with"))
}

fn clean(text: &str) -> String {
    without_commands(&shorten(text, LINE))
}
