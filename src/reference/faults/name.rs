//! Faults in the presence, type, length and reserved word of `name`, and in the beginning of it.

use serde_json::Value;

use super::fault::Fault;
use super::leniency::{any_text, array_text, bool_text, from_query, number_text, object_text};
use crate::reference::cause::{Cause, FieldError};
use crate::reference::field::{characters, name_character};
use crate::reference::stamp;

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("name-any-case-of-key", "name.mandatory", "the key may be spelt `Name` or `NAME`").members(
            |members, _, _| {
                let other = members.keys().find(|key| *key != "name" && key.eq_ignore_ascii_case("name")).cloned();
                if let Some(value) = other.and_then(|key| members.remove(&key)) {
                    members.entry("name").or_insert(value);
                }
                Ok(())
            },
        ),
        Fault::new("name-missing-accepted", "name.mandatory", "a body without a name is accepted, a name is made up")
            .members(|members, _, _| {
                members.entry("name").or_insert_with(|| stamp::uuid().into());
                Ok(())
            }),
        Fault::new("name-null-accepted", "name.mandatory", "a name of null is accepted, a name is made up").members(
            |members, _, _| {
                if members.get("name").is_some_and(Value::is_null) {
                    members.insert("name".to_owned(), stamp::uuid().into());
                }
                Ok(())
            },
        ),
        Fault::new("name-null-is-text", "name.mandatory", "a name of null is taken for the text `null`").field(
            "name",
            |f| {
                f.text =
                    |value| if value.is_null() { Some("null".to_owned()) } else { any_text(value, Value::is_string) };
            },
        ),
        Fault::new("name-missing-404", "name.mandatory", "a missing name is answered 404")
            .answers(Cause::Field("name", FieldError::Missing), 404),
        Fault::new("name-missing-500", "status.no-server-error", "a missing name is answered 500")
            .answers(Cause::Field("name", FieldError::Missing), 500),
        Fault::new("name-missing-422", "status.documented", "a missing name is answered 422")
            .answers(Cause::Field("name", FieldError::Missing), 422),
        Fault::new("name-null-500", "status.no-server-error", "a name of null is answered 500")
            .answers(Cause::Field("name", FieldError::Null), 500),
        Fault::new("name-number-accepted", "name.type", "a number is accepted as a name, as text")
            .field("name", |f| f.text = number_text),
        Fault::new("name-boolean-accepted", "name.type", "a boolean is accepted as a name, as text")
            .field("name", |f| f.text = bool_text),
        Fault::new("name-array-accepted", "name.type", "an array is accepted as a name: its first text")
            .field("name", |f| f.text = array_text),
        Fault::new("name-object-accepted", "name.type", "an object is accepted as a name, which is made up")
            .field("name", |f| f.text = object_text),
        Fault::new("name-number-500", "status.no-server-error", "a number as a name is answered 500").refused_if(
            |m| m.is_field("name", FieldError::Type) && m.request.members().get("name").is_some_and(Value::is_number),
            |r, _| r.refuse_as(500),
        ),
        Fault::new("name-object-500", "status.no-server-error", "an object as a name is answered 500").refused_if(
            |m| m.is_field("name", FieldError::Type) && m.request.members().get("name").is_some_and(Value::is_object),
            |r, _| r.refuse_as(500),
        ),
        Fault::new("name-type-415", "status.documented", "a name of another type is answered 415")
            .answers(Cause::Field("name", FieldError::Type), 415),
        Fault::new("name-empty-accepted", "name.min-length", "an empty name is accepted")
            .field("name", |f| f.shortest = 0),
        Fault::new("name-empty-500", "status.no-server-error", "an empty name is answered 500")
            .answers(Cause::Field("name", FieldError::Short), 500),
        Fault::new("name-empty-404", "name.min-length", "an empty name is answered 404")
            .answers(Cause::Field("name", FieldError::Short), 404),
        Fault::new("name-1-refused", "name.min-length", "a name of one character is refused")
            .field("name", |f| f.shortest = 2),
        Fault::new("name-1-digit-refused", "name.first-character", "a name of one digit is refused")
            .field("name", |f| f.disliked = |name| name.len() == 1 && name.starts_with(|c: char| c.is_ascii_digit())),
        Fault::new("name-128-refused", "name.max-length", "a name of 128 characters is refused")
            .field("name", |f| f.longest = 127),
        Fault::new("name-64-longest", "name.max-length", "names of more than 64 characters are refused")
            .field("name", |f| f.longest = 64),
        Fault::new("name-129-accepted", "name.max-length", "a name of 129 characters is accepted")
            .field("name", |f| f.longest = 129),
        Fault::new("name-only-129-accepted", "name.max-length", "a name of exactly 129 characters is accepted")
            .field("name", |f| {
                f.excused = |name| name.len() == 129 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }),
        Fault::new("name-256-accepted", "name.max-length", "names of up to 256 characters are accepted")
            .field("name", |f| f.longest = 256),
        Fault::new("name-any-length", "name.max-length", "names of any length are accepted")
            .field("name", |f| f.longest = usize::MAX),
        Fault::new("name-cut-to-128", "name.max-length", "a name that is too long is cut to 128 characters")
            .field("name", |f| f.tidy = |name| name.chars().take(128).collect()),
        Fault::new("name-long-500", "status.no-server-error", "a name that is too long is answered 500")
            .answers(Cause::Field("name", FieldError::Long), 500),
        Fault::new("name-long-413", "status.documented", "a name that is too long is answered 413")
            .answers(Cause::Field("name", FieldError::Long), 413),
        Fault::new("name-default-accepted", "name.reserved", "the name `default` is accepted")
            .field("name", |f| f.reserved = |_| false),
        Fault::new("name-default-prefix-refused", "name.reserved", "names that begin with `default` are refused")
            .field("name", |f| f.reserved = |name| name.starts_with("default")),
        Fault::new("name-default-suffix-refused", "name.reserved", "names that end with `default` are refused")
            .field("name", |f| f.reserved = |name| name.ends_with("default")),
        Fault::new("name-default-inside-refused", "name.reserved", "names that hold `default` anywhere are refused")
            .field("name", |f| f.reserved = |name| name.contains("default")),
        Fault::new(
            "name-default-in-some-cases",
            "name.reserved",
            "`default` is reserved in some cases, free in others",
        )
        .field("name", |f| {
            f.reserved = |name| name == "default" || (name.starts_with('D') && name.eq_ignore_ascii_case("default"));
        }),
        Fault::new("name-default-403", "name.reserved", "the name `default` is answered 403")
            .answers(Cause::Field("name", FieldError::Reserved), 403),
        Fault::new("name-default-500", "status.no-server-error", "the name `default` is answered 500")
            .answers(Cause::Field("name", FieldError::Reserved), 500),
        Fault::new("name-default-is-taken", "error.code-fits-cause", "`default` is refused as if it were taken")
            .refused_for(Cause::Field("name", FieldError::Reserved), |r, _| r.put("error_code", Cause::Taken.code())),
        Fault::new("name-period-first", "name.first-character", "a name may start with a period")
            .field("name", |f| f.first = |c| c.is_ascii_alphanumeric() || c == '.'),
        Fault::new("name-underscore-first", "name.first-character", "a name may start with an underscore")
            .field("name", |f| f.first = |c| c.is_ascii_alphanumeric() || c == '_'),
        Fault::new("name-hyphen-first", "name.first-character", "a name may start with a hyphen")
            .field("name", |f| f.first = |c| c.is_ascii_alphanumeric() || c == '-'),
        Fault::new("name-first-unchecked", "name.first-character", "a name may start with every allowed character")
            .field("name", |f| f.first = |_| true),
        Fault::new("name-sign-alone", "name.first-character", "a name may be a single period, underscore or hyphen")
            .field("name", |f| f.excused = |name| matches!(name, "." | "_" | "-")),
        Fault::new("name-first-stripped", "name.first-character", "signs in front of a name are stripped").field(
            "name",
            |f| {
                f.tidy = |name| match name.trim_start_matches(['.', '_', '-']) {
                    "" => name,
                    rest => rest.to_owned(),
                };
            },
        ),
        Fault::new("name-digit-first-refused", "name.first-character", "a name may not start with a digit")
            .field("name", |f| f.first = |c| c.is_ascii_alphabetic()),
        Fault::new("name-zero-first-refused", "name.first-character", "a name may not start with 0")
            .field("name", |f| f.first = |c| c.is_ascii_alphanumeric() && c != '0'),
        Fault::new("name-capital-first-refused", "name.first-character", "a name may not start with a capital")
            .field("name", |f| f.first = |c| c.is_ascii_lowercase() || c.is_ascii_digit()),
        Fault::new("name-first-500", "status.no-server-error", "a name with a sign in front is answered 500")
            .answers(Cause::Field("name", FieldError::First), 500),
        Fault::new("name-length-in-a-byte", "name.max-length", "the length of a name is kept in a byte, so 257 is 1")
            .field("name", |f| f.length = |name| characters(name) % 256),
        Fault::new("name-from-the-query", "name.mandatory", "a name that lacks is taken from the query")
            .members(|members, request, _| from_query(members, request, "name")),
        Fault::new("name-missing-without-description-accepted", "name.mandatory", "a body with neither is accepted")
            .members(|members, _, _| {
                if !members.contains_key("description") {
                    members.entry("name").or_insert_with(|| stamp::uuid().into());
                }
                Ok(())
            }),
        Fault::new("name-null-word-refused", "name.reserved", "`null`, `true` and their like are refused as names")
            .field("name", |f| {
                f.disliked = |name| matches!(name, "null" | "true" | "false" | "undefined" | "none" | "nil" | "NaN")
            }),
        Fault::new("name-other-word-reserved", "name.reserved", "`system`, `admin` and `all` are refused as names")
            .field("name", |f| f.disliked = |name| matches!(name, "system" | "admin" | "all")),
        Fault::new("name-part-of-default-refused", "name.reserved", "every part of `default` is refused")
            .field("name", |f| f.reserved = |name| name.len() > 2 && "default".contains(name)),
        Fault::new("name-64-refused", "name.max-length", "a name of exactly 64 characters is refused")
            .field("name", |f| f.disliked = |name| name.len() == 64),
        Fault::new("name-hyphens-uncounted", "name.max-length", "hyphens in a name are not counted")
            .field("name", |f| f.length = |name| name.chars().filter(|c| *c != '-').count()),
        Fault::new("name-digits-uncounted", "name.max-length", "digits in a name are not counted, but for the first")
            .field("name", |f| f.length = |name| name.chars().skip(1).filter(|c| !c.is_ascii_digit()).count() + 1),
        Fault::new(
            "name-length-in-16-bits",
            "name.max-length",
            "the length of a name is kept in 16 bits, so 65537 is 1",
        )
        .field("name", |f| f.length = |name| characters(name) % 65_536),
        Fault::new("name-escapes-counted", "name.max-length", "a name is counted as it is spelt, escapes and all")
            .members(|members, request, _| {
                let escapes = request.body.windows(4).filter(|part| *part == b"\\u00").count();
                let length = members.get("name").and_then(Value::as_str).map(characters).unwrap_or_default();
                if length + 5 * escapes > 128 && escapes > 20 {
                    return Err(Cause::Field("name", FieldError::Long));
                }
                Ok(())
            }),
        Fault::new("name-long-integer-accepted", "name.type", "an integer beyond 63 bits is accepted as a name")
            .field("name", |f| f.text = |value| any_text(value, |value| value.is_u64() && !value.is_i64())),
        Fault::new("name-sign-before-digit-first", "name.first-character", "a name may start like a negative number")
            .field("name", |f| {
                f.excused = |name| {
                    let mut rest = name.strip_prefix(['-', '.']).unwrap_or_default().chars();
                    rest.next().is_some_and(|c| c.is_ascii_digit())
                        && rest.all(name_character)
                        && characters(name) <= 128
                };
            }),
        Fault::new("name-default-in-the-plural", "name.reserved", "`defaults` is reserved as well")
            .field("name", |f| f.reserved = |name| matches!(name, "default" | "defaults")),
        Fault::new(
            "name-default-between-signs",
            "name.reserved",
            "signs are not looked at where `default` is reserved",
        )
        .field("name", |f| f.reserved = |name| name.replace(['.', '_', '-'], "") == "default"),
        Fault::new("name-punycode-refused", "name.characters", "names that begin with xn-- are refused")
            .field("name", |f| f.disliked = |name| name.starts_with("xn--")),
    ]
}
