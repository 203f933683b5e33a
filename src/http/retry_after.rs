//! How long an answer asks to be left alone: its `Retry-After`, in either form that RFC 9110 (10.2.3) has.
//!
//! Reads no clock and decides nothing; whoever asks decides how long is too long.

use std::time::{Duration, SystemTime};

use super::exchange::Response;

/// How long after `now` an answer asks to be sent to again, if it says so in a way that can be understood.
///
/// A number of seconds that is too large for any clock is [`Duration::MAX`]. A date is taken against the answer's own
/// `Date`, so that a target whose clock is wrong isn't misunderstood, or against `now` where it has none; one that has
/// passed is no time at all. Of several values the longest counts; a negative, fractional or other value is none.
#[must_use]
pub fn retry_after(response: &Response, now: SystemTime) -> Option<Duration> {
    let sent = response.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    let values = response.headers.iter().filter(|(name, _)| name == "retry-after");
    values.filter_map(|(_, value)| value_after(value.trim(), sent)).max()
}

fn value_after(value: &str, sent: SystemTime) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(headers: &[(&str, &str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response::new(503, "HTTP/1.1".to_owned(), headers, bytes::Bytes::new());
        retry_after(&response, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
    }

    #[test]
    fn a_number_of_seconds_is_taken_as_it_is() {
        for (value, seconds) in [("0", 0), ("7", 7), (" 120 ", 120), ("007", 7)] {
            assert_eq!(after(&[("retry-after", value)]), Some(Duration::from_secs(seconds)), "{value}");
        }
        assert_eq!(after(&[("retry-after", "99999999999999999999999999")]), Some(Duration::MAX));
    }

    #[test]
    fn what_is_neither_a_number_of_seconds_nor_a_date_says_nothing() {
        for value in ["", "-1", "+5", "1.5", "1e3", "0x10", "soon", "٣", "Sun, 99 Foo 2001 01:46:47 GMT", "5, 6"] {
            assert_eq!(after(&[("retry-after", value)]), None, "{value}");
        }
        assert_eq!(after(&[]), None);
    }

    #[test]
    fn a_date_counts_from_the_answers_own_date_or_else_from_now() {
        for date in ["Sun, 09 Sep 2001 01:46:47 GMT", "Sunday, 09-Sep-01 01:46:47 GMT", "Sun Sep  9 01:46:47 2001"] {
            assert_eq!(after(&[("retry-after", date)]), Some(Duration::from_secs(7)), "{date}");
        }
        let date = ("retry-after", "Sun, 09 Sep 2001 01:46:47 GMT");
        let early = ("date", "Sun, 09 Sep 2001 01:46:17 GMT");
        assert_eq!(after(&[date, early]), Some(Duration::from_secs(30)));
        assert_eq!(after(&[date, ("date", "yesterday")]), Some(Duration::from_secs(7)));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(Duration::ZERO));
    }

    #[test]
    fn of_several_values_the_longest_counts() {
        assert_eq!(
            after(&[("retry-after", "3"), ("retry-after", "x"), ("retry-after", "9")]),
            Some(Duration::from_secs(9))
        );
    }
}
