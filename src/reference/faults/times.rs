//! Faults in the times and in the request id of an answer.

use serde_json::json;

use super::Fault;
use crate::reference::reply::Reply;
use crate::reference::stamp;

pub(super) const ROWS: &[Fault] = &[
    Fault::new("created-time-epoch", "response.created_time", "created_time is a number of seconds", |b| {
        b.on_created(|r, m| r.put("created_time", m.at().as_second()));
    }),
    Fault::new(
        "created-time-epoch-text",
        "response.created_time",
        "created_time is a number of seconds as text",
        |b| {
            b.on_created(|r, m| r.put("created_time", m.at().as_second().to_string()));
        },
    ),
    Fault::new("created-time-null", "response.created_time", "created_time is null", |b| {
        b.on_created(|r, _| r.put("created_time", ()));
    }),
    Fault::new("created-time-empty", "response.created_time", "created_time is empty", |b| {
        b.on_created(|r, _| r.put("created_time", ""));
    }),
    Fault::new("created-time-word", "response.created_time", "created_time is the word `now`", |b| {
        b.on_created(|r, _| r.put("created_time", "now"));
    }),
    Fault::new("created-time-object", "response.created_time", "created_time is an object", |b| {
        b.on_created(|r, m| r.put("created_time", json!({ "seconds": m.at().as_second() })));
    }),
    Fault::new("created-time-month-13", "response.created_time", "created_time is in the 13th month", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%Y-13-%d %H:%M:%S")));
    }),
    Fault::new("created-time-day-32", "response.created_time", "created_time is on the 32nd day", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%Y-%m-32 %H:%M:%S")));
    }),
    Fault::new("created-time-hour-25", "response.created_time", "created_time is in the 25th hour", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%Y-%m-%d 25:%M:%S")));
    }),
    Fault::new("created-time-date-only", "response.created_time", "created_time is a date only", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%Y-%m-%d")));
    }),
    Fault::new("created-time-time-only", "response.created_time", "created_time is a time without a date", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%H:%M:%S")));
    }),
    Fault::new(
        "created-time-slashes",
        "response.created_time",
        "created_time is spelt with slashes, month first",
        |b| {
            b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%m/%d/%Y %H:%M:%S")));
        },
    ),
    Fault::new(
        "created-time-two-digit-year",
        "response.created_time",
        "created_time is spelt with two digits of the year",
        |b| {
            b.on_created(|r, m| r.put("created_time", stamp::written(m.at(), "%y-%m-%d %H:%M:%S")));
        },
    ),
    Fault::new("updated-time-epoch", "response.updated_time", "updated_time is a number of seconds", |b| {
        b.on_created(|r, m| r.put("updated_time", m.at().as_second()));
    }),
    Fault::new(
        "updated-time-epoch-text",
        "response.updated_time",
        "updated_time is a number of seconds as text",
        |b| {
            b.on_created(|r, m| r.put("updated_time", m.at().as_second().to_string()));
        },
    ),
    Fault::new("updated-time-null", "response.updated_time", "updated_time is null", |b| {
        b.on_created(|r, _| r.put("updated_time", ()));
    }),
    Fault::new("updated-time-empty", "response.updated_time", "updated_time is empty", |b| {
        b.on_created(|r, _| r.put("updated_time", ""));
    }),
    Fault::new("updated-time-word", "response.updated_time", "updated_time is the word `now`", |b| {
        b.on_created(|r, _| r.put("updated_time", "now"));
    }),
    Fault::new("updated-time-object", "response.updated_time", "updated_time is an object", |b| {
        b.on_created(|r, m| r.put("updated_time", json!({ "seconds": m.at().as_second() })));
    }),
    Fault::new("updated-time-month-13", "response.updated_time", "updated_time is in the 13th month", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%Y-13-%d %H:%M:%S")));
    }),
    Fault::new("updated-time-day-32", "response.updated_time", "updated_time is on the 32nd day", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%Y-%m-32 %H:%M:%S")));
    }),
    Fault::new("updated-time-hour-25", "response.updated_time", "updated_time is in the 25th hour", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%Y-%m-%d 25:%M:%S")));
    }),
    Fault::new("updated-time-date-only", "response.updated_time", "updated_time is a date only", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%Y-%m-%d")));
    }),
    Fault::new("updated-time-time-only", "response.updated_time", "updated_time is a time without a date", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%H:%M:%S")));
    }),
    Fault::new(
        "updated-time-slashes",
        "response.updated_time",
        "updated_time is spelt with slashes, month first",
        |b| {
            b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%m/%d/%Y %H:%M:%S")));
        },
    ),
    Fault::new(
        "updated-time-two-digit-year",
        "response.updated_time",
        "updated_time is spelt with two digits of the year",
        |b| {
            b.on_created(|r, m| r.put("updated_time", stamp::written(m.at(), "%y-%m-%d %H:%M:%S")));
        },
    ),
    Fault::new("times-local", "response.time-utc", "both times are eight hours ahead", |b| {
        b.on_created(|r, m| put_both(r, &stamp::time(stamp::later(m.at(), 28800))));
    }),
    Fault::new("times-behind", "response.time-utc", "both times are five hours behind", |b| {
        b.on_created(|r, m| put_both(r, &stamp::time(stamp::later(m.at(), -18000))));
    }),
    Fault::new("times-hour-ahead", "response.time-utc", "both times are an hour ahead", |b| {
        b.on_created(|r, m| put_both(r, &stamp::time(stamp::later(m.at(), 3600))));
    }),
    Fault::new("times-day-ahead", "response.time-utc", "both times are a day ahead", |b| {
        b.on_created(|r, m| put_both(r, &stamp::time(stamp::later(m.at(), 86400))));
    }),
    Fault::new("times-yesterday", "response.time-utc", "both times are a day behind", |b| {
        b.on_created(|r, m| put_both(r, &stamp::time(stamp::later(m.at(), -86400))));
    }),
    Fault::new("times-constant", "response.time-utc", "both times are those of the documentation's example", |b| {
        b.on_created(|r, _| put_both(r, "2021-12-09 09:00:00"));
    }),
    Fault::new("times-zero", "response.time-utc", "both times are the beginning of 1970", |b| {
        b.on_created(|r, _| put_both(r, "1970-01-01 00:00:00"));
    }),
    Fault::new("times-false-zone", "response.time-utc", "both times are local and call themselves UTC", |b| {
        b.on_created(|r, m| put_both(r, &stamp::written(stamp::later(m.at(), 28800), "%Y-%m-%dT%H:%M:%SZ")));
    }),
    Fault::new("times-created-local", "response.time-utc", "the time of creation alone is eight hours behind", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::time(stamp::later(m.at(), -28800))));
    }),
    Fault::new("times-second-apart", "response.time-order", "the update is a second before the creation", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::time(stamp::later(m.at(), -1))));
    }),
    Fault::new("times-minute-apart", "response.time-order", "the update is a minute before the creation", |b| {
        b.on_created(|r, m| r.put("updated_time", stamp::time(stamp::later(m.at(), -60))));
    }),
    Fault::new("times-creation-later", "response.time-order", "the creation is two seconds after the update", |b| {
        b.on_created(|r, m| r.put("created_time", stamp::time(stamp::later(m.at(), 2))));
    }),
    Fault::new("request-id-missing", "response.request-id", "answers have no request id", |b| {
        b.on_every(|r, _| r.unset("X-Request-Id"));
    }),
    Fault::new("request-id-missing-on-200", "response.request-id", "only refusals have a request id", |b| {
        b.on_created(|r, _| r.unset("X-Request-Id"));
    }),
    Fault::new("request-id-empty", "response.request-id", "the request id is empty", |b| {
        b.on_created(|r, _| r.set("X-Request-Id", ""));
    }),
    Fault::new("request-id-other-header", "response.request-id", "the request id is in the header Request-Id", |b| {
        b.on_created(|r, _| {
            let id = r.header("X-Request-Id").unwrap_or_default().to_owned();
            r.unset("X-Request-Id");
            r.set("Request-Id", &id);
        });
    }),
    Fault::new(
        "request-id-sometimes-missing",
        "response.request-id",
        "every fifth created connection has no request id",
        |b| {
            b.on_created(|r, m| {
                if m.accepted % 5 == 0 {
                    r.unset("X-Request-Id")
                }
            });
        },
    ),
    Fault::new("request-id-plain-uuid", "response.request-id-format", "the request id is a UUID alone", |b| {
        b.on_created(|r, _| r.set("X-Request-Id", &stamp::uuid()));
    }),
    Fault::new("request-id-without-host", "response.request-id-format", "the request id ends after its time", |b| {
        b.on_created(|r, m| r.set("X-Request-Id", &format!("{}-{}", stamp::uuid(), m.at().as_millisecond())));
    }),
    Fault::new("request-id-without-uuid", "response.request-id-format", "the request id starts with its time", |b| {
        b.on_created(|r, m| r.set("X-Request-Id", &format!("{}-{}-reference", m.at().as_nanosecond(), m.request)));
    }),
    Fault::new("request-id-number", "response.request-id-format", "the request id is the number of the request", |b| {
        b.on_created(|r, m| r.set("X-Request-Id", &m.request.to_string()));
    }),
    Fault::new(
        "request-id-placeholder",
        "response.request-id-format",
        "the request id is the pattern of request ids",
        |b| {
            b.on_created(|r, m| r.set("X-Request-Id", &format!("request_uuid-timestamp-hostname-{}", m.request)));
        },
    ),
    Fault::new(
        "request-id-short-uuid",
        "response.request-id-format",
        "the UUID of the request id is cut to eight digits",
        |b| {
            b.on_created(|r, m| {
                let uuid = stamp::uuid();
                let short = uuid.split('-').next().unwrap_or_default();
                r.set("X-Request-Id", &format!("{short}-{}-reference", m.at().as_millisecond()));
            });
        },
    ),
    Fault::new("request-id-constant", "response.request-id-distinct", "every answer has the same request id", |b| {
        b.on_every(|r, _| r.set("X-Request-Id", SAME));
    }),
    Fault::new(
        "request-id-on-200-constant",
        "response.request-id-distinct",
        "every creation has the same request id",
        |b| {
            b.on_created(|r, _| r.set("X-Request-Id", SAME));
        },
    ),
    Fault::new(
        "request-id-of-two",
        "response.request-id-distinct",
        "two creations after one another share a request id",
        |b| {
            b.on_created(|r, m| {
                let id = format!("3f0c3c3e-7f63-4c54-9b1a-{:012x}-1734567890123-reference", m.accepted / 2);
                r.set("X-Request-Id", &id);
            });
        },
    ),
    Fault::new(
        "request-id-of-a-dozen",
        "response.request-id-distinct",
        "request ids come around again after twelve",
        |b| {
            b.on_created(|r, m| {
                let id = format!("3f0c3c3e-7f63-4c54-9b1a-{:012x}-1734567890123-reference", m.accepted % 12);
                r.set("X-Request-Id", &id);
            });
        },
    ),
    Fault::new(
        "request-id-of-the-client",
        "response.request-id-format",
        "an X-Request-Id that is sent comes back",
        |b| {
            b.on_every(|r, m| {
                if let Some(sent) = m.arrival.header("x-request-id") {
                    r.set("X-Request-Id", &String::from_utf8_lossy(sent));
                }
            });
        },
    ),
    Fault::new("request-id-twice", "response.request-id", "a gateway adds an X-Request-Id of its own", |b| {
        b.on_created(|r, m| {
            r.headers.push(("X-Request-Id".to_owned(), stamp::request_id(m.at())));
        });
    }),
    Fault::new("request-id-of-one-uuid", "response.request-id-distinct", "all request ids have one UUID", |b| {
        b.on_every(|r, m| {
            let id = format!("6f9619ff-8b86-4d11-b42d-00c04fc964ff-{}-host-{}", m.at().as_microsecond(), m.request);
            r.set("X-Request-Id", &id);
        });
    }),
];

/// A request id of the right format.
const SAME: &str = "3f0c3c3e-7f63-4c54-9b1a-5d1f0a3b2c1d-1734567890123-reference";

fn put_both(reply: &mut Reply, time: &str) {
    reply.put("created_time", time);
    reply.put("updated_time", time);
}
