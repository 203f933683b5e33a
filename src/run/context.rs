//! What all cases of a run share, and the connections of those that one worker runs.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::claim::Room;
use super::cleanup::remove::Remover;
use super::error::RunError;
use super::late::Late;
use super::login::{Login, RefusedSecret};
use super::options::Options;
use super::places::Places;
use super::plan::{Plan, called};
use super::stop::Stop;
use super::unanswered::Unanswered;
use crate::check::is_error_on_success;
use crate::contract::{ClauseId, Contract, Operation};
use crate::http::{Client, Exchange, HeaderCase, Request, Response};
use crate::suite::{
    Bindings, Captured, Override, Probe, ProbeResult, RenderError, Resource, Row, Saved, Scope, Step, Suite,
    SuiteOperation, below, render_request,
};
use crate::verdict::{Outcome, StopReason};

/// What a case needs besides itself. Cheap to clone.
#[derive(Clone)]
pub(super) struct Context {
    shared: Arc<Shared>,
    /// Sends requests, on connections that no other worker uses.
    pub(super) client: Client,
    /// How header names are spelt where a case doesn't say.
    pub(super) header_case: HeaderCase,
    /// What the probes came to that came to a conclusion, by name.
    probes: Arc<BTreeMap<String, ProbeResult>>,
    /// What became of the resources that all cases share, by name: the exchange that made one, or why there is none.
    shared_resources: Arc<BTreeMap<String, Result<Saved, String>>>,
    /// What templates see, the probes among it.
    pub(super) bindings: Bindings,
    /// Whether the thread that this is for was given up.
    given_up: Arc<AtomicBool>,
}

/// What all cases of a run share.
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) options: Options,
    /// What the selected cases and the probes call.
    pub(super) called: Vec<Arc<SuiteOperation>>,
    /// The clause that is broken where equal requests get unequal answers, of the whole suite.
    control_clause: ClauseId,
    /// Names and values of the suite's variables, for snapshots.
    pub(super) variables: Vec<(String, String)>,
    /// The wish to stop, which ends every wait; asked for where the ledger can't be written to.
    pub(super) stop: Stop,
    /// Which places that the suite speaks of were ever there.
    pub(super) places: Places,
    /// What was closed on without an answer.
    pub(super) unanswered: Unanswered,
    /// Which cases met the deadline of late.
    pub(super) late: Late,
    /// How much of large answers is worked on at once.
    pub(super) room: Arc<Room>,
    /// How long cases still wait for a quota in all.
    pub(super) patience: Patience,
    /// Where answers have secrets.
    captured: Vec<Captured>,
    /// Obtains secrets that nobody gave.
    pub(super) login: Arc<Login>,
    /// What the target has shown of cleaning up.
    pub(super) remover: Remover,
    /// The scope of what the ledger is told, which needs nothing of a row.
    pub(super) ledger_scope: Scope,
}

impl Context {
    /// What a plan and its options come to; loading has held the suite to name what its contract has.
    pub(super) fn new(plan: Plan, mut options: Options, stop: &Stop) -> Result<Self, RunError> {
        let control_clause = plan.contract.clause(&plan.suite.control).map(|clause| clause.id.clone());
        let control_clause = control_clause.ok_or_else(|| RunError::NoClause(plan.suite.control.clone()))?;
        options.bindings = options.bindings.at(&options.base_url);
        let ledger_scope = Scope::new(&options.bindings, options.seed, "ledger");
        if options.snapshots.is_some() {
            options.bindings = options.bindings.noting_draws();
        }
        let (client, bindings) = (options.client.clone(), options.bindings.clone());
        let login = Login::new(Arc::clone(&plan.suite), options.bindings.clone(), options.seed, &options.base_url);
        let shared = Shared {
            called: called(&plan.suite, &plan.filters),
            control_clause,
            variables: variables(&plan.suite, &options.bindings),
            stop: stop.clone(),
            places: Places::of(&plan.suite),
            unanswered: Unanswered::default(),
            late: Late::default(),
            room: Arc::default(),
            patience: Patience::default(),
            captured: plan.suite.captured(),
            login: Arc::new(login.with_retries(options.retries, stop.clone())),
            remover: Remover::default(),
            ledger_scope,
            plan,
            options,
        };
        Ok(Self {
            shared: Arc::new(shared),
            client,
            header_case: HeaderCase::default(),
            probes: Arc::default(),
            shared_resources: Arc::default(),
            bindings,
            given_up: Arc::default(),
        })
    }

