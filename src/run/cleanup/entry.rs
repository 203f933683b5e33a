//! The one place where a run sends what may create something: it is in the ledger before it leaves.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::http::{Answer, Client, Exchange, Request, Response};
use crate::ledger::{self, FORMAT, Ledger, LedgerHeader, SentRequest};
use crate::run::claim::Claim;
use crate::run::context::Context;
use crate::run::creation::creates;
use crate::run::options::Options;
use crate::suite::{Inputs, RenderError, Saved, Suite, Trace, below, render_removal_path, trace};
use crate::verdict::StopReason;

/// Begins the ledger of a run with these options in a file of its own in this folder; none for a suite that doesn't say
/// how anything is removed.
///
/// # Errors
/// It can't be written.
pub fn begin_ledger(
    folder: &Path,
    suite: &Suite,
    given: &Inputs,
    options: &Options,
) -> io::Result<Option<Arc<Ledger>>> {
    if suite.operations.iter().all(|operation| operation.cleanup.is_none()) {
        return Ok(None);
    }
    let open = |(_, value): &&(String, String)| !options.secrets.is_in(value);
    let header = LedgerHeader {
        format: FORMAT,
        target: options.base_url.clone(),
        suite: suite.name.clone(),
        started: jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
        seed: format!("{:016x}", options.seed),
        variables: given.variables.iter().filter(open).cloned().collect(),
    };
    Ledger::begin(folder, &header).map(|ledger| Some(Arc::new(ledger)))
}

/// Does what touches the ledger's file on a thread of its own, so that a slow disk holds up no request that is under way.
async fn on_disk<T: Send + 'static>(
    ledger: &Arc<Ledger>,
    write: impl FnOnce(&Ledger) -> T + Send + 'static,
) -> io::Result<T> {
    let ledger = Arc::clone(ledger);
    tokio::task::spawn_blocking(move || write(&ledger)).await.map_err(io::Error::other)
}

impl Context {
    /// Sends a request of a case and waits for the answer.
    ///
    /// # Errors
    /// It may create something and could not be entered into the ledger; then nothing was sent, and the run stops. Or the
    /// run was stopped in a way that no request outlasts: whatever was made meanwhile is in the ledger.
    pub(in crate::run) async fn send(
        &self,
        client: &Client,
        (case, claim): (&str, &Claim),
        request: Arc<Request>,
    ) -> Result<Arc<Exchange>, RenderError> {
        if self.is_given_up() {
            return Err(RenderError::Stopped(self.judging_when_stopped()));
        }
        // Where answers are large, nobody asks for one that there is no room for.
        claim.expect(1).await;
        // What an operation without a clean-up does is nothing that could be removed.
        let is_removed = || creates(&request.method) && self.asked(&request).cleanup.is_some();
        let ledger = self.options.ledger.as_ref().filter(|_| is_removed());
        if let Some(ledger) = ledger {
            self.enter(ledger, case, &request).await?;
        }
        let exchange = tokio::select! {
            biased;
            why = self.stop.cut() => return Err(RenderError::Stopped(why)),
            exchange = client.send(request) => Arc::new(self.understood(exchange)),
        };
        claim.hold(exchange.size()).await;
        self.unanswered.note(&exchange);
        if let Some(why) = exchange.own_limit() {
            self.stop.ask(StopReason::Machine(why.to_owned()));
            return Err(RenderError::Stopped(why.to_owned()));
        }
        let kept = self.keep_secret(&exchange);
        if let Some(ledger) = ledger {
            self.enter_answer(ledger, &exchange).await;
        }
        kept.map(|()| exchange)
    }

    /// An exchange whose answer is known to accept its request where that is a redirect which the operation is for.
    fn understood(&self, exchange: Exchange) -> Exchange {
        let redirects = exchange.answer.response().filter(|response| (300..400).contains(&response.status));
        match redirects.map(|response| response.status) {
            Some(status) if self.asked(&exchange.request).accepted.status.contains(&status) => exchange.as_accepted(),
            _ => exchange,
        }
    }

