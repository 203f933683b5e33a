//! What the reports say of the gate: one wording for all of them.

use super::{flaky, snapshots, waivers};
use crate::verdict::{Footer, Gate, Verdict};

/// What the gate is told, where that is another thing than the verdict.
pub(super) fn told(footer: &Footer) -> Option<String> {
    let due: Vec<String> =
        [waivers::due(footer), flaky::due(footer), snapshots::due(footer)].into_iter().flatten().collect();
    let why = match (footer.verdict, footer.gate) {
        (Verdict::NonConformant, Gate::Passed) => "every violation is waived".to_owned(),
        (Verdict::NonConformant, Gate::Undetermined) => "every violation that was found is waived".to_owned(),
        (_, Gate::Failed) if !due.is_empty() => due.join(", and "),
        _ => return None,
    };
    Some(format!("{}: {why}", footer.gate.word()))
}

/// Why the gate didn't pass, where no case need tell: the reason, or what it is told beside the verdict.
pub(super) fn why(footer: &Footer) -> String {
    let why = footer.reason.clone().or_else(|| told(footer).map(|gate| format!("gate {gate}")));
    why.unwrap_or_else(|| "see the other reports".to_owned())
}
