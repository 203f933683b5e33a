//! Faults in judging the token.

use serde_json::json;

use super::fault::Fault;
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
        Fault::new("token-empty-500", "token.min-length", "an empty token is answered 500")
            .answers(Cause::EmptyToken, 500),
        Fault::new("token-long-accepted", "token.max-length", "a token of more than 16384 characters is accepted")
            .excuses(|cause, _| cause == Cause::LongToken),
        Fault::new("token-long-500", "token.max-length", "a token of more than 16384 characters is answered 500")
            .answers(Cause::LongToken, 500),
        Fault::new("token-long-silence", "transport.answer", "a token that is too long ends the connection")
            .raw()
            .refused_for(Cause::LongToken, |r, _| r.framing = Framing::Silence),
        Fault::new("token-wrong-accepted", "token.valid", "any token is accepted")
            .excuses(|cause, _| cause == Cause::WrongToken),
        Fault::new("token-prefix-accepted", "token.valid", "the beginning of a valid token is accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && GOOD.starts_with(token)),
        Fault::new("token-suffix-accepted", "token.valid", "a valid token with more after it is accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && token.starts_with(GOOD)),
        Fault::new("token-case-ignored", "token.valid", "a valid token in another case is accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && GOOD.eq_ignore_ascii_case(token)),
        Fault::new("token-length-only", "token.valid", "any token of a valid token's length is accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && token.len() == GOOD.len()),
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
        Fault::new("token-as-a-pattern", "token.valid", "an asterisk is accepted as a pattern for every token")
            .excuses(|cause, token| cause == Cause::WrongToken && token == b"*"),
        Fault::new("token-injected", "token.valid", "a token is put into a query as it is, and `OR` accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && token.windows(6).any(|part| part == b"' OR '")),
        Fault::new("token-unsigned", "token.valid", "a web token that nobody has signed is accepted")
            .excuses(|cause, token| cause == Cause::WrongToken && token.starts_with(b"eyJ") && token.ends_with(b".")),
        Fault::new("token-beyond-ascii-500", "status.no-server-error", "a token beyond ASCII is answered 500")
            .refused_if(|m| !m.request.token().is_ascii(), |r, _| r.refuse_as(500)),
    ]
}

fn in_lower_case(request: &Request) -> bool {
    request.header_spellings.iter().any(|name| name == "x-auth-token")
}

fn sent(request: &Request) -> String {
    String::from_utf8_lossy(request.token()).into_owned()
}
