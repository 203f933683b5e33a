//! Which case rows a run fires, in the suite's order, one at a time: a range of a million rows is never held.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::{AS_STATED, Contract, Polarity};
use crate::suite::{
    Case, Cover, Expect, NamedValue, Override, Probe, Resource, Row, Shape, Step, Suite, SuiteOperation, Text,
};
use crate::verdict::{CheckId, Shard};

/// How many rows are looked at to see what a run is about.
const TELLING: usize = 10_000;

/// What is run.
#[derive(Clone)]
pub struct Plan {
    /// The suite.
    pub suite: Arc<Suite>,
    /// Its contract.
    pub contract: Arc<Contract>,
    /// Which of its cases.
    pub filters: Filters,
}

/// Whether words let through what goes by these names. One of the words without `!` has to be in a name, where there are any,
/// and none of those with it; behind `=` stands a whole name.
pub fn selects(words: &[String], names: &[&str]) -> bool {
    let fits = |word: &str| {
        names.iter().any(|name| match word.strip_prefix('=') {
            Some(whole) => *name == whole,
            None => name.contains(word),
        })
    };
    let mut wanted = words.iter().filter(|word| !word.starts_with('!')).peekable();
    let is_wanted = wanted.peek().is_none() || wanted.any(|word| fits(word));
    is_wanted && !words.iter().filter_map(|word| word.strip_prefix('!')).any(fits)
}

/// Operations by their ids, each with a status.
type Answers = BTreeSet<(String, u16)>;

/// Words that select cases: part of a case's id, or of the id of a clause that it is about.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    words: Vec<String>,
    ids: Option<Arc<BTreeSet<String>>>,
    exact: Option<String>,
    clause: Option<String>,
    shard: Option<Shard>,
    /// The derived clauses among the words, each with the operations and statuses whose answers may show it.
    derived: Arc<Vec<(String, Answers)>>,
}

impl Filters {
    /// Selects by these words; with none, everything.
    pub fn new(words: Vec<String>) -> Self {
        Self { words, ..Self::default() }
    }

    /// The same, where a word that is the id of a derived clause selects the cases that expect an answer which may show it.
    pub fn knowing(self, contract: &Contract, suite: &Suite) -> Self {
        let ids = self.words.iter().map(|word| word.trim_start_matches(['!', '=']));
        let ids = ids.filter(|id| contract.derived_at(id).is_some());
        let shown = |id: &str| {
            let answers =
                suite.operations.iter().flat_map(|operation| (100..600).map(move |status| (operation.id(), status)));
            let shown = answers.filter(|(operation, status)| contract.may_show(operation, *status, id));
            shown.map(|(operation, status)| (operation.to_owned(), status)).collect()
        };
        let derived = ids.map(|id| (id.to_owned(), shown(id))).collect();
        Self { derived: Arc::new(derived), ..self }
    }

    /// Selects the one row with this id.
    pub fn exactly(id: &str) -> Self {
        Self { exact: Some(id.to_owned()), ..Self::default() }
    }

    /// Selects the cases that are about this clause.
    pub fn about(clause: &str) -> Self {
        Self { clause: Some(clause.to_owned()), ..Self::default() }
    }

    /// Of what is selected, only the rows with these ids: those that failed.
    pub fn failed(self, ids: BTreeSet<String>) -> Self {
        Self { ids: Some(Arc::new(ids)), ..self }
    }

    /// The words, as they are told.
    pub fn words(&self) -> Vec<String> {
        let failed = self.ids.iter().map(|_| "--failed".to_owned());
        let named = self.exact.iter().chain(&self.clause).map(|name| format!("={name}"));
        failed.chain(self.words.iter().cloned()).chain(named).collect()
    }

    /// Whether they select everything.
    pub fn are_none(&self) -> bool {
        self.words.is_empty()
            && self.ids.is_none()
            && self.exact.is_none()
            && self.clause.is_none()
            && self.shard.is_none()
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
        if self.ids.as_ref().is_some_and(|ids| !ids.contains(id)) {
            return false;
        }
        if let Some(exact) = &self.exact {
            return exact == id;
        }
        if let Some(clause) = &self.clause {
            return covers(case, row).any(|cover| cover.clause == *clause);
        }
        let expects = |shown: &Answers| {
            let step = |(number, step): (usize, &Step)| {
                let mut expected = case.expected_of(row, number);
                expected.any(|status| shown.contains(&(step.operation.id().to_owned(), status)))
            };
            case.steps.iter().enumerate().any(step)
        };
        let derived = || self.derived.iter().filter(|(_, shown)| expects(shown)).map(|(clause, _)| clause.as_str());
        let names = || covers(case, row).map(|cover| cover.clause.as_str()).chain(derived()).chain([id]);
        self.words.is_empty() || selects(&self.words, &names().collect::<Vec<_>>())
    }
}

