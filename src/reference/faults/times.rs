//! Faults in the times and in the request id of an answer.

use serde_json::json;

use super::fault::Fault;
use crate::reference::reply::Reply;
use crate::reference::stamp;

pub(super) fn rows() -> Vec<Fault> {
    ["created_time", "updated_time"]
        .into_iter()
        .flat_map(of_one_time)
        .chain(of_both_times())
        .chain(of_the_request_id())
        .collect()
}

/// Faults that each of the two times can have.
fn of_one_time(member: &'static str) -> Vec<Fault> {
    let fault = |id: &str, says: &str| {
        let id = format!("{}-{id}", member.replace('_', "-"));
        Fault::new(id, format!("response.{member}"), format!("{member} {says}"))
    };
    let spelt = |id, says, format: &'static str| {
        fault(id, says).created(move |r, m| r.put(member, stamp::written(m.at(), format)))
    };
    vec![
        fault("epoch", "is a number of seconds").created(move |r, m| r.put(member, m.at().as_second())),
        fault("epoch-text", "is a number of seconds as text")
            .created(move |r, m| r.put(member, m.at().as_second().to_string())),
        fault("null", "is null").created(move |r, _| r.put(member, ())),
        fault("empty", "is empty").created(move |r, _| r.put(member, "")),
        fault("word", "is the word `now`").created(move |r, _| r.put(member, "now")),
        fault("object", "is an object").created(move |r, m| r.put(member, json!({ "seconds": m.at().as_second() }))),
        spelt("month-13", "is in the 13th month", "%Y-13-%d %H:%M:%S"),
        spelt("day-32", "is on the 32nd day", "%Y-%m-32 %H:%M:%S"),
        spelt("hour-25", "is in the 25th hour", "%Y-%m-%d 25:%M:%S"),
        spelt("date-only", "is a date only", "%Y-%m-%d"),
        spelt("time-only", "is a time without a date", "%H:%M:%S"),
        spelt("slashes", "is spelt with slashes, month first", "%m/%d/%Y %H:%M:%S"),
        spelt("two-digit-year", "is spelt with two digits of the year", "%y-%m-%d %H:%M:%S"),
    ]
}

fn of_both_times() -> Vec<Fault> {
    let shifted = |id: &str, says: &str, seconds: i64| {
        Fault::new(id, "response.time-utc", says)
            .created(move |r, m| put_both(r, &stamp::time(stamp::later(m.at(), seconds))))
    };
    vec![
        shifted("times-local", "both times are eight hours ahead", 28800),
        shifted("times-behind", "both times are five hours behind", -18000),
        shifted("times-hour-ahead", "both times are an hour ahead", 3600),
        shifted("times-day-ahead", "both times are a day ahead", 86400),
        shifted("times-yesterday", "both times are a day behind", -86400),
        Fault::new("times-constant", "response.time-utc", "both times are those of the documentation's example")
            .created(|r, _| put_both(r, "2021-12-09 09:00:00")),
        Fault::new("times-zero", "response.time-utc", "both times are the beginning of 1970")
            .created(|r, _| put_both(r, "1970-01-01 00:00:00")),
        Fault::new("times-false-zone", "response.time-utc", "both times are local and call themselves UTC")
            .created(|r, m| put_both(r, &stamp::written(stamp::later(m.at(), 28800), "%Y-%m-%dT%H:%M:%SZ"))),
        Fault::new("times-elsewhere", "response.time-utc", "both times are right, but local, with their offset")
            .created(|r, m| put_both(r, &stamp::written(stamp::later(m.at(), 28800), "%Y-%m-%dT%H:%M:%S+08:00"))),
        Fault::new("times-created-local", "response.time-utc", "the time of creation alone is eight hours behind")
            .created(|r, m| r.put("created_time", stamp::time(stamp::later(m.at(), -28800)))),
        Fault::new("times-second-apart", "response.time-order", "the update is a second before the creation")
            .created(|r, m| r.put("updated_time", stamp::time(stamp::later(m.at(), -1)))),
        Fault::new("times-minute-apart", "response.time-order", "the update is a minute before the creation")
            .created(|r, m| r.put("updated_time", stamp::time(stamp::later(m.at(), -60)))),
        Fault::new("times-creation-later", "response.time-order", "the creation is two seconds after the update")
            .created(|r, m| r.put("created_time", stamp::time(stamp::later(m.at(), 2)))),
    ]
}

