//! What has to be ready before anything is sent to a target: values for the suite, secrets to mask, and the client; and for
//! what may create something, permission and a ledger.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::arguments::Arguments;
use super::connection;
use super::failure::Failure;
use super::inputs::{self, secrets_of};
use super::ledgers;
use super::options::Options;
use super::suites::LoadedSuite;
use super::target;
use crate::contract::Contract;
use crate::http::Client;
use crate::reference;
use crate::run::{self, Filters, LoginError, Plan};
use crate::secret::{Secrets, TELLING_LENGTH};
use crate::suite::{Bindings, Inputs};

/// What any command needs to send something to a target.
pub(super) struct TargetSetup {
    pub(super) loaded: LoadedSuite,
    pub(super) inputs: Inputs,
    pub(super) secrets: Arc<Secrets>,
    pub(super) client: Client,
}

impl TargetSetup {
    /// With what the options, the environment and the profile give for the target; where none is named, for the embedded
    /// reference implementation. What is given for another one of `all` suites is none of this one's business.
    pub(super) fn new(arguments: &Arguments, (loaded, all): (LoadedSuite, &[LoadedSuite])) -> Result<Self, Failure> {
        let Arguments { options, inputs, .. } = arguments;
        if let Some(place) = loaded.suite.setter_of_host().filter(|_| !options.allow_host) {
            return Err(Failure::usage(
                format!("{place} sets the header Host, which may lead requests with secrets to another server"),
                "give --allow-host, or `allow-host = true` in a profile, if you trust whoever wrote the suite",
            ));
        }
        // Where nothing is sent, no target is needed.
        let has_target = options.target.is_some() || (options.dry_run && !loaded.suite.is_for_reference());
        let defaults = inputs::defaults(&loaded.suite, has_target)?;
        let headers = &inputs.headers;
        let inputs = inputs.for_suite(&loaded.suite, all, defaults)?;
        let mut secrets = secrets_of(&loaded.suite, &inputs)?;
        let target = options.target.as_ref().map_or("", |target| target.0.as_str());
        inputs.secrets.iter().try_for_each(|secret| refuse_known_word(&loaded.contract, target, secret))?;
        let client = connection::client(options, headers, &loaded.suite, &mut secrets)?;
        Ok(Self { loaded, inputs, secrets: Arc::new(secrets), client })
    }
}

/// That a secret can't be obtained, without which nothing else is sent.
pub(super) fn not_logged_in(error: &LoginError) -> Failure {
    let LoginError { secret, needs, .. } = error;
    let with = if needs.is_empty() { String::new() } else { format!("check {}, or ", needs.join(", ")) };
    Failure::undetermined(
        error,
        format!(
            "{with}give the secret itself: CONFORMANT_SECRET_{secret} in the environment, or --secret-file {secret}=PATH"
        ),
    )
}

/// Refuses a secret that correct answers hold and reports have to name: it could not be masked, nor be told from an echo. A
/// shorter one isn't taken for an echo.
fn refuse_known_word(contract: &Contract, target: &str, (name, value): &(String, SecretString)) -> Result<(), Failure> {
    let value = value.expose_secret();
    let place = match value.len() >= TELLING_LENGTH {
        true if contract.names(value) => "is a word of the contract",
        true if target.to_lowercase().contains(&value.to_lowercase()) => "is a part of the target's URL",
        _ => return Ok(()),
    };
    let what = format!("the secret {name} {place}, which correct answers may hold and reports have to name");
    Err(Failure::usage(what, "give another"))
}

/// What `run` and `snapshots suggest` need, checked as far as it can be without sending anything.
pub(super) struct RunSetup {
    pub(super) target: TargetSetup,
    filters: Filters,
    bindings: Bindings,
    seed: u64,
    may_create: bool,
}

/// How a suite comes to its target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    /// Whether it is waited for.
    pub(super) is_awaited: bool,
    /// Whether nothing is sent to it, since the run was stopped before.
    pub(super) is_left_alone: bool,
}

impl Target {
    /// As one suite alone does.
    pub(super) const ALONE: Self = Self { is_awaited: true, is_left_alone: false };
}

/// The seed of every generated value: as it is given, or random.
pub(super) fn seed(options: &Options) -> u64 {
    options.seed.map_or_else(|| fastrand::u64(..), |seed| seed.0)
}

/// The target is there, and the ledger is open.
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) options: run::Options,
    /// The target, where none is named. It ends when this is dropped.
    pub(super) _reference: Option<reference::ServerHandle>,
}

impl RunSetup {
    /// Refuses what may create something, where the run is read-only.
    pub(super) fn new(
        arguments: &Arguments,
        suites: (LoadedSuite, &[LoadedSuite]),
        filters: Filters,
        seed: u64,
    ) -> Result<Self, Failure> {
        let options = &arguments.options;
        let target = TargetSetup::new(arguments, suites)?;
        let suite = &target.loaded.suite;
        let bindings = Bindings::new(suite, &target.inputs, seed)
            .map_err(|error| Failure::usage(error, "the suite's suite.yaml says what it takes"))?;
        let creation = run::creation(suite, &filters, &bindings, seed);
        if let Some(what) = creation.as_ref().filter(|_| options.read_only && !options.allow_destructive) {
            return Err(ledgers::refused(suite, what));
        }
        Ok(Self { target, filters, bindings, seed, may_create: creation.is_some() })
    }

    /// What is run against a target at this URL, and how, where nothing is to be sent.
    pub(super) fn plan(self, base_url: String) -> (Plan, run::Options) {
        let Self { target: TargetSetup { loaded, secrets, client, .. }, filters, bindings, seed, .. } = self;
        let options = run::Options::new(base_url, bindings, secrets, client, seed);
        (Plan { suite: loaded.suite, contract: loaded.contract, filters }, options)
    }

    /// Starts the reference where no target is named, waits for the target, and begins the ledger.
    pub(super) async fn begin(self, options: &Options, given: Target) -> Result<Session, Failure> {
        let Self { target: TargetSetup { loaded, inputs, secrets, client }, filters, bindings, seed, may_create } =
            self;
        let (base_url, reference) = match &options.target {
            Some(target) => (target.0.clone(), None),
            None => {
                let reference = reference::start(Default::default()).await.map_err(Failure::internal)?;
                (format!("http://{}", reference.address()), Some(reference))
            }
        };
        if let Some(limit) = options.wait_for_target.filter(|_| given.is_awaited) {
            target::wait(&client, &base_url, limit.0).await?;
        }
        let mut session = run::Options::new(base_url, bindings, secrets, client, seed);
        if options.target.is_some() && may_create && !given.is_left_alone {
            let ledger = run::begin_ledger(&options.ledger, &loaded.suite, &inputs, &session);
            session.ledger = ledger.map_err(|error| ledgers::unwritable(&options.ledger, &error))?;
        }
        let plan = Plan { suite: loaded.suite, contract: loaded.contract, filters };
        Ok(Session { plan, options: session, _reference: reference })
    }
}
