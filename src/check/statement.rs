//! Statements of a suite or a case on single values of an answer.
//!
//! A statement whose place isn't there is broken, unless it is optional, or says itself whether something is there. Where
//! it is told already that the place is missing, it says nothing more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::findings::Findings;
use super::value::{Found, found, with_keys};
use super::{json_body, time};
use crate::http::Response;
use crate::number::same;
use crate::pattern::Pattern;
use crate::pointer::Pointer;
use crate::secret::Secrets;
use crate::suite::{Place, Predicate, ReadingShown, RenderError, Scope, Statement, Tree, ValueReading};
use crate::verdict::{self, CheckId, FindingKind};

/// How many items of an answer are told of that break one statement.
const MOST_ITEMS: usize = 20;

/// An answer as statements see it.
pub struct Judged<'a> {
    /// The answer.
    pub response: &'a Response,
    /// Sees the exchange as `request` and `response`.
    pub scope: &'a Scope,
    /// Our own clock when the answer came.
    pub now: Timestamp,
    /// Whether the answer is the one that was to come. In another one, nothing is missing.
    pub is_expected: bool,
    /// What findings don't show.
    pub secrets: &'a Secrets,
}

/// Judges one statement; says whether anything was at its place, or nothing where it doesn't apply.
///
/// # Errors
/// A template of the statement that fails: a broken suite, not a broken target.
pub fn judge(
    statement: &Statement,
    answer: &Judged<'_>,
    findings: &mut Findings<'_>,
) -> Result<Option<bool>, RenderError> {
    // That the body can't be read is said already, and is all that can be said of it.
    let unread = [json_body::SUCCESS, json_body::REFUSAL].iter().any(|check| findings.any_of(&check.id));
    let is_coded = |place: &Pointer| answer.response.coding().is_some() && !place.tokens().is_empty();
    if matches!(&statement.at, Place::Body(place) if unread || is_coded(place)) {
        return Ok(None);
    }
    if let Some(when) = &statement.when
        && !when.value(answer.scope)?.is_true()
    {
        return Ok(None);
    }
    let (all, mut broken, mut any) = (found(&statement.at, answer.response), 0, false);
    for found in &all {
        any |= found.value.is_some();
        for predicate in &statement.predicates {
            broken += usize::from(judge_predicate(statement, predicate, found, answer, findings)?);
        }
        if broken >= MOST_ITEMS {
            break;
        }
    }
    Ok(Some(any))
}

impl Judged<'_> {
    /// A value as findings show it.
    fn shown(&self, value: &Value) -> String {
        super::subject::shown(value, self.secrets)
    }

    /// Whether a time is no further than the tolerance from either clock, the target's or ours.
    fn is_near(&self, time: Timestamp, tolerance: Duration) -> bool {
        let by_target = self.response.header("date").and_then(time::http_date);
        let tolerance = SignedDuration::try_from(tolerance).unwrap_or(SignedDuration::MAX);
        [Some(self.now), by_target].into_iter().flatten().any(|clock| time.duration_since(clock).abs() <= tolerance)
    }
}

/// Judges one predicate on one place; says whether it is broken.
fn judge_predicate(
    statement: &Statement,
    predicate: &Predicate,
    found: &Found<'_>,
    answer: &Judged<'_>,
    findings: &mut Findings<'_>,
) -> Result<bool, RenderError> {
    if let Predicate::Readings(readings) = predicate {
        return observe(statement, readings, found, answer.scope, findings).map(|()| false);
    }
    // An empty body is no value, and can be asked for all the same: by its digest, or its length.
    let empty = Value::from("");
    let may_be_empty = match predicate {
        Predicate::Sha256(_) => true,
        Predicate::Length(length) => length.max == Some(0),
        _ => false,
    };
    let bytes = Some(&empty).filter(|_| may_be_empty && found.is_body() && !statement.optional);
    let breach = match found.value.as_deref().or(bytes) {
        Some(value) => breach(predicate, value, found, answer, statement.optional)?,
        None => {
            let is_told = || !answer.is_expected || findings.tell_of(&found.place());
            let breach = if statement.optional || is_told() { None } else { missing(predicate, answer) };
            if breach.is_none() && !matches!(predicate, Predicate::Present(_)) {
                return Ok(false);
            }
            breach
        }
    };
    findings.examine_named(&statement.clause);
    let Some(Breach { expected, observed, at }) = breach else { return Ok(false) };
    let place = at.unwrap_or_else(|| found.place());
    findings.break_clause(&statement.clause, CheckId::STATEMENT, place, expected, observed);
    Ok(true)
}

