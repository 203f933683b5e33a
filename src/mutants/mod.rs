//! The suite proves itself: against a server that is right, against the same server with one thing wrong each time,
//! and against servers that are right in another way.
//!
//! A mutant is *caught* when a case violates (for a mutant of a should clause: deviates from it); an error or an inconclusive case is no catch. It is *attributed* when
//! the clause that it breaks is among the clauses that failed. A correct variant in which anything fails is a *false
//! alarm*. Which server that is, the embedded reference or a command of the user's, is the [`Server`]'s business.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use serde::Serialize;

use crate::contract::{ClauseId, Level};
use crate::run::{self, Filters, Options, Plan, RunError, Stop};
use crate::verdict::{Event, FindingKind, Footer, Ranking, Verdict};

pub use server::{Command, Server, ServerHandle, StartError};

/// How many violations a trial keeps to show.
const WITNESSES: usize = 20;

/// A server with one thing about it changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mutant {
    /// The id by which the server is told what to change.
    pub id: String,
    /// The clause that this breaks; none for a variant that is correct.
    pub clause: Option<ClauseId>,
    /// What is changed.
    pub says: String,
    /// Whether the change breaks many clauses, as answering every invalid request with a wrong status does. It is told
    /// apart in the mean of clauses failed.
    pub broad: bool,
}

/// What became of a mutant or a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutantResult {
    /// A case violates, and the broken clause is among those that failed.
    Attributed,
    /// A case violates, but none about the broken clause.
    Caught,
    /// Nothing violates although a clause is broken.
    Missed,
    /// Correct, and conformant.
    Passed,
    /// Correct, but something failed or stayed undetermined.
    FalseAlarm,
}

/// One mutant's or variant's record.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Which.
    #[serde(flatten)]
    pub mutant: Mutant,
    /// What became of it.
    pub fate: MutantResult,
    /// The verdict on it.
    pub verdict: Verdict,
    /// The most telling of the clauses that failed, where the whole suite was run.
    pub first: Option<ClauseId>,
    /// The must clauses that failed, and the should clause that the mutant breaks.
    pub failed: Vec<ClauseId>,
    /// The first cases that violated, with the clause each; at most 20.
    pub witnesses: Vec<String>,
    /// Why the verdict is undetermined, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How much of the suite is run against a mutant. Variants always get all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// First the cases about the clause that the mutant breaks; the others only where those don't catch it.
    UntilAttributed,
    /// Everything, so that every clause that fails is known.
    Full,
}

/// Why the proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The server could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The harness failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The system gave no more of what a runtime needs.
    #[error("no runtime could be made, or no thread for it: {0}")]
    Runtime(#[source] std::io::Error),
}

/// Makes the options of a run against a base URL.
pub type MakeOptions = Arc<dyn Fn(String) -> Result<Options, RunError> + Send + Sync>;

/// Runs the suite against the server without any change.
///
/// # Errors
/// See [`ProofError`].
pub fn baseline(server: &Server, plan: &Plan, options: &MakeOptions) -> Result<Trial, ProofError> {
    let mutant =
        Mutant { id: "baseline".to_owned(), clause: None, says: "the server as it should be".to_owned(), broad: false };
    alone(trial(server, None, plan, options, mutant, Depth::Full))
}

/// Runs the suite against every mutant, at most `jobs` at once, and hands the trials on in the order of `mutants`.
///
/// Each of them has a thread and a runtime to itself: a server and its client that share a thread don't wake each other
/// across cores for every request, and a mutant that keeps its client waiting holds up no other.
///
/// # Errors
/// See [`ProofError`]; the first error ends the proof.
pub fn prove(
    server: &Server,
    mutants: &[Mutant],
    (jobs, depth): (usize, Depth),
    plan: &Plan,
    options: &MakeOptions,
    mut take: impl FnMut(Trial),
) -> Result<(), ProofError> {
    let next = AtomicUsize::new(0);
    let (done, trials) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, mutants.len().max(1)) {
            let (next, done) = (&next, done.clone());
            let work = move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(index) else { return };
                    let trial = alone(trial(server, Some(&mutant.id), plan, options, mutant.clone(), depth));
                    // Where nobody listens any more, an earlier trial has failed.
                    if done.send((index, trial)).is_err() {
                        return;
                    }
                }
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, work) {
                // Those that have a thread stop after the mutant that they are at.
                next.store(mutants.len(), Ordering::Relaxed);
                return Err(ProofError::Runtime(error));
            }
        }
        drop(done);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, trial) in trials {
            early.insert(index, trial?);
            while let Some(trial) = early.remove(&due) {
                take(trial);
                due += 1;
            }
        }
        Ok(())
    })
}

/// Runs a trial in a runtime of its own, on this thread.
fn alone(trial: impl Future<Output = Result<Trial, ProofError>>) -> Result<Trial, ProofError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ProofError::Runtime)?;
    let trial = runtime.block_on(trial);
    runtime.shutdown_background();
    trial
}

async fn trial(
    server: &Server,
    change: Option<&str>,
    plan: &Plan,
    options: &MakeOptions,
    mutant: Mutant,
    depth: Depth,
) -> Result<Trial, ProofError> {
    let running = server.start(change).await?;
    let mut found = None;
    let whole = depth == Depth::Full;
    if let (Depth::UntilAttributed, Some(clause)) = (depth, &mutant.clause) {
        let about = Plan { filters: Filters::about(clause.as_str()), ..plan.clone() };
        if run::count(&about.suite, &about.filters) > 0 {
            let findings = judge(&running, &about, options, &mutant, 0).await?;
            found = Some(findings).filter(|findings| findings.failed.contains(clause));
        }
    }
    let found = match found {
        Some(found) => found,
        None => judge(&running, plan, options, &mutant, 1).await?,
    };
    running.stop().await;
    Ok(Trial {
        fate: fate(&mutant, &found.failed, &found.footer),
        verdict: found.footer.verdict,
        first: found.first.filter(|_| whole),
        failed: found.failed.into_iter().collect(),
        witnesses: found.witnesses,
        reason: found.footer.reason,
        mutant,
    })
}

