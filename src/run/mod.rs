//! The engine: from a suite and a target to a stream of results.
//!
//! `plan` says what is run, `control` and `schedule` run it, a `worker` a core, each on a `thread` of its own, `case` has one case from its first request to its result,
//! `cleanup` removes what it made, and `recorder` tells of it. Cases are in flight side by side, results come out in the
//! suite's order, and neither the number of cases nor a slow one makes memory grow. Everything that leaves here is masked.
//! Knows nothing of reports or arguments.

mod backlog;
mod backoff;
mod before;
mod blocks;
mod case;
mod claim;
mod cleanup;
mod context;
mod control;
mod creation;
mod error;
mod evidence;
mod late;
mod login;
mod options;
mod permit;
mod places;
mod plan;
mod preview;
mod probe;
mod recorder;
mod sample;
mod schedule;
mod sent;
mod stop;
mod thread;
mod unanswered;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::http::{Exchange, Request};
use crate::ledger::Ledger;
use crate::suite::{Resource, SuiteOperation};
use crate::verdict::{Control, Footer, LeftBehind, MaskedEvent, StopReason};
use blocks::Blocks;
use case::TransportFailure;
use context::Context;
use probe::ProbeRun;
use recorder::Recorder;
use thread::WorkerThread;

pub use cleanup::{Cleaner, CleanupResult, begin_ledger, entry_name};
pub use control::own_cases;
pub use creation::creation;
pub use error::RunError;
pub use login::LoginError;
pub use options::{Mutants, Options, Trace};
pub use plan::{Filters, Plan, TestCase, count, selects, test_cases};
pub use preview::{PlannedCase, PlannedRequest, preview};
pub use sample::{Sample, sample};
pub use stop::Stop;

/// Runs a plan and hands every event to `sink`, masked and in order. Gives back the footer, which was the last event.
///
/// # Errors
/// See [`RunError`]; none of them is about the target.
pub async fn run(
    plan: Plan,
    mut options: Options,
    stop: Stop,
    sink: impl FnMut(&MaskedEvent) -> std::io::Result<()>,
) -> Result<Footer, RunError> {
    let waivers = std::mem::take(&mut options.waivers);
    let mut context = Context::new(plan, options, &stop)?;
    // Who is to stop before anything was sent sends no login either.
    if !stop.is_set()
        && let Err(error) = context.log_in().await
    {
        match error {
            // The other suites of the run are none the worse for it; this one is open.
            RunError::Login(error) if !context.options.suites.is_empty() => {
                stop.ask(StopReason::Other(error.to_string()));
            }
            error => return Err(error),
        }
    }
    let mut recorder = Recorder::start(&context, waivers, sink)?;
    if let Some(limit) = context.options.max_time {
        stop.after(limit);
    }
    let began = jiff::Timestamp::now();
    let thread = WorkerThread::start(&context).map_err(RunError::Worker)?;
    let begun = run_before(&mut context, &thread, &mut recorder).await;
    let context = Arc::new(context);
    let is_silent = matches!(begun, Ok(Begun { is_silent: true, .. }));
    let ran = match begun {
        Ok(mut begun) => {
            let made = std::mem::take(&mut begun.made);
            let ran = run_cases(&context, &thread, begun, &mut recorder).await;
            // What isn't removed here is in the ledger.
            if let Ok(Some(left_behind)) = thread.run(before::remove(Arc::clone(&context), made)).await {
                recorder.leave_behind(left_behind);
            }
            ran
        }
        Err(error) => Err(error),
    };
    let ended = match &context.options.ledger {
        Some(ledger) => {
            recorder.leave_behind(sweep(&context, thread, ledger, (began, is_silent || context.stop.is_cut())).await);
            ledger.end().map_err(|cause| RunError::Ledger { path: ledger.path().to_owned(), cause })
        }
        None => Ok(()),
    };
    let whole = ran? && context.plan.filters.are_none() && !stop.is_set();
    let snapshots = context.options.snapshots.as_ref().map(|store| store.tally(context.suite(), whole)).transpose()?;
    let idle = if whole { context.places.idle(context.suite()) } else { Vec::new() };
    let footer = recorder.finish(snapshots, idle, stop.reason())?;
    ended?;
    match stop.reason() {
        Some(StopReason::Machine(why)) => Err(RunError::Machine(why)),
        _ => Ok(footer),
    }
}

/// What was found out before the cases.
#[derive(Default)]
struct Begun {
    /// What was exchanged to make what all cases share.
    made: Vec<(Arc<Resource>, Vec<Arc<Exchange>>)>,
    /// Why the cases can't be run that call an operation, if they can't.
    blocks: Blocks,
    /// The operations whose valid request is accepted, each with the request.
    accepted: Vec<(Arc<SuiteOperation>, Arc<Request>)>,
    /// Whether a valid request got no usable answer.
    is_silent: bool,
}

