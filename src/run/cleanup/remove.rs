//! One removal, and what a target has shown of whether it can remove anything at all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::{Answer, Client, Exchange, Request};
use crate::run::login::Login;
use crate::suite::{Cleanup, SuiteOperation};
use crate::verdict::UNREACHABLE;

/// An operation that makes something, and how that is removed.
pub(in crate::run) type Called<'a> = (&'a SuiteOperation, &'a Cleanup);

/// What the target has shown so far, by the id of the operation after which is cleaned up.
#[derive(Debug, Default)]
pub(in crate::run) struct Remover(Mutex<BTreeMap<String, Shown>>);

/// Sends a request of a clean-up; once more where nobody answered, since what is removed twice is gone as what is removed once,
/// and with a secret that was renewed where the answer says that it is good no more.
pub(super) async fn send(client: &Client, login: &Login, request: Request) -> Exchange {
    let request = Arc::new(request);
    let mut exchange = client.send(Arc::clone(&request)).await;
    if exchange.is_unanswered() {
        exchange = client.send(Arc::clone(&request)).await;
    }
    if let Some(refused) = login.refused(&exchange)
        && login.renew(&refused, client).await.is_ok()
    {
        exchange = client.send(Arc::new(login.refreshed(&request).into_owned())).await;
    }
    exchange
}

#[derive(Debug, Default)]
struct Shown {
    /// Set once the target has shown that it has no operation to clean up with.
    is_absent: bool,
    /// Set once something was removed: from then on, what is not there is gone.
    works: bool,
}

/// What came of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::run) enum Removal {
    /// It is gone.
    Done,
    /// It isn't there, or the target has no such operation: this status can mean either.
    Absent(u16),
    /// It could not be removed.
    Refused(String),
    /// Nobody answered, or not usably.
    Lost(String),
}

impl Remover {
    /// Whether the target has shown that it has no operation to remove what this one makes.
    pub(in crate::run) fn is_absent(&self, operation: &SuiteOperation) -> bool {
        self.shown().get(operation.id()).is_some_and(|shown| shown.is_absent && !shown.works)
    }

    fn shown(&self) -> MutexGuard<'_, BTreeMap<String, Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a removal.
    pub(in crate::run) async fn remove(
        &self,
        called: Called<'_>,
        (client, login): (&Client, &Login),
        request: Request,
    ) -> Removal {
        let exchange = send(client, login, request).await;
        match exchange.answer {
            Answer::Complete(response) if self.says_gone(called, response.status) => Removal::Done,
            Answer::Complete(response) if called.1.absent.contains(&response.status) => {
                self.shown().entry(called.0.id().to_owned()).or_default().is_absent = true;
                Removal::Absent(response.status)
            }
            Answer::Complete(response) => Removal::Refused(format!("answered {}", response.status)),
            Answer::Unusable { defect, .. } => Removal::Lost(defect.says().to_owned()),
            Answer::Unreachable { cause } => Removal::Lost(format!("{UNREACHABLE}: {cause}")),
        }
    }

    /// Whether this status says that it is gone. One that may say as well that there is no such operation (404) says so
    /// only of a target that has removed something before.
    fn says_gone(&self, (operation, cleanup): Called<'_>, status: u16) -> bool {
        if !cleanup.done.contains(&status) {
            return false;
        }
        let mut all = self.shown();
        let shown = all.entry(operation.id().to_owned()).or_default();
        shown.works |= !cleanup.absent.contains(&status);
        shown.works
    }
}
