//! Variants of a service that knows what else its tenants have, and how much they may have and ask.

use std::time::Duration;

use super::variant::Variant;
use crate::reference::behaviour::{Behaviour, Limits};
use crate::reference::cause::FieldError;

/// The VPC that exists.
const VPC: &str = "7a6cf6d1-3f1c-4b55-9a37-5d9c0f2b8e41";
/// The subnet that exists.
const SUBNET: &str = "c2f0a8be-51d4-4f0e-8f1b-0e6a7d3b9c52";

pub(super) const ROWS: &[Variant] = &[
    Variant::new("ids-looked-up-400", "a VPC or subnet that doesn't exist is refused with 400", look_up),
    Variant::new("ids-looked-up-404", "a VPC or subnet that doesn't exist is refused with 404", |b| {
        look_up(b);
        b.on_refused(|r, m| {
            if ["vpc_id", "subnet_id"].into_iter().any(|field| m.is_field(field, FieldError::Unknown)) {
                r.refuse_as(404);
            }
        });
    }),
    Variant::new("ids-must-be-uuid", "an id of a VPC or subnet that is no UUID is refused with 400", |b| {
        b.vpc_id.exists = is_uuid;
        b.subnet_id.exists = is_uuid;
    }),
    Variant::new(
        "cloud",
        "ids are looked up; at most 20 connections, 20 requests a second; deleting takes a while",
        |b| {
            b.limits = Limits { connections: Some(20), requests: Some(20), deletion: Duration::from_millis(500) };
        },
    )
    .over(&["ids-looked-up-404"])
    .limiting(),
];

fn look_up(behaviour: &mut Behaviour) {
    behaviour.vpc_id.exists = |id| id == VPC;
    behaviour.subnet_id.exists = |id| id == SUBNET;
}

/// Whether a text has the usual form of a UUID.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
