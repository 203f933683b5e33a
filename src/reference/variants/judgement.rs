//! Other ways to judge what the documentation leaves open: names and other members, bodies, tokens, and what refusals say.

use axum::http::Method;

use super::super::body;
use super::super::cause::{Cause, FieldError};
use super::super::field::name_character;
use super::super::route::{self, Route};
use super::super::stamp;
use super::super::store::ProjectStore;
use super::super::token::judge_value;
use super::variant::Variant;

pub(super) const ROWS: &[Variant] = &[
    // Names.
    Variant::new("ids-of-plain-characters", "ids of VPC and subnet hold letters, digits and hyphens only", |b| {
        b.vpc_id.inside = |c| c.is_ascii_alphanumeric() || c == '-';
        b.subnet_id.inside = |c| c.is_ascii_alphanumeric() || c == '-';
    }),
    Variant::new("ids-of-small-letters", "ids of VPC and subnet hold small letters, digits and hyphens only", |b| {
        b.vpc_id.inside = |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        b.subnet_id.inside = |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    }),
    Variant::new("name-lower-cased", "names are lower-cased, then judged, kept and answered so", |b| {
        b.name.tidy = |name| name.to_lowercase();
    }),
    Variant::new("names-case-insensitive", "names that differ only in case are the same", |b| {
        b.store.taken = same_in_any_case;
    }),
    Variant::new(
        "names-lower-cased-in-answers",
        "names that differ only in case are the same, and shown in lower case",
        |b| {
            b.store.taken = same_in_any_case;
            b.on_created(|r, m| r.put("name", m.created.map(|connection| connection.name.to_lowercase())));
        },
    ),
    Variant::new(
        "names-shown-in-lower-case",
        "names that differ in case are different, and shown in lower case",
        |b| {
            b.on_created(|r, m| r.put("name", m.created.map(|connection| connection.name.to_lowercase())));
        },
    ),
    Variant::new("reserved-any-case", "the reserved word is reserved in any case", |b| {
        b.name.reserved = |name| name.eq_ignore_ascii_case("default");
    }),
    Variant::new("unicode-letters", "letters and digits of all scripts are letters and digits", |b| {
        b.name.first = char::is_alphanumeric;
        b.name.inside = |c| c.is_alphanumeric() || name_character(c);
    }),
    Variant::new("taken-409", "a taken name is answered 409", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.status = 409;
            }
        });
    }),
    Variant::new("taken-general-code", "a taken name is answered with the general code", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.put("error_code", "EG.00014000");
            }
        });
    }),
    Variant::new("taken-unlisted-code", "a taken name is answered with a code that no list has", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.put("error_code", "EG.00513009");
            }
        });
    }),
    // Other members.
    Variant::new("description-in-bytes", "a description is measured in bytes", |b| b.description.length = str::len),
    Variant::new("description-in-utf-16", "a description is measured in UTF-16 units", |b| {
        b.description.length = |text| text.encode_utf16().count();
    }),
    Variant::new("description-without-controls", "control characters in a description are refused", |b| {
        b.description.inside = |c| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    }),
    Variant::new("null-description", "a description of null counts as absent", |b| b.description.null_is_absent = true),
    Variant::new("no-empty-ids", "an empty vpc_id or subnet_id is refused", |b| {
        b.vpc_id.shortest = 1;
        b.subnet_id.shortest = 1;
    }),
    Variant::new("no-unknown-fields", "an unknown member of the body is refused", |b| {
        b.on_members(|members, _, _| {
            let known = ["name", "description", "vpc_id", "subnet_id"];
            let unknown = members.keys().any(|member| !known.contains(&member.as_str()));
            if unknown { Err(Cause::Field("a member", FieldError::Unknown)) } else { Ok(()) }
        });
    }),
    // Bodies.
    Variant::new("byte-order-mark", "a byte order mark in front of the body is skipped", |b| {
        b.body = |bytes| body::read(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    }),
    Variant::new("json-only", "a body of another media type is refused with 400", |b| {
        b.gate = |arrival, _| {
            let kind = arrival.header("content-type").unwrap_or_default().to_ascii_lowercase();
            if kind.starts_with(b"application/json") { Ok(()) } else { Err(Cause::NotJson) }
        };
    }),
    Variant::new("no-unknown-query", "a creation with a query is refused with 400", |b| {
        b.gate = |arrival, _| {
            if arrival.query.is_empty() { Ok(()) } else { Err(Cause::Field("query", FieldError::Unknown)) }
        };
    }),
    Variant::new("small-bodies", "a body of more than 64 KiB is refused with 400", |b| {
        b.body = |bytes| if bytes.len() > 64 << 10 { Err(Cause::LargeBody) } else { body::read(bytes) };
    }),
    Variant::new("body-first", "the body is judged before the token", |b| b.body_first = true),
    // Tokens and refusals.
    Variant::new("long-token-400", "a token that is too long is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::LongToken) {
                r.refuse_as(400);
            }
        });
    }),
    Variant::new("long-token-431", "a token that is too long is answered 431", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::LongToken) {
                r.status = 431;
                r.put("error_code", "EG.00014310");
            }
        });
    }),
    Variant::new("first-of-two-tokens", "of several tokens the first counts", |b| {
        b.token = |arrival| {
            if arrival.headers.contains_key("x-auth-token") {
                judge_value(arrival.token())
            } else {
                Err(Cause::NoToken)
            }
        };
    }),
    Variant::new("full-errors", "refusals carry all four documented members", |b| {
        b.on_refused(|r, _| {
            let id = r.header("X-Request-Id").unwrap_or_default().to_owned();
            r.put("error_details", "see the documentation of the operation");
            r.put("request_id", id);
        });
    }),
    Variant::new("longest-errors", "members of refusals are as long as may be", |b| {
        b.on_refused(|r, _| {
            r.put("error_msg", "é".repeat(512));
            r.put("error_details", "d".repeat(1024));
            r.put("request_id", "r".repeat(128));
        });
    }),
    Variant::new("unknown-fields-in-errors", "refusals carry a member that is not documented", |b| {
        b.on_refused(|r, _| r.put("help", "https://example.invalid/help"));
    }),
    Variant::new("catalogue-codes", "refusals carry the specific codes of the catalogue", |b| {
        b.on_refused(|r, m| match m.cause {
            _ if m.is_invalid() => r.put("error_code", "EG.00513000"),
            Some(Cause::NoPermission) => r.put("error_code", "EG.00512000"),
            _ => {}
        });
    }),
    Variant::new("quota-code", "403 carries the code for a used-up quota", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.put("error_code", "EG.00514003");
            }
        });
    }),
    Variant::new("gateway-codes", "401, 403 and 404 carry the gateway's codes", |b| {
        b.on_refused(|r, _| match r.status {
            401 => r.put("error_code", "APIGW.0301"),
            403 => r.put("error_code", "APIGW.0302"),
            404 => r.put("error_code", "APIG.0101"),
            _ => {}
        });
    }),
    Variant::new("unlisted-codes", "invalid bodies carry a code that no list has", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.put("error_code", "EG.00999999");
            }
        });
    }),
    Variant::new("refusals-as-exceptions", "refusals carry what exceptions of some languages do", |b| {
        b.on_refused(|r, _| {
            r.put("name", "BadRequestError");
            r.put("description", "Bad Request");
            r.put("status", "error");
            r.put("id", stamp::uuid());
        });
    }),
    Variant::new("refusals-quote-the-request", "refusals carry the name and the ids that were sent", |b| {
        b.on_refused(|r, m| {
            for member in ["name", "vpc_id", "subnet_id"] {
                let sent = m.request.text(member).unwrap_or_default();
                r.put(member, sent.chars().take(100).collect::<String>());
            }
        });
    }),
    Variant::new("other-methods-404", "other methods are answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is_status(405) {
                r.refuse_as(404);
                r.unset("Allow");
            }
        });
    }),
    Variant::new("no-helpers", "connections can neither be read back nor deleted", |b| b.helpers = false),
    Variant::new("trailing-slash", "a slash at the end of the path is ignored", |b| {
        b.route = |arrival| match (arrival.path.strip_suffix("/connections/"), &arrival.method) {
            (Some(front), &Method::POST)
                if front.starts_with("/v1/") && front.len() > 4 && front.matches('/').count() == 2 =>
            {
                Route::Create { project: front.trim_start_matches("/v1/").to_owned() }
            }
            _ => route::find(arrival),
        };
    }),
];

/// Whether a name is taken in any case.
fn same_in_any_case(shelf: &ProjectStore, name: &str) -> bool {
    shelf.names.iter().any(|held| held.to_lowercase() == name.to_lowercase())
}
