//! Which case rows a run fires, in the suite's order, one at a time: a range of a million rows is never held.

use std::sync::Arc;

use crate::contract::Polarity;
use crate::suite::{Case, Cover, Row, Suite};
use crate::verdict::Shard;

/// How many rows are looked at to see what a run is about.
const TELLING: usize = 10_000;

/// Words that select cases: part of a case's id, or of the id of a clause that it is about.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    words: Vec<String>,
    exact: Option<String>,
    clause: Option<String>,
    shard: Option<Shard>,
}

impl Filters {
    /// Selects by these words; with none, everything.
    pub fn new(words: Vec<String>) -> Self {
        Self { words, ..Self::default() }
    }

    /// Selects the one row with this id.
    pub fn exactly(id: &str) -> Self {
        Self { exact: Some(id.to_owned()), ..Self::default() }
    }

    /// Selects the cases that are about this clause.
    pub fn about(clause: &str) -> Self {
        Self { clause: Some(clause.to_owned()), ..Self::default() }
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether they select everything.
    pub fn are_none(&self) -> bool {
        self.words.is_empty() && self.exact.is_none() && self.clause.is_none() && self.shard.is_none()
    }

    /// Of what is selected, only the rows in this shard.
    pub fn in_shard(self, shard: Shard) -> Self {
        Self { shard: Some(shard), ..self }
    }

    /// What is selected in all shards together.
    pub fn in_all_shards(&self) -> Self {
        Self { shard: None, ..self.clone() }
    }

    /// The shard, if only one is selected.
    pub fn shard(&self) -> Option<Shard> {
        self.shard
    }

    fn admits(&self, id: &str, case: &Case, row: &Row) -> bool {
        if self.shard.is_some_and(|shard| !shard.holds(id)) {
            return false;
        }
        if let Some(exact) = &self.exact {
            return exact == id;
        }
        if let Some(clause) = &self.clause {
            return covers(case, row).any(|cover| cover.clause == *clause);
        }
        self.words.is_empty()
            || self.words.iter().any(|word| {
                id.contains(word.as_str()) || covers(case, row).any(|cover| cover.clause.contains(word.as_str()))
            })
    }
}

/// What a row shows, over all its steps.
fn covers<'a>(case: &'a Case, row: &'a Row) -> impl Iterator<Item = &'a Cover> {
    (0..case.steps.len()).flat_map(|step| case.covers_of(row, step))
}

/// One case row to be fired.
#[derive(Debug, Clone)]
pub struct TestCase {
    suite: Arc<Suite>,
    case: usize,
    /// Its row.
    pub row: Row,
    /// `suite/file/case[row]`.
    pub id: String,
    /// Its place among all rows of the suite, from 0 on.
    pub at: u64,
}

impl TestCase {
    /// The case that the row belongs to.
    #[expect(
        clippy::indexing_slicing,
        reason = "`test_cases` alone makes test_cases, with the index of a case of that suite"
    )]
    pub fn case(&self) -> &Case {
        &self.suite.cases[self.case]
    }
}

/// The selected case rows, in the suite's order.
pub fn test_cases<'a>(suite: &'a Arc<Suite>, filters: &'a Filters) -> impl Iterator<Item = TestCase> {
    let rows =
        suite.cases.iter().enumerate().flat_map(|(index, case)| case.rows.iter().map(move |row| (index, case, row)));
    rows.zip(0..).filter_map(move |((index, case, row), at)| {
        let id = suite.row_id(case, &row);
        filters.admits(&id, case, &row).then(|| TestCase { suite: Arc::clone(suite), case: index, row, id, at })
    })
}

/// How many case rows are selected.
pub fn count(suite: &Arc<Suite>, filters: &Filters) -> u64 {
    if filters.are_none() { suite.rows() } else { test_cases(suite, filters).count() as u64 }
}

/// Whether any of the selected cases is about something that has to be refused; of many rows, the first tell.
pub(super) fn refuses(suite: &Arc<Suite>, filters: &Filters) -> bool {
    test_cases(suite, filters)
        .take(TELLING)
        .any(|test_case| covers(test_case.case(), &test_case.row).any(|cover| cover.polarity == Polarity::Refuse))
}
