//! A case: its rows, its steps, and what each of them proves and expects.

use std::sync::{Arc, LazyLock};

use super::cover::Cover;
use super::expect::{Counts, Distinct, Expect};
use super::operation::{Resource, SuiteOperation};
use super::request::Override;
use super::rows::{Row, Rows};
use super::snapshot::{Redaction, SnapshotAsk};
use super::statement::Statement;
use super::taken::TakenFrom;
use super::template::Text;
use crate::contract::Polarity;

/// One departure from the valid request, or several steps, and what must come back.
#[derive(Debug, Clone)]
pub struct Case {
    /// `file/id`; with the suite's name in front, the first part of its rows' ids.
    pub id: String,
    /// The file's name within the suite.
    pub file: String,
    /// Where the case begins, 1-based.
    pub line: u32,
    /// May use the row's columns, the variables and nothing else.
    pub title: Text,
    /// Why the case is there.
    pub about: Option<String>,
    /// At least one. A case written without steps has exactly one.
    pub steps: Vec<Step>,
    /// At least one.
    pub rows: Rows,
    /// Variables and secrets without which the case is skipped.
    pub needs: Vec<String>,
    /// Whether no step says which clauses it is about. A row that says none either is then judged as stated.
    pub is_plain: bool,
    /// Whether its exchanges are recorded.
    pub snapshot: SnapshotAsk,
}

impl Case {
    /// A case of one request that no file has: a control.
    pub fn single(
        (operation, given): (&Arc<SuiteOperation>, &[Arc<Resource>]),
        title: impl Into<String>,
        overrides: Override,
        expect: Expect,
        covers: Vec<Cover>,
    ) -> Self {
        let id = "control";
        let step = Step { covers, ..Step::plain(id, operation, overrides, expect) };
        Self {
            id: id.to_owned(),
            file: String::new(),
            line: 1,
            title: Text::literal(title),
            about: None,
            steps: Step::making(given).chain([step]).collect(),
            rows: Rows::single(),
            needs: Vec::new(),
            is_plain: false,
            snapshot: SnapshotAsk::Never,
        }
    }

    /// A case that makes the last of these resources, of which the others are there already.
    pub fn making(resources: &[Arc<Resource>], title: impl Into<String>) -> Self {
        Self {
            id: "before".to_owned(),
            file: String::new(),
            line: 1,
            title: Text::literal(title),
            about: None,
            steps: Step::making(resources).collect(),
            rows: Rows::single(),
            needs: Vec::new(),
            is_plain: false,
            snapshot: SnapshotAsk::Never,
        }
    }

    /// Whether a resource that all cases share is what a step of this name makes. One that the case may remove, by the operation or
    /// by the method, is its own.
    pub fn shares(&self, name: &str, resource: &Resource) -> bool {
        let method = resource.make.cleanup.as_ref().map(|cleanup| cleanup.request.method.source());
        let removes = |step: &Step| {
            let changed = step.overrides.method.as_ref().map(Text::source);
            resource.remove.as_deref() == Some(step.operation.id()) || (changed.is_some() && changed == method)
        };
        resource.name == name && !self.steps.iter().any(removes)
    }

    /// The title of a row: its own, or the case's.
    pub fn title_of<'a>(&'a self, row: &'a Row) -> &'a Text {
        row.title.as_deref().unwrap_or(&self.title)
    }

    /// What varies in its answers besides what the suite says.
    pub fn own_redactions(&self) -> &[Redaction] {
        match &self.snapshot {
            SnapshotAsk::Always(redactions) => redactions,
            SnapshotAsk::IfAll | SnapshotAsk::Never => &[],
        }
    }

    /// Whether it shows of a clause that what keeps it is accepted and what doesn't is refused, in its first row at
    /// least. Other cases build on that.
    pub fn judges_requests(&self) -> bool {
        let Some(row) = self.rows.iter().next() else { return false };
        let covers = (0..self.steps.len()).flat_map(|step| self.covers_of(&row, step));
        covers.into_iter().any(|cover| matches!(cover.polarity, Polarity::Accept | Polarity::Refuse))
    }

    /// The clauses of which a row wants to show that they hold, or how they are read.
    pub fn held_by<'a>(&'a self, row: &'a Row) -> Vec<&'a str> {
        let covers = (0..self.steps.len()).flat_map(|step| self.covers_of(row, step));
        let held = covers.filter(|cover| matches!(cover.polarity, Polarity::Hold | Polarity::Observe));
        held.map(|cover| cover.clause.as_str()).collect()
    }

    /// What a row needs: its own list, or the case's.
    pub fn needs_of<'a>(&'a self, row: &'a Row) -> &'a [String] {
        row.needs.as_deref().unwrap_or(&self.needs)
    }

