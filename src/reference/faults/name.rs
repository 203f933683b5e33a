//! Faults in the presence, type, length and reserved word of `name`, and in the beginning of it.

use serde_json::Value;

use super::{Fault, any_text, array_text, bool_text, from_query, number_text, object_text};
use crate::reference::cause::{Cause, FieldError};
use crate::reference::field::characters;
use crate::reference::stamp;

pub(super) const ROWS: &[Fault] = &[
    Fault::new("name-any-case-of-key", "name.mandatory", "the key may be spelt `Name` or `NAME`", |b| {
        b.members = |members, _, _| {
            let other = members.keys().find(|key| *key != "name" && key.eq_ignore_ascii_case("name")).cloned();
            if let Some(value) = other.and_then(|key| members.remove(&key)) {
                members.entry("name").or_insert(value);
            }
            Ok(())
        };
    }),
    Fault::new(
        "name-missing-accepted",
        "name.mandatory",
        "a body without a name is accepted, a name is made up",
        |b| {
            b.members = |members, _, _| {
                members.entry("name").or_insert_with(|| stamp::uuid().into());
                Ok(())
            };
        },
    ),
    Fault::new("name-null-accepted", "name.mandatory", "a name of null is accepted, a name is made up", |b| {
        b.members = |members, _, _| {
            if members.get("name").is_some_and(Value::is_null) {
                members.insert("name".to_owned(), stamp::uuid().into());
            }
            Ok(())
        };
    }),
    Fault::new("name-null-is-text", "name.mandatory", "a name of null is taken for the text `null`", |b| {
        b.name.text = |value| if value.is_null() { Some("null".to_owned()) } else { any_text(value, Value::is_string) };
    }),
    Fault::new("name-missing-404", "name.mandatory", "a missing name is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Missing) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("name-missing-500", "status.no-server-error", "a missing name is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Missing) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("name-missing-422", "status.documented", "a missing name is answered 422", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Missing) {
                r.status = 422;
            }
        });
    }),
    Fault::new("name-null-500", "status.no-server-error", "a name of null is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Null) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("name-number-accepted", "name.type", "a number is accepted as a name, as text", |b| {
        b.name.text = number_text
    }),
    Fault::new("name-boolean-accepted", "name.type", "a boolean is accepted as a name, as text", |b| {
        b.name.text = bool_text
    }),
    Fault::new("name-array-accepted", "name.type", "an array is accepted as a name: its first text", |b| {
        b.name.text = array_text;
    }),
    Fault::new("name-object-accepted", "name.type", "an object is accepted as a name, which is made up", |b| {
        b.name.text = object_text;
    }),
    Fault::new("name-number-500", "status.no-server-error", "a number as a name is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Type) && m.arrival.members().get("name").is_some_and(Value::is_number) {
                r.refuse_as(500);
            }
        });
    }),
    Fault::new("name-object-500", "status.no-server-error", "an object as a name is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Type) && m.arrival.members().get("name").is_some_and(Value::is_object) {
                r.refuse_as(500);
            }
        });
    }),
    Fault::new("name-type-415", "status.documented", "a name of another type is answered 415", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Type) {
                r.status = 415;
            }
        });
    }),
    Fault::new("name-empty-accepted", "name.min-length", "an empty name is accepted", |b| b.name.shortest = 0),
    Fault::new("name-empty-500", "status.no-server-error", "an empty name is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Short) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("name-empty-404", "name.min-length", "an empty name is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Short) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("name-1-refused", "name.min-length", "a name of one character is refused", |b| b.name.shortest = 2),
    Fault::new("name-1-digit-refused", "name.first-character", "a name of one digit is refused", |b| {
        b.name.disliked = |name| name.len() == 1 && name.starts_with(|c: char| c.is_ascii_digit());
    }),
    Fault::new("name-128-refused", "name.max-length", "a name of 128 characters is refused", |b| b.name.longest = 127),
    Fault::new("name-64-longest", "name.max-length", "names of more than 64 characters are refused", |b| {
        b.name.longest = 64
    }),
    Fault::new("name-129-accepted", "name.max-length", "a name of 129 characters is accepted", |b| {
        b.name.longest = 129
    }),
    Fault::new("name-only-129-accepted", "name.max-length", "a name of exactly 129 characters is accepted", |b| {
        b.name.excused = |name| name.len() == 129 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    }),
    Fault::new("name-256-accepted", "name.max-length", "names of up to 256 characters are accepted", |b| {
        b.name.longest = 256
    }),
    Fault::new("name-any-length", "name.max-length", "names of any length are accepted", |b| {
        b.name.longest = usize::MAX
    }),
    Fault::new(
        "name-cut-to-128",
        "name.max-length",
        "a name that is too long is cut to 128 characters and accepted",
        |b| {
            b.name.tidy = |name| name.chars().take(128).collect();
        },
    ),
    Fault::new("name-long-500", "status.no-server-error", "a name that is too long is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Long) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("name-long-413", "status.documented", "a name that is too long is answered 413", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Long) {
                r.status = 413;
            }
        });
    }),
    Fault::new("name-default-accepted", "name.reserved", "the name `default` is accepted", |b| {
        b.name.reserved = |_| false
    }),
    Fault::new("name-default-prefix-refused", "name.reserved", "names that begin with `default` are refused", |b| {
        b.name.reserved = |name| name.starts_with("default");
    }),
    Fault::new("name-default-suffix-refused", "name.reserved", "names that end with `default` are refused", |b| {
        b.name.reserved = |name| name.ends_with("default");
    }),
    Fault::new("name-default-inside-refused", "name.reserved", "names that hold `default` anywhere are refused", |b| {
        b.name.reserved = |name| name.contains("default");
    }),
    Fault::new("name-default-403", "name.reserved", "the name `default` is answered 403", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Reserved) {
                r.refuse_as(403)
            }
        });
    }),
    Fault::new("name-default-500", "status.no-server-error", "the name `default` is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Reserved) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("name-default-is-taken", "error.code-fits-cause", "`default` is refused as if it were taken", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::Reserved) {
                r.put("error_code", Cause::Taken.code())
            }
        });
    }),
    Fault::new("name-period-first", "name.first-character", "a name may start with a period", |b| {
        b.name.first = |c| c.is_ascii_alphanumeric() || c == '.';
    }),
    Fault::new("name-underscore-first", "name.first-character", "a name may start with an underscore", |b| {
        b.name.first = |c| c.is_ascii_alphanumeric() || c == '_';
    }),
    Fault::new("name-hyphen-first", "name.first-character", "a name may start with a hyphen", |b| {
        b.name.first = |c| c.is_ascii_alphanumeric() || c == '-';
    }),
    Fault::new("name-first-unchecked", "name.first-character", "a name may start with every allowed character", |b| {
        b.name.first = |_| true;
    }),
    Fault::new("name-sign-alone", "name.first-character", "a name may be a single period, underscore or hyphen", |b| {
        b.name.excused = |name| matches!(name, "." | "_" | "-");
    }),
    Fault::new("name-first-stripped", "name.first-character", "signs in front of a name are stripped", |b| {
        b.name.tidy = |name| match name.trim_start_matches(['.', '_', '-']) {
            "" => name,
            rest => rest.to_owned(),
        };
    }),
    Fault::new("name-digit-first-refused", "name.first-character", "a name may not start with a digit", |b| {
        b.name.first = |c| c.is_ascii_alphabetic();
    }),
    Fault::new("name-zero-first-refused", "name.first-character", "a name may not start with 0", |b| {
        b.name.first = |c| c.is_ascii_alphanumeric() && c != '0';
    }),
    Fault::new("name-capital-first-refused", "name.first-character", "a name may not start with a capital", |b| {
        b.name.first = |c| c.is_ascii_lowercase() || c.is_ascii_digit();
    }),
    Fault::new("name-first-500", "status.no-server-error", "a name with a sign in front is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_field("name", FieldError::First) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new(
        "name-length-in-a-byte",
        "name.max-length",
        "the length of a name is kept in a byte, so 257 is 1",
        |b| {
            b.name.length = |name| characters(name) % 256;
        },
    ),
    Fault::new("name-from-the-query", "name.mandatory", "a name that lacks is taken from the query", |b| {
        b.members = |members, arrival, _| from_query(members, arrival, "name");
    }),
    Fault::new(
        "name-missing-without-description-accepted",
        "name.mandatory",
        "a body with neither a name nor a description is accepted, a name is made up",
        |b| {
            b.members = |members, _, _| {
                if !members.contains_key("description") {
                    members.entry("name").or_insert_with(|| stamp::uuid().into());
                }
                Ok(())
            };
        },
    ),
    Fault::new("name-null-word-refused", "name.reserved", "`null`, `true` and their like are refused as names", |b| {
        b.name.disliked = |name| matches!(name, "null" | "true" | "false" | "undefined" | "none" | "nil" | "NaN");
    }),
    Fault::new("name-other-word-reserved", "name.reserved", "`system`, `admin` and `all` are refused as names", |b| {
        b.name.disliked = |name| matches!(name, "system" | "admin" | "all");
    }),
    Fault::new("name-part-of-default-refused", "name.reserved", "every part of `default` is refused", |b| {
        b.name.reserved = |name| name.len() > 2 && "default".contains(name);
    }),
];
