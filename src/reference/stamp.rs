//! Ids and times: the one place of the server that asks the clock and the dice.

use jiff::{SignedDuration, Timestamp};

/// The host that request ids name.
pub(super) const HOST: &str = "reference";

/// Now.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// A new random UUID.
pub(super) fn uuid() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string()
}

/// A new request id: UUID, time in milliseconds since 1970, host.
pub(super) fn request_id(at: Timestamp) -> String {
    format!("{}-{}-{HOST}", uuid(), at.as_millisecond())
}

/// A time as the documentation's example writes it, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M:%S")
}

/// A time in UTC in another format (that of `strftime`).
pub(super) fn written(at: Timestamp, format: &str) -> String {
    at.strftime(format).to_string()
}

/// A time some seconds later, or earlier where negative.
pub(super) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}
