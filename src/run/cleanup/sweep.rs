//! Removing what a ledger lists: by the path that is known, or looked up by what was sent.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::remove::{Called, Removal, Remover, send};
use crate::check;
use crate::http::{Answer, Client, Request, Response};
use crate::ledger::{Ledger, OpenEntry};
use crate::run::context::Context;
use crate::run::login::{Login, LoginError};
use crate::secret::Secrets;
use crate::suite::{
    Bindings, Find, RemovalPlaces, RenderError, Saved, Scope, Suite, SuiteOperation, Trace, below, render_cleanup,
    render_find, render_removal,
};
use crate::verdict::{LeftBehind, UNREACHABLE};

/// What draws fresh values here, where any are.
const SCOPE: &str = "cleanup";
/// How far the target's clock may be behind ours.
const SLACK: SignedDuration = SignedDuration::from_mins(10);

/// Removes what a ledger lists, at one target.
pub struct Cleaner {
    suite: Arc<Suite>,
    bindings: Bindings,
    seed: u64,
    client: Client,
    base_url: String,
    /// When the run began that made the ledger; what is older isn't its own.
    started: Option<Timestamp>,
    remover: Remover,
    login: Login,
    places: RemovalPlaces,
}

/// What became of what a request made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanupResult {
    /// So many things were removed.
    Removed(usize),
    /// Nothing of it is there: it was never made, or is gone already.
    Gone,
    /// It may still be there.
    Left {
        /// Why; a lower-case fragment.
        why: String,
        /// Whether nobody answered, so that trying the next is no use.
        lost: bool,
    },
}

impl CleanupResult {
    fn left(why: impl Into<String>) -> Self {
        Self::Left { why: why.into(), lost: false }
    }

    fn lost(why: impl Into<String>) -> Self {
        Self::Left { why: why.into(), lost: true }
    }
}

impl Cleaner {
    /// One for the run that began then, with the values and the seed that it had.
    pub fn new(
        suite: Arc<Suite>,
        bindings: Bindings,
        seed: u64,
        client: Client,
        base_url: String,
        started: Option<Timestamp>,
    ) -> Self {
        let login = Login::new(Arc::clone(&suite), bindings.clone(), seed, &base_url);
        let places = RemovalPlaces::new(&suite, &Scope::new(&bindings, seed, SCOPE));
        Self {
            suite,
            bindings: bindings.at(&base_url),
            seed,
            client,
            base_url,
            started,
            remover: Remover::default(),
            login,
            places,
        }
    }

    /// Obtains the secrets that nobody gave.
    ///
    /// # Errors
    /// One can't be obtained.
    pub async fn log_in(&self) -> Result<(), LoginError> {
        self.login.log_in(&self.client).await
    }

    /// Removes whatever one entry's requests made.
    pub async fn remove(&self, entry: &OpenEntry) -> CleanupResult {
        let path = entry.sent.path.as_deref().unwrap_or_default();
        let operation = self.suite.operations.asked(&entry.sent.method, path);
        let Some(cleanup) = &operation.cleanup else {
            return CleanupResult::left("the suite doesn't say how that is removed");
        };
        match self.remove_all((operation, cleanup), entry).await {
            Ok(0) => CleanupResult::Gone,
            Ok(removed) => CleanupResult::Removed(removed),
            Err(left) => left,
        }
    }

    /// Removes what is known by its path, then looks up the rest; gives back how many things were removed.
    async fn remove_all(&self, called: Called<'_>, entry: &OpenEntry) -> Result<usize, CleanupResult> {
        let ((_, cleanup), sent) = (called, &entry.sent);
        let path = sent.path.clone().unwrap_or_default();
        let trace = Trace { method: sent.method.clone(), path, kept: sent.kept.clone() };
        let mut removed = 0;
        let mut unknown = entry.times.saturating_sub(entry.removals.len());
        for path in &entry.removals {
            let scope = self.scope(&trace, None);
            // Others may have written the ledger: what the suite would not remove there is looked up, if it says how.
            let is_own = self.places.have(cleanup, path, &trace, &scope);
            if !is_own && cleanup.find.is_none() {
                return Err(CleanupResult::left(format!("the suite's clean-up can't make the path {path} of it")));
            }
            let done = match render_removal(cleanup, path, &scope, &self.base_url) {
                Ok(request) if is_own => self.remove_one(called, request).await?.is_none(),
                // A removal that needs more of the answer than its path is made from what is found.
                Ok(_) | Err(_) => false,
            };
            *if done { &mut removed } else { &mut unknown } += 1;
        }
        if unknown > 0 {
            removed += self.look_up(called, &trace).await?;
        }
        Ok(removed)
    }

    /// Sends a removal; gives back the status that says that there is nothing to remove, if that is the answer.
    async fn remove_one(&self, called: Called<'_>, request: Request) -> Result<Option<u16>, CleanupResult> {
        match self.remover.remove(called, (&self.client, &self.login), request).await {
            Removal::Done => Ok(None),
            Removal::Absent(status) => Ok(Some(status)),
            Removal::Refused(why) => Err(CleanupResult::left(why)),
            Removal::Lost(why) => Err(CleanupResult::lost(why)),
        }
    }

    fn scope(&self, trace: &Trace, thing: Option<&Value>) -> Scope {
        Scope::new(&self.bindings, self.seed, SCOPE).judging(&Saved::traced(trace, thing))
    }

