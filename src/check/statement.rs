//! Statements of a suite or a case on single values of an answer.
//!
//! Where there is nothing at a statement's place it says nothing, but for `present`: whether something has to be
//! there is the schema's business.

use std::borrow::Cow;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Findings, json_body, shown, time};
use crate::http::Response;
use crate::suite::{Place, Predicate, ReadingShown, RenderError, Scope, Statement, ValueReading};
use crate::verdict::{CheckId, FindingKind};

/// Judges one statement. `scope` sees the exchange as `request` and `response`; `now` is our own clock when the
/// answer came.
///
/// # Errors
/// A template of the statement that fails: a broken suite, not a broken target.
pub fn judge(
    statement: &Statement,
    response: &Response,
    scope: &Scope,
    now: Timestamp,
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    // That the body can't be read is said already, and is all that can be said of it.
    let unread = [json_body::SUCCESS, json_body::REFUSAL].iter().any(|check| findings.any_of(&check.id));
    if unread && matches!(statement.at, Place::Body(_)) {
        return Ok(());
    }
    if let Some(when) = &statement.when
        && !when.value(scope)?.is_true()
    {
        return Ok(());
    }
    let value = at(&statement.at, response);
    for predicate in &statement.predicates {
        let moment = Moment { response, now };
        judge_predicate(statement, predicate, value.as_deref(), &moment, scope, findings)?;
    }
    Ok(())
}

/// The value at a place of an answer.
pub fn at<'r>(place: &Place, response: &'r Response) -> Option<Cow<'r, Value>> {
    match place {
        Place::Status => Some(Cow::Owned(response.status.into())),
        Place::Header(name) => response.header(name).map(|value| Cow::Owned(value.into())),
        Place::Body(pointer) => response.json().ok().and_then(|body| pointer.get(body)).map(Cow::Borrowed),
    }
}

/// When an answer came, by the target's clock and by ours.
struct Moment<'a> {
    response: &'a Response,
    now: Timestamp,
}

impl Moment<'_> {
    /// Whether a time is no further than the tolerance from either clock.
    fn is_near(&self, time: Timestamp, tolerance: Duration) -> bool {
        let by_target = self.response.header("date").and_then(time::http_date);
        let tolerance = SignedDuration::try_from(tolerance).unwrap_or(SignedDuration::MAX);
        [Some(self.now), by_target].into_iter().flatten().any(|clock| time.duration_since(clock).abs() <= tolerance)
    }
}

fn judge_predicate(
    statement: &Statement,
    predicate: &Predicate,
    value: Option<&Value>,
    moment: &Moment<'_>,
    scope: &Scope,
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    let secrets = findings.secrets;
    let shown = |value: &Value| shown(value, secrets);
    let mut broken = |expected: Vec<String>, observed: String| {
        findings.break_clause(&statement.clause, CheckId::STATEMENT, super::place(&statement.at), expected, observed);
    };
    let Some(value) = value else {
        if matches!(predicate, Predicate::Present(true)) {
            broken(vec!["something".to_owned()], "nothing".to_owned());
        }
        return Ok(());
    };
    match predicate {
        Predicate::Present(true) => {}
        Predicate::Present(false) => broken(vec!["nothing".to_owned()], shown(value)),
        Predicate::Equals(tree) => {
            let expected = tree.rendered(scope)?;
            if !same(&expected, value) {
                broken(vec![shown(&expected)], shown(value));
            }
        }
        Predicate::NotEquals(tree) => {
            let unwanted = tree.rendered(scope)?;
            if same(&unwanted, value) {
                broken(vec![format!("anything but {}", shown(&unwanted))], shown(value));
            }
        }
        Predicate::OneOf(tree) => {
            let expected = tree.rendered(scope)?;
            let options = expected.as_array().map(Vec::as_slice).unwrap_or_default();
            if !options.iter().any(|option| same(option, value)) {
                let mut words: Vec<String> = options.iter().map(&shown).collect();
                words.dedup();
                broken(words, shown(value));
            }
        }
        Predicate::Matches(pattern) => {
            if !value.as_str().is_some_and(|text| pattern.is_match(text)) {
                broken(vec![format!("text that matches {pattern}")], shown(value));
            }
        }
        Predicate::Type(kind) => {
            if !kind.admits(value) {
                broken(vec![format!("a value of type {}", kind.name())], shown(value));
            }
        }
        Predicate::TimeUtc => match reading(value) {
            Some(time::Reading::Utc(_)) | None => {}
            Some(time::Reading::Elsewhere(_)) => broken(vec!["a time in UTC".to_owned()], shown(value)),
            Some(time::Reading::None) => broken(vec!["a date and time".to_owned()], shown(value)),
        },
        Predicate::NearNow { seconds } => {
            let time = reading(value).and_then(time::Reading::moment);
            if let Some(time) = time
                && !moment.is_near(time, Duration::from_secs(*seconds))
            {
                let expected = format!("within {seconds} s of the answer, {} by our clock", seconds_of(moment.now));
                broken(vec![expected], shown(value));
            }
        }
        Predicate::NotBefore(place) => {
            let earlier = at(place, moment.response);
            let times = (
                reading(value).and_then(time::Reading::moment),
                earlier.as_deref().and_then(reading).and_then(time::Reading::moment),
            );
            if let ((Some(time), Some(bound)), Some(earlier)) = (times, &earlier)
                && time < bound
            {
                broken(vec![format!("not before {} at {place}", shown(earlier))], shown(value));
            }
        }
        Predicate::Readings(readings) => return observe(statement, readings, value, scope, findings),
    }
    Ok(())
}

/// A value read as a time; none where it is no text, which is the schema's business.
fn reading(value: &Value) -> Option<time::Reading> {
    value.as_str().map(time::read)
}

fn seconds_of(moment: Timestamp) -> Timestamp {
    moment.round(jiff::Unit::Second).unwrap_or(moment)
}

/// Records the one reading that fits; where several do, the answer doesn't tell them apart.
fn observe(
    statement: &Statement,
    readings: &[ValueReading],
    value: &Value,
    scope: &Scope,
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    let mut fitting = Vec::new();
    for reading in readings {
        let fits = match &reading.shown {
            ReadingShown::By(tree) => same(&*tree.rendered(scope)?, value),
            ReadingShown::Matching(pattern) => value.as_str().is_some_and(|text| pattern.is_match(text)),
        };
        if fits {
            fitting.push(reading);
        }
    }
    if let [reading] = fitting.as_slice() {
        let all = readings.iter().map(|reading| reading.name.clone()).collect();
        let place = super::place(&statement.at);
        findings.add(FindingKind::Observation, &statement.clause, CheckId::STATEMENT, place, all, reading.name.clone());
    }
    Ok(())
}

/// Equality of JSON values; `1` and `1.0` are the same number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            // Two integers are compared as such: as floats, large neighbours would be alike.
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests;
