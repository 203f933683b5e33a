//! Requests that had left when their kept-alive connection was closed on them, without an answer.
//!
//! None of them is sent again, since nobody knows whether it was carried out. That this happens once is no fault of a
//! target's: connections may be closed at any time. So the case is made anew, with fresh values. From then on it breaks
//! `transport.answer`, as any other request does that gets no answer.

use std::sync::OnceLock;
use std::time::Instant;

use crate::http::Exchange;

/// When it was first noticed in a run.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    noticed: OnceLock<Instant>,
}

impl Unanswered {
    /// Takes an exchange in that is just over.
    pub(super) fn note(&self, exchange: &Exchange) {
        if exchange.is_unanswered() {
            self.noticed.get_or_init(Instant::now);
        }
    }

    /// Whether an exchange is one of those that are let pass: the first, and those that were under way together with it,
    /// since a target that goes away for a moment closes all its connections at once.
    pub(super) fn is_excused(&self, exchange: &Exchange) -> bool {
        exchange.is_unanswered() && self.noticed.get().is_some_and(|noticed| exchange.started <= *noticed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::http::{Answer, ConnectionUse, Defect, HeaderCase, Request};

    fn exchange(defect: Defect) -> Exchange {
        let request = Request {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: None,
            header_case: HeaderCase::default(),
            connection: ConnectionUse::default(),
        };
        let answer = Answer::Unusable { defect, cause: String::new(), partial: None };
        Exchange::new(Arc::new(request), answer, Duration::ZERO)
    }

    #[test]
    fn the_first_is_excused_with_those_that_were_under_way_and_none_that_left_later() {
        let unanswered = Unanswered::default();
        let (closed, first, beside) =
            (exchange(Defect::ClosedEarly), exchange(Defect::Unanswered), exchange(Defect::Unanswered));
        unanswered.note(&closed);
        assert!(!unanswered.is_excused(&first), "nothing was noticed yet");
        unanswered.note(&first);
        unanswered.note(&beside);
        assert!(unanswered.is_excused(&first) && unanswered.is_excused(&beside) && !unanswered.is_excused(&closed));
        let later = Exchange { started: Instant::now() + Duration::from_nanos(1), ..exchange(Defect::Unanswered) };
        unanswered.note(&later);
        assert!(!unanswered.is_excused(&later));
    }
}
