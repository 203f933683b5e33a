//! Faults in judging the token.

use serde_json::json;

use super::Fault;
use crate::reference::arrival::Arrival;
use crate::reference::behaviour::Transport;
use crate::reference::cause::Cause;
use crate::reference::reply::Framing;
use crate::reference::token::{GOOD, TokenHolder, judge};

pub(super) const ROWS: &[Fault] = &[
    Fault::new("token-missing-accepted", "token.mandatory", "a request without a token is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, _| cause == Cause::NoToken);
    }),
    Fault::new("token-missing-400", "token.mandatory", "a request without a token is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoToken) {
                r.refuse_as(400)
            }
        });
    }),
    Fault::new("token-missing-403", "token.mandatory", "a request without a token is answered 403", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoToken) {
                r.refuse_as(403)
            }
        });
    }),
    Fault::new("token-missing-404", "token.mandatory", "a request without a token is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoToken) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("token-missing-500", "status.no-server-error", "a request without a token is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoToken) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("token-missing-302", "token.mandatory", "a request without a token is redirected to a login", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoToken) {
                r.status = 302;
                r.set("Location", "/login");
            }
        });
    }),
    Fault::new("token-empty-accepted", "token.min-length", "an empty token is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, _| cause == Cause::EmptyToken);
    }),
    Fault::new("token-empty-400", "token.min-length", "an empty token is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::EmptyToken) {
                r.refuse_as(400)
            }
        });
    }),
    Fault::new("token-empty-403", "token.min-length", "an empty token is answered 403", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::EmptyToken) {
                r.refuse_as(403)
            }
        });
    }),
    Fault::new("token-empty-500", "token.min-length", "an empty token is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::EmptyToken) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("token-long-accepted", "token.max-length", "a token of more than 16384 characters is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, _| cause == Cause::LongToken);
    }),
    Fault::new("token-long-500", "token.max-length", "a token of more than 16384 characters is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::LongToken) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("token-long-silence", "transport.answer", "a token that is too long ends the connection", |b| {
        b.on_refused_raw(|r, m| {
            if m.is(Cause::LongToken) {
                r.framing = Framing::Silence
            }
        });
    }),
    Fault::new("token-wrong-accepted", "token.valid", "any token is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, _| cause == Cause::WrongToken);
    }),
    Fault::new("token-prefix-accepted", "token.valid", "the beginning of a valid token is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, token| cause == Cause::WrongToken && GOOD.starts_with(token));
    }),
    Fault::new("token-suffix-accepted", "token.valid", "a valid token with more after it is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, token| cause == Cause::WrongToken && token.starts_with(GOOD));
    }),
    Fault::new("token-case-ignored", "token.valid", "a valid token in another case is accepted", |b| {
        b.token =
            |arrival| excuse(arrival, |cause, token| cause == Cause::WrongToken && GOOD.eq_ignore_ascii_case(token));
    }),
    Fault::new("token-length-only", "token.valid", "any token of a valid token's length is accepted", |b| {
        b.token = |arrival| excuse(arrival, |cause, token| cause == Cause::WrongToken && token.len() == GOOD.len());
    }),
    Fault::new(
        "token-remembered",
        "token.valid",
        "after an accepted request, its connection needs no valid token",
        |b| {
            b.token = |arrival| {
                judge(arrival).or_else(|cause| if arrival.trusted { Ok(TokenHolder::Full) } else { Err(cause) })
            };
        },
    ),
    Fault::new("token-wrong-400", "token.valid", "a wrong token is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::WrongToken) {
                r.refuse_as(400)
            }
        });
    }),
    Fault::new("token-wrong-403", "token.valid", "a wrong token is answered 403", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::WrongToken) {
                r.refuse_as(403)
            }
        });
    }),
    Fault::new("token-wrong-404", "token.valid", "a wrong token is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::WrongToken) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("token-wrong-500", "status.no-server-error", "a wrong token is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::WrongToken) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new(
        "token-wrong-200",
        "response.not-error",
        "a wrong token is answered 200 with the error in the body",
        |b| {
            b.on_refused(|r, m| {
                if m.is(Cause::WrongToken) {
                    r.status = 200;
                }
            });
        },
    ),
    Fault::new("token-header-in-title-case-only", "token.header-name", "x-auth-token in lower case is not seen", |b| {
        b.transport = Transport::Raw;
        b.token = |arrival| {
            if arrival.spelt.iter().any(|name| name == "x-auth-token") { Err(Cause::NoToken) } else { judge(arrival) }
        };
    }),
    Fault::new(
        "token-header-in-lower-case-400",
        "token.header-name",
        "x-auth-token in lower case is a bad request",
        |b| {
            b.transport = Transport::Raw;
            b.token = |arrival| {
                if arrival.spelt.iter().any(|name| name == "x-auth-token") {
                    Err(Cause::NotJson)
                } else {
                    judge(arrival)
                }
            };
        },
    ),
    Fault::new("limited-accepted", "token.permission", "a token without permission may create", |b| {
        b.permits = |_| true
    }),
    Fault::new("limited-400", "token.permission", "a token without permission is answered 400", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.refuse_as(400)
            }
        });
    }),
    Fault::new("limited-401", "token.permission", "a token without permission is answered 401", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.refuse_as(401)
            }
        });
    }),
    Fault::new("limited-404", "token.permission", "a token without permission is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.refuse_as(404)
            }
        });
    }),
    Fault::new("limited-500", "status.no-server-error", "a token without permission is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.refuse_as(500)
            }
        });
    }),
    Fault::new("limited-200", "response.not-error", "a token without permission is answered 200 with the error", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::NoPermission) {
                r.status = 200;
            }
        });
    }),
    Fault::new("secret-in-message", "secret.no-echo", "the message of a 401 holds the token that was sent", |b| {
        b.on_refused(|r, m| {
            if m.is_status(401) {
                r.put("error_msg", format!("the token {} is not valid", sent(m.arrival)));
            }
        });
    }),
    Fault::new("secret-in-400", "secret.no-echo", "the details of a 400 hold the token", |b| {
        b.on_refused(|r, m| {
            if m.is_status(400) {
                r.put("error_details", format!("headers: X-Auth-Token={}", sent(m.arrival)));
            }
        });
    }),
    Fault::new("secret-in-403", "secret.no-echo", "the message of a 403 holds the token", |b| {
        b.on_refused(|r, m| {
            if m.is_status(403) {
                r.put("error_msg", format!("{} may not do this", sent(m.arrival)));
            }
        });
    }),
    Fault::new("secret-in-header", "secret.no-echo", "a created connection's answer has the token in a header", |b| {
        b.on_created(|r, m| r.set("X-Subject-Token", &sent(m.arrival)));
    }),
    Fault::new("secret-in-cookie", "secret.no-echo", "a created connection's answer has the token in a cookie", |b| {
        b.on_created(|r, m| r.set("Set-Cookie", &format!("session={}; HttpOnly", sent(m.arrival))));
    }),
    Fault::new("secret-in-request-id", "secret.no-echo", "the request id ends in the token", |b| {
        b.on_created(|r, m| {
            let id = r.header("X-Request-Id").unwrap_or_default().replace("reference", &sent(m.arrival));
            r.set("X-Request-Id", &id);
        });
    }),
    Fault::new(
        "secret-in-body",
        "secret.no-echo",
        "a created connection is shown with the headers of its request",
        |b| {
            b.on_created(|r, m| r.put("debug", json!({ "x-auth-token": sent(m.arrival) })));
        },
    ),
    Fault::new("secret-in-agency", "secret.no-echo", "the agency is the token", |b| {
        b.on_created(|r, m| r.put("agency", sent(m.arrival)));
    }),
    Fault::new("token-in-a-list", "token.valid", "a list that holds a valid token is accepted", |b| {
        b.token = |arrival| {
            excuse(arrival, |cause, token| {
                let mut held = token.split(|byte| *byte == b',');
                cause == Cause::WrongToken && held.any(|part| part.trim_ascii() == GOOD)
            })
        };
    }),
    Fault::new("token-hyphens-ignored", "token.valid", "hyphens in a token are not compared", |b| {
        b.token = |arrival| {
            excuse(arrival, |cause, token| {
                let bare = |text: &[u8]| text.iter().copied().filter(|byte| *byte != b'-').collect::<Vec<u8>>();
                cause == Cause::WrongToken && bare(token) == bare(GOOD)
            })
        };
    }),
    Fault::new("token-as-a-pattern", "token.valid", "an asterisk is accepted as a pattern for every token", |b| {
        b.token = |arrival| excuse(arrival, |cause, token| cause == Cause::WrongToken && token == b"*");
    }),
    Fault::new("token-injected", "token.valid", "a token is put into a query as it is, and `OR` accepted", |b| {
        b.token = |arrival| {
            excuse(arrival, |cause, token| cause == Cause::WrongToken && token.windows(6).any(|part| part == b"' OR '"))
        };
    }),
    Fault::new("token-unsigned", "token.valid", "a web token that nobody has signed is accepted", |b| {
        b.token = |arrival| {
            excuse(arrival, |cause, token| {
                cause == Cause::WrongToken && token.starts_with(b"eyJ") && token.ends_with(b".")
            })
        };
    }),
    Fault::new("token-beyond-ascii-500", "status.no-server-error", "a token beyond ASCII is answered 500", |b| {
        b.on_refused(|r, m| {
            if !m.arrival.token().is_ascii() {
                r.refuse_as(500)
            }
        });
    }),
];

/// The correct verdict, except that a refused token is accepted where it may be excused.
fn excuse(arrival: &Arrival, may: fn(Cause, &[u8]) -> bool) -> Result<TokenHolder, Cause> {
    judge(arrival).or_else(|cause| if may(cause, arrival.token()) { Ok(TokenHolder::Full) } else { Err(cause) })
}

fn sent(arrival: &Arrival) -> String {
    String::from_utf8_lossy(arrival.token()).into_owned()
}
