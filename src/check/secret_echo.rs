//! No credential comes back, in no header and no body, in no usual encoding (`secret.no-echo`).

use super::findings::Findings;
use super::subject::{Check, Subject};
use crate::http::Answer;
use crate::secret::EchoPlace;
use crate::verdict::{CheckId, FindingKind, Place};

pub(super) const CHECK: Check =
    Check { id: CheckId::new("secret-echo"), says: "no secret comes back", always: true, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let response = match &subject.exchange.answer {
        Answer::Complete(response) => response,
        Answer::Unusable { partial: Some(response), .. } => response,
        Answer::Unusable { partial: None, .. } | Answer::Unreachable { .. } => return,
    };
    if subject.secrets.names().next().is_some() {
        findings.examine_for(&CHECK.id);
    }
    let echoes = subject.secrets.find(response);
    // Frameworks quote the target of a request that they refuse, and whoever puts a secret there has told it to every log.
    let quoted = !echoes.is_empty() && subject.secrets.is_in(&subject.exchange.request.url);
    let kind = if quoted { FindingKind::Deviation } else { FindingKind::Violation };
    for echo in echoes {
        let (place, part) = match &echo.place {
            EchoPlace::Header(name) => (Place::Header(name.clone()), ""),
            EchoPlace::Body => (Place::BODY, ""),
            EchoPlace::Interim => (Place::Answer, ", in an interim answer"),
            EchoPlace::StatusLine => (Place::Answer, ", in the status line"),
            EchoPlace::HeaderName => (Place::Answer, ", in the name of a header"),
            EchoPlace::Trailers => (Place::Answer, ", in the trailers"),
        };
        let observed = format!("the secret {}, {}{part}", echo.secret, echo.form);
        findings.report(CHECK.id, kind, place, vec!["no secret".to_owned()], observed);
    }
}