    /// What a step proves in a row. A row's own `covers` stand in for those of the last step; where neither the case nor the
    /// row has any, each step that expects something proves that it holds.
    pub fn covers_of<'a>(&'a self, row: &'a Row, step: usize) -> &'a [Cover] {
        if self.steps.get(step).is_some_and(|step| step.makes.is_some()) {
            return &[];
        }
        if self.is_plain && row.covers.as_deref().is_none_or(<[Cover]>::is_empty) {
            let counts = self.steps.get(step).is_some_and(|step| step.counts.is_some());
            let expects = counts || self.expect_of(row, step).is_some_and(|expect| !expect.says_nothing());
            return if expects { &*AS_STATED } else { &[] };
        }
        match (&row.covers, self.steps.get(step)) {
            (Some(covers), _) if step + 1 == self.steps.len() => covers,
            (_, Some(step)) => &step.covers,
            (_, None) => &[],
        }
    }

    /// The statuses that a step of a row expects.
    pub fn expected_of<'a>(&'a self, row: &'a Row, step: usize) -> impl Iterator<Item = u16> + 'a {
        let expect = self.expect_of(row, step).into_iter();
        expect.flat_map(|expect| {
            let read = expect.readings.iter().flat_map(|reading| &reading.status);
            expect.status.iter().chain(read).copied()
        })
    }

    /// What a step expects in a row. A row's own `expect` stands in for that of the last step.
    pub fn expect_of<'a>(&'a self, row: &'a Row, step: usize) -> Option<&'a Expect> {
        match (&row.expect, self.steps.get(step)) {
            (Some(expect), _) if step + 1 == self.steps.len() => Some(expect),
            (_, found) => found.map(|step| &step.expect),
        }
    }
}

/// What a case shows that names no clause.
static AS_STATED: LazyLock<[Cover; 1]> =
    LazyLock::new(|| [Cover { clause: crate::contract::AS_STATED.to_owned(), polarity: Polarity::Hold }]);

/// One request of a case, or so many repeats of it, and what must come back.
#[derive(Debug, Clone)]
pub struct Step {
    /// For messages.
    pub id: Option<String>,
    /// The name under which later templates see the exchange.
    pub save: Option<String>,
    /// Where its answer has secrets.
    pub secrets: Vec<TakenFrom>,
    /// What it makes for the steps after it, and how these call it.
    pub makes: Option<(String, Arc<Resource>)>,
    /// The operation that it calls.
    pub operation: Arc<SuiteOperation>,
    /// What its expectation proves. Empty: set-up; where it fails, the case is inconclusive.
    pub covers: Vec<Cover>,
    /// How its request differs from the operation's valid one.
    pub overrides: Override,
    /// What must come back.
    pub expect: Expect,
    /// Where it renders to something false, the step is left out.
    pub when: Option<Text>,
    /// How often it is sent, 1 to 10,000.
    pub repeat: u32,
    /// Whether all repeats are sent at once.
    pub concurrently: bool,
    /// Whether repeating stops with the first 2xx; then only the last answer is judged.
    pub until_accepted: bool,
    /// How many of the repeats get which status, instead of `expect.status`.
    pub counts: Option<Counts>,
    /// Where all accepted answers of the repeats differ from each other.
    pub distinct: Vec<Distinct>,
    /// Statements on the answers, besides the suite's.
    pub statements: Vec<Statement>,
    /// Which connection the requests travel on.
    pub connection: Connection,
    /// Where the step begins, 1-based.
    pub line: u32,
}

impl Step {
    /// The steps that make resources, each under its own name.
    pub(super) fn making(resources: &[Arc<Resource>]) -> impl Iterator<Item = Self> {
        resources.iter().map(|resource| Self::making_as(&resource.name, resource))
    }

    /// The step that makes a resource under this name.
    pub(super) fn making_as(name: &str, resource: &Arc<Resource>) -> Self {
        let expect = Expect { status: resource.make.accepted.status.clone(), ..Expect::default() };
        let (makes, secrets) = (Some((name.to_owned(), Arc::clone(resource))), resource.secrets.clone());
        Self { makes, secrets, ..Self::plain(name, &resource.make, resource.with.clone(), expect) }
    }

    /// A set-up step of one request that no file has.
    fn plain(id: &str, operation: &Arc<SuiteOperation>, overrides: Override, expect: Expect) -> Self {
        Self {
            id: Some(id.to_owned()),
            save: None,
            secrets: Vec::new(),
            makes: None,
            operation: Arc::clone(operation),
            covers: Vec::new(),
            overrides,
            expect,
            when: None,
            repeat: 1,
            concurrently: false,
            until_accepted: false,
            counts: None,
            distinct: Vec::new(),
            statements: Vec::new(),
            connection: Connection::Shared,
            line: 1,
        }
    }
}

/// Which connection a step's requests travel on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Connection {
    /// The run's pool.
    #[default]
    Shared,
    /// One connection for the steps of this case that say so.
    Own,
    /// A new one for each request.
    Fresh,
}
