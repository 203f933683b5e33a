//! Faults in judging the token.

use serde_json::json;

use super::fault::Fault;
use super::leniency::imagined;
use crate::reference::cause::Cause;
use crate::reference::reply::Framing;
use crate::reference::request::Request;
use crate::reference::token::{GOOD, TokenHolder, judge};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("token-missing-accepted", "token.mandatory", "a request without a token is accepted")
            .excuses(|cause, _| cause == Cause::NoToken),
        Fault::new("token-missing-400", "token.mandatory", "a request without a token is answered 400")
            .answers(Cause::NoToken, 400),
        Fault::new("token-missing-403", "token.mandatory", "a request without a token is answered 403")
            .answers(Cause::NoToken, 403),
        Fault::new("token-missing-404", "token.mandatory", "a request without a token is answered 404")
            .answers(Cause::NoToken, 404),
        Fault::new("token-missing-500", "status.no-server-error", "a request without a token is answered 500")
            .answers(Cause::NoToken, 500),
        Fault::new("token-missing-302", "token.mandatory", "a request without a token is redirected to a login")
            .refused_for(Cause::NoToken, |r, _| {
                r.status = 302;
                r.set("Location", "/login");
            }),
        Fault::new("token-empty-accepted", "token.min-length", "an empty token is accepted")
            .excuses(|cause, _| cause == Cause::EmptyToken),
        Fault::new("token-empty-400", "token.min-length", "an empty token is answered 400")
            .answers(Cause::EmptyToken, 400),
        Fault::new("token-empty-403", "token.min-length", "an empty token is answered 403")
            .answers(Cause::EmptyToken, 403),
        Fault::new("token-empty-500", "status.no-server-error", "an empty token is answered 500")
            .answers(Cause::EmptyToken, 500),
        Fault::new("token-long-accepted", "token.max-length", "a token of more than 16384 characters is accepted")
            .excuses(|cause, _| cause == Cause::LongToken),
        Fault::new("token-long-500", "status.no-server-error", "a token of more than 16384 characters is answered 500")
            .answers(Cause::LongToken, 500),
        Fault::new("token-long-silence", "transport.answer", "a token that is too long ends the connection")
            .raw()
            .refused_for(Cause::LongToken, |r, _| r.framing = Framing::Silence),
        Fault::new("token-wrong-accepted", "token.valid", "any token is accepted")
            .excuses(|cause, _| cause == Cause::WrongToken),
        similar("token-prefix-accepted", "the beginning of a valid token is accepted", |token| GOOD.starts_with(token)),
        similar("token-suffix-accepted", "a valid token with more after it is accepted", |token| {
            token.starts_with(GOOD)
        }),
        similar("token-case-ignored", "a valid token in another case is accepted", |token| {
            GOOD.eq_ignore_ascii_case(token)
        }),
        similar("token-length-only", "any token of a valid token's length is accepted", |token| {
            token.len() == GOOD.len()
        }),
        Fault::new("token-remembered", "token.valid", "after an accepted request, its connection needs no valid token")
            .token(|request| {
                judge(request).or_else(|cause| if request.after_accepted { Ok(TokenHolder::Full) } else { Err(cause) })
            }),
        Fault::new("token-wrong-400", "token.valid", "a wrong token is answered 400").answers(Cause::WrongToken, 400),
        Fault::new("token-wrong-403", "token.valid", "a wrong token is answered 403").answers(Cause::WrongToken, 403),
        Fault::new("token-wrong-404", "token.valid", "a wrong token is answered 404").answers(Cause::WrongToken, 404),
        Fault::new("token-wrong-500", "status.no-server-error", "a wrong token is answered 500")
            .answers(Cause::WrongToken, 500),
        Fault::new("token-wrong-200", "response.not-error", "a wrong token is answered 200 with the error in the body")
            .answers(Cause::WrongToken, 200),
        Fault::new("token-header-in-title-case-only", "token.header-name", "x-auth-token in lower case is not seen")
            .raw()
            .token(|request| if in_lower_case(request) { Err(Cause::NoToken) } else { judge(request) }),
        Fault::new("token-header-in-lower-case-400", "token.header-name", "x-auth-token in lower case is refused")
            .raw()
            .token(|request| if in_lower_case(request) { Err(Cause::NotJson) } else { judge(request) }),
        Fault::new("limited-accepted", "token.permission", "a token without permission may create")
            .set(|b| b.permits = |_| true),
        Fault::new("limited-400", "token.permission", "a token without permission is answered 400")
            .answers(Cause::NoPermission, 400),
        Fault::new("limited-401", "token.permission", "a token without permission is answered 401")
            .answers(Cause::NoPermission, 401),
        Fault::new("limited-404", "token.permission", "a token without permission is answered 404")
            .answers(Cause::NoPermission, 404),
        Fault::new("limited-500", "status.no-server-error", "a token without permission is answered 500")
            .answers(Cause::NoPermission, 500),
        Fault::new("limited-200", "response.not-error", "a token without permission is answered 200 with the error")
            .answers(Cause::NoPermission, 200),
        Fault::new("secret-in-message", "secret.no-echo", "the message of a 401 holds the token that was sent")
            .refused_with(401, |r, m| {
                r.put("error_msg", format!("the token {} is not valid", sent(m.request)));
            }),
        Fault::new("secret-in-400", "secret.no-echo", "the details of a 400 hold the token").refused_with(
            400,
            |r, m| {
                r.put("error_details", format!("headers: X-Auth-Token={}", sent(m.request)));
            },
        ),
        Fault::new("secret-in-403", "secret.no-echo", "the message of a 403 holds the token").refused_with(
            403,
            |r, m| {
                r.put("error_msg", format!("{} may not do this", sent(m.request)));
            },
        ),
        Fault::new("secret-in-header", "secret.no-echo", "a created connection's answer has the token in a header")
            .created(|r, m| r.set("X-Subject-Token", &sent(m.request))),
        Fault::new("secret-in-cookie", "secret.no-echo", "a created connection's answer has the token in a cookie")
            .created(|r, m| r.set("Set-Cookie", &format!("session={}; HttpOnly", sent(m.request)))),
        Fault::new("secret-in-request-id", "secret.no-echo", "the request id ends in the token").created(|r, m| {
            let id = r.header("X-Request-Id").unwrap_or_default().replace("reference", &sent(m.request));
            r.set("X-Request-Id", &id);
        }),
        Fault::new(
            "secret-in-body",
            "secret.no-echo",
            "a created connection is connection_json with the headers of its request",
        )
        .created(|r, m| r.put("debug", json!({ "x-auth-token": sent(m.request) }))),
        Fault::new("secret-in-agency", "secret.no-echo", "the agency is the token")
            .created(|r, m| r.put("agency", sent(m.request))),
        Fault::new("token-in-a-list", "token.valid", "a list that holds a valid token is accepted").excuses(
            |cause, token| {
                let mut held = token.split(|byte| *byte == b',');
                cause == Cause::WrongToken && held.any(|part| part.trim_ascii() == GOOD)
            },
        ),
        Fault::new("token-hyphens-ignored", "token.valid", "hyphens in a token are not compared").excuses(
            |cause, token| {
                let bare = |text: &[u8]| text.iter().copied().filter(|byte| *byte != b'-').collect::<Vec<u8>>();
                cause == Cause::WrongToken && bare(token) == bare(GOOD)
            },
        ),
        Fault::new("token-basic", "token.mandatory", "who authenticates with a password needs no token")
            .excuses_request(|cause, request| {
                let basic = header_text(request, "authorization").is_some_and(|value| value.starts_with("Basic "));
                cause == Cause::NoToken && basic
            }),
        Fault::new("token-confirmed", "token.mandatory", "a header of a filter in front is believed of everybody")
            .excuses_request(|cause, request| {
                cause == Cause::NoToken && header_text(request, "x-identity-status").as_deref() == Some("Confirmed")
            }),
        similar("token-guest", "guest is a token", |token| token == b"guest"),
        similar("token-any-uuid", "whatever looks like a UUID is a token", |token| {
            token.len() == 36 && token.iter().filter(|byte| **byte == b'-').count() == 4
        }),
        similar("token-any-digest", "32 hexadecimal digits are a token", |token| {
            token.len() == 32 && token.iter().all(u8::is_ascii_hexdigit)
        }),
        similar("token-long-unchecked", "a token of 4,000 characters and more is accepted", |token| {
            token.len() >= 4_000
        }),
        similar("token-as-a-pattern", "an asterisk is accepted as a pattern for every token", |token| token == b"*"),
        similar("token-injected", "a token is put into a query as it is, and `OR` accepted", |token| {
            token.windows(6).any(|part| part == b"' OR '")
        }),
        similar("token-unsigned", "a web token that nobody has signed is accepted", |token| {
            token.starts_with(b"eyJ") && token.ends_with(b".")
        }),
        Fault::new("token-beyond-ascii-500", "status.no-server-error", "a token beyond ASCII is answered 500")
            .refused_if(|m| !m.request.token().is_ascii(), |r, _| r.refuse_as(500)),
        from("token-from-cookie", "token.mandatory", "a token is read from a cookie as well", |request| {
            let cookie = String::from_utf8_lossy(request.header("cookie")?).into_owned();
            cookie.strip_prefix("token=").map(str::to_owned)
        }),
        from("token-from-api-key", "token.mandatory", "a token is read from X-Api-Key as well", |request| {
            header_text(request, "x-api-key")
        }),
        from("token-from-authorization", "token.mandatory", "a token is read from Authorization as well", |request| {
            header_text(request, "authorization")
        }),
        from("token-from-query", "token.mandatory", "a token is read from the query as well", |request| {
            request.query_text("token").or_else(|| request.query_text("access_token"))
        }),
        from("token-from-body", "token.mandatory", "a token is read from the body as well", |request| {
            request.text("token")
        }),
        from("token-healed", "token.valid", "a right bearer makes up for a wrong token", |request| {
            header_text(request, "authorization")?.strip_prefix("Bearer ").map(str::to_owned)
        }),
        from(
            "token-healed-by-subject",
            "token.valid",
            "a right X-Subject-Token makes up for a wrong token",
            |request| header_text(request, "x-subject-token"),
        ),
        similar("token-first-half", "tokens are compared by their first half", |token| {
            token.len() == GOOD.len() && token.iter().zip(GOOD).take(GOOD.len() / 2).all(|(one, other)| one == other)
        }),
        similar("token-last-half", "tokens are compared by their last half", |token| {
            token.len() == GOOD.len() && token.iter().zip(GOOD).skip(GOOD.len() / 2).all(|(one, other)| one == other)
        }),
        similar("token-but-for-one", "a token may have one character of another", |token| {
            token.len() == GOOD.len() && token.iter().zip(GOOD).filter(|(one, other)| one != other).count() == 1
        }),
        similar("token-by-its-bytes", "tokens are compared by a sum over their bytes", |token| {
            let sum = |token: &[u8]| token.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            sum(token) == sum(GOOD)
        }),
        similar("token-to-the-colon", "what stands behind a colon in a token is ignored", |token| {
            token.split(|byte| *byte == b':').next() == Some(GOOD)
        }),
        similar("token-to-the-space", "what stands behind a space in a token is ignored", |token| {
            token.split(|byte| *byte == b' ').next() == Some(GOOD)
        }),
        similar("token-to-the-nul", "what stands behind an encoded NUL in a token is ignored", |token| {
            token.strip_suffix(b"%00") == Some(GOOD)
        }),
        similar("token-behind-its-name", "`token=` may stand in front of a token", |token| {
            token.strip_prefix(b"token=") == Some(GOOD)
        }),
        similar("token-in-apostrophes", "a token may stand between apostrophes", |token| {
            token.strip_prefix(b"'").and_then(|token| token.strip_suffix(b"'")) == Some(GOOD)
        }),
        similar("token-in-an-array", "a token may stand in a JSON array", |token| {
            serde_json::from_slice::<Vec<String>>(token)
                .is_ok_and(|tokens| tokens.iter().any(|token| token.as_bytes() == GOOD))
        }),
        Fault::new("token-replayed", "token.valid", "a body that was accepted needs no token when it comes again")
            .refused_with(401, |r, m| {
                if m.past.refused.is_none() && !m.past.members.is_empty() && m.past.members == m.request.members() {
                    r.status = 200;
                    r.json = imagined(m);
                }
            }),
        similar("token-to-the-semicolon", "what stands behind a semicolon in a token is ignored", |token| {
            token.split(|byte| *byte == b';').next() == Some(GOOD)
        }),
        similar("token-to-the-period", "what stands behind a period in a token is ignored", |token| {
            token.split(|byte| *byte == b'.').next() == Some(GOOD)
        }),
        similar("token-to-the-slash", "what stands behind a slash in a token is ignored", |token| {
            token.split(|byte| *byte == b'/').next() == Some(GOOD)
        }),
        similar("token-to-the-number-sign", "what stands behind a number sign in a token is ignored", |token| {
            token.split(|byte| *byte == b'#').next() == Some(GOOD)
        }),
        similar("token-before-digits", "digits behind a token are ignored", |token| {
            token.strip_prefix(GOOD).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
        }),
        similar("token-behind-a-small-bearer", "`bearer` in small letters may stand in front of a token", |token| {
            token.strip_prefix(b"bearer ") == Some(GOOD)
        }),
        similar("token-in-angle-brackets", "a token may stand in angle brackets", |token| {
            token.strip_prefix(b"<").and_then(|token| token.strip_suffix(b">")) == Some(GOOD)
        }),
        similar("token-percent-decoded", "a token may be spelt as in a URL", |token| {
            token.strip_prefix(b"%67") == GOOD.strip_prefix(b"g")
        }),
        similar("token-first-in-any-case", "the first letter of a token may have either case", |token| {
            token
                .split_first()
                .zip(GOOD.split_first())
                .is_some_and(|((first, rest), (held, others))| first.eq_ignore_ascii_case(held) && rest == others)
        }),
        similar("token-underscores-alike", "underscores and hyphens in tokens are the same", |token| {
            token.iter().map(|byte| if *byte == b'_' { b'-' } else { *byte }).eq(GOOD.iter().copied())
        }),
        similar("token-any-signed", "whatever begins like a signed message is a token", |token| {
            token.starts_with(b"MII")
        }),
        similar("token-any-fernet", "whatever begins like an encrypted token is one", |token| {
            token.starts_with(b"gAAAA")
        }),
        from(
            "token-from-security-token",
            "token.mandatory",
            "a token is read from X-Security-Token as well",
            |request| header_text(request, "x-security-token"),
        ),
        from("token-from-short-header", "token.mandatory", "a token is read from X-Token as well", |request| {
            header_text(request, "x-token")
        }),
        from("token-from-bare-header", "token.mandatory", "a token is read from Auth-Token as well", |request| {
            header_text(request, "auth-token")
        }),
        from(
            "token-from-small-query",
            "token.mandatory",
            "a token is read from x-auth-token in the query",
            |request| request.query_text("x-auth-token"),
        ),
    ]
}

fn in_lower_case(request: &Request) -> bool {
    request.header_spellings.iter().any(|name| name == "x-auth-token")
}

fn sent(request: &Request) -> String {
    String::from_utf8_lossy(request.token()).into_owned()
}

/// A fault by which a refused token is accepted where the right one stands in another place.
fn from(id: &str, clause: &'static str, says: &str, place: fn(&Request) -> Option<String>) -> Fault {
    let excused = if clause == "token.valid" { Cause::WrongToken } else { Cause::NoToken };
    Fault::new(id, clause, says).excuses_request(move |cause, request| {
        cause == excused && place(request).is_some_and(|token| token.as_bytes() == GOOD)
    })
}

/// A fault by which a wrong token is accepted that is like the right one.
fn similar(id: &str, says: &str, like: fn(&[u8]) -> bool) -> Fault {
    Fault::new(id, "token.valid", says)
        .excuses_request(move |cause, request| cause == Cause::WrongToken && like(request.token()))
}

fn header_text(request: &Request, name: &str) -> Option<String> {
    request.header(name).map(|value| String::from_utf8_lossy(value).into_owned())
}