/// Sends what is sent before the cases.
async fn run_before(
    context: &mut Context,
    thread: &WorkerThread,
    recorder: &mut Recorder<impl FnMut(&MaskedEvent) -> std::io::Result<()>>,
) -> Result<Begun, RunError> {
    let mut begun = Begun::default();
    for resource in plan::shared(context.suite(), &context.plan.filters, &context.called) {
        let shared = match context.stop.reason() {
            Some(reason) => before::stopped(context, &resource, reason.into()),
            None => {
                let made = thread.run(before::make(context.clone(), Arc::clone(&resource))).await?;
                made.unwrap_or_else(|| before::given_up(context, &resource))
            }
        };
        let before::SharedRun { run, exchanges, made } = shared;
        recorder.record(run)?;
        context.share(&resource, made);
        begun.made.push((resource, exchanges));
    }
    for operation in context.called.clone() {
        if begun.is_silent && !begun.blocks.are_none() {
            // Whoever doesn't answer one valid request isn't asked for the others.
            begun.blocks.add_as_before(&operation);
            continue;
        }
        if let Some(reason) = context.stop.reason() {
            begun.blocks.add(&operation, reason.into());
            continue;
        }
        let sent = thread.run(control::before(context.clone(), Arc::clone(&operation))).await?;
        let mut before = sent.unwrap_or_else(|| control::given_up(context, &operation, Control::Before));
        context.header_case = before.spelling.take().unwrap_or_else(|| context.header_case.clone());
        let refuses = before.blocks.is_none() && plan::refuses(context.suite(), &context.plan.filters, &operation);
        let negative = if refuses {
            let sent = thread.run(control::negative(context.clone(), Arc::clone(&operation))).await?;
            sent.unwrap_or_else(|| Some(control::given_up(context, &operation, Control::Bare)))
        } else {
            None
        };
        if let Some(negative) = &negative {
            control::overrule(&mut before, negative);
        }
        // Cases that are judged as stated need no accepted twin to mean something.
        let is_judged = before.is_refused && plan::is_as_stated(context.suite(), &context.plan.filters, &operation);
        begun.is_silent = before.run.failure.is_some();
        recorder.record(before.run)?;
        if let Some(negative) = negative {
            recorder.record(negative.run)?;
        }
        match (before.blocks.filter(|_| !is_judged), before.accepted) {
            (Some(why), _) => begun.blocks.add(&operation, why),
            (None, accepted) => begun.accepted.extend(accepted.map(|accepted| (operation, accepted))),
        }
    }
    let mut probes = BTreeMap::new();
    for probe in &context.suite().probes {
        let beside = begun.accepted.iter().find(|(operation, _)| operation.id() == probe.operation.id());
        let Some((operation, accepted)) = beside.filter(|(operation, _)| !begun.blocks.has(operation)) else {
            continue;
        };
        let sent = thread.run(probe::run(context.clone(), probe.clone(), Arc::clone(accepted))).await?;
        let ProbeRun { run, result } = sent.unwrap_or_else(|| probe::given_up(context, probe));
        // Each further request may take as long as one may take.
        if run.failure.is_some_and(TransportFailure::is_deadline) {
            begun.blocks.add(operation, format!("the probe {} was not answered in time", probe.name));
            begun.is_silent = true;
        }
        recorder.record(run)?;
        probes.extend(result.map(|result| (probe.name.clone(), result)));
    }
    context.know(probes);
    Ok(begun)
}

/// Runs the cases and the control after them; says whether nothing blocked the cases.
async fn run_cases(
    context: &Arc<Context>,
    thread: &WorkerThread,
    Begun { blocks, accepted, .. }: Begun,
    recorder: &mut Recorder<impl FnMut(&MaskedEvent) -> std::io::Result<()>>,
) -> Result<bool, RunError> {
    let blocks = Arc::new(blocks);
    schedule::run_cases(context, thread, &blocks, |run| recorder.record(run)).await?;
    for (operation, _) in &accepted {
        if context.stop.is_set() {
            break;
        }
        if blocks.has(operation) {
            continue;
        }
        let sent = thread.run(control::after(Context::clone(context), Arc::clone(operation))).await?;
        recorder.record(sent.unwrap_or_else(|| control::given_up(context, operation, Control::After).run))?;
    }
    recorder.record_consistency()?;
    Ok(blocks.are_none())
}

/// Removes what the ledger lists; gives back what is left behind. A thread that was given up stands in the way of nothing here.
async fn sweep(
    context: &Arc<Context>,
    thread: WorkerThread,
    ledger: &Arc<Ledger>,
    (began, is_silent): (jiff::Timestamp, bool),
) -> Vec<LeftBehind> {
    let (context, thread) = if context.is_given_up() {
        // Its connections end with it.
        let context = Arc::new(context.apart());
        let thread = WorkerThread::start(&context);
        (context, thread)
    } else {
        (Arc::clone(context), Ok(thread))
    };
    let swept = match thread {
        Ok(thread) => {
            let (context, ledger) = (Arc::clone(&context), Arc::clone(ledger));
            let swept = thread.run(async move { cleanup::sweep(&context, &ledger, began, is_silent).await }).await;
            swept.map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    let why = match swept {
        Ok(Some(left_behind)) => return left_behind,
        Ok(None) => context.judging_when_stopped(),
        Err(why) => why,
    };
    vec![cleanup::unswept(&context, ledger, why)]
}
