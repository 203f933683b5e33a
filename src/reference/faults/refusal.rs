//! Faults in what a refusal says.

use serde_json::{Value, json};

use super::Fault;
use crate::reference::cause::{Cause, FieldError};
use crate::reference::reply::Reply;

pub(super) const ROWS: &[Fault] = &[
    Fault::new("error-body-empty", "error.body", "a refusal has no body", |b| {
        b.on_refused(|r, _| r.json = Value::Null)
    }),
    Fault::new("error-body-text", "error.body", "a refusal is plain text", |b| {
        b.on_refused(|r, _| {
            r.raw = Some(b"Bad request".to_vec());
            r.set("Content-Type", "text/plain");
        });
    }),
    Fault::new("error-body-json-text", "error.body", "a refusal is a JSON text", |b| {
        b.on_refused(|r, _| r.json = json!("Bad request"));
    }),
    Fault::new("error-body-page", "error.body", "a refusal is an HTML page", |b| {
        b.on_refused(|r, _| {
            r.raw = Some(b"<html><head><title>400</title></head><body><h1>Bad Request</h1></body></html>".to_vec());
            r.set("Content-Type", "text/html");
        });
    }),
    Fault::new("error-body-401-page", "error.body", "a 401 is an HTML page", |b| {
        b.on_refused(|r, _| {
            if r.status == 401 {
                r.raw = Some(b"<html><body>Unauthorized</body></html>".to_vec());
                r.set("Content-Type", "text/html");
            }
        });
    }),
    Fault::new("error-body-401-empty", "error.body", "a 401 has no body", |b| {
        b.on_refused(|r, _| {
            if r.status == 401 {
                r.json = Value::Null
            }
        });
    }),
    Fault::new("error-body-403-empty", "error.body", "a 403 has no body", |b| {
        b.on_refused(|r, _| {
            if r.status == 403 {
                r.json = Value::Null
            }
        });
    }),
    Fault::new("error-body-array", "error.body", "a refusal is an array of errors", |b| {
        b.on_refused(|r, _| r.json = json!([r.json]));
    }),
    Fault::new("error-body-wrapped", "error.body", "a refusal is wrapped in `error`", |b| {
        b.on_refused(|r, _| r.json = json!({ "error": r.json }));
    }),
    Fault::new("error-body-object-empty", "error.body", "a refusal is an empty object", |b| {
        b.on_refused(|r, _| r.json = json!({}))
    }),
    Fault::new("error-body-cut", "error.body", "a refusal ends in the middle", |b| {
        b.on_refused(|r, _| {
            let mut bytes = r.bytes();
            bytes.truncate(bytes.len() / 2);
            r.raw = Some(bytes);
        });
    }),
    Fault::new("error-media-type", "response.media-type", "a refusal calls itself plain text", |b| {
        b.on_refused(|r, _| r.set("Content-Type", "text/plain"));
    }),
    Fault::new("error-media-type-problem", "response.media-type", "a refusal calls itself a problem document", |b| {
        b.on_refused(|r, _| r.set("Content-Type", "application/problem+json"));
    }),
    Fault::new("error-media-type-401", "response.media-type", "a 401 has no media type", |b| {
        b.on_refused(|r, _| {
            if r.status == 401 {
                r.unset("Content-Type")
            }
        });
    }),
    Fault::new("error-code-missing", "error.code", "error_code is missing", |b| {
        b.on_refused(|r, _| r.drop_member("error_code"))
    }),
    Fault::new("error-code-missing-in-401", "error.code", "error_code is missing in a 401", |b| {
        b.on_refused(|r, _| {
            if r.status == 401 {
                r.drop_member("error_code")
            }
        });
    }),
    Fault::new("error-code-missing-in-404", "error.code", "error_code is missing in a 404", |b| {
        b.on_refused(|r, _| {
            if r.status == 404 {
                r.drop_member("error_code")
            }
        });
    }),
    Fault::new("error-code-null", "error.code", "error_code is null", |b| b.on_refused(|r, _| r.put("error_code", ()))),
    Fault::new("error-code-number", "error.code", "error_code is a number", |b| {
        b.on_refused(|r, _| r.put("error_code", 14000))
    }),
    Fault::new("error-code-status", "error.code", "error_code is the status as a number", |b| {
        b.on_refused(|r, _| r.put("error_code", r.status));
    }),
    Fault::new("error-code-empty", "error.code", "error_code is empty", |b| {
        b.on_refused(|r, _| r.put("error_code", ""))
    }),
    Fault::new("error-code-129", "error.code", "error_code has 129 characters", |b| {
        b.on_refused(|r, _| r.put("error_code", "E".repeat(129)));
    }),
    Fault::new("error-code-renamed", "error.code", "the code is in `code`", |b| {
        b.on_refused(|r, _| {
            let code = r.members().get("error_code").cloned();
            r.drop_member("error_code");
            r.put("code", code);
        });
    }),
    Fault::new("error-msg-missing", "error.msg", "error_msg is missing", |b| {
        b.on_refused(|r, _| r.drop_member("error_msg"))
    }),
    Fault::new("error-msg-missing-in-403", "error.msg", "error_msg is missing in a 403", |b| {
        b.on_refused(|r, _| {
            if r.status == 403 {
                r.drop_member("error_msg")
            }
        });
    }),
    Fault::new("error-msg-null", "error.msg", "error_msg is null", |b| b.on_refused(|r, _| r.put("error_msg", ()))),
    Fault::new("error-msg-number", "error.msg", "error_msg is a number", |b| {
        b.on_refused(|r, _| r.put("error_msg", 400))
    }),
    Fault::new("error-msg-empty", "error.msg", "error_msg is empty", |b| b.on_refused(|r, _| r.put("error_msg", ""))),
    Fault::new("error-msg-513", "error.msg", "error_msg has 513 characters", |b| {
        b.on_refused(|r, _| r.put("error_msg", "m".repeat(513)));
    }),
    Fault::new("error-msg-object", "error.msg", "error_msg is an object of languages", |b| {
        b.on_refused(|r, _| r.put("error_msg", json!({ "en": "Bad request" })));
    }),
    Fault::new("error-msg-array", "error.msg", "error_msg is an array of messages", |b| {
        b.on_refused(|r, _| r.put("error_msg", json!(["name is missing"])));
    }),
    Fault::new("error-msg-holds-the-name", "error.msg", "error_msg repeats the name, however long, ten times", |b| {
        b.on_refused(|r, m| {
            if let (true, Some(name)) = (m.is_field("name", FieldError::Long), m.arrival.text("name")) {
                r.put("error_msg", name.repeat(10));
            }
        });
    }),
    Fault::new("error-details-empty", "error.details", "error_details is empty", |b| {
        b.on_refused(|r, _| r.put("error_details", ""))
    }),
    Fault::new("error-details-null", "error.details", "error_details is null", |b| {
        b.on_refused(|r, _| r.put("error_details", ()))
    }),
    Fault::new("error-details-1025", "error.details", "error_details has 1025 characters", |b| {
        b.on_refused(|r, _| r.put("error_details", "d".repeat(1025)));
    }),
    Fault::new("error-details-array", "error.details", "error_details is an array", |b| {
        b.on_refused(|r, _| r.put("error_details", json!([{ "field": "name" }])));
    }),
    Fault::new("error-request-id-empty", "error.request_id", "request_id is empty", |b| {
        b.on_refused(|r, _| r.put("request_id", ""))
    }),
    Fault::new("error-request-id-null", "error.request_id", "request_id is null", |b| {
        b.on_refused(|r, _| r.put("request_id", ()))
    }),
    Fault::new("error-request-id-number", "error.request_id", "request_id is a number", |b| {
        b.on_refused(|r, m| r.put("request_id", m.request));
    }),
    Fault::new("error-request-id-129", "error.request_id", "request_id has 129 characters", |b| {
        b.on_refused(|r, _| r.put("request_id", "r".repeat(129)));
    }),
    Fault::new("code-400-is-401s", "error.code-fits-status", "a 400 carries the code of 401", |b| {
        b.on_refused(|r, _| coded(r, 400, "EG.00014010"));
    }),
    Fault::new("code-400-is-403s", "error.code-fits-status", "a 400 carries a code of 403", |b| {
        b.on_refused(|r, _| coded(r, 400, "EG.00514003"));
    }),
    Fault::new("code-400-is-404s", "error.code-fits-status", "a 400 carries the code of 404", |b| {
        b.on_refused(|r, _| coded(r, 400, "EG.00014040"));
    }),
    Fault::new("code-400-is-500s", "error.code-fits-status", "a 400 carries the code of 500", |b| {
        b.on_refused(|r, _| coded(r, 400, "EG.00015000"));
    }),
    Fault::new("code-401-is-400s", "error.code-fits-status", "a 401 carries the code of 400", |b| {
        b.on_refused(|r, _| coded(r, 401, "EG.00014000"));
    }),
    Fault::new("code-401-is-403s", "error.code-fits-status", "a 401 carries the code of 403", |b| {
        b.on_refused(|r, _| coded(r, 401, "EG.00014030"));
    }),
    Fault::new("code-403-is-401s", "error.code-fits-status", "a 403 carries the code of 401", |b| {
        b.on_refused(|r, _| coded(r, 403, "EG.00014010"));
    }),
    Fault::new("code-403-is-400s", "error.code-fits-status", "a 403 carries a code of 400", |b| {
        b.on_refused(|r, _| coded(r, 403, "EG.00513000"));
    }),
    Fault::new("code-404-is-400s", "error.code-fits-status", "a 404 carries the code of 400", |b| {
        b.on_refused(|r, _| coded(r, 404, "EG.00014000"));
    }),
    Fault::new("code-404-is-500s", "error.code-fits-status", "a 404 carries the code of 500", |b| {
        b.on_refused(|r, _| coded(r, 404, "EG.00015000"));
    }),
    Fault::new("code-taken-is-403s", "error.code-fits-status", "a taken name carries a code of 403", |b| {
        b.on_refused(|r, m| {
            if m.is(Cause::Taken) {
                r.put("error_code", "EG.00512000")
            }
        });
    }),
    Fault::new("code-all-the-same", "error.code-fits-status", "every refusal carries the code of 400", |b| {
        b.on_refused(|r, _| r.put("error_code", "EG.00014000"));
    }),
    Fault::new(
        "code-taken-for-all",
        "error.code-fits-cause",
        "every invalid body carries the code of a taken name",
        |b| {
            b.on_refused(|r, m| {
                if m.is_invalid() {
                    r.put("error_code", Cause::Taken.code())
                }
            });
        },
    ),
    Fault::new(
        "code-taken-for-names",
        "error.code-fits-cause",
        "every invalid name carries the code of a taken one",
        |b| {
            b.on_refused(|r, m| {
                if matches!(m.cause, Some(Cause::Field("name", _))) {
                    r.put("error_code", Cause::Taken.code());
                }
            });
        },
    ),
    Fault::new(
        "code-taken-for-missing",
        "error.code-fits-cause",
        "a missing name carries the code of a taken one",
        |b| {
            b.on_refused(|r, m| {
                if m.is_field("name", FieldError::Missing) {
                    r.put("error_code", Cause::Taken.code())
                }
            });
        },
    ),
    Fault::new(
        "code-taken-for-descriptions",
        "error.code-fits-cause",
        "a bad description carries the code of a taken name",
        |b| {
            b.on_refused(|r, m| {
                if matches!(m.cause, Some(Cause::Field("description", _))) {
                    r.put("error_code", Cause::Taken.code());
                }
            });
        },
    ),
    Fault::new(
        "code-taken-for-malformed",
        "error.code-fits-cause",
        "malformed JSON carries the code of a taken name",
        |b| {
            b.on_refused(|r, m| {
                if m.is(Cause::NotJson) {
                    r.put("error_code", Cause::Taken.code())
                }
            });
        },
    ),
    Fault::new("code-unlisted", "error.code-documented", "invalid bodies carry a code of another kind", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.put("error_code", "VALIDATION_FAILED")
            }
        });
    }),
    Fault::new("code-lower-case", "error.code-documented", "codes are in lower case", |b| {
        b.on_refused(|r, _| {
            let code = r.members().get("error_code").and_then(Value::as_str).map(str::to_lowercase);
            r.put("error_code", code);
        });
    }),
    Fault::new("code-gateways-on-400", "error.code-documented", "a 400 carries a code of the gateway's", |b| {
        b.on_refused(|r, _| coded(r, 400, "APIGW.0201"));
    }),
    Fault::new("error-with-connection", "error.not-success", "a 400 shows a connection besides the error", |b| {
        b.on_refused(|r, m| {
            if let (true, Value::Object(mut shown)) = (m.is_status(400), super::imagined(m)) {
                shown.append(r.members());
                r.json = Value::Object(shown);
            }
        });
    }),
    Fault::new(
        "error-is-connection",
        "error.not-success",
        "an invalid body is answered 400 with a created connection",
        |b| {
            b.on_refused(|r, m| {
                if m.is_invalid() {
                    r.json = super::imagined(m)
                }
            });
        },
    ),
    Fault::new("error-with-id", "error.not-success", "a 400 for a taken name shows an id, status and times", |b| {
        b.on_refused(|r, m| {
            if let (true, Value::Object(mut shown)) = (m.is(Cause::Taken), super::imagined(m)) {
                shown.append(r.members());
                r.json = Value::Object(shown);
            }
        });
    }),
    Fault::new("error-401-is-connection", "error.not-success", "a 401 shows a created connection", |b| {
        b.on_refused(|r, m| {
            if m.is_status(401) {
                r.json = super::imagined(m)
            }
        });
    }),
    Fault::new(
        "invalid-is-200-with-error",
        "response.not-error",
        "an invalid body is answered 200 with the error",
        |b| {
            b.on_refused(|r, m| {
                if m.is_invalid() {
                    r.status = 200;
                }
            });
        },
    )
    .broad(),
    Fault::new(
        "invalid-is-201-with-error",
        "response.not-error",
        "an invalid body is answered 201 with the error",
        |b| {
            b.on_refused(|r, m| {
                if m.is_invalid() {
                    r.status = 201;
                }
            });
        },
    )
    .broad(),
    Fault::new("invalid-is-422", "status.documented", "an invalid body is answered 422", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.status = 422;
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-406", "status.documented", "an invalid body is answered 406", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.status = 406;
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-401", "status.fits-request", "an invalid body is answered 401", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.refuse_as(401)
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-403", "status.fits-request", "an invalid body is answered 403", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.refuse_as(403)
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-404", "status.fits-request", "an invalid body is answered 404", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.refuse_as(404)
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-500", "status.no-server-error", "an invalid body is answered 500", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.refuse_as(500)
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-503", "status.no-server-error", "an invalid body is answered 503", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.status = 503;
            }
        });
    })
    .broad(),
    Fault::new("invalid-is-302", "status.documented", "an invalid body is answered with a redirect", |b| {
        b.on_refused(|r, m| {
            if m.is_invalid() {
                r.status = 302;
                r.set("Location", "/error");
            }
        });
    })
    .broad(),
];

/// Gives refusals of that status another code; that of a taken name stays.
fn coded(reply: &mut Reply, status: u16, code: &str) {
    let taken = reply.members().get("error_code").is_some_and(|held| held == Cause::Taken.code());
    if reply.status == status && !taken {
        reply.put("error_code", code);
    }
}