/// What a row shows, over all its steps.
fn covers<'a>(case: &'a Case, row: &'a Row) -> impl Iterator<Item = &'a Cover> {
    (0..case.steps.len()).flat_map(|step| case.covers_of(row, step))
}

/// One case row to be run.
#[derive(Debug, Clone)]
pub struct TestCase {
    /// The case that the row belongs to.
    pub case: Arc<Case>,
    /// Its row.
    pub row: Row,
    /// `suite/file/case[row]`.
    pub id: String,
    /// Its place among all rows of the suite, from 0 on; none for a control.
    pub at: Option<u64>,
}

impl TestCase {
    /// The control: the unmodified valid request, which has to be accepted.
    pub(super) fn control(
        suite: &Suite,
        operation: &Arc<SuiteOperation>,
        id: String,
        title: impl Into<String>,
    ) -> Self {
        Self::control_with(suite, operation, id, title, Override::default())
    }

    /// The control with a change that makes no other request of it.
    pub(super) fn control_with(
        suite: &Suite,
        operation: &Arc<SuiteOperation>,
        id: String,
        title: impl Into<String>,
        overrides: Override,
    ) -> Self {
        let accepted = &operation.accepted;
        let expect = Expect { status: accepted.status.clone(), ..Expect::default() };
        let cover = Cover { clause: accepted.clause.clone(), polarity: Polarity::Accept };
        Self::single((suite, operation, &operation.given), id, title, overrides, expect, vec![cover])
    }

    /// The negative control: the valid request without its headers and its body. None where it needn't be refused: the
    /// suite can do without a secret, or the operation documents no body.
    pub(super) fn negative_control(plan: &Plan, operation: &Arc<SuiteOperation>, id: String) -> Option<Self> {
        let (suite, valid) = (&plan.suite, &operation.request);
        let locked = suite.secrets.iter().any(|secret| !secret.optional);
        if !locked || operation.documented.consumes.is_empty() {
            return None;
        }
        let removed = |fields: &[NamedValue]| fields.iter().map(|field| NamedValue::nothing(&field.name)).collect();
        let overrides = Override {
            headers: removed(&valid.headers),
            cookies: removed(&valid.cookies),
            without: valid.body.iter().map(|_| Text::literal("/body")).collect(),
            ..Override::default()
        };
        let status = operation.documented.refusing_statuses().filter(|status| *status < 500).collect();
        // That it is accepted is said already; what a right answer would look like adds nothing.
        let expect = Expect { status, shape: Shape::Free, ..Expect::default() };
        let clause = plan.contract.check_clause(CheckId::FITS_REQUEST.as_str());
        let covers = clause.map(|clause| Cover { clause: clause.to_string(), polarity: Polarity::Refuse });
        let title = "a request with neither headers nor body is refused";
        Some(Self::single(
            (suite, operation, &operation.given),
            id,
            title,
            overrides,
            expect,
            covers.into_iter().collect(),
        ))
    }

    /// A probe, of which nothing is expected.
    pub(super) fn probe(suite: &Suite, id: String, probe: &Probe) -> Self {
        let expect = Expect { shape: Shape::Free, ..Expect::default() };
        let called = (suite, &probe.operation, probe.given.as_slice());
        Self::single(called, id, probe.title.clone(), probe.overrides.clone(), expect, Vec::new())
    }

    /// What makes a resource that all cases share.
    pub(super) fn before(suite: &Suite, id: String, resource: &Resource) -> Self {
        let resources = Resource::all_of(&suite.before, [resource.name.clone()].into());
        let title = format!("{} is made, which all cases share", resource.name);
        let case = Case { file: suite.file.clone(), ..Case::making(&resources, title) };
        Self { case: Arc::new(case), row: Row::only(), id, at: None }
    }