/// What a run against one server found out.
struct Found {
    first: Option<ClauseId>,
    failed: BTreeSet<ClauseId>,
    witnesses: Vec<String>,
    footer: Footer,
}

/// Runs a plan against a server; `turn` keeps the names of one run apart from those that an earlier one left there.
async fn judge(
    running: &ServerHandle,
    plan: &Plan,
    options: &MakeOptions,
    mutant: &Mutant,
    turn: u64,
) -> Result<Found, ProofError> {
    let mut options = options(running.base_url().to_owned())?;
    options.seed = options.seed.wrapping_add(turn);
    let mut witnesses = Vec::new();
    let mut failed = BTreeSet::new();
    let (mut violations, mut deviations) = (Ranking::default(), Ranking::default());
    // A should clause is broken by a deviation; no other deviation is a catch.
    let is_should =
        |clause: &ClauseId| plan.contract.clause(clause.as_str()).is_some_and(|clause| clause.level == Level::Should);
    let counts = |clause: &ClauseId, kind: FindingKind| match kind {
        FindingKind::Violation => true,
        FindingKind::Deviation => mutant.clause.as_ref() == Some(clause) && is_should(clause),
        FindingKind::Observation => false,
    };
    let footer = run::run(plan.clone(), options, Stop::new(), |event| {
        if let Event::Case(result) = &**event {
            violations.record(FindingKind::Violation, result);
            deviations.record(FindingKind::Deviation, result);
            for finding in result.findings.iter().filter(|finding| counts(&finding.clause, finding.kind)) {
                failed.insert(finding.clause.clone());
                if witnesses.len() < WITNESSES {
                    let (clause, expected) = (&finding.clause, finding.expected.join(" or "));
                    witnesses
                        .push(format!("{}: {clause}: expected {expected}, observed {}", result.id, finding.observed));
                }
            }
        }
        Ok(())
    })
    .await?;
    let first = violations.first().or(deviations.first()).cloned();
    Ok(Found { first, failed, witnesses, footer })
}

fn fate(mutant: &Mutant, failed: &BTreeSet<ClauseId>, footer: &Footer) -> MutantResult {
    let good = matches!(footer.verdict, Verdict::Conformant | Verdict::ConformantWithDeviations);
    match &mutant.clause {
        None if good => MutantResult::Passed,
        None => MutantResult::FalseAlarm,
        Some(clause) if failed.contains(clause) => MutantResult::Attributed,
        Some(_) if failed.is_empty() => MutantResult::Missed,
        Some(_) => MutantResult::Caught,
    }
}

/// The figures of a proof.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Score {
    /// Mutants tried.
    pub mutants: usize,
    /// Of them, caught.
    pub caught: usize,
    /// Of them, attributed.
    pub attributed: usize,
    /// Of those that the whole suite was run against, mutants whose clause comes first.
    pub first_right: Option<usize>,
    /// Of those caught, mutants that break one clause.
    pub narrow: usize,
    /// Clauses failed, over all caught mutants that break one clause.
    pub clauses_failed: usize,
    /// Clauses failed, over all caught mutants that break many.
    pub clauses_failed_broad: usize,
    /// Correct variants tried.
    pub variants: usize,
    /// Of them, those in which something failed.
    pub false_alarms: usize,
}

impl Score {
    /// Takes a trial in.
    pub fn record(&mut self, trial: &Trial) {
        match trial.fate {
            MutantResult::Passed | MutantResult::FalseAlarm => {
                self.variants += 1;
                self.false_alarms += usize::from(trial.fate == MutantResult::FalseAlarm);
            }
            MutantResult::Attributed | MutantResult::Caught | MutantResult::Missed => {
                self.mutants += 1;
                self.caught += usize::from(trial.fate != MutantResult::Missed);
                self.attributed += usize::from(trial.fate == MutantResult::Attributed);
                if trial.first.is_some() {
                    *self.first_right.get_or_insert(0) += usize::from(trial.first == trial.mutant.clause);
                }
                if trial.mutant.broad {
                    self.clauses_failed_broad += trial.failed.len();
                } else {
                    self.narrow += usize::from(trial.fate != MutantResult::Missed);
                    self.clauses_failed += trial.failed.len();
                }
            }
        }
    }

    /// Whether every mutant was caught and no variant raised a false alarm.
    pub fn is_perfect(&self) -> bool {
        self.caught == self.mutants && self.false_alarms == 0
    }

    /// Clauses failed, on average over the caught mutants that break one clause; 0 where there is none.
    pub fn mean_clauses_failed(&self) -> f64 {
        if self.narrow == 0 { 0.0 } else { self.clauses_failed as f64 / self.narrow as f64 }
    }

    /// Clauses failed, on average over all caught mutants; 0 where there is none.
    pub fn mean_clauses_failed_over_all(&self) -> f64 {
        let failed = self.clauses_failed + self.clauses_failed_broad;
        if self.caught == 0 { 0.0 } else { failed as f64 / self.caught as f64 }
    }
}
