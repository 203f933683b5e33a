//! Faults in keeping names unique, and in refusals that leave something behind.

use std::time::Duration;

use super::fault::Fault;
use super::leniency::imagined;
use crate::reference::behaviour::Concurrency;
use crate::reference::cause::{Cause, FieldError};
use crate::reference::field::name_character;
use crate::reference::reply::AnswerContext;

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("unique-not-at-all", "name.unique", "a taken name is accepted").taken(|_, _| false),
        Fault::new("unique-last-only", "name.unique", "only the name created last is taken")
            .taken(|project, name| project.held.last().is_some_and(|held| held.name == name)),
        Fault::new("unique-last-three-only", "name.unique", "only the three names created last are taken")
            .taken(|project, name| project.held.iter().rev().take(3).any(|held| held.name == name)),
        Fault::new("unique-first-only", "name.unique", "only the name created first is taken")
            .taken(|project, name| project.held.first().is_some_and(|held| held.name == name)),
        Fault::new("unique-all-but-last", "name.unique", "the name created last is not taken yet").taken(
            |project, name| {
                project.held.split_last().is_some_and(|(_, before)| before.iter().any(|held| held.name == name))
            },
        ),
        Fault::new("unique-short-names-only", "name.unique", "names of more than 8 characters are never taken")
            .taken(|project, name| name.len() <= 8 && project.names.contains(name)),
        Fault::new("unique-not-stored", "name.unique", "connections are answered and not kept")
            .set(|b| b.store.keeps = |_, _| false),
        Fault::new("unique-every-third-not-stored", "name.unique", "every third connection is answered and not kept")
            .set(|b| b.store.keeps = |_, number| number % 3 != 0),
        Fault::new("unique-repeated-is-200", "name.unique", "a taken name is answered as if it had been created again")
            .refused_for(Cause::Taken, |r, m| {
                r.status = 200;
                r.json = imagined(m);
            }),
        Fault::new("unique-repeated-is-error-200", "response.not-error", "a taken name is answered 200 with the error")
            .answers(Cause::Taken, 200),
        Fault::new("unique-401", "name.unique", "a taken name is answered 401").answers(Cause::Taken, 401),
        Fault::new("unique-403", "name.unique", "a taken name is answered 403").answers(Cause::Taken, 403),
        Fault::new("unique-404", "name.unique", "a taken name is answered 404").answers(Cause::Taken, 404),
        Fault::new("unique-500", "status.no-server-error", "a taken name is answered 500").answers(Cause::Taken, 500),
        Fault::new("unique-by-beginning", "name.unique", "a name that begins with a taken one is taken")
            .taken(|project, name| project.held.iter().any(|held| name.starts_with(&held.name))),
        Fault::new("unique-by-64-characters", "name.unique", "names are compared by their first 64 characters").taken(
            |project, name| project.held.iter().any(|held| held.name.chars().take(64).eq(name.chars().take(64))),
        ),
        Fault::new("unique-signs-alike", "name.unique", "names that differ in signs only are the same").taken(
            |project, name| {
                let plain = |name: &str| name.replace(['.', '_', '-'], "-");
                project.held.iter().any(|held| plain(&held.name) == plain(name))
            },
        ),
        Fault::new("unique-in-all-projects", "name.unique-per-tenant", "a name is taken in all projects at once")
            .set(|b| b.store.tenant = |_| String::new()),
        Fault::new(
            "unique-in-any-case-at-times",
            "name.unique",
            "names that differ in case are the same for some names",
        )
        .taken(|project, name| {
            let in_any_case = name.starts_with(|c: char| c.is_ascii_uppercase());
            project.names.iter().any(|held| held == name || (in_any_case && held.to_lowercase() == name.to_lowercase()))
        }),
        Fault::new("unique-race", "name.unique-concurrently", "asking for a name and taking it are two steps")
            .set(|b| b.store.race_window = Some(Duration::from_millis(10))),
        Fault::new("unique-narrow-race", "name.unique-concurrently", "asking and taking are two steps, nearly one")
            .set(|b| b.store.race_window = Some(Duration::from_millis(2))),
        Fault::new("unique-race-500", "status.no-server-error", "who loses the race for a name is answered 500")
            .set(|b| b.concurrency = Concurrency::Crashes),
        Fault::new("unique-in-a-hurry", "name.unique", "of names created at the same time all but one are taken")
            .set(|b| b.concurrency = Concurrency::Refuses)
            .broad(),
        Fault::new("effect-of-invalid", "refusal.no-effect", "a creation with an invalid body takes its name")
            .refusal_takes_name(|cause| cause.status() == 400 && cause != Cause::Taken),
        Fault::new("effect-of-missing-vpc", "refusal.no-effect", "a creation without vpc_id takes its name")
            .refusal_takes_name(|cause| {
                matches!(cause, Cause::Field("vpc_id", FieldError::Missing | FieldError::Null))
            }),
        Fault::new("effect-of-missing-subnet", "refusal.no-effect", "a creation without subnet_id takes its name")
            .refusal_takes_name(|cause| {
                matches!(cause, Cause::Field("subnet_id", FieldError::Missing | FieldError::Null))
            }),
        Fault::new("effect-of-long-description", "refusal.no-effect", "too long a description takes the name")
            .refusal_takes_name(|cause| cause == Cause::Field("description", FieldError::Long)),
        Fault::new("effect-of-wrong-type", "refusal.no-effect", "a member of another type takes the name")
            .refusal_takes_name(|cause| matches!(cause, Cause::Field(_, FieldError::Type))),
        Fault::new("effect-of-401", "refusal.no-effect", "a creation with a wrong token takes its name")
            .refusal_takes_name(|cause| cause.status() == 401),
        Fault::new("effect-of-403", "refusal.no-effect", "a creation without permission takes its name")
            .refusal_takes_name(|cause| cause == Cause::NoPermission),
        Fault::new("effect-of-long-name", "refusal.no-effect", "too long a name takes its first 128 characters")
            .refusal_takes_part(|name| name.chars().take(128).collect()),
        Fault::new("effect-of-signs-in-front", "refusal.no-effect", "a wrong name takes itself without signs in front")
            .refusal_takes_part(|name| name.trim_start_matches(['.', '_', '-']).to_owned()),
        Fault::new("effect-of-wrong-character", "refusal.no-effect", "a wrong name takes what is right at its start")
            .refusal_takes_part(|name| name.chars().take_while(|c| name_character(*c)).collect()),
        Fault::new("effect-of-media-type", "refusal.no-effect", "a body of another media type is refused and created")
            .created_if(
                |m| !m.request.header("content-type").unwrap_or_default().starts_with(b"application/json"),
                |r, _| r.refuse_as(400),
            ),
        Fault::new("effect-of-query", "refusal.no-effect", "a creation with a query is refused and made all the same")
            .created_if(|m| !m.request.query.is_empty(), |r, _| r.refuse_as(400)),
        compared("unique-by-letters", "names of the same characters are the same", |name| {
            let mut characters: Vec<char> = name.chars().collect();
            characters.sort_unstable();
            characters.into_iter().collect()
        }),
        compared("unique-by-hash", "names are compared by a hash of 32 bits", |name| {
            let hash = name.chars().fold(0_u32, |hash, c| hash.wrapping_mul(31).wrapping_add(u32::from(c)));
            hash.to_string()
        }),
        compared("unique-by-number", "names that are the same number are the same", |name| {
            name.parse::<f64>().map_or_else(|_| name.to_owned(), |number| number.to_string())
        }),
        compared("unique-squeezed", "characters that come several times in a row count once", |name| {
            let mut characters: Vec<char> = name.chars().collect();
            characters.dedup();
            characters.into_iter().collect()
        }),
        compared("unique-without-hyphens", "hyphens in names are not compared", |name| name.replace('-', "")),
        compared("unique-without-end", "an underscore at the end of a name is not compared", |name| {
            name.trim_end_matches('_').to_owned()
        }),
        compared("unique-either-way", "a name and the same backwards are the same", |name| {
            name.to_owned().min(name.chars().rev().collect())
        }),
        compared("unique-by-last-64", "names are compared by their last 64 characters", |name| {
            name.chars().skip(name.chars().count().saturating_sub(64)).collect()
        }),
        compared("unique-by-looks", "the digit 1 and the letter l are the same", |name| name.replace('1', "l")),
        compared("unique-by-version", "zeros in front of a number do not count", |name| name.replace("v0", "v")),
        created_again("unique-not-behind-queries", "in requests with a query", |m| !m.request.query.is_empty()),
        created_again("unique-not-beside-empty-descriptions", "beside an empty description", |m| {
            m.request.text("description").as_deref() == Some("")
        }),
        created_again("unique-not-beside-unknown-fields", "beside a field that is not documented", |m| {
            let known = ["name", "description", "vpc_id", "subnet_id"];
            m.request.members().keys().any(|key| !known.contains(&key.as_str()))
        }),
    ]
}

/// A fault by which names are the same where what this makes of them is.
fn compared(id: &str, says: &str, form: fn(&str) -> String) -> Fault {
    Fault::new(id, "name.unique", says).set(move |b| b.store.form = form)
}

/// A fault by which no name is taken in some requests.
fn created_again(id: &str, setting: &str, applies: fn(&AnswerContext<'_>) -> bool) -> Fault {
    Fault::new(id, "name.unique", format!("no name is taken {setting}")).refused(move |r, m| {
        if m.is(Cause::Taken) && applies(m) {
            r.status = 200;
            r.json = imagined(m);
        }
    })
}
