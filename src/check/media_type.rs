//! An answer's media type is the documented one, whatever its parameters (`response.media-type`).

use super::{Check, Findings, Subject};
use crate::verdict::{CheckId, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("media-type"), says: "the media type is the documented one", always: false, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some((response, spec)) = subject.documented() else { return };
    if spec.media_types.is_empty() {
        return;
    }
    let observed = response.header("content-type");
    let essence = observed.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !spec.media_types.iter().any(|documented| documented.eq_ignore_ascii_case(essence)) {
        let observed = observed.map_or_else(|| "no such header".to_owned(), str::to_owned);
        findings.broken(CHECK.id, Place::Header("content-type".to_owned()), spec.media_types.clone(), observed);
    }
}
