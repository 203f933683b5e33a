//! Rules that hold in one setting and not in another: in a project, without what is optional, below a size, for a while.

use serde_json::{Map, Value};

use super::fault::Fault;
use crate::reference::cause::{Cause, FieldError};
use crate::reference::field::{Field, strict_text};
use crate::reference::request::Request;
use crate::reference::stamp;
use crate::reference::token::{TokenHolder, judge};

/// What is a large body, in bytes.
const LARGE: usize = 4 << 10;

/// A setting in which rules don't hold: what its faults are called, in words, and whether a request is in it.
type Setting = (&'static str, &'static str, fn(&Request) -> bool);

const SETTINGS: [Setting; 6] = [
    ("elsewhere", "in another project", |request| request.path.contains("/project-b/")),
    ("without-description", "without a description", |request| request.text("description").is_none()),
    ("in-large-bodies", "in a large body", |request| request.body.len() > LARGE),
    ("in-chunks", "in chunks", |request| request.is_in_chunks()),
    ("with-a-charset", "where the media type has a charset", |request| has(request, "content-type", b"charset=utf-8")),
    ("beside-another-field", "beside a field that is not documented", |request| request.text("colour").is_some()),
];

/// What else a request may have that the service fails at.
const CRASHES: [Setting; 8] = [
    ("expectation", "an expectation", |request| request.header("expect").is_some()),
    ("language", "a language", |request| request.header("accept-language").is_some()),
    ("range", "a range", |request| request.header("range").is_some()),
    ("condition", "a condition", |request| request.header("if-none-match").is_some()),
    ("origin", "an origin", |request| request.header("origin").is_some()),
    ("odd-accept", "an Accept that is no media type", |request| request.header("accept") == Some(b"json")),
    ("odd-query", "a query that can't be decoded", |request| request.query.ends_with("%zz")),
    ("half-a-pair-in-an-id", "half a surrogate pair in an id", |request| {
        let text = String::from_utf8_lossy(&request.body);
        text.contains(r#""vpc_id":"a\ud83d"#) || text.contains(r#""subnet_id":"a\ude00"#)
    }),
];

pub(super) fn rows() -> Vec<Fault> {
    SETTINGS
        .into_iter()
        .flat_map(of_a_setting)
        .chain(of_another_project())
        .chain(of_company())
        .chain(CRASHES.into_iter().map(crash))
        .chain(of_tokens())
        .collect()
}

fn of_a_setting((id, setting, applies): Setting) -> Vec<Fault> {
    let unchecked = |what: &str, clause: &str, member: &'static str, ignored: FieldError| {
        let says = format!("{setting}, {member} is not checked for that");
        Fault::new(format!("{what}-unchecked-{id}"), clause, says).members(move |members, request, _| {
            if applies(request) {
                amend(members, member, ignored);
            }
            Ok(())
        })
    };
    let mut rows = vec![
        unchecked("name-characters", "name.characters", "name", FieldError::Characters),
        unchecked("name-length", "name.max-length", "name", FieldError::Long),
        unchecked("reserved", "name.reserved", "name", FieldError::Reserved),
        unchecked("vpc-id", "vpc_id.mandatory", "vpc_id", FieldError::Null),
        unchecked("subnet-id", "subnet_id.max-length", "subnet_id", FieldError::Long),
    ];
    rows.push(unchecked("subnet-id-type", "subnet_id.type", "subnet_id", FieldError::Type));
    if id == "elsewhere" {
        rows.push(unchecked("description", "description.max-length", "description", FieldError::Long));
        rows.push(unchecked("vpc-id-presence", "vpc_id.mandatory", "vpc_id", FieldError::Missing));
        rows.push(unchecked("subnet-id-presence", "subnet_id.mandatory", "subnet_id", FieldError::Missing));
    }
    rows
}

fn of_another_project() -> Vec<Fault> {
    let is_other = |request: &Request| request.path.contains("/project-b/");
    vec![
        Fault::new("name-64-longest-elsewhere", "name.max-length", "another project takes names of 64 at most")
            .members(move |members, request, _| {
                let long = members.get("name").and_then(Value::as_str).is_some_and(|name| name.len() > 64);
                if is_other(request) && long { Err(Cause::LargeBody) } else { Ok(()) }
            }),
        Fault::new("limit-of-all-fields", "name.max-length", "all fields together have at most 600 characters")
            .members(|members, _, _| {
                let length: usize = members.values().filter_map(Value::as_str).map(str::len).sum();
                if length > 600 { Err(Cause::LargeBody) } else { Ok(()) }
            }),
        Fault::new("description-mandatory-elsewhere", "description.optional", "another project needs a description")
            .members(move |members, request, _| {
                let lacks = !members.contains_key("description");
                if is_other(request) && lacks { Err(Cause::Field("description", FieldError::Missing)) } else { Ok(()) }
            }),
        Fault::new("unique-not-elsewhere", "name.unique", "no name is taken in another project").set(|b| {
            b.store.tenant = |project| if project == "project-b" { stamp::uuid() } else { project.to_owned() }
        }),
        Fault::new("limited-accepted-elsewhere", "token.permission", "another project needs no permission")
            .token(|request| promoted(request, request.path.contains("/project-b/"))),
    ]
}

