//! Texts and numbers by rule.

use serde_json::{Number, Value};

use super::document::Document;
use super::made::Made;
use crate::pattern::Pattern;

/// The usual length of a text.
const USUAL: f64 = 12.0;
/// The longest text that is made.
const LONGEST: f64 = 4_000.0;
/// What a text of a known format is: as it is written, and what that comes to.
const FORMATS: [(&str, &str, &str); 14] = [
    ("date-time", "{{ now(86400) }}", "2030-01-01T00:00:00Z"),
    ("date", "2030-01-01", "2030-01-01"),
    ("time", "12:00:00Z", "12:00:00Z"),
    ("duration", "P1D", "P1D"),
    ("uuid", "{{ uuid() }}", "7a0d6b3e-52f5-4d0c-9b1e-1d2f3a4b5c6d"),
    ("email", "{{ unique(12) }}@example.org", "qwertzuiopas@example.org"),
    ("idn-email", "{{ unique(12) }}@example.org", "qwertzuiopas@example.org"),
    ("uri", "https://example.org/{{ unique(12) }}", "https://example.org/qwertzuiopas"),
    ("url", "https://example.org/{{ unique(12) }}", "https://example.org/qwertzuiopas"),
    ("hostname", "{{ unique(12) }}.example.org", "qwertzuiopas.example.org"),
    ("ipv4", "192.0.2.1", "192.0.2.1"),
    ("ipv6", "2001:db8::1", "2001:db8::1"),
    ("byte", "{{ unique(12) | base64 }}", "cXdlcnR6dWlvcGFz"),
    ("password", "Aa1!{{ unique(12) }}", "Aa1!qwertzuiopas"),
];
/// Texts that often fit a pattern.
const USUAL_TEXTS: [&str; 10] = ["1", "A", "A1", "a1", "123", "1.0.0", "ABC-123", "2030-01-01", "Aa1", "+15550100123"];

/// A fresh text of so many letters.
pub(super) fn unique(length: usize) -> Made {
    Made::template(format!("{{{{ unique({length}) }}}}"), letters("qwertzuiop", length))
}

fn letters(of: &str, length: usize) -> String {
    of.chars().cycle().take(length).collect()
}

/// The greatest number that views have for a keyword.
pub(super) fn greatest(document: Document<'_>, views: &[String], name: &str) -> Option<f64> {
    document.keyword(views, name).filter_map(Value::as_f64).reduce(f64::max)
}

/// The least one.
pub(super) fn least(document: Document<'_>, views: &[String], name: &str) -> Option<f64> {
    document.keyword(views, name).filter_map(Value::as_f64).reduce(f64::min)
}

/// A text for the schema at a pointer.
pub(super) fn text(document: Document<'_>, pointer: &str, views: &[String]) -> Result<Made, String> {
    let format = document.keyword(views, "format").find_map(Value::as_str);
    let format = FORMATS.iter().find(|(name, ..)| Some(*name) == format);
    if let Some((_, written, sample)) = format {
        return Ok(Made::template(*written, *sample));
    }
    let shortest = greatest(document, views, "minLength").unwrap_or_default();
    let longest = least(document, views, "maxLength").unwrap_or(f64::MAX);
    let length = shortest.max(longest.min(USUAL));
    if !(0.0..=LONGEST).contains(&length) {
        return Err(format!("an example at {pointer}, a text of {length} characters"));
    }
    if length == 0.0 {
        return Ok(Made::fixed(Value::from("")));
    }
    let length = length as usize;
    match document.keyword(views, "pattern").find_map(Value::as_str) {
        Some(pattern) => matching(pointer, pattern, length),
        None => Ok(unique(length)),
    }
}

/// A text that a pattern matches: fresh letters, where these do, or one of the usual ones.
fn matching(pointer: &str, pattern: &str, length: usize) -> Result<Made, String> {
    let missing = || format!("an example at {pointer}, a text that matches {pattern}");
    let compiled = Pattern::new(pattern).map_err(|_| missing())?;
    let matches = |text: &str| compiled.is_match(text) == Ok(true);
    if ["qwertzuiop", "xyz", "a"].iter().all(|of| matches(&letters(of, length))) {
        return Ok(unique(length));
    }
    let repeated = ["0123456789", "ABCDEF", "1", "A"].map(|of| letters(of, length));
    let mut usual = repeated.into_iter().chain(USUAL_TEXTS.map(str::to_owned));
    usual.find(|text| matches(text)).map(|text| Made::fixed(Value::from(text))).ok_or_else(missing)
}

/// A number for the schema at a pointer: the least one from 1 on where that is allowed.
pub(super) fn number(document: Document<'_>, pointer: &str, views: &[String]) -> Result<Made, String> {
    let above = greatest(document, views, "exclusiveMinimum");
    let below = least(document, views, "exclusiveMaximum");
    let floor =
        greatest(document, views, "minimum").unwrap_or(f64::MIN).max(above.map_or(f64::MIN, |least| least + 1.0));
    let ceiling = least(document, views, "maximum").unwrap_or(f64::MAX).min(below.map_or(f64::MAX, |most| most - 1.0));
    let step = document.keyword(views, "multipleOf").find_map(Value::as_f64).filter(|step| *step > 0.0);
    let step = step.unwrap_or(1.0);
    let from = (floor.max(1.0) / step).ceil() * step;
    let value = if from <= ceiling { from } else { (ceiling / step).floor() * step };
    let whole = (value.fract() == 0.0 && value.abs() < 9e15).then(|| Number::from(value as i64));
    let number = whole.or_else(|| Number::from_f64(value));
    number.map(|number| Made::fixed(Value::Number(number))).ok_or_else(|| format!("an example at {pointer}"))
}
