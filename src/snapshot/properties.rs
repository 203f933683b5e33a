//! What holds of every snapshot, whatever was sent and came back: no part of a secret is in it.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::document::{Document, StepExchange, Subject};
use crate::http::{Answer, ConnectionUse, Exchange, Request, Response};
use crate::secret::Secrets;
use crate::secret::spellings::{SPELLINGS, shown_of};
use crate::suite::SnapshotPlan;

/// An exchange that holds a text at one of nine places.
fn exchange(text: &str, place: usize) -> Exchange {
    let at = |number: usize| if place == number { text } else { "plain" };
    let object = |key: &str, value: &str| json!({ key: [value] }).to_string();
    let sent = if place == 4 { format!("{text}\nno json") } else { object(at(2), at(3)) };
    let received = if place == 8 { format!("no json\n{text}") } else { object(at(6), at(7)) };
    let request = Request {
        method: "POST".to_owned(),
        url: format!("http://h/v1/{}", at(0)),
        headers: vec![("X-Sent".to_owned(), at(1).to_owned())],
        body: Some(sent.into()),
        connection: ConnectionUse::Shared,
        header_case: Default::default(),
    };
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), ("x-it".to_owned(), at(5).to_owned())];
    let answer = Answer::Complete(Response::new(200, "HTTP/1.1".to_owned(), headers, received.into()));
    Exchange::new(Arc::new(request), answer, Duration::ZERO)
}

proptest! {
    // Letters and digits by turns are in no word, no number and no hash. What stands before a secret may be longer than what
    // is shown of a text.
    #[test]
    fn no_part_of_a_secret_is_in_a_snapshot_however_it_is_written_and_wherever(
        value in "([g-z][2-9]){4,60}",
        spelling in 0usize..6,
        place in 0usize..9,
        before in "[ .<\"]{0,400}",
        after in "[ .>\"]{0,80}",
    ) {
        let mut secrets = Secrets::new();
        secrets.register("token", value.as_str().into()).unwrap();
        let exchange = exchange(&format!("{before}{}{after}", SPELLINGS[spelling](&value)), place);
        let plan = SnapshotPlan { headers: vec!["content-type".to_owned(), "x-it".to_owned()], ..SnapshotPlan::default() };
        let shots = [StepExchange { step: "1", at_once: false, foreign: false, exchange: &exchange }];
        let (own, drawn, variables, base_url) = (&[], &[], &[], "http://h");
        let subject = Subject { plan: &plan, own, drawn, variables, secrets: &secrets, base_url, shots: &shots };
        let document = Document::new(&subject);
        for snapshot in [document.value(), document.shape()] {
            prop_assert_eq!(shown_of(&value, &snapshot), None, "{}", *snapshot);
        }
    }
}