    /// Looks up what was made by what was sent, and removes it; gives back how many things that were.
    async fn look_up(&self, called: Called<'_>, trace: &Trace) -> Result<usize, CleanupResult> {
        let (_, cleanup) = called;
        let Some(find) = &cleanup.find else {
            return Err(CleanupResult::left("the suite doesn't say how it is looked up"));
        };
        let request = render_find(find, &self.scope(trace, None), &self.base_url).map_err(cannot_look_up)?;
        let place = below(&self.base_url, &request.url).split('?').next().unwrap_or_default().to_owned();
        let response = self.found(request).await?;
        let body = response.json().map_err(|defect| match defect.is_limit {
            true => CleanupResult::left(format!("what looking it up was answered has {}", defect.says)),
            false => CleanupResult::left("what looking it up was answered is no JSON"),
        })?;
        let things = match find.items.get(body) {
            Some(Value::Array(things)) => things.as_slice(),
            Some(thing) => std::slice::from_ref(thing),
            None => {
                let why = format!("what looking it up was answered has nothing at {}", find.items);
                return Err(CleanupResult::left(why));
            }
        };
        let mut removed = 0;
        for thing in things {
            if !self.is_ours(find, trace, thing).map_err(cannot_look_up)? {
                continue;
            }
            let beside = Trace { path: place.clone(), ..trace.clone() };
            let scope = self.scope(&beside, Some(thing));
            let request = render_cleanup(cleanup, &scope, &self.base_url).map_err(cannot_look_up)?;
            if let Some(status) = self.remove_one(called, request).await? {
                return Err(CleanupResult::left(format!("it is there, and removing it was answered {status}")));
            }
            removed += 1;
        }
        Ok(removed)
    }

    /// What looking something up was answered.
    async fn found(&self, request: Request) -> Result<Response, CleanupResult> {
        match send(&self.client, &self.login, request).await.answer {
            Answer::Complete(response) if response.accepted() => Ok(response),
            Answer::Complete(response) => {
                Err(CleanupResult::left(format!("looking it up was answered {}", response.status)))
            }
            Answer::Unusable { defect, .. } => Err(CleanupResult::lost(format!("looking it up: {}", defect.says()))),
            Answer::Unreachable { cause } => Err(CleanupResult::lost(format!("{UNREACHABLE}: {cause}"))),
        }
    }

    /// Whether a thing that was found is one that the run made.
    fn is_ours(&self, find: &Find, trace: &Trace, thing: &Value) -> Result<bool, RenderError> {
        let made = find.made.as_ref().and_then(|made| made.get(thing)).and_then(Value::as_str).and_then(check::moment);
        let older = matches!((made, self.started), (Some(made), Some(started)) if made + SLACK < started);
        Ok(!older && find.ours.truth(&self.scope(trace, Some(thing)))?)
    }
}

/// What an entry is called where it is told of.
pub fn entry_name(entry: &OpenEntry, secrets: &Secrets) -> String {
    let sent = &entry.sent;
    let mut name = format!("what {} {} made", sent.method, sent.path.as_deref().unwrap_or("[masked]"));
    for (number, (key, value)) in sent.kept.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
        name.push_str(if number == 0 { " of " } else { ", " });
        name.push_str(&format!("{key} {}", secrets.mask(value).short(60)));
    }
    name
}

fn cannot_look_up(error: RenderError) -> CleanupResult {
    CleanupResult::left(format!("it can't be looked up: {error}"))
}

/// Removes what is open at the end of a run without a word on why: requests that were not answered, or whose case failed.
/// Each is looked up once; gives back what may be left behind. A target that is silent isn't waited for as long as usual.
pub(in crate::run) async fn sweep(
    context: &Context,
    ledger: &Ledger,
    started: Timestamp,
    is_silent: bool,
) -> Vec<LeftBehind> {
    let entries = match ledger.entries() {
        Ok(entries) => entries,
        Err(error) => return vec![unswept(context, ledger, error.to_string())],
    };
    let options = &context.options;
    let cleaner = Cleaner::new(
        Arc::clone(&context.plan.suite),
        options.bindings.clone(),
        options.seed,
        if is_silent { context.client.impatient() } else { context.client.clone() },
        options.base_url.clone(),
        Some(started),
    );
    let mut left_behind = Vec::new();
    let mut lost: Option<String> = None;
    // What was made last may be a part of what was made first.
    for entry in entries.iter().rev().filter(|entry| entry.left.is_none()) {
        let result = match &lost {
            Some(why) => CleanupResult::lost(why.clone()),
            None => cleaner.remove(entry).await,
        };
        match result {
            CleanupResult::Removed(_) | CleanupResult::Gone => close(ledger, entry, &options.secrets),
            CleanupResult::Left { why, lost: is_lost } => {
                ledger.left(entry.sent.key.clone(), &why, &options.secrets);
                left_behind.push(LeftBehind {
                    case: entry.sent.case.clone(),
                    resource: entry_name(entry, &options.secrets),
                    why: why.clone(),
                });
                lost = lost.or(is_lost.then_some(why));
            }
        }
    }
    let is_absent = |operation: &&Arc<SuiteOperation>| context.remover.is_absent(operation);
    let mut made = context.called.iter().filter(|operation| operation.cleanup.is_some()).peekable();
    if made.peek().is_some() && made.all(|operation| is_absent(&operation)) {
        // There is no operation to remove anything with, now or later; what stays was listed.
        ledger.remove();
    }
    left_behind
}

/// Everything that a ledger lists, left behind for this reason.
pub(in crate::run) fn unswept(context: &Context, ledger: &Ledger, why: String) -> LeftBehind {
    let resource = format!("what {} lists", ledger.path().display());
    LeftBehind { case: context.suite().name.clone(), resource, why }
}

fn close(ledger: &Ledger, entry: &OpenEntry, secrets: &Secrets) {
    let known = entry.removals.iter().cloned().map(Some);
    for remove in known.chain(std::iter::repeat(None)).take(entry.times) {
        ledger.gone(entry.sent.key.clone(), remove, secrets);
    }
}
