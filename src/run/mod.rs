//! The engine: from a suite and a target to a stream of results.
//!
//! Cases are in flight side by side, results come out in the suite's order, and neither the number of cases nor a
//! slow one makes memory grow. Everything that leaves here is masked. Knows nothing of reports or arguments.

mod attempt;
mod case;
mod cleaner;
mod cleanup;
mod confirm;
mod context;
mod control;
mod creation;
mod entry;
mod negative_control;
mod permit;
mod plan;
mod record;
mod remover;
mod retry;
mod sample;
mod stop;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use strum::VariantArray as _;
use tokio::sync::Semaphore;

use crate::contract::{ClauseId, Contract};
use crate::http::Client;
use crate::ledger::Ledger;
use crate::secret::Secrets;
use crate::snapshot::{FileError, Store};
use crate::suite::{Bindings, Suite};
use crate::verdict::{
    CaseResult, CheckId, ClauseStatement, Control, Event, Exclusive, Finding, FindingKind, Footer, Header, LeftBehind,
    Outcome, Place, SCHEMA_VERSION, StopReason, SyntheticCase, Tally, Waivers, conflicts, consistent,
};
use context::Context;
use permit::Permit;

pub use cleaner::{Cleaner, CleanupResult, name};
pub use creation::creation;
pub use entry::begin_ledger;
pub use plan::{Filters, TestCase, count, test_cases};
pub use sample::{Sample, sample};
pub use stop::Stop;

/// How many cases are in flight at once where nobody says.
const JOBS: usize = 16;
/// How many results may wait for the one before them, for each case in flight.
const WAITING: usize = 16;
/// How many may at least where cases wait to be sent again, so that one of them doesn't hold up all others.
const WAITING_FOR_RETRIES: usize = 256;
/// The most cases that go one after the other in one task.
const TOGETHER: usize = 8;
/// How many tasks there are at least for each job before cases go together.
const SHARES: u64 = 32;

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

/// Against what, and how.
pub struct Options {
    /// The target's base URL, without a `/` at its end.
    pub base_url: String,
    /// The values of variables and secrets.
    pub bindings: Bindings,
    /// What must not come out.
    pub secrets: Arc<Secrets>,
    /// The client.
    pub client: Client,
    /// How many cases are in flight at once.
    pub jobs: usize,
    /// The seed of every generated value.
    pub seed: u64,
    /// Whether deviations count as violations.
    pub strict: bool,
    /// Whether exchanges of cases without findings are recorded, too.
    pub record_all: bool,
    /// After which no further case is begun.
    pub max_time: Option<Duration>,
    /// How often a case is sent again at most where it is answered 429, 502, 503 or 504.
    pub retries: usize,
    /// Whether a case that passed only when it was sent again passes the gate.
    pub allow_flaky: bool,
    /// Known violations.
    pub waivers: Waivers,
    /// The recorded answers that the target is held to; none where it is held to none.
    pub snapshots: Option<Arc<Store>>,
    /// What all shards of this run have in common; may be empty for a run that isn't told of.
    pub run: String,
    /// Per clause: the mutants that are known to break it.
    pub mutants: Mutants,
    /// Where what may be created is written down before it is; without one, a killed run can't be cleaned up after.
    pub ledger: Option<Arc<Ledger>>,
}

impl Options {
    /// Against this target with these values, and nothing special otherwise: sixteen cases at once, as long as it takes.
    pub fn new(base_url: String, bindings: Bindings, secrets: Arc<Secrets>, client: Client, seed: u64) -> Self {
        Self {
            base_url,
            bindings,
            secrets,
            client,
            jobs: JOBS,
            seed,
            strict: false,
            retries: 0,
            allow_flaky: false,
            record_all: false,
            max_time: None,
            waivers: Waivers::default(),
            snapshots: None,
            run: String::new(),
            mutants: Mutants::default(),
            ledger: None,
        }
    }
}

/// Per clause, by its id: the ids of the mutants that break it.
pub type Mutants = Arc<BTreeMap<String, Vec<String>>>;