    async fn enter(&self, ledger: &Arc<Ledger>, case: &str, request: &Arc<Request>) -> Result<(), RenderError> {
        let find = self.asked(request).cleanup.as_ref().and_then(|cleanup| cleanup.find.as_ref());
        let Trace { method, path, kept } = trace(find, request, &self.ledger_scope, &self.options.base_url);
        let sent = SentRequest { key: ledger::key(request), case: case.to_owned(), method, path: Some(path), kept };
        let secrets = Arc::clone(&self.options.secrets);
        let entered = on_disk(ledger, move |ledger| ledger.sent(sent, &secrets)).await.and_then(|entered| entered);
        entered.map_err(|error| {
            self.stop.ask(StopReason::Ledger);
            RenderError::Unsendable(format!("nothing is sent without the ledger, which could not be written: {error}"))
        })
    }

    /// Enters what the answer says of what was made. One that says nothing leaves the entry open.
    async fn enter_answer(&self, ledger: &Arc<Ledger>, exchange: &Arc<Exchange>) {
        let refused = |response: &Response| response.accepted() || (400..500).contains(&response.status);
        let made = self.removal_path(exchange);
        match (&exchange.answer, made) {
            (_, Some(Some(remove))) => {
                let (key, secrets) = (ledger::key(&exchange.request), Arc::clone(&self.options.secrets));
                note(on_disk(ledger, move |ledger| ledger.made(key, remove, &secrets)).await);
            }
            (_, Some(None)) => {}
            (Answer::Complete(response), None) if refused(response) => self.enter_gone(exchange, None).await,
            (Answer::Unreachable { .. }, None) => self.enter_gone(exchange, None).await,
            _ => {}
        }
    }

    /// Where an answer was accepted: the path at which what it made is removed, if it says.
    fn removal_path(&self, exchange: &Arc<Exchange>) -> Option<Option<String>> {
        let exchange = exchange.view();
        let response = exchange.answer.response().filter(|response| self.accepts(&exchange.request, response))?;
        let cleanup = self.asked(&exchange.request).cleanup.as_ref().filter(|_| response.exceeded_limit().is_none());
        let scope = self.ledger_scope.judging(&Saved::new(exchange, &self.options.base_url));
        Some(cleanup.and_then(|cleanup| render_removal_path(cleanup, &scope).ok()))
    }

    /// Enters that what an exchange made was removed at this URL.
    pub(super) async fn enter_removed(&self, exchange: &Exchange, url: &str) {
        self.enter_gone(exchange, Some(below(&self.options.base_url, url).to_owned())).await;
    }

    async fn enter_gone(&self, exchange: &Exchange, remove: Option<String>) {
        if let Some(ledger) = &self.options.ledger {
            let (key, secrets) = (ledger::key(&exchange.request), Arc::clone(&self.options.secrets));
            note(on_disk(ledger, move |ledger| ledger.gone(key, remove, &secrets)).await);
        }
    }

    /// Enters why what an exchange made could not be removed.
    pub(super) async fn enter_left_behind(&self, exchange: &Exchange, why: &str) {
        if let Some(ledger) = &self.options.ledger {
            let (key, why, secrets) =
                (ledger::key(&exchange.request), why.to_owned(), Arc::clone(&self.options.secrets));
            note(on_disk(ledger, move |ledger| ledger.left(key, &why, &secrets)).await);
        }
    }
}

/// A writer that panicked has left the entry open, which is what it then is.
fn note(_: io::Result<()>) {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_disk_that_is_slow_holds_up_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let header = LedgerHeader {
            format: FORMAT,
            target: "http://t".to_owned(),
            suite: "s".to_owned(),
            started: String::new(),
            seed: "0".to_owned(),
            variables: BTreeMap::new(),
        };
        let ledger = Arc::new(Ledger::begin(folder.path(), &header).unwrap());
        let (go_on, told) = mpsc::channel();
        // All of this is on one thread: a write that took it would never be told to go on.
        let write = on_disk(&ledger, move |_| told.recv());
        let (written, sent) = tokio::join!(write, async { go_on.send(()) });
        assert_eq!((written.unwrap(), sent), (Ok(()), Ok(())));
    }
}
