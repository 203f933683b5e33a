//! The target took the connection: then it owes one complete, well-formed answer in time (`transport.answer`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use super::wire::{Judgement, judgement};
use crate::http::{Answer, Defect};
use crate::verdict::{CheckId, FindingKind, Place};

pub(super) const CHECK: Check = Check {
    id: CheckId::ANSWER,
    says: "every request gets one complete, well-formed answer in time",
    always: true,
    run,
};

/// How much of what was observed is shown.
const SHOWN: usize = 160;

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    findings.examine_for(&CHECK.id);
    // What is quoted may have been cut off in the middle of a secret.
    let shown = |text: &str| subject.secrets.mask_cut(text).short(SHOWN).into_owned();
    let mut violated = false;
    for irregularity in &subject.exchange.irregularities {
        let Judgement { kind, says, section } = judgement(irregularity.rule);
        violated |= kind == FindingKind::Violation;
        let expected = vec![format!("{says} ({section})")];
        findings.report(CHECK.id, kind, Place::Answer, expected, shown(&irregularity.observed));
    }
    if let Some(response) = subject.response().filter(|response| response.status == 205 && !response.body.is_empty()) {
        let observed = format!("{} bytes of content with a 205", response.body.len());
        findings.broken(CHECK.id, Place::Answer, vec!["no content in a 205 (RFC 9110, 15.3.6)".to_owned()], observed);
    }
    if let (false, Answer::Unusable { defect, cause, .. }) = (violated, &subject.exchange.answer)
        && *defect != Defect::TooLarge
    {
        let observed = if cause.is_empty() { defect.says().to_owned() } else { format!("{}: {cause}", defect.says()) };
        let expected = vec!["one complete, well-formed answer".to_owned()];
        findings.broken(CHECK.id, Place::Answer, expected, shown(&observed));
    }
}
