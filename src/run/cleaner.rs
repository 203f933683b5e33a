//! Removing what a ledger lists: by the path that is known, or looked up by what was sent.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::context::Context;
use super::remover::{Removal, Remover};
use crate::check;
use crate::http::{Answer, Client};
use crate::ledger::{Ledger, OpenEntry};
use crate::suite::{
    Bindings, Cleanup, Find, RenderError, Saved, Scope, Suite, Trace, render_cleanup, render_find, render_removal,
};
use crate::verdict::LeftBehind;

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
    /// One for the run that began then, with the values that it had.
    pub fn new(
        suite: Arc<Suite>,
        (bindings, seed): (Bindings, u64),
        (client, base_url): (Client, String),
        started: Option<Timestamp>,
    ) -> Self {
        Self { suite, bindings, seed, client, base_url, started, remover: Remover::default() }
    }

    /// Removes whatever one entry's requests made.
    pub async fn settle(&self, entry: &OpenEntry) -> CleanupResult {
        let Some(cleanup) = &self.suite.cleanup else {
            return CleanupResult::left("the suite doesn't say how anything is removed");
        };
        let sent = &entry.sent;
        let path = sent.path.clone().unwrap_or_default();
        let trace = Trace { method: sent.method.clone(), path, kept: sent.kept.clone() };
        let mut removed = 0;
        let mut unknown = entry.times.saturating_sub(entry.removals.len());
        for path in &entry.removals {
            let scope = self.scope(&trace, None);
            let request = match render_removal(cleanup, path, &scope, &self.base_url) {
                Ok(request) => request,
                // A removal that needs more of the answer than its path is made from what is found.
                Err(_) => {
                    unknown += 1;
                    continue;
                }
            };
            match self.remover.remove(cleanup, &self.client, request).await {
                Removal::Done => removed += 1,
                Removal::Absent(_) => unknown += 1,
                Removal::Refused(why) => return CleanupResult::left(why),
                Removal::Lost(why) => return CleanupResult::lost(why),
            }
        }
        if unknown > 0 {
            match self.look_up(cleanup, &trace).await {
                Ok(found) => removed += found,
                Err(fate) => return fate,
            }
        }
        if removed > 0 { CleanupResult::Removed(removed) } else { CleanupResult::Gone }
    }

    fn scope(&self, trace: &Trace, thing: Option<&Value>) -> Scope {
        Scope::new(&self.bindings, self.seed, "cleanup").judging(&Saved::traced(trace, thing))
    }

    /// Looks up what was made by what was sent, and removes it; gives back how many things that were.
    async fn look_up(&self, cleanup: &Cleanup, trace: &Trace) -> Result<usize, CleanupResult> {
        let Some(find) = &cleanup.find else {
            return Err(CleanupResult::left("the suite doesn't say how it is looked up"));
        };
        let cannot = |error: RenderError| CleanupResult::left(format!("it can't be looked up: {error}"));
        let request = render_find(find, &self.scope(trace, None), &self.base_url).map_err(cannot)?;
        let place = crate::suite::below(&self.base_url, &request.url).split('?').next().unwrap_or_default().to_owned();
        let response = match self.client.send(request.into()).await.answer {
            Answer::Complete(response) if response.accepted() => response,
            Answer::Complete(response) => {
                return Err(CleanupResult::left(format!("looking it up was answered {}", response.status)));
            }
            Answer::Unusable { defect, .. } => {
                return Err(CleanupResult::lost(format!("looking it up: {}", defect.says())));
            }
            Answer::Unreachable { cause } => {
                return Err(CleanupResult::lost(format!("the target can't be reached: {cause}")));
            }
        };
        let body = response.json().map_err(|_| CleanupResult::left("what looking it up was answered is no JSON"))?;
        let things = match find.items.get(body) {
            Some(Value::Array(things)) => things.as_slice(),
            Some(thing) => std::slice::from_ref(thing),
            None => {
                return Err(CleanupResult::left(format!(
                    "what looking it up was answered has nothing at {}",
                    find.items
                )));
            }
        };
        let mut removed = 0;
        for thing in things {
            if !self.is_ours(find, trace, thing).map_err(cannot)? {
                continue;
            }
            let beside = Trace { path: place.clone(), ..trace.clone() };
            let request = render_cleanup(cleanup, &self.scope(&beside, Some(thing)), &self.base_url).map_err(cannot)?;
            match self.remover.remove(cleanup, &self.client, request).await {
                Removal::Done => removed += 1,
                Removal::Absent(status) => {
                    return Err(CleanupResult::left(format!("it is there, and removing it was answered {status}")));
                }
                Removal::Refused(why) => return Err(CleanupResult::left(why)),
                Removal::Lost(why) => return Err(CleanupResult::lost(why)),
            }
        }
        Ok(removed)
    }

    /// Whether a thing that was found is one that the run made.
    fn is_ours(&self, find: &Find, trace: &Trace, thing: &Value) -> Result<bool, RenderError> {
        let made = find.made.as_ref().and_then(|made| made.get(thing)).and_then(Value::as_str).and_then(check::moment);
        let older = matches!((made, self.started), (Some(made), Some(started)) if made + SLACK < started);
        Ok(!older && find.ours.truth(&self.scope(trace, Some(thing)))?)
    }
}

/// What an entry is called where it is told of.
pub fn name(entry: &OpenEntry) -> String {
    let sent = &entry.sent;
    let mut name = format!("what {} {} made", sent.method, sent.path.as_deref().unwrap_or("[masked]"));
    for (number, (key, value)) in sent.kept.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
        name.push_str(if number == 0 { " of " } else { ", " });
        name.push_str(&format!("{key} {}", crate::text::shorten(value, 60)));
    }
    name
}

/// What is open at the end of a run without a word on why: requests that were not answered, or whose case failed. Each
/// is looked up once; gives back what may be left.
pub(super) async fn at_the_end(context: &Context, ledger: &Ledger, started: Timestamp) -> Vec<LeftBehind> {
    let entries = match ledger.entries() {
        Ok(entries) => entries,
        Err(error) => {
            let resource = format!("what {} lists", ledger.path().display());
            return vec![LeftBehind { case: context.suite.name.clone(), resource, why: error.to_string() }];
        }
    };
    let sweeper = Cleaner::new(
        Arc::clone(&context.suite),
        (context.bindings.clone(), context.seed),
        (context.client.clone(), context.base_url.clone()),
        Some(started),
    );
    let mut left = Vec::new();
    let mut lost: Option<String> = None;
    for entry in entries.iter().filter(|entry| entry.left.is_none()) {
        let fate = match &lost {
            Some(why) => CleanupResult::lost(why.clone()),
            None => sweeper.settle(entry).await,
        };
        match fate {
            CleanupResult::Removed(_) | CleanupResult::Gone => close(ledger, entry),
            CleanupResult::Left { why, lost: gave_up } => {
                ledger.left(entry.sent.key.clone(), &why, &context.secrets);
                left.push(LeftBehind { case: entry.sent.case.clone(), resource: name(entry), why: why.clone() });
                lost = lost.or(gave_up.then_some(why));
            }
        }
    }
    if context.remover.is_absent() {
        // There is no operation to remove anything with, now or later; what stays was listed.
        ledger.remove();
    }
    left
}

fn close(ledger: &Ledger, entry: &OpenEntry) {
    let known = entry.removals.iter().cloned().map(Some);
    for remove in known.chain(std::iter::repeat(None)).take(entry.times) {
        ledger.gone(entry.sent.key.clone(), remove);
    }
}
