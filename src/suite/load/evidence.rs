//! Whether anything in a case can show what its `covers` say. A cover that nothing can earn would be taken on faith.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::case::{Case, Step};
use super::super::cover::Cover;
use super::super::expect::{Counts, Distinct, Expect};
use super::super::model::Suite;
use super::super::operation::SuiteOperation;
use super::super::rows::Row;
use super::reader::Reader;
use crate::contract::{AS_STATED, Polarity};
use crate::http::is_refusal;
use crate::source::{Entry, Node};

/// How many rows of a table are looked at; the rows of a grid have no covers of their own.
const MOST_ROWS: usize = 10_000;

/// The clauses that the suite's own statements are about, which are held against every answer.
pub(super) struct Evidence(BTreeSet<String>);

impl Evidence {
    pub(super) fn new(suite: &Suite) -> Self {
        let clauses = |operation: &Arc<SuiteOperation>| {
            let stated = operation.statements.all().map(|statement| statement.clause.clone());
            stated.chain([operation.accepted.clause.clone()]).collect::<Vec<_>>()
        };
        Self(suite.operations.iter().flat_map(clauses).collect())
    }

    /// Reports each cover of a case that nothing in it can earn, once.
    pub(super) fn check(&self, reader: &mut Reader<'_>, node: &Node, case: &Case) {
        let rows = node.get("each").map(Node::items).unwrap_or_default();
        let mut reported = BTreeSet::new();
        for (number, row) in case.rows.iter().take(rows.len().clamp(1, MOST_ROWS)).enumerate() {
            for step in 0..case.steps.len() {
                for cover in case.covers_of(&row, step).iter().filter(|cover| cover.clause != AS_STATED) {
                    let entry = written(node, rows.get(number), case, step, &cover.clause);
                    let Some(place) = entry.map(|entry| entry.key_span) else { continue };
                    if !self.can_earn(reader, case, &row, cover) && reported.insert(place.start) {
                        let (message, hint) = told(case, cover);
                        reader.report(place, message).hint(hint);
                    }
                }
            }
        }
    }

    /// Whether something in a row of the case can earn a cover.
    fn can_earn(&self, reader: &Reader<'_>, case: &Case, row: &Row, cover: &Cover) -> bool {
        let expected = |number: usize| Some((case.steps.get(number)?, case.expect_of(row, number)?));
        let covering = (0..case.steps.len()).filter(|step| case.covers_of(row, *step).contains(cover));
        let mut covering = covering.filter_map(expected);
        let mut may_be =
            |fits: fn(u16) -> bool| covering.any(|(step, expect)| statuses(expect, step.counts.as_ref()).any(fits));
        match cover.polarity {
            Polarity::Accept => may_be(|status| status < 400),
            Polarity::Refuse => may_be(is_refusal),
            Polarity::Hold => {
                self.can_examine(reader, case, row, &cover.clause)
                    || (reader.is_relative(&cover.clause) && may_be(|_| true))
            }
            Polarity::Observe => {
                self.can_examine(reader, case, row, &cover.clause)
                    || covering.any(|(_, expect)| !expect.readings.is_empty())
            }
        }
    }

    /// Whether a statement, a check, a schema keyword or an expectation is about a clause by its name.
    fn can_examine(&self, reader: &Reader<'_>, case: &Case, row: &Row, clause: &str) -> bool {
        let says = |step: &Step| step.statements.iter().any(|statement| statement.clause == clause);
        let expects = |expect: &Expect| {
            expect.code_clause.as_deref() == Some(clause) || expect.deviates.iter().any(|(_, said)| said == clause)
        };
        let mut expected = (0..case.steps.len()).filter_map(|step| case.expect_of(row, step));
        let says = case.steps.iter().any(says) || compares(case, clause);
        self.0.contains(clause) || says || expected.any(expects) || reader.judges_answers(clause)
    }
}

/// Where a case says that values differ, with the steps.
fn distinct(case: &Case) -> impl Iterator<Item = (&Step, &Distinct)> {
    case.steps.iter().flat_map(|step| step.distinct.iter().map(move |distinct| (step, distinct)))
}

/// Whether a case says by this clause that values differ, and may have two of them to compare.
fn compares(case: &Case, clause: &str) -> bool {
    distinct(case).filter(|(_, distinct)| distinct.clause == clause).any(|(step, one)| {
        let alike = distinct(case).filter(|(_, other)| other.clause == clause && other.at == one.at);
        step.repeat > 1 || one.at.is_of_many() || alike.count() > 1
    })
}

/// Every status that a step may be answered with by what it says.
fn statuses<'s>(expect: &'s Expect, counts: Option<&'s Counts>) -> impl Iterator<Item = u16> + 's {
    let named = expect.status.iter().chain(expect.readings.iter().flat_map(|reading| &reading.status)).copied();
    let counted = counts
        .into_iter()
        .flat_map(|counts| counts.exact.iter().map(|(status, _)| *status).chain(counts.rest.iter().copied()));
    named.chain(expect.deviates.iter().map(|(status, _)| *status)).chain(counted)
}

/// What is said of a cover that nothing can earn, and the next step.
fn told(case: &Case, cover: &Cover) -> (String, &'static str) {
    let clause = &cover.clause;
    match cover.polarity {
        Polarity::Accept => (
            "nothing here expects that the request is accepted".to_owned(),
            "expect the status with which it is, such as 200",
        ),
        Polarity::Refuse => (
            "nothing here expects that the request is refused".to_owned(),
            "expect the status with which it is, such as 400",
        ),
        Polarity::Hold if distinct(case).any(|(_, distinct)| distinct.clause == *clause) => (
            format!("nothing in the case can show that `{clause}` holds: one value differs from none"),
            "`repeat` the step, or say the same of another one",
        ),
        Polarity::Hold => (
            format!("nothing in the case can show that `{clause}` holds"),
            "add a statement with this clause; a check, or a schema keyword of an answer, would do as well",
        ),
        Polarity::Observe => (
            format!("nothing in the case tells the readings of `{clause}` apart"),
            "add `readings` to what is expected, or a statement with them",
        ),
    }
}

/// Where a cover is written: in the row, in the step, or in the case.
fn written<'n>(node: &'n Node, row: Option<&'n Node>, case: &Case, step: usize, clause: &str) -> Option<&'n Entry> {
    let is_last = step + 1 == case.steps.len();
    let step = node.get("steps").map(Node::items).and_then(|steps| steps.get(step));
    let places = [row.filter(|_| is_last), step, Some(node).filter(|_| is_last)];
    places.into_iter().flatten().find_map(|place| place.get("covers")?.entry(clause))
}