/// Why a run could not be made, or not be told of.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The suite's operation isn't in its contract; loading should have said so.
    #[error("the contract has no operation `{0}`")]
    NoOperation(String),
    /// The suite's control clause isn't in its contract; loading should have said so.
    #[error("the contract has no clause `{0}`")]
    NoClause(String),
    /// A case's task panicked.
    #[error("a case's task failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The suite's valid request can't be made.
    #[error("suite.yaml: the valid request can't be made: {0}")]
    Unmade(String),
    /// The folder of snapshots can't be read any more.
    #[error("{0}")]
    Snapshots(#[from] FileError),
    /// The ledger could not be written. Whatever could be told was told before.
    #[error("the ledger {} could not be written: {cause}", path.display())]
    Ledger {
        /// Where it is.
        path: std::path::PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// Whoever takes the events failed.
    #[error("{0}")]
    Sink(#[from] std::io::Error),
}

/// Runs a plan and hands every event to `sink`, masked and in order. Gives back the footer, which was the last event.
///
/// # Errors
/// See [`RunError`]; none of them is about the target.
pub async fn run(
    plan: Plan,
    options: Options,
    stop: Stop,
    mut sink: impl FnMut(&Event) -> std::io::Result<()>,
) -> Result<Footer, RunError> {
    let context = Arc::new(Context::new(&plan, &options, &stop)?);
    let secrets = Arc::clone(&options.secrets);
    let mut emit = |event: Event| -> Result<Event, RunError> {
        let event = event.masked(&secrets);
        sink(&event)?;
        Ok(event)
    };
    let header = header(&plan, &options);
    emit(Event::Started(Box::new(header.clone())))?;
    if let Some(limit) = options.max_time {
        stop.after(limit);
    }
    let mut tally = Tally::of(&header);
    let mut waivers = options.waivers;
    let started = Instant::now();
    let began = jiff::Timestamp::now();
    let fired = async {
        let mut before = control::run(&context, Control::Before).await;
        let counter = if before.blocks.is_none() && plan::refuses(&plan.suite, &plan.filters) {
            negative_control::run(&context).await
        } else {
            None
        };
        if let Some(counter) = &counter {
            negative_control::overrule(&mut before, counter);
        }
        let blocks = before.blocks.map(Arc::from);
        record(&mut tally, &mut waivers, before.result, before.left, &mut emit)?;
        if let Some(counter) = counter {
            record(&mut tally, &mut waivers, counter.result, counter.left, &mut emit)?;
        }
        fire(&context, &plan.filters, options.jobs, &stop, blocks.clone(), |result, left| {
            record(&mut tally, &mut waivers, result, left, &mut emit)
        })
        .await?;
        if blocks.is_none() && !stop.is_set() {
            let after = control::run(&context, Control::After).await;
            record(
                &mut tally,
                &mut waivers,
                control_after(&context, after.result, after.blocks.filter(|_| !after.spent)),
                after.left,
                &mut emit,
            )?;
        }
        for result in conflicts(&header, &tally) {
            record(&mut tally, &mut waivers, result, Vec::new(), &mut emit)?;
        }
        Ok::<bool, RunError>(blocks.is_some())
    };
    let fired = fired.await;
    let left = match &context.ledger {
        Some(ledger) => cleaner::at_the_end(&context, ledger, began).await,
        None => Vec::new(),
    };
    let kept = context.ledger.as_ref().map_or(Ok(()), |ledger| {
        ledger.end().map_err(|cause| RunError::Ledger { path: ledger.path().to_owned(), cause })
    });
    let blocked = fired?;
    for resource in left {
        tally.leave_behind(resource, Footer::LISTED);
    }
    consistent(&header, &tally).iter().for_each(|case| waivers.hold(case));
    tally.waivers(waivers.into_results());
    if let Some(snapshots) = &options.snapshots {
        let whole = plan.filters.are_none() && !blocked && !stop.is_set();
        tally.snapshots(snapshots.tally(&plan.suite, whole)?);
    }
    let footer = tally.finish(started.elapsed().as_secs_f64(), stop.reason());
    let footer = emit(Event::Finished(Box::new(footer)))?;
    kept?;
    match footer {
        Event::Finished(footer) => Ok(*footer),
        Event::Started(_) | Event::Case(_) => unreachable!("masking keeps the kind of an event"),
    }
}

fn record(
    tally: &mut Tally,
    waivers: &mut Waivers,
    mut result: CaseResult,
    left: Vec<LeftBehind>,
    emit: &mut impl FnMut(Event) -> Result<Event, RunError>,
) -> Result<(), RunError> {
    waivers.apply(&mut result);
    tally.record(&result);
    for resource in left {
        tally.leave_behind(resource, Footer::LISTED);
    }
    emit(Event::Case(Box::new(result))).map(drop)
}

/// Fires the selected cases, at most `jobs` at once, and takes their results in the suite's order.
async fn fire(
    context: &Arc<Context>,
    filters: &Filters,
    jobs: usize,
    stop: &Stop,
    blocks: Option<Arc<str>>,
    mut take: impl FnMut(CaseResult, Vec<LeftBehind>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let permits = Arc::new(Semaphore::new(jobs));
    // Cases that go one after the other would have to wait for each other's retries.
    let together = if context.retries == 0 { together(count(&context.suite, filters), jobs) } else { 1 };
    let mut test_cases = test_cases(&context.suite, filters);
    let told = AtomicBool::new(true);
    let groups = std::iter::from_fn(|| {
        let group: Vec<TestCase> = test_cases.by_ref().take(together).collect();
        (!group.is_empty() && told.load(Ordering::Relaxed)).then_some(group)
    });
    let tasks = groups.map(|group| {
        let (context, permits, stop, blocks) =
            (Arc::clone(context), Arc::clone(&permits), stop.clone(), blocks.clone());
        tokio::spawn(async move {
            let mut turn = Permit::take(permits).await;
            let mut results = Vec::with_capacity(group.len());
            for test_case in &group {
                results.push(match blocks.as_deref().map(str::to_owned).or_else(|| stop.reason().map(String::from)) {
                    Some(reason) => (case::not_fired(&context, test_case, &reason), Vec::new()),
                    None => case::run(&context, test_case, &mut turn).await,
                });
            }
            results
        })
    });
    let waiting = if context.retries == 0 { jobs * WAITING } else { (jobs * WAITING).max(WAITING_FOR_RETRIES) };
    let mut results = stream::iter(tasks).buffered(waiting.div_ceil(together));
    let mut taken = Ok(());
    while let Some(done) = results.next().await {
        for (result, left) in done? {
            if taken.is_ok() {
                taken = take(result, left);
            }
        }
        if taken.is_err() {
            // Nobody can be told any more, but what is in flight is to be cleaned up after.
            stop.ask(StopReason::Output);
            told.store(false, Ordering::Relaxed);
        }
    }
    taken
}

/// How many cases go one after the other in one task, which saves waking for each of them: one, unless there are so
/// many that every job has its share all the same.
fn together(cases: u64, jobs: usize) -> usize {
    let share = cases / (jobs as u64).saturating_mul(SHARES).max(1);
    usize::try_from(share).unwrap_or(TOGETHER).clamp(1, TOGETHER)
}

/// The control after all cases: where it is refused, the same valid request was once accepted and once not. What it met
/// because it was sent too often or too late for a quota is no refusal.
fn control_after(context: &Context, mut result: CaseResult, blocks: Option<String>) -> CaseResult {
    if let (Some(why), false) = (blocks, result.outcome == Outcome::Error) {
        result.findings.push(Finding {
            clause: context.control_clause.clone(),
            kind: FindingKind::Violation,
            check: CheckId::CONTROL,
            place: Place::Status,
            expected: vec![context.suite.accepted.status.to_string()],
            observed: format!("{why}, but was accepted before the cases"),
            exchange: result.exchanges.len().saturating_sub(1),
        });
        result.outcome = Outcome::Violates;
    }
    result
}

/// The ids of the results that a run makes besides those of the suite's own cases.
pub fn own_cases(suite: &Suite) -> Vec<String> {
    let controls = Control::VARIANTS.iter().map(|control| SyntheticCase::Control(*control));
    let consistent = suite.consistent.iter().filter_map(|(ambiguous, _)| ClauseId::new(ambiguous));
    controls.chain(consistent.map(SyntheticCase::Consistency)).map(|case| case.id(&suite.name)).collect()
}

/// A pair of the suite's as the event stream has it; loading has held both to be clauses.
fn exclusive((ambiguous, broken): &(String, String)) -> Option<Exclusive> {
    Some(Exclusive { ambiguous: ClauseId::new(ambiguous)?, broken: ClauseId::new(broken)? })
}

fn rows(suite: &Arc<Suite>, filters: &Filters) -> usize {
    usize::try_from(count(suite, filters)).unwrap_or(usize::MAX)
}

fn header(plan: &Plan, options: &Options) -> Header {
    let clauses = plan.contract.clauses().iter().map(|clause| ClauseStatement {
        id: clause.id.clone(),
        level: clause.level,
        says: clause.says.clone(),
        source: clause.source.clone(),
        polarities: clause.polarities.clone(),
        untestable: clause.untestable.clone(),
        mutants: options.mutants.get(clause.id.as_str()).cloned().unwrap_or_default(),
    });
    Header {
        schema: SCHEMA_VERSION.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: plan.suite.name.clone(),
        title: plan.suite.title.clone(),
        digest: plan.suite.digest.clone(),
        target: options.base_url.clone(),
        seed: format!("{:016x}", options.seed),
        started: jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default(),
        cases: rows(&plan.suite, &plan.filters),
        whole: plan.filters.shard().map(|_| rows(&plan.suite, &plan.filters.in_all_shards())),
        run: options.run.clone(),
        shard: plan.filters.shard(),
        exclusive: plan.suite.consistent.iter().filter_map(exclusive).collect(),
        filters: plan.filters.words().to_vec(),
        strict: options.strict,
        allow_flaky: options.allow_flaky,
        clauses: clauses.collect(),
    }
}