/// Rules that don't hold beside something else that a request has.
fn of_company() -> Vec<Fault> {
    let reserved = |id: &str, says: &str, applies: fn(&Request) -> bool| {
        Fault::new(id, "name.reserved", says).members(move |members, request, _| {
            if applies(request) {
                amend(members, "name", FieldError::Reserved);
            }
            Ok(())
        })
    };
    vec![
        reserved("reserved-unchecked-behind-queries", "behind a query, no name is reserved", |request| {
            !request.query.is_empty()
        }),
        reserved(
            "reserved-unchecked-beside-empty-descriptions",
            "beside an empty description, no name is reserved",
            |request| request.text("description").as_deref() == Some(""),
        ),
        Fault::new("token-unchecked-behind-queries", "token.valid", "no token is needed behind a query")
            .token(|request| excused(request, !request.query.is_empty())),
        Fault::new("token-unchecked-without-a-type", "token.valid", "no token is needed without a media type")
            .token(|request| excused(request, request.header("content-type").is_none())),
        Fault::new("token-unchecked-for-pages", "token.valid", "who asks for HTML needs no token").token(|request| {
            excused(request, request.header("accept").is_some_and(|value| value.starts_with(b"text/html")))
        }),
        Fault::new("token-unchecked-in-small-letters", "token.valid", "a token in x-auth-token is not looked at")
            .raw()
            .token(|request| excused(request, request.header_spellings.iter().any(|name| name == "x-auth-token"))),
        Fault::new("limited-behind-queries", "token.permission", "no permission is needed behind a query")
            .token(|request| promoted(request, !request.query.is_empty())),
    ]
}

fn of_tokens() -> Vec<Fault> {
    let unchecked = |id: &str, says: &str| Fault::new(id, "token.valid", says);
    vec![
        unchecked("token-unchecked-without-description", "no token is needed without a description")
            .token(|request| excused(request, request.text("description").is_none())),
        unchecked("token-unchecked-before-large-bodies", "no token is needed before a large body")
            .token(|request| excused(request, request.body.len() > LARGE)),
        unchecked("token-unchecked-in-odd-projects", "no token is needed where a path is encoded")
            .token(|request| excused(request, request.path.contains('%'))),
        unchecked("token-unchecked-behind-parameters", "no token is needed behind a semicolon in the path")
            .token(|request| excused(request, request.path.contains(';'))),
        unchecked("token-unchecked-from-here", "who is forwarded for 127.0.0.1 needs no token")
            .token(|request| excused(request, request.header("x-forwarded-for") == Some(b"127.0.0.1"))),
        unchecked("token-unchecked-inside", "who calls himself internal needs no token")
            .token(|request| excused(request, request.header("x-internal").is_some())),
        unchecked("token-unchecked-in-chunks", "no token is needed before a body in chunks")
            .token(|request| excused(request, request.is_in_chunks())),
        Fault::new("limited-in-chunks", "token.permission", "no permission is needed before a body in chunks")
            .token(|request| promoted(request, request.is_in_chunks())),
        Fault::new("limited-without-description", "token.permission", "no permission is needed without a description")
            .token(|request| promoted(request, request.text("description").is_none())),
        Fault::new("limited-every-fifth-time", "token.permission", "every fifth refusal, permission is not asked for")
            .refused_for(Cause::NoPermission, |r, m| {
                if m.refused.is_multiple_of(5) {
                    r.status = 200;
                    r.json = super::leniency::imagined(m);
                }
            }),
    ]
}

fn crash((id, what, applies): Setting) -> Fault {
    let says = format!("a request with {what} is answered 500");
    Fault::new(format!("{id}-500"), "status.no-server-error", says).every(move |r, m| {
        if applies(m.request) {
            r.refuse_as(500);
        }
    })
}

/// Whether a header's value has a text in it.
fn has(request: &Request, name: &str, text: &[u8]) -> bool {
    request.header(name).is_some_and(|value| value.windows(text.len()).any(|part| part == text))
}

/// Puts another value where one has this error.
pub(super) fn amend(members: &mut Map<String, Value>, member: &'static str, ignored: FieldError) {
    let rules = match member {
        "name" => Field::name(),
        "description" => Field::description(),
        _ => Field::id(member),
    };
    if rules.judge(members) == Err(ignored) {
        let kept = members.get(member).and_then(strict_text).filter(|_| ignored != FieldError::Reserved);
        let text = kept.map_or_else(stamp::uuid, |text| {
            text.chars().filter(char::is_ascii_alphanumeric).take(100).collect::<String>()
        });
        members.insert(member.to_owned(), text.into());
    }
}

/// The correct verdict, except that a refused token is accepted in a setting.
fn excused(request: &Request, applies: bool) -> Result<TokenHolder, Cause> {
    judge(request).or_else(|cause| if applies { Ok(TokenHolder::Full) } else { Err(cause) })
}

/// The correct verdict, except that a token may do everything in a setting.
fn promoted(request: &Request, applies: bool) -> Result<TokenHolder, Cause> {
    judge(request).map(|holder| if applies { TokenHolder::Full } else { holder })
}
