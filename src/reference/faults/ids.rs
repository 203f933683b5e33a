//! Faults in judging `vpc_id` and `subnet_id`: the same ones for each.

use super::fault::Fault;
use super::leniency::{another_key, any_text, array_text, bool_text, from_query, number_text, object_text};
use crate::reference::cause::{Cause, FieldError};
use crate::reference::field::characters;

pub(super) fn rows() -> Vec<Fault> {
    [("vpc_id", "vpcId"), ("subnet_id", "subnetId")].into_iter().flat_map(|(member, camel)| of(member, camel)).collect()
}

fn of(member: &'static str, camel: &'static str) -> Vec<Fault> {
    let fault = |id: &str, clause: &str, says: &str| {
        let clause = clause.replace("{id}", member);
        Fault::new(format!("{}-{id}", member.replace('_', "-")), clause, says.replace("{id}", member))
    };
    let wrong = |error| Cause::Field(member, error);
    vec![
        fault("missing-accepted", "{id}.mandatory", "a body without {id} is accepted")
            .field(member, |f| f.mandatory = false),
        fault("null-accepted", "{id}.mandatory", "{id} of null is accepted").field(member, |f| f.null_is_absent = true),
        fault("missing-500", "status.no-server-error", "a missing {id} is answered 500")
            .answers(wrong(FieldError::Missing), 500),
        fault("null-500", "status.no-server-error", "{id} of null is answered 500")
            .answers(wrong(FieldError::Null), 500),
        fault("missing-404", "{id}.mandatory", "a missing {id} is answered 404 as not found")
            .answers(wrong(FieldError::Missing), 404),
        fault("number-accepted", "{id}.type", "a number is accepted as {id}, as text")
            .field(member, |f| f.text = number_text),
        fault("boolean-accepted", "{id}.type", "a boolean is accepted as {id}, as text")
            .field(member, |f| f.text = bool_text),
        fault("array-accepted", "{id}.type", "an array is accepted as {id}: its first text")
            .field(member, |f| f.text = array_text),
        fault("object-accepted", "{id}.type", "an object is accepted as {id}").field(member, |f| f.text = object_text),
        fault("number-500", "status.no-server-error", "{id} of another type is answered 500")
            .answers(wrong(FieldError::Type), 500),
        fault("128-refused", "{id}.max-length", "{id} of 128 characters is refused").field(member, |f| f.longest = 127),
        fault("129-accepted", "{id}.max-length", "{id} of 129 characters is accepted")
            .field(member, |f| f.longest = 129),
        fault("any-length", "{id}.max-length", "{id} of any length is accepted")
            .field(member, |f| f.longest = usize::MAX),
        fault("36-longest", "{id}.max-length", "{id} of more than 36 characters is refused")
            .field(member, |f| f.longest = 36),
        fault("cut-to-128", "{id}.max-length", "{id} that is too long is cut to 128 characters")
            .field(member, |f| f.tidy = |id| id.chars().take(128).collect()),
        fault("long-500", "status.no-server-error", "{id} that is too long is answered 500")
            .answers(wrong(FieldError::Long), 500),
        fault("upper-cased", "response.{id}-echo", "{id} comes back in capitals")
            .field(member, |f| f.tidy = |id| id.to_uppercase()),
        fault("without-hyphens", "response.{id}-echo", "{id} comes back without its hyphens")
            .field(member, |f| f.tidy = |id| id.replace('-', "")),
        fault(
            "missing-without-description-accepted",
            "{id}.mandatory",
            "a body with neither {id} nor a description is accepted",
        )
        .members(move |members, _, _| {
            if !members.contains_key("description") {
                members.entry(member).or_insert_with(|| "".into());
            }
            Ok(())
        }),
        fault("camel-key", "{id}.mandatory", "the key may be spelt in camel case")
            .members(move |members, _, _| another_key(members, member, camel)),
        fault("from-the-query", "{id}.mandatory", "{id} is taken from the query where it lacks")
            .members(move |members, request, _| from_query(members, request, member)),
        fault("length-trimmed", "{id}.max-length", "spaces around {id} are not counted")
            .field(member, |f| f.length = |id| characters(id.trim())),
        fault("trimmed", "response.{id}-echo", "{id} comes back without the spaces around it")
            .created(move |r, _| r.respell(member, |id| id.trim().to_owned())),
        fault("nul-500", "status.no-server-error", "a NUL in {id} is answered 500").created(move |r, m| {
            if m.request.text(member).is_some_and(|id| id.contains('\0')) {
                r.refuse_as(500);
            }
        }),
        fault("long-integer-accepted", "{id}.type", "an integer beyond 63 bits is accepted as {id}").field(
            member,
            |f| {
                f.text = |value| any_text(value, |value| value.is_u64() && !value.is_i64());
            },
        ),
        fault("whole-float-accepted", "{id}.type", "a number like 2.0 is accepted as {id}").field(member, |f| {
            f.text =
                |value| any_text(value, |value| value.is_f64() && value.as_f64().is_some_and(|n| n.fract() == 0.0));
        }),
        fault("5000-accepted", "{id}.max-length", "{id} of 5000 characters and more is accepted")
            .field(member, |f| f.excused = |id| id.len() >= 5000),
        fault("short-key", "{id}.mandatory", "the key may lack its end")
            .members(move |members, _, _| another_key(members, member, member.trim_end_matches("_id"))),
    ]
}