/// How a predicate is broken.
struct Breach {
    expected: Vec<String>,
    observed: String,
    /// Where, if not at the statement's place.
    at: Option<verdict::Place>,
}

impl Breach {
    fn new(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { expected: vec![expected.into()], observed: observed.into(), at: None }
    }
}

/// What a predicate asks of a place where nothing is; none where that is what it asks for. A template may well fail for
/// what is missing.
fn missing(predicate: &Predicate, answer: &Judged<'_>) -> Option<Breach> {
    let scope = answer.scope;
    let value = |tree: &Tree| tree.rendered(scope).map_or_else(|_| "a value".to_owned(), |value| answer.shown(&value));
    let expected = match predicate {
        Predicate::Present(false) | Predicate::Readings(_) => return None,
        Predicate::Present(true) => return Some(Breach::new("something", "nothing")),
        Predicate::OneOf(tree) => {
            let known = tree.rendered(scope).ok();
            options(known.as_deref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default(), answer)
        }
        Predicate::Equals(tree) => vec![value(tree)],
        Predicate::NotEquals(tree) => vec![format!("anything but {}", value(tree))],
        Predicate::Matches(pattern) => vec![format!("text that matches {pattern}")],
        Predicate::Type(kind) => vec![format!("a value of type {}", kind.name())],
        Predicate::Length(length) => vec![format!("a length of {length}")],
        Predicate::Sha256(_) => vec!["bytes with a given SHA-256 digest".to_owned()],
        Predicate::Time { .. } => vec!["a date and time".to_owned()],
        Predicate::NearNow { seconds } => vec![format!("a time within {seconds} s of the answer")],
        Predicate::NotBefore(place) => vec![format!("a time that is not before the one at {place}")],
    };
    Some(Breach { expected, observed: "nothing there".to_owned(), at: None })
}

