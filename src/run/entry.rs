//! The one place where a run sends what may create something: it is in the ledger before it leaves.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::context::Context;
use crate::http::{Answer, Client, Exchange, Request, Response};
use crate::ledger::{self, FORMAT, Ledger, LedgerHeader, SentRequest};
use crate::suite::{Inputs, RenderError, Saved, Suite, Trace, below, trace};
use crate::verdict::StopReason;

/// Methods that create nothing by their definition.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// Whether a request with this method may create something.
pub(super) fn creates(method: &str) -> bool {
    !SAFE.contains(&method)
}

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
    if suite.cleanup.is_none() {
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

impl Context {
    /// Sends a request of a case and waits for the answer.
    ///
    /// # Errors
    /// It may create something and could not be entered into the ledger; then nothing was sent, and the run stops.
    pub(super) async fn send(
        &self,
        client: &Client,
        case: &str,
        request: Arc<Request>,
    ) -> Result<Arc<Exchange>, RenderError> {
        let entry = match &self.ledger {
            Some(ledger) if creates(&request.method) => Some((ledger, self.enter(ledger, case, &request)?)),
            _ => None,
        };
        let exchange = Arc::new(client.send(request).await);
        if let Some((ledger, key)) = entry {
            self.answered(ledger, key, &exchange);
        }
        Ok(exchange)
    }

    fn enter(&self, ledger: &Ledger, case: &str, request: &Arc<Request>) -> Result<String, RenderError> {
        let find = self.suite.cleanup.as_ref().and_then(|cleanup| cleanup.find.as_ref());
        let key = ledger::key(request);
        let Trace { method, path, kept } = trace(find, request, &self.tracing, &self.base_url);
        let sent = SentRequest { key: key.clone(), case: case.to_owned(), method, path: Some(path), kept };
        ledger.sent(sent, &self.secrets).map_err(|error| {
            self.stop.ask(StopReason::Ledger);
            RenderError::Unsendable(format!("nothing is sent without the ledger, which could not be written: {error}"))
        })?;
        Ok(key)
    }

    /// What the answer says of what was made. One that says nothing, or that came to a request sent twice, leaves the
    /// entry open.
    fn answered(&self, ledger: &Ledger, key: String, exchange: &Arc<Exchange>) {
        let refused = |response: &Response| (400..500).contains(&response.status);
        match &exchange.answer {
            Answer::Complete(response) if response.accepted() => {
                let Some(cleanup) = &self.suite.cleanup else { return };
                let scope = self.tracing.judging(&Saved::new(Arc::clone(exchange)));
                if let Ok(remove) = cleanup.request.path.text(&scope) {
                    ledger.made(key, remove, &self.secrets);
                }
            }
            Answer::Complete(response) if refused(response) && !exchange.resent => ledger.gone(key, None),
            Answer::Unreachable { .. } if !exchange.resent => ledger.gone(key, None),
            _ => {}
        }
    }

    /// Tells the ledger that what an exchange made was removed at this URL.
    pub(super) fn removed(&self, exchange: &Exchange, url: &str) {
        if let Some(ledger) = &self.ledger {
            ledger.gone(ledger::key(&exchange.request), Some(below(&self.base_url, url).to_owned()));
        }
    }

    /// Tells the ledger that what an exchange made could not be removed.
    pub(super) fn left(&self, exchange: &Exchange, why: &str) {
        if let Some(ledger) = &self.ledger {
            ledger.left(ledger::key(&exchange.request), why, &self.secrets);
        }
    }
}