    /// The clause that is broken where equal requests of an operation get unequal answers: the operation's own, where the suite
    /// names none.
    pub(super) fn control_clause(&self, operation: &SuiteOperation) -> &ClauseId {
        let contract = self.contract();
        let is_named = contract.clause(self.control_clause.as_str()).is_some_and(|clause| !clause.derived);
        let own = contract.usual_clause(Some(operation.id()), &[]).filter(|_| !is_named);
        own.unwrap_or(&self.control_clause)
    }

    /// The same for another worker, which opens connections of its own.
    pub(super) fn apart(&self) -> Self {
        Self { client: self.client.apart(), given_up: Arc::default(), ..self.clone() }
    }

    /// Notes that nobody waits any more for what is done on its thread: it sends nothing from now on, and nobody waits for
    /// what it has.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
        self.room.close();
    }

    /// Whether nobody does.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }

    /// Why something came to no conclusion whose thread was given up.
    pub(super) fn judging_when_stopped(&self) -> String {
        let reason = self.stop.reason().map(String::from).unwrap_or_default();
        format!("a judgement was under way when the run was stopped: {reason}")
    }

    /// The same for what is sent to a target that doesn't answer any more.
    pub(super) fn impatient(&self) -> Self {
        Self { client: self.client.impatient(), ..self.clone() }
    }

    /// Obtains the secrets that nobody gave. Where that fails, nothing was sent that a ledger would list.
    pub(super) async fn log_in(&self) -> Result<(), RunError> {
        let logged_in = self.login.log_in(&self.client).await;
        if let (Err(_), Some(ledger)) = (&logged_in, &self.options.ledger) {
            ledger.end().map_err(|cause| RunError::Ledger { path: ledger.path().to_owned(), cause })?;
        }
        Ok(logged_in?)
    }

    /// Obtains a secret anew that was refused, unless somebody has done so meanwhile.
    ///
    /// # Errors
    /// Why the run goes no further: it can't be obtained any more, so that the run is stopped.
    pub(super) async fn renew(&self, refused: &RefusedSecret) -> Result<(), String> {
        if let Some(reason) = self.stop.reason() {
            return Err(reason.to_string());
        }
        let renewed = tokio::select! {
            why = self.stop.cut() => return Err(why),
            renewed = self.login.renew(refused, &self.client) => renewed,
        };
        renewed.map_err(|error| {
            self.stop.ask(StopReason::Other(error.to_string()));
            error.to_string()
        })
    }

    /// The scope of a row, whose generated values follow from this id.
    pub(super) fn scope(&self, id: &str, row: &Row) -> Result<Scope, RenderError> {
        Scope::for_row(&self.bindings, self.options.seed, id, row)
    }

    /// The valid request of an operation with these overrides.
    pub(super) fn request(
        &self,
        operation: &SuiteOperation,
        overrides: &Override,
        scope: &Scope,
    ) -> Result<Request, RenderError> {
        let request = render_request(&operation.request, overrides, scope, &self.options.base_url)?;
        Ok(self.spelt(request))
    }

    /// A request with its header names spelt as the target reads them.
    pub(super) fn spelt(&self, request: Request) -> Request {
        Request { header_case: request.header_case.over(&self.header_case), ..request }
    }

    /// Takes in what the probes came to.
    pub(super) fn know(&mut self, probes: BTreeMap<String, ProbeResult>) {
        self.bindings = self.bindings.clone().with_probes(&probes);
        self.probes = Arc::new(probes);
    }

    /// Takes in what became of a resource that all cases share.
    pub(super) fn share(&mut self, resource: &Resource, made: Result<Saved, String>) {
        Arc::make_mut(&mut self.shared_resources).insert(resource.name.clone(), made);
    }

    /// What became of a resource, where all cases share it.
    pub(super) fn shared_resource(&self, resource: &Resource) -> Option<&Result<Saved, String>> {
        self.shared_resources.get(&resource.name)
    }

    /// Why a case with these needs can't be tried on this target, if it can't, and what its outcome is then.
    pub(super) fn unmet(&self, needs: &[String]) -> Option<(Outcome, String)> {
        let probes = || needs.iter().filter_map(|name| self.suite().probes.iter().find(|probe| probe.name == *name));
        let is_probe = |name: &str| probes().any(|probe| probe.name == name);
        let has = |name: &str| is_probe(name) || self.bindings.has(name);
        let missing: Vec<&str> = needs.iter().map(String::as_str).filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            return Some((Outcome::Skipped, format!("needs {}, which was not provided", missing.join(" and "))));
        }
        if let Some(probe) = probes().find(|probe| !self.probes.contains_key(&probe.name)) {
            return Some((Outcome::Inconclusive, format!("the probe {} came to no conclusion", probe.name)));
        }
        let refused = |probe: &&Probe| self.probes.get(&probe.name).is_some_and(|result| !result.accepted);
        probes().find(refused).map(|probe| (Outcome::Skipped, probe.otherwise.clone()))
    }
}