    /// A case of one request that no case file has.
    fn single(
        (suite, operation, given): (&Suite, &Arc<SuiteOperation>, &[Arc<Resource>]),
        id: String,
        title: impl Into<String>,
        overrides: Override,
        expect: Expect,
        covers: Vec<Cover>,
    ) -> Self {
        let case =
            Case { file: suite.file.clone(), ..Case::single((operation, given), title, overrides, expect, covers) };
        Self { case: Arc::new(case), row: Row::only(), id, at: None }
    }
}

/// The selected case rows, in the suite's order.
pub fn test_cases<'a>(suite: &'a Suite, filters: &'a Filters) -> impl Iterator<Item = TestCase> {
    let rows = suite.cases.iter().flat_map(|case| case.rows.iter().map(move |row| (case, row)));
    rows.zip(0..).filter_map(move |((case, row), at)| {
        let id = suite.row_id(case, &row);
        filters.admits(&id, case, &row).then(|| TestCase { case: Arc::clone(case), row, id, at: Some(at) })
    })
}

/// How many case rows are selected.
pub fn count(suite: &Suite, filters: &Filters) -> u64 {
    if filters.are_none() { suite.rows() } else { test_cases(suite, filters).count() as u64 }
}

/// What the selected cases and the probes call, in whichever shard, in the suite's order.
pub(super) fn called(suite: &Suite, filters: &Filters) -> Vec<Arc<SuiteOperation>> {
    let selected = selected(suite, &filters.in_all_shards());
    let is_called = |operation: &&Arc<SuiteOperation>| {
        suite.operations.only().is_some()
            || selected.iter().any(|case| calls(case, operation))
            || suite.probes.iter().any(|probe| probe.operation.id() == operation.id())
    };
    suite.operations.iter().filter(is_called).cloned().collect()
}

fn selected<'a>(suite: &'a Suite, filters: &Filters) -> Vec<&'a Arc<Case>> {
    let is_selected =
        |case: &Arc<Case>| case.rows.iter().any(|row| filters.admits(&suite.row_id(case, &row), case, &row));
    suite.cases.iter().filter(|case| is_selected(case)).collect()
}

/// The resources that all cases share and that any needs of those that are selected, of the controls and of the probes.
pub(super) fn shared(suite: &Suite, filters: &Filters, called: &[Arc<SuiteOperation>]) -> Vec<Arc<Resource>> {
    let made = |case: &Arc<Case>| -> Vec<String> {
        let makes = |(name, resource): &(String, Arc<Resource>)| case.shares(name, resource).then(|| name.clone());
        case.steps.iter().filter_map(|step| step.makes.as_ref().and_then(makes)).collect()
    };
    let of_cases = selected(suite, filters).into_iter().flat_map(made);
    let given = called.iter().flat_map(|operation| &operation.given);
    let given = given.chain(suite.probes.iter().flat_map(|probe| &probe.given));
    let needed = of_cases.chain(given.map(|resource| resource.name.clone())).collect();
    let needed = Resource::all_of(&suite.resources, needed);
    suite.before.iter().filter(|resource| needed.iter().any(|one| one.name == resource.name)).cloned().collect()
}

/// Whether a step of a case calls an operation.
fn calls(case: &Case, operation: &SuiteOperation) -> bool {
    case.steps.iter().any(|step| step.operation.id() == operation.id())
}

/// Whether every selected case that calls an operation is judged as stated, in whichever shard; of many rows, the first tell.
pub(super) fn is_as_stated(suite: &Suite, filters: &Filters, operation: &SuiteOperation) -> bool {
    test_cases(suite, &filters.in_all_shards())
        .filter(|test_case| calls(&test_case.case, operation))
        .take(TELLING)
        .all(|test_case| covers(&test_case.case, &test_case.row).all(|cover| cover.clause == AS_STATED))
}

/// Whether any of the selected cases that call an operation is about something that has to be refused; of many rows, the
/// first tell.
pub(super) fn refuses(suite: &Suite, filters: &Filters, operation: &SuiteOperation) -> bool {
    test_cases(suite, filters)
        .filter(|test_case| calls(&test_case.case, operation))
        .take(TELLING)
        .any(|test_case| covers(&test_case.case, &test_case.row).any(|cover| cover.polarity == Polarity::Refuse))
}
