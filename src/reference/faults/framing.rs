//! Faults with bodies in chunks or in a content coding, and with keys that come twice.

use serde_json::Value;

use super::fault::Fault;
use super::leniency::made_up;
use crate::reference::body::read;
use crate::reference::cause::Cause;
use crate::reference::lenient::{self, Also};
use crate::reference::reply::{AnswerContext, Framing};

/// How gzip begins.
const GZIP: &[u8] = b"\x1f\x8b";

pub(super) fn rows() -> Vec<Fault> {
    of_codings().into_iter().chain(of_repeated_keys()).collect()
}

fn of_codings() -> Vec<Fault> {
    let crash = |id: &str, says: &str| Fault::new(id, "status.no-server-error", says);
    vec![
        crash("chunks-500", "a body in chunks is answered 500").gate(|request, _| crash_if(request.is_in_chunks())),
        crash("coding-500", "a body in a content coding is answered 500")
            .gate(|request, _| crash_if(request.header("content-encoding").is_some())),
        crash("coding-unknown-500", "an unknown content coding is answered 500")
            .gate(|request, _| crash_if(request.header("content-encoding") == Some(b"x-unknown"))),
        crash("ascii-500", "a charset other than UTF-8 is answered 500").gate(|request, _| {
            crash_if(request.header("content-type").is_some_and(|kind| kind.ends_with(b"us-ascii")))
        }),
        crash("accept-500", "who asks for XML is answered 500")
            .gate(|request, _| crash_if(request.header("accept") == Some(b"application/xml"))),
        Fault::new("chunks-silence", "transport.answer", "a body in chunks that is refused is not answered")
            .raw()
            .refused_if(|m| m.request.is_in_chunks(), |r, _| r.framing = Framing::Silence),
        Fault::new("gzip-not-decoded", "body.json", "gzip is accepted and everything made up")
            .body(|bytes| if bytes.starts_with(GZIP) { Ok(made_up()) } else { read(bytes) }),
        Fault::new("gzip-broken-accepted", "body.json", "broken gzip is accepted and everything made up").body(
            |bytes| {
                let broken = bytes.starts_with(GZIP) && !bytes.ends_with(b"\0\0\0");
                if broken { Ok(made_up()) } else { read(bytes) }
            },
        ),
        Fault::new("coding-lost", "response.name-echo", "the name is lost where a content coding is declared")
            .created_if(|m| m.request.header("content-encoding").is_some(), |r, _| r.put("name", "connection")),
        Fault::new("stale-chunks", "answer.independent", "after a refused body in chunks, a creation is refused")
            .raw()
            .set(|b| {
                b.gate = |request, past| match past.refused {
                    Some(Cause::Field("name", _)) if past.in_chunks && !request.is_in_chunks() => Err(Cause::NotObject),
                    _ => Ok(()),
                };
            }),
    ]
}

fn of_repeated_keys() -> Vec<Fault> {
    let mut rows = Vec::new();
    for (member, clause) in [
        ("name", "name.unique"),
        ("description", "description.max-length"),
        ("vpc_id", "vpc_id.max-length"),
        ("subnet_id", "subnet_id.max-length"),
    ] {
        let id = format!("repeated-{}-of-the-first", member.replace('_', "-"));
        let says = format!("of two of {member} the last is judged, and the first answered");
        rows.push(Fault::new(id, clause, says).created(move |r, m| {
            if let Some(value) = first(m, member) {
                r.put(member, value);
            }
        }));
    }
    rows.push(
        Fault::new(
            "repeated-name-of-the-last",
            "name.unique",
            "of two names the first is stored, and the last answered",
        )
        .body(|bytes| lenient::read(bytes, &[Also::FirstOfRepeatedKeys]))
        .created(|r, m| {
            if let Some(name) = m.request.text("name") {
                r.put("name", name);
            }
        }),
    );
    rows
}

/// A text of the request's body; of two, the first.
fn first(context: &AnswerContext<'_>, member: &str) -> Option<Value> {
    let members = lenient::read(&context.request.body, &[Also::FirstOfRepeatedKeys]).ok()?;
    members.get(member).filter(|value| value.is_string()).cloned()
}

fn crash_if(applies: bool) -> Result<(), Cause> {
    if applies { Err(Cause::Crash) } else { Ok(()) }
}
