//! Reading a date and time as the documentation's "UTC time" leaves it open: RFC 3339, or the date, a space and
//! the time of day.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

/// Reads what has the shape of a date and time; whether there is such a day and hour is its business.
static CALENDAR: DateTimeParser = DateTimeParser::new();

/// `9` stands for a digit, `T` for what may stand between date and time, anything else for itself.
const SHAPE: &[u8; 19] = b"9999-99-99T99:99:99";

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
    let Some((local, zone)) = parts(text) else { return Reading::None };
    let Some(offset) = offset_seconds(zone) else { return Reading::None };
    let Ok(local) = CALENDAR.parse_datetime(local) else { return Reading::None };
    let Ok(moment) = TimeZone::UTC.to_timestamp(local) else { return Reading::None };
    let Ok(moment) = moment.checked_sub(jiff::SignedDuration::from_secs(offset)) else { return Reading::None };
    if offset == 0 { Reading::Utc(moment) } else { Reading::Elsewhere(moment) }
}

/// Date and time of day, with a fraction of 1 to 9 digits if there is one; and the zone, which may be missing.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (seconds, rest) = text.as_bytes().split_at_checked(SHAPE.len())?;
    let fits = |(shape, byte): (&u8, &u8)| match shape {
        b'9' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => shape == byte,
    };
    if !SHAPE.iter().zip(seconds).all(fits) {
        return None;
    }
    let fraction = match rest.strip_prefix(b".") {
        Some(rest) => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            digits @ 1..=9 => digits + 1,
            _ => return None,
        },
        None => 0,
    };
    text.split_at_checked(SHAPE.len() + fraction)
}

/// Seconds east of UTC, for which nothing, `Z` and, behind a space, its names stand too; none for what is no offset, or one that
/// no clock has. With the space is how Ruby and Go write a time where nobody says how.
fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    match zone.strip_prefix(' ') {
        Some("UTC" | "GMT") => Some(0),
        Some(behind) => numeric_offset(behind.strip_suffix(" UTC").unwrap_or(behind)),
        None => numeric_offset(zone),
    }
}

fn numeric_offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let ([a, b, b':', c, d] | [a, b, c, d]) = digits else { return None };
    let number = |tens: &u8, ones: &u8| {
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        Some(digit(tens)? * 10 + digit(ones)?)
    };
    let (hours, minutes) = (number(a, b)?, number(c, d)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The moment in an HTTP `Date` header.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// The moment that a text tells, as the checks read it; none where it tells none.
pub fn moment(text: &str) -> Option<Timestamp> {
    read(text).moment()
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
            "2021-12-09 09:00:00+0000",
            "2021-12-09 09:00:00 UTC",
            "2021-12-09 09:00:00 +0000",
            "2021-12-09 09:00:00.000000000 +0000 UTC",
        ] {
            assert_eq!(read(text), Reading::Utc(moment("2021-12-09T09:00:00Z")), "{text}");
        }
    }

    #[test]
    fn a_time_with_another_offset_is_a_moment_but_not_utc() {
        for (text, utc) in [
            ("2021-12-09T17:00:00+08:00", "2021-12-09T09:00:00Z"),
            ("2021-12-09T17:00:00+05:45", "2021-12-09T11:15:00Z"),
            ("2021-12-09T09:00:00-03:30", "2021-12-09T12:30:00Z"),
            ("2021-12-09 17:00:00 +0800", "2021-12-09T09:00:00Z"),
            ("2021-12-09T09:00:00+23:59", "2021-12-08T09:01:00Z"),
        ] {
            assert_eq!(read(text), Reading::Elsewhere(moment(utc)), "{text}");
        }
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
            "2021-12-09T09:00:00+24:00",
            "2021-12-09T09:00:00+08:60",
            "2021-12-09 09:00:00 ",
            "2021-12-09T09:00:00+99:00",
            "2021-12-09T09:00:00+08",
            "2021-12-09T09:00:00.",
            "2021-12-09T09:00:00.1234567890",
            "2021-12-09T09:00:00Z ",
            "2021-12-09T09:00:0\u{661}",
            "２021-12-09T09:00:00",
            "09/12/2021 09:00:00",
            "2021-12-09 09:00:00  UTC",
            "2021-12-09 09:00:00 CET",
            "2021-12-09 09:00:00 UTC UTC",
            "2021-12-09 09:00:00UTC",
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
