//! No credential comes back, in no header and no body, in no usual encoding (`secret.no-echo`).

use super::{Check, Findings, Subject};
use crate::http::Answer;
use crate::secret::EchoPlace;

pub(super) const CHECK: Check = Check { name: "secret-echo", says: "no secret comes back", always: true, run };

fn run(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let response = match &subject.exchange.answer {
        Answer::Complete(response) => response,
        Answer::Unusable { partial: Some(response), .. } => response,
        Answer::Unusable { partial: None, .. } | Answer::Unreachable { .. } => return,
    };
    for echo in subject.secrets.find(response) {
        let (place, part) = match &echo.place {
            EchoPlace::Header(name) => (format!("/headers/{name}"), ""),
            EchoPlace::Body => ("/body".to_owned(), ""),
            EchoPlace::Interim => ("/answer".to_owned(), ", in an interim answer"),
            EchoPlace::StatusLine => ("/answer".to_owned(), ", in the status line"),
            EchoPlace::HeaderName => ("/answer".to_owned(), ", in the name of a header"),
            EchoPlace::Trailers => ("/answer".to_owned(), ", in the trailers"),
        };
        let observed = format!("the secret {}, {}{part}", echo.secret, echo.form);
        findings.broken(CHECK.name, place, vec!["no secret".to_owned()], observed);
    }
}
