//! What varies between answers to the same request, and so is to be redacted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::redact::{text_of, varying};
use super::shape::is_utc_time;
use crate::http::Exchange;
use crate::pointer;
use crate::suite::{Redaction, SnapshotPlan};

/// A place that is to be redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactionProposal {
    /// The place, as a redaction names it.
    pub at: String,
    /// Two different values that were there.
    pub seen: [String; 2],
    /// Whether they are times, so that two of them may be the same by chance.
    pub is_time: bool,
}

/// The places whose values differ between the answers, by place, but for what is redacted already and what only repeats a
/// value of its own request. Of a place that isn't in all answers, nothing is proposed.
pub fn propose(exchanges: &[&Exchange], plan: &SnapshotPlan) -> Vec<RedactionProposal> {
    let redactions: Vec<&Redaction> = plan.redact.iter().collect();
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut answers = 0;
    for exchange in exchanges {
        let Some(answer) = exchange.answer.response() else { continue };
        answers += 1;
        known.extend(varying(&redactions, answer).into_iter().map(|varying| varying.place));
        let mut add = |place: String, text: String| {
            if repeats(exchange, &text) {
                known.insert(place.clone());
            }
            seen.entry(place).or_default().push(text);
        };
        for name in &plan.headers {
            if let Some(value) = answer.header(name) {
                add(format!("/headers/{name}"), value.to_owned());
            }
        }
        if let Ok(body) = answer.json() {
            leaves(body, "/body".to_owned(), &mut add);
        }
    }
    let differing = seen.into_iter().filter(|(at, values)| values.len() == answers && !known.contains(at));
    differing
        .filter_map(|(at, values)| {
            let first = values.first()?;
            let other = values.iter().find(|value| *value != first)?;
            let is_time = values.iter().all(|value| is_utc_time(value));
            Some(RedactionProposal { at, seen: [first.clone(), other.clone()], is_time })
        })
        .collect()
}

/// From how many bytes on it is no coincidence that a value is part of what was sent.
const TELLING: usize = 4;

/// Whether a value is one that was sent.
fn repeats(exchange: &Exchange, value: &str) -> bool {
    let body = exchange.request.body.as_deref().unwrap_or_default();
    value.len() >= TELLING && (exchange.request.url.contains(value) || String::from_utf8_lossy(body).contains(value))
}

fn leaves(value: &Value, place: String, add: &mut dyn FnMut(String, String)) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| leaves(member, pointer::join(&place, name), add));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| leaves(item, pointer::join(&place, &index.to_string()), add));
        }
        leaf => add(place, text_of(leaf)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::http::{Answer, ConnectionUse, HeaderCase, Request, Response};
    use crate::suite::Place;

    fn exchange(sent: &str, id: &str, body: &str) -> Exchange {
        let headers = vec![("x-request-id".to_owned(), id.to_owned()), ("date".to_owned(), id.to_owned())];
        let request = Request {
            method: "POST".to_owned(),
            url: "http://127.0.0.1/".to_owned(),
            headers: Vec::new(),
            body: Some(sent.to_owned().into()),
            header_case: HeaderCase::default(),
            connection: ConnectionUse::default(),
        };
        let answer = Answer::Complete(Response::new(200, "HTTP/1.1".to_owned(), headers, body.to_owned().into()));
        Exchange::new(Arc::new(request), answer, Duration::ZERO)
    }

    #[test]
    fn what_differs_between_answers_is_proposed_unless_it_was_sent_or_is_redacted() {
        let one =
            exchange("name-a", "r-1", r#"{"id":"a1","name":"name-a","list":[1,{"at":1}],"time":"t1","gone":true}"#);
        let two = exchange("name-b", "r-2", r#"{"id":"b1","name":"name-b","list":[1,{"at":2}],"time":"t2"}"#);
        let time = Redaction {
            name: "time".to_owned(),
            at: vec![Place::Body(crate::pointer::Pointer::parse("/time").unwrap())],
            numbered: true,
            optional: false,
            written: "/body/time".to_owned(),
            file: "suite.yaml".to_owned(),
            line: 1,
        };
        let headers = vec!["x-request-id".to_owned()];
        let plan = SnapshotPlan { headers, redact: vec![time], ..SnapshotPlan::default() };
        let proposals = propose(&[&one, &two], &plan);
        let at: Vec<&str> = proposals.iter().map(|proposal| proposal.at.as_str()).collect();
        assert_eq!(at, ["/body/id", "/body/list/1/at", "/headers/x-request-id"]);
        assert_eq!(proposals.first().unwrap().seen, ["a1", "b1"]);
        assert_eq!(propose(&[&one, &one], &plan), []);
    }
}