fn of_the_request_id() -> Vec<Fault> {
    vec![
        Fault::new("request-id-missing", "response.request-id", "answers have no request id")
            .every(|r, _| r.unset("X-Request-Id")),
        Fault::new("request-id-missing-on-200", "response.request-id", "only refusals have a request id")
            .created(|r, _| r.unset("X-Request-Id")),
        Fault::new("request-id-empty", "response.request-id", "the request id is empty")
            .created(|r, _| r.set("X-Request-Id", "")),
        Fault::new("request-id-other-header", "response.request-id", "the request id is in the header Request-Id")
            .created(|r, _| {
                let id = r.header("X-Request-Id").unwrap_or_default().to_owned();
                r.unset("X-Request-Id");
                r.set("Request-Id", &id);
            }),
        Fault::new("request-id-sometimes-missing", "response.request-id", "every fifth creation has no request id")
            .every_nth(5, |r, _| r.unset("X-Request-Id")),
        Fault::new("request-id-plain-uuid", "response.request-id-format", "the request id is a UUID alone")
            .created(|r, _| r.set("X-Request-Id", &stamp::uuid())),
        Fault::new("request-id-without-host", "response.request-id-format", "the request id ends after its time")
            .created(|r, m| r.set("X-Request-Id", &format!("{}-{}", stamp::uuid(), m.at().as_millisecond()))),
        Fault::new("request-id-without-uuid", "response.request-id-format", "the request id starts with its time")
            .created(|r, m| r.set("X-Request-Id", &format!("{}-{}-reference", m.at().as_nanosecond(), m.number))),
        Fault::new("request-id-number", "response.request-id-format", "the request id is the number of the request")
            .created(|r, m| r.set("X-Request-Id", &m.number.to_string())),
        Fault::new("request-id-placeholder", "response.request-id-format", "the request id is the pattern itself")
            .created(|r, m| r.set("X-Request-Id", &format!("request_uuid-timestamp-hostname-{}", m.number))),
        Fault::new("request-id-short-uuid", "response.request-id-format", "the UUID is cut to eight digits").created(
            |r, m| {
                let uuid = stamp::uuid();
                let short = uuid.split('-').next().unwrap_or_default();
                r.set("X-Request-Id", &format!("{short}-{}-reference", m.at().as_millisecond()));
            },
        ),
        Fault::new("request-id-constant", "response.request-id-distinct", "every answer has the same request id")
            .every(|r, _| r.set("X-Request-Id", SAME)),
        Fault::new("request-id-on-200-constant", "response.request-id-distinct", "creations share one request id")
            .created(|r, _| r.set("X-Request-Id", SAME)),
        Fault::new("request-id-of-two", "response.request-id-distinct", "every two creations share a request id")
            .created(|r, m| {
                let id = format!("3f0c3c3e-7f63-4c54-9b1a-{:012x}-1734567890123-reference", m.accepted / 2);
                r.set("X-Request-Id", &id);
            }),
        Fault::new("request-id-of-a-dozen", "response.request-id-distinct", "request ids come back after twelve")
            .created(|r, m| {
                let id = format!("3f0c3c3e-7f63-4c54-9b1a-{:012x}-1734567890123-reference", m.accepted % 12);
                r.set("X-Request-Id", &id);
            }),
        Fault::new("request-id-of-the-client", "response.request-id-format", "an X-Request-Id that is sent comes back")
            .every(|r, m| {
                if let Some(sent) = m.request.header("x-request-id") {
                    r.set("X-Request-Id", &String::from_utf8_lossy(sent));
                }
            }),
        Fault::new("request-id-twice", "response.request-id", "a gateway adds an X-Request-Id of its own").created(
            |r, m| {
                r.headers.push(("X-Request-Id".to_owned(), stamp::request_id(m.at())));
            },
        ),
        Fault::new("request-id-of-one-uuid", "response.request-id-distinct", "all request ids have one UUID").every(
            |r, m| {
                let id = format!("6f9619ff-8b86-4d11-b42d-00c04fc964ff-{}-host-{}", m.at().as_microsecond(), m.number);
                r.set("X-Request-Id", &id);
            },
        ),
    ]
}

/// A request id of the right format.
const SAME: &str = "3f0c3c3e-7f63-4c54-9b1a-5d1f0a3b2c1d-1734567890123-reference";

fn put_both(reply: &mut Reply, time: &str) {
    reply.put("created_time", time);
    reply.put("updated_time", time);
}
