//! Reading a date and time as the documentation's "UTC time" leaves it open: RFC 3339, or the date, a space and
//! the time of day.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;

/// The shape of a date and time; what is in it is left to the calendar.
#[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the unit tests")]
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|[+-]\d\d:?\d\d)?$").expect("a valid pattern")
});

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A moment, in UTC or without a zone (which is then taken for UTC).
    Utc(Timestamp),
    /// A moment in a zone that is not UTC.
    Elsewhere(Timestamp),
    /// Neither.
    None,
}

impl Reading {
    /// The moment, whatever the zone it was written in.
    pub(super) fn moment(self) -> Option<Timestamp> {
        match self {
            Self::Utc(moment) | Self::Elsewhere(moment) => Some(moment),
            Self::None => None,
        }
    }
}

/// Reads a text as a date and time.
pub(super) fn read(text: &str) -> Reading {
    let Some(parts) = SHAPE.captures(text) else { return Reading::None };
    let local = parts.get(1).map_or("", |part| part.as_str()).to_uppercase().replace(' ', "T");
    let Ok(local) = local.parse::<DateTime>() else { return Reading::None };
    let zone = parts.get(2).map_or("Z", |part| part.as_str());
    let Some(offset) = offset_seconds(zone) else { return Reading::None };
    let Ok(zoned) = local.to_zoned(TimeZone::UTC) else { return Reading::None };
    let Ok(moment) = zoned.timestamp().checked_sub(jiff::SignedDuration::from_secs(offset)) else {
        return Reading::None;
    };
    if offset == 0 { Reading::Utc(moment) } else { Reading::Elsewhere(moment) }
}

/// Seconds east of UTC; none for an offset that no clock has.
fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The moment in an HTTP `Date` header.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_documented_way_of_writing_a_utc_time_is_read() {
        for text in [
            "2021-12-09 09:00:00",
            "2021-12-09T09:00:00Z",
            "2021-12-09t09:00:00z",
            "2021-12-09T09:00:00.000Z",
            "2021-12-09T09:00:00+00:00",
            "2021-12-09T09:00:00-00:00",
            "2021-12-09T09:00:00",
        ] {
            assert_eq!(read(text), Reading::Utc(moment("2021-12-09T09:00:00Z")), "{text}");
        }
    }

    #[test]
    fn a_time_with_another_offset_is_a_moment_but_not_utc() {
        assert_eq!(read("2021-12-09T17:00:00+08:00"), Reading::Elsewhere(moment("2021-12-09T09:00:00Z")));
    }

    #[test]
    fn what_is_no_time_is_not_read_as_one() {
        for text in [
            "",
            "now",
            "1639040400",
            "2021-12-09",
            "09:00:00",
            "2021-13-09 09:00:00",
            "2021-02-30 09:00:00",
            "2021-12-09 25:00:00",
            "2021-12-09 09:60:00",
            "2021-12-09 09:00:00 ",
            "2021-12-09T09:00:00+99:00",
            "09/12/2021 09:00:00",
            "2021-12-09 09:00:00\n",
        ] {
            assert_eq!(read(text), Reading::None, "{text:?}");
        }
    }

    #[test]
    fn a_date_header_is_read() {
        assert_eq!(http_date("Thu, 09 Dec 2021 09:00:00 GMT"), Some(moment("2021-12-09T09:00:00Z")));
        assert_eq!(http_date("yesterday"), None);
    }
}
