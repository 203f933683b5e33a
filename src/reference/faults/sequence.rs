//! Faults that show after other requests, on every n-th request, or when requests come at the same time.

use super::fault::Fault;
use crate::reference::behaviour::Concurrency;
use crate::reference::cause::{Cause, FieldError};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("id-constant", "response.id-distinct", "every connection has the same id")
            .set(|b| b.id = |_| numbered(1)),
        Fault::new("id-of-two", "response.id-distinct", "two connections after one another share an id")
            .set(|b| b.id = |number| numbered(number / 2)),
        Fault::new("id-every-fifth", "response.id-distinct", "every fifth connection has the id of the one before")
            .set(|b| {
                b.id = |number| numbered(if number % 5 == 0 { number - 1 } else { number });
            }),
        Fault::new("id-comes-around", "response.id-distinct", "ids come around again after ten")
            .set(|b| b.id = |number| numbered(number % 10)),
        Fault::new("id-of-the-vpc", "response.id-distinct", "the id is that of the VPC")
            .created(|r, m| r.put("id", m.created.map(|connection| connection.vpc_id.clone()))),
        Fault::new("id-shared-at-once", "response.id-distinct", "connections created at the same time share an id")
            .set(|b| b.concurrency = Concurrency::SharesId),
        Fault::new("answers-swapped", "answer.own", "two requests at the same time get each other's answer")
            .set(|b| b.concurrency = Concurrency::SwapsAnswers)
            .broad(),
        Fault::new("second-500", "answer.steady", "every second accepted creation is answered 500")
            .every_nth(2, |r, _| r.refuse_as(500))
            .broad(),
        Fault::new("third-400", "answer.steady", "every third accepted creation is answered 400")
            .every_nth(3, |r, _| r.refuse_as(400))
            .broad(),
        Fault::new("fifth-401", "answer.steady", "every fifth accepted creation is answered 401")
            .every_nth(5, |r, _| r.refuse_as(401))
            .broad(),
        Fault::new("seventh-500", "answer.steady", "every seventh accepted creation is answered 500")
            .every_nth(7, |r, _| r.refuse_as(500))
            .broad(),
        Fault::new("eighth-404", "answer.steady", "every eighth accepted creation is answered 404")
            .every_nth(8, |r, _| r.refuse_as(404))
            .broad(),
        Fault::new("tenth-403", "answer.steady", "every tenth accepted creation is answered 403")
            .every_nth(10, |r, _| r.refuse_as(403))
            .broad(),
        Fault::new("eleventh-503", "answer.steady", "every eleventh accepted creation is answered 503").every_nth(
            11,
            |r, _| {
                r.refuse_as(500);
                r.status = 503;
            },
        ),
        Fault::new("thirteenth-201", "status.success", "every thirteenth accepted creation is answered 201")
            .every_nth(13, |r, _| r.refuse_as(201)),
        Fault::new("fifteenth-500", "answer.steady", "every fifteenth accepted creation is answered 500")
            .every_nth(15, |r, _| r.refuse_as(500)),
        Fault::new("fourth-name", "response.name", "every fourth created connection has no name in the answer")
            .every_nth(4, |r, _| r.drop_member("name")),
        Fault::new("ninth-concurrency", "response.flavor-concurrency", "every ninth concurrency is a text")
            .every_nth(9, |r, _| r.put_flavor("concurrency", "500")),
        Fault::new("sixth-empty", "response.body", "every sixth created connection is answered with an empty body")
            .every_nth(6, |r, _| r.raw = Some(Vec::new())),
        Fault::new("stale-refusal", "answer.independent", "after a refusal, the next creation is a 401")
            .gate(|_, past| match past.refused {
                // That is the 401 itself: it is given once only.
                None | Some(Cause::RepeatedToken) => Ok(()),
                Some(_) => Err(Cause::RepeatedToken),
            })
            .broad(),
        Fault::new("stale-401", "answer.independent", "after a 401, the next creation of its connection is a 401 too")
            .gate(|_, past| match past.refused {
                Some(Cause::NoToken | Cause::EmptyToken | Cause::LongToken | Cause::WrongToken) => {
                    Err(Cause::RepeatedToken)
                }
                _ => Ok(()),
            }),
        Fault::new("third-refusal-500", "status.no-server-error", "every third refusal is a 500")
            .refused_if(|m| m.refused % 3 == 0, |r, _| r.refuse_as(500))
            .broad(),
        Fault::new("stale-400", "answer.independent", "after a 400, the next request of the connection is refused")
            .gate(|_, past| match past.refused {
                Some(cause) if cause.status() == 400 && cause != Cause::NotObject => Err(Cause::NotObject),
                _ => Ok(()),
            }),
        Fault::new("stale-malformed", "answer.independent", "after malformed JSON, the next body is malformed").gate(
            |_, past| match past.refused {
                Some(Cause::NotJson | Cause::NotText) => Err(Cause::NotObject),
                _ => Ok(()),
            },
        ),
        Fault::new("stale-crash", "answer.independent", "after malformed JSON, the next creation is a 500")
            .gate(|_, past| match past.refused {
                Some(Cause::NotJson | Cause::NotText | Cause::NotObject) => Err(Cause::Crash),
                _ => Ok(()),
            })
            .broad(),
        Fault::new("stale-status", "answer.independent", "after a refusal, the next creation has its status")
            .created(|r, m| {
                if let Some(cause) = m.past.refused {
                    r.status = cause.status();
                }
            })
            .broad(),
        Fault::new("stale-members", "answer.independent", "after a refusal, the next creation shows it too").created(
            |r, m| {
                if let Some(cause) = m.past.refused {
                    r.put("error_code", cause.code());
                    r.put("error_msg", cause.message());
                }
            },
        ),
        Fault::new("stale-body", "answer.independent", "after a refused body, the next creation shows its description")
            .created(|r, m| {
                if let (Some(_), Some(text)) =
                    (m.past.refused, m.past.members.get("description").filter(|text| text.is_string()))
                {
                    r.put("description", text.clone());
                }
            }),
        Fault::new("stale-vpc", "answer.independent", "after a refused body, the next creation has its vpc_id")
            .created(|r, m| {
                if let (Some(_), Some(id)) = (m.past.refused, m.past.members.get("vpc_id").filter(|id| id.is_string()))
                {
                    r.put("vpc_id", id.clone());
                }
            }),
        Fault::new("stale-name", "answer.independent", "after a refusal, the next creation shows its name").created(
            |r, m| {
                if let (Some(_), Some(name)) =
                    (m.past.refused, m.past.members.get("name").filter(|name| name.is_string()))
                {
                    r.put("name", name.clone());
                }
            },
        ),
        Fault::new("stale-long", "answer.independent", "after too long a name, the next request is refused").gate(
            |_, past| match past.refused {
                Some(Cause::Field("name", FieldError::Long)) => Err(Cause::Field("name", FieldError::Short)),
                _ => Ok(()),
            },
        ),
    ]
}

/// An id that looks like a UUID and is the n-th.
fn numbered(number: usize) -> String {
    format!("6a1d7a52-9f0e-4c55-8f5e-{number:012}")
}