/// How a predicate is broken by a value, if it is.
fn breach(
    predicate: &Predicate,
    value: &Value,
    found: &Found<'_>,
    answer: &Judged<'_>,
    optional: bool,
) -> Result<Option<Breach>, RenderError> {
    let (scope, response) = (answer.scope, answer.response);
    let shown = |value: &Value| answer.shown(value);
    let is_body = found.is_body();
    Ok(match predicate {
        Predicate::Present(true) | Predicate::Readings(_) => None,
        Predicate::Present(false) => Some(Breach::new("nothing", shown(value))),
        Predicate::Equals(tree) => {
            let expected = tree.rendered(scope)?;
            let is_text = || is_body && expected.as_str().is_some_and(|text| text.as_bytes() == response.body);
            (!same(&expected, value) && !is_text()).then(|| {
                let (expected, observed) = super::subject::shown_apart(&expected, value, answer.secrets);
                Breach::new(expected, observed)
            })
        }
        Predicate::NotEquals(tree) => {
            let unwanted = tree.rendered(scope)?;
            same(&unwanted, value).then(|| Breach::new(format!("anything but {}", shown(&unwanted)), shown(value)))
        }
        Predicate::OneOf(tree) => {
            let expected = tree.rendered(scope)?;
            let known = expected.as_array().map(Vec::as_slice).unwrap_or_default();
            let is_one = known.iter().any(|option| same(option, value));
            (!is_one).then(|| Breach { expected: options(known, answer), observed: shown(value), at: None })
        }
        Predicate::Matches(pattern) => {
            let is_json = || response.json().is_ok();
            let text = match value {
                Value::String(text) if !is_body || is_json() => Some(text.as_str()),
                _ if is_body => std::str::from_utf8(&response.body).ok(),
                _ => None,
            };
            let matches = text.map_or(Ok(false), |text| matched(pattern, text))?;
            (!matches).then(|| Breach::new(format!("text that matches {pattern}"), shown(value)))
        }
        Predicate::Type(kind) => {
            (!kind.admits(value)).then(|| Breach::new(format!("a value of type {}", kind.name()), shown(value)))
        }
        Predicate::Length(length) => {
            let observed = if is_body { Some(response.body.len()) } else { length_of(value) };
            let fits = observed.is_some_and(|observed| length.admits(observed));
            let observed = observed.map_or_else(|| shown(value), |observed| observed.to_string());
            (!fits).then(|| Breach::new(format!("a length of {length}"), observed))
        }
        Predicate::Sha256(text) => {
            let expected = text.text(scope)?;
            let bytes = if is_body { Some(&*response.body) } else { value.as_str().map(str::as_bytes) };
            let observed = bytes.map_or_else(|| shown(value), digest);
            let message = || format!("bytes with the SHA-256 digest {expected}");
            (!observed.eq_ignore_ascii_case(&expected)).then(|| Breach::new(message(), observed.clone()))
        }
        Predicate::Time { utc } => match reading(value) {
            Some(time::Reading::Utc(_)) | None => None,
            Some(time::Reading::Elsewhere(_)) => utc.then(|| Breach::new("a time in UTC", shown(value))),
            Some(time::Reading::None) => Some(Breach::new("a date and time", shown(value))),
        },
        Predicate::NearNow { seconds } => {
            let time = reading(value).and_then(time::Reading::moment);
            let is_far = time.is_some_and(|time| !answer.is_near(time, Duration::from_secs(*seconds)));
            let expected = || format!("within {seconds} s of the answer, {} by our clock", seconds_of(answer.now));
            is_far.then(|| Breach::new(expected(), shown(value)))
        }
        Predicate::NotBefore(place) => not_before(value, &with_keys(place, &found.keys), answer, optional),
    })
}

fn matched(pattern: &Pattern, text: &str) -> Result<bool, RenderError> {
    pattern.is_match(text).map_err(|error| RenderError::Unjudged(error.to_string()))
}

fn options(known: &[Value], answer: &Judged<'_>) -> Vec<String> {
    let mut words: Vec<String> = known.iter().map(|value| answer.shown(value)).collect();
    words.dedup();
    words
}

/// How a time breaks that it isn't before the one at another place.
fn not_before(value: &Value, place: &Place, answer: &Judged<'_>, optional: bool) -> Option<Breach> {
    let earlier = found(place, answer.response).into_iter().next()?;
    let Some(bound) = &earlier.value else {
        if optional || !answer.is_expected {
            return None;
        }
        let breach = Breach::new("a time to compare with", "nothing there");
        return Some(Breach { at: Some(earlier.place()), ..breach });
    };
    let times = [value, bound.as_ref()].map(|value| reading(value).and_then(time::Reading::moment));
    match times {
        [Some(time), Some(moment)] if time < moment => {
            Some(Breach::new(format!("not before {} at {place}", answer.shown(bound)), answer.shown(value)))
        }
        _ => None,
    }
}

/// How many characters a text has, items an array or members an object.
fn length_of(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        _ => None,
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
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
    found: &Found<'_>,
    scope: &Scope,
    findings: &mut Findings<'_>,
) -> Result<(), RenderError> {
    let Some(value) = found.value.as_deref() else { return Ok(()) };
    findings.examine_named(&statement.clause);
    let mut fitting = Vec::new();
    for reading in readings {
        let fits = match &reading.shown {
            ReadingShown::By(tree) => same(&*tree.rendered(scope)?, value),
            ReadingShown::Matching(pattern) => value.as_str().map_or(Ok(false), |text| matched(pattern, text))?,
        };
        if fits {
            fitting.push(reading);
        }
    }
    if let [reading] = fitting.as_slice() {
        let all = readings.iter().map(|reading| reading.name.clone()).collect();
        let place = found.place();
        findings.add(FindingKind::Observation, &statement.clause, CheckId::STATEMENT, place, all, reading.name.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