impl Deref for Context {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Shared {
    pub(super) fn suite(&self) -> &Suite {
        &self.plan.suite
    }

    pub(super) fn contract(&self) -> &Contract {
        &self.plan.contract
    }

    /// The operation that a request asks for.
    pub(super) fn asked(&self, request: &Request) -> &Arc<SuiteOperation> {
        self.suite().operations.asked(&request.method, below(&self.options.base_url, &request.url))
    }

    /// What the contract says of what a request of a step asks for: of another operation than the step's where its method and
    /// path are another's.
    pub(super) fn documented<'c>(&'c self, step: &'c Step, request: &Request) -> &'c Operation {
        let (documented, overrides) = (&step.operation.documented, &step.overrides);
        if overrides.method.is_none() && overrides.path.is_none() {
            return documented;
        }
        let path = below(&self.options.base_url, &request.url);
        let is_asked = |operation: &&Operation| operation.method == request.method && operation.is_at(path);
        if is_asked(&documented) {
            return documented;
        }
        let asked = self.contract().operations().iter().filter(is_asked);
        asked.min_by_key(|operation| operation.path_parameters()).unwrap_or(documented)
    }

    /// Makes known what an answer has that the suite declares secret, before anything of it is looked at or kept.
    ///
    /// # Errors
    /// It can't be masked.
    pub(super) fn keep_secret(&self, exchange: &Arc<Exchange>) -> Result<(), RenderError> {
        if self.captured.is_empty() {
            return Ok(());
        }
        let (exchange, asked) = (exchange.view(), self.asked(&exchange.request).id());
        let Some(response) = exchange.answer.response() else { return Ok(()) };
        for captured in self.captured.iter().filter(|captured| captured.operation == asked) {
            for value in captured.place.texts(response) {
                self.options.secrets.capture(&captured.name, value.into())?;
            }
        }
        Ok(())
    }

    /// Whether an answer says that something was accepted: a 2xx without an error in its body.
    pub(super) fn accepts(&self, request: &Request, response: &Response) -> bool {
        response.accepted() && !is_error_on_success(&self.asked(request).documented, response)
    }
}

/// How long all cases together wait for a quota while nothing else is in flight: one that is used up by somebody else
/// isn't waited for by every case anew.
pub(super) struct Patience(Mutex<Duration>);

impl Default for Patience {
    fn default() -> Self {
        Self(Mutex::new(Duration::from_secs(30)))
    }
}

impl Patience {
    /// Whether there is any left.
    pub(super) fn is_left(&self) -> bool {
        !self.left().is_zero()
    }

    /// Uses so much of it.
    pub(super) fn spend(&self, wait: Duration) {
        let mut left = self.left();
        *left = left.saturating_sub(wait);
    }

    fn left(&self) -> MutexGuard<'_, Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names and values of a suite's variables.
fn variables(suite: &Suite, bindings: &Bindings) -> Vec<(String, String)> {
    let names = suite.variables.iter().map(|variable| &variable.name);
    names.filter_map(|name| Some((name.clone(), bindings.text(name)?))).collect()
}
